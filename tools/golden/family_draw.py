"""Random weights of a model of the family, lively enough to tell models apart."""

import torch

from family_model import with_defaults


def attention_shapes(config, name, branched):
    """Tensors of one attention by name, shapes as in weight_storage "row"."""
    d, h = config["d_model"], config["num_heads"]
    per_head = config["projection_storage"] == "per_head"
    widths = {
        "q_proj": config["key_width"],
        "k_proj": config["key_width"],
        "v_proj": config["value_width"],
    }
    shapes = {}
    for part, width in widths.items():
        lead = [h, width] if per_head else [h * width]
        shapes[f"{name}.{part}.weight"] = [*lead, d]
        if config["projection_storage"] == "two_step":
            shapes[f"{name}.{part}.first.weight"] = [d, d]
        if config["attention_bias"]:
            shapes[f"{name}.{part}.bias"] = lead
    if config["score"] == "additive":
        shapes[f"{name}.score.weight"] = [h, config["key_width"]]
    if config["output_projection"]:
        c = config["value_width"]
        shape = [h, d, c] if per_head else [d, h * c]
        shapes[f"{name}.out_proj.weight"] = shape
        if config["output_projection_bias"]:
            shapes[f"{name}.out_proj.bias"] = [h, d] if branched else [d]
    return shapes


def feed_forward_shapes(name, d, f):
    return {
        f"{name}.fc1.weight": [f, d],
        f"{name}.fc1.bias": [f],
        f"{name}.fc2.weight": [d, f],
        f"{name}.fc2.bias": [d],
    }


def norm_shapes(name, d):
    return {f"{name}.weight": [d], f"{name}.bias": [d]}


def branch_shapes(config, layer):
    d, f, h = config["d_model"], config["ffn_dim"], config["num_heads"]
    shapes = {f"{layer}.branches.kappa": [h], f"{layer}.branches.alpha": [h]}
    split = config["branch_ffn"] == "split"
    for part in range(h) if split else ["shared"]:
        name = f"{layer}.branches.{part}"
        width = f // h if split else f
        shapes.update(feed_forward_shapes(name, d, width))
        if config["branches"] != "paper":
            shapes.update(norm_shapes(f"{name}.layer_norm", d))
    return shapes


def layer_shapes(config, layer, kinds):
    """kinds: the attentions of the layer; the last one takes the branches."""
    d, branched = config["d_model"], config["branches"] != "none"
    shapes = {}
    for kind in kinds:
        own = branched and kind == kinds[-1]
        shapes.update(attention_shapes(config, f"{layer}.{kind}", own))
        shapes.update(norm_shapes(f"{layer}.{kind}_layer_norm", d))
    if branched:
        shapes.update(branch_shapes(config, layer))
    else:
        shapes.update(feed_forward_shapes(layer, d, config["ffn_dim"]))
        shapes.update(norm_shapes(f"{layer}.final_layer_norm", d))
    return shapes


def embedding_shapes(config):
    d = config["d_model"]
    sizes = {
        "encoder": config["source_vocab_size"],
        "decoder": config["target_vocab_size"],
    }
    positions = {
        "encoder": config["max_source_positions"],
        "decoder": config["max_target_positions"],
    }
    shapes = {}
    if config["share_embeddings"]:
        shapes["shared.weight"] = [sizes["decoder"], d]
    for side, size in sizes.items():
        if not config["share_embeddings"]:
            shapes[f"{side}.embed_tokens.weight"] = [size, d]
        if config["positions"] == "learned":
            rows = positions[side] + config["position_offset"]
            shapes[f"{side}.embed_positions.weight"] = [rows, d]
    if not config["tie_output"]:
        shapes["lm_head.weight"] = [sizes["decoder"], d]
    if config["output_bias"]:
        shapes["lm_head.bias"] = [sizes["decoder"]]
    return shapes


def tensor_shapes(config):
    """Every tensor of a model by name, shapes as in weight_storage "row"."""
    config = with_defaults(config)
    d = config["d_model"]
    shapes = embedding_shapes(config)
    kinds = {"encoder": ["self_attn"], "decoder": ["self_attn", "encoder_attn"]}
    for side, attentions in kinds.items():
        for n in range(config[f"{side}_layers"]):
            layer = f"{side}.layers.{n}"
            shapes.update(layer_shapes(config, layer, attentions))
        if config["norm_position"] == "pre":
            shapes.update(norm_shapes(f"{side}.layer_norm", d))
    return shapes


