#!/usr/bin/env python3
"""The side of Transformers with PyTorch."""

import torch
from transformers import AutoModelForSeq2SeqLM

import generate
import side

TYPES = {"f32": torch.float32, "bf16": torch.bfloat16}


def open_model(job):
    model = AutoModelForSeq2SeqLM.from_pretrained(
        job["model"], dtype=TYPES[job["precision"]]
    )
    return generate.translator(model.eval(), job)


if __name__ == "__main__":
    side.run(open_model)
