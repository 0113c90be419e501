"""Spark: a Parquet file translated by mapInArrow, on this machine.

    python spark_arrow.py MODEL IN.parquet OUT_FOLDER
"""

import sys

import tessera.spark
from pyspark.sql import SparkSession

model, source, output = sys.argv[1:]
spark = (
    SparkSession.builder.master("local[2]")
    .config("spark.sql.execution.arrow.maxRecordsPerBatch", 1000)
    .config("spark.ui.enabled", False)
    .getOrCreate()
)
frame = spark.read.parquet(source).repartition(4)
translate = tessera.spark.Translate(model, threads=1)
frame.mapInArrow(translate, translate.schema(frame)).write.parquet(output)
spark.stop()
