#!/usr/bin/env python3
"""Writes the stubs of the extension module, from an importable package:

    PYTHONPATH=build/release/tools/python tools/python/make_stubs.py FILE
"""

import sys

del sys.path[0]  # the package's sources lie here, without the module

import tessera  # noqa: E402
from nanobind.stubgen import StubGen  # noqa: E402


def stubs() -> str:
    # Users see it as the package's, but it is the module that has it.
    tessera.Error.__module__ = "tessera._tessera"
    generator = StubGen(tessera._tessera, quiet=True)
    generator.put(tessera._tessera)
    return generator.get()


if __name__ == "__main__":
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write(stubs())
