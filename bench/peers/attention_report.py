"""What attention.py found, as a table and as a picture."""

import os
from dataclasses import dataclass

from peer_data import markdown


@dataclass
class Result:
    kind: str
    label: str
    isa: str
    dtype: str
    length: int  # of keys; 0: several
    width: int
    ours: float  # seconds
    fused: float  # seconds of PyTorch's own operation
    ratio_fused: float  # theirs / ours
    ratio_unfused: float | None
    percent_of_peak: float | None
    percent_of_bandwidth: float | None
    gflops: float | None
    ns_per_element: float | None


def times(ratio):
    return "" if ratio is None else f"{ratio:.2f}x"


def share(result):
    """What part of the machine's limit is reached."""
    if result.kind == "decode":
        return f"{result.percent_of_bandwidth:.0f} % of reads"
    if result.kind == "additive":
        return f"{result.ns_per_element:.3f} ns an element"
    return f"{result.percent_of_peak:.0f} % of FMA"


def table(results):
    header = ["case", "level", "Tessera us", "share of the limit"]
    header += ["PyTorch us", "faster than PyTorch", "than the unfused sequence"]
    rows = [
        [
            r.label if r.dtype == "f32" else f"{r.label}, {r.dtype}",
            r.isa,
            f"{r.ours * 1e6:.1f}",
            share(r),
            f"{r.fused * 1e6:.1f}",
            times(r.ratio_fused),
            times(r.ratio_unfused),
        ]
        for r in results
    ]
    return markdown(header, rows)


def write_between_marks(path, name, text):
    """Replaces what stands between two comments of a Markdown file."""
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n"
    with open(path, encoding="utf-8") as file:
        page = file.read()
    if begin not in page or end not in page:
        raise SystemExit(f"{path}: want the marks {begin.strip()} and its end")
    head, rest = page.split(begin, 1)
    tail = rest.split(end, 1)[1]
    with open(path, "w", encoding="utf-8") as file:
        file.write(head + begin + "\n" + text + "\n" + end + tail)


def curve(results, isa, kind):
    """[(length, ours in cache layout, ours, PyTorch's)], % of the FMA peak."""
    points = []
    for r in results:
        wanted = (r.isa, r.kind, r.width, r.dtype) == (isa, kind, 64, "f32")
        if not wanted or r.length == 0:
            continue
        peak = r.gflops / r.percent_of_peak  # GFLOP/s that are 1 %
        seen = r.length if kind == "full" else (r.length + 1) / 2
        gigaflop = 4 * 8 * r.width * r.length * seen / 1e9
        ours, theirs = gigaflop / r.ours / peak, gigaflop / r.fused / peak
        points.append((r.length, r.percent_of_peak, ours, theirs))
    return points


def picture(results, path):
    # Only this needs a plotting library.
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    isas = list(dict.fromkeys(r.isa for r in results))
    figure, axes = plt.subplots(
        len(isas),
        2,
        sharex=True,
        sharey=True,
        squeeze=False,
        figsize=(8, 1.2 + 2.4 * len(isas)),
    )
    for row, isa in zip(axes, isas):
        for axis, kind in zip(row, ("full", "causal")):
            points = curve(results, isa, kind)
            lengths = [point[0] for point in points]
            for at, name, style in (
                (1, "Tessera, cache layout", "o-C0"),
                (2, "Tessera, from rows", "o--C0"),
                (3, "PyTorch", "s-C1"),
            ):
                axis.plot(lengths, [p[at] for p in points], style, label=name)
            axis.set_title(f"{kind}, {isa}, f32, 8 heads of 64", fontsize=9)
            axis.set_xscale("log", base=2)
            axis.set_xticks(lengths, [str(n) for n in lengths])
            axis.set_ylim(0, 100)
            axis.grid(alpha=0.3)
        row[0].set_ylabel("% of FMA peak")
    for axis in axes[-1]:
        axis.set_xlabel("sequence length")
    axes[0][0].legend(fontsize=8, loc="lower right")
    figure.tight_layout()
    os.makedirs(os.path.dirname(path), exist_ok=True)
    figure.savefig(path, dpi=100)
