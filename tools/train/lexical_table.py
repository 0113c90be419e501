#!/usr/bin/env python3
"""Learns which target tokens translate a source token, from sentence pairs.

    lexical_table.py train.tsv my-model lex.s2t
    tessera translate --model my-model --shortlist lex.s2t

The pairs are cut into tokens by the folder's own tokenizer. IBM's model 1
(Brown et al. 1993, "The Mathematics of Statistical Machine Translation") gives
p(target | source); lines are "target source probability", as Marian has them.
Those of NULL hold the share that frequent targets have of all.

    posterior[s | t, pair] = p(t | s) / sum of p(t | s') over the pair's sources
    p(t | s)               = posteriors of s and t / posteriors of s
"""

import argparse
import sys

import numpy as np
import transformers

import held_out

NULL = 0  # sources are numbered from 1
WIDTH = 1 << 20  # above all target ids: a key is source * WIDTH + target
CHUNK = 20_000  # pairs


def read_pairs(path, most):
    """At most so many pairs of a file, spread over it."""
    rows = held_out.read_columns(path)
    for number, row in enumerate(rows, 1):
        if len(row) < 2:
            sys.exit(f"{path}:{number}: want source<TAB>target, found {row}")
    step = max(1, len(rows) / most)
    return [rows[int(i * step)][:2] for i in range(int(len(rows) / step))]


def token_ids(tokenizer, texts, side):
    """The ids of each text without control tokens; side: text, text_target."""
    control = tokenizer.all_special_ids
    ids = tokenizer(**{side: texts}, add_special_tokens=False)["input_ids"]
    rows = [np.array(row, np.int64) for row in ids]
    return [row[~np.isin(row, control)] for row in rows]


class Chunk:
    """Pairs as runs of keys: a run a target token, with all sources of it."""

    def __init__(self, sources, targets):
        keys, runs = [], []
        for ours, theirs in zip(sources, targets):
            ours = np.append(ours + 1, NULL)
            keys.append((ours[None, :] * WIDTH + theirs[:, None]).ravel())
            runs.append(np.full(len(theirs), len(ours)))
        self.keys = np.concatenate(keys)
        self.runs = np.concatenate(runs)

    def number(self, all_keys):
        """Keys become their places among all of them."""
        self.keys = np.searchsorted(all_keys, self.keys).astype(np.int32)

    def add_posteriors(self, probabilities, counts):
        p = probabilities[self.keys]
        starts = np.cumsum(self.runs) - self.runs
        p /= np.repeat(np.add.reduceat(p, starts), self.runs)
        counts += np.bincount(self.keys, p, len(counts))


def learn(chunks, iterations):
    """Sorted keys and their p(target | source)."""
    keys = np.unique(np.concatenate([np.unique(c.keys) for c in chunks]))
    for chunk in chunks:
        chunk.number(keys)
    sources = keys // WIDTH
    probabilities = np.ones(len(keys))
    for _ in range(iterations):
        counts = np.zeros(len(keys))
        for chunk in chunks:
            chunk.add_posteriors(probabilities, counts)
        totals = np.bincount(sources, counts)
        probabilities = counts / np.maximum(totals[sources], 1e-300)
    return keys, probabilities


def best_of_each(keys, probabilities, options):
    """(source, target, probability), best first, of sources but NULL."""
    order = np.lexsort((keys, -probabilities, keys // WIDTH))
    last, rank = -1, 0
    for i in order:
        source, target = divmod(int(keys[i]), WIDTH)
        rank = rank + 1 if source == last else 1
        last = source
        if source == NULL or rank > options.best:
            continue
        if probabilities[i] >= options.least:
            yield source - 1, target, probabilities[i]


def frequent(counts, most):
    """(target, share of all) of the most frequent targets."""
    order = np.argsort(-counts, kind="stable")[:most]
    return [(int(t), counts[t] / counts.sum()) for t in order if counts[t] > 0]


def write(path, entries, common, tokenizer):
    """As text; returns the lines."""
    pieces = source_pieces = tokenizer.convert_ids_to_tokens
    if getattr(tokenizer, "separate_vocabs", False):  # Marian's: that is target
        source_pieces = {i: p for p, i in tokenizer.encoder.items()}.get
    sources = {s: source_pieces(s) for s, _, _ in entries}
    lines = [f"{pieces(t)} NULL {p:.6g}\n" for t, p in common]
    lines += [f"{pieces(t)} {sources[s]} {p:.6g}\n" for s, t, p in entries]
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(lines)
    return len(lines)


def parse(argv):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    add = parser.add_argument
    add("pairs", help="source<TAB>target a line")
    add("model", help="Hugging Face folder")
    add("table", help="file to write")
    add("--best", type=int, default=100, help="targets of a source")
    add("--least", type=float, default=1e-3, help="their least probability")
    add("--frequent", type=int, default=1000, help="targets of NULL")
    add("--iterations", type=int, default=5)
    add("--most", type=int, default=500_000, help="pairs, spread over the file")
    add("--source-lang", help="of models with many languages")
    add("--target-lang")
    return parser.parse_args(argv)


def main(argv=None):
    options = parse(argv)
    languages = {}
    if options.source_lang:
        languages["src_lang"] = options.source_lang
    if options.target_lang:
        languages["tgt_lang"] = options.target_lang
    tokenizer = transformers.AutoTokenizer.from_pretrained(
        options.model, **languages
    )
    pairs = read_pairs(options.pairs, options.most)
    chunks, counts = [], np.zeros(WIDTH)
    for begin in range(0, len(pairs), CHUNK):
        sources, targets = zip(*pairs[begin : begin + CHUNK])
        targets = token_ids(tokenizer, list(targets), "text_target")
        sources = token_ids(tokenizer, list(sources), "text")
        chunks.append(Chunk(sources, targets))
        counts += np.bincount(np.concatenate(targets), minlength=WIDTH)
    keys, probabilities = learn(chunks, options.iterations)
    entries = list(best_of_each(keys, probabilities, options))
    common = frequent(counts, options.frequent)
    lines = write(options.table, entries, common, tokenizer)
    print(f"{options.table}: {lines} lines of {len(pairs)} pairs")


if __name__ == "__main__":
    main()
