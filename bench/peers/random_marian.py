"""Marian folders with random weights, of sizes that nobody ships.

No output ends by itself: the end has a bias that no sum reaches. So every
program makes as many tokens as its longest output allows.
"""

import dataclasses
import json
import os
import shutil

import numpy as np
from safetensors.numpy import save_file

NEVER = -1e4


@dataclasses.dataclass(frozen=True)
class Shape:
    width: int
    hidden: int
    heads: int
    encoder_layers: int
    decoder_layers: int
    vocabulary: int  # the padding, which is its last, included


class Weights:
    """Random tensors by name."""

    def __init__(self):
        self.tensors = {}
        self.random = np.random.default_rng(1)

    def normal(self, *shape):
        return self.random.standard_normal(shape, dtype=np.float32)

    def linear(self, name, outputs, inputs):
        self.tensors[f"{name}.weight"] = (
            self.normal(outputs, inputs) * inputs**-0.5
        ).astype(np.float32)
        self.tensors[f"{name}.bias"] = 0.1 * self.normal(outputs)

    def norm(self, name, width):
        # With positive weights the state leans towards the last token's
        # embedding, and every output repeats one token.
        sign = np.sign(self.normal(width))
        self.tensors[f"{name}.weight"] = sign * (1 + 0.3 * self.normal(width))
        self.tensors[f"{name}.bias"] = 0.1 * self.normal(width)

    def attention(self, name, width):
        for part in ("q_proj", "k_proj", "v_proj", "out_proj"):
            self.linear(f"{name}.{part}", width, width)
        self.norm(f"{name}_layer_norm", width)

    def layer(self, name, shape, cross):
        self.attention(f"{name}.self_attn", shape.width)
        if cross:
            self.attention(f"{name}.encoder_attn", shape.width)
        self.linear(f"{name}.fc1", shape.hidden, shape.width)
        self.linear(f"{name}.fc2", shape.width, shape.hidden)
        self.norm(f"{name}.final_layer_norm", shape.width)


def draw(shape):
    """All tensors of MarianForConditionalGeneration, as its folders name them."""
    weights = Weights()
    table = weights.normal(shape.vocabulary, shape.width)
    table *= np.float32(shape.width**-0.5)
    table[-1] = 0  # the padding, which is also the start
    bias = np.zeros((1, shape.vocabulary), np.float32)
    bias[0, 0] = NEVER
    weights.tensors["model.shared.weight"] = table
    weights.tensors["final_logits_bias"] = bias
    for i in range(shape.encoder_layers):
        weights.layer(f"model.encoder.layers.{i}", shape, cross=False)
    for i in range(shape.decoder_layers):
        weights.layer(f"model.decoder.layers.{i}", shape, cross=True)
    return weights.tensors


def config(shape):
    padding = shape.vocabulary - 1
    return {
        "architectures": ["MarianMTModel"],
        "model_type": "marian",
        "activation_function": "relu",
        "d_model": shape.width,
        "encoder_layers": shape.encoder_layers,
        "decoder_layers": shape.decoder_layers,
        "num_hidden_layers": shape.encoder_layers,
        "encoder_attention_heads": shape.heads,
        "decoder_attention_heads": shape.heads,
        "encoder_ffn_dim": shape.hidden,
        "decoder_ffn_dim": shape.hidden,
        "vocab_size": shape.vocabulary,
        "decoder_vocab_size": shape.vocabulary,
        "share_encoder_decoder_embeddings": True,
        "scale_embedding": True,
        "max_position_embeddings": 512,
        "pad_token_id": padding,
        "decoder_start_token_id": padding,
        "eos_token_id": 0,
        "forced_eos_token_id": None,
        "dtype": "float32",
    }


def generation(shape, new_tokens):
    padding = shape.vocabulary - 1
    return {
        "bad_words_ids": [[padding]],
        "decoder_start_token_id": padding,
        "pad_token_id": padding,
        "eos_token_id": 0,
        "max_length": 1 + new_tokens,  # the start token counts
        "num_beams": 4,
    }


def vocabulary(tokenizer, size):
    """That of a folder, filled up with words that no text has."""
    with open(f"{tokenizer}/vocab.json", encoding="utf-8") as file:
        ids = json.load(file)
    del ids["<pad>"]
    for i in range(len(ids), size - 1):
        ids[f"<filler_{i}>"] = i
    ids["<pad>"] = size - 1
    return ids


def write_json(value, path):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False)


def write_folder(shape, new_tokens, tokenizer, folder):
    """A model whose outputs have new_tokens tokens, with that tokenizer."""
    os.makedirs(folder, exist_ok=True)
    for name in ("source.spm", "target.spm", "tokenizer_config.json"):
        shutil.copy(f"{tokenizer}/{name}", folder)
    write_json(vocabulary(tokenizer, shape.vocabulary), f"{folder}/vocab.json")
    write_json(config(shape), f"{folder}/config.json")
    settings = generation(shape, new_tokens)
    write_json(settings, f"{folder}/generation_config.json")
    path = f"{folder}/model.safetensors"
    save_file(draw(shape), path, metadata={"format": "pt"})
