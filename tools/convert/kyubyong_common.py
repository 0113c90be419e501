"""What the two codes of Kyubyong/transformer share: names, rules, settings."""

import json
import os
import re

import model_folder
from rules import ConvertError, Rule, transposed

# What Adam keeps beside the model.
TRAINING = re.compile(r".*/Adam(_1)?|beta[12]_power|global_step")

# Our name of each attention of a layer, and the variable scope.
ATTENTIONS = {
    "encoder": [("self_attn", "multihead_attention")],
    "decoder": [
        ("self_attn", "self_attention"),
        ("encoder_attn", "vanilla_attention"),
    ],
}


def read_checkpoint(prefix):
    """name -> array of the variables of the model."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"  # standard error is for our line
    os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
    import tensorflow as tf  # takes seconds, so not before it is needed

    try:
        reader = tf.train.load_checkpoint(prefix)
        names = reader.get_variable_to_shape_map()
        return {
            name: reader.get_tensor(name)
            for name in names
            if not TRAINING.fullmatch(name)
        }
    except (tf.errors.OpError, ValueError) as error:
        raise ConvertError(f"{prefix}: no checkpoint: {error}") from error


def read_hparams(path):
    try:
        values = json.loads(model_folder.read_text(path))
    except ValueError as error:
        raise ConvertError(f"{path}: no JSON: {error}") from error
    if not isinstance(values, dict):
        raise ConvertError(f"{path}: want a JSON object")
    return values


def check_heads(width, heads, names, file):
    if width % heads != 0:
        raise ConvertError(
            f"{file}: {names[0]}: want a multiple of {names[1]}, {heads}, "
            f"found {width}"
        )


def dense(target, source, rows, columns):
    kernel = [f"{source}/kernel"]
    return [
        Rule(f"{target}.weight", kernel, (rows, columns), transposed),
        Rule(f"{target}.bias", [f"{source}/bias"], (columns,)),
    ]


def projections(target, source, d):
    """Queries, keys and values are the first three dense layers of a scope."""
    rules = []
    for part, name in zip("qkv", ("dense", "dense_1", "dense_2")):
        rules += dense(f"{target}.{part}_proj", f"{source}/{name}", d, d)
    return rules


def layers(count):
    """(side, our name of the layer, its variable scope) of each layer."""
    for side in ATTENTIONS:
        for i in range(count):
            yield side, f"{side}.layers.{i}", f"{side}/num_blocks_{i}"


def config(d, heads, ffn, blocks):
    """The part of config.json that is alike."""
    return {
        "d_model": d,
        "num_heads": heads,
        "ffn_dim": ffn,
        "encoder_layers": blocks,
        "decoder_layers": blocks,
        "pad_token_id": 0,
        "norm_position": "post",
        "norm_form": "population",
        "norm_epsilon": 1e-8,
        "positions_skip_zeros": True,
        "scale_embedding": True,
        "zero_pad_embedding": True,
        "attention_bias": True,
        "output_projection": False,
        "output_projection_bias": False,
        "score": "scaled_dot",
        "activation_function": "relu",
    }


def generation(longest):
    """Greedy search. The code makes `longest` tokens and cuts them at EOS."""
    ids = model_folder.control_ids()
    return {**ids, "num_beams": 1, "max_length": longest + 1}
