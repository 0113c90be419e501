"""Hugging Face datasets: a function for Dataset.map."""

from __future__ import annotations

from typing import Any

from ._columns import Columns


class Translate(Columns):
    """dataset.map(tessera.hf.Translate(folder, threads=0), batched=True).

    In one process: the model uses all cores. With `num_proc` give each its
    `threads`.
    """

    def __call__(self, batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
        return self.columns(list(batch[self.column]))
