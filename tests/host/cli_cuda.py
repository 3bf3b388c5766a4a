"""The program on a CUDA device, which here is the simulated one: the run that the host only watches."""

import json
import os
import signal
import unittest

from cli_support import SMALL, Case, table_text, tensors

ON_CUDA = [*SMALL, "--device", "cuda", "--samples-every", "20", "--checkpoint-every", "10"]
WIDE = [*ON_CUDA, "--generator-hidden", "40", "--discriminator-hidden", "33,20"]  # too wide for the thin layers' kernels


class Cuda(Case):
    def result(self, run):
        return tensors(self.checkpoints(run)[-1]), (self.folder / run / "stats.jsonl").read_bytes()

    def test_steps_per_launch_change_no_bit(self):
        self.write("table.csv", table_text())
        results = {}
        for steps in ("0", "-1", "1", "3", "100"):
            self.agon("train", "table.csv", "--out", f"run{steps}", "--epochs", "8", "--quiet", "--steps-per-launch",
                      steps, "--rate-schedule", "cosine", "--warmup-steps", "4", *ON_CUDA)
            results[steps] = self.result(f"run{steps}")
        for steps, result in results.items():
            self.assertEqual(result, results["0"], f"{steps} steps in a launch")
        config = (self.folder / "run3/config.toml").read_text()
        self.assertRegex(config, r"steps_per_launch = 3 ")
        self.assertIn('name = "cuda:0"', config)
        self.assertEqual(len(list((self.folder / "run0").glob("samples-*.csv"))), 2)

    def test_interrupted_and_resumed(self):
        self.write("table.csv", table_text())
        process = self.start("train", "table.csv", "--out", "run", "--epochs", "100000", "--quiet", *ON_CUDA)
        self.wait_for(lambda: process.poll() is not None or len(self.checkpoints("run")) > 1)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        step = json.loads(self.agon("inspect", "run", "--json").stdout)["step"]
        epochs = (step + 10) // 5 + 1
        self.agon("train", "--resume", "run", "--epochs", epochs, "--quiet")
        self.agon("train", "table.csv", "--out", "whole", "--epochs", epochs, "--quiet", *ON_CUDA)
        self.assertEqual(self.result("run"), self.result("whole"))

    def with_cache(self):
        """Where plans are kept: in the test's own folder."""
        os.environ["XDG_CACHE_HOME"] = str(self.folder / "cache")
        self.addCleanup(os.environ.pop, "XDG_CACHE_HOME")
        self.write("table.csv", table_text())
        return self.folder / "cache/agon/plans.json"

    def train(self, run, epochs, *more):
        return self.agon("train", "table.csv", "--out", run, "--epochs", epochs, *WIDE, *more).stderr

    def plan_of(self, run):
        """Of its newest checkpoint: identity of the device, and choices by launch."""
        checkpoint = self.checkpoints(run)[-1].read_bytes()
        header = json.loads(checkpoint[8:8 + int.from_bytes(checkpoint[:8], "little")])
        (device, plan), = json.loads(header["__metadata__"]["plan"])["devices"].items()
        return device, plan

    def test_plan_is_timed_kept_and_resumed(self):
        """Which ways are the fastest is chance here, and so is the plan: only its record can bring it back."""
        cache = self.with_cache()
        self.assertRegex(self.train("run", 2, "--plan", "tune"), r"(?m)^plan: (\d+) of \1 launches of layers timed")
        (device, plan), = json.loads(cache.read_text())["devices"].items()
        self.assertIn("simulated", device)
        self.assertEqual(self.plan_of("run"), (device, plan))
        self.write("tuned.json", cache.read_text())
        cache.write_text(json.dumps({"version": 1, "devices": {device: dict.fromkeys(plan, "own large 1")}}))
        self.train("whole", 4, "--plan", "tuned.json")
        self.agon("train", "--resume", "run", "--epochs", 4, "--quiet")
        self.assertEqual(self.result("run")[0], self.result("whole")[0])
        self.assertEqual(self.plan_of("run"), (device, plan))

    def test_resumed_on_another_device(self):
        self.with_cache()
        self.train("run", 2, "--plan", "own medium 2")
        device, plan = self.plan_of("run")
        self.assertEqual({choice.split(" + ")[0] for choice in plan.values()}, {"own medium 2"})
        config = self.folder / "run/config.toml"
        config.write_text(config.read_text().replace('plan = "own medium 2"', 'plan = "auto"'))
        self.assertEqual(self.agon("train", "--resume", "run", "--epochs", 3, "--quiet").stderr, "")
        self.assertEqual(self.plan_of("run"), (device, plan))
        os.environ["AGON_SIMULATED_MULTIPROCESSORS"] = "7"
        self.addCleanup(os.environ.pop, "AGON_SIMULATED_MULTIPROCESSORS")
        said = self.agon("train", "--resume", "run", "--epochs", 4, "--quiet").stderr
        self.assertRegex(said, r"\Aagon: the plan of this run's layers is for [^\n]* 132 multi[^\n]* here is [^\n]* 7 multi"
                               r"[^\n]* not to the same bits\n\Z")
        self.assertNotEqual(self.plan_of("run")[0], device)

    def test_ways_are_forced(self):
        self.with_cache()
        results = {}
        for plan in ("auto", "estimate", "own", "own small 2", "own large", "library 3", "fused 1"):
            self.train(plan.replace(" ", "-"), 2, "--plan", plan)
            results[plan] = self.result(plan.replace(" ", "-"))
        for plan in ("auto", "own", "library 3", "fused 1"):  # there is no clock and no library
            self.assertEqual(results[plan], results["estimate"], plan)
        self.assertEqual(len({str(results[plan]) for plan in ("estimate", "own small 2", "own large")}), 3)
        self.refused(2, "plan: 'own huge' is none of auto, ", "train", "table.csv", "--plan", "own huge", *WIDE)
        self.refused(2, "plan.json: holds no plan for agon's simulated device", "train", "table.csv", "--quiet", "--plan",
                     self.write("plan.json", '{"version": 1, "devices": {}}'), *WIDE)
        self.refused(3, "plan.json: holds no plans of this version", "train", "table.csv", "--quiet", "--plan",
                     self.write("plan.json", '{"version": 0, "devices": {}}'), *WIDE)
        self.refused(3, "none.json: cannot be read", "train", "table.csv", "--quiet", "--plan", "none.json", *WIDE)

    def test_devices_prints_plans(self):
        cache = self.with_cache()
        text = self.agon("devices", "--plan").stdout
        self.assertRegex(text, r"(?m)^times +nothing was timed")
        self.assertRegex(text, r"(?m)^forward 128x100->128 fp32 leaky\n  \* own \w+ 1 *$")
        self.assertFalse(cache.exists())
        self.train("run", 1)
        ask = ("devices", "--plan", "--tune", "--json", "--batch", 12, "--precision", "tf32", "--run", "run")
        table = json.loads(self.agon(*ask).stdout)
        (device, plan), = table["devices"].items()
        self.assertTrue(table["timed"])
        self.assertEqual(json.loads(cache.read_text())["devices"], {device: plan})
        for launch in table["launches"]:
            times = {one["choice"]: one["microseconds"] for one in launch["algorithms"]}
            self.assertEqual(plan[launch["launch"]], launch["chosen"])
            self.assertLessEqual(times[launch["chosen"]], 1.03 * min(times.values()) + 1e-9)
        self.assertTrue(any(launch["launch"].startswith("forward 24x4->40 fp32") for launch in table["launches"]))
        cache.write_text("no plans")
        self.write("plan.json", json.dumps(table))
        self.train("forced", 1, "--batch", 12, "--precision", "tf32", "--plan", "plan.json")
        self.assertEqual(self.plan_of("forced"), (device, plan))

    def test_progress_is_read_from_the_device(self):
        self.write("table.csv", table_text())
        text = self.agon("train", "table.csv", "--out", "run", "--epochs", "4", *ON_CUDA).stderr
        self.assertRegex(text, r"(?m)^step [\d,]+/20  epoch \d+/4  loss D \d+\.\d{3} G \d+\.\d{3}  ")
        lines = [json.loads(line) for line in (self.folder / "run/stats.jsonl").read_text().splitlines()]
        self.assertEqual([line["step"] for line in lines], [1, 10, 20])


if __name__ == "__main__":
    unittest.main()
