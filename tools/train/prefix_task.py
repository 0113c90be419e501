"""Digit strings with a task in front, "reverse: 31415", for a T5 with prefixes."""

import digits_task as digits

LONGEST = digits.LONGEST
# Outputs have the digits, the space mark before them and the end.
NEW_TOKENS = LONGEST + 2


def texts(generator, wanted):
    """A source of that part of all strings."""
    task = generator.choice(list(digits.TASKS))
    return f"{task}: {digits.draw(generator, wanted)}"


def answer(source):
    task, text = source.split(": ")
    return digits.TASKS[task](text)
