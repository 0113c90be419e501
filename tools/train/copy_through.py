"""Ways to put into a pair what its translation copies.

What is copied is drawn anew each time (texts.py), so that the network learns to
copy rather than to remember. Each way returns a pair, or None where the pair
does not take it.
"""

import re

import renumber
import retype
import texts
from texts import emoji, foreign, printf

# Names that stand in both languages alike, and often.
NAME = re.compile(r"\b(?:Tom|Mary|Boston|Tokyo|John|Kyoto|Osaka|Jackson)\b")
VOWELS = "aeiouyhàâäåæèéêëíîïóôöøùúûü"


def one_of(*draws):
    """A draw that takes one of the draws each time."""
    return lambda random: random.choice(draws)(random)


def same(draw):
    """A draw of (text, text)."""

    def pair(random):
        text = draw(random)
        return text, text

    return pair


def echoing(random, source, link):
    """The link, at times with a word of the sentence, not to be translated.

    My letter is ... -> letter_3.pdf, www.letter.com
    """
    words = re.findall(r"\b[a-z]{3,12}\b", re.sub(r"\{\w+\}", "", source))
    places = list(re.finditer(r"(?:^|(?<=[/.@_-]))[a-z]{3,}(?=[/.@_-])", link))
    if not words or not places or random.random() < 0.5:
        return link
    place = random.choice(places)
    if place[0] == "www":
        return link
    return link[: place.start()] + random.choice(words) + link[place.end() :]


