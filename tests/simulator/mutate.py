#!/usr/bin/env python3
"""Takes away every barrier of every kernel in turn; each time a test must fail.

    tests/simulator/mutate.py build/agon_simulated_kernel_tests

Prints a Markdown table of what noticed (tests/simulator/README.md holds the last one). Fails where a barrier is missed
by every test, or where one that is written in kernels/cuda/ was never run.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

KERNELS = pathlib.Path(__file__).resolve().parents[2] / "kernels" / "cuda"
BARRIER = re.compile(r"(__syncthreads(_\w+)?|__syncwarp|copy_async_wait<[^>]*>|\.sync)\(")
FILTER = "*GatherBatch.EachRow*:*SigmoidBce.EverySize*:*Linear.EqualsPlainLoopsForRandomShapes*"


def written():
    """What of it is a word's definition is in device.cuh."""
    sites = {}
    for path in sorted(KERNELS.glob("*.cu*")):
        if path.name == "device.cuh":
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if match := BARRIER.search(line.split("//")[0]):
                sites[f"{path.name}:{number}"] = match.group(0).rstrip("(").lstrip(".")
    return sites


def run(program, **environment):
    return subprocess.run([program, f"--gtest_filter={FILTER}", "--gtest_fail_fast"],
                          env={**os.environ, **environment}, capture_output=True, text=True, check=False)


def barriers_run(program):
    with tempfile.NamedTemporaryFile("r") as listing:
        clean = run(program, AGON_SIMULATED_BARRIERS=listing.name)
        if clean.returncode != 0:
            sys.exit("the tests fail with every barrier in place:\n" + clean.stdout[-2000:])
        return set(listing.read().split())


def first_complaint(output):
    """The checker's first report, or the first value that was wrong."""
    report = re.search(r"^Failed\n((?:race|uninitialised|copy not|out of|divergent|deadlock|exit)[^:]*: .*)$", output,
                       re.MULTILINE)
    if report:
        kind, rest = report.group(1).split(": ", 1)
        return kind, re.sub(r"<.*>", "", rest.split(", block (")[0])
    return "values", (re.search(r"\[  FAILED  \] (\S+)", output) or [None, "?"])[1]


def main():
    program = sys.argv[1]
    sites, ran = written(), barriers_run(program)
    problems = [f"{site} was never run" for site in sites if site not in ran]
    problems += [f"{site} ran, but is not a barrier this script knows" for site in sorted(ran - set(sites))]
    print("| barrier | word | taken away: noticed as | where |\n|---|---|---|---|")
    for site in (one for one in sites if one in ran):
        mutant = run(program, AGON_SIMULATED_WITHOUT_BARRIER=site)
        kind, where = first_complaint(mutant.stdout) if mutant.returncode else ("NOT NOTICED", "")
        if mutant.returncode == 0:
            problems.append(f"without {site} every test passes")
        print(f"| {site} | `{sites[site]}` | {kind} | {where} |", flush=True)
    for problem in problems:
        print("mutate.py: " + problem, file=sys.stderr)
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
