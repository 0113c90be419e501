"""A word list drawn from sentence pairs: words that stand in the same pairs.

Dice's coefficient of a source and a target word, 2 n(s, t) / (n(s) + n(t)) over
the pairs that have them; kept where each is the other's best, and well so.
"""

import collections
import re

LEAST_PAIRS = 6
LEAST_DICE = 0.45
WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def words_of(text):
    return set(WORD.findall(text.lower()))


def counts(pairs):
    """How many pairs have a source word, a target word, and both."""
    sources, targets = collections.Counter(), collections.Counter()
    sides = [(words_of(source), words_of(target)) for source, target in pairs]
    for ours, theirs in sides:
        sources.update(ours)
        targets.update(theirs)
    common = len(pairs) // 50  # words in so many pairs have no one partner
    both = collections.Counter()
    for ours, theirs in sides:
        theirs = [t for t in theirs if LEAST_PAIRS <= targets[t] <= common]
        for s in ours:
            if LEAST_PAIRS <= sources[s] <= common:
                both.update((s, t) for t in theirs)
    return sources, targets, both


def lexicon(pairs):
    """[(source word, target word)] of the pairs, in alphabetical order."""
    sources, targets, both = counts(pairs)
    best = {}
    for (s, t), n in both.items():
        dice = 2 * n / (sources[s] + targets[t])
        for word in ((0, s), (1, t)):
            best[word] = max(best.get(word, (0.0, "", "")), (dice, s, t))
    return sorted(
        (s, t)
        for dice, s, t in set(best.values())
        if dice >= LEAST_DICE and best[0, s] == best[1, t] and len(s) > 1
    )


def source_words(pairs):
    """The words of the sources that are plain ASCII letters, in running text."""
    found = []
    for source, _ in pairs:
        found.extend(re.findall(r"\b[a-z]{2,12}\b", source))
    return found
