#!/usr/bin/python3
"""Training steps of image networks on the processor beside PyTorch's, in turns, and prints Markdown.

    bench/images.py --python PYTHON [--recipes dcgan,r3gan] [--sizes 28] [--batch 64] [--threads N] [--rounds 5] [--json FILE]

`agon bench` and peers/torch_image_step.py, plain and compiled, take turns on the same networks; a ratio is taken within a round.
r3gan is timed with its penalties, R1 and R2. PYTHON has torch.
"""
import argparse
import json
import os
import pathlib
import statistics
import sys
import tempfile

import measured

PEERS = {"eager": [], "compiled": ["--compile"]}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agon", type=pathlib.Path, default=measured.ROOT / "build" / "agon")
    parser.add_argument("--python", default=sys.executable, help="an interpreter that has torch")
    parser.add_argument("--recipes", type=lambda text: text.split(","), default=["dcgan", "r3gan"])
    parser.add_argument("--sizes", type=lambda text: [int(size) for size in text.split(",")], default=[28])
    parser.add_argument("--channels", type=int, default=1)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="of measurement for each contender and round")
    parser.add_argument("--peers", type=lambda text: text.split(","), default=list(PEERS))
    parser.add_argument("--patience", type=float, default=300.0, help="seconds to wait for a machine that nobody uses")
    parser.add_argument("--json", type=pathlib.Path)
    return parser.parse_args()


def by_agon(options, recipe, size):
    """The step of the recipe itself, not the plain one beside it, with the peak of the same run."""
    with tempfile.TemporaryDirectory() as folder:
        config = pathlib.Path(folder) / f"{recipe}.toml"
        text = measured.output_of([options.agon, "train", "--recipe", recipe, "--print-config", "--image-size", size,
                                   "--image-channels", options.channels])
        config.write_text(text)
        report = measured.json_of([options.agon, "bench", "--json", "--config", config, "--batches", options.batch, "--threads",
                                   options.threads, "--seconds", options.seconds, "--device", "cpu"])
    step = report["batches"][-1]
    return {"seconds": step["step_seconds"]["median"], "share": step["flop_per_second"] / report["peak_flop_per_second"]}


def by_torch(options, recipe, size, words):
    found = measured.json_of([options.python, measured.ROOT / "bench/peers/torch_image_step.py", "--recipe", recipe, "--size", size,
                              "--channels", options.channels, "--batch", options.batch, "--threads", options.threads, "--seconds",
                              options.seconds, *words])
    return {"seconds": found["step_seconds"]["median"], "peer": found["peer"]}


def spread(values, digits=2):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def main():
    options = arguments()
    busy = measured.wait_until_idle(options.patience)
    print(f"commit {measured.commit()}, {measured.cpu_model()}, {options.threads} threads, load {os.getloadavg()[0]:.1f}, others used "
          f"{busy:.0%}; batch {options.batch}, {options.channels} channels\n")
    cases = [(recipe, size) for recipe in options.recipes for size in options.sizes]
    rounds = []
    for turn in range(options.rounds):
        rounds.append({})
        for recipe, size in cases:
            print(f"round {turn + 1} of {options.rounds}, {recipe} {size}", file=sys.stderr)
            rounds[-1][f"{recipe} {size}"] = {
                "agon": by_agon(options, recipe, size),
                **{peer: by_torch(options, recipe, size, PEERS[peer]) for peer in options.peers}}
    heads = "".join(f" PyTorch {peer}, ms | PyTorch {peer} / agon |" for peer in options.peers)
    print(f"| recipe, pixels | agon, ms | of the peak |{heads}\n|---|---|---|{'---|---|' * len(options.peers)}")
    for case in rounds[0]:
        own = [one[case]["agon"]["seconds"] for one in rounds]
        line = f"| {case} | {spread([1e3 * s for s in own], 0)} | {spread([100 * one[case]['agon']['share'] for one in rounds], 0)}% |"
        for peer in options.peers:
            others = [one[case][peer]["seconds"] for one in rounds]
            ratios = [other / ours for other, ours in zip(others, own)]
            line += f" {spread([1e3 * s for s in others], 0)} | **{spread(ratios)}** |"
        print(line)
    if options.json:
        options.json.write_text(json.dumps({"commit": measured.commit(), "cpu": measured.cpu_model(), "busy": busy,
                                            "threads": options.threads, "batch": options.batch, "rounds": rounds}, indent=1) + "\n")


if __name__ == "__main__":
    main()
