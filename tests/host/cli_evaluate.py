"""`agon evaluate` as its user meets it: tables of any kind beside each other."""

import hashlib
import json
import random
import unittest
import xml.dom.minidom

from cli_support import Case, table_text


def patients(rows=300, seed=1, column=None, cell=None):
    """Records with numbers, categories, dates and holes; one column's cells may be made otherwise."""
    chance = random.Random(seed)
    lines = ["age,sex,ward,admitted,lab,nurse,night"]
    for row in range(rows):
        age = chance.randrange(20, 90)
        ward = "A" if age > 70 else chance.choice("BCD")
        record = {"age": age, "sex": chance.choice("fm"), "ward": ward,
                  "admitted": f"2021-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}",
                  "lab": "" if chance.random() < 0.2 else f"{age / 10 + chance.gauss(0, 1):.1f}",
                  "nurse": "N" + ward, "night": int(chance.random() < 0.3)}
        if column:
            record[column] = cell(record, chance)
        lines.append(",".join(str(value) for value in record.values()))
    return "\n".join(lines) + "\n"


class Evaluate(Case):
    def figures(self, *arguments):
        return json.loads(self.agon("evaluate", *arguments, "--json").stdout)

    def columns(self, report):
        return {column["name"]: column for column in report["fidelity"]["columns"]}

    def setUp(self):
        super().setUp()
        self.write("real.csv", patients())
        self.write("other.csv", patients(seed=2))

    def test_a_table_is_like_itself(self):
        text = self.agon("evaluate", "real.csv", "real.csv").stdout
        self.assertRegex(text, r"quality score +1\.0000")
        report = self.figures("real.csv", "real.csv")
        self.assertEqual(report["score"], 1)
        self.assertLess(report["fidelity"]["quality"]["score"]["floor"]["high"], 1)
        self.assertEqual(report["real_rows"], 300)

    def test_figures_stand_beside_their_floor_and_the_held_out_table(self):
        text = self.agon("evaluate", "real.csv", "other.csv", "--holdout", "other.csv").stdout
        self.assertRegex(text, r"alike +floor +5% to 95% +held-out\n")
        self.assertRegex(text, r"\A300 real rows, 300 synthetic rows, 300 held-out rows; 7 columns compared\n")
        for figure in self.figures("real.csv", "other.csv", "--holdout", "other.csv")["fidelity"]["quality"].values():
            self.assertEqual(figure["value"], figure["held_out"])
            self.assertLessEqual(figure["floor"]["low"], figure["floor"]["median"])
            self.assertLessEqual(figure["floor"]["median"], figure["floor"]["high"])

    def test_rows_like_the_real_ones_reach_the_floor(self):
        figure = self.figures("real.csv", "other.csv")["fidelity"]["quality"]["score"]
        self.assertGreater(figure["value"], figure["floor"]["median"] - 0.03)

    def test_what_is_wrong_stands_first(self):
        wrong = {"lab": (lambda record, chance: "5.0", "constant"), "ward": (lambda record, chance: "E", "invented"),
                 "night": (lambda record, chance: 1, "lost")}
        for column, (cell, name) in wrong.items():
            self.write(f"{name}.csv", patients(seed=2, column=column, cell=cell))
            text = self.agon("evaluate", "real.csv", f"{name}.csv").stdout
            self.assertRegex(text, rf"columns, worst first [^\n]*\n{column} ", text)
            self.assertLess(self.figures("real.csv", f"{name}.csv")["score"], self.figures("real.csv", "other.csv")["score"] - 0.02)
        self.assertEqual(self.columns(self.figures("real.csv", "invented.csv"))["ward"]["invented_rows"]["value"], 1)
        self.assertEqual(self.columns(self.figures("real.csv", "lost.csv"))["night"]["lost_levels"]["value"], 1)

    def test_rules_that_are_broken(self):
        self.write("broken.csv", patients(seed=2, column="nurse", cell=lambda record, chance: "N" + chance.choice("ABCD")))
        text = self.agon("evaluate", "real.csv", "broken.csv", "--holdout", "other.csv").stdout
        self.assertRegex(text, r"nurse = ward|nurse is determined by ward +[67]\d\.\d% +0\.0%")

    def test_a_lost_column_counts_as_nothing(self):
        lines = (self.folder / "other.csv").read_text().splitlines()
        self.write("less.csv", "\n".join(line.rsplit(",", 1)[0] + ",7" for line in lines).replace(",7\n", ",extra\n", 1) + "\n")
        report = self.figures("real.csv", "less.csv")
        self.assertEqual(self.columns(report)["night"]["score"]["value"], 0)
        self.assertFalse(self.columns(report)["night"]["in_synthetic"])
        for pair in report["fidelity"]["pairs"]:
            if "night" in pair["columns"]:
                self.assertEqual(pair["similarity"]["value"], 0)
        self.assertEqual(report["warnings"], ["the synthetic table lacks column 'night'",
                                              "the real table lacks 'extra' of the synthetic one; left out"])
        self.assertRegex(self.agon("evaluate", "real.csv", "less.csv").stdout, r"\nwarning: the synthetic table lacks")

    def test_spellings_of_one_value_are_one(self):
        def spelled(line):
            age, sex, ward, admitted, lab, nurse, night = line.split(",")
            return ",".join([age + ".0", sex, ward, admitted + " 00:00:00", lab and f"{float(lab):.3f}", nurse, night + ".0"])

        head, *lines = (self.folder / "real.csv").read_text().splitlines()
        self.write("spelled.csv", "\n".join([head, *map(spelled, lines)]) + "\n")
        report = self.figures("real.csv", "spelled.csv")
        self.assertEqual((report["score"], report["warnings"]), (1, []))

    def test_cells_that_cannot_be_read_are_counted(self):
        self.write("words.csv", patients(seed=2, column="age", cell=lambda record, chance: "old" if record["age"] > 80 else record["age"]))
        report = self.figures("real.csv", "words.csv")
        self.assertRegex(report["warnings"][0], r"^column 'age': not a number in \d+ rows \(\S+%\) of the synthetic table")
        self.assertGreater(self.columns(report)["age"]["missing"]["value"], 0.05)

    def test_report_file(self):
        shown = self.agon("evaluate", "real.csv", "other.csv", "--out", "report.json").stdout
        self.assertNotIn("{", shown)
        report = json.loads((self.folder / "report.json").read_text())
        self.assertEqual(report, self.figures("real.csv", "other.csv"))
        self.refused(2, r"report\.json: exists", "evaluate", "real.csv", "other.csv", "--out", "report.json")
        self.agon("evaluate", "real.csv", "real.csv", "--out", "report.json", "--overwrite")
        self.assertNotEqual(report, json.loads((self.folder / "report.json").read_text()))

    def test_the_report_is_a_page_that_loads_nothing(self):
        shown = self.agon("evaluate", "real.csv", "other.csv", "--holdout", "other.csv", "--target", "night", "--out", "trust.html",
                          "--out", "figures.json")
        self.assertRegex(shown.stdout, r"Does it look like the real table\? \[green\]")
        self.assertRegex(shown.stderr, r"evaluating privacy")
        page = (self.folder / "trust.html").read_text()
        xml.dom.minidom.parseString(page)
        self.assertEqual(page.count("http"), page.count("http://www.w3.org/1999/xhtml"))
        self.assertNotIn("<script", page)
        digest = hashlib.sha256((self.folder / "other.csv").read_bytes()).hexdigest()
        self.assertIn(f"other.csv, 300 rows, SHA-256 {digest}", page)
        self.assertEqual(json.loads((self.folder / "figures.json").read_text())["verdict"]["likeness"]["light"], "green")
        self.refused(2, r"--out trust\.txt: a report ends in \.html, its figures in \.json", "evaluate", "real.csv", "other.csv", "--out",
                     "trust.txt")
        self.refused(2, r"trust\.html: exists", "evaluate", "real.csv", "other.csv", "--out", "trust.html")
        self.assertEqual(self.agon("evaluate", "real.csv", "other.csv", "--quiet").stderr, "")

    def test_a_memorised_table_is_no_private_one(self):
        self.write("held.csv", patients(rows=200, seed=3))
        verdict = self.figures("real.csv", "real.csv", "--holdout", "held.csv")["verdict"]
        self.assertEqual((verdict["privacy"]["light"], verdict["usefulness"]["light"]), ("red", "unknown"))
        verdict = self.figures("real.csv", "other.csv", "--holdout", "held.csv")["verdict"]
        self.assertNotEqual(verdict["privacy"]["light"], "red")
        self.assertEqual(self.figures("real.csv", "other.csv")["verdict"]["privacy"]["light"], "unknown")

    def test_a_run_is_compared_with_what_it_learnt_and_held_out(self):
        self.agon("train", "real.csv", "--out", "run", "--steps", 20, "--held-out", 0.2, "--threads", 1, "--quiet",
                  "--evaluate", "false")
        shown = self.agon("evaluate", "run", "--row", 7, "--out", "trust.html")
        self.assertRegex(shown.stdout, r"\nRow 7 of the synthetic table\n  the trees hold it for synthetic with \d")
        self.assertRegex(shown.stdout, r"D's verdict is \S+; it takes \d+\.\d% of real rows for less real\n  the nearest real row is")
        self.assertIn("<h2>Row 7 of", (self.folder / "trust.html").read_text())
        self.assertRegex(shown.stdout, r"\A240 real rows, 240 synthetic rows, 60 held-out rows; 7 columns compared\n")
        self.assertRegex((self.folder / "trust.html").read_text(), r"real\.csv, 300 rows, SHA-256 [0-9a-f]{64}")
        self.assertRegex(shown.stdout, r"What does D still look at\?[^\n]*\n[^\n]*\n +\d+\.\d%  \w+: a usual change moves the verdict")
        self.assertIn("<h3>What D still looks at</h3>", (self.folder / "trust.html").read_text())
        again = self.agon("evaluate", "--threads", 2, "run", "--row", 7, "--out", "again.html")
        self.assertEqual(shown.stdout, again.stdout)
        self.agon("sample", "run", "-n", 100, "--out", "drawn.csv", "--quiet")
        self.assertRegex(self.agon("evaluate", "run", "drawn.csv").stdout, r"\A240 real rows, 100 synthetic rows, 60 held-out")
        self.refused(2, r"--row 101: the synthetic table has 100 rows", "evaluate", "run", "drawn.csv", "--row", 101)
        self.refused(2, r"--holdout: the run run has its own", "evaluate", "run", "--holdout", "other.csv")
        self.refused(2, r"no run folder; a real table needs a synthetic one", "evaluate", "real.csv")
        self.write("real.csv", patients(seed=9))
        self.refused(3, r"real\.csv: ", "evaluate", "run")

    def test_a_run_without_held_out_rows_says_so(self):
        self.agon("train", "real.csv", "--out", "run", "--steps", 20, "--held-out", 0, "--threads", 1, "--quiet",
                  "--evaluate", "false")
        shown = self.agon("evaluate", "run")
        self.assertRegex(shown.stderr, r"held no rows out; with `agon train --held-out 0\.2`")
        self.assertRegex(shown.stdout, r"private\? \[unknown\]")

    def test_the_seed_moves_the_floor_alone(self):
        one, two = (self.figures("real.csv", "other.csv", "--seed", seed) for seed in (1, 2))
        self.assertEqual(one["score"], two["score"])
        self.assertNotEqual(one["fidelity"]["quality"]["score"]["floor"], two["fidelity"]["quality"]["score"]["floor"])

    def test_a_schema_says_what_columns_are(self):
        self.write("schema.toml", '[[column]]\nname = "night"\nignored = true\n[[column]]\nname = "age"\nkind = "category"\n')
        report = self.figures("real.csv", "other.csv", "--schema", "schema.toml")
        self.assertEqual(report["left_out"], ["night"])
        self.assertEqual(self.columns(report)["age"]["kind"], "nominal")

    def test_target_names_a_column(self):
        found = self.figures("real.csv", "other.csv", "--target", "ward")
        self.assertEqual(found["target"], "ward")
        self.assertIn("nurse is not learnt from: in the real table it gives ward away", found["utility"]["notes"])
        self.refused(2, r"--target: the real table has no column 'wrad'.*'ward'", "evaluate", "real.csv", "other.csv", "--target", "wrad")

    def test_survival_where_time_and_event_are_named(self):
        shown = self.agon("evaluate", "real.csv", "other.csv", "--time", "age", "--event", "ward=A", "--out", "trust.html", "--quiet")
        self.assertRegex(shown.stdout, r"'age' until 'ward = A' \(Kaplan-Meier\)")
        self.assertRegex(shown.stdout, r"teach what the real table teaches\? \[green\]")
        page = (self.folder / "trust.html").read_text()
        self.assertIn("<h2>Survival</h2>", page)
        xml.dom.minidom.parseString(page)
        self.refused(2, r"--time requires --event", "evaluate", "real.csv", "other.csv", "--time", "age")
        self.refused(2, r"--time: 'admitted' is a date", "evaluate", "real.csv", "other.csv", "--time", "admitted", "--event", "night")
        self.refused(2, r"none that speaks for itself; say which value is the event: --event 'ward=", "evaluate", "real.csv",
                     "other.csv", "--time", "age", "--event", "ward")

    def test_names_are_hostile(self):
        name = '"\x1b[2J\u202e</script>'
        text = table_text().replace("c0", '"' + name.replace('"', '""') + '"', 1)
        self.write("hostile.csv", text)
        shown = self.agon("evaluate", "hostile.csv", "hostile.csv").stdout
        self.assertNotRegex(shown, "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
        self.assertIn("\\x1b[2J", shown)
        self.assertIn(name, self.columns(self.figures("hostile.csv", "hostile.csv")))

    def test_tables_that_do_not_go_together(self):
        self.write("foreign.csv", table_text())
        self.refused(3, r"none of the real table's columns", "evaluate", "real.csv", "foreign.csv")
        self.refused(3, r"the held-out table lacks 'age'", "evaluate", "real.csv", "other.csv", "--holdout", "foreign.csv")
        self.refused(2, r"nothing\.toml: cannot read", "evaluate", "real.csv", "other.csv", "--schema", "nothing.toml")
        self.refused(3, r"nothing\.csv: ", "evaluate", "real.csv", "other.csv", "--holdout", "nothing.csv")
        self.write("id.csv", "id\n" + "".join(f"P-{row:05}\n" for row in range(50)))
        self.refused(3, r"nothing to compare", "evaluate", "id.csv", "id.csv")


if __name__ == "__main__":
    unittest.main()
