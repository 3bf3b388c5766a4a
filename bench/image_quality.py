#!/usr/bin/python3
"""How good images are that `agon train` and PyTorch's DCGAN draw after as many steps, on several seeds, and prints Markdown.

    bench/image_quality.py --python PYTHON --sets digits,fashion,chest [--chest FOLDER] [--seeds 3] [--threads 1] [--json FILE]
                           [--keep FOLDER] [--contenders agon,torch] [-- FLAGS OF agon train]

A contender learns all images of a set's training part (peers/image_sets.py), by the recipe dcgan and by peers/torch_dcgan.py, with the
same networks, batch and number of steps, and draws as many as it learnt, at most 10,000. `agon evaluate` compares these with the training
part, beside the test part. PYTHON has torch, numpy and scikit-learn. --keep keeps grids and reports.
"""
import argparse
import json
import pathlib
import statistics
import sys
import tempfile

import measured

STEPS = {"digits": 9000, "fashion": 5000, "chest": 3000, "stacked": 12000}
MOST = 10000


def arguments():
    words = sys.argv[1:]
    at = words.index("--") if "--" in words else len(words)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agon", type=pathlib.Path, default=measured.ROOT / "build" / "agon")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--sets", type=lambda text: text.split(","), default=["digits", "fashion"])
    parser.add_argument("--chest", type=pathlib.Path, help="folder of the IDX files of that set")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--steps", type=int, help="instead of " + str(STEPS))
    parser.add_argument("--contenders", type=lambda text: text.split(","), default=["agon", "torch"])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=pathlib.Path, help="file that gets a line for each run")
    parser.add_argument("--keep", type=pathlib.Path)
    options = parser.parse_args(words[:at])
    options.flags = words[at + 1:]
    return options


def prepared(options, name, folder):
    """Writes the set; the number of images to learn."""
    source = ["--from", options.chest] if name == "chest" else []
    measured.output_of([options.python, measured.ROOT / "bench/peers/image_sets.py", "--set", name, "--out", folder, *source])
    return measured.json_of([options.agon, "inspect", folder / f"{name}.npz", "--json"])["images"]


def drawn_by_agon(options, train, out, count, steps, seed):
    run = out.with_suffix("")
    cost = measured.cost_of([options.agon, "train", train, "--out", run, "--recipe", "dcgan", "--steps", steps, "--seed", seed,
                             *measured.LEARN_ALL, "--samples-every", 0, "--threads", options.threads, "--quiet", "--overwrite",
                             *options.flags])
    measured.output_of([options.agon, "sample", run, "-n", count, "--out", out, "--seed", seed, "--threads", options.threads,
                        "--quiet", "--overwrite"])
    measured.output_of([options.agon, "sample", run, "-n", 100, "--out", out.with_suffix(".png"), "--seed", seed, "--quiet",
                        "--overwrite"])
    return cost


def drawn_by_torch(options, train, out, count, steps, seed):
    return measured.cost_of([options.python, measured.ROOT / "bench/peers/torch_dcgan.py", "--images", train, "--out", out, "--count",
                             count, "--steps", steps, "--seed", seed, "--threads", options.threads])


def run(options, name, folder, contender, seed, images):
    train, test, count = folder / f"{name}.npz", folder / f"{name}_test.npz", min(images, MOST)
    out = folder / f"{name}-{contender}-{seed}.npy"
    steps = options.steps or STEPS[name]
    draw = {"agon": drawn_by_agon, "torch": drawn_by_torch}[contender]
    cost = draw(options, train, out, count, steps, seed)
    report = out.with_suffix(".json")
    measured.output_of([options.agon, "evaluate", train, out, "--holdout", test, "--out", report, "--out", out.with_suffix(".html"),
                        "--threads", options.threads, "--quiet", "--overwrite"])
    return {"set": name, "contender": contender, "seed": seed, "steps": steps, "commit": measured.commit(), "flags": options.flags,
            "train_seconds": round(cost.seconds, 1), "processor_seconds": round(cost.processor_seconds, 1),
            "figures": figures_of(json.loads(report.read_text()))}


def figures_of(report):
    """By name, of the drawn images and of as many other real ones."""
    features, classes, copies = report["random_features"], report.get("classifier") or {}, report["memorisation"]
    figures = {"FWD": report["wavelet_distance"], **{name: features[name] for name in ("coverage", "density", "precision", "recall")}}
    if classes:
        figures["classifier score"] = classes["score"]
    found = {name: {"value": figure["value"], "floor": figure["floor"]} for name, figure in figures.items()}
    found["near copies"] = {"value": copies["near"]["share"], "floor": copies["exact_held_out"]["share"]}
    if classes:
        found["classes"] = {"value": classes["present"], "floor": len(classes["classes"])}
    found["lights"] = [report["verdict"][name]["light"] for name in ("likeness", "completeness", "privacy")]
    return found


def spread(values, digits=3):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def show(results):
    names = [name for name in results[0]["figures"] if name != "lights"]
    print(f"\n| set | by | runs | {' | '.join(names)} | lights | s |\n|---|---|---|{'---|' * len(names)}---|---|")
    for key in dict.fromkeys((result["set"], result["contender"]) for result in results):
        own = [result for result in results if (result["set"], result["contender"]) == key]
        cells = [spread([result["figures"][name]["value"] for result in own]) for name in names]
        lights = "; ".join(" ".join(result["figures"]["lights"]) for result in own)
        print(f"| {key[0]} | {key[1]} | {len(own)} | {' | '.join(cells)} | {lights} | "
              f"{spread([result['train_seconds'] for result in own], 0)} |")
    for name in dict.fromkeys(result["set"] for result in results):
        floor = next(result["figures"] for result in results if result["set"] == name)
        print(f"| {name} | real images | | {' | '.join(format(floor[figure]['floor'], '.3f') for figure in names)} | | |")


def main():
    options = arguments()
    print(f"commit {measured.commit()}, {measured.cpu_model()}, {options.threads} threads a contender")
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or pathlib.Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        images = {name: prepared(options, name, folder) for name in options.sets}
        for name in options.sets:
            results = []
            for seed in range(options.first_seed, options.first_seed + options.seeds):
                for contender in options.contenders:
                    results.append(run(options, name, folder, contender, seed, images[name]))
                    if options.json:
                        with open(options.json, "a", encoding="utf-8") as file:
                            file.write(json.dumps(results[-1]) + "\n")
            show(results)


if __name__ == "__main__":
    main()
