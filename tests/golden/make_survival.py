"""Makes survival.json: Kaplan and Meier's curves, means, distances and the log-rank test, of small groups.

Needs lifelines and NumPy; the largest distance comes from its definition, in plain loops. `aml` are the times of
the survival package's table of that name (Miller 1997), with the values that R prints for them."""
import json
import os

import numpy as np
from lifelines import KaplanMeierFitter
from lifelines.statistics import logrank_test
from lifelines.utils import restricted_mean_survival_time

rng = np.random.default_rng(31)
AML = (([9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161], [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0]),
       ([5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45], [1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1]))


def group(people, scale, ties, censored):
    time = rng.exponential(scale, people)
    time = np.ceil(time * ties) / ties
    return time.tolist(), (rng.random(people) >= censored).astype(int).tolist()


def curve(time, event, at):
    fitted = KaplanMeierFitter().fit(time, event)
    band = fitted.confidence_interval_survival_function_
    before = lambda frame: [float(frame[frame.index <= t].iloc[-1]) for t in at]
    return {'survival': before(fitted.survival_function_['KM_estimate']), 'low': before(band.iloc[:, 0].fillna(1.0)),
            'high': before(band.iloc[:, 1].fillna(1.0)),
            'median': None if np.isinf(fitted.median_survival_time_) else float(fitted.median_survival_time_)}


def survival_at(time, event, when):
    """By definition: the product over times at which there were events."""
    left = 1.0
    for t in sorted({t for t, e in zip(time, event) if e and t <= when}):
        died = sum(1 for u, e in zip(time, event) if e and u == t)
        left *= 1 - died / sum(1 for u in time if u >= t)
    return left


def case(a, b, horizon):
    at = sorted({0.0, horizon, *(round(horizon * k / 7, 2) for k in range(1, 7))})
    times = [t for t in {*a[0], *b[0]} if t <= horizon]
    fits = [KaplanMeierFitter().fit(*one) for one in (a, b)]
    return {'groups': [{'time': list(map(float, t)), 'event': e, **curve(t, e, at)} for t, e in (a, b)], 'at': at,
            'horizon': horizon, 'restricted_mean': [float(restricted_mean_survival_time(fit, t=horizon)) for fit in fits],
            'distance': max(abs(survival_at(*a, t) - survival_at(*b, t)) for t in times),
            'log_rank': float(logrank_test(a[0], b[0], a[1], b[1]).p_value)}


def main():
    cases = [case(*AML, 40.0)]
    for people, others, ties, censored in ((30, 25, 1, 0.3), (80, 50, 4, 0.6), (60, 90, 2, 0.0), (40, 40, 1, 0.9)):
        cases.append(case(group(people, 6, ties, censored), group(others, 8, ties, censored), 7.0))
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'survival.json')
    with open(path, 'w') as file:
        json.dump(cases, file, separators=(',', ':'))
        file.write('\n')


main()
