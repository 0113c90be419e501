#!/usr/bin/env python3
"""Writes tests/golden/tokenizer/families: what the Python tokenizers of the
relatives of BART and T5 make of odd texts.

  pieces.model, bpe.model, vocab.json, merges.txt, m2m_vocab.json
              tiny vocabularies, trained here
  texts.json  2,000 texts and more
  NAME.json   of a class: "files", what its folder calls those above, "config",
              its tokenizer_config.json, "languages" of it (source, target, and
              what these make of outputs), "vocabulary", its size, "hashes", of
              each text FNV-1a of 64 bits over the ids (4 bytes each, little
              endian) and the UTF-8 of the text they decode to, "samples" of the
              same in full, "decode", texts of random ids

Texts go in with split_special_tokens, which makes "</s>" in a text plain text,
as it is for Tessera; but those with <extra_id_N>, which T5 reads.
"""

import io
import json
import os
import random
import struct
import unicodedata

import sentencepiece
from tokenizers import ByteLevelBPETokenizer
from transformers import (
    BartTokenizer,
    BlenderbotTokenizer,
    ByT5Tokenizer,
    M2M100Tokenizer,
    MBart50Tokenizer,
    MBartTokenizer,
    NllbTokenizer,
    PegasusTokenizer,
    T5Tokenizer,
)
from transformers.models.m2m_100.tokenization_m2m_100 import (
    FAIRSEQ_LANGUAGE_CODES as CODES,
)
from transformers.utils import logging

from tokenizer import PLAIN, by_category, random_texts

logging.set_verbosity_error()

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
OUT = f"{ROOT}/tests/golden/tokenizer/families"
COUNT = 2050

SENTINELS = [
    "The <extra_id_0> walks in <extra_id_1> park",
    "<extra_id_0>",
    "<extra_id_99><extra_id_0> x",
    "  a \u2003<extra_id_7>\t b",
    "<extra_id_100> <extra_id_> <extra_id_05> <extra_id_1",
    "x<extra_id_3>y<extra_id_4>",
    "<extra_id_124> z",
]


def sentences():
    with open(f"{ROOT}/tests/golden/bundled/sentences.txt") as file:
        english = file.read().splitlines()
    with open(f"{ROOT}/tests/golden/bundled/golden.json") as file:
        french = [entry["text"] for entry in json.load(file)["greedy"]]
    return english + french


def mixed_texts(rng, words, count):
    """Words between spaces of all kinds, contractions, numbers, marks."""
    spaces = [" ", "  ", "   ", "\t", "\u00a0", " \u3000", "\u2003 ", ""]
    odd = ["don't", "we'LL", "'s", "it's've", "3rd", "x2y", "...", "?!", "\u00bd",
           "\u0661\u0662", "\u4e09", "caf\u00e9", "e\u0301", "\U0001f600", "\u02bc", "_a_", "''", "'"]
    for _ in range(count):
        text = rng.choice(spaces)
        for _ in range(rng.randint(1, 6)):
            pool = words if rng.random() < 0.7 else odd
            text += rng.choice(pool) + rng.choice(spaces)
        yield text


def make_texts(lines):
    rng = random.Random(11)
    words = sorted({word for line in lines for word in line.split()})
    texts = [text for text in PLAIN if len(text) < 600]
    texts += [chr(c) for c in range(1, 32)] + [f"a{chr(c)}b" for c in range(1, 32)]
    texts += by_category(6)
    texts += rng.sample(lines, 250)
    texts += mixed_texts(rng, words, 700)
    texts += random_texts(rng, 3000)
    known = [
        text for text in texts
        if "<extra_id_" not in text
        and all(unicodedata.category(c) not in ("Cn", "Cs") for c in text)
    ]
    return known[: COUNT - len(SENTINELS)] + SENTINELS


def train_pieces(lines, name, **options):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=model, minloglevel=2,
        num_threads=1, **options,
    )
    with open(f"{OUT}/{name}", "wb") as file:
        file.write(model.getvalue())
    return f"{OUT}/{name}"


def train_bytes(lines):
    path = f"{OUT}/.lines"
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines))
    trained = ByteLevelBPETokenizer()
    trained.train(
        [path], vocab_size=700, min_frequency=2, show_progress=False,
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
    )
    os.remove(path)
    trained.save_model(OUT)


def fnv(ids, text):
    value = 0xCBF29CE484222325
    data = b"".join(struct.pack("<i", i) for i in ids) + text.encode("utf-8")
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def encode(tokenizer, text):
    if isinstance(tokenizer, (T5Tokenizer, ByT5Tokenizer)):
        if "<extra_id_" in text:
            return tokenizer(text).input_ids
    return tokenizer(text, split_special_tokens=True).input_ids


