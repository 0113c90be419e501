#!/usr/bin/env python3
"""Tessera with a vocabulary shortlist beside Tessera without: speed and BLEU.

    shortlist.py --bench build/release/bench/engine/translate_bench \\
        --pairs train.tsv [--cache /tmp/peers]

The bundled model's table is learned from the pairs by tools/train/lexical_table.py,
BLEU is that of the public test. The table of the random models (opus, tiny) holds
random targets, 32 for each source token, as many as the learned one has on average and
tables of Firefox's models have. Tables stay in the cache. Every run is a process, both
ways in turn; figures are medians.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile

import bleu
import workloads

LEARN = f"{workloads.ROOT}/tools/train/lexical_table.py"


RANDOM_TARGETS = 32


def learn(workload, table, options):
    command = [sys.executable, LEARN, options.pairs, workload.folder, table]
    subprocess.run(command, check=True, stdout=sys.stderr)


def draw(workload, table):
    random.seed(1)
    tokens = list(workload.tokenizer.ids)
    sources = {t for line in workload.sources(len(workload.lines)) for t in line}
    with open(table, "w", encoding="utf-8") as file:
        for source in sorted(sources):
            for target in random.sample(tokens, RANDOM_TARGETS):
                print(target, source, 0.5, file=file)


def table_of(workload, options):
    table = f"{options.cache}/{workload.name}.s2t"
    if os.path.exists(table):
        return table
    if workload.references:
        learn(workload, table, options)
    else:
        draw(workload, table)
    return table


def run(workload, case, precision, table, options):
    """(tokens a second, texts) of one process."""
    count = workload.count(case, quick=False)
    with tempfile.TemporaryDirectory() as folder:
        lines, outputs = f"{folder}/lines", f"{folder}/outputs"
        with open(lines, "w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in workload.lines[:count])
        command = [options.bench, "--model", workload.folder, "--input", lines]
        command += ["--outputs", outputs, "--precision", precision]
        command += ["--beam-size", str(case.beam_size), "--repeats", "1"]
        if case.alone:
            command += ["--alone"]
        if table:
            command += ["--shortlist", table, *options.shortlist_options]
        report = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        with open(outputs, encoding="utf-8") as file:
            texts = file.read().splitlines()
    return json.loads(report.stdout)["tokens_per_second"], texts


def compare(workload, case, precision, table, options):
    """A row: both speeds, their ratio, both BLEUs where there are references."""
    speeds, texts = {None: [], table: []}, {}
    for _ in range(options.turns):
        for way in speeds:
            speed, texts[way] = run(workload, case, precision, way, options)
            speeds[way].append(speed)
    without, with_list = (statistics.median(s) for s in speeds.values())
    row = [workload.name, precision, str(case), f"{without:,.0f}"]
    row += [f"{with_list:,.0f}", f"{with_list / without:.2f}x"]
    if workload.references and not case.alone:
        row += [f"{bleu.scores(t, workload.references)[0]:.2f}"
                for t in texts.values()]
    return row


def parse():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    add = parser.add_argument
    add("--bench", required=True, help="translate_bench")
    add("--pairs", help="TSV that the bundled model's table is learned from")
    add("--models", nargs="+", default=["bundled", "opus"])
    add("--precisions", nargs="+", default=["f32", "int8"])
    add("--shortlist-options", nargs="*", default=[], help="of the benchmark")
    add("--turns", type=int, default=3)
    add("--cache", default="/tmp/peers", help="folder for models and tables")
    return parser.parse_args()


def main():
    options = parse()
    os.makedirs(options.cache, exist_ok=True)
    print("| model | precision | case | tokens/s | with the list | | BLEU "
          "| with the list |\n|" + "---|" * 8)
    for name in options.models:
        workload = workloads.MODELS[name](options.cache)
        table = table_of(workload, options)
        for precision in options.precisions:
            for case in workloads.CASES:
                row = compare(workload, case, precision, table, options)
                print("| " + " | ".join(row + [""] * (8 - len(row))) + " |",
                      flush=True)


if __name__ == "__main__":
    main()
