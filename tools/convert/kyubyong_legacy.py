"""The code under tf1.2_legacy: two word vocabularies, names by build order."""

import kyubyong_common as common
import model_folder
from rules import ConvertError, Rule, convert

CONTROL = ("<PAD>", "<UNK>", "<S>", "</S>")

# The scope that both ends of a layer's feed-forward block have. It has been
# opened before in an encoder layer, for attention: what TensorFlow names by
# name scope, not by variable scope, then gets a number.
FEED_FORWARD = "multihead_attention"
FEED_FORWARD_NORM = {
    "encoder": "multihead_attention_1",
    "decoder": "multihead_attention",
}


def read_sizes(values, file):
    names = ("hidden_units", "num_blocks", "num_heads", "maxlen")
    sizes = {name: model_folder.positive(values, name, file) for name in names}
    sizes["min_cnt"] = model_folder.positive(values, "min_cnt", file, 20)
    if values.get("sinusoid", False) is not False:
        raise ConvertError(
            f"{file}: sinusoid: want false, found true: the code's decoder "
            "can't be built with it"
        )
    common.check_heads(
        sizes["hidden_units"],
        sizes["num_heads"],
        ("hidden_units", "num_heads"),
        file,
    )
    return sizes


def read_words(path, least):
    """word -> id of a file of `word<TAB>count` lines, rare words left out."""
    words = []
    lines = model_folder.read_text(path).splitlines()
    for number, line in enumerate(lines, 1):
        fields = line.split()
        if len(fields) < 2 or not fields[1].isdecimal():
            raise ConvertError(f"{path}: line {number}: want a word, a count")
        if int(fields[1]) >= least:
            words.append(fields[0])
    return model_folder.word_ids(words, path, CONTROL)


def convolution(target, source, rows, columns):
    """A convolution of width 1 is a dense layer."""
    return [
        Rule(
            f"{target}.weight",
            [f"{source}/kernel"],
            (1, rows, columns),
            lambda arrays: arrays[0][0].T,
        ),
        Rule(f"{target}.bias", [f"{source}/bias"], (columns,)),
    ]


def norm(target, scope, d):
    """Unnamed variables: beta is made first, gamma second."""
    return [
        Rule(f"{target}.bias", [f"{scope}/ln/Variable"], (d,)),
        Rule(f"{target}.weight", [f"{scope}/ln/Variable_1"], (d,)),
    ]


def make_rules(sizes, vocabularies):
    d, longest = sizes["hidden_units"], sizes["maxlen"]
    rules = common.dense("lm_head", "dense", d, len(vocabularies[1]))
    for side, words in zip(("encoder", "decoder"), vocabularies):
        scope = f"{side}/{side[:3]}"
        for name, source, rows in (
            ("embed_tokens", f"{scope}_embed", len(words)),
            ("embed_positions", f"{scope}_pe", longest),
        ):
            table = [f"{source}/lookup_table"]
            rules.append(Rule(f"{side}.{name}.weight", table, (rows, d)))
    for side, layer, scope in common.layers(sizes["num_blocks"]):
        for kind, name in common.ATTENTIONS[side]:
            attention = f"{layer}.{kind}"
            rules += common.projections(attention, f"{scope}/{name}", d)
            rules += norm(f"{attention}_layer_norm", f"{scope}/{name}", d)
        block = f"{scope}/{FEED_FORWARD}"
        rules += convolution(f"{layer}.fc1", f"{block}/conv1d", d, 4 * d)
        rules += convolution(f"{layer}.fc2", f"{block}/conv1d_1", 4 * d, d)
        last = f"{scope}/{FEED_FORWARD_NORM[side]}"
        rules += norm(f"{layer}.final_layer_norm", last, d)
    return rules


def make_config(sizes, vocabularies):
    d = sizes["hidden_units"]
    return {
        **common.config(d, sizes["num_heads"], 4 * d, sizes["num_blocks"]),
        "source_vocab_size": len(vocabularies[0]),
        "target_vocab_size": len(vocabularies[1]),
        "max_source_positions": sizes["maxlen"],
        "max_target_positions": sizes["maxlen"],
        "positions": "learned",
        "pad_keys": "first_layer",
        "fill_source": True,
        "attention_activation": "relu",
        "share_embeddings": False,
        "tie_output": False,
        "output_bias": True,
    }


def convert_checkpoint(args):
    sizes = read_sizes(common.read_hparams(args.hparams), args.hparams)
    vocabularies = [
        read_words(path, sizes["min_cnt"])
        for path in (args.source_vocab, args.target_vocab)
    ]
    rules = make_rules(sizes, vocabularies)
    variables = common.read_checkpoint(args.checkpoint)
    model_folder.write(
        args.out,
        make_config(sizes, vocabularies),
        common.generation(sizes["maxlen"]),
        {
            "tokenizer_class": "TesseraWords",
            "latin_only": True,
            "source_eos": True,
            **model_folder.control_tokens(CONTROL),
        },
        convert(rules, variables, args.checkpoint),
        vocabularies=vocabularies,
    )
