#!/usr/bin/python3
"""Times agon's training step and PyTorch's while other processes keep the machine busy, and writes the figures.

    bench/loaded.py [--agon build/agon] [--batch 64] [--threads 2] [--busy 0 1 2 4] [--rounds 5] [--python INTERPRETER]

In each round, for each number of busy processes, every contender runs once: agon with one thread and with --threads, PyTorch
plain and tuned with --threads. A busy process only counts. What is compared is the mean time of a step: on a busy machine most
steps are quick and a few very long. Ratios are taken within a round. --python needs torch.
"""
import argparse
import contextlib
import datetime
import json
import os
import pathlib
import statistics
import subprocess
import sys

from measured import ROOT, commit, cpu_model, json_of

PEERS = ("plain", "tuned")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agon", type=pathlib.Path, default=ROOT / "build" / "agon")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--busy", type=int, nargs="+", default=[0, 1, 2, 4], help="numbers of busy processes")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="of measurement for each contender, load and round")
    parser.add_argument("--python", help="an interpreter that has torch; without it agon alone is timed")
    parser.add_argument("--out", type=pathlib.Path, help="the figures as JSON")
    return parser.parse_args()


@contextlib.contextmanager
def busy(count):
    """So many processes that count as fast as they can."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def agon_mean(options, threads):
    report = json_of([options.agon, "bench", "--json", "--device", "cpu", "--threads", threads, "--batches", options.batch,
                       "--seconds", options.seconds])
    return report["batches"][-1]["step_seconds"]["mean"]


def peer_mean(options, mode):
    return json_of([options.python, ROOT / "bench/peers/torch_step.py", "--mode", mode, "--batch", options.batch, "--threads",
                     options.threads, "--seconds", options.seconds])["step_seconds"]["mean"]


def contenders(options):
    """{name: what measures it}."""
    named = {"agon, 1 thread": lambda: agon_mean(options, 1)}
    several = f"agon, {options.threads} threads"
    named[several] = lambda: agon_mean(options, options.threads)
    if options.python:
        named |= {f"PyTorch {mode}": lambda mode=mode: peer_mean(options, mode) for mode in PEERS}
    return several, named


def measure(options, named):
    """[{busy: {name: seconds of a step}}] of the rounds."""
    rounds = []
    for turn in range(options.rounds):
        rounds.append({})
        for count in options.busy:
            print(f"round {turn + 1} of {options.rounds}, {count} busy processes", file=sys.stderr)
            with busy(count):
                rounds[-1][count] = {name: run() for name, run in named.items()}
    return rounds


def spread(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


def table(options, several, named, rounds):
    quiet = options.busy[0]
    lines = [f"batch {options.batch}; milliseconds of a step (mean), then ratios; medians of {len(rounds)} rounds "
             "(least-largest)", "",
             f"| busy | {' | '.join(named)} | of the rate at {quiet} busy | one thread's time / its | tuned's time / its |"]
    lines.append("|" + "---|" * (len(named) + 4))
    for count in options.busy:
        times = [spread([1e3 * r[count][name] for r in rounds]) for name in named]
        kept = spread([r[quiet][several] / r[count][several] for r in rounds])
        alone = spread([r[count]["agon, 1 thread"] / r[count][several] for r in rounds])
        tuned = spread([r[count]["PyTorch tuned"] / r[count][several] for r in rounds]) if options.python else "-"
        lines.append(f"| {count} | {' | '.join(times)} | {kept} | {alone} | {tuned} |")
    return "\n".join(lines)


def main():
    options = arguments()
    several, named = contenders(options)
    rounds = measure(options, named)
    print(table(options, several, named, rounds))
    if options.out:
        record = {"date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "commit": commit(),
                  "cpu": cpu_model(), "batch": options.batch, "threads": options.threads, "rounds": rounds}
        options.out.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
