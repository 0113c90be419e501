#!/usr/bin/env python3
"""Trains a small Transformer on sentence pairs into a Hugging Face folder.

  tokenizer.py train.tsv spm                               # once: spm.model
  train.py train.tsv dev.tsv spm.model OUT --minutes 100

The files hold source<TAB>target lines. The learning rate rises over the warm-up
and falls to zero with the time given, so one run is one schedule; --start-from
goes on from a folder with a schedule of its own. OUT is written every 8 minutes
and at the end, and loads in Transformers and in Tessera as it is.
"""

import argparse
import itertools
import os
import random
import time

import sentencepiece as spm
import torch
import torch.nn.functional as F

from folder import export, restore
from model import Transformer

SAVE_SECONDS = 480


def read_pairs(path, pieces, longest):
    """[(source ids, target ids)], each ending with EOS, id 0."""
    pairs = []
    with open(path, encoding="utf-8") as file:
        for line in file:
            source, target = line.rstrip("\n").split("\t")[:2]
            pair = (pieces.encode(source) + [0], pieces.encode(target) + [0])
            if max(len(side) for side in pair) <= longest:
                pairs.append(pair)
    return pairs


def group_pairs(pairs, tokens, shuffle):
    """Batches of one source length, of at most tokens target ids each."""

    def key(pair):
        source, target = pair
        jitter = random.random() * 3 if shuffle else 0
        return len(source), len(target) + jitter

    groups = []
    ordered = sorted(pairs, key=key)
    for _, same in itertools.groupby(ordered, lambda pair: len(pair[0])):
        group, longest = [], 0
        for pair in same:
            longest = max(longest, len(pair[1]))
            if group and (len(group) + 1) * longest > tokens:
                groups.append(group)
                group, longest = [], len(pair[1])
            group.append(pair)
        groups.append(group)
    if shuffle:
        random.shuffle(groups)
    return groups


def batches(pairs, tokens, padding, shuffle):
    """Yields source [B, S], inputs [B, T], labels [B, T] (padding: -1)."""
    for group in group_pairs(pairs, tokens, shuffle):
        longest = max(len(target) for _, target in group)
        inputs = torch.full((len(group), longest), padding)
        labels = torch.full((len(group), longest), -1)
        for row, (_, target) in enumerate(group):
            ids = torch.tensor(target)
            inputs[row, 1 : len(ids)] = ids[:-1]
            labels[row, : len(ids)] = ids
        yield torch.tensor([source for source, _ in group]), inputs, labels


def evaluate(model, pairs, padding):
    """(cross-entropy a token, likeness of encoder states at two positions).

    A likeness near 1 means that the encoder has collapsed.
    """
    model.eval()
    loss = count = 0
    likeness = []
    with torch.inference_mode():
        for source, inputs, labels in batches(pairs, 4000, padding, False):
            logits, labels = model(source, inputs, labels)
            loss += F.cross_entropy(logits, labels, reduction="sum").item()
            count += len(labels)
            if len(likeness) < 20 and source.shape[1] > 4:
                states = F.normalize(model.encode(source[:8]), dim=-1)
                cosine = (states[:, 0] * states[:, 3]).sum(-1)
                likeness.append(cosine.mean().item())
    model.train()
    return loss / count, sum(likeness) / max(len(likeness), 1)


