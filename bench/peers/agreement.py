#!/usr/bin/env python3
"""Compares Tessera's translations with those of Hugging Face in float32.

  agreement.py --tessera build/release/tools/tessera \\
      --model models/bundled/tatoeba-en-fr --cache /tmp/hf-cache.json

Ids and scores on the English column of --input, greedy and beam 4; sacreBLEU of
both on --test, against all references. A line that differs is translated again
by Hugging Face alone, without padding. If it still differs, it must be a near
tie, where float32 rounding decides. Either of these shows that:

  - in float64 the two are less than 1e-4 apart: in greedy search the tokens at
    the first difference, in beam search the scores of the outputs;
  - Hugging Face itself gives Tessera's output when its scores get noise of at
    most 5e-5 (40 tries).

Exit code 0 if greedy agrees on 99.9 % and beam 4 on 99.5 %, scores within 1e-4,
every difference is a near tie and BLEU is within 0.05; else 1. Without
--tessera it only fills the cache. The first run takes minutes, later ones
seconds.
"""

import argparse
import os
import sys

from bleu import scores
from huggingface import Noise, Reference
from peer_data import markdown, read_lines, tessera_outputs

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")

BUNDLED = f"{ROOT}/models/bundled/tatoeba-en-fr"

NEAR_TIE = 1e-4
TRIES = 40
LEAST_IDENTICAL = {1: 99.9, 4: 99.5}
LARGEST_SCORE_DIFFERENCE = 1e-4
LARGEST_BLEU_DIFFERENCE = 0.05


def first_difference(a, b):
    """The first position at which two id lists, both ending in EOS, differ."""
    return next(i for i, (x, y) in enumerate(zip(a, b)) if x != y)


def greedy_gap(reference, line, theirs, ours):
    """How far apart, in float64, the tokens are that each program chose."""
    step = first_difference(theirs["ids"], ours["ids"])
    log_probs = reference.log_probs(line, theirs["ids"])[step]
    wanted, found = theirs["ids"][step], ours["ids"][step]
    return abs(log_probs[wanted] - log_probs[found]).item()


def beam_gap(reference, line, theirs, ours):
    """How far apart, in float64, the scores of both outputs are."""
    model = reference.model()
    penalty = model.generation_config.length_penalty

    def score(ids):
        log_probs = reference.log_probs(line, ids)
        total = sum(log_probs[i, token] for i, token in enumerate(ids))
        return total / len(ids) ** penalty

    return abs(score(theirs["ids"]) - score(ours["ids"])).item()


def flips(reference, line, beam_size, ours):
    """How often noise of 5e-5 makes Hugging Face give our output."""
    count = 0
    for seed in range(TRIES):
        noise = Noise(NEAR_TIE, seed)
        out = reference.output(line, beam_size, noise=noise)
        count += out["ids"] == ours["ids"]
    return count


def explain(reference, line, beam_size, theirs, ours):
    """(whether the difference is a near tie, the evidence as text)"""
    if beam_size == 1:
        gap, what = greedy_gap(reference, line, theirs, ours), "token"
    else:
        gap, what = beam_gap(reference, line, theirs, ours), "score"
    flipped = flips(reference, line, beam_size, ours)
    evidence = (
        f"float64 {what} gap {gap:.2e}, "
        f"Hugging Face flips in {flipped} of {TRIES} runs with noise"
    )
    return gap < NEAR_TIE or flipped > 0, evidence


def compare(reference, lines, ours, beam_size):
    """{"identical" in percent, "different", "ties", "score" difference}.

    Prints the differences.
    """
    theirs = reference.outputs(lines, beam_size)
    different = ties = 0
    largest = 0.0
    for line, a, b in zip(lines, theirs, ours):
        if a["ids"] != b["ids"]:
            a = reference.output(line, beam_size)
        if a["ids"] == b["ids"]:
            largest = max(largest, abs(a["score"] - b["score"]))
            continue
        tie, evidence = explain(reference, line, beam_size, a, b)
        different += 1
        ties += tie
        print(f"beam size {beam_size}: {line}")
        print(f"  Hugging Face  {a['score']:.6f}  {a['text']}")
        print(f"  Tessera       {b['score']:.6f}  {b['text']}")
        print(f"  {'near tie' if tie else 'NOT A NEAR TIE'}: {evidence}")
    return {
        "identical": 100 * (1 - different / len(lines)),
        "different": different,
        "ties": ties,
        "score": largest,
    }


def scores_of(outputs, references):
    """BLEU and chrF; references is a list a sentence."""
    return scores([output["text"] for output in outputs], references)


def is_enough(beam_size, found, difference):
    return (
        found["identical"] >= LEAST_IDENTICAL[beam_size]
        and found["ties"] == found["different"]
        and found["score"] <= LARGEST_SCORE_DIFFERENCE
        and abs(difference) <= LARGEST_BLEU_DIFFERENCE
    )


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--tessera", metavar="BINARY")
    add("--model", default=BUNDLED, metavar="DIR")
    add("--input", default=f"{ROOT}/bench/data/dev.multi.tsv", metavar="TSV")
    add("--test", default=f"{ROOT}/bench/data/test.multi.tsv", metavar="TSV")
    add("--cache", metavar="JSON", help="keeps Hugging Face's outputs")
    return parser.parse_args()


def main():
    args = parse_arguments()
    reference = Reference(args.model, args.cache)
    dev = read_lines(args.input)
    lines = [columns[0] for columns in dev]
    test = read_lines(args.test)
    test_lines = [columns[0] for columns in test]
    references = [columns[1:] for columns in test]
    rows, enough = [], True
    for beam_size in (1, 4):
        theirs = reference.outputs(test_lines, beam_size)
        reference.outputs(lines, beam_size)
        if not args.tessera:
            score, _ = scores_of(theirs, references)
            print(f"beam size {beam_size}: Hugging Face's BLEU {score:.2f}")
            continue
        answers = tessera_outputs(
            args.tessera, args.model, lines + test_lines, beam_size
        )
        ours = answers[: len(lines)]
        found = compare(reference, lines, ours, beam_size)
        our_bleu, our_chrf = scores_of(answers[len(lines) :], references)
        their_bleu, _ = scores_of(theirs, references)
        dev_bleu, dev_chrf = scores_of(ours, [columns[1:] for columns in dev])
        enough &= is_enough(beam_size, found, our_bleu - their_bleu)
        rows.append(
            [
                "greedy" if beam_size == 1 else f"beam {beam_size}",
                len(lines),
                f"{found['identical']:.3f} %",
                found["different"],
                found["ties"],
                f"{found['score']:.1e}",
                f"{their_bleu:.3f}",
                f"{our_bleu:.3f}",
                f"{our_chrf:.2f}",
                f"{dev_bleu:.2f}, {dev_chrf:.2f}",
            ]
        )
    if rows:
        header = ["search", "sentences", "identical ids", "different"]
        header += ["near ties", "largest score difference"]
        header += ["BLEU Hugging Face", "BLEU Tessera", "chrF Tessera"]
        header += ["BLEU, chrF of --input"]
        print(markdown(header, rows))
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
