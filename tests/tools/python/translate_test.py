"""Texts, options and errors of Translator."""

import pickle
from pathlib import Path

import pytest
import tessera

STATION = "Where is the station?"


def test_translates_one_text(translator):
    found = translator.translate(STATION)
    assert found.text == "Où se trouve la gare ?"
    assert found.source == STATION
    assert found.ok and found.error is None and found.error_kind is None
    assert len(found.ids) == len(found.pieces) == len(found.log_probs)
    assert found.score == found.hypotheses[0].score


def test_translates_many_in_order(translator):
    found = translator.translate(["A dog.", "A cat."])
    assert [one.text for one in found] == ["Un chien.", "Un chat."]
    assert translator.translate([]) == []
    assert translator.translate(iter(["A dog."])) == found[:1]


def test_options_have_two_spellings(translator):
    ours = translator.translate(STATION, beam_size=3, n_best=2)
    theirs = translator.translate(STATION, num_beams=3, num_return_sequences=2)
    assert ours == theirs
    assert len(ours.hypotheses) == 2


@pytest.mark.parametrize(
    "options",
    [
        dict(early_stopping=True),
        dict(early_stopping="never"),
        dict(length_penalty=0, max_new_tokens=5),
        dict(do_sample=True, num_beams=1, seed=3, temperature=0.7, top_k=5),
        dict(bad_words_ids=[[606]], no_repeat_ngram_size=2),
        dict(sequence_bias={(606,): -5.0}),
        dict(sequence_bias=[[[606], -5.0]]),
        dict(exponential_decay_length_penalty=(2, 1.5)),
        dict(num_beams=4, num_beam_groups=2, diversity_penalty=0.5),
        dict(target_prefix=[606], suppress_tokens=[], min_length=None),
        dict(num_beams=1, alternatives=3),
        dict(target_prefix_text="Où", bad_texts=["gare"]),
        dict(required_texts=["station"], num_beams=8),
        dict(split="sentences", time_limit=100.0, normalize=True),
        dict(alignments=True, alignment_layer=1, alignment_head=2),
        dict(coverage_penalty=0.2, num_beams=4, replace_unknown=True),
        dict(keep=[r"\d+"], keep_placeholders=True),
    ],
)
def test_takes_every_kind_of_option(translator, options):
    assert translator.translate(STATION, **options).ok


def test_covers_every_option_of_the_extension():
    fields = {
        name for name in dir(tessera._tessera.TranslateOptions) if name[0] != "_"
    }
    aliases = tessera._options.ALIASES
    assert fields == tessera._options.NAMES - set(aliases)
    assert set(aliases.values()) <= fields


@pytest.mark.parametrize(
    "options, message",
    [
        (dict(num_beams=2, beam_size=2), "num_beams and beam_size are the same"),
        (dict(beam_sise=2), "unknown option beam_sise; did you mean beam_size"),
        (dict(beam_size="2"), r"beam_size: want int \| None, found '2'"),
        (dict(beam_size=-1), r"beam_size: want int \| None, found -1"),
        (dict(beam_size=1.5), r"beam_size: want int \| None, found 1.5"),
    ],
)
def test_refuses_what_is_no_option(translator, options, message):
    for call in (translator.translate, translator.stream, translator.attention):
        with pytest.raises(TypeError, match=message):
            call(STATION, **options)


@pytest.mark.parametrize(
    "options, message",
    [
        (dict(beam_size=1000), "beam_size: want 1 to 64, found 1000"),
        (dict(early_stopping="soon"), "want false, true, never or top_beam"),
        (dict(temperature=0.5, sample=False), "temperature"),
        (dict(max_time=0), "time_limit: want more than 0 seconds"),
        (dict(max_time=float("nan")), "time_limit: want more than 0 seconds"),
        (dict(split="words"), "split: want none or sentences, found words"),
    ],
)
def test_refuses_options_out_of_range(translator, options, message):
    for call in (translator.translate, translator.stream, translator.attention):
        with pytest.raises(tessera.Error, match=message):
            call([] if call == translator.translate else STATION, **options)


@pytest.mark.parametrize(
    "text, kind",
    [
        ("\ud800", "bad_text"),
        ("a \udcff b", "bad_text"),
        ("x" * 10_000_000, "too_long"),
        ("a " * 2000, "too_long"),
    ],
)
def test_a_bad_text_costs_its_own_error_only(translator, text, kind):
    good, bad, empty = translator.translate(["A dog.", text, ""])
    assert good.text == "Un chien." and empty.text == "" and empty.ok
    assert (bad.text, bad.error_kind, bad.ids) == ("", kind, [])
    assert bad.error and not bad.ok and bad.score is None
    repr(bad), bad._repr_html_()
    with pytest.raises(tessera.Error, match="text 1: "):
        translator.translate(["A dog.", text], raise_on_error=True)


