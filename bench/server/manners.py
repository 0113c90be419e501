#!/usr/bin/env python3
"""What clients do to `tessera serve`, and what it makes of them: a table.

    manners.py [--program TESSERA] [--only oversized,framings,...]

Each row says what was done, what is wanted and what was found; the exit code is
1 if one of them is not as wanted. All limits are the program's own.
"""

import argparse
import contextlib
import json
import pathlib
import random
import signal
import socket
import statistics
import sys
import tempfile
import threading
import time

import running

ROOT = pathlib.Path(__file__).parents[2]
TEXT = "Where is the station?"


def post(body, headers="", path="/v1/translations"):
    if not isinstance(body, bytes):
        body = json.dumps(body).encode()
    return (f"POST {path} HTTP/1.1\r\nHost: a\r\n"
            f"Content-Type: application/json\r\n{headers}"
            f"Content-Length: {len(body)}\r\n\r\n").encode() + body


class Client:
    def __init__(self, port, receive_bytes=None):
        self.socket = socket.socket()
        if receive_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF,
                                   receive_bytes)
        self.socket.settimeout(300)
        self.socket.connect(("127.0.0.1", port))
        self.file = self.socket.makefile("rb")

    def send(self, data):
        with contextlib.suppress(ConnectionError):  # it may have refused
            self.socket.sendall(data)

    def status(self):
        """Of the next answer; 0: the connection ended without one."""
        return self.answer()[0]

    def answer(self):
        """Status and body of the next answer."""
        try:
            line = self.file.readline()
            length = 0
            while (header := self.file.readline().strip()):
                if header.lower().startswith(b"content-length:"):
                    length = int(header.split(b":")[1])
            body = self.file.read(length)
            return (int(line.split()[1]) if line else 0), body
        except ConnectionError:
            return 0, b""

    def ask(self, data):
        self.send(data)
        return self.status()

    def close(self):
        self.file.close()
        self.socket.close()


def ask(port, data):
    client = Client(port)
    status = client.ask(data)
    client.close()
    return status


def percentile(times, share):
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def latencies(port, count):
    """Milliseconds of one client's requests, one after the other."""
    client, times = Client(port), []
    for _ in range(count):
        begin = time.perf_counter()
        assert client.ask(post({"input": TEXT})) == 200
        times.append(1000 * (time.perf_counter() - begin))
    client.close()
    return times


def oversized(server):
    long = b"x" * (2 << 20)
    found = {
        "body of 2 MiB, nothing of it sent": ask(
            server.port, post(long)[:-len(long)]),
        "headers of 20 KiB": ask(
            server.port, post({}, "X: " + "y" * 20480 + "\r\n")),
        "100,000 header lines": ask(
            server.port, post({}, "X: y\r\n" * 100000)),
        "65 texts": ask(server.port, post({"input": ["a"] * 65})),
        "10,001 characters": ask(server.port, post({"input": "a" * 10001})),
        "17 beams": ask(server.port, post({"input": "a", "beam_size": 17})),
        "33 levels of JSON": ask(
            server.port, post(b'{"input":' + b"[" * 33 + b"]" * 33 + b"}")),
    }
    wanted = [413, 431, 431, 400, 400, 400, 400]
    return ", ".join(found), wanted, list(found.values())


def framings(server):
    forms = [b"Transfer-Encoding: chunked, gzip", b"Transfer-Encoding: gzip",
             b"Transfer-Encoding: chunked\r\nContent-Length: 4",
             b"Content-Length: 4\r\nContent-Length: 4", b"Content-Length: -4",
             b"Content-Length: 4\r\nContent-Length: 5", b"Content-Length: +4",
             b"Transfer-Encoding : chunked", b"Transfer-Encoding: xchunked",
             b"Content-Length: 99999999999999999999"]
    found = [ask(server.port, b"POST /v1/translations HTTP/1.1\r\nHost: a\r\n"
                 + form + b"\r\n\r\nabcd") for form in forms]
    return (f"{len(forms)} framings that two readers read differently",
            "each 400 or 413", "each 400 or 413"
            if set(found) <= {400, 413} else found)


