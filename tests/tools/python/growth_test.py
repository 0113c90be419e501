"""stream_tokens of Translator and AsyncTranslator: a text while it comes."""

import asyncio
import itertools

import pytest
import tessera

TEXTS = [
    "Where is the station?",
    "Café déjà-vu: 10 € 😀 and 漢字, please.",
    "One. Two, after it.\n\n Three.",
    "",
    "   ",
]


@pytest.mark.parametrize(
    "options",
    [{"num_beams": 1}, {"num_beams": 4}, {"split": "sentences"}],
)
def test_pieces_are_the_text(translator, sentences, options):
    for text in TEXTS + sentences[:10]:
        pieces = list(translator.stream_tokens(text, **options))
        assert "".join(pieces) == translator.translate(text, **options).text
        assert all(pieces)


def test_greedy_search_tells_each_token(translator):
    pieces = list(translator.stream_tokens("Where is the station?", num_beams=1))
    tokens = translator.translate("Where is the station?", num_beams=1).ids
    assert 1 < len(pieces) <= len(tokens)


def test_what_fails_is_an_error(translator):
    with pytest.raises(tessera.Error, match="UTF-8"):
        list(translator.stream_tokens("\ud800"))
    with pytest.raises(tessera.Error, match="beam_size"):
        translator.stream_tokens("A dog.", beam_size=1000)
    with pytest.raises(TypeError):
        list(translator.stream_tokens(["A dog."]))


def test_an_abandoned_one_lets_go(model):
    translator = tessera.Translator(model, threads=1)
    pieces = translator.stream_tokens("A dog and a cat. " * 2000, split="sentences")
    next(pieces)
    del pieces
    assert translator.translate("A cat.").text == "Un chat."
    translator.close()


def test_coroutines_share(translator, sentences):
    async def grown(shared, text):
        return "".join([piece async for piece in shared.stream_tokens(text)])

    async def main():
        async with tessera.AsyncTranslator(translator) as shared:
            return await asyncio.gather(
                *itertools.chain.from_iterable(
                    (grown(shared, text), shared.translate(text))
                    for text in sentences[:50]
                )
            )

    found = asyncio.run(main())
    assert found[::2] == [one.text for one in found[1::2]]
    assert found[1::2] == translator.translate(sentences[:50])


def test_of_coroutines_what_fails_or_is_left_costs_no_other(translator):
    async def main():
        async with tessera.AsyncTranslator(translator) as shared:
            with pytest.raises(tessera.Error, match="beam_size"):
                shared.stream_tokens("A dog.", beam_size=1000)
            with pytest.raises(tessera.Error, match="UTF-8"):
                await anext(shared.stream_tokens("\ud800"))
            left = shared.stream_tokens("A dog. " * 2000, split="sentences")
            await anext(left)
            await left.aclose()
            task = asyncio.create_task(anext(shared.stream_tokens("A cat. " * 3000)))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return [piece async for piece in shared.stream_tokens("A dog.")]

    assert "".join(asyncio.run(main())) == "Un chien."


def test_closing_ends_coroutines_that_wait(translator):
    async def main():
        shared = tessera.AsyncTranslator(translator)
        pieces = shared.stream_tokens("A dog. " * 2000, split="sentences")
        await anext(pieces)
        shared.close()
        with pytest.raises(asyncio.CancelledError):
            async for _ in pieces:
                pass

    asyncio.run(main())
