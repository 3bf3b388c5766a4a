"""What each stage does, in the order in which it is worth the time. Between them a machine may be given back: a stage needs
nothing of another's."""
import dataclasses
import os
import pathlib
import sys

from gpucheck import machine, readers
from gpucheck.parts import Part
from measured import ROOT

PEERS = ROOT / "bench/peers"
LIMITS = {1: 260, 2: 300, 3: 100}  # seconds of a stage, from its first moment to its last
ERRORS_FOUND = 86  # what compute-sanitizer exits with
AGREEMENT = "*DeviceAgreement*:*RuntimeLoop*:*RuntimeWatch*:*StepGraph*"
# Left out of sanitized runs for their length; their kernels are in the others.
LONG_TESTS = "*FmaPeak*:*HugeBatches*:*ThousandSteps*"
LONG_FOR_OTHERS = LONG_TESTS + ":*NotableShapes*:*NormalDistribution*:*SameBits*"  # than memcheck
CORES = len(os.sched_getaffinity(0))
MODES = {"torch": ("graph", "compile-graph", "tuned", "plain"), "jax": ("scan", "scan-unrolled")}


@dataclasses.dataclass
class Scale:
    """How much of everything; a rehearsal is the same plan at the smallest size."""
    device: str = "cuda"
    batch: int = 64
    precisions: tuple = ("fp32", "tf32")
    tuned: tuple = ((64, "fp32"), (64, "tf32"), (1024, "tf32"), (1024, "fp32"), (64, "bf16"), (65536, "tf32"), (256, "tf32"),
                    (65536, "bf16"), (256, "fp32"), (65536, "fp32"), (1024, "bf16"))
    large: int = 65536
    pieces: tuple = (4096, 16384, 65536)
    replicas: tuple = (1, 4, 16)
    seconds: float = 1.0
    repeats: int = 50
    kernel_tests: str = "*cuda*"
    engine_tests: str = AGREEMENT
    sanitized_loop: str = "*RuntimeLoop*cuda*:StepGraph*"


REHEARSAL = Scale(device="cpu", batch=8, precisions=("fp32",), tuned=((8, "fp32"), (16, "tf32")), large=64, pieces=(16, 64),
                  replicas=(1, 2), seconds=0.05, repeats=20, kernel_tests="*Adam*", engine_tests="*RuntimeLoop*unroll16:StepGraph*",
                  sanitized_loop="StepGraph*")


