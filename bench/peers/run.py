#!/usr/bin/env python3
"""Whole models by Tessera and by its peers: same folders, same lines, in turn.

  run.py --bench build/release/bench/engine/translate_bench
  run.py --bench ... --models opus --peers ctranslate2 --threads 1 --quick
  run.py --bench ... --peers transformers-f32 --precisions f32 --cases one-4

Models:
  opus     OPUS-MT's size (512 / 2,048 / 8 heads / 6 + 6 layers / 58,101 tokens)
  tiny     a student (256 / 1,536 / 8 / 6 + 2 / 32,000)
           both with random weights that never end an output: every line has 24
           tokens, and so has every output
  bundled  tatoeba-en-fr, the lines of the public test, outputs of natural length
  flan-t5-base, nllb-600m  those, with random weights, if --models asks: 24 tokens
           a line and an output

Each is translated in batches of 32 and one sentence at a time, beams 4 and 1.
Every figure is the median of --turns runs, each in a process of its own, the
programs in turn: A B C, A B C. Tokens are those of the best outputs, ends
included, as each program made them. Time is without loading; Tessera's has its
tokenising in it, the others get tokens. Before the clock starts, one batch is
translated. Memory is VmHWM; in brackets, of peers in Python, what the process
held before the model was opened.

Ratio: Tessera's tokens/s over the peer's, at the peer's precision if Tessera
ran at it, else at auto.
"""

import argparse
import collections
import os
import re
import shlex
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version

from bleu import scores
from peer_data import markdown, median
from programs import ISA_CAPS, PROGRAMS, Gap, Runner
from workloads import CASES, DEFAULT_MODELS, MODELS

Setting = collections.namedtuple("Setting", "workload threads case")


class Results:
    """Runs by setting and program, and why there are none."""

    def __init__(self):
        self.runs = collections.defaultdict(list)
        self.gaps = {}  # (where, program) -> why

    def add(self, setting, program, run):
        self.runs[setting, program].append(run)

    def add_gap(self, where, program, why):
        self.gaps.setdefault((where, program), why)

    def median(self, setting, program, key):
        return median(run[key] for run in self.runs[setting, program])

    def rate(self, setting, program):
        """Tokens a second, or None."""
        runs = self.runs.get((setting, program))
        if not runs:
            return None
        return median(run["tokens"] / run["seconds"] for run in runs)

    def tessera_rate(self, setting, precision):
        for program in PROGRAMS:
            if program.is_tessera and program.precision == precision:
                return self.rate(setting, program)
        return None

    def fastest_peer(self, setting, precisions):
        """(tokens a second, program), or None."""
        found = [
            (self.rate(setting, program), program)
            for program in PROGRAMS
            if not program.is_tessera and program.precision in precisions
        ]
        found = [pair for pair in found if pair[0]]
        return max(found, key=lambda pair: pair[0], default=None)


def measure(setting, programs, runner, args, results):
    """All turns of a setting. A program that fails is left out of the rest."""
    workload, threads, case = setting
    count = min(workload.count(case, args.quick), len(workload.lines))
    left = list(programs)
    for turn in range(args.turns):
        for program in list(left):
            print(f"{label(setting)}, {turn}: {program}", file=sys.stderr)
            try:
                run = runner.run(program, workload, case, threads, count)
                results.add(setting, program, {**run, "lines": count})
            except Gap as gap:
                left.remove(program)
                results.add_gap(label(setting), program, str(gap))


def prepared(programs, workload, runner, results):
    """Those of the programs that can run the model."""
    able = []
    for program in programs:
        try:
            runner.prepare(program, workload)
            able.append(program)
        except Gap as gap:
            results.add_gap(workload.name, program, str(gap))
    return able


def label(setting):
    many = "s" if setting.threads > 1 else ""
    threads = f"{setting.threads} thread{many}"
    return f"{setting.workload.name}, {threads}, {setting.case}"


def ratio(ours, theirs):
    return f"{ours / theirs:.2f}x" if ours and theirs else ""


def megabytes(size):
    return f"{size / 1e6:.0f}"


def memory(run):
    peak = megabytes(run["peak_bytes"])
    before = run.get("before_bytes")
    return f"{peak} ({megabytes(before)})" if before else peak


def bleu(setting, run):
    if not setting.workload.references or setting.case.alone:
        return ""
    return f"{scores(run['texts'], setting.workload.references)[0]:.2f}"


def row(setting, program, results):
    runs = results.runs[setting, program]
    rate = results.rate(setting, program)
    seconds = results.median(setting, program, "seconds")
    ours = results.tessera_rate(
        setting, program.precision
    ) or results.tessera_rate(setting, "auto")
    return [
        str(program),
        f"{rate:,.0f}",
        f"{1e3 * seconds / runs[0]['lines']:.1f}",
        memory(max(runs, key=lambda run: run["peak_bytes"])),
        f"{results.median(setting, program, 'load_seconds'):.2f}",
        "" if program.is_tessera else ratio(ours, rate),
        f"{runs[0]['tokens'] / runs[0]['lines']:.1f}",
        bleu(setting, runs[0]),
    ]


