"""Hugging Face Transformers in float32 as the reference, with a cache."""

import hashlib
import json
import os

import torch
import transformers
from transformers import (
    LogitsProcessor,
    LogitsProcessorList,
    MarianMTModel,
    MarianTokenizer,
)

transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()


class Noise(LogitsProcessor):
    """Adds uniform noise of at most size / 2 to all scores."""

    def __init__(self, size, seed):
        self.size = size
        self.generator = torch.Generator().manual_seed(seed)

    def __call__(self, input_ids, scores):
        uniform = torch.rand(scores.shape, generator=self.generator)
        return scores + (uniform.to(scores.dtype) - 0.5) * self.size


class Reference:
    """A model folder in float32, and in float64 where evidence is wanted.

    Outputs are {"ids", "score", "text"}: ids with the final EOS and without the
    start token; score is sequences_scores for beams, and for greedy the sum of
    the log-probabilities.
    """

    def __init__(self, folder, cache=None):
        if not os.path.isdir(folder):
            raise SystemExit(f"{folder}: want a model folder, found none")
        torch.set_num_threads(1)  # the number of threads changes last bits
        self.folder = folder
        self.tokenizer = MarianTokenizer.from_pretrained(folder)
        self.models = {}
        self.cache_path = cache
        self.cache = self.read_cache()

    def model(self, dtype=torch.float32):
        if dtype not in self.models:
            model = MarianMTModel.from_pretrained(
                self.folder, dtype=dtype, attn_implementation="eager"
            )
            self.models[dtype] = model.eval()
        return self.models[dtype]

    def ids(self, line):
        return self.tokenizer(line).input_ids

    def outputs(self, lines, beam_size, batch_size=32):
        """One output a line, from the cache where it has them.

        Lines are translated in padded batches of like length. Padding changes
        last bits, so a line that disagrees deserves a look with output().
        """
        kept = self.cache.setdefault(str(beam_size), {})
        missing = sorted(
            {line for line in lines if line not in kept},
            key=lambda line: len(self.ids(line)),
        )
        for i in range(0, len(missing), batch_size):
            batch = missing[i : i + batch_size]
            kept.update(zip(batch, self.translate(batch, beam_size)))
        if missing:
            self.write_cache()
        return [kept[line] for line in lines]

    def output(self, line, beam_size, dtype=torch.float32, noise=None):
        """The output of a line alone, where nothing is padded."""
        (out,) = self.translate([line], beam_size, dtype, noise)
        return out

    def translate(self, lines, beam_size, dtype=torch.float32, noise=None):
        inputs = self.tokenizer(lines, padding=True, return_tensors="pt")
        with torch.inference_mode():
            out = self.model(dtype).generate(
                **inputs,
                num_beams=beam_size,
                return_dict_in_generate=True,
                output_scores=True,
                logits_processor=LogitsProcessorList([noise] if noise else []),
            )
        rows = [self.until_eos(row) for row in out.sequences[:, 1:].tolist()]
        if beam_size == 1:
            scores = greedy_scores(out.scores, rows)
        else:
            scores = out.sequences_scores.tolist()
        return [
            {"ids": ids, "score": score, "text": self.text(ids)}
            for ids, score in zip(rows, scores)
        ]

    def until_eos(self, ids):
        eos = self.tokenizer.eos_token_id
        return ids[: ids.index(eos) + 1] if eos in ids else ids

    def text(self, ids):
        return self.tokenizer.decode(ids, skip_special_tokens=True)

    def log_probs(self, line, target):
        """Log-probabilities [T, V] along a given output, in float64.

        The settings' bans are not applied; no decision between two real outputs
        depends on them.
        """
        model = self.model(torch.float64)
        start = model.generation_config.decoder_start_token_id
        with torch.inference_mode():
            logits = model(
                input_ids=torch.tensor([self.ids(line)]),
                decoder_input_ids=torch.tensor([[start] + target[:-1]]),
            ).logits[0]
        return torch.log_softmax(logits, -1)

    def fingerprint(self):
        """What outputs depend on: the folder's files and the program."""
        digest = hashlib.sha256()
        for name in sorted(os.listdir(self.folder)):
            if name.endswith((".safetensors", ".json", ".spm")):
                digest.update(name.encode())
                with open(os.path.join(self.folder, name), "rb") as file:
                    digest.update(file.read())
        return f"transformers {transformers.__version__}, {digest.hexdigest()}"

    def read_cache(self):
        cache = {"of": self.fingerprint()}
        if self.cache_path and os.path.exists(self.cache_path):
            with open(self.cache_path, encoding="utf-8") as file:
                stored = json.load(file)
            if stored.get("of") == cache["of"]:
                return stored
        return cache

    def write_cache(self):
        if self.cache_path:
            with open(self.cache_path, "w", encoding="utf-8") as file:
                json.dump(self.cache, file, ensure_ascii=False)


def greedy_scores(steps, rows):
    """Sums of log-probabilities; steps holds the scores [B, V] of each step."""
    sums = [0.0] * len(rows)
    for step, scores in enumerate(steps):
        log_probs = torch.log_softmax(scores, -1)
        for row, ids in enumerate(rows):
            if step < len(ids):
                sums[row] += log_probs[row, ids[step]].item()
    return sums
