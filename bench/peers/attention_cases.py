"""The cases of attention.py, and what they are called on each side."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    kind: str  # "full", "causal", "decode" or "additive"
    label: str
    shape: str  # the end of the benchmark's name
    lengths: tuple
    rows: int = 0  # queries of each sequence; 0: as many as keys
    heads: int = 8
    width: int = 64
    dtype: str = "f32"

    def comparison(self, word):
        """Tessera's benchmark beside the others, packing counted."""
        if self.kind == "decode":
            return f"AttentionDecode/{word}/{self.dtype}/{self.shape}"
        if self.kind == "additive":
            return f"AttentionAdditive/{word}/{self.dtype}/{self.shape}"
        end = f"{word}/{self.dtype}/{self.kind}/{self.shape}"
        return f"AttentionPrefillRows/{end}"

    def in_cache_layout(self, word, dtype=None):
        """Tessera's benchmark for the share of the limit."""
        if self.kind in ("decode", "additive"):
            return self.comparison(word)
        end = f"{word}/{dtype or self.dtype}/{self.kind}/{self.shape}"
        return f"AttentionPrefill/{end}"

    def by_onednn(self, word):
        return f"OneDnnUnfused/{word}/{self.dtype}/{self.kind}/{self.shape}"

    def methods(self):
        """[(method, layout)] of PyTorch: fused, and the unfused sequence."""
        layouts = ["contiguous", "transposed"]
        if self.kind == "additive":
            return [("additive", "contiguous")], []
        return (
            [("fused", layout) for layout in layouts],
            [("unfused", layout) for layout in layouts],
        )


def square(kind, length, width=64, dtype="f32"):
    return Case(
        kind=kind,
        label=f"T = {length}" + (f", d = {width}" if width != 64 else ""),
        shape=f"B:1/H:8/T:{length}/d:{width}",
        lengths=(length,),
        width=width,
        dtype=dtype,
    )


def ragged(kind):
    return Case(
        kind=kind,
        label="32 of T = 1..64",
        shape="B:32/H:8/T:1-64/d:64",
        lengths=tuple(1 + 63 * b // 31 for b in range(32)),
    )


def decode(keys):
    return Case(
        kind="decode",
        label=f"{keys} keys",
        shape=f"R:1/H:8/n:{keys}/d:64",
        lengths=(keys,),
        rows=1,
    )


def cases_of(dtype):
    if dtype == "bf16":
        for kind in ("full", "causal"):
            for length in (128, 512, 2048):
                yield square(kind, length, dtype=dtype)
        return
    for kind in ("full", "causal"):
        yield ragged(kind)
        for length in (128, 256, 512, 1024, 2048):
            yield square(kind, length)
        for width in (32, 128):
            for length in (128, 512, 2048):
                yield square(kind, length, width)
    for keys in (64, 512, 2048):
        yield decode(keys)
    yield Case(
        kind="additive",
        label="T = 128",
        shape="B:1/H:8/T:128/h:64",
        lengths=(128,),
    )
