"""What the side of every peer does: one job, in a process of its own, measured.

The job is a JSON file, the only argument; the result a line of JSON:
  job     model       folder of Hugging Face's form
          converted   folder that the peer's converter made of it
          precision   "f32", "bf16" or "int8"
          threads, batch_size, beam_size, new_tokens, length_penalty
          alone       one sentence at a time
          sources     [[piece, ...]], the end included
          source_ids  [[id, ...]], the same
  result  load_seconds, seconds, tokens (the ends included), outputs (pieces or
          ids), before_bytes and peak_bytes: most memory held before the model
          was opened, and in all
"""

import json
import re
import sys
import time


def peak_bytes():
    with open("/proc/self/status", encoding="utf-8") as file:
        return int(re.search(r"VmHWM:\s+(\d+) kB", file.read()).group(1)) << 10


def translate_all(translate, indices, job):
    if not job["alone"]:
        return translate(indices)
    return [output for i in indices for output in translate([i])]


def run(open_model):
    """open_model(job) gives translate([i, ...]), which gives [[token, ...]] of
    those sources, the end included."""
    with open(sys.argv[1], encoding="utf-8") as file:
        job = json.load(file)
    before = peak_bytes()
    start = time.perf_counter()
    translate = open_model(job)
    load_seconds = time.perf_counter() - start
    indices = list(range(len(job["sources"])))
    translate_all(translate, indices[: job["batch_size"]], job)  # warms up
    start = time.perf_counter()
    outputs = translate_all(translate, indices, job)
    seconds = time.perf_counter() - start
    result = {
        "load_seconds": load_seconds,
        "seconds": seconds,
        "tokens": sum(map(len, outputs)),
        "outputs": outputs,
        "before_bytes": before,
        "peak_bytes": peak_bytes(),
    }
    print(json.dumps(result))
