"""What a run says of its own health, the best by held-out rows, and early ends."""

import json
import re
import unittest

from cli_support import BUNDLED, Case, table_text


class Looked(Case):
    def test_looks_are_in_the_log(self):
        self.train("--epochs", "40", "--quiet")  # 200 steps
        lines = self.lines("run/stats.jsonl")
        looks = [line for line in lines if "distance" in line]
        self.assertEqual([line["step"] for line in looks], [64, 128, 192])
        self.assertEqual([line["step"] for line in lines][:9], [1, 10, 20, 30, 40, 50, 60, 64, 70])
        for line in looks:
            self.assertEqual(len(line), 14)
            self.assertTrue(line["gradient_norm_generator"] > 0 and line["gradient_norm_discriminator"] > 0)
            self.assertTrue(0 < line["spread_least"] <= line["spread_mean"] < 3)
        self.assertFalse((self.folder / "run/health.jsonl").exists())

    def test_resumed_runs_look_the_same(self):
        whole = self.train("--epochs", "40", "--quiet", name="whole")
        self.train("--epochs", "20", "--quiet", "--checkpoint-every", "50", name="parts")
        self.agon("train", "--resume", "parts", "--epochs", "40", "--quiet")
        self.assertEqual((self.folder / "parts/stats.jsonl").read_bytes(), (self.folder / "whole/stats.jsonl").read_bytes())

    def test_a_bad_run_is_told(self):
        """A D that learns far too fast is certain of every row; what was said is not said again."""
        said = self.agon("train", BUNDLED, "--out", "run", "--recipe", "article", "--evaluate", "false", "--device", "cpu", "--threads", "1", "--latent", "4", "--batch", "64",
                         "--generator-hidden", "16", "--discriminator-hidden", "64,64", "--generator-rate", "1e-9",
                         "--discriminator-rate", "0.005", "--epochs", "160", "--quiet").stderr  # 1105 steps
        found = self.lines("run/health.jsonl")
        self.assertIn("certain", [line["warning"] for line in found])
        for line in found:
            self.assertEqual(line["step"] % 64, 0)
            self.assertRegex(said, rf"(?m)^agon: warning at step {line['step']:,}: {re.escape(line['text'])}: {re.escape(line['try'])}$")
        self.assertEqual(said.count("warning at step"), len(found))
        again = self.agon("train", "--resume", "run", "--epochs", "200", "--quiet").stderr
        self.assertNotIn("D is certain", again)
        self.assertEqual(self.lines("run/health.jsonl")[:len(found)], found)


class Best(Case):
    def test_the_best_is_kept_beside_the_last(self):
        self.train("--epochs", "100", "--held-out", "0.25", "--checkpoint-every", "20", "--quiet")  # 30 rows: 375 steps
        run = self.folder / "run"
        scores = self.lines("run/scores.jsonl")
        self.assertEqual([line["step"] for line in scores], list(range(0, 375, 20)) + [375])
        best = min(scores, key=lambda line: (line["spread"] < 0.25, line["sliced_wasserstein"]))
        (self.folder / "best").mkdir()
        shown = json.loads(self.agon("inspect", run / "checkpoint-best.safetensors", "--json").stdout)
        self.assertEqual(shown["step"], best["step"])
        self.assertEqual(shown["rows"], 30)
        self.agon("sample", "run", "-n", "5", "--which", "best", "--out", "best.csv")
        self.agon("sample", run / "checkpoint-best.safetensors", "-n", "5", "--out", "same.csv")
        said = self.agon("sample", "run", "-n", "5", "--out", "last.csv").stderr
        self.assertEqual((self.folder / "best.csv").read_text(), (self.folder / "same.csv").read_text())
        self.assertIn("from step 375 of", said)
        self.assertIn("--which best", said)
        self.train("--epochs", "100", "--held-out", "0.25", "--checkpoint-every", "20", "--quiet", name="again")
        for name in ("scores.jsonl", "checkpoint-best.safetensors"):
            self.assertEqual((run / name).read_bytes(), (self.folder / "again" / name).read_bytes())

    def test_a_resumed_run_scores_the_same(self):
        flags = ["--held-out", "0.25", "--checkpoint-every", "20", "--quiet"]
        self.train("--epochs", "64", *flags, name="whole")  # 240 steps
        self.train("--epochs", "32", *flags, name="parts")
        self.agon("train", "--resume", "parts", "--epochs", "64", "--quiet")
        for name in ("scores.jsonl", "stats.jsonl", "checkpoint-best.safetensors"):
            self.assertEqual((self.folder / "whole" / name).read_bytes(), (self.folder / "parts" / name).read_bytes(), name)
        self.refused(2, r"held_out is 0\.25 in this run and cannot become 0\.5", "train", "--resume", "parts",
                     "--epochs", "90", "--held-out", "0.5")

    def test_a_file_has_no_best(self):
        self.train("--epochs", "4", "--held-out", "0.25", "--quiet")
        for name in ("checkpoint-000000015.safetensors", "checkpoint-best.safetensors"):
            self.refused(2, rf"run/{name}: a checkpoint, not a run folder", "sample", f"run/{name}", "-n", "3",
                         "--which", "best")

    def test_no_best_without_held_out_rows(self):
        self.train("--epochs", "4", "--quiet")
        self.assertFalse((self.folder / "run/scores.jsonl").exists())
        self.refused(3, r"run: this run has no best checkpoint: train it with --held-out", "sample", "run", "-n", "3",
                     "--which", "best")

    def test_patience(self):
        """A learning rate that moves nothing: the first score is never beaten by much, and the run ends."""
        said = self.train("--epochs", "2000", "--patience", "3", "--checkpoint-every", "20", "--generator-rate", "1e-12",
                          "--discriminator-rate", "1e-12").stderr
        scores = self.lines("run/scores.jsonl")
        best = min(scores, key=lambda line: (line["spread"] < 0.25, line["sliced_wasserstein"]))
        self.assertEqual(scores[-1]["step"], best["step"] + 60)
        self.assertLess(scores[-1]["step"], 9000)
        self.assertRegex(said, r"(?m)^done: step \d+ in .*, early: --patience is at its end$")
        self.assertRegex(said, rf"(?m)^best: step {best['step']}, sliced Wasserstein distance ")

    def test_patience_counts_checkpoints(self):
        """That of step 63 is written at 64, the next but one at 189: two more than the best."""
        self.train("--epochs", "2000", "--patience", "2", "--checkpoint-every", "63", "--generator-rate", "0.01", "--quiet")
        scores = self.lines("run/scores.jsonl")
        best = min(scores, key=lambda line: (line["spread"] < 0.25, line["sliced_wasserstein"]))
        self.assertEqual(best["step"], 64)
        self.assertEqual([line["step"] for line in scores], [0, 64, 126, 189])


if __name__ == "__main__":
    unittest.main()
