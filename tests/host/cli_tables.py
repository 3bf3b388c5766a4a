"""Tables of records: looked at, learnt, drawn from; what is drawn could stand in the table."""

import collections
import csv
import gzip
import json
import random
import subprocess
import unittest

from cli_support import AGON, BUNDLED, Case, tensors

# Networks small enough that a run takes a second.
QUICK = ["--generator-hidden", "32,32", "--discriminator-hidden", "32,32", "--latent", "8", "--batch", "64", "--steps", "300",
         "--warmup-steps", "20", "--device", "cpu", "--threads", "1", "--evaluate", "false", "--quiet"]

WARDS = ["A7", "B2", "Intensive care", "Été, nord"]


def patients(rows=400, seed=3):
    """Mixed columns: an identifier, a date, a code, words, zeros, limits of detection, holes, a step, an order."""
    rng = random.Random(seed)
    lines = [["id", "admit", "sex", "age", "ward", "ward_floor", "drinks", "crp", "weight", "sbp", "dbp", "site"]]
    for number in range(rows):
        ward = rng.choices(WARDS, [5, 3, 1, 1])[0]
        sbp = rng.randrange(90, 200, 5)
        crp = rng.gauss(3, 3)
        lines.append([f"P-{rng.randrange(10 ** 5):05}-{number:04}", f"2023-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}",
                      rng.choice("MF"), rng.randrange(18, 96), ward, 1 + WARDS.index(ward) // 2,
                      0 if rng.random() < 0.6 else rng.randrange(1, 30),
                      "" if rng.random() < 0.1 else "<0.5" if crp < 0.5 else f"{crp:.1f}",
                      f"{rng.gauss(75, 12):.1f}", sbp, sbp - rng.randrange(20, 60, 2), 3])
    return lines


def text_of(lines):
    return "\n".join(",".join(f'"{cell}"' if "," in str(cell) else str(cell) for cell in line) for line in lines) + "\n"


