"""The parts of a check, in the order in which they are worth their time."""
import dataclasses
import os
import pathlib
import sys

from gpucheck import machine, readers
from gpucheck.parts import Part
from measured import ROOT

PEERS = ROOT / "bench/peers"
TOOLS = ("memcheck", "racecheck", "initcheck", "synccheck")
ERRORS_FOUND = 86  # what compute-sanitizer exits with
UNKNOWN = {2: "not known to this program"}  # agon's exit code for a flag or value it does not have
TORCH_MODES = ("plain", "tuned", "graph", "compile-graph", "compile", "autotune-graph")
JAX_MODES = ("scan", "scan-unrolled", "scan-graph")
COMPILED = ("compile", "compile-graph", "autotune-graph")
# Left out of sanitized runs for their length; their kernels are in the others.
LONG_TESTS = "*FmaPeak*:*HugeBatches*:*ThousandSteps*"
LONG_FOR_OTHERS = LONG_TESTS + ":*NotableShapes*:*NormalDistribution*:*SameBits*"  # than memcheck
# Want files of the source tree at the place where they were built, and no device.
SOURCE_TESTS = "Checkpoint.AnIndependentReader*:Checkpoint.ThePythonPackage*:Checkpoint.ReadsWhatAnIndependent*"


@dataclasses.dataclass
class Scale:
    """How much of everything; a rehearsal is the same plan at the smallest size."""
    device: str = "cuda"
    batches: tuple = (64, 256, 1024, 65536)
    headline: tuple = (64, 65536)
    precisions: tuple = ("fp32", "tf32", "bf16")
    headline_precision: str = "tf32"
    seconds: float = 1.0
    rounds: int = 2
    tests: str = "*"
    probe_repeats: int = 50
    repeated: int = 64  # batch of the sweeps over steps per launch and replicas


REHEARSAL = Scale(device="cpu", batches=(8, 16), headline=(8,), headline_precision="fp32", seconds=0.05, rounds=1,
                  tests="*Adam*:*RuntimeLoop*", probe_repeats=20, repeated=8)


