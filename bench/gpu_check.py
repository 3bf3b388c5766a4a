#!/usr/bin/python3
"""Tests, checks and measures agon on a machine with an NVIDIA GPU, within a budget and without a network.

    bench/gpu_check.sh pack [DIR]     makes the pack of programs, where agon builds
    bench/gpu_check.sh                checks, on the GPU's machine
    bench/gpu_check.sh --rehearse     runs every line where there is no GPU

Leaves <date>-<device>.json and .md in --out, written anew after every part. Exit code: 0, or the sum of what failed:
1 build, 2 tests, 4 sanitizers, 8 probes, 16 benchmarks, 32 peers; 64 usage; 69 no GPU. Interrupted, it keeps what it has.
"""
import argparse
import datetime
import fnmatch
import json
import pathlib
import re
import shutil
import sys
import tempfile

from gpucheck import machine, pack, parts, report
from gpucheck.stages import Stages
from measured import ROOT, commit

USAGE, NO_GPU = 64, 69
PACK = ROOT / "build-gpu"


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def arguments():
    parser = Parser(prog="bench/gpu_check.sh", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", nargs="?", choices=("check", "pack"), default="check")
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=PACK, help="of the pack (default: build-gpu/)")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "bench/results", help="folder of the report")
    parser.add_argument("--budget", type=float, default=600, help="seconds in all")
    parser.add_argument("--build", type=pathlib.Path, help="build folder (default: build/ in the pack's)")
    parser.add_argument("--programs", type=pathlib.Path, help="take the programs of this build, no pack")
    parser.add_argument("--python", type=lambda text: text.split(","), default=["python3"], metavar="PROGRAM,...",
                        help="interpreters that may have torch or jax")
    parser.add_argument("--sanitizer", help="compute-sanitizer, where it is not in the toolkit")
    parser.add_argument("--only", type=lambda text: text.split(","), default=["*"], metavar="PATTERN,...",
                        help="parts by name or kind, such as probes,'agon *'; --list prints them")
    parser.add_argument("--list", action="store_true", help="print the parts, run none")
    parser.add_argument("--add-to", type=pathlib.Path, metavar="JSON", help="keep that report's other parts, and its name")
    parser.add_argument("--rounds", type=int, default=2, help="of agon and its peers in turns")
    parser.add_argument("--seconds", type=float, default=1.0, help="of each measurement")
    parser.add_argument("--rehearse", action="store_true", help="smallest sizes on the processor; no GPU is no failure")
    return parser.parse_intermixed_args()


def built_here(options, work):
    """Builds the programs on this machine; the probes alone, by nvcc, where a dependency is missing."""
    folder = (options.build or options.folder / "build").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    script = f"import sys; sys.path[:0] = [{str(ROOT / 'bench')!r}]; from gpucheck import pack; import pathlib; "
    whole = parts.Part("build", "build", [sys.executable, "-B", "-c", script + f"pack.build(pathlib.Path({str(folder)!r}))"],
                       300)
    result = parts.run_part(whole, work, options.budget / 2)
    if result["status"] == "done" or not machine.toolkit_program("nvcc"):
        return folder, [result]
    probes = parts.Part("build probes alone", "build", [machine.toolkit_program("nvcc"), "-std=c++20", "-O3", "-arch=native",
                        f"-I{ROOT}", *sorted((ROOT / "bench/probes").glob("*.cu")), ROOT / "kernels/cuda/library/cublaslt.cpp",
                        "-DAGON_CUDA_LIBRARY_DIR=\"/usr/local/cuda/lib64\"", "-o", folder / "agon_probes", "-ldl"], 200)
    return folder, [result, parts.run_part(probes, work, options.budget / 3)]


def programs(options, work):
    """(folder, their commit, results of building)."""
    if options.programs:
        return options.programs.resolve(), commit(), []
    folder, found = pack.unpack(options.folder, pathlib.Path(work) / "pack")
    if folder:
        return folder, found, []
    print(f"{found}: building", file=sys.stderr)
    folder, results = built_here(options, work)
    return folder, commit(), results


def chosen(all_parts, patterns):
    return [part for part in all_parts if any(fnmatch.fnmatch(part.name, p) or part.kind == p for p in patterns)]


def new_record(options, programs_commit):
    state = machine.gpu_state()
    return {"device": state.get("name", "no GPU"), "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            "commit": commit(), "programs_commit": programs_commit, "rehearsal": options.rehearse,
            "machine": machine.describe(options.python[0]) | {"packages": "; ".join(filter(None, map(machine.versions, options.python)))},
            "gpu_before": state, "gpu_after": {}, "parts": []}


def report_path(options, record):
    if options.add_to:
        return options.add_to.with_suffix("")
    slug = re.sub(r"[^A-Za-z0-9]+", "-", record["device"]).strip("-")
    base = options.out / f"{record['date'][:10]}-{slug}{'-rehearsal' if options.rehearse else ''}"
    path, number = base, 2
    while pathlib.Path(f"{path}.json").exists():  # nothing existing is overwritten
        path, number = pathlib.Path(f"{base}-{number}"), number + 1
    return path


def merged(old, new):
    names = {result["name"] for result in new}
    return [result for result in old if result["name"] not in names] + new


def first(result, length):
    """The beginning of a result's reason, as one line."""
    return " ".join(result.get("reason", "").split())[:length]


def check(options):
    if not options.rehearse and not options.list and not machine.gpu_state():
        print("bench/gpu_check.sh: nvidia-smi shows no GPU; --rehearse runs without one", file=sys.stderr)
        return NO_GPU
    began = datetime.datetime.now()
    work = tempfile.mkdtemp(prefix="agon-gpu-check-")
    try:
        folder, programs_commit, built = programs(options, work) if not options.list else (ROOT / "build", "", [])
        selected = chosen(Stages(options, folder, work).parts(), options.only)
        if options.list:
            print("\n".join(f"{part.kind:<11} {part.limit:>4.0f} s  {part.name}" for part in selected))
            return 0
        record = new_record(options, programs_commit)
        old = []
        if options.add_to and options.add_to.exists():
            old = json.loads(options.add_to.read_text())["parts"]
        path, said = report_path(options, record), [0]

        def note(results):
            record.update(parts=merged(old, built + results), gpu_after=machine.gpu_state())
            report.save(record, path)
            for result in results[said[0]:]:
                print(f"{result['status']:>9}  {result['name']}  {first(result, 150)}", file=sys.stderr)
            said[0] = len(results)

        left = options.budget - (datetime.datetime.now() - began).total_seconds()
        results = built + parts.run_parts(selected, work, left, note)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    for result in filter(parts.failed, results):
        print(f"FAILED {result['name']}: {result['status']}; {first(result, 300)}", file=sys.stderr)
    print(f"{path}.json, {path}.md", file=sys.stderr)
    return parts.exit_code(results)


def main():
    options = arguments()
    if options.command == "pack":
        pack.make(options.folder.resolve(), (options.build or options.folder / "build").resolve())
        return 0
    options.folder, options.out = options.folder.resolve(), options.out.resolve()
    return check(options)


if __name__ == "__main__":
    sys.exit(main())
