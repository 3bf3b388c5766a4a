"""bench/gpu_check.sh without a GPU: parts that fail, hang or are absent take no other part's results away."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
AGON = pathlib.Path(os.environ["AGON"])
sys.path.insert(0, str(ROOT / "bench"))

from gpucheck import machine, pack, parts, readers, report  # noqa: E402
from gpucheck.parts import Part  # noqa: E402


def shell(name, text, kind="tests", limit=20, **more):
    return Part(name, kind, ["/bin/sh", "-c", text], limit, **more)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="agon-gpu-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def run_parts(self, *all_parts, budget=60):
        results = parts.run_parts(all_parts, self.folder, budget, lambda _: None)
        return {result["name"]: result for result in results}, parts.exit_code(results)


class LoaderPath(Case):
    def test_libraries_of_packages_are_found(self):
        """An interpreter whose packages bring cuDNN and, in another folder, the compiler that it asks for by name."""
        site = self.folder / "site-packages"
        for library in ("cudnn/lib/libcudnn.so.9", "cu13/lib/libnvrtc.so.13", "cu13/lib/libcublasLt.so.13"):
            (site / "nvidia" / library).parent.mkdir(parents=True, exist_ok=True)
            (site / "nvidia" / library).touch()
        python = self.folder / "python"
        python.write_text(f"#!/bin/sh\necho {site}\n")
        python.chmod(0o755)
        found = machine.loader_path(str(python)).split(":")
        for library in machine.LOADED:  # a toolkit on this machine comes first
            self.assertTrue(any(list(pathlib.Path(folder).glob(library)) for folder in found if folder), library)
        if not list(pathlib.Path("/usr/local/cuda/lib64").glob("libcudnn.so.*")):
            self.assertIn(str(site / "nvidia/cudnn/lib"), found)


FIGURE = '{"peer": "x", "batch": 8, "precision": "fp32", "step_seconds": {"median": 2e-6, "p10": 1e-6, "p90": 4e-6}}'


class Parts(Case):
    def test_each_failure_is_that_parts_alone(self):
        results, code = self.run_parts(
            shell("fails", "echo why >&2; exit 3", kind="probes"),
            shell("hangs", f"echo '{FIGURE}'; sleep 60", kind="peers", limit=0.5, read=readers.peers),
            Part("absent", "sanitizers", ["/no/such/program"], 5),
            shell("killed", "kill -SEGV $$", kind="build"),
            shell("good", f"echo noise; echo '{FIGURE}'", kind="benchmarks", read=readers.peers))
        self.assertEqual({name: result["status"] for name, result in results.items()},
                         {"fails": "failed", "hangs": "timed out", "absent": "failed", "killed": "failed", "good": "done"})
        self.assertIn("exit code 3: why", results["fails"]["reason"])
        self.assertIn("no/such/program", results["absent"]["reason"])
        self.assertIn("signal 11", results["killed"]["reason"])
        self.assertEqual(results["hangs"]["data"][0]["peer"], "x")  # what it printed before its time was up
        self.assertEqual(results["good"]["data"], [json.loads(FIGURE)])
        kinds = parts.KINDS
        self.assertEqual(code, kinds["probes"] | kinds["peers"] | kinds["sanitizers"] | kinds["build"])

    def test_a_part_leaves_no_process_behind(self):
        mark = self.folder / "alive"
        results, _ = self.run_parts(
            shell("spawns", f"(trap '' TERM; sleep 1; touch {mark}) & sleep 60", limit=0.3),
            shell("spawns and ends", f"(sleep 1; touch {mark}) & exit 0"))
        self.assertEqual(results["spawns"]["status"], "timed out")
        self.assertEqual(results["spawns and ends"]["status"], "done")
        time.sleep(1.2)
        self.assertFalse(mark.exists())

    def test_what_is_not_here_is_no_failure(self):
        results, code = self.run_parts(
            shell("peer", "echo no torch >&2; exit 5", kind="peers"),
            shell("flag", "echo unknown flag >&2; exit 2", kind="benchmarks", not_here={2: "not known"}),
            shell("tool", "true", missing="no such tool"),
            shell("made", "true", made_before=self.folder),
            shell("not made", "true", made_before=self.folder / "program"),
            shell("needed", "true", kind="sanitizers", missing="no such tool", status_if_missing="failed"),
            shell("agon", "echo no CUDA device >&2; exit 5", kind="benchmarks"))
        self.assertEqual([r["status"] for r in results.values()],
                         ["not here", "not here", "not here", "done", "not here", "failed", "failed"])
        self.assertEqual(results["not made"]["reason"], "program was not made")
        self.assertEqual(results["flag"]["reason"], "not known: unknown flag")
        self.assertEqual(code, parts.KINDS["sanitizers"] | parts.KINDS["benchmarks"])

    def test_the_budget_ends_parts_and_leaves_out_those_behind(self):
        results, code = self.run_parts(shell("first", "sleep 60", kind="peers"), shell("second", "true"),
                                       shell("third", "true", kind="probes", optional=True), budget=2.2)
        self.assertEqual([r["status"] for r in results.values()], ["no time", "no time", "no time"])
        self.assertIn("ended it", results["first"]["reason"])
        self.assertEqual(code, parts.KINDS["peers"] | parts.KINDS["tests"])  # the third was optional

    def test_a_group_runs_at_the_same_time(self):
        began = time.monotonic()
        results, code = self.run_parts(*[shell(f"{i}", "sleep 1", group="g") for i in range(3)])
        self.assertLess(time.monotonic() - began, 2.5)
        self.assertEqual((len(results), code), (3, 0))

    def test_a_readers_mistake_is_a_failure_with_a_reason(self):
        results, _ = self.run_parts(shell("part", "true", read=lambda *_: {}["key"]), shell("next", "true"))
        self.assertIn("KeyError", results["part"]["reason"])
        self.assertEqual(results["next"]["status"], "done")


class Readers(Case):
    def refused(self, read, out):
        with self.assertRaises(parts.Unfit) as caught:
            read(out, "", self.folder)
        return caught.exception

    def write_tests(self, **of_test):
        test = {"name": "Moves/cuda", "result": "COMPLETED"} | of_test
        (self.folder / "results.json").write_text(json.dumps(
            {"tests": 1, "failures": int("failures" in test), "time": "1s", "testsuites": [{"name": "A", "testsuite": [test]}]}))

    def test_a_skipped_cuda_test_fails_the_tests(self):
        self.write_tests(result="SKIPPED")
        skipped = f"Skipped\n{readers.NOT_TESTED} here: no NVIDIA driver\n"
        self.assertEqual(self.refused(readers.tests(False), skipped).status, "failed")
        self.assertEqual(self.refused(readers.tests(True), skipped).status, "no device")
        self.assertEqual(self.refused(readers.tests(False), "").status, "failed")  # none ran on it

    def test_tests_on_cuda_are_counted(self):
        self.write_tests()
        self.assertEqual(readers.tests(False)("", "", self.folder)["on_cuda"], 1)

    def test_the_skip_is_worded_as_the_tests_word_it(self):
        self.assertIn(readers.NOT_TESTED, (ROOT / "tests/test_device.hpp").read_text())

    def test_a_sanitizers_findings_fail_it(self):
        ok = "[       OK ] A.Moves/cuda (3 ms)\n"
        clean = readers.sanitizer(False)(ok + "========= ERROR SUMMARY: 0 errors\n", "", self.folder)
        self.assertEqual((clean["errors"], clean["tests_passed"]), (0, 1))
        found = self.refused(readers.sanitizer(False),
                             ok + "========= Invalid __global__ read\n========= RACECHECK SUMMARY: 2 hazards displayed\n")
        self.assertEqual(found.data["errors"], 2)
        self.assertIn("no summary", str(self.refused(readers.sanitizer(False), ok)))
        self.assertEqual(self.refused(readers.sanitizer(False), "========= ERROR SUMMARY: 0 errors\n").status, "failed")

    def test_a_failed_probe_keeps_the_others_figures(self):
        out = '{"probe": "a", "unit": "us", "median": 1, "p10": 1, "p90": 2}\n{"probe": "b", "error": "bad"}\n'
        refused = self.refused(readers.probes(False), out)
        self.assertEqual((refused.status, len(refused.data)), ("failed", 2))
        none = '{"probe": "a", "error": "no CUDA device"}\n'
        self.assertEqual(self.refused(readers.probes(True), none).status, "no device")
        self.assertEqual(self.refused(readers.probes(False), none).status, "failed")

    def test_a_peer_without_figures_is_not_done(self):
        self.assertEqual(self.refused(readers.peers, "").status, "failed")
        self.assertEqual(self.refused(readers.peers, '{"not_here": "no TF32"}').status, "not here")


class Pack(Case):
    def test_the_program_runs_from_the_pack(self):
        pack.archive(pack.with_libraries([AGON]), self.folder / "pack", effort=0)
        folder, found = pack.unpack(self.folder / "pack", self.folder / "there")
        self.assertEqual(folder, self.folder / "there", found)
        self.assertFalse([name for name in os.listdir(folder / "lib") if pack.C_LIBRARY.match(name)])
        ran = subprocess.run([folder / "agon", "--version"], stdout=subprocess.PIPE, check=True)
        self.assertTrue(ran.stdout)

    def test_a_pack_for_a_newer_c_library_is_refused(self):
        manifest = pack.archive({"sh": pathlib.Path(shutil.which("sh")).resolve()}, self.folder)
        (self.folder / pack.MANIFEST).write_text(json.dumps(manifest | {"c_library": "9.99"}))
        self.assertEqual(pack.unpack(self.folder, self.folder / "there")[0], None)
        self.assertIn("no pack", pack.unpack(self.folder / "nowhere", self.folder / "there")[1])


KERNEL_TESTS = """#!/bin/sh
echo 'CUDA is NOT tested here: no NVIDIA driver'
echo '{"tests": 1, "failures": 0, "time": "0s", "testsuites": [{"name": "A", "testsuite": [{"name": "B/cuda", "result": "SKIPPED"}]}]}' > results.json
"""
PROBES = """#!/bin/sh
echo '{"probe": "graph node", "unit": "us", "median": 1.5, "p10": 1.4, "p90": 1.6, "repeats": 20, "note": ""}'
echo '{"probe": "grid.sync", "error": "planted"}'
exit 1
"""
SANITIZER = "#!/bin/sh\necho '[       OK ] A.B/cuda (1 ms)'\necho '========= ERROR SUMMARY: 0 errors'\n"


class Whole(Case):
    def script(self, name, text):
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o755)
        return path

    def check(self, *words):
        return subprocess.run([ROOT / "bench/gpu_check.sh", "--rehearse", "--programs", self.folder, "--python", sys.executable,
                               "--out", self.folder / "out", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=os.environ | {"PYTHON3": sys.executable})

    def report(self):
        (path,) = (self.folder / "out").glob("*.json")
        return path, json.loads(path.read_text()), path.with_suffix(".md").read_text()

    def test_a_rehearsal_with_failures_leaves_the_rest(self):
        (self.folder / "agon").symlink_to(AGON)
        self.script("agon_kernel_tests", KERNEL_TESTS)
        self.script("agon_engine_tests", "#!/bin/sh\necho planted >&2; exit 1\n")
        self.script("agon_probes", PROBES)
        tool = self.script("compute-sanitizer", SANITIZER)
        ran = self.check("--only", "tests,probes,sanitizers,agon fp32,agon round 1", "--sanitizer", tool)
        self.assertEqual(ran.returncode, parts.KINDS["tests"] | parts.KINDS["probes"], ran.stderr)
        path, record, page = self.report()
        status = {part["name"]: part["status"] for part in record["parts"]}
        self.assertEqual(status["tests agon_kernel_tests"], "no device")
        self.assertEqual(status["tests agon_engine_tests"], "failed")
        self.assertEqual(status["probes"], "failed")
        self.assertEqual({status[name] for name in status if "check" in name}, {"done"})
        self.assertEqual(status["agon fp32"], "done")
        for word in ("1.5 (1.4, 1.6)", "planted", "| 8 | fp32 | agon |", "rehearsal"):
            self.assertIn(word, page)
        self.assertTrue(record["commit"] and record["date"] and record["machine"]["cpu"])

        self.script("agon_probes", "\n".join(PROBES.splitlines()[:2]))
        again = self.check("--only", "probes", "--add-to", path)
        self.assertEqual(again.returncode, 0, again.stderr)
        later = {part["name"]: part["status"] for part in self.report()[1]["parts"]}
        self.assertEqual(later, status | {"probes": "done"})

    @unittest.skipIf(shutil.which("nvidia-smi"), "this machine may have a GPU")
    def test_without_a_gpu_it_says_so(self):
        ran = subprocess.run([ROOT / "bench/gpu_check.sh", "--out", self.folder / "out"], stderr=subprocess.PIPE, text=True,
                             env=os.environ | {"PYTHON3": sys.executable})
        self.assertEqual(ran.returncode, 69)
        self.assertIn("no GPU", ran.stderr)
        self.assertFalse((self.folder / "out").exists())


class Report(Case):
    def test_ratios_are_to_agons_median(self):
        def result(peer, median):
            return {"name": peer, "kind": "peers", "optional": False, "status": "done", "seconds": 1, "data": [
                {"peer": peer, "batch": 64, "precision": "tf32", "step_seconds": {"median": median, "p10": median, "p90": median}}]}

        lines = report.speed_table([result("agon", 2e-6), result("agon", 4e-6), result("torch", 9e-6)])
        self.assertIn("| 64 | tf32 | torch | 9 (9, 9) | 7.11e+06 | 1 | 3.00 |", lines)
        self.assertIn("| 64 | tf32 | agon | 3 (2, 4) | 2.13e+07 | 2 | 1.00 |", lines)


if __name__ == "__main__":
    unittest.main()
