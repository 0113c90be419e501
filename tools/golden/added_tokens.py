#!/usr/bin/env python3
"""Writes tests/golden/tokenizer/added.json: texts and ids with added tokens, by
the Python tokenizers of Transformers.

A list of cases: "files", what the folder calls files of tests/golden/tokenizer,
"config", "added", "map", its tokenizer_config.json, added_tokens.json and
special_tokens_map.json, null for none, "encode" [text, ids], "decode" [ids, text].
"""

import json
import os
import random
import shutil
import tempfile

from transformers import (
    AddedToken,
    BartTokenizer,
    BlenderbotSmallTokenizer,
    BlenderbotTokenizer,
    ByT5Tokenizer,
    M2M100Tokenizer,
    MBart50Tokenizer,
    MBartTokenizer,
    NllbTokenizer,
    PegasusTokenizer,
    T5Tokenizer,
)
from transformers.utils import logging

from tokenizer import KnownCodes

logging.set_verbosity_error()

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
GOLDEN = f"{ROOT}/tests/golden/tokenizer"

TEXTS = [
    "", "<ph>", "Put <ph> here.", "<ph><ph>", "a<ph>b", "  <ph>  x  <ph>", "<ph",
    "Zyxw is there.", "Zyxwv Zyxwvu", "aZyxwb", "the Zyx Zyxw", "Zyx. Zyx",
    "Where is the [L] station?", "x [L]y", "[L] [R]", "[R]  [L]", "z\u3000[L][R]\u2003z",
    "one word or", "one_word", "one", "no one is one", "<ph>one", "one<ph>", "one[R]one",
    "\u5c71\u7530\u5c71", "a\u5c71", "<ph>\u5c71<ph>", "caf\u00e9 <ph>\u00e9",
    ">>fr<< Where?", ">>fr<<>>de<< twice", ">>qq<<Where?", "a >>qq<< b", "<ph>>>fr<<x",
    "<sp> is special <sp>",
]
TOKENS = [
    AddedToken("<ph>"),
    AddedToken("Zyxw"),
    AddedToken("Zyx", single_word=True),
    AddedToken("Zyxwvu", normalized=False),
    AddedToken("[L]", lstrip=True),
    AddedToken("[R]", rstrip=True),
    AddedToken("one", single_word=True, lstrip=True, rstrip=True),
    AddedToken("\u5c71\u7530"),
    AddedToken(">>qq<<"),
]
SPECIAL = {"additional_special_tokens": [AddedToken("<sp>")]}

PIECES = {"spiece.model": "families/pieces.model"}
SHARED = {"sentencepiece.bpe.model": "families/bpe.model"}
M2M = {**SHARED, "vocab.json": "families/m2m_vocab.json"}
BYTES = {"vocab.json": "families/vocab.json", "merges.txt": "families/merges.txt"}
SMALL = {"vocab.json": "json/small_vocab.json", "merges.txt": "json/small_merges.txt"}
MARIAN = {
    "source.spm": "separate/source.spm", "target.spm": "separate/target.spm",
    "vocab.json": "separate/vocab.json",
}


def read(path):
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def write_folder(folder, files, config, added=None, special_map=None):
    for name, source in files.items():
        shutil.copy(f"{GOLDEN}/{source}", f"{folder}/{name}")
    for name, value in (
        ("tokenizer_config.json", config), ("added_tokens.json", added),
        ("special_tokens_map.json", special_map),
    ):
        if value is not None:
            with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
                json.dump(value, file)


def saved(cls, files, config, tokens, special, keep_special_list):
    """The three files after adding tokens and save_pretrained."""
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        write_folder(first, files, config)
        tokenizer = cls.from_pretrained(first)
        tokenizer.add_tokens(tokens)
        if special:
            tokenizer.add_special_tokens(
                special, replace_additional_special_tokens=not keep_special_list)
        tokenizer.save_pretrained(second)
        return [read(f"{second}/{name}") for name in
                ("tokenizer_config.json", "added_tokens.json", "special_tokens_map.json")]


