"""Types: the stubs are those of the extension, and checkers accept the package."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tessera
from conftest import ROOT

PACKAGE = Path(tessera.__file__).parent
FOLDER = Path(__file__).parent


def test_stubs_are_what_a_fresh_run_writes(tmp_path):
    subprocess.run(
        [sys.executable, ROOT / "tools/python/make_stubs.py", tmp_path / "_tessera.pyi"],
        check=True,
    )
    written = (tmp_path / "_tessera.pyi").read_text()
    assert written == (PACKAGE / "_tessera.pyi").read_text()


@pytest.mark.parametrize(
    "checker", [("mypy", "--strict"), ("pyright", "--warnings")]
)
def test_checkers_accept_package_and_example(checker, tmp_path):
    pytest.importorskip(checker[0])
    # The sources, not links into them; away from any configuration.
    shutil.copytree(PACKAGE.resolve(), tmp_path / "tessera")
    shutil.copy(FOLDER / "typed_example.py", tmp_path)
    found = subprocess.run(
        [sys.executable, "-m", *checker, "typed_example.py", "tessera"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    if "download" in found.stderr or "nodeenv" in found.stderr:
        pytest.skip(f"{checker[0]} cannot run here")
    assert found.returncode == 0, found.stdout + found.stderr
