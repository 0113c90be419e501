"""Ray Data: a Parquet file translated by an actor that uses all of the machine.

    python ray_data.py MODEL IN.parquet OUT_FOLDER
"""

import sys

import ray
import tessera.ray

model, source, output = sys.argv[1:]
ray.init(num_cpus=2, object_store_memory=100_000_000, include_dashboard=False)
ray.data.read_parquet(source).map_batches(
    tessera.ray.Translate,
    fn_constructor_kwargs=dict(model=model, threads=2),
    compute=ray.data.ActorPoolStrategy(size=1),
    batch_size=1024,
    batch_format="pyarrow",
    num_cpus=1,  # the other reads and writes
).write_parquet(output)
