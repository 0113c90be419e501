#!/usr/bin/env python3
"""Writes tests/golden/search: outputs of tiny models under generation options.

A file for each of a few models of tests/golden:
  model     its folder
  cases     [{"options", "outputs"}]: options in the spelling of generate(), and
            for each source of the model's golden.json that is no near tie
            [its number, the ids of every output, the score of every output]
  prefixed  the same; the decoder begins with its start token and "prefix"

Greedy scores are sums of log-probabilities, the others sequences_scores. Tokens
that options name are taken from the model's own outputs, so that they matter.
"""

import collections
import json
import os
import sys

import torch
from transformers import AutoModelForSeq2SeqLM, LogitsProcessorList
from transformers.generation import utils as generation
from transformers.generation.logits_process import (
    EncoderRepetitionPenaltyLogitsProcessor,
)

import reference

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
MODELS = [
    "bart/bart_plain",
    "marian/several_ends",
    "marian/three_heads_width_20",
    "t5/t5_v1_0",
]
SOURCES = 16  # tried; at least 10 of them must be no near ties


class EncoderPenalty(EncoderRepetitionPenaltyLogitsProcessor):
    """For every beam: that of Transformers 4.57 edits the first beam alone."""

    def __call__(self, input_ids, scores):
        source = self.encoder_input_ids[:1].expand(len(scores), -1)
        own = EncoderRepetitionPenaltyLogitsProcessor(1 / self.penalty, source)
        return own(input_ids, scores)


generation.EncoderRepetitionPenaltyLogitsProcessor = EncoderPenalty


def load(folder):
    model = AutoModelForSeq2SeqLM.from_pretrained(
        folder,
        dtype=torch.float32,
        attn_implementation="eager",
        local_files_only=True,
    )
    return model.eval()


def ends(model):
    ids = model.generation_config.eos_token_id
    return ids if isinstance(ids, list) else [ids]


def cut(model, row):
    """An output up to its first end."""
    for i, token in enumerate(row):
        if token in ends(model):
            return row[: i + 1]
    return row


def outputs(model, source, options, prefix, noise=None):
    """([ids], [score]) of a source, noise a seed of noise on the scores."""
    options = dict(options)
    if "sequence_bias" in options:
        # The form with lists refuses the token 0.
        biases = options["sequence_bias"]
        options["sequence_bias"] = {tuple(ids): bias for ids, bias in biases}
    if "exponential_decay_length_penalty" in options:
        pair = options["exponential_decay_length_penalty"]
        options["exponential_decay_length_penalty"] = tuple(pair)
    start = model.generation_config.decoder_start_token_id
    if noise:
        processors = LogitsProcessorList([reference.Noise(noise)])
        options["logits_processor"] = processors
    out = reference.generate(
        model,
        source,
        decoder_input_ids=torch.tensor([[start, *prefix]]),
        **options,
    )
    written = out.sequences[:, 1 + len(prefix) :].tolist()
    rows = [cut(model, row) for row in written]
    if options.get("num_beams", model.generation_config.num_beams) > 1:
        return rows, out.sequences_scores.tolist()
    steps = [torch.log_softmax(s[0], -1) for s in out.scores]
    return rows, [sum(p[i].item() for p, i in zip(steps, rows[0]))]


def stable_outputs(model, source, options, prefix):
    """The same, nothing if noise changes an output or there is no score."""
    rows, scores = outputs(model, source, options, prefix)
    # A penalty of an end that is suppressed gives NaN there.
    if not all(score > -1e8 for score in scores):
        return None
    for seed in (1, 2):
        if outputs(model, source, options, prefix, seed)[0] != rows:
            return None
    return rows, scores


def common_tokens(model, sources):
    """Tokens by how often the plain outputs have them, and pairs of them."""
    tokens, pairs = collections.Counter(), collections.Counter()
    for source in sources:
        for row in outputs(model, source, {}, [])[0]:
            row = [i for i in row if i not in ends(model)]
            tokens.update(row)
            pairs.update(zip(row, row[1:]))
    return (
        [token for token, _ in tokens.most_common(12)],
        [list(pair) for pair, _ in pairs.most_common(4)],
    )


