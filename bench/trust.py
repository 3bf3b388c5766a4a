#!/usr/bin/python3
"""What `agon train`, as it comes, says of how far to trust what it has learnt of several tables.

    bench/trust.py --data FOLDER [--tables adult,wdbc] [--seed 1] [--threads N] [--json FILE] [-- FLAGS OF agon train]

Trains on each table with a column for models to foretell, and prints, from the evaluation that the run ends with, the three
lights and the figures behind them, a table in Markdown. Each row of the JSON has all reasons, too. Needs no package.
"""
import argparse
import json
import pathlib
import sys
import tempfile

import measured

TARGETS = {"adult": "income", "support2": "hospdead", "nafld1": "status", "flchain": "death", "efron_diabetes": "Y", "wdbc": "diagnosis",
           "cleveland": "num", "pbc": "status"}
COLUMNS = ("table", "rows learnt, held out × columns", "looks real?", "teaches?", "private?", "quality (floor)", "trees' AUC, held out (floor)",
           "of a real model's score", "best attack's AUC (by chance)", "found at 1% (by chance)", "rows equal to a real one (held out)",
           "seconds")


def arguments():
    words = sys.argv[1:]
    at = words.index("--") if "--" in words else len(words)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder of the tables, NAME.csv")
    parser.add_argument("--tables", default="adult,support2,nafld1,flchain,efron_diabetes,wdbc", help="of " + ", ".join(TARGETS))
    parser.add_argument("--agon", type=pathlib.Path, default=measured.ROOT / "build" / "agon")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--keep", type=pathlib.Path, help="folder for the runs, which are thrown away otherwise")
    parser.add_argument("--json", type=pathlib.Path, help="file that gets a line for each table")
    options = parser.parse_args(words[:at])
    options.flags = words[at + 1:]
    return options


def learnt(options, name, folder):
    """The figures of the evaluation that the run ends with, and what both took."""
    run = folder / name
    cost = measured.cost_of([options.agon, "train", options.data / f"{name}.csv", "--out", run, "--target", TARGETS[name], "--seed",
                             options.seed, "--threads", options.threads, "--quiet", *options.flags])
    (figures,) = run.glob("evaluation-*.json")
    return json.loads(figures.read_text()), cost


def index_of(name, found, cost):
    """What a reader compares tables by."""
    trees, attacks, copies = found["detection"]["trees"], found["privacy"]["membership"], found["privacy"]["copies"]
    quality = found["fidelity"]["quality"]["score"]
    shares = {score: share["value"] for score, share in found["utility"]["shares"].items()}
    return {"table": name, "commit": measured.commit(), "real_rows": found["real_rows"], "held_out_rows": found["held_out_rows"],
            "columns": len(found["fidelity"]["columns"]),
            "lights": {part: found["verdict"][part]["light"] for part in ("likeness", "usefulness", "privacy")},
            "reasons": {part: found["verdict"][part]["reasons"] for part in ("likeness", "usefulness", "privacy")},
            "quality": quality["value"], "quality_floor": quality["floor"]["median"],
            "trees_auc": trees["synthetic_against_held_out"]["auc"], "trees_auc_floor": trees["floor"]["auc"], "utility_shares": shares,
            "membership": attacks and {key: attacks[key] for key in ("best", "greatest", "greatest_by_chance_95")},
            "copies": copies["synthetic"]["exact"]["share"],
            "copies_held_out": copies["held_out"] and copies["held_out"]["exact"]["share"],
            "seconds": round(cost.seconds, 1), "peak_megabytes": round(cost.megabytes)}


def line_of(row):
    attacks = row["membership"]
    found = (f"{attacks['greatest']['auc']:.3f} ({attacks['greatest_by_chance_95']['auc']:.3f})",
             f"{attacks['greatest']['tpr_at_1_percent_fpr']:.1%} ({attacks['greatest_by_chance_95']['tpr_at_1_percent_fpr']:.1%})"
             ) if attacks else ("-", "-")
    shares = ", ".join(f"{score} {share:.0%}" for score, share in row["utility_shares"].items() if share is not None)
    cells = (row["table"], f"{row['real_rows']:,}, {row['held_out_rows']:,} × {row['columns']}", *row["lights"].values(),
             f"{row['quality']:.3f} ({row['quality_floor']:.3f})", f"{row['trees_auc']:.3f} ({row['trees_auc_floor']:.3f})", shares, *found,
             f"{row['copies']:.2%} ({row['copies_held_out']:.2%})", f"{row['seconds']:.0f}")
    return "| " + " | ".join(cells) + " |"


def main():
    options = arguments()
    print(f"commit {measured.commit()}, {measured.cpu_model()}, seed {options.seed}, others used {measured.busy_share():.0%}\n")
    print("| " + " | ".join(COLUMNS) + " |\n|" + "---|" * len(COLUMNS), flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        for name in options.tables.split(","):
            row = index_of(name, *learnt(options, name, options.keep or pathlib.Path(scratch)))
            print(line_of(row), flush=True)
            if options.json:
                with open(options.json, "a", encoding="utf-8") as file:
                    file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
