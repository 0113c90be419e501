"""A small Transformer of the family tessera_transformer, made for training.

Vaswani et al. 2017 (arXiv:1706.03762) with the switches of models/README.md
that the demonstrations need: norm_position, score, normaliser, and branches
"paper" with branch_ffn "split" (Ahmed et al. 2017, arXiv:1711.02132). Modules
are named so that state_dict() is what model.safetensors holds. Shapes: B rows
of T or S tokens, width D, H heads of width K.
"""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F


class Attention(nn.Module):
    """Heads of attention and their output projection.

    With branches the output bias is [H, D], one for each head's part.
    """

    def __init__(self, config, branches=False):
        super().__init__()
        width, heads = config["d_model"], config["num_heads"]
        self.heads = heads
        self.branches = branches
        self.additive = config["score"] == "additive"
        self.relu = config["normaliser"] == "relu"
        self.q_proj = nn.Linear(width, width)
        self.k_proj = nn.Linear(width, width)
        self.v_proj = nn.Linear(width, width)
        self.out_proj = nn.Linear(width, width)
        if branches:
            self.out_proj.bias = nn.Parameter(torch.zeros(heads, width))
            self.out_proj.gain = heads  # makes up for kappa, 1 / H on average
        if self.additive:
            self.score = nn.Module()
            part = width // heads
            self.score.weight = nn.Parameter(
                torch.randn(heads, part) / part**0.5
            )

    def split(self, x):
        """[B, T, D] -> [B, H, T, K]"""
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)

    def scores(self, q, k):
        """[B, H, T, S]"""
        if self.additive:
            hidden = torch.tanh(q.unsqueeze(3) + k.unsqueeze(2))
            return torch.einsum("bhtsk,hk->bhts", hidden, self.score.weight)
        return q @ k.transpose(2, 3) / math.sqrt(q.shape[-1])

    def heads_of(self, x, memory, mask):
        """[B, H, T, K]; mask, [B or 1, 1, T or 1, S], is true where seen."""
        q = self.split(self.q_proj(x))
        k = self.split(self.k_proj(memory))
        scores = self.scores(q, k)
        if self.relu:
            weights = F.relu(scores).masked_fill(~mask, 0)
        else:
            weights = scores.masked_fill(~mask, -math.inf).softmax(-1)
        return weights @ self.split(self.v_proj(memory))

    def forward(self, x, memory, mask):
        heads = self.heads_of(x, memory, mask)
        return self.out_proj(heads.transpose(1, 2).flatten(2))

    def outputs(self, x, memory, mask):
        """W_i head_i + b_i of each head, [B, T, D] each."""
        heads = self.heads_of(x, memory, mask).unbind(1)
        weights = self.out_proj.weight.chunk(self.heads, dim=1)
        return map(F.linear, heads, weights, self.out_proj.bias)


class FeedForward(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.fc1 = nn.Linear(width, hidden)
        self.fc2 = nn.Linear(hidden, width)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))


class Branches(nn.Module):
    """sum_i alpha_i FFN_i(kappa_i y_i), a part of the hidden width for each."""

    def __init__(self, config):
        super().__init__()
        self.count = config["num_heads"]
        for i in range(self.count):
            part = config["ffn_dim"] // self.count
            branch = FeedForward(config["d_model"], part)
            branch.fc2.gain = self.count  # makes up for alpha
            self.add_module(str(i), branch)
        self.kappa = nn.Parameter(normalised(torch.rand(self.count)))
        self.alpha = nn.Parameter(normalised(torch.rand(self.count)))

    def forward(self, outputs):
        total = 0
        for i, y in enumerate(outputs):
            branch = self.get_submodule(str(i))
            total = total + self.alpha[i] * branch(self.kappa[i] * y)
        return total


