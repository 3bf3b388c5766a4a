"""bench/gpu_check.sh without a GPU: parts that fail, hang or are absent take no other part's results away."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import types
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
AGON = pathlib.Path(os.environ["AGON"])
sys.path.insert(0, str(ROOT / "bench"))

from gpucheck import machine, pack, parts, readers, report, stages  # noqa: E402
from gpucheck.parts import Part  # noqa: E402


def shell(name, text, kind="tests", limit=20, **more):
    return Part(name, kind, ["/bin/sh", "-c", text], limit, **more)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="agon-gpu-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def run_parts(self, *all_parts, budget=60):
        """{name: result}, and the names of those that failed."""
        results = parts.run_parts(all_parts, self.folder, time.monotonic() + budget, lambda *_: None)
        return {result["name"]: result for result in results}, {result["name"] for result in results if parts.failed(result)}


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
        results, failed = self.run_parts(
            shell("fails", "echo why >&2; exit 3", kind="probes"),
            shell("hangs", f"echo '{FIGURE}'; sleep 60", kind="peers", limit=0.5, read=readers.peers),
            Part("absent", "memory", ["/no/such/program"], 5),
            shell("killed", "kill -SEGV $$"),
            shell("good", f"echo noise; echo '{FIGURE}'", kind="bench", read=readers.peers))
        self.assertEqual({name: result["status"] for name, result in results.items()},
                         {"fails": "failed", "hangs": "timed out", "absent": "failed", "killed": "failed", "good": "done"})
        self.assertIn("exit code 3: why", results["fails"]["reason"])
        self.assertIn("no/such/program", results["absent"]["reason"])
        self.assertIn("signal 11", results["killed"]["reason"])
        self.assertEqual(results["hangs"]["data"][0]["peer"], "x")  # what it printed before its time was up
        self.assertEqual(results["good"]["data"], [json.loads(FIGURE)])
        self.assertEqual(failed, {"fails", "hangs", "absent", "killed"})

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
        results, failed = self.run_parts(
            shell("peer", "echo no torch >&2; exit 5", kind="peers"),
            shell("tool", "true", missing="no such tool"),
            shell("needed", "true", kind="memory", missing="no such tool", status_if_missing="failed"),
            shell("agon", "echo no CUDA device >&2; exit 5", kind="bench"))
        self.assertEqual([r["status"] for r in results.values()], ["not here", "not here", "failed", "failed"])
        self.assertEqual(failed, {"needed", "agon"})

    def test_the_budget_ends_parts_and_leaves_out_those_behind(self):
        began = time.monotonic()
        results, failed = self.run_parts(shell("first", f"echo '{FIGURE}'; sleep 60", kind="peers", read=readers.peers),
                                         shell("second", "true"), shell("third", "true", kind="probes", optional=True), budget=2.2)
        self.assertLess(time.monotonic() - began, 8)
        self.assertEqual([r["status"] for r in results.values()], ["no time", "no time", "no time"])
        self.assertEqual(results["first"]["data"], [json.loads(FIGURE)])
        self.assertIn("were left of the stage", results["second"]["reason"])
        self.assertEqual(failed, {"first", "second"})  # the third was optional

    def test_a_parts_limit_leaves_time_for_those_behind(self):
        results, _ = self.run_parts(shell("hangs", "sleep 60", limit=0.5), shell("next", "true"), budget=8)
        self.assertEqual([r["status"] for r in results.values()], ["timed out", "done"])

    def test_what_a_part_made_is_kept_up_to_a_size(self):
        part = shell("makes", "printf abcdef > plans; printf more", keep={"plans.json": "plans", "log": "stdout", "none": "absent"})
        self.run_parts(part)
        parts.keep_files(part, self.folder, self.folder / "report", most=4)
        self.assertEqual({path.name: path.read_text() for path in self.folder.glob("report-*")},
                         {"report-plans.json": "abcd", "report-log": "more"})

    def test_a_group_runs_at_the_same_time(self):
        began = time.monotonic()
        results, failed = self.run_parts(*[shell(f"{i}", "sleep 1", group="g") for i in range(3)])
        self.assertLess(time.monotonic() - began, 2.5)
        self.assertEqual((len(results), failed), (3, set()))

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
        self.assertEqual(readers.tests(False)("", "", self.folder)["on_device"], 1)

    def test_a_simulated_device_serves_a_rehearsal_alone(self):
        self.write_tests(name="Moves/simulated")
        self.assertEqual(readers.tests(True)("", "", self.folder)["device"], "simulated")
        self.assertEqual(self.refused(readers.tests(False), "").status, "failed")

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
        self.assertEqual(self.refused(readers.sanitizer(True), ok).status, "no device")
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


    def test_a_profile_is_read_kernel_by_kernel(self):
        header = '"ID","Process ID","Kernel Name","Section Name","Metric Name","Metric Unit","Metric Value"'
        rows = ['"0","7","adam_kernel(Adam, int)","GPU","Duration","us","3.2"', '"0","7","adam_kernel(Adam, int)","GPU","Other","","1"',
                '"1","7","step_end","Launch","Registers Per Thread","register/thread","40"']
        (self.folder / "ncu.csv").write_text("\n".join(["==PROF== Connected to process 7", header, *rows]) + "\n")
        self.assertEqual(readers.profile(False)("", "", self.folder),
                         [{"kernel": "adam_kernel", "Duration": "3.2 us"},
                          {"kernel": "step_end", "Registers Per Thread": "40 register/thread"}])
        (self.folder / "ncu.csv").write_text("==ERROR== no permission\n")
        self.assertEqual(self.refused(readers.profile(False), "").status, "failed")


class Pack(Case):
    def test_the_program_runs_from_the_pack(self):
        pack.archive(pack.with_libraries([AGON]), self.folder / "pack", effort=0)
        folder = self.folder / "there"
        manifest, why = pack.unpack(self.folder / "pack", folder)
        self.assertEqual(why, "")
        self.assertEqual({name: (folder / name).stat().st_size for name in manifest["files"]}, manifest["files"])
        self.assertLess(manifest["files"]["agon"], AGON.stat().st_size)  # without symbols
        self.assertFalse([name for name in os.listdir(folder / "lib") if pack.C_LIBRARY.match(name)])
        ran = subprocess.run([folder / "agon", "--version"], stdout=subprocess.PIPE, check=True)
        self.assertTrue(ran.stdout)

    def test_a_pack_for_a_newer_c_library_is_refused(self):
        manifest = pack.archive({"sh": pathlib.Path(shutil.which("sh")).resolve()}, self.folder)
        (self.folder / pack.MANIFEST).write_text(json.dumps(manifest | {"c_library": "9.99"}))
        self.assertEqual(pack.unpack(self.folder, self.folder / "there")[0], None)
        self.assertIn("no pack", pack.unpack(self.folder / "nowhere", self.folder / "there")[1])

    def test_what_is_too_large_names_its_largest_parts(self):
        files = {"agon": 9 << 20, "small": 1, "lib/libdnnl.so.2": 40 << 20, "agon_engine_tests": 11 << 20}
        manifest = {"files": files, "archive": 20 << 20, "repository": 25 << 20}
        self.assertEqual(pack.refusal(manifest, limit=45 << 20), "")
        why = pack.refusal(manifest, limit=44 << 20)
        self.assertTrue(why.startswith("45.0 MiB are more than 44.0 MiB: the repository 25.0 MiB, the pack 20.0 MiB"), why)
        self.assertIn("libdnnl.so.2 40.0 MiB, agon_engine_tests 11.0 MiB, agon 9.0 MiB", why)
        self.assertNotIn("small", why)
        self.assertIn("  40.0 MiB  lib/libdnnl.so.2", pack.size_lines(manifest)[0])

    def test_the_repository_alone_leaves_room(self):
        self.assertLess(pack.repository_bytes(), 32 << 20)


class Plan(Case):
    def plan(self, rehearse):
        options = types.SimpleNamespace(rehearse=rehearse, python=[sys.executable])
        return stages.Stages(options, self.folder, self.folder)

    def test_names_are_of_one_part_each(self):
        for rehearse in (False, True):
            names = [part.name for stage in stages.LIMITS for part in self.plan(rehearse).parts(stage)]
            self.assertEqual(len(names), len(set(names)), names)

    def test_one_parts_hang_leaves_most_of_its_stage(self):
        for stage, limit in stages.LIMITS.items():
            for part in self.plan(False).parts(stage):
                self.assertLessEqual(part.limit, 0.6 * limit, part.name)

    def test_a_stage_says_what_it_must(self):
        first, second, third = ([" ".join(map(str, (part.name, *part.command))) for part in self.plan(False).parts(stage)]
                                for stage in stages.LIMITS)
        for steps in (0, 16, 1, -1):
            self.assertTrue(any(f"--batches 64 --precision fp32 --plan estimate --steps-per-launch={steps}" in line for line in first))
        self.assertTrue(any("ncu --clock-control none" in line for line in second))
        self.assertTrue(any("--plan tune" in line for line in second))
        self.assertTrue(any("--tool memcheck" in line for line in third))

    def test_the_least_important_parts_come_last(self):
        for stage in stages.LIMITS:
            kinds = [part.optional for part in self.plan(False).parts(stage) if part.name.startswith(("racecheck", "memcheck"))]
            self.assertEqual(kinds, sorted(kinds))


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

    def check(self, *words, command="rehearse"):
        return subprocess.Popen([ROOT / "bench/gpu_check.sh", command, "--programs", self.folder, "--python", sys.executable,
                                 "--out", self.folder / "out", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env=os.environ | {"PYTHON3": sys.executable, "PATH": f"{self.folder}:{os.environ['PATH']}"})

    def reports(self, stage):
        """(head, {part: result}, end, page) of a stage."""
        (path,) = (self.folder / "out").glob(f"*-stage{stage}.jsonl")
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        head, *rest = lines
        results = {line["part"]["name"]: line["part"] for line in rest if "part" in line}
        return head["head"], results, next((line["end"] for line in rest if "end" in line), None), path.with_suffix(".md").read_text()

    def plant(self):
        (self.folder / "agon").symlink_to(AGON)
        self.script("agon_kernel_tests", KERNEL_TESTS)
        self.script("agon_engine_tests", "#!/bin/sh\necho planted >&2; exit 1\n")
        self.script("agon_probes", PROBES)
        self.script("compute-sanitizer", SANITIZER)

    def test_a_rehearsal_with_failures_leaves_the_rest(self):
        self.plant()
        ran = self.check("--only", "tests,probes,memory,agon 0 *")
        _, said = ran.communicate()
        self.assertEqual(ran.returncode, 1, said)
        head, results, end, page = self.reports(1)
        status = {name: result["status"] for name, result in results.items()}
        self.assertEqual({status[name] for name in status if name.startswith("tests agon_kernel_tests")}, {"no device"})
        self.assertEqual({status[name] for name in status if name.startswith("tests agon_engine_tests")}, {"failed"})
        self.assertEqual(status["probes end loop graph"], "failed")
        self.assertEqual(status["agon 0 steps a launch"], "done")
        for word in ("1.5 (1.4, 1.6)", "planted", "| 8 | fp32 | agon 0 steps a launch |", "rehearsal", "Ended after"):
            self.assertIn(word, page)
        self.assertTrue(head["commit"] and head["date"] and head["machine"]["cpu"] and end["seconds"] < head["budget"])
        _, results, end, page = self.reports(3)
        self.assertEqual({result["status"] for name, result in results.items() if "check" in name}, {"done"})

    def test_a_stage_that_is_cut_off_leaves_what_it_knew(self):
        self.plant()
        self.script("agon_kernel_tests", "#!/bin/sh\nsleep 100\n")
        self.script("agon_engine_tests", "#!/bin/sh\nsleep 100\n")
        ran = self.check("--only", "probes,tests")
        self.addCleanup(ran.stdout.close)
        self.addCleanup(ran.stderr.close)
        self.assertIn("probes", ran.stderr.readline())
        ran.terminate()
        self.assertEqual(ran.wait(20), 128 + 15)
        _, results, end, page = self.reports(1)
        self.assertEqual((list(results), end), (["probes end loop graph"], None))
        self.assertIn("cut off", page)
        self.assertIn("1.5 (1.4, 1.6)", page)

    def test_without_programs_it_builds_nothing(self):
        self.script("nvidia-smi", "#!/bin/sh\necho 'A GPU, 1, P0, 1, 1, 1, 1, 1, 1, 1, 1, 1'\n")
        ran = subprocess.run([ROOT / "bench/gpu_check.sh", "1", "--pack", self.folder / "none", "--out", self.folder / "out"],
                             stderr=subprocess.PIPE, text=True,
                             env=os.environ | {"PYTHON3": sys.executable, "PATH": f"{self.folder}:{os.environ['PATH']}"})
        self.assertEqual(ran.returncode, 69)
        self.assertIn("no pack", ran.stderr)
        self.assertFalse((self.folder / "out").exists())

    def test_the_driver_is_asked_twice(self):
        self.plant()
        self.script("nvidia-smi", f"#!/bin/sh\necho asked >> {self.folder}/asked\necho 'A GPU, 1, P0, 1, 1, 1, 1, 1, 1, 1, 1, 1'\n")
        ran = self.check("--only", "probes,tests", command="1")
        ran.communicate()
        self.assertEqual((self.folder / "asked").read_text().count("asked"), 2)
        self.assertEqual(self.reports(1)[0]["device"], "A GPU")

    @unittest.skipIf(shutil.which("nvidia-smi"), "this machine may have a GPU")
    def test_without_a_gpu_it_says_so(self):
        ran = self.check(command="2")
        _, said = ran.communicate()
        self.assertEqual(ran.returncode, 69)
        self.assertIn("no GPU", said)
        self.assertFalse((self.folder / "out").exists())


class Report(Case):
    def test_ratios_are_to_agons_best(self):
        def result(name, peer, median):
            return {"name": name, "kind": "peers" if peer != "agon" else "bench", "data": [
                {"peer": peer, "batch": 64, "precision": "tf32", "step_seconds": {"median": median, "p10": median, "p90": median}}]}

        lines = report.speed_table([result("agon", "agon", 3e-6), result("agon, slower", "agon", 6e-6), result("torch", "torch", 9e-6)])
        self.assertEqual(lines[2:], ["| 64 | tf32 | agon | 3 (3, 3) | 2.13e+07 | 1.00 |",
                                     "| 64 | tf32 | agon, slower | 6 (6, 6) | 1.07e+07 | 2.00 |",
                                     "| 64 | tf32 | torch | 9 (9, 9) | 7.11e+06 | 3.00 |"])


if __name__ == "__main__":
    unittest.main()
