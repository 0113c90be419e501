"""What became of a text."""

from __future__ import annotations

import html
from typing import Any, NamedTuple, NoReturn

from . import _tessera


class _Frozen:
    """Equal by what it shows; not to be changed."""

    __slots__ = ()

    def _key(self) -> tuple[Any, ...]:
        raise NotImplementedError

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__}.{name} is read-only")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, type(self)):
            return NotImplemented
        return self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key()[0])


class Hypothesis(_Frozen):
    """One output of a search."""

    __slots__ = ("_of",)
    _of: _tessera.Hypothesis

    def __init__(self, of: _tessera.Hypothesis) -> None:
        object.__setattr__(self, "_of", of)

    def __reduce__(self) -> tuple[Any, ...]:
        return Hypothesis, (self._of,)

    @property
    def text(self) -> str:
        return self._of.text

    @property
    def score(self) -> float:
        """Of beams Hugging Face's sequences_scores, of greedy search the sum."""
        return self._of.score

    @property
    def ids(self) -> list[int]:
        """Tokens with the final end-of-sentence, without the start token."""
        return list(self._of.ids)

    @property
    def pieces(self) -> list[str]:
        """The same as vocabulary entries."""
        return list(self._of.pieces)

    @property
    def log_probs(self) -> list[float]:
        """Of each token, given those before it."""
        return list(self._of.log_probs)

    @property
    def alignment(self) -> list[int]:
        """With `alignments`: the source token that each token looks at most; -1 of
        the output's end."""
        return list(self._of.alignment)

    @property
    def attention(self) -> list[list[float]]:
        """With `alignments`, of a text that was not split: for each token the
        weights of the source tokens."""
        flat, rows = self._of.attention, len(self._of.ids)
        columns = len(flat) // rows if rows else 0
        return [flat[i * columns : (i + 1) * columns] for i in range(rows)] if flat else []

    def _key(self) -> tuple[Any, ...]:
        return self.text, self.ids, self.log_probs, self.score, self.alignment

    def __repr__(self) -> str:
        return f"Hypothesis({self.text!r}, score={self.score:.4f})"


class Sentence(NamedTuple):
    """A sentence of a text that was split: text[begin:end], and its outputs."""

    begin: int
    end: int
    hypotheses: list[Hypothesis]
    source_pieces: list[str]


class UnknownWord(NamedTuple):
    """What a model has no token for: text[begin:end]."""

    text: str
    begin: int
    end: int


class Translation(_Frozen):
    """What became of one text: hypotheses, the best first, or an error.

    `text`, `score`, `ids`, `pieces` and `log_probs` are those of the best.
    """

    __slots__ = ("_of", "source")
    _of: _tessera.Result
    source: str

    def __init__(self, source: str, of: _tessera.Result) -> None:
        object.__setattr__(self, "source", source)
        object.__setattr__(self, "_of", of)

    def __reduce__(self) -> tuple[Any, ...]:
        return Translation, (self.source, self._of)

    @property
    def ok(self) -> bool:
        return self._of.ok

    @property
    def error(self) -> str | None:
        """Why it failed; None if it did not."""
        return None if self._of.ok else self._of.error

    @property
    def error_kind(self) -> str | None:
        """The same for programs: bad_text, too_long, cancelled, resources,
        internal, bad_language, time_limit."""
        return None if self._of.ok else self._of.error_kind

    @property
    def text(self) -> str:
        """Empty if it failed."""
        return self._of.text

    @property
    def score(self) -> float | None:
        return self._of.best.score if self._of.ok else None

    @property
    def ids(self) -> list[int]:
        return list(self._of.best.ids) if self._of.ok else []

    @property
    def pieces(self) -> list[str]:
        return list(self._of.best.pieces) if self._of.ok else []

    @property
    def log_probs(self) -> list[float]:
        return list(self._of.best.log_probs) if self._of.ok else []

    @property
    def hypotheses(self) -> list[Hypothesis]:
        return [Hypothesis(of) for of in self._of.hypotheses]

    @property
    def truncated_tokens(self) -> int:
        """Tokens of the text that `truncate` has cut off."""
        return self._of.truncated_tokens

    @property
    def sentences(self) -> list[Sentence]:
        """With `split`, of a text of two sentences or more."""
        return [
            Sentence(
                self._characters(of.begin),
                self._characters(of.end),
                [Hypothesis(one) for one in of.hypotheses],
                list(of.source_pieces),
            )
            for of in self._of.sentences
        ]

    @property
    def source_pieces(self) -> list[str]:
        """With `alignments`: what the model read."""
        return list(self._of.source_pieces)

    @property
    def unknown(self) -> list[UnknownWord]:
        """Words of the text that the model cannot read."""
        return [
            UnknownWord(text, self._characters(begin), self._characters(end))
            for text, begin, end in self._of.unknown
        ]

    def _characters(self, bytes_before: int) -> int:
        return len(self.source.encode()[:bytes_before].decode(errors="ignore"))

    def _key(self) -> tuple[Any, ...]:
        return self.source, self.error, self.truncated_tokens, self.hypotheses

    def __repr__(self) -> str:
        if not self.ok:
            return f"Translation(error={self.error!r})"
        return f"Translation({self.text!r}, score={self.score:.4f})"

    def _repr_html_(self) -> str:
        rows = [("source", self.source.encode("utf-8", "replace").decode())]
        if self.error is not None:
            rows.append(("error", self.error))
        for hypothesis in self.hypotheses:
            rows.append((f"{hypothesis.score:.4f}", hypothesis.text))
        cells = "".join(
            f"<tr><th>{html.escape(name)}</th><td>{html.escape(text)}</td></tr>"
            for name, text in rows
        )
        return f"<table>{cells}</table>"
