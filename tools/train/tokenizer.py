#!/usr/bin/env python3
"""Trains a joint SentencePiece vocabulary on a two-column file.

  tokenizer.py train.tsv spm --vocab 8000      # writes spm.model and spm.vocab

The text is one epoch of augment.py, so that capitals and copied texts have
pieces, too. Digits are pieces of their own, all printable ASCII and the letters
of French have one, and any other character is spelt in pieces of a byte each.

Normalisation is NFKC plus what everyday text needs: typographic apostrophes and
quotes become ASCII ones, invisible characters vanish, every space is a plain
space. Ids: 0 </s>, 1 <unk>, then pieces. The padding id, last in the model's
vocabulary, is added by train.py.
"""

import argparse
import os
import tempfile
import unicodedata

import sentencepiece as spm

from augment import Augmentation, read_pairs
from held_out import HeldOut, add_options

# Beyond NFKC: code point -> text.
REPLACED = {
    0x2018: "'",  # single quotes and apostrophes
    0x2019: "'",
    0x201B: "'",
    0x02BC: "'",
    0x201C: '"',  # double quotes
    0x201D: '"',
    0x201E: '"',
    0x201F: '"',
    0x2010: "-",  # hyphens and dashes
    0x2011: "-",
    0x2013: "-",
    0x2014: "-",
    0x09: " ",
    0x0A: " ",
    0x0D: " ",
}

# Soft hyphen, zero-width characters but the joiner of emoji, control characters
# (0 ends a string in SentencePiece's rules and can't stand in them).
REMOVED = [
    0x00AD,
    0x200B,
    0x200C,
    0x2060,
    0xFEFF,
    *range(0x01, 0x09),
    0x0B,
    0x0C,
    *range(0x0E, 0x20),
    0x7F,
]

# Characters with a piece of their own; text with others is no use to training.
ASCII = "".join(map(chr, range(0x21, 0x7F)))
LETTERS = "àâæçéèêëîïôœùûüÿ"
REQUIRED = ASCII + LETTERS + LETTERS.upper() + "äáãåíìñóòöøúßÄÅÖØÁÉÍ«»°€£"

SURROGATES = range(0xD800, 0xE000)
HANGUL_SYLLABLES = range(0xAC00, 0xD7A4)


def normalisation_rules():
    """Source text -> target text, for each text that changes."""
    rules = {}
    for code in range(0x80, 0x30000):
        if code in SURROGATES:
            continue
        char = chr(code)
        target = unicodedata.normalize("NFKC", char)
        rules[char] = target
        # A letter and its combining mark, typed as two characters. Hangul has
        # 11,172 such pairs, which would fill the table for nothing.
        decomposed = unicodedata.normalize("NFD", char)
        if decomposed != char and code not in HANGUL_SYLLABLES:
            rules.setdefault(decomposed, target)
    rules = {s: t for s, t in rules.items() if s != t}
    rules.update({chr(code): text for code, text in REPLACED.items()})
    rules.update({chr(code): "" for code in REMOVED})
    return rules


def write_rules(path):
    """The rules as normalization_rule_tsv: code points in hexadecimal."""

    def hexadecimal(text):
        return " ".join(f"{ord(char):X}" for char in text)

    with open(path, "w", encoding="utf-8") as file:
        for source, target in sorted(normalisation_rules().items()):
            file.write(f"{hexadecimal(source)}\t{hexadecimal(target)}\n")


def write_text(pairs, path):
    """Both columns, a sentence a line, but those with characters spelt in bytes."""
    known = set(REQUIRED + " ")
    with open(path, "w", encoding="utf-8") as text:
        for pair in pairs:
            for side in pair:
                if known.issuperset(side):
                    text.write(side + "\n")


def drawn_pairs(args):
    """One epoch of augmented pairs."""
    held_out = HeldOut(args.held_out, args.held_out_lines, args.unmade)
    pairs, _ = read_pairs(args.tsv, held_out)
    return Augmentation(pairs, held_out).epoch(args.seed)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("tsv", help="sentence pairs, source<TAB>target")
    parser.add_argument("out", help="where to write OUT.model and OUT.vocab")
    parser.add_argument(
        "--vocab", type=int, default=8000, help="size, padding id included"
    )
    add_options(parser.add_argument)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        text = os.path.join(folder, "text")
        rules = os.path.join(folder, "rules.tsv")
        write_text(drawn_pairs(args), text)
        write_rules(rules)
        spm.SentencePieceTrainer.train(
            input=text,
            model_prefix=args.out,
            model_type="unigram",
            vocab_size=args.vocab - 1,
            character_coverage=1.0,
            required_chars=REQUIRED,
            split_digits=True,
            byte_fallback=True,
            normalization_rule_tsv=rules,
            eos_id=0,
            unk_id=1,
            bos_id=-1,
            pad_id=-1,
            num_threads=2,
            input_sentence_size=0,
            minloglevel=1,
        )


if __name__ == "__main__":
    main()
