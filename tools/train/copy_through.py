"""What a translation copies: names, placeholders, tags, URLs, emoji, codes.

A copied text is drawn anew each time, so that the network learns to copy
rather than to remember. Each draw returns (English, French), mostly the same.
"""

import re
import string

import renumber

# Ranges of code points: scripts that the vocabulary spells in bytes.
SCRIPTS = (
    (0x4E00, 0x9FA5),
    (0x4E00, 0x9FA5),
    (0x3041, 0x3096),
    (0x30A1, 0x30FA),
    (0xAC00, 0xD7A3),
    (0x0410, 0x044F),
    (0x0410, 0x044F),
    (0x03B1, 0x03C9),
    (0x0621, 0x064A),
    (0x05D0, 0x05EA),
    (0x0905, 0x0939),
    (0x0E01, 0x0E2E),
)
EMOJI = (
    (0x1F600, 0x1F64F),
    (0x1F600, 0x1F64F),
    (0x1F300, 0x1F5FF),
    (0x1F680, 0x1F6C5),
    (0x1F910, 0x1F9FF),
    (0x2600, 0x27BF),
)
SKINS = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
HANDS = "👍👎👏🙌👋🙏💪✌✋👌🤞🙋🙅🤷"
HEARTS = "❤☀✈☎✉✔☺⚠✂☁"
JOINED = "👨‍👩‍👧 👩‍💻 👨‍🍳 👩‍🚀 🏳️‍🌈 👨‍👩‍👧‍👦 👩‍🏫 ❤️‍🔥".split()
LATIN = "àâäåæçèéêëíîïñóôöøùúûüýłśšžčćğışąęňřğ"
WORDS = (
    "user name file item count app home docs shop news blog mail help test "
    "data login page index image video photo index cart order price title "
    "first last email city date time total value key id type info search "
    "account profile settings report demo example sample site web cloud"
).split()
TAGS = "b i u em strong code span p h1 h2 a li div small mark".split()
# Names that stand in both languages alike, and often.
NAME = re.compile(r"\b(?:Tom|Mary|Boston|Tokyo|John|Kyoto|Osaka|Jackson)\b")


def one_of(*draws):
    """A draw that takes one of the draws each time."""
    return lambda random: random.choice(draws)(random)


def same(draw):
    """A draw of (text, text)."""

    def pair(random):
        text = draw(random)
        return text, text

    return pair


def syllables(random):
    parts = random.choices("bcdfghjklmnprstvwz", k=random.randrange(1, 4))
    vowels = random.choices("aeiou" * 4 + LATIN, k=len(parts))
    end = random.choice(("", "", "n", "s", "k", "ski", "son", "er"))
    return "".join(map("".join, zip(parts, vowels))) + end


def word(random):
    return random.choice(WORDS) if random.random() < 0.6 else syllables(random)


def foreign(random):
    """A word in another script."""
    first, last = random.choice(SCRIPTS)
    length = random.randrange(1, 6)
    return "".join(chr(random.randint(first, last)) for _ in range(length))


def emoji(random):
    """One to three emoji: plain, with a skin, with a variation, joined, a flag."""
    form = random.randrange(12)
    if form == 0:
        return random.choice(HANDS) + random.choice(SKINS)
    if form == 1:
        return random.choice(HEARTS) + "\ufe0f"
    if form == 2:
        return "".join(chr(0x1F1E6 + random.randrange(26)) for _ in "FR")
    if form == 3:
        return random.choice(JOINED)
    first, last = random.choice(EMOJI)
    return chr(random.randint(first, last)) * random.choice((1, 1, 1, 1, 2, 3))


def braces(random):
    """{name}, {{count}}, ${user}, %(id)s, {0}, <name>, [name], $NAME, :id"""
    a = word(random)
    if random.random() < 0.3:
        a += "_" + word(random)
    forms = ("{%s}", "{%s}", "{{%s}}", "${%s}", "%%(%s)s", "[%s]", "<%s>")
    forms += ("{{ %s }}", "%%%s%%", ":%s", "$%s", "@%s", "__%s__")
    text = random.choice(forms) % a
    return text.upper() if random.random() < 0.15 else text


def printf(random):
    """%s, %d, %1$s, %.2f, {0}, %@"""
    digit = random.randrange(4)
    forms = ("%s", "%s", "%d", "%d", f"%{digit}$s", f"%{digit}$d", "%@")
    return random.choice((*forms, f"{{{digit}}}", f"%.{digit}f", "%i", "%u"))


def url(random):
    """https://www.word.org/word/word.html?word=3#word, in parts"""
    start = random.choice(("https://", "https://", "http://", "", "https://"))
    start += random.choice(("www.", "www.", "", "docs.", "my."))
    host = word(random) + random.choice(("", "", "-" + word(random)))
    host += random.choice((".com", ".com", ".org", ".net", ".fr", ".io", ".co.uk"))
    path = "".join("/" + word(random) for _ in range(random.randrange(4)))
    end = random.choice(("", "", "", "/", ".html", f"?{word(random)}={random.randrange(100)}", "#" + word(random)))
    return ascii_only(start + host + path + end)


def mail(random):
    name = word(random) + random.choice(("", ".", "_", "-")) + word(random)
    return ascii_only(f"{name}@{word(random)}.{random.choice(('com', 'org', 'fr', 'net'))}")


def file_name(random):
    ending = random.choice("txt pdf jpg png py json csv html zip docx mp3".split())
    folder = random.choice(("", "", "", "/home/", "./", "C:\\", "~/", "src/"))
    number = random.choice(("", "", str(random.randrange(100))))
    joint = random.choice(("", "_", "-"))
    return ascii_only(f"{folder}{word(random)}{joint}{word(random)}{number}.{ending}")


