"""The sides of attention.py: programs that time a case when asked."""

import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


class Benchmark:
    """A program of Google Benchmark, started anew for each run."""

    def __init__(self, binary, caps, seconds):
        self.binary = binary
        self.env = {**os.environ, **caps}
        self.seconds = seconds
        self.context = {}
        self.names = set(self.output("--benchmark_list_tests").split())

    def output(self, *arguments):
        done = subprocess.run(
            [self.binary, *arguments],
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        return done.stdout.decode()

    def try_to_run(self, names, seconds=None):
        """{name: its counters and cpu_time in nanoseconds}, and what failed."""
        wanted = "|".join(sorted(set(names)))  # letters, digits, "/", ":", "-"
        answer = json.loads(
            self.output(
                "--benchmark_format=json",
                f"--benchmark_min_time={seconds or self.seconds}",
                f"--benchmark_filter=^({wanted})$",
            )
        )
        self.context = answer["context"]
        found = {b["name"]: b for b in answer["benchmarks"]}
        failed = {
            name: found.pop(name)["error_message"]
            for name in list(found)
            if "error_message" in found[name]
        }
        return found, failed

    def run(self, names):
        found, failed = self.try_to_run(names)
        if set(found) != set(names):
            raise SystemExit(
                f"{self.binary}: want {', '.join(names)}, "
                f"found {', '.join(failed.values()) or 'other benchmarks'}"
            )
        return found


class PyTorch:
    """attention_torch.py, a process that stays."""

    def __init__(self, level, seconds):
        threads = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        self.seconds = seconds
        self.process = subprocess.Popen(
            [sys.executable, f"{HERE}/attention_torch.py", level.dtype],
            env={**os.environ, **threads, **level.caps},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        self.facts = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("attention_torch.py: want an answer, found none")
        return json.loads(line)

    def run(self, case, method, layout):
        """Seconds of a run."""
        question = {
            "method": method,
            "layout": layout,
            "causal": case.kind == "causal",
            "lengths": case.lengths,
            "rows": case.rows,
            "heads": case.heads,
            "width": case.width,
            "dtype": case.dtype,
            "seconds": self.seconds,
        }
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def close(self):
        self.process.stdin.close()
        self.process.wait()
