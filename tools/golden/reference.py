"""Outputs of Hugging Face Marian models in float32, a sentence at a time.

Every function takes a model in evaluation mode and one source as a list of ids
that ends with EOS, or several of one length. Nothing is padded, so nothing
depends on batch mates. Output ids are given without the start token and with
their final EOS.
"""

import json
import os

import torch
from safetensors.torch import save_file
from transformers import LogitsProcessor, LogitsProcessorList, MarianMTModel
from transformers.utils import logging

logging.set_verbosity_error()
logging.disable_progress_bar()

# A decision that a change of this size could turn is a near tie: two right
# programs may then differ, so such a sentence is no reference.
NEAR_TIE = 1e-4


class Noise(LogitsProcessor):
    """Adds uniform noise of at most NEAR_TIE / 2 to all scores."""

    def __init__(self, seed):
        self.generator = torch.Generator().manual_seed(seed)

    def __call__(self, input_ids, scores):
        uniform = torch.rand(scores.shape, generator=self.generator)
        return scores + (uniform.to(scores.dtype) - 0.5) * NEAR_TIE


def load(folder, dtype=torch.float32):
    """The model of a folder, its weights converted to dtype."""
    model = MarianMTModel.from_pretrained(
        folder,
        dtype=dtype,
        attn_implementation="eager",
        local_files_only=True,
    )
    return model.eval()


def generate(model, source, **options):
    """generate() with the model's own settings, but for the options given."""
    ids = torch.tensor([source])
    with torch.inference_mode():
        return model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            return_dict_in_generate=True,
            output_scores=True,
            **options,
        )


def greedy(model, source, processors=None):
    """{"ids", "log_probs", "gap"}; gap is the smallest lead over a runner-up.

    log_probs are log_softmax of the processed logits. The text of the entry is
    the caller's to add.
    """
    out = generate(model, source, num_beams=1, logits_processor=processors)
    ids = out.sequences[0, 1:].tolist()
    log_probs = [torch.log_softmax(s[0], -1) for s in out.scores]
    leaders = [p.topk(2).values for p in log_probs]
    return {
        "ids": ids,
        "log_probs": [p[i].item() for p, i in zip(log_probs, ids)],
        "gap": min(first - second for first, second in leaders).item(),
    }


def beam(model, source, beam_size=None, processors=None):
    """{"ids", "score"} of the best hypothesis; score is sequences_scores.

    beam_size None takes num_beams from the model's generation settings.
    """
    beam_size = beam_size or model.generation_config.num_beams
    out = generate(
        model, source, num_beams=beam_size, logits_processor=processors
    )
    return {
        "ids": out.sequences[0, 1:].tolist(),
        "score": out.sequences_scores[0].item(),
    }


def outputs(model, sources, beam_size, seed=None):
    """[{"ids", "score"}] of sources of one length, which need no padding.

    score is sequences_scores, None in greedy search; ids are None where a
    greedy step is a near tie. seed: of noise on all scores.
    """
    noise = LogitsProcessorList([] if seed is None else [Noise(seed)])
    ids = torch.tensor(sources)
    with torch.inference_mode():
        out = model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            return_dict_in_generate=True,
            output_scores=True,
            num_beams=beam_size,
            logits_processor=noise,
        )
    ends = model.generation_config.eos_token_id
    ends = ends if isinstance(ends, list) else [ends]
    entries = []
    for i, row in enumerate(out.sequences[:, 1:].tolist()):
        last = next((t for t, token in enumerate(row) if token in ends), None)
        row = row if last is None else row[: last + 1]
        score = None
        if beam_size > 1:
            score = out.sequences_scores[i].item()
        elif any(_gap(s[i]) < NEAR_TIE for s in out.scores[: len(row)]):
            row = None
        entries.append({"ids": row, "score": score})
    return entries


def _gap(scores):
    first, second = torch.log_softmax(scores, -1).topk(2).values
    return first - second


def stable_outputs(model, double, sources, beam_size):
    """outputs() of those whose ids float64 and noise leave; None for others.

    double is the same model in float64; of beams, "distance" is how far its
    score is.
    """
    entries = outputs(model, sources, beam_size)
    exact = outputs(double, sources, beam_size)
    noisy = [outputs(model, sources, beam_size, seed) for seed in (1, 2)]
    stable = []
    for entry, *others in zip(entries, exact, *noisy):
        same = all(other["ids"] == entry["ids"] for other in others)
        if beam_size > 1:
            entry["distance"] = abs(entry["score"] - others[0]["score"])
        stable.append(entry if same and entry["ids"] else None)
    return stable


def stable_to(source, runs, double):
    """How far float64 is from the entries; None if any decision is a near tie.

    runs    the searches to try: functions of (model, source, processors) that
            give an entry, each paired with the float32 model and its entry.
    double  the same model in float64, whose ids must agree.

    The distance is the largest difference of a log-probability or score.
    """
    distance = 0.0
    for search, model, entry in runs:
        if entry.get("gap", 1.0) < NEAR_TIE:
            return None
        exact = search(double, source, None)
        if exact["ids"] != entry["ids"]:
            return None
        for seed in (1, 2):
            noise = LogitsProcessorList([Noise(seed)])
            if search(model, source, noise)["ids"] != entry["ids"]:
                return None
        for a, b in zip(_numbers(exact), _numbers(entry)):
            distance = max(distance, abs(a - b))
    return distance


def _numbers(entry):
    return entry["log_probs"] if "log_probs" in entry else [entry["score"]]


def states(model, source, target):
    """Encoder states [S, D], decoder states [T, D] and raw logits [T, V].

    The decoder is fed the start token and then all of target but its last id.
    """
    start = model.generation_config.decoder_start_token_id
    with torch.inference_mode():
        out = model(
            input_ids=torch.tensor([source]),
            decoder_input_ids=torch.tensor([[start] + target[:-1]]),
            output_hidden_states=True,
        )
    return (
        out.encoder_last_hidden_state[0].contiguous(),
        out.decoder_hidden_states[-1][0].contiguous(),
        out.logits[0].contiguous(),
    )


def _rounded(value):
    """Floats with the 9 digits that give a float32 back bit by bit."""
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, list):
        return [_rounded(v) for v in value]
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items() if k != "gap"}
    return value


def write_json(path, content):
    """Writes an object; each list in it gets a line an entry. Drops "gap"."""
    parts = []
    for key, value in _rounded(content).items():
        if isinstance(value, list):
            lines = ",\n".join(json.dumps(v, ensure_ascii=False) for v in value)
            text = f"[\n{lines}\n]"
        else:
            text = json.dumps(value, ensure_ascii=False)
        parts.append(f"{json.dumps(key)}: {text}")
    with open(path, "w", encoding="utf-8") as file:
        file.write("{\n" + ",\n".join(parts) + "\n}\n")


def write_tensors(path, tensors, **options):
    """Writes a safetensors file that everyone may read."""
    save_file(tensors, path, **options)
    os.chmod(path, 0o644)
