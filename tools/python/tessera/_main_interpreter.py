"""Refuses to be imported by a subinterpreter.

The extension's types are those of one interpreter: a second import would take
them from the first, which Python 3.12 and newer prevent for isolated ones alone.
"""

import importlib
import sys

_NAME = "_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters"

try:
    _interpreters = importlib.import_module(_NAME)
except ImportError:  # a Python that was built without them
    pass
else:
    if _interpreters.get_current() != _interpreters.get_main():
        raise ImportError("tessera: want the main interpreter, found another")
