#!/usr/bin/env python3
"""Writes mixture.json: what scikit-learn's BayesianGaussianMixture makes of small columns of numbers.

agon's test (tests/engine/table/mixture_test.cpp) compares its own mixtures with it. To make it again:

    python3 -m venv venv && venv/bin/pip install scikit-learn==1.5.2
    venv/bin/python tests/golden/make_mixture.py

Both start from the same clusters: k-means from the means of quantile groups, which is worked out here.
"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn.mixture import BayesianGaussianMixture

HERE = pathlib.Path(__file__).resolve().parent


def clusters(values, rows, modes):
    before = np.cumsum(rows) - rows
    label = np.minimum(modes - 1, np.floor(modes * (before + rows / 2) / rows.sum())).astype(int)
    for _ in range(100):
        count = np.bincount(label, rows, modes)
        mean = np.bincount(label, rows * values, modes) / np.maximum(count, 1)
        distance = np.where(count > 0, np.abs(values[:, None] - mean), np.inf)
        nearest = distance.argmin(axis=1)
        if (nearest == label).all():
            break
        label = nearest
    return label


class Mixture(BayesianGaussianMixture):
    def _initialize_parameters(self, X, random_state):
        self._initialize(X, self.first)


def fitted(values, rows):
    mean, n = np.average(values, weights=rows), rows.sum()
    deviation = np.sqrt(np.average((values - mean) ** 2, weights=rows))
    modes = min(len(values), 10)
    x = (values - mean) / deviation
    mixture = Mixture(n_components=modes, weight_concentration_prior_type="dirichlet_process",
                      weight_concentration_prior=0.001, max_iter=100)
    mixture.first = np.repeat(np.eye(modes)[clusters(x, rows, modes)], rows, axis=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 100 rounds are not always enough, here and there alike
        mixture.fit(np.repeat(x, rows)[:, None])
    kept = np.flatnonzero(mixture.weights_ > 0.005)
    kept = kept[np.argsort(mixture.means_[kept, 0])]
    asked = np.quantile(np.repeat(values, rows), [0, 0.3, 0.5, 0.9, 1])
    share = mixture.predict_proba(((asked - mean) / deviation)[:, None])[:, kept] + 1e-6
    return {
        "values": values.tolist(), "rows": rows.tolist(), "rounds": int(mixture.n_iter_),
        "means": (mean + deviation * mixture.means_[kept, 0]).tolist(),
        "deviations": (deviation * np.sqrt(mixture.covariances_[kept, 0, 0])).tolist(),
        "weights": (mixture.weights_[kept] / mixture.weights_[kept].sum()).tolist(),
        "asked": asked.tolist(),
        "probabilities": (share / share.sum(axis=1, keepdims=True)).tolist(),
    }


def columns():
    random = np.random.default_rng(1)
    yield "two humps", np.concatenate([random.normal(-3, 0.5, 150), random.normal(4, 1.5, 250)]), 2
    yield "a long tail", random.lognormal(3, 1, 400), 1
    yield "ages", np.clip(random.normal(50, 18, 500), 18, 90), 0
    yield "five values", random.choice([0, 1, 5, 10, 100], 300, p=[0.5, 0.2, 0.2, 0.09, 0.01]).astype(float), 0
    yield "a few large ones", np.concatenate([random.normal(0, 1, 300), random.normal(1e5, 1, 6)]), 1


def main():
    result = {"scikit-learn": sklearn.__version__, "columns": {}}
    for name, column, decimals in columns():
        values, rows = np.unique(np.round(column, decimals), return_counts=True)
        result["columns"][name] = fitted(values, rows)
        print(name, len(values), "values", result["columns"][name]["rounds"], "rounds",
              np.round(result["columns"][name]["weights"], 3))
    (HERE / "mixture.json").write_text(json.dumps(result, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
