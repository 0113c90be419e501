"""pipeline(...) has the shapes and the answers of Transformers 4."""

import json
import shutil

import pytest
import tessera
from conftest import ROOT
from tessera import pipeline

STATION = "Where is the station?"


@pytest.fixture(scope="module")
def pipe(translator):
    return pipeline("translation_en_to_fr", model=translator)


def test_shapes(pipe):
    dog, cat = {"translation_text": "Un chien."}, {"translation_text": "Un chat."}
    assert pipe("A dog.") == [dog]
    assert pipe(["A dog.", "A cat."]) == [dog, cat]
    assert pipe(["A dog."]) == [dog]
    assert pipe([]) == []
    two = pipe("A dog.", num_return_sequences=2)
    assert len(two) == 2 and two[0] == dog
    nested = pipe(["A dog.", "A cat."], num_return_sequences=2)
    assert [len(one) for one in nested] == [2, 2] and nested[1][0] == cat


def test_ids_instead_of_text(pipe, translator):
    found = pipe("A dog.", return_tensors=True)
    assert found == [{"translation_token_ids": translator.translate("A dog.").ids}]


def test_the_same_bits_as_the_program(pipe, sentences, reference):
    found = pipe(sentences)
    assert [one["translation_text"] for one in found] == [r["text"] for r in reference]


def test_options_of_pipeline_and_of_call(translator):
    short = pipeline("translation", translator, max_length=4, num_beams=1)
    assert short(STATION) != pipeline("translation", translator)(STATION)
    assert short(STATION, max_new_tokens=40, num_beams=4) == (
        pipeline("translation", translator)(STATION)
    )


def test_other_tasks_have_other_names(translator):
    for task, name in (("summarization", "summary"), ("text2text-generation", "generated")):
        assert list(pipeline(task, translator)("A dog.")[0]) == [f"{name}_text"]


def test_a_task_has_its_prefix(tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(ROOT / "models/bundled/digits-t5", folder)
    config = json.loads((folder / "config.json").read_text())
    config["task_specific_params"] = {
        "translation_x_to_y": {"prefix": "sort: ", "num_beams": 2, "max_length": 30}
    }
    (folder / "config.json").write_text(json.dumps(config))
    with tessera.Translator(folder, threads=1) as translator:
        (wanted,) = translator.translate(["sort: 31415"], beam_size=2, max_length=30)
        found = pipeline("translation_x_to_y", translator)("31415")
    assert found == [{"translation_text": wanted.text}]


def test_says_what_it_ignores(translator):
    with pytest.warns(UserWarning, match="device='cuda:0' is ignored"):
        pipeline("translation", translator, device="cuda:0")
    pipeline("translation", translator, device="cpu", batch_size=8)
    pipeline("translation", translator, device=-1, torch_dtype="auto")


def test_refuses(pipe, translator):
    with pytest.raises(tessera.Error, match="task: want translation"):
        pipeline("fill-mask", translator)
    with pytest.raises(tessera.Error, match="text 1: want UTF-8"):
        pipe(["A dog.", "\ud800"])
    with pytest.raises(TypeError, match="unknown option"):
        pipe("A dog.", num_beam=3)