class Training:
    """One run: model, optimiser, schedule and log."""

    def __init__(self, args):
        self.args = args
        self.pieces = spm.SentencePieceProcessor(model_file=args.spm)
        self.padding = self.pieces.get_piece_size()
        self.train = read_pairs(args.train, self.pieces, args.longest)
        self.dev = read_pairs(args.dev, self.pieces, args.longest)
        self.model = Transformer(
            self.padding + 1,
            args.d,
            args.heads,
            args.ffn,
            args.enc,
            args.dec,
            args.dropout,
        )
        if args.start_from:
            restore(self.model, args.start_from)
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(),
            lr=args.lr,
            betas=(0.9, 0.98),
            eps=1e-9,
            weight_decay=0.01,
            fused=True,
        )
        self.step = self.epoch = self.seen = 0
        self.log = []
        self.start = time.time()

    def minutes(self):
        return (time.time() - self.start) / 60

    def left(self):
        """The share of the time that is left."""
        return 1 - self.minutes() / self.args.minutes

    def update(self, source, inputs, labels):
        """One step of the optimiser. Returns the loss."""
        self.step += 1
        warm = self.step / self.args.warmup
        rate = self.args.lr * min(warm, max(self.left(), 0) / 0.9, 1)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        logits, labels = self.model(source, inputs, labels)
        loss = F.cross_entropy(
            logits, labels, label_smoothing=self.args.smoothing
        )
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.seen += len(labels)
        return loss.item()

    def report(self, loss):
        rate = self.seen / (60 * self.minutes())
        print(
            f"step {self.step} epoch {self.epoch} loss {loss:.3f} "
            f"{rate:.0f} target tokens/s, "
            f"{self.args.minutes * self.left():.0f} minutes left",
            flush=True,
        )

    def save(self):
        """Evaluates on the dev file and writes the folder."""
        loss, likeness = evaluate(self.model, self.dev, self.padding)
        self.log.append(
            {
                "step": self.step,
                "epoch": self.epoch,
                "minutes": round(self.minutes(), 1),
                "dev_cross_entropy": round(loss, 4),
                "encoder_likeness": round(likeness, 3),
            }
        )
        print(self.log[-1], flush=True)
        paths = ("train", "dev", "spm", "out", "start_from")
        options = {k: v for k, v in vars(self.args).items() if k not in paths}
        notes = {
            "options": options,
            "pairs": len(self.train),
            "steps": self.step,
            "epochs": self.epoch,
            "target_tokens_seen": self.seen,
            "log": self.log,
        }
        export(self.model, self.args, self.pieces, notes)

    def run(self):
        size = sum(weight.numel() for weight in self.model.parameters())
        print(f"{len(self.train)} pairs, {size / 1e6:.1f} M parameters")
        self.model.train()
        saved = self.start = time.time()
        while self.left() > 0:
            self.epoch += 1
            for batch in batches(
                self.train, self.args.tokens, self.padding, True
            ):
                if self.left() <= 0:
                    break
                loss = self.update(*batch)
                if self.step % 100 == 0:
                    self.report(loss)
                if time.time() - saved > SAVE_SECONDS:
                    self.save()
                    saved = time.time()
        self.save()


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("train", help="pairs to train on, source<TAB>target")
    add("dev", help="pairs to evaluate on")
    add("spm", help="the vocabulary that tokenizer.py wrote")
    add("out", help="model folder to write")
    add("--minutes", type=float, default=100)
    add("--start-from", metavar="DIR", help="a folder written earlier")
    add("--d", type=int, default=256, help="model width")
    add("--ffn", type=int, default=1024, help="feed-forward width")
    add("--heads", type=int, default=4)
    add("--enc", type=int, default=6, help="encoder layers")
    add("--dec", type=int, default=3, help="decoder layers")
    add("--dropout", type=float, default=0.1)
    add("--tokens", type=int, default=2500, help="target tokens a batch")
    add("--lr", type=float, default=9e-4, help="highest learning rate")
    add("--warmup", type=int, default=800, help="steps")
    add("--smoothing", type=float, default=0.1, help="of labels")
    add("--longest", type=int, default=64, help="ids; leaves out longer pairs")
    add("--languages", nargs=2, default=["en", "fr"], metavar="CODE")
    add("--seed", type=int, default=1)
    return parser.parse_args()


def main():
    args = parse_arguments()
    random.seed(args.seed)
    torch.manual_seed(args.seed)
    torch.set_num_threads(os.cpu_count())
    Training(args).run()


if __name__ == "__main__":
    main()
