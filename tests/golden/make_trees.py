"""Makes trees.json: what scikit-learn, SciPy and XGBoost say of small tables.

Needs xgboost 1.7 (the version of Debian 12's library, whose trees agon trains), scikit-learn >= 1.2, pandas, SciPy.
Shapley values and DeLong's standard errors come from their definitions, in plain loops."""
import itertools
import json
import math
import os

import numpy as np
import pandas as pd
import xgboost
from scipy.stats import kendalltau, spearmanr
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, r2_score, roc_auc_score

rng = np.random.default_rng(15)


def delong(scores, labels):
    """The standard error of the AUC: all pairs, by the paper's equations (4) to (6)."""
    above = lambda x, y: 1.0 if x > y else 0.5 if x == y else 0.0
    positive = [s for s, l in zip(scores, labels) if l == 1]
    negative = [s for s, l in zip(scores, labels) if l != 1]
    v10 = [sum(above(x, y) for y in negative) / len(negative) for x in positive]
    v01 = [sum(above(x, y) for x in positive) / len(positive) for y in negative]
    return math.sqrt(np.var(v10, ddof=1) / len(v10) + np.var(v01, ddof=1) / len(v01))


def score_cases():
    cases = []
    for rows, steps, classes in ((12, 3, 2), (40, 7, 3), (61, 10**9, 4), (50, 2, 2)):
        labels = rng.integers(0, 2, rows)
        labels[:2] = 0, 1
        scores = (rng.integers(0, steps, rows) + labels * rng.integers(0, 2, rows)) / 8.0
        truth = rng.integers(0, classes, rows)
        guess = np.where(rng.random(rows) < 0.6, truth, rng.integers(0, classes + 1, rows))
        number = np.round(rng.normal(size=rows), 3)
        other = np.round(number * 0.7 + rng.normal(size=rows) * 0.4, 1)
        cases.append({
            'scores': scores.tolist(), 'labels': labels.tolist(), 'auc': roc_auc_score(labels, scores),
            'standard_error': delong(scores, labels), 'truth': truth.tolist(), 'guess': guess.tolist(),
            'f1': [f1_score(truth == c, guess == c, zero_division=0) for c in range(classes + 1)],
            'macro_f1': f1_score(truth, guess, average='macro'), 'accuracy': accuracy_score(truth, guess),
            'number': number.tolist(), 'other': other.tolist(), 'r2': r2_score(number, other),
            'spearman': spearmanr(number, other).statistic,
            'kendall': kendalltau(number, other).statistic})
    return cases


def table():
    """Two tables of five columns, as agon sees them: numbers, and levels (-1: none, -2: the cell is a number)."""
    first, second = 210, 160
    rows = first + second
    synthetic = np.arange(rows) >= first
    age = np.clip(rng.normal(50, 15, rows) + 4 * synthetic, 18, 95).round()
    age[rng.random(rows) < 0.06] = np.nan
    dose = (rng.gamma(2, 3, rows) + 0.03 * np.nan_to_num(age)).round(1)
    mark = np.full(rows, -2)
    mark[rng.random(rows) < 0.1 + 0.05 * synthetic] = 0
    mark[rng.random(rows) < 0.02] = 1
    mark[rng.random(rows) < 0.05] = -1
    dose[mark != -2] = np.nan
    ward = rng.choice(9, rows, p=[.3, .2, .15, .1, .1, .08, .05, .01, .01])
    ward[rng.random(rows) < 0.08 * synthetic] = 9  # a level that the synthetic table alone has
    sex = np.where(rng.random(rows) < 0.5 + 0.1 * (dose > 6), 0, 1)
    sex[rng.random(rows) < 0.04] = -1
    return first, {'age': age, 'dose': dose, 'mark': mark, 'ward': ward, 'sex': sex}


def features_of(columns):
    """What trees see: numbers as they are, levels as categories."""
    category = lambda codes: pd.Categorical.from_codes(codes, [str(i) for i in range(max(codes) + 1)])
    return pd.DataFrame({'age': columns['age'], 'dose': columns['dose'], 'mark': category(np.maximum(columns['mark'], -1)),
                         'ward': category(columns['ward']), 'sex': category(columns['sex'])})


def model(kind, **more):
    return kind(n_estimators=100, tree_method='hist', enable_categorical=True, n_jobs=1, **more)


def by_trees(frame, labels, fold):
    aucs, probabilities = [], np.zeros(len(labels))
    for f in range(3):
        fitted = model(xgboost.XGBClassifier).fit(frame[fold != f], labels[fold != f])
        probabilities[fold == f] = fitted.predict_proba(frame[fold == f])[:, 1]
        aucs.append(roc_auc_score(labels[fold == f], probabilities[fold == f]))
    many = model(xgboost.XGBClassifier).fit(frame.drop(columns='ward'), np.minimum(frame['ward'].cat.codes, 3))
    number = model(xgboost.XGBRegressor).fit(frame.drop(columns='age'), frame['age'].fillna(50))
    return {'auc': aucs, 'probabilities': probabilities.tolist(),
            'classes': many.predict_proba(frame.drop(columns='ward'))[::9].tolist(),
            'number': number.predict(frame.drop(columns='age'))[::9].tolist()}


