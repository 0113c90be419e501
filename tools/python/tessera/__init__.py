"""Tessera: Transformer encoder-decoders, such as translation models, on CPUs.

    from tessera import Translator

    with Translator("models/bundled/tatoeba-en-fr") as translator:
        print(translator.translate("Where is the station?").text)
"""

from . import _main_interpreter  # isort: skip  # first: it refuses all others
from ._aio import AsyncTranslator
from ._attention import Attention, AttentionTable
from ._options import Options
from ._pipeline import pipeline
from ._results import Hypothesis, Sentence, Translation, UnknownWord
from ._tessera import Error, ModelInfo, version
from ._translator import Translator

Error.__module__ = __name__  # where users see it, and pickle finds it
__version__ = version()
del _main_interpreter
__all__ = [
    "AsyncTranslator",
    "Attention",
    "AttentionTable",
    "Error",
    "Hypothesis",
    "ModelInfo",
    "Options",
    "Sentence",
    "Translation",
    "Translator",
    "UnknownWord",
    "pipeline",
]
