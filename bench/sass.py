#!/usr/bin/env python3
"""What nvcc made of the CUDA kernels, from their machine code (SASS): a Markdown table, a row for each kernel.

    bench/sass.py build/kernels/cuda/CMakeFiles/agon_cuda.dir/linear/forward.cu.o --only 'linear_tiles'
    bench/sass.py FOLDER --step                      # the kernels of the article's step at batch 64, of all objects there
    bench/sass.py FOLDER --step --before OLD_FOLDER  # both, where they differ

Needs cuobjdump (CUDA's, on PATH or named by CUOBJDUMP) and c++filt. Columns:
  before wait   instructions in front of the programmatic wait (ACQBULK): they run while the kernel before still does
  to load       instructions from there to the first load from global memory, in the order of the code
  any / global  loads and stores by addresses of any memory space (LD, ST); of global memory (LDG, STG, LDGSTS)
  fp64          double-precision instructions
Counts are of instructions in the code, not of those that run: a loop counts once, both ways of a branch count.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import typing

STEP = (r"step_begin_kernel|linear_tiles_kernel<Activation.*16, 32, 64.*(fp32|tf32)|pair_(forward|backward)_kernel"
        r"|logit_loss_kernel<float4>|backward_kernel<16, 32, 64.*(fp32|tf32)|loop_condition_kernel")
PRECISIONS = {"0": "fp32", "1": "tf32", "2": "bf16"}
INSTRUCTION = re.compile(r"/\*([0-9a-f]{4,})\*/\s+(?:@!?U?P\w+\s+)?([A-Z][A-Z0-9_.]*)")
RESOURCES = re.compile(r"Function (\S+):\s+REG:(\d+) STACK:(\d+) SHARED:(\d+)")


class Kernel(typing.NamedTuple):
    name: str
    registers: int
    shared: int
    size: int  # bytes of code
    before_wait: int
    to_load: int
    any_space: int
    global_space: int
    double: int
    spills: int


def run(*command, text=None):
    return subprocess.run(command, input=text, stdout=subprocess.PIPE, text=True, check=True).stdout


def short(name):
    """A demangled kernel without its namespaces, parameters and the names of its template's values."""
    name = re.sub(r"\(anonymous namespace\)::|agon::kernels::cuda::|agon::kernels::|^void ", "", name)
    name = re.sub(r"TileShape<(\d+), (\d+), (\d+)[^>]*>", r"\1, \2, \3", name)
    name = re.sub(r"\(Precision\)(\d)", lambda found: PRECISIONS[found[1]], name)
    name = re.sub(r"\(HeadChoice\)(\d)", r"choice \1", name)
    return re.sub(r"\(.*", "", name)


def operations(lines):
    """Names of the instructions of one kernel in order; what pads its end is left out."""
    found = [match for line in lines if (match := INSTRUCTION.search(line))]
    names = [match[2] for match in found]
    while names and names[-1] in ("NOP", "BRA"):
        names.pop()
    return names


def is_load(operation):
    return operation.split(".")[0] in ("LDG", "LD", "LDGSTS")


def kernel_of(name, resources, names):
    registers, stack, shared = resources
    wait = names.index("ACQBULK") if "ACQBULK" in names else -1
    load = next((i for i, operation in enumerate(names) if i > wait and is_load(operation)), wait)
    first = [operation.split(".")[0] for operation in names]
    return Kernel(name=name, registers=registers, shared=shared, size=16 * len(names), before_wait=max(wait, 0),
                  to_load=load - wait, any_space=sum(f in ("LD", "ST", "ATOM") for f in first),
                  global_space=sum(f in ("LDG", "STG", "LDGSTS", "ATOMG", "RED") for f in first),
                  double=sum(f in ("DADD", "DMUL", "DFMA", "DSETP", "DMNMX") for f in first),
                  spills=sum(f in ("LDL", "STL") for f in first) + stack)


def kernels_of(path, tool):
    resources = {found[1]: tuple(int(n) for n in found.groups()[1:])
                 for found in RESOURCES.finditer(run(tool, "-res-usage", str(path)))}
    parts = re.split(r"\n\s*Function : (\S+)\n", run(tool, "-sass", str(path)))
    if len(parts) == 1:
        return []
    names = run("c++filt", text="\n".join(parts[1::2])).splitlines()
    return [kernel_of(short(name), resources[mangled], operations(code.splitlines()))
            for mangled, name, code in zip(parts[1::2], names, parts[2::2])]


def read(where, only, tool):
    """The kernels of an object, a library, or all objects below a folder, by name."""
    paths = sorted(where.rglob("*.cu.o")) if where.is_dir() else [where]
    if not paths or not all(path.exists() for path in paths):
        sys.exit(f"{where}: no CUDA object here")
    found = [kernel for path in paths for kernel in kernels_of(path, tool)]
    chosen = {kernel.name: kernel for kernel in found if re.search(only, kernel.name)}
    if not chosen:
        sys.exit(f"{where}: no kernel is called {only!r}")
    return chosen


def row(kernel):
    return [str(value) for value in (kernel.before_wait, kernel.to_load, f"{kernel.any_space} / {kernel.global_space}",
                                     kernel.double, kernel.registers, kernel.spills, kernel.shared, kernel.size)]


HEADS = ["before wait", "to load", "any / global", "fp64", "registers", "spills", "shared", "code bytes"]


def table(now, before):
    """Markdown; with `before`, each cell reads `before > now` where they differ."""
    lines = ["| kernel | " + " | ".join(HEADS) + " |", "|---|" + "---:|" * len(HEADS)]
    for name in sorted(now.keys() | before.keys()):
        cells = row(now[name]) if name in now else ["-"] * len(HEADS)
        if before:
            old = row(before[name]) if name in before else ["-"] * len(HEADS)
            cells = [was if was == cell else f"{was} → {cell}" for was, cell in zip(old, cells)]
        lines.append("| " + " | ".join([f"`{name}`", *cells]) + " |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("where", type=pathlib.Path, help="object, library, or folder of objects")
    parser.add_argument("--only", default="", metavar="REGEX", help="kernels whose short name has it")
    parser.add_argument("--step", action="store_true", help="the kernels of the article's step at batch 64, fp32 and tf32")
    parser.add_argument("--before", type=pathlib.Path, metavar="WHERE", help="an earlier build to compare with")
    arguments = parser.parse_args()
    tool = shutil.which(os.environ.get("CUOBJDUMP", "cuobjdump"))
    if tool is None:
        sys.exit("cuobjdump is not here: put CUDA's on PATH, or name it by CUOBJDUMP")
    only = STEP if arguments.step else arguments.only
    print(table(read(arguments.where, only, tool), read(arguments.before, only, tool) if arguments.before else {}))


if __name__ == "__main__":
    main()
