#!/usr/bin/env python3
"""Load on `tessera serve`: how many requests a second, and how long each takes.

    load.py --program build/release/tools/tessera [--seconds 10] [--connections 64]

Finds the rate at saturation first, by connections that ask as soon as they are
answered; then offers shares of it, and multiples, as an open loop: requests come
by a Poisson process whatever becomes of those before them, and the time of each
counts from when it was due, so that waiting for a turn is not left out. One
sentence a request, the server on the first CPU, this program on the others.
Beside it `tessera translate` on the same sentences.
"""

import argparse
import asyncio
import collections
import json
import os
import pathlib
import random
import subprocess
import time

SENTENCES = pathlib.Path(__file__).parents[1] / "data/test.multi.tsv"
SHARES = [0.25, 0.5, 0.75, 0.9, 2, 10]


class Connection:
    """A kept connection; one request at a time."""

    def __init__(self, host, port):
        self.host, self.port, self.streams = host, port, None

    async def ask(self, text):
        if self.streams is None:
            self.streams = await asyncio.open_connection(self.host, self.port)
        reader, writer = self.streams
        body = json.dumps({"input": text}).encode()
        writer.write(b"POST /v1/translations HTTP/1.1\r\nHost: load\r\n"
                     b"Content-Type: application/json\r\nContent-Length: %d"
                     b"\r\n\r\n%b" % (len(body), body))
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n")
                      if line.lower().startswith(b"content-length:"))
        await reader.readexactly(length)
        return int(head[9:12])


class Load:
    def __init__(self, address, sentences):
        self.host, port = address.removeprefix("http://").rsplit(":", 1)
        self.port = int(port)
        self.sentences = sentences
        self.free = []

    async def saturate(self, connections, seconds):
        """Requests a second, of connections that never wait."""
        done, end = 0, time.perf_counter() + seconds

        async def run(seed):
            nonlocal done
            chance = random.Random(seed)
            connection = Connection(self.host, self.port)
            while time.perf_counter() < end:
                status = await connection.ask(chance.choice(self.sentences))
                done += status == 200

        begin = time.perf_counter()
        await asyncio.gather(*(run(i) for i in range(connections)))
        return done / (time.perf_counter() - begin)

    async def offer(self, rate, seconds):
        """Statuses, times of answers with 200, and how late requests left."""
        chance = random.Random(1)
        statuses, times, late, running = collections.Counter(), [], [], set()
        begin = time.perf_counter()
        warm = begin + seconds / 5

        async def one(due, text):
            late.append(time.perf_counter() - due)
            connection = (self.free.pop() if self.free
                          else Connection(self.host, self.port))
            try:
                status = await connection.ask(text)
                self.free.append(connection)
            except (OSError, asyncio.IncompleteReadError):
                status = "lost"
            if due >= warm:
                statuses[status] += 1
                if status == 200:
                    times.append(time.perf_counter() - due)

        due = begin
        while due < begin + seconds:
            wait = due - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            task = asyncio.create_task(one(due, chance.choice(self.sentences)))
            running.add(task)
            task.add_done_callback(running.discard)
            due += chance.expovariate(rate)
        while running:
            await asyncio.wait(set(running))
        return statuses, sorted(times), sorted(late), seconds * 4 / 5


def percentile(times, share):
    return 1000 * times[min(len(times) - 1, int(share * len(times)))]


async def measure(address, arguments, sentences):
    load = Load(address, sentences)
    await load.saturate(arguments.connections, arguments.seconds / 5)
    most = await load.saturate(arguments.connections, arguments.seconds)
    print(f"at saturation: {most:.0f} requests/s, "
          f"{arguments.connections} connections")
    print(f"{'offered':>8} {'answered/s':>10} {'p50 ms':>8} {'p90':>8} "
          f"{'p99':>8}  statuses; p99 of the generator's own lateness")
    for share in SHARES:
        statuses, times, late, seconds = await load.offer(
            share * most, arguments.seconds)
        found = ", ".join(f"{k}: {n}" for k, n in sorted(
            statuses.items(), key=str))
        print(f"{share:>7}x {len(times) / seconds:>10.0f} "
              f"{percentile(times, .5):>8.1f} {percentile(times, .9):>8.1f} "
              f"{percentile(times, .99):>8.1f}  {found}; "
              f"{percentile(late, .99):.1f} ms", flush=True)


def translate_rate(arguments, sentences):
    """Sentences a second of the program that reads lines."""
    lines = "\n".join(sentences * 4) + "\n"
    command = ["taskset", "-c", "0", arguments.program, "translate",
               "--threads", "1"]
    seconds = []
    for text in ["\n", lines]:  # to load, to load and translate
        begin = time.perf_counter()
        subprocess.run(command, input=text, text=True, check=True,
                       stdout=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - begin)
    return 4 * len(sentences) / (seconds[1] - seconds[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--program", required=True)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--connections", type=int, default=64)
    arguments = parser.parse_args()
    sentences = [line.split("\t")[0]
                 for line in SENTENCES.read_text().splitlines()]
    os.sched_setaffinity(0, set(range(1, os.cpu_count())) or {0})
    print(f"tessera translate: {translate_rate(arguments, sentences):.0f} "
          "sentences/s")
    server = subprocess.Popen(
        ["taskset", "-c", "0", arguments.program, "serve", "--threads", "1",
         "--quiet", "--listen", "127.0.0.1:0"],
        stdout=subprocess.PIPE, text=True)
    try:
        address = server.stdout.readline().split()[-1]
        asyncio.run(measure(address, arguments, sentences))
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
