#!/usr/bin/env python3
"""Writes tests/golden/family: tiny models of the family and what they give.

A folder for each entry of family_specs.py:
  config.json, generation_config.json, model.safetensors
  golden.json         100 sources, greedy and beam outputs (num_beams of the
                      folder)
  golden.safetensors  encoder.N [S, D] and logits.N [T, V] of two sources, the
                      decoder fed with the greedy output of source N

Weights are drawn so that outputs differ between sources, and some end by
themselves while others reach max_length. Sources whose output hangs on a near
tie are left out, and others drawn in their place.
"""

import argparse
import json
import os
import random
import shutil

import torch
from safetensors.torch import save_file

import family_search
from family_draw import Draw
from family_model import Family
from family_specs import SPECS

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")

# A decision that a change of this size could turn is a near tie: two right
# programs may then differ, so such a source is no reference.
NEAR_TIE = 1e-4

SOURCES = 100


def generation_options(spec):
    """The options in force, wherever the folder has them."""
    pad = {"pad_token_id": spec["config"]["pad_token_id"]}
    options = {**pad, **spec["generation"]}
    positions = spec["config"]["max_target_positions"]
    if options.get("max_length", 0) > positions + 1:
        options["max_length"] = positions + 1  # as generation_config.h tells
    return options


def log_probs_of(model, source, noise=None):
    """What the searches of family_search.py take; noise is a torch.Generator."""
    states = model.encode(source)

    def log_probs(outputs):
        logits = model.decode(source, states, outputs)[:, -1]
        scores = torch.log_softmax(logits, -1)
        if noise is not None:
            uniform = torch.rand(scores.shape, generator=noise)
            scores = scores + (uniform.to(scores.dtype) - 0.5) * NEAR_TIE
        return scores.tolist()

    return log_probs


def make_sources(spec, seed, special):
    """Endless distinct sources of 1 to 20 tokens, special ids inside if asked."""
    config, choose = spec["config"], random.Random(seed)
    words = [i for i in range(config["source_vocab_size"]) if i not in special]
    longest = min(20, config["max_source_positions"])
    tail = [] if spec.get("no_source_eos") else [special[1]]
    seen = set()
    for n in range(100000):
        length = n % longest + 1
        source = choose.choices(words, k=length - len(tail)) + tail
        if spec.get("source_pads") and n % 2 == 0:
            # The very first source is the padding alone.
            for _ in range(length // 3 if n else 1):
                source[choose.randrange(length)] = special[0]
        if tuple(source) not in seen:
            seen.add(tuple(source))
            yield source


class Run:
    """A drawn model in float32 and float64, and its searches."""

    def __init__(self, spec, drawn):
        self.options = generation_options(spec)
        self.single = Family(spec["config"], drawn)
        self.double = Family(spec["config"], drawn, torch.float64)

    def both(self, model, source, noise=None):
        """Greedy and beam output."""
        log_probs = log_probs_of(model, source, noise)
        return (
            family_search.greedy(log_probs, self.options),
            family_search.beam(log_probs, self.options),
        )

    def stable(self, source):
        """(greedy, beam, distance from float64); None if on a near tie."""
        entries = self.both(self.single, source)
        if entries[0]["gap"] < NEAR_TIE:
            return None
        others = [self.both(self.double, source)]
        for seed in (1, 2):
            noise = torch.Generator().manual_seed(seed)
            others.append(self.both(self.single, source, noise))
        for other in others:
            if any(all_ids(a) != all_ids(b) for a, b in zip(entries, other)):
                return None
        distance = max(
            abs(a - b)
            for a, b in zip(numbers(entries), numbers(others[0]), strict=True)
        )
        return (*entries, distance)

    def states(self, model, source, target):
        """Encoder states [S, D] and logits [T, V] of an output."""
        states = model.encode(source)
        inputs = [self.options[family_search.START]] + target[:-1]
        logits = model.decode(source, states, [inputs])
        return states[0].contiguous(), logits[0].contiguous()


def all_ids(entry):
    return entry.get("whole_beam", entry["ids"])


def numbers(entries):
    return [*entries[0]["log_probs"], entries[1]["score"]]


def is_lively(run, spec, sources):
    """Whether outputs differ, vary, end early now and then, as the spec asks."""
    log_probs = [log_probs_of(run.single, source) for source in sources]
    for search in (family_search.greedy, family_search.beam):
        ids = [search(one, run.options)["ids"] for one in log_probs]
        if not are_lively(ids, run.options):
            return False
        pad = run.options["pad_token_id"]
        if spec.get("emits_pad") and sum(pad in one[:-1] for one in ids) < 3:
            return False
    return True


def are_lively(outputs, options):
    count = len(outputs)
    limit = family_search.longest(options)
    early = sum(len(ids) < limit for ids in outputs) / count
    distinct = len({tuple(ids) for ids in outputs}) / count
    variety = sum(len(set(ids)) / len(ids) for ids in outputs) / count
    return 0.1 <= early <= 0.9 and distinct >= 0.65 and variety >= 0.3


def draw_lively(spec):
    """The first draw that is_lively, as a Run, its tensors, and how drawn."""
    eos = family_search.ends(spec["generation"])
    sources = make_sources(spec, "lively", special_ids(spec))
    sources = [next(sources) for _ in range(20)]
    for seed in range(1, 300):
        for gain in (0.6, 0.9):
            for end in (0.3, 0.8, 2.0):
                drawn = Draw(spec, eos, seed, gain, end).tensors()
                run = Run(spec, drawn)
                # A few first: most draws fail early.
                few = is_lively(run, {}, sources[5:11])
                if few and is_lively(run, spec, sources):
                    return run, drawn, {"seed": seed, "gain": gain, "end": end}
    raise RuntimeError("no seed gives lively outputs; change the spec")


def special_ids(spec):
    """Padding, the EOS that ends sources, and what else no source holds."""
    options = generation_options(spec)
    eos = family_search.ends(options)
    return [options["pad_token_id"], *eos, options[family_search.START]]


def make_golden(run, spec, name):
    """The content of golden.json, golden.safetensors, and how stable it is."""
    kept, greedy, beams, distances, dropped = [], [], [], [], 0
    for source in make_sources(spec, name, special_ids(spec)):
        entry = run.stable(source)
        if entry is None:
            dropped += 1
            continue
        kept.append(source)
        greedy.append(entry[0])
        beams.append(entry[1])
        distances.append(entry[2])
        if len(kept) == SOURCES:
            break
    tensors, away = {}, {"states": 0.0, "logits": 0.0}
    for i in (SOURCES // 2 + 4, SOURCES - 1):
        ids = greedy[i]["ids"]
        states, logits = run.states(run.single, kept[i], ids)
        tensors[f"encoder.{i}"], tensors[f"logits.{i}"] = states, logits
        exact = run.states(run.double, kept[i], ids)
        for what, a, b in zip(away, exact, (states, logits)):
            away[what] = max(away[what], (a - b).abs().max().item())
    golden = {
        "torch": torch.__version__.split("+")[0],
        "dropped": dropped,
        "float64_distance": max(distances),
        "float64_distance_of_states": away["states"],
        "float64_distance_of_logits": away["logits"],
        "sources": kept,
        "greedy": greedy,
        "beam": beams,
    }
    return golden, tensors


def rounded(value):
    """Floats with 7 digits, as many as a float32 can tell apart."""
    if isinstance(value, float):
        return float(f"{value:.7g}")
    if isinstance(value, list):
        return [rounded(v) for v in value]
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items() if k != "gap"}
    return value


def write_golden(path, content):
    """Writes an object; each list in it gets a line an entry. Drops "gap"."""
    parts = []
    for key, value in rounded(content).items():
        text = json.dumps(value, separators=(",", ":"))
        if isinstance(value, list):
            lines = (json.dumps(v, separators=(",", ":")) for v in value)
            text = "[\n" + ",\n".join(lines) + "\n]"
        parts.append(f'"{key}":{text}')
    with open(path, "w", encoding="utf-8") as file:
        file.write("{\n" + ",\n".join(parts) + "\n}\n")


def write_json(path, content):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2, sort_keys=True)
        file.write("\n")


