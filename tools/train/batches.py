"""Epochs as padded batches of ids, drawn by processes beside the training.

Epoch N depends on the seed and N alone, whichever process draws it.
"""

import dataclasses
import multiprocessing
import random
import signal

import numpy as np
import sentencepiece as spm

from augment import Augmentation, read_pairs
from held_out import HeldOut

END = 0
NOT_COUNTED = -1  # the label of padding
MULTIPLE = 8  # lengths are padded to a multiple, so that shapes recur


@dataclasses.dataclass
class Recipe:
    """What an epoch is made of."""

    train: str
    spm: str
    held_out: list  # these three as HeldOut takes them
    lines: list
    unmade: list
    seed: int
    tokens: int  # a batch's rows times its longest side, at most
    longest: int  # ids a side; longer pairs are left out
    plain: bool = False  # no augmentation
    more: tuple = ()  # further files of training pairs
    shares: dict | None = None  # of the kinds of augment.py


def encoded(pieces, texts):
    """int16 ids of each text, each ending with END."""
    return [
        np.array(ids + [END], np.int16)
        for ids in pieces.encode(texts, out_type=int)
    ]


def encoded_pairs(pieces, pairs, longest):
    sides = [encoded(pieces, list(texts)) for texts in zip(*pairs)]
    return [
        pair
        for pair in zip(*sides)
        if max(len(side) for side in pair) <= longest
    ]


def groups(pairs, tokens, generator):
    """Indices of the pairs, in groups of like lengths; shuffled if given."""
    jitter = generator.random if generator else lambda: 0
    keys = [(max(len(s), len(t)) + 3 * jitter(), len(s)) for s, t in pairs]
    order = sorted(range(len(pairs)), key=keys.__getitem__)
    found, group, longest = [], [], 0
    for i in order:
        longest = max(longest, *map(len, pairs[i]))
        if group and (len(group) + 1) * longest > tokens:
            found.append(group)
            group, longest = [], max(map(len, pairs[i]))
        group.append(i)
    found.append(group)
    if generator:
        generator.shuffle(found)
    return found


def padded(rows, value):
    length = max(map(len, rows))
    length += -length % MULTIPLE
    out = np.full((len(rows), length), value, np.int16)
    for line, row in zip(out, rows):
        line[: len(row)] = row
    return out


def batches(pairs, tokens, padding, generator=None):
    """[(source [B, S] padded with padding, labels [B, T] with NOT_COUNTED)]"""
    return [
        (
            padded([pairs[i][0] for i in group], padding),
            padded([pairs[i][1] for i in group], NOT_COUNTED),
        )
        for group in groups(pairs, tokens, generator)
    ]


class Drawer:
    """Draws the epochs of a recipe."""

    def __init__(self, recipe):
        self.recipe = recipe
        self.pieces = spm.SentencePieceProcessor(model_file=recipe.spm)
        held_out = HeldOut(recipe.held_out, recipe.lines, recipe.unmade)
        self.pairs, self.left_out = read_pairs(recipe.train, held_out)
        for path in recipe.more:
            pairs, left_out = read_pairs(path, held_out)
            self.pairs += pairs
            self.left_out += left_out
        self.augmentation = Augmentation(self.pairs, held_out, recipe.shares)

    def __call__(self, number):
        """The batches of an epoch."""
        recipe = self.recipe
        generator = random.Random(f"{recipe.seed} {number}")
        pairs = self.pairs
        if not recipe.plain:
            pairs = self.augmentation.epoch(f"{recipe.seed} {number}")
        encoded = encoded_pairs(self.pieces, pairs, recipe.longest)
        padding = self.pieces.get_piece_size()
        return batches(encoded, recipe.tokens, padding, generator)


_drawer = None


def _start(drawer):
    """Signals are for the training; the pool ends this process by SIGTERM."""
    global _drawer
    _drawer = drawer
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _draw(number):
    return _drawer(number)


def epochs(drawer, first, workers):
    """Yields the batches of each epoch from the first on, without end."""
    context = multiprocessing.get_context("fork")
    with context.Pool(workers, _start, (drawer,)) as pool:
        waiting = [
            pool.apply_async(_draw, (first + i,)) for i in range(workers + 1)
        ]
        for number in range(first, 1 << 30):
            drawn = waiting.pop(0).get()
            waiting.append(pool.apply_async(_draw, (number + workers + 1,)))
            yield drawn
