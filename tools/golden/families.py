#!/usr/bin/env python3
"""Writes tests/golden/bart and tests/golden/t5: tiny random models of the
relatives of BART and T5, and what Transformers makes of them.

A folder for each entry of families_specs.py, with the files of tests/golden/
marian (README.md). Numbers have six digits: the tests allow 1e-4.
"""

import argparse
import copy
import json
import os
import shutil

import torch
from huggingface_hub import save_torch_state_dict
from transformers import AutoConfig, AutoModelForSeq2SeqLM, GenerationConfig

from families_specs import SPECS
from tiny_draw import draw_lively, ends, make_sources
from tiny_golden import finish
from tiny_store import settings

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")

EMBEDDINGS = [
    "shared.weight",
    "encoder.embed_tokens.weight",
    "decoder.embed_tokens.weight",
    "lm_head.weight",
]


def is_t5(config):
    return "t5" in config.model_type


def make_model(spec):
    config = AutoConfig.for_model(**spec["config"])
    model = AutoModelForSeq2SeqLM.from_config(
        config, attn_implementation="eager"
    )
    keys = {
        name: getattr(config, name)
        for name in ("pad_token_id", "eos_token_id", "decoder_start_token_id",
                     "bos_token_id", "forced_eos_token_id")
    }
    if config.model_type == "mbart" and keys["decoder_start_token_id"] is None:
        keys["decoder_start_token_id"] = 4  # a language
    model.generation_config = GenerationConfig(**{**keys, **spec["generation"]})
    if is_t5(config) and config.num_decoder_layers > config.num_layers:
        # generate() sizes its cache by the encoder: one layer short.
        model.generation_config.use_cache = False
    return model.eval()


def draw(model, seed, gain, end):
    """Fills the model with random weights: see tiny_models.py.

    Where token embeddings enter, or leave, on another scale than the states
    have, what layers add to these is scaled with it.
    """
    config = model.config
    generator = torch.Generator().manual_seed(seed)
    width = config.d_model
    scaled_logits = is_t5(config) and config.tie_word_embeddings
    large = scaled_logits or getattr(config, "scale_embedding", False)
    spread = width**0.5 if large else 1.0
    has_bias = hasattr(model, "final_logits_bias")

    def normal(shape, scale):
        return torch.randn(shape, generator=generator) * scale

    def matrix(name, shape):
        own = gain
        if any(part in name for part in ("q_proj", "k_proj", ".q.", ".k.")):
            own = 2.0
        if ".q." in name:
            own *= config.d_kv**-0.5  # T5 divides no scores
        if any(part in name for part in ("out_proj", "fc2", ".o.", ".wo.")):
            own *= spread
        if "encoder_attn" in name or "EncDecAttention" in name:
            own *= 1.5
        return normal(shape, own * shape[1] ** -0.5)

    for name, weight in model.named_parameters():
        if "embed_positions" in name:
            if config.model_type == "pegasus":
                continue
            value = normal(weight.shape, 0.7 * spread * width**-0.5)
        elif "norm" in name and name.endswith("weight"):
            sign = torch.sign(normal(weight.shape, 1.0))
            value = sign * (1 + normal(weight.shape, 0.3))
        elif name.endswith(".bias"):
            value = normal(weight.shape, 0.1)
        elif "relative_attention_bias" in name:
            value = normal(weight.shape, 1.5)
        elif any(name.endswith(tied) for tied in EMBEDDINGS):
            scale = 2.5 if scaled_logits else 2.5 * width**-0.5
            value = normal(weight.shape, scale)
            value[config.pad_token_id] *= 0.2
            if not has_bias:
                value[ends(model)] *= 1 + 0.4 * end
        else:
            value = matrix(name, weight.shape)
        weight.data.copy_(value)
    if has_bias:
        bias = normal(model.final_logits_bias.shape, 0.3)
        bias[0, ends(model)] += end
        model.final_logits_bias.copy_(bias)


def bare(name):
    return name.removeprefix("model.")


def computes_positions(model, store):
    """Whether a table that may be left out of the file is."""
    return model.config.model_type == "pegasus" and bool(store.get("headless"))


def stored_type(name, tensor, dtype):
    if dtype != "mixed":
        return getattr(torch, dtype)
    if bare(name) in EMBEDDINGS:
        return torch.bfloat16
    return torch.float16 if tensor.dim() == 2 else torch.float32


