"""The same bits as `tessera translate`, whatever way the texts take."""

import asyncio

import tessera
from conftest import same


def all_same(results, reference):
    results = list(results)
    assert len(results) == len(reference)
    return all(same(*pair) for pair in zip(results, reference))


def test_translate(translator, sentences, reference):
    assert all_same(translator.translate(sentences), reference)


def test_translate_one_by_one(translator, sentences, reference):
    found = (translator.translate(text) for text in sentences[:200])
    assert all_same(found, reference[:200])


def test_stream(translator, sentences, reference):
    assert all_same(translator.stream(iter(sentences)), reference)


def test_one_thread_and_small_batches(model, sentences, reference):
    with tessera.Translator(model, threads=1, batch_size=3) as translator:
        assert all_same(translator.stream(sentences), reference)


def test_two_hundred_coroutines(translator, sentences, reference):
    async def main():
        translations = {}
        queue = list(enumerate(sentences))[::-1]
        async with tessera.AsyncTranslator(translator) as shared:

            async def worker():
                while queue:
                    number, text = queue.pop()
                    translations[number] = await shared.translate(text)

            await asyncio.gather(*(worker() for _ in range(200)))
        return [translations[n] for n in range(len(sentences))]

    assert all_same(asyncio.run(main()), reference)
