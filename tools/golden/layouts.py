#!/usr/bin/env python3
"""Writes tests/golden/layouts: the tiny models of tests/golden/whole as
save_pretrained of two versions of Transformers leaves them, text in, text out by
the version that saved them.

  NAME/     the folder, with "@CHARSMAP@" as in json_tokenizer.py
  NAME.json "texts", and of each the "greedy" and "beam" text, its "score" and the
            "ids" of the source; "languages", source and target, of those that
            have them

Run with Transformers 4.57, then with 5 (NAME ends in _5). Models are in float16
and computed in float32. Texts whose output hangs on a near tie are left out.
"""

import json
import os
import shutil
import sys

import torch
import transformers
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

import families
import json_tokenizer
import reference
from families_whole import LANGUAGES

ROOT = json_tokenizer.families.ROOT
OUT = f"{ROOT}/tests/golden/layouts"
WHOLE = f"{ROOT}/tests/golden/whole"
NEW = json_tokenizer.NEW
FEW = "12KB"  # a shard: four to eight of them

# How each is saved: files of the tokenizer that go, options of save_pretrained,
# whether generation_config.json stays.
OLD_LAYOUTS = {
    "t5": (["spiece.model"], {"max_shard_size": FEW}, True),
    "byt5": ([], {"safe_serialization": False}, True),
    "pegasus": (["spiece.model"], {"safe_serialization": False}, False),
    "mbart": (["sentencepiece.bpe.model"], {}, True),
    "mbart50": (["sentencepiece.bpe.model"], {}, True),
    "nllb": (["sentencepiece.bpe.model"],
             {"safe_serialization": False, "max_shard_size": FEW}, True),
    "m2m100": ([], {"max_shard_size": FEW}, True),
    "bart": (["vocab.json", "merges.txt"], {}, False),
    "blenderbot": ([], {"safe_serialization": False}, True),
    "blenderbot_small": ([], {}, True),
}
NEW_LAYOUTS = {
    "t5": ([], {"max_shard_size": FEW}, True),
    "byt5": ([], {}, True),
    "pegasus": ([], {}, True),
    "mbart": ([], {}, True),
    "mbart50": ([], {}, True),
    "nllb": ([], {"max_shard_size": FEW}, True),
    "m2m100": ([], {}, True),
    "bart": ([], {}, False),
    "blenderbot": ([], {}, True),
    "blenderbot_small": ([], {}, True),
}


def tokenizer_of(name, folder):
    """Saved by this version, from the parts of the other golden files."""
    parts = f"{folder}/parts"
    os.makedirs(parts)
    kind = "json" if name == "blenderbot_small" else "families"
    with open(f"{ROOT}/tests/golden/tokenizer/{kind}/{name}.json") as file:
        golden = json.load(file)
    config = golden["config"]
    for key in ("src_lang", "tgt_lang"):
        config.pop(key, None)
    config["tokenizer_class"] = config["tokenizer_class"].removesuffix("Fast")
    for file, part in golden["files"].items():
        shutil.copy(f"{json_tokenizer.PARTS}/{part}", f"{parts}/{file}")
    if NEW and name in json_tokenizer.CLASSES and not name.startswith("mbart"):
        for file in golden["files"]:
            os.remove(f"{parts}/{file}")
        json_tokenizer.as_saved_before(name, parts)
    else:
        with open(f"{parts}/tokenizer_config.json", "w") as file:
            json.dump(config, file)
    if name == "m2m100":
        with open(f"{parts}/special_tokens_map.json", "w") as file:
            json.dump({"additional_special_tokens": [
                f"__{code}__" for code in json_tokenizer.families.CODES["m2m100"]
            ]}, file)
    cls = json_tokenizer.CLASSES.get(name, (config["tokenizer_class"],))[0]
    return getattr(transformers, cls).from_pretrained(parts)


def save(name, folder):
    """The folder of a model of WHOLE, as this version and its layout say."""
    gone, options, keeps = (NEW_LAYOUTS if NEW else OLD_LAYOUTS)[name]
    made = f"{folder}/made"
    tokenizer_of(name, folder).save_pretrained(made)
    model = AutoModelForSeq2SeqLM.from_pretrained(
        f"{WHOLE}/{name}", dtype=torch.float16)
    if not keeps:
        # What is not said in a file is the class's own.
        model.generation_config.max_length = 20
        model.generation_config.num_beams = 1
    model.save_pretrained(made, **options)
    for file in gone:
        os.remove(f"{made}/{file}")
    if not keeps:
        os.remove(f"{made}/generation_config.json")
    return made


def write(name):
    label = name + ("_5" if NEW else "")
    folder = f"{OUT}/{label}"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    made = save(name, folder)
    # The fast class of Blenderbot-small cannot read its files.
    tokenizer = AutoTokenizer.from_pretrained(
        made, use_fast=name != "blenderbot_small")
    model = AutoModelForSeq2SeqLM.from_pretrained(
        made, dtype=torch.float32, attn_implementation="eager").eval()
    double = AutoModelForSeq2SeqLM.from_pretrained(
        made, dtype=torch.float64, attn_implementation="eager").eval()
    languages = LANGUAGES.get(name)
    if languages:
        tokenizer.src_lang = languages[0]
        token = f"__{languages[1]}__" if name == "m2m100" else languages[1]
        target = tokenizer.convert_tokens_to_ids(token)
        for each in (model, double):
            if name == "mbart":
                each.generation_config.decoder_start_token_id = target
            else:
                each.generation_config.forced_bos_token_id = target
    with open(f"{WHOLE}/{name}.json") as file:
        lines = [entry["text"] for entry in json.load(file)["texts"]]
    texts = []
    for line in lines[:16]:
        source = tokenizer(line).input_ids
        one = reference.greedy(model, source)
        best = reference.beam(model, source, 3)
        wide = lambda m, s, p: reference.beam(m, s, 3, p)
        runs = [(reference.greedy, model, one), (wide, model, best)]
        if reference.stable_to(source, runs, double) is None:
            continue
        texts.append({
            "text": line, "ids": source,
            "greedy": tokenizer.decode(one["ids"], skip_special_tokens=True),
            "beam": tokenizer.decode(best["ids"], skip_special_tokens=True),
            "score": families.six_digits(best["score"])})
    with open(f"{folder}.json", "w", encoding="utf-8") as file:
        json.dump({"languages": languages, "texts": texts}, file,
                  ensure_ascii=False, indent=0)
        file.write("\n")
    finish(made, folder)
    print(f"{label}: {len(texts)} texts, {sorted(os.listdir(folder))}",
          flush=True)


def finish(made, folder):
    for file in os.listdir(made):
        os.rename(f"{made}/{file}", f"{folder}/{file}")
        os.chmod(f"{folder}/{file}", 0o644)
    os.rmdir(made)
    shutil.rmtree(f"{folder}/parts")
    path = f"{folder}/tokenizer.json"
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            document = json_tokenizer.short(json.load(file))
        with open(path, "w", encoding="utf-8") as file:
            json.dump(document, file, ensure_ascii=False,
                      separators=(",", ":"))


def main():
    torch.set_num_threads(1)
    for name in NEW_LAYOUTS if NEW else OLD_LAYOUTS:
        if len(sys.argv) == 1 or name in sys.argv[1:]:
            write(name)


if __name__ == "__main__":
    main()
