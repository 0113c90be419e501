#!/usr/bin/env python3
"""Writes tests/golden/tokenizer/json: what Transformers makes of odd texts with
folders that have tokenizer.json alone, and with Blenderbot-small's files.

  NAME.json   as those of families_tokenizer.py, with the same texts; "files" may
              hold a file itself in place of a name. Hashes have 8 digits: the
              lower half. "@CHARSMAP@" in tokenizer.json stands for the table of
              pieces.model in base64, whose place there is "charsmap".
  small_vocab.json, small_merges.txt
              of Blenderbot-small's scheme, trained here

Run with Transformers 4.57, it writes those that 4.57 saves, those put together
from single components, and Blenderbot-small's; with Transformers 5 the folders
that 5 saves, of which NAME ends in _5. Both need protobuf. Hugging Face's
trainers break ties by chance: what they gave is kept, until it is deleted.
"""

import base64
import json
import os
import re
import shutil
import tempfile
import unicodedata

import tokenizers
import transformers
from tokenizers import (
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import AutoTokenizer, PreTrainedTokenizerFast
from transformers.utils import logging

import families_tokenizer as families

logging.set_verbosity_error()

PARTS = families.OUT
OUT = f"{families.ROOT}/tests/golden/tokenizer/json"
NEW = int(transformers.__version__.split(".")[0]) >= 5

PIECES = {"spiece.model": "pieces.model"}
BPE = {"sentencepiece.bpe.model": "bpe.model"}
BYTES = {"vocab.json": "vocab.json", "merges.txt": "merges.txt"}
# Class, files to make it of, options, languages.
CLASSES = {
    "t5": ("T5TokenizerFast", PIECES, {}, None),
    "t5_not_legacy": ("T5TokenizerFast", PIECES, {"legacy": False}, None),
    "pegasus": ("PegasusTokenizerFast", PIECES, {}, None),
    "mbart": ("MBartTokenizerFast", BPE, {"src_lang": "fr_XX"},
              ["fr_XX", "ro_RO"]),
    "mbart50": ("MBart50TokenizerFast", BPE, {"src_lang": "gl_ES"},
                ["gl_ES", "sl_SI"]),
    "nllb": ("NllbTokenizerFast", BPE, {"src_lang": "ron_Latn"},
             ["ron_Latn", "fra_Latn"]),
    "nllb_last": ("NllbTokenizerFast", BPE,
                  {"src_lang": "ron_Latn", "legacy_behaviour": True},
                  ["ron_Latn", "fra_Latn"]),
    "bart": ("BartTokenizerFast", BYTES, {}, None),
    "blenderbot": ("BlenderbotTokenizerFast", BYTES,
                   {"add_prefix_space": True}, None),
}


def charsmap():
    """The table's place in pieces.model."""
    with open(f"{PARTS}/pieces.model", "rb") as file:
        model = file.read()
    from sentencepiece import sentencepiece_model_pb2 as proto

    parsed = proto.ModelProto()
    parsed.ParseFromString(model)
    table = parsed.normalizer_spec.precompiled_charsmap
    begin = model.index(table)
    return [begin, len(table)], base64.b64encode(table).decode()


def encode(tokenizer, text, name):
    if "<extra_id_" in text or name == "added":
        return tokenizer(text).input_ids
    return tokenizer(text, split_special_tokens=True).input_ids


def is_known(character):
    """Whether Hugging Face's normalisers have it as Unicode 14 does: their
    tables are older."""
    forms = (normalizers.NFKC(), unicodedata.normalize("NFKC", character)), (
        normalizers.StripAccents(),
        "" if unicodedata.category(character)[0] == "M" else character)
    return all(n.normalize_str(character) == form for n, form in forms)


def write(name, tokenizer, files, config, languages=None):
    """`files` by name: a name among the parts, or a JSON document."""
    hashes, samples = [], []
    for i, text in enumerate(TEXTS):
        ids = encode(tokenizer, text, name)
        back = tokenizer.decode(ids, skip_special_tokens=True)
        # Nothing is compared where versions of Unicode differ, nor where a
        # text spells control tokens and others that are special.
        other = not all(map(is_known, text)) if name == "unigram_with_bytes" \
            else name == "added" and re.search("</?s>|<unk>", text)
        hashes.append("" if other else families.fnv(ids, back)[8:])
        if other:
            continue
        if i % 150 == 0 or i >= len(TEXTS) - len(families.SENTINELS):
            samples.append({"text": text, "ids": ids, "back": back})
    size = len(tokenizer)
    rng = families.random.Random(5)
    decode = []
    for length in [1, 2, 3, 5, 8, 13] * 12:
        ids = [rng.randrange(size) for _ in range(length)]
        decode.append(
            {"ids": ids, "text": tokenizer.decode(ids, skip_special_tokens=True)}
        )
    for key in ("is_local", "local_files_only", "backend"):
        config.pop(key, None)
    with open(f"{OUT}/{name}.json", "w", encoding="utf-8") as file:
        json.dump(
            {"files": files, "config": config, "languages": languages,
             "vocabulary": size, "charsmap": PLACE, "hashes": hashes,
             "samples": samples, "decode": decode},
            file, ensure_ascii=False, separators=(",", ":"),
        )
        file.write("\n")
    os.chmod(f"{OUT}/{name}.json", 0o644)
    print(f"{name}: {len(TEXTS)} texts, {size} ids", flush=True)


def short(document):
    """tokenizer.json with a mark for the table that all have."""
    return json.loads(json.dumps(document).replace(TABLE, "@CHARSMAP@"))


def as_saved_before(name, folder):
    """What version 4 saved: without it, 5 loses the languages of NLLB."""
    with open(f"{OUT}/{name}.json") as file:
        golden = json.load(file)
    with open(f"{folder}/tokenizer.json", "w") as file:
        file.write(json.dumps(golden["files"]["tokenizer.json"])
                   .replace("@CHARSMAP@", TABLE))
    with open(f"{folder}/tokenizer_config.json", "w") as file:
        json.dump(golden["config"], file)


def saved(name, cls, files, options, languages):
    """A folder as it is saved, but for the files that go with tokenizer.json."""
    with tempfile.TemporaryDirectory() as folder:
        out = f"{folder}/out"
        # Of mBART version 5 takes no tokenizer.json of byte pairs.
        if NEW and not name.startswith("mbart"):
            as_saved_before(name, folder)
        else:
            for file, part in files.items():
                shutil.copy(f"{PARTS}/{part}", f"{folder}/{file}")
        getattr(transformers, cls).from_pretrained(
            folder, **options).save_pretrained(out)
        for file in files:
            if os.path.exists(f"{out}/{file}"):
                os.remove(f"{out}/{file}")
        loaded = AutoTokenizer.from_pretrained(out)
        with open(f"{out}/tokenizer.json") as file:
            document = json.load(file)
        with open(f"{out}/tokenizer_config.json") as file:
            config = json.load(file)
        if languages:
            loaded.src_lang = languages[0]
            languages = languages + [
                loaded.convert_tokens_to_ids(languages[1])]
        write(name + ("_5" if NEW else ""), loaded,
              {"tokenizer.json": short(document)}, config, languages)


def generic(name, train, lines, **special):
    """One of PreTrainedTokenizerFast, whose file says all; trained if there is
    none yet."""
    path = f"{OUT}/{name}.json"
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            files = json.load(file)["files"]
        core = Tokenizer.from_str(json.dumps(files["tokenizer.json"]))
    else:
        core = train(lines)
    with tempfile.TemporaryDirectory() as folder:
        PreTrainedTokenizerFast(
            tokenizer_object=core, **special
        ).save_pretrained(folder)
        loaded = AutoTokenizer.from_pretrained(folder)
        with open(f"{folder}/tokenizer.json") as file:
            document = json.load(file)
        with open(f"{folder}/tokenizer_config.json") as file:
            config = json.load(file)
        write(name, loaded, {"tokenizer.json": short(document)}, config)


def unigram_with_bytes(lines):
    """As Marian's folders are converted: one vocabulary, pieces by vocab.json;
    here with bytes for what has no piece, and odd normalisers."""
    core = Tokenizer(models.Unigram())
    core.normalizer = normalizers.Sequence([
        normalizers.Nmt(), normalizers.NFKC(), normalizers.StripAccents(),
        normalizers.Replace(Regex(r"\s{2,}|[\u2014\u2026]"), " "),
        normalizers.Strip(True, True)])
    core.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    core.decoder = decoders.Sequence([
        decoders.ByteFallback(), decoders.Metaspace(prepend_scheme="first")])
    trainer = trainers.UnigramTrainer(
        vocab_size=300, special_tokens=["</s>", "<unk>"], unk_token="<unk>",
        show_progress=False)
    core.train_from_iterator(lines, trainer)
    document = json.loads(core.to_str())
    document["model"]["byte_fallback"] = True
    document["model"]["vocab"] += [[f"<0x{b:02X}>", -20.0] for b in range(256)]
    core = Tokenizer.from_str(json.dumps(document))
    core.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", 0)])
    return core


def pairs_of_words(lines):
    """Byte pairs with ends of words, unknown characters one by one."""
    core = Tokenizer(models.BPE(unk_token="<unk>", end_of_word_suffix="</w>"))
    core.normalizer = normalizers.Sequence(
        [normalizers.NFD(), normalizers.Lowercase(), normalizers.NFC()])
    core.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Whitespace(), pre_tokenizers.Digits(True),
        pre_tokenizers.Punctuation()])
    core.decoder = decoders.BPEDecoder(suffix="</w>")
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=["<s>", "</s>", "<unk>"],
        end_of_word_suffix="</w>", limit_alphabet=60, show_progress=False)
    core.train_from_iterator(lines, trainer)
    core.post_processor = processors.BertProcessing(("</s>", 1), ("<s>", 0))
    return core


