"""The family tessera_transformer in plain PyTorch: whole sequences, no cache.

Written from what Vaswani et al. 2017, Kyubyong/transformer, JayParks/transformer
and Ahmed et al. 2017 publish; switches and tensor names are those of
models/README.md. Weights are used as they are stored: nothing is folded, fused
or transposed beforehand. Shapes: B outputs of one source, S and T tokens, D the
width, H heads of width K (queries, keys) and C (values).
"""

import math

import torch

DEFAULTS = {
    "norm_position": "post",
    "norm_form": "population",
    "norm_epsilon": 1e-5,
    "positions": "sinusoid",
    "position_offset": 0,
    "positions_skip_zeros": False,
    "scale_embedding": True,
    "zero_pad_embedding": False,
    "pad_keys": "masked",
    "fill_source": False,
    "attention_bias": True,
    "attention_activation": "none",
    "output_projection": True,
    "score": "scaled_dot",
    "normaliser": "softmax",
    "projection_storage": "fused",
    "weight_storage": "row",
    "activation_function": "relu",
    "share_embeddings": True,
    "tie_output": True,
    "output_bias": False,
    "branches": "none",
    "branch_ffn": "split",
}


def with_defaults(config):
    """config with a value for every key that the model reads."""
    full = {**DEFAULTS, **config}
    full.setdefault("key_width", full["d_model"] // full["num_heads"])
    full.setdefault("value_width", full["key_width"])
    full.setdefault("output_projection_bias", full["output_projection"])
    return full


def gelu_new(x):
    inner = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
    return 0.5 * x * (1 + torch.tanh(inner))


ACTIVATIONS = {
    "none": lambda x: x,
    "relu": lambda x: x.clamp(min=0),
    "gelu": lambda x: 0.5 * x * (1 + torch.erf(x / math.sqrt(2))),
    "gelu_new": gelu_new,
    "gelu_pytorch_tanh": gelu_new,
    "silu": lambda x: x * torch.sigmoid(x),
    "swish": lambda x: x * torch.sigmoid(x),
    "tanh": torch.tanh,
}


def sinusoid(rows, width, half):
    """f64 [rows, width]: sines on even columns and cosines on odd ones.

    half: the same columns, but all sines first.
    """
    column = torch.arange(width, dtype=torch.float64)
    exponent = (column - column % 2) / width
    angle = torch.arange(rows, dtype=torch.float64)[:, None] / 10000**exponent
    table = torch.where(column % 2 == 0, angle.sin(), angle.cos())
    if half:
        table = torch.cat([table[:, 0::2], table[:, 1::2]], dim=1)
    return table


class Family:
    """A model of the family in one floating point type.

    config   the content of config.json
    tensors  name -> tensor, as in the safetensors file
    """

    def __init__(self, config, tensors, dtype=torch.float32):
        self.config = with_defaults(config)
        self.tensors = {n: t.to(dtype) for n, t in tensors.items()}
        self.dtype = dtype
        self.pre_norm = self.config["norm_position"] == "pre"
        self.activation = ACTIVATIONS[self.config["activation_function"]]
        self.tables = {s: self.table(s) for s in ("encoder", "decoder")}
        self.positions = {s: self.position_table(s) for s in self.tables}

    def encode(self, source):
        """States [1, S, D] of a list of ids; S is larger with fill_source."""
        source = self.filled(source)
        x = self.embed("encoder", torch.tensor([source]))
        mask = self.key_mask(torch.tensor([source]))[:, None, :]
        for n in range(self.config["encoder_layers"]):
            x = self.encoder_layer(f"encoder.layers.{n}", x, mask)
        return self.norm("encoder.layer_norm", x) if self.pre_norm else x

    def decode(self, source, states, outputs):
        """Logits [B, T, V] of B outputs of one length, start token first."""
        inputs = torch.tensor(outputs)
        length = inputs.shape[1]
        causal = torch.ones(length, length, dtype=torch.bool).tril()
        own = causal & self.key_mask(inputs)[:, None, :]
        source = torch.tensor([self.filled(source)])
        cross = self.key_mask(source)[:, None, :]
        x = self.embed("decoder", inputs)
        states = states.expand(len(outputs), -1, -1)
        for n in range(self.config["decoder_layers"]):
            layer = f"decoder.layers.{n}"
            x = self.decoder_layer(layer, x, states, own, cross)
        if self.pre_norm:
            x = self.norm("decoder.layer_norm", x)
        return self.logits(x)

    # Embeddings and logits.

    def filled(self, source):
        if not self.config["fill_source"]:
            return source
        missing = self.config["max_source_positions"] - len(source)
        return source + [self.config["pad_token_id"]] * missing

    def table(self, side):
        """Token embeddings [V, D] of "encoder" or "decoder"."""
        shared = self.config["share_embeddings"]
        name = "shared" if shared else f"{side}.embed_tokens"
        table = self.tensors[f"{name}.weight"].clone()
        if self.config["zero_pad_embedding"]:
            table[self.config["pad_token_id"]] = 0
        return table

    def position_table(self, side):
        """[rows, D]: what is added to the first token, the second, ..."""
        first = self.config["position_offset"]
        if self.config["positions"] == "learned":
            table = self.tensors[f"{side}.embed_positions.weight"]
        else:
            of_side = {"encoder": "source", "decoder": "target"}[side]
            rows = first + self.config[f"max_{of_side}_positions"]
            half = self.config["positions"] == "sinusoid_half"
            table = sinusoid(rows, self.config["d_model"], half)
        return table[first:].to(self.dtype)

    def embed(self, side, ids):
        """[B, T, D]"""
        x = self.tables[side][ids]
        if self.config["scale_embedding"]:
            x = x * math.sqrt(self.config["d_model"])
        if self.config["positions"] == "none":
            return x
        moved = x + self.positions[side][: ids.shape[1]]
        if self.config["positions_skip_zeros"]:
            return torch.where(x == 0, x, moved)
        return moved

    def logits(self, x):
        if self.config["tie_output"]:
            y = x @ self.tables["decoder"].T
        else:
            y = self.product(x, "lm_head")
        if self.config["output_bias"]:
            y = y + self.tensors["lm_head.bias"]
        return y

    # Layers.

    def encoder_layer(self, layer, x, mask):
        if self.config["branches"] != "none":
            return self.branches(layer, "self_attn", x, None, mask)
        x = self.attention_block(layer, "self_attn", x, None, mask)
        return self.feed_forward_block(layer, x)

    def decoder_layer(self, layer, x, states, own, cross):
        x = self.attention_block(layer, "self_attn", x, None, own)
        if self.config["branches"] != "none":
            return self.branches(layer, "encoder_attn", x, states, cross)
        x = self.attention_block(layer, "encoder_attn", x, states, cross)
        return self.feed_forward_block(layer, x)

    def attention_block(self, layer, kind, x, states, mask):
        """states None: attention of x to itself."""

        def attend(y):
            keys = y if states is None else states
            heads = self.heads(f"{layer}.{kind}", y, keys, mask)
            return self.joined(f"{layer}.{kind}", heads)

        return self.residual(f"{layer}.{kind}_layer_norm", x, attend)

    def feed_forward_block(self, layer, x):
        return self.residual(
            f"{layer}.final_layer_norm",
            x,
            lambda y: self.feed_forward(layer, y),
        )

    def residual(self, norm, x, function):
        if self.pre_norm:
            return x + function(self.norm(norm, x))
        return self.norm(norm, x + function(x))

    def norm(self, name, x):
        centred = x - x.mean(-1, keepdim=True)
        squares = (centred**2).sum(-1, keepdim=True)
        width, epsilon = x.shape[-1], self.config["norm_epsilon"]
        if self.config["norm_form"] == "population":
            y = centred / torch.sqrt(squares / width + epsilon)
        else:
            y = centred / (torch.sqrt(squares / (width - 1)) + epsilon)
        return y * self.tensors[f"{name}.weight"] + self.tensors[f"{name}.bias"]

    def feed_forward(self, name, x):
        hidden = self.activation(self.dense(x, f"{name}.fc1"))
        return self.dense(hidden, f"{name}.fc2")

    def dense(self, x, name):
        return self.product(x, name) + self.tensors[f"{name}.bias"]

    def product(self, x, name):
        weight = self.tensors[f"{name}.weight"]
        return x @ (weight if self.by_column() else weight.T)

    def by_column(self):
        return self.config["weight_storage"] == "column"

    # Attention.

    def key_mask(self, ids):
        """[B, S]: the keys that attention sees."""
        if self.config["pad_keys"] != "masked":
            return torch.ones_like(ids, dtype=torch.bool)
        return ids != self.config["pad_token_id"]

    def heads(self, name, queries, keys, mask):
        """head_i, [B, H, T, C]; mask [B, T or 1, S] tells the keys seen."""
        q = self.projected(f"{name}.q_proj", queries)
        k = self.projected(f"{name}.k_proj", keys)
        v = self.projected(f"{name}.v_proj", keys)
        if self.config["pad_keys"] != "first_layer":
            return self.weights(self.scores(name, q, k), mask[:, None]) @ v
        # Kyubyong's legacy code: keys that are zero vectors are not seen,
        # queries that are give zeros. Behind a layer norm none is zero.
        mask = mask & (keys != 0).any(-1)[:, None, :]
        heads = self.weights(self.scores(name, q, k), mask[:, None]) @ v
        return heads * (queries != 0).any(-1)[:, None, :, None]

    def projected(self, name, x):
        """[B, H, T, K], or C in place of K."""
        storage = self.config["projection_storage"]
        bias = self.config["attention_bias"]
        if storage == "per_head":
            weight = self.tensors[f"{name}.weight"]
            weight = weight if self.by_column() else weight.transpose(1, 2)
            y = x[:, None] @ weight
            y = y + self.tensors[f"{name}.bias"][:, None] if bias else y
        else:
            if storage == "two_step":
                x = self.product(x, f"{name}.first")
            y = self.dense(x, name) if bias else self.product(x, name)
            heads = self.config["num_heads"]
            y = y.unflatten(-1, (heads, -1)).transpose(1, 2)
        return ACTIVATIONS[self.config["attention_activation"]](y)

    def scores(self, name, q, k):
        """[B, H, T, S]"""
        if self.config["score"] == "additive":
            hidden = torch.tanh(q[:, :, :, None] + k[:, :, None])
            weight = self.tensors[f"{name}.score.weight"]
            return (hidden * weight[:, None, None]).sum(-1)
        scores = q @ k.transpose(2, 3)
        if self.config["score"] == "scaled_dot":
            scores = scores / math.sqrt(self.config["key_width"])
        return scores

    def weights(self, scores, mask):
        """Zeros where mask is false, in all of a row if need be."""
        if self.config["normaliser"] == "relu":
            weights = scores.clamp(min=0)
        else:
            weights = scores.masked_fill(~mask, -math.inf).softmax(-1)
        return weights.masked_fill(~mask, 0)

    def joined(self, name, heads):
        """Output of a multi-head attention, [B, T, D]."""
        if not self.config["output_projection"]:
            return heads.transpose(1, 2).flatten(2)
        y = sum(self.head_products(name, heads))
        if self.config["output_projection_bias"]:
            y = y + self.tensors[f"{name}.out_proj.bias"]
        return y

    def head_products(self, name, heads):
        """W_i head_i of each head, [B, T, D]."""
        weight = self.tensors[f"{name}.out_proj.weight"]
        if self.config["projection_storage"] == "per_head":
            parts = list(weight)
        else:
            axis = 0 if self.by_column() else 1
            parts = weight.chunk(self.config["num_heads"], dim=axis)
        if not self.by_column():
            parts = [part.T for part in parts]
        return [heads[:, i] @ part for i, part in enumerate(parts)]

    # Branches.

    def branches(self, layer, kind, x, states, mask):
        form = self.config["branches"]
        name, norm = f"{layer}.{kind}", f"{layer}.{kind}_layer_norm"
        q = self.norm(norm, x) if self.pre_norm else x
        heads = self.heads(name, q, q if states is None else states, mask)
        y = self.head_products(name, heads)
        if self.config["output_projection_bias"]:
            biases = self.tensors[f"{name}.out_proj.bias"]
            y = [part + bias for part, bias in zip(y, biases)]
        if form == "jayparks_667faad":
            inner = self.norm(norm, x + sum(y))
            y = [inner for _ in y]
        kappa = self.tensors[f"{layer}.branches.kappa"]
        alpha = self.tensors[f"{layer}.branches.alpha"]
        total = 0
        for i, part in enumerate(y):
            total = total + alpha[i] * self.branch(layer, i, kappa[i] * part)
        if form == "jayparks_667faad":
            return total
        return x + total if self.pre_norm else self.norm(norm, x + total)

    def branch(self, layer, i, y):
        shared = self.config["branch_ffn"] == "shared"
        name = f"{layer}.branches.{'shared' if shared else i}"
        z = self.feed_forward(name, y)
        if self.config["branches"] == "paper":
            return z
        return self.norm(f"{name}.layer_norm", y + z)