class Draw:
    """Draws the tensors of a spec (see family_specs.py).

    gain  scales what the layers add to the residual stream
    end   favours the ids that end an output
    """

    def __init__(self, spec, ends, seed, gain, end):
        self.config = with_defaults(spec["config"])
        self.spec = spec
        self.ends = ends
        self.gain = gain
        self.end = end
        self.generator = torch.Generator().manual_seed(seed)

    def tensors(self):
        """name -> tensor, as stored."""
        shapes = tensor_shapes(self.config)
        drawn = {n: self.value(n, s) for n, s in sorted(shapes.items())}
        self.lower_logits(drawn)
        if self.config["weight_storage"] == "column":
            drawn = {
                n: t.transpose(-1, -2).contiguous() if is_matrix(n, t) else t
                for n, t in drawn.items()
            }
        return drawn

    def normal(self, shape, scale):
        return torch.randn(shape, generator=self.generator) * scale

    def value(self, name, shape):
        if name.endswith((".kappa", ".alpha")):
            return self.simplex(shape)
        if "layer_norm" in name:
            return self.norm(name, shape)
        if "embed_positions" in name:
            return self.normal(shape, 0.8)
        if name.endswith(".bias"):
            return self.bias(name, shape)
        if name.startswith(("lm_head", "shared")) or "embed_tokens" in name:
            return self.embedding(name, shape)
        return self.matrix(name, shape)

    def simplex(self, shape):
        """Sums to 1; spec["zero_weight"]: the first branch has exactly 0."""
        weights = torch.softmax(self.normal(shape, 0.7), 0)
        if self.spec.get("zero_weight"):
            weights[0] = 0
            weights = weights / weights.sum()
        return weights

    def bias(self, name, shape):
        if name != "lm_head.bias":
            return self.normal(shape, 0.1)
        bias = self.normal(shape, 0.3)
        bias[self.ends] += self.end
        return bias

    def norm(self, name, shape):
        """Random signs: with positive ones the state leans towards the previous
        token's embedding, and every output repeats one token."""
        if name.endswith(".bias"):
            return self.normal(shape, 0.1)
        return torch.sign(self.normal(shape, 1)) * (1 + self.normal(shape, 0.3))

    def embedding_scale(self):
        """Of token embeddings so that they enter the first layer about as 1."""
        if self.config["scale_embedding"]:
            return 1.2 * self.config["d_model"] ** -0.5
        return 1.2 if not self.config["tie_output"] else 0.7

    def embedding(self, name, shape):
        scale = self.embedding_scale()
        output = name.startswith("lm_head") or (
            self.config["tie_output"] and not name.startswith("encoder")
        )
        if output and not self.config["tie_output"]:
            scale = 2.0 * self.config["d_model"] ** -0.5
        table = self.normal(shape, scale)
        if output and not self.config["output_bias"]:
            table[self.ends] *= 1 + self.end
        if output and "pad_gain" in self.spec:
            table[self.config["pad_token_id"]] *= self.spec["pad_gain"]
        if self.config["positions_skip_zeros"]:
            # Some elements of real tokens are exactly 0, too.
            chance = torch.rand(shape, generator=self.generator)
            table[chance < 0.15] = 0
        return table

    def lower_logits(self, drawn):
        """Moves all tied logits down by spec["lower"], so that the zero of the
        padding wins now and then: the last norm leans towards a direction that
        all embeddings lean away from."""
        if "lower" not in self.spec:
            return
        direction = torch.nn.functional.normalize(
            self.normal([self.config["d_model"]], 1), dim=0
        )
        last = self.config["decoder_layers"] - 1
        drawn[f"decoder.layers.{last}.final_layer_norm.bias"] += direction * 6
        table = drawn["shared.weight"]
        wanted = torch.full([len(table), 1], -self.spec["lower"] / 6)
        table += (wanted - table @ direction[:, None]) * direction

    def matrix(self, name, shape):
        """Sharp attention, and a source that counts for more than the past."""
        scale = self.gain * shape[-1] ** -0.5
        query_or_key = "q_proj" in name or "k_proj" in name
        if name.endswith(".score.weight"):
            scale = 2.0 if self.config["normaliser"] == "relu" else 4.0
            scale *= shape[-1] ** -0.5
        elif name.endswith(".first.weight"):
            scale = shape[-1] ** -0.5
        elif query_or_key:
            scale = self.query_gain() * shape[-1] ** -0.5
        elif "encoder_attn" in name:
            scale *= 1.5
        if "v_proj.weight" in name and self.config["normaliser"] == "relu":
            scale *= 0.4
        return self.normal(shape, scale * self.branch_gain(name))

    def query_gain(self):
        """Scores of about 3, of ReLU about 1: those weights do not sum to 1."""
        config = self.config
        gain = 0.8 if config["normaliser"] == "relu" else 1.8
        if config["score"] == "additive":
            return 1.0
        if config["score"] == "dot":
            gain *= config["key_width"] ** -0.25
        return gain

    def branch_gain(self, name):
        """kappa and alpha are about 1 / H: their neighbours make up for it."""
        form, heads = self.config["branches"], self.config["num_heads"]
        kind = "self_attn" if name.startswith("encoder") else "encoder_attn"
        if f"{kind}.out_proj" in name:
            return 2 * heads if form in ("paper", "jayparks_head") else 1
        if ".branches." in name:
            return {
                ("paper", "fc2"): 2 * heads,
                ("jayparks_667faad", "fc1"): heads,
            }.get((form, name.split(".")[-2]), 1)
        return 1


def is_matrix(name, tensor):
    """Whether weight_storage "column" exchanges its last two sizes."""
    if name.startswith("shared.") or "embed_" in name:
        return False
    return tensor.dim() > 1 and not name.endswith((".bias", ".score.weight"))
