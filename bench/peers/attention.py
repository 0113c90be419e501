#!/usr/bin/env python3
"""Compares Tessera's attention with PyTorch's and oneDNN's.

  attention.py --bench build/release/bench/kernels/attention_bench

PyTorch runs scaled_dot_product_attention on contiguous [B, H, T, d] and on
transposed [B, T, H, d] inputs, of which the faster in the first round goes on,
and the unfused sequence that CTranslate2 runs: batched GEMM, softmax, batched
GEMM. oneDNN runs its own primitives in that sequence, in attention_onednn_bench
beside the binary named. Tessera runs from plain rows, so packing keys and
values counts. Its percentage of peak is with both in cache layout, as a decoder
has them. Ragged batches are padded and masked for the others.

Each case is run in turn, Tessera, PyTorch, oneDNN, Tessera, ..., on one thread,
by CPU time of that thread. Figures are medians over the rounds; a ratio is the
median of the ratios of each round. All sides end at the same instruction set.

The table goes into bench/README.md and the picture into bench/figures, or where
--readme and --picture say; give --no-write to see the table alone.
"""

import argparse
import os
import sys

import attention_notes
from attention_cases import cases_of
from attention_levels import LEVELS, measurable
from attention_report import Result, picture, table, write_between_marks
from attention_sides import HERE, Benchmark, PyTorch
from peer_data import median


def fastest(case, methods, torch):
    """Seconds of the fastest of PyTorch's methods; no other stays in them."""
    if not methods:
        return None
    seconds = {method: torch.run(case, *method) for method in methods}
    methods[:] = [min(seconds, key=seconds.get)]
    return seconds[methods[0]]


def one_round(case, words, methods, theirs, tessera, torch, onednn):
    """Seconds of each side, and Tessera's counters."""
    word, f32_word = words
    rows, cache = case.comparison(word), case.in_cache_layout(word)
    f32 = case.in_cache_layout(f32_word, "f32")
    ours = tessera.run({rows, cache, f32})
    fused, unfused = (fastest(case, group, torch) for group in methods)
    if theirs in onednn.names:
        sequence = onednn.run([theirs])[theirs]["cpu_time"] * 1e-9
    else:
        sequence = None
    return {
        "ours": ours[rows]["cpu_time"] * 1e-9,
        "fused": fused,
        "unfused": unfused,
        "onednn": sequence,
        "counters": ours[cache],
        "times_f32": ours[f32]["cpu_time"] / ours[cache]["cpu_time"],
    }


def measure(case, level, found):
    """The result of all rounds."""

    def middle(key):
        values = [one[key] for one in found]
        return None if None in values else median(values)

    def ratio(key):
        if found[0][key] is None:
            return None
        return median(one[key] / one["ours"] for one in found)

    def counter(key):
        values = [one["counters"].get(key) for one in found]
        return None if None in values else median(values)

    return Result(
        kind=case.kind,
        label=case.label,
        level=level.name,
        dtype=case.dtype,
        length=case.lengths[0] if len(case.lengths) == 1 else 0,
        width=case.width,
        ours=middle("ours"),
        fused=middle("fused"),
        unfused=middle("unfused"),
        onednn=middle("onednn"),
        ratio_fused=ratio("fused"),
        ratio_unfused=ratio("unfused"),
        ratio_onednn=ratio("onednn"),
        times_f32=middle("times_f32") if case.dtype != "f32" else None,
        percent_of_peak=counter("percent_of_peak"),
        percent_of_bandwidth=counter("percent_of_bandwidth"),
        gflops=counter("gflops_exact"),
        ns_per_element=counter("ns_per_element"),
    )


def word_of(level, dtype, case, tessera):
    """The level in names of Tessera's benchmarks of that type."""
    names = [case.in_cache_layout(word, dtype) for word in level.words]
    for word, name in zip(level.words, names):
        if name in tessera.names:
            return word
    raise SystemExit(
        f"{tessera.binary}: want {' or '.join(names)}, found other benchmarks"
    )


def measure_level(level, args, results):
    """Appends to results; returns notes."""
    tessera = Benchmark(args.bench, level.caps, args.seconds)
    onednn = Benchmark(args.onednn_bench, level.caps, args.seconds)
    torch = PyTorch(level, args.seconds)
    for case in cases_of(level.dtype):
        words = [
            word_of(level, dtype, case, tessera)
            for dtype in (case.dtype, "f32")
        ]
        methods = case.methods()
        theirs = case.by_onednn(level.words[-1])
        found = [
            one_round(case, words, methods, theirs, tessera, torch, onednn)
            for _ in range(args.rounds)
        ]
        results.append(measure(case, level, found))
        print(results[-1], file=sys.stderr, flush=True)
    torch.close()
    version = onednn.context["onednn"]
    notes = [attention_notes.peaks(level, results, torch.facts, version)]
    if level.dtype == "f32":
        notes.append(attention_notes.beams(tessera, level, args.rounds))
        notes.append(attention_notes.scaling(tessera, level, args.rounds))
    return notes


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    names = [level.name for level in LEVELS]
    add("--bench", required=True, metavar="BINARY", help="attention_bench")
    add("--levels", nargs="+", default=names, choices=names)
    add("--rounds", type=int, default=11)
    add("--seconds", type=float, default=0.05, help="of a measurement")
    add("--readme", metavar="FILE", default=f"{HERE}/../README.md")
    add("--picture", metavar="FILE", default=f"{HERE}/../figures/attention.png")
    add("--no-write", action="store_true", help="print the table only")
    args = parser.parse_args()
    folder = os.path.dirname(args.bench) or "."
    args.onednn_bench = f"{folder}/attention_onednn_bench"
    return args


def main():
    args = parse_arguments()
    wanted = [level for level in LEVELS if level.name in args.levels]
    levels = measurable(wanted)
    results, notes = [], []
    for level in levels:
        notes += measure_level(level, args, results)
    notes = [attention_notes.machine(), *notes]
    notes += attention_notes.unmeasured([w for w in wanted if w not in levels])
    command = "bench/peers/attention.py --bench BINARY"
    command += f" --rounds {args.rounds} --seconds {args.seconds}"
    if wanted != LEVELS:
        command += f" --levels {' '.join(args.levels)}"
    notes.append(f"medians of {args.rounds} rounds of `{command}`")
    text = table(results) + "\n\n" + "".join(f"- {note}\n" for note in notes)
    print(text)
    if not args.no_write:
        write_between_marks(args.readme, "attention", text)
        picture(results, args.picture)


if __name__ == "__main__":
    main()
