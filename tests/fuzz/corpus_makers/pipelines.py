"""tokenizer.json by its parts: each kind of each in a small document, and amiss."""
import base64

from . import charsmaps
from .common import write_json

SPACE = {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always"}
BYTES = {"type": "ByteLevel", "add_prefix_space": True, "use_regex": True}


def bpe(**more):
    letters = {chr(c): c - 32 for c in range(32, 127)}
    vocab = letters | {text: len(letters) + i for i, text in enumerate(
        ("<unk>", "ho", "us", "use", "\u2581", "<0xA9>", "<0xC3>", "<0xg3>", "e</w>", "##o", "</s>"))}
    return {"type": "BPE", "vocab": vocab, "merges": ["h o", ["u", "s"], "us e"],
            "unk_token": "<unk>"} | more


def unigram(**more):
    return {"type": "Unigram", "unk_id": 0, "vocab": [
        ["<unk>", 0], ["\u2581", -1], ["house", -2.5], ["ho", -1], ["a", -1], ["\u2581a", -1.5],
        ["<0xC3>", -9], ["<0xA9>", -9], ["a", -3], [",", -2], ["</s>", 0]]} | more


def token(content, number, **more):
    return {"content": content, "id": number} | more


def normalizers():
    strip = {"type": "Strip", "strip_left": True, "strip_right": True}
    table = {"type": "Precompiled", "precompiled_charsmap":
             base64.b64encode(charsmaps.charsmap()).decode()}
    parts = {kind.lower(): {"type": kind} for kind in
             ("NFC", "NFD", "NFKC", "NFKD", "Nmt", "Lowercase", "StripAccents", "Unknown")}
    parts |= {
        "strip": strip, "strip_left": strip | {"strip_right": False},
        "strip_right": strip | {"strip_left": False}, "table": table,
        "table_empty": table | {"precompiled_charsmap": ""},
        "table_length": table | {"precompiled_charsmap": "YQ"},
        "table_digit": table | {"precompiled_charsmap": "YQ*="},
        "prepend": {"type": "Prepend", "prepend": "\u2581"},
        "prepend_long": {"type": "Prepend", "prepend": "a" * 1025},
        "replace": {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"},
        "grows": {"type": "Sequence", "normalizers": [
            {"type": "Replace", "pattern": {"String": "a"}, "content": "a" * 300}] * 3},
        "sequence": {"type": "Sequence", "normalizers": [{"type": "Nmt"}, strip, table]},
        "sequence_bad": {"type": "Sequence", "normalizers": 1}, "no_type": {"x": 1}}
    for name, table_ in charsmaps.hostile().items():
        parts["hostile_" + name] = table | {
            "precompiled_charsmap": base64.b64encode(table_).decode()}
    for i, expression in enumerate((
            r"\s+", r"\S\w\W\d\D\p{L}", r"(?i:a)|(?=b)|(?<!c).", r"(?<name>a)", r"[[:alpha:]]",
            r"\Z", "\\", "(", r"(?:a+)+$", "a" * 10001)):
        parts[f"regex_{i}"] = {"type": "Replace", "pattern": {"Regex": expression},
                               "content": "x"}
    parts["regex_and_text"] = {"type": "Replace", "content": "",
                               "pattern": {"Regex": "a", "String": "b"}}
    return parts


def pre_tokenizers():
    parts = {kind.lower(): {"type": kind} for kind in ("WhitespaceSplit", "Whitespace")}
    parts |= {
        "bytes": BYTES, "bytes_whole": BYTES | {"use_regex": False},
        "bytes_after": {"type": "Sequence", "pretokenizers": [
            {"type": "Digits", "individual_digits": True}, BYTES]},
        "digits": {"type": "Digits", "individual_digits": False}, "space": SPACE,
        "space_first": SPACE | {"prepend_scheme": "first", "split": False},
        "space_never": SPACE | {"prepend_scheme": "never"},
        "space_old": {"type": "Metaspace", "replacement": "_", "add_prefix_space": False},
        "space_both": SPACE | {"add_prefix_space": False},
        "space_scheme": SPACE | {"prepend_scheme": "x"},
        "space_long": SPACE | {"replacement": "ab"},
        "punctuation": {"type": "Punctuation"},
        "punctuation_with": {"type": "Punctuation", "behavior": "MergedWithPrevious"}}
    for cut in ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous", "x"):
        for invert in (False, True):
            parts[f"split_{cut}_{invert}"] = {
                "type": "Split", "pattern": {"Regex": "[a-o]"}, "behavior": cut, "invert": invert}
    return parts


def decoders():
    strip = {"type": "Strip", "content": "h", "start": 1, "stop": 1}
    bytes_ = {"type": "ByteFallback"}
    return {
        "space": SPACE, "space_never": SPACE | {"prepend_scheme": "never"}, "bytes": BYTES,
        "replace": {"type": "Replace", "pattern": {"String": "o"}, "content": " "},
        "fuse": {"type": "Sequence", "decoders": [
            bytes_, {"type": "Fuse"}, strip]}, "fallback": bytes_, "strip": strip,
        "strip_long": strip | {"content": "ab"}, "bpe": {"type": "BPEDecoder", "suffix": "</w>"}}


def frames():
    single = [{"SpecialToken": {"id": "</s>", "type_id": 0}}, {"Sequence": {"id": "A"}},
              {"SpecialToken": {"id": "</s>", "type_id": 0}}]
    template = {"type": "TemplateProcessing", "single": single,
                "special_tokens": {"</s>": {"id": "</s>", "ids": [105], "tokens": ["</s>"]}}}
    two = {"type": "RobertaProcessing", "cls": ["a", 3], "sep": ["</s>", 105]}
    return {
        "template": template, "template_text": template | {"single": "$A </s>"},
        "template_two": template | {"single": single + single},
        "template_none": template | {"single": single[:1]},
        "template_pair": template | {"single": [{"Sequence": {"id": "B"}}]},
        "template_far": template | {"special_tokens": {"</s>": {"ids": [900]}}},
        "two": two, "two_short": two | {"cls": ["a"]},
        "sequence": {"type": "Sequence", "processors": [template, two, {"type": "ByteLevel"}]}}


def models():
    return {
        "bpe_fallback": bpe(byte_fallback=True, unk_token=None),
        "bpe_fused": bpe(fuse_unk=True), "bpe_ignore": bpe(ignore_merges=True),
        "bpe_prefix": bpe(continuing_subword_prefix="##", end_of_word_suffix="</w>"),
        "bpe_prefix_short": bpe(continuing_subword_prefix="##", merges=["h o"]),
        "bpe_old": {k: v for k, v in bpe().items() if k != "type"},
        "bpe_version": bpe(merges=["#version: 0.2", "h o"]), "bpe_three": bpe(merges=["h o u"]),
        "bpe_list": bpe(merges=[["h"]]), "bpe_no_piece": bpe(merges=["a b"]),
        "bpe_dropout": bpe(dropout=0.1), "bpe_unknown": bpe(unk_token="x"),
        "bpe_twice": bpe(vocab={"a": 0, "b": 0}), "bpe_none": bpe(vocab={}),
        "bpe_far": bpe(vocab={"a": 10**9}), "bpe_list_vocab": bpe(vocab=[]),
        "unigram": unigram(), "unigram_fallback": unigram(byte_fallback=True),
        "unigram_none": unigram(vocab=[]), "unigram_pair": unigram(vocab=[["a"]]),
        "unigram_long": unigram(vocab=[["a" * 1025, 0]]), "unigram_id": unigram(unk_id=99),
        "unigram_score": unigram(vocab=[["a", "b"]]), "word_piece": {"type": "WordPiece"}}


def added():
    marks = [token("<ph>", 110, lstrip=True, rstrip=True, normalized=False),
             token("house", 111, single_word=True), token("Tom", 112), token(" a", 113),
             token("</s>", 105, special=True), token("12.5", 114, lstrip=True, rstrip=True)]
    return {"marks": marks, "empty": [token("", 110)], "long": [token("a" * 1025, 110)],
            "other_id": [token("a", 110)], "taken": [token("<x>", 3)], "list": 1,
            "far": [token("<x>", 10**9)], "number": [token(1, 2)]}


def make():
    base = {"added_tokens": [token("</s>", 105, special=True)], "normalizer": None,
            "pre_tokenizer": None, "post_processor": None, "decoder": None, "model": bpe()}
    for key, parts in (("normalizer", normalizers()), ("pre_tokenizer", pre_tokenizers()),
                       ("decoder", decoders()), ("post_processor", frames()),
                       ("model", models()), ("added_tokens", added())):
        for name, part in parts.items():
            document = base | {key: part}
            if key == "model" and name.startswith("unigram"):
                document["added_tokens"] = []
            write_json("tokenizer_json", f"{key}_{name}", document)
