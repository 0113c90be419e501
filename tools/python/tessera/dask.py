"""Dask: the partitions of a data frame."""

from __future__ import annotations

from typing import Any

from ._columns import Columns


class Translate(Columns):
    """translate(frame), of a Dask data frame one with the columns added.

    A worker process loads the model once; its threads share it.
    """

    def __call__(self, frame: Any) -> Any:
        meta = self._added(frame._meta, {name: [] for name in self.names})
        return frame.map_partitions(self._partition, meta=meta)

    def _partition(self, frame: Any) -> Any:
        texts = frame[self.column]
        known = texts.astype(object).where(texts.notna(), None).tolist()
        return self._added(frame, self.columns(known))

    def _added(self, frame: Any, columns: dict[str, list[Any]]) -> Any:
        import importlib

        pd = importlib.import_module("pandas")
        made = {
            name: pd.Series(
                values, frame.index, dtype="float64" if name == "score" else "string"
            )
            for name, values in columns.items()
        }
        return frame.assign(**made)
