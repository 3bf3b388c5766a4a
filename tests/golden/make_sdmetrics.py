#!/usr/bin/env python3
"""Writes sdmetrics.json: what SDMetrics' QualityReport says of pairs of tables, with numbers, categories, dates and holes.

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
DATA = HERE.parent.parent / "host" / "data"


def read(source, nominal, dates):
    """Every cell as text; then numbers, correctly rounded, and dates. An empty cell is no value."""
    table = pd.read_csv(source, dtype=str)
    for name in table:
        if name in dates:
            table[name] = pd.to_datetime(table[name], format="%Y-%m-%d")
        elif name not in nominal:
            table[name] = table[name].map(float)
    return table


def text(table):
    return table.to_csv(index=False, lineterminator="\n")


def number(value):
    return None if value is None or math.isnan(value) else float(value)


def judge(real, synthetic, nominal, dates, related):
    kinds = {name: "categorical" if name in nominal else "datetime" if name in dates else "numerical" for name in real}
    metadata = {"columns": {name: {"sdtype": kind} for name, kind in kinds.items()}}
    report = QualityReport()
    report.num_rows_subsample = None
    if not related:
        report.real_correlation_threshold = report.real_association_threshold = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report.generate(real, synthetic, metadata, verbose=False)
    shapes, pairs = report.get_details("Column Shapes"), report.get_details("Column Pair Trends")
    properties = report.get_properties().set_index("Property")["Score"]
    return {
        "score": number(report.get_score()),
        "shapes": number(properties["Column Shapes"]),
        "trends": number(properties["Column Pair Trends"]),
        "columns": [number(row["Score"]) for _, row in shapes.iterrows()],
        "pairs": [number(row["Score"]) for _, row in pairs.iterrows()],
        "real": [number(row["Real Association" if row["Metric"] == "ContingencySimilarity" else "Real Correlation"])
                 for _, row in pairs.iterrows()],
    }


def like_diabetes(real, rng, rows):
    """A normal distribution with the real means and half of the real correlations, in the real precision."""
    spread = np.cov(real.to_numpy(), rowvar=False)
    spread = (spread + np.diag(np.diag(spread))) / 2
    drawn = rng.multivariate_normal(real.mean().to_numpy(), spread, size=rows)
    decimals = [0, 0, 1, 2, 0, 1, 1, 2, 4, 0]
    drawn = pd.DataFrame({c: drawn[:, i].round(decimals[i]) for i, c in enumerate(real.columns)})
    return drawn.assign(sex=rng.integers(1, 3, rows))


def small_tables(rng):
    real = pd.DataFrame({"a": rng.integers(0, 5, 40), "b": rng.normal(size=40).round(3), "c": rng.exponential(size=40)})
    real["d"] = (real["a"] * 2 + rng.normal(scale=0.3, size=40)).round(2)
    synthetic = real.sample(25, replace=True, random_state=7).reset_index(drop=True)
    synthetic["b"] = (synthetic["b"] * 1.3 + 0.2).round(3)
    synthetic["d"] = rng.permutation(synthetic["d"].to_numpy())
    return real, synthetic


def with_holes(column, rng, share):
    return column.where(rng.random(len(column)) >= share)


def wards(rng, rows, holes, names):
    """Patients: whole and broken numbers, holes, a category whose holes have to do with the age, a date, a flag."""
    age = rng.integers(20, 90, rows)
    ward = pd.Series(np.where(age > 60, names[0], rng.choice(names, rows)))
    table = pd.DataFrame({"age": age, "creatinine": (0.5 + age / 60 + rng.exponential(0.4, rows)).round(2)})
    table["ward"] = ward.where((age < 40) | (rng.random(rows) > holes))
    table["admitted"] = pd.Series(pd.Timestamp("2021-03-01") + pd.to_timedelta(rng.integers(0, 300, rows), "D"))
    table["flag"] = (age + rng.integers(0, 60, rows) > 80).astype(int)
    table["sex"] = rng.choice(["f", "m"], rows)
    table["creatinine"] = with_holes(table["creatinine"], rng, holes)
    table["admitted"] = with_holes(table["admitted"], rng, holes / 2).dt.strftime("%Y-%m-%d")
    table["sex"] = with_holes(table["sex"], rng, holes / 3)
    return table


def perturbed_flchain(real, rng, rows):
    """Rows of the table, with noise on some columns, others shuffled, a level lost and a level new."""
    table = real.iloc[rng.choice(len(real), rows, replace=False)].reset_index(drop=True)
    table["age"] = table["age"].astype(int) + rng.integers(-3, 4, rows)
    table["kappa"] = rng.permutation(table["kappa"])
    table["chapter"] = table["chapter"].where(table["chapter"] != "Nervous", "Unheard of")
    table["creatinine"] = table["creatinine"].where(rng.random(rows) > 0.3)
    return table


def main():
    rng = np.random.default_rng(20240607)
    diabetes = read(DATA / "diabetes.csv", [], [])
    flchain = pd.read_csv(DATA / "flchain.csv", dtype=str)
    real, synthetic = small_tables(rng)
    uncorrelated = pd.DataFrame({"x": rng.normal(size=60).round(4), "y": rng.normal(size=60).round(4)})
    patients = wards(rng, 160, 0.2, ["A1", "B2", "C3", "D4"])
    drawn = wards(rng, 110, 0.35, ["A1", "B2", "C3", "E5"])
    ward_kinds = {"nominal": ["ward", "flag", "sex"], "dates": ["admitted"]}
    tables = [
        ("numbers", "diabetes.csv", like_diabetes(diabetes, rng, 100), {"nominal": ["sex"]}),
        ("the same table", "diabetes.csv", "diabetes.csv", {"nominal": ["sex"]}),
        ("small, with ties", real, synthetic, {}),
        ("columns in another order", real, synthetic[["d", "b", "a", "c"]], {}),
        ("far apart", real, synthetic + 1000, {}),
        ("no related pair", uncorrelated, uncorrelated * 2, {}),
        ("mixed, with holes", patients, drawn, ward_kinds),
        ("holes on one side", patients, wards(rng, 60, 0.0, ["A1", "B2", "C3", "D4"]), ward_kinds),
        ("a bundled table, perturbed", "flchain.csv", perturbed_flchain(flchain, rng, 250),
         {"nominal": ["sex", "mgus", "death", "chapter"]}),
        ("a constant synthetic column", real, synthetic.assign(a=3), {}),
        ("an empty synthetic column", patients, drawn.assign(creatinine=np.nan), ward_kinds),
    ]
    cases = []
    for name, left, right, kinds in tables:
        nominal, dates = kinds.get("nominal", []), kinds.get("dates", [])
        case = {"name": name, "nominal": nominal}
        for side, table in (("real", left), ("synthetic", right)):
            case[side] = "host/data/" + table if isinstance(table, str) else text(table)
        frames = [read(DATA / table if isinstance(table, str) else io.StringIO(text(table)), nominal, dates) for table in (left, right)]
        case["all"] = judge(*frames, nominal, dates, related=False)
        case["related"] = judge(*frames, nominal, dates, related=True)
        del case["related"]["columns"], case["all"]["real"]  # the other one has them
        cases.append(case)
    golden = {"made_by": "tests/golden/make_sdmetrics.py", "sdmetrics": importlib.metadata.version("sdmetrics")}
    golden["cases"] = cases
    (HERE / "sdmetrics.json").write_text(json.dumps(golden, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")


if __name__ == "__main__":
    main()
