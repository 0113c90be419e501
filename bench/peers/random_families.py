"""T5 and NLLB folders with random weights, of the sizes that people run.

Weights are what Transformers' classes begin with. Ends are kept away by
min_length, which every program knows, so outputs are as long as they may be.
"""

import io
import os

import sentencepiece

PIECES = 1500
SOURCE, TARGET = "eng_Latn", "fra_Latn"

# Control tokens as each family numbers them.
T5_IDS = {"pad_id": 0, "eos_id": 1, "unk_id": 2, "bos_id": -1}
FAIRSEQ_IDS = {"unk_id": 0, "bos_id": 1, "eos_id": 2, "pad_id": -1}


def train_pieces(lines, path, ids):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_writer=model,
        vocab_size=PIECES,
        num_threads=1,
        minloglevel=2,
        **ids,
    )
    with open(path, "wb") as file:
        file.write(model.getvalue())


def settings(new_tokens, **more):
    """generation_config.json of outputs with that many tokens."""
    from transformers import GenerationConfig

    length = 1 + new_tokens  # the start token counts
    return GenerationConfig(
        max_length=length, min_length=length, num_beams=4, **more
    )


def flan_t5_base(lines, new_tokens, folder):
    from transformers import T5Config, T5ForConditionalGeneration, T5Tokenizer

    path = f"{folder}/spiece.model"
    train_pieces(lines, path, T5_IDS)
    T5Tokenizer(path, legacy=True).save_pretrained(folder)
    config = T5Config(
        vocab_size=32_128,
        d_model=768,
        d_kv=64,
        d_ff=2048,
        num_layers=12,
        num_heads=12,
        feed_forward_proj="gated-gelu",
        tie_word_embeddings=False,
        decoder_start_token_id=0,
    )
    ends = settings(
        new_tokens, pad_token_id=0, eos_token_id=1, decoder_start_token_id=0
    )
    return T5ForConditionalGeneration(config), ends


def nllb_600m(lines, new_tokens, folder):
    from transformers import (
        M2M100Config,
        M2M100ForConditionalGeneration,
        NllbTokenizer,
    )

    path = f"{folder}/sentencepiece.bpe.model"
    train_pieces(lines, path, FAIRSEQ_IDS)
    tokenizer = NllbTokenizer(path, src_lang=SOURCE, tgt_lang=TARGET)
    tokenizer.save_pretrained(folder)
    config = M2M100Config(
        vocab_size=256_206,
        d_model=1024,
        encoder_layers=12,
        decoder_layers=12,
        encoder_attention_heads=16,
        decoder_attention_heads=16,
        encoder_ffn_dim=4096,
        decoder_ffn_dim=4096,
        activation_function="relu",
        scale_embedding=True,
    )
    ends = settings(
        new_tokens,
        pad_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=2,
        forced_bos_token_id=tokenizer.convert_tokens_to_ids(TARGET),
    )
    return M2M100ForConditionalGeneration(config), ends


def write_folder(make, lines, new_tokens, folder):
    """A model of one of the functions above, in float32."""
    import torch

    os.makedirs(folder, exist_ok=True)
    torch.manual_seed(1)
    model, ends = make(lines, new_tokens, folder)
    model.generation_config = ends
    model.save_pretrained(folder)
