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
import copy
import itertools
import json
import os
import random
import shutil

import torch
import transformers
from huggingface_hub import save_torch_state_dict
from transformers import GenerationConfig, MarianConfig, MarianMTModel

import reference
from tiny_specs import SPECS

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")

# Source lengths, final EOS included: 1, and both sides of 8 and of 16. All come
# once, then again.
LENGTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 15, 16, 17, 19, 22, 26, 30]
TRIED = 120  # some are near ties
KEPT = 100
FULL = 18  # with log-probabilities, encoder states and logits

# Names that a tied embedding can have, the usual one first.
EMBEDDINGS = [
    "model.shared.weight",
    "model.encoder.embed_tokens.weight",
    "model.decoder.embed_tokens.weight",
    "lm_head.weight",
]


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


def ends(model):
    """The ids that end an output."""
    ids = model.generation_config.eos_token_id
    return ids if isinstance(ids, list) else [ids]


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


def stored_type(name, tensor, dtype):
    if dtype != "mixed":
        return getattr(torch, dtype)
    if name in EMBEDDINGS:
        return torch.bfloat16
    return torch.float16 if tensor.dim() == 2 else torch.float32


def stored_tensors(model, store):
    """What goes into the file: name -> tensor of the stored type."""
    state = dict(model.state_dict())
    if not store.get("positions"):
        for side in ("encoder", "decoder"):
            del state[f"model.{side}.embed_positions.weight"]
    # Of names that share memory, keep one: the alias wanted or the usual one.
    place = {}
    for name in [store.get("embedding"), *EMBEDDINGS]:
        if name in state:
            place.setdefault(state[name].data_ptr(), name)
    for name in EMBEDDINGS:
        if name in state and place[state[name].data_ptr()] != name:
            del state[name]
    dtype = store.get("dtype", "float32")
    state = {n: t.to(stored_type(n, t, dtype)) for n, t in state.items()}
    if store.get("headless"):
        del state["final_logits_bias"]
        state = {n.removeprefix("model."): t for n, t in state.items()}
    return state


def round_to_stored(model, store):
    """Gives the model the values that the file holds."""
    dtype = store.get("dtype", "float32")
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if "embed_positions" not in name or store.get("positions"):
                tensor.copy_(tensor.to(stored_type(name, tensor, dtype)))


def write_settings(model, spec, config, folder):
    if spec.get("store", {}).get("settings") == "config.json":
        for key, value in settings(model).items():
            setattr(config, key, value)
    else:
        model.generation_config.save_pretrained(folder)
    config.architectures = ["MarianMTModel"]
    with open(f"{folder}/config.json", "w", encoding="utf-8") as file:
        json.dump(config.to_diff_dict(), file, indent=2, sort_keys=True)
        file.write("\n")


def write_weights(model, store, folder):
    save_torch_state_dict(
        stored_tensors(model, store),
        folder,
        max_shard_size=store.get("shard", 1 << 30),
        metadata={"format": "pt"},
    )


def loads_alike(model, folder):
    """Whether Transformers reads the folder as the same model."""
    try:
        other = reference.load(folder)
    except RuntimeError:
        return False
    ours, theirs = model.state_dict(), other.state_dict()
    if any(tensor.is_meta for tensor in theirs.values()):
        return False  # a tied matrix was not found under the name it has here
    same = all(torch.equal(ours[n], theirs[n]) for n in ours)
    return same and settings(model) == settings(other)


def settings(model):
    content = model.generation_config.to_diff_dict()
    content.pop("_from_model_config", None)
    return content


def make_sources(config, vocabulary, seed):
    special = (
        config.pad_token_id,
        config.eos_token_id,
        config.decoder_start_token_id,
    )
    words = [i for i in range(vocabulary) if i not in special]
    choose = random.Random(seed)
    lengths = itertools.islice(itertools.cycle(LENGTHS), TRIED)
    return [
        choose.choices(words, k=n - 1) + [config.eos_token_id] for n in lengths
    ]


def longest_output(generation):
    """Tokens at most. 20 is an absent max_length: the start comes on top."""
    return generation.max_length - (generation.max_length != 20)


def liveliness(model, sources, beam_size):
    """Shares: outputs that end early, distinct ones, tokens not repeated.

    All sources at once, padded: rounding does not matter here.
    """
    config = model.generation_config
    ids = torch.nn.utils.rnn.pad_sequence(
        [torch.tensor(s) for s in sources], True, config.pad_token_id
    )
    with torch.inference_mode():
        rows = model.generate(
            ids,
            attention_mask=(ids != config.pad_token_id).long(),
            num_beams=beam_size,
        )
    early = distinct = variety = 0
    seen = set()
    for row in rows[:, 1:].tolist():
        last = [i for i, token in enumerate(row) if token in ends(model)]
        row = row[: last[0] + 1] if last else row
        early += len(row) < longest_output(config)
        distinct += tuple(row) not in seen
        variety += len(set(row)) / len(row)
        seen.add(tuple(row))
    return early / len(rows), distinct / len(rows), variety / len(rows)


