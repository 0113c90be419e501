#!/usr/bin/env python3
"""The pairs of an epoch: the training pairs, and pairs made of them.

  augment.py train.tsv --held-out dev.tsv test.tsv --seed 1    # prints an epoch

Every training pair once as it is, and for each kind of KINDS as many made pairs
as SHARES says. An epoch is drawn from its seed alone.
"""

import argparse
import collections
import os
import random
import sys

import renumber
import retype
from copy_through import Copies
from held_out import HeldOut, add_options, read_columns

LINES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lines")

# Made pairs of each kind, in parts of the number of training pairs.
SHARES = {
    "retyped": 0.12,
    "shouted": 0.12,
    "short": 0.06,
    "words": 0.05,
    "renumbered": 0.10,
    "numbered": 0.08,
    "joined": 0.14,
    "copied": 0.16,
    "copy_lines": 0.06,
    "untranslated": 0.01,
}
SHORT_WORDS = 3  # a short source has at most so many words
LONGEST_CHARACTERS = 330  # of a joined source
TRIES = 20


def plain(text):
    """Typographic apostrophes as ASCII, as the vocabulary has them."""
    return text.replace("\u2019", "'").replace("\u2018", "'")


def read_pairs(path, held_out):
    """([(source, target)], the number of pairs left out as held out)."""
    rows = [tuple(map(plain, row[:2])) for row in read_columns(path)]
    kept = [row for row in rows if not held_out.has(*row)]
    return kept, len(rows) - len(kept)


def capitalised(text):
    return text[:1].upper() + text[1:]


