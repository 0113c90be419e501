"""The files of every class of tokenizer, small, and amiss."""
import json

from .common import files, write
from .sentencepieces import byte_pieces, piece


def pieces(*texts, extra=b"", pad=False):
    head = piece("<pad>", 0, 3) if pad else b""
    controls = piece("<unk>", 0, 2) + (b"" if pad else piece("<s>", 0, 3)) + piece("</s>", 0, 3)
    if pad:
        controls = piece("</s>", 0, 3) + piece("<unk>", 0, 2)
    body = b"".join(piece(text, -1 - 0.1 * i) for i, text in enumerate(texts))
    return head + controls + body + extra


TEXTS = ("\u2581", "a", "\u2581a", "T", "om", "'", "s", "house", ",", "1", "2", ".", "!")
ADDED = {"30": {"content": "<ph>", "lstrip": True, "rstrip": True, "normalized": False},
         "31": {"content": " a", "single_word": True}, "32": "house",
         "33": {"content": "<mask>", "special": True},
         "34": {"content": "om", "single_word": True}, "35": {"content": "12", "single_word": True},
         "36": {"content": "12.5", "lstrip": True, "rstrip": True}}
ROLES = {"eos_token": "</s>", "unk_token": {"content": "<unk>"}, "pad_token": "<pad>",
         "additional_special_tokens": ["<ph>", {"content": "<new>", "lstrip": True}, "<ph>"]}


def marian():
    model = pieces(*TEXTS, extra=piece("<ph>", 0, 4))
    words = {text: i for i, text in enumerate(
        ("</s>", "<unk>", *TEXTS, ">>fr<<", ">>de<<", "<pad>"))}
    base = {"config.json": {"model_type": "marian"}, "source.spm": model, "target.spm": model,
            "vocab.json": words}
    config = "tokenizer_config.json"
    separate = {"separate_vocabs": True, "clean_up_tokenization_spaces": True,
                "model_max_length": 6, "truncation_side": "left"}
    for name, more in {
            "plain": {}, "separate": {config: separate, "target_vocab.json": words},
            "decoder": {config: ROLES | {"added_tokens_decoder": ADDED}},
            "listed": {"added_tokens.json": {">>es<<": 30, "<ph>": 31},
                       "special_tokens_map.json": ROLES},
            "class": {config: {"tokenizer_class": "MarianTokenizerFast"}},
            "other_class": {config: {"tokenizer_class": "Bert\x1b"}},
            "in_config": {"config.json": {"tokenizer_class": "MarianTokenizer"}},
            "no_end": {"vocab.json": {"a": 0, "<unk>": 1}}, "no_target": {"target.spm": b""},
            "no_separate": {config: separate},
            "bad_id": {config: {"added_tokens_decoder": {"1x": "a"}}},
            "far_id": {config: {"added_tokens_decoder": {"99999999999": "a"}}},
            "long_token": {"added_tokens.json": {"a" * 5000: 9}},
            "no_length": {config: {"model_max_length": 0}},
            "no_limit": {config: {"model_max_length": 1e30}},
            "side": {config: {"truncation_side": "up"}}}.items():
        write("files", "marian_" + name, files(base | more))


