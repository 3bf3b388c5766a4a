#!/usr/bin/python3
"""What large tables cost: time until a training is ready, memory, reading speed, drawing speed.

    bench/table_sizes.py [--rounds 5] [--threads 2] [--only large,wide,reading,drawing] [--folder KEPT] [--json FILE]

  large    1,000,000 x 12: seconds and peak memory until `agon train` has read, coded and made its first step
  wide     100,000 x 50: peak memory of `agon train` and of `agon sample`
  reading  a file of 200 MB: MB a processor second, by reading_benchmark (build with -DAGON_BENCHMARKS=ON)
  drawing  a table like adult (32,000 x 15): records a second of `agon sample -n 1000000`, starting the program included

The tables are made from a seed: numbers, counts, codes, categories, dates, holes, zeros. Before each measurement the script waits,
at most --patience seconds, until nobody uses the machine; how busy it was is printed beside the figures. Memory is the
system's (wait4). Needs no package.
"""
import argparse
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile

import measured

PIECE = 50_000  # rows made at a time


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agon", type=pathlib.Path, default=measured.ROOT / "build" / "agon")
    parser.add_argument("--reading-benchmark", type=pathlib.Path, help="default: the one beside agon")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="large,wide,reading,drawing")
    parser.add_argument("--folder", type=pathlib.Path, help="keeps the tables for the next call")
    parser.add_argument("--patience", type=float, default=300.0)
    parser.add_argument("--scale", type=float, default=1.0, help="of the tables' rows, to try the script")
    parser.add_argument("--json", type=pathlib.Path)
    return parser.parse_args()


class Makers:
    """Columns of text, each a function of the number of rows."""

    def __init__(self, seed):
        self.rng = random.Random(seed)

    def levels(self, names, holes=0.0):
        weights = [1 / (1 + i) for i in range(len(names))]
        words = [*names, *([""] if holes else [])]
        if holes:
            weights.append(holes / (1 - holes) * sum(weights))
        return lambda n: self.rng.choices(words, weights, k=n)

    def normal(self, mean, deviation, decimals, holes=0.0):
        gauss, chance = self.rng.gauss, self.rng.random
        return lambda n: ["" if holes and chance() < holes else f"{gauss(mean, deviation):.{decimals}f}" for _ in range(n)]

    def cost(self, zeros):
        long_tailed, chance = self.rng.lognormvariate, self.rng.random
        return lambda n: ["0" if chance() < zeros else f"{long_tailed(7, 1.2):.2f}" for _ in range(n)]

    def whole(self, least, greatest):
        return lambda n: [str(x) for x in self.rng.choices(range(least, greatest + 1), k=n)]

    def date(self):
        days = [f"20{year:02}-{month:02}-{day:02}" for year in range(10, 25) for month in range(1, 13) for day in range(1, 29)]
        return lambda n: self.rng.choices(days, k=n)

    def twelve(self):
        return {"age": self.whole(18, 95), "sex": self.levels(["F", "M"]), "ward": self.levels([f"W{i}" for i in range(8)]),
                "admitted": self.date(), "bmi": self.normal(27, 5, 1, 0.1), "sbp": self.normal(135, 20, 0),
                "creatinine": self.normal(90.25, 20, 2, 0.05), "code": self.levels([f"{chr(65 + i % 20)}{i:03}" for i in range(300)]),
                "smoker": self.levels(["no", "yes"], 0.02), "cost": self.cost(0.3), "weight": self.normal(78, 14, 1),
                "visits": self.whole(0, 30)}

    def fifty(self):
        return {f"{name}_{i}": make for i in range(5) for name, make in self.twelve().items() if i < 4 or name in ("age", "ward")}

    def adult_like(self):
        levels = {"workclass": 8, "education": 16, "marital": 7, "occupation": 14, "relationship": 6, "race": 5, "sex": 2, "country": 41,
                  "income": 2}
        columns = {name: self.levels([f"{name}-{i}" for i in range(n)], 0.05 if name in ("workclass", "occupation", "country") else 0)
                   for name, n in levels.items()}
        return {**columns, "age": self.whole(17, 90), "fnlwgt": self.whole(12000, 400000), "years": self.whole(1, 16),
                "gain": self.cost(0.92), "loss": self.cost(0.95), "hours": self.levels([str(h) for h in range(40, 1, -1)])}


