#!/usr/bin/python3
"""Golden files: the article's GAN trained by PyTorch on fixed parameters, batches and noise.

    make_golden.py                          golden.json and <objective>-<step>.z, here
    make_golden.py --folder DIR --wild K    the same of scenario K, taken as it comes
    make_golden.py --survey N               survey.json: how far PyTorch is from itself over N wild scenarios
    make_golden.py --objectives             the other objectives on small networks, in objectives/
    make_golden.py --penalties              penalties on D's slope on these, by double backward, in penalties/
    make_golden.py --layers                 norms, residual blocks and dropout on these, a folder each in layers/
All rewrite the figures of README.md where they write into this folder. Needs torch and numpy (/usr/bin/python3).
The numbers that go in come from inputs.py, which golden.hpp repeats in C++, so they are not stored.
"""
import argparse
import json
import pathlib
import zlib

import numpy as np
import torch

import settings
from figures import write_readme
from game import train
from inputs import initial


def packed(values, reference):
    """zlib over the four byte planes of the zigzag difference of float32 bits: lossless, about half the size."""
    bits, base = (np.concatenate([v.astype(np.float32).ravel() for v in side]).view(np.int32)
                  for side in (values, reference))
    difference = bits - base  # modulo 2^32
    zigzag = ((difference << 1) ^ (difference >> 31)).view(np.uint8)
    return zlib.compress(np.ascontiguousarray(zigzag.reshape(-1, 4).T).tobytes(), 9)


def distances(ours, theirs):
    """Per tensor: ||ours - theirs|| / ||theirs||."""
    return [float(np.linalg.norm(a.astype(np.float64) - b) / np.linalg.norm(b.astype(np.float64)))
            for a, b in zip(ours, theirs)]


def golden(folder, scenario, tame):
    names = [name for name, _ in initial(scenario)]
    index = {"torch": torch.__version__, "batch": settings.BATCH, "rate": settings.RATE, "betas": settings.BETAS,
             "epsilon": settings.EPSILON, "slope": settings.SLOPE, "generator": settings.GENERATOR,
             "discriminator": settings.DISCRIMINATOR, "steps": settings.STEPS, "snapshots": settings.SNAPSHOTS,
             "scenario": scenario, "tensors": names, "attempts": {}, "losses": {}, "losses_float64": {}, "float64": {},
             "rearranged": {}, "two_threads": {}}
    if settings.PENALTIES:
        index["penalties"] = settings.PENALTIES
    if settings.LAYERS:
        index["layers"] = settings.LAYERS
    start = [value for _, value in initial(scenario)]
    for objective in settings.OBJECTIVES:
        attempts = [] if tame else [[0, 0]] * settings.STEPS
        double, index["losses_float64"][objective] = train(scenario, objective, attempts, torch.float64)
        single, index["losses"][objective] = train(scenario, objective, attempts)
        others = {"float64": double, "rearranged": train(scenario, objective, attempts, rearranged=True)[0],
                  "two_threads": train(scenario, objective, attempts, threads=2)[0]}
        index["attempts"][objective] = attempts
        for step in settings.SNAPSHOTS:
            key = f"{objective}-{step}"
            (folder / f"{key}.z").write_bytes(packed(single[step], start))
            (folder / f"{key}-float64.z").write_bytes(packed(double[step], single[step]))
            for name, run in others.items():
                index[name][key] = distances(single[step], run[step])
    (folder / "golden.json").write_text(json.dumps(index) + "\n")


def survey(count):
    """Worst tensor of each scenario, float32 against float64 and against itself rearranged, as survey.json."""
    out = {"torch": torch.__version__, "scenarios": count}
    for objective in settings.OBJECTIVES:
        found = []
        for scenario in range(count):
            single, double = train(scenario, objective)[0], train(scenario, objective, dtype=torch.float64)[0]
            other = train(scenario, objective, rearranged=True)[0]
            found.append([[max(distances(single[s], run[s])) for s in settings.SNAPSHOTS] for run in (double, other)])
        out[objective] = found
    (settings.HERE / "survey.json").write_text(json.dumps(out) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=pathlib.Path, default=settings.HERE)
    parser.add_argument("--wild", type=int, metavar="K", help="scenario K as it comes, kinks and all")
    parser.add_argument("--survey", type=int, metavar="N")
    parser.add_argument("--objectives", action="store_true", help="the small setup")
    parser.add_argument("--penalties", action="store_true", help="the small setup, with penalties")
    parser.add_argument("--layers", action="store_true", help="the small setup, with more to its layers")
    options = parser.parse_args()
    if options.objectives:
        settings.take_small_setup()
        options.folder = settings.SMALL if options.folder == settings.HERE else options.folder
    if options.penalties:
        settings.take_penalties()
        options.folder = settings.PENALISED if options.folder == settings.HERE else options.folder
    if options.layers:
        for run in settings.RUNS_OF_LAYERS:
            settings.take_layers(run)
            folder = (settings.LAYERED if options.folder == settings.HERE else options.folder) / run
            folder.mkdir(parents=True, exist_ok=True)
            golden(folder, 0, tame=True)
    elif options.survey:
        survey(options.survey)
    else:
        options.folder.mkdir(parents=True, exist_ok=True)
        golden(options.folder, options.wild or 0, tame=options.wild is None)
    if options.survey or options.folder in (settings.HERE, settings.SMALL, settings.PENALISED):
        write_readme()


if __name__ == "__main__":
    main()
