#!/usr/bin/python3
"""What only tables of records need of a step, beside PyTorch on one thread of the processor, and its share in a step's time.

    bench/records.py --table adult.csv --python PYTHON [--rounds 7] [--json FILE]

Encoding a batch of the table's rows, and the generator's heads, forward and backward, in the table's own layout, at batches of 500
and 4096: record_benchmark (build with -DAGON_BENCHMARKS=ON) and peers/torch_records.py take turns, in each of torch's modes;
ratios are taken within a round. Then the recipe `table`'s step: the number of its operations by `agon inspect --program`, its
time by the difference of two trainings' lengths, and the share of these operations in it. All are one thread's processor time, which others on the machine change less than the clock's. PYTHON has
torch.
"""
import argparse
import json
import os
import pathlib
import re
import statistics
import sys
import tempfile

import measured

MODES = ("plain", "padded", "compile")
OPERATIONS = ("encode", "heads", "heads_backward")
BATCHES = (500, 4096)
SHORT, LONG = 50, 250  # steps of the two trainings


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", type=pathlib.Path, required=True)
    parser.add_argument("--agon", type=pathlib.Path, default=measured.ROOT / "build" / "agon")
    parser.add_argument("--python", default=sys.executable, help="an interpreter that has torch")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.5, help="of measurement for each operation, batch and round")
    parser.add_argument("--patience", type=float, default=300.0, help="seconds to wait for a machine that nobody uses")
    parser.add_argument("--json", type=pathlib.Path)
    return parser.parse_args()


def train(options, run, steps):
    return measured.cost_of([options.agon, "train", options.table, "--out", run, "--overwrite", "--steps", steps, "--threads", 1,
                             *measured.LEARN_ALL, "--samples-every", 0, "--quiet"])


def agon_seconds(options, layout):
    program = options.agon.parent / "record_benchmark"
    found = measured.json_of([program, *layout, "--benchmark_format=json", f"--benchmark_min_time={options.seconds}"])
    return {case["name"]: case["cpu_time"] * 1e-9 for case in found["benchmarks"]}  # nanoseconds


def torch_seconds(options, layout, mode):
    return measured.json_of([options.python, measured.ROOT / "bench/peers/torch_records.py", "--mode", mode, f"--heads={layout[0]}",
                             f"--gates={layout[1]}", "--batches", ",".join(map(str, BATCHES)), "--seconds", options.seconds])


def program_of(options, run):
    """(operations as written, operations as the device runs them, how often each of these operations is among them)."""
    text = measured.output_of([options.agon, "inspect", run, "--program"])
    written, run_parts = text.split("as the processor runs it", 1)
    counts = [int(re.search(r": (\d+) operations", part).group(1)) for part in (written, run_parts)]
    names = {"encode": "encode_records", "heads": "record_heads", "heads_backward": "record_heads_backward"}
    return *counts, {key: len(re.findall(rf"^ *\d+ {name} ", run_parts, re.MULTILINE)) for key, name in names.items()}


def spread(values, scale=1.0, digits=2):
    values = [value * scale for value in values]
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def print_table(rounds, versions):
    print(f"one thread; microseconds of the processor, and PyTorch {versions.pop()} divided by agon; median (least-largest of {len(rounds)} rounds)\n")
    print("| operation, batch | agon, us | " + " | ".join(f"{mode}, us | {mode} / agon" for mode in MODES) + " |")
    print("|---" * (2 + 2 * len(MODES)) + "|")
    for batch in BATCHES:
        for operation in OPERATIONS:
            key = f"{operation}/{batch}"
            cells = [spread([r["agon"][key] for r in rounds], 1e6, 1)]
            for mode in MODES:
                cells += [spread([r[mode][key] for r in rounds], 1e6, 1), "**" + spread([r[mode][key] / r["agon"][key] for r in rounds]) + "**"]
            print(f"| {operation}, {batch} | {' | '.join(cells)} |")


def main():
    options = arguments()
    busy = measured.wait_until_idle(options.patience)
    print(f"commit {measured.commit()}, {measured.cpu_model()}, load {os.getloadavg()[0]:.1f}, others used {busy:.0%}\n")
    with tempfile.TemporaryDirectory() as name:
        run = pathlib.Path(name) / "run"
        rounds, versions, steps = [], set(), []
        train(options, run, SHORT)
        generator = measured.json_of([options.agon, "inspect", run, "--json"])["generator"]
        layout = [",".join(map(str, generator[part])) for part in ("heads", "gates")]
        written, executed, counts = program_of(options, run)
        for turn in range(options.rounds):
            print(f"round {turn + 1} of {options.rounds}", file=sys.stderr)
            rounds.append({"agon": agon_seconds(options, layout)})
            for mode in MODES:
                found = torch_seconds(options, layout, mode)
                versions.add(found["torch"])
                rounds[-1][mode] = found["seconds"]
            steps.append((train(options, run, LONG).processor_seconds - train(options, run, SHORT).processor_seconds) / (LONG - SHORT))
    print_table(rounds, versions)
    shares = [sum(counts[operation] * r["agon"][f"{operation}/500"] for operation in OPERATIONS) / step for r, step in zip(rounds, steps)]
    print(f"\na step of recipe table, batch 500: {written} operations as written, {executed} as the processor runs them, of these "
          + ", ".join(f"{count} {operation}" for operation, count in counts.items())
          + f";\n{spread(steps, 1e3)} ms, of which these take {spread(shares, 100)}%")
    if options.json:
        options.json.write_text(json.dumps({"commit": measured.commit(), "cpu": measured.cpu_model(), "busy": busy, "layout": layout,
                                            "rounds": rounds, "step_seconds": steps, "shares": shares}, indent=1) + "\n")


if __name__ == "__main__":
    main()
