"""Golden files of a tiny model: what it gives for its sources, without those
whose output hangs on a near tie (see reference.py)."""

import copy
import os

import torch
import transformers

import reference
from tiny_draw import LENGTHS, longest_output

KEPT = 100
FULL = 18  # with log-probabilities, encoder states and logits


def beam(model, source, processors=None):
    return reference.beam(model, source, None, processors)


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
