#!/usr/bin/python3
"""How good and how fast tables of records are learnt: trained, drawn and scored, on several seeds.

    bench/tables.py --data FOLDER --scorer score.py [--python PYTHON] [--tables adult,nafld1] [--seeds 5] [--json FILE]
                    [--peer NAME=COMMAND]... [-- FLAGS OF agon train]

For each table and seed: a fifth of the rows, by that seed, is held out; `agon train` learns the rest with the seed, `agon
sample` draws as many records as it learnt from; the scorer compares the three files. Prints, for each table, the median of the
seeds and their range. A peer's COMMAND learns the same rows in the same round: {train}, {out}, {rows}, {seed} and {drop}, the
columns that the scorer leaves out, stand for themselves. A scorer is called as `PYTHON score.py REAL SYNTHETIC HELD_OUT
--target COLUMN ...` and prints a line of JSON. Needs no package but the scorer's own.
"""
import argparse
import csv
import json
import os
import pathlib
import random
import shlex
import statistics
import subprocess
import sys
import tempfile

import measured

TABLES = {
    "adult": ["--target", "income", "--positive", ">50K"],
    "nafld1": ["--drop", "id,case.id", "--target", "status", "--positive", "1"],
    "flchain": ["--drop", "chapter", "--target", "death", "--positive", "1"],
    "support2": ["--target", "hospdead", "--positive", "1"],
    "efron_diabetes": ["--target", "Y"],
    "cleveland": ["--target", "num"],
    "wdbc": ["--target", "diagnosis", "--positive", "1"],
    "pbc": ["--drop", "id", "--target", "status"],
}
FIGURES = ("quality_old", "quality_new", "c2st_xgb", "det_hgb_auc_holdout", "tstr_share_f1", "tstr_share_auc", "tstr_share_r2",
           "alpha_precision", "beta_recall", "dcr_share", "mia_dist_auc", "mia_ratio_auc", "copies_of_train",
           "train_seconds", "sample_seconds", "peak_megabytes")


def arguments():
    words = sys.argv[1:]
    at = words.index("--") if "--" in words else len(words)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder of the tables, NAME.csv")
    parser.add_argument("--scorer", type=pathlib.Path, required=True)
    parser.add_argument("--python", default=sys.executable, help="that runs the scorer")
    parser.add_argument("--agon", type=pathlib.Path, default=measured.ROOT / "build" / "agon")
    parser.add_argument("--tables", default="adult,nafld1,flchain,support2", help="of " + ", ".join(TABLES))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--skip", default="", help="what the scorer leaves out")
    parser.add_argument("--peer", action="append", default=[], help="NAME=COMMAND of another generator")
    parser.add_argument("--peers-alone", action="store_true", help="agon's own figures are known already")
    parser.add_argument("--json", type=pathlib.Path, help="file that gets a line for each run")
    options = parser.parse_args(words[:at])
    options.flags = words[at + 1:]
    return options


def split(table, seed, folder):
    """Writes train.csv and hold.csv; returns the number of rows of the first."""
    with open(table, newline="", encoding="utf-8") as file:
        header, *rows = list(csv.reader(file))
    random.Random(seed).shuffle(rows)
    cut = round(0.8 * len(rows))
    for name, part in (("train", rows[:cut]), ("hold", rows[cut:])):
        with open(folder / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *part])
    return cut


def by_agon(options, table, seed, folder, rows):
    train = measured.cost_of([options.agon, "train", folder / "train.csv", "--out", folder / "run", "--seed", str(seed),
                              *measured.LEARN_ALL, "--samples-every", "0", "--quiet", *options.flags])
    sample = measured.cost_of([options.agon, "sample", folder / "run", "-n", str(rows), "--out", folder / "agon.csv",
                               "--seed", str(seed), "--quiet"])
    return {"flags": options.flags, "train_seconds": round(train.seconds, 1), "sample_seconds": round(sample.seconds, 2),
            "peak_megabytes": round(max(train.megabytes, sample.megabytes))}


def by_peer(name, command, table, seed, folder, rows):
    """Learns and draws in one go: there are no seconds of the two apart."""
    flags = TABLES[table]
    drop = flags[flags.index("--drop") + 1] if "--drop" in flags else ""
    words = [word.format(train=folder / "train.csv", out=folder / f"{name}.csv", rows=rows, seed=seed, drop=drop)
             for word in shlex.split(command)]
    cost = measured.cost_of(words)
    return {"train_seconds": round(cost.seconds, 1), "peak_megabytes": round(cost.megabytes)}


def scores(options, table, folder, name):
    command = [options.python, options.scorer, folder / "train.csv", folder / f"{name}.csv", folder / "hold.csv",
               *TABLES[table], *(["--skip", options.skip] if options.skip else [])]
    scored = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    found = measured.json_lines(scored.stdout)
    if scored.returncode or not found:
        sys.exit(f"the scorer failed on {name}:\n{scored.stderr}")
    return found[-1]


def run(options, peers, table, seed):
    """The results of a round, of each generator."""
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        rows = split(options.data / f"{table}.csv", seed, folder)
        for generator in ([] if options.peers_alone else ["agon"]) + list(peers):
            cost = (by_agon(options, table, seed, folder, rows) if generator == "agon"
                    else by_peer(generator, peers[generator], table, seed, folder, rows))
            results.append({"table": table, "generator": generator, "seed": seed, "commit": measured.commit(),
                            **scores(options, table, folder, generator), **cost})
    return results


def show(table, results):
    for generator in dict.fromkeys(result["generator"] for result in results):
        own = [result for result in results if result["generator"] == generator]
        print(f"\n{table} by {generator}, {len(own)} seeds: median (least to largest)")
        for figure in FIGURES:
            values = [result[figure] for result in own if figure in result]
            if values:
                print(f"  {figure:22} {statistics.median(values):9.4f} ({min(values):.4f} to {max(values):.4f})", flush=True)


def main():
    options = arguments()
    print(f"commit {measured.commit()}, {measured.cpu_model()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    peers = dict(peer.split("=", 1) for peer in options.peer)
    for table in options.tables.split(","):
        results = []
        for seed in range(options.first_seed, options.first_seed + options.seeds):
            found = run(options, peers, table, seed)
            results += found
            if options.json:
                with open(options.json, "a", encoding="utf-8") as file:
                    file.writelines(json.dumps(result) + "\n" for result in found)
        show(table, results)


if __name__ == "__main__":
    main()