def by_kinds(frame, labels):
    """Other kinds of models of XGBoost's: stumps, a tree, a forest. Trained on all rows, asked of every ninth."""
    kinds = {'boosted stumps': dict(n_estimators=200, max_depth=1), 'single tree': dict(n_estimators=1, max_depth=4, learning_rate=1),
             'forest': dict(n_estimators=100, max_depth=8)}
    out = {}
    for name, settings in kinds.items():
        kind = xgboost.XGBRFClassifier if name == 'forest' else xgboost.XGBClassifier
        fitted = kind(tree_method='hist', enable_categorical=True, n_jobs=1, random_state=0, **settings).fit(frame, labels)
        out[name] = fitted.predict_proba(frame)[::9, 1].tolist()
    return out


def shapley(frame, labels):
    """Shapley values of the trees of a small model: the mean, over orders, of what knowing a feature changes;
    and, of each pair, the mean of what knowing both changes beyond that, half of it for either order of the pair.

    What a tree expects where only some features are known: both sides of a split by an unknown one, weighed by
    the training rows that went there."""
    fitted = xgboost.XGBClassifier(n_estimators=6, max_depth=3, tree_method='hist', n_jobs=1).fit(frame, labels)
    trees = [json.loads(t) for t in fitted.get_booster().get_dump(with_stats=True, dump_format='json')]
    names = list(frame)

    def expect(node, row, known):
        if 'leaf' in node:
            return node['leaf']
        child = {c['nodeid']: c for c in node['children']}
        if node['split'] in known:
            value = row[node['split']]
            way = 'missing' if math.isnan(value) else 'yes' if np.float32(value) < np.float32(node['split_condition']) else 'no'
            return expect(child[node[way]], row, known)
        yes, no = child[node['yes']], child[node['no']]
        return (yes['cover'] * expect(yes, row, known) + no['cover'] * expect(no, row, known)) / (yes['cover'] + no['cover'])

    out, pairs = [], []
    for i in range(0, len(frame), 40):
        row, values = frame.iloc[i], []
        say = lambda known: sum(expect(t, row, known) for t in trees)
        for name in names:
            others, value = [n for n in names if n != name], 0
            for size in range(len(names)):
                weight = math.factorial(size) * math.factorial(len(names) - size - 1) / math.factorial(len(names))
                value += sum(weight * (say({*s, name}) - say({*s})) for s in itertools.combinations(others, size))
            values.append(value)
        out.append(values + [say(set())])  # base_score 0.5 is a margin of 0
        matrix = np.zeros((len(names), len(names)))
        for a, b in itertools.permutations(range(len(names)), 2):
            others = [n for n in names if n not in (names[a], names[b])]
            for size in range(len(names) - 1):
                weight = math.factorial(size) * math.factorial(len(names) - size - 2) / (2 * math.factorial(len(names) - 1))
                for s in itertools.combinations(others, size):
                    matrix[a, b] += weight * (say({*s, names[a], names[b]}) - say({*s, names[a]}) - say({*s, names[b]}) + say({*s}))
        pairs.append((matrix + np.diag(np.array(values) - matrix.sum(axis=1))).tolist())  # Lundberg et al., section 4
    return out, pairs


def by_logistic(columns, labels, fold):
    """One-hot levels (those of fewer than 5 rows together), standardised numbers with 0 where there is none."""
    wide = {}

    def add_levels(name, codes):
        counts = {level: int(np.sum(codes == level)) for level in sorted(set(codes.tolist()))}
        for level, count in counts.items():
            if level == -2:
                continue
            place = f'{name} {level}' if count >= 5 else f'{name} rare'
            wide[place] = wide.get(place, np.zeros(len(codes))) + (codes == level)

    for name, codes in (('age', np.where(np.isnan(columns['age']), -1, -2)), ('dose', columns['mark']),
                        ('ward', columns['ward']), ('sex', columns['sex'])):
        if name in ('age', 'dose'):
            x = columns[name]
            wide[name] = np.nan_to_num((x - np.nanmean(x)) / np.nanstd(x))
        add_levels(name, codes)
    x, aucs, decisions = np.column_stack(list(wide.values())), [], np.zeros(len(labels))
    fit = lambda rows: LogisticRegression(C=1, solver='newton-cholesky', tol=1e-12, max_iter=1000).fit(x[rows], labels[rows])
    for f in range(3):
        decisions[fold == f] = fit(fold != f).decision_function(x[fold == f])
        aucs.append(roc_auc_score(labels[fold == f], decisions[fold == f]))
    return {'width': x.shape[1], 'auc': aucs, 'decisions': decisions[::5].tolist(),
            'intercept': float(fit(fold < 3).intercept_[0])}


def main():
    first, columns = table()
    labels = (np.arange(len(columns['age'])) >= first).astype(int)
    fold = np.arange(len(labels)) % 3
    frame = features_of(columns)
    plain = lambda a: [None if isinstance(v, float) and math.isnan(v) else v for v in a.tolist()]
    values, pairs = shapley(frame[['age', 'dose']].assign(noise=np.arange(len(labels)) * 37 % 101), labels)
    golden = {'versions': {'xgboost': xgboost.__version__}, 'scores': score_cases(), 'first_rows': first,
              'columns': {k: plain(v) for k, v in columns.items()}, 'trees': by_trees(frame, labels, fold),
              'kinds': by_kinds(frame, labels),
              'shapley': values, 'interactions': pairs,
              'logistic': by_logistic(columns, labels, fold)}
    shorter = lambda v: ([shorter(x) for x in v] if isinstance(v, list) else {k: shorter(x) for k, x in v.items()}
                         if isinstance(v, dict) else int(v) if isinstance(v, float) and v == int(v) else v)
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'trees.json')
    with open(path, 'w') as file:
        json.dump(shorter(golden), file, separators=(',', ':'))
        file.write('\n')


main()