def make_table(path, columns, rows):
    if path.exists():
        return path
    with open(path, "w", encoding="ascii") as file:
        file.write(",".join(columns) + "\n")
        for begin in range(0, rows, PIECE):
            count = min(PIECE, rows - begin)
            file.writelines(",".join(row) + "\n" for row in zip(*(make(count) for make in columns.values())))
    return path


class Session:
    def __init__(self, options, folder):
        self.options, self.folder, self.makers = options, folder, Makers(1)
        self.figures = {}

    def rows(self, n):
        return max(1000, round(n * self.options.scale))

    def note(self, name, value, busy):
        self.figures.setdefault(name, []).append((value, busy))

    def agon(self, *words, until=None):
        """Its cost, and how busy others kept the machine before it."""
        busy = measured.wait_until_idle(self.options.patience)
        return measured.cost_of([self.options.agon, *words, "--threads", self.options.threads], until), busy

    def train(self, table, steps, until=None):
        return self.agon("train", table, "--out", self.folder / f"run-{table.stem}", "--overwrite", "--steps", steps,
                         *measured.LEARN_ALL, "--samples-every", "0", until=until)

    def sample(self, table, count):
        return self.agon("sample", self.folder / f"run-{table.stem}", "-n", count, "--out", self.folder / "drawn.csv", "--overwrite")

    def large(self):
        table = make_table(self.folder / "large.csv", self.makers.twelve(), self.rows(1_000_000))
        for _ in range(self.options.rounds):
            cost, busy = self.train(table, 1000, until="step ")
            self.note(f"large, {table.stat().st_size / 1e6:.0f} MB: seconds until the first step is said", cost.seconds, busy)
            self.note("large: processor seconds until then", cost.processor_seconds, busy)
            self.note("large: peak MB until then", cost.megabytes, busy)

    def wide(self):
        table = make_table(self.folder / "wide.csv", self.makers.fifty(), self.rows(100_000))
        for _ in range(self.options.rounds):
            cost, busy = self.train(table, 20)
            self.note(f"wide, {table.stat().st_size / 1e6:.0f} MB: peak MB of train", cost.megabytes, busy)
            cost, busy = self.sample(table, self.rows(100_000))
            self.note("wide: peak MB of sample", cost.megabytes, busy)

    def reading(self):
        program = self.options.reading_benchmark or self.options.agon.parent / "reading_benchmark"
        if not program.exists():
            sys.exit(f"{program} is not there: configure with -DAGON_BENCHMARKS=ON, or leave reading out of --only")
        table = make_table(self.folder / "reading.csv", self.makers.twelve(), self.rows(3_600_000))
        for _ in range(self.options.rounds):
            busy = measured.wait_until_idle(self.options.patience)
            ran = subprocess.run([program, table, "--benchmark_format=json"], stdout=subprocess.PIPE, text=True, check=True)
            for found in json.loads(ran.stdout)["benchmarks"]:
                self.note(f"reading, {table.stat().st_size / 1e6:.0f} MB: MB a processor second to {found['name'].split('/')[0]}",
                          table.stat().st_size / found["cpu_time"] / 1e3, busy)

    def drawing(self):
        table = make_table(self.folder / "adult-like.csv", self.makers.adult_like(), self.rows(32_000))
        self.train(table, 200)
        count = self.rows(1_000_000)
        for _ in range(self.options.rounds):
            cost, busy = self.sample(table, count)
            self.note(f"drawing {count:,} records: records a second", count / cost.seconds, busy)
            self.note("drawing: records a processor second", count / cost.processor_seconds, busy)
            self.note("drawing: peak MB", cost.megabytes, busy)


def main():
    options = arguments()
    print(f"commit {measured.commit()}, {measured.cpu_model()}, {options.threads} threads, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as name:
        folder = options.folder or pathlib.Path(name)
        folder.mkdir(exist_ok=True)
        session = Session(options, folder)
        for part in options.only.split(","):
            getattr(session, part)()
    for name, found in session.figures.items():
        values, busy = [value for value, _ in found], max(share for _, share in found)
        print(f"{name:70} {statistics.median(values):12.6g} ({min(values):.6g} to {max(values):.6g}), others used up to {busy:.0%}")
    if options.json:
        options.json.write_text(json.dumps({"commit": measured.commit(), "cpu": measured.cpu_model(), "threads": options.threads,
                                            "figures": session.figures}, indent=1) + "\n")


if __name__ == "__main__":
    main()
