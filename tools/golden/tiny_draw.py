"""What tiny random models are asked, and when they are lively enough to tell
models apart.

Outputs must differ between sources, and some end by themselves while others
reach max_length.
"""

import itertools
import random

import torch

# Source lengths, final EOS included: 1, and both sides of 8 and of 16. All come
# once, then again.
LENGTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 15, 16, 17, 19, 22, 26, 30]
TRIED = 120  # some are near ties


def make_sources(words, end, seed):
    """TRIED lists of these ids, `end` the last of each."""
    choose = random.Random(seed)
    lengths = itertools.islice(itertools.cycle(LENGTHS), TRIED)
    return [choose.choices(words, k=n - 1) + [end] for n in lengths]


def ends(model):
    """The ids that end an output."""
    ids = model.generation_config.eos_token_id
    return ids if isinstance(ids, list) else [ids]


def longest_output(generation):
    """Tokens at most. 20 is an absent max_length: the start comes on top."""
    return generation.max_length - (generation.max_length != 20)


def liveliness(model, sources, beam_size):
    """Shares: outputs that end early, distinct ones, tokens not repeated.

    All sources at once, padded: rounding does not matter here.
    """
    config = model.generation_config
    ids = torch.nn.utils.rnn.pad_sequence(
        [torch.tensor(s) for s in sources], True, config.pad_token_id
    )
    with torch.inference_mode():
        rows = model.generate(
            ids,
            attention_mask=(ids != config.pad_token_id).long(),
            num_beams=beam_size,
        )
    early = distinct = variety = 0
    seen = set()
    for row in rows[:, 1:].tolist():
        last = [i for i, token in enumerate(row) if token in ends(model)]
        row = row[: last[0] + 1] if last else row
        early += len(row) < longest_output(config)
        distinct += tuple(row) not in seen
        variety += len(set(row)) / len(row)
        seen.add(tuple(row))
    return early / len(rows), distinct / len(rows), variety / len(rows)


def draw_lively(model, sources, draw, tries, enough):
    """Draws until greedy and beam outputs are lively; how they were drawn.

    draw    fills the model with random weights, by keywords "seed" and those of
    tries   keywords of draw that each seed is tried with
    enough  what liveliness() must satisfy: a function of its three shares
    """
    few = sources[: len(LENGTHS)]
    beams = model.generation_config.num_beams
    for seed in range(1, 200):
        for tried in tries:
            drawn = {"seed": seed, **tried}
            draw(model, **drawn)
            if all(enough(*liveliness(model, few, n)) for n in (1, beams)):
                return drawn
    raise RuntimeError("no seed gives lively outputs; change the spec")
