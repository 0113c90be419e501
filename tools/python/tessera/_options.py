"""Options as keywords: Tessera's names, and those of Transformers' generate()."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict

from . import _tessera


class Options(TypedDict, total=False):
    """Keywords of translate() and its kin. What is left out, or None, is as the
    model's generation_config.json has it. engine/README.md and
    <tessera/options.h> say what each does, and its limits.
    """

    beam_size: int | None
    length_penalty: float | None
    max_length: int | None
    max_new_tokens: int | None
    source_language: str | None
    target_language: str | None
    truncate: bool | None
    n_best: int | None
    early_stopping: bool | Literal["never", "top_beam"] | None
    min_length: int | None
    min_new_tokens: int | None
    repetition_penalty: float | None
    encoder_repetition_penalty: float | None
    no_repeat_ngram_size: int | None
    encoder_no_repeat_ngram_size: int | None
    bad_words: Sequence[Sequence[int]] | None
    sequence_bias: Mapping[tuple[int, ...], float] | Sequence[Any] | None
    suppress_tokens: Sequence[int] | None
    begin_suppress_tokens: Sequence[int] | None
    forced_first_token: int | None
    forced_last_token: int | None
    length_decay: tuple[int, float] | None
    renormalize_logits: bool | None
    sample: bool | None
    seed: int | None
    temperature: float | None
    top_k: int | None
    top_p: float | None
    min_p: float | None
    typical_p: float | None
    epsilon_cutoff: float | None
    eta_cutoff: float | None
    target_prefix: Sequence[int] | None
    alternatives: int | None
    beam_groups: int | None
    diversity_penalty: float | None
    required_words: Sequence[Sequence[int]] | None
    split: Literal["none", "sentences"] | None
    alignments: bool | None
    alignment_layer: int | None
    alignment_head: int | None
    time_limit: float | None  # in seconds
    normalize: bool | None
    coverage_penalty: float | None
    replace_unknown: bool | None
    keep: Sequence[str] | None
    keep_placeholders: bool | None
    target_prefix_text: str | None
    required_texts: Sequence[str] | None
    bad_texts: Sequence[str] | None
    # The same in the spelling of generate().
    num_beams: int | None
    num_return_sequences: int | None
    num_beam_groups: int | None
    do_sample: bool | None
    bad_words_ids: Sequence[Sequence[int]] | None
    force_words_ids: Sequence[Sequence[int]] | None
    forced_bos_token_id: int | None
    forced_eos_token_id: int | None
    exponential_decay_length_penalty: tuple[int, float] | None
    src_lang: str | None
    tgt_lang: str | None
    truncation: bool | None
    max_time: float | None


ALIASES = {
    "num_beams": "beam_size",
    "num_return_sequences": "n_best",
    "num_beam_groups": "beam_groups",
    "do_sample": "sample",
    "bad_words_ids": "bad_words",
    "force_words_ids": "required_words",
    "forced_bos_token_id": "forced_first_token",
    "forced_eos_token_id": "forced_last_token",
    "exponential_decay_length_penalty": "length_decay",
    "src_lang": "source_language",
    "tgt_lang": "target_language",
    "truncation": "truncate",
    "max_time": "time_limit",
}
NAMES = frozenset(Options.__annotations__)


def canonical(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that are set, by Tessera's names. Raises TypeError."""
    found: dict[str, Any] = {}
    spelled: dict[str, str] = {}
    for name, value in options.items():
        if name not in NAMES:
            near = difflib.get_close_matches(name, sorted(NAMES), 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise TypeError(f"unknown option {name}{hint}")
        ours = ALIASES.get(name, name)
        if ours in spelled:
            raise TypeError(f"{spelled[ours]} and {name} are the same option")
        spelled[ours] = name
        if value is not None:
            found[ours] = value
    return found


def _plain(name: str, value: Any) -> Any:
    """What the extension takes for it."""
    if name == "early_stopping":
        return str(value).lower() if isinstance(value, bool) else value
    if name == "sequence_bias" and isinstance(value, Mapping):
        return [(list(tokens), bias) for tokens, bias in value.items()]
    return value


def compiled(options: Mapping[str, Any]) -> _tessera.TranslateOptions:
    """Raises TypeError for a name or a type, Error for a value out of range."""
    made = _tessera.TranslateOptions()
    for name, value in canonical(options).items():
        try:
            setattr(made, name, _plain(name, value))
        except TypeError:
            wanted = Options.__annotations__[name]
            wanted = getattr(wanted, "__forward_arg__", wanted)
            raise TypeError(f"{name}: want {wanted}, found {value!r}") from None
    return made