def piece_ids():
    fairseq, own = pieces(*TEXTS), pieces(*TEXTS, pad=True)
    words = {text: i for i, text in enumerate(("<s>", "<pad>", "</s>", "<unk>", *TEXTS))}
    config = "tokenizer_config.json"

    def write_class(name, tokenizer, model_file, model, more, **keys):
        write("files", name, files(
            {config: {"tokenizer_class": tokenizer} | keys, model_file: model} | more))

    spiece, bpe = "spiece.model", "sentencepiece.bpe.model"
    write_class("t5", "T5Tokenizer", spiece, own, {})
    write_class("t5_few", "T5Tokenizer", spiece, own, {}, extra_ids=2, added_tokens_decoder=ADDED)
    write_class("t5_many", "T5Tokenizer", spiece, own, {}, extra_ids=-1)
    write_class("t5_no_end", "T5Tokenizer", spiece, piece("<unk>", 0, 2) + piece("a"), {})
    write_class("pegasus", "PegasusTokenizer", spiece, own, {}, added_tokens_decoder=ADDED)
    write_class("mbart", "MBartTokenizer", bpe, fairseq, {}, src_lang="fr_XX")
    write_class("mbart_target", "MBartTokenizer", bpe, fairseq, {}, tgt_lang="fr_XX")
    write_class("mbart_bad", "MBartTokenizer", bpe, fairseq, {}, src_lang="xx\x1b")
    write_class("mbart_added", "MBartTokenizer", bpe, fairseq, {
        "generation_config.json": {"decoder_start_token_id": 2}},
        added_tokens_decoder=ADDED | {"40": {"content": "ab_CD", "special": True}})
    write_class("mbart50", "MBart50Tokenizer", bpe, fairseq,
                {"config.json": {"forced_bos_token_id": 3}})
    write_class("nllb", "NllbTokenizerFast", bpe, fairseq, {}, legacy_behaviour=True)
    write_class("m2m100", "M2M100Tokenizer", bpe, fairseq, {"vocab.json": words})
    write_class("m2m100_wmt21", "M2M100Tokenizer", bpe, fairseq, {"vocab.json": words},
                language_codes="wmt21")
    write_class("m2m100_named", "M2M100Tokenizer", bpe, fairseq, {"vocab.json": words},
                language_codes="m2m100", added_tokens_decoder={"50": "__fr__", "51": "__"})
    write_class("m2m100_codes", "M2M100Tokenizer", bpe, fairseq, {"vocab.json": words},
                language_codes="x")
    write_class("m2m100_no_control", "M2M100Tokenizer", bpe, fairseq, {"vocab.json": {"a": 0}})
    for kind in ("t5", "mt5", "pegasus", "mbart", "m2m_100", "bart", "blenderbot-small", "x"):
        model = own if "t5" in kind or kind == "pegasus" else fairseq
        write("files", "by_type_" + kind, files(
            {"config.json": {"model_type": kind}, spiece: model, bpe: model}))


def byte_pairs():
    letters = {chr(c): c - 33 for c in range(33, 127)}
    words = letters | {text: len(letters) + i for i, text in enumerate(
        ("<s>", "<pad>", "</s>", "<unk>", "\u0120", "\u0120a", "ou", "<mask>"))}
    merges = "#version: 0.2\n\u0120 a\no u\n"
    config = "tokenizer_config.json"

    def write_class(name, tokenizer, more, **keys):
        write("files", name, files(
            {config: {"tokenizer_class": tokenizer} | keys, "vocab.json": words,
             "merges.txt": merges} | more))

    write_class("bart", "BartTokenizer", {}, add_prefix_space=True)
    write_class("bart_added", "BartTokenizer", {}, added_tokens_decoder=ADDED)
    write_class("blenderbot", "BlenderbotTokenizer", {"added_tokens.json": {"a": 3}})
    write_class("bart_no_end", "BartTokenizer", {"vocab.json": letters})
    for name, text in {"spaces": "a b c\n", "word": "a\n", "utf8": b"\xff \xfe\n",
                       "twice": "a b\na b\n", "empty": "", "long": "a" * 5000 + " b\n"}.items():
        text = text if isinstance(text, bytes) else text.encode()
        write_class("bart_merges_" + name, "RobertaTokenizer", {"merges.txt": b"#\n" + text})
    small = {text: i for i, text in enumerate(
        ("__start__", "__null__", "__end__", "__unk__", "a", "t@@", "om", "ho@@", "use", ",", "'"))}
    small_files = {"vocab.json": small,
                   "merges.txt": "#version: 0.2\no m</w>\nh o\nu s\nus e</w>\n"}
    write_class("blenderbot_small", "BlenderbotSmallTokenizer", small_files,
                clean_up_tokenization_spaces=True)
    write_class("blenderbot_small_added", "BlenderbotSmallTokenizer", small_files,
                added_tokens_decoder=ADDED, bos_token="a")
    write("files", "byt5", files({config: {"tokenizer_class": "ByT5Tokenizer"}}))
    write("files", "byt5_saved", files({config: {
        "tokenizer_class": "ByT5Tokenizer", "extra_ids": 0, "added_tokens_decoder": {
            "259": {"content": "<extra_id_0>", "special": True}, "260": "house"}}}))
    write("files", "byt5_bad", files({config: {
        "tokenizer_class": "ByT5Tokenizer", "extra_ids": "x"}}))


