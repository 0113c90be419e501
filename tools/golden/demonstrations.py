#!/usr/bin/env python3
"""Writes tests/golden/demonstrations: what Transformers makes of test texts with
the demonstrations that tools/train/text_demo.py trains.

  NAME.json  of each text "source_ids", and ids and texts, "greedy" and "beam"
             (4 beams), with their log-probabilities and score

Texts whose output hangs on a near tie are left out (reference.py).
"""

import os
import random
import sys

import torch
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

import reference

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
OUT = f"{ROOT}/tests/golden/demonstrations"
COUNT = 60

sys.path.append(f"{ROOT}/tools/train")
from text_demo import FAMILIES, different  # noqa: E402

NAMES = {"digits-t5": "t5", "numbers-bart": "bart"}


def load(folder, dtype):
    return AutoModelForSeq2SeqLM.from_pretrained(
        folder, dtype=dtype, attn_implementation="eager", local_files_only=True
    ).eval()


def beam(model, source, processors=None):
    return reference.beam(model, source, 4, processors)


def write(name, family):
    folder = f"{ROOT}/models/bundled/{name}"
    tokenizer = AutoTokenizer.from_pretrained(folder, use_fast=False)
    model, double = load(folder, torch.float32), load(folder, torch.float64)
    texts = different(FAMILIES[family][0], random.Random(7), "test", COUNT)
    entries = {"texts": [], "greedy": [], "beam": []}
    for text in texts:
        source = tokenizer(text).input_ids
        one, best = reference.greedy(model, source), beam(model, source)
        runs = [(reference.greedy, model, one), (beam, model, best)]
        if reference.stable_to(source, runs, double) is None:
            continue
        entries["texts"].append({"text": text, "source_ids": source})
        for key, output in (("greedy", one), ("beam", best)):
            back = tokenizer.decode(output["ids"], skip_special_tokens=True)
            entries[key].append({**output, "text": back})
    reference.write_json(f"{OUT}/{name}.json", entries)
    os.chmod(f"{OUT}/{name}.json", 0o644)
    print(f"{name}: {len(entries['texts'])} of {len(texts)} texts")


def main():
    torch.set_num_threads(1)
    os.makedirs(OUT, exist_ok=True)
    for name, family in NAMES.items():
        write(name, family)


if __name__ == "__main__":
    main()
