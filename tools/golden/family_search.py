"""Greedy and beam search for one source, as published, in plain Python.

Every search takes log_probs, a function of outputs of one length (lists of ids,
start token first) that gives log-probabilities of the next token as lists of
floats, and the content of generation_config.json. Output ids are given without
the start token and with their final EOS.

Beam search is that of Hugging Face Transformers 4.57, or with early_stopping
"top_beam" that of JayParks/transformer.
"""

START = "decoder_start_token_id"
FORBIDDEN = -1e9  # what Transformers adds to a score to rule an entry out


def ends(options):
    """The ids that end an output."""
    eos = options["eos_token_id"]
    return eos if isinstance(eos, list) else [eos]


def longest(options):
    """Tokens of an output at most, without the start."""
    return options["max_length"] - 1 if "max_length" in options else 20


def divisor(options, tokens):
    """What the score of so many tokens is divided by."""
    power = options.get("length_penalty", 1.0)
    if options.get("length_penalty_form", "power") == "gnmt":
        return ((5 + tokens) / 6) ** power
    return float(tokens) ** power


def greedy(log_probs, options):
    """{"ids", "log_probs", "gap"}; gap is the smallest lead over a runner-up."""
    ids, chosen, gap = [options[START]], [], 1e9
    while True:
        scores = log_probs([ids])[0]
        first, second = sorted(scores, reverse=True)[:2]
        token = scores.index(first)
        gap = min(gap, first - second)
        chosen.append(first)
        ids = ids + [token]
        if token in ends(options) or len(chosen) == longest(options):
            return {"ids": ids[1:], "log_probs": chosen, "gap": gap}


def beam(log_probs, options):
    """{"ids", "score"} of the best output."""
    if options.get("early_stopping") == "top_beam":
        return top_beam(log_probs, options)
    return transformers_beam(log_probs, options)


def continuations(log_probs, beams, count):
    """The best (score, ids) that are one token longer, best first."""
    rows = log_probs([ids for _, ids in beams])
    all_of_them = [
        (score + more, ids + [token])
        for (score, ids), row in zip(beams, rows)
        for token, more in enumerate(row)
    ]
    return sorted(all_of_them, key=lambda entry: -entry[0])[:count]


def top_beam(log_probs, options):
    """No beam is set aside: all grow until the best one ends.

    A beam grows on behind an EOS when it was not the best then. ids are cut at
    the first EOS; whole_beam, if longer, holds what score is the score of.
    """
    beams = [(0.0, [options[START]])]
    for _ in range(longest(options)):
        beams = continuations(log_probs, beams, options["num_beams"])
        if beams[0][1][-1] in ends(options):
            break
    score, (_, *whole) = beams[0]
    met = [n for n, token in enumerate(whole) if token in ends(options)]
    ids = whole[: met[0] + 1] if met else whole
    entry = {"ids": ids, "score": score / divisor(options, len(whole))}
    return entry if ids == whole else {**entry, "whole_beam": whole}


def transformers_beam(log_probs, options):
    """What _beam_search of Transformers 4.57 does with a batch of one.

    pool holds (score, ids, done), best first: finished outputs, and in places
    not yet taken something that every finished output beats.
    """
    size = options["num_beams"]
    stop_early = options.get("early_stopping", False)
    count = (1 + max(1, len(ends(options)))) * size
    running = [(0.0, [options[START]])]
    pool = [(FORBIDDEN, [], False)] * size
    for length in range(1, longest(options) + 1):
        best = continuations(log_probs, running, count)
        done = [
            ids[-1] in ends(options) or length == longest(options)
            for _, ids in best
        ]
        # Only what is among the first num_beams may finish.
        for (score, ids), over in list(zip(best, done))[:size]:
            if over:
                pool.append((score / divisor(options, length), ids, True))
        pool = sorted(pool, key=lambda entry: -entry[0])[:size]
        full = all(finished for _, _, finished in pool)
        if all(done) or (full and stop_early is True):
            break
        running = [entry for entry, over in zip(best, done) if not over][:size]
        bound = length
        if stop_early == "never" and options.get("length_penalty", 1.0) > 0:
            bound = longest(options)
        reachable = running[0][0] / divisor(options, bound)
        if full and reachable <= pool[-1][0]:
            break
    score, ids, _ = pool[0]
    return {"ids": ids[1:], "score": score}
