"""Kyubyong/transformer, tf1.2_legacy, on its own variables, in float64.

Written from what the code does: source and output are always `maxlen` long, and
what is masked are keys and queries that are zero vectors.
"""

import numpy as np

from arithmetic import relu, softmax

MASKED = float(-(2**32) + 1)
START, END = 2, 3


class Model:
    """variables: name -> array; hparams: the fields of Hyperparams."""

    def __init__(self, variables, hparams):
        self.variables = {n: v.astype(np.float64) for n, v in variables.items()}
        self.hparams = hparams

    def embed(self, side, ids):
        scope = f"{side}/{side[:3]}"
        table = self.variables[f"{scope}_embed/lookup_table"].copy()
        table[0] = 0
        x = table[ids] * table.shape[1] ** 0.5
        mask = np.sign(np.abs(x).sum(-1, keepdims=True))
        return (x + self.variables[f"{scope}_pe/lookup_table"]) * mask

    def encode(self, source):
        """States [maxlen, d], of the padding too."""
        missing = self.hparams["maxlen"] - len(source)
        x = self.embed("encoder", source + [0] * missing)
        for i in range(self.hparams["num_blocks"]):
            scope = f"encoder/num_blocks_{i}/multihead_attention"
            x = self.attention(scope, x, x)
            x = self.feed_forward(scope, f"{scope}_1", x)
        return x

    def decode(self, memory, inputs):
        """Logits [maxlen, V]."""
        x = self.embed("decoder", inputs)
        for i in range(self.hparams["num_blocks"]):
            scope = f"decoder/num_blocks_{i}"
            x = self.attention(f"{scope}/self_attention", x, x, True)
            x = self.attention(f"{scope}/vanilla_attention", x, memory)
            last = f"{scope}/multihead_attention"
            x = self.feed_forward(last, last, x)
        return self.dense("dense", x)

    def greedy(self, source):
        """(ids up to and with </S>, logits of each, least lead)"""
        memory = self.encode(source)
        longest = self.hparams["maxlen"]
        predicted, gap = [0] * longest, np.inf
        for j in range(longest):
            logits = self.decode(memory, [START] + predicted[:-1])
            second, best = np.sort(logits[j])[-2:]
            gap = min(gap, best - second)
            predicted[j] = int(logits[j].argmax())
            if predicted[j] == END:
                break
        return predicted[: j + 1], logits[: j + 1], gap

    def dense(self, scope, x):
        kernel = self.variables[f"{scope}/kernel"]
        if kernel.ndim == 3:  # a convolution of width 1
            kernel = kernel[0]
        return x @ kernel + self.variables[f"{scope}/bias"]

    def attention(self, scope, queries, keys, causal=False):
        heads = self.hparams["num_heads"]
        q, k, v = (
            np.stack(np.split(relu(self.dense(f"{scope}/{name}", x)), heads, 1))
            for name, x in (
                ("dense", queries),
                ("dense_1", keys),
                ("dense_2", keys),
            )
        )
        scores = q @ k.transpose(0, 2, 1) / k.shape[-1] ** 0.5
        scores = np.where(np.abs(keys).sum(-1) == 0, MASKED, scores)
        if causal:
            future = ~np.tri(*scores.shape[1:], dtype=bool)
            scores = np.where(future, MASKED, scores)
        weights = softmax(scores)
        weights = weights * np.sign(np.abs(queries).sum(-1))[:, None]
        return self.norm(scope, np.concatenate(weights @ v, axis=1) + queries)

    def feed_forward(self, scope, norm_scope, x):
        hidden = relu(self.dense(f"{scope}/conv1d", x))
        y = self.dense(f"{scope}/conv1d_1", hidden)
        return self.norm(norm_scope, y + x)

    def norm(self, scope, x):
        mean = x.mean(-1, keepdims=True)
        variance = ((x - mean) ** 2).mean(-1, keepdims=True)
        y = (x - mean) / (variance + 1e-8) ** 0.5
        beta = self.variables[f"{scope}/ln/Variable"]
        return self.variables[f"{scope}/ln/Variable_1"] * y + beta