class Tables(Case):
    def learn(self, lines, *more):
        self.write("patients.csv", text_of(lines))
        self.agon("train", "patients.csv", "--out", "run", *QUICK, *more)

    def drawn(self, count=500, *more):
        text = self.agon("sample", "run", "-n", count, *more).stdout
        header, *rows = list(csv.reader(text.splitlines()))
        self.assertEqual(len(rows), count)
        return header, [dict(zip(header, row)) for row in rows]

    def test_what_is_drawn_could_stand_in_the_table(self):
        lines = patients()
        self.learn(lines)
        header, rows = self.drawn()
        self.assertEqual(header, lines[0])
        real = [dict(zip(header, map(str, line))) for line in lines[1:]]
        floors = {row["ward"]: row["ward_floor"] for row in real}
        for row in rows:
            self.assertIn(row["sex"], ("M", "F"))
            self.assertIn(row["ward"], WARDS)
            self.assertEqual(row["ward_floor"], floors[row["ward"]])
            self.assertEqual(row["site"], "3")
            self.assertRegex(row["admit"], r"^2023-\d\d-\d\d$")
            self.assertTrue(18 <= int(row["age"]) <= 95)
            self.assertTrue(0 <= int(row["drinks"]) <= 29)
            self.assertRegex(row["crp"], r"^(|<0\.5|\d+\.\d)$")
            self.assertRegex(row["weight"], r"^\d+\.\d$")
            self.assertEqual(int(row["sbp"]) % 5, 0)
            self.assertLess(int(row["dbp"]), int(row["sbp"]))
            self.assertRegex(row["id"], r"^P-\d{5}-\d{4}$")
        ids = [row["id"] for row in rows]
        self.assertEqual(len(set(ids)), len(ids))
        self.assertFalse(set(ids) & {row["id"] for row in real})
        zeros = sum(row["drinks"] == "0" for row in rows) / len(rows)
        self.assertTrue(0.45 < zeros < 0.75, zeros)

    def test_a_draw_is_the_same_however_it_is_cut_and_goes_on(self):
        self.learn(patients())
        _, all_rows = self.drawn(40)
        _, first = self.drawn(7)
        self.assertEqual(all_rows[:7], first)
        _, others = self.drawn(40, "--seed", "2")
        self.assertNotEqual(all_rows, others)

    def test_conditions_hold_for_every_record(self):
        self.learn(patients())
        meets = {
            "sex=F": lambda r: r["sex"] == "F",
            "age>=60, sex!=M": lambda r: int(r["age"]) >= 60 and r["sex"] != "M",
            'ward="Été, nord"': lambda r: r["ward"] == "Été, nord",
            "crp=": lambda r: r["crp"] == "",
            "crp=<0.5": lambda r: r["crp"] == "<0.5",
            "crp>4,drinks=0": lambda r: r["crp"] not in ("", "<0.5") and float(r["crp"]) > 4 and r["drinks"] == "0",
            "admit<2023-07-01": lambda r: r["admit"] < "2023-07-01",
            "sbp<=120, dbp<100": lambda r: int(r["sbp"]) <= 120 and int(r["dbp"]) < 100,
        }
        for text, holds in meets.items():
            with self.subTest(text):
                _, rows = self.drawn(60, "--where", text)
                self.assertTrue(all(map(holds, rows)))
        _, some = self.drawn(2000)
        _, women = self.drawn(300, "--where", "sex=F")
        self.assertEqual([row for row in some if row["sex"] == "F"][:300], women)  # the same draw, but for the others

    def test_conditions_that_cannot_be(self):
        self.learn(patients())
        for text, says in (("sax=F", r"--where: no column 'sax' is drawn.*did you mean 'sex'"),
                           ("sex=W", r"--where: no record has 'W' in sex.*[FM], [FM]"),
                           ("sex>F", r"only numbers, dates and times have an order"),
                           ("age>old", r"age is .*, and 'old' is none"), ("age", r"expected COLUMN=VALUE"),
                           ('ward="Été', r"a quote is not closed")):
            with self.subTest(text):
                self.refused(2, says, "sample", "run", "-n", 5, "--where", text, "--out", "x.csv")
        self.refused(1, r"--where age > 95: of 1,048,576 records drawn 0 fulfil it", "sample", "run", "-n", 5,
                     "--where", "age>95", "--out", "x.csv")

    def test_ctgan(self):
        lines = patients()
        flags = ["--recipe", "ctgan", "--batch", "60", "--checkpoint-every", "100", "--keep", "9"]
        self.learn(lines, *flags)
        self.assertRegex((self.folder / "run/config.toml").read_text(), r'coding = "modes"[\s\S]*conditions = true')
        self.assertIn("modes", self.agon("inspect", "run").stdout)
        header, rows = self.drawn()
        self.assertEqual(header, lines[0])
        for row in rows:
            self.assertIn(row["ward"], WARDS)
            self.assertTrue(18 <= int(row["age"]) <= 95)
            self.assertRegex(row["crp"], r"^(|<0\.5|\d+\.\d)$")
            self.assertRegex(row["weight"], r"^\d+\.\d$")
            self.assertEqual(int(row["sbp"]) % 5, 0)
        self.assertTrue({row["ward"] for row in rows} >= set(WARDS[:2]))
        self.assertTrue(any(row["crp"] == "" for row in rows))
        _, women = self.drawn(60, "--where", "sex=F, age>=40")
        self.assertTrue(all(row["sex"] == "F" and int(row["age"]) >= 40 for row in women))
        whole = tensors(self.checkpoints("run")[-1])
        for late in self.checkpoints("run")[2:]:
            late.unlink()
        self.agon("train", "--resume", "run", "--quiet", "--threads", "1")
        self.assertEqual(tensors(self.checkpoints("run")[-1]), whole)
        self.refused(2, r"--conditions: a table of numbers has no levels", "train", "patients.csv", "--coding", "numbers",
                     "--conditions", "true", "--out", "other", *QUICK)

    def test_a_run_goes_on_as_it_was(self):
        lines = patients()
        self.learn(lines, "--checkpoint-every", "100", "--keep", "9")
        whole = tensors(self.checkpoints("run")[-1])
        for late in self.checkpoints("run")[2:]:
            late.unlink()
        self.agon("train", "--resume", "run", "--quiet", "--threads", "1")
        self.assertEqual(tensors(self.checkpoints("run")[-1]), whole)
        lines[5][3] = 17
        self.write("patients.csv", text_of(lines))
        self.refused(3, r"its values are not those that the run was trained on", "train", "--resume", "run", "--quiet")

    def test_held_out_rows_score_replicas(self):
        self.learn(patients(), "--replicas", "2", "--held-out", "0.25", "--checkpoint-every", "100")
        for seed in (1, 2):
            scores = self.lines(f"run/scores-{seed}.jsonl")
            self.assertEqual([score["step"] for score in scores], [0, 100, 200, 300])
            # In standard deviations of the columns: far at first, nearer at the end.
            self.assertGreater(scores[0]["sliced_wasserstein"], 0.3)
            self.assertLess(scores[-1]["sliced_wasserstein"], scores[0]["sliced_wasserstein"])
        header, rows = self.drawn(50, "--which", "best")
        self.assertTrue(all(row["sex"] in "MF" for row in rows))
        self.agon("train", "--resume", "run", "--steps", "350", "--quiet", "--threads", "1")

    def test_forms_of_the_file(self):
        text = text_of(patients(60))
        shown = self.agon("inspect", self.write("patients.csv", text)).stdout
        gz = self.agon("inspect", self.write("other.csv", gzip.compress(text.encode()))).stdout
        bars = self.write("bars.csv", text.replace('"Été, nord"', "Été; nord").replace(",", "|").encode("utf-16"))
        self.assertIn("ward", shown)
        self.assertIn("admit", gz)
        self.assertEqual(shown.count("\n") - gz.count("\n"), 0)
        self.assertIn("crp", self.agon("inspect", bars).stdout)
        piped = subprocess.run([AGON, "inspect", "-"], input=text, capture_output=True, text=True, cwd=self.folder)
        self.assertEqual(piped.returncode, 0, piped.stderr)
        self.assertIn("ward", piped.stdout)

    def test_the_bundled_records(self):
        found = json.loads(self.agon("inspect", BUNDLED.with_name("flchain.csv"), "--json").stdout)
        kinds = {column["name"]: column["kind"] for column in found["schema"]["columns"]}
        self.assertEqual([kinds[name] for name in ("age", "sex", "kappa", "flc.grp", "mgus", "futime", "chapter")],
                         ["continuous", "boolean", "continuous", "ordered code", "boolean", "count", "category"])
        self.assertEqual({finding["weight"] for finding in found["findings"]}, {"note"})
        self.assertIn("death is determined by chapter", found["relations"])

    def test_all_that_is_suspect_in_one_answer(self):
        lines = patients(200)
        for line in lines[1:40]:
            line[8] = "-999"
        for number, line in enumerate(lines[1:]):
            line[11] = f"note {number}, long and never the same, about a patient {number * 7}"
        path = self.write("patients.csv", text_of(lines))
        said = self.agon("train", path, "--out", "run", *QUICK, "--dry-run").stderr
        self.assertRegex(said, r"weight.*-999")
        self.assertRegex(said, r"site")
        found = json.loads(self.agon("inspect", path, "--json").stdout)
        self.assertTrue(any(f["column"] == "weight" and f["weight"] == "warning" for f in found["findings"]))

    def test_a_schema_written_edited_and_used(self):
        self.write("patients.csv", text_of(patients()))
        self.agon("inspect", "patients.csv", "--write-schema", "schema.toml")
        self.refused(2, r"schema\.toml.*exists", "inspect", "patients.csv", "--write-schema", "schema.toml")
        text = (self.folder / "schema.toml").read_text()
        self.assertIn("ward", text)
        self.agon("train", "patients.csv", "--schema", "schema.toml", "--ignore", "id, site", "--out", "run", *QUICK)
        header, _ = self.drawn(5)
        self.assertNotIn("id", header)
        self.refused(2, r"--ignore: the table has no column 'wards'.*ward", "train", "patients.csv", "--ignore", "wards",
                     "--out", "other", *QUICK)
        self.write("wrong.toml", text.replace('name = "ward"', 'name = "wing"'))
        self.refused(2, r"wrong\.toml:\d+", "train", "patients.csv", "--schema", "wrong.toml", "--out", "other", *QUICK)

    def test_no_value_of_a_single_patient_is_kept(self):
        lines = patients()
        lines[7][8] = "731.3"  # the only one far off
        lines[9][4] = "Wing of one"
        self.learn(lines)
        kept = self.checkpoints("run")[-1].read_bytes()
        for value in (b"731.3", b"Wing of one", lines[7][0].encode()):
            self.assertNotIn(value, kept)
        self.assertNotIn("731.3", self.agon("inspect", "run").stdout)

    def test_a_budget_in_minutes(self):
        self.write("patients.csv", text_of(patients()))
        words = [word for word in QUICK if word not in ("--steps", "300", "--quiet")]
        said = self.agon("train", "patients.csv", "--out", "run", *words, "--minutes", "0.05").stderr
        self.assertRegex(said, r"done: step [\d,]+ in \d")
        self.assertIn("minutes = 0.0", (self.folder / "run/config.toml").read_text())
        shown = self.agon("train", "patients.csv", "--out", "other", *words, "--dry-run").stdout
        self.assertRegex(shown, r"time +about [\d.]+ ")
        self.assertRegex(shown, r"memory +about \d+ MB")

    def schema_with(self, *constraints):
        self.agon("inspect", "patients.csv", "--write-schema", "schema.toml", "--overwrite")
        text = (self.folder / "schema.toml").read_text()
        self.assertIn("constraints = []", text)
        return self.write("schema.toml", text.replace("constraints = []", f"constraints = {json.dumps(constraints)}"))

    def test_constraints_of_a_schema(self):
        lines = patients()
        self.write("patients.csv", text_of(lines))
        rules = ["dbp < sbp", "age >= 21", "crp != <0.5", "weight > dbp"]
        self.schema_with(*rules)
        real = [dict(zip(lines[0], line)) for line in lines[1:]]
        young = sum(row["age"] < 21 for row in real)
        self.assertGreater(young, 0)
        for said in (self.agon("inspect", "patients.csv", "--schema", "schema.toml").stdout,
                     self.agon("train", "patients.csv", "--schema", "schema.toml", "--out", "run", *QUICK, "--samples-every", "100",
                               "--samples", "50").stderr):
            self.assertIn(f"age >= 21: {young} of 400 rows break it", said)
            self.assertNotIn("dbp < sbp:", said)

        def check(text, count):
            rows = list(csv.DictReader(text.splitlines()))
            self.assertEqual(len(rows), count)
            for row in rows:
                self.assertLess(int(row["dbp"]), int(row["sbp"]))
                self.assertGreaterEqual(int(row["age"]), 21)
                self.assertNotEqual(row["crp"], "<0.5")
                self.assertGreater(float(row["weight"]), float(row["dbp"]))
            return rows
        rows = check(self.agon("sample", "run", "-n", 400).stdout, 400)
        self.assertTrue(any(row["crp"] == "" for row in rows))  # a hole fulfils
        for path in sorted((self.folder / "run").glob("samples-*.csv")):
            check(path.read_text(), 50)
        check(self.agon("sample", "run", "-n", 50, "--where", "sex=F").stdout, 50)

    def test_constraints_that_cannot_be(self):
        self.write("patients.csv", text_of(patients()))
        for rule, says in (("dbp < spb", r"the constraint .dbp < spb.: dbp is continuous, and 'spb' is none; did you mean 'sbp'"),
                           ("dpb < sbp", r"no column 'dpb' is drawn; did you mean 'dbp'"),
                           ("sex < F", r"only numbers, dates and times have an order; compare them with"),
                           ("age < admit", r"age \(continuous\) cannot be compared with admit \(date\)"),
                           ("dbp", r"expected COLUMN=VALUE")):
            with self.subTest(rule):
                self.schema_with(rule)
                self.refused(3, says, "train", "patients.csv", "--schema", "schema.toml", "--out", "run", *QUICK)
                self.assertRegex(self.agon("inspect", "patients.csv", "--schema", "schema.toml").stdout, r"error +the constraint")
        self.schema_with("dbp < sbp")
        self.refused(3, r"no column 'dbp' is drawn", "train", "patients.csv", "--schema", "schema.toml", "--ignore", "dbp",
                     "--out", "run", *QUICK)

    def test_a_balanced_draw(self):
        self.learn(patients())

        def counts(column, *more):
            rows = self.drawn(60, "--balance", column, *more)[1]
            return collections.Counter(row[column] for row in rows), rows
        self.assertEqual(counts("sex")[0], {"F": 30, "M": 30})
        self.assertEqual(counts("ward")[0], {ward: 15 for ward in WARDS})
        wards, rows = counts("ward", "--where", "ward!=A7, age>=60, dbp<sbp")
        self.assertEqual(wards, {ward: 20 for ward in WARDS[1:]})
        self.assertTrue(all(int(row["age"]) >= 60 for row in rows))
        order = [row["ward"] for row in rows]
        self.assertNotEqual(order, sorted(order, key=WARDS.index))  # as drawn
        for column, says in (("age", r"--balance: age is continuous, which has no levels; draw each range of it by a condition"),
                             ("wards", r"--balance: no column 'wards' is drawn; did you mean 'ward'"),
                             ("id", r"--balance: id names each record")):
            self.refused(2, says, "sample", "run", "-n", 5, "--balance", column, "--out", "x.csv")
        self.refused(2, r"--balance: the conditions leave no level of sex", "sample", "run", "-n", 5, "--balance", "sex",
                     "--where", "sex!=F,sex!=M", "--out", "x.csv")
        self.refused(1, r"--balance: .*of 1,048,576 records drawn .* 0 are found with ward_floor = 2, too few for 5", "sample", "run",
                     "-n", 10, "--balance", "ward_floor", "--where", "ward=A7", "--out", "x.csv")

    def pairs(self, each):
        """100 of the 400 pairs of two numbers, `each` times."""
        pairs = [(x, (x + 4 * k) % 20) for x in range(20) for k in range(5)]
        self.learn([["x", "y"]] + pairs * each)
        return {(str(x), str(y)) for x, y in pairs}

    def test_no_copies_of_single_people(self):
        real = self.pairs(1)

        def copies(*more):
            result = self.agon("sample", "run", "-n", 1000, *more)
            rows = [tuple(line.split(",")) for line in result.stdout.splitlines()[1:]]
            self.assertEqual(len(rows), 1000)
            return sum(row in real for row in rows), result.stderr
        found, said = copies("--allow-copies")
        self.assertGreater(found, 100)
        for samples in (self.folder / "run").glob("samples-*.csv"):
            rows = samples.read_text().splitlines()[1:]
            self.assertEqual(len(rows), 100)
            self.assertFalse({tuple(row.split(",")) for row in rows} & real)
        self.assertEqual(said, "")
        found, said = copies()
        self.assertEqual(found, 0)
        self.assertRegex(said, r"\Aagon: warning: of [\d,]+ records drawn [\d,]+ equalled real ones and were drawn again: .*--allow-copies")
        self.assertEqual(copies("--quiet"), (0, said))
        # Where the table is elsewhere, or another:
        (self.folder / "patients.csv").rename(self.folder / "moved.csv")
        found, said = copies()
        self.assertGreater(found, 20)
        self.assertRegex(said, r"\Aagon: copies of real records could not be looked for: .*patients\.csv: no such file; --table FILE")
        self.assertEqual(copies("--table", "moved.csv", "--quiet")[0], 0)
        self.write("patients.csv", "x,y\n1,2\n")
        self.assertRegex(copies()[1], r"could not be looked for: .*has 1 rows, but the run was trained on 100; --table FILE")
        self.refused(3, r"patients\.csv: has 1 rows", "sample", "run", "-n", 5, "--table", "patients.csv")
        self.refused(2, r"--allow-copies.*--table", "sample", "run", "-n", 5, "--table", "moved.csv", "--allow-copies")

    def test_records_that_many_people_share_are_no_copies(self):
        real = self.pairs(5)
        result = self.agon("sample", "run", "-n", 1000)
        self.assertEqual(result.stderr, "")
        self.assertGreater(sum(tuple(line.split(",")) in real for line in result.stdout.splitlines()), 20)

    def test_held_out_people_are_not_copied_either(self):
        self.write("patients.csv", "x,y\n" + "".join(f"{x},{(x + 4 * k) % 20}\n" for x in range(20) for k in range(10)))
        self.agon("train", "patients.csv", "--out", "run", *QUICK, "--held-out", "0.5", "--checkpoint-every", "100")
        real = set((self.folder / "patients.csv").read_text().splitlines())
        for which in ("last", "best"):
            text = self.agon("sample", "run", "-n", 1000, "--which", which, "--quiet").stdout
            self.assertFalse(set(text.splitlines()[1:]) & real)


if __name__ == "__main__":
    unittest.main()
