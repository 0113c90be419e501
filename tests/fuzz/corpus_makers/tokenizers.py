"""vocab.json, tokenizer.json, texts for tokenizers and lists of translations."""
import base64
import json

from . import pipelines
from .charsmaps import charsmap
from .common import GOLDEN, hostile_json, write, write_json


def vocabularies():
    write_json("vocabulary", "gaps", {"<unk>": 0, "a": 2, "b": 5, "c": 5, "": 7})
    write("vocabulary", "golden",
          (GOLDEN / "tokenizer/json/small_vocab.json").read_bytes()[:1500])
    write_json("vocabulary", "digits", {str(i): i for i in range(14)})
    write_json("vocabulary", "hostile_nul", {"a\0": 0})
    write_json("vocabulary", "none", {})
    write("vocabulary", "lines", "<pad> 1\n<unk> 2\n\ta 3\nb\r\na\n")
    write("vocabulary", "hostile_line", "a\n\nb")
    write("vocabulary", "hostile_utf8", b"a\n\xff\n")
    write_json("vocabulary", "hostile_negative", {"a": -1})
    write_json("vocabulary", "hostile_far", {"a": 10**9})
    hostile_json("vocabulary")


def shrink(document):
    """Cuts the model of a tokenizer.json to some dozens of pieces."""
    model = document["model"]
    if isinstance(model["vocab"], list):
        model["vocab"] = model["vocab"][:90]
        return
    merges = model["merges"] = model["merges"][:40]
    parts = [m if isinstance(m, list) else m.split(" ") for m in merges]
    wanted = {p for m in parts for p in m} | {"".join(m) for m in parts}
    wanted |= {t["content"] for t in document["added_tokens"]}
    for key in ("unk_token", "end_of_word_suffix", "continuing_subword_prefix"):
        wanted.add(model.get(key) or "")
    model["vocab"] = {p: i for p, i in model["vocab"].items()
                      if p in wanted or len(p) == 1 or p.startswith("<0x")}


def tokenizers():
    for path in sorted((GOLDEN / "tokenizer/json").glob("*.json")):
        golden = json.loads(path.read_text())
        document = golden.get("files", {}).get("tokenizer.json")
        if not isinstance(document, dict):
            continue
        shrink(document)
        text = json.dumps(document, ensure_ascii=False)
        table = base64.b64encode(charsmap()).decode()
        write("tokenizer_json", path.stem, text.replace("@CHARSMAP@", table))
    pipelines.make()
    hostile_json("tokenizer_json")


def shortlists():
    # The vocabularies of tests/golden/tokenizer/separate, where the target reads them.
    folder = GOLDEN / "tokenizer/separate"
    sources = list(json.loads((folder / "vocab.json").read_text()))
    targets = list(json.loads((folder / "target_vocab.json").read_text()))
    lines = [f"{t} {s} {(i + 1) / 50:g}" for i, (t, s) in enumerate(zip(targets, sources))]
    write("shortlist", "lines", "\n".join(lines[:30]) + "\n")
    write("shortlist", "null", f"{targets[5]} NULL 0.5\r\n{targets[4]}\tNULL 1e-3")
    write("shortlist", "lacking", f"{lines[4]}\n{lines[5]}\nx {sources[5]} 1\n")
    write("shortlist", "foreign", "x y 1\nx\x1b[2J y 1\n")
    write("shortlist", "hostile_fields", lines[4] + " 1\n")
    write("shortlist", "hostile_number", f"{targets[4]} {sources[4]} nan\n")
    write("shortlist", "hostile_utf8", b"\xff\x00 \xfe 1\n")
    write("shortlist", "gzip", b"\x1f\x8b\x08")
    write("shortlist", "empty", "")


def texts():
    samples = ["", "Tom's house, 12.5 \u20ac!", " \u2581a</s><pad> <unk>\n\t",
               "e\u0301\ufb01 \u5c71\u7530 \U0001f600\u200d\u202e fr_XX >>fr<<"]
    for scheme in range(21):
        for i, sample in enumerate(samples):
            write("text", f"{scheme:02}_{i}", bytes([scheme]) + sample.encode())
    for name, data in {"cut": b"a\xe2\x82", "overlong": b"\xc0\x80", "nul": b"a\0b",
                       "surrogate": b"\xed\xa0\x80", "beyond": b"\xf4\x90\x80\x80",
                       "marks": b"e" + b"\xcc\x81" * 300,
                       "unknown": b"\xc9\x99" * 400}.items():
        for scheme in (0, 7, 17):
            write("text", f"hostile_{name}_{scheme}", bytes([scheme]) + data)


def make():
    vocabularies()
    tokenizers()
    shortlists()
    texts()
