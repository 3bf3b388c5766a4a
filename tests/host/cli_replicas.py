"""Several replicas in one run: each is a run of its own, the best is kept, rows held out are never learnt from."""

import csv
import json
import re
import signal
import unittest

from cli_support import SMALL, WIDE, Case, table_text, tensors


class Contest(Case):
    def run_of(self, replicas, name="run", *more, epochs=12, **options):
        """40 rows, 10 of them held out, batch 8: 45 steps."""
        if not (self.folder / "table.csv").exists():
            self.write("table.csv", table_text())
        self.agon("train", "table.csv", "--out", name, "--epochs", epochs, "--replicas", replicas, "--quiet", *SMALL,
                  "--checkpoint-every", "20", "--samples-every", "30", "--samples", "5", *more, **options)
        return self.folder / name

    def table_of(self, run):
        with (run / "replicas.csv").open() as file:
            return list(csv.DictReader(file))

    def last(self, run, seed):
        return sorted(run.glob(f"checkpoint-*-{seed}.safetensors"))[-1]


class Kept(Contest):
    def test_contents(self):
        run = self.run_of(3, "run", "--keep", "1")
        each = [f"{name}-{seed}.{end}" for seed in (1, 2, 3) for name, end in
                (("checkpoint-000000045", "safetensors"), ("samples-000000030", "csv"), ("samples-000000045", "csv"),
                 ("scores", "jsonl"), ("stats", "jsonl"))]
        self.assertEqual(sorted(p.name for p in run.iterdir()),
                         sorted(each + ["checkpoint-000000045.safetensors", "checkpoint-best.safetensors", "config.toml",
                                        "replicas.csv", "report.html"]))
        for seed in (1, 2, 3):
            lines = [json.loads(line) for line in (run / f"stats-{seed}.jsonl").read_text().splitlines()]
            self.assertEqual([line["step"] for line in lines], [1, 10, 20, 30, 40])

    def test_best_is_the_run(self):
        run = self.run_of(4)
        table = self.table_of(run)
        self.assertEqual([row["seed"] for row in table], ["1", "2", "3", "4"])
        best = min(table, key=lambda row: (float(row["held_out_spread"]) < 0.25, float(row["held_out_wasserstein"])))
        self.assertEqual([row["chosen"] for row in table], [str(int(row is best)) for row in table])
        self.assertEqual(len({row["held_out_wasserstein"] for row in table}), 4)
        own = self.last(run, best["seed"])
        chosen = run / "checkpoint-000000045.safetensors"
        self.assertEqual(tensors(chosen), tensors(own))
        shown = json.loads(self.agon("inspect", run, "--json").stdout)
        self.assertEqual((shown["seed"], shown["rows"]), (int(best["seed"]), 30))
        self.assertEqual(f'{shown["statistics"]["generator_loss"]}', best["generator_loss"])
        self.assertEqual(self.agon("sample", run, "-n", "4").stdout, self.agon("sample", own, "-n", "4").stdout)
        self.assertIn("seed = 1 ", (run / "config.toml").read_text())

    def test_what_is_said(self):
        self.write("table.csv", table_text())
        run = ["train", "table.csv", "--out", "run", "--epochs", "4", "--replicas", "3", "--seed", "7", *SMALL]
        text = self.agon(*run, "--dry-run").stdout
        self.assertIn("table.csv: 30 rows", text)
        self.assertRegex(text, r"replicas +3, seeds 7 to 9; 10 more rows are held out")
        said = self.agon(*run).stderr
        self.assertRegex(said, r"(?m)^step \d+/15  epoch \d+/4  3 replicas  loss D [\d.]+ G [\d.]+  .* 3 x [\d,.]+ steps/s")
        best = min(self.table_of(self.folder / "run"), key=lambda row: (float(row["held_out_spread"]) < 0.25, float(row["held_out_wasserstein"])))
        self.assertRegex(said, rf"(?m)^kept: seed {best['seed']}, held-out distance [\d.]+, best of 3 up to [\d.]+$")

    def test_one_is_a_run_as_ever(self):
        one, plain = self.run_of(1, "one"), self.run_of(1, "plain", "--held-out", "0")
        self.assertEqual(sorted(p.name for p in one.iterdir()),
                         ["checkpoint-000000040.safetensors", "checkpoint-000000060.safetensors", "config.toml",
                          "report.html", "samples-000000030.csv", "samples-000000060.csv", "stats.jsonl"])
        for path in one.iterdir():
            if path.name != "config.toml":
                self.assertEqual(path.read_bytes(), (plain / path.name).read_bytes(), path.name)

    def test_replaced_by_a_single_run(self):
        self.run_of(3)
        self.write("run/notes-3.txt", "mine")
        run = self.run_of(1, "run", "--overwrite")
        self.assertEqual([p.name for p in run.iterdir() if re.search(r"-[123]\.|replicas", p.name)], ["notes-3.txt"])

    def test_bad_values(self):
        self.write("table.csv", table_text())
        for flags, says in [(["--replicas", "0"], r"--replicas: expected an integer from 1 to 4096, got 0"),
                            (["--replicas", "4097"], r"--replicas: .* got 4097"),
                            (["--replicas", "many"], r"--replicas: .* got 'many'"),
                            (["--held-out", "-0.1"], r"--held-out: .* got -0\.1"),
                            (["--held-out", "1"], r"--held-out: .* got 1"),
                            (["--held-out", "nan"], r"--held-out: ")]:
            with self.subTest(flags):
                self.refused(2, says, "train", "table.csv", *flags, "--quiet", *SMALL)

    def test_tables_too_small(self):
        self.write("three.csv", table_text(rows=3))
        self.refused(3, r"three\.csv: of 3 rows 1 would be held out", "train", "three.csv", "--replicas", "2", *SMALL)
        self.write("flat.csv", "a,b\n" + "".join(f"{i},{int(i == 7)}\n" for i in range(20)))
        self.refused(3, r"flat\.csv: column 'b' is constant in the 10 rows that are not held out", "train", "flat.csv",
                     "--replicas", "2", "--seed", "0", *SMALL)



