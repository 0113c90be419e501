"""Folders of model_type tessera_transformer, and what all converters share."""

import argparse
import json
import os
import shutil
import sys

from safetensors.numpy import save_file

from rules import ConvertError


def run(main):
    """Exit code 2 and one line on standard error if the input is wrong."""
    try:
        main()
    except (ConvertError, OSError) as error:
        line = " ".join(str(error).split())
        program = os.path.basename(sys.argv[0])
        print(f"{program}: error: {line}", file=sys.stderr)
        sys.exit(2)


def make_parser(description):
    return argparse.ArgumentParser(
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def read_text(path):
    """What stands in a file of UTF-8, its line ends as they are."""
    with open(path, encoding="utf-8", newline="") as file:
        try:
            return file.read()
        except UnicodeDecodeError as error:
            raise ConvertError(f"{path}: no UTF-8: {error}") from error


def positive(values, name, file, default=None):
    """The integer called `name` of the dictionary `values`."""
    found = values.get(name, default)
    if type(found) is not int or found < 1:
        shown = json.dumps(found, default=str) if name in values else "nothing"
        raise ConvertError(
            f"{file}: {name}: want a positive integer, found {shown}"
        )
    return found


def control_tokens(names):
    """Their part of tokenizer_config.json; names are pad, unk, bos and eos."""
    keys = ("pad_token", "unk_token", "bos_token", "eos_token")
    return dict(zip(keys, names, strict=True))


def control_ids():
    """Their part of generation_config.json, the same in all these systems."""
    return {
        "pad_token_id": 0,
        "bos_token_id": 2,
        "decoder_start_token_id": 2,
        "eos_token_id": 3,
    }


def word_ids(words, file, control):
    """word -> id, of words in the order of their ids."""
    if words[: len(control)] != list(control):
        raise ConvertError(
            f"{file}: want {' '.join(control)} first, "
            f"found {' '.join(words[:len(control)])}"
        )
    ids = {}
    for i, word in enumerate(words):
        if word in ids:
            raise ConvertError(
                f"{file}: entries {ids[word]} and {i} are the same: {word}"
            )
        ids[word] = i
    return ids


def write(
    out, config, generation, tokenizer, tensors, vocabularies=(), files=()
):
    """Writes the folder `out`.

    vocabularies  word -> id of source and target
    files         {file name: the file to copy}
    """
    os.makedirs(out, exist_ok=True)
    config = {"model_type": "tessera_transformer", "dtype": "float32", **config}
    write_json(f"{out}/config.json", config, 2)
    write_json(f"{out}/generation_config.json", generation, 2)
    write_json(f"{out}/tokenizer_config.json", tokenizer, 2)
    for side, words in zip(("source", "target"), vocabularies):
        write_json(f"{out}/{side}_vocab.json", words, 0)
    for name, source in dict(files).items():
        shutil.copyfile(source, f"{out}/{name}")
    save_file(tensors, f"{out}/model.safetensors")


def write_json(path, content, indent):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=indent)
        file.write("\n")