def test_a_nul_is_a_character(translator):
    assert translator.translate("a\0b").ok


@pytest.mark.parametrize("texts", [[None], ["A dog.", 3], [b"A dog."], 3, None])
def test_refuses_what_is_no_text(translator, texts):
    with pytest.raises(TypeError):
        translator.translate(texts)


def test_refuses_a_folder_that_is_none():
    with pytest.raises(tessera.Error, match=r"/nowhere.* \(on "):
        tessera.Translator("/nowhere")


def test_refuses_load_options(model):
    with pytest.raises(tessera.Error, match="precision: want auto, f32"):
        tessera.Translator(model, precision="f64")
    with pytest.raises(tessera.Error, match="threads"):
        tessera.Translator(model, threads=5000)


def test_threads_come_from_the_environment(model, monkeypatch):
    monkeypatch.setenv("TESSERA_THREADS", "3")
    with tessera.Translator(model) as found:
        assert found.threads == 3
    with tessera.Translator(model, threads=1) as found:
        assert found.threads == 1


def test_tells_facts(translator):
    assert translator.info.architecture == "marian"
    assert translator.info.beam_size >= 1
    assert translator.count_tokens("A dog.") == 4
    assert "tatoeba-en-fr" in repr(translator)


def test_a_closed_one_says_so(model):
    with tessera.Translator(model, threads=1) as closed:
        pass
    closed.close()
    assert closed.closed and "closed" in repr(closed)
    for call in (closed.translate, closed.attention, closed.stream):
        with pytest.raises(tessera.Error, match="found it closed"):
            call("A dog.")


def test_results_are_values(translator):
    one, two = translator.translate(["A dog.", "A dog."])
    assert one == two and hash(one) == hash(two) and one != "A dog."
    assert one != translator.translate("A cat.")
    assert pickle.loads(pickle.dumps(one)) == one
    failed = translator.translate("\ud800")
    assert pickle.loads(pickle.dumps(failed)) == failed
    with pytest.raises(AttributeError, match="read-only"):
        one.source = "B"
    assert "<td>Un chien.</td>" in one._repr_html_()


def test_splits_texts(translator):
    found = translator.translate("Ça ? A dog.  A cat.", split="sentences")
    assert [found.source[s.begin : s.end] for s in found.sentences][1:] == [
        "A dog.",
        "A cat.",
    ]
    assert found.text.endswith("Un chien.  Un chat.")
    assert found.sentences[1].hypotheses[0] == translator.translate("A dog.").hypotheses[0]
    assert pickle.loads(pickle.dumps(found)).sentences == found.sentences


def test_names_unknown_words(model):
    with tessera.Translator(Path(model).parent / "digits-t5") as digits:
        found = digits.translate("é 1 ☃☃ 2")
    assert [word.text for word in found.unknown] == ["é", "☃☃"]
    for word in found.unknown:
        assert found.source[word.begin : word.end] == word.text
    assert pickle.loads(pickle.dumps(found)).unknown == found.unknown


def test_aligns(translator):
    found = translator.translate("A dog.", alignments=True).hypotheses[0]
    source = translator.translate("A dog.", alignments=True).source_pieces
    assert len(found.alignment) == len(found.ids) == len(found.attention)
    assert all(len(row) == len(source) for row in found.attention)
    assert translator.translate("A dog.").hypotheses[0].attention == []


def test_gives_up_after_a_time_limit(translator):
    found = translator.translate(["I see a red house."] * 3000, time_limit=0.01)
    assert found[-1].error_kind == "time_limit"


def test_scores(translator):
    best = translator.translate("A dog.", num_beams=1)
    one = translator.score("A dog.", best.text, num_beams=1)
    assert one.ids == best.ids and one.score == pytest.approx(best.score, abs=1e-3)
    many = translator.score(["A dog."] * 3, [best.text, best.ids, "Un chat."], num_beams=1)
    assert many[0] == one and many[1].score == one.score > many[2].score
    assert translator.score("A dog.", "\ud800").error_kind == "bad_text"
    for targets in (["a"], [None, None], [["x"], "a"]):
        with pytest.raises((TypeError, ValueError, RuntimeError)):
            translator.score(["A dog.", "A cat."], targets)


def test_errors_pickle():
    error = pickle.loads(pickle.dumps(tessera.Error("model: want x")))
    assert isinstance(error, tessera.Error) and str(error) == "model: want x"
