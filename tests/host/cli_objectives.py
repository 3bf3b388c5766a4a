"""What the objectives' runs call their numbers, and what is said of them."""

import json
import unittest

from cli_support import OBJECTIVES, SMALL, Case, table_text


class Objectives(Case):
    def test_outputs_are_called_what_they_are(self):
        for name in OBJECTIVES:
            with self.subTest(name):
                run = self.small_run(name, "--objective", name)
                what = "probability" if name in ("non-saturating", "minimax") else "logit"
                keys = {"step", "epoch", "discriminator_loss", "generator_loss", f"{what}_real", f"{what}_fake"}
                for line in (run / "stats.jsonl").read_text().splitlines():
                    self.assertEqual(set(json.loads(line)), keys)
                page = (run / "report.html").read_text()
                self.assertEqual("mean probability of being real" in page, what == "probability")
                self.assertEqual("mean logit" in page, what == "logit")
                inspected = json.loads(self.agon("inspect", run, "--json").stdout)
                self.assertEqual(inspected["objective"], name)
                self.assertEqual(set(inspected["statistics"]), keys)
                self.assertRegex(self.agon("inspect", run).stdout, r"D\(real\) -?\d+\.\d\d, D\(fake\) -?\d")

    def test_replicas(self):
        run = self.small_run("run", "--objective", "relativistic", "--replicas", "2")
        header = (run / "replicas.csv").read_text().splitlines()[0]
        self.assertIn(",logit_real,logit_fake,", header)
        before = (run / "replicas.csv").read_text()
        self.agon("train", "--resume", run, "--quiet")
        self.assertEqual((run / "replicas.csv").read_text(), before)

    def test_a_distance_without_a_bound_is_said(self):
        self.write("table.csv", table_text())
        for flags, times in ([], 1), (["--wgan-gp", "10"], 0), (["--spectral-norm", "true"], 0):
            said = self.agon("train", "table.csv", "--out", "run", "--overwrite", "--epochs", "1", *SMALL,
                             "--objective", "wasserstein", *flags).stderr
            self.assertEqual(said.count("agon: --objective wasserstein is a distance only where"), times, flags)


if __name__ == "__main__":
    unittest.main()
