"""JayParks/transformer, both forms, on its own variables, in float64.

Written from what the code does: translate.py with one sentence a batch, the
decoder run anew for each token. Of the last commit, which can't be run, what it
plainly means.
"""

import numpy as np

from arithmetic import log_softmax, relu, softmax

PAD, BOS, EOS = 0, 2, 3
BEAMS, STEPS = 5, 100


class Model:
    """variables: name -> array; options: opt of the checkpoint."""

    def __init__(self, variables, options, old):
        self.v = {n: v.astype(np.float64) for n, v in variables.items()}
        self.o, self.old = options, old
        self.epsilon = 1e-3 if old else 1e-6
        self.masked = -np.inf if old else -1e9

    def embed(self, side, key, ids):
        positions = self.v[f"{side}.pos_emb.pos_enc.weight"]
        return self.v[f"{side}.{key}_emb.weight"][ids] + positions[
            1 : len(ids) + 1
        ]

    def encode(self, source):
        x = self.embed("encoder", "src", source)
        mask = np.array(source) == PAD
        for i in range(self.o.n_layers):
            x = self.last_blocks(
                f"encoder.layers.{i}", "enc_self_attn", x, x, mask
            )
        return x

    def decode(self, source, states, inputs):
        """Logits [T, V]."""
        x = self.embed("decoder", "tgt", inputs)
        future = ~np.tri(len(inputs), dtype=bool)
        own = future | (np.array(inputs) == PAD)
        cross = np.array(source) == PAD
        for i in range(self.o.n_layers):
            layer = f"decoder.layers.{i}"
            x = self.attention(f"{layer}.dec_self_attn", x, x, own)
            x = self.last_blocks(layer, "dec_enc_attn", x, states, cross)
        return x @ self.v["tgt_proj.linear.weight"].T

    def beam(self, source):
        """(ids of the best beam, its score, least lead of a choice made)"""
        states = self.encode(source)
        beams, scores, gap = [[BOS]], np.zeros(1), np.inf
        for _ in range(min(STEPS, 10 * self.o.max_tgt_seq_len)):
            logits = [self.decode(source, states, b)[-1] for b in beams]
            sums = (log_softmax(np.array(logits)) + scores[:, None]).ravel()
            order = np.argsort(-sums)
            best = order[:BEAMS]
            gap = min(
                gap,
                sums[order[0]] - sums[order[1]],
                sums[order[BEAMS - 1]] - sums[order[BEAMS]],
            )
            words = len(logits[0])
            beams = [beams[i // words] + [int(i % words)] for i in best]
            scores = sums[best]
            if beams[0][-1] == EOS:
                break
        return beams[0][1:], float(scores[0]), gap

    def last_blocks(self, layer, name, x, keys, mask):
        if self.o.weighted_model:
            return self.branched_attention(f"{layer}.{name}", x, keys, mask)
        x = self.attention(f"{layer}.{name}", x, keys, mask)
        return self.feed_forward(f"{layer}.pos_ffn", x)

    def linear(self, name, x):
        y = x @ self.v[f"{name}.linear.weight"].T
        return y + self.v[f"{name}.linear.bias"]

    def norm(self, name, z):
        mean = z.mean(-1, keepdims=True)
        deviation = z.std(-1, ddof=1, keepdims=True)
        y = (z - mean) / (deviation + self.epsilon)
        gamma = self.v[f"{name}.layer_norm.gamma"]
        return gamma * y + self.v[f"{name}.layer_norm.beta"]

    def project(self, name, part, x):
        """[H, T, K], or d_v in place of K."""
        if self.old:
            return x @ self.v[f"{name}.attention.w_{part}"]
        y = self.linear(f"{name}.multihead_attn.w_{part}", x)
        return np.stack(np.split(y, self.o.n_heads, axis=-1))

    def heads(self, name, x, keys, mask):
        q = self.project(name, "q", x)
        k = self.project(name, "k", keys)
        v = self.project(name, "v", keys)
        scores = q @ k.transpose(0, 2, 1) / np.sqrt(self.o.d_k)
        return softmax(np.where(mask, self.masked, scores)) @ v

    def attention(self, name, x, keys, mask):
        heads = np.concatenate(self.heads(name, x, keys, mask), axis=-1)
        return self.norm(name, x + self.linear(f"{name}.proj", heads))

    def branched_attention(self, name, x, keys, mask):
        heads = self.heads(name, x, keys, mask)
        kappa, alpha = self.v[f"{name}.w_kp"], self.v[f"{name}.w_a"]
        if self.old:
            inner = self.norm(name, x + (heads @ self.v[f"{name}.w_o"]).sum(0))
            outputs = [k * inner for k in kappa]
        else:
            outputs = [
                k * self.linear(f"{name}.w_o.{i}", head)
                for i, (k, head) in enumerate(zip(kappa, heads))
            ]
        total = sum(
            a * self.feed_forward(f"{name}.pos_ffn.{i}", y)
            for i, (a, y) in enumerate(zip(alpha, outputs))
        )
        return total if self.old else self.norm(name, x + total)

    def feed_forward(self, name, x):
        y = x
        for part, activation in (("conv1", relu), ("conv2", lambda z: z)):
            weight = self.v[f"{name}.{part}.weight"][..., 0]
            y = activation(y @ weight.T + self.v[f"{name}.{part}.bias"])
        return self.norm(name, x + y)
