#!/usr/bin/env python3
"""Measures how a translation model takes what people type first.

  bench/engine/manners/manners.py --tessera build/release/tools/tessera

Fixed lines of several kinds beside this file, first column; what must be found
in the translation follows it. A table is printed; the exit code is 1 if a kind
is below its limit. --show prints the lines that fail, --model takes another
folder. What counts as right, kind by kind:

  numbers        every number of the line stands in the translation in digits,
                 thousands and decimals written as either language does
  capitals       the line in capitals is translated like the line as it is:
                 chrF of the two translations in lower case is at least 60
  unpunctuated   the same for the line without capitals and end mark
  first words    the translation is one of the answers, but for case and marks
  joined         a line of 2 to 4 sentences gives as many, and chrF with the
                 sentences translated one by one is at least 50
  placeholders, tags, urls, emoji, subtitles
                 each text of the further columns stands in the translation
  length         no translation has over twice the characters of its line, or
                 of 20 characters for a shorter line; of all kinds

chrF is chrF2 of Popović 2015: F2 of character 1- to 6-grams without spaces,
precision and recall each a mean over the orders.
"""

import argparse
import collections
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..", "..")

LIMITS = {
    "numbers": 95,
    "capitals": 80,
    "unpunctuated": 80,
    "first_words": 90,
    "joined": 95,
    "placeholders": 95,
    "tags": 95,
    "urls": 95,
    "emoji": 95,
    "subtitles": 95,
    "length": 100,
}
LIKE = 60  # chrF of two translations that say the same
KEPT = 50  # chrF of a translation that leaves nothing out
SHORT = 20  # characters of a line that counts as no shorter


def rows(kind):
    """The lines of a kind, split into columns."""
    with open(f"{HERE}/{kind}.tsv", encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file]


def grams(text, order):
    text = "".join(text.split())
    return collections.Counter(
        text[i : i + order] for i in range(len(text) - order + 1)
    )


def chrf(found, wanted):
    """chrF2 from 0 to 100, over the orders that both texts have."""
    precisions, recalls = [], []
    for order in range(1, 7):
        ours, theirs = grams(found, order), grams(wanted, order)
        if not ours or not theirs:
            continue
        same = (ours & theirs).total()
        precisions.append(same / ours.total())
        recalls.append(same / theirs.total())
    if not precisions or not any(precisions):
        return 0.0
    p = sum(precisions) / len(precisions)
    r = sum(recalls) / len(recalls)
    return 100 * 5 * p * r / (4 * p + r)


def numbers_of(text):
    """Numbers as digits alone: 1,250.50 and 1 250,50 are both 125050."""
    joined = re.sub(r"(?<=\d)[.,\s](?=\d)", "", text)
    return collections.Counter(re.findall(r"\d+", joined))


def sentences(text):
    """The number of sentence ends in a text."""
    return len(re.findall(r"[.!?]+(?=\s|$)", text))


def split_sentences(line):
    return re.findall(r"\S.*?[.!?]+(?=\s|$)", line)


def bare(text):
    """Letters and digits in lower case, words parted by single spaces."""
    return " ".join(re.sub(r"[^\w]", " ", text.lower()).split())


def typed_bare(line):
    """The line without capitals and end mark."""
    return re.sub(r"[.!?]$", "", line).lower()


class Translations:
    """Translations of lines, all made in one run of the program."""

    def __init__(self, program, model):
        self.command = [program, "translate", "--model", model]
        self.known = {}

    def add(self, lines):
        new = [line for line in dict.fromkeys(lines) if line not in self.known]
        done = subprocess.run(
            self.command,
            input="".join(line + "\n" for line in new).encode(),
            capture_output=True,
            check=True,
        )
        outputs = done.stdout.decode().split("\n")[:-1]
        if len(outputs) != len(new):
            raise RuntimeError(f"want {len(new)} lines, found {len(outputs)}")
        self.known.update(zip(new, outputs))

    def __getitem__(self, line):
        return self.known[line]


