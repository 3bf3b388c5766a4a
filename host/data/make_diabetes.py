#!/usr/bin/python3
"""Writes diabetes.csv, the bundled table of numbers, from the copy of the study's data in Debian's python3-sklearn.

The package keeps the ten baseline measurements in their original units as doubles separated by spaces; eleven values of
s5 carry the noise of a conversion (4.803999999999999 for 4.804). Here they become a CSV with a header, rounded to
the study's precision, each column with as few decimals as hold every value.

    python3 host/data/make_diabetes.py [DIABETES_DATA_RAW_CSV_GZ] > host/data/diabetes.csv
"""

import gzip
import sys
from decimal import Decimal

SOURCE = "/usr/lib/python3/dist-packages/sklearn/datasets/data/diabetes_data_raw.csv.gz"
COLUMNS = ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"]
ROWS = 442
NOISE = Decimal("1e-12")


def without_noise(value: Decimal) -> Decimal:
    rounded = round(value, 6)
    if abs(rounded - value) > NOISE:
        sys.exit(f"{value} has more than six decimals")
    return rounded


def decimals(value: Decimal) -> int:
    return max(0, -value.normalize().as_tuple().exponent)


def main() -> None:
    with gzip.open(sys.argv[1] if len(sys.argv) > 1 else SOURCE, "rt", encoding="ascii") as source:
        rows = [[without_noise(Decimal(field)) for field in line.split()] for line in source]
    if len(rows) != ROWS or any(len(row) != len(COLUMNS) for row in rows):
        sys.exit("the source is not the table of 442 rows and 10 columns that was expected")
    places = [max(decimals(row[c]) for row in rows) for c in range(len(COLUMNS))]
    print(",".join(COLUMNS))
    for row in rows:
        print(",".join(f"{value:.{places[c]}f}" for c, value in enumerate(row)))


if __name__ == "__main__":
    main()
