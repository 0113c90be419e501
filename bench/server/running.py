"""A server of the program, for a while, and what it tells of itself."""

import contextlib
import json
import pathlib
import re
import resource
import signal
import subprocess
import urllib.request

SENTENCES = pathlib.Path(__file__).parents[1] / "data/test.multi.tsv"


def sentences():
    return [line.split("\t")[0]
            for line in SENTENCES.read_text(encoding="utf-8").splitlines()]


class Server:
    def __init__(self, program, *options, cpus=None, descriptors=None):
        def limit():
            if descriptors:
                resource.setrlimit(resource.RLIMIT_NOFILE,
                                   (descriptors, descriptors))

        pin = ["taskset", "-c", cpus] if cpus else []
        self.process = subprocess.Popen(
            [*pin, program, "serve", "--quiet", "--listen", "127.0.0.1:0",
             "--metrics", "127.0.0.1:0", *options],
            stdout=subprocess.PIPE, text=True, preexec_fn=limit)
        self.port = int(self.process.stdout.readline().rsplit(":", 1)[1])
        line = self.process.stdout.readline()
        while "metrics at" not in line:
            line = self.process.stdout.readline()
        self.metrics = line.split()[-1]

    def metric(self, name):
        """The sum of a metric over its labels."""
        with urllib.request.urlopen(self.metrics, timeout=30) as page:
            text = page.read().decode()
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
                   if re.match(rf"{name}(\{{|\s)", line))

    def memory(self):
        """MiB."""
        with open(f"/proc/{self.process.pid}/statm") as file:
            return int(file.read().split()[1]) * resource.getpagesize() / 2**20

    def end(self, how=signal.SIGTERM):
        """Its exit code."""
        self.process.send_signal(how)
        return self.process.wait()


@contextlib.contextmanager
def serving(program, *options, **how):
    server = Server(program, *options, **how)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.end(signal.SIGKILL)


def offer(generator, port, texts, *options, cpus=None):
    """What the generator reports."""
    pin = ["taskset", "-c", cpus] if cpus else []
    done = subprocess.run(
        [*pin, generator, "--port", str(port), "--texts", texts, *options],
        stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)