def write(name, tokenizer, files, config, texts, vocabulary, languages=None):
    hashes, samples = [], []
    for i, text in enumerate(texts):
        ids = encode(tokenizer, text)
        back = tokenizer.decode(ids, skip_special_tokens=True)
        hashes.append(fnv(ids, back))
        if i % 40 == 0 or i >= len(texts) - len(SENTINELS):
            samples.append({"text": text, "ids": ids, "back": back})
    rng = random.Random(5)
    decode = []
    for length in [1, 2, 3, 5, 8, 13] * 12:
        ids = [rng.randrange(vocabulary) for _ in range(length)]
        decode.append(
            {"ids": ids, "text": tokenizer.decode(ids, skip_special_tokens=True)}
        )
    with open(f"{OUT}/{name}.json", "w", encoding="utf-8") as file:
        json.dump(
            {"files": files, "config": config, "languages": languages,
             "vocabulary": vocabulary, "hashes": hashes, "samples": samples,
             "decode": decode},
            file, ensure_ascii=True, separators=(",", ":"),
        )
        file.write("\n")
    print(f"{name}: {len(texts)} texts, {vocabulary} ids")


def main():
    os.makedirs(OUT, exist_ok=True)
    lines = sentences()
    texts = make_texts(lines)
    with open(f"{OUT}/texts.json", "w", encoding="utf-8") as file:
        json.dump(texts, file, ensure_ascii=False, indent=0)
        file.write("\n")
    pieces = train_pieces(
        lines, "pieces.model", vocab_size=600, pad_id=0, eos_id=1, unk_id=2,
        bos_id=-1, character_coverage=0.999,
    )
    bpe = train_pieces(
        lines, "bpe.model", vocab_size=500, model_type="bpe",
        normalization_rule_name="identity", character_coverage=0.99,
    )
    train_bytes(lines)
    spiece, spbpe = {"spiece.model": "pieces.model"}, {
        "sentencepiece.bpe.model": "bpe.model"}

    write("t5", T5Tokenizer(pieces, legacy=True), spiece,
          {"tokenizer_class": "T5Tokenizer"}, texts, 700)
    write("t5_few_sentinels", T5Tokenizer(pieces, legacy=True, extra_ids=7),
          spiece, {"tokenizer_class": "T5TokenizerFast", "extra_ids": 7},
          texts, 607)
    write("byt5", ByT5Tokenizer(), {}, {"tokenizer_class": "ByT5Tokenizer"},
          texts, 384)
    write("pegasus", PegasusTokenizer(pieces), spiece,
          {"tokenizer_class": "PegasusTokenizer"}, texts, 703)
    mbart = MBartTokenizer(bpe, src_lang="fr_XX")
    write("mbart", mbart, spbpe,
          {"tokenizer_class": "MBartTokenizer", "src_lang": "fr_XX"}, texts,
          526, ["fr_XX", "ro_RO", mbart.lang_code_to_id["ro_RO"]])
    mbart50 = MBart50Tokenizer(bpe, src_lang="gl_ES")
    write("mbart50", mbart50, spbpe,
          {"tokenizer_class": "MBart50TokenizerFast", "tgt_lang": "sl_SI"},
          texts, 553, ["gl_ES", "", mbart50.lang_code_to_id["sl_SI"]])
    for name, legacy in (("nllb", False), ("nllb_legacy", True)):
        nllb = NllbTokenizer(bpe, src_lang="ron_Latn", legacy_behaviour=legacy)
        added = {
            str(i): {"content": str(token), "special": True}
            for i, token in nllb.added_tokens_decoder.items()
        }
        write(name, nllb, spbpe,
              {"tokenizer_class": "NllbTokenizer", "src_lang": "ron_Latn",
               "legacy_behaviour": legacy, "added_tokens_decoder": added},
              texts, len(nllb), ["ron_Latn", "fra_Latn",
                                 nllb.convert_tokens_to_ids("fra_Latn")])
    processor = sentencepiece.SentencePieceProcessor(model_file=bpe)
    vocabulary = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3}
    for i in range(3, processor.get_piece_size()):
        if i % 50 != 0:  # some pieces have no id
            vocabulary[processor.id_to_piece(i)] = len(vocabulary)
    with open(f"{OUT}/m2m_vocab.json", "w", encoding="utf-8") as file:
        json.dump(vocabulary, file)
    # As special_tokens_map.json of the published folders has them.
    m2m = M2M100Tokenizer(
        f"{OUT}/m2m_vocab.json", bpe, src_lang="zu",
        additional_special_tokens=[f"__{c}__" for c in CODES["m2m100"]],
    )
    write("m2m100", m2m, {**spbpe, "vocab.json": "m2m_vocab.json"},
          {"tokenizer_class": "M2M100Tokenizer"}, texts,
          len(vocabulary) + 100, ["zu", "fr", m2m.get_lang_id("fr")])
    byte_files = {"vocab.json": "vocab.json", "merges.txt": "merges.txt"}
    paths = (f"{OUT}/vocab.json", f"{OUT}/merges.txt")
    write("bart", BartTokenizer(*paths), byte_files,
          {"tokenizer_class": "BartTokenizer"}, texts, 700)
    write("blenderbot", BlenderbotTokenizer(*paths, add_prefix_space=True),
          byte_files, {"tokenizer_class": "BlenderbotTokenizer",
                       "add_prefix_space": True}, texts, 700)
    for file in os.listdir(OUT):
        os.chmod(f"{OUT}/{file}", 0o644)


if __name__ == "__main__":
    main()
