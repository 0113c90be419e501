"""Translator.stream over any iterable."""

import itertools

import pytest
import tessera


def test_takes_a_generator_without_end(translator):
    endless = (f"Number {n}." for n in itertools.count())
    found = translator.stream(endless)
    taken = list(itertools.islice(found, 500))
    assert [one.source for one in taken] == [f"Number {n}." for n in range(500)]
    found.close()


def test_reads_no_more_ahead_than_its_window(model):
    with tessera.Translator(model, threads=1, batch_size=2) as translator:
        read = []
        source = (read.append(n) or "A dog." for n in range(100))
        stream = translator.stream(source)
        assert read == []
        for given, _ in enumerate(stream):
            assert len(read) <= given + 8
        assert len(read) == 100


def test_gives_each_as_soon_as_it_is_finished(translator, sentences):
    found = list(translator.stream(sentences[:200], ordered=False))
    assert sorted(one.source for one in found) == sorted(sentences[:200])
    assert set(found) == set(translator.translate(sentences[:200]))


def test_an_iterable_that_raises_ends_it_behind_its_texts(translator):
    def source():
        yield "A dog."
        yield "A cat."
        raise OSError("gone")

    for ordered in (True, False):
        found = []
        with pytest.raises(OSError, match="gone"):
            for one in translator.stream(source(), ordered=ordered):
                found.append(one.text)
        assert sorted(found) == ["Un chat.", "Un chien."]


def test_what_is_no_text_ends_it_behind_its_texts(translator):
    stream = translator.stream(["A dog.", None, "A cat."])
    assert next(stream).text == "Un chien."
    with pytest.raises(TypeError):
        next(stream)


def test_bad_texts_have_errors(translator):
    found = list(translator.stream(["A dog.", "\ud800", "A cat."]))
    assert [one.text for one in found] == ["Un chien.", "", "Un chat."]
    assert found[1].error_kind == "bad_text"


def test_an_abandoned_stream_lets_go(model):
    translator = tessera.Translator(model, threads=1)
    stream = translator.stream("A dog." for _ in range(1000))
    next(stream)
    del stream
    assert translator.translate("A cat.").text == "Un chat."
    translator.close()
