"""Where seeds go, and what several kinds of files have in common."""
import json
import pathlib
import struct

HERE = pathlib.Path(__file__).resolve().parents[1]
GOLDEN = HERE.parent / "golden"
CORPUS = HERE / "corpus"

# Not JSON, or JSON that costs its reader more than its writer.
HOSTILE_JSON = {
    "empty": "", "brace": "{", "list": "[]", "deep": "[" * 3000,
    "deep_object": '{"a":' * 2000, "nan": '{"d_model": NaN}',
    "twice": '{"vocab_size": 8, "vocab_size": 9}', "large": '{"d_model": 1e400}',
    "integer": '{"d_model": 99999999999999999999, "max_length": -1}',
    "escape": '{"\\u001b]0;x\\u0007": 1, "model_type": "\\u001b[2J"}',
    "half": '{"a": "\\ud800", "\\udc00": 2}', "nul": "{\0}", "bom": "\ufeff{}",
}


fresh = set()  # targets whose seeds of before are gone


def write(target, name, data):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    if target not in fresh:
        fresh.add(target)
        for path in folder.iterdir():
            if not path.name.startswith("found-"):
                path.unlink()
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())


def write_json(target, name, value):
    write(target, name, json.dumps(value, ensure_ascii=False))


def hostile_json(target):
    for name, text in HOSTILE_JSON.items():
        write(target, "hostile_" + name, text)


def distinct(pattern):
    """Files of the golden folders by name, each content once."""
    found = {}
    for path in sorted(GOLDEN.glob(pattern)):
        found.setdefault(path.read_bytes(), path.parent.name)
    return {name: data for data, name in found.items()}


def safetensors(tensors, metadata=None, padding=0):
    """A file of {name: (type, shape, bytes)}."""
    header, data = {}, b""
    if metadata:
        header["__metadata__"] = metadata
    for name, (kind, shape, values) in tensors.items():
        header[name] = {"dtype": kind, "shape": shape,
                        "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode() + b" " * padding
    return struct.pack("<Q", len(text)) + text + data


def files(named):
    """What the target files reads: {name: content}, JSON unless it is text or bytes."""
    data = b""
    for name, content in named.items():
        if not isinstance(content, bytes):
            content = (content if isinstance(content, str) else
                       json.dumps(content, ensure_ascii=False)).encode()
        data += name.encode() + b"\n" + struct.pack("<I", len(content)) + content
    return data