HEADER = ["program", "tokens/s", "ms a sentence", "peak MB (before)"]
HEADER += ["load s", "ratio", "tokens a line", "BLEU"]


def table(settings, results):
    """A row a program, under the name of its setting."""
    rows = []
    for setting in settings:
        rows.append([f"**{label(setting)}**"] + [""] * (len(HEADER) - 1))
        for program in PROGRAMS:
            if results.runs.get((setting, program)):
                rows.append(row(setting, program, results))
    return markdown(HEADER, rows)


def against_fastest(setting, results, precision, precisions):
    """Tessera's rate, the fastest peer's, which it is, and the ratio."""
    ours = results.tessera_rate(setting, precision)
    theirs = results.fastest_peer(setting, precisions)
    return [
        f"{ours:,.0f}" if ours else "",
        f"{theirs[0]:,.0f} ({theirs[1]})" if theirs else "",
        ratio(ours, theirs and theirs[0]),
    ]


def summary(settings, results):
    rows = [
        [label(setting)]
        + against_fastest(setting, results, "f32", {"f32"})
        + against_fastest(setting, results, "auto", {"f32", "bf16", "int8"})
        for setting in settings
    ]
    header = ["tokens/s", "Tessera f32", "fastest peer in f32", "ratio"]
    header += ["Tessera auto", "fastest peer", "ratio"]
    return markdown(header, rows)


def gap_list(results):
    """Each gap once, with the number of settings of each model."""
    places = collections.defaultdict(collections.Counter)
    for (where, program), why in results.gaps.items():
        places[str(program), why][where.split(",")[0]] += 1
    return "".join(
        f"- absent: {program} ("
        + ", ".join(f"{name}, {n}x" for name, n in counts.items())
        + f"): {why}\n"
        for (program, why), counts in places.items()
    )


def cpu_name():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        entries = re.findall(r"^([^\t:]+)\s*: (.*)$", file.read(), re.MULTILINE)
    info = dict(entries)
    return (
        f"{info.get('model name', 'unknown CPU')} "
        f"(family {info.get('cpu family')}, model {info.get('model')}), "
        f"{os.cpu_count()} CPUs"
    )


def versions(programs):
    found = {}
    for package in sorted({p for q in programs for p in q.packages}):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return ", ".join(f"{name} {number}" for name, number in found.items())


def is_chosen(program, args):
    if program.is_tessera:
        return program.precision in args.precisions
    return not {"all", *program.options}.isdisjoint(args.peers)


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--bench", metavar="BINARY", help="Tessera's translate_bench")
    add("--models", nargs="+", choices=MODELS, default=DEFAULT_MODELS)
    programs = [p for p in PROGRAMS if not p.is_tessera]
    peers = dict.fromkeys(option for p in programs for option in p.options)
    add("--peers", nargs="*", choices=["all", *peers], default=["all"])
    add(
        "--precisions",
        nargs="+",
        default=["auto", "f32", "bf16", "int8"],
        help="of Tessera; one that it refuses is named under the table",
    )
    cases = [case.option for case in CASES]
    add("--cases", nargs="+", choices=cases, default=cases)
    add("--threads", type=int, nargs="+", default=[1, 2])
    add("--turns", type=int, default=3)
    add("--isa", choices=ISA_CAPS, help="caps Tessera's and the peers' level")
    add("--cache", metavar="DIR", help="keeps converted models")
    add(
        "--quick",
        action="store_true",
        help="one turn, a quarter of the lines: whether all of it runs",
    )
    args = parser.parse_args()
    if not args.bench:
        parser.error("--bench: want Tessera's translate_bench, found none")
    if args.quick:
        args.turns = 1
    return args


def report(settings, results, programs, notes, args):
    print(summary(settings, results))
    print()
    print(table(settings, results))
    print()
    print(gap_list(results), end="")
    print(f"- CPU: {cpu_name()}")
    print(f"- level: {args.isa or 'what each program chooses'}; {notes}")
    print(f"- {versions(programs)}")
    print(f"- turns: {args.turns}; {shlex.join(['run.py', *sys.argv[1:]])}")


def main():
    args = parse_arguments()
    programs = [program for program in PROGRAMS if is_chosen(program, args)]
    results = Results()
    settings = []
    with tempfile.TemporaryDirectory() as temporary:
        cache = os.path.abspath(args.cache or temporary)
        os.makedirs(cache, exist_ok=True)
        runner = Runner(os.path.abspath(args.bench), cache, args.isa)
        for name in args.models:
            workload = MODELS[name](cache)
            able = prepared(programs, workload, runner, results)
            for threads in args.threads:
                for case in CASES:
                    if case.option not in args.cases:
                        continue
                    settings.append(Setting(workload, threads, case))
                    measure(settings[-1], able, runner, args, results)
        notes = runner.about(able, workload)
    report(settings, results, programs, notes, args)


if __name__ == "__main__":
    main()
