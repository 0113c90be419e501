"""The bundled model, the public test's sentences, and the program beside which
the package is held."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import tessera

ROOT = Path(__file__).resolve().parents[3]
MODEL = ROOT / "models/bundled/tatoeba-en-fr"


@pytest.fixture(scope="session")
def model():
    return str(MODEL)


@pytest.fixture(scope="session")
def translator():
    with tessera.Translator(MODEL, threads=2) as loaded:
        yield loaded


@pytest.fixture(scope="session")
def sentences():
    with open(ROOT / "bench/data/test.multi.tsv", encoding="utf-8") as file:
        return [line.split("\t")[0] for line in file][:1000]


@pytest.fixture(scope="session")
def reference(sentences):
    """What `tessera translate` writes of them, as JSON."""
    found = subprocess.run(
        [os.environ["TESSERA_BIN"], "translate", "--model", MODEL, "--format", "json"],
        input="\n".join(sentences) + "\n",
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line)["translations"][0] for line in found.stdout.splitlines()]


def same(result, wanted):
    """Whether a translation is the program's, to the last digit it prints."""
    return (
        result.text == wanted["text"]
        and result.ids == wanted["ids"]
        and f"{result.score:.6f}" == f"{wanted['score']:.6f}"
        and [f"{p:.6f}" for p in result.log_probs]
        == [f"{p:.6f}" for p in wanted["log_probs"]]
    )


def run_python(code, *arguments, timeout=60, **options):
    """A script in a process of its own, all warnings on."""
    return subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        **options,
    )
