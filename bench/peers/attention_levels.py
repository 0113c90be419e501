"""Instruction sets that attention.py compares at, equal on all sides."""

import re
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Level:
    name: str
    dtype: str  # of queries, keys and values: "f32" or "bf16"
    flag: str  # of /proc/cpuinfo: what the CPU needs
    words: tuple  # the level in names of benchmarks, best first
    caps: dict = field(hash=False)  # environment variables


def level(name, dtype, flag, words, tessera, mkl, onednn, aten=None):
    caps = {
        "TESSERA_ISA": tessera,
        "MKL_ENABLE_INSTRUCTIONS": mkl,
        "ONEDNN_MAX_CPU_ISA": onednn,
    }
    if aten:
        caps["ATEN_CPU_CAPABILITY"] = aten
    return Level(name, dtype, flag, words, caps)


# AVX-512 BF16 has no level of its own in Tessera: avx512vnni uses it where it
# pays.
LEVELS = [
    level(
        "avx512", "f32", "avx512vl", ("avx512",),
        "avx512", "AVX512", "AVX512_CORE", "avx512",
    ),
    level(
        "avx2", "f32", "avx2", ("avx2",),
        "avx2", "AVX2", "AVX2", "avx2",
    ),
    level(
        "avx512bf16", "bf16", "avx512_bf16", ("avx512",),
        "avx512vnni", "AVX512_E3", "AVX512_CORE_BF16",
    ),
    level(
        "amx", "bf16", "amx_bf16", ("amx", "avx512"),
        "amx", "AVX512_E4", "AVX512_CORE_AMX",
    ),
]  # fmt: skip


def cpu_facts():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        return dict(re.findall(r"^([^\t:]+)\s*: (.*)$", file.read(), re.M))


def measurable(levels):
    """Those that this CPU has."""
    flags = cpu_facts().get("flags", "").split()
    return [one for one in levels if one.flag in flags]
