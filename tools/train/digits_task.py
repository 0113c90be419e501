#!/usr/bin/env python3
"""Digit strings to reverse or to sort: the split, the vocabulary, the batches.

  digits_task.py tests/tools/demo/strings.txt    # writes the test strings anew

A string's checksum tells whether it is for training, for choosing recipes (dev)
or for the test, so no string is for two of them.
"""

import random
import sys
import zlib

import torch

LONGEST = 16
TASKS = {
    "reverse": lambda text: text[::-1],
    "sort": lambda text: "".join(sorted(text)),
}
WORDS = ["<pad>", "<unk>", "<s>", "</s>", *"0123456789"]
PAD, UNKNOWN, START, END, ZERO = range(5)
PARTS = {0: "test", 1: "dev"}  # of 16; the others train
TEST_STRINGS = 1000
TEST_SEED = 6


def part(text):
    """Which part of all strings this one belongs to."""
    return PARTS.get(zlib.crc32(text.encode()) % 16, "train")


def draw(generator, wanted):
    """A string of that part: 1 to LONGEST digits, every length as likely."""
    while True:
        length = generator.randint(1, LONGEST)
        text = "".join(generator.choices("0123456789", k=length))
        if part(text) == wanted:
            return text


def different(generator, wanted, count):
    """That many strings, no two the same."""
    found = {}
    while len(found) < count:
        found[draw(generator, wanted)] = None
    return list(found)


def test_strings():
    return different(random.Random(TEST_SEED), "test", TEST_STRINGS)


def ids(text):
    return [ZERO + int(digit) for digit in text] + [END]


def text_of(row):
    """What stands before the first end; control tokens are spelled out."""
    row = row[: row.index(END)] if END in row else row
    return "".join(WORDS[i] for i in row)


def padded(rows):
    """[B, T] of lists of ids."""
    longest = max(map(len, rows))
    return torch.tensor([row + [PAD] * (longest - len(row)) for row in rows])


def batch(task, texts):
    """Source [B, S], decoder inputs [B, T] and labels [B, T]."""
    answers = [ids(TASKS[task](text)) for text in texts]
    inputs = [[START] + answer[:-1] for answer in answers]
    return (
        padded([ids(text) for text in texts]),
        padded(inputs),
        padded(answers),
    )


def main():
    with open(sys.argv[1], "w", encoding="ascii") as file:
        file.writelines(text + "\n" for text in test_strings())


if __name__ == "__main__":
    main()
