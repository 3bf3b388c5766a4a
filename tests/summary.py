#!/usr/bin/env python3
"""Adds up what the test programs of a build folder did: tests that passed, failed, were skipped, and why.

    tests/summary.py build
"""
import collections
import json
import pathlib
import re
import sys


def shards(folder):
    """The reports of GoogleTest programs, one of each process."""
    for path in sorted(folder.glob("test-results/*.json")):
        yield json.loads(path.read_text())


def scripts(folder):
    """What ctest says of tests that are no GoogleTest program: (name, outcome)."""
    log = folder / "Testing" / "Temporary" / "LastTest.log"
    reported = {path.stem for path in folder.glob("test-results/*.json")}
    for block in re.split(r"^-{10,}\n(?=\d+/\d+ Testing: )", log.read_text(errors="replace"), flags=re.MULTILINE)[1:]:
        name = re.match(r"\d+/\d+ Testing: (\S+)", block).group(1)
        if name not in reported:
            skipped = re.search(r"^(skipped: .*)$", block, re.MULTILINE)
            yield name, skipped.group(1) if skipped else "passed" if "Test Passed." in block else "failed"


def main():
    folder = pathlib.Path(sys.argv[1])
    count = collections.Counter()
    reasons = collections.Counter()
    for report in shards(folder):
        for test in (test for suite in report["testsuites"] for test in suite["testsuite"]):
            skipped = test.get("result") == "SKIPPED"
            count["skipped" if skipped else "failed" if "failures" in test else "passed"] += 1
            if skipped:
                text = (test.get("skipped") or [{"message": "\nit says no reason"}])[0]["message"]
                reasons[text.split("\n", 1)[-1].strip()] += 1
    for name, outcome in scripts(folder):
        skipped = outcome.startswith("skipped")
        count["skipped" if skipped else outcome] += 1
        if skipped:
            reasons[f"{name}: {outcome}"] += 1
    for reason, times in reasons.most_common():
        print(f"skipped {times}: {reason}")
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    return 0 if count["passed"] and not count["failed"] else 1


if __name__ == "__main__":
    sys.exit(main())
