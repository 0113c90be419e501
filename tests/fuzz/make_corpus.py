#!/usr/bin/env python3
"""Writes corpus/: a folder of seeds for each fuzz target, from the tiny models of
tests/golden and by hand. Inputs that fuzzing found (found-*) stay.

usage: make_corpus.py        needs PyTorch, for its files of weights
"""
import base64
import collections
import io
import json
import pathlib
import random
import struct

import torch

HERE = pathlib.Path(__file__).resolve().parent
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


def write(target, name, data):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
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


def configurations():
    for target, file, most in (("config", "config.json", 40),
                               ("generation", "generation_config.json", 40)):
        files = distinct("*/*/" + file)
        for name in random.sample(sorted(files), most):
            write(target, name, files[name])
        hostile_json(target)
    everything = {
        "num_beams": 4, "num_return_sequences": 2, "num_beam_groups": 2,
        "diversity_penalty": 0.5, "max_new_tokens": 9, "min_new_tokens": 1,
        "length_penalty": -2.5, "length_penalty_form": "gnmt",
        "early_stopping": "never", "renormalize_logits": True,
        "eos_token_id": [0, 3], "pad_token_id": 1, "decoder_start_token_id": 2,
        "bos_token_id": 4, "forced_bos_token_id": 5, "forced_eos_token_id": [0],
        "bad_words_ids": [[6], [7, 8]], "no_repeat_ngram_size": 3,
        "encoder_no_repeat_ngram_size": 2, "suppress_tokens": [9],
        "begin_suppress_tokens": [10], "repetition_penalty": 1.5,
        "encoder_repetition_penalty": 1.5, "sequence_bias": [[[11, 12], -1.5]],
        "exponential_decay_length_penalty": [4, 1.1], "split": "sentences"}
    write_json("generation", "everything", everything)
    write_json("generation", "sampling", {
        "do_sample": True, "temperature": 0.5, "top_k": 5, "top_p": 0.9,
        "min_p": 0.1, "typical_p": 0.9, "epsilon_cutoff": 0.01,
        "eta_cutoff": 0.01, "eos_token_id": 0})
    write_json("generation", "unsupported", {"guidance_scale": 2, "eos_token_id": 0})


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


def floats(count, kind="f"):
    return struct.pack(f"<{count}{kind}", *(0.125 * (i % 9 - 4) for i in range(count)))


def weights():
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
    write("safetensors", "gguf", b"GGUF\3\0\0\0" + b"\0" * 24)

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
    write("torch", "hostile_call", b"\x80\x02cos\nsystem\nX\x02\0\0\0id\x85R.")
    write("torch", "hostile_zip", b"PK\5\6" + b"\0" * 8 + b"\xff" * 10)


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def piece(text, score=-1.0, kind=None):
    body = field(1, text.encode()) + b"\x15" + struct.pack("<f", score)
    return field(1, body + (b"\x18" + bytes([kind]) if kind else b""))


def charsmap(root=256 << 10):
    """A table of one rule, A to a: a double array whose root leads to unit 256."""
    units = [0] * 512
    units[0], units[256 ^ 65], units[256 ^ 64] = root, 65 | 256 | 1 << 10, 1 << 31
    trie = struct.pack("<512I", *units)
    return struct.pack("<I", len(trie)) + trie + b"a\0"


def sentencepieces():
    tokenizer = GOLDEN / "tokenizer"
    source = (tokenizer / "separate/source.spm").read_bytes()
    write("sentencepiece", "unigram", source)
    write("sentencepiece", "pairs", (tokenizer / "pieces/bpe.model").read_bytes())
    normalizer = field(1, b"own") + field(2, charsmap()) + b"\x18\1\x20\1\x28\1"
    small = (piece("<unk>", 0, 2) + piece("<s>", 0, 3) + piece("</s>", 0, 3) +
             piece("\u2581", -2) + piece("a") + piece("\u2581a") + piece("zz", 0, 4) +
             piece("b", -3, 5))
    write("sentencepiece", "own_table", small + field(3, normalizer))
    trainer = b"\x18\1\xa0\x02\0"
    write("sentencepiece", "trainer", small + field(2, trainer))
    ids = b"".join(piece(f"<0x{i:02X}>", 0, 6) for i in range(256))
    write("sentencepiece", "byte_fallback", small + ids + field(2, b"\x98\x02\1"))
    write("sentencepiece", "hostile_root",
          small + field(3, field(2, charsmap((1 << 20) << 10 | 0x200))))
    write("sentencepiece", "hostile_tag",
          small + varint((3 << 3 | 2) + (1 << 32)) + varint(2) + b"\x12\0")
    write("sentencepiece", "hostile_nested",
          small + b"".join(piece("\u0259" * n, 0, 4) for n in range(1, 70)))
    write("sentencepiece", "hostile_self_test",
          small + field(4, field(1, field(1, b"q" * 500) + field(2, b"a"))))
    write("sentencepiece", "hostile_group", small + b"\x1b\x1c")
    write("sentencepiece", "hostile_twice", small + small)
    write("sentencepiece", "hostile_escape", small + piece("\x1b[2J") + piece("\0"))
    write("sentencepiece", "empty", b"")


