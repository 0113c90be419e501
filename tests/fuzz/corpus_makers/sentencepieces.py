"""Models of SentencePiece, field by field."""
import struct

from .charsmaps import charsmap, hostile
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


def byte_pieces():
    return (b"".join(piece(f"<0x{i:02X}>", 0, 6) for i in range(256)) +
            field(2, b"\x98\x02\1"))


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
    write("sentencepiece", "byte_fallback", small + byte_pieces())
    for name, table in hostile().items():
        write("sentencepiece", "hostile_table_" + name, small + field(3, field(2, table)))
    write("sentencepiece", "hostile_no_unknown", piece("a"))
    write("sentencepiece", "denormalizer", small + field(5, field(2, charsmap())))
    for name, extra in {
            "type": field(3, b"\x10\1"), "model_type": field(2, b"\x18\7"),
            "bool": field(3, b"\x18\2"), "no_message": b"\x10\1",
            "unk": field(2, b"\xe2\x02\1\xff"), "nan": piece("n", float("nan")),
            "long": piece("n" * 1025), "no_text": field(1, b""), "cut": b"\x0a\x20ab",
            "varint": b"\x0a" + b"\xff" * 11, "fixed64": b"\x79" + b"\0" * 8,
            "fixed64_cut": b"\x79\0", "wire": b"\x0f"}.items():
        write("sentencepiece", "hostile_" + name, small + extra)
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
