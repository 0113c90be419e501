"""The wheel that TESSERA_WHEEL names, of tools/python/build_wheel.py."""

import importlib.util
import os
import re
import subprocess
import sys
import zipfile

import pytest
from conftest import ROOT

WHEEL = os.environ.get("TESSERA_WHEEL")
pytestmark = pytest.mark.skipif(not WHEEL, reason="no TESSERA_WHEEL")


def tool(*command):
    pytest.importorskip(command[0])
    return subprocess.run(
        [sys.executable, "-m", *command, WHEEL],
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def test_runs_on_every_python_from_3_10_and_glibc_2_35():
    assert WHEEL.endswith("-cp310-abi3-manylinux_2_35_x86_64.whl")
    shown = " ".join(tool("auditwheel", "show").split())
    assert 'following platform tag: "manylinux_2_35_x86_64"' in shown
    tool("abi3audit", "--strict")


def test_asks_for_no_place_for_thread_locals_of_others(tmp_path):
    """Where torch was first, libstdc++ can no longer be given one."""
    with zipfile.ZipFile(WHEEL) as wheel:
        module = wheel.extract("tessera/_tessera.abi3.so", tmp_path)
    found = subprocess.run(
        ["readelf", "-rW", module], check=True, capture_output=True, text=True
    ).stdout
    places = [line.split() for line in found.splitlines() if "TPOFF64" in line]
    assert all(len(words) <= 4 for words in places), places  # none has a name


def test_is_small_and_has_licences_of_all_in_it():
    assert os.path.getsize(WHEEL) <= 15_000_000
    with zipfile.ZipFile(WHEEL) as wheel:
        names = wheel.namelist()
        assert wheel.testzip() is None
    libraries = [name for name in names if ".libs/" in name]
    licences = {name.split("/")[-1] for name in names if "/licenses/" in name}
    assert len(libraries) == 4 and not any("icu" in name for name in libraries)
    assert {"LICENSE", "libdnnl2.txt", "libicu72.txt", "libgomp1.txt"} <= licences
    assert len(licences) == 1 + len(libraries) + 4  # ICU and three of headers


def test_cut_data_are_what_icu_had():
    pytest.importorskip("elftools")
    spec = importlib.util.spec_from_file_location(
        "cut_icu_data", ROOT / "tools/python/cut_icu_data.py"
    )
    cut = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(cut)
    _, package = cut.package_of("/usr/lib/x86_64-linux-gnu/libicudata.so")
    items = [item for item in cut.items_of(package) if cut.kept(item[0])]
    header = package[: int.from_bytes(package[:2], "little")]
    again = dict(cut.items_of(cut.pack(header, items)))
    assert len(again) == len(items) > 10
    for name, content in items:  # padding may differ
        assert again[name].startswith(content.rstrip(b"\0"))
