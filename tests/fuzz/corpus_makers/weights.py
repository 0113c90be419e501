"""model.safetensors and pytorch_model.bin."""
import collections
import io
import json
import struct

import torch

from . import archives
from .common import GOLDEN, safetensors, write


def floats(count, kind="f"):
    return struct.pack(f"<{count}{kind}", *(0.125 * (i % 9 - 4) for i in range(count)))


def safetensors_files():
    good = {"a": ("F32", [2, 3], floats(6)), "b": ("F16", [3], floats(3, "e")),
            "c": ("BF16", [1, 2], b"\x80\x3f\x00\x40"), "d": ("I64", [1], b"\1" * 8),
            "e": ("F64", [1, 1, 1], floats(1, "d")), "f": ("F32", [], floats(1))}
    write("safetensors", "types", safetensors(good, {"format": "pt"}, padding=5))
    same = {name: ("F32", [4], floats(4)) for name in "xyz"}
    write("safetensors", "same", safetensors(same))
    write("safetensors", "empty_tensor", safetensors({"a": ("F32", [0, 5], b"")}))
    write("safetensors", "not_finite", safetensors({"a": ("F32", [1], b"\xff" * 4)}))
    body = safetensors(good)
    for name, size in (("huge", 2**64 - 1), ("negative", 2**63), ("large", 2**32)):
        write("safetensors", "hostile_" + name, struct.pack("<Q", size) + body[8:])
    for name, entry in {
            "shape": [2**32, 2**32], "negative_shape": [-1], "half": [1.5],
            "rank": [1] * 40, "product": [2**31, 2**31, 4]}.items():
        write("safetensors", "hostile_" + name,
              safetensors({"a": ("F32", entry, floats(4))}))
    write("safetensors", "hostile_type", safetensors({"a": ("f32", [1], floats(1))}))
    write("safetensors", "hostile_name", safetensors({"../\x1b": ("F32", [1], floats(1))}))
    write("safetensors", "hostile_hole", body + b"\0")
    entry = {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}
    for name, header in {
            "key": {"a": entry | {"x": 1}}, "order": {"a": entry | {"data_offsets": [4, 0]}},
            "hole": {"a": entry, "b": entry | {"data_offsets": [6, 10]}},
            "overlap": {"a": entry, "b": entry | {"data_offsets": [2, 6]}},
            "one_offset": {"a": entry | {"data_offsets": [0]}}, "entry": {"a": 1},
            "nul": {"a\0": entry}, "metadata": {"__metadata__": {"a": 1}}}.items():
        text = json.dumps(header).encode()
        write("safetensors", "hostile_entry_" + name,
              struct.pack("<Q", len(text)) + text + floats(3))
    write("safetensors", "gguf", b"GGUF\3\0\0\0" + b"\0" * 24)


def torch_files():
    values = {"a": torch.arange(6.0).reshape(2, 3), "b": torch.ones(3).half(),
              "c": torch.ones(2).bfloat16(), "d": torch.ones(1, dtype=torch.int64)}
    values["strided"] = values["a"].t()
    values["part"] = values["a"][1]
    values["parameter"] = torch.nn.Parameter(torch.zeros(2, 2))
    for name, legacy in (("zip", False), ("old", True)):
        for form, what in (("plain", values), ("one", {"a": values["a"]}),
                           ("ordered", collections.OrderedDict(values))):
            out = io.BytesIO()
            torch.save(what, out, _use_new_zipfile_serialization=not legacy)
            write("torch", f"{name}_{form}", out.getvalue())
    write("torch", "golden",
          (GOLDEN / "t5/t5_gelu_few_buckets/pytorch_model.bin").read_bytes())
    for name, start in (("call", b"\x80\x02cos\nsystem\nX\x02\0\0\0id\x85R."),
                        ("zip", b"PK\3\4PK\5\6" + b"\0" * 8 + b"\xff" * 10),
                        ("tar", b"a" * 257 + b"ustar  "), ("onnx", b"\x08\7\x12\7pytorch"),
                        ("ctranslate2", b"\6\0\0\0\x10\0TransformerSpec\0"),
                        ("gguf", b"GGUF\3\0\0\0"), ("none", b"")):
        write("torch", "hostile_" + name, start)


def make():
    safetensors_files()
    torch_files()
    archives.make()
