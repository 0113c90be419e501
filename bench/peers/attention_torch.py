"""PyTorch's side of attention.py: a process that times cases one at a time.

  attention_torch.py f32|bf16

Says what PyTorch is and what it makes of a GEMM of that type. Then reads a case
a line from standard input, as JSON, and answers with the seconds that a run
takes. The environment of the process sets the instruction sets.
"""

import json
import math
import statistics
import sys
import time

import torch

MASKED = float("-inf")
DTYPES = {"f32": torch.float32, "bf16": torch.bfloat16}


def random_heads(case, rows, layout):
    """f32 or bf16 [B, H, rows, d]; "transposed" as projections leave it."""
    batch, heads, width = len(case["lengths"]), case["heads"], case["width"]
    dtype = DTYPES[case["dtype"]]
    if layout == "transposed":
        return torch.randn(batch, rows, heads, width).to(dtype).transpose(1, 2)
    return torch.randn(batch, heads, rows, width).to(dtype)


def padding_mask(case, rows, causal):
    """bool [B, 1, rows or 1, keys] of what may be seen; None: everything."""
    lengths = torch.tensor(case["lengths"])
    keys = int(lengths.max())
    seen = None
    if bool((lengths < keys).any()):
        seen = (torch.arange(keys) < lengths[:, None])[:, None, None, :]
    if not causal:
        return seen
    triangle = torch.ones(rows, keys, dtype=torch.bool).tril()
    return triangle[None, None] if seen is None else seen & triangle


def fused(case, q, k, v):
    """scaled_dot_product_attention; is_causal where there is no padding."""
    rows = q.shape[2]
    padded = min(case["lengths"]) < max(case["lengths"])
    by_flag = case["causal"] and not padded
    mask = padding_mask(case, rows, case["causal"] and padded)
    attention = torch.nn.functional.scaled_dot_product_attention
    return lambda: attention(q, k, v, attn_mask=mask, is_causal=by_flag)


def unfused(case, q, k, v):
    """Batched GEMM, softmax, batched GEMM into memory that stays."""
    rows, keys = q.shape[2], k.shape[2]
    seen = padding_mask(case, rows, case["causal"])
    bias = None
    if seen is not None:
        bias = torch.zeros(seen.shape, dtype=q.dtype).masked_fill(~seen, MASKED)
    scores = torch.empty(*q.shape[:2], rows, keys, dtype=q.dtype)
    weights, out = torch.empty_like(scores), torch.empty(q.shape, dtype=q.dtype)
    scaled, columns = q / math.sqrt(q.shape[3]), k.transpose(-1, -2)

    def run():
        torch.matmul(scaled, columns, out=scores)
        if bias is not None:
            scores.add_(bias)
        torch.softmax(scores, dim=-1, out=weights)
        torch.matmul(weights, v, out=out)

    return run


def additive(case, q, k, v):
    """Scores by a broadcast tanh."""
    w = torch.randn(case["heads"], case["width"], 1)

    def run():
        features = torch.tanh(q[:, :, :, None] + k[:, :, None])
        scores = torch.matmul(features, w[:, None]).squeeze(-1)
        return torch.matmul(torch.softmax(scores, dim=-1), v)

    return run


METHODS = {"fused": fused, "unfused": unfused, "additive": additive}


def seconds_a_run(case):
    rows = case["rows"] or max(case["lengths"])
    keys = max(case["lengths"])
    layout = case["layout"]
    run = METHODS[case["method"]](
        case,
        random_heads(case, rows, layout),
        random_heads(case, keys, layout),
        random_heads(case, keys, layout),
    )
    run()
    # CPU time of the one thread, as in Tessera's benchmark.
    start, runs, spent = time.thread_time(), 0, 0.0
    while spent < case["seconds"]:
        run()
        runs += 1
        spent = time.thread_time() - start
    return spent / runs


def gemm_gflops(dtype):
    """What this PyTorch makes of a square GEMM."""
    size = 1024
    a, b = (torch.randn(size, size).to(dtype) for _ in range(2))
    speeds = []
    for _ in range(10):
        start = time.thread_time()
        torch.matmul(a, b)
        speeds.append(2e-9 * size**3 / (time.thread_time() - start))
    return statistics.median(speeds)


def main():
    torch.set_num_threads(1)
    torch.manual_seed(1)
    facts = {
        "version": torch.__version__,
        "capability": torch.backends.cpu.get_cpu_capability(),
        "gemm_gflops": gemm_gflops(DTYPES[sys.argv[1]]),
    }
    print(json.dumps(facts), flush=True)
    with torch.inference_mode():
        for line in sys.stdin:
            print(json.dumps(seconds_a_run(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
