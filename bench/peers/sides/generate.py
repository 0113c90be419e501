"""Translation by Transformers' generate(), which other libraries' models have
too."""

import torch
from transformers import GenerationConfig
from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()


def padded(rows, padding):
    """Ids [rows, longest] and which of them count."""
    longest = max(map(len, rows))
    ids = torch.full((len(rows), longest), padding)
    mask = torch.zeros_like(ids)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
        mask[i, : len(row)] = 1
    return {"input_ids": ids, "attention_mask": mask}


def until_end(ids, end):
    return ids[: ids.index(end) + 1] if end in ids else ids


def translator(model, job):
    """What side.run wants of a model that has generate()."""
    torch.set_num_threads(job["threads"])
    settings = GenerationConfig.from_pretrained(job["model"])

    def translate_batch(indices):
        rows = [job["source_ids"][i] for i in indices]
        with torch.inference_mode():
            outputs = model.generate(
                **padded(rows, settings.pad_token_id),
                generation_config=settings,
                num_beams=job["beam_size"],
            )
        end = settings.eos_token_id
        return [until_end(row, end) for row in outputs[:, 1:].tolist()]

    def translate(indices):
        """In batches of like length, the outputs in order."""
        by_length = sorted(indices, key=lambda i: len(job["source_ids"][i]))
        outputs = {}
        for first in range(0, len(by_length), job["batch_size"]):
            batch = by_length[first : first + job["batch_size"]]
            outputs.update(zip(batch, translate_batch(batch)))
        return [outputs[i] for i in indices]

    return translate
