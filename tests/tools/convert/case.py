"""What both tests of the converters need: runs, folders, comparisons."""

import contextlib
import importlib
import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..", "..")
for folder in ("golden", "convert"):
    sys.path.append(os.path.join(ROOT, "tools", folder))

# Outputs that a smaller change of some score could turn are not compared.
NEAR_TIE = 1e-4

# Of 50 texts at least so many are to be compared, to have different outputs,
# and to have outputs that end by themselves.
FEWEST_COMPARED = 35
FEWEST_DISTINCT = 20
FEWEST_ENDED = 5

END = 3  # the id in all systems


class ConverterCase(unittest.TestCase):
    tool = None  # module in tools/convert

    @classmethod
    def setUpClass(cls):
        """A folder for the files that a class makes once, and its tests."""
        place = tempfile.TemporaryDirectory()
        cls.addClassCleanup(place.cleanup)
        cls.place = place.name

    @classmethod
    def path(cls, name):
        return os.path.join(cls.place, name)

    @classmethod
    def write_text(cls, name, text):
        with open(cls.path(name), "w", encoding="utf-8") as file:
            file.write(text)
        return cls.path(name)

    def run_program(self, *arguments):
        """(exit code, standard error) of the tool as people run it."""
        tool = os.path.join(ROOT, "tools", "convert", f"{self.tool}.py")
        done = subprocess.run(
            [sys.executable, tool, *arguments],
            stderr=subprocess.PIPE,
            text=True,
        )
        return done.returncode, done.stderr

    def run_here(self, *arguments):
        """The same in this process, where imports have been paid for."""
        module = importlib.import_module(self.tool)
        errors = io.StringIO()
        with mock.patch.object(sys, "argv", [f"{self.tool}.py", *arguments]):
            with contextlib.redirect_stderr(errors):
                try:
                    importlib.import_module("model_folder").run(module.main)
                    code = 0
                except SystemExit as end:
                    code = end.code
        return code, errors.getvalue()

    def convert(self, *arguments):
        """The folder made."""
        out = self.path("folder")
        shutil.rmtree(out, ignore_errors=True)
        self.assertEqual(self.run_here(*arguments, out), (0, ""))
        return out

    def refuse(self, arguments, *parts, run=None):
        """The tool ends with one line that has all the parts."""
        out = self.path("refused")
        code, errors = (run or self.run_here)(*arguments, out)
        self.assertEqual(code, 2, errors)
        self.assertEqual(errors.count("\n"), 1, errors)
        for part in parts:
            self.assertIn(part, errors)
        self.assertFalse(os.path.exists(out))

    def need_program(self):
        if not os.environ.get("TESSERA_BIN"):
            self.skipTest("TESSERA_BIN names no program")

    def near(self, found, wanted):
        """Of one size, and equal but for the rounding of float64."""
        found = np.asarray(found)
        self.assertEqual(found.shape, wanted.shape)
        scale = np.abs(wanted).max()
        self.assertLess(np.abs(found - wanted).max(), 1e-10 * scale)

    def enough(self, outputs):
        """Checks that the texts compared tell models apart."""
        self.assertGreaterEqual(len(outputs), FEWEST_COMPARED)
        distinct = {tuple(ids) for ids in outputs}
        self.assertGreaterEqual(len(distinct), FEWEST_DISTINCT)
        ended = [ids for ids in outputs if ids[-1] == END]
        self.assertGreaterEqual(len(ended), FEWEST_ENDED)


def read_json(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return json.load(file)


def read_tensors(folder):
    from safetensors.torch import load_file

    return load_file(os.path.join(folder, "model.safetensors"))


def cut(ids):
    """ids up to and with the first END."""
    return ids[: ids.index(END) + 1] if END in ids else ids


def translate(folder, texts):
    """What the program that TESSERA_BIN names makes of texts."""
    program = os.environ["TESSERA_BIN"]
    done = subprocess.run(
        [program, "translate", "--model", folder, "--format", "json"],
        input="".join(text + "\n" for text in texts),
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise AssertionError(f"{program}: {done.returncode}: {done.stderr}")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return [line["translations"][0] for line in lines]


def main(packages):
    """Runs the tests, or tells why not: 77 stands for skipped."""
    missing = [p for p in packages if importlib.util.find_spec(p) is None]
    if missing:
        print("skipped, not installed:", ", ".join(missing))
        sys.exit(77)
    unittest.main("__main__", verbosity=2)