def cases(model, t, p):
    """Options, t the common tokens and p the common pairs of the model."""
    end = ends(model)[0]
    single = [
        {"min_length": 9, "length_penalty": 0.5},
        {"min_new_tokens": 8},
        {"max_new_tokens": 5},
        {"max_length": 7, "min_length": 4},
        {"repetition_penalty": 1.7},
        {"repetition_penalty": 0.6},
        {"encoder_repetition_penalty": 1.5},
        {"encoder_repetition_penalty": 0.7, "repetition_penalty": 1.3},
        {"no_repeat_ngram_size": 1},
        {"no_repeat_ngram_size": 2, "encoder_no_repeat_ngram_size": 1},
        {"encoder_no_repeat_ngram_size": 2},
        {"bad_words_ids": [[t[0]], p[1], [t[2], t[3], t[4]]]},
        {"sequence_bias": [[[t[1]], -3.0], [p[0], 4.5], [[t[5]], 2.5]]},
        {"sequence_bias": [[[end], -1.5]], "repetition_penalty": 1.2},
        {"suppress_tokens": t[:3]},
        {"begin_suppress_tokens": [*t[:4], end]},
        {"forced_bos_token_id": t[6]},
        {"forced_eos_token_id": end, "max_length": 6},
        {"exponential_decay_length_penalty": [2, 1.4]},
        {"exponential_decay_length_penalty": [4, 0.7], "min_length": 3},
    ]
    searches = [
        {"early_stopping": True, "length_penalty": 0.0},
        {"early_stopping": False, "length_penalty": 2.0},
        {"early_stopping": "never", "length_penalty": 1.3},
        {"early_stopping": "never", "length_penalty": -1.5},
        {"length_penalty": -0.7, "renormalize_logits": True},
        {"early_stopping": True, "repetition_penalty": 1.4},
        {"early_stopping": "never", "no_repeat_ngram_size": 2,
         "sequence_bias": [[[t[0]], 1.5]]},
        {"renormalize_logits": True, "repetition_penalty": 1.4,
         "encoder_repetition_penalty": 1.2, "suppress_tokens": [t[7]]},
        {"renormalize_logits": True, "sequence_bias": [[p[0], -2.0]],
         "exponential_decay_length_penalty": [3, 1.2],
         "bad_words_ids": [p[2], [t[8]]]},
    ]
    for options in single:
        yield {"num_beams": 1, **options}
        yield {"num_beams": 4, "num_return_sequences": 2, **options}
    for i, options in enumerate(searches):
        yield {"num_beams": 2 + i % 4, "num_return_sequences": 2, **options}
    for beams in (2, 3, 6):
        yield {"num_beams": beams, "num_return_sequences": beams}
    everything = {
        "repetition_penalty": 1.2, "encoder_repetition_penalty": 0.9,
        "no_repeat_ngram_size": 3, "encoder_no_repeat_ngram_size": 3,
        "bad_words_ids": [[t[9]]], "sequence_bias": [[[t[0]], 1.0]],
        "suppress_tokens": [t[1]], "begin_suppress_tokens": [t[2]],
        "min_new_tokens": 3, "max_new_tokens": 10,
        "exponential_decay_length_penalty": [5, 1.1],
    }
    for beams in (1, 3):
        yield {"num_beams": beams, **everything}
        yield {"num_beams": beams, "forced_bos_token_id": t[3], **everything}


def prefixed(model, t, p):
    """Options with what the decoder begins with."""
    for beams in (1, 4):
        for prefix in ([t[0]], [t[1], t[2], t[3]], [*p[0], t[5], t[6]]):
            yield {"num_beams": beams}, prefix
        yield {"num_beams": beams, "max_new_tokens": 4}, [t[2], t[0]]
        yield {"num_beams": beams, "min_length": 7}, [t[4], t[4]]
        rules = {"repetition_penalty": 1.5, "no_repeat_ngram_size": 2}
        yield {"num_beams": beams, **rules}, [t[0], t[1]]
        begin = {"begin_suppress_tokens": t[:3], "forced_bos_token_id": t[7]}
        yield {"num_beams": beams, **begin}, [t[5]]


def run(model, sources, options, prefix):
    found = []
    for number, source in enumerate(sources):
        entry = stable_outputs(model, source, options, prefix)
        if entry:
            rows, scores = entry
            found.append([number, rows, [round(s, 6) for s in scores]])
    if len(found) < 10:
        print("few:", len(found), options, prefix)
    return found


def write(name):
    folder = f"{ROOT}/tests/golden/{name}"
    model = load(folder)
    with open(f"{folder}/golden.json", encoding="utf-8") as file:
        sources = json.load(file)["sources"][:SOURCES]
    tokens, pairs = common_tokens(model, sources)
    content = {"model": name, "cases": [], "prefixed": []}
    for options in cases(model, tokens, pairs):
        found = run(model, sources, options, [])
        content["cases"].append({"options": options, "outputs": found})
    for options, prefix in prefixed(model, tokens, pairs):
        found = run(model, sources, options, prefix)
        content["prefixed"].append(
            {"options": options, "prefix": prefix, "outputs": found}
        )
    path = f"{ROOT}/tests/golden/search/{name.replace('/', '_')}.json"
    reference.write_json(path, content)
    print(path, len(content["cases"]), len(content["prefixed"]))


def main():
    torch.set_num_threads(1)
    os.makedirs(f"{ROOT}/tests/golden/search", exist_ok=True)
    for name in sys.argv[1:] or MODELS:
        write(name)


if __name__ == "__main__":
    main()
