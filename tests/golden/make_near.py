#!/usr/bin/env python3
"""Writes near.json: what numpy, scikit-learn and plain loops say of distances between the rows of small tables.

Numbers are multiples of 1/64 of their range, so that squared distances are exact in float, too, and equal ones are equal.
The rows become one-hot vectors here; agon never makes them. To make it again:

    python3 -m venv venv && venv/bin/pip install numpy scikit-learn
    venv/bin/python tests/golden/make_near.py
"""

import json
import math
import pathlib

import numpy as np
import sklearn
from sklearn.metrics import roc_auc_score, roc_curve

HERE = pathlib.Path(__file__).resolve().parent
REAL_LEVELS = {"kind": 4, "ward": 3, "flag": 2}  # of the real table; "kind" 4 is one that only others have
WILSON_Z = 1.959963984540054


def table(rng, rows, real):
    """Columns a, b (with holes) of numbers; kind, ward (with holes), flag of levels, -1: none."""
    kind = rng.integers(0, 4, rows)
    t = {
        "a": np.clip(rng.integers(0, 65, rows) // 2 + 8 * kind, 0, 64) / 64,
        "b": rng.integers(0, 65, rows) / 16,
        "kind": kind,
        "ward": rng.integers(0, 3, rows),
        "flag": (rng.random(rows) < 0.2).astype(int),
    }
    t["b"] = np.where(rng.random(rows) < 0.15, np.nan, t["b"])
    t["ward"] = np.where(rng.random(rows) < 0.1, -1, t["ward"])
    if real:  # the whole range
        t["a"][0], t["a"][1], t["b"][0], t["b"][1] = 0, 1, 0, 4
    else:
        t["kind"][0] = 4
    return t


def take(t, rows):
    return {c: v[rows] for c, v in t.items()}


def points(t, without=None):
    """One row, one vector: numbers by the real range, -1 for none, an indicator of none, one-hot blocks."""
    parts = []
    if without != "a":
        parts.append(t["a"][:, None])
    if without != "b":
        parts += [np.nan_to_num(t["b"] / 4, nan=-1)[:, None], np.isnan(t["b"])[:, None]]
    for c, levels in REAL_LEVELS.items():
        if c != without:
            parts.append(t[c][:, None] == np.arange(levels)[None])
    return np.hstack([p.astype(float) for p in parts])


def distances(x, y):
    return np.sqrt(((x[:, None] - y[None]) ** 2).sum(2))


def others(x):
    d = distances(x, x)
    np.fill_diagonal(d, np.inf)
    return d


def coverage(x, s, k=5):
    grid = np.linspace(0, 1, 30)
    own = np.sort(others(x), axis=1)
    to_mean = lambda z, of: np.sqrt(((z - of.mean(0)) ** 2).sum(1))
    within = np.array([(to_mean(s, x) <= r).mean() for r in np.quantile(to_mean(x, x), grid)])
    cross = distances(x, s)
    nearest = to_mean(s, s)[cross.argmin(1)]
    reached = cross.min(1) <= own[:, 0]
    recalled = np.array([(reached & (nearest <= q)).mean() for q in np.quantile(nearest, grid)])
    inside = cross <= own[:, k - 1, None]
    score = lambda curve: float(1 - np.abs(grid - curve).sum() / grid.sum())
    return {
        "alpha_precision": score(within),
        "beta_recall": score(recalled),
        "authenticity": float((own[cross.T.argmin(1), 0] < cross.T.min(1)).mean()),
        "density": float(inside.sum() / (k * len(s))),
        "coverage": float(inside.any(1).mean()),
    }


def key(t):
    return list(zip(*[[None if math.isnan(float(v)) else float(v) for v in t[c]] for c in t]))


def copies(real, made):
    x, s = points(real), points(made)
    own = others(x).min(1)
    near, rare_at = np.quantile(own, 0.01), np.quantile(own, 0.9)
    rare = own > rare_at
    cross = distances(s, x)
    at, least = cross.argmin(1), cross.min(1)
    real_keys, rare_keys = set(key(real)), {k for k, r in zip(key(real), rare) if r}
    return {
        "near_distance": float(near),
        "rare_distance": float(rare_at),
        "rare_rows": int(rare.sum()),
        "exact": sum(k in real_keys for k in key(made)),
        "exact_rare": sum(k in rare_keys for k in key(made)),
        "near": int((least <= near).sum()),
        "near_rare": int((rare[at] & (least <= own[at] / 2)).sum()),
    }


def closest(real, made, held_out):
    x, s, h = points(real), points(made), points(held_out)
    to_real, to_held, between = (np.sort(distances(a, b), axis=1) for a, b in ((s, x), (s, h), (h, x)))
    ratio = lambda d: float(np.median((d[:, 0] + 1e-8) / (d[:, 1] + 1e-8)))
    return {
        "share": float(((to_real[:, 0] < to_held[:, 0]) + 0.5 * (to_real[:, 0] == to_held[:, 0])).mean()),
        "ratio_median": ratio(to_real),
        "ratio_median_held_out": ratio(between),
        "fifth_percentile": float(np.quantile(to_real[:, 0], 0.05)),
        "fifth_percentile_held_out": float(np.quantile(between[:, 0], 0.05)),
    }


def power(members, others_):
    y, s = np.r_[np.ones(len(members)), np.zeros(len(others_))], np.r_[members, others_]
    wrong, found, _ = roc_curve(y, s)
    return [float(roc_auc_score(y, s)), float(np.interp(0.01, wrong, found)), float(np.interp(0.1, wrong, found))]


def attacks(real, made, held_out, game):
    s, r = points(made), points(take(held_out, game["reference"]))
    q = np.vstack([points(take(real, game["members"])), points(take(held_out, game["others"]))])
    to_made, to_known = distances(q, s), distances(q, r)
    near, known = np.sort(to_made, axis=1)[:, :5], np.sort(to_known, axis=1)[:, :5]
    width = max(np.median(known[:, 0]) / 4, 1e-3)
    kernel = lambda d: np.log(np.exp(-(d**2) / (2 * width**2)).sum(1) + 1e-30)
    scores = {
        "distance": -near[:, 0],
        "ratio": np.log(known[:, 4] + 1e-3) - np.log(near[:, 0] + 1e-3),
        "density": np.log(known.mean(1) + 1e-3) - np.log(near.mean(1) + 1e-3),
        "kernel": kernel(to_made) - kernel(to_known),
        "ball": (to_made <= np.median(near[:, 0])).sum(1),
        "neighbourhood": np.log(distances(s, r).min(1)[to_made.argmin(1)] + 1e-3) - np.log(near[:, 0] + 1e-3),
    }
    n = len(game["members"])
    return {
        name: {"members": [float(v) for v in v[:n]], "others": [float(v) for v in v[n:]], "power": power(v[:n], v[n:])}
        for name, v in scores.items()
    }


def wilson(hits, of):
    p, z = hits / of, WILSON_Z
    return (p + z * z / (2 * of)) / (1 + z * z / of), z / (1 + z * z / of) * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))


