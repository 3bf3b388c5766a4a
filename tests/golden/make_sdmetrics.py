#!/usr/bin/env python3
"""Writes sdmetrics.json: what SDMetrics' QualityReport says of small pairs of tables.

agon's tests compare their own figures with it, so that nobody needs SDMetrics to run them. To make it again:

    python3 -m venv venv && venv/bin/pip install sdmetrics==0.32.0
    venv/bin/python tests/golden/make_sdmetrics.py
"""

import importlib.metadata
import io
import json
import math
import pathlib
import warnings

import numpy as np
import pandas as pd
from sdmetrics.reports.single_table import QualityReport

HERE = pathlib.Path(__file__).resolve().parent
DIABETES = HERE.parent.parent / "host" / "data" / "diabetes.csv"


def read(source):
    return pd.read_csv(source, float_precision="round_trip")  # correctly rounded, as agon reads


def text(table):
    return table.to_csv(index=False, lineterminator="\n")


def number(value):
    return None if value is None or math.isnan(value) else float(value)


def judge(real, synthetic, threshold):
    metadata = {"columns": {name: {"sdtype": "numerical"} for name in real.columns}}
    report = QualityReport()
    report.real_correlation_threshold = threshold
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report.generate(real, synthetic, metadata, verbose=False)
    shapes, pairs = report.get_details("Column Shapes"), report.get_details("Column Pair Trends")
    properties = report.get_properties().set_index("Property")["Score"]
    return {
        "threshold": threshold,
        "score": number(report.get_score()),
        "column_shapes": number(properties["Column Shapes"]),
        "pair_trends": number(properties["Column Pair Trends"]),
        "columns": {row["Column"]: number(row["Score"]) for _, row in shapes.iterrows()},
        "pairs": [
            [row["Column 1"], row["Column 2"], number(row["Score"])] for _, row in pairs.iterrows()
        ],
    }


def like_diabetes(real, rng, rows):
    """A normal distribution with the real means and half of the real correlations, in the real precision."""
    spread = np.cov(real.to_numpy(), rowvar=False)
    spread = (spread + np.diag(np.diag(spread))) / 2
    drawn = rng.multivariate_normal(real.mean().to_numpy(), spread, size=rows)
    decimals = [0, 0, 1, 2, 0, 1, 1, 2, 4, 0]
    return pd.DataFrame({c: drawn[:, i].round(decimals[i]) for i, c in enumerate(real.columns)})


def small_tables(rng):
    real = pd.DataFrame({"a": rng.integers(0, 5, 40), "b": rng.normal(size=40).round(3), "c": rng.exponential(size=40)})
    real["d"] = (real["a"] * 2 + rng.normal(scale=0.3, size=40)).round(2)
    synthetic = real.sample(25, replace=True, random_state=7).reset_index(drop=True)
    synthetic["b"] = (synthetic["b"] * 1.3 + 0.2).round(3)
    synthetic["d"] = rng.permutation(synthetic["d"].to_numpy())
    return real, synthetic


def main():
    rng = np.random.default_rng(20240607)
    diabetes = read(DIABETES)
    real, synthetic = small_tables(rng)
    constant = synthetic.assign(a=3)
    uncorrelated = pd.DataFrame({"x": rng.normal(size=30).round(4), "y": rng.normal(size=30).round(4)})
    tables = [
        ("diabetes", diabetes, like_diabetes(diabetes, rng, 150)),
        ("the same table", diabetes, diabetes),
        ("small, with ties", real, synthetic),
        ("columns in another order", real, synthetic[["d", "b", "a", "c"]]),
        ("a constant synthetic column", real, constant),
        ("a constant real column", real.assign(c=1.5), synthetic),
        ("far apart", real, synthetic + 1000),
        ("no pair above the threshold", uncorrelated, uncorrelated * 2),
    ]
    cases = []
    for name, left, right in tables:
        case = {"name": name, "synthetic": text(right)}
        case["real"] = "host/data/diabetes.csv" if left is diabetes else text(left)
        left, right = read(io.StringIO(text(left))), read(io.StringIO(text(right)))
        case["results"] = [judge(left, right, threshold) for threshold in (0, 0.5)]
        cases.append(case)
    golden = {"made_by": "tests/golden/make_sdmetrics.py", "sdmetrics": importlib.metadata.version("sdmetrics")}
    golden["cases"] = cases
    (HERE / "sdmetrics.json").write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
