"""Checkpoints and vocabularies as JayParks/transformer leaves them."""

import argparse
import collections

import torch

from arithmetic import Draw

CONTROL = ["<pad>", "<unk>", "<bos>", "<eos>"]


class State:
    """A state_dict of random weights, under construction.

    old  whether names and shapes are those of 667faad
    """

    def __init__(self, options, old, seed):
        self.o, self.old = options, old
        self.draw = Draw(seed)
        self.tensors = collections.OrderedDict()

    def put(self, name, array):
        self.tensors[name] = torch.from_numpy(array)

    def linear(self, name, rows, columns, bias=True, gain=1.0):
        matrix = self.draw.matrix((rows, columns), columns, gain)
        self.put(f"{name}.linear.weight", matrix)
        if bias:
            self.put(f"{name}.linear.bias", self.draw.vector(rows))

    def norm(self, name):
        self.put(f"{name}.layer_norm.gamma", self.draw.scale(self.o.d_model))
        self.put(f"{name}.layer_norm.beta", self.draw.vector(self.o.d_model))

    def embedding(self, side, key):
        d, rows = self.o.d_model, getattr(self.o, f"{key}_vocab_size")
        table = self.draw.normal((rows, d), 1.0)
        table[0] = 0
        self.put(f"{side}.{key}_emb.weight", table)
        longest = 10 * getattr(self.o, f"max_{key}_seq_len")
        position = torch.arange(longest, dtype=torch.float64)[:, None]
        column = torch.arange(d, dtype=torch.float64)
        angle = position / 10000 ** (2 * (column // 2) / d)
        positions = torch.where(column % 2 == 0, angle.sin(), angle.cos())
        positions = torch.cat([torch.zeros(1, d), positions]).float()
        self.tensors[f"{side}.pos_emb.pos_enc.weight"] = positions

    def projections(self, name):
        heads, d = self.o.n_heads, self.o.d_model
        for part in "qkv":
            width = self.o.d_v if part == "v" else self.o.d_k
            gain = 1.0 if part == "v" else 1.5
            if self.old:
                shape = (heads, d, width)
                weight = self.draw.matrix(shape, d, gain)
                self.put(f"{name}.attention.w_{part}", weight)
            else:
                own = f"{name}.multihead_attn.w_{part}"
                self.linear(own, heads * width, d, gain=gain)

    def attention(self, name):
        self.projections(name)
        self.linear(
            f"{name}.proj", self.o.d_model, self.o.n_heads * self.o.d_v
        )
        self.norm(name)

    def branched_attention(self, name):
        heads, d, width = self.o.n_heads, self.o.d_model, self.o.d_v
        self.projections(name)
        if self.old:
            shape = (heads, width, d)
            self.put(f"{name}.w_o", self.draw.matrix(shape, width))
        else:
            for i in range(heads):
                self.linear(f"{name}.w_o.{i}", d, width)
        self.put(f"{name}.w_kp", self.draw.simplex(heads))
        self.put(f"{name}.w_a", self.draw.simplex(heads))
        for i in range(heads):
            self.feed_forward(f"{name}.pos_ffn.{i}", self.o.d_ff // heads)
        self.norm(name)

    def feed_forward(self, name, f):
        d = self.o.d_model
        for convolution, rows, columns in (("conv1", f, d), ("conv2", d, f)):
            shape = (rows, columns, 1)
            weight = self.draw.matrix(shape, columns)
            self.put(f"{name}.{convolution}.weight", weight)
            self.put(f"{name}.{convolution}.bias", self.draw.vector(rows))
        self.norm(name)

    def last_blocks(self, layer, name):
        if self.o.weighted_model:
            self.branched_attention(f"{layer}.{name}")
        else:
            self.attention(f"{layer}.{name}")
            self.feed_forward(f"{layer}.pos_ffn", self.o.d_ff)


def state_dict(options, old, seed, end):
    """end: how much longer the row of <eos> is than others."""
    state = State(options, old, seed)
    state.embedding("encoder", "src")
    for i in range(options.n_layers):
        state.last_blocks(f"encoder.layers.{i}", "enc_self_attn")
    state.embedding("decoder", "tgt")
    for i in range(options.n_layers):
        layer = f"decoder.layers.{i}"
        state.attention(f"{layer}.dec_self_attn")
        state.last_blocks(layer, "dec_enc_attn")
    rows = options.tgt_vocab_size
    state.linear("tgt_proj", rows, options.d_model, bias=False, gain=2.0)
    tensors = state.tensors
    tensors["tgt_proj.linear.weight"][3] *= end
    if options.share_proj_weight:
        tensors["tgt_proj.weight"] = tensors["decoder.tgt_emb.weight"]
    if options.share_embs_weight:
        tensors["encoder.src_emb.weight"] = tensors["decoder.tgt_emb.weight"]
    return tensors


def make_options(**changes):
    options = {
        "d_model": 24,
        "d_k": 7,
        "d_v": 5,
        "d_ff": 31,
        "n_heads": 3,
        "n_layers": 2,
        "src_vocab_size": 41,
        "tgt_vocab_size": 37,
        "max_src_seq_len": 3,
        "max_tgt_seq_len": 4,
        "share_proj_weight": False,
        "share_embs_weight": False,
        "weighted_model": False,
        "dropout": 0.1,
        "lr": 0.0002,
        "log": None,
        "model_path": "model.pt",
    }
    return argparse.Namespace(**{**options, **changes})


def checkpoint(options, old, seed=1, end=3):
    """What train.py saves."""
    return {
        "opt": options,
        "curr_epochs": 3,
        "train_steps": 1200,
        "model_params": state_dict(options, old, seed, end),
    }


def dictionary(size, prefix):
    """(Counter, word2idx, idx2word) of so many words."""
    letters = "abcdefgh"
    words = [
        f"{prefix}{letters[i // 8 % 8]}{letters[i % 8]}"
        for i in range(size - len(CONTROL))
    ]
    words = CONTROL + words
    counts = collections.Counter({word: 9 for word in words[len(CONTROL) :]})
    return counts, {word: i for i, word in enumerate(words)}, words


def vocabulary(options, lower_case=True):
    """What preprocess.py saves."""
    source = dictionary(options.src_vocab_size, "é")
    target = dictionary(options.tgt_vocab_size, "t")
    if options.share_embs_weight:
        target = source
    return {
        "src_dict": source,
        "tgt_dict": target,
        "src_path": "train.src",
        "tgt_path": "train.tgt",
        "lower_case": lower_case,
        "opt": argparse.Namespace(min_word_count=1, share_vocab=False),
    }
