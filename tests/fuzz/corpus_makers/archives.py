"""pytorch_model.bin: zip archives and streams, byte by byte, and pickles in them."""
import struct

from .common import write

START = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03."


def text(value):
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def storage(key, count, kind="FloatStorage"):
    return (b"(" + text("storage") + b"ctorch\n" + kind.encode() + b"\n" + text(key) +
            text("cpu") + b"K" + bytes([count]) + b"tQ")


def tensor(key, count, shape=b"K\2K\2\x86", strides=b"K\2K\1\x86", kind="FloatStorage"):
    return (b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage(key, count, kind) + b"K\0" +
            shape + strides + b"\x89ccollections\nOrderedDict\n)RtR")


def pickle(*items):
    """A dict of keys and values by turns."""
    return b"\x80\x02}(" + b"".join(items) + b"u."


GOOD = pickle(text("a"), tensor("0", 4))


def archive(members, more=b"", method=0, flags=0, wide=False, comment=b"", disks=0, **end):
    """A zip archive of [(name, bytes)]; `wide` with all ZIP64 records."""
    data, directory = b"", b""
    for name, content in members:
        size = len(content) + (10**6 if end.get("past") else 0)
        name = name.encode()
        entry = struct.pack("<HHHHHIII", 20, flags, method, 0, 0, 0, size, size)
        extra = struct.pack("<HHHHQQQ", 9, 0, 1, 24, size, size, len(data)) if wide else b""
        size += 0 if directory else end.get("first", 0)
        listed = struct.pack("<HHHHHIII", 20, flags, method, 0, 0, 0, size, size)
        directory += (b"PK\1\2\0\0" + (listed[:-8] + b"\xff" * 8 if wide else listed) +
                      struct.pack("<HHHHHII", len(name), len(extra), 0, 0, 0, 0,
                                  0xffffffff if wide else len(data)) + name + extra)
        data += b"PK\3\4" + entry + struct.pack("<HH", len(name), 0) + name + content
    count, place = end.get("count", len(members)), end.get("place", len(data))
    data += more
    tail = b""
    if wide:
        tail = (b"PK\6\6" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, count, count,
                                        len(directory), place) +
                b"PK\6\7" + struct.pack("<IQI", 0, end.get("end64", len(data + directory)), 1))
    return (data + directory + tail + b"PK\5\6" +
            struct.pack("<HHHHIIH", disks, 0, count & 0xffff, count & 0xffff, len(directory), place,
                        len(comment)) + comment)


def zips():
    four = b"\0\0\x80\x3f" * 4
    good = [("m/data.pkl", GOOD), ("m/data/0", four)]
    for name, data in {
            "plain": archive(good), "comment": archive(good, comment=b"PK\5\6" * 8),
            "wide": archive(good, wide=True),
            "order": archive(good + [("m/byteorder", b"little")]),
            "big": archive(good + [("m/byteorder", b"big")]),
            "deflated": archive(good, method=8), "encrypted": archive(good, flags=1),
            "disks": archive(good, disks=1), "count": archive(good, count=3),
            "place": archive(good, place=9), "gap": archive(good, more=b"gap"),
            "twice": archive(good + good[1:]), "no_pickle": archive(good[1:]),
            "two_pickles": archive(good + [("n/data.pkl", GOOD)]),
            "script": archive(good + [("m/constants.pkl", b"")]),
            "no_storage": archive(good[:1]), "size": archive([good[0], ("m/data/0", b"1")]),
            "no_entry": archive(good).replace(b"PK\1\2", b"PK\1\3"),
            "other_header": archive(good).replace(b"PK\3\4", b"PK\3\5").replace(
                b"PK\3\5", b"PK\3\4", 1),
            "many": archive(good, wide=True, count=10**7),
            "wide_far": archive(good, wide=True, end64=2**40),
            "long_name": archive(good).replace(struct.pack("<HH", 10, 0), b"\xff\xff\0\0"),
            "past": archive(good, past=True), "overlap": archive(good, first=20),
            "wide_record": archive(good, wide=True).replace(b"PK\6\6", b"PK\6\5"),
            "wide_field": archive(good, wide=True).replace(b"\1\0\x18\0", b"\2\0\x18\0"),
            "wide_cut": archive(good, wide=True).replace(b"\1\0\x18\0", b"\1\0\x04\0")}.items():
        write("torch", "archive_" + name, data if data.startswith(b"PK\3\4") else
              b"PK\3\4" + data)


def stream(object_, keys=("0",), machine=b"\x80\x02}X\x0d\0\0\0little_endian\x88s.", data=None):
    names = b"\x80\x02](" + b"".join(text(key) for key in keys) + b"e."
    four = struct.pack("<Q", 4) + b"\0\0\x80\x3f" * 4
    return START + machine + object_ + names + (four * len(keys) if data is None else data)


def streams():
    for name, data in {
            "plain": stream(GOOD), "key_twice": stream(GOOD, ("0", "0")),
            "other_key": stream(GOOD, ("1",)), "no_keys": stream(GOOD, ()),
            "big": stream(GOOD, machine=b"\x80\x02}X\x0d\0\0\0little_endian\x89s."),
            "machine": stream(GOOD, machine=b"\x80\x02K\1."),
            "elements": stream(GOOD, data=struct.pack("<Q", 5) + b"\0" * 20),
            "more": stream(GOOD) + b"\0"}.items():
        write("torch", "stream_" + name, data)


