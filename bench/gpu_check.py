#!/usr/bin/python3
"""Tests, checks and measures agon on a machine with an NVIDIA GPU, in three stages of 260, 300 and 100 seconds.

    bench/gpu_check.sh pack         makes the pack of programs, where agon builds
    bench/gpu_check.sh 1            on the GPU's machine: probes of loops and graphs, agreement, a step beside its peers
    bench/gpu_check.sh 2            tuned steps, their plans, a profile, micro-batches, replicas
    bench/gpu_check.sh 3            memory checks, and what is left
    bench/gpu_check.sh rehearse     the command lines of all three on the processor, where there is no GPU

A stage leaves <date>-<device>-stage<N>.jsonl, a line as soon as something is known, .md, and what its parts made. Exit code: 0;
1 where something failed; 64 usage; 69 no GPU, or no pack. Cut off, it has left what it knew.
"""
import argparse
import datetime
import fnmatch
import pathlib
import re
import signal
import sys
import tempfile
import time

from gpucheck import machine, pack, parts, report, stages
from measured import ROOT, commit

BEGAN = time.monotonic()
FAILED, USAGE, ABSENT = 1, 64, 69
RESERVE = 8  # seconds of a stage for its end
BUILD = ROOT / "build-gpu"


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def arguments():
    parser = Parser(prog="bench/gpu_check.sh", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=("pack", "1", "2", "3", "rehearse"))
    parser.add_argument("--pack", type=pathlib.Path, default=ROOT / "build-pack", metavar="DIR", help="default: build-pack/")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "bench/results", metavar="DIR", help="of the reports")
    parser.add_argument("--budget", type=float, help="seconds of the stage, in place of its own")
    parser.add_argument("--build", action="store_true", help="build the programs on this machine, into build-gpu/")
    parser.add_argument("--programs", type=pathlib.Path, metavar="DIR", help="take the programs of this build, no pack")
    parser.add_argument("--python", type=lambda text: text.split(","), default=["python3"], metavar="PROGRAM,...",
                        help="interpreters that may have torch or jax")
    parser.add_argument("--only", type=lambda text: text.split(","), default=["*"], metavar="PATTERN,...",
                        help="parts by name or kind, such as probes,'agon *'; --list prints them")
    parser.add_argument("--list", action="store_true", help="print the stage's parts, run none")
    options = parser.parse_args()
    options.rehearse = options.command == "rehearse"
    options.out, options.pack = options.out.resolve(), options.pack.resolve()
    return options


class NoPrograms(Exception):
    """Why there are none to run."""


def programs(options, work):
    """(folder, their commit)."""
    if options.programs:
        return options.programs.resolve(), commit()
    if options.build:
        pack.build(BUILD)
        return BUILD, commit()
    manifest, why = pack.unpack(options.pack, work / "pack")
    if not manifest:
        raise NoPrograms(f"{why}; `bench/gpu_check.sh pack` makes it where agon builds, --build builds here")
    return work / "pack", manifest["commit"]


def chosen(all_parts, patterns):
    return [part for part in all_parts if any(fnmatch.fnmatch(part.name, p) or part.kind == p for p in patterns)]


def report_path(options, head):
    """Nothing existing is overwritten."""
    slug = re.sub(r"[^A-Za-z0-9]+", "-", head["device"]).strip("-")
    base = f"{head['date'][:10]}-{slug}{'-rehearsal' if options.rehearse else ''}-stage{head['stage']}"
    path, number = options.out / base, 2
    while pathlib.Path(f"{path}.jsonl").exists():
        path, number = options.out / f"{base}-{number}", number + 1
    return path


def first(result, length):
    """The beginning of a result's reason, as one line."""
    return " ".join(result.get("reason", "").split())[:length]


def head_of(options, stage, gpu, programs_commit, **times):
    return {"stage": stage, "device": gpu.get("name", "no GPU"), "gpu": gpu, "commit": commit(), "programs_commit": programs_commit,
            "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "rehearsal": options.rehearse,
            "machine": machine.describe(options.python), **times}


def run_stage(options, stage, began):
    """The results of a stage that began at time.monotonic() `began`."""
    budget = options.budget or stages.LIMITS[stage]
    gpu = machine.gpu_state()  # and once more at the end: each time takes the driver a second
    if not gpu and not options.rehearse:
        raise NoPrograms("nvidia-smi shows no GPU; `bench/gpu_check.sh rehearse` runs without one")
    with tempfile.TemporaryDirectory(prefix="agon-gpu-check-") as folder:
        work = pathlib.Path(folder)
        found, programs_commit = programs(options, work)
        unpacked = time.monotonic()
        plan = stages.Stages(options, found, work)
        with machine.Context(found / "agon_probes", plan.environment) as context:
            head = head_of(options, stage, gpu, programs_commit, budget=budget, unpacked=unpacked - began, context=context.seconds)
            path = report_path(options, head)
            log = report.Log(path, head)

            def note(part, result):
                parts.keep_files(part, work, path)
                log.add(result)
                print(f"{result['status']:>9} {result['seconds']:6.1f} s  {part.name}  {first(result, 150)}", file=sys.stderr)

            selected = chosen(plan.parts(stage), options.only)
            results = parts.run_parts(selected, work, began + budget - RESERVE, note)
        log.finish(gpu=machine.gpu_state() if gpu else {}, seconds=time.monotonic() - began)
    print(f"stage {stage}: {time.monotonic() - began:.1f} of {budget:.0f} s; {path}.jsonl, {path}.md", file=sys.stderr)
    return results


def check(options):
    results = []
    for stage in (1, 2, 3) if options.rehearse else (int(options.command),):
        results += run_stage(options, stage, time.monotonic() if options.rehearse else BEGAN)
    for result in filter(parts.failed, results):
        print(f"FAILED {result['name']}: {result['status']}; {first(result, 300)}", file=sys.stderr)
    return FAILED if any(map(parts.failed, results)) else 0


def list_parts(options):
    plan = stages.Stages(options, options.programs or BUILD, "/tmp")
    for stage in (1, 2, 3) if options.rehearse else (int(options.command),):
        for part in chosen(plan.parts(stage), options.only):
            print(f"{stage}  {part.kind:<8} {part.limit:>4.0f} s  {part.name}")
    return 0


def terminated(*_):
    parts.end_all()
    sys.exit(128 + signal.SIGTERM)


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, terminated)
    try:
        if options.command == "pack":
            pack.make(options.pack, BUILD)
            return 0
        return list_parts(options) if options.list else check(options)
    except NoPrograms as why:
        print(f"bench/gpu_check.sh: {why}", file=sys.stderr)
        return ABSENT


if __name__ == "__main__":
    sys.exit(main())