def write_settings(spec, folder):
    config = {"model_type": "tessera_transformer", **spec["config"]}
    options = {
        k: v for k, v in spec["generation"].items() if not k.startswith("pad")
    }
    if spec.get("settings") == "config.json":
        write_json(f"{folder}/config.json", {**config, **options})
        return
    write_json(f"{folder}/config.json", config)
    options["pad_token_id"] = config["pad_token_id"]
    write_json(f"{folder}/generation_config.json", options)


def write_model(name, spec, out):
    folder = f"{out}/{name}"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    run, drawn, how = draw_lively(spec)
    write_settings(spec, folder)
    save_file(drawn, f"{folder}/model.safetensors", metadata={"format": "pt"})
    golden, tensors = make_golden(run, spec, name)
    write_golden(f"{folder}/golden.json", golden)
    save_file(tensors, f"{folder}/golden.safetensors")
    for file in os.listdir(folder):
        os.chmod(f"{folder}/{file}", 0o644)
    report(name, run, how, golden, tensors, folder)


def report(name, run, how, golden, tensors, folder):
    limit = family_search.longest(run.options)
    pad = run.options["pad_token_id"]
    greedy = [g["ids"] for g in golden["greedy"]]
    beams = [b["ids"] for b in golden["beam"]]
    inner = sum("whole_beam" in b for b in golden["beam"])
    logits = [t.abs().max().item() for n, t in tensors.items() if "log" in n]
    distance = golden["float64_distance_of_logits"] / min(logits)
    size = sum(os.path.getsize(f"{folder}/{f}") for f in os.listdir(folder))
    print(
        f"{name}: {how}, {golden['dropped']} dropped, "
        f"{sum(len(g) < limit for g in greedy)} greedy and "
        f"{sum(len(b) < limit for b in beams)} beam outputs early, "
        f"{sum(g != b for g, b in zip(greedy, beams))} differ, "
        f"{sum(pad in g for g in greedy)} and {sum(pad in b for b in beams)} "
        f"with padding, {inner} with an inner end, float64 "
        f"{golden['float64_distance']:.1e}, of logits {distance:.1e} relative, "
        f"{size / 1000:.0f} kB",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--out", default=f"{ROOT}/tests/golden/family", metavar="DIR"
    )
    parser.add_argument(
        "--only",
        nargs="+",
        choices=sorted(SPECS),
        metavar="NAME",
        help="some of the models: " + ", ".join(SPECS),
    )
    args = parser.parse_args()
    torch.set_num_threads(1)
    with torch.inference_mode():
        for name in args.only or SPECS:
            write_model(name, SPECS[name], args.out)


if __name__ == "__main__":
    main()
