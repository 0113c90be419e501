#!/usr/bin/env python3
"""Writes tests/golden/bundled: what Hugging Face makes of some sentences.

  sentences.txt       one English sentence a line
  golden.json         source ids, greedy and beam-4 outputs of each sentence
  states.safetensors  encoder.N [S, D] and decoder.N [T, D] of a few sentences,
                      logits.N [T, V] of one

Sentences come from the dev set, spread evenly over lengths; long ones are
several of them joined; odd ones stand below. A sentence whose output hangs on a
near tie is left out (see reference.py).
"""

import argparse
import os

import torch
import transformers
from transformers import MarianTokenizer

import reference

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")

# None of these holds the text of a control token (</s>, <pad>, <unk>): Hugging
# Face makes that token of it, Tessera does not.
ODD = [
    "?",
    "...",
    "!!! ??? !!!",
    "123 456 789",
    "It costs $1,234.56 (20% off)!",
    "I HAVE NO IDEA WHAT YOU MEAN.",
    "WHERE IS THE STATION?",
    "  Where is the station?",
    "Where is the station?   ",
    "Where   is  the    station?",
    "I am happy 😀.",
    "😀😀",
    "Tom went to Łódź with Ðorđe.",
    "My name is 山田太郎.",
    "Привет, Tom!",
    "“Yes,” she said, “it’s mine.”",
    '"Who are you?" she asked.',
    "It's John's; don't touch it.",
    "He\u00a0said\u2009that he was\u200b tired.",
    "The ﬁrst ﬂoor is №5, room Ⅷ.",
    "cafe\u0301 naïve façade",
    "a",
    "I",
    "Hello world",
    "www.example.com/index.html?x=1&y=2",
    "foo_bar(baz) -> qux[0];",
    "zzzzzzzzzzzzzzzzzzzzzzzz",
    "pneumonoultramicroscopicsilicovolcanoconiosis",
    "Yes - no - maybe...",
    "e-mail: tom@example.com",
]


def english(path):
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t")[0] for line in file]


def spread(sentences, count, length):
    """count of the sentences, evenly spaced in the order of their lengths."""
    ordered = sorted(sentences, key=length)
    step = (len(ordered) - 1) / (count - 1)
    return [ordered[round(i * step)] for i in range(count)]


def joined(sentences, lengths, length):
    """Runs of sentences, each joined until it has one of the lengths wanted."""
    out, waiting = [], iter(sentences)
    for wanted in lengths:
        text = next(waiting)
        while length(text) < wanted:
            text += " " + next(waiting)
        out.append(text)
    return out


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--model", default=f"{ROOT}/models/bundled/tatoeba-en-fr", metavar="DIR"
    )
    parser.add_argument(
        "--sentences", default=f"{ROOT}/bench/data/dev.multi.tsv", metavar="TSV"
    )
    parser.add_argument(
        "--out", default=f"{ROOT}/tests/golden/bundled", metavar="DIR"
    )
    parser.add_argument(
        "--count", type=int, default=110, help="sentences from the dev set"
    )
    args = parser.parse_args()

    torch.set_num_threads(1)  # the number of threads changes last bits
    tokenizer = MarianTokenizer.from_pretrained(args.model)
    model = reference.load(args.model)
    double = reference.load(args.model, torch.float64)

    def ids(text):
        return tokenizer(text).input_ids

    def length(text):
        return len(ids(text))

    def decoded(entry):
        text = tokenizer.decode(entry["ids"], skip_special_tokens=True)
        return {**entry, "text": text}

    def beam4(model, source, processors=None):
        return reference.beam(model, source, 4, processors)

    dev = english(args.sentences)
    candidates = (
        spread(dev, args.count, length)
        + joined(dev[100:], [30, 40, 50, 60, 70, 80, 90, 100, 120], length)
        + ODD
    )
    sentences, greedy, beams, distances = [], [], [], []
    for text in candidates:
        source = ids(text)
        one, best = reference.greedy(model, source), beam4(model, source)
        runs = [(reference.greedy, model, one), (beam4, model, best)]
        distance = reference.stable_to(source, runs, double)
        if distance is not None:
            distances.append(distance)
            sentences.append(text)
            greedy.append({"source_ids": source, **decoded(one)})
            beams.append(decoded(best))
        else:
            print(f"left out, a near tie: {text!r}")

    by_length = sorted(
        range(len(sentences)), key=lambda i: len(greedy[i]["ids"])
    )
    tensors = {}
    for i in [by_length[len(by_length) * k // 4] for k in range(4)]:
        entry = greedy[i]
        encoder, decoder, logits = reference.states(
            model, entry["source_ids"], entry["ids"]
        )
        tensors[f"encoder.{i}"], tensors[f"decoder.{i}"] = encoder, decoder
        if i == by_length[len(by_length) // 4]:
            tensors[f"logits.{i}"] = logits

    os.makedirs(args.out, exist_ok=True)
    with open(f"{args.out}/sentences.txt", "w", encoding="utf-8") as file:
        file.writelines(text + "\n" for text in sentences)
    reference.write_tensors(f"{args.out}/states.safetensors", tensors)
    reference.write_json(
        f"{args.out}/golden.json",
        {
            "transformers": transformers.__version__,
            "torch": torch.__version__.split("+")[0],
            "float64_distance": max(distances),
            "dropped": len(candidates) - len(sentences),
            "greedy": greedy,
            "beam4": beams,
        },
    )
    print(f"{len(sentences)} sentences, tensors {sorted(tensors)}")


if __name__ == "__main__":
    main()
