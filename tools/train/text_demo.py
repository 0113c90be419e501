#!/usr/bin/env python3
"""Trains a demonstration of one of Hugging Face's families.

  text_demo.py t5 OUT       # reverses or sorts digits, as its prefix says
  text_demo.py bart OUT     # spells numbers out
  text_demo.py bart --test tests/tools/demo/bart.tsv    # its test, with answers

Minutes on one CPU core with Transformers' own classes. OUT is a folder as
save_pretrained writes it, weights in float16. The test texts are of strings
whose checksum keeps them from training (digits_task.py).
"""

import argparse
import json
import os
import random
import time

import torch
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    GenerationConfig,
    T5Config,
    T5ForConditionalGeneration,
)

import demo_tokenizers
import number_task
import prefix_task

TESTS = 500
TEST_SEED = 6


def t5_model(tokenizer, width):
    """The shape of T5 v1.1 and FLAN-T5: gated GELU, outputs of their own."""
    return T5ForConditionalGeneration(
        T5Config(
            vocab_size=-(-len(tokenizer) // 8) * 8,
            d_model=width,
            d_kv=16,
            num_heads=width // 16,
            d_ff=2 * width,
            num_layers=2,
            num_decoder_layers=2,
            feed_forward_proj="gated-gelu",
            tie_word_embeddings=False,
            dropout_rate=0.0,
            initializer_factor=0.3,
            decoder_start_token_id=0,
        )
    )


def bart_model(tokenizer, width):
    return BartForConditionalGeneration(
        BartConfig(
            vocab_size=len(tokenizer),
            max_position_embeddings=64,
            d_model=width,
            encoder_layers=2,
            decoder_layers=2,
            encoder_attention_heads=width // 16,
            decoder_attention_heads=width // 16,
            encoder_ffn_dim=4 * width,
            decoder_ffn_dim=4 * width,
            dropout=0.0,
            scale_embedding=False,
        )
    )


# What generate() does with a folder that says nothing else.
T5_SEARCH = {"num_beams": 1}
BART_SEARCH = {
    "num_beams": 4,
    "bos_token_id": 0,
    "forced_bos_token_id": 0,
    "forced_eos_token_id": 2,
    "min_length": 3,  # behind </s> <s>, one token at least
}

FAMILIES = {
    "t5": (prefix_task, demo_tokenizers.t5, t5_model, T5_SEARCH),
    "bart": (number_task, demo_tokenizers.bart, bart_model, BART_SEARCH),
}


def different(task, generator, part, count):
    found = {}
    while len(found) < count:
        found[task.texts(generator, part)] = None
    return list(found)


class Training:
    """One run: model, optimiser, schedule and log."""

    def __init__(self, args):
        self.args = args
        self.task, tokenizer, model, search = FAMILIES[args.family]
        os.makedirs(args.out, exist_ok=True)
        self.tokenizer = tokenizer(self.task, args.out)
        self.generator = random.Random(args.seed)
        self.dev = different(self.task, self.generator, "dev", 200)
        self.model = model(self.tokenizer, args.d)
        config = self.model.config
        self.model.generation_config = GenerationConfig(
            max_length=1 + self.task.NEW_TOKENS,
            pad_token_id=config.pad_token_id,
            eos_token_id=config.eos_token_id,
            decoder_start_token_id=config.decoder_start_token_id,
            **search,
        )
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), betas=(0.9, 0.98), weight_decay=0.01
        )
        self.log = []
        self.start = time.process_time()

    def update(self, step):
        """One step of the optimiser. Returns the loss."""
        args = self.args
        rate = args.lr * min(step / args.warmup, (1 - step / args.steps) / 0.8, 1)
        for group in self.optimizer.param_groups:
            group["lr"] = max(rate, 0)
        sources = [
            self.task.texts(self.generator, "train") for _ in range(args.batch)
        ]
        answers = [self.task.answer(source) for source in sources]
        batch = self.tokenizer(
            sources, text_target=answers, padding=True, return_tensors="pt"
        )
        labels = batch["labels"]
        labels[labels == self.tokenizer.pad_token_id] = -100
        loss = self.model(**batch).loss
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        return loss.item()

    def exact(self, sources):
        """The share of sources that get their very answer, greedy."""
        self.model.eval()
        batch = self.tokenizer(sources, padding=True, return_tensors="pt")
        with torch.inference_mode():
            outputs = self.model.generate(
                input_ids=batch["input_ids"],
                attention_mask=batch["attention_mask"],
                num_beams=1,
            )
        found = self.tokenizer.batch_decode(outputs, skip_special_tokens=True)
        self.model.train()
        pairs = zip(found, sources)
        right = sum(text == self.task.answer(source) for text, source in pairs)
        return right / len(sources)

    def report(self, step, loss):
        minutes = (time.process_time() - self.start) / 60
        self.log.append(
            {
                "step": step,
                "cpu_minutes": round(minutes, 1),
                "loss": round(loss, 5),
                "dev_exact": self.exact(self.dev),
            }
        )
        print(self.log[-1], flush=True)

    def save(self):
        """Writes the folder and tests the weights as stored."""
        out = self.args.out
        self.model.half().save_pretrained(out)
        self.model.float()
        tests = different(
            self.task, random.Random(TEST_SEED), "test", TESTS
        )
        tested = self.exact(tests)
        print(f"test: {tested:.1%} exact")
        options = {k: v for k, v in vars(self.args).items() if k in SAVED}
        notes = {
            "options": options,
            "log": self.log,
            "test_texts": TESTS,
            "test_exact": tested,
        }
        with open(f"{out}/training.json", "w", encoding="utf-8") as file:
            json.dump(notes, file, indent=1)
            file.write("\n")
        for name in os.listdir(out):
            os.chmod(f"{out}/{name}", 0o644)

    def run(self):
        size = sum(weight.numel() for weight in self.model.parameters())
        print(f"{self.args.family}: {size} parameters", flush=True)
        for step in range(1, self.args.steps + 1):
            loss = self.update(step)
            if step % self.args.report == 0:
                self.report(step, loss)
        self.save()


SAVED = ("family", "d", "steps", "batch", "lr", "warmup", "seed")


def write_test(family, path):
    """The test's sources and answers, a pair a line."""
    task = FAMILIES[family][0]
    tests = different(task, random.Random(TEST_SEED), "test", TESTS)
    with open(path, "w", encoding="ascii") as file:
        file.writelines(f"{text}\t{task.answer(text)}\n" for text in tests)


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("family", choices=FAMILIES)
    add("out", nargs="?", help="model folder to write")
    add("--test", metavar="TSV", help="write the test's pairs, train nothing")
    add("--d", type=int, default=96, help="model width")
    add("--steps", type=int, default=4000)
    add("--batch", type=int, default=64, help="texts")
    add("--lr", type=float, default=2e-3, help="highest learning rate")
    add("--warmup", type=int, default=300, help="steps")
    add("--report", type=int, default=500, help="steps from one to the next")
    add("--seed", type=int, default=1)
    args = parser.parse_args()
    if not args.out and not args.test:
        parser.error("want a folder to write, or --test")
    return args


def main():
    args = parse_arguments()
    if args.test:
        return write_test(args.family, args.test)
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    Training(args).run()


if __name__ == "__main__":
    main()
