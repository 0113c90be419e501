"""What type checkers must understand; stubs_test.py has them read it."""

from typing import TYPE_CHECKING

import tessera


def one(translator: tessera.Translator) -> str:
    return translator.translate("A dog.", num_beams=4).text


def many(translator: tessera.Translator) -> list[str]:
    return [found.text for found in translator.translate(["A dog."], beam_size=1)]


def wrong(translator: tessera.Translator) -> None:
    if TYPE_CHECKING:
        translator.translate("A dog.", beam_size="4")  # type: ignore


async def later(shared: tessera.AsyncTranslator) -> float | None:
    return (await shared.translate("A dog.")).score


async def grown(shared: tessera.AsyncTranslator) -> str:
    before = "".join(shared.translator.stream_tokens("A dog.", num_beams=1))
    return before + "".join([piece async for piece in shared.stream_tokens("A dog.")])


def shapes(translator: tessera.Translator) -> tuple[int, ...]:
    return translator.attention("A dog.").cross.weights.shape
