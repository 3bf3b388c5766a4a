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
    """(name, outcome, reason) of the tests that are no GoogleTest program, and of those that left no report, by ctest's own."""
    reported = {path.stem for path in folder.glob("test-results/*.xml")}
    for case in xml.etree.ElementTree.parse(folder / "test-results" / "ctest.junit").iter("testcase"):
        if case.get("name") not in reported:
            if case.find("skipped") is not None:
                said = re.search(r"^skipped: (.*)$", case.findtext("system-out", ""), re.MULTILINE)
                yield case.get("name"), "skipped", said.group(1) if said else "it says no reason"
            else:
                yield case.get("name"), "passed" if case.get("status") == "run" else "failed", ""


def main():
    folder = pathlib.Path(sys.argv[1])
    count = collections.Counter()
    reasons = collections.Counter()
    for outcome, reason in cases(folder):
        count[outcome] += 1
        if reason:
            reasons[reason] += 1
    for name, outcome, reason in scripts(folder):
        count[outcome] += 1
        if outcome != "passed":
            print(f"{outcome}: {name}{': ' if reason else ''}{reason}")
    for reason, times in reasons.most_common():
        print(f"skipped {times}: {reason}")
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    return 0 if count["passed"] and not count["failed"] else 1


if __name__ == "__main__":
    sys.exit(main())