class Timed(Case):
    def test_bench(self):
        words = ["bench", "--device", "cpu", "--threads", "1", "--seconds", "0.01", "--batches"]
        timed = json.loads(self.agon(*words, "1,2", "--replicas", "1,3", "--json").stdout)["batches"]
        self.assertEqual([(t["batch"], t["replicas"], t["micro_batch"]) for t in timed],
                         [(1, 1, 1), (1, 3, 1), (2, 1, 2), (2, 3, 2)])
        for one, three in (timed[:2], timed[2:]):
            self.assertEqual(one["times_one_replica"], 1)
            self.assertAlmostEqual(three["steps_per_second"], 3 * three["steps_per_second_each"])
            self.assertAlmostEqual(three["times_one_replica"], three["steps_per_second"] / one["steps_per_second"])
            self.assertAlmostEqual(three["samples_per_second"], three["batch"] * three["steps_per_second"])
            self.assertIsNone(three["operations"])
        alone = json.loads(self.agon(*words, "8", "--replicas", "3", "--micro-batch", "4,8,0", "--json").stdout)
        self.assertEqual([t["times_one_replica"] for t in alone["batches"]], [None] * 3)
        self.assertEqual([t["micro_batch"] for t in alone["batches"]], [4, 8, 8])
        self.assertRegex(self.agon(*words, "1", "--replicas", "2").stdout,
                         r"(?m)^ +batch +replicas +step ms .* steps/s each +in all +times one ")
        for flags in (["--replicas", "0"], ["--replicas", "1,x"], ["--micro-batch", "-1"]):
            self.refused(2, flags[0], "bench", *flags)


