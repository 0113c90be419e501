#!/usr/bin/env python3
"""Compares Tessera's attention with PyTorch's and with GEMM, softmax, GEMM.

  attention.py --bench build/release/bench/kernels/attention_bench

PyTorch runs scaled_dot_product_attention on contiguous [B, H, T, d] and on
transposed [B, T, H, d] inputs, of which the faster counts in each round, and
the unfused sequence that CTranslate2 runs: batched GEMM, softmax, batched GEMM.
Tessera runs from plain rows, so packing keys and values counts. Its percentage
of peak is with both in cache layout, as a decoder has them. Ragged batches are
padded and masked for PyTorch, which has no other form.

Each case is run in turn, Tessera, PyTorch, Tessera, PyTorch, on one thread, by
CPU time of that thread. Figures are medians over the rounds; a ratio is the
median of the ratios of each round. Both sides end at the same instruction set.

The table goes into bench/README.md and the picture into bench/figures; give
--no-write to see the table alone.
"""

import argparse
import json
import os
import re
import subprocess
import sys

from attention_cases import cases_of
from attention_report import Result, picture, table, write_between_marks
from peer_data import median

HERE = os.path.dirname(os.path.abspath(__file__))
README = f"{HERE}/../README.md"
PICTURE = f"{HERE}/../figures/attention.png"

CAPS = {
    "avx512": {"TESSERA_ISA": "avx512"},
    "avx2": {
        "TESSERA_ISA": "avx2",
        "ATEN_CPU_CAPABILITY": "avx2",
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
    },
}


class Tessera:
    def __init__(self, bench, cap, seconds):
        self.command = [bench, "--benchmark_format=json"]
        self.command += [f"--benchmark_min_time={seconds}"]
        self.env = {**os.environ, **cap}

    def names(self):
        command = [self.command[0], "--benchmark_list_tests"]
        done = subprocess.run(
            command, env=self.env, stdout=subprocess.PIPE, check=True
        )
        return set(done.stdout.decode().split())

    def run(self, names):
        """{name: its counters and cpu_time in nanoseconds}"""
        wanted = "|".join(names)  # of letters, digits, "/", ":" and "-"
        done = subprocess.run(
            [*self.command, f"--benchmark_filter=^({wanted})$"],
            env=self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        found = json.loads(done.stdout)["benchmarks"]
        failed = [b["error_message"] for b in found if "error_message" in b]
        if failed or {b["name"] for b in found} != set(names):
            raise SystemExit(
                f"{self.command[0]}: want {', '.join(names)}, "
                f"found {', '.join(failed) or 'other benchmarks'}"
            )
        return {b["name"]: b for b in found}


class PyTorch:
    def __init__(self, cap, seconds):
        threads = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        self.seconds = seconds
        self.process = subprocess.Popen(
            [sys.executable, f"{HERE}/attention_torch.py"],
            env={**os.environ, **threads, **cap},
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


def one_round(case, isa, tessera, torch):
    names = case.names(isa)
    answers = tessera.run(sorted(set(names)))
    counters = answers[names[1]]
    fused, unfused = (
        min((torch.run(case, *m) for m in methods), default=None)
        for methods in case.methods()
    )
    return {
        "ours": answers[names[0]]["cpu_time"] * 1e-9,
        "fused": fused,
        "unfused": unfused,
        "counters": counters,
    }


def measure(case, isa, tessera, torch, rounds):
    found = [one_round(case, isa, tessera, torch) for _ in range(rounds)]

    def ratio(of):
        if found[0][of] is None:
            return None
        return median(one[of] / one["ours"] for one in found)

    def middle(key):
        values = [one["counters"].get(key) for one in found]
        return None if None in values else median(values)

    return Result(
        kind=case.kind,
        label=case.label,
        isa=isa,
        dtype=case.dtype,
        length=case.lengths[0] if len(case.lengths) == 1 else 0,
        width=case.width,
        ours=median(one["ours"] for one in found),
        fused=median(one["fused"] for one in found),
        ratio_fused=ratio("fused"),
        ratio_unfused=ratio("unfused"),
        percent_of_peak=middle("percent_of_peak"),
        percent_of_bandwidth=middle("percent_of_bandwidth"),
        gflops=middle("gflops_exact"),
        ns_per_element=middle("ns_per_element"),
    )


def cpu_name():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        info = dict(re.findall(r"^([^\t:]+)\s*: (.*)$", file.read(), re.M))
    return (
        f"{info.get('model name', 'unknown CPU')} "
        f"(family {info.get('cpu family')}, model {info.get('model')})"
    )


def measure_level(isa, args, results):
    """Appends to results; returns what PyTorch says of itself."""
    cap = CAPS[isa]
    tessera = Tessera(args.bench, cap, args.seconds)
    torch = PyTorch(cap, args.seconds)
    names = tessera.names()
    for dtype in ("f32", "bf16"):
        for case in cases_of(dtype):
            if not set(case.names(isa)) <= names:
                continue
            results.append(measure(case, isa, tessera, torch, args.rounds))
            print(f"{isa} {results[-1]}", file=sys.stderr, flush=True)
    torch.close()
    return torch.facts


def notes(results, facts, args):
    """Machine, versions and command, as Markdown."""
    machine = [f"{cpu_name()}, one thread, {os.getloadavg()[0]:.1f} runnable"]
    machine[0] += " processes at the end"
    for isa, torch in facts.items():
        peak = median(
            100 * r.gflops / r.percent_of_peak
            for r in results
            if r.isa == isa and r.gflops
        )
        machine.append(
            f"{isa}: FMA peak {peak:.0f} GFLOP/s; PyTorch {torch['version']} "
            f"uses {torch['capability']} and reaches "
            f"{torch['gemm_gflops']:.0f} GFLOP/s in a GEMM of 1,024 rows"
        )
    command = "bench/peers/attention.py --bench BINARY"
    command += f" --rounds {args.rounds} --seconds {args.seconds}"
    machine.append(f"medians of {args.rounds} rounds of `{command}`")
    return "".join(f"- {line}\n" for line in machine)


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--bench", required=True, metavar="BINARY", help="attention_bench")
    add("--isas", nargs="+", default=list(CAPS), choices=list(CAPS))
    add("--rounds", type=int, default=11)
    add("--seconds", type=float, default=0.05, help="of a measurement")
    add("--no-write", action="store_true", help="print the table only")
    return parser.parse_args()


def main():
    args = parse_arguments()
    results = []
    facts = {isa: measure_level(isa, args, results) for isa in args.isas}
    text = table(results) + "\n\n" + notes(results, facts, args)
    print(text)
    if not args.no_write:
        write_between_marks(README, "attention", text)
        picture(results, PICTURE)


if __name__ == "__main__":
    main()
