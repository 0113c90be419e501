"""AsyncTranslator: coroutines, cancellation, event loops."""

import asyncio
import time

import pytest
import tessera


def test_translates_one_and_many(translator):
    async def main():
        async with tessera.AsyncTranslator(translator) as shared:
            one = await shared.translate("A dog.")
            many = await shared.translate(["A dog.", "A cat."], num_beams=1)
            return one, many

    one, many = asyncio.run(main())
    assert one == translator.translate("A dog.")
    assert many == translator.translate(["A dog.", "A cat."], num_beams=1)
    assert translator.translate("A dog.").ok  # it is still the caller's


def test_errors(translator):
    async def main():
        shared = tessera.AsyncTranslator(translator)
        with pytest.raises(tessera.Error, match="beam_size"):
            await shared.translate("A dog.", beam_size=1000)
        with pytest.raises(TypeError):
            await shared.translate(["A dog.", None])
        with pytest.raises(tessera.Error, match="UTF-8"):
            await shared.translate("\ud800", raise_on_error=True)
        assert (await shared.translate("\ud800")).error_kind == "bad_text"
        shared.close()

    asyncio.run(main())


def test_cancelled_ones_cost_others_nothing(translator, sentences):
    async def main():
        async with tessera.AsyncTranslator(translator) as shared:
            tasks = [asyncio.create_task(shared.translate(s)) for s in sentences[:200]]
            await asyncio.sleep(0)
            for task in tasks[::2]:
                task.cancel()
            return await asyncio.gather(*tasks, return_exceptions=True)

    found = asyncio.run(main())
    assert all(isinstance(one, asyncio.CancelledError) for one in found[::2])
    assert found[1::2] == translator.translate(sentences[1:200:2])


def test_the_loop_goes_on_meanwhile(model, sentences):
    """A pause of the loop is at most what a core taken away makes it."""

    async def main():
        pauses = []
        async with tessera.AsyncTranslator(model, threads=1) as shared:
            task = asyncio.gather(*(shared.translate(s) for s in sentences[:300]))
            while not task.done():
                before = time.monotonic()
                await asyncio.sleep(0.001)
                pauses.append(time.monotonic() - before)
        return pauses

    pauses = asyncio.run(main())
    assert len(pauses) > 10  # it did not wait for the translations


def test_serves_one_loop_after_another(translator):
    shared = tessera.AsyncTranslator(translator)
    for _ in range(3):
        assert asyncio.run(shared.translate("A dog.")).text == "Un chien."
    shared.close()


def test_a_closed_loop_does_no_harm(translator):
    shared = tessera.AsyncTranslator(translator)

    async def leave():
        asyncio.ensure_future(shared.translate(["A dog."] * 500))
        await asyncio.sleep(0)

    asyncio.run(leave())
    assert asyncio.run(shared.translate("A cat.")).text == "Un chat."
    shared.close()


def test_closing_gives_up(translator):
    async def main():
        shared = tessera.AsyncTranslator(translator)
        task = asyncio.create_task(shared.translate(["A dog."] * 500))
        await asyncio.sleep(0)
        shared.close()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
