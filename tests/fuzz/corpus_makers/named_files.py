"""Folders of any files: kinds of folders, weights in shards, tokenizers."""
import io

import torch

from . import tokenizer_folders
from .common import files, safetensors, write
from .weights import floats


def kinds():
    config = {"model_type": "marian"}
    for name, named in {
            "cache": {"models--a--b/": ""}, "no_snapshot": {"snapshots/a/b": ""},
            "snapshot": {"snapshots/ab/config.json": {}, "refs/main": "ab\n"},
            "snapshots": {"snapshots/ab/config.json": {}, "snapshots/cd/config.json": {},
                          "refs/main": "no"},
            "checkpoints": {"checkpoint-500/config.json": {},
                            "checkpoint-1000/config.json": {}},
            "adapter": {"adapter_config.json": {}, "adapter_model.safetensors": ""},
            "ctranslate2": {"model.bin": "", "shared_vocabulary.json": []},
            "openvino": {"openvino_model.xml": "", "openvino_model.bin": ""},
            "weights_only": {"model.safetensors": ""}, "text": {"readme.md": ""},
            "no_type": {"config.json": {"d_model": 1}},
            "directory": {"config.json/": "", "model.safetensors/": ""},
            "decoder_only": {"config.json": {"model_type": "llama"}},
            "unknown_type": {"config.json": {"model_type": "x\x1b"}},
            "flax": {"config.json": config, "flax_model.msgpack": ""},
            "pointer": {"config.json": "version https://git-lfs.github.com/spec/v1\n"},
            "page": {"config.json": "<!DOCTYPE html><html>"},
            "link": {"config.json": "../../blobs/0123456789abcdef"},
            "no_config": {"vocab.json": {"a": 0}}, "empty_config": {"config.json": ""}}.items():
        write("files", "kind_" + name, files(named))
    for name, named in {
            "checkpoint": {"a\x1b/config.json": {}}, "cache": {"models--\x07/": ""},
            "snapshot": {"snapshots/\x1b\xe9/config.json": {}},
            "weights": {"config.json": config, "\x1b.onnx": ""}}.items():
        write("files", "hostile_entry_" + name, files(named))
    write("files", "hostile_names", files(
        {"../a": "", "a/../../b": "", "/etc/a": "", "a\0b": "", "c//d": "", ".": "",
         "e": "", "e/f": "", "g\x1b[2J": "", "h" * 300: ""}))


def saved(tensors, legacy=False):
    out = io.BytesIO()
    torch.save(tensors, out, _use_new_zipfile_serialization=not legacy)
    return out.getvalue()


def shards():
    first = safetensors({"a": ("F32", [2, 2], floats(4)), "b": ("F16", [2], floats(2, "e"))})
    second = safetensors({"c": ("F32", [2, 2], floats(4)), "d": ("BF16", [2], b"\x80\x3f" * 2)})
    names = ("model-1.safetensors", "model-2.safetensors")
    places = {"a": names[0], "b": names[0], "c": names[1], "d": names[1]}

    def shard(name, places, **more):
        write("files", "shards_" + name, files(
            {"model.safetensors.index.json": {"weight_map": places},
             names[0]: first, names[1]: second} | more))

    shard("good", places)
    shard("lacking", places | {"x": names[0]})
    shard("elsewhere", places | {"a": names[1]})
    shard("absent", places | {"a": "model-3.safetensors"})
    shard("twice", places, **{names[1]: first})
    shard("outside", {"a": "../model.safetensors"})
    shard("suffix", {"a": "model-1.bin"})
    shard("name", {"a\n": names[0]})
    shard("many", {f"t{i}": f"{i}.safetensors" for i in range(1001)})
    shard("number", {"a": 1})
    shard("none", [])
    parts = {"1.bin": saved({"a": torch.ones(2, 2)}),
             "2.bin": saved({"b": torch.ones(2).half()}, legacy=True)}
    write("files", "shards_torch", files(
        {"pytorch_model.bin.index.json": {"weight_map": {"a": "1.bin", "b": "2.bin"}}} | parts))


def make():
    kinds()
    shards()
    tokenizer_folders.make()
