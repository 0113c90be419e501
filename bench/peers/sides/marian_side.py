#!/usr/bin/env python3
"""Marian's side, by way of pymarian. It has one thread for a sentence alone."""

from pymarian import Translator

import side


def open_model(job):
    folder = job["converted"]
    kind = "bin" if job["precision"] == "int8" else "npz"
    # Random models: every source is as long as the wanted output.
    factor = 3 if job["new_tokens"] > 100 else 1
    translator = Translator(
        models=f"{folder}/model.{kind}",
        vocabs=[f"{folder}/vocab.yml", f"{folder}/vocab.yml"],
        beam_size=job["beam_size"],
        normalize=job["length_penalty"],
        max_length_factor=factor,
        mini_batch=job["batch_size"],
        maxi_batch=100,
        maxi_batch_sort="src",
        cpu_threads=1 if job["alone"] else job["threads"],
        log_level="error",
    )

    def translate(indices):
        # Marian adds the ends itself.
        lines = [" ".join(job["sources"][i][:-1]) for i in indices]
        outputs = [line.split() for line in translator.translate(lines)]
        return [
            out if len(out) >= job["new_tokens"] else out + ["</s>"]
            for out in outputs
        ]

    return translate


if __name__ == "__main__":
    side.run(open_model)