def own_classes():
    roles = {"pad_token": "<pad>", "unk_token": "<unk>", "bos_token": "<s>", "eos_token": "</s>"}
    words = {text: i for i, text in enumerate(("</s>", "<pad>", "<unk>", "<s>", "a", "tom's"))}
    config = "tokenizer_config.json"
    base = {"source_vocab.json": words, "target_vocab.json": words}
    for name, more in {"plain": {}, "lower": {"lower_case": True, "latin_only": True},
                       "open": {"source_eos": False}, "other_key": {"x": 1},
                       "same": {"unk_token": "<pad>"}, "absent": {"pad_token": "<x>"}}.items():
        write("files", "words_" + name, files(
            base | {config: {"tokenizer_class": "TesseraWords"} | roles | more}))
    shared = dict.fromkeys(("</s>", "b", "<s>", "<unk>"), 0)
    write("files", "words_shared", files(
        {config: {"tokenizer_class": "TesseraWords"} | roles,
         "source_vocab.json": words | shared, "target_vocab.json": words}))
    lines = "<pad>\n<unk>\n<s>\n</s>\n" + "\n".join(TEXTS) + "\n"
    model = pieces(*TEXTS, extra=byte_pieces())
    write("files", "pieces", files(
        {config: {"tokenizer_class": "TesseraPieces"} | roles, "bpe.vocab": lines,
         "bpe.model": model}))
    write("files", "pieces_key", files(
        {config: {"tokenizer_class": "TesseraPieces", "lower_case": True} | roles,
         "bpe.vocab": lines, "bpe.model": model}))


def fast():
    """tokenizer.json in folders of classes that know more of it than it says."""
    special = ("<s>", "<pad>", "</s>", "<unk>", "fr_XX", "en_XX")
    document = {
        "added_tokens": [{"id": i, "content": text, "single_word": False, "lstrip": False,
                          "rstrip": False, "normalized": False, "special": True}
                         for i, text in enumerate(special)],
        "normalizer": None, "pre_tokenizer": None, "post_processor": None, "decoder": None,
        "model": {"type": "Unigram", "unk_id": 3,
                  "vocab": [[t, -1.0] for t in special + TEXTS]}}
    config = "tokenizer_config.json"
    no_end = json.loads(json.dumps(document).replace("</s>", "<e>"))
    no_languages = json.loads(json.dumps(document).replace("_XX\"", "_XX>\"")
                              .replace("\"fr_", "\"<fr_").replace("\"en_", "\"<en_"))
    for name, which, keys in (
            ("mbart", document, {"src_lang": "fr_XX"}), ("mbart_no_end", no_end, {}),
            ("mbart_no_languages", no_languages, {}),
            ("mbart_added", document, {"added_tokens_decoder": ADDED}),
            ("mbart_bad_id", document, {"added_tokens_decoder": {"-1": "a"}})):
        write("files", "fast_" + name, files(
            {config: {"tokenizer_class": "MBartTokenizer"} | keys, "tokenizer.json": which}))
    write("files", "fast_backend", files(
        {config: {"tokenizer_class": "TokenizersBackend", "add_prefix_space": True,
                  "clean_up_tokenization_spaces": True}, "tokenizer.json": document}))


def make():
    for part in (marian, piece_ids, byte_pairs, own_classes, fast):
        part()
