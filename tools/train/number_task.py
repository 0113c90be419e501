"""Numbers in digits, "1,984", to be spelled out in English words."""

import digits_task as digits

MOST_DIGITS = 9
# "seven hundred seventy-seven million ..." in byte-level pieces, with <s>, </s>.
NEW_TOKENS = 62

UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve "
    "thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
SCALES = ["", " thousand", " million"]


def texts(generator, wanted):
    """A number of that part of all numbers, every length as likely."""
    while True:
        length = generator.randint(1, MOST_DIGITS)
        number = generator.randrange(10**length)
        if digits.part(str(number)) == wanted:
            break
    return f"{number:,}" if generator.random() < 0.5 else str(number)


def below_hundred(number):
    if number < 20:
        return UNITS[number]
    unit = number % 10
    return TENS[number // 10 - 2] + (f"-{UNITS[unit]}" if unit else "")


def below_thousand(number):
    words = []
    if number >= 100:
        words.append(f"{UNITS[number // 100]} hundred")
    if number % 100 or not words:
        words.append(below_hundred(number % 100))
    return " ".join(words)


def answer(source):
    number = int(source.replace(",", ""))
    groups = []
    for scale in SCALES:
        number, group = divmod(number, 1000)
        if group:
            groups.insert(0, below_thousand(group) + scale)
    return " ".join(groups) or UNITS[0]
