#!/usr/bin/env python3
"""Load on `tessera serve`: how many requests a second, and how long each takes.

    load.py [--parts saturation,latency,peer] [--ctranslate2 FOLDER]

One sentence a request. The server, its I/O and its model, has the first CPU, the
generator (offer.cpp) the second. Parts:

  saturation  connections that ask as soon as they are answered, in turn with
              `tessera translate` on the same sentences and the same CPU
  latency     an open loop: requests come by a Poisson process whatever becomes
              of those before, and the time of each counts from when it was due;
              shares of the rate at saturation, and multiples
  peer        the same of a FastAPI server (fastapi_server.py) around
              CTranslate2, with FOLDER's model
"""

import argparse
import contextlib
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

import running

ROOT = pathlib.Path(__file__).parents[2]
BUILD = ROOT / "build/release"
SERVER_CPU, GENERATOR_CPU = "0", "1"
SHARES = [0.25, 0.5, 0.75, 0.9, 2, 10]
PEER_SHARES = [0.5, 0.75, 0.9]


class Bench:
    def __init__(self, arguments, folder):
        self.arguments = arguments
        self.sentences = running.sentences()
        self.texts = f"{folder}/texts"
        pathlib.Path(self.texts).write_text("\n".join(self.sentences) + "\n",
                                            encoding="utf-8")

    def serving(self):
        return running.serving(self.arguments.program, "--threads", "1",
                               cpus=SERVER_CPU)

    @contextlib.contextmanager
    def peer(self):
        """The port of FastAPI's server."""
        port = 7780
        process = subprocess.Popen(
            ["taskset", "-c", SERVER_CPU, self.arguments.python,
             str(pathlib.Path(__file__).with_name("fastapi_server.py")),
             "--model", self.arguments.ctranslate2, "--port", str(port)],
            env={**os.environ, "OMP_NUM_THREADS": "1"})
        try:
            while True:
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/health")
                    break
                time.sleep(0.1)
            yield port
        finally:
            process.terminate()
            process.wait()

    def offer(self, port, rate):
        return running.offer(
            self.arguments.offer, port, self.texts, "--rate", f"{rate:.1f}",
            "--seconds", str(self.arguments.seconds),
            "--connections", str(self.arguments.connections),
            cpus=GENERATOR_CPU)

    def goodput(self, report):
        return (report["answers"].get("200", {"count": 0})["count"]
                / report["seconds"])

    def translate(self):
        """Sentences a second of the program that reads lines."""
        command = ["taskset", "-c", SERVER_CPU, self.arguments.program,
                   "translate", "--threads", "1"]
        seconds = []
        for text in ["\n", "\n".join(self.sentences * 4) + "\n"]:
            begin = time.perf_counter()
            subprocess.run(command, input=text, text=True, check=True,
                           stdout=subprocess.DEVNULL)
            seconds.append(time.perf_counter() - begin)
        return 4 * len(self.sentences) / (seconds[1] - seconds[0])

    def saturation(self):
        """The machine's speed wanders: pairs, and the median of their ratios."""
        rates = []
        with self.serving() as server:
            self.offer(server.port, 0)
            for _ in range(self.arguments.rounds):
                rates.append((self.translate(),
                              self.goodput(self.offer(server.port, 0))))
        middle = [statistics.median(side) for side in zip(*rates)]
        share = statistics.median(ours / lines for lines, ours in rates)
        print(f"translate: {middle[0]:.0f} sentences/s; at saturation: "
              f"{middle[1]:.0f} requests/s; {100 * share:.1f} % "
              f"(medians of {len(rates)})", flush=True)

    def rows(self, port, most, shares):
        for share in shares:
            report = self.offer(port, share * most)
            answers = report["answers"]
            times = answers.get("200", {})
            row = [f"{share:g}x", f"{share * most:.0f}",
                   f"{self.goodput(report):.0f}"]
            row += [f"{times.get(name, 0):.1f}"
                    for name in ("p50", "p90", "p99")]
            row += [", ".join(
                f"{status}: {found['count']} ({found['p99']:.1f} ms)"
                for status, found in answers.items() if status != "200") or "-",
                f"{report['late_ms'].get('p99', 0):.2f}"]
            print("| " + " | ".join(row) + " |", flush=True)

    def head(self):
        print("| of saturation | offered/s | answered/s | p50 ms | p90 | p99 | "
              "others (their p99) | generator late by, p99 ms |")
        print("|---|---|---|---|---|---|---|---|", flush=True)

    def latency(self):
        with self.serving() as server:
            self.offer(server.port, 0)
            most = self.goodput(self.offer(server.port, 0))
            print(f"at saturation: {most:.0f} requests/s")
            self.head()
            self.rows(server.port, most, SHARES)

    def against_peer(self):
        with self.peer() as port:
            self.offer(port, 0)
            most = self.goodput(self.offer(port, 0))
            print(f"FastAPI and CTranslate2 at saturation: {most:.0f} "
                  "requests/s; shares of it")
            self.head()
            self.rows(port, most, PEER_SHARES)
        with self.serving() as server:
            self.offer(server.port, 0)
            print(f"tessera serve at saturation: "
                  f"{self.goodput(self.offer(server.port, 0)):.0f} requests/s; "
                  "the same loads")
            self.head()
            self.rows(server.port, most, PEER_SHARES)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--program", default=str(BUILD / "tools/tessera"))
    parser.add_argument("--offer", default=str(BUILD / "bench/server/offer"))
    parser.add_argument("--parts", default="saturation,latency")
    parser.add_argument("--ctranslate2", metavar="FOLDER",
                        help="of ct2-transformers-converter")
    parser.add_argument("--python", default=sys.executable,
                        help="that has FastAPI, uvicorn and CTranslate2")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(arguments, folder)
        parts = {"saturation": bench.saturation, "latency": bench.latency,
                 "peer": bench.against_peer}
        for part in arguments.parts.split(","):
            parts[part]()


if __name__ == "__main__":
    main()
