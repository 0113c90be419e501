"""Texts that a translation copies, drawn anew each time.

Names, placeholders, tags, URLs, files, emoji, codes, words in other scripts.
"""

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
TAGS = "b i u em strong code span p h1 h2 a li div small".split()
ENDINGS = "txt pdf jpg png py json csv html zip docx mp3".split()
ENDINGS += "xlsx pptx mp4 gif md epub srt log xml".split()
HOSTS = (".com", ".com", ".org", ".net", ".fr", ".io", ".co.uk", ".info")
HOSTS += (".com", ".com", ".org", ".de", ".edu", ".eu", ".tv", ".ca", ".app")


def ascii_only(text):
    return text.encode("ascii", "ignore").decode()


def syllables(random):
    """A word that there is not: bokarer, tüski."""
    parts = random.choices("bcdfghjklmnprstvwz", k=random.randrange(1, 4))
    vowels = random.choices("aeiou" * 4 + LATIN, k=len(parts))
    end = random.choice(("", "", "n", "s", "k", "ski", "son", "er"))
    return "".join(map("".join, zip(parts, vowels))) + end


def digits(random):
    return "".join(random.choices("0123456789", k=random.randrange(1, 9)))


def foreign(random):
    """A word in another script."""
    first, last = random.choice(SCRIPTS)
    length = random.randrange(1, 6)
    return "".join(chr(random.randint(first, last)) for _ in range(length))


def emoji(random):
    """One to three emoji: plain, with a skin, a variation, joined, a flag."""
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


def printf(random):
    """%s, %d, %1$s, %.2f, {0}, %@"""
    digit = random.randrange(4)
    forms = ("%s", "%s", "%d", "%d", f"%{digit}$s", f"%{digit}$d", "%@")
    return random.choice((*forms, f"{{{digit}}}", f"%.{digit}f", "%i", "%u"))


def line_break(random):
    return random.choice(("<br>", "<br/>", "<br />", "\\n", " | ", " / "))


def timecode(random):
    """00:01:02,345 --> 00:01:04,567; 00:01:02.345; 12:05"""
    mark = random.choice(",.")

    def moment():
        hours, minutes, seconds = (random.randrange(n) for n in (3, 60, 60))
        thousandths = random.randrange(1000)
        whole = f"{hours:02}:{minutes:02}:{seconds:02}"
        return f"{whole}{mark}{thousandths:03}"

    short = f"{random.randrange(60):02}:{random.randrange(60):02}"
    pair = f"{moment()} --> {moment()}"
    return random.choice((pair, pair, moment(), short))


def number_alone(random):
    number = str(random.randrange(10 ** random.randrange(1, 5)))
    return random.choice((number, renumber.code(random)[0]))


class Texts:
    """Draws of what is made of words.

    words   of the language that is translated, in running text: in a name of a
            file they are not to be, and common ones stand there most often.
    nouns   more of them, of which the translation is known best.
    names   of people, places and things.
    """

    def __init__(self, words, nouns, names):
        self.lists = words, nouns, sorted(set(words))
        self.names = names

    def word(self, random):
        """A common word, any word, or one that there is not."""
        if random.random() < 0.75:
            return random.choice(random.choice(self.lists))
        return ascii_only(syllables(random))

    def name(self, random):
        """A name: from the list, or made of syllables."""
        if random.random() < 0.5:
            return random.choice(self.names)
        made = syllables(random)
        return made[:1].upper() + made[1:]

    def joined(self, random, marks):
        """One to three words, a letter at times, with marks or none between."""
        parts = random.choice((1, 1, 1, 2, 2, 2, 3, 3))
        text = self.word(random)
        for _ in range(1, parts):
            letter = random.choice("abcdefghijklmnopqrstuvwxyz")
            part = letter if random.random() < 0.15 else self.word(random)
            text += random.choice((*marks, "")) + part
        return text.title() if random.random() < 0.05 else text

    def braces(self, random):
        """{name}, {{count}}, ${user}, %(id)s, <name>, [name], $NAME, :id"""
        forms = ("{%s}", "{%s}", "{{%s}}", "${%s}", "%%(%s)s", "[%s]", "<%s>")
        forms += ("{{ %s }}", "%%%s%%", ":%s", "$%s", "@%s", "__%s__")
        text = random.choice(forms) % self.joined(random, "_")
        return text.upper() if random.random() < 0.2 else text

    def host(self, random):
        start = random.choice(("www.", "www.", "", "", self.word(random) + "."))
        return start + self.joined(random, "-") + random.choice(HOSTS)

    def path(self, random):
        """/word/word-word/123.html, ?word=12, #word, or nothing"""
        parts = range(random.choice((0, 0, 1, 1, 2, 3)))
        path = "".join("/" + self.joined(random, "-_") for _ in parts)
        number = digits(random)
        ends = ("", "", "/", f"/{number}", f"?{self.word(random)}={number}")
        ends += ("#" + self.word(random), "." + random.choice(ENDINGS))
        return path + random.choice(ends if path else ("", "", "/"))

    def url(self, random):
        """https://www.word-word.org/word, word.com, http://localhost:80/"""
        form = random.randrange(10)
        if form == 0:
            return self.host(random)
        if form == 1:
            port = random.choice(("localhost", self.host(random)))
            return (
                f"http://{port}:{random.randrange(80, 9999)}{self.path(random)}"
            )
        start = random.choice(("https://", "https://", "http://", ""))
        return start + self.host(random) + self.path(random)

    def mail(self, random):
        name = self.joined(random, "._-") + random.choice(
            ("", "", digits(random))
        )
        return f"{name}@{self.joined(random, '-')}{random.choice(HOSTS)}"

    def file(self, random):
        """word_word12.pdf, at times in a folder"""
        folder = random.choice(
            ("", "", "", "/home/", "./", "C:\\", "~/", "src/")
        )
        name = self.joined(random, "_-") + random.choice(
            ("", "", digits(random))
        )
        if random.random() < 0.1:
            return f"/{self.word(random)}/{self.word(random)}"
        return f"{folder}{name}.{random.choice(ENDINGS)}"

    def handle(self, random):
        """@word12, #Word"""
        name = self.word(random) + random.choice(("", "", digits(random)))
        return random.choice("@#") + random.choice((name, name.title()))

    def tag_pair(self, random):
        """(<b>, </b>); with an attribute at times; ** and ** as in Markdown."""
        if random.random() < 0.2:
            mark = random.choice(("**", "*", "`", "_", "~~", '"'))
            return mark, mark
        name = random.choice(TAGS)
        if random.random() < 0.35:
            name = self.word(random)
        attribute = ""
        if random.random() < 0.25:
            attribute = random.choice(
                (
                    f' class="{self.joined(random, "-")}"',
                    f' href="{self.url(random)}"',
                    f' href="{self.path(random)}"',
                    f' id="{self.word(random)}"',
                )
            )
        return f"<{name}{attribute}>", f"</{name}>"

    def markup(self, random):
        """word(word, 3);, [1], --word=word: a line of code."""
        a, b = self.word(random), self.word(random)
        number = random.randrange(100)
        forms = (f"{a} = {b} + {number};", f"{a}({b}, {number})", f"[{number}]")
        forms += (f'<{a} {b}="{number}"/>', f"{a}_{b}[{number}]", f"--{a}={b}")
        return random.choice(forms)
