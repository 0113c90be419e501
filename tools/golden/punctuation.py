#!/usr/bin/env python3
"""Writes tests/golden/tokenizer/punctuation.json: what Moses' normalisation of
punctuation, as sacremoses 0.2 has it, makes of some texts in some languages.

Needs sacremoses alone (pip install sacremoses).
"""

import json
import os
import random

from sacremoses import MosesPunctNormalizer

OUT = os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "../../tests/golden/tokenizer"
)
LANGUAGES = ["en", "fr", "de", "es", "cs", "ru"]
TEXTS = [
    "",
    "  two  spaces  ",
    "He said: “Stop.” Then – silence…",
    "It’s John‘s; don‚t",
    "l’été , c’est « bien »",
    "«\u00a0Oui\u00a0», dit-il\u00a0!",
    "50 % ( fifty ) , 50\u00a0%",
    "(a) (b) . ( c ) ? d) !",
    "``quoted''  and ´this´ and ´´that´´",
    "1\u00a0000\u00a0000 and 1\u00a02\u00a03\u00a04",
    "10\u00a0ºC, 5\u00a0cm, nº\u00a05",
    'She said "yes", and "no". "Why"...',
    'He left."</p> He left." Why? ."."x ..". <b>',
    "a — b—c",
    "12 : 30 ; x\r",
    "٣\u00a0٤ ٣ %",
]
PARTS = list("().,:;?!%\"'`<« »–—…’‘„“´ab15\u00a0") + ["''", "nº", "ºC", "cm", "  "]


def main():
    random.seed(1)
    texts = TEXTS + [
        "".join(random.choices(PARTS, k=random.randint(3, 30))) for _ in range(150)
    ]
    made = {
        language: [MosesPunctNormalizer(lang=language).normalize(t) for t in texts]
        for language in LANGUAGES
    }
    with open(f"{OUT}/punctuation.json", "w", encoding="utf-8") as file:
        json.dump({"texts": texts, **made}, file, ensure_ascii=False, indent=0)
        file.write("\n")


if __name__ == "__main__":
    main()
