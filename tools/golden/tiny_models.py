#!/usr/bin/env python3
"""Writes tests/golden/marian: tiny random Marian models and what they give.

A folder for each entry of tiny_specs.py:
  config.json, generation_config.json, weights
  golden.json         100 sources, greedy and beam outputs (num_beams of the
                      folder); the first of each length with log-probabilities
  golden.safetensors  encoder.N [S, D] and raw logits.N [T, V] of a few sources,
                      the decoder fed with the greedy output of source N

Weights are drawn so that outputs differ between sources, and some end by
themselves while others reach max_length. Sources whose output hangs on a near
tie are left out (see reference.py).
"""

import argparse
import functools
import os
import shutil

import torch
from transformers import GenerationConfig, MarianConfig, MarianMTModel

import tiny_store as store
from tiny_draw import draw_lively, ends, make_sources
from tiny_golden import finish
from tiny_specs import SPECS

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


def make_config(spec):
    keys = dict(spec["config"])
    smaller = min(keys["vocab_size"], keys.get("decoder_vocab_size", 1 << 30))
    keys.setdefault("pad_token_id", smaller - 1)
    keys.setdefault("eos_token_id", 0)
    keys.setdefault("decoder_start_token_id", keys["pad_token_id"])
    keys.setdefault("decoder_vocab_size", keys["vocab_size"])
    keys.setdefault("max_position_embeddings", 64)
    return MarianConfig(**keys, forced_eos_token_id=keys["eos_token_id"])


def make_generation(config, spec):
    keys = {
        "bad_words_ids": [[config.pad_token_id]],
        "pad_token_id": config.pad_token_id,
        "eos_token_id": config.eos_token_id,
        "decoder_start_token_id": config.decoder_start_token_id,
        "forced_eos_token_id": config.eos_token_id,
    }
    return GenerationConfig(**{**keys, **spec["generation"]})


def make_model(config, generation):
    """The model, not yet drawn, with embeddings of the sizes wanted.

    MarianMTModel gives a decoder with its own vocabulary the encoder's size,
    and its beam search takes the number of logits from config.vocab_size: both
    are put right here. It is also why such a folder can't be loaded as it is.
    """
    model = MarianMTModel(config)
    if not config.share_encoder_decoder_embeddings:
        model.model.decoder.embed_tokens = torch.nn.Embedding(
            config.decoder_vocab_size, config.d_model
        )
        model.tie_weights()
        model.config.vocab_size = config.decoder_vocab_size
    model.generation_config = generation
    model.set_attn_implementation("eager")
    return model.eval()


def draw(model, spec, seed, gain, end):
    """Fills the model with random weights.

    gain scales what the layers add to the residual stream; end favours EOS.
    Norms get random signs: with positive ones, the state leans towards the
    previous token's embedding and every output repeats one token.
    """
    config = model.config
    generator = torch.Generator().manual_seed(seed)

    def normal(shape, scale):
        return torch.randn(shape, generator=generator) * scale

    for name, weight in model.named_parameters():
        if "embed_positions" in name:
            continue
        elif "layer_norm.weight" in name:
            sign = torch.sign(normal(weight.shape, 1.0))
            value = sign * (1 + normal(weight.shape, 0.3))
        elif name.endswith(".bias"):
            value = normal(weight.shape, 0.1)
        elif "shared" in name or "embed_tokens" in name or "lm_head" in name:
            value = normal(weight.shape, 2.5 * config.d_model**-0.5)
            if not spec.get("padding"):
                value[config.pad_token_id] = 0
            if not spec.get("bias", True):
                value[ends(model)] *= 1 + end
        else:
            # Sharp attention, and a source that counts for more than the past.
            own = 2.0 if "q_proj" in name or "k_proj" in name else gain
            own *= 1.5 if "encoder_attn" in name else 1.0
            value = normal(weight.shape, own * weight.shape[1] ** -0.5)
        weight.data.copy_(value)
    if spec.get("bias", True):
        bias = normal(model.final_logits_bias.shape, 0.3)
        bias[0, ends(model)] += end
        model.final_logits_bias.copy_(bias)


def sources_of(config, seed):
    special = (
        config.pad_token_id,
        config.eos_token_id,
        config.decoder_start_token_id,
    )
    words = [i for i in range(config.vocab_size) if i not in special]
    return make_sources(words, config.eos_token_id, seed)


def is_lively(early, distinct, variety):
    return 0.1 <= early <= 0.8 and distinct > 0.8 and variety > 0.35


def write_model(name, spec, out):
    folder = f"{out}/{name}"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    stored = spec.get("store", {})
    config = make_config(spec)
    sources = sources_of(config, name)
    model = make_model(make_config(spec), make_generation(config, spec))
    tries = [
        {"gain": gain, "end": end}
        for gain in (0.7, 0.5)
        for end in (1.0, 2.0, 3.0, 4.0, 5.0)
    ]
    drawn = draw_lively(
        model, sources, functools.partial(draw, spec=spec), tries, is_lively
    )
    store.round_to_stored(model, stored)
    store.write_settings(model, spec, config, folder)
    store.write_weights(model, stored, folder)
    loaded = store.loads_alike(model, folder)
    finish(name, model, sources, drawn, loaded, folder)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--out", default=f"{ROOT}/tests/golden/marian", metavar="DIR"
    )
    parser.add_argument(
        "--only", nargs="+", choices=sorted(SPECS), metavar="NAME",
        help="some of the models: " + ", ".join(SPECS),
    )
    args = parser.parse_args()
    torch.set_num_threads(1)
    for name in args.only or SPECS:
        write_model(name, SPECS[name], args.out)


if __name__ == "__main__":
    main()
