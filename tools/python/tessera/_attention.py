"""Attention weights as numpy arrays."""

from __future__ import annotations

import html
from functools import cached_property
from typing import TYPE_CHECKING

from . import _tessera
from ._results import Hypothesis

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class AttentionTable:
    """One of the three attentions, in all its layers and heads."""

    def __init__(self, of: _tessera.AttentionTable) -> None:
        self._of = of

    @cached_property
    def queries(self) -> list[str]:
        """The pieces that look."""
        return list(self._of.queries)

    @cached_property
    def keys(self) -> list[str]:
        """The pieces they look at."""
        return list(self._of.keys)

    @cached_property
    def layers(self) -> tuple[NDArray[np.float32], ...]:
        """By layer: f32 [heads, queries, keys], read-only views, no copies."""
        return tuple(self._of.layer(i) for i in range(len(self._of)))

    @cached_property
    def weights(self) -> NDArray[np.float32]:
        """f32 [layers, heads, queries, keys]: a copy of `layers` in one array,
        made when it is first asked for; read-only too."""
        import numpy as np

        stacked = np.stack(self.layers)
        stacked.flags.writeable = False
        return stacked

    @cached_property
    def visible(self) -> NDArray[np.bool_]:
        """[queries, keys]: whether a query may look at a key."""
        return self._of.visible

    def _repr_html_(self) -> str:
        """The mean of all layers and heads, darker where there is more."""
        mean = self.weights.mean(axis=(0, 1))
        head = "".join(f"<th>{html.escape(key)}</th>" for key in self.keys)
        rows = []
        for query, weights in zip(self.queries, mean):
            cells = "".join(
                f'<td style="background:rgba(32,96,192,{w:.3f})">{w:.2f}</td>'
                for w in weights.tolist()
            )
            rows.append(f"<tr><th>{html.escape(query)}</th>{cells}</tr>")
        return f"<table><tr><th></th>{head}</tr>{''.join(rows)}</table>"


class Attention:
    """The weights with which a model reads a text and writes its best output."""

    def __init__(self, report: _tessera.AttentionReport) -> None:
        self.output = Hypothesis(report.output)
        self.encoder = AttentionTable(report.encoder)
        self.decoder = AttentionTable(report.decoder)
        self.cross = AttentionTable(report.cross)

    def _repr_html_(self) -> str:
        return self.cross._repr_html_()
