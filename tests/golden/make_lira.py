#!/usr/bin/python3
"""lira.json: likelihood ratios of membership by numpy and scipy, in doubles. Needs python3-numpy and python3-scipy.

Carlini et al., "Membership inference attacks from first principles" (2022): a normal distribution of each target's score over
the models that learnt it, another over those that did not; of few models their variances are pooled over the targets.
"""
import json
import pathlib

import numpy
from scipy.stats import norm


def ratios(victim, scores, inside, own_variances):
    """(targets), from (models, targets)."""
    sides = [[scores[inside[:, t] == side, t] for t in range(len(victim))] for side in (0, 1)]
    pooled = [sum(((its - its.mean()) ** 2).sum() for its in side) / sum(len(its) - 1 for its in side) for side in sides]

    def log_density(t, side):
        its = sides[side][t]
        return norm.logpdf(victim[t], its.mean(), numpy.sqrt(its.var(ddof=1) if own_variances else pooled[side]))

    return [log_density(t, 1) - log_density(t, 0) for t in range(len(victim))]


def case(models, targets, own_variances, draw):
    inside = numpy.array([draw.permutation([1, 0] * (models // 2)) for _ in range(targets)]).T
    level = draw.normal(0, 2, targets)
    scores = numpy.round(level + inside * draw.uniform(0, 1, targets) + draw.normal(0, 0.7, (models, targets)), 6)
    victim = numpy.round(level + draw.normal(0, 1, targets), 6)
    return {"victim": victim.tolist(), "scores": scores.tolist(), "inside": inside.tolist(),
            "ratios": ratios(victim, scores, inside, own_variances)}


draw = numpy.random.default_rng(5)
golden = {"pooled": case(8, 9, False, draw), "own": case(64, 3, True, draw)}
path = pathlib.Path(__file__).parent / "lira.json"
path.write_text(json.dumps(golden) + "\n")
