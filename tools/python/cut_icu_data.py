"""ICU's data as an object, with what Tessera uses of Debian's: 0.6 of 31 MB.

Properties and case are in ICU's code; its data serve normalisation, the breaks
between characters and sentences, and a few properties that patterns may name.
"""

import fnmatch
import re
import struct
import subprocess
from pathlib import Path

from elftools.elf.elffile import ELFFile

KEPT = (
    "brkitr/*.brk",
    "brkitr/*.res",
    "nfkc.nrm",
    "nfkc_cf.nrm",
    "uemoji.icu",
    "ulayout.icu",
    "uts46.nrm",
)
ALIGNMENT = 16


def package_of(library):
    """The symbol of the data in a libicudata, and its bytes."""
    with open(library, "rb") as file:
        elf = ELFFile(file)
        symbols = elf.get_section_by_name(".dynsym").iter_symbols()
        found = [s for s in symbols if re.fullmatch(r"icudt\d+_dat", s.name)]
        if len(found) != 1:
            raise SystemExit(f"{library}: want one icudtNN_dat, found {len(found)}")
        (offset,) = elf.address_offsets(found[0]["st_value"])
        file.seek(offset)
        return found[0].name, file.read(found[0]["st_size"])


def items_of(package):
    """Name and bytes of each item: behind the header, whose size comes first, a
    count and so many pairs of offsets, of the name and of the bytes."""
    (header,) = struct.unpack_from("<H", package)
    if package[12:16] != b"CmnD":
        raise SystemExit(f"want a package CmnD, found {package[12:16]!r}")
    table = package[header:]
    (count,) = struct.unpack_from("<I", table)
    pairs = [struct.unpack_from("<II", table, 4 + 8 * i) for i in range(count)]
    ends = [begin for _, begin in pairs[1:]] + [len(table)]
    for (name, begin), end in zip(pairs, ends):
        text = table[name : table.index(b"\0", name)].decode()
        yield text, table[begin:end]


def kept(name):
    inside = name.split("/", 1)[1]  # without "icudtNNl/"
    return any(fnmatch.fnmatch(inside, pattern) for pattern in KEPT)


def pack(header, items):
    """The reverse of items_of."""
    names, begins, begin = b"", [], 4 + 8 * len(items)
    for name, _ in items:
        begins.append(begin + len(names))
        names += name.encode() + b"\0"
    table, data = struct.pack("<I", len(items)), b""
    first = begin + len(names)
    first += -(len(header) + first) % ALIGNMENT
    for name_begin, (_, content) in zip(begins, items):
        table += struct.pack("<II", name_begin, first + len(data))
        data += content + bytes(-len(content) % ALIGNMENT)
    packed = table + names
    return header + packed + bytes(first - len(packed)) + data


# Debian's static ICU is compiled for programs, and reaches variables of other
# libraries as only programs can. In a shared object it gets its own: of libc the
# time zone, which nobody asks for here; of libstdc++ what std::call_once passes to
# __once_proxy, because the loader would want all of libstdc++'s thread-local
# variables in a place that is taken where torch came first.
VARIABLES = """\
.hidden __timezone, timezone, daylight, tzname
.comm __timezone, 8, 8
.comm timezone, 8, 8
.comm daylight, 8, 8
.comm tzname, 16, 16
.globl _ZSt11__once_call, _ZSt15__once_callable, __once_proxy
.hidden _ZSt11__once_call, _ZSt15__once_callable, __once_proxy
.section .tbss, "awT", @nobits
.balign 8
.type _ZSt11__once_call, @object
.size _ZSt11__once_call, 8
_ZSt11__once_call: .zero 8
.type _ZSt15__once_callable, @object
.size _ZSt15__once_callable, 8
_ZSt15__once_callable: .zero 8
.text
.type __once_proxy, @function
__once_proxy:
mov _ZSt11__once_call@gottpoff(%rip), %rax
jmp *%fs:(%rax)
.size __once_proxy, . - __once_proxy
"""


def cut(library, folder):
    """Writes the object for a module that links ICU statically."""
    symbol, package = package_of(library)
    (header,) = struct.unpack_from("<H", package)
    items = [item for item in items_of(package) if kept(item[0])]
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "icu.dat").write_bytes(pack(package[:header], items))
    (folder / "icu.s").write_text(
        f"""\
{VARIABLES}.section .rodata
.balign {ALIGNMENT}
.globl {symbol}
.hidden {symbol}
.type {symbol}, @object
{symbol}:
.incbin "{folder / 'icu.dat'}"
.size {symbol}, . - {symbol}
.section .note.GNU-stack,"",@progbits
"""
    )
    run = ["cc", "-c", "-o", folder / "icu.o", folder / "icu.s"]
    subprocess.run(run, check=True)
    return folder / "icu.o"
