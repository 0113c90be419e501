"""Variables of JayParks/transformer, as two of its commits name them.

The last commit, which can't be run as it stands, projects queries, keys and
values by a linear layer each; 667faad, which ran in its day, by a matrix for
each head.
"""

import dataclasses

import numpy as np

from rules import ConvertError, Rule


@dataclasses.dataclass(frozen=True)
class Form:
    """What differs between commits; names are relative to an attention."""

    query: str  # the variable that queries are projected with
    branches: str  # our name of the weighted model
    bias: bool  # whether queries, keys and values have biases
    epsilon: float  # of layer norms


HEAD = Form("multihead_attn.w_q.linear.weight", "jayparks_head", True, 1e-6)
OLD = Form("attention.w_q", "jayparks_667faad", False, 1e-3)
FORMS = (HEAD, OLD)


def linear(target, source, rows, columns):
    return [
        Rule(f"{target}.weight", [f"{source}.linear.weight"], (rows, columns)),
        Rule(f"{target}.bias", [f"{source}.linear.bias"], (rows,)),
    ]


def norm(target, source, d):
    return [
        Rule(f"{target}.weight", [f"{source}.layer_norm.gamma"], (d,)),
        Rule(f"{target}.bias", [f"{source}.layer_norm.beta"], (d,)),
    ]


def width_1(arrays):
    """[F, D, 1] -> [F, D]"""
    return arrays[0][..., 0]


def feed_forward(target, source, d, f):
    """Two convolutions."""
    rules = []
    for ours, theirs, rows, columns in (
        ("fc1", "conv1", f, d),
        ("fc2", "conv2", d, f),
    ):
        weight = [f"{source}.{theirs}.weight"]
        shape = (rows, columns, 1)
        rules += [
            Rule(f"{target}.{ours}.weight", weight, shape, width_1),
            Rule(f"{target}.{ours}.bias", [f"{source}.{theirs}.bias"], (rows,)),
        ]
    return rules


def rows_by_head(arrays):
    """[H, D, K] -> [H K, D]"""
    return np.concatenate([head.T for head in arrays[0]])


def columns_by_head(arrays):
    """[H, C, D] -> [D, H C]"""
    return np.concatenate([head.T for head in arrays[0]], axis=1)


def projections(target, source, options, form):
    heads, d = options["n_heads"], options["d_model"]
    rules = []
    for part in "qkv":
        width = options["d_v" if part == "v" else "d_k"]
        ours = f"{target}.{part}_proj"
        if form is HEAD:
            theirs = f"{source}.multihead_attn.w_{part}"
            rules += linear(ours, theirs, heads * width, d)
        else:
            theirs = [f"{source}.attention.w_{part}"]
            shape = (heads, d, width)
            rules.append(Rule(f"{ours}.weight", theirs, shape, rows_by_head))
    return rules


def attention(target, source, options, form):
    """Plain multi-head attention with its norm."""
    d = options["d_model"]
    concatenated = options["n_heads"] * options["d_v"]
    return [
        *projections(target, source, options, form),
        *linear(f"{target}.out_proj", f"{source}.proj", d, concatenated),
        *norm(f"{target}_layer_norm", source, d),
    ]


def branched_attention(layer, kind, source, options, form):
    """Attention, output projections, feed-forward blocks and two weights."""
    heads, d = options["n_heads"], options["d_model"]
    width = options["d_ff"] // heads
    target = f"{layer}.{kind}"
    rules = projections(target, source, options, form)
    rules += branch_outputs(f"{target}.out_proj", source, options, form)
    rules += norm(f"{target}_layer_norm", source, d)
    for i in range(heads):
        branch, theirs = f"{layer}.branches.{i}", f"{source}.pos_ffn.{i}"
        rules += feed_forward(branch, theirs, d, width)
        rules += norm(f"{branch}.layer_norm", theirs, d)
    return [
        *rules,
        Rule(f"{layer}.branches.kappa", [f"{source}.w_kp"], (heads,)),
        Rule(f"{layer}.branches.alpha", [f"{source}.w_a"], (heads,)),
    ]


def branch_outputs(target, source, options, form):
    heads, d, width = options["n_heads"], options["d_model"], options["d_v"]
    if form is OLD:  # without bias, though the other attentions have one
        return [
            Rule(
                f"{target}.weight",
                [f"{source}.w_o"],
                (heads, width, d),
                columns_by_head,
            ),
            Rule(
                f"{target}.bias",
                [],
                (),
                lambda _: np.zeros((heads, d), np.float32),
            ),
        ]
    parts = [f"{source}.w_o.{i}.linear" for i in range(heads)]
    weights = [f"{part}.weight" for part in parts]
    biases = [f"{part}.bias" for part in parts]
    return [
        Rule(f"{target}.weight", weights, (d, width), np.hstack),
        Rule(f"{target}.bias", biases, (d,), np.stack),
    ]


def the_same(arrays):
    if not np.array_equal(*arrays):
        raise ConvertError(
            "share_embs_weight is true, but encoder.src_emb.weight and "
            "decoder.tgt_emb.weight differ"
        )
    return arrays[0]


def tables(options):
    """Embeddings, positions and the output."""
    d = options["d_model"]
    rules = []
    embeddings = []
    for side, key in (("encoder", "src"), ("decoder", "tgt")):
        name = f"{side}.{key}_emb.weight"
        shape = (options[f"{key}_vocab_size"], d)
        embeddings.append(name)
        if not options["share_embs_weight"]:
            rules.append(Rule(f"{side}.embed_tokens.weight", [name], shape))
        positions = [f"{side}.pos_emb.pos_enc.weight"]
        rows = 10 * options[f"max_{key}_seq_len"] + 1
        target = f"{side}.embed_positions.weight"
        rules.append(Rule(target, positions, (rows, d)))
    if options["share_embs_weight"]:
        rules.append(Rule("shared.weight", embeddings, shape, the_same))
    if options["share_proj_weight"]:
        # A parameter of the wrapper, that computes with its linear layer's.
        rules.append(Rule(None, ["tgt_proj.weight"], shape))
    output = ["tgt_proj.linear.weight"]
    return [*rules, Rule("lm_head.weight", output, shape)]


def make_rules(options, form):
    rules = tables(options)
    for i in range(options["n_layers"]):
        for side, own, last in (
            ("encoder", None, ("self_attn", "enc_self_attn")),
            ("decoder", "dec_self_attn", ("encoder_attn", "dec_enc_attn")),
        ):
            layer = f"{side}.layers.{i}"
            if own:
                rules += attention(
                    f"{layer}.self_attn", f"{layer}.{own}", options, form
                )
            rules += last_blocks(layer, last, options, form)
    return rules


def last_blocks(layer, names, options, form):
    """The attention that has branches in a weighted model, and what follows."""
    ours, theirs = names
    source = f"{layer}.{theirs}"
    if options["weighted_model"]:
        return branched_attention(layer, ours, source, options, form)
    d, f = options["d_model"], options["d_ff"]
    return [
        *attention(f"{layer}.{ours}", source, options, form),
        *feed_forward(layer, f"{layer}.pos_ffn", d, f),
        *norm(f"{layer}.final_layer_norm", f"{layer}.pos_ffn", d),
    ]
