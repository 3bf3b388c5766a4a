"""The check's one JSON object and one Markdown page."""
import json
import os
import pathlib
import statistics

from gpucheck.parts import failed


def write(path, text):
    """Whole or not at all."""
    temporary = pathlib.Path(f"{path}.part")
    temporary.write_text(text)
    os.replace(temporary, path)


def measurements(results):
    """{(batch, precision): {contender: [step_seconds of each round]}} of the plain benchmarks and the peers."""
    found = {}
    for result in results:
        if result["kind"] not in ("benchmarks", "peers") or not isinstance(result.get("data"), list):
            continue
        if any(word in result["name"] for word in ("steps-per-launch", "replicas")):
            continue
        for one in result["data"]:
            if "step_seconds" in one:
                case = found.setdefault((one["batch"], one["precision"]), {})
                case.setdefault(one["peer"], []).append(one["step_seconds"])
    return found


def microseconds(runs):
    """Median of the rounds' medians, with the least p10 and the largest p90."""
    return (1e6 * statistics.median(run["median"] for run in runs), 1e6 * min(run["p10"] for run in runs),
            1e6 * max(run["p90"] for run in runs))


def digits(value):
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def speed_table(results):
    lines = ["| batch | precision | contender | µs a step (p10, p90) | samples/s | rounds | times agon's |", "|---|---|---|---|---|---|---|"]
    for (batch, precision), contenders in sorted(measurements(results).items()):
        ours = microseconds(contenders["agon"])[0] if "agon" in contenders else None
        for name, runs in sorted(contenders.items(), key=lambda pair: microseconds(pair[1])[0]):
            median, p10, p90 = microseconds(runs)
            ratio = f"{median / ours:.2f}" if ours else ""
            lines.append(f"| {batch} | {precision} | {name} | {digits(median)} ({digits(p10)}, {digits(p90)}) |"
                         f" {batch / median * 1e6:.3g} | {len(runs)} | {ratio} |")
    return lines if len(lines) > 2 else ["Nothing was timed."]


def sweep_table(results):
    lines = ["| run | batch | µs a step (p10, p90) |", "|---|---|---|"]
    for result in results:
        if "steps-per-launch" not in result["name"] and "replicas" not in result["name"]:
            continue
        for one in result.get("data") or []:
            median, p10, p90 = microseconds([one["step_seconds"]])
            lines.append(f"| {result['name']} | {one['batch']} | {digits(median)} ({digits(p10)}, {digits(p90)}) |")
    return lines if len(lines) > 2 else []


def probe_table(results):
    lines = ["| probe | median (p10, p90) | unit | |", "|---|---|---|---|"]
    for result in results:
        for one in (result.get("data") or []) if result["kind"] == "probes" else []:
            if "error" in one:
                lines.append(f"| {one['probe']} | | | {one['error']} |")
            elif "median" in one:
                lines.append(f"| {one['probe']} | {one['median']:.4g} ({one['p10']:.4g}, {one['p90']:.4g}) | {one['unit']} |"
                             f" {one.get('note', '')} |")
            else:
                lines.append(f"| {one['probe']} | {one.get('value', '')} | {one.get('unit', '')} | {one.get('note', '')} |")
    return lines if len(lines) > 2 else ["No probe ran."]


def part_table(results):
    lines = ["| part | status | seconds | what |", "|---|---|---|---|"]
    for result in results:
        data = result.get("data")
        what = result.get("reason") or ""
        if isinstance(data, dict) and "tests" in data:
            what = what or f"{data['tests']} tests, {data['on_cuda']} of them on CUDA, {data['failures']} failures"
        if isinstance(data, dict) and "errors" in data:
            what = what or f"{data['tests_passed']} tests passed, {data['errors']} errors"
        what = " ".join(what.split()).replace("|", "/")[:300]
        status = f"**{result['status']}**" if failed(result) else result["status"]
        lines.append(f"| {result['name']} | {status} | {result['seconds']:.1f} | {what} |")
    return lines


def clocks(state):
    words = [f"{name} {state[key]}{unit}" for name, key, unit in (
        ("SM", "clocks.sm", " MHz"), ("memory", "clocks.mem", " MHz"), ("", "temperature.gpu", " °C"), ("", "power.draw", " W"))
        if state.get(key)]
    return ", ".join(words) or "unknown"


def markdown(record):
    gpu, about = record["gpu_before"], record["machine"]
    head = [f"# {record['device']}, {record['date'][:10]}", "",
            f"Driver {gpu.get('driver_version', 'none')}; {about['nvcc'] or 'no nvcc'}; {about['cpu']}, {about['cores']} cores; "
            f"{about['packages'] or 'no peers'}; commit {record['commit']}"
            f"{', programs of ' + record['programs_commit'] if record['programs_commit'] != record['commit'] else ''}; "
            f"{record['date']}.", f"Clocks before: {clocks(gpu)}; after: {clocks(record['gpu_after'])}."]
    if record["rehearsal"]:
        head += ["", "**A rehearsal: sizes are the smallest, the figures say nothing.**"]
    parts = record["parts"]
    sections = [("Speed", speed_table(parts)), ("Steps per launch, replicas", sweep_table(parts)),
                ("Probes", probe_table(parts)), ("Parts", part_table(parts))]
    for title, lines in sections:
        head += ["", f"## {title}", "", *lines] if lines else []
    return "\n".join(head) + "\n"


def save(record, path):
    """`path`.json and `path`.md."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write(f"{path}.json", json.dumps(record, indent=1) + "\n")
    write(f"{path}.md", markdown(record))
