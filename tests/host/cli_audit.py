"""`agon audit` as its user meets it: a small run, its shadow runs, and what is said of them."""

import json
import signal
import unittest
import xml.dom.minidom

from cli_support import Case, table_text

class Audit(Case):
    def audited(self, *more, rows=120):
        """A run that held 30 of 120 rows out."""
        self.write("table.csv", table_text(rows=rows))
        return self.small_run("run", "--held-out", "0.25", *more)

    def audit(self, *more, shadows=6):
        return self.agon("audit", "run", "--shadows", shadows, "--threads", "1", *more)

    def test_figures_of_a_small_run(self):
        """Each attacker, victim, attack and group of people has its figures, and they are possible ones."""
        self.audited()
        shown = self.audit("--out", "audit.json", "--out", "audit.html")
        self.assertRegex(shown.stderr, r"\A60 targets; 6 shadow runs of 113 steps on 90 rows\n")
        self.assertRegex(shown.stdout, r"Does the checkpoint give patients away\? \[(green|amber|red|unknown)\] ")
        self.assertRegex(shown.stdout, r"\nany run +likelihood ratio +everybody +0\.\d{3} \(0\.\d{3} to 0\.\d{3}\) ")
        report = json.loads((self.folder / "audit.json").read_text())
        self.assertEqual([report[key] for key in ("step", "learnt_rows", "held_out_rows", "members", "others", "outliers", "shadows")],
                         [113, 90, 30, 30, 30, 30, 6])
        for attacker in ("checkpoint", "table"):
            for victim, decisions in {"any_run": 180, "this_run": 30}.items():
                for attack in ("likelihood_ratio", "calibrated_scores", "one_threshold"):
                    figures = report[attacker][victim][attack]
                    self.assertEqual(figures["everybody"]["member_decisions"], decisions)
                    self.assertEqual(figures["everybody"]["other_decisions"], decisions)
                    for one in figures.values():
                        low, high = one["auc_interval"]
                        self.assertTrue(0 <= low <= one["auc"] <= high <= 1, one)
                        self.assertIsNone(one["tpr_at_0.1_percent_fpr"])
        page = (self.folder / "audit.html").read_text()
        xml.dom.minidom.parseString(page)
        self.assertNotRegex(page, r"<script|src=|href=")

    def test_a_seed_decides_all(self):
        self.audited()
        first = json.loads(self.audit("--json").stdout)
        self.assertEqual(json.loads(self.audit("--json").stdout), first)
        self.assertNotEqual(json.loads(self.audit("--json", "--seed", "2").stdout)["checkpoint"], first["checkpoint"])

    def test_a_run_that_learnt_by_heart_is_found(self):
        """40 rows, seen a thousand times by a discriminator of 5,000 parameters."""
        self.write("table.csv", table_text(rows=80, columns=12))
        self.agon("train", "table.csv", "--out", "run", "--recipe", "article", "--held-out", "0.5", "--epochs", "1000", "--quiet",
                  "--batch", "40", "--latent", "8", "--generator-hidden", "32,32", "--discriminator-hidden", "64,64",
                  "--generator-rate", "1e-3", "--discriminator-rate", "1e-3", "--device", "cpu", "--threads", "1")
        report = json.loads(self.audit("--json", "--quiet", shadows=8).stdout)
        self.assertEqual(report["verdict"]["checkpoint"]["light"], "red")
        self.assertGreater(report["checkpoint"]["any_run"]["likelihood_ratio"]["everybody"]["auc"], 0.7)

    def test_records(self):
        lines = ["age,sex,ward"] + [f"{20 + 7 * row % 60},{'fm'[row % 2]},{'ABC'[row * row % 3]}" for row in range(90)]
        self.write("table.csv", "\n".join(lines) + "\n")
        self.agon("train", "table.csv", "--out", "run", "--held-out", "0.25", "--epochs", "4", "--quiet", "--generator-hidden", "16,16",
                  "--discriminator-hidden", "16,16", "--batch", "16", "--device", "cpu", "--threads", "1")
        text = self.audit("--quiet").stdout
        self.assertIn("23 that the run learnt, 23 that it held out", text)

    def test_refusals(self):
        self.audited()
        self.refused(2, r"--shadows 7: not an even number from 6 to 1024", "audit", "run", "--shadows", "7")
        self.refused(2, r"--targets 9: 10 of each kind", "audit", "run", "--targets", "9")
        self.refused(2, r"--out audit\.txt: a report ends in \.html", "audit", "run", "--out", "audit.txt")
        self.write("audit.html", "mine")
        self.refused(2, r"audit\.html: exists; replace it with --overwrite", "audit", "run", "--out", "audit.html")
        (self.folder / "table.csv").rename(self.folder / "elsewhere.csv")
        self.refused(3, r"table\.csv: ", "audit", "run")

    def test_nobody_to_compare_with(self):
        self.small_run("run")
        self.refused(2, r"run: this run held no rows out.*--held-out 0\.2", "audit", "run")
        self.write("table.csv", table_text(rows=16))
        self.small_run("few", "--held-out", "0.5")
        self.refused(3, r"needs 10 rows that were learnt and 10 that were held out.*there are 8", "audit", "few")

    def test_interrupted(self):
        self.audited()
        process = self.start("audit", "run", "--shadows", "1000", "--threads", "1", "--out", "audit.json")
        self.addCleanup(lambda: (process.kill(), process.communicate()))
        self.assertIn("targets", process.stderr.readline())
        process.send_signal(signal.SIGINT)
        output, message = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        self.assertEqual(output, "")
        self.assertRegex(message, r"agon: interrupted; an audit keeps nothing")
        self.assertFalse((self.folder / "audit.json").exists())


if __name__ == "__main__":
    unittest.main()
