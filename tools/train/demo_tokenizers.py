"""Small tokenizers of T5's and BART's forms, trained on a task's own texts."""

import io
import os
import random

import sentencepiece
from tokenizers import ByteLevelBPETokenizer
from transformers import BartTokenizer, T5Tokenizer

LINES = 4000
BART_CONTROLS = ["<s>", "<pad>", "</s>", "<unk>"]


def pairs(task):
    """Sources and answers to train a tokenizer on: always the same."""
    generator = random.Random(2)
    sources = [task.texts(generator, "train") for _ in range(LINES)]
    return [(source, task.answer(source)) for source in sources]


def t5(task, folder):
    """Pieces of SentencePiece, a digit each, and 100 sentinels behind them."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([text for pair in pairs(task) for text in pair]),
        model_writer=model,
        vocab_size=32,
        hard_vocab_limit=False,
        split_digits=True,
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        num_threads=1,
        minloglevel=2,
    )
    path = f"{folder}/spiece.model"
    with open(path, "wb") as file:
        file.write(model.getvalue())
    tokenizer = T5Tokenizer(path, legacy=True, model_max_length=512)
    tokenizer.save_pretrained(folder)
    return tokenizer


def bart(task, folder):
    """Bytes and their merges in the answers; digits stay alone."""
    pairs_of_bytes = ByteLevelBPETokenizer()
    pairs_of_bytes.train_from_iterator(
        [f" {answer}" for _, answer in pairs(task)],
        vocab_size=400,
        special_tokens=[*BART_CONTROLS, "<mask>"],
        show_progress=False,
    )
    pairs_of_bytes.save_model(folder)
    tokenizer = BartTokenizer(
        os.path.join(folder, "vocab.json"),
        os.path.join(folder, "merges.txt"),
        model_max_length=64,
    )
    tokenizer.save_pretrained(folder)
    return tokenizer
