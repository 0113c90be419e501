#!/usr/bin/env python3
"""CTranslate2's side: a thread is a whole translating worker, as its manual
advises for throughput; threads share a sentence that is alone."""

import ctranslate2

import side

TYPES = {"f32": "float32", "bf16": "bfloat16", "int8": "int8"}


def open_model(job):
    translator = ctranslate2.Translator(
        job["converted"],
        device="cpu",
        compute_type=TYPES[job["precision"]],
        inter_threads=1 if job["alone"] else job["threads"],
        intra_threads=job["threads"] if job["alone"] else 1,
    )

    def translate(indices):
        results = translator.translate_batch(
            [job["sources"][i] for i in indices],
            beam_size=job["beam_size"],
            length_penalty=job["length_penalty"],
            max_batch_size=job["batch_size"],
            max_decoding_length=job["new_tokens"],
            min_decoding_length=max(job["least_tokens"], 1),
            target_prefix=[[job["target"]]] * len(indices)
            if job["target"]
            else None,
            return_end_token=True,
        )
        return [result.hypotheses[0] for result in results]

    return translate


if __name__ == "__main__":
    side.run(open_model)
