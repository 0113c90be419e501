#!/usr/bin/env python3
"""Writes tests/golden/tokenizer/truncation.json: what truncation=True leaves of
some texts, by the tokenizers of tests/golden/tokenizer/families.

Of each tokenizer a list of "text", "longest" (max_length), "side"
(truncation_side) and "ids"; "marian" is that of the bundled model.
"""

import json

from transformers import MarianTokenizer

from families_tokenizer import ROOT
from families_whole import tokenizers

OUT = f"{ROOT}/tests/golden/tokenizer/truncation.json"
TEXTS = [
    "The birds were singing.",
    "She is not the one who wrote it, he said in a low voice.",
    "Tom left. Mary did not. Nobody knew why they were there at all.",
]


def cuts(tokenizer):
    for text in TEXTS:
        whole = len(tokenizer(text).input_ids)
        for longest in (4, 5, 9, whole - 1, whole, whole + 1):
            for side in ("right", "left"):
                tokenizer.truncation_side = side
                ids = tokenizer(
                    text, truncation=True, max_length=longest
                ).input_ids
                yield {"text": text, "longest": longest, "side": side,
                       "ids": ids}


def main():
    known = tokenizers()
    known["marian"] = MarianTokenizer.from_pretrained(
        f"{ROOT}/models/bundled/tatoeba-en-fr"
    )
    with open(OUT, "w", encoding="utf-8") as file:
        lines = [
            f"{json.dumps(name)}: [\n"
            + ",\n".join(json.dumps(cut) for cut in cuts(tokenizer))
            + "\n]"
            for name, tokenizer in known.items()
        ]
        file.write("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
