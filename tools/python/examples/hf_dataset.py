"""Hugging Face datasets: a Parquet file translated by Dataset.map.

    python hf_dataset.py MODEL IN.parquet OUT_FOLDER
"""

import sys

import datasets
import tessera.hf

model, source, output = sys.argv[1:]
dataset = datasets.Dataset.from_parquet(source)
translate = tessera.hf.Translate(model, threads=0)
dataset.map(translate, batched=True).to_parquet(f"{output}/part-0.parquet")
