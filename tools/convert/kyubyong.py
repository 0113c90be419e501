#!/usr/bin/env python3
"""Makes a model folder of a TensorFlow checkpoint of Kyubyong/transformer.

  kyubyong.py --checkpoint PREFIX --hparams JSON --spm MODEL OUT
  kyubyong.py --legacy --checkpoint PREFIX --hparams JSON
              --source-vocab de.vocab.tsv --target-vocab en.vocab.tsv OUT

PREFIX is the checkpoint's name without .index, JSON the file "hparams" beside
it, and MODEL the SentencePiece model. --legacy is the code in tf1.2_legacy, for
which JSON holds the fields of class Hyperparams.
"""

import os

import kyubyong_common as common
import kyubyong_legacy
import model_folder
from rules import ConvertError, Rule, convert

CONTROL = ("<pad>", "<unk>", "<s>", "</s>")


def read_sizes(values, file):
    names = ("d_model", "d_ff", "num_blocks", "num_heads", "maxlen1", "maxlen2")
    sizes = {
        name: model_folder.positive(values, name, file)
        for name in (*names, "vocab_size")
    }
    common.check_heads(
        sizes["d_model"], sizes["num_heads"], ("d_model", "num_heads"), file
    )
    return sizes


def check_pieces(path, size, hparams):
    """Checks bpe.vocab: an entry is what a line has before white space."""
    text = model_folder.read_text(path)
    lines = text.splitlines()
    if lines != text.removesuffix("\n").split("\n"):
        raise ConvertError(f"{path}: want line feeds alone between lines")
    for number, line in enumerate(lines, 1):
        if not line.split():
            raise ConvertError(f"{path}: line {number}: want an entry")
    pieces = [line.split()[0] for line in lines]
    model_folder.word_ids(pieces, path, CONTROL)
    if len(pieces) != size:
        raise ConvertError(
            f"{path}: want {size} entries, vocab_size of {hparams}, "
            f"found {len(pieces)}"
        )


def norm(target, scope, d):
    return [
        Rule(f"{target}.weight", [f"{scope}/ln/gamma"], (d,)),
        Rule(f"{target}.bias", [f"{scope}/ln/beta"], (d,)),
    ]


def make_rules(sizes):
    d, f = sizes["d_model"], sizes["d_ff"]
    table = ["shared_weight_matrix/weight_mat"]
    rules = [Rule("shared.weight", table, (sizes["vocab_size"], d))]
    for side, layer, scope in common.layers(sizes["num_blocks"]):
        for kind, name in common.ATTENTIONS[side]:
            attention = f"{layer}.{kind}"
            rules += common.projections(attention, f"{scope}/{name}", d)
            rules += norm(f"{attention}_layer_norm", f"{scope}/{name}", d)
        block = f"{scope}/positionwise_feedforward"
        rules += common.dense(f"{layer}.fc1", f"{block}/dense", d, f)
        rules += common.dense(f"{layer}.fc2", f"{block}/dense_1", f, d)
        rules += norm(f"{layer}.final_layer_norm", block, d)
    return rules


def make_config(sizes):
    d, heads = sizes["d_model"], sizes["num_heads"]
    return {
        **common.config(d, heads, sizes["d_ff"], sizes["num_blocks"]),
        "source_vocab_size": sizes["vocab_size"],
        "target_vocab_size": sizes["vocab_size"],
        "max_source_positions": sizes["maxlen1"],
        "max_target_positions": sizes["maxlen2"],
        "positions": "sinusoid",
        "pad_keys": "masked",
        "share_embeddings": True,
        "tie_output": True,
    }


def convert_checkpoint(args):
    beside = os.path.join(os.path.dirname(args.spm), "bpe.vocab")
    vocabulary = args.vocab or beside
    sizes = read_sizes(common.read_hparams(args.hparams), args.hparams)
    check_pieces(vocabulary, sizes["vocab_size"], args.hparams)
    variables = common.read_checkpoint(args.checkpoint)
    model_folder.write(
        args.out,
        make_config(sizes),
        common.generation(sizes["maxlen2"]),
        {
            "tokenizer_class": "TesseraPieces",
            "source_eos": True,
            **model_folder.control_tokens(CONTROL),
        },
        convert(make_rules(sizes), variables, args.checkpoint),
        files={"bpe.model": args.spm, "bpe.vocab": vocabulary},
    )


def check_arguments(parser, args):
    """Each of the two forms has arguments of its own."""
    words = ("source_vocab", "target_vocab")
    needed, foreign = ("spm",), words
    if args.legacy:
        needed, foreign = words, ("spm", "vocab")
    for name in needed:
        if getattr(args, name) is None:
            parser.error(f"--{name.replace('_', '-')} is needed")
    for name in foreign:
        if getattr(args, name) is not None:
            form = "without" if args.legacy else "with"
            parser.error(f"--{name.replace('_', '-')} goes {form} --legacy")


def main():
    parser = model_folder.make_parser(__doc__)
    parser.add_argument("--checkpoint", required=True, metavar="PREFIX")
    parser.add_argument("--hparams", required=True, metavar="JSON")
    parser.add_argument("--spm", metavar="MODEL")
    parser.add_argument(
        "--vocab", metavar="FILE", help="default: bpe.vocab beside MODEL"
    )
    parser.add_argument("--legacy", action="store_true")
    parser.add_argument("--source-vocab", metavar="TSV")
    parser.add_argument("--target-vocab", metavar="TSV")
    parser.add_argument("out", metavar="OUT", help="the folder to make")
    args = parser.parse_args()

    check_arguments(parser, args)
    if args.legacy:
        kyubyong_legacy.convert_checkpoint(args)
    else:
        convert_checkpoint(args)


if __name__ == "__main__":
    model_folder.run(main)
