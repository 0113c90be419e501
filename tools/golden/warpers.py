#!/usr/bin/env python3
"""Writes tests/golden/warpers.json: what the warpers of Transformers keep.

"rows": logits; "cases": options in the spelling of generate(), "min_tokens",
and for each row that no rounding can turn the tokens that are kept,
[row, [tokens]]. Their scores are the logits divided by the temperature.
"""

import os

import torch
from transformers.generation import logits_process as warpers

import reference

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
KINDS = {
    "temperature": warpers.TemperatureLogitsWarper,
    "top_k": warpers.TopKLogitsWarper,
    "top_p": warpers.TopPLogitsWarper,
    "min_p": warpers.MinPLogitsWarper,
    "typical_p": warpers.TypicalLogitsWarper,
    "epsilon_cutoff": warpers.EpsilonLogitsWarper,
    "eta_cutoff": warpers.EtaLogitsWarper,
}
CASES = [
    {"temperature": 0.3}, {"temperature": 2.5},
    {"top_k": 1}, {"top_k": 7}, {"top_k": 500},
    {"top_p": 0.1}, {"top_p": 0.7}, {"top_p": 0.95},
    {"min_p": 0.0}, {"min_p": 0.05}, {"min_p": 1.0},
    {"typical_p": 0.2}, {"typical_p": 0.9},
    {"epsilon_cutoff": 0.003}, {"epsilon_cutoff": 0.3},
    {"eta_cutoff": 0.002}, {"eta_cutoff": 0.1},
    {"temperature": 0.7, "top_k": 20, "top_p": 0.8},
    {"temperature": 1.5, "top_p": 0.9, "min_p": 0.1, "typical_p": 0.8},
    {"top_k": 30, "typical_p": 0.6, "epsilon_cutoff": 0.01},
    {"temperature": 1.3, "top_k": 40, "top_p": 0.95, "min_p": 0.01,
     "typical_p": 0.95, "epsilon_cutoff": 0.002, "eta_cutoff": 0.01},
]


def kept(row, options, min_tokens):
    scores = row[None]
    for name, kind in KINDS.items():
        if name in options:
            keep = {} if name == "temperature" else {
                "min_tokens_to_keep": min_tokens
            }
            scores = kind(options[name], **keep)(None, scores)
    return torch.isfinite(scores[0]).nonzero()[:, 0].tolist()


def main():
    generator = torch.Generator().manual_seed(3)
    rows = [
        torch.round(torch.randn(60, generator=generator) * scale, decimals=6)
        for scale in (0.5, 1.0, 2.0, 4.0) for _ in range(3)
    ]
    for row in rows[::2]:
        row[5::9] = -torch.inf
    content = {"rows": [], "cases": []}
    for row in rows:
        finite = [None if x == -torch.inf else x for x in row.tolist()]
        content["rows"].append(finite)
    for options in CASES:
        for min_tokens in (1, 3):
            found = []
            for number, row in enumerate(rows):
                tokens = kept(row, options, min_tokens)
                if kept(row.double(), options, min_tokens) == tokens:
                    found.append([number, tokens])
            content["cases"].append(
                {"options": options, "min_tokens": min_tokens, "kept": found}
            )
    reference.write_json(f"{ROOT}/tests/golden/warpers.json", content)


if __name__ == "__main__":
    main()
