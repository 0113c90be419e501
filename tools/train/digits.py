#!/usr/bin/env python3
"""Trains a demonstration of the family tessera_transformer on digit strings.

  digits.py vanilla OUT      # or weighted, additive, relu

Each is a form of attention on a task with an exact answer: RECIPES. Minutes on
one CPU core; OUT is ready for `tessera translate --model OUT`. The test strings
are those of digits_task.py, which training never sees.
"""

import argparse
import random
import time

import torch
import torch.nn.functional as F

import digits_folder
import digits_task as task
from digits_model import Transformer, nearest_on_simplex

RECIPES = {
    "vanilla": {"task": "reverse"},
    "weighted": {"task": "reverse", "branches": "paper", "branch_ffn": "split"},
    "additive": {"task": "reverse", "score": "additive"},
    "relu": {"task": "sort", "normaliser": "relu", "norm_position": "pre"},
}
DEFAULTS = {
    "norm_position": "post",
    "score": "scaled_dot",
    "normaliser": "softmax",
    "branches": "none",
}
DEV_STRINGS = 200


def config_of(args):
    """config.json of a recipe; sizes come from the command line."""
    recipe = {k: v for k, v in RECIPES[args.recipe].items() if k != "task"}
    words = len(task.WORDS)
    return {
        "model_type": "tessera_transformer",
        "d_model": args.d,
        "num_heads": args.heads,
        "ffn_dim": args.ffn,
        "encoder_layers": args.enc,
        "decoder_layers": args.dec,
        "source_vocab_size": words,
        "target_vocab_size": words,
        "max_source_positions": task.LONGEST + 1,
        "max_target_positions": task.LONGEST + 1,
        "pad_token_id": task.PAD,
        **DEFAULTS,
        **recipe,
    }


def greedy(model, texts):
    """The model's answers: ids up to the first end, as text."""
    source = task.padded([task.ids(text) for text in texts])
    outputs = torch.full((len(texts), 1), task.START)
    with torch.inference_mode():
        states = model.encode(source)
        for _ in range(task.LONGEST + 1):
            logits = model.decode(source, states, outputs)
            outputs = torch.cat([outputs, logits[:, -1:].argmax(-1)], 1)
    return [task.text_of(row[1:]) for row in outputs.tolist()]


def exact(model, name, texts):
    """The share of strings that get their very answer."""
    model.eval()
    pairs = zip(greedy(model, texts), texts)
    right = sum(answer == task.TASKS[name](text) for answer, text in pairs)
    model.train()
    return right / len(texts)


class Training:
    """One run: model, optimiser, schedule and log."""

    def __init__(self, args):
        self.args = args
        self.task = RECIPES[args.recipe]["task"]
        self.generator = random.Random(args.seed)
        self.dev = task.different(self.generator, "dev", DEV_STRINGS)
        self.model = Transformer(config_of(args))
        self.mixtures = list(self.model.mixtures())
        known = {id(weights) for weights in self.mixtures}
        others = [p for p in self.model.parameters() if id(p) not in known]
        self.optimizer = torch.optim.Adam(
            [{"params": others}, {"params": self.mixtures}],
            betas=(0.9, 0.98),
            eps=1e-9,
            fused=True,
        )
        self.step = 0
        self.log = []
        self.start = time.process_time()

    def rates(self):
        """Learning rates: of weights; of kappa and alpha.

        The latter is that of Ahmed et al., at rest in the last tenth.
        """
        args, done = self.args, self.step / self.args.steps
        rate = args.lr * min(self.step / args.warmup, (1 - done) / 0.9, 1)
        scale = (args.d / args.enc) ** -0.5
        fast = scale * min(self.step**-0.5, self.step * 400**-1.5)
        return rate, fast if done < 0.9 else 0

    def update(self):
        """One step of the optimiser. Returns the loss."""
        self.step += 1
        for group, rate in zip(self.optimizer.param_groups, self.rates()):
            group["lr"] = rate
        texts = [
            task.draw(self.generator, "train") for _ in range(self.args.batch)
        ]
        source, inputs, labels = task.batch(self.task, texts)
        logits = self.model(source, inputs)
        loss = F.cross_entropy(
            logits.flatten(0, 1),
            labels.flatten(),
            ignore_index=task.PAD,
            label_smoothing=self.args.smoothing,
        )
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        with torch.no_grad():
            for weights in self.mixtures:
                weights.copy_(nearest_on_simplex(weights))
        return loss.item()

    def report(self, loss):
        minutes = (time.process_time() - self.start) / 60
        self.log.append(
            {
                "step": self.step,
                "cpu_minutes": round(minutes, 1),
                "loss": round(loss, 5),
                "dev_exact": exact(self.model, self.task, self.dev),
            }
        )
        print(self.log[-1], flush=True)

    def save(self):
        """Rounds the weights to those stored, tests them, writes the folder."""
        self.model.load_state_dict(digits_folder.rounded(self.model))
        tested = exact(self.model, self.task, task.test_strings())
        print(f"test: {tested:.1%} exact")
        options = {k: v for k, v in vars(self.args).items() if k != "out"}
        notes = {
            "task": self.task,
            "options": options,
            "log": self.log,
            "test_strings": task.TEST_STRINGS,
            "test_exact": tested,
        }
        digits_folder.export(
            self.model, self.args.out, config_of(self.args), notes
        )

    def run(self):
        size = sum(weight.numel() for weight in self.model.parameters())
        print(f"{self.args.recipe}: {self.task}, {size} parameters")
        while self.step < self.args.steps:
            loss = self.update()
            if self.step % self.args.report == 0:
                self.report(loss)
        self.save()


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("recipe", choices=RECIPES)
    add("out", help="model folder to write")
    add("--d", type=int, default=64, help="model width")
    add("--ffn", type=int, default=256, help="feed-forward width")
    add("--heads", type=int, default=4)
    add("--enc", type=int, default=2, help="encoder layers")
    add("--dec", type=int, default=2, help="decoder layers")
    add("--steps", type=int, default=3000)
    add("--batch", type=int, default=64, help="strings")
    add("--lr", type=float, default=1e-3, help="highest learning rate")
    add("--warmup", type=int, default=400, help="steps")
    add("--smoothing", type=float, default=0.0, help="of labels")
    add("--report", type=int, default=500, help="steps from one to the next")
    add("--seed", type=int, default=1)
    return parser.parse_args()


def main():
    args = parse_arguments()
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    Training(args).run()


if __name__ == "__main__":
    main()
