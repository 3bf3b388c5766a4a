#!/usr/bin/python3
"""Whether records that are drawn under a condition fulfil it, and are distributed as real ones that do.

    bench/conditions.py --table adult.csv [--run FOLDER] [--records 10000] [--json FILE] [-- FLAGS OF agon train]

A fifth of the rows is held out, as bench/tables.py does with --seed; `agon train` learns the rest, unless --run names the run of an
earlier call with the same table and seed. Then `agon sample --where` draws under each of 20 conditions on adult's columns, from
frequent ones to ones of 1% of the rows. Every record is checked by this script's own reading of the condition. Of the
columns that the condition does not name, the mean distance to the held-out rows that fulfil it: Kolmogorov and Smirnov's of numbers (holes
apart), total variation of everything else. Beside it, the floor: the same distance of real rows, from the rows that were learnt
and fulfil it to the held-out ones. Records and real rows are cut to the same number, so that both figures carry the same
noise; the mean is over --cuts cuts. Needs no package.
"""
import argparse
import bisect
import collections
import csv
import json
import pathlib
import random
import re
import statistics
import subprocess
import sys
import tempfile

import measured
import tables

NUMBERS = ("age", "fnlwgt", "education-num", "capital-gain", "capital-loss", "hours-per-week")
CONDITIONS = (
    "sex=Male", "sex=Female", "income=>50K", "workclass=Private", "workclass=", "age>=60", "age<25", "hours-per-week>45", "hours-per-week!=40",
    "capital-gain>0", "capital-loss>0", "native-country=Mexico", "education=Doctorate", "occupation=", "sex=Female, age>=60",
    "income=>50K, age<30", "education=HS-grad, hours-per-week<=20", "race=Black, income=>50K", "marital-status=Divorced, occupation=Sales",
    "native-country!=United-States, income=>50K")
SHOWS = {"=": lambda a, b: a == b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b,
         ">=": lambda a, b: a >= b}


def arguments():
    words = sys.argv[1:]
    at = words.index("--") if "--" in words else len(words)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", type=pathlib.Path, required=True, help="adult.csv")
    parser.add_argument("--run", type=pathlib.Path)
    parser.add_argument("--agon", type=pathlib.Path, default=measured.ROOT / "build" / "agon")
    parser.add_argument("--records", type=int, default=10000)
    parser.add_argument("--cuts", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args(words[:at])
    options.flags = words[at + 1:]
    return options


def parts_of(condition):
    """[(column, sign, value)]."""
    return [re.fullmatch(r"([\w-]+?)(!=|<=|>=|=|<|>)(.*)", part.strip()).groups() for part in condition.split(",")]


def fulfils(row, parts):
    """A hole is "?" here and "column=" in a condition; it differs from every value, and is neither less nor more."""
    for column, sign, value in parts:
        cell = row[column].replace("?", "")
        if value == "" or cell == "":
            if not (cell == value if sign == "=" else sign == "!=" and cell != value):
                return False
        elif not (SHOWS[sign](float(cell), float(value)) if column in NUMBERS else SHOWS[sign](cell, value)):
            return False
    return True


def kolmogorov_smirnov(a, b):
    a, b = sorted(a), sorted(b)
    return max(abs(bisect.bisect_right(a, x) / len(a) - bisect.bisect_right(b, x) / len(b)) for x in {*a, *b})


def total_variation(a, b):
    a, b = collections.Counter(a), collections.Counter(b)
    return sum(abs(a[x] / a.total() - b[x] / b.total()) for x in {*a, *b}) / 2


def distance(rows, others, columns):
    """Mean over the columns."""
    found = []
    for column in columns:
        a, b = ([row[column] for row in part] for part in (rows, others))
        if column in NUMBERS:
            values = [[float(cell) for cell in part if cell] for part in (a, b)]
            if all(values):
                found.append(kolmogorov_smirnov(*values))
        else:
            found.append(total_variation(a, b))
    return statistics.mean(found)


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def examine(options, run, condition, learnt, held_out, folder):
    parts, drawn = parts_of(condition), folder / "drawn.csv"
    cost = measured.cost_of([options.agon, "sample", run, "-n", options.records, "--where", condition, "--out", drawn, "--overwrite",
                             "--threads", options.threads, "--quiet"])
    records = read(drawn)
    real, others = ([row for row in part if fulfils(row, parts)] for part in (learnt, held_out))
    columns = [column for column in records[0] if column not in {part[0] for part in parts}]
    size = min(len(real), len(records))
    chance = random.Random(options.seed)

    def mean_of_cuts(rows):
        return statistics.mean(distance(chance.sample(rows, size), others, columns) for _ in range(options.cuts))

    return {"condition": condition, "share": (len(real) + len(others)) / (len(learnt) + len(held_out)), "records": len(records),
            "fulfil": sum(fulfils(row, parts) for row in records), "learnt_rows": len(real), "held_out_rows": len(others),
            "distance": mean_of_cuts(records), "floor": mean_of_cuts(real), "seconds": cost.seconds}


def main():
    options = arguments()
    print(f"commit {measured.commit()}, {measured.cpu_model()}, {options.threads} threads, others used {measured.busy_share():.0%}\n")
    print("| condition | share of the rows | fulfil it | mean distance of records | of real rows | held-out rows | seconds |\n|---|---|---|---|---|---|---|")
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        tables.split(options.table, options.seed, folder)
        run = options.run or folder / "run"
        if not run.exists():
            measured.cost_of([options.agon, "train", folder / "train.csv", "--out", run, "--seed", options.seed, *measured.LEARN_ALL, "--samples-every", "0",
                              "--threads", options.threads, "--quiet", *options.flags])
        learnt, held_out = read(folder / "train.csv"), read(folder / "hold.csv")
        for condition in CONDITIONS:
            r = examine(options, run, condition, learnt, held_out, folder)
            results.append(r)
            print(f"| `{condition}` | {r['share']:.1%} | {r['fulfil']:,} of {r['records']:,} | {r['distance']:.4f} | {r['floor']:.4f} | "
                  f"{r['held_out_rows']:,} | {r['seconds']:.1f} |", flush=True)
    ratio = statistics.median(r["distance"] / r["floor"] for r in results)
    print(f"\nall fulfil: {all(r['fulfil'] == r['records'] == options.records for r in results)}; distance over floor: {ratio:.2f} (median)")
    if options.json:
        options.json.write_text(json.dumps({"commit": measured.commit(), "flags": options.flags, "results": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
