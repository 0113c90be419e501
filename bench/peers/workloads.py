"""What is translated: five models, each with its lines, and the ways to ask."""

import dataclasses
import json
import os

import sentencepiece

import random_families
import random_marian
from peer_data import read_lines

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")

BUNDLED = f"{ROOT}/models/bundled/tatoeba-en-fr"

BATCH = 32

# Of each line that a random model reads, its end included, and writes.
RANDOM_TOKENS = 24


@dataclasses.dataclass(frozen=True)
class Case:
    """One way to ask: in batches, or one sentence at a time."""

    alone: bool
    beam_size: int

    def __str__(self):
        how = "one sentence" if self.alone else f"batch {BATCH}"
        return f"{how}, beam {self.beam_size}"

    @property
    def option(self):
        """What names it on the command line."""
        return f"{'one' if self.alone else 'batch'}-{self.beam_size}"


CASES = [
    Case(alone=False, beam_size=4),
    Case(alone=False, beam_size=1),
    Case(alone=True, beam_size=4),
    Case(alone=True, beam_size=1),
]


@dataclasses.dataclass(eq=False)
class Workload:
    name: str
    folder: str  # of Hugging Face's form
    lines: list
    batch_lines: int  # how many of the lines a case takes
    alone_lines: int
    references: list = None  # [[reference, ...]] a line, where the model is real
    target: str = ""  # the language that outputs begin with

    def __post_init__(self):
        settings = f"{self.folder}/generation_config.json"
        with open(settings, encoding="utf-8") as file:
            self.settings = json.load(file)
        marian = os.path.exists(f"{self.folder}/source.spm")
        self.tokenizer = (Tokenizer if marian else ClassTokenizer)(self.folder)

    def count(self, case, quick):
        lines = self.alone_lines if case.alone else self.batch_lines
        # BLEU wants the whole test.
        whole = self.references and not case.alone
        return max(lines // 4, 1) if quick and not whole else lines

    def sources(self, count):
        """[[piece, ...]], the end included."""
        return [self.tokenizer.pieces(line) for line in self.lines[:count]]


class Tokenizer:
    """MarianTokenizer's work, without Transformers."""

    def __init__(self, folder):
        self.source = sentencepiece.SentencePieceProcessor(f"{folder}/source.spm")
        self.target = sentencepiece.SentencePieceProcessor(f"{folder}/target.spm")
        with open(f"{folder}/vocab.json", encoding="utf-8") as file:
            self.ids = json.load(file)
        self.tokens = {id: token for token, id in self.ids.items()}

    def pieces(self, line):
        pieces = self.source.encode(line, out_type=str)
        return [p if p in self.ids else "<unk>" for p in pieces] + ["</s>"]

    def text(self, pieces):
        return self.target.decode([p for p in pieces if p != "</s>"])


class ClassTokenizer:
    """The tokenizer of Transformers that a folder names."""

    def __init__(self, folder):
        from transformers import AutoTokenizer

        self.own = AutoTokenizer.from_pretrained(folder, use_fast=False)
        self.ids = self.own.get_vocab()
        self.tokens = {id: token for token, id in self.ids.items()}

    def pieces(self, line):
        return self.own.convert_ids_to_tokens(self.own(line).input_ids)

    def text(self, pieces):
        special = set(self.own.all_special_tokens)
        kept = [p for p in pieces if p in self.ids and p not in special]
        return self.own.convert_tokens_to_string(kept) if kept else ""


def lines_of(length, count, tokenizer):
    """Sentences of the dev set, joined and cut to that many tokens."""
    words = []
    for columns in read_lines(f"{ROOT}/bench/data/dev.multi.tsv"):
        words += columns[0].split()
    lines = []
    begin = 0
    while len(lines) < count and begin < len(words):
        end = begin + 1
        size = len(tokenizer.pieces(words[begin]))
        while size < length and end < len(words):
            end += 1
            size = len(tokenizer.pieces(" ".join(words[begin:end])))
        if size == length:
            lines.append(" ".join(words[begin:end]))
        begin = end
    return lines


def random_workload(name, shape, cache, batch_lines, alone_lines):
    folder = f"{cache}/{name}"
    if not os.path.exists(f"{folder}/model.safetensors"):
        random_marian.write_folder(shape, RANDOM_TOKENS, BUNDLED, folder)
    lines = lines_of(RANDOM_TOKENS, batch_lines, Tokenizer(BUNDLED))
    return Workload(name, folder, lines, batch_lines, alone_lines)


def family_workload(name, make, cache, batch_lines, alone_lines, target=""):
    folder = f"{cache}/{name}"
    if not os.path.exists(f"{folder}/model.safetensors"):
        dev = read_lines(f"{ROOT}/bench/data/dev.multi.tsv")
        random_families.write_folder(
            make, [columns[0] for columns in dev], RANDOM_TOKENS, folder
        )
    lines = lines_of(RANDOM_TOKENS, batch_lines, ClassTokenizer(folder))
    return Workload(
        name, folder, lines, batch_lines, alone_lines, target=target
    )


def flan_t5_base(cache):
    make = random_families.flan_t5_base
    return family_workload("flan-t5-base", make, cache, 32, 6)


def nllb_600m(cache):
    make, target = random_families.nllb_600m, random_families.TARGET
    return family_workload("nllb-600m", make, cache, 32, 4, target)


def opus(cache):
    shape = random_marian.Shape(
        width=512,
        hidden=2048,
        heads=8,
        encoder_layers=6,
        decoder_layers=6,
        vocabulary=58_101,
    )
    return random_workload("opus", shape, cache, 64, 12)


def tiny(cache):
    shape = random_marian.Shape(
        width=256,
        hidden=1536,
        heads=8,
        encoder_layers=6,
        decoder_layers=2,
        vocabulary=32_000,
    )
    return random_workload("tiny", shape, cache, 256, 48)


def bundled(cache):
    test = read_lines(f"{ROOT}/bench/data/test.multi.tsv")
    lines = [columns[0] for columns in test]
    references = [columns[1:] for columns in test]
    return Workload("bundled", BUNDLED, lines, len(lines), 200, references)


MODELS = {
    "opus": opus,
    "tiny": tiny,
    "bundled": bundled,
    "flan-t5-base": flan_t5_base,
    "nllb-600m": nllb_600m,
}

# The others take gigabytes and much time.
DEFAULT_MODELS = ["opus", "tiny", "bundled"]