class Augmentation:
    """Draws pairs of each kind.

    pairs      the training pairs.
    held_out   what no pair drawn may hold; refused counts what it stopped.
    """

    def __init__(self, pairs, held_out, lines=LINES):
        self.pairs, self.held_out = pairs, held_out
        self.refused = collections.Counter()
        self.short_pairs = [
            pair for pair in pairs if len(pair[0].split()) <= SHORT_WORDS
        ]
        self.number_pairs = [pair for pair in pairs if renumber.slot(pair)]
        self.named_pairs = [
            pair for pair in pairs if "Tom" in pair[0] and "Tom" in pair[1]
        ]
        self.number_lines = read_columns(f"{lines}/numbers.tsv")
        self.words_list = read_columns(f"{lines}/words.tsv")
        self.nouns = read_columns(f"{lines}/nouns.tsv")
        self.copies = Copies(
            [row[0] for row in read_columns(f"{lines}/names.txt")],
            read_columns(f"{lines}/copies.tsv"),
            {row[0]: row[1] for row in self.nouns},
        )
        self.kinds = {name: getattr(self, name) for name in SHARES}

    def retyped(self, random):
        """Capitals and punctuation dropped or changed."""
        return retype.retyped(random, random.choice(self.pairs))

    def shouted(self, random):
        """Capitals throughout."""
        draw = random.choice((self.plain_pair,) * 6 + (self.short, self.renumbered))
        pair = draw(random)
        return pair and retype.shouted(random, pair)

    def plain_pair(self, random):
        return random.choice(self.pairs)

    def maybe_retyped(self, random, pair, rate=0.3):
        """The pair, or with this probability the pair retyped."""
        if random.random() < rate:
            return retype.retyped(random, pair) or pair
        return pair

    def short(self, random):
        """Greetings and short answers of the training pairs again."""
        return self.maybe_retyped(random, random.choice(self.short_pairs), 0.5)

    def words(self, random):
        """Words and everyday answers of the lists, in a form drawn."""
        if random.random() < 0.5:
            pair = random.choice(self.words_list)
        else:
            pair = self.noun(random)
        if random.random() < 0.7:
            pair = [capitalised(side) for side in pair]
        end = random.choice(("", "", ".", ".", "!"))
        if all(side[-1].isalnum() for side in pair):
            space = " " if end == "!" else ""
            pair = pair[0] + end, pair[1] + space + end
        if random.random() < 0.1:
            return retype.upper(random, pair)
        return tuple(pair)

    def noun(self, random):
        """A noun alone, or with an article."""
        english, french, *gender = random.choice(self.nouns)
        if random.random() < 0.6 or not gender or gender[0] not in ("m", "f"):
            return english, french
        an = "an" if english[0] in "aeiou" and english != "university" else "a"
        an = "an" if english == "hour" else an
        if french[0] in "aeiouéèêîœh" and french != "haricot":
            return random.choice(
                ((f"the {english}", f"l'{french}"), (f"my {english}", f"mon {french}"))
            )
        masculine = gender[0] == "m"
        un, le, mon = ("un", "le", "mon") if masculine else ("une", "la", "ma")
        return random.choice(
            (
                (f"the {english}", f"{le} {french}"),
                (f"{an} {english}", f"{un} {french}"),
                (f"my {english}", f"{mon} {french}"),
            )
        )

    def renumbered(self, random):
        """A training pair whose number is drawn anew."""
        pair = renumber.renumbered(random, random.choice(self.number_pairs))
        return pair and self.maybe_retyped(random, pair, 0.2)

    def numbered(self, random):
        """A line of the list of numbers, its slots drawn."""
        line = random.choice(self.number_lines)
        pair = renumber.filled(random, line, renumber.DRAWS)
        return self.maybe_retyped(random, pair, 0.2)

    def copied(self, random):
        """A training pair with something to copy put in."""
        pool = self.named_pairs if random.random() < 0.4 else self.pairs
        return self.copies.copied(random, random.choice(pool))

    def copy_lines(self, random):
        """A line of the list of copies, its slots drawn."""
        return self.maybe_retyped(random, self.copies.line(random), 0.1)

    def untranslated(self, random):
        """A line that is copied whole."""
        return self.copies.untranslated(random)

    def joined(self, random):
        """Two to four sentences in a line, some of them made."""
        others = ("renumbered", "numbered", "copied", "short", "copy_lines")
        parts, length = [], 0
        for _ in range(random.choice((2, 2, 3, 3, 4))):
            if random.random() < 0.75:
                part = random.choice(self.pairs)
            else:
                part = self.made(random.choice(others), random)
            length += len(part[0])
            if len(parts) > 1 and length > LONGEST_CHARACTERS:
                break
            parts.append(part)
        pair = tuple(" ".join(sides) for sides in zip(*parts))
        form = random.random()
        if form < 0.06:
            return retype.upper(random, pair)
        if form < 0.12:
            return retype.lower(random, pair)
        return retype.without_end(random, pair) or pair if form < 0.2 else pair

    def made(self, kind, random):
        """A pair of a kind that is not held out."""
        for _ in range(TRIES):
            pair = self.kinds[kind](random)
            if pair is None:
                continue
            if not self.held_out.has_made(*pair):
                return pair
            self.refused[kind] += 1
        return random.choice(self.pairs)

    def epoch(self, seed):
        """The pairs of one epoch, in a fixed order of kinds."""
        generator = random.Random(seed)
        pairs = list(self.pairs)
        for kind, share in SHARES.items():
            count = round(share * len(self.pairs))
            pairs.extend(self.made(kind, generator) for _ in range(count))
        return pairs


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("train", help="pairs to train on, source<TAB>target")
    add_options(parser.add_argument)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--made-only", action="store_true")
    args = parser.parse_args()
    held_out = HeldOut(args.held_out, args.held_out_lines, args.unmade)
    pairs, left_out = read_pairs(args.train, held_out)
    augmentation = Augmentation(pairs, held_out)
    drawn = augmentation.epoch(args.seed)
    for source, target in drawn[len(pairs) if args.made_only else 0 :]:
        print(f"{source}\t{target}")
    print(
        f"{left_out} pairs held out, refused of those made: "
        f"{dict(augmentation.refused)}",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
