#!/usr/bin/env python3
"""Takes away every barrier of every kernel in turn; each time a test must fail.

    tests/simulator/mutate.py build/agon_simulated_tests

Prints a Markdown table of what noticed (tests/simulator/README.md holds the last one). Fails where a barrier is missed
by every test, and where a barrier or a kernel that is written in kernels/cuda/ was never run.
"""
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

KERNELS = pathlib.Path(__file__).resolve().parents[2] / "kernels" / "cuda"
BARRIER = re.compile(r"(__syncthreads(?:_\w+)?|__syncwarp|copy_async_wait<[^>]*>|\.sync)\(")
KERNEL = re.compile(r"__global__\s+void\s+(?:__launch_bounds__\([^)]*\)\s+)?(\w+)\(")
# What notices: tests of the kernels, then of the engine.
NOTICE = ["*GatherBatch.EachRow*:*StepLosses.EverySize*:*Linear.EqualsPlainLoopsForRandomShapes*:*LinearPair*:"
           "*StepFrame.Begins*:*StepFrame.Ends*:*LinearUpdate.GradientsAddUp*:"
           "*GradientNorm.EveryElement*:*SpectralNorm.ManyLayers*:*SpectralNorm.Gradient*:*LinearTangentReplicas*:"
           "*/SlicedWasserstein.*:*/KernelSums.*:*HealthProbeTest.SeeWhat*:"
           "*NormTest.KeepsItsDigits*:*NormReplicas*:*RecordHeadsTest.ManyNumbers*:*EncodeRecordsTest.PartsAdd*:"
           "*Convolution.SumsAcrossBlocks*",
          "*GanReplicas.ThatDiverge*"]
# Together these run every kernel: tests, multiprocessors (few: the peak's kernel is short; many: sums over the batch are cut
# in pieces).
EVERY_KERNEL = [("Kernels/*-*NotableShapes*:*SameBits*", "2"),
                ("*Linear.EqualsPlainLoopsForNotable*", "132"), ("*RuntimeLoop.RunsTheStepsAskedFor*", "132")]


def written():
    """Barriers by "file:line", and kernels. Words are defined in device.cuh."""
    sites, kernels = {}, set()
    for path in sorted(KERNELS.rglob("*.cu*")):
        text = path.read_text()
        kernels.update(KERNEL.findall(text))
        if path.name == "device.cuh":
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if match := BARRIER.search(line.split("//")[0]):
                sites[f"{path.name}:{number}"] = match.group(1).lstrip(".")
    return sites, kernels


def run(program, tests, **environment):
    return subprocess.run([program, f"--gtest_filter={tests}", "--gtest_fail_fast"], env={**os.environ, **environment},
                          capture_output=True, text=True, check=False)


def listed(program, tests, **environment):
    """What ran: lines "barrier tile.cuh:1 in forward_kernel" and "kernel forward_kernel"."""
    with tempfile.NamedTemporaryFile("r") as listing:
        clean = run(program, tests, AGON_SIMULATED_LIST=listing.name, **environment)
        if clean.returncode != 0:
            sys.exit("the tests fail with every barrier in place:\n" + clean.stdout[-2000:])
        return {tuple(line.split(" ", 1)) for line in listing.read().splitlines()}


def first_complaint(mutant):
    """The checker's first report, or the first test that a value failed; None where nothing noticed."""
    if mutant.returncode == 0:
        return None
    if mutant.returncode < 0:
        return "CRASH", f"signal {-mutant.returncode}"
    report = re.search(r"^Failed\n((?:race|uninitialised|copy not|out of|divergent|deadlock|exit)[^:]*: .*)$",
                       mutant.stdout, re.MULTILINE)
    if report:
        kind, rest = report.group(1).split(": ", 1)
        return kind, re.sub(r"<.*>", "", rest.split(", block (")[0])
    return "values", (re.search(r"\[  FAILED  \] (\S+)", mutant.stdout) or [None, "?"])[1]


def main():
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return mutate(sys.argv[1], pool)


def run_kernels(program, pool):
    """What runs when every kernel does, each list of tests in as many shares as there are processors."""
    shards = os.cpu_count()
    parts = [pool.submit(listed, program, tests, AGON_SIMULATED_MULTIPROCESSORS=multiprocessors,
                         GTEST_TOTAL_SHARDS=str(shards), GTEST_SHARD_INDEX=str(index))
             for tests, multiprocessors in EVERY_KERNEL for index in range(shards)]
    return set().union(*(part.result() for part in parts))


def mutate(program, pool):
    sites, kernels = written()
    ran = run_kernels(program, pool)
    problems = [f"{name} was never run" for name in sorted(kernels) if ("kernel", name) not in ran]
    barriers = {}  # to the tests that run it, the kernels' own before the engine's
    for tests in NOTICE:
        for kind, what in listed(program, tests):
            if kind == "barrier":
                barriers.setdefault(what, tests)
    places = {one.split(" in ")[0] for one in barriers}
    problems += [f"the barrier at {site} was never run" for site in sites if site not in places]
    problems += [f"{place} ran, but is no barrier this script knows" for place in sorted(places - set(sites))]
    print("| barrier | word | taken away: noticed as | where |\n|---|---|---|---|")
    mutants = {barrier: pool.submit(run, program, tests, AGON_SIMULATED_WITHOUT_BARRIER=barrier)
               for barrier, tests in sorted(barriers.items())}
    for barrier, mutant in mutants.items():
        complaint = first_complaint(mutant.result())
        if complaint is None or complaint[0] == "CRASH":
            problems.append(f"without {barrier}: " + ("every test passes" if complaint is None else complaint[1]))
        kind, where = complaint or ("NOT NOTICED", "")
        place, kernel = barrier.split(" in ")
        print(f"| {place} in {kernel} | `{sites.get(place, '?')}` | {kind} | {where} |", flush=True)
    for problem in problems:
        print("mutate.py: " + problem, file=sys.stderr)
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())
