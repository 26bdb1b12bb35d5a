#!/usr/bin/env python3
"""The peer's side of reading tables (pip install polars).

    polars_tables.py make CSV    the same table beside it in other formats; prints their names
    polars_tables.py read FILE   reads one in this process, the import left out; prints a JSON line"""

import gzip
import json
import os
import shutil
import sys
import time

import polars as pl


def make(csv):
    stem = csv.removesuffix(".csv")
    table = pl.read_csv(csv)
    table.write_ndjson(stem + ".jsonl")
    for compression in ("uncompressed", "snappy", "zstd"):
        table.write_parquet(f"{stem}.{compression}.parquet", compression=compression)
    with open(csv, "rb") as plain, gzip.open(csv + ".gz", "wb", 6) as packed:
        shutil.copyfileobj(plain, packed, 1 << 20)
    for ending in (".csv", ".csv.gz", ".jsonl", ".uncompressed.parquet", ".snappy.parquet", ".zstd.parquet"):
        print(stem + ending)


def read(path):
    reader = pl.read_parquet if path.endswith(".parquet") else pl.read_ndjson if path.endswith(".jsonl") else pl.read_csv
    began = time.perf_counter()
    table = reader(path)
    print(json.dumps({"rows": table.height, "mb": os.path.getsize(path) / 1e6, "seconds": time.perf_counter() - began}))


{"make": make, "read": read}[sys.argv[1]](sys.argv[2])
