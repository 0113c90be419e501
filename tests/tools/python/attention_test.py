"""Attention weights as arrays."""

import gc

import numpy as np
import pytest
import tessera


def test_shapes_and_sums(translator):
    found = translator.attention("Where is the station?")
    output, source = found.cross.queries, found.cross.keys
    assert found.output.pieces == output
    assert found.cross.weights.shape == (3, 4, len(output), len(source))
    assert found.encoder.weights.shape[2:] == (len(source), len(source))
    assert found.decoder.weights.shape[2:] == (len(output), len(output))
    assert np.allclose(found.cross.weights.sum(axis=-1), 1, atol=1e-5)
    assert found.decoder.visible.dtype == np.bool_
    assert (found.decoder.visible == np.tri(len(output), dtype=bool)).all()
    assert found.output.text == translator.translate("Where is the station?").text


def test_layers_are_views(translator):
    table = translator.attention("A dog.").cross
    again = table._of.layer(0)
    assert np.shares_memory(table.layers[0], again)
    assert (table.weights[0] == table.layers[0]).all()
    for array in (table.layers[0], table.weights, table.visible):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    with pytest.raises(IndexError):
        table._of.layer(99)


def test_arrays_outlive_report_and_translator(model):
    translator = tessera.Translator(model, threads=1)
    layer = translator.attention("A dog.").cross.layers[0]
    wanted = layer.copy()
    translator.close()
    del translator
    gc.collect()
    np.ones(1_000_000)  # would take memory that was given back
    assert (layer == wanted).all()


def test_refuses_what_has_no_output(translator):
    for text in ("", " ", "\ud800"):
        with pytest.raises(tessera.Error):
            translator.attention(text)


def test_shows_itself(translator):
    found = translator.attention("A <dog>.")
    assert "<th>" in found._repr_html_() and "<dog>" not in found._repr_html_()
