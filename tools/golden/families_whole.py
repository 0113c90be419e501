#!/usr/bin/env python3
"""Writes tests/golden/whole: tiny models with the tokenizers of
tests/golden/tokenizer/families, and with Blenderbot-small's, text in, text out
by Transformers.

  NAME/     config.json, generation_config.json, model.safetensors of a model for
            the tokenizer NAME of families_tokenizer.py
  NAME.json "texts", and of each the text and score of "greedy" and "beam", with
            "languages", source and target, of those that have them

Texts whose output hangs on a near tie are left out (reference.py).
"""

import copy
import json
import os
import shutil
import sys

import torch
from transformers import (
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

import families
import reference
from families_specs import bart, model, search, t5
from families_tokenizer import CODES, ROOT, sentences
from tiny_golden import beam

OUT = f"{ROOT}/tests/golden/whole"
PARTS = f"{ROOT}/tests/golden/tokenizer/families"
SMALL = f"{ROOT}/tests/golden/tokenizer/json"
LANGUAGES = {
    "mbart": ["fr_XX", "ro_RO"],
    "mbart50": ["gl_ES", "sl_SI"],
    "nllb": ["ron_Latn", "fra_Latn"],
    "m2m100": ["zu", "fr"],
}


def tokenizers():
    pieces, bpe = f"{PARTS}/pieces.model", f"{PARTS}/bpe.model"
    pairs = (f"{PARTS}/vocab.json", f"{PARTS}/merges.txt")
    return {
        "t5": T5Tokenizer(pieces, legacy=True),
        "byt5": ByT5Tokenizer(),
        "pegasus": PegasusTokenizer(pieces),
        "mbart": MBartTokenizer(bpe, src_lang="fr_XX"),
        "mbart50": MBart50Tokenizer(bpe, src_lang="gl_ES"),
        "nllb": NllbTokenizer(bpe, src_lang="ron_Latn"),
        "m2m100": M2M100Tokenizer(
            f"{PARTS}/m2m_vocab.json", bpe, src_lang="zu",
            additional_special_tokens=[f"__{c}__" for c in CODES["m2m100"]],
        ),
        "bart": BartTokenizer(*pairs),
        "blenderbot": BlenderbotTokenizer(*pairs, add_prefix_space=True),
        "blenderbot_small": BlenderbotSmallTokenizer(
            f"{SMALL}/small_vocab.json", f"{SMALL}/small_merges.txt"),
    }


def spec(name):
    parts = SMALL if name == "blenderbot_small" else PARTS
    with open(f"{parts}/{name}.json") as file:
        vocabulary = json.load(file)["vocabulary"]
    options = search(3, 16)
    if name in ("t5", "byt5"):
        config = t5("t5", 12, 3, 4, 16, (1, 1), vocabulary,
                    feed_forward_proj="gated-gelu", tie_word_embeddings=False)
    else:
        family = {"m2m100": "m2m_100", "nllb": "m2m_100", "mbart50": "mbart",
                  "blenderbot_small": "blenderbot-small"}
        config = bart(family.get(name, name), 12, (3, 2), (16, 16), (1, 1),
                      vocabulary, max_position_embeddings=160)
        if name == "mbart50":
            config["decoder_start_token_id"] = 2
        if name == "blenderbot":
            # As its tokenizer here numbers control tokens.
            config |= {"pad_token_id": 1, "bos_token_id": 0,
                       "decoder_start_token_id": 0}
    return model(config, options, dtype="float16")


def write(name, tokenizer, lines):
    folder = f"{OUT}/{name}"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    made = families.make_model(spec(name))
    sources = [tokenizer(line).input_ids for line in lines]
    languages = LANGUAGES.get(name)
    settings = made.generation_config
    saved = copy.deepcopy(settings)
    if languages:
        target = tokenizer.convert_tokens_to_ids(
            f"__{languages[1]}__" if name == "m2m100" else languages[1]
        )
        if name == "mbart":
            settings.decoder_start_token_id = target
            saved.decoder_start_token_id = None
        else:
            settings.forced_bos_token_id = target
    drawn = families.drawn_lively(made, sources)
    families.round_to_stored(made, {"dtype": "float16"})
    if name == "mbart":
        made.config.decoder_start_token_id = None
    made.generation_config = saved
    families.write_folder(made, spec(name), folder)
    made.generation_config = settings
    double = copy.deepcopy(made).double()
    texts = []
    for line, source in zip(lines, sources):
        one = reference.greedy(made, source)
        best = reference.beam(made, source)
        runs = [(reference.greedy, made, one), (beam, made, best)]
        if reference.stable_to(source, runs, double) is None:
            continue
        texts.append({"text": line, "greedy": text(tokenizer, one),
                      "beam": text(tokenizer, best),
                      "score": families.six_digits(best["score"])})
    with open(f"{folder}.json", "w", encoding="utf-8") as file:
        json.dump({"languages": languages, "texts": texts}, file,
                  ensure_ascii=False, indent=0)
        file.write("\n")
    for path in (folder, OUT):
        for file in os.listdir(path):
            os.chmod(f"{path}/{file}", 0o755 if path == OUT and
                     os.path.isdir(f"{path}/{file}") else 0o644)
    print(f"{name}: {drawn}, {len(texts)} of {len(lines)} texts", flush=True)


def text(tokenizer, output):
    return tokenizer.decode(output["ids"], skip_special_tokens=True)


def main():
    torch.set_num_threads(1)
    lines = [line for line in sentences() if 4 < len(line) < 60]
    lines = lines[:: len(lines) // 34][:34]
    for name, tokenizer in tokenizers().items():
        if len(sys.argv) == 1 or name in sys.argv[1:]:
            write(name, tokenizer, lines)


if __name__ == "__main__":
    main()