def case(name, cls, files, config, added=None, special_map=None):
    config = {**config, "tokenizer_class": cls.__name__.replace(
        "KnownCodes", "MarianTokenizer")}
    with tempfile.TemporaryDirectory() as folder:
        write_folder(folder, files, config, added, special_map)
        tokenizer = cls.from_pretrained(folder)
    new = sorted(tokenizer.get_added_vocab().values())[-12:]
    others = [i for i in range(4, 90)]
    rng = random.Random(3)
    decode = [[i] for i in new]
    for length in (2, 3, 4, 6, 8, 12) * 4:
        decode.append([rng.choice(new if rng.random() < 0.5 else others)
                       for _ in range(length)])
    end = tokenizer.eos_token_id
    decode += [[new[0], end], [end, new[0]], [others[9], new[0], end], [new[0], new[0]]]
    print(name, len(tokenizer))
    return {
        "name": name, "files": files, "config": config, "added": added,
        "map": special_map,
        "encode": [[text, tokenizer(text).input_ids] for text in TEXTS],
        "decode": [[ids, tokenizer.decode(ids, skip_special_tokens=True)]
                   for ids in decode],
    }


def both(name, cls, files, config, keep=True):
    """As 4.34 and later save it, and as those before: no added_tokens_decoder."""
    new, added, special_map = saved(cls, files, config, TOKENS, SPECIAL, keep)
    old = {k: v for k, v in new.items()
           if k not in ("added_tokens_decoder", "additional_special_tokens")}
    yield case(name, cls, files, new, added, special_map)
    yield case(f"{name}_before_4_34", cls, files, old, added, special_map)


def marian_cases():
    plain = {"separate_vocabs": False}
    yield from both("marian", KnownCodes, MARIAN, plain)
    # Trained with tokenizer.pad_token = tokenizer.eos_token.
    ends, added, special_map = saved(
        KnownCodes, MARIAN, {"pad_token": "</s>"}, TOKENS, None, True)
    yield case("marian_pads_with_end", KnownCodes, MARIAN, ends, added, special_map)
    yield case("marian_names_no_ids", KnownCodes, MARIAN, {
        "additional_special_tokens": ["<sp>", ">>fr<<", 
                                      {"__type": "AddedToken", "content": "[L]", "lstrip": True}],
        "eos_token": {"__type": "AddedToken", "content": "</s>"},
        "bos_token": "<b>", "mask_token": None})
    yield case("marian_other_names", KnownCodes, MARIAN, {
        "eos_token": "\u2581Tom", "unk_token": "</s>", "pad_token": "<unk>"})
    yield case("marian_map_goes_first", KnownCodes, MARIAN, {
        "additional_special_tokens": ["<sp>"], "pad_token": "<unk>"},
        {"<ph>": 205, "<sp>": 204}, {"pad_token": "<pad>",
                                     "additional_special_tokens": ["<ph>"]})
    yield case("marian_special_but_not_listed", KnownCodes, MARIAN, {
        "added_tokens_decoder": {
            "190": {"content": "<ph>", "special": True},
            "191": {"content": "<sp>", "special": False}, "5": {"content": "one"}},
        "additional_special_tokens": ["<sp>"]})


def main():
    cases = list(marian_cases())
    cases += both("t5", T5Tokenizer, PIECES, {"extra_ids": 7}, True)
    cases += both("pegasus", PegasusTokenizer, PIECES, {})
    cases += both("byt5", ByT5Tokenizer, {}, {})
    cases += both("bart", BartTokenizer, BYTES, {})
    cases += both("blenderbot", BlenderbotTokenizer, BYTES, {"add_prefix_space": True})
    cases += both("blenderbot_small", BlenderbotSmallTokenizer, SMALL, {})
    for name, cls, files, source in (
        ("mbart", MBartTokenizer, SHARED, "en_XX"),
        ("mbart50", MBart50Tokenizer, SHARED, "en_XX"),
        ("nllb", NllbTokenizer, SHARED, "eng_Latn"),
        ("m2m100", M2M100Tokenizer, M2M, "en"),
    ):
        cases += both(name, cls, files, {"src_lang": source})
    with open(f"{GOLDEN}/added.json", "w", encoding="utf-8") as file:
        file.write("[\n")
        file.write(",\n".join(json.dumps(c, separators=(",", ":")) for c in cases))
        file.write("\n]\n")


if __name__ == "__main__":
    main()
