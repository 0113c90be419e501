"""Files of packed weights: folder/good after `tessera pack`, by level and precision.

They are of one release, which a test compares: make these alone with
`make_corpus.py packed`, which needs build/release/tools/tessera and a CPU with AVX-512
VNNI.
"""
import json
import os
import pathlib
import struct
import subprocess
import tempfile

from .common import CORPUS, HERE, safetensors, write

TESSERA = HERE.parents[1] / "build/release/tools/tessera"
FILES = ("config.json", "generation_config.json", "tokenizer_config.json",
         "source_vocab.json", "target_vocab.json", "model.safetensors")


def unpack(data, folder):
    for name in FILES:
        size, = struct.unpack_from("<I", data)
        (folder / name).write_bytes(data[4:4 + size])
        data = data[4 + size:]


def packed(folder, level, precision):
    out = folder / f"{level}_{precision}"
    subprocess.run([TESSERA, "pack", folder / "good", out, "--precision", precision],
                   env=os.environ | {"TESSERA_ISA": level}, check=True)
    return (out / "model.tessera").read_bytes()


def make():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "good").mkdir()
        unpack((CORPUS / "folder/good").read_bytes(), folder / "good")
        for level, precision in (("scalar", "f32"), ("scalar", "bf16"),
                                 ("scalar", "int8"), ("avx2", "int8"),
                                 ("avx512", "int8"), ("avx512vnni", "int8")):
            data = packed(folder, level, precision)
            write("packed", f"{level}_{precision}", data)
    hostile((CORPUS / "packed/scalar_int8").read_bytes())


def hostile(data):
    """One thing that is asked of the file amiss, in as many bytes as before."""
    for name, old, new in (
            ("format", '"packed weights', '"packed w\\u001b'),
            ("no_key", '"precision"', '"precisiom"'),
            ("precision", '"precision":"int8"', '"precision":"int9"'),
            ("level", '"level":"scalar"', '"level":"scular"'),
            ("parameters", '"parameters":"4', '"parameters":"x'),
            ("layout", "int8 [8, 4] in", "int8 [4, 8] in"),
            ("answer", '"no"', '"on"'),
            ("no_tensor", '"decoder.tokens":{', '"decoder.tokenz":{'),
            ("dtype", '"dtype":"F32"', '"dtype":"I32"')):
        if data.count(old.encode()) == 0:
            raise SystemExit(f"packed/hostile_{name}: nothing to change")
        write("packed", "hostile_" + name, data.replace(old.encode(), new.encode(), 1))
    header = data[8:8 + struct.unpack_from("<Q", data)[0]]
    begin, _ = json.loads(header)["encoder.layers.0.feed_forward.norm.scale"]["data_offsets"]
    at = 8 + len(header) + begin
    write("packed", "hostile_values", data[:at] + b"\xff" * 4 + data[at + 4:])
    metadata = json.loads(header)["__metadata__"]
    write("packed", "hostile_place", safetensors(
        {"a": ("U8", [1], b"a"), "b": ("U8", [1], b"b")}, metadata))