def noise(server):
    chance, before = random.Random(1), server.memory()
    for _ in range(5000):
        client = Client(server.port)
        client.send(chance.randbytes(200))
        client.close()
    client = Client(server.port)
    client.send(b"POST /v1/translations HTTP/1.1\r\nHost: a\r\n"
                b"Transfer-Encoding: chunked\r\n\r\n"
                + b"1\r\n \r\n" * (3 << 20))
    refused = client.status()
    client.close()
    found = [ask(server.port, post({"input": TEXT})), refused]
    grown = server.memory() - before
    return ("5,000 connections of random bytes; 3 MB in chunks of a byte",
            "then 200; 413; at most +10 MiB",
            "then 200; 413; at most +10 MiB" if found == [200, 413]
            and grown <= 10 else found, f"{grown:+.1f} MiB")


def slow(server):
    """Heads and bodies of a byte a second, an answer that nobody reads."""
    def trickle(first, ends, name):
        client, begin = Client(server.port), time.monotonic()
        client.send(first)
        client.socket.settimeout(1)
        while True:
            try:
                if not client.socket.recv(1):
                    break
            except TimeoutError:
                client.send(b" ")
            except ConnectionError:
                break
        ends[name] = time.monotonic() - begin

    def unread(ends):
        # Answers of 300 KB, until nobody takes them.
        client, begin = Client(server.port, 4096), time.monotonic()
        request = post({"input": " ".join([TEXT] * 12)},
                       path="/v1/attention")
        with contextlib.suppress(OSError):
            client.socket.settimeout(50)
            while True:
                client.socket.sendall(request * 20)
        ends["reader"] = time.monotonic() - begin

    ends = {}
    head = post({"input": TEXT * 10})
    threads = [
        threading.Thread(target=trickle, args=(head[:20], ends, "head")),
        threading.Thread(target=trickle, args=(head[:-100], ends, "body")),
        threading.Thread(target=unread, args=(ends,))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    fits = (9.5 < ends["head"] < 11.5 and 29.5 < ends["body"] < 31.5
            and 29.5 < ends["reader"] < 34)
    wanted = "closed after 10, 30 and 30 s"
    return ("a head and a body of a byte a second, answers that nobody reads",
            wanted, wanted if fits else ends,
            ", ".join(f"{ends[name]:.1f}" for name in
                      ("head", "body", "reader")) + " s")


def idle(server):
    latencies(server.port, 100)
    alone = latencies(server.port, 400)
    before = server.memory()
    clients = [Client(server.port) for _ in range(1000)]
    beside = latencies(server.port, 400)
    grown = server.memory() - before
    for client in clients:
        client.close()
    wanted = "at most +16 MiB"
    return ("1,000 idle connections beside one at work", wanted,
            wanted if grown <= 16 else grown,
            f"{grown:+.1f} MiB; median {statistics.median(alone):.2f} -> "
            f"{statistics.median(beside):.2f} ms, p90 "
            f"{percentile(alone, .9):.2f} -> {percentile(beside, .9):.2f}")


def settled(server, name="tessera_in_flight", wanted=0):
    """Seconds until a gauge is so."""
    begin = time.monotonic()
    while server.metric(name) != wanted:
        if time.monotonic() > begin + 30:
            raise AssertionError(f"{name} stays {server.metric(name)}")
    return time.monotonic() - begin


def gone(server):
    long = post({"input": " ".join([TEXT] * 100), "beam_size": 16})
    times = []
    for _ in range(20):
        client = Client(server.port)
        client.send(long)
        settled(server, wanted=1)
        client.close()
        times.append(1000 * settled(server, "tessera_running_texts"))
    request = post({"input": TEXT})
    for _ in range(10000):
        client = Client(server.port)
        client.send(request)
        client.close()
    settled(server)
    settled(server, "tessera_running_texts")
    wanted = "slots free within 100 ms; gauges 0"
    return ("20 that leave a long search, 10,000 that leave at once", wanted,
            wanted if max(times) <= 100 else times,
            f"median {statistics.median(times):.1f}, "
            f"longest {max(times):.1f} ms")


def deadline(server):
    client, times = Client(server.port), []
    request = post({"input": [" ".join([TEXT] * 100)] * 8, "beam_size": 16,
                    "time_limit": 0.05})
    statuses = set()
    for _ in range(20):
        begin = time.perf_counter()
        statuses.add(client.ask(request))
        times.append(1000 * (time.perf_counter() - begin) - 50)
    client.close()
    wanted = "504 within 100 ms of it"
    return ("a time limit of 50 ms for seconds of work", wanted,
            wanted if statuses == {504} and max(times) <= 100
            else [statuses, max(times)], f"longest {max(times):.1f} ms after")


def poison(server):
    client = Client(server.port)
    before = server.memory()
    bad = [post(b'{"input":'), post({"input": ["a", 1]}),
           post({"input": "a", "unknown": 1}), post(b'{"input":"\xff"}')]
    found = set()
    for i in range(10000):
        if i % 500 == 0:
            client.close()
            client = Client(server.port)
        found.add(client.ask(bad[i % 4]))
    client.close()
    wanted = "400 each, then 200"
    fine = ask(server.port, post({"input": TEXT}))
    return ("10,000 bad requests", wanted,
            wanted if found == {400} and fine == 200 else [found, fine],
            f"{server.memory() - before:+.1f} MiB")


def descriptors(program):
    with running.serving(program, descriptors=32) as server:
        statuses = []

        def one():
            client = Client(server.port)
            statuses.append(client.ask(post({"input": TEXT})))
            client.close()

        threads = [threading.Thread(target=one) for _ in range(200)]
        begin = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.monotonic() - begin
        after = ask(server.port, post({"input": TEXT}))
    wanted = "200 for each, and after"
    return ("200 clients at once, 32 descriptors", wanted,
            wanted if statuses == [200] * 200 and after == 200
            else [statuses.count(200), after], f"{took:.1f} s")


def asking(server, statuses, ends):
    """A client that asks until it is told that the connection ends."""
    while not ends.is_set():
        try:
            client = Client(server.port)
        except ConnectionError:
            return  # nobody listens
        while not ends.is_set():
            client.send(post({"input": TEXT}))
            status = client.status()
            if status == 0:
                statuses.append("lost")
            else:
                statuses.append(status)
            if status != 200 or server.drains:
                break
        client.close()
        if server.drains:
            return


def drain(program):
    with running.serving(program) as server:
        server.drains = False
        statuses, ends = [], threading.Event()
        threads = [threading.Thread(target=asking,
                                    args=(server, statuses, ends))
                   for _ in range(32)]
        for thread in threads:
            thread.start()
        time.sleep(2)
        server.drains = True  # each awaits the answer that it has asked for
        begin = time.monotonic()
        code = server.end(signal.SIGTERM)
        took = time.monotonic() - begin
        ends.set()
        for thread in threads:
            thread.join()
    wanted = "exit code 0, none lost"
    return ("SIGTERM under load", wanted,
            wanted if code == 0 and set(statuses) <= {200}
            else [code, {s: statuses.count(s) for s in set(statuses)}],
            f"{len(statuses)} answers, {took:.2f} s")


def killed(program):
    with tempfile.TemporaryDirectory() as folder:
        unix = ["--listen", f"unix:{folder}/socket"]
        with running.serving(program, *unix) as server:
            server.drains = False
            ends = threading.Event()
            thread = threading.Thread(target=asking, args=(server, [], ends))
            thread.start()
            time.sleep(1)
            server.end(signal.SIGKILL)
            ends.set()
            thread.join()
        begin = time.monotonic()
        with running.serving(program, *unix) as server:
            status = ask(server.port, post({"input": TEXT}))
            took = time.monotonic() - begin
    wanted = "answers within 2 s, at the same path"
    return ("SIGKILL under load, then again", wanted,
            wanted if status == 200 and took <= 2 else [status, took],
            f"{1000 * took:.0f} ms")


SHARED = [oversized, framings, noise, idle, gone, deadline, poison, slow]
OWN = [descriptors, drain, killed]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--program",
                        default=str(ROOT / "build/release/tools/tessera"))
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    chosen = arguments.only.split(",") if arguments.only else None
    failed = False

    def run(case, argument):
        nonlocal failed
        if chosen and case.__name__ not in chosen:
            return
        what, wanted, found, *figure = case(argument)
        failed |= wanted != found
        row = [case.__name__, what, str(wanted),
               ("as wanted" if wanted == found else f"NOT: {found}")
               + "".join(f": {part}" for part in figure)]
        print("| " + " | ".join(row) + " |", flush=True)

    print("| | what clients do | wanted | found |\n|---|---|---|---|")
    with running.serving(arguments.program) as server:
        for case in SHARED:
            run(case, server)
    for case in OWN:
        run(case, arguments.program)
    sys.exit(failed)


if __name__ == "__main__":
    main()
