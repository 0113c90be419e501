"""pipeline("translation_en_to_fr", ...), as Transformers 4 had it."""

from __future__ import annotations

import json
import os
import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ._options import canonical
from ._results import Translation
from ._tessera import Error
from ._translator import Precision, Translator

_NAMES = {
    "translation": "translation",
    "summarization": "summary",
    "text2text-generation": "generated",
}
# What a pipeline does where the model's files say nothing.
_BEAMS, _NEW_TOKENS = 4, 256


def _facts(folder: str, name: str) -> dict[str, Any]:
    path = Path(folder) / name
    if not path.exists():
        return {}
    found = json.loads(path.read_text(encoding="utf-8"))
    return found if isinstance(found, dict) else {}


def _defaults(folder: str, task: str) -> tuple[str, dict[str, Any]]:
    """The prefix of a task and the options that no caller has set, from the
    folder's generation_config.json and the task_specific_params of config.json."""
    config = _facts(folder, "config.json")
    has = _facts(folder, "generation_config.json") or config
    options: dict[str, Any] = {}
    if "num_beams" not in has:
        options["beam_size"] = _BEAMS
    if "max_length" not in has and "max_new_tokens" not in has:
        options["max_new_tokens"] = _NEW_TOKENS
    own = dict((config.get("task_specific_params") or {}).get(task) or {})
    prefix = str(own.pop("prefix", None) or config.get("prefix") or "")
    if "max_length" in own:
        options.pop("max_new_tokens", None)
    return prefix, {**options, **canonical(own)}


class Pipeline:
    """Texts in, dicts out, under the names that Transformers' pipelines give."""

    def __init__(
        self, task: str, translator: Translator, prefix: str, options: dict[str, Any]
    ) -> None:
        kind = "translation" if task.startswith("translation") else task
        self.task = task
        self.translator = translator
        self._name = _NAMES[kind]
        self._prefix = prefix
        self._options = options

    def __call__(
        self,
        texts: str | Sequence[str],
        *,
        return_tensors: bool = False,
        return_text: bool = True,
        clean_up_tokenization_spaces: bool | None = None,
        batch_size: int | None = None,
        **options: Any,
    ) -> list[Any]:
        """A dict for each output: of one text a list of them, of several texts a
        list, of lists where `num_return_sequences` asks for more outputs than one.
        `return_tensors` gives ids instead of texts. Raises Error for a text that
        cannot be translated. Batches are the translator's own: `batch_size` and
        `clean_up_tokenization_spaces` change nothing.
        """
        given = canonical(options)
        lengths = {"max_length", "max_new_tokens"}
        dropped = lengths if lengths & set(given) else set()  # one for the other
        kept = {k: v for k, v in self._options.items() if k not in dropped}
        settings = {**kept, **given}
        single = isinstance(texts, str)
        sources = [texts] if isinstance(texts, str) else list(texts)
        found = self.translator.translate(
            [self._prefix + text for text in sources], raise_on_error=True, **settings
        )
        count = settings.get("n_best", 1)
        tensors = return_tensors or not return_text
        records = [self._records(one, count, tensors) for one in found]
        if single:
            return records[0]
        if all(len(one) == 1 for one in records):
            return [one[0] for one in records]
        return records

    def _records(self, found: Translation, count: int, tensors: bool) -> list[Any]:
        best = found.hypotheses[:count]
        if tensors:
            return [{f"{self._name}_token_ids": one.ids} for one in best]
        return [{f"{self._name}_text": one.text} for one in best]


def _languages(task: str, known: Sequence[str], options: dict[str, Any]) -> None:
    """Of translation_xx_to_yy, for models with many languages."""
    named = re.fullmatch(r"translation_([^_]+)_to_([^_]+)", task)
    if named and known and not {"source_language", "target_language"} & set(options):
        options["source_language"], options["target_language"] = named.groups()


def pipeline(
    task: str,
    model: str | os.PathLike[str] | Translator,
    *,
    threads: int = 0,
    precision: Precision = "auto",
    batch_size: int | None = None,
    device: Any = None,
    framework: Any = None,
    torch_dtype: Any = None,
    dtype: Any = None,
    **options: Any,
) -> Pipeline:
    """The pipeline of a task: "translation", "translation_XX_to_YY",
    "summarization" or "text2text-generation".

    model      a folder, or a Translator
    precision  "f32" for the bits of Transformers, "auto" for speed

    `device`, `framework` and `torch_dtype` are there for programs that set them:
    other values than those of a CPU are warned of and ignored.
    """
    if task not in _NAMES and not re.fullmatch(r"translation_[^_]+_to_[^_]+", task):
        raise Error(f"task: want {', '.join(_NAMES)} or translation_XX_to_YY, found {task}")
    for name, value in (
        ("device", device),
        ("framework", framework),
        ("torch_dtype", torch_dtype if torch_dtype is not None else dtype),
    ):
        if value is not None and str(value) not in ("cpu", "-1", "auto"):
            warnings.warn(f"{name}={value!r} is ignored: tessera runs on the CPU", stacklevel=2)
    if not isinstance(model, Translator):
        model = Translator(model, threads, precision, batch_size=batch_size or 32)
    prefix, defaults = _defaults(model.folder, task)
    given = {**defaults, **canonical(options)}
    _languages(task, model.info.languages, given)
    return Pipeline(task, model, prefix, given)