def draw_lively(model, spec, sources):
    """Draws until greedy and beam outputs differ, vary, and some end early."""
    few = sources[: len(LENGTHS)]

    def is_lively(beam_size):
        early, distinct, variety = liveliness(model, few, beam_size)
        return 0.1 <= early <= 0.8 and distinct > 0.8 and variety > 0.35

    for seed in range(1, 200):
        for gain in (0.7, 0.5):
            for end in (1.0, 2.0, 3.0, 4.0, 5.0):
                draw(model, spec, seed, gain, end)
                beam_size = model.generation_config.num_beams
                if is_lively(1) and is_lively(beam_size):
                    return {"seed": seed, "gain": gain, "end": end}
    raise RuntimeError("no seed gives lively outputs; change the spec")


def full_entries(model, double, sources):
    """Entries of the first FULL that rounding does not decide, by index:
    greedy with its log-probabilities, beam, distance from float64."""
    entries = {}
    for i, source in enumerate(sources):
        if len(entries) == FULL:
            break
        one = reference.greedy(model, source)
        best = reference.beam(model, source)
        runs = [(reference.greedy, model, one), (beam, model, best)]
        distance = reference.stable_to(source, runs, double)
        if distance is not None:
            entries[i] = one, best, distance
    return entries


def short_entries(model, double, sources, first):
    """The same of the sources from `first` on, with ids and scores alone."""
    entries = {}
    beams = model.generation_config.num_beams
    for length in LENGTHS:
        places = [i for i in range(first, len(sources))
                  if len(sources[i]) == length]
        same = [sources[i] for i in places]
        found = [reference.stable_outputs(model, double, same, n)
                 for n in (1, beams)]
        for i, one, best in zip(places, *found):
            if one and best:
                distance = best.pop("distance")
                entries[i] = {"ids": one["ids"]}, best, distance
    return entries


def write_golden(model, sources, loaded, folder, rounded=None):
    """Outputs of the first KEPT sources that rounding does not decide."""
    rounded = rounded or (lambda entry: entry)
    double = copy.deepcopy(model).double()
    entries = full_entries(model, double, sources)
    entries |= short_entries(model, double, sources, max(entries) + 1)
    chosen = sorted(entries)[:KEPT]
    kept = [sources[i] for i in chosen]
    greedy = [rounded(entries[i][0]) for i in chosen]
    beams = [rounded(entries[i][1]) for i in chosen]
    distances = [entries[i][2] for i in chosen]
    tensors, logits_distance = {}, 0.0
    for i in (FULL // 2, FULL - 1):
        encoder, _, logits = reference.states(model, kept[i], greedy[i]["ids"])
        tensors[f"encoder.{i}"], tensors[f"logits.{i}"] = encoder, logits
        exact = reference.states(double, kept[i], greedy[i]["ids"])[2]
        distance = (exact - logits).abs().max().item()
        logits_distance = max(logits_distance, distance)
    reference.write_tensors(f"{folder}/golden.safetensors", tensors)
    reference.write_json(
        f"{folder}/golden.json",
        {
            "transformers": transformers.__version__,
            "torch": torch.__version__.split("+")[0],
            "transformers_reads_folder": loaded,
            "dropped": chosen[-1] + 1 - len(chosen),
            "float64_distance": max(distances),
            "float64_distance_of_logits": logits_distance,
            "sources": kept,
            "greedy": greedy,
            "beam": beams,
        },
    )
    return kept, greedy, beams


def beam(model, source, processors=None):
    return reference.beam(model, source, None, processors)


def finish(name, model, sources, drawn, loaded, folder, **options):
    """Writes the golden files of a folder and tells what came of it."""
    kept, greedy, beams = write_golden(model, sources, loaded, folder, **options)
    for file in os.listdir(folder):
        os.chmod(f"{folder}/{file}", 0o644)
    longest = longest_output(model.generation_config)
    size = sum(os.path.getsize(f"{folder}/{f}") for f in os.listdir(folder))
    print(
        f"{name}: {drawn}, {len(kept)} sources, "
        f"{sum(len(g['ids']) < longest for g in greedy)} greedy and "
        f"{sum(len(b['ids']) < longest for b in beams)} beam outputs early, "
        f"{sum(g['ids'] != b['ids'] for g, b in zip(greedy, beams))} differ, "
        f"read by Transformers: {loaded}, {size / 1000:.0f} kB",
        flush=True,
    )


def write_model(name, spec, out):
    folder = f"{out}/{name}"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    store = spec.get("store", {})
    config = make_config(spec)
    sources = make_sources(config, config.vocab_size, name)
    model = make_model(make_config(spec), make_generation(config, spec))
    drawn = draw_lively(model, spec, sources)
    round_to_stored(model, store)
    write_settings(model, spec, config, folder)
    write_weights(model, store, folder)
    loaded = loads_alike(model, folder)
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
