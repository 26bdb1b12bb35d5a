#!/usr/bin/env python3
"""The peer's side of neighbours and clusters (pip install scikit-learn): a JSON line each, as of its sklearn_bench.py.

    sklearn_neighbours.py IMAGES LABELS TEST_IMAGES TEST_LABELS    files of Fashion-MNIST in idx format, gzip"""

import gzip
import json
import struct
import sys
import time

import numpy as np
from sklearn.cluster import KMeans
from sklearn.neighbors import KNeighborsClassifier


def idx(path):
    raw = gzip.open(path).read()
    n = raw[3]
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * n).reshape(struct.unpack(">" + "I" * n, raw[4:4 + 4 * n]))


def task(name, f):
    began = time.perf_counter()
    scores = f()
    print(json.dumps({"task": name, "seconds": time.perf_counter() - began, **scores}))


def neighbours(x, y, queries, actual):
    model = KNeighborsClassifier(5, algorithm="brute").fit(x, y)
    return {"right": int((model.predict(queries) == actual).sum())}


def clusters(x):
    model = KMeans(10, init=x[:10], n_init=1, max_iter=20, tol=0, algorithm="lloyd").fit(x)
    return {"inertia_millions": float(model.inertia_) / 1e6}


x, test = (idx(path).reshape(-1, 784) / np.float32(255) for path in (sys.argv[1], sys.argv[3]))
y, actual = (idx(path) for path in (sys.argv[2], sys.argv[4]))
task("fashion_knn5", lambda: neighbours(x, y, test[:2000], actual[:2000]))
task("fashion_kmeans10", lambda: clusters(x))
