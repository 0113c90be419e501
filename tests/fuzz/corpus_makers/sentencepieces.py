"""Models of SentencePiece, field by field."""
import struct

from .common import GOLDEN, write


def varint(n):
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def piece(text, score=-1.0, kind=None):
    body = field(1, text.encode()) + b"\x15" + struct.pack("<f", score)
    return field(1, body + (b"\x18" + bytes([kind]) if kind else b""))


def charsmap(root=256 << 10):
    """A table of one rule, A to a: a double array whose root leads to unit 256."""
    units = [0] * 512
    units[0], units[256 ^ 65], units[256 ^ 64] = root, 65 | 256 | 1 << 10, 1 << 31
    trie = struct.pack("<512I", *units)
    return struct.pack("<I", len(trie)) + trie + b"a\0"


def make():
    tokenizer = GOLDEN / "tokenizer"
    source = (tokenizer / "separate/source.spm").read_bytes()
    write("sentencepiece", "unigram", source)
    write("sentencepiece", "pairs", (tokenizer / "pieces/bpe.model").read_bytes())
    normalizer = field(1, b"own") + field(2, charsmap()) + b"\x18\1\x20\1\x28\1"
    small = (piece("<unk>", 0, 2) + piece("<s>", 0, 3) + piece("</s>", 0, 3) +
             piece("\u2581", -2) + piece("a") + piece("\u2581a") + piece("zz", 0, 4) +
             piece("b", -3, 5))
    write("sentencepiece", "own_table", small + field(3, normalizer))
    trainer = b"\x18\1\xa0\x02\0"
    write("sentencepiece", "trainer", small + field(2, trainer))
    ids = b"".join(piece(f"<0x{i:02X}>", 0, 6) for i in range(256))
    write("sentencepiece", "byte_fallback", small + ids + field(2, b"\x98\x02\1"))
    write("sentencepiece", "hostile_root",
          small + field(3, field(2, charsmap((1 << 20) << 10 | 0x200))))
    write("sentencepiece", "hostile_tag",
          small + varint((3 << 3 | 2) + (1 << 32)) + varint(2) + b"\x12\0")
    write("sentencepiece", "hostile_nested",
          small + b"".join(piece("\u0259" * n, 0, 4) for n in range(1, 70)))
    write("sentencepiece", "hostile_self_test",
          small + field(4, field(1, field(1, b"q" * 500) + field(2, b"a"))))
    write("sentencepiece", "hostile_group", small + b"\x1b\x1c")
    write("sentencepiece", "hostile_twice", small + small)
    write("sentencepiece", "hostile_escape", small + piece("\x1b[2J") + piece("\0"))
    write("sentencepiece", "empty", b"")
