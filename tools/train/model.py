"""A small post-norm Transformer encoder-decoder, as train.py trains it.

Vaswani et al. 2017 (arXiv:1706.03762) with sinusoidal positions in Marian's
half-split order, all embeddings and the output projection tied, a deep encoder
and a shallow decoder (Kasai et al. 2020, arXiv:2006.10369), depth-scaled Glorot
initialisation (Zhang et al. 2019, arXiv:1908.11365).

Padding of a source is masked; that of a target lies at its end, where the causal
mask already hides it.
"""

import math
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

MAX_POSITIONS = 512


class Dropout(nn.Module):
    """Dropout; on a CPU from a pool of ready-made masks.

    There drawing fresh ones costs more than the layers they mask.
    """

    pool = None

    def __init__(self, rate):
        super().__init__()
        self.rate = rate

    def forward(self, x):
        if not self.training or self.rate == 0:
            return x
        if x.is_cuda:
            return F.dropout(x, self.rate)
        if Dropout.pool is None:
            kept = torch.rand(1 << 24) >= self.rate
            Dropout.pool = kept.float() / (1 - self.rate)
        start = random.randrange(Dropout.pool.numel() - x.numel())
        return x * Dropout.pool[start : start + x.numel()].view_as(x)


class Attention(nn.Module):
    """Self-attention, or cross-attention to a memory.

    q holds query, key and value one after another in self-attention; in
    cross-attention it is the query alone, and kv holds key and value.
    """

    def __init__(self, width, heads, cross):
        super().__init__()
        self.heads = heads
        self.cross = cross
        self.q = nn.Linear(width, width if cross else 3 * width)
        self.kv = nn.Linear(width, 2 * width) if cross else None
        self.out = nn.Linear(width, width)

    def split(self, y, parts):
        """[B, T, parts * D] -> parts tensors [B, H, T, K]."""
        batch, length, width = y.shape
        head_width = width // (parts * self.heads)
        y = y.view(batch, length, parts, self.heads, head_width)
        return y.permute(2, 0, 3, 1, 4)

    def forward(self, x, memory=None, mask=None):
        """mask, [B, 1, 1, S], is true where a key is seen; None: causal."""
        if self.cross:
            (q,) = self.split(self.q(x), 1)
            k, v = self.split(self.kv(memory), 2)
        else:
            q, k, v = self.split(self.q(x), 3)
        y = F.scaled_dot_product_attention(
            q, k, v, attn_mask=mask, is_causal=mask is None
        )
        return self.out(y.transpose(1, 2).reshape(x.shape))


class Layer(nn.Module):
    """An encoder layer, or a decoder layer when decoder is true."""

    def __init__(self, width, heads, ffn, dropout, decoder):
        super().__init__()
        self.self_attn = Attention(width, heads, cross=False)
        self.norm1 = nn.LayerNorm(width)
        self.cross = Attention(width, heads, cross=True) if decoder else None
        self.norm2 = nn.LayerNorm(width) if decoder else None
        self.fc1 = nn.Linear(width, ffn)
        self.fc2 = nn.Linear(ffn, width)
        self.norm3 = nn.LayerNorm(width)
        self.drop = Dropout(dropout)

    def forward(self, x, mask, memory=None):
        own = mask if self.cross is None else None
        x = self.norm1(x + self.drop(self.self_attn(x, mask=own)))
        if self.cross is not None:
            x = self.norm2(x + self.drop(self.cross(x, memory, mask)))
        return self.norm3(x + self.drop(self.fc2(F.relu(self.fc1(x)))))


class Transformer(nn.Module):
    """Ids in, logits out. The last id of the vocabulary pads and starts."""

    def __init__(
        self, vocab, width, heads, ffn, encoder_layers, decoder_layers, dropout
    ):
        super().__init__()
        self.width = width
        self.drop = Dropout(dropout)
        self.embed = nn.Parameter(torch.randn(vocab, width) * width**-0.5)
        self.bias = nn.Parameter(torch.zeros(vocab))
        self.encoder = nn.ModuleList(
            Layer(width, heads, ffn, dropout, decoder=False)
            for _ in range(encoder_layers)
        )
        self.decoder = nn.ModuleList(
            Layer(width, heads, ffn, dropout, decoder=True)
            for _ in range(decoder_layers)
        )
        self.register_buffer("positions", sinusoids(MAX_POSITIONS, width))
        initialise(self.encoder)
        initialise(self.decoder)

    def embedded(self, ids):
        """The start token is the padding id; its embedding counts as zeros."""
        start = (ids == self.embed.shape[0] - 1).unsqueeze(-1)
        tokens = F.embedding(ids, self.embed).masked_fill(start, 0)
        x = tokens * math.sqrt(self.width) + self.positions[: ids.shape[1]]
        return self.drop(x)

    def mask(self, source):
        """[B, 1, 1, S], true where the source has a token."""
        return (source != self.embed.shape[0] - 1)[:, None, None, :]

    def encode(self, source):
        x, mask = self.embedded(source), self.mask(source)
        for layer in self.encoder:
            x = layer(x, mask)
        return x

    def forward(self, source, labels):
        """Logits [B, T, V] of each label, given those before it.

        source  [B, S], padded with the last id; labels [B, T], with -1.
        """
        start = self.embed.shape[0] - 1
        inputs = F.pad(labels[:, :-1], (1, 0), value=start)
        memory, mask = self.encode(source), self.mask(source)
        y = self.embedded(inputs.masked_fill(inputs < 0, start))
        for layer in self.decoder:
            y = layer(y, mask, memory)
        return F.linear(y, self.embed, self.bias)


def sinusoids(length, width):
    """Position table [length, width]: sines in the first half, then cosines."""
    frequencies = 10000 ** (torch.arange(0, width, 2) / width)
    angles = torch.arange(length).unsqueeze(1) / frequencies
    return torch.cat([angles.sin(), angles.cos()], 1)


def initialise(stack):
    """Glorot, smaller by sqrt(depth) the deeper a layer lies."""
    for depth, layer in enumerate(stack, 1):
        for module in layer.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight, 1 / math.sqrt(depth))
                nn.init.zeros_(module.bias)
