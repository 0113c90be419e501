#!/usr/bin/env python3
"""Trains a small Transformer on sentence pairs into a Hugging Face folder.

  tokenizer.py train.tsv spm                               # once: spm.model
  train.py train.tsv dev.tsv spm.model OUT --minutes 100 --held-out test.tsv

The files hold source<TAB>target lines. Each epoch is augmented anew (augment.py);
no pair of it holds a sentence of the dev or held-out files, or a variant of one.
The learning rate rises over the warm-up and falls to zero with the time given, so
one run is one schedule; --start-from goes on from a folder with a schedule of its
own, and --keep 0.4 gives its weights that share in the mean of checkpoints, so
that less is forgotten. Every --save seconds the dev file is tried with the
weights and with the mean of the last --average checkpoints; OUT keeps the best so
far, and loads in Transformers and in Tessera as it is. After --patience
checkpoints that were no better the run ends. A run that was stopped, by Ctrl-C or
SIGTERM, goes on with --resume and the same options.
"""

import argparse
import collections
import json
import os
import random
import signal
import time

import sentencepiece as spm
import torch
import torch.nn.functional as F

import batches
from augment import add_share_option, read_pairs
from folder import export, read_notes, restore
from held_out import HeldOut, add_options
from model import Transformer

REPORT_STEPS = 100
EVALUATION_TOKENS = 8000


def evaluate(model, dev, device):
    """(cross-entropy a token, likeness of encoder states at two positions).

    A likeness near 1 means that the encoder has collapsed.
    """
    model.eval()
    loss = count = 0
    likeness = []
    with torch.inference_mode():
        for batch in dev:
            source, labels = on_device(batch, device)
            logits = model(source, labels).flatten(0, 1)
            labels = labels.flatten()
            loss += cross_entropy(logits, labels, reduction="sum").item()
            count += (labels >= 0).sum().item()
            if len(likeness) < 20 and source.shape[1] > 4:
                states = F.normalize(model.encode(source[:8]), dim=-1)
                cosine = (states[:, 0] * states[:, 3]).sum(-1)
                likeness.append(cosine.mean().item())
    model.train()
    return loss / count, sum(likeness) / max(len(likeness), 1)


def cross_entropy(logits, labels, **options):
    return F.cross_entropy(
        logits.float(), labels, ignore_index=batches.NOT_COUNTED, **options
    )


def on_device(batch, device):
    return [torch.from_numpy(ids).to(device).long() for ids in batch]


def mean(states):
    """The mean of several state dictionaries."""
    return {
        name: torch.stack([state[name] for state in states]).mean(0)
        for name in states[0]
    }


def mixed(a, b, share):
    """Of two state dictionaries, a share of the first, the rest the second."""
    return {name: share * a[name] + (1 - share) * b[name] for name in a}


def copied(model):
    return {name: t.detach().clone() for name, t in model.state_dict().items()}


