#!/usr/bin/env python3
"""`tessera serve` for as long as is asked, under all that clients do: memory and
descriptors after a tenth of the time and at the end.

    soak.py [--minutes 30] [--program TESSERA]

Eight clients: good requests, compared with `tessera translate`; bad ones; some
that leave at once or in the middle of a stream; HTML; all on connections that end
now and then. Models are loaded anew every twenty seconds. The exit code is 1 for
a wrong answer, more than 2 MiB of growth, or a descriptor more. Memory that grows is
the median of a tenth's moments: the largest is that of a reload, with both models
and, while requests of the old one end, what the threads of both need.
"""

import argparse
import json
import os
import pathlib
import random
import signal
import statistics
import subprocess
import sys
import threading
import time

import manners
import running

ROOT = pathlib.Path(__file__).parents[2]


class Soak:
    def __init__(self, program, server):
        self.server = server
        self.texts = running.sentences()[:200]
        lines = subprocess.run(
            [program, "translate"], input="\n".join(self.texts) + "\n",
            capture_output=True, text=True, check=True).stdout
        self.wanted = dict(zip(self.texts, lines.splitlines()))
        self.ends = threading.Event()
        self.counts = {"answers": 0, "refused": 0, "left": 0}
        self.wrong = []
        self.lock = threading.Lock()

    def count(self, what):
        with self.lock:
            self.counts[what] += 1

    def good(self, client, chance):
        text = chance.choice(self.texts)
        client.send(manners.post({"input": text}))
        status, body = client.answer()
        if status != 200 or json.loads(body)["data"][0]["text"] != (
                self.wanted[text]):
            self.wrong.append((status, text))
        self.count("answers")

    def bad(self, client, chance):
        body = chance.choice([b"{", b'{"input": 1}', b'{"input": "\xff"}',
                              b'{"input": "a", "beam_size": 0}', b""])
        if client.ask(manners.post(body)) != 400:
            self.wrong.append(body)
        self.count("refused")

    def html(self, client, chance):
        text = chance.choice(self.texts).split()
        text.insert(len(text) // 2, "<b>x</b>")
        status = client.ask(manners.post(
            {"q": " ".join(text), "source": "en", "target": "fr",
             "format": "html"}, path="/translate"))
        if status != 200:
            self.wrong.append((status, text))
        self.count("answers")

    def leaves(self, client, chance):
        client.send(manners.post({
            "input": " ".join(chance.sample(self.texts, 5)),
            "stream": chance.random() < 0.5}))
        if chance.random() < 0.5:
            client.socket.settimeout(0.01)
            try:
                client.socket.recv(100)
            except OSError:
                pass
        self.count("left")

    def run(self, seed):
        chance = random.Random(seed)
        while not self.ends.is_set():
            client = manners.Client(self.server.port)
            for _ in range(chance.randrange(1, 50)):
                act = chance.choices(
                    [self.good, self.bad, self.html, self.leaves],
                    [6, 2, 1, 1])[0]
                act(client, chance)
                if act == self.leaves or self.ends.is_set():
                    break
            client.close()

    def reload(self):
        while not self.ends.wait(20):
            self.server.process.send_signal(signal.SIGHUP)

    def seen(self):
        """Memory, and descriptors but those of connections."""
        folder = f"/proc/{self.server.process.pid}/fd"
        names = []
        for name in os.listdir(folder):
            try:
                names.append(os.readlink(f"{folder}/{name}"))
            except FileNotFoundError:
                pass
        return (self.server.memory(),
                sum(not name.startswith("socket:") for name in names))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--program",
                        default=str(ROOT / "build/release/tools/tessera"))
    parser.add_argument("--minutes", type=float, default=30)
    arguments = parser.parse_args()
    with running.serving(arguments.program) as server:
        soak = Soak(arguments.program, server)
        print(f"at the start: {server.memory():.1f} MiB", flush=True)
        threads = [threading.Thread(target=soak.run, args=(seed,))
                   for seed in range(8)]
        threads.append(threading.Thread(target=soak.reload))
        for thread in threads:
            thread.start()
        seen = []
        for part in range(10):
            end = time.monotonic() + 6 * arguments.minutes
            moments = []
            while time.monotonic() < end:
                moments.append(soak.seen())
                time.sleep(0.1)
            memory, descriptors = zip(*moments)
            seen.append((statistics.median(memory), max(descriptors)))
            print(f"{part + 1}/10: {seen[-1][0]:.1f} MiB, at most "
                  f"{max(memory):.1f}, {seen[-1][1]} descriptors, "
                  f"{soak.counts}, {len(soak.wrong)} wrong", flush=True)
        soak.ends.set()
        for thread in threads:
            thread.join()
        manners.settled(server)
        reloads = server.metric("tessera_reloads_total")
        code = server.end()
    grown = seen[-1][0] - seen[0][0]
    print(f"{grown:+.1f} MiB, {seen[0][1]} and {seen[-1][1]} descriptors, "
          f"{reloads:.0f} reloads, exit code {code}", soak.wrong[:3])
    sys.exit(bool(soak.wrong or grown > 2 or seen[-1][1] > seen[0][1] or code))


if __name__ == "__main__":
    main()
