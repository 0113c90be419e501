#!/usr/bin/env python3
"""Tests of tools/train/train.py: a run that was stopped goes on as if it had not."""

import os
import sys
import tempfile
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../..")
sys.path.insert(0, os.path.join(ROOT, "tools/train"))

try:
    import torch
    import train
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

SPM = os.path.join(ROOT, "models/bundled/tatoeba-en-fr/source.spm")
STEPS = 6
SIZES = "--d 16 --ffn 16 --heads 2 --enc 1 --dec 1 --tokens 40 --longest 40"


class Run(train.Training):
    """A run that stops after some steps, and remembers its batches."""

    def __init__(self, args, steps):
        super().__init__(args)
        self.steps, self.batches = steps, []

    def train(self, batch):
        self.batches.append(batch[0].tolist())
        super().train(batch)
        if len(self.batches) == self.steps:
            self.stop()


def run(folder, out, steps, *options):
    torch.manual_seed(1)
    files = [f"{folder}/pairs.tsv", f"{folder}/dev.tsv", SPM, f"{folder}/{out}"]
    sys.argv = ["train.py", *files, "--plain"]
    sys.argv += ["--threads", "1", *SIZES.split(), *options]
    found = Run(train.parse_arguments(), steps)
    found.run()
    return found


class ResumeTest(unittest.TestCase):
    def test_goes_on_with_the_next_batch_and_the_same_state(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, lines in (("pairs", 200), ("dev", 3)):
                with open(f"{folder}/{name}.tsv", "w") as file:
                    for i in range(lines):
                        file.write(f"{name} line {i}\tligne {name} {i}\n")
            whole = run(folder, "whole", STEPS)
            first = run(folder, "parts", STEPS // 2)
            second = run(folder, "parts", STEPS // 2, "--resume")
            self.assertEqual(whole.batches, first.batches + second.batches)
            self.assertEqual(second.step, STEPS)
            self.assertEqual(second.seen, whole.seen)
            self.assertGreaterEqual(second.spent, 0)

    def test_mixes_states_by_their_share(self):
        a, b = {"w": torch.tensor([1.0])}, {"w": torch.tensor([2.0])}
        self.assertEqual(train.mixed(a, b, 0.25)["w"].item(), 1.75)


if __name__ == "__main__":
    unittest.main()