def pairs_with_bytes(lines):
    """Byte pairs over whole texts, with bytes for what has no piece, as
    SentencePiece's are often converted."""
    core = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>",
                                fuse_unk=True))
    core.normalizer = normalizers.Sequence([
        normalizers.Prepend("\u2581"), normalizers.Replace(" ", "\u2581")])
    core.pre_tokenizer = pre_tokenizers.Split("\u2581", "merged_with_next")
    core.decoder = decoders.Sequence([
        decoders.Replace("\u2581", " "), decoders.ByteFallback(),
        decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    trainer = trainers.BpeTrainer(
        vocab_size=600, limit_alphabet=50, show_progress=False,
        special_tokens=["<unk>", "</s>"] +
        [f"<0x{b:02X}>" for b in range(256) if b != 0xF0])
    core.train_from_iterator(lines, trainer)
    return core


def bytes_by_pattern(lines):
    """Byte-level pairs behind another pattern, as newer models cut."""
    core = Tokenizer(models.BPE(ignore_merges=True))
    core.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(
            r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
            r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"),
            "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    core.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600, special_tokens=["<s>", "</s>"], show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    core.train_from_iterator(lines, trainer)
    core.post_processor = processors.Sequence([
        processors.ByteLevel(),
        processors.TemplateProcessing(
            single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 1)])])
    return core


def added(lines):
    """Added tokens with each of their flags."""
    core = pairs_of_words(lines)
    token = tokenizers.AddedToken
    core.add_tokens([
        token("\u00e9t\u00e9", normalized=True), token("The", normalized=True),
        token("it", single_word=True, normalized=False),
        token("...", lstrip=True, normalized=False),
        token("'", rstrip=True, normalized=False),
        token("we", single_word=True, lstrip=True, rstrip=True,
              normalized=True)])
    core.add_special_tokens([token("a", normalized=False, special=True)])
    return core


def small_parts(lines):
    """Words of Blenderbot-small's kind and their merges."""
    words = []
    for line in lines:
        line = re.sub(r"([.,!?()])", r" \1", line.lower())
        words.append(re.sub("(')", r" \1 ", line))
    core = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = trainers.BpeTrainer(vocab_size=500, end_of_word_suffix="</w>",
                                  show_progress=False)
    core.train_from_iterator(words, trainer)
    model = json.loads(core.to_str())["model"]
    vocabulary = {}
    for piece in ["__null__", "__start__", "__end__", "__unk__", "__newln__"]:
        vocabulary[piece] = len(vocabulary)
    for piece in sorted(model["vocab"], key=model["vocab"].get):
        if piece.endswith("</w>"):
            vocabulary.setdefault(piece[:-4], len(vocabulary))
        else:
            vocabulary.setdefault(piece + "@@", len(vocabulary))
    with open(f"{OUT}/small_vocab.json", "w", encoding="utf-8") as file:
        json.dump(vocabulary, file, ensure_ascii=False, separators=(",", ":"))
    with open(f"{OUT}/small_merges.txt", "w", encoding="utf-8") as file:
        file.write("#version: 0.2\n")
        for left, right in model["merges"]:
            file.write(f"{left} {right}\n")


def main():
    os.makedirs(OUT, exist_ok=True)
    lines = families.sentences()
    for name, (cls, files, options, languages) in CLASSES.items():
        saved(name, cls, files, options, languages)
    if NEW:
        return
    generic("unigram_with_bytes", unigram_with_bytes, lines, eos_token="</s>",
            unk_token="<unk>")
    generic("pairs_of_words", pairs_of_words, lines, eos_token="</s>",
            bos_token="<s>", unk_token="<unk>",
            clean_up_tokenization_spaces=True)
    generic("pairs_with_bytes", pairs_with_bytes, lines, eos_token="</s>",
            unk_token="<unk>")
    generic("bytes_by_pattern", bytes_by_pattern, lines, eos_token="</s>",
            bos_token="<s>")
    generic("added", added, lines, eos_token="</s>", bos_token="<s>",
            unk_token="<unk>")
    if not os.path.exists(f"{OUT}/small_vocab.json"):
        small_parts(lines)
    small = transformers.BlenderbotSmallTokenizer(
        f"{OUT}/small_vocab.json", f"{OUT}/small_merges.txt")
    write("blenderbot_small", small,
          {"vocab.json": "../json/small_vocab.json",
           "merges.txt": "../json/small_merges.txt"},
          {"tokenizer_class": "BlenderbotSmallTokenizer"})


with open(f"{PARTS}/texts.json", encoding="utf-8") as texts_file:
    TEXTS = json.load(texts_file)
PLACE, TABLE = charsmap()

if __name__ == "__main__":
    main()
