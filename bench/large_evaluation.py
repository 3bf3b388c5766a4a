#!/usr/bin/python3
"""How long `agon evaluate` takes of large tables, and how much memory.

    bench/large_evaluation.py --table adult.csv --target income [--rows 100000] [--held-out 20000] [--rounds 3] [--threads N]

The tables are rows of the given one, drawn with replacement; whole numbers above 100 are moved by up to 50, so that few rows are
equal. The real and the synthetic table are two such draws of `rows` rows; --held-out 0 goes without held-out ones. Needs no package.
"""
import argparse
import csv
import pathlib
import random
import tempfile

import measured


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", type=pathlib.Path, required=True)
    parser.add_argument("--target", required=True)
    parser.add_argument("--agon", type=pathlib.Path, default=measured.ROOT / "build" / "agon")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--held-out", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=0)
    return parser.parse_args()


def moved(cell, rng):
    whole = cell.strip()
    return str(int(whole) + rng.randrange(-50, 51)) if whole.isdigit() and int(whole) > 100 else cell


def write_draw(path, header, rows, count, seed):
    rng = random.Random(seed)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([moved(cell, rng) for cell in rng.choice(rows)] for _ in range(count))


def main():
    options = arguments()
    with open(options.table, newline="", encoding="utf-8") as file:
        header, *rows = list(csv.reader(file))
    print(f"commit {measured.commit()}, {measured.cpu_model()}, others used {measured.busy_share():.0%}")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        sizes = {"real": options.rows, "synthetic": options.rows, "held": options.held_out}
        for seed, (table, count) in enumerate(sizes.items()):
            write_draw(folder / f"{table}.csv", header, rows, count, seed)
        words = [options.agon, "evaluate", folder / "real.csv", folder / "synthetic.csv", "--target", options.target, "--threads",
                 options.threads, "--quiet", "--out", folder / "report.html", "--out", folder / "figures.json", "--overwrite"]
        if options.held_out:
            words += ["--holdout", folder / "held.csv"]
        for _ in range(options.rounds):
            cost = measured.cost_of(words)
            print(f"{options.rows:,} and {options.rows:,} x {len(header)}, {options.held_out:,} held out: {cost.seconds:.1f} s, "
                  f"{cost.processor_seconds:.1f} processor seconds, {cost.megabytes:.0f} MB", flush=True)


if __name__ == "__main__":
    main()
