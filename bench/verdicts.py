#!/usr/bin/python3
"""What `agon evaluate` says of tables whose faults are known: made from a real one, each wrong in one way.

    bench/verdicts.py --table adult.csv --target income [--column age] [--train] [--json FILE]

Two fifths of the rows are the real table, two fifths are other real rows, which a perfect generator would draw, and a fifth is
held out. Prints, for each table, the three lights and the figures behind them. Needs no package.

  itself        the real table                           others        the other real rows
  bootstrap     the real table, with replacement         shuffled      others, one column in random order
  constant      others, one column one value             level lost    others, without the rarest level that 1% have
  copied        others, 5% replaced by the real table's  memorised     the real table, numbers moved by a thousandth of their range
  independent   every column drawn by itself             agon          drawn from a run of agon's
"""
import argparse
import collections
import csv
import json
import pathlib
import random
import subprocess
import tempfile

import measured

ORDER = ("itself", "bootstrap", "others", "shuffled", "constant", "level lost", "copied", "memorised", "independent", "agon")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", type=pathlib.Path, required=True)
    parser.add_argument("--target", required=True)
    parser.add_argument("--column", help="that is shuffled, or constant; default: the first")
    parser.add_argument("--agon", type=pathlib.Path, default=measured.ROOT / "build" / "agon")
    parser.add_argument("--train", action="store_true", help="learns the table, too")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=pathlib.Path, help="file that gets a line for each table")
    return parser.parse_args()


def number(text):
    try:
        return float(text)
    except ValueError:
        return None


def moved(rows, rng):
    """Numbers moved by up to a thousandth of their range, spelled with as many decimals."""
    columns = [list(column) for column in zip(*rows)]
    for column in columns:
        numbers = [value for value in map(number, column) if value is not None]
        if len(set(numbers)) < 20:
            continue
        reach = (max(numbers) - min(numbers)) / 1000
        for i, text in enumerate(column):
            if number(text) is not None:
                decimals = len(text.partition(".")[2])
                column[i] = f"{number(text) + rng.uniform(-reach, reach):.{decimals}f}"
    return [list(row) for row in zip(*columns)]


def rarest_level(rows):
    """A column and the level of it that the fewest rows have, 1% of them at least; columns of words first."""
    found = []
    for c in range(len(rows[0])):
        counts = collections.Counter(row[c] for row in rows)
        if len(counts) <= 50:
            found += [(number(level) is not None, count, c, level) for level, count in counts.items() if count >= len(rows) / 100]
    return min(found)[2:]


def made_tables(header, learnt, fresh, options, rng):
    """Name and rows of each table."""
    rows = len(learnt)
    c = header.index(options.column) if options.column else 0
    yield "itself", learnt
    yield "bootstrap", [rng.choice(learnt) for _ in range(rows)]
    yield "others", fresh
    values = [row[c] for row in fresh]
    rng.shuffle(values)
    yield "shuffled", [row[:c] + [value] + row[c + 1:] for row, value in zip(fresh, values)]
    yield "constant", [row[:c] + [fresh[0][c]] + row[c + 1:] for row in fresh]
    column, level = rarest_level(learnt)
    yield "level lost", [row for row in fresh if row[column] != level]
    yield "copied", [rng.choice(learnt) if rng.random() < 0.05 else row for row in fresh]
    yield "memorised", moved(learnt, rng)
    columns = [list(column) for column in zip(*learnt)]
    for column in columns:
        rng.shuffle(column)
    yield "independent", [list(row) for row in zip(*columns)]


def write(path, header, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def verdict(options, folder, name):
    words = [options.agon, "evaluate", folder / "train.csv", folder / f"{name}.csv", "--holdout", folder / "hold.csv", "--target",
             options.target, "--json", "--quiet", "--threads", options.threads]
    found = measured.json_of(words)
    trees = found["detection"]["trees"]
    attacks = found["privacy"]["membership"]
    return {"name": name, **{part: found["verdict"][part]["light"] for part in ("likeness", "usefulness", "privacy")},
            "quality": found["score"], "detection": trees["synthetic_against_held_out"]["auc"],
            "membership": attacks["greatest"]["auc"], "by_chance": attacks["greatest_by_chance_95"]["auc"],
            "copies": found["privacy"]["copies"]["synthetic"]["exact"]["share"]}


def main():
    options = arguments()
    rng = random.Random(options.seed)
    with open(options.table, newline="", encoding="utf-8") as file:
        header, *rows = list(csv.reader(file))
    rng.shuffle(rows)
    cut = round(0.4 * len(rows))
    learnt, fresh, held_out = rows[:cut], rows[cut:2 * cut], rows[2 * cut:]
    print(f"{options.table.name}, {cut} real rows, {len(held_out)} held out; commit {measured.commit()}")
    print(f"{'':12} {'likeness':10} {'usefulness':10} {'privacy':10} "
          f"{'quality':>8} {'AUC':>6} {'membership':>11} {'chance':>7} {'copies':>7}")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write(folder / "train.csv", header, learnt)
        write(folder / "hold.csv", header, held_out)
        for table, made in made_tables(header, learnt, fresh, options, rng):
            write(folder / f"{table}.csv", header, made)
        if options.train:
            subprocess.run([str(options.agon), "train", str(folder / "train.csv"), "--out", str(folder / "run"), "--quiet",
                            *measured.LEARN_ALL, "--threads", str(options.threads)], check=True)
            subprocess.run([str(options.agon), "sample", str(folder / "run"), "-n", str(cut), "--out", str(folder / "agon.csv"),
                            "--quiet"], check=True)
        for table in ORDER:
            if not (folder / f"{table}.csv").exists():
                continue
            found = verdict(options, folder, table)
            print(f"{table:12} {found['likeness']:10} {found['usefulness']:10} {found['privacy']:10} {found['quality']:8.3f} "
                  f"{found['detection']:6.3f} {found['membership']:11.3f} {found['by_chance']:7.3f} "
                  f"{found['copies']:7.1%}", flush=True)
            if options.json:
                with open(options.json, "a", encoding="utf-8") as file:
                    file.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