def stored_tensors(model, store):
    """What goes into the file: name -> tensor of the stored type."""
    state = dict(model.state_dict())
    if computes_positions(model, store):
        for side in ("encoder", "decoder"):
            del state[f"model.{side}.embed_positions.weight"]
    if not model.config.tie_word_embeddings:
        # Transformers finds each only under its own name.
        state = {name: tensor.clone() for name, tensor in state.items()}
    elif not store.get("bin"):
        # Of names that share memory, keep one: the one wanted or the usual.
        place = {}
        names = [n for n in state if bare(n) in EMBEDDINGS]
        names.sort(key=lambda n: EMBEDDINGS.index(bare(n)))
        for name in [store.get("embedding"), *names]:
            if name in state:
                place.setdefault(state[name].data_ptr(), name)
        for name in names:
            if place[state[name].data_ptr()] != name:
                del state[name]
    dtype = store.get("dtype", "float32")
    state = {n: t.to(stored_type(n, t, dtype)) for n, t in state.items()}
    if store.get("headless"):
        state.pop("final_logits_bias", None)
        state.pop("lm_head.weight")
        state = {bare(n): t for n, t in state.items()}
    return state


def round_to_stored(model, store):
    """Gives the model the values that the file holds."""
    dtype = store.get("dtype", "float32")
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if "positions" in name and computes_positions(model, store):
                continue
            tensor.copy_(tensor.to(stored_type(name, tensor, dtype)))
        if store.get("headless") and hasattr(model, "final_logits_bias"):
            model.final_logits_bias.zero_()


def write_folder(model, spec, folder):
    store = spec["store"]
    config = copy.deepcopy(model.config)
    if store.get("settings") == "config.json":
        for key, value in settings(model).items():
            setattr(config, key, value)
    else:
        model.generation_config.save_pretrained(folder)
    config.architectures = [type(model).__name__]
    with open(f"{folder}/config.json", "w", encoding="utf-8") as file:
        json.dump(config.to_diff_dict(), file, indent=2, sort_keys=True)
        file.write("\n")
    tensors = stored_tensors(model, store)
    if store.get("bin"):
        torch.save(tensors, f"{folder}/pytorch_model.bin")
    else:
        save_torch_state_dict(
            tensors, folder, max_shard_size=store.get("shard", 1 << 30),
            metadata={"format": "pt"},
        )


def loads_alike(model, folder):
    """Whether Transformers reads the folder as the same model."""
    try:
        other = AutoModelForSeq2SeqLM.from_pretrained(
            folder, dtype=torch.float32, local_files_only=True
        )
    except (RuntimeError, ValueError):
        return False
    ours, theirs = model.state_dict(), other.state_dict()
    if any(tensor.is_meta for tensor in theirs.values()):
        return False  # a tied matrix was not found under the name it has here
    same = all(torch.equal(ours[n], theirs[n]) for n in ours)
    return same and settings(model) == settings(other)


def sources_of(config, spec, seed):
    special = {config.pad_token_id, config.eos_token_id}
    words = [i for i in range(config.vocab_size) if i not in special]
    if spec["store"].get("pads"):
        words += [config.pad_token_id] * 4
    return make_sources(words, config.eos_token_id, seed)


def is_lively(early, distinct, variety):
    return 0.05 <= early <= 0.9 and distinct > 0.75 and variety > 0.35


def drawn_lively(model, sources):
    """Draws the model until it is lively; how it was drawn."""
    tries = [
        {"gain": gain, "end": end}
        for gain in (0.7, 1.2)
        for end in (1.0, 2.5, 4.0)
    ]
    return draw_lively(model, sources, draw, tries, is_lively)


def six_digits(value):
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, list):
        return [six_digits(v) for v in value]
    if isinstance(value, dict):
        return {k: six_digits(v) for k, v in value.items()}
    return value


def write_model(name, spec, out):
    folder = f"{out}/{name}"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    model = make_model(spec)
    sources = sources_of(model.config, spec, name)
    drawn = drawn_lively(model, sources)
    round_to_stored(model, spec["store"])
    write_folder(model, spec, folder)
    loaded = loads_alike(model, folder)
    finish(name, model, sources, drawn, loaded, folder, rounded=six_digits)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", default=f"{ROOT}/tests/golden", metavar="DIR")
    parser.add_argument("--only", nargs="+", metavar="NAME")
    args = parser.parse_args()
    torch.set_num_threads(1)
    for family, specs in SPECS.items():
        for name in specs:
            if args.only is None or name in args.only:
                write_model(name, specs[name], f"{args.out}/{family}")


if __name__ == "__main__":
    main()
