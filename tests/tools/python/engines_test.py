"""The examples for Ray, Spark, Dask and datasets give the program's bits."""

import importlib.util
import os
import pickle
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import ROOT
from tessera import hf

EXAMPLES = ROOT / "tools/python/examples"


def run_example(name, *arguments, **options):
    environment = {
        **os.environ,
        "HF_HOME": "/nonexistent",
        "HF_DATASETS_CACHE": str(arguments[-1]) + "-cache",
        "RAY_USAGE_STATS_ENABLED": "0",
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONWARNINGS": "ignore",
    }
    found = subprocess.run(
        [sys.executable, EXAMPLES / f"{name}.py", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        **options,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


def needs(*names):
    missing = [name for name in names if not importlib.util.find_spec(name)]
    return pytest.mark.skipif(bool(missing), reason=f"no {', '.join(missing)}")


@pytest.fixture
def source(tmp_path, sentences):
    texts = [*sentences, None, "\ud800".encode("utf-8", "replace").decode()]
    table = pa.table({"n": range(len(texts)), "text": texts})
    pq.write_table(table, tmp_path / "in.parquet", row_group_size=100)
    return tmp_path / "in.parquet"


def check(folder, reference):
    rows = [
        row
        for path in sorted(folder.rglob("*.parquet"))
        for row in pq.ParquetFile(path).read().to_pylist()
    ]
    rows.sort(key=lambda row: row["n"])
    assert [row["n"] for row in rows] == list(range(len(reference) + 2))
    for row, wanted in zip(rows, reference):
        assert row["translation"] == wanted["text"] and row["error"] is None
        assert f"{row['score']:.6f}" == f"{wanted['score']:.6f}"
    assert rows[-2]["translation"] is None and rows[-2]["error"] is None


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("ray_data", marks=needs("ray", "pandas")),
        pytest.param("spark_arrow", marks=needs("pyspark", "pandas")),
        pytest.param("dask_frame", marks=needs("dask", "distributed", "pandas")),
        pytest.param("hf_dataset", marks=needs("datasets")),
    ],
)
def test_example(name, tmp_path, model, source, reference):
    (tmp_path / "out").mkdir()
    output = tmp_path / "out" / "parts" if name == "spark_arrow" else tmp_path / "out"
    run_example(name, model, str(source), str(output))
    check(tmp_path / "out", reference)


@needs("ray", "fastapi")
def test_ray_serve(tmp_path, model, sentences, reference):
    found = run_example("ray_serve", model, input="\n".join(sentences[:100]) + "\n")
    lines = [line for line in found.splitlines() if "(raylet)" not in line]
    assert lines == [one["text"] for one in reference[:100]]


KILLED = """
import os, signal, sys, ray, tessera.ray
model, source, output = sys.argv[1:]

class Mortal(tessera.ray.Translate):
    '''Dies in the middle of its third batch, the first three times.'''
    seen = 0
    def __call__(self, batch):
        self.seen += 1
        for life in range(3):
            try:
                if self.seen == 3:
                    os.close(os.open(f"{output}.death{life}", os.O_CREAT | os.O_EXCL))
                    os.kill(os.getpid(), signal.SIGKILL)
            except FileExistsError:
                pass
        return super().__call__(batch)

ray.init(num_cpus=2, object_store_memory=100_000_000, include_dashboard=False)
ray.data.read_parquet(source).map_batches(
    Mortal, fn_constructor_kwargs=dict(model=model, threads=1),
    compute=ray.data.ActorPoolStrategy(size=1), batch_size=50,
    batch_format="pyarrow", num_cpus=1).write_parquet(output)
assert os.path.exists(f"{output}.death2")
"""


@needs("ray", "pandas")
def test_ray_outlives_killed_actors(tmp_path, model, source, reference):
    (tmp_path / "out").mkdir()
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", KILLED]
        + [model, source, tmp_path / "out"],
        env={**os.environ, "RAY_USAGE_STATS_ENABLED": "0"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    check(tmp_path / "out", reference)


def test_pickles_have_no_model_and_know_its_files(model):
    translate = hf.Translate(model, num_beams=1)
    before = pickle.dumps(translate)
    assert translate({"text": ["A dog.", None]})["translation"] == ["Un chien.", None]
    assert pickle.dumps(translate) == before and len(before) < 2000
    again = pickle.loads(before)
    assert again({"text": ["\ud800"]})["translation"] == [None]
    assert again.translator is translate.translator
