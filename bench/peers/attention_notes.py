"""What stands under the table of attention.py: beams, threads, the machine."""

import os

from attention_levels import cpu_facts
from peer_data import median

LENGTHS = (128, 512, 2048)
SCALING_ROUNDS = 5  # each is the best of many turns already


def beams(tessera, level, rounds):
    """What 4 beams over shared keys and values cost, as a note."""
    keys = (512, 2048)

    def name(rows, n):
        return f"AttentionDecode/{level.words[-1]}/f32/R:{rows}/H:8/n:{n}/d:64"

    names = [name(rows, n) for n in keys for rows in (1, 4)]
    found = [tessera.run(names) for _ in range(rounds)]
    parts = []
    for n in keys:
        times = [[f[name(r, n)]["cpu_time"] for r in (4, 1)] for f in found]
        ratio = median(four / one for four, one in times)
        parts.append(f"{ratio:.2f}x at {n:,} keys")
    return (
        f"{level.name}: 4 beams over shared keys and values, relative to one: "
        + ", ".join(parts)
    )


def scaling(tessera, level, rounds):
    """What a second thread brings, relative to the FMA peak, as a note."""
    parts = []
    for kind in ("full", "causal"):
        shares = []
        for length in LENGTHS:
            name = f"AttentionPrefill/{level.words[-1]}/f32/{kind}/B:1/H:8"
            name += f"/T:{length}/d:64/threads:2"
            shares.append(scaling_of(tessera, name, rounds))
        parts.append(f"{kind} {' / '.join(shares)} %")
    lengths = " / ".join(f"{n:,}" for n in LENGTHS)
    return (
        f"{level.name}: two threads, relative to the scaling of the FMA peak, "
        f"at T = {lengths}: {', '.join(parts)}"
    )


def scaling_of(tessera, name, rounds):
    """Percent; "?" where other work kept the threads apart in each round."""
    found = []
    for _ in range(min(rounds, SCALING_ROUNDS)):
        # The counter times itself: one iteration is enough.
        answer, _ = tessera.try_to_run([name], seconds=1e-9)
        found += [one["percent_of_scaling"] for one in answer.values()]
    return f"{median(found):.0f}" if found else "?"


def machine():
    info = cpu_facts()
    return (
        f"{info.get('model name', 'unknown CPU')} (family "
        f"{info.get('cpu family')}, model {info.get('model')}), one thread, "
        f"{os.getloadavg()[0]:.1f} runnable processes at the end"
    )


def peaks(level, results, torch, onednn):
    """What the level can do, and what the others make of it."""
    peak = median(
        100 * r.gflops / r.percent_of_peak
        for r in results
        if r.level == level.name and r.gflops
    )
    return (
        f"{level.name}: f32 FMA peak {peak:.0f} GFLOP/s; PyTorch "
        f"{torch['version']} uses {torch['capability']} and reaches "
        f"{torch['gemm_gflops']:.0f} GFLOP/s with {level.dtype} matrices of "
        f"1,024 rows; oneDNN {onednn}"
    )


def unmeasured(levels):
    return [
        f"{one.name}, {one.dtype}: not measured, this CPU lacks {one.flag}"
        for one in levels
    ]
