"""The program on a CUDA device, which here is the simulated one: the run that the host only watches."""

import json
import signal
import unittest

from cli_support import SMALL, Case, table_text, tensors

ON_CUDA = [*SMALL, "--device", "cuda", "--samples-every", "20", "--checkpoint-every", "10"]


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

    def test_progress_is_read_from_the_device(self):
        self.write("table.csv", table_text())
        text = self.agon("train", "table.csv", "--out", "run", "--epochs", "4", *ON_CUDA).stderr
        self.assertRegex(text, r"(?m)^step [\d,]+/20  epoch \d+/4  loss D \d+\.\d{3} G \d+\.\d{3}  ")
        lines = [json.loads(line) for line in (self.folder / "run/stats.jsonl").read_text().splitlines()]
        self.assertEqual([line["step"] for line in lines], [1, 10, 20])


if __name__ == "__main__":
    unittest.main()
