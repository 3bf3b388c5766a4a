#!/usr/bin/python3
"""Times several calls of `agon bench` in turns, and prints as Markdown how they compare.

    bench/rounds.py [--agon build/agon] [--rounds 5] [--seconds 0.5] "--batches 64 --replicas 1" "--batches 64 --replicas 8" ...
    bench/rounds.py --before ../agon-before/build/agon "--batches 64" "--batches 1024 --recipe r3"

Each argument is what a call is given besides --seconds and --json. A call's figure is the median of its rounds, with the
least and the largest; what it is compared with is the first call of the same round or, with --before, the same call of
another build of agon in the same round, by medians and by the tenth percentiles of its steps; where others use the machine,
the least tenth percentile of all rounds says more.
"""
import argparse
import os
import pathlib
import statistics
import sys

import measured


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("calls", nargs="+", help="words for agon bench that time one thing")
    parser.add_argument("--agon", type=pathlib.Path, default=measured.ROOT / "build" / "agon")
    parser.add_argument("--before", type=pathlib.Path, help="another build's agon, timed beside")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5, help="of measurement in each call")
    return parser.parse_args()


def timed(options, agon, call):
    report = measured.json_of([agon, "bench", *call.split(), "--seconds", options.seconds, "--json"])
    steps = [one for one in report["batches"] if one["name"] != "plain"] or report["batches"]  # a recipe's, not what it is beside
    if len(steps) != 1:
        sys.exit(f"{call}: times {len(steps)} things, not one")
    return steps[0]


def spread(values, form):
    return f"{form.format(statistics.median(values))} ({form.format(min(values))} to {form.format(max(values))})"


def timed_beside(options, call):
    """Of the call, and where another build is beside it first that one's."""
    return [timed(options, agon, call) for agon in (options.before, options.agon) if agon]


def print_beside(calls, rounds):
    print("| agon bench | ms a step, before | now | now / before | of the 10th percentiles | of the least of these |")
    print("|---|---|---|---|---|---|")
    for i, call in enumerate(calls):
        pairs = [[one["step_seconds"] for one in each[2 * i:2 * i + 2]] for each in rounds]
        ms = [spread([1000 * pair[k]["median"] for pair in pairs], "{:.4g}") for k in (0, 1)]
        ratios = [spread([now[which] / before[which] for before, now in pairs], "{:.3f}") for which in ("median", "p10")]
        least = [min(pair[k]["p10"] for pair in pairs) for k in (0, 1)]
        print(f"| `{call}` | {ms[0]} | {ms[1]} | {ratios[0]} | {ratios[1]} | {least[1] / least[0]:.3f} |")


def main():
    options = arguments()
    rounds = []
    for number in range(options.rounds):
        print(f"round {number + 1} of {options.rounds}", file=sys.stderr)
        rounds.append([one for call in options.calls for one in timed_beside(options, call)])
    print(f"{measured.cpu_model()}, commit {measured.commit()}, load {os.getloadavg()[0]:.1f}, {options.rounds} rounds in turns\n")
    if options.before:
        return print_beside(options.calls, rounds)
    print("| agon bench | rows at a time | ms a step | steps/s in all | samples/s | times the first |\n|---|---|---|---|---|---|")
    for i, call in enumerate(options.calls):
        of = [each[i] for each in rounds]
        ratios = [each[i]["samples_per_second"] / each[0]["samples_per_second"] for each in rounds]
        milliseconds = [1000 * one["step_seconds"]["median"] for one in of]
        print(f"| `{call}` | {of[0]['micro_batch']} | {spread(milliseconds, '{:.4g}')} |"
              f" {statistics.median(one['steps_per_second'] for one in of):.4g} |"
              f" {statistics.median(one['samples_per_second'] for one in of):.4g} | {spread(ratios, '{:.2f}')} |")


if __name__ == "__main__":
    main()
