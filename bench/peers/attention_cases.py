"""The cases of attention.py, and what they are called on both sides."""

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

    def names(self, isa):
        """Benchmarks to run: of the comparison, of the percentage."""
        middle = f"{isa}/{self.dtype}"
        if self.kind == "decode":
            return [f"AttentionDecode/{middle}/{self.shape}"] * 2
        if self.kind == "additive":
            return [f"AttentionAdditive/{middle}/{self.shape}"] * 2
        end = f"{middle}/{self.kind}/{self.shape}"
        return [f"AttentionPrefillRows/{end}", f"AttentionPrefill/{end}"]

    def methods(self):
        """(method, layout) of PyTorch: those that count as its own, others."""
        layouts = ["contiguous", "transposed"]
        if self.kind == "additive":
            return [("additive", "contiguous")], []
        return (
            [("fused", layout) for layout in layouts],
            [("unfused", layout) for layout in layouts],
        )


def square(kind, length, width=64, dtype="f32"):
    other_width = f", d = {width}" if width != 64 else ""
    return Case(
        kind=kind,
        label=f"{kind}, T = {length}{other_width}",
        shape=f"B:1/H:8/T:{length}/d:{width}",
        lengths=(length,),
        width=width,
        dtype=dtype,
    )


def cases_of(dtype):
    ragged = tuple(1 + 63 * b // 31 for b in range(32))
    for kind in ("full", "causal"):
        yield Case(
            kind=kind,
            label=f"{kind}, 32 of T = 1..64",
            shape="B:32/H:8/T:1-64/d:64",
            lengths=ragged,
            dtype=dtype,
        )
        for length in (128, 256, 512, 1024, 2048):
            yield square(kind, length, dtype=dtype)
        for width in (32, 128):
            yield square(kind, 512, width, dtype)
    for keys in (64, 512, 2048):
        yield Case(
            kind="decode",
            label=f"1 query, {keys} keys",
            shape=f"R:1/H:8/n:{keys}/d:64",
            lengths=(keys,),
            rows=1,
            dtype=dtype,
        )
    if dtype == "f32":
        yield Case(
            kind="additive",
            label="additive, T = 128",
            shape="B:1/H:8/T:128/h:64",
            lengths=(128,),
        )
