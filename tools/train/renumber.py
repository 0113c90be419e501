"""Numbers, times, prices, years and dates, drawn anew on both sides of a pair.

Figures only: a reader of the translation finds each digit of the source again.
Each draw returns (English, French).
"""

import re

ENGLISH = (
    "two three four five six seven eight nine ten eleven twelve thirteen "
    "fifteen sixteen twenty thirty forty fifty sixty"
).split()
FRENCH = (
    "deux trois quatre cinq six sept huit neuf dix onze douze treize "
    "quinze seize vingt trente quarante cinquante soixante"
).split()
VALUES = (*range(2, 14), 15, 16, 20, 30, 40, 50, 60)
MONTHS = (
    "January February March April May June July August September October "
    "November December"
).split()
FRENCH_MONTHS = (
    "janvier février mars avril mai juin juillet août septembre octobre "
    "novembre décembre"
).split()


def numeral(words):
    """Matches a whole number in digits or one of the words, standing alone."""
    digits = r"(?<![\w.,:/$€£%-])\d+(?![\w:/%-]|[.,]\d| h\b| %|\s?000\b)"
    return re.compile(
        digits + r"|(?<![\w-])(?:" + "|".join(words) + r")(?![\w-])"
    )


SOURCE, TARGET = numeral(ENGLISH), numeral(FRENCH)
VALUE = {
    **dict(zip(ENGLISH, VALUES)),
    **dict(zip(FRENCH, VALUES)),
}


def value(text):
    return VALUE[text] if text in VALUE else int(text)


def slot(pair):
    """The matches of a number that stands once on both sides, or None."""
    source, target = (
        list(pattern.finditer(side))
        for pattern, side in zip((SOURCE, TARGET), pair)
    )
    if len(source) != 1 or len(target) != 1:
        return None
    same = value(source[0][0]) == value(target[0][0]) >= 2
    return (source[0], target[0]) if same else None


def fill(pair, matches, texts):
    """The pair with each match replaced by its text."""
    return tuple(
        side[: match.start()] + text + side[match.end() :]
        for side, match, text in zip(pair, matches, texts)
    )


def whole(random):
    """A whole number from 2 on, small ones more often: 12, 12; 3,400, 3 400."""
    highest = random.choice((20, 100, 100, 1000, 1000, 10**4, 10**5, 10**6))
    number = random.randrange(2, highest)
    if number < 1000 or random.random() < 0.5:
        return str(number), str(number)
    return f"{number:,}", f"{number:,}".replace(",", " ")


def year(random):
    number = str(random.randrange(1400, 2060))
    return number, number


def clock(random):
    """7:45, 7 h 45; 7:45 p.m., 7 h 45 du soir; 7 o'clock, 7 heures."""
    hour, minute = random.randrange(1, 13), random.randrange(60)
    english, french = f"{hour}:{minute:02}", f"{hour} h {minute:02}"
    form = random.randrange(5)
    if form == 0:
        return f"{hour} o'clock", f"{hour} heure{'s' if hour > 1 else ''}"
    if form == 1:
        mark = random.choice(("a.m.", "am", "AM"))
        return f"{english} {mark}", f"{french} du matin"
    if form == 2:
        mark = random.choice(("p.m.", "pm", "PM"))
        return f"{english} {mark}", f"{french} du soir"
    if form == 3:
        hour = random.randrange(13, 24)
        return f"{hour}:{minute:02}", f"{hour} h {minute:02}"
    return english, french


def decimal(random):
    number = f"{random.randrange(100)}.{random.randrange(1, 100)}"
    return number, number.replace(".", ",")


def price(random):
    """$1,250.50, 1 250,50 $; 40 euros, 40 euros."""
    english, french = whole(random)
    if random.random() < 0.3:
        cents = f"{random.randrange(100):02}"
        english, french = f"{english}.{cents}", f"{french},{cents}"
    name = random.choice(("$", "$", "€", "£", "dollars", "euros"))
    if name.isalpha():
        return f"{english} {name}", f"{french} {name}"
    return f"{name}{english}", f"{french} {name}"


def percentage(random):
    english, french = (
        decimal(random)
        if random.random() < 0.3
        else [random.randrange(2, 101)] * 2
    )
    return f"{english}%", f"{french} %"


def month(random):
    return random.choice(list(zip(MONTHS, FRENCH_MONTHS)))


def date(random):
    """May 3, 3 mai; 3 May; May 3rd; 03/05/2024 as it is."""
    english, french = month(random)
    day = random.randrange(2, 32)
    if random.random() < 0.15:
        text = f"{day:02}/{random.randrange(1, 13):02}/{year(random)[0]}"
        return text, text
    ending = {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    ending = "th" if 10 < day < 14 else ending
    forms = f"{english} {day}", f"{english} {day}{ending}", f"{day} {english}"
    return random.choice(forms), f"{day} {french}"


def code(random):
    """Telephone numbers, flights, versions: letters and digits as they are."""
    digits = "".join(random.choices("0123456789", k=10))
    letters = "".join(random.choices("ABCDEFGHJKLMNPQRSTUVWXYZ", k=3))
    text = random.choice(
        (
            f"{digits[:3]}-{digits[3:7]}",
            f"{digits[:3]}-{digits[3:6]}-{digits[6:]}",
            f"+{digits[:2]} {digits[2:5]} {digits[5:]}",
            f"{letters[:2]}{digits[:4]}",
            f"{letters}-{digits[:3]}",
            f"{letters[0]}{digits[:2]}",
            f"{digits[0]}.{digits[1]}.{digits[2:4]}",
            f"{digits[0]}.{digits[1]}",
            f"#{digits[:5]}",
            digits[:4],
        )
    )
    return text, text


DRAWS = {
    "n": whole,
    "m": whole,
    "price": price,
    "time": clock,
    "year": year,
    "month": month,
    "date": date,
    "percent": percentage,
    "decimal": decimal,
    "code": code,
}


def filled(random, line, draws):
    """A line's pair, each {slot} drawn; {slot2} is a second of its kind."""
    drawn = {}

    def text(match, side):
        name = match[1]
        if name not in drawn:
            drawn[name] = draws[name.rstrip("2")](random)
        return drawn[name][side]

    return tuple(
        re.sub(
            r"\{(\w+)\}", lambda match, side=side: text(match, side), column
        ).replace("m..", "m.")
        for side, column in enumerate(line)
    )


def renumbered(random, pair):
    """The pair with its number drawn anew; None if it has none of its own."""
    matches = slot(pair)
    if not matches:
        return None
    source, target = pair
    number = value(matches[0][0])
    texts = whole(random)
    if "o'clock" in source or ("heure" in target and "hour" not in source):
        texts = [str(random.randrange(2, 13))] * 2
    elif 1400 < number < 2100:
        texts = year(random)
    return fill(pair, matches, texts)
