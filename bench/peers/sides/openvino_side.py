#!/usr/bin/env python3
"""OpenVINO's side, by way of Optimum."""

from optimum.intel import OVModelForSeq2SeqLM

import generate
import side


def open_model(job):
    settings = {
        "INFERENCE_NUM_THREADS": str(job["threads"]),
        # Its default rounds to bf16 where the CPU has it.
        "INFERENCE_PRECISION_HINT": "f32",
    }
    model = OVModelForSeq2SeqLM.from_pretrained(
        job["converted"], ov_config=settings
    )
    return generate.translator(model, job)


if __name__ == "__main__":
    side.run(open_model)