def risk(attack, control, of):
    (a, da), (c, dc) = wilson(attack, of), wilson(control, of)
    r, e = (a - c) / (1 - c), math.hypot(da / (1 - c), (1 - a) * dc / (1 - c) ** 2)
    return [r, max(r - e, -1), min(r + e, 1)]


def inference(real, made, held_out):
    out = {}
    for c in real:
        s = points(made, c)
        hits = []
        for t in (real, held_out):
            guess = made[c][distances(points(t, c), s).argmin(1)]
            if c in REAL_LEVELS:
                hits.append(int((guess == t[c]).sum()))
            else:
                tolerance = 0.05 * np.nanstd(real[c])
                both = np.isnan(guess) & np.isnan(t[c])
                hits.append(int((both | (np.abs(guess - t[c]) <= tolerance)).sum()))
        out[c] = {"attack": hits[0], "control": hits[1], "risk": risk(*hits, len(next(iter(real.values()))))}
    return out


def plain(t):
    return {c: [None if math.isnan(float(x)) else (int(x) if c in REAL_LEVELS else float(x)) for x in v] for c, v in t.items()}


def main():
    rng = np.random.default_rng(20261130)
    real, made, held_out = table(rng, 90, True), table(rng, 100, False), table(rng, 90, False)
    for c in real:  # copies, of rare rows, too
        made[c][10:30] = real[c][5:25]
        made[c][95:] = real[c][np.argsort(others(points(real)).min(1))[-5:]]
    order = rng.permutation(90)
    game = {
        "members": sorted(int(i) for i in rng.permutation(90)[:40]),
        "others": [int(i) for i in order[:40]],
        "reference": [int(i) for i in order[40:]],
    }
    x, s, h = points(real), points(made), points(held_out)
    golden = {
        "made_by": "tests/golden/make_near.py",
        "numpy": np.__version__,
        "sklearn": sklearn.__version__,
        "tables": {"real": plain(real), "synthetic": plain(made), "held_out": plain(held_out)},
        "coverage": {"synthetic": coverage(x, s), "held_out": coverage(x, h), "copied": coverage(x, x)},
        "squared_distances": [[float(v) for v in row] for row in (distances(x[:12], s[:12]) ** 2).round(12)],
        "copies": {"synthetic": copies(real, made), "held_out": copies(real, held_out)},
        "closest": closest(real, made, held_out),
        "game": game,
        "attacks": attacks(real, made, held_out, game),
        "inference": inference(real, made, held_out),
    }
    text = json.dumps(golden)
    (HERE / "near.json").write_text(text.replace('], "', '],\n "').replace('}, "', '},\n "') + "\n")


if __name__ == "__main__":
    main()
