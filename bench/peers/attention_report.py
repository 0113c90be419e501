"""What attention.py found, as a table and as a picture."""

import os
from dataclasses import dataclass

from peer_data import markdown


@dataclass
class Result:
    kind: str
    label: str
    level: str
    dtype: str
    length: int  # of keys; 0: several
    width: int
    ours: float  # seconds
    fused: float  # seconds of PyTorch's own operation
    unfused: float | None  # seconds of its matmul, softmax, matmul
    onednn: float | None  # seconds of oneDNN's sequence
    ratio_fused: float  # theirs / ours
    ratio_unfused: float | None
    ratio_onednn: float | None
    times_f32: float | None  # bf16: speed relative to f32, in cache layout
    percent_of_peak: float | None
    percent_of_bandwidth: float | None
    gflops: float | None
    ns_per_element: float | None


GROUPS = {
    "full": "full",
    "causal": "causal",
    "decode": "decode, 1 query",
    "additive": "additive",
}


def times(ratio):
    return "" if ratio is None else f"{ratio:.2f}x"


def share(result):
    """What part of the machine's limit is reached."""
    if result.kind == "decode":
        return f"{result.percent_of_bandwidth:.0f} % of reads"
    if result.kind == "additive":
        return f"{result.ns_per_element:.3f} ns an element"
    text = f"{result.percent_of_peak:.0f} % of FMA"
    if result.times_f32 is None:
        return text
    return f"{text}, {result.times_f32:.2f}x f32"


def table(results):
    header = ["case", "Tessera us", "share of the limit", "PyTorch us"]
    header += ["faster than PyTorch", "than its unfused sequence"]
    header += ["than oneDNN's unfused"]
    rows, last = [], None
    for r in results:
        group = f"**{r.level}, {r.dtype}, {GROUPS[r.kind]}**"
        if group != last:
            rows.append([group] + [""] * (len(header) - 1))
            last = group
        rows.append(
            [
                r.label,
                f"{r.ours * 1e6:.1f}",
                share(r),
                f"{r.fused * 1e6:.1f}",
                times(r.ratio_fused),
                times(r.ratio_unfused),
                times(r.ratio_onednn),
            ]
        )
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


def curve(results, kind):
    """[(length, % of the f32 FMA peak of each of LINES)]"""
    points = []
    for r in results:
        if (r.kind, r.width) != (kind, 64) or r.length == 0:
            continue
        peak = r.gflops / r.percent_of_peak  # GFLOP/s that are 1 %
        seen = r.length if kind == "full" else (r.length + 1) / 2
        gigaflop = 4 * 8 * r.width * r.length * seen / 1e9
        times_of_all = (r.ours, r.fused, r.unfused, r.onednn)
        speeds = [gigaflop / seconds / peak for seconds in times_of_all]
        points.append((r.length, r.percent_of_peak, *speeds))
    return points


LINES = (
    (1, "Tessera, cache layout", "o-C0"),
    (2, "Tessera, from rows", "o--C0"),
    (3, "PyTorch", "s-C1"),
    (4, "PyTorch, unfused", "v--C1"),
    (5, "oneDNN, unfused", "^--C2"),
)


def picture(results, path):
    # Only this needs a plotting library.
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    levels = list(dict.fromkeys((r.level, r.dtype) for r in results))
    figure, axes = plt.subplots(
        len(levels),
        2,
        sharex=True,
        sharey="row",
        squeeze=False,
        figsize=(8, 1.2 + 2.4 * len(levels)),
    )
    for row, (level, dtype) in zip(axes, levels):
        here = [r for r in results if (r.level, r.dtype) == (level, dtype)]
        for axis, kind in zip(row, ("full", "causal")):
            points = curve(here, kind)
            lengths = [point[0] for point in points]
            for at, name, style in LINES:
                axis.plot(lengths, [p[at] for p in points], style, label=name)
            axis.set_title(f"{kind}, {level}, {dtype}", fontsize=9)
            axis.set_xscale("log", base=2)
            axis.grid(alpha=0.3)
        top = max(100, *(axis.get_ylim()[1] for axis in row))
        row[0].set_ylim(0, top)
        row[0].set_ylabel("% of f32 FMA peak")
    lengths = sorted({r.length for r in results if r.kind == "full"} - {0})
    for axis in axes[-1]:
        axis.set_xlabel("sequence length, 8 heads of 64")
        axis.set_xticks(lengths, [str(n) for n in lengths])
    lines = axes[0][0].get_lines()
    figure.legend(
        lines,
        [line.get_label() for line in lines],
        fontsize=8,
        loc="upper center",
        ncols=len(lines),
    )
    figure.tight_layout(rect=(0, 0, 1, 1 - 0.3 / figure.get_figheight()))
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    figure.savefig(path, dpi=100)
