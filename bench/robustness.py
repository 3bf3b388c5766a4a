#!/usr/bin/python3
"""How many of a hundred trainings with random settings fail, as they are and with the health logic.

    bench/robustness.py [--agon build/agon] [--runs 100] [--steps 5000] [--json FILE] [-- FLAGS OF agon train]
    bench/robustness.py -- --recipe r3
    bench/robustness.py -- --config mine.toml

Every run learns the bundled table of numbers by the recipe r3, or what the flags say, with 1 to 3 hidden layers of 32 to 512 in each network, a batch of 16 to 256 and rates of
5e-5 to 2e-3, for G and D apart (half of the least to twice the largest of host/recipes); widths, batches and rates are drawn
uniformly by their logarithm, all from --seed. They override the flags'. Each is trained twice: as it is, its last checkpoint
judged, and with
    --held-out 0.1 --checkpoint-every 500 --patience 5 --restarts 3 (--health-flags)
its best checkpoint judged: the same epochs of the rows that are not held out, so a tenth fewer steps. A run is counted
once, as the first of
    diverged   agon train's exit code is 4: a loss was not finite, of the last attempt too
    collapsed  of as many samples as the table has rows the columns' standard deviations are on average below a tenth of the
               table's, or the mean distance to the nearest other sample is below a tenth of the table's own
    poor       agon evaluate's quality is below 0.75 (--poor), with room above what a single point in the middle scores (0.66):
               not like the data, or not yet
    sound      the rest
The judge sees samples alone, in columns scaled by the table's standard deviations, and nothing that agon said of its health.
A collapse is told by agon, and begun anew, only where it lasts from step 2048 to 4096: fewer --steps leave that logic out.
"""
import argparse
import concurrent.futures
import csv
import datetime
import json
import math
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import tomllib

import measured

DIVERGED = 4  # exit code
OUTCOMES = ("diverged", "collapsed", "poor", "sound")
TABLE = measured.ROOT / "host" / "data" / "diabetes.csv"
HEALTH = "--held-out 0.1 --checkpoint-every 500 --patience 5 --restarts 3"


def arguments():
    words = sys.argv[1:]
    at = words.index("--") if "--" in words else len(words)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agon", type=pathlib.Path, default=measured.ROOT / "build" / "agon")
    parser.add_argument("--table", type=pathlib.Path, default=TABLE)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--steps", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1, help="of what is drawn; run i is trained with seed i")
    parser.add_argument("--health-flags", default=HEALTH)
    parser.add_argument("--poor", type=float, default=0.75, help="quality below which samples are")
    parser.add_argument("--at-once", type=int, default=2, help="runs side by side, a thread each")
    parser.add_argument("--json", type=pathlib.Path, help="file for every run")
    options = parser.parse_args(words[:at])
    options.flags = words[at + 1:]
    if "--recipe" not in options.flags:
        options.flags = ["--recipe", "r3", *options.flags]
    return options


def between(rng, low, high):
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def drawn(seed, count):
    """What each run is trained with. A batch is a multiple of 8, so that a recipe can pack rows."""
    rng = random.Random(seed)
    for number in range(1, count + 1):
        hidden = [[round(between(rng, 32, 512)) for _ in range(rng.randint(1, 3))] for _ in range(2)]
        yield {"seed": number, "generator_hidden": hidden[0], "discriminator_hidden": hidden[1],
               "batch": 8 * round(between(rng, 16, 256) / 8), "generator_rate": float(f"{between(rng, 5e-5, 2e-3):.3g}"),
               "discriminator_rate": float(f"{between(rng, 5e-5, 2e-3):.3g}")}


