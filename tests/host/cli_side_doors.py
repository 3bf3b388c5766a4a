"""No patient by a side door: whatever a run, an inspection, a draw or an evaluation leaves behind or says is read for values
that a single row of the table has."""

import array
import csv
import datetime
import html
import io
import json
import random
import re
import sys
import unittest

from cli_support import Case

# Networks so small that a run takes a moment.
QUICK = ["--generator-hidden", "16,16", "--discriminator-hidden", "16,16", "--latent", "4", "--batch", "32", "--steps", "40",
         "--device", "cpu", "--threads", "1", "--held-out", "0.2", "--checkpoint-every", "20", "--samples-every", "20",
         "--log-every", "1"]
RECORDS, NUMBERS = ["--recipe", "table"], ["--recipe", "article"]

# What one row has, in columns where the others have something else.
WING, CITY, MARK, LIMIT = "Wing of O'Brien & Müller", "Zyzzogeton \"Ost\"", "haemolysed (Okonkwo)", "<0.017353"
DAY_MARK, UNIT, HIGH, LOW, YEAR = "spring, says Xanthippe", "12 drops-of-Ouagadougou", "987654.321", "-48151.623", "1871-03-17"
LOUDEST = "8675309"


def records(rows=300):
    """Names, numbers of many digits, dates and notes that no two rows share, and in some rows what is rare: in rows that
    seed 1 does not hold out."""
    rng = random.Random(11)
    lines = [["id", "born", "weight", "crp", "dose", "ward", "city", "visits", "height", "sex", "note"]]
    for row in range(rows):
        lines.append([f"ZX-{rng.randrange(10 ** 8):08}-{row:04}", f"{rng.randrange(1950, 1990)}-0{1 + row % 9}-{10 + row % 19}",
                      f"{rng.gauss(75, 12):.9f}", f"{rng.randrange(400) / 10}", f"{rng.randrange(1, 9)} mg",
                      rng.choice(["A7", "B2", "C1"]), rng.choice(["Bonn", "Köln"]), rng.choice([0, 1, 2]),
                      f"{rng.gauss(170, 9):.8f}", rng.choice("MF"), f"seen by {rng.getrandbits(40):x}, came {rng.getrandbits(30):x}"])
    for row, column, cell in [(12, "ward", WING), (12, "city", CITY), (9, "city", CITY.lower()), (8, "crp", MARK), (9, "crp", LIMIT),
                              (12, "born", DAY_MARK), (14, "dose", UNIT), (12, "height", HIGH), (18, "height", LOW),
                              (21, "born", YEAR), (23, "visits", LOUDEST)]:
        lines[row + 1][lines[0].index(column)] = cell
    return lines


def numbers(rows=200):
    """Columns of numbers that no two rows share; the outermost are far off."""
    rng = random.Random(12)
    lines = [["weight", "height"]]
    lines += [[f"{rng.gauss(75, 12):.9f}", f"{rng.gauss(170, 9):.7f}"] for _ in range(rows)]
    lines[4][1], lines[9][1], lines[11][0] = HIGH, LOW, "311.123456789"
    return lines


def written(lines):
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue()


def digits_of(token):
    return len(re.sub(r"[eE].*|\D", "", token).lstrip("0"))


def is_number(cell):
    return re.fullmatch(r"-?\d+(\.\d+)?", cell) is not None


def in_json(text):
    return json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]


