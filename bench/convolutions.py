#!/usr/bin/python3
"""Convolutions of image GANs on the processor beside PyTorch's, layer by layer, and prints Markdown.

    bench/convolutions.py --python PYTHON [--threads 1] [--rounds 5] [--json FILE]

convolution_benchmark (build with -DAGON_BENCHMARKS=ON) and peers/torch_convolution.py take turns: each layer forward with
LeakyReLU, the gradient by its input, and those by its parameters. Ratios are taken within a round. PYTHON has torch.
"""
import argparse
import json
import os
import pathlib
import statistics
import sys

import measured

PARTS = ("forward", "input", "parameters")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agon", type=pathlib.Path, default=measured.ROOT / "build" / "agon")
    parser.add_argument("--python", default=sys.executable, help="an interpreter that has torch")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.1, help="of measurement for each part and round")
    parser.add_argument("--patience", type=float, default=300.0, help="seconds to wait for a machine that nobody uses")
    parser.add_argument("--json", type=pathlib.Path)
    return parser.parse_args()


def by_agon(options):
    """{layer: {part: (seconds, share of the peak in percent)}}."""
    os.environ["OMP_NUM_THREADS"] = str(options.threads)
    found = measured.json_of([options.agon.parent / "convolution_benchmark", "--benchmark_format=json",
                              f"--benchmark_min_time={options.seconds}"])
    layers = {}
    for case in found["benchmarks"]:
        layer, part = case["name"].split("/")[:2]
        layers.setdefault(layer, {})[part] = (case["real_time"] * 1e-9, case["peak%"])  # nanoseconds
    return layers


def by_torch(options):
    return measured.json_of([options.python, measured.ROOT / "bench/peers/torch_convolution.py", "--threads", options.threads,
                             "--seconds", options.seconds])


def spread(values, digits=2):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def main():
    options = arguments()
    busy = measured.wait_until_idle(options.patience)
    print(f"commit {measured.commit()}, {measured.cpu_model()}, load {os.getloadavg()[0]:.1f}, others used {busy:.0%}\n")
    rounds = []
    for turn in range(options.rounds):
        print(f"round {turn + 1} of {options.rounds}", file=sys.stderr)
        rounds.append((by_agon(options), by_torch(options)))
    print(f"{options.threads} threads; milliseconds, and PyTorch {rounds[0][1]['torch']} divided by agon; median (least-largest of "
          f"{len(rounds)} rounds)\n")
    print("| layer | part | agon, ms | % of the peak | PyTorch, ms | PyTorch / agon |")
    print("|---|---|---|---|---|---|")
    for layer in rounds[0][0]:
        for part in PARTS:
            own = [agon[layer][part] for agon, _ in rounds]
            others = [torch["layers"][layer][part]["seconds"] for _, torch in rounds]
            print(f"| {layer} | {part} | {spread([1e3 * seconds for seconds, _ in own])} | {spread([share for _, share in own], 0)} | "
                  f"{spread([1e3 * seconds for seconds in others])} | "
                  f"**{spread([other / seconds for other, (seconds, _) in zip(others, own)])}** |")
    if options.json:
        options.json.write_text(json.dumps({"commit": measured.commit(), "cpu": measured.cpu_model(), "busy": busy,
                                            "threads": options.threads, "rounds": rounds}, indent=1) + "\n")


if __name__ == "__main__":
    main()
