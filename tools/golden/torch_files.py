#!/usr/bin/env python3
"""Writes tests/golden/torch: one tiny model in the forms of torch.save.

The values are those of tests/golden/marian/padding_not_zero, whose other files
go with each of them. NAME.bin is a pytorch_model.bin; f16 and bf16 have the
rounded values in NAME.safetensors as well. sharded/ has an index.

The old stream names storages by their addresses, so two of the files differ
from run to run, in names only.
"""

import json
import os
from collections import OrderedDict

import torch
from safetensors.torch import load_file, save_file

GOLDEN = os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "golden"
)
OUT = os.path.join(GOLDEN, "torch")
SHARED = "model.shared.weight"
ALIASES = [
    "model.encoder.embed_tokens.weight",
    "model.decoder.embed_tokens.weight",
    "lm_head.weight",
]


def save(tensors, name, **options):
    path = os.path.join(OUT, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    torch.save(tensors, path, **options)


def save_old(tensors, name):
    save(tensors, name, _use_new_zipfile_serialization=False)


def as_state_dict(tensors):
    """As module.state_dict() gives it: ordered, with versions, with counters."""
    state = OrderedDict(tensors)
    state["model.counter"] = torch.tensor(3)
    state["model.position_ids"] = torch.arange(64).expand((1, -1))
    state._metadata = OrderedDict([("", {"version": 1})])
    return state


def tied(tensors):
    """All names of the embedding, one storage."""
    return {**tensors, **{alias: tensors[SHARED] for alias in ALIASES}}


def in_one_storage(tensors):
    """Views of one storage, matrices transposed: offsets and strides."""
    storage = torch.zeros(3 + sum(t.numel() for t in tensors.values()))
    views, at = {}, 3
    for name, tensor in tensors.items():
        view = storage[at : at + tensor.numel()]
        at += tensor.numel()
        if tensor.dim() == 2:
            view = view.view(tensor.shape[::-1]).T
        views[name] = view.copy_(tensor)
    every_second = torch.zeros(tensors[SHARED].shape[0], 41)[:, 1::2]
    views[SHARED] = every_second.copy_(tensors[SHARED])
    return views


def in_shards(tensors):
    weight_map = {}
    for shard in range(3):
        name = f"pytorch_model-{shard + 1:05}-of-00003.bin"
        part = dict(list(tensors.items())[shard::3])
        save({k: torch.nn.Parameter(v) for k, v in part.items()}, f"sharded/{name}")
        weight_map.update({key: name for key in part})
    size = sum(t.numel() * t.element_size() for t in tensors.values())
    index = {"metadata": {"total_size": size}, "weight_map": weight_map}
    path = os.path.join(OUT, "sharded", "pytorch_model.bin.index.json")
    with open(path, "w") as file:
        json.dump(index, file, indent=2, sort_keys=True)
        file.write("\n")


def rounded(tensors, dtype):
    return {name: tensor.to(dtype) for name, tensor in tensors.items()}


def main():
    model = os.path.join(GOLDEN, "marian", "padding_not_zero", "model.safetensors")
    tensors = load_file(model)
    save(as_state_dict(tensors), "zip.bin")
    save_old(tied(tensors), "tied_old.bin")
    save({"state_dict": in_one_storage(tensors), "epoch": 3}, "strided.bin")
    in_shards(tensors)
    for name, dtype in [("f16", torch.float16), ("bf16", torch.bfloat16)]:
        write = save if name == "f16" else save_old
        write(rounded(tensors, dtype), f"{name}.bin")
        twin = os.path.join(OUT, f"{name}.safetensors")
        save_file(rounded(tensors, dtype), twin)
        os.chmod(twin, 0o644)


if __name__ == "__main__":
    main()
