#!/usr/bin/env python3
"""Compares Tessera's speed with CTranslate2's: same folder and lines, in turn.

  ctranslate2_speed.py --bench build/release/bench/engine/translate_bench \\
      --model models/bundled/tatoeba-en-fr --input bench/data/dev.multi.tsv

CTranslate2 gets the folder through its own converter: float32 weights, float32
arithmetic. Both translate the first column of --input, beam sizes 1 and 4, with
the folder's length settings: one warm-up each, then A-B-A-B. Tokens are those
produced, final EOS included; time is without loading and tokenising. A thread
is a whole translating worker (inter_threads) with one thread inside.

CTranslate2 chooses its instructions and libraries itself; what it chose stands
under the table. CT2_FORCE_CPU_ISA and CT2_USE_MKL in the environment change it.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time

import ctranslate2
from ctranslate2.converters import TransformersConverter
from transformers import GenerationConfig, MarianTokenizer

from peer_data import markdown, median, read_lines

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")

BUNDLED = f"{ROOT}/models/bundled/tatoeba-en-fr"

BATCH = 32


class CTranslate2:
    def __init__(self, model, converted, lines, threads):
        tokenizer = MarianTokenizer.from_pretrained(model)
        self.settings = GenerationConfig.from_pretrained(model)
        self.sources = [
            tokenizer.convert_ids_to_tokens(tokenizer(line).input_ids)
            for line in lines
        ]
        self.translator = ctranslate2.Translator(
            converted,
            device="cpu",
            compute_type="float32",
            inter_threads=threads,
            intra_threads=1,
        )

    def run(self, beam_size):
        """(tokens, seconds)"""
        start = time.perf_counter()
        results = self.translator.translate_batch(
            self.sources,
            beam_size=beam_size,
            length_penalty=self.settings.length_penalty,
            max_batch_size=BATCH,
            # max_length counts the start token, this does not.
            max_decoding_length=self.settings.max_length - 1,
            return_end_token=True,
        )
        seconds = time.perf_counter() - start
        return sum(len(r.hypotheses[0]) for r in results), seconds


class Tessera:
    def __init__(self, bench, model, lines, threads):
        self.command = [bench, "--model", model, "--input", lines]
        self.command += ["--threads", str(threads), "--repeats", "1"]

    def run(self, beam_size):
        """(tokens, seconds)"""
        done = subprocess.run(
            [*self.command, "--beam-size", str(beam_size)],
            stdout=subprocess.PIPE,
            encoding="utf-8",
            check=True,
        )
        self.answer = json.loads(done.stdout)
        return self.answer["tokens"], self.answer["seconds"]

    def instructions(self):
        """What the bench says; else the cap it ran under."""
        cap = os.environ.get("TESSERA_ISA", "none, the best this CPU has")
        return self.answer.get("isa", f"TESSERA_ISA: {cap}")


def instructions_of_ctranslate2(converted):
    """What CTranslate2 says of itself when a model is opened."""
    program = f"import ctranslate2; ctranslate2.Translator({converted!r})"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "CT2_VERBOSE": "1"},
        stderr=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    wanted = r"(?:Selected ISA|Use Intel MKL|SGEMM backend): .*"
    return ", ".join(re.findall(wanted, done.stderr))


def cpu_name():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        entries = re.findall(r"^([^\t:]+)\s*: (.*)$", file.read(), re.MULTILINE)
    info = dict(entries)
    return (
        f"{info.get('model name', 'unknown CPU')} "
        f"(family {info.get('cpu family')}, model {info.get('model')})"
    )


def measure(ours, theirs, beam_size, repeats):
    """[(our tokens/s, their tokens/s)] run in turn, and the tokens of each."""
    ours.run(beam_size)
    theirs.run(beam_size)
    rates = []
    for repeat in range(repeats):
        our_tokens, our_seconds = ours.run(beam_size)
        their_tokens, their_seconds = theirs.run(beam_size)
        rates.append((our_tokens / our_seconds, their_tokens / their_seconds))
    return rates, our_tokens, their_tokens


def table_row(beam_size, rates, our_tokens, their_tokens):
    our_median = median(ours for ours, _ in rates)
    their_median = median(theirs for _, theirs in rates)
    pairwise = median(ours / theirs for ours, theirs in rates)
    return [
        f"beam {beam_size}",
        our_tokens,
        f"{our_median:.0f}",
        their_tokens,
        f"{their_median:.0f}",
        f"{our_median / their_median:.2f}",
        f"{pairwise:.2f}",
    ]


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--bench", metavar="BINARY", help="Tessera's translate_bench")
    add("--model", default=BUNDLED, metavar="DIR")
    add("--input", default=f"{ROOT}/bench/data/dev.multi.tsv", metavar="FILE")
    add("--beam-sizes", type=int, nargs="+", default=[1, 4], metavar="N")
    add("--threads", type=int, default=1)
    add("--repeats", type=int, default=5)
    args = parser.parse_args()
    if not args.bench:
        parser.error("--bench: want Tessera's translate_bench, found none")
    return args


def main():
    args = parse_arguments()
    lines = [columns[0] for columns in read_lines(args.input)]
    with tempfile.TemporaryDirectory() as folder:
        text, converted = f"{folder}/lines.txt", f"{folder}/model"
        with open(text, "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in lines)
        TransformersConverter(args.model).convert(
            converted, quantization="float32"
        )
        theirs = CTranslate2(args.model, converted, lines, args.threads)
        ours = Tessera(args.bench, args.model, text, args.threads)
        rows = [
            table_row(size, *measure(ours, theirs, size, args.repeats))
            for size in args.beam_sizes
        ]
        instructions = instructions_of_ctranslate2(converted)
    header = ["search", "tokens Tessera", "tokens/s Tessera"]
    header += ["tokens CTranslate2", "tokens/s CTranslate2"]
    header += ["ratio of medians", "median of ratios"]
    print(markdown(header, rows))
    print(f"\n{len(lines)} lines", end=", ")
    print(f"repeats: {args.repeats}, threads: {args.threads}")
    print(f"CPU: {cpu_name()}")
    print(f"Tessera: {ours.instructions()}")
    print(f"CTranslate2 {ctranslate2.__version__}: {instructions}")


if __name__ == "__main__":
    main()