def keeps_numbers(line, _, output):
    return numbers_of(line) <= numbers_of(output)


def is_answer(_, answers, output):
    return bare(output) in map(bare, answers)


def keeps_texts(line, texts, output):
    return all(
        output.count(text) >= min(line.count(text), texts.count(text))
        for text in texts
    )


CHECKS = {
    "numbers": keeps_numbers,
    "first_words": is_answer,
    **dict.fromkeys(
        ("placeholders", "tags", "urls", "emoji", "subtitles"), keeps_texts
    ),
}
TYPED = {"capitals": str.upper, "unpunctuated": typed_bare}


class Bench:
    """All kinds: their lines, translated, and which of them are right."""

    def __init__(self, translations):
        self.translations = translations
        self.kinds = {kind: rows(kind) for kind in LIMITS if kind != "length"}
        self.results = collections.defaultdict(list)  # (right, line, output)
        self.likeness = collections.defaultdict(list)

    def lines(self):
        """Every line to translate."""
        for kind, found in self.kinds.items():
            for line, *_ in found:
                yield TYPED[kind](line) if kind in TYPED else line
                if kind in TYPED:
                    yield line
                if kind == "joined":
                    yield from split_sentences(line)

    def run(self):
        self.translations.add(list(self.lines()))
        for kind, found in self.kinds.items():
            for line, *columns in found:
                if kind in TYPED:
                    self.compare(kind, line)
                elif kind == "joined":
                    self.compare_joined(line)
                else:
                    output = self.translations[line]
                    right = CHECKS[kind](line, columns, output)
                    self.note(kind, right, line)
        for line in dict.fromkeys(self.lines()):
            limit = 2 * max(len(line), SHORT)
            self.note("length", len(self.translations[line]) <= limit, line)

    def note(self, kind, right, line):
        self.results[kind].append((right, line, self.translations[line]))

    def compare(self, kind, line):
        """A line as it is typed with the line as it is."""
        typed = TYPED[kind](line)
        found, wanted = self.translations[typed], self.translations[line]
        like = chrf(found.lower(), wanted.lower())
        self.likeness[kind].append(like)
        self.note(kind, like >= LIKE, typed)

    def compare_joined(self, line):
        """A line of several sentences with the sentences one by one."""
        parts = split_sentences(line)
        wanted = " ".join(self.translations[part] for part in parts)
        found = self.translations[line]
        like = chrf(found, wanted)
        self.likeness["joined"].append(like)
        kept = sentences(found) >= len(parts) and like >= KEPT
        self.note("joined", kept, line)

    def share(self, kind):
        results = self.results[kind]
        return 100 * sum(right for right, *_ in results) / len(results)

    def table(self):
        """Markdown, and whether each kind is within its limit."""
        out = ["| kind | lines | right | wanted | mean chrF |"]
        out += ["|---|---|---|---|---|"]
        enough = True
        for kind, limit in LIMITS.items():
            share, likes = self.share(kind), self.likeness[kind]
            enough &= share >= limit
            mean = f"{sum(likes) / len(likes):.1f}" if likes else ""
            out.append(
                f"| {kind.replace('_', ' ')} | {len(self.results[kind])} "
                f"| {share:.1f} % | {limit} % | {mean} |"
            )
        return "\n".join(out), enough

    def failures(self):
        for kind, results in self.results.items():
            for right, line, output in results:
                if not right:
                    yield f"{kind}: {line} => {output}"


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--tessera", default=f"{ROOT}/build/release/tools/tessera")
    add(
        "--model", default=f"{ROOT}/models/bundled/tatoeba-en-fr", metavar="DIR"
    )
    add("--show", action="store_true", help="print the lines that fail")
    return parser.parse_args()


def main():
    args = parse_arguments()
    bench = Bench(Translations(args.tessera, args.model))
    bench.run()
    if args.show:
        print("\n".join(bench.failures()))
    table, enough = bench.table()
    print(table)
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
