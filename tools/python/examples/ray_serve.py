"""Ray Serve: one deployment, whose requests share batches.

    python ray_serve.py MODEL < LINES
"""

import sys

import ray
import tessera.ray
from ray import serve

ray.init(num_cpus=2, object_store_memory=100_000_000, include_dashboard=False)
handle = serve.run(tessera.ray.deployment(sys.argv[1], threads=1))
answers = [handle.remote(line.rstrip("\n")) for line in sys.stdin]
for answer in answers:
    print(answer.result()["text"])
serve.shutdown()
