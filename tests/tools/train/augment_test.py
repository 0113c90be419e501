#!/usr/bin/env python3
"""Tests of tools/train: pairs that augmentation makes, and those it must not."""

import os
import random
import sys
import tempfile
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../..")
sys.path.insert(0, os.path.join(ROOT, "tools/train"))

import retype
from augment import Augmentation, SHARES
from copy_through import echoing
from held_out import HeldOut, key

# Each noun in seven pairs of 350: what a lexicon is drawn from.
NOUNS = [(f"{c}{d}t", f"{d}{c}l") for c in "bdfgklmnpr" for d in "aeiou"]
PAIRS = [
    (f"Tom sees {count} of the {ours}.", f"Tom voit {count} des {theirs}.")
    for ours, theirs in NOUNS
    for count in range(2, 9)
] + [("Hello.", "Bonjour."), ("Who is it?", "Qui est-ce ?")]


def augmentation(unmade=()):
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as file:
        file.write("".join(f"{line}\n" for line in unmade))
        file.flush()
        return Augmentation(PAIRS, HeldOut([], [], [file.name]))


class AugmentTest(unittest.TestCase):
    def test_draws_an_epoch_from_its_seed_alone(self):
        self.assertEqual(
            augmentation().epoch("1 0"), augmentation().epoch("1 0")
        )

    def test_makes_every_kind(self):
        made, generator = augmentation(), random.Random(1)
        for kind in SHARES:
            if kind != "pairs":
                for _ in range(50):
                    source, target = made.made(kind, generator)
                    self.assertTrue(source and target)

    def test_makes_no_unmade_word_alone_however_it_is_typed(self):
        made, generator = augmentation(["dog", "Thank you"]), random.Random(2)
        sources = {
            key(made.made(kind, generator)[0])
            for kind in ("words", "several", "titled")
            for _ in range(20000)
        }
        self.assertFalse(sources & {"dog", "thank you"})
        self.assertTrue(any("dog" in source.split() for source in sources))

    def test_elides_before_vowels_but_not_before_an_aspirated_h(self):
        made, generator = augmentation(), random.Random(3)
        nouns = {made.noun(generator) for _ in range(20000)}
        self.assertIn(("the school", "l'école"), nouns)
        self.assertIn(("the owl", "le hibou"), nouns)
        self.assertIn(("an umbrella", "un parapluie"), nouns)

    def test_titles_leave_addresses_as_they_are(self):
        pair = "read https://a.com, tom's news.", "lis https://a.com."
        self.assertEqual(
            retype.titled(random.Random(1), pair)[0],
            "Read https://a.com, Tom's News",
        )

    def test_links_may_take_a_word_of_their_sentence(self):
        found = {
            echoing(random.Random(seed), "My letter is {file}.", "./dog_3.pdf")
            for seed in range(100)
        }
        self.assertEqual(found, {"./dog_3.pdf", "./letter_3.pdf"})


if __name__ == "__main__":
    unittest.main()
