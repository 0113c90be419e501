"""Pairs as people type them: capitals and punctuation dropped or changed.

Each function takes a random generator and a pair, and returns a pair or None
where the pair does not allow the change.
"""

import re

# A final mark with the French space before it.
END = re.compile(r"\s?[.!?]+$")
# Words as headings capitalise them.
PLAIN = re.compile(r"[^\W\d_][\w'-]*[,;:.!?]*$")


def both(change, pair):
    return change(pair[0]), change(pair[1])


def without_end(random, pair):
    """Hello. -> Hello"""
    del random
    if not all(END.search(side) for side in pair):
        return None
    return both(lambda side: END.sub("", side), pair)


def lower(random, pair):
    """Where is Tom? -> where is tom?"""
    del random
    return both(str.lower, pair)


def lower_without_end(random, pair):
    """Where is Tom? -> where is tom"""
    changed = without_end(random, pair)
    return changed and lower(random, changed)


def upper(random, pair):
    """Where is Tom? -> WHERE IS TOM?"""
    del random
    return both(str.upper, pair)


def upper_other_end(random, pair):
    """I am here. -> I AM HERE!!"""
    changed = random.choice((without_end, other_end))(random, pair)
    return changed and upper(random, changed)


def other_end(random, pair):
    """I see. -> I see!!   What? -> What??"""
    ends = [END.search(side) for side in pair]
    if not all(ends) or any(len(end[0].strip()) > 1 for end in ends):
        return None
    marks = {end[0].strip() for end in ends}
    if marks == {"?"}:
        mark = random.choice(("??", "???", "?!"))
    elif "?" not in marks:
        mark = random.choice(("!", "!!", "!!!", "...", "."))
    else:
        return None
    source, target = both(lambda side: END.sub("", side), pair)
    return source + mark, target + (" " if mark[0] in "!?" else "") + mark


def without_apostrophes(random, pair):
    """I'm sure you don't. -> im sure you dont; the translation is as it was."""
    source, target = pair
    if "'" not in source:
        return None
    source = source.replace("'", "")
    return lower_without_end(random, (source, target)) or (source, target)


def without_punctuation(random, pair):
    """Yes, of course. -> yes of course; the translation keeps its commas."""
    source, target = pair
    if "," not in source:
        return None
    changed = without_end(random, (source.replace(",", ""), target))
    return changed and lower(random, changed)


def capitalised(word):
    """The word with a capital; an address or a tag as it is."""
    return word[:1].upper() + word[1:] if PLAIN.match(word) else word


def titled(random, pair):
    """The news is good. -> The News Is Good, as headings are typed."""
    changed = without_end(random, pair)
    if not changed:
        return None
    source, target = changed
    words = [capitalised(word) for word in source.split(" ")]
    return " ".join(words), target


def some_titled(random, pair):
    """The news is good. -> The News is Good.; the translation is as it was."""
    source, target = pair
    words = [
        capitalised(word) if random.random() < 0.4 else word
        for word in source.split(" ")
    ]
    return " ".join(words), target


FORMS = (
    without_end,
    without_end,
    lower,
    lower_without_end,
    lower_without_end,
    other_end,
    other_end,
    without_apostrophes,
    without_punctuation,
    titled,
    titled,
    titled,
    titled,
)


def retyped(random, pair):
    """One of the forms above, but for capitals throughout."""
    return random.choice(FORMS)(random, pair)


def shouted(random, pair):
    """Capitals throughout."""
    return random.choice((upper, upper, upper_other_end))(random, pair)
