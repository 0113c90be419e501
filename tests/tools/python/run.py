#!/usr/bin/env python3
"""Runs the tests of the Python package by pytest; 77 where a package is missing.

run.py --missing    prints which
"""

import importlib.util
import os
import sys

NEEDED = ("nanobind", "nanobind_backend", "numpy", "pyarrow", "pytest")


def main():
    missing = [name for name in NEEDED if not importlib.util.find_spec(name)]
    if sys.argv[1:] == ["--missing"]:
        print(", ".join(missing))
        return 0
    if missing:
        print(f"skipped: no {', '.join(missing)}")
        return 77
    import pytest

    folder = os.path.dirname(os.path.abspath(__file__))
    options = ["-q", "-p", "no:cacheprovider", "-o", "python_files=*_test.py"]
    return pytest.main([*options, folder, *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