class Stages:
    def __init__(self, options, programs, work):
        self.programs, self.work, self.rehearse = pathlib.Path(programs), pathlib.Path(work), options.rehearse
        self.scale = REHEARSAL if options.rehearse else Scale()
        self.environment = {"LD_LIBRARY_PATH": machine.loader_path(options.python[0]), "XDG_CACHE_HOME": str(self.work / "cache")}
        self.pythons = {name: next((p for p in options.python if f"{name} " in machine.versions(p) + " "), None) for name in MODES}

    def parts(self, stage):
        return list({1: self.first, 2: self.second, 3: self.third}[stage]())

    def first(self):
        """Whether what was built on holds; what a step takes as it is, beside others'."""
        yield self.probes("end", "loop", "graph")
        yield from self.tests()
        for steps in (0, 16, 1, -1):
            yield self.bench(f"agon {steps} steps a launch", self.scale.batch, self.scale.precisions[0], "estimate",
                             f"--steps-per-launch={steps}")
        for precision in self.scale.precisions[1:]:
            yield self.bench(f"agon {precision}", self.scale.batch, precision, "estimate")
        for package, mode, limit in (("torch", "graph", 40), ("jax", "scan", 60), ("torch", "compile-graph", 90)):
            yield self.peer(package, mode, limit)

    def second(self):
        """What tuning is worth, and where a step's time goes."""
        for batch, precision in self.scale.tuned:
            yield self.bench(f"agon tuned {batch} {precision}", batch, precision, "tune", limit=40,
                             keep={"plans.json": self.work / "cache/agon/plans.json"}, optional=batch == 256)
        yield self.profile()
        for rows in self.scale.pieces:
            yield self.bench(f"agon pieces of {rows}", self.scale.large, self.scale.precisions[-1], "estimate",
                             f"--micro-batch={rows}")
        for count in self.scale.replicas:
            yield self.bench(f"agon {count} replicas", self.scale.batch, self.scale.precisions[0], "estimate",
                             f"--replicas={count}")
        words = ["devices", "--plan", "--precision", self.scale.precisions[-1]]
        yield self.agon("agon's choices", "choices", words, 40, readers.text, optional=True, keep={"choices.txt": "stdout"},
                        missing="the processor has none" if self.rehearse else "")

    def third(self):
        """Whether memory is used as it should be; then what is left, while there is time."""
        yield from self.sanitizers("memcheck", LONG_TESTS, 60)
        yield self.probes("barrier", "cluster", "memory", "arithmetic", optional=True)
        yield from self.sanitizers("racecheck", LONG_FOR_OTHERS, 40, optional=True)
        for package, mode in (("torch", "tuned"), ("torch", "plain"), ("jax", "scan-unrolled")):
            yield self.peer(package, mode, 30, optional=True)
        yield self.agreement()

    def program(self, name):
        """The path, and why it cannot be run. The rehearsal's device is simulated where there is the program for it."""
        path = self.programs / name
        if self.rehearse and name.endswith("_tests") and (self.programs / "agon_simulated_tests").exists():
            path = self.programs / "agon_simulated_tests"
        return path, "" if path.exists() else f"there is no {path}"

    def under(self, tool, words):
        """The words that put a command under a tool of NVIDIA's, and why they cannot; in a rehearsal none."""
        found = machine.toolkit_program(tool)
        if found or not self.rehearse:
            return [found or tool, *words], "" if found else f"no {tool} on this machine"
        return [], ""

    def test_parts(self, verb, kind, chosen, shards, prefix=(), absent="", **more):
        """Parts that run {program: filter} at the same time, each program in so many shards."""
        for name, tests in chosen.items():
            program, missing = self.program(name)
            for shard in range(shards):
                yield Part(f"{verb} {name}" + (f" {shard + 1} of {shards}" if shards > 1 else ""), kind,
                           [*prefix, program, "--gtest_output=json:results.json", f"--gtest_filter={tests}"], group=verb,
                           missing=missing or absent, status_if_missing="failed",
                           environment=self.environment | {"GTEST_TOTAL_SHARDS": shards, "GTEST_SHARD_INDEX": shard,
                                                           "AGON_GOLDEN": ROOT / "tests/golden"}, **more)

    def tests(self):
        chosen = {"agon_engine_tests": self.scale.engine_tests, "agon_kernel_tests": self.scale.kernel_tests}
        return self.test_parts("tests", "tests", chosen, max(1, CORES // 4), limit=60, read=readers.tests(self.rehearse))

    def sanitizers(self, tool, without, limit, optional=False):
        """A tool over the kernels' tests, and over the engine's loop."""
        prefix, absent = self.under("compute-sanitizer", ["--tool", tool, "--error-exitcode", ERRORS_FOUND])
        chosen = {"agon_kernel_tests": f"{self.scale.kernel_tests}-{without}", "agon_engine_tests": self.scale.sanitized_loop}
        return self.test_parts(tool, "memory", chosen, max(1, CORES // 3), prefix, absent, limit=limit,
                               read=readers.sanitizer(self.rehearse), optional=optional)

    def probes(self, *groups, optional=False):
        path, missing = self.program("agon_probes")
        return Part("probes " + " ".join(groups), "probes", [path, self.scale.repeats, *groups], 50, readers.probes(self.rehearse),
                    missing=missing, status_if_missing="failed", environment=self.environment, optional=optional)

    def agon(self, name, kind, words, limit, read, prefix=(), missing="", **more):
        path, absent = self.program("agon")
        return Part(name, kind, [*prefix, path, *words], limit, read, missing=absent or missing, environment=self.environment,
                    status_if_missing="failed" if absent or not self.rehearse else "no device", **more)

    def bench_words(self, batch, precision, plan, *more):
        return ["bench", "--json", "--device", self.scale.device, "--seconds", self.scale.seconds, "--batches", batch,
                "--precision", precision, "--plan", plan, *more]

    def bench(self, name, batch, precision, plan, *words, limit=25, **more):
        return self.agon(name, "bench", self.bench_words(batch, precision, plan, *words), limit, readers.agon_bench, **more)

    def profile(self):
        """Of some two steps, launched one by one, behind those in which plans are made."""
        sections = [word for name in ("SpeedOfLight", "LaunchStats", "Occupancy") for word in ("--section", name)]
        prefix, absent = self.under("ncu", ["--clock-control", "none", "--csv", "--log-file", "ncu.csv", "--launch-skip", 600,
                                            "--launch-count", 40, *sections])
        return self.agon("profile of a step", "profile",
                         self.bench_words(self.scale.batch, self.scale.precisions[0], "estimate", "--steps-per-launch=-1"), 60,
                         readers.profile(self.rehearse), prefix, absent, keep={"ncu.csv": "ncu.csv"})

    def peer(self, package, mode, limit, **more):
        """One peer's process over the cases."""
        python = self.pythons[package]
        words = ["--device", self.scale.device, "--seconds", self.scale.seconds, "--cases",
                 ",".join(f"{self.scale.batch}:{precision}" for precision in self.scale.precisions)]
        command = [python or sys.executable, "-B", PEERS / f"{package}_step.py", "--mode", mode, *words]
        return Part(f"{package} {mode}", "peers", command, limit, readers.peers,
                    missing="" if python else f"no Python with {package}", **more)

    def agreement(self):
        """That the peers do equal work on this device."""
        pythons = sorted({p for p in self.pythons.values() if p})
        command = [*pythons[:1], "-B", PEERS / "check_peers.py", "--device", self.scale.device, "--python", *pythons,
                   "--modes", "plain,tuned,graph,scan"]
        return Part("peers agree", "peers", command, 60, readers.objects, optional=True,
                    missing="" if pythons else "no Python with torch or jax")
