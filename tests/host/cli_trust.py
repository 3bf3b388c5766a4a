"""What `agon train` ends with: a report that says how far to trust what the run draws."""

import json
import signal
import unittest
import xml.dom.minidom

from cli_evaluate import patients
from cli_support import BUNDLED, Case

TINY = ["--generator-hidden", "16,16", "--discriminator-hidden", "16,16", "--latent", "4", "--batch", "50", "--warmup-steps", "2",
        "--steps", 20, "--device", "cpu", "--threads", 1]


class Trust(Case):
    def learn(self, *more, rows=300, **options):
        self.write("patients.csv", patients(rows))
        return self.agon("train", "patients.csv", "--out", "run", *TINY, *more, **options)

    def test_it_ends_with_a_verdict(self):
        said = self.learn("--target", "night").stderr
        self.assertRegex(said, r"\nDoes it look like the real table\? \[\w+\] .*\nDoes it teach .*\? \[\w+\] .*\n"
                               r"Does it keep patients private\? \[\w+\] .*\nreport: run/report.html\nnext: ")
        page = (self.folder / "run/report.html").read_text()
        xml.dom.minidom.parseString(page)
        for words in ("How far to trust what run draws", "270 real ones and 30 held-out ones", "How it was trained",
                      ">loss<", "Utility", "SHA-256", "up to step 20, in "):
            self.assertIn(words, page)
        self.assertNotIn(str(self.folder), page, "a report travels")
        figures = json.loads((self.folder / "run/evaluation-000000020.json").read_text())
        self.assertEqual((figures["held_out_rows"], figures["target"]), (30, "night"))
        again = json.loads(self.agon("evaluate", "run", "--target", "night", "--json", "--out", "own.html").stdout)
        self.assertEqual(figures, again)
        self.assertIn("How it was trained", (self.folder / "own.html").read_text())

    def test_a_run_that_is_done_is_not_evaluated_twice(self):
        self.learn("--quiet")
        before = self.files()
        self.assertNotIn("evaluating", self.agon("train", "--resume", "run").stderr)
        self.assertEqual(self.files(), before)
        (self.folder / "run/evaluation-000000020.json").unlink()
        self.assertIn("private?", self.agon("train", "--resume", "run").stderr)
        self.assertEqual(set(self.files()), set(before))
        self.agon("train", "--resume", "run", "--steps", 30, "--quiet")
        self.assertEqual(len(list((self.folder / "run").glob("evaluation-*.json"))), 2)
        self.agon("train", "patients.csv", "--out", "run", "--overwrite", *TINY, "--evaluate", "false", "--quiet")
        self.assertEqual(list((self.folder / "run").glob("evaluation-*.json")), [])
        self.assertIn("was not asked for", (self.folder / "run/report.html").read_text())

    def test_interrupted(self):
        self.write("patients.csv", patients(4000))
        process = self.start("train", "patients.csv", "--out", "run", *TINY)
        while (line := process.stderr.readline()) and not line.startswith("evaluating"):
            pass
        process.send_signal(signal.SIGINT)
        said = process.communicate()[1]
        self.assertEqual(process.returncode, 130, said)
        self.assertIn("the run is whole, but for its verdict; agon train --resume run adds it", said)
        self.assertIn("private?", self.agon("train", "--resume", "run").stderr)

    def test_a_target_that_cannot_be_foretold_is_refused_before_anything_is_learnt(self):
        self.write("patients.csv", "id,note,night,age,site\n" + "".join(
            f"P-{row:04},stayed for {row * 37 % 101} hours and then left {row},{'ny'[row % 3 == 0]},{20 + row % 50},3\n"
            for row in range(60)))
        self.write("numbers.csv", "id,a,b\n" + "".join(f"{1000 + row},{row % 7},{row % 5}\n" for row in range(60)))
        for code, says, file, *more in [
            (2, "the real table has no column 'nigth'; did you mean 'night'", "patients.csv", "nigth"),
            (2, "'id' is an identifier, .*it is not compared; can be: 'night', 'age'", "patients.csv", "id"),
            (2, "'note' is an identifier, .*it is not compared; can be: 'night', 'age'", "patients.csv", "note"),
            (2, "'age' is an .* ignored: it is not compared; can be: 'night'", "patients.csv", "age", "--ignore", "age"),
            (3, "'site' has one value, or none, .*; can be: 'night', 'age'", "patients.csv", "site"),
            (2, "'id' is an identifier, .*can be: 'a', 'b'", "numbers.csv", "id", "--recipe", "article", "--held-out", "0.2"),
        ]:
            with self.subTest(more):
                before = self.files()
                result = self.agon("train", file, "--out", "run", *TINY, "--quiet", "--target", *more, expect=code)
                self.assertRegex(result.stderr.splitlines()[-1], r"\Aagon: --target: " + says)
                self.assertEqual(self.files(), before)

    def test_tables_that_cannot_be_judged(self):
        self.write("all.csv", "a,b\n" + "x,1\nx,2\ny,1\ny,2\n" * 3)  # whatever is drawn is a copy
        said = self.agon("train", "all.csv", "--out", "all", *TINY).stderr
        self.assertRegex(said, r"agon: how far to trust what it draws cannot be told: ")
        self.assertIn("cannot be told: ", (self.folder / "all/report.html").read_text())

    def test_rows_are_held_out_where_there_are_enough(self):
        for rows, share in ((199, "0.0"), (200, "0.1")):
            self.learn("--overwrite", "--evaluate", "false", "--quiet", rows=rows)
            self.assertRegex((self.folder / "run/config.toml").read_text(), rf"held_out = {share}\b")
        self.learn("--overwrite", "--evaluate", "false", "--quiet", "--held-out", 0)
        self.assertRegex((self.folder / "run/config.toml").read_text(), r"held_out = 0\.0\b")

    def test_a_table_of_numbers(self):
        self.agon("train", BUNDLED, "--out", "run", "--recipe", "article", "--held-out", 0.2, "--epochs", 2, "--device", "cpu",
                  "--threads", 1, "--quiet")
        self.assertIn("Does it look like the real table?", (self.folder / "run/report.html").read_text())


if __name__ == "__main__":
    unittest.main()
