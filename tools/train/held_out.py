"""Keeps test sentences, and variants of them, out of training.

A variant differs in case, punctuation, spacing, symbols or digits alone.
"""

import re
import unicodedata


def key(text):
    """What all variants of a sentence share; empty if it has no letter."""
    text = unicodedata.normalize("NFKC", text).lower()
    text = re.sub(r"\d+", "0", re.sub(r"[^\w\s]|_", " ", text))
    text = " ".join(re.sub(r"0(?: 0)+", "0", " ".join(text.split())).split())
    return text if re.search(r"[^\W\d]", text) else ""


def read_columns(path):
    """The columns of each line of a file."""
    with open(path, encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file]


def add_options(add):
    """The options that name held-out files; add is a parser's add_argument."""
    add("--held-out", nargs="*", default=[], metavar="TSV", help="test files")
    add("--held-out-lines", nargs="*", default=[], metavar="TSV")
    add(
        "--unmade", nargs="*", default=[], metavar="TSV", help="see held_out.py"
    )


class HeldOut:
    """Sentences that no training pair may hold, on either side.

    files    source<TAB>target[<TAB>target...] each: dev and test.
    lines    files of which the first column is a source: lines of a benchmark.
    unmade   the same, but what they hold is only not to be made of lists and
             other pairs: a training pair may have it, and be typed otherwise.
             For a benchmark's first words: greetings are in every corpus.
    """

    def __init__(self, files, lines=(), unmade=()):
        self.sources, self.targets, self.unmade = set(), set(), set()
        for path in files:
            for source, *targets in read_columns(path):
                self.sources.add(key(source))
                self.targets.update(map(key, targets))
        for path in lines:
            self.sources.update(key(row[0]) for row in read_columns(path))
        for path in unmade:
            self.unmade.update(key(row[0]) for row in read_columns(path))
        for keys in (self.sources, self.targets, self.unmade):
            keys.discard("")

    def has(self, source, target):
        """Whether a pair's source or target is held out."""
        return key(source) in self.sources or key(target) in self.targets

    def has_made(self, source, target):
        """The same of a pair that augmentation made."""
        return self.has(source, target) or key(source) in self.unmade