def call(options, *words, fails=()):
    ran = subprocess.run([str(options.agon), *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if ran.returncode not in (0, *fails):
        raise RuntimeError(f"agon {' '.join(map(str, words))}: exit code {ran.returncode}\n{ran.stderr}")
    return ran


def phases(options):
    """Updates of D in a step, each of which takes a batch: the flags' and their files'."""
    return tomllib.loads(call(options, "train", "--print-config", *options.flags).stdout)["discriminator"]["steps"]


class Rows:
    """A table's columns, scaled by another's means and standard deviations."""

    def __init__(self, path, like=None):
        with open(path, newline="", encoding="utf-8") as file:
            rows = [[float(field) for field in row] for row in list(csv.reader(file))[1:]]
        columns = list(zip(*rows))
        self.like = like or [(statistics.fmean(c), statistics.pstdev(c)) for c in columns]
        self.rows = [[(x - mean) / deviation for x, (mean, deviation) in zip(row, self.like)] for row in rows]
        self.spread = statistics.fmean(statistics.pstdev(column) for column in zip(*self.rows))
        self.apart = statistics.fmean(min(math.dist(a, b) for j, b in enumerate(self.rows) if i != j)
                                      for i, a in enumerate(self.rows))


def judged(options, real, run, which, folder):
    """Spread and nearest distance of samples, in the table's; and their quality."""
    samples = folder / "samples.csv"
    call(options, "sample", run, "-n", len(real.rows), "--which", which, "--threads", 1, "--device", "cpu", "--out",
         samples, "--quiet", "--overwrite")
    fake = Rows(samples, real.like)
    quality = json.loads(call(options, "evaluate", options.table, samples, "--json").stdout)["score"]
    return {"spread": fake.spread / real.spread, "apart": fake.apart / real.apart, "quality": quality}


def outcome(options, code, score):
    if code == DIVERGED or score is None:
        return "diverged"
    if score["spread"] < 0.1 or score["apart"] < 0.1:
        return "collapsed"
    return "poor" if score["quality"] < options.poor else "sound"


def trained(options, real, settings, each_step, health):
    """One training and what its samples are like."""
    with tempfile.TemporaryDirectory(prefix="agon-robustness-") as name:
        folder = pathlib.Path(name)
        run, start = folder / "run", time.monotonic()
        rows = each_step * settings["batch"]
        words = [word for key, value in settings.items()
                 for word in (f"--{key.replace('_', '-')}", ",".join(map(str, value)) if isinstance(value, list) else value)]
        ran = call(options, "train", options.table, *options.flags, *words, "--threads", 1, "--device", "cpu", "--evaluate", "false", "--quiet",
                   "--samples-every", 0, "--log-every", 100, "--epochs", max(1, round(options.steps * rows / len(real.rows))),
                   "--out", run, *(options.health_flags.split() if health else ()), fails=(DIVERGED,))
        result = {"exit_code": ran.returncode, "seconds": time.monotonic() - start,
                  "attempts": 1 + len(list(run.glob("attempt-*"))),
                  "ailments": sorted({json.loads(line)["warning"] for path in run.rglob("health*.jsonl")
                                      for line in path.read_text().splitlines()})}
        kept = list(run.glob("checkpoint-*.safetensors"))
        best = health and any("best" in path.name for path in kept)
        result["score"] = judged(options, real, run, "best" if best else "last", folder) if kept else None
        return {**result, "outcome": outcome(options, ran.returncode, result["score"])}


def write(options, results):
    """All that is done so far: a study that is cut off keeps it."""
    if not options.json:
        return
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    study = {"date": now, "commit": measured.commit(), "flags": options.flags, "health_flags": options.health_flags,
             "steps": options.steps, "poor": options.poor, "runs": sorted(results, key=lambda result: result["seed"])}
    beside = options.json.with_name(options.json.name + ".new")
    beside.write_text(json.dumps(study, indent=1) + "\n")
    os.replace(beside, options.json)


def measure(options):
    real, each_step = Rows(options.table), phases(options)
    done, lock = [], threading.Lock()

    def one(settings):
        result = {**settings, **{name: trained(options, real, settings, each_step, health)
                                 for name, health in (("as_is", False), ("with_health", True))}}
        with lock:
            done.append(result)
            write(options, done)
            print(f"{len(done)} of {options.runs}: run {settings['seed']}: {result['as_is']['outcome']}, with the health logic "
                  f"{result['with_health']['outcome']}", file=sys.stderr)

    with concurrent.futures.ThreadPoolExecutor(options.at_once) as pool:
        try:
            list(pool.map(one, drawn(options.seed, options.runs)))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return sorted(done, key=lambda result: result["seed"])


def table(options, results):
    lines = [f"| {len(results)} runs of {options.steps:,} steps | {' | '.join(OUTCOMES)} | median quality | lowest | begun anew |"
             " minutes in all |", "|---" * 9 + "|"]
    for name, title in (("as_is", "as they are, last checkpoint"), ("with_health", "with the health logic, best checkpoint")):
        runs = [result[name] for result in results]
        quality = [run["score"]["quality"] for run in runs if run["outcome"] != "diverged"]
        counts = [str(sum(run["outcome"] == which for run in runs)) for which in OUTCOMES]
        lines.append(f"| {title} | {' | '.join(counts)} | {statistics.median(quality):.3f} | {min(quality):.3f} |"
                     f" {sum(run['attempts'] > 1 for run in runs)} | {sum(run['seconds'] for run in runs) / 60:.1f} |"
                     if quality else f"| {title} | {' | '.join(counts)} | - | - | - | - |")
    changed = [f"{r['seed']} ({r['as_is']['outcome']} to {r['with_health']['outcome']})" for r in results
               if r["as_is"]["outcome"] != r["with_health"]["outcome"]]
    return "\n".join([*lines, "", f"Changed: {', '.join(changed) or 'none'}"])


def main():
    options = arguments()
    start = time.monotonic()
    results = measure(options)
    print(f"{measured.cpu_model()}, commit {measured.commit()}, load {os.getloadavg()[0]:.1f}, {options.at_once} at a time,"
          f" {(time.monotonic() - start) / 60:.1f} minutes; {' '.join(options.flags)}\n")
    print(table(options, results))


if __name__ == "__main__":
    main()
