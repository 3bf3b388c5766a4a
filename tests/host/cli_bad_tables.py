"""Tables that cannot be used: exit code 3, one line with the place, nothing written."""

import unittest

from cli_support import SMALL, Case, table_text


class BadTables(Case):
    def check(self, content, says, commands=("train", "evaluate")):
        path = self.write("bad.csv", content)
        self.write("good.csv", table_text())
        if "train" in commands:
            self.refused(3, says, "train", path, *SMALL)
        if "evaluate" in commands:
            self.refused(3, says, "evaluate", path, "good.csv")
            self.refused(3, says, "evaluate", "good.csv", path)

    def test_missing(self):
        self.refused(3, r"nothing\.csv: ", "train", "nothing.csv", *SMALL)

    def test_folder(self):
        self.refused(3, r"agon: \S+: ", "train", self.folder, *SMALL)

    def test_empty(self):
        self.check("", r"bad\.csv:1:1: .*empty")

    def test_header_only(self):
        self.check("a,b\n", r"bad\.csv:\d+:\d+: no rows")

    def test_ragged(self):
        self.check("a,b\n1,2\n3\n", r"bad\.csv:3:\d+: ")
        self.check("a,b\n1,2\n3,4,5\n", r"bad\.csv:3:\d+: ")

    def test_not_a_number(self):
        self.check("a,b\n1,2\n3,male\n", r"bad\.csv:3:3: .*male", commands=("train",))
        self.check("a,b\n1,2\n3,\n", r"bad\.csv:3:3: ", commands=("train",))

    def test_not_finite(self):
        for word in ("nan", "NaN", "inf", "-inf", "1e999"):
            self.check(f"a,b\n1,2\n3,{word}\n", r"bad\.csv:3:3: ", commands=("train",))

    def test_doubled_name(self):
        self.check("a,b,a\n1,2,3\n4,5,6\n", r"bad\.csv:1:5: .*a")

    def test_constant_column(self):
        self.check("a,b\n1,7\n2,7\n3,7\n", r"bad\.csv:1:3: .*b", commands=("train",))

    def test_one_row(self):
        self.check("a,b\n1,2\n", r"bad\.csv:\d", commands=("train",))

    def test_huge_field(self):
        self.check("a,b\n1,2\n3," + "9" * (5 << 20) + "\n", r"bad\.csv:3:3: ")

    def test_binary(self):
        self.check(bytes(range(256)) * 8, r"bad\.csv:\d+:\d+: ")

    def test_other_formats(self):
        self.check(b"PK\x03\x04\x14\x00[Content_Types].xml", r"bad\.csv: this is an Excel workbook.*save it as CSV")
        self.check("{\"a\": [1, 2]}", r"bad\.csv: this is JSON")

    def test_all_rows_of_the_wrong_length_at_once(self):
        self.check("a;b\n1;2\n3\n4;5;6\n", r"bad\.csv:3:2: .*likewise 4:5 \(3 fields\)")


if __name__ == "__main__":
    unittest.main()
