#!/usr/bin/env python3
"""Writes tests/golden/tokenizer: what Hugging Face makes of some odd texts.

  marian.json    ids of texts and texts of ids, for the bundled model's tokenizer
  separate/      a tiny tokenizer with two vocabularies, language codes and
                 clean_up_tokenization_spaces, trained here
  separate.json  the same for that one

Texts go in with split_special_tokens, which makes "</s>" in a text plain text, as
it is for Tessera; and so is ">>xx<<" that the vocabulary lacks (KnownCodes).
"""

import argparse
import io
import json
import os
import random
import sys
import unicodedata

import sentencepiece
import transformers
from transformers import MarianTokenizer

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")

SPECIAL = ["</s>", "<pad>", "<unk>"]

PLAIN = [
    "",
    "Where is the station?",
    "  two  spaces  ",
    "tab\tand\vand\fand",
    "no\u00a0break, thin\u2009space, zero\u200bwidth, ideographic\u3000space",
    "\ufeffbyte order mark\ufeff",
    "line\u2028separator and paragraph\u2029separator and next\u0085line",
    "caf\u00e9 na\u00efve \u00c5ngstr\u00f6m",
    unicodedata.normalize("NFD", "caf\u00e9 na\u00efve \u00c5ngstr\u00f6m"),
    "e" + "\u0301" * 200,
    "\ud55c\uad6d\uc5b4",
    unicodedata.normalize("NFD", "\ud55c\uad6d\uc5b4"),
    "\u304b\u3099 \uff76\uff9e \u338f \u2167 \ufb01 \u00bd \u00b2",
    "\U0001f600\U0001f600 \U0001f44d\U0001f3fd \U0001f1eb\U0001f1f7",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466",
    "\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd",
    "\u202eright to left\u202c \u200e\u200f",
    "\u5c71\u7530\u592a\u90ce </s> \u5c71",
    "\U00020000\U0002f800 \U0001d11e \U00010348",
    "\U0010ffff \ufdd0 \ue000",
    "\u2581 \u2581\u2581a a\u2581b",
    ">>fr<<",
    ">>fr<< Where is it?",
    ">>fr<<Where is it?",
    " >>fr<< Where is it?",
    "Where >>fr<< is it?",
    ">>fr",
    ">> fr <<",
    ">><<",
    "><<",
    ">>>fr<<<",
    ">>fr<<>>de<< twice",
    ">>what stands here may be long<< yes",
    ">>\u5c71<<x",
    "</s>",
    "a</s>b",
    "<pad>",
    "<unk>",
    "<s>",
    "</s></s><pad> <unk>",
    "&lt; & <b>bold</b>",
    "http://example.com/a?b=c&d=%20#e",
    "x" * 2000,
    "pneumonoultramicroscopicsilicovolcanoconiosis" * 20,
    "\u5c71" * 1000,
    "1234567890" * 50,
    " " * 500,
    "." * 500,
    "a . b ? c ! d , e ' f n't 'm 's 've 're",
    "It's \u201cquoted\u201d \u2018thus\u2019 \u2014 \u2026",
]


