"""A stage's report: a line of JSON for its head, each part and its end, and a Markdown page of the same."""
import json
import os
import pathlib
import statistics

from gpucheck import readers
from gpucheck.parts import failed


def write(path, text):
    """Whole or not at all."""
    temporary = pathlib.Path(f"{path}.part")
    temporary.write_text(text)
    os.replace(temporary, path)


class Log:
    """`path`.jsonl grows by a line whenever something is known; `path`.md is written anew with it."""

    def __init__(self, path, head):
        self.path, self.head, self.end, self.parts = path, head, {}, []
        path.parent.mkdir(parents=True, exist_ok=True)
        self.note({"head": head})

    def note(self, line):
        with open(f"{self.path}.jsonl", "a") as file:
            file.write(json.dumps(line) + "\n")
        write(f"{self.path}.md", page(self.head, self.parts, self.end))

    def add(self, result):
        self.parts.append(result)
        self.note({"part": result})

    def finish(self, **end):
        self.end = end
        self.note({"end": end})


def microseconds(spread):
    """Median, p10 and p90 of step_seconds."""
    return tuple(1e6 * spread[key] for key in ("median", "p10", "p90"))


def digits(value):
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def measured(results):
    """[(result's name, one of its measurements)]."""
    timed = [result for result in results if result["kind"] in ("bench", "peers")]
    return [(result["name"], one) for result in timed for one in result.get("data") or [] if "step_seconds" in one]


def speed_table(results):
    """Of equal batch and precision together, the fastest first, with how many times as long as agon's best each takes."""
    cases = {}
    for name, one in measured(results):
        cases.setdefault((one["batch"], one["precision"]), []).append((microseconds(one["step_seconds"]), name, one))
    lines = ["| batch | precision | part | µs a step (p10, p90) | samples/s | times agon's best |", "|---|---|---|---|---|---|"]
    for (batch, precision), runs in sorted(cases.items()):
        ours = min((us[0] for us, _, one in runs if one["peer"] == "agon"), default=None)
        for (median, p10, p90), name, one in sorted(runs, key=lambda run: run[0]):
            samples = batch * one.get("replicas", 1) / median * 1e6
            lines.append(f"| {batch} | {precision} | {name} | {digits(median)} ({digits(p10)}, {digits(p90)}) | {samples:.3g} |"
                         f" {f'{median / ours:.2f}' if ours else ''} |")
    return lines if len(lines) > 2 else []


def probe_table(results):
    lines = ["| probe | median (p10, p90) | unit | |", "|---|---|---|---|"]
    for result in results:
        for one in (result.get("data") or []) if result["kind"] == "probes" else []:
            if "error" in one:
                lines.append(f"| {one['probe']} | | | {one['error']} |")
            else:
                lines.append(f"| {one['probe']} | {one['median']:.4g} ({one['p10']:.4g}, {one['p90']:.4g}) | {one['unit']} |"
                             f" {one.get('note', '')} |")
    return lines if len(lines) > 2 else []


def profile_table(results):
    kernels = [one for result in results if result["kind"] == "profile" for one in result.get("data") or []]
    lines = ["| kernel | " + " | ".join(readers.PROFILED) + " |", "|---" * (1 + len(readers.PROFILED)) + "|"]
    lines += [f"| {one['kernel']} | " + " | ".join(one.get(name, "") for name in readers.PROFILED) + " |" for one in kernels]
    return lines if kernels else []


def part_table(results):
    lines = ["| part | status | seconds (limit) | what |", "|---|---|---|---|"]
    for result in results:
        data = result.get("data")
        what = result.get("reason") or ""
        if isinstance(data, dict) and "tests" in data:
            what = what or f"{data['tests']} tests, {data['on_device']} of them on {data['device']}, {data['failures']} failures"
        if isinstance(data, dict) and "errors" in data:
            what = what or f"{data['tests_passed']} tests passed, {data['errors']} errors"
        what = " ".join(what.split()).replace("|", "/")[:300]
        status = f"**{result['status']}**" if failed(result) else result["status"]
        lines.append(f"| {result['name']} | {status} | {result['seconds']:.1f} ({result['limit']:.0f}) | {what} |")
    return lines


def clocks(state):
    words = [f"{name} {state[key]}{unit}" for name, key, unit in (
        ("SM", "clocks.sm", " MHz"), ("memory", "clocks.mem", " MHz"), ("", "temperature.gpu", " °C"), ("", "power.draw", " W"))
        if state.get(key)]
    return ", ".join(words) or "unknown"


def page(head, parts, end):
    gpu, about = head["gpu"], head["machine"]
    of = "" if head["programs_commit"] == head["commit"] else f", programs of {head['programs_commit']}"
    lines = [f"# {head['device']}, {head['date'][:10]}, stage {head['stage']}", "",
             f"Driver {gpu.get('driver_version', 'none')}; {about['nvcc'] or 'no nvcc'}; {about['cpu']}, {about['cores']} cores; "
             f"{about['packages'] or 'no peers'}; commit {head['commit']}{of}; {head['date']}. {head['budget']:.0f} s; the pack "
             f"was there after {head['unpacked']:.1f} s, the device's first context after {head['context'] or 0:.1f} s more.",
             f"Clocks before: {clocks(gpu)}; after: {clocks(end.get('gpu', {}))}.",
             f"Ended after {end['seconds']:.1f} s." if end else "**Not at its end yet, or cut off.**"]
    if head["rehearsal"]:
        lines += ["", "**A rehearsal: sizes are the smallest, the figures say nothing.**"]
    for title, table in (("Speed", speed_table(parts)), ("Probes", probe_table(parts)), ("Profile", profile_table(parts)),
                         ("Parts", part_table(parts))):
        lines += ["", f"## {title}", "", *table] if table else []
    return "\n".join(lines) + "\n"
