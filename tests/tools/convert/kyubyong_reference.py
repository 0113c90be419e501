"""Kyubyong/transformer of the last commit, on its own variables, in float64.

Written from what the code does; one sentence a time, the whole output computed
anew for each token, as there.
"""

import numpy as np

from arithmetic import softmax

MASKED = float(-(2**32) + 1)
START, END = 2, 3


class Model:
    """variables: name -> array; hparams: what the file of that name holds."""

    def __init__(self, variables, hparams):
        self.variables = {n: v.astype(np.float64) for n, v in variables.items()}
        self.hparams = hparams
        table = self.variables["shared_weight_matrix/weight_mat"].copy()
        table[0] = 0
        self.table = table

    def embed(self, ids, rows):
        """[T, d]. An element that is zero stays zero."""
        d = self.table.shape[1]
        x = self.table[ids] * d**0.5
        i = np.arange(d)
        angle = np.arange(rows)[:, None] / np.power(10000, (i - i % 2) / d)
        angle[:, 0::2], angle[:, 1::2] = (
            np.sin(angle[:, 0::2]),
            np.cos(angle[:, 1::2]),
        )
        return x + np.where(x == 0, x, angle[: len(ids)])

    def encode(self, source):
        x = self.embed(source, self.hparams["maxlen1"])
        for i in range(self.hparams["num_blocks"]):
            scope = f"encoder/num_blocks_{i}"
            x = self.attention(f"{scope}/multihead_attention", x, x, source)
            x = self.feed_forward(f"{scope}/positionwise_feedforward", x)
        return x

    def decode(self, source, memory, inputs):
        """Logits [T, V]."""
        x = self.embed(inputs, self.hparams["maxlen2"])
        for i in range(self.hparams["num_blocks"]):
            scope = f"decoder/num_blocks_{i}"
            x = self.attention(f"{scope}/self_attention", x, x, inputs, True)
            x = self.attention(f"{scope}/vanilla_attention", x, memory, source)
            x = self.feed_forward(f"{scope}/positionwise_feedforward", x)
        return x @ self.table.T

    def greedy(self, source):
        """(ids up to and with </s>, logits of each, least lead)"""
        memory = self.encode(source)
        inputs, gap = [START], np.inf
        for _ in range(self.hparams["maxlen2"]):
            logits = self.decode(source, memory, inputs)
            second, best = np.sort(logits[-1])[-2:]
            gap = min(gap, best - second)
            inputs.append(int(logits[-1].argmax()))
            if inputs[-1] == END:
                break
        return inputs[1:], logits, gap

    def dense(self, scope, x):
        kernel = self.variables[f"{scope}/kernel"]
        return x @ kernel + self.variables[f"{scope}/bias"]

    def attention(self, scope, queries, keys, key_ids, causal=False):
        q, k, v = (
            np.stack(
                np.split(
                    self.dense(f"{scope}/{name}", x),
                    self.hparams["num_heads"],
                    axis=1,
                )
            )
            for name, x in (
                ("dense", queries),
                ("dense_1", keys),
                ("dense_2", keys),
            )
        )
        scores = q @ k.transpose(0, 2, 1) / q.shape[-1] ** 0.5
        scores = scores + (np.array(key_ids) == 0) * MASKED
        if causal:
            future = ~np.tri(*scores.shape[1:], dtype=bool)
            scores = np.where(future, MASKED, scores)
        heads = softmax(scores) @ v
        return self.norm(scope, np.concatenate(heads, axis=1) + queries)

    def feed_forward(self, scope, x):
        hidden = np.maximum(self.dense(f"{scope}/dense", x), 0)
        return self.norm(scope, self.dense(f"{scope}/dense_1", hidden) + x)

    def norm(self, scope, x):
        mean = x.mean(-1, keepdims=True)
        variance = ((x - mean) ** 2).mean(-1, keepdims=True)
        y = (x - mean) / (variance + 1e-8) ** 0.5
        gamma = self.variables[f"{scope}/ln/gamma"]
        return gamma * y + self.variables[f"{scope}/ln/beta"]
