"""Tables of a SentencePiece normaliser: a double array of keys, then the strings."""
import struct

NONE = 1 << 31  # a unit that is no child of any other


def units_of(rules):
    """The double array of {key: place of its string}, by first fit."""
    root = {}
    for key, value in rules.items():
        node = root
        for byte in key:
            node = node.setdefault(byte, {})
        node[None] = value
    units, bases, waiting = {0: 0}, set(), [(root, 0)]
    while waiting:
        node, at = waiting.pop(0)
        labels = [0 if byte is None else byte for byte in node]
        base = next(b for b in range(1, 1 << 20) if b not in bases and
                    not any(b ^ label in units for label in labels))
        bases.add(base)
        units[at] |= (at ^ base) << 10 | (1 << 8 if None in node else 0)
        for byte, child in node.items():
            if byte is None:
                units[base] = 1 << 31 | child
            else:
                units[base ^ byte] = byte
                waiting.append((child, base ^ byte))
    size = max(units) // 256 * 256 + 256
    return [units.get(i, NONE) for i in range(size)]


def table(units, strings):
    trie = struct.pack(f"<{len(units)}I", *units)
    return struct.pack("<I", len(trie)) + trie + strings


def charsmap(rules=None):
    """What {key: replacement} makes, as the library's compiler lays it out."""
    rules = {"A": "a", "\u00c5": "A\u030a", "\ufb01": "fi", "\n": " ", "\u200d": "",
             "e\u0301": "\u00e9"} if rules is None else rules
    strings, places = b"", {}
    for key, value in rules.items():
        places[key.encode()] = len(strings)
        strings += value.encode() + b"\0"
    return table(units_of(places), strings)


def hostile():
    """Tables by what is wrong with them."""
    good = units_of({b"A": 0})
    loop = [1 << 10] + [NONE] * 255
    loop[1] = 0  # label 0, leads to itself
    nested = {b"a" * n: 0 for n in range(1, 40)}
    return {
        "cut": charsmap()[:-1], "short": b"\4\0\0", "sizes": b"\3\0\0\0abc\0",
        "empty": table([], b"\0"), "large": table([NONE] * 256, b"\0")[:4] + b"a\0",
        "utf8": table(good, b"\xff\0"), "loop": table(loop, b"a\0"),
        "offset": table([1 << 21] + good[1:], b"a\0"),
        "wide_offset": table([(1 << 20) << 10 & 0xFFFFFFFF | 0x200] + good[1:], b"a\0"),
        "few": table(good[:100], b"a\0"),
        "past": table(units_of({b"A": 9}), b"a\0"),
        "within": table(units_of({b"A": 1}), b"ab\0"),
        "long": table(units_of({b"A": 0}), b"a" * 65 + b"\0"),
        "nested": table(units_of(nested), b"\0"),
        "deep": table(units_of({b"a" * 300: 0}), b"\0")}
