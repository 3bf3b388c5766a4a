"""What the parts' programs printed, as data for the report."""
import csv
import json
import re

from gpucheck.parts import Unfit
from measured import json_lines

NOT_TESTED = "CUDA is NOT tested"
# Of a kernel, in ncu's words.
PROFILED = ("Duration", "Compute (SM) Throughput", "Memory Throughput", "DRAM Throughput", "L2 Cache Throughput", "Grid Size",
            "Block Size", "Registers Per Thread", "Achieved Occupancy")


def passed(text):
    """Tests that a GoogleTest program says passed."""
    return len(re.findall(r"^\[       OK \]", text, re.MULTILINE))


def unless(rehearse):
    """What a missing device makes of a part."""
    return "no device" if rehearse else "failed"


def tests(rehearse):
    """Of a GoogleTest program that wrote results.json. A test on CUDA that was skipped is a failure of the part."""
    def read(out, err, folder):
        path = folder / "results.json"
        if not path.exists():
            raise Unfit(f"{passed(out)} tests passed before it ended", {"passed": passed(out)})
        report = json.loads(path.read_text())
        names = [(f"{suite['name']}.{test['name']}", test) for suite in report["testsuites"] for test in suite["testsuite"]]
        device = "simulated" if rehearse and "simulated" in json.dumps(report) else "cuda"
        data = {"tests": report["tests"], "failures": report["failures"], "seconds": report["time"],
                "failed": [name for name, test in names if test.get("failures")], "device": device,
                "on_device": sum(device in name and test.get("result") == "COMPLETED" for name, test in names),
                "not_tested": out.count(NOT_TESTED)}
        if data["not_tested"] or not data["on_device"]:
            raise Unfit(f"{data['not_tested']} tests were skipped because '{NOT_TESTED}', {data['on_device']} ran on it; "
                        f"{data['failures']} of {data['tests']} failed", data,
                        "failed" if data["failures"] else unless(rehearse))
        return data
    return read


def sanitizer(rehearse):
    """Of compute-sanitizer around a GoogleTest program."""
    def read(out, err, folder):
        text = out + err
        summary = re.search(r"========= (?:ERROR|RACECHECK) SUMMARY: (\d+)", text)
        data = {"tests_passed": passed(text), "errors": int(summary.group(1)) if summary else None,
                "first": [line for line in text.splitlines() if line.startswith("=========")][:40]}
        if NOT_TESTED in text:
            raise Unfit(f"the tests under it say '{NOT_TESTED}'", data, unless(rehearse))
        if summary is None:
            raise Unfit(f"no summary; {data['tests_passed']} tests had passed", data, unless(rehearse))
        if data["errors"] or not data["tests_passed"]:
            raise Unfit(f"{data['errors']} errors, {data['tests_passed']} tests passed: " + " / ".join(data["first"][1:9]), data)
        return data
    return read


def agon_bench(out, err, folder):
    """[{peer, batch, precision, step_seconds, ...}] of `agon bench --json`."""
    reports = json_lines(out)
    if not reports:
        raise Unfit("no figures")
    report = reports[0]
    return [{"peer": "agon", "precision": report["precision"], "device": report["description"],
             "peak_flop_per_second": report["peak_flop_per_second"],
             "graphs_without_programmatic_edges": report["graphs_without_programmatic_edges"],
             **{key: value for key, value in batch.items() if key != "operations"}} for batch in report["batches"]]


def peers(out, err, folder):
    """The cases a peer measured, and those it says it cannot."""
    cases = json_lines(out)
    if not any("step_seconds" in case for case in cases):
        reasons = {case["not_here"] for case in cases if "not_here" in case}
        raise Unfit("; ".join(sorted(reasons)) or "no figures", cases, "not here" if reasons else "failed")
    return cases


def objects(out, err, folder):
    """The JSON objects that were printed."""
    return json_lines(out)


def probes(rehearse):
    """Every probe's figure or error. One that failed fails the part."""
    def read(out, err, folder):
        lines = json_lines(out)
        if not lines:
            raise Unfit("printed nothing")
        if all(line.get("error") == "no CUDA device" for line in lines):
            raise Unfit(f"{len(lines)} probes found no CUDA device", lines, unless(rehearse))
        errors = [f"{line['probe']}: {line['error']}" for line in lines if "error" in line]
        if errors:
            raise Unfit("; ".join(errors), lines)
        return lines
    return read


def profile(rehearse):
    """[{kernel, Duration, ...}] of ncu.csv, in the order of the launches."""
    def read(out, err, folder):
        path = folder / "ncu.csv"
        lines = [line for line in path.read_text().splitlines() if line.startswith('"')] if path.exists() else []
        kernels = {}
        for row in csv.DictReader(lines):
            kernel = kernels.setdefault(row["ID"], {"kernel": row["Kernel Name"].split("(")[0]})
            if row["Metric Name"] in PROFILED:
                kernel[row["Metric Name"]] = f"{row['Metric Value']} {row['Metric Unit']}".strip()
        if not kernels:
            raise Unfit("no kernel was profiled", None, unless(rehearse))
        return list(kernels.values())
    return read


def text(out, err, folder):
    return {"text": out[-20000:]}
