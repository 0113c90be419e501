#!/usr/bin/env python3
"""Writes tests/golden/tokenizer: what the published code of two systems makes of
some odd texts.

  pieces/      a tiny BPE model with its bpe.vocab, trained here
  pieces.json  ids of texts and texts of ids by Kyubyong/transformer's functions
  words.json   the same by JayParks/transformer's str.split and str.lower, and by
               the regular expression of Kyubyong/transformer's first form

Other than there, a word that spells a control token is unknown, and <pad> and the
start token are left out of texts.
"""

import argparse
import io
import os
import random
import unicodedata

import regex
import sentencepiece
import tokenizer

CONTROL = ["<pad>", "<unk>", "<s>", "</s>"]
PAD, UNKNOWN, BEGIN, END = range(4)

# Spaces that are none to others, case mappings that change the number of
# characters or look around, scripts that look alike.
WORDS = [
    "a\x1cb\x1dc\x1ed\x1fe",
    "a\u0085b\u00a0c\u1680d\u2028e\u2029f\u202fg\u205fh\u3000i",
    "a\u180eb\u200bc\u200dd\u2060e\ufefff",
    " \t\u3000 ",
    "\u0130STANBUL I\u0131 \u0130\u0130",
    "\u1e9e STRA\u00dfE \ufb00 \u01c5 \u01c4 \u2168 \u212a \u212b \u2126",
    "\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3 \u03a3 \u0391\u03a3. \u0391\u03a3'",
    "\u0391\u03a3\u00ad\u0392 \u0391\u03a3\u00ad",
    "\u0391\u03a3\u0301 \u0391\u03a3\u0301\u0392 '\u03a3 1\u03a3 \u0391\u03a3-\u03a3",
    "\u0410\u0412\u0421 ABC \u0391\u0392\u0393 \u10a0 \u13a0 \U00010400 \U0001e900",
    "Don't l'\u00c9t\u00e9 d\u2019ici \u02bcn \u00aa \u00ba \uff21\uff22 \uff07",
    "e\u0301 A\u030a \u0149 \u1e96",
    "<pad> <unk> <s> </s> </S> <PAD> a</s> </s>b",
    "na\u00efve 3rd x\u00b2 \u2160\u2161 a_b a-b a.b (a) \u201ea\u201c",
]


def odd_texts(sentences):
    """Those whose characters this Unicode version knows, and not the longest."""
    for text in [*WORDS, *tokenizer.texts(sentences)]:
        if len(text) <= 300 and all(unicodedata.category(c) != "Cn" for c in text):
            yield text


def encode(tokens, ids):
    return [
        UNKNOWN if token in CONTROL else ids.get(token, UNKNOWN) for token in tokens
    ] + [END]


def shown(ids, entries):
    """The entries of an output's text."""
    ids = ids[: ids.index(END)] if END in ids else ids
    return [entries[i] for i in ids if i not in (PAD, BEGIN)]


def random_ids(count, size):
    rng = random.Random(6)
    yield from ([], [END], [PAD, BEGIN], [size - 1, UNKNOWN, END, size - 1])
    for _ in range(count):
        drawn = [rng.randrange(size) for _ in range(rng.randint(1, 30))]
        end = rng.choice([drawn, drawn + [END], drawn + [END, PAD, PAD]])
        yield [rng.choice([i, i, i, rng.randrange(4)]) for i in end]


def train(sentences):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(sentences),
        model_writer=model,
        vocab_size=160,
        model_type="bpe",
        character_coverage=0.999,
        normalization_rule_name="identity",
        pad_id=PAD,
        unk_id=UNKNOWN,
        bos_id=BEGIN,
        eos_id=END,
        minloglevel=2,
    )
    return model.getvalue()


def write_vocabulary(path, processor):
    """bpe.vocab in an order of its own: ids are its lines, not the model's.

    Some pieces are missing, and one stands on two lines, of which the last counts.
    """
    pieces = [processor.id_to_piece(i) for i in range(4, len(processor))]
    entries = [*CONTROL, *reversed(pieces[:-8]), pieces[5]]
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{entry}\t{-i}\n" for i, entry in enumerate(entries))
    return entries


def make_pieces(folder, sentences):
    os.makedirs(folder, exist_ok=True)
    model = train(sentences)
    with open(f"{folder}/bpe.model", "wb") as file:
        file.write(model)
    config = dict(
        zip(("pad_token", "unk_token", "bos_token", "eos_token"), CONTROL, strict=True)
    )
    tokenizer.write_json(
        f"{folder}/tokenizer_config.json",
        {"tokenizer_class": "TesseraPieces", **config},
    )
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    return processor, write_vocabulary(f"{folder}/bpe.vocab", processor)


def pieces_cases(processor, entries, texts):
    ids = {entry: i for i, entry in enumerate(entries)}

    def split(text):
        return " ".join(processor.encode_as_pieces(text)).split()

    def join(outputs):
        return "".join(outputs).strip().replace("\u2581", " ").strip()

    return {
        "encode": [{"text": t, "ids": encode(split(t), ids)} for t in texts],
        "decode": [
            {"ids": i, "text": join(shown(i, entries))}
            for i in random_ids(150, len(entries))
        ],
    }


def words_of(text, lower_case, latin_only):
    if lower_case:
        text = text.lower()
    if latin_only:
        text = regex.sub(r"[^\s\p{Latin}']", "", text)
    return text.split()


def words_cases(texts):
    switches = [(lower, latin) for lower in (False, True) for latin in (False, True)]
    seen = {}
    for text in texts:
        for lower, latin in switches:
            seen.update(dict.fromkeys(words_of(text, lower, latin)))
    words = [word for word in seen if word not in CONTROL and "\0" not in word]
    entries = [*CONTROL, *(word for i, word in enumerate(words) if i % 9)]
    ids = {entry: i for i, entry in enumerate(entries)}
    return {
        "vocabulary": entries,
        "encode": [
            {
                "text": text,
                "ids": [encode(words_of(text, *both), ids) for both in switches],
            }
            for text in texts
        ],
        "decode": [
            {"ids": i, "text": " ".join(shown(i, entries)).strip()}
            for i in random_ids(60, len(entries))
        ],
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    root = tokenizer.ROOT
    parser.add_argument(
        "--sentences", default=f"{root}/bench/data/dev.multi.tsv", metavar="TSV"
    )
    parser.add_argument(
        "--out", default=f"{root}/tests/golden/tokenizer", metavar="DIR"
    )
    args = parser.parse_args()

    texts = list(odd_texts(tokenizer.english(args.sentences, 60)))
    training = tokenizer.english(args.sentences, 1500)
    results = {
        "pieces": pieces_cases(*make_pieces(f"{args.out}/pieces", training), texts),
        "words": words_cases(texts),
    }
    for name, result in results.items():
        tokenizer.write_json(f"{args.out}/{name}.json", result)
        counts = [len(result[key]) for key in ("encode", "decode")]
        print(f"{name}: {counts[0]} texts, {counts[1]} id lists")


if __name__ == "__main__":
    main()
