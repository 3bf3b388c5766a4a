#!/usr/bin/python3
"""How many tables agon reads: every data frame of the R packages that are installed, as write.csv writes it.

    bench/readable.py [--library FOLDER ...] [--agon build/agon] [--part 3] [--json FILE]

Each table of at least 50 rows and 2 columns is looked at with `agon inspect`; of every third one (--part), chosen by chance, `agon
train` then learns 20 steps and `agon sample` draws 100 records, whose header must be the table's but for columns that agon leaves
out. Tables that are equal to the byte count once. Prints shares, and the reasons of the rest. Needs R (Debian's r-base-core) and
packages of data (r-cran-*). --json gets a line for each table, with what agon took its columns for.
"""
import argparse
import collections
import csv
import hashlib
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

import measured

ROWS, COLUMNS = 50, 2


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--library", dest="folders", action="append", default=[], help="a folder of R packages beside R's own")
    parser.add_argument("--tables", type=pathlib.Path, help="a folder of CSV files, in place of R's")
    parser.add_argument("--agon", type=pathlib.Path, default=measured.ROOT / "build" / "agon")
    parser.add_argument("--part", type=int, default=3, help="one of so many tables is learnt")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=pathlib.Path)
    return parser.parse_args()


def write_tables(folder, libraries):
    """Returns the lines of the data frames that R cannot write."""
    script = pathlib.Path(__file__).with_name("data_frames.R")
    command = ["Rscript", script, folder, str(ROWS), str(COLUMNS), *libraries]
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if ran.returncode:
        sys.exit(f"R failed:\n{ran.stderr}")
    return ran.stdout.splitlines()


def distinct(folder):
    seen = {}
    for path in sorted(folder.glob("*.csv")):
        seen.setdefault(hashlib.sha256(path.read_bytes()).digest(), path)
    return list(seen.values())


def call(options, *words):
    """(exit code, standard output, last line of standard error)."""
    try:
        ran = subprocess.run([options.agon, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=600)
    except subprocess.TimeoutExpired:
        return -1, "", "no end within 10 minutes"
    lines = ran.stderr.strip().splitlines()
    return ran.returncode, ran.stdout, lines[-1] if lines else ""


def learn(options, path, found, folder):
    """Nothing, or why the table was not learnt and drawn from."""
    run, drawn = folder / "run", folder / "drawn.csv"
    for words in (["train", path, "--out", run, "--overwrite", "--steps", 20, "--evaluate", "false", "--threads", 1, "--quiet"],
                  ["sample", run, "-n", 100, "--out", drawn, "--overwrite", "--threads", 1, "--quiet"]):
        code, _, said = call(options, *words)
        if code:
            return f"{words[0]}: exit code {code}: {said}"
    with open(drawn, newline="", encoding="utf-8") as file:
        header, *rows = list(csv.reader(file))
    wanted = [column["name"] for column in found["schema"]["columns"] if column["kind"] != "text" and not column.get("ignored")]
    if header != wanted or any(len(row) != len(header) for row in rows) or len(rows) != 100:
        return f"sample: {len(rows)} records of {header}, expected {wanted}"
    return None


def look_at(options, path, learnt, folder):
    code, text, said = call(options, "inspect", path, "--json")
    result = {"table": path.stem, "bytes": path.stat().st_size}
    if code:
        return {**result, "unreadable": said.replace(str(path), path.name)}
    found = json.loads(text)
    result["rows"] = found["rows"]
    result["kinds"] = {column["name"]: column["kind"] for column in found["schema"]["columns"]}
    result["findings"] = [[f["weight"], f["column"], f["what"]] for f in found["findings"]]
    errors = [f for f in found["findings"] if f["weight"] == "error"]
    if errors:
        return {**result, "unreadable": f"{errors[0]['column']}: {errors[0]['what']}"}
    if learnt:
        why = learn(options, path, found, folder)
        result["learnt"] = why is None
        if why:
            result["not_learnt"] = why.replace(str(path), path.name)
    return result


def main():
    options = arguments()
    results, unwritten = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        if not options.tables:
            (folder / "tables").mkdir()
            unwritten = write_tables(folder / "tables", options.folders)
        paths = distinct(options.tables or folder / "tables")
        chosen = set(random.Random(options.seed).sample(range(len(paths)), len(paths) // options.part))
        for number, path in enumerate(paths):
            results.append(look_at(options, path, number in chosen, folder))
            if options.json:
                with open(options.json, "a", encoding="utf-8") as file:
                    file.write(json.dumps(results[-1]) + "\n")
    summarise(options, results, unwritten)


def share(part, whole):
    return f"{part} of {whole} ({part / whole:.1%})" if whole else "0 of 0"


def summarise(options, results, unwritten):
    readable = [r for r in results if "unreadable" not in r]
    tried = [r for r in readable if "learnt" in r]
    print(f"commit {measured.commit()}, {measured.cpu_model()}, load {os.getloadavg()[0]:.1f}, {options.agon}")
    print(f"tables of at least {ROWS} rows and {COLUMNS} columns: {len(results)}, of "
          f"{len({r['table'].split('.')[0] for r in results})} packages; {sum(r['bytes'] for r in results) / 1e6:.0f} MB")
    print(f"readable: {share(len(readable), len(results))}")
    print(f"learnt and drawn from: {share(sum(r['learnt'] for r in tried), len(tried))}")
    kinds = collections.Counter(kind for r in readable for kind in r["kinds"].values())
    print("columns: " + ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()))
    for result in results:
        why = result.get("unreadable") or result.get("not_learnt")
        if why:
            print(f"  {result['table']}: {why}")
    for line in unwritten:
        print(f"  not written by R: {line}")


if __name__ == "__main__":
    main()
