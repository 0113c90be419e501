#!/usr/bin/env python3
"""Time from the start of a process to its first translation, and its memory.

Each folder is tried several times, in turn, one thread, its files in the page
cache: a line is sent, its answer awaited, then the same line again, which tells
what a warm translation takes. A second process beside one that runs tells what
it adds. Prints a table in Markdown; times are medians.

  bench/engine/start.py --tessera build/release/tools/tessera \\
      models/bundled/tatoeba-en-fr packed
"""

import argparse
import os
import re
import statistics
import subprocess
import time

LINE = b"Where is the station?\n"
MIB = 1024.0  # of the kilobytes that the kernel tells


class Process:
    """A `tessera translate` that has answered once."""

    def __init__(self, tessera, folder, options):
        command = [tessera, "translate", "--threads", "1", "--model", folder]
        begin = time.perf_counter()
        self.child = subprocess.Popen(
            command + options, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.ask()
        self.start_ms = 1e3 * (time.perf_counter() - begin)

    def ask(self):
        self.child.stdin.write(LINE)
        self.child.stdin.flush()
        if not self.child.stdout.readline():
            raise SystemExit("no answer; see above")

    def warm_ms(self):
        begin = time.perf_counter()
        self.ask()
        return 1e3 * (time.perf_counter() - begin)

    def mib(self, file, *keys):
        with open(f"/proc/{self.child.pid}/{file}", encoding="ascii") as lines:
            text = lines.read()
        return sum(
            int(re.search(rf"^{key}:\s+(\d+)", text, re.M)[1]) for key in keys
        ) / MIB

    def close(self):
        self.child.stdin.close()
        self.child.wait()


def weights_mib(tessera, folder, options):
    """Of the weights in memory, as the program itself counts."""
    command = [tessera, "inspect", "--model", folder]
    text = subprocess.run(
        command + options, capture_output=True, check=True
    ).stdout.decode()
    return float(re.search(r"weights in memory\s+([\d.]+) MiB", text)[1])


def measure(tessera, folder, options):
    first = Process(tessera, folder, options)
    warm = first.warm_ms()
    loaded = first.mib("status", "VmHWM")
    second = Process(tessera, folder, options)
    added = second.mib("smaps_rollup", "Private_Clean", "Private_Dirty")
    second.close()
    first.close()
    return first.start_ms, warm, loaded, added


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tessera", required=True)
    parser.add_argument("--precision", choices=("f32", "bf16", "int8"))
    parser.add_argument("--beam-size", default="1")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("folders", nargs="+", metavar="MODEL")
    args = parser.parse_args()
    options = ["--beam-size", args.beam_size]
    asked = ["--precision", args.precision] if args.precision else []
    runs = {folder: [] for folder in args.folders}
    for _ in range(args.runs):
        for folder in args.folders:
            runs[folder].append(measure(args.tessera, folder, options + asked))
    print(
        "| folder | first answer, ms | warm one, ms | weights, MiB "
        "| peak, MiB | a second process adds, MiB |"
    )
    print("|---|---|---|---|---|---|")
    for folder, results in runs.items():
        start, warm, peak, added = map(statistics.median, zip(*results))
        name = os.path.basename(os.path.normpath(folder))
        weights = weights_mib(args.tessera, folder, asked)
        print(
            f"| {name} | {start:.1f} | {warm:.1f} | {weights:.1f} "
            f"| {peak:.1f} | {added:.1f} |"
        )


if __name__ == "__main__":
    main()
