"""Names and cells made to do harm: no terminal obeys them, no page runs them, no JSON breaks, and what is drawn has them as they
were."""

import csv
import html
import io
import json
import re
import tomllib
import unittest

from cli_support import Case

NAMES = ["\x1b[2J\u202eevil", "</title></style><script>alert('x')</script>", "=cmd|' /C calc'!A0", 'say "hi",\nthen\tgo', "a\\b\x07{}",
         "ward"]
LEVELS = ["<img src=x onerror=alert(1)>", "\x1b]0;owned\x07", "=1+1", "]]>--><svg onload=x>"]
CONTROL = "[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]"
QUICK = ["--generator-hidden", "16,16", "--discriminator-hidden", "16,16", "--latent", "4", "--batch", "32", "--steps", "30",
         "--device", "cpu", "--threads", "1", "--held-out", "0.2"]


class Hostile(Case):
    def setUp(self):
        super().setUp()
        rows = [NAMES] + [[row * 7 % 50, row * 3 % 40, row * 3 % 40 + row % 5, LEVELS[row % 4], row // 4 % 3, LEVELS[row % 7 % 4]]
                          for row in range(200)]
        rows[9][0] = "<b>\x1b[5m</b>"  # a word among numbers
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        self.write("hostile.csv", text.getvalue())

    def harmless(self, text):
        self.assertNotRegex(text, CONTROL)

    def is_page(self, path):
        page = (self.folder / path).read_text()
        for forbidden in ("<script", "<img", "<svg onload", "onerror=alert(1)>"):
            self.assertNotIn(forbidden, page.lower())
        self.assertNotRegex(page, "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
        return html.unescape(page)

    def test_a_table_is_looked_at(self):
        for flags in ([], ["--exact-bounds"]):
            result = self.agon("inspect", "hostile.csv", *flags)
            self.harmless(result.stdout + result.stderr)
        schema = json.loads(self.agon("inspect", "hostile.csv", "--json").stdout)["schema"]
        self.assertEqual([column["name"] for column in schema["columns"]], NAMES)
        self.harmless(self.agon("inspect", "hostile.csv", "--write-schema", "s.toml").stderr)
        written = (self.folder / "s.toml").read_text()
        self.assertNotRegex(written, "[\x00-\x09\x0b-\x1f\x7f]")
        self.assertEqual([column["name"] for column in tomllib.loads(written)["column"]], NAMES)

    def test_a_run(self):
        for recipe, more in (("records", []), ("modes", ["--coding", "modes"])):
            with self.subTest(recipe):
                said = self.agon("train", "hostile.csv", "--out", recipe, *more, *QUICK)
                self.harmless(said.stderr + said.stdout)
                self.harmless((self.folder / recipe / "config.toml").read_text())
                self.is_page(f"{recipe}/report.html")
                self.harmless(self.agon("inspect", recipe).stdout)
                shown = json.loads(self.agon("inspect", recipe, "--json").stdout)
                self.assertEqual([column["name"] for column in shown["columns"]], NAMES)
                drawn = self.agon("sample", recipe, "-n", "60", "--threads", "1")
                self.harmless(drawn.stderr)
                header, *rows = csv.reader(io.StringIO(drawn.stdout, newline=""))
                self.assertEqual(header, NAMES)
                self.assertLessEqual({row[3] for row in rows}, set(LEVELS))

    def test_an_evaluation(self):
        result = self.agon("evaluate", "hostile.csv", "hostile.csv", "--threads", "1", "--out", "page.html", "--out", "all.json",
                           "--target", "ward")
        self.harmless(result.stdout + result.stderr)
        page = self.is_page("page.html")
        self.assertIn(NAMES[1], page)
        self.assertIn(NAMES[2], page)
        figures = json.dumps(json.loads((self.folder / "all.json").read_text()))
        for name in NAMES:
            self.assertIn(json.dumps(name)[1:-1], figures)

    def test_conditions_and_refusals(self):
        self.agon("train", "hostile.csv", "--out", "run", *QUICK)
        for arguments in (["sample", "run", "-n", "5", "--where", "\x1b[2J=1"], ["sample", "run", "-n", "5", "--balance", "\x1b[31m"],
                          ["train", "hostile.csv", "--ignore", "\x1b[1m", "--out", "x"], ["inspect", "\x1b[2Jnothing"],
                          ["evaluate", "hostile.csv", "hostile.csv", "--target", "\x1b[4m"]):
            result = self.agon(*arguments, expect=3 if arguments[0] == "inspect" else 2)
            self.harmless(result.stderr)
        where = self.agon("sample", "run", "-n", "5", "--where", '"' + LEVELS[1] + '"=x', expect=2).stderr
        self.harmless(where)


if __name__ == "__main__":
    unittest.main()
