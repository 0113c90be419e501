"""Spark: a function for DataFrame.mapInArrow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ._columns import Columns


class Translate(Columns):
    """frame.mapInArrow(translate, translate.schema(frame)), once a Python worker
    loads the model. `spark.task.cpus` should be `threads`, and
    `spark.sql.execution.arrow.maxRecordsPerBatch` some hundreds to thousands.
    """

    def __call__(self, batches: Iterator[Any]) -> Iterator[Any]:
        for batch in batches:
            yield from self.table(batch).to_batches()

    def schema(self, frame: Any) -> str:
        """Of the frame with the columns added."""
        fields = [f"`{name}` {kind}" for name, kind in frame.dtypes]
        added = [f"`{self.output}` string", "`score` double", "`error` string"]
        return ", ".join([*fields, *added])
