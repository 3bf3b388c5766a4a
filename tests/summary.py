#!/usr/bin/env python3
"""Adds up what the test programs of a build folder did: tests that passed, failed, were skipped, and why.

    tests/summary.py build
"""
import collections
import pathlib
import re
import sys
import xml.etree.ElementTree


def cases(folder):
    """(outcome, reason) of every test of the GoogleTest programs, from the reports of their processes."""
    for path in sorted(folder.glob("test-results/*.xml")):
        for case in xml.etree.ElementTree.parse(path).iter("testcase"):
            skipped = case.find("skipped")
            if skipped is not None:
                yield "skipped", skipped.get("message", "").split("\n", 1)[-1].strip() or "it says no reason"
            elif case.get("result") != "suppressed" and case.get("status") == "run":
                yield "failed" if case.find("failure") is not None else "passed", ""


def scripts(folder):
    """What ctest says of tests that are no GoogleTest program: (name, outcome)."""
    log = (folder / "Testing" / "Temporary" / "LastTest.log").read_text(errors="replace")
    reported = {path.stem for path in folder.glob("test-results/*.xml")}
    starts = list(re.finditer(r"^\d+/\d+ Testing: (\S+)$", log, re.MULTILINE))
    for start, end in zip(starts, [match.start() for match in starts[1:]] + [len(log)]):
        if start.group(1) not in reported:
            block = log[start.end():end]
            skipped = re.search(r"^skipped: (.*)$", block, re.MULTILINE)
            yield start.group(1), f"skipped: {skipped.group(1)}" if skipped else (
                "passed" if "\nTest Passed.\n" in block else "failed")


def main():
    folder = pathlib.Path(sys.argv[1])
    count = collections.Counter()
    reasons = collections.Counter()
    for outcome, reason in cases(folder):
        count[outcome] += 1
        if reason:
            reasons[reason] += 1
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
