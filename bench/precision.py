#!/usr/bin/python3
"""Trains the article's run in every precision, seed by seed, and prints as Markdown how losses and quality compare.

    bench/precision.py [--agon build/agon] [--device cpu] [--threads 1] [--seeds 5] [--epochs 1000] [--folder FOLDER]

The runs of a seed start from the same weights and see the same batches and noise, whatever the precision. On a
processor with AVX-512, fp32 runs once more with AVX2, whose sums differ in their last bits: what any other rounding
does to a run.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
# Name, --precision, instruction set (the best where empty). The first is what the others are compared with.
RUNS = (("fp32", "fp32", ""), ("fp32, AVX2", "fp32", "v3"), ("tf32", "tf32", ""), ("bf16", "bf16", ""))
LOSSES = ("discriminator_loss", "generator_loss")
APART = (0.001, 0.01, 0.1)  # of fp32's loss


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agon", type=pathlib.Path, default=ROOT / "build" / "agon")
    parser.add_argument("--table", type=pathlib.Path, default=ROOT / "host/data/diabetes.csv")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=1000)
    parser.add_argument("--folder", type=pathlib.Path, help="keeps the runs; default: they are deleted")
    return parser.parse_args()


def agon(options, *arguments, instructions=""):
    command = [str(part) for part in (options.agon, *arguments)]
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            env={**os.environ, "AGON_ISA": instructions})
    if result.returncode:
        sys.exit(f"{' '.join(command)}\n{result.stderr}")
    return result.stdout


def rows_of(table):
    return len(table.read_text().splitlines()) - 1


def run(options, folder, precision, instructions, seed):
    """The losses of every step, (discriminator, generator), and the quality of as many samples as there are rows."""
    name = "-".join(filter(None, (precision, instructions, str(seed))))
    print(name, file=sys.stderr)
    out, samples = folder / name, folder / f"{name}.csv"
    device = ("--device", options.device, "--threads", options.threads)
    agon(options, "train", options.table, "--recipe", "article", "--evaluate", "false", "--quiet", *device, "--precision", precision, "--seed", seed,
         "--epochs", options.epochs, "--log-every", 1, "--samples-every", 0, "--out", out, instructions=instructions)
    agon(options, "sample", out, *device, "-n", rows_of(options.table), "--out", samples, instructions=instructions)
    report = json.loads(agon(options, "evaluate", options.table, samples, "--json"))
    lines = [json.loads(line) for line in (out / "stats.jsonl").read_text().splitlines()]
    return {"losses": [[line[loss] for loss in LOSSES] for line in lines], "quality": report["score"]}


def first_apart(losses, reference, share):
    """The first step at which either loss is further from the reference's than that share of it."""
    for step, pair in enumerate(zip(losses, reference), 1):
        if any(abs(a - b) > share * abs(b) for a, b in zip(*pair)):
            return step
    return None


def table(head, rows):
    line = lambda cells: "| " + " | ".join(str(cell) for cell in cells) + " |\n"
    return line(head) + "|" + "---|" * len(head) + "\n" + "".join(line(row) for row in rows)


def loss_table(runs):
    """Seed 1's losses along the way, then their means over the last tenth, over the seeds."""
    steps = len(runs["fp32"][0]["losses"])
    shown = [s for s in (1, 10, 100, 300, 1000, 3000) if s <= steps] + [steps]
    last = range(steps - max(1, steps // 10), steps)
    rows = []
    for name in runs:
        first = runs[name][0]["losses"]
        means = [statistics.mean(r["losses"][s][loss] for s in last for r in runs[name]) for loss in (0, 1)]
        rows.append([name, *("{:.4f}, {:.4f}".format(*first[s - 1]) for s in shown), "{:.3f}, {:.3f}".format(*means)])
    return table(["losses of D, G", *(f"step {s}" for s in shown), "last tenth, all seeds"], rows)


def parting_table(runs):
    rows = []
    for name in list(runs)[1:]:
        pairs = list(zip(runs[name], runs["fp32"]))
        found = [[first_apart(a["losses"], b["losses"], share) for a, b in pairs] for share in APART]
        rows.append([name, *(", ".join(str(step or "never") for step in steps) for steps in found)])
    return table(["a loss is first off fp32's by", *(f"{share:.1%}" for share in APART)], rows)


def quality_table(runs):
    rows = []
    for name in runs:
        scores = [r["quality"] for r in runs[name]]
        rows.append([name, " ".join(f"{s:.3f}" for s in scores), f"**{statistics.median(scores):.3f}**"])
    return table(["quality", f"seeds 1 to {len(runs['fp32'])}", "median"], rows)


def main():
    options = arguments()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        runs = {name: [run(options, folder, precision, instructions, seed) for seed in range(1, options.seeds + 1)]
                for name, precision, instructions in RUNS if options.device == "cpu" or not instructions}
    print(loss_table(runs), parting_table(runs), quality_table(runs), sep="\n")


if __name__ == "__main__":
    main()
