#!/usr/bin/env python3
"""ONNX Runtime's side, by way of Optimum."""

import onnxruntime
from optimum.onnxruntime import ORTModelForSeq2SeqLM

import generate
import side


def open_model(job):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = job["threads"]
    model = ORTModelForSeq2SeqLM.from_pretrained(
        job["converted"], session_options=options
    )
    return generate.translator(model, job)


if __name__ == "__main__":
    side.run(open_model)
