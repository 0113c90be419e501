#!/usr/bin/env python3
"""Writes tests/golden/bundled/alignments.json: which source token each token of an
output looks at, by the cross-attentions of Hugging Face.

Of 100 sentences of golden.json (the first that have more than two tokens), with
their greedy outputs: for the mean of all layers and heads, the mean of the heads
of the last layer, and one head of one layer, by output token without the final
end-of-sentence the source token of the largest weight, that of the source left
out. -1 stands for a near tie, where two right programs may differ. Of the first
10 sentences all weights of the mean, too.
"""

import argparse
import json
import os

import torch

import reference

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
COUNT = 100
SOFT = 10
HEAD = (1, 3)  # layer and head, counted from 0


def cross(model, source, ids):
    """f32 [layers, heads, T, S]"""
    start = [model.config.decoder_start_token_id]
    with torch.inference_mode():
        output = model(
            input_ids=torch.tensor([source]),
            decoder_input_ids=torch.tensor([start + ids[:-1]]),
            output_attentions=True,
        )
    return torch.cat(output.cross_attentions)


def hard(weights):
    """The best columns of f32 [T, S], without the last row and column."""
    best = []
    for row in weights[:-1, :-1]:
        order = torch.sort(row, descending=True)
        lead = (order.values[0] - order.values[1]).item() if len(row) > 1 else 1.0
        best.append(order.indices[0].item() if lead > 1e-5 else -1)
    return best


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--model", default=f"{ROOT}/models/bundled/tatoeba-en-fr", metavar="DIR"
    )
    parser.add_argument(
        "--golden", default=f"{ROOT}/tests/golden/bundled", metavar="DIR"
    )
    args = parser.parse_args()
    torch.set_num_threads(1)
    model = reference.load(args.model)
    with open(f"{args.golden}/golden.json", encoding="utf-8") as file:
        greedy = json.load(file)["greedy"]
    entries = []
    for number, entry in enumerate(greedy):
        if len(entry["source_ids"]) < 3 or len(entries) == COUNT:
            continue
        weights = cross(model, entry["source_ids"], entry["ids"])
        mean = weights.mean(dim=(0, 1))
        alignments = {
            "sentence": number,
            "mean": hard(mean),
            "last_layer": hard(weights[-1].mean(dim=0)),
            "one_head": hard(weights[HEAD]),
        }
        if len(entries) < SOFT:
            alignments["weights"] = [[round(x, 6) for x in row] for row in mean.tolist()]
        entries.append(alignments)
    with open(f"{args.golden}/alignments.json", "w", encoding="utf-8") as file:
        file.write("[\n")
        file.write(",\n".join(json.dumps(e, separators=(",", ":")) for e in entries))
        file.write("\n]\n")


if __name__ == "__main__":
    main()
