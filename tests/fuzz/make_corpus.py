#!/usr/bin/env python3
"""Writes corpus/: a folder of seeds for each fuzz target, from the tiny models of
tests/golden and by hand. Inputs that fuzzing found (found-*) stay.

usage: make_corpus.py [KIND...]    modules of corpus_makers/; all if none is named.
                                   `weights` and `named_files` need PyTorch
"""
import importlib
import random
import sys

KINDS = ("configurations", "weights", "sentencepieces", "tokenizers", "named_files",
         "folders", "packed", "requests")

for kind in sys.argv[1:] or KINDS:
    random.seed(1)
    importlib.import_module("corpus_makers." + kind).make()
