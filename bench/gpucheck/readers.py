"""What the parts' programs printed, as data for the report."""
import json
import re

from gpucheck.parts import NoDevice
from measured import json_lines

NOT_TESTED = "CUDA is NOT tested"


def passed(text):
    """Tests that a GoogleTest program says passed."""
    return len(re.findall(r"^\[       OK \]", text, re.MULTILINE))


def tests(rehearse):
    """Of a GoogleTest program that wrote results.json. A test on CUDA that was skipped is a failure of the part."""
    def read(out, err, folder):
        path = folder / "results.json"
        if not path.exists():  # killed before its end: count what it had done
            raise ValueError(f"{passed(out)} tests passed before it ended")
        report = json.loads(path.read_text())
        names = [(f"{suite['name']}.{test['name']}", test) for suite in report["testsuites"] for test in suite["testsuite"]]
        data = {"tests": report["tests"], "failures": report["failures"], "seconds": report["time"],
                "failed": [name for name, test in names if test.get("failures")],
                "on_cuda": sum("cuda" in name and test.get("result") == "COMPLETED" for name, test in names)}
        skipped = out.count(NOT_TESTED)
        if skipped and rehearse:
            raise NoDevice(f"{skipped} tests want a CUDA device; {data['tests'] - skipped} ran, {data['failures']} failed")
        if skipped or not data["on_cuda"]:
            raise ValueError(f"{skipped} tests were skipped because '{NOT_TESTED}', {data['on_cuda']} ran on it")
        return data
    return read


def sanitizer(rehearse):
    """Of compute-sanitizer around a GoogleTest program."""
    def read(out, err, folder):
        text = out + err
        summary = re.search(r"========= (?:ERROR|RACECHECK) SUMMARY: (\d+)", text)
        data = {"tests_passed": passed(text),
                "errors": int(summary.group(1)) if summary else None,
                "first": [line for line in text.splitlines() if line.startswith("=========")][:40]}
        if NOT_TESTED in text:
            message = f"the tests under it say '{NOT_TESTED}'"
            raise NoDevice(message) if rehearse else ValueError(message)
        if summary is None:
            raise ValueError(f"no summary; {data['tests_passed']} tests had passed; {' / '.join(data['first'][:6])}")
        if data["errors"] or not data["tests_passed"]:
            raise ValueError(f"{data['errors']} errors, {data['tests_passed']} tests passed: " + " / ".join(data["first"][1:9]))
        return data
    return read


def agon_bench(out, err, folder):
    """[{batch, precision, step_seconds, ...}] of `agon bench --json`."""
    reports = json_lines(out)
    if not reports:
        return []
    report = reports[0]
    return [{"peer": "agon", "precision": report["precision"], "device": report["description"],
             "peak_flop_per_second": report["peak_flop_per_second"],
             **{key: value for key, value in batch.items() if key != "operations"}} for batch in report["batches"]]


def peers(out, err, folder):
    return json_lines(out)


def probes(rehearse):
    """A probe that failed fails the part; the others' figures stay in its data."""
    def read(out, err, folder):
        lines = json_lines(out)
        without = [line for line in lines if "device" in line.get("error", "") and "no CUDA" in line.get("error", "")]
        if without and rehearse:
            raise NoDevice(without[0]["error"])
        if not lines:
            raise ValueError("printed nothing")
        return lines
    return read


def text(out, err, folder):
    return {"text": out[-20000:]}
