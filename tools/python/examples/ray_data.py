"""Ray Data: a Parquet file translated by a pool of actors.

    python ray_data.py MODEL IN.parquet OUT_FOLDER
"""

import sys

import ray
import tessera.ray

model, source, output = sys.argv[1:]
ray.init(num_cpus=2, object_store_memory=100_000_000, include_dashboard=False)
ray.data.read_parquet(source).map_batches(
    tessera.ray.Translate,
    fn_constructor_kwargs=dict(model=model, threads=1),
    compute=ray.data.ActorPoolStrategy(min_size=1, max_size=2),
    batch_size=256,
    batch_format="pyarrow",
    num_cpus=1,
).write_parquet(output)