class Stages:
    def __init__(self, options, programs, work):
        self.options, self.programs, self.work = options, pathlib.Path(programs), pathlib.Path(work)
        self.scale = REHEARSAL if options.rehearse else Scale(rounds=options.rounds, seconds=options.seconds)
        self.environment = {"LD_LIBRARY_PATH": machine.loader_path(options.python[0])}
        self.pythons = {name: self.interpreter(name) for name in ("torch", "jax")}

    def interpreter(self, package):
        """The first interpreter that has it; None where none has."""
        return next((p for p in self.options.python if f"{package} " in machine.versions(p) + " "), None)

    def program(self, name):
        """The path, and why it cannot be run."""
        path = self.programs / name
        return path, "" if path.exists() else f"there is no {path}"

    def parts(self):
        parts = [*self.tests(), self.libtorch_build(), self.probes(), *self.choices(), *self.bench()]
        parts += [*self.sanitizers(), *self.headline(), *self.sweeps(), self.agreement(), *self.wide()]
        return parts

    # --- tests ---

    def tests(self):
        for name in ("agon_kernel_tests", "agon_engine_tests"):
            path, missing = self.program(name)
            chosen = f"--gtest_filter={self.scale.tests}" + (f"-{SOURCE_TESTS}" if name == "agon_engine_tests" else "")
            yield Part(f"tests {name}", "tests", [path, "--gtest_output=json:results.json", chosen], 150,
                       readers.tests(self.options.rehearse), group="tests", missing=missing, status_if_missing="failed",
                       environment=self.environment | {"AGON_GOLDEN": ROOT / "tests/golden"})

    def sanitizers(self):
        """Every tool over the kernels' tests, in shards side by side; the engine's loop under memcheck."""
        program, missing = self.program("agon_kernel_tests")
        tool = self.options.sanitizer or machine.toolkit_program("compute-sanitizer")
        shards = max(1, min(4, len(os.sched_getaffinity(0)) // 4))
        runs = [(kind, program, f"*cuda*-{LONG_TESTS if kind == 'memcheck' else LONG_FOR_OTHERS}", shard, shards)
                for kind in TOOLS for shard in range(shards)]
        runs.append(("memcheck", self.program("agon_engine_tests")[0], "*RuntimeLoop*cuda*:*DeviceAgreement*", 0, 1))
        for kind, program, tests, shard, shards in runs:
            name = f"{kind} {program.name}" + (f" {shard + 1} of {shards}" if shards > 1 else "")
            command = [tool or "compute-sanitizer", "--tool", kind, "--error-exitcode", ERRORS_FOUND, program,
                       f"--gtest_filter={tests}"]
            absent = missing or ("" if tool else "no compute-sanitizer on this machine")
            yield Part(name, "sanitizers", command, 150, readers.sanitizer(self.options.rehearse), group="sanitizers",
                       missing=absent, status_if_missing="not here" if self.options.rehearse else "failed",
                       environment=self.environment | {"GTEST_TOTAL_SHARDS": shards, "GTEST_SHARD_INDEX": shard})

    # --- figures ---

    def probes(self):
        path, missing = self.program("agon_probes")
        if missing and not self.options.rehearse:
            return Part("probes", "probes", [], 0, missing=missing, status_if_missing="failed")
        return Part("probes", "probes", [path, self.scale.probe_repeats], 90, readers.probes(self.options.rehearse),
                    missing=missing, environment=self.environment)

    def agon(self, name, words, limit=45, read=readers.agon_bench, **more):
        path, missing = self.program("agon")
        return Part(name, "benchmarks", [path, *words], limit, read, missing=missing, status_if_missing="failed",
                    environment=self.environment, not_here=UNKNOWN, **more)

    def bench_words(self, batches, precision):
        return ["bench", "--json", "--device", self.scale.device, "--seconds", self.scale.seconds, "--batches",
                ",".join(map(str, batches)), "--precision", precision]

    def bench(self):
        return [self.agon(f"agon {precision}", self.bench_words(self.scale.batches, precision))
                for precision in self.scale.precisions]

    def choices(self):
        """cuDNN's ways are among those in TF32 alone."""
        for precision in ("fp32", "tf32"):
            yield self.agon(f"agon's choices, {precision}", ["devices", "--plan", "--precision", precision], 60, readers.text,
                            optional=True)

    def sweeps(self):
        """What steps per launch (-1: operation by operation, 0: all) and replicas do, in programs that have them."""
        words = self.bench_words([self.scale.repeated], self.scale.headline_precision)
        for flag, values in (("--steps-per-launch", (-1, 1, 16, 256, 0)), ("--replicas", (1, 2, 4, 8))):
            for value in values:
                yield self.agon(f"agon {flag[2:]} {value}", [*words, f"{flag}={value}"], 30, optional=True)

    # --- peers ---

    def peer(self, mode, cases, name, **more):
        """One peer's process over several cases."""
        package = "jax" if mode in JAX_MODES else "torch"
        python = self.pythons[package]
        words = ["--device", self.scale.device, "--seconds", self.scale.seconds, "--cases",
                 ",".join(f"{batch}:{precision}" for batch, precision in cases)]
        if mode == "libtorch":
            program = self.libtorch_program()
            more = {"made_before": program} | more
            command = [program, "--start", f"{program}.start", *words]
        else:
            command = [python or sys.executable, "-B", PEERS / f"{package}_step.py", "--mode", mode, *words]
        more = {"limit": 40 + 15 * len(cases) if mode in COMPILED else 20 + 6 * len(cases)} | more
        return Part(f"{package if mode != 'libtorch' else 'libtorch'} {mode} {name}".replace("libtorch libtorch", "libtorch"),
                    "peers", command, read=readers.peers, missing="" if python else f"no Python with {package}", **more)

    def libtorch_program(self):
        return self.work.resolve() / "libtorch_step"

    def libtorch_build(self):
        python = self.pythons["torch"]
        return Part("libtorch build", "peers", [python or sys.executable, "-B", PEERS / "libtorch_build.py",
                                                self.libtorch_program()], 170, group="tests",
                    missing="" if python else "no Python with torch")

    def headline(self):
        """Every contender on the cases that matter, in turns."""
        cases = [(batch, self.scale.headline_precision) for batch in self.scale.headline]
        for turn in range(1, self.scale.rounds + 1):
            name, later = f"round {turn}", turn > 1
            yield self.agon(f"agon {name}", self.bench_words(self.scale.headline, self.scale.headline_precision),
                            optional=later)
            for mode in ("plain", "graph", "scan", "libtorch", "compile-graph", "tuned", "scan-unrolled", "scan-graph",
                         "compile", "autotune-graph"):
                yield self.peer(mode, cases, name, optional=later or mode not in ("plain", "graph", "scan", "compile-graph"))

    def agreement(self):
        """That the peers do equal work on this device."""
        pythons = sorted({p for p in self.pythons.values() if p})
        modes = ",".join([*TORCH_MODES[:3], *JAX_MODES[:1], "libtorch"])
        command = [self.options.python[0], "-B", PEERS / "check_peers.py", "--device", self.scale.device, "--python", *pythons,
                   "--libtorch", self.libtorch_program(), "--modes", modes]
        return Part("peers agree", "peers", command, 120, readers.agreement, optional=True,
                    missing="" if pythons else "no Python with torch or jax")

    def wide(self):
        """The other cases, once."""
        headline = {(batch, self.scale.headline_precision) for batch in self.scale.headline}
        cases = [(b, p) for p in self.scale.precisions for b in self.scale.batches if (b, p) not in headline]
        for mode in ("graph", "scan", "plain", "libtorch", "compile-graph"):
            yield self.peer(mode, cases, "wide", optional=True)