def by_category(count):
    """`count` characters of each Unicode category that has some in text."""
    found = {}
    for code in range(sys.maxunicode + 1):
        category = unicodedata.category(chr(code))
        if category not in ("Cs", "Cn"):
            found.setdefault(category, []).append(chr(code))
    for category, characters in sorted(found.items()):
        step = max(1, len(characters) // count)
        yield "a" + " ".join(characters[::step][:count]) + "b"


def random_texts(rng, count):
    """Runs of one range of characters, half of them mixed with ASCII."""
    ascii_range = (0x20, 0x7F)
    ranges = [ascii_range, (0, 0x250), (0x300, 0x2600), (0x3000, 0xD7FF)]
    ranges += [(0xE000, 0x10000), (0x1F000, 0x20000), (0x10000, 0x110000)]
    for _ in range(count):
        chosen, mixed = rng.choice(ranges), rng.random() < 0.5
        text = ""
        for _ in range(rng.randint(1, 40)):
            plain = mixed and rng.random() < 0.5
            text += chr(rng.randrange(*(ascii_range if plain else chosen)))
        yield text


def english(path, count):
    with open(path, encoding="utf-8") as file:
        lines = [line.split("\t")[0] for line in file]
    return lines[:: max(1, len(lines) // count)][:count]


def texts(sentences):
    rng = random.Random(4)
    out = PLAIN + [chr(c) for c in range(32)] + [f"a{chr(c)}b" for c in range(32)]
    out += ["\x7f", "a\x7fb", *by_category(6), *random_texts(rng, 80), *sentences]
    return [text for text in out if not any(c in text for c in "\r\n")] + ["a\nb\r\nc"]


def cases(tokenizer, encoded_texts, vocabulary_size):
    encode = []
    for text in encoded_texts:
        ids = tokenizer(text, split_special_tokens=True).input_ids
        if not any(special in text for special in SPECIAL):
            assert ids == tokenizer(text).input_ids, text
        encode.append({"text": text, "ids": ids})

    rng = random.Random(5)
    id_lists = [[], [0], [vocabulary_size], [vocabulary_size - 1, 0, 1]]
    id_lists += [
        [rng.randrange(vocabulary_size + 2) for _ in range(rng.randint(1, 30))]
        for _ in range(150)
    ]
    id_lists += [case["ids"] for case in encode[:60] if len(case["ids"]) < 200]
    decode = [
        {"ids": ids, "text": tokenizer.decode(ids, skip_special_tokens=True)}
        for ids in id_lists
    ]
    return {
        "transformers": transformers.__version__,
        "sentencepiece": sentencepiece.__version__,
        "encode": encode,
        "decode": decode,
    }


def write_json(path, value):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=None, separators=(",", ":"))
        file.write("\n")


def train(path, sentences, model_type):
    """Writes a small SentencePiece model; returns its pieces."""
    model = io.BytesIO()  # a model_prefix would be kept in the file
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences),
        model_writer=model,
        vocab_size=180,
        model_type=model_type,
        character_coverage=0.999,
        normalization_rule_name="identity",
        bos_id=-1,
        eos_id=0,
        unk_id=1,
        minloglevel=2,
    )
    with open(path, "wb") as file:
        file.write(model.getvalue())
    processor = sentencepiece.SentencePieceProcessor(model_file=path)
    return [processor.id_to_piece(i) for i in range(2, len(processor))]


def make_separate(folder, tsv):
    os.makedirs(folder, exist_ok=True)
    with open(tsv, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file][:1500]
    control = ["</s>", "<unk>", "<pad>"]
    source = train(f"{folder}/source.spm", [row[0] for row in rows], "unigram")
    target = train(f"{folder}/target.spm", [row[1] for row in rows], "bpe")
    # Some pieces are missing from the vocabularies, as in published models.
    for name, pieces in (
        ("vocab.json", [*control, *source[:-8], ">>fr<<", ">>de<<"]),
        ("target_vocab.json", [*control, *target[:-5]]),
    ):
        write_json(f"{folder}/{name}", {piece: i for i, piece in enumerate(pieces)})
    write_json(
        f"{folder}/tokenizer_config.json",
        {
            "tokenizer_class": "MarianTokenizer",
            "separate_vocabs": True,
            "clean_up_tokenization_spaces": True,
            "eos_token": "</s>",
        },
    )


class KnownCodes(MarianTokenizer):
    def remove_language_code(self, text):
        code, rest = super().remove_language_code(text)
        return (code, rest) if code and code[0] in self.encoder else ([], text)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--model", default=f"{ROOT}/models/bundled/tatoeba-en-fr", metavar="DIR"
    )
    parser.add_argument(
        "--sentences", default=f"{ROOT}/bench/data/dev.multi.tsv", metavar="TSV"
    )
    parser.add_argument(
        "--out", default=f"{ROOT}/tests/golden/tokenizer", metavar="DIR"
    )
    args = parser.parse_args()

    separate = f"{args.out}/separate"
    make_separate(separate, args.sentences)
    encoded_texts = texts(english(args.sentences, 60))
    for folder, name in ((args.model, "marian"), (separate, "separate")):
        tokenizer = KnownCodes.from_pretrained(folder)
        size = len(tokenizer.decoder)
        result = cases(tokenizer, encoded_texts, size)
        write_json(f"{args.out}/{name}.json", result)
        counts = [len(result[key]) for key in ("encode", "decode")]
        print(f"{name}: {counts[0]} texts, {counts[1]} id lists")


if __name__ == "__main__":
    main()
