#!/usr/bin/env python3
"""Makes a model folder of a checkpoint of JayParks/transformer.

  jayparks.py --checkpoint FILE --vocab PICKLE OUT

FILE is what train.py saved, PICKLE the .dict file of preprocess.py. The names
of the variables tell whether they are those of the last commit or of 667faad,
and of a vanilla or a weighted model. Nothing in either file is executed.
"""

import argparse

import model_folder
import torch_files
from jayparks_rules import FORMS, make_rules
from rules import ConvertError, convert

CONTROL = ("<pad>", "<unk>", "<bos>", "<eos>")

# Tokens that translate.py makes at most.
LONGEST = 100

SIZES = (
    "d_model",
    "d_k",
    "d_v",
    "d_ff",
    "n_heads",
    "n_layers",
    "src_vocab_size",
    "tgt_vocab_size",
    "max_src_seq_len",
    "max_tgt_seq_len",
)
FLAGS = ("share_proj_weight", "share_embs_weight", "weighted_model")


def read_checkpoint(path):
    """(options as a dictionary, name -> array)"""
    content = torch_files.read_checkpoint(path)
    if not isinstance(content, dict):
        raise ConvertError(f"{path}: want a dictionary")
    options, state = content.get("opt"), content.get("model_params")
    if not isinstance(options, argparse.Namespace):
        raise ConvertError(f"{path}: opt: want an argparse.Namespace")
    return vars(options), torch_files.arrays(state, f"{path}: model_params")


def read_options(values, file):
    file = f"{file}: opt"
    options = {n: model_folder.positive(values, n, file) for n in SIZES}
    for name in FLAGS:
        if not isinstance(values.get(name), bool):
            raise ConvertError(f"{file}: {name}: want true or false")
        options[name] = values[name]
    sizes = options["src_vocab_size"], options["tgt_vocab_size"]
    if options["share_embs_weight"] and sizes[0] != sizes[1]:
        raise ConvertError(
            f"{file}: share_embs_weight: want vocabularies of one size, found "
            f"{sizes[0]} and {sizes[1]}"
        )
    # What is left over of a division makes no feed-forward unit.
    if options["weighted_model"]:
        options["d_ff"] -= options["d_ff"] % options["n_heads"]
        if options["d_ff"] == 0:
            raise ConvertError(f"{file}: d_ff: want at least n_heads")
    return options


def read_vocabularies(path):
    """(word -> id of source and target, whether texts are lower-cased)"""
    content = torch_files.read_plain(path)
    if not isinstance(content, dict):
        raise ConvertError(f"{path}: want a dictionary")
    if not isinstance(content.get("lower_case"), bool):
        raise ConvertError(f"{path}: lower_case: want true or false")
    words = [read_words(content, key, path) for key in ("src_dict", "tgt_dict")]
    return words, content["lower_case"]


def read_words(content, key, path):
    """word -> id, of the entry (Counter, word2idx, idx2word) called key."""
    entry = content.get(key)
    if not isinstance(entry, (tuple, list)) or len(entry) != 3:
        raise ConvertError(f"{path}: {key}: want Counter, word2idx, idx2word")
    _, word2idx, idx2word = entry
    if not isinstance(word2idx, dict) or not isinstance(idx2word, list):
        raise ConvertError(f"{path}: {key}: want a dictionary and a list")
    if not all(isinstance(word, str) for word in idx2word):
        raise ConvertError(f"{path}: {key}: want strings in idx2word")
    words = model_folder.word_ids(idx2word, f"{path}: {key}", CONTROL)
    if words != word2idx:
        raise ConvertError(f"{path}: {key}: word2idx and idx2word differ")
    return words


def check_vocabulary(words, options, name, args):
    if len(words) != options[name]:
        raise ConvertError(
            f"{args.vocab}: want {options[name]} words, {name} of "
            f"{args.checkpoint}, found {len(words)}"
        )


def find_form(variables, options, file):
    """The form whose names the variables have."""
    attention = "encoder.layers.0.enc_self_attn"
    found = [f for f in FORMS if f"{attention}.{f.query}" in variables]
    if len(found) != 1:
        wanted = " or ".join(f"{attention}.{f.query}" for f in FORMS)
        raise ConvertError(f"{file}: want {wanted}, found {len(found)} of them")
    weighted = f"{attention}.w_kp" in variables
    if weighted != options["weighted_model"]:
        raise ConvertError(
            f"{file}: opt: weighted_model is {options['weighted_model']}, but "
            f"there is {'a' if weighted else 'no'} variable {attention}.w_kp"
        )
    return found[0]


def make_config(options, form):
    weighted = options["weighted_model"]
    branches = {"branches": form.branches, "branch_ffn": "split"}
    return {
        "d_model": options["d_model"],
        "num_heads": options["n_heads"],
        "key_width": options["d_k"],
        "value_width": options["d_v"],
        "ffn_dim": options["d_ff"],
        "encoder_layers": options["n_layers"],
        "decoder_layers": options["n_layers"],
        "source_vocab_size": options["src_vocab_size"],
        "target_vocab_size": options["tgt_vocab_size"],
        "max_source_positions": 10 * options["max_src_seq_len"],
        "max_target_positions": 10 * options["max_tgt_seq_len"],
        "pad_token_id": 0,
        "norm_position": "post",
        "norm_form": "unbiased",
        "norm_epsilon": form.epsilon,
        "positions": "learned",
        "position_offset": 1,
        "scale_embedding": False,
        "pad_keys": "masked",
        "attention_bias": form.bias,
        "output_projection": True,
        "output_projection_bias": True,
        "score": "scaled_dot",
        "activation_function": "relu",
        "share_embeddings": options["share_embs_weight"],
        "tie_output": False,
        "output_bias": False,
        **(branches if weighted else {"branches": "none"}),
    }


def make_generation(options):
    """translate.py: sums of log-probabilities, until the best beam ends."""
    longest = min(LONGEST, 10 * options["max_tgt_seq_len"])
    return {
        **model_folder.control_ids(),
        "num_beams": 5,
        "length_penalty": 0,
        "early_stopping": "top_beam",
        "max_length": longest + 1,
    }


def convert_checkpoint(args):
    vocabularies, lower_case = read_vocabularies(args.vocab)
    values, variables = read_checkpoint(args.checkpoint)
    options = read_options(values, args.checkpoint)
    names = ("src_vocab_size", "tgt_vocab_size")
    for words, name in zip(vocabularies, names):
        check_vocabulary(words, options, name, args)
    form = find_form(variables, options, args.checkpoint)
    model_folder.write(
        args.out,
        make_config(options, form),
        make_generation(options),
        {
            "tokenizer_class": "TesseraWords",
            "lower_case": lower_case,
            "source_eos": False,
            **model_folder.control_tokens(CONTROL),
        },
        convert(make_rules(options, form), variables, args.checkpoint),
        vocabularies=vocabularies,
    )


def main():
    parser = model_folder.make_parser(__doc__)
    parser.add_argument("--checkpoint", required=True, metavar="FILE")
    parser.add_argument("--vocab", required=True, metavar="PICKLE")
    parser.add_argument("out", metavar="OUT", help="the folder to make")
    convert_checkpoint(parser.parse_args())


if __name__ == "__main__":
    model_folder.run(main)