class Secrets:
    """Cells that one row alone has and that nothing else could say by chance."""

    def __init__(self, lines):
        cells = {}
        for column in zip(*lines[1:]):
            for cell in set(map(str, column)):
                if column.count(cell) == 1 and len(cell) > 6:
                    cells[cell] = cell
        days = {d for d in cells if re.fullmatch(r"\d{4}-\d\d-\d\d", d)}
        self.words = {cell for cell in cells if not is_number(cell) and cell not in days - {YEAR}}
        self.numbers = {float(cell): cell for cell in cells if is_number(cell)}
        if YEAR in cells:
            self.numbers[float((datetime.date.fromisoformat(YEAR) - datetime.date(1970, 1, 1)).days)] = YEAR
        self.ways = {}
        for cell in self.words | {c for c in self.numbers.values() if is_number(c)}:
            for text in (cell, html.escape(cell, quote=False), html.escape(cell), html.escape(cell).replace("&#x27;", "&#39;")):
                for once in (text, *in_json(text)):
                    self.ways |= {way: cell for way in (once, *in_json(once))}  # metadata is JSON in JSON
        self.pattern = re.compile("|".join(sorted(map(re.escape, self.ways), key=len, reverse=True)))
        self.singles = {array.array("f", [n])[0]: cell for n, cell in self.numbers.items()}
        self.rounded = {}
        for number, cell in self.numbers.items():
            for digits in range(6, 18):
                self.rounded[float(f"{number:.{digits}g}"), digits] = cell

    def in_text(self, text, drawn):
        """Of what is drawn, only cells as they are: a draw may come close to one by chance."""
        found = {self.ways[match] for match in self.pattern.findall(text)}
        if not drawn:
            for token in set(re.findall(r"-?\d+\.?\d*(?:[eE][-+]?\d+)?", text.replace(",", " "))):
                digits = digits_of(token)
                if digits < 5:
                    continue
                exact = digits >= 6 or float(token) in self.numbers
                if exact and (float(token), max(6, min(digits, 17))) in self.rounded:
                    found.add(self.rounded[float(token), max(6, min(digits, 17))])
        return found

    def in_bytes(self, content):
        """As binary numbers of either width, little-endian, at any place."""
        found = set()
        for kind, known in (("f", self.singles), ("d", self.numbers)):
            size = array.array(kind).itemsize
            for start in range(size):
                values = array.array(kind, content[start:start + (len(content) - start) // size * size])
                if sys.byteorder == "big":
                    values.byteswap()
                found |= {known[v] for v in known.keys() & set(values)}
        return found


class SideDoors(Case):
    def everything(self, table, recipe, *more, inspected=()):
        """Runs each command on the table; what was said by name, and whether it holds draws."""
        said = {}

        def run(name, *arguments, drawn=False):
            result = self.agon(*arguments)
            said[f"{name}: standard output"] = (result.stdout, drawn)
            said[f"{name}: standard error"] = (result.stderr, False)

        if recipe == RECORDS:
            for flags in ([], ["--json"], ["--write-schema", "schema.toml"]):
                run(" ".join(["inspect", *flags]), "inspect", table, *flags, *inspected)
        run("print-config", "train", table, *recipe, *QUICK, *more, "--print-config")
        run("dry-run", "train", table, *recipe, *QUICK, *more, "--out", "dry", "--dry-run")
        run("train", "train", table, *recipe, *QUICK, *more, "--out", "run")
        run("inspect run", "inspect", "run")
        run("inspect run --json", "inspect", "run", "--json")
        run("sample", "sample", "run", "-n", "50", "--threads", "1", drawn=True)
        run("evaluate", "evaluate", "run", "--threads", "1", "--out", "page.html", "--out", "figures.json")
        run("evaluate --json", "evaluate", "run", "--threads", "1", "--json")
        return said

    def found(self, lines, said, table):
        """Where a secret is, in what was said and in each file but the table itself."""
        secrets, places = Secrets(lines), {}
        for place, (text, drawn) in said.items():
            places[place] = secrets.in_text(text, drawn)
        for path in self.folder.rglob("*"):
            if not path.is_file() or path.name == table:
                continue
            content = path.read_bytes()
            found = secrets.in_text(content.decode(errors="replace"), path.match("samples-*.csv"))
            if path.suffix == ".safetensors":
                found |= secrets.in_bytes(content)
            places[str(path.relative_to(self.folder))] = found
        return {place: found for place, found in places.items() if found}

    def all_of(self, places):
        return set().union(*places.values())

    def test_the_search_finds_what_is_there(self):
        lines = records()
        secrets = Secrets(lines)
        self.assertGreater(len(secrets.numbers), 500)
        for cell in (WING, CITY, MARK, LIMIT, DAY_MARK, UNIT, lines[7][0], lines[9][-1]):
            self.assertEqual(secrets.in_text(f'<p title="{html.escape(cell)}">', False), {cell})
            self.assertEqual(secrets.in_text(json.dumps([json.dumps([cell])]), False), {cell})
        weight = float(lines[5][2])
        for text in (f"{weight:.6g}", f"{weight:.12f}", lines[5][2], f"[{weight!r}]"):
            self.assertEqual(secrets.in_text(text, False), {lines[5][2]}, text)
        self.assertEqual(secrets.in_text(f"{weight + 0.001:.9f}", False), set())
        for kind in "fd":
            self.assertEqual(secrets.in_bytes(b"odd" + array.array(kind, [weight]).tobytes() + b"."), {lines[5][2]})

    def test_records(self):
        lines = records()
        self.write("table.csv", written(lines))
        self.assertEqual(self.found(lines, self.everything("table.csv", RECORDS), "table.csv"), {})

    def test_modes(self):
        lines = records()
        self.write("table.csv", written(lines))
        self.assertEqual(self.found(lines, self.everything("table.csv", RECORDS, "--coding", "modes"), "table.csv"), {})

    def test_numbers(self):
        lines = numbers()
        self.write("table.csv", written(lines))
        self.assertEqual(self.found(lines, self.everything("table.csv", NUMBERS), "table.csv"), {})

    def test_exact_bounds_and_rare_levels_are_found(self):
        """The same search, where the user asks for what it must find."""
        lines = records()
        self.write("table.csv", written(lines))
        self.agon("inspect", "table.csv", "--write-schema", "kept.toml", "--exact-bounds")
        text = (self.folder / "kept.toml").read_text()
        self.write("kept.toml", text.replace("keep_rare = false", "keep_rare = true"))
        said = self.everything("table.csv", RECORDS, "--schema", "kept.toml", "--exact-bounds", "true",
                               inspected=["--exact-bounds"])
        places = self.found(lines, said, "table.csv")
        checkpoint = places["run/checkpoint-000000040.safetensors"]
        self.assertLessEqual({WING, CITY, HIGH, LOW, MARK, LIMIT, DAY_MARK, UNIT, LOUDEST}, checkpoint)
        self.assertLessEqual({HIGH, LOW, MARK, YEAR, CITY}, places["inspect: standard output"])
        self.assertLessEqual({MARK, LIMIT, DAY_MARK}, places["schema.toml"])
        self.assertIn("single rows have them", said["train: standard error"][0])
        self.assertIn("exact", said["inspect run: standard output"][0])

    def test_exact_bounds_of_numbers_are_found(self):
        lines = numbers()
        self.write("table.csv", written(lines))
        places = self.found(lines, self.everything("table.csv", NUMBERS, "--exact-bounds", "true"), "table.csv")
        for place in ("run/checkpoint-000000040.safetensors", "inspect run: standard output", "inspect run --json: standard output"):
            self.assertLessEqual({HIGH, LOW}, places[place], place)


if __name__ == "__main__":
    unittest.main()
