#!/usr/bin/env python3
"""Texts a second through the Python package beside the program, in turn:

    PYTHONPATH=build/release/tools/python bench/engine/python_throughput.py \\
      --bin build/release/tools/tessera [--lines 20000] [--rounds 3] [--ray]
      [--only stream,ray]

Each side translates the same lines, all different, from its start to its end: the
program from a file to a file, `translate` and `stream` of the package the same,
`tessera batch` JSON lines to JSON lines. Ray's job, one actor of two threads, is
timed from its first line on, with the start of its processes, without that of Ray
itself (`ray.init`).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "models/bundled/tatoeba-en-fr"

STREAM = """
import sys, tessera
with tessera.Translator(sys.argv[1], threads=2) as t, open(sys.argv[2]) as lines:
    with open(sys.argv[3], "w") as out:
        for found in t.stream(line.rstrip("\\n") for line in lines):
            out.write(found.text + "\\n")
"""
TRANSLATE = """
import sys, tessera
with tessera.Translator(sys.argv[1], threads=2) as t, open(sys.argv[2]) as lines:
    with open(sys.argv[3], "w") as out:
        for found in t.translate([line.rstrip("\\n") for line in lines]):
            out.write(found.text + "\\n")
"""
RAY = """
import sys, time, ray, tessera.ray
ray.init(num_cpus=2, object_store_memory=200_000_000, include_dashboard=False,
         log_to_driver=False)
started = time.monotonic()
ray.data.read_json(sys.argv[2], lines=True).map_batches(
    tessera.ray.Translate, fn_constructor_kwargs=dict(model=sys.argv[1], threads=2),
    compute=ray.data.ActorPoolStrategy(size=1), batch_size=1024,
    batch_format="pyarrow", num_cpus=1).write_json(sys.argv[3])
print("seconds", time.monotonic() - started)
"""


def write_lines(folder, count):
    with open(ROOT / "bench/data/dev.multi.tsv", encoding="utf-8") as file:
        sentences = [line.split("\t")[0] for line in file]
    lines = [
        f"{sentences[n % len(sentences)]} {n // len(sentences)}" for n in range(count)
    ]
    (folder / "in.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    records = "".join(json.dumps({"text": line}) + "\n" for line in lines)
    (folder / "in.jsonl").write_text(records, encoding="utf-8")


def sides(options, folder):
    program = [options.bin, "translate", "--model", MODEL, "--threads", "2"]
    python = [sys.executable, "-c"]
    text, records = folder / "in.txt", folder / "in.jsonl"
    made = {
        "program": [*program, "--input", text, "--output", folder / "out.txt"],
        "translate": [*python, TRANSLATE, MODEL, text, folder / "translate.txt"],
        "stream": [*python, STREAM, MODEL, text, folder / "stream.txt"],
        "batch": [sys.executable, "-m", "tessera", "batch", "--quiet", records]
        + ["--model", MODEL, "--threads", "2", "--output"],
    }
    if options.ray:
        made["ray"] = [*python, RAY, MODEL, records]
    wanted = ["program", *options.only] if options.only else made
    return {name: command for name, command in made.items() if name in wanted}


def seconds_of(name, command, folder, round_):
    if name in ("batch", "ray"):
        command = [*command, folder / f"{name}{round_}"]
    started = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ)
    seconds = time.monotonic() - started
    if done.returncode != 0:
        raise SystemExit(f"{name}: {done.stderr[-2000:]}")
    return float(done.stdout.split()[-1]) if name == "ray" else seconds


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--lines", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ray", action="store_true")
    parser.add_argument("--only", type=lambda names: names.split(","), default=[])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_lines(folder, options.lines)
        seconds = {name: [] for name in sides(options, folder)}
        for round_ in range(options.rounds):
            for name, command in sides(options, folder).items():
                seconds[name].append(seconds_of(name, command, folder, round_))
                print(f"{name}: {seconds[name][-1]:.2f} s", file=sys.stderr)
        wanted = (folder / "out.txt").read_text()
        for name in {"translate", "stream"} & seconds.keys():
            if (folder / f"{name}.txt").read_text() != wanted:
                raise SystemExit(f"{name}: want the program's lines, found others")
    base = statistics.median(seconds["program"])
    for name, of in seconds.items():
        median = statistics.median(of)
        rate = f"{options.lines / median:8.0f} texts/s {base / median:7.1%}"
        print(f"{name:10} {rate} {median:8.2f} s")


if __name__ == "__main__":
    main()
