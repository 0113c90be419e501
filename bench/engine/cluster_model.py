#!/usr/bin/env python3
"""A SIMULATION of how a job grows with workers, from costs measured on one:

    PYTHONPATH=build/release/tools/python bench/engine/cluster_model.py [--rows N]

Measured here: the seconds in which a worker of one thread loads the model and
translates a row, and those in which one driver packs, unpacks and hands out a row
(Arrow's IPC, both ways). Not measured, so not in it: networks, disks, other users'
load. N workers then take

    load + max(rows * row / N, rows * driver) + tail

and the tail is the last batch, for which the others wait: batch * row. It stops
being linear where the driver is full (N = row / driver), and before that where a
worker's share is no longer much longer than load and tail.
"""

import argparse
import time
from pathlib import Path

import pyarrow as pa
import tessera

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "models/bundled/tatoeba-en-fr"
BATCH = 256


def measured():
    with open(ROOT / "bench/data/test.multi.tsv", encoding="utf-8") as file:
        texts = [line.split("\t")[0] for line in file]
    begin = time.perf_counter()
    with tessera.Translator(MODEL, threads=1) as translator:
        load = time.perf_counter() - begin
        translator.translate(texts[:BATCH])
        begin = time.perf_counter()
        found = translator.translate(texts)
        row = (time.perf_counter() - begin) / len(texts)
    table = pa.table({"text": texts, "translation": [one.text for one in found]})
    begin = time.perf_counter()
    for _ in range(20):
        for batch in table.to_batches(BATCH):
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, batch.schema) as writer:
                writer.write_batch(batch)
            pa.ipc.open_stream(sink.getvalue()).read_all().to_pydict()
    driver = 2 * (time.perf_counter() - begin) / (20 * len(texts))
    return load, row, driver


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000_000)
    rows = parser.parse_args().rows
    load, row, driver = measured()
    print(f"measured: load {load:.3f} s, row {row * 1e6:.0f} us, ", end="")
    print(f"driver {driver * 1e6:.2f} us a row; full with {row / driver:.0f} workers")
    print(f"simulated, {rows} rows:\n{'workers':>8}{'seconds':>12}{'of linear':>11}")
    alone = load + rows * row
    for workers in (1, 4, 16, 64, 256, 1024):
        seconds = load + max(rows * row / workers, rows * driver)
        seconds += BATCH * row if workers > 1 else 0
        print(f"{workers:8}{seconds:12.1f}{alone / seconds / workers:11.1%}")


if __name__ == "__main__":
    main()