class Layer(nn.Module):
    """An encoder layer, or a decoder layer when decoder is true.

    With branches the last attention is one block with the feed-forward parts.
    """

    def __init__(self, config, decoder):
        super().__init__()
        width = config["d_model"]
        branches = config["branches"] == "paper"
        self.pre = config["norm_position"] == "pre"
        self.self_attn = Attention(config, branches and not decoder)
        self.self_attn_layer_norm = nn.LayerNorm(width)
        if decoder:
            self.encoder_attn = Attention(config, branches)
            self.encoder_attn_layer_norm = nn.LayerNorm(width)
        if branches:
            self.branches = Branches(config)
        else:
            self.fc1 = nn.Linear(width, config["ffn_dim"])
            self.fc2 = nn.Linear(config["ffn_dim"], width)
            self.final_layer_norm = nn.LayerNorm(width)

    def residual(self, norm, x, function):
        return x + function(norm(x)) if self.pre else norm(x + function(x))

    def attend(self, attention, y, keys, mask):
        if attention.branches:
            return self.branches(attention.outputs(y, keys, mask))
        return attention(y, keys, mask)

    def feed_forward(self, y):
        return self.fc2(F.relu(self.fc1(y)))

    def forward(self, x, mask, memory=None, memory_mask=None):
        x = self.residual(
            self.self_attn_layer_norm,
            x,
            lambda y: self.attend(self.self_attn, y, y, mask),
        )
        if memory is not None:
            x = self.residual(
                self.encoder_attn_layer_norm,
                x,
                lambda y: self.attend(
                    self.encoder_attn, y, memory, memory_mask
                ),
            )
        if hasattr(self, "branches"):
            return x
        return self.residual(self.final_layer_norm, x, self.feed_forward)


class Stack(nn.Module):
    def __init__(self, config, side):
        super().__init__()
        self.layers = nn.ModuleList(
            Layer(config, side == "decoder")
            for _ in range(config[f"{side}_layers"])
        )
        pre = config["norm_position"] == "pre"
        self.layer_norm = nn.LayerNorm(config["d_model"]) if pre else None

    def forward(self, x, *others):
        for layer in self.layers:
            x = layer(x, *others)
        return x if self.layer_norm is None else self.layer_norm(x)


class Transformer(nn.Module):
    """Ids in, logits out; config is the content of config.json.

    One table serves as source and target embeddings and output projection.
    """

    def __init__(self, config):
        super().__init__()
        width = config["d_model"]
        self.pad = config["pad_token_id"]
        self.shared = nn.Embedding(config["source_vocab_size"], width)
        self.encoder = Stack(config, "encoder")
        self.decoder = Stack(config, "decoder")
        longest = max(
            config["max_source_positions"], config["max_target_positions"]
        )
        table = sinusoids(longest, width)
        self.register_buffer("positions", table, persistent=False)
        self.initialise()

    def initialise(self):
        """Glorot for matrices, N(0, 1 / D) for embeddings, zeros for biases."""
        nn.init.normal_(self.shared.weight, std=self.shared.embedding_dim**-0.5)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                gain = getattr(module, "gain", 1)
                nn.init.xavier_uniform_(module.weight, gain)
                nn.init.zeros_(module.bias)

    def embed(self, ids):
        scale = math.sqrt(self.shared.embedding_dim)
        return self.shared(ids) * scale + self.positions[: ids.shape[1]]

    def encode(self, source):
        """States [B, S, D]"""
        return self.encoder(self.embed(source), self.seen(source))

    def decode(self, source, states, inputs):
        """Logits [B, T, V]"""
        length = inputs.shape[1]
        causal = torch.ones(length, length, dtype=torch.bool).tril()
        mask = causal & self.seen(inputs)
        x = self.decoder(self.embed(inputs), mask, states, self.seen(source))
        return F.linear(x, self.shared.weight)

    def seen(self, ids):
        """[B, 1, 1, S]: the keys that are not padding."""
        return (ids != self.pad)[:, None, None]

    def forward(self, source, inputs):
        return self.decode(source, self.encode(source), inputs)

    def mixtures(self):
        """Every kappa and alpha: points of a simplex."""
        for module in self.modules():
            if isinstance(module, Branches):
                yield from (module.kappa, module.alpha)


def sinusoids(length, width):
    """[length, width]: sines on even columns, cosines on odd ones."""
    position = torch.arange(length, dtype=torch.float64).unsqueeze(1)
    frequency = 10000 ** (
        -torch.arange(0, width, 2, dtype=torch.float64) / width
    )
    angles = position * frequency
    return torch.stack([angles.sin(), angles.cos()], -1).flatten(1).float()


def normalised(weights):
    return weights / weights.sum()


def nearest_on_simplex(x):
    """The point with entries >= 0 of sum 1 that is nearest to x, [H]."""
    ordered = x.sort(descending=True).values
    excess = (ordered.cumsum(0) - 1) / torch.arange(1, len(x) + 1)
    last = (ordered > excess).nonzero().max()
    return (x - excess[last]).clamp(min=0)
