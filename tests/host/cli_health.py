"""What a run says of its own health, the best by held-out rows, early ends and new beginnings."""

import json
import os
import pathlib
import re
import unittest

from cli_support import SMALL, Case, table_text, tensors

BUNDLED = pathlib.Path(__file__).resolve().parents[2] / "host/data/diabetes.csv"
WIDE = "64,64,64,64,64,64,64,64"


class Health(Case):
    def train(self, *more, name="run", **options):
        if not (self.folder / "table.csv").exists():
            self.write("table.csv", table_text())
        return self.agon("train", "table.csv", "--out", name, *SMALL, *more, **options)

    def lines(self, path):
        return [json.loads(line) for line in (self.folder / path).read_text().splitlines()]


class Looked(Health):
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
        said = self.agon("train", BUNDLED, "--out", "run", "--recipe", "article", "--device", "cpu", "--threads", "1", "--latent", "4", "--batch", "64",
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


class Best(Health):
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


class Restarts(Health):
    def test_after_divergence(self):
        self.write("table.csv", table_text())
        said = self.agon("train", "table.csv", "--out", "run", "--batch", "8", "--device", "cpu", "--threads", "1",
                         "--generator-hidden", WIDE, "--discriminator-hidden", WIDE, "--generator-rate", "10",
                         "--discriminator-rate", "10", "--epochs", "100", "--restarts", "2", "--seed", "2", "--quiet",
                         expect=4).stderr
        self.assertRegex(said, r"(?m)^agon: the training diverged at step \d+: what it learnt is kept in run/attempt-2, "
                               r"and it begins again with seed 3 and rates of 2.5 for G, 2.5 for D$")
        self.assertRegex(said, r"(?m)kept in run/attempt-3, and it begins again with seed 4 and rates of 0.625 for G, 0.625 for D$")
        for seed in (2, 3):
            aside = self.folder / f"run/attempt-{seed}"
            self.assertIn(f"seed = {seed} ", (aside / "config.toml").read_text())
            self.assertTrue(list(aside.glob("checkpoint-*.safetensors")))
            self.assertTrue((aside / "stats.jsonl").exists())
        self.assertIn("seed = 4 ", (self.folder / "run/config.toml").read_text())
        self.assertEqual((self.folder / "run/config.toml").read_text().count("rate = 0.625 "), 2)
        shown = json.loads(self.agon("inspect", "run", "--json").stdout)
        self.assertEqual(shown["seed"], 4)
        self.assertEqual(self.agon("train", "--resume", "run", "--quiet", expect=4).stderr.count("begins again"), 0)
        self.train("--epochs", "2", "--overwrite", "--quiet")
        self.assertFalse(list((self.folder / "run").glob("attempt-*")))

    @unittest.skipIf(os.environ.get("AGON_SANITIZED") == "1", "8,000 steps of the default networks: too slow under sanitizers")
    def test_after_a_collapse(self):
        """Wasserstein without a bound on D's slope, on the bundled table and the default networks."""
        said = self.agon("train", BUNDLED, "--out", "run", "--recipe", "article", "--objective", "wasserstein", "--device", "cpu", "--threads", "1",
                         "--epochs", "620", "--restarts", "1", "--quiet").stderr  # 4282 steps
        self.assertRegex(said, r"(?m)^agon: warning at step 2,496: G's rows collapse: their columns vary by \d+% of the table's")
        self.assertRegex(said, r"(?m)^agon: the training collapsed at step 4,\d+: what it learnt is kept in run/attempt-1, "
                               r"and it begins again with seed 2 and rates of 5e-05 for G, 0.0002 for D$")
        found = self.lines("run/attempt-1/health.jsonl")
        self.assertEqual([(line["step"], line["warning"]) for line in found], [(2496, "collapse")])
        self.assertEqual(self.lines("run/stats.jsonl")[-1]["step"], 4280)  # the last attempt goes to the end

    @unittest.skipIf(os.environ.get("AGON_SANITIZED") == "1", "5,000 steps of the default networks: too slow under sanitizers")
    def test_after_an_end_in_collapse(self):
        said = self.agon("train", BUNDLED, "--out", "run", "--recipe", "article", "--objective", "wasserstein", "--device", "cpu",
                         "--threads", "1", "--epochs", "380", "--restarts", "1", "--quiet").stderr  # 2625 steps
        self.assertRegex(said, r"(?m)^agon: the training collapsed at step 2,625: .* begins again with seed 2 and rates of 5e-05 ")
        self.assertIn("collapsed at step 2,625 of", (self.folder / "run/attempt-1/report.html").read_text())
        self.assertEqual(said.count("begins again"), 1)

    def test_the_best_attempt_is_the_run(self):
        """75 steps are too few, with a quarter of G's rate even more so."""
        for seed, kept in ((1, 1), (3, 4)):
            said = self.train("--epochs", "20", "--held-out", "0.25", "--restarts", "1", "--seed", seed, "--overwrite", "--quiet").stderr
            self.assertRegex(said, rf"\Aagon: the training came nowhere near the held-out rows at step 75: what it learnt is kept in "
                                   rf"run/attempt-{seed}, and it begins again with seed {seed + 1} and rates of 5e-05 for G, 0.0002 for D\n")
            other = next((self.folder / "run").glob("attempt-*"))
            back = kept == seed
            self.assertEqual(other.name, f"attempt-{seed + 1 if back else seed}")
            self.assertEqual("it is the run again; the last one is kept in run/attempt-" in said, back)
            self.assertIn(f"seed = {kept} ", (self.folder / "run/config.toml").read_text())
            best = [min((line["spread"] < 0.25, line["sliced_wasserstein"]) for line in self.lines(folder / "scores.jsonl"))
                    for folder in (self.folder / "run", other)]
            self.assertLess(*best)
            self.assertEqual(json.loads(self.agon("inspect", "run", "--json").stdout)["seed"], kept)
            self.agon("sample", "run", "-n", "3", "--which", "best")
            before = self.files()
            self.assertEqual(self.agon("train", "--resume", "run", "--quiet").stderr, "")
            self.assertEqual(self.files(), before)

    def test_a_sound_run_is_as_ever(self):
        self.train("--epochs", "20", "--quiet", name="plain")
        self.train("--epochs", "20", "--restarts", "3", "--quiet", name="with")
        self.assertEqual(tensors(self.folder / "plain/checkpoint-000000100.safetensors"),
                         tensors(self.folder / "with/checkpoint-000000100.safetensors"))
        self.assertFalse(list((self.folder / "with").glob("attempt-*")))


if __name__ == "__main__":
    unittest.main()