class Resumed(Contest):
    def assert_same_run(self, one, two):
        names = sorted(p.name for p in one.iterdir())
        self.assertEqual(names, sorted(p.name for p in two.iterdir()))
        for name in names:
            if name != "config.toml":
                self.assertEqual((one / name).read_bytes(), (two / name).read_bytes(), name)

    def test_more_epochs(self):
        whole = self.run_of(3, "whole", epochs=32)  # 120 steps: a multiple of both intervals
        parts = self.run_of(3, "parts", epochs=16)
        self.assertEqual(self.agon("train", "--resume", "parts", "--epochs", "32", "--quiet").stderr, "")
        self.assert_same_run(whole, parts)

    def test_lost_steps_are_made_again(self):
        whole = self.run_of(3, "whole", epochs=32)
        for lost in ("checkpoint-000000120.safetensors", "checkpoint-000000120-2.safetensors"):
            with self.subTest(lost):
                parts = self.run_of(3, "parts", "--overwrite", epochs=32)
                (parts / lost).write_bytes(b"damaged")
                with (parts / "stats-2.jsonl").open("a") as log:
                    log.write('{"step": 130, "epo')
                said = self.agon("train", "--resume", "parts", "--quiet").stderr
                self.assertRegex(said, rf"\Aagon: passed over parts/{lost}: [^\n]*\n\Z")
                self.assert_same_run(whole, parts)

    def test_interrupted(self):
        self.write("table.csv", table_text())
        process = self.start("train", "table.csv", "--out", "run", "--epochs", "1000000", "--replicas", "3", "--quiet",
                             "--samples-every", "0", *SMALL)
        self.wait_for(lambda: self.checkpoints("run"))
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        self.assertRegex(said, r"\Aagon: interrupted at step \d+ and saved; go on with: agon train --resume run\n\Z")
        step = json.loads(self.agon("inspect", "run", "--json").stdout)["step"]
        epochs = (step + 50) * 8 // 30 + 1
        self.agon("train", "--resume", "run", "--epochs", epochs, "--quiet")
        self.agon("train", "table.csv", "--out", "whole", "--epochs", epochs, "--replicas", "3", "--quiet",
                  "--samples-every", "0", *SMALL)
        for name in ("replicas.csv", "stats-1.jsonl", "stats-2.jsonl", "stats-3.jsonl"):
            self.assertEqual((self.folder / "run" / name).read_bytes(), (self.folder / "whole" / name).read_bytes(), name)

    def test_finished(self):
        run = self.run_of(3)
        before = self.files()
        self.agon("train", "--resume", run, "--quiet")
        self.assertEqual(self.files(), before)

    def test_refusals(self):
        run, single = self.run_of(3), self.run_of(1, "single")
        for of, flags, says in [(run, ["--replicas", "4"], r"training\.replicas is 3 in this run and cannot become 4"),
                                (run, ["--replicas", "1"], r"training\.replicas is 3"),
                                (run, ["--held-out", "0.5"], r"training\.held_out is 0\.1 .* cannot become 0\.5"),
                                (run, ["--seed", "2"], r"training\.seed is 1 .* cannot become 2"),
                                (single, ["--replicas", "3"], r"training\.replicas is 1 in this run and cannot become 3")]:
            with self.subTest(flags):
                self.refused(2, says, "train", "--resume", of, *flags, "--quiet")
        names, *rows = table_text().splitlines()
        for i in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9):  # held out or not
            changed = rows[:i] + [re.sub(r"\d", lambda d: str((int(d[0]) + 1) % 10), rows[i], count=1)] + rows[i + 1:]
            self.write("other.csv", "\n".join([names, *changed]) + "\n")
            self.refused(3, r"other\.csv: its values are not", "train", "other.csv", "--resume", run, "--quiet")
        self.write("other.csv", table_text(rows=41))
        self.refused(3, r"other\.csv: has 41 rows, but the run was trained on 40", "train", "other.csv", "--resume", run)


class Diverged(Contest):
    """Rates at which training breaks down: of these seeds, at 0.2 the fifth within 200 steps, at 1 all within 20."""

    def hot(self, name, rate, *more, expect=0):
        self.write("table.csv", table_text())
        return self.agon("train", "table.csv", "--out", name, "--recipe", "article", "--replicas", "5", "--quiet", "--generator-rate", rate,
                         "--discriminator-rate", rate, "--batch", "8", "--device", "cpu", "--threads", "1",
                         "--generator-hidden", WIDE, "--discriminator-hidden", WIDE, "--samples-every", "0",
                         "--checkpoint-every", "100", *more, expect=expect)

    def test_the_others_go_on(self):
        self.hot("run", "0.2", "--epochs", "80")
        table = self.table_of(self.folder / "run")
        self.assertEqual([row["diverged"] for row in table], ["0", "0", "0", "0", "1"])
        self.assertEqual([row["step"] for row in table[:4]], ["300"] * 4)
        self.assertLess(int(table[4]["step"]), 300)
        self.assertEqual((table[4]["held_out_wasserstein"], table[4]["chosen"]), ("", "0"))
        lines = (self.folder / "run/stats-5.jsonl").read_text().splitlines()
        self.assertEqual(json.loads(lines[-1])["step"], int(table[4]["step"]))

    def test_it_stays_out_of_a_resumed_run(self):
        self.hot("whole", "0.2", "--epochs", "80")
        self.hot("parts", "0.2", "--epochs", "60")  # 225 steps
        self.assertEqual(self.table_of(self.folder / "parts")[4]["diverged"], "1")
        self.agon("train", "--resume", "parts", "--epochs", "80", "--quiet")
        for name in ("replicas.csv", "stats-1.jsonl", "stats-5.jsonl", "checkpoint-000000300.safetensors"):
            self.assertEqual((self.folder / "whole" / name).read_bytes(), (self.folder / "parts" / name).read_bytes(), name)

    def test_all(self):
        said = self.hot("run", "1", "--epochs", "1000", expect=4).stderr
        self.assertRegex(said, r"\Aagon: all 5 replicas diverged, the last at step \d+; "
                               r"run/checkpoint-000000000\.safetensors \(step 0\) is kept: [^\n]*\n\Z")
        self.assertEqual(json.loads(self.agon("inspect", "run", "--json").stdout)["step"], 0)


if __name__ == "__main__":
    unittest.main()
