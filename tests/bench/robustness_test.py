"""bench/robustness.py: what it draws, how it judges, and that a small study of it runs through."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))

import robustness


class Judge(unittest.TestCase):
    def test_draws_depend_on_the_seed_alone_and_keep_to_their_ranges(self):
        runs = list(robustness.drawn(7, 300))
        self.assertEqual(runs, list(robustness.drawn(7, 300)))
        self.assertEqual(runs[:20], list(robustness.drawn(7, 20)))
        self.assertNotEqual(runs, list(robustness.drawn(8, 300)))
        for run in runs:
            for hidden in (run["generator_hidden"], run["discriminator_hidden"]):
                self.assertIn(len(hidden), (1, 2, 3))
                self.assertTrue(all(32 <= width <= 512 for width in hidden))
            self.assertTrue(16 <= run["batch"] <= 256 and run["batch"] % 8 == 0)
            for rate in (run["generator_rate"], run["discriminator_rate"]):
                self.assertTrue(5e-5 <= rate <= 2e-3)
        self.assertLess(min(run["batch"] for run in runs), 32)
        self.assertGreater(max(run["generator_rate"] for run in runs), 1e-3)
        self.assertLess(min(run["generator_rate"] for run in runs), 1e-4)

    def test_outcomes(self):
        options = argparse.Namespace(poor=0.75)
        score = lambda **other: {"spread": 1.0, "apart": 1.0, "quality": 0.9, **other}
        for code, judged, says in ((0, score(), "sound"), (4, score(), "diverged"), (4, None, "diverged"),
                                   (0, score(spread=0.05), "collapsed"), (0, score(apart=0.05), "collapsed"),
                                   (0, score(quality=0.7), "poor"), (0, score(quality=0.3, spread=0.01), "collapsed")):
            self.assertEqual(robustness.outcome(options, code, judged), says)

    def test_a_few_points_over_and_over_are_told_from_rows(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "few.csv")
            lines = robustness.TABLE.read_text().splitlines()
            path.write_text("\n".join(lines[:1] + 40 * lines[1:12]) + "\n")
            real = robustness.Rows(robustness.TABLE)
            few = robustness.Rows(path, real.like)
        self.assertAlmostEqual(real.spread, 1)
        self.assertGreater(few.spread, 0.5)
        self.assertEqual(few.apart, 0)


class Study(unittest.TestCase):
    def test_runs_through(self):
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder, "study.json")
            ran = subprocess.run([ROOT / "bench/robustness.py", "--agon", os.environ["AGON"], "--runs", "2", "--steps", "40",
                                  "--json", out, "--", "--objective", "hinge"], stdout=subprocess.PIPE, text=True, check=True)
            study = json.loads(out.read_text())
        self.assertRegex(ran.stdout, r"--objective hinge\n\n\| 2 runs of 40 steps \| diverged \| collapsed \| poor \| sound \|")
        self.assertEqual(ran.stdout.count("checkpoint | "), 2)
        for run in study["runs"]:
            for way in ("as_is", "with_health"):
                judged = run[way]
                self.assertEqual(judged["exit_code"], 0)
                self.assertEqual(judged["outcome"], robustness.outcome(argparse.Namespace(poor=0.75), 0, judged["score"]))
                self.assertLess(judged["score"]["quality"], 0.9, "40 steps teach little")


if __name__ == "__main__":
    unittest.main()
