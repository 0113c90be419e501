"""A model for the columns of tables: what the adapters to engines stand on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ._options import canonical
from ._tessera import version
from ._translator import Precision, Translator, _unpickle


class Columns:
    """Translates a column of texts into three: `output`, score and error.

    It is pickled without the model, which each process loads once, at the first
    call; the model's files' sizes and times go with it, so that what remembers
    results by pickles, as `datasets` does, sees that a model has changed.
    """

    def __init__(
        self,
        model: str | os.PathLike[str],
        *,
        column: str = "text",
        output: str = "translation",
        threads: int = 1,
        precision: Precision = "auto",
        batch_size: int = 32,
        **options: Any,
    ) -> None:
        self.folder = os.path.abspath(os.fspath(model))
        self.column = column
        self.output = output
        self.options = canonical(options)
        self._load = (threads, precision, batch_size, False, 0)
        self._files = sorted(
            (path.name, path.stat().st_size, path.stat().st_mtime_ns)
            for path in Path(self.folder).iterdir()
        )
        self._translator: Translator | None = None

    @property
    def translator(self) -> Translator:
        if self._translator is None:
            self._translator = _unpickle(self.folder, self._load, version())
        return self._translator

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_translator": None}

    @property
    def names(self) -> tuple[str, str, str]:
        return self.output, "score", "error"

    def columns(self, texts: list[Any]) -> dict[str, list[Any]]:
        """Of each text: translation, score and error; nothing of None."""
        wanted = list(dict.fromkeys(text for text in texts if text is not None))
        found = dict(zip(wanted, self.translator.translate(wanted, **self.options)))
        results = [found.get(text) for text in texts]
        return {
            self.output: [r.text if r is not None and r.ok else None for r in results],
            "score": [None if r is None else r.score for r in results],
            "error": [None if r is None else r.error for r in results],
        }

    def table(self, table: Any) -> Any:
        """A table or record batch of pyarrow with the columns added."""
        import importlib

        pa = importlib.import_module("pyarrow")
        whole = table
        if not isinstance(table, pa.Table):
            whole = pa.Table.from_batches([table])
        added = self.columns(whole[self.column].to_pylist())
        for name, values in added.items():
            kind = pa.float64() if name == "score" else pa.string()
            whole = whole.append_column(name, pa.array(values, kind))
        return whole
