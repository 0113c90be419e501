#!/usr/bin/env python3
"""The pairs of an epoch: the training pairs, and pairs made of them.

  augment.py train.tsv --held-out dev.tsv test.tsv --seed 1    # prints an epoch

The training pairs as they are, and for each kind as many made pairs as SHARES
says, or --shares in their place. An epoch is drawn from its seed alone.
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
from lexicon import lexicon, source_words

LINES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lines")

# Pairs of each kind, in parts of the number of training pairs.
SHARES = {
    "pairs": 1.0,  # those as they are
    "retyped": 0.15,
    "shouted": 0.12,
    "short": 0.08,
    "words": 0.15,
    "renumbered": 0.10,
    "numbered": 0.08,
    "joined": 0.14,
    "copied": 0.22,
    "copy_lines": 0.13,
    "untranslated": 0.01,
    "titled": 0.10,
    "several": 0.10,
}
SHORT_WORDS = 3  # a short source has at most so many words
LONGEST_CHARACTERS = 330  # of a joined source
TRIES = 20
# How words of a list are joined: between the first, before the last.
SEVERAL = (
    (", ", (" and ", " et ")),
    (", ", (" and ", " et ")),
    (", ", (" or ", " ou ")),
    (", ", (", ", ", ")),
    (". ", (". ", ". ")),
    (" / ", (" / ", " / ")),
)
VOWELS = "aàâeéèêiîoôuœh"  # before them French elides
# But not before these.
ASPIRATED = "hache haine hall hamburger hanche haricot haut hauteur".split()
ASPIRATED += "héros hibou hockey homard honte huit hutte".split()


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
    shares     {kind: share} in place of SHARES.
    """

    def __init__(self, pairs, held_out, shares=None, lines=LINES):
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
        self.lexicon = lexicon(pairs)
        self.everyday = [
            row[:2]
            for row in [*self.words_list, *self.nouns]
            if row[0].isalpha() and " " not in row[1]
        ]
        self.single_words = [
            *self.everyday,
            *(row for row in self.lexicon if row[0].isalpha()),
        ]
        self.copies = Copies(
            source_words(pairs),
            [row[0] for row in read_columns(f"{lines}/names.txt")],
            read_columns(f"{lines}/copies.tsv"),
            {row[0]: row[1] for row in [*self.lexicon, *self.nouns]},
        )
        self.shares = {**SHARES} if shares is None else shares

    def retyped(self, random):
        """Capitals and punctuation dropped or changed."""
        return retype.retyped(random, random.choice(self.pairs))

    def shouted(self, random):
        """Capitals throughout."""
        draws = (self.plain_pair,) * 6 + (self.short, self.renumbered)
        draw = random.choice(draws)
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
        draws = (self.listed, self.listed, self.noun, self.several)
        pair = random.choice(draws)(random)
        if random.random() < 0.7:
            pair = [capitalised(side) for side in pair]
        end = random.choice(("", "", ".", ".", "!"))
        if all(side[-1].isalnum() for side in pair):
            space = " " if end == "!" else ""
            pair = pair[0] + end, pair[1] + space + end
        if random.random() < 0.1:
            return retype.upper(random, pair)
        return tuple(pair)

    def listed(self, random):
        """An entry of a list, or a word that the pairs gave."""
        return random.choice(random.choice((self.words_list, self.lexicon)))

    def several(self, random):
        """cats and dogs; Red or Blue; one, two and three; Cat. Dog. Horse"""
        count = random.choice((2, 2, 3))
        pairs = [
            random.choice(random.choice((self.everyday, self.single_words)))
            for _ in range(count)
        ]
        first, last = random.choice(SEVERAL)
        if first == ". " or random.random() < 0.5:
            pairs = [tuple(map(capitalised, pair)) for pair in pairs]
        return tuple(
            first.join(words[:-1]) + mark + words[-1]
            for words, mark in zip(zip(*pairs), last)
        )

    def titled(self, random):
        """A training pair, or a list of words, typed as a heading.

        So that a word with a capital is known wherever it stands.
        """
        form = random.random()
        if form < 0.35:
            return retype.titled(random, random.choice(self.pairs))
        if form < 0.5:
            return retype.some_titled(random, random.choice(self.pairs))
        source, target = self.several(random)
        return retype.titled(random, (source + ".", target + "."))

    def noun(self, random):
        """A noun alone, with an article, or asked for."""
        english, french, *gender = random.choice(self.nouns)
        if random.random() < 0.5 or not gender or gender[0] not in ("m", "f"):
            return english, french
        an = "an" if english[0] in "aeiou" else "a"
        if french[0] in VOWELS and french not in ASPIRATED:
            return random.choice(
                (
                    (f"the {english}", f"l'{french}"),
                    (f"my {english}", f"mon {french}"),
                    (f"where is the {english}?", f"où se trouve l'{french} ?"),
                )
            )
        masculine = gender[0] == "m"
        un, le, mon = ("un", "le", "mon") if masculine else ("une", "la", "ma")
        return random.choice(
            (
                (f"the {english}", f"{le} {french}"),
                (f"{an} {english}", f"{un} {french}"),
                (f"my {english}", f"{mon} {french}"),
                (f"where is the {english}?", f"où se trouve {le} {french} ?"),
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

    def refuses(self, kind, pair):
        """Of a training pair retyped, what it holds is as it was."""
        if kind in ("retyped", "shouted", "short"):
            return self.held_out.has(*pair)
        return self.held_out.has_made(*pair)

    def made(self, kind, random):
        """A pair of a kind that is not held out."""
        for _ in range(TRIES):
            pair = getattr(self, kind)(random)
            if pair is None:
                continue
            if not self.refuses(kind, pair):
                return pair
            self.refused[kind] += 1
        return random.choice(self.pairs)

    def epoch(self, seed):
        """The pairs of one epoch, in a fixed order of kinds."""
        generator, drawn = random.Random(seed), []
        for kind, share in self.shares.items():
            count = round(share * len(self.pairs))
            if kind == "pairs" and count == len(self.pairs):
                drawn.extend(self.pairs)
            elif kind == "pairs":
                drawn.extend(generator.sample(self.pairs, count))
            else:
                drawn.extend(self.made(kind, generator) for _ in range(count))
        return drawn


def share(text):
    """kind=0.1 -> (kind, 0.1)"""
    kind, number = text.split("=")
    if kind not in SHARES:
        raise argparse.ArgumentTypeError(f"want one of {list(SHARES)}")
    return kind, float(number)


def add_share_option(add):
    add(
        "--shares",
        nargs="*",
        type=share,
        metavar="KIND=SHARE",
        help="in place of those of augment.py",
    )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("train", help="pairs to train on, source<TAB>target")
    add_options(parser.add_argument)
    parser.add_argument("--seed", type=int, default=1)
    add_share_option(parser.add_argument)
    args = parser.parse_args()
    held_out = HeldOut(args.held_out, args.held_out_lines, args.unmade)
    pairs, left_out = read_pairs(args.train, held_out)
    shares = dict(args.shares) if args.shares else None
    augmentation = Augmentation(pairs, held_out, shares)
    for source, target in augmentation.epoch(args.seed):
        print(f"{source}\t{target}")
    print(
        f"{left_out} pairs held out, refused of those made: "
        f"{dict(augmentation.refused)}",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