class Training:
    """One run: model, optimiser, schedule, checkpoints and log."""

    def __init__(self, args):
        self.args = args
        self.pieces = spm.SentencePieceProcessor(model_file=args.spm)
        self.padding = self.pieces.get_piece_size()
        self.drawer = batches.Drawer(self.recipe())
        self.dev = self.read_dev()
        self.model = Transformer(
            self.padding + 1,
            args.d,
            args.heads,
            args.ffn,
            args.enc,
            args.dec,
            args.dropout,
        ).to(args.device)
        self.earlier = []
        if args.start_from:
            restore(self.model, args.start_from)
            self.earlier = read_notes(args.start_from)["legs"]
        self.origin = copied(self.model)
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(),
            lr=args.lr,
            betas=(0.9, 0.98),
            eps=1e-9,
            weight_decay=0.01,
            fused=True,
        )
        self.step = self.epoch = self.seen = self.worse = 0
        self.done = 0  # batches of the epoch that is under way
        self.stopped = False
        self.best = float("inf")
        self.log = []
        self.checkpoints = collections.deque(maxlen=args.average)
        self.spent = 0.0  # seconds of earlier runs that this one resumes
        if args.resume:
            self.load_state()
        self.start = time.time()

    def recipe(self):
        args = self.args
        return batches.Recipe(
            train=args.train,
            spm=args.spm,
            held_out=[args.dev, *args.held_out],
            lines=args.held_out_lines,
            unmade=args.unmade,
            seed=args.seed,
            tokens=args.tokens,
            longest=args.longest,
            plain=args.plain,
            more=tuple(args.more),
            shares=dict(args.shares) if args.shares else None,
        )

    def read_dev(self):
        pairs, _ = read_pairs(self.args.dev, HeldOut([]))
        pairs = batches.encoded_pairs(self.pieces, pairs, self.args.longest)
        return batches.batches(pairs, EVALUATION_TOKENS, self.padding)

    def minutes(self):
        return (self.spent + time.time() - self.start) / 60

    def left(self):
        """The share of the time that is left."""
        return 1 - self.minutes() / self.args.minutes

    def autocast(self):
        device = torch.device(self.args.device).type
        enabled = device == "cuda" or self.args.bfloat16
        return torch.autocast(device, torch.bfloat16, enabled=enabled)

    def update(self, batch):
        """One step of the optimiser. Returns the loss."""
        self.step += 1
        warm = self.step / self.args.warmup
        rate = self.args.lr * min(warm, max(self.left(), 0) / 0.9, 1)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        source, labels = on_device(batch, self.args.device)
        with self.autocast():
            logits = self.model(source, labels)
        loss = cross_entropy(
            logits.flatten(0, 1),
            labels.flatten(),
            label_smoothing=self.args.smoothing,
        )
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.seen += int((batch[1] >= 0).sum())
        return loss

    def report(self, loss):
        rate = self.seen / (60 * self.minutes())
        print(
            f"step {self.step} epoch {self.epoch + 1} loss {loss.item():.3f} "
            f"{rate:.0f} target tokens/s, "
            f"{self.args.minutes * self.left():.1f} minutes left",
            flush=True,
        )

    def save(self):
        """Tries the weights and their mean on the dev file; keeps the best."""
        own = copied(self.model)
        self.checkpoints.append(own)
        found = {
            "weights": (own, *evaluate(self.model, self.dev, self.args.device))
        }
        if len(self.checkpoints) > 1:
            averaged = mean(list(self.checkpoints))
            averaged = mixed(self.origin, averaged, self.args.keep)
            self.model.load_state_dict(averaged)
            found["mean"] = (
                averaged,
                *evaluate(self.model, self.dev, self.args.device),
            )
        name = min(found, key=lambda n: found[n][1])
        state, loss, likeness = found[name]
        self.log.append(
            {
                "step": self.step,
                "epoch": self.epoch + 1,
                "minutes": round(self.minutes(), 1),
                "of": name,
                "dev_cross_entropy": round(loss, 4),
                "encoder_likeness": round(likeness, 3),
            }
        )
        print(self.log[-1], flush=True)
        early = 1 - self.left() < self.args.choose_from
        self.worse += not early
        if early or loss < self.best:
            self.best, self.worse = float("inf") if early else loss, 0
            self.model.load_state_dict(state)
            export(self.model, self.args, self.pieces, self.notes())
        self.model.load_state_dict(own)
        self.save_state()

    def notes(self):
        """What training.json shall tell: of this run and of those before."""
        paths = ("train", "dev", "spm", "out", "start_from", "held_out")
        paths += ("held_out_lines", "unmade", "more", "resume")
        options = {k: v for k, v in vars(self.args).items() if k not in paths}
        leg = {
            "options": options,
            "pairs": len(self.drawer.pairs),
            "pairs_held_out": self.drawer.left_out,
            "steps": self.step,
            "epochs": self.epoch + 1,
            "target_tokens_seen": self.seen,
            "log": self.log,
        }
        return {"legs": [*self.earlier, leg]}

    def state_path(self):
        return f"{self.args.out}.state"

    def save_state(self):
        """What --resume goes on from, beside the folder."""
        path = self.state_path()
        torch.save(
            {
                "model": self.model.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "checkpoints": list(self.checkpoints),
                "counts": self.counts(),
                "best": self.best,
                "log": self.log,
                "spent": self.spent + time.time() - self.start,
            },
            path + ".new",
        )
        os.replace(path + ".new", path)

    def counts(self):
        return self.step, self.epoch, self.done, self.seen, self.worse

    def load_state(self):
        """The epoch that was under way goes on where it was left."""
        state = torch.load(self.state_path(), map_location=self.args.device)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.checkpoints.extend(state["checkpoints"])
        self.step, self.epoch, self.done, self.seen, self.worse = state[
            "counts"
        ]
        self.best, self.log = state["best"], state["log"]
        self.spent = state["spent"]

    def stop(self, *_):
        self.stopped = True

    def over(self):
        late = self.left() <= 0 or self.worse >= self.args.patience
        return late or self.stopped

    def train(self, batch):
        loss = self.update(batch)
        self.done += 1
        if self.step % REPORT_STEPS == 0:
            self.report(loss)
        if time.time() - self.saved > self.args.save:
            self.save()
            self.saved = time.time()

    def run(self):
        size = sum(weight.numel() for weight in self.model.parameters())
        print(
            f"{len(self.drawer.pairs)} pairs, {self.drawer.left_out} held out, "
            f"{size / 1e6:.1f} M parameters",
            flush=True,
        )
        self.model.train()
        self.start = self.saved = time.time()
        for drawn in batches.epochs(self.drawer, self.epoch, self.args.workers):
            for batch in drawn[self.done :]:
                if self.over():
                    break
                self.train(batch)
            if self.over():
                break
            self.epoch, self.done = self.epoch + 1, 0
        if self.stopped:
            self.save_state()
            print(f"stopped at step {self.step}; --resume goes on")
            return
        self.save()
        print(json.dumps(self.log[-1]), f"{self.seen} target tokens")


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
    add(
        "--keep",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="of the weights started from, in the mean of the checkpoints",
    )
    add("--resume", action="store_true", help="from OUT.state")
    add("--more", nargs="*", default=[], metavar="TSV", help="more pairs")
    add_options(add)
    add_share_option(add)
    add("--plain", action="store_true", help="no augmentation")
    add("--device", default="cpu", help="cpu or cuda, with bfloat16 there")
    add("--bfloat16", action="store_true", help="on the CPU too")
    add("--threads", type=int, default=os.cpu_count(), help="of the CPU")
    add("--workers", type=int, default=1, help="processes that draw epochs")
    add("--d", type=int, default=256, help="model width")
    add("--ffn", type=int, default=1024, help="feed-forward width")
    add("--heads", type=int, default=4)
    add("--enc", type=int, default=6, help="encoder layers")
    add("--dec", type=int, default=3, help="decoder layers")
    add("--dropout", type=float, default=0.1)
    add("--tokens", type=int, default=2500, help="ids a side of a batch")
    add("--lr", type=float, default=9e-4, help="highest learning rate")
    add("--warmup", type=int, default=800, help="steps")
    add("--smoothing", type=float, default=0.1, help="of labels")
    add("--longest", type=int, default=160, help="ids; leaves out longer pairs")
    add("--save", type=float, default=480, help="seconds between checkpoints")
    add("--average", type=int, default=5, help="checkpoints to average")
    add(
        "--choose-from",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="of the time: OUT keeps the latest before, the best after",
    )
    add("--patience", type=int, default=8, help="checkpoints without progress")
    add("--languages", nargs=2, default=["en", "fr"], metavar="CODE")
    add("--seed", type=int, default=1)
    return parser.parse_args()


def main():
    args = parse_arguments()
    random.seed(args.seed)
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    training = Training(args)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, training.stop)
    training.run()


if __name__ == "__main__":
    main()
