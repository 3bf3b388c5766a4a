"""What the scripts for tables measure by: reading of conditions, distances, the cost of a command."""

import pathlib
import sys
import time
import unittest

BENCH = pathlib.Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))

import conditions
import measured
import table_sizes


class Conditions(unittest.TestCase):
    def fulfils(self, condition, **row):
        names = {name.replace("_", "-"): value for name, value in row.items()}
        return conditions.fulfils(names, conditions.parts_of(condition))

    def test_numbers_are_compared_as_numbers_and_words_by_their_spelling(self):
        self.assertTrue(self.fulfils("age>=60", age="100"))
        self.assertFalse(self.fulfils("age<25", age="100"))
        self.assertTrue(self.fulfils("hours-per-week!=40", hours_per_week="41"))
        self.assertTrue(self.fulfils("income=>50K, age<30", income=">50K", age="29"))
        self.assertFalse(self.fulfils("income=>50K, age<30", income=">50K", age="30"))

    def test_a_hole_is_no_value(self):
        self.assertTrue(self.fulfils("workclass=", workclass="?"))
        self.assertFalse(self.fulfils("workclass=", workclass="Private"))
        self.assertTrue(self.fulfils("workclass!=Private", workclass="?"))
        self.assertTrue(self.fulfils("workclass!=", workclass="Private"))
        self.assertFalse(self.fulfils("workclass!=", workclass="?"))
        self.assertFalse(self.fulfils("age<25", age="?"))

    def test_distances(self):
        self.assertEqual(conditions.kolmogorov_smirnov([1, 2, 3, 4], [3, 4, 5, 6]), 0.5)
        self.assertEqual(conditions.kolmogorov_smirnov([1, 2], [2, 1]), 0)
        self.assertEqual(conditions.total_variation("aabb", "aaab"), 0.25)
        rows, others = [{"age": "1", "sex": "F"}], [{"age": "9", "sex": "F"}]
        self.assertEqual(conditions.distance(rows, others, ["age", "sex"]), 0.5)


class Cost(unittest.TestCase):
    def test_memory_and_time_of_a_command(self):
        cost = measured.cost_of([sys.executable, "-c", "x = b'1' * 200_000_000; import time; time.sleep(0.2)"])
        self.assertGreater(cost.megabytes, 190)
        self.assertGreater(cost.seconds, 0.2)
        self.assertGreater(cost.seconds + 1, cost.processor_seconds)

    def test_a_command_is_ended_at_its_line(self):
        said = "import sys, time; print('first', file=sys.stderr, flush=True); print('step 1', file=sys.stderr, flush=True); time.sleep(60)"
        start = time.monotonic()
        measured.cost_of([sys.executable, "-c", said], until="step ")
        self.assertLess(time.monotonic() - start, 40)

    def test_a_command_that_fails_ends_the_script(self):
        for script, until in (("raise SystemExit(3)", None), ("pass", "step ")):
            with self.assertRaises(SystemExit):
                measured.cost_of([sys.executable, "-c", script], until)


class MadeTables(unittest.TestCase):
    def test_shapes(self):
        makers = table_sizes.Makers(1)
        for columns, width in ((makers.twelve(), 12), (makers.fifty(), 50), (makers.adult_like(), 15)):
            self.assertEqual(len(columns), width)
            self.assertEqual({len(make(20)) for make in columns.values()}, {20})


if __name__ == "__main__":
    unittest.main()