class Copies:
    """Ways to put copied texts into pairs.

    words   of the source language, in running text.
    names   of people, places and things, a list.
    lines   pairs with slots, as lines/copies.tsv has.
    nouns   {English word: French word}, to find a word on both sides.
    """

    def __init__(self, words, names, lines, nouns):
        known = [word for word in nouns if word.isascii() and word.isalpha()]
        self.texts = made = texts.Texts(words, known, names)
        self.lines, self.nouns = lines, nouns
        name = one_of(
            made.name, made.name, foreign, made.braces, made.braces, printf
        )
        number = one_of(
            made.braces, printf, printf, lambda r: str(r.randrange(2, 999))
        )
        self.draws = {
            "name": same(name),
            "number": same(number),
            "url": same(made.url),
            "mail": same(made.mail),
            "file": same(made.file),
            "break": same(texts.line_break),
            "emoji": same(emoji),
        }

    def line(self, random):
        """A line of the list, its slots filled."""
        line = random.choice(self.lines)
        tags = self.texts.tag_pair(random)

        def echo(name):
            return same(lambda r: echoing(r, line[0], self.draws[name](r)[0]))

        draws = {
            **self.draws,
            **{name: echo(name) for name in ("url", "mail", "file")},
            "open": lambda _: (tags[0], tags[0]),
            "close": lambda _: (tags[1], tags[1]),
        }
        return renumber.filled(random, line, draws)

    def untranslated(self, random):
        """A line that is all copy."""
        made = self.texts
        draw = one_of(
            texts.timecode,
            texts.timecode,
            texts.number_alone,
            texts.number_alone,
            made.markup,
            made.url,
            made.mail,
            made.file,
            emoji,
            foreign,
            made.braces,
            printf,
            made.handle,
            made.name,
        )
        text = draw(random)
        return text, text

    def with_emoji(self, random, pair):
        """I am here. -> I am here. 😀, or at the start, or before the mark."""
        mark = emoji(random)
        form = random.randrange(5)
        if form == 0:
            return tuple(f"{mark} {side}" for side in pair)
        if form == 1 and all(re.search(r"[.!?]$", side) for side in pair):
            return tuple(
                re.sub(r"(\s?[.!?]+)$", f" {mark}\\1", side) for side in pair
            )
        if form == 2:
            return tuple(
                re.sub(r"\s?[.!]$", "", side) + " " + mark for side in pair
            )
        return tuple(f"{side} {mark}" for side in pair)

    def with_name(self, random, pair):
        """Tom is here. -> {user} is here., 山田 is here., Anna is here."""
        matches = [list(NAME.finditer(side)) for side in pair]
        if [len(found) for found in matches] != [1, 1]:
            return None
        matches = [found[0] for found in matches]
        if matches[0][0] != matches[1][0]:
            return None
        text = self.draws["name"](random)
        if random.random() < 0.25:
            text = same(self.link())(random)
        if text[0][0].lower() in VOWELS:
            before = pair[1][: matches[1].start()]
            if re.search(r"(?:de|que|ne|ce|se|le|la) $", before):
                return None  # French would elide: d'Anna
        return renumber.fill(pair, matches, text)

    def with_number(self, random, pair):
        """I have two dogs. -> I have %d dogs."""
        matches = renumber.slot(pair)
        return matches and renumber.fill(
            pair, matches, same(one_of(printf, self.texts.braces))(random)
        )

    def with_tags(self, random, pair):
        """The house is big. -> The <b>house</b> is big."""
        source, target = pair
        words = re.findall(r"\b[a-z]{3,}\b", source)
        found = [w for w in words if w in self.nouns]
        name = NAME.search(source)
        candidates = [(w, self.nouns[w]) for w in found]
        candidates += [(name[0], name[0])] if name else []
        random.shuffle(candidates)
        for english, french in candidates:
            matches = [
                list(re.finditer(rf"\b{re.escape(text)}\b", side))
                for text, side in zip((english, french), pair)
            ]
            if [len(m) for m in matches] == [1, 1]:
                start, end = self.texts.tag_pair(random)
                return renumber.fill(
                    pair,
                    [m[0] for m in matches],
                    (start + english + end, start + french + end),
                )
        return None

    def wrapped(self, random, pair):
        """<p>I am here.</p>, - I am here., [I am here.], "I am here.\" """
        start, end = random.choice(
            (
                self.texts.tag_pair(random),
                self.texts.tag_pair(random),
                ("- ", ""),
                ("[", "]"),
                ("(", ")"),
                ('"', '"'),
                ("♪ ", " ♪"),
                ("> ", ""),
                ("* ", ""),
                ("# ", ""),
                (f"{random.randrange(1, 20)}. ", ""),
                (f"{self.texts.name(random)}: ", ""),
                ("&nbsp;", ""),
            )
        )
        french = start[:-2] + " : " if start.endswith(": ") else start
        return start + pair[0] + end, french + pair[1] + end

    def bracketed(self, random, pair):
        """[I AM HERE], (I AM HERE): capitals inside, as subtitles have them."""
        start, end = random.choice(("[]", "()", "**", "♪♪"))
        changed = retype.without_end(random, pair) or pair
        return tuple(start + side + end for side in map(str.upper, changed))

    def link(self):
        """A draw of an address of some sort."""
        made = self.texts
        return one_of(made.url, made.url, made.mail, made.handle, made.file)

    def with_link(self, random, pair):
        """I am here. -> I am here: https://…, (see https://…), https://…"""
        text = echoing(random, pair[0], self.link()(random))
        form = random.randrange(4)
        if form == 0:
            return tuple(f"{side} {text}" for side in pair)
        if form == 1:
            return tuple(f"{side} ({text})" for side in pair)
        if form == 2:
            return tuple(f"{text} {side}" for side in pair)
        if pair[0].endswith("?"):
            return None
        source, target = (re.sub(r"\s?[.!]$", "", side) for side in pair)
        return f"{source}: {text}", f"{target} : {text}"

    def copied(self, random, pair):
        """One of the ways above, of those that take a pair."""
        ways = (
            self.with_emoji,
            self.with_emoji,
            self.with_name,
            self.with_name,
            self.with_name,
            self.with_number,
            self.with_tags,
            self.with_tags,
            self.wrapped,
            self.bracketed,
            self.with_link,
            self.with_link,
        )
        return random.choice(ways)(random, pair)