def ascii_only(text):
    return text.encode("ascii", "ignore").decode()


def handle(random):
    name = ascii_only(word(random)) + random.choice(("", "", str(random.randrange(1000))))
    return random.choice("@#") + random.choice((name, name.title()))


def tag_pair(random):
    """(<b>, </b>); with an attribute at times; or ** and ** as in Markdown."""
    if random.random() < 0.25:
        mark = random.choice(("**", "*", "`", "_", "~~", '"'))
        return mark, mark
    name = random.choice(TAGS)
    attribute = ""
    if random.random() < 0.25:
        attribute = random.choice(
            (f' class="{word(random)}"', f' href="{url(random)}"', f' id="{word(random)}"')
        )
    return f"<{name}{attribute}>", f"</{name}>"


def line_break(random):
    return random.choice(("<br>", "<br/>", "<br />", "\\n", " | ", " / "))


def timecode(random):
    """00:01:02,345 --> 00:01:04,567"""

    def moment():
        a, b, c = (random.randrange(60) for _ in range(3))
        return f"0{random.randrange(3)}:{a:02}:{b:02}{mark}{random.randrange(1000):03}" if c else f"{a:02}:{b:02}"

    mark = random.choice(",.")
    return random.choice((f"{moment()} --> {moment()}", moment()))


def number_alone(random):
    return random.choice((str(random.randrange(1000)), renumber.code(random)[0]))


def markup(random):
    """<a href="..."/>, [1], {...}, x = y + 1;: a line of code or markup."""
    a, b = ascii_only(word(random)), ascii_only(word(random))
    number = random.randrange(100)
    forms = (f"{a} = {b} + {number};", f"{a}({b}, {number})", f"[{number}]")
    forms += (f"<{a} {b}=\"{number}\"/>", f"{a}_{b}[{number}]", f"--{a}={b}")
    return random.choice(forms)


class Copies:
    """Ways to put copied texts into pairs.

    names   of people, places and things, a list.
    lines   pairs with slots, as lines/copies.tsv has.
    nouns   {English noun: French noun}, to find a word on both sides.
    """

    def __init__(self, names, lines, nouns):
        self.names, self.lines, self.nouns = names, lines, nouns
        name = one_of(self.name, self.name, foreign, braces, braces, printf)
        number = one_of(braces, printf, printf, lambda r: str(r.randrange(2, 999)))
        self.draws = {
            "name": same(name),
            "number": same(number),
            "url": same(url),
            "mail": same(mail),
            "file": same(file_name),
            "break": same(line_break),
            "emoji": same(emoji),
        }

    def name(self, random):
        """A name: from the list, or made of syllables."""
        if random.random() < 0.5:
            return random.choice(self.names)
        made = syllables(random)
        return made[:1].upper() + made[1:]

    def line(self, random):
        """A line of the list, its slots filled."""
        tags = tag_pair(random)
        draws = {
            **self.draws,
            "open": lambda _: (tags[0], tags[0]),
            "close": lambda _: (tags[1], tags[1]),
        }
        return renumber.filled(random, random.choice(self.lines), draws)

    def untranslated(self, random):
        """A line that is all copy."""
        draw = one_of(
            timecode, timecode, number_alone, markup, url, mail, file_name,
            emoji, foreign, braces, printf, handle, self.name,
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
            return tuple(re.sub(r"(\s?[.!?]+)$", f" {mark}\\1", side) for side in pair)
        if form == 2:
            return tuple(re.sub(r"\s?[.!]$", "", side) + " " + mark for side in pair)
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
        if random.random() < 0.1:
            text = same(handle)(random)
        if text[0][0].lower() in "aeiouyhàâäåæèéêëíîïóôöøùúûü":
            before = pair[1][: matches[1].start()]
            if re.search(r"(?:de|que|ne|ce|se|le|la) $", before):
                return None  # French would elide: d'Anna
        return renumber.fill(pair, matches, text)

    def with_number(self, random, pair):
        """I have two dogs. -> I have %d dogs."""
        matches = renumber.slot(pair)
        return matches and renumber.fill(
            pair, matches, same(one_of(printf, braces))(random)
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
                start, end = tag_pair(random)
                return renumber.fill(
                    pair,
                    [m[0] for m in matches],
                    (start + english + end, start + french + end),
                )
        return None

    def wrapped(self, random, pair):
        """<p>I am here.</p>, - I am here., [I am here.], "I am here.\""""
        start, end = random.choice(
            (
                tag_pair(random),
                tag_pair(random),
                ("- ", ""),
                ("[", "]"),
                ("(", ")"),
                ('"', '"'),
                ("♪ ", " ♪"),
                ("> ", ""),
                ("* ", ""),
                ("# ", ""),
                (f"{random.randrange(1, 20)}. ", ""),
                (f"{self.name(random)}: ", ""),
                ("&nbsp;", ""),
            )
        )
        french = start[:-2] + " : " if start.endswith(": ") else start
        return start + pair[0] + end, french + pair[1] + end

    def with_link(self, random, pair):
        """I am here. -> I am here: https://…, (see https://…), https://… """
        text = one_of(url, url, mail, handle, file_name)(random)
        form = random.randrange(4)
        if form == 0:
            return tuple(f"{side} {text}" for side in pair)
        if form == 1:
            return tuple(f"{side} ({text})" for side in pair)
        if form == 2:
            return tuple(f"{text} {side}" for side in pair)
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
            self.with_link,
        )
        return random.choice(ways)(random, pair)