def vocabularies():
    write_json("vocabulary", "gaps", {"<unk>": 0, "a": 2, "b": 5, "c": 5, "": 7})
    write("vocabulary", "golden",
          (GOLDEN / "tokenizer/json/small_vocab.json").read_bytes()[:1500])
    write_json("vocabulary", "digits", {str(i): i for i in range(14)})
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


WORDS = {"tokenizer_class": "TesseraWords", "source_eos": True, "pad_token": "<pad>",
         "unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}


def vocabulary(size, end):
    words = ["</s>", "<pad>", "<unk>", "<s>"] + [
        chr(97 + i % 26) * (1 + i // 26) for i in range(size - 4)]
    return {word: (end + i) % size for i, word in enumerate(words)}


def folder(*files):
    data = b""
    for file in files:
        text = file if isinstance(file, bytes) else json.dumps(file).encode()
        data += struct.pack("<I", len(text)) + text
    return data


def tiny_marian():
    tensors = {}

    def add(name, *shape):
        count = 1
        for size in shape:
            count *= size
        values = [random.uniform(-1, 1) for _ in range(count)]
        tensors[name] = ("F32", list(shape), struct.pack(f"<{count}f", *values))

    def attention(name):
        for each in ("q_proj", "k_proj", "v_proj", "out_proj"):
            add(f"{name}.{each}.weight", 4, 4)
            add(f"{name}.{each}.bias", 4)
        for part in ("weight", "bias"):
            add(f"{name}_layer_norm.{part}", 4)

    add("model.shared.weight", 8, 4)
    for stack, kinds in (("encoder", ["self_attn"]),
                         ("decoder", ["self_attn", "encoder_attn"])):
        layer = f"model.{stack}.layers.0"
        for kind in kinds:
            attention(f"{layer}.{kind}")
        for name, rows, columns in (("fc1", 6, 4), ("fc2", 4, 6)):
            add(f"{layer}.{name}.weight", rows, columns)
            add(f"{layer}.{name}.bias", rows)
        for part in ("weight", "bias"):
            add(f"{layer}.final_layer_norm.{part}", 4)
    add("final_logits_bias", 1, 8)
    return safetensors(tensors)


def folders():
    config = {"model_type": "marian", "d_model": 4, "encoder_layers": 1,
              "decoder_layers": 1, "encoder_attention_heads": 2,
              "decoder_attention_heads": 2, "encoder_ffn_dim": 6,
              "decoder_ffn_dim": 6, "max_position_embeddings": 16, "vocab_size": 8,
              "pad_token_id": 7, "activation_function": "swish"}
    generation = {"eos_token_id": 0, "pad_token_id": 7, "decoder_start_token_id": 7,
                  "bad_words_ids": [[7]], "num_beams": 4, "max_length": 16}
    parts = [config, generation, WORDS, vocabulary(8, 0), vocabulary(8, 0),
             tiny_marian()]
    write("folder", "good", folder(*parts))
    write("folder", "empty", b"")
    write("folder", "no_weights", folder(*parts[:5]))
    for key, value in (("d_model", 6), ("decoder_layers", 2), ("vocab_size", 9),
                       ("encoder_ffn_dim", 7), ("max_position_embeddings", 2**31)):
        write("folder", "hostile_" + key, folder(config | {key: value}, *parts[1:]))
    for name in ("t5/t5_no_repeat", "bart/bart_no_repeat", "family/head_width_1"):
        path = GOLDEN / name
        config = json.loads((path / "config.json").read_text())
        file = path / "generation_config.json"
        generation = json.loads(file.read_text()) if file.exists() else config
        end = generation["eos_token_id"]
        end = end[0] if isinstance(end, list) else end
        sizes = [config.get(f"{side}_vocab_size", config.get("vocab_size"))
                 for side in ("source", "target")]
        write("folder", path.name,
              folder(config, generation, WORDS, vocabulary(sizes[0], end),
                     vocabulary(sizes[1], end), (path / "model.safetensors").read_bytes()))


def options():
    for name, values in {
            "beam_size": [1, 4, 512], "n_best": [1, 3], "length_penalty": [-10, 0, 2.5],
            "early_stopping": [True, False, "never", "top_beam"], "max_length": [2, 16],
            "max_new_tokens": [1, 9], "min_length": [3], "min_new_tokens": [2],
            "length_decay": [[2, 1.5]], "repetition_penalty": [0.5, 100],
            "encoder_repetition_penalty": [2], "no_repeat_ngram_size": [1, 2],
            "encoder_no_repeat_ngram_size": [1], "bad_words": [[[4], [5, 6]], []],
            "sequence_bias": [[[[4, 5], -3.5]]], "suppress_tokens": [[4, 5]],
            "begin_suppress_tokens": [[0]], "forced_first_token": [4],
            "forced_last_token": [0], "renormalize_logits": [True],
            "target_prefix": [[4, 5]], "required_words": [[[4, 5], [6]]],
            "alternatives": [3], "source_lang": ["en"], "target_lang": ["\u001b"],
            "truncate": [True], "split": ["sentences", "none"], "normalize": [True],
            "keep": [["a+", "b"], ["("]], "keep_placeholders": [True],
            "time_limit": [0.5, 1e-9], "seed": [2**63], "unknown": [0]}.items():
        for i, value in enumerate(values):
            write_json("options", f"{name}_{i}", {name: value})
    write_json("options", "sampling", {
        "sample": True, "seed": 7, "temperature": 2, "top_k": 3, "top_p": 0.9,
        "min_p": 0.01, "typical_p": 0.9, "epsilon_cutoff": 0.01, "eta_cutoff": 0.01})
    write_json("options", "groups", {
        "beam_size": 4, "beam_groups": 2, "diversity_penalty": 0.5})
    write_json("options", "words", {"beam_size": 4, "required_words": [[4], [5]]})
    hostile_json("options")


def requests():
    head = "POST /a%41?q=1 HTTP/1.1\r\nHost: a\r\n"
    for name, text in {
            "get": "GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 2,
            "length": head + "Content-Length: 2\r\n\r\n{}",
            "chunked": head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            "trailer": head + "Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n",
            "both": head + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}",
            "continue": head + "Expect: 100-continue\r\nContent-Length: 1\r\n\r\n1",
            "old": "GET / HTTP/1.0\r\nHost: a\r\nX-Request-Id: b\r\n\r\n",
            "none": "", "noise": "\0\r\n\r\n", "cut": head}.items():
        write("serve_request", name, text)
    for name, value in {
            "one": {"input": "a", "stream": True, "layer": 2},
            "list": {"input": ["a", "\u00e9"], "layer": 7}, "none": {},
            "wrong": {"input": [1], "stream": 0}}.items():
        write_json("serve_fields", name, value)
    hostile_json("serve_fields")
    part = "--b\r\nContent-Disposition: form-data; name=\"q\"\r\n\r\na\r\n"
    for name, text in {
            "json": "\0n=1\n" + json.dumps({"q": ["a"], "n": 3, "x": None}),
            "json_deep": "\0\n" + "[" * 100, "query": "\0q=%41+b&n=9&q",
            "form": "\1\nq=a%20b&q=c&n=8&=&&", "form_cut": "\1\nq=%4",
            "parts": "\2\n" + part * 2 + "--b--\r\n", "parts_cut": "\2\n" + part,
            "parts_none": "\2\n--b--", "parts_quote": "\3\n" + part,
            "languages": "\1\nq=Wo+ist+der+Bahnhof%3F+%D0%9F%D1%80%D0%B8"}.items():
        write("serve_params", name, text)
    for name, text in {
            "page": "h<!DOCTYPE html><title>a&amp;<b></title><p class='x'>One <b>two"
                    "</b> <img src=a>three.<br>Four &copy; <i>five<li>six</i></p>",
            "untouched": "h<script>if (a<b) '</p>'</script>a <code>b</code> c<svg><a/>"
                         "</svg><pre translate=no> d </pre><!-- e --><![CDATA[f]]>",
            "unfinished": "h<b>one <a href=\"two", "names": "h&#65;&#x;&nosuch;&eacute&",
            "crossed": "h<b>a<i>b</b>c</i></u>d<!-->e<!--->f</>g</ h>i<?j>",
            "xml": "x<?xml version='1.0'?><d><p>one <b>two</b></p><e/>&own;</d>",
            "xml_crossed": "x<a><b></a></b>", "deep": "h" + "<b>" * 600,
            "plain": "ha < b > c", "plaintext": "ha<plaintext>b<c>"}.items():
        write("serve_markup", name, text)


def main():
    random.seed(1)
    for path in CORPUS.glob("*/*"):
        if not path.name.startswith("found-"):
            path.unlink()
    for make in (configurations, weights, sentencepieces, vocabularies, tokenizers,
                 shortlists, texts, folders, options, requests):
        make()


main()
