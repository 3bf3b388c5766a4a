"""The figures of README.md: how far PyTorch is from itself."""
import json

import numpy as np

import settings


def worst(values, names):
    i = int(np.argmax(values))
    return f"{values[i]:.1e} ({names[i]})" if values[i] else "0, bit for bit"


def golden_table(index):
    lines = [f"PyTorch {index['torch']} against itself in the stored runs, worst tensor (relative, norm-wise):",
             "", "| run | float32 - float64 | float32 - the same rearranged | 1 - 2 threads |", "|---|---|---|---|"]
    for key in index["float64"]:
        cells = [worst(index[column][key], index["tensors"]) for column in ("float64", "rearranged", "two_threads")]
        objective, step = key.split("-")
        lines.append(f"| {objective}, {step} steps | {' | '.join(cells)} |")
    return lines


def survey_table(data):
    lines = ["", f"Wild scenarios 0 to {data['scenarios'] - 1}, worst tensor of each:", "",
             "| run | compared with | median | largest | within 1e-5 after 10, 1e-4 after 100 |", "|---|---|---|---|---|"]
    for objective in sorted(data.keys() - {"torch", "scenarios"}):
        values = np.array(data[objective])  # (scenario, comparison, snapshot)
        for c, name in enumerate(("float64", "float32 rearranged")):
            for s, step in list(enumerate(settings.SURVEYED))[1:]:
                v = values[:, c, s]
                share = np.mean(v <= {10: 1e-5, 100: 1e-4}[step])
                lines.append(f"| {objective}, {step} steps | {name} | {np.median(v):.1e} | {v.max():.1e} |"
                             f" {share:.0%} |")
    return lines


def write_readme():
    mark = "<!-- figures: written by make_golden.py -->\n"
    readme = settings.HERE / "README.md"
    lines = golden_table(json.loads((settings.HERE / "golden.json").read_text()))
    for folder in (settings.SMALL, settings.PENALISED, *(settings.LAYERED / run for run in settings.RUNS_OF_LAYERS)):
        lines += [""] + golden_table(json.loads((folder / "golden.json").read_text()))
    if (settings.HERE / "survey.json").exists():
        lines += survey_table(json.loads((settings.HERE / "survey.json").read_text()))
    readme.write_text(readme.read_text().split(mark)[0] + mark + "\n" + "\n".join(lines) + "\n")
