#!/usr/bin/env python3
"""Tests of tools/train/lexical_table.py."""

import contextlib
import io
import os
import sys
import tempfile
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../..")
sys.path.insert(0, os.path.join(ROOT, "tools/train"))

try:
    import lexical_table
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

BUNDLED = os.path.join(ROOT, "models/bundled/tatoeba-en-fr")
PAIRS = "dog\tchien\ncat\tchat\ndog cat\tchien chat\ncat dog\tchat chien\n"


def learn(pairs, *options):
    """[(target, source, probability)] of the pairs."""
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/pairs.tsv", "w", encoding="utf-8") as file:
            file.write(pairs)
        table = f"{folder}/lex.s2t"
        with contextlib.redirect_stdout(io.StringIO()):
            lexical_table.main([f"{folder}/pairs.tsv", BUNDLED, table, *options])
        with open(table, encoding="utf-8") as file:
            lines = [line.split() for line in file]
    return [(target, source, float(p)) for target, source, p in lines]


class LexicalTableTest(unittest.TestCase):
    def test_words_that_come_together_translate_each_other(self):
        table = learn(PAIRS, "--iterations", "10")
        best = {}
        for target, source, p in table:
            best.setdefault(source, (target, p))
        self.assertEqual(best["▁dog"][0], "▁chien")
        self.assertEqual(best["▁cat"][0], "▁chat")
        self.assertGreater(best["▁dog"][1], 0.8)

    def test_probabilities_of_a_source_sum_to_one(self):
        sums = {}
        for _, source, p in learn(PAIRS, "--least", "0"):
            sums[source] = sums.get(source, 0) + p
        for source, total in sums.items():
            self.assertAlmostEqual(total, 1, places=4, msg=source)

    def test_null_has_the_shares_of_frequent_targets(self):
        table = learn("a\tchien chat\nb\tchien\n", "--frequent", "1")
        null = [(t, p) for t, source, p in table if source == "NULL"]
        self.assertEqual(null, [("▁chien", 0.666667)])

    def test_options_limit_the_lines(self):
        table = learn(PAIRS, "--best", "1", "--frequent", "0")
        sources = [source for _, source, _ in table]
        self.assertEqual(len(sources), len(set(sources)))

    def test_a_line_without_a_target_is_named(self):
        with self.assertRaises(SystemExit) as caught:
            learn("a\tb\nc\n")
        self.assertIn("pairs.tsv:2: want source<TAB>target", str(caught.exception))


unittest.main()
