"""Dask: a Parquet file translated by two worker processes.

    python dask_frame.py MODEL IN.parquet OUT_FOLDER
"""

import sys

import dask.dataframe
import tessera.dask
from dask.distributed import Client

if __name__ == "__main__":
    model, source, output = sys.argv[1:]
    with Client(n_workers=2, threads_per_worker=1, dashboard_address=None):
        frame = dask.dataframe.read_parquet(source).repartition(npartitions=4)
        tessera.dask.Translate(model)(frame).to_parquet(output)