def pickles():
    """Objects of opcodes and of tensors, most of them amiss."""
    one = text("a")
    most = b"\x8a\x08" + b"\xff" * 7 + b"\x7f"  # 2^63 - 1
    parameter = b"ctorch._utils\n_rebuild_parameter\n("
    view = b"ctorch._utils\n_rebuild_tensor\n("
    for name, data in {
            "state_dict": pickle(text("state_dict"), pickle(one, tensor("0", 4))[2:-1]),
            "kinds": b"\x80\x02}q\0(" + one + b"]r\1\0\0\0(K\1M\1\1J\xff\xff\xff\xffG12345678e" +
                     one + b"h\0" + one + b"j\1\0\0\0" + one + b"\x8a\1\xff" + one + b"\x8a\0" +
                     one + b"N" + one + b"\x89" + one + b"K\1\x85" + one + b"U\1a" + one +
                     b"T\1\0\0\0au.",
            "members": b"\x80\x02}" + one + b"]K\1as.", "marks": b"\x80\x02(.",
            "no_mark": b"\x80\x02t.", "two": b"\x80\x02NN.", "pop": b"\x80\x02R.",
            "odd": b"\x80\x02}(Nu.", "not_list": b"\x80\x02NK\1a.", "slot": b"\x80\x02h\1.",
            "far_slot": b"\x80\x02Nr\xff\xff\xff\x7f.", "long": b"\x80\x02\x8a\x09123456789.",
            "opcode": b"\x80\x02\xff.", "protocol": b"\x80\x03N.", "cut": b"\x80\x02X\4\0\0\0a",
            "string": b"\x80\x02X\xff\xff\xff\xff.", "name": b"\x80\x02c" + b"a" * 300 + b"\n.",
            "global": b"\x80\x02cos\nsystem\n.", "called": b"\x80\x02ctorch\nFloatStorage\n)R.",
            "call_number": b"\x80\x02K\1)R.", "build": b"\x80\x02K\1Nb.", "built": b"\x80\x02}}b.",
            "ordered": b"\x80\x02ccollections\nOrderedDict\n](" + one + b"N\x86e\x85R.",
            "ordered_three": b"\x80\x02ccollections\nOrderedDict\n]NN\x87R.",
            "ordered_pair": b"\x80\x02ccollections\nOrderedDict\n]N\x85a\x85R.",
            "persistent": b"\x80\x02NQ.", "list": b"\x80\x02].", "key": b"\x80\x02}NNs.",
            "number_key": pickle(b"K\1", tensor("0", 4)),
            "twice": pickle(one, tensor("0", 4), one, tensor("0", 4)),
            "odd_name": pickle(text("a\n"), tensor("0", 4)),
            "half": pickle(one, tensor("0", 4, kind="HalfStorage")),
            "type": pickle(one, tensor("0", 4, kind="OrderedDict")),
            "other_type": pickle(one, tensor("0", 4), text("b"), tensor("0", 3)),
            "strided": pickle(one, tensor("0", 4, strides=b"K\1K\2\x86")),
            "repeats": pickle(one, tensor("0", 4, b"K\x09K\x09\x86", b"K\0K\0\x86")),
            "repeats_much": pickle(one, tensor("0", 4, b"J\0\0\0\1K\x09\x86", b"K\0K\0\x86")),
            "outside": pickle(one, tensor("0", 4, b"K\3K\2\x86")),
            "overflow": pickle(one, tensor("0", 4, most + b"K\2\x86")),
            "wide_step": pickle(one, tensor("0", 4, strides=most + b"K\1\x86")),
            "no_elements": pickle(one, tensor("0", 4, b"K\0K\2\x86")),
            "strides": pickle(one, tensor("0", 4, strides=b"K\1\x85")),
            "negative": pickle(one, tensor("0", 4, strides=b"J\xff\xff\xff\xffK\1\x86")),
            "rank": pickle(one, tensor("0", 4, b"(" + b"K\1" * 40 + b"t")),
            "parameter": pickle(one, parameter + tensor("0", 4) + b"\x89NtR"),
            "parameter_of": pickle(one, parameter + b"NtR"),
            "parameters": pickle(one, parameter + parameter + tensor("0", 4) + b"tRtR"),
            "view": pickle(one, view + storage("0", 4) + b"K\0K\4\x85K\1\x85tR"),
            "storage": pickle(one, view + b"(K\1tQK\0K\4\x85K\1\x85tR"),
            "storage_size": pickle(one, view + storage("0", 4)[:-4] +
                                   most + b"tQK\0K\4\x85K\1\x85tR"),
            "arguments": pickle(one, view + storage("0", 4) + b"tR")}.items():
        write("torch", "pickle_" + name, archive(
            [("m/data.pkl", data), ("m/data/0", b"\0\0\x80\x3f" * 4)]))


def make():
    zips()
    streams()
    pickles()
