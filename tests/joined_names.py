#!/usr/bin/env python3
"""Finds functions of two files' unnamed namespaces that share a name.

Sources are compiled several to a translation unit (CMAKE_UNITY_BUILD): two such functions with one signature do not compile, and
with two signatures a call could silently take the other file's. Reports file:line of each, and fails.
"""
import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
LIBRARIES = {"library": ["engine", "kernels"], "host": ["host"], "bench": ["bench/step", "bench/modes", "bench/dirac"]}
APART = re.compile(r"^(kernels/(cpu|cuda)/|engine/runtime/cuda/|host/cli/main\.cpp)")  # a translation unit each
FUNCTION = re.compile(r"^(?!using|struct|class|enum|return|template|namespace|static_assert)[\w:<>,&*\[\] ]+?[ &*](\w+)\((?!\*)")


def functions(path):
    """(name, line) of the functions in a file's unnamed namespaces."""
    depth = 0
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line == "namespace {":
            depth += 1
        elif depth and line == "}  // namespace":
            depth -= 1
        elif depth and not line.startswith(" ") and (found := FUNCTION.match(line)):
            yield found.group(1), number


def main():
    shared = 0
    for rooms in LIBRARIES.values():
        places = collections.defaultdict(dict)
        for room in rooms:
            for path in sorted((ROOT / room).rglob("*.cpp")):
                name = str(path.relative_to(ROOT))
                if not APART.match(name):
                    for function, line in functions(path):
                        places[function].setdefault(name, line)
        for function, files in sorted(places.items()):
            if len(files) > 1:
                shared += 1
                print(f"{function}(): " + ", ".join(f"{name}:{line}" for name, line in files.items()))
    return 1 if shared else 0


if __name__ == "__main__":
    sys.exit(main())
