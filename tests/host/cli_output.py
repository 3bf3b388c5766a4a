"""What the program writes: records, reports, and what happens where they cannot be written."""

import json
import re
import signal
import subprocess
import unittest

from cli_support import AGON, SMALL, Case, table_text


class Sample(Case):
    def test_file_and_standard_output_agree(self):
        run = self.small_run()
        result = self.agon("sample", run, "-n", "50", "--out", "new.csv")
        self.assertEqual(result.stdout, "")
        text = self.agon("sample", run, "-n", "50").stdout
        self.assertEqual((self.folder / "new.csv").read_text(), text)
        lines = text.splitlines()
        self.assertEqual(lines[0], "c0,c1,c2")
        self.assertEqual(len(lines), 51)

    def test_seeds_and_lengths(self):
        run = self.small_run()
        one = self.agon("sample", run, "-n", "20").stdout
        self.assertEqual(one, self.agon("sample", run, "-n", "20", "--seed", "1").stdout)
        self.assertNotEqual(one, self.agon("sample", run, "-n", "20", "--seed", "2").stdout)
        # A longer draw starts with the shorter one, over the seams of its pieces too.
        long = self.agon("sample", run, "-n", "40001").stdout
        self.assertTrue(long.startswith(one))
        self.assertEqual(long.count("\n"), 40002)
        self.assertTrue(long.startswith(self.agon("sample", run, "-n", "20001").stdout))

    def test_nothing_is_overwritten_unless_asked(self):
        run = self.small_run()
        self.write("new.csv", "precious")
        self.refused(2, r"--out new\.csv: exists.*--overwrite", "sample", run, "-n", "3", "--out", "new.csv")
        self.refused(2, r"is a folder", "sample", run, "-n", "3", "--out", ".", "--overwrite")
        self.agon("sample", run, "-n", "3", "--out", "new.csv", "--overwrite", "--quiet")
        self.assertTrue((self.folder / "new.csv").read_text().startswith("c0,c1,c2\n"))

    def test_counts(self):
        for count, shown in (("0", "0"), ("-1", "-1"), ("many", "'many'"), ("1.5", "'1.5'"), ("1e13", "10000000000000"),
                             ("1e99", "'1e99'"), ("1e-3", "'1e-3'"), ("99999999999999999999", "'99999999999999999999'")):
            with self.subTest(count):
                self.refused(2, rf"--count: expected an integer from 1 to 1099511627776, got {re.escape(shown)} ", "sample",
                             "run", "-n", count)
        run = self.small_run()
        ten = self.agon("sample", run, "-n", "10").stdout
        for count in ("1e1", "+10", "1.0E1"):
            self.assertEqual(self.agon("sample", run, "-n", count).stdout, ten)

    def test_seeds(self):
        most = 2 ** 62
        for seed, shown in (("-1", "-1"), (str(most + 1), str(most + 1)), (str(2 ** 63), f"'{2 ** 63}'"), ("x", "'x'")):
            for command in (["sample", "run", "-n", "3"], ["evaluate", "a.csv", "b.csv"], ["audit", "run"],
                            ["bench", "modes", "ring"], ["train", "t.csv"]):
                with self.subTest([seed, command]):
                    self.refused(2, rf"--seed: expected an integer from 0 to {most}, got {re.escape(shown)}", *command,
                                 "--seed", seed)
        run = self.small_run()
        self.agon("sample", run, "-n", "3", "--seed", str(most))
        self.agon("sample", run, "-n", "3", "--seed", "1e6")

    def test_minus_is_standard_output(self):
        run = self.small_run()
        before = self.files()
        records = self.agon("sample", run, "-n", "20").stdout
        self.assertEqual(self.agon("sample", run, "-n", "20", "--out", "-").stdout, records)
        result = subprocess.run([AGON, "export", run, "--out", "-"], capture_output=True, cwd=self.folder)
        self.assertEqual(result.returncode, 0)
        self.assertRegex(result.stderr.decode(), r"\Astandard output: the generator of step \d+ of [^\n]*\n\Z")
        self.assertEqual(self.files(), before)
        self.agon("export", run, "--out", "alone.safetensors")
        self.assertEqual(result.stdout, (self.folder / "alone.safetensors").read_bytes())
        self.write("t.csv", table_text())
        self.agon("inspect", "t.csv", "--write-schema", "schema.toml")
        schema = self.agon("inspect", "t.csv", "--write-schema", "-")
        self.assertEqual(schema.stdout, (self.folder / "schema.toml").read_text())
        self.assertEqual(schema.stderr, "")
        self.assertFalse((self.folder / "-").exists())

    def test_minus_is_no_folder_and_no_report(self):
        run = self.small_run()
        self.write("t.csv", table_text())
        for flags in (["train", "t.csv"], ["bench", "modes", "ring"]):
            self.refused(2, r"--out -: this is a folder of several files, which standard output cannot hold", *flags, "--out", "-")
        for flags in (["evaluate", "t.csv", "t.csv"], ["audit", run]):
            self.refused(2, r"--out -: the end of a report's name, \.html or \.json, says what it is; --json prints", *flags,
                         "--out", "-")
        self.assertFalse((self.folder / "-").exists())

    def test_reader_that_leaves(self):
        run = self.small_run()
        command = f"{AGON} sample {run} -n 1000000 | head -n 2; echo ${{PIPESTATUS[0]}}"
        result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=120)
        self.assertEqual(result.stderr, "")
        self.assertEqual(result.stdout.splitlines()[0], "c0,c1,c2")
        self.assertEqual(result.stdout.splitlines()[-1], "0")


    def test_interrupted(self):
        run = self.small_run()
        before = self.files()
        process = self.start("sample", run, "-n", "1000000000", "--out", "big.csv")
        self.wait_for(lambda: any(p.name.startswith(".big.csv") for p in self.folder.iterdir()))
        process.send_signal(signal.SIGINT)
        output, message = process.communicate(timeout=60)
        self.assertEqual((process.returncode, output, message),
                         (130, "", "agon: interrupted; big.csv was not written\n"))
        self.assertEqual(self.files(), before)

    def test_closed_streams(self):
        run = self.small_run()
        command = f"{AGON} train --resume {run} --epochs 12 2>&- >&-; echo $?; {AGON} inspect {run} >&-; echo $?"
        result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=120)
        self.assertEqual(result.stdout, "1\n1\n")
        self.assertRegex(result.stderr, r"\Aagon: standard output: cannot write: [^\n]*\n\Z")
        self.assertEqual((run / "stats.jsonl").read_text().count("\n"), (run / "stats.jsonl").read_text().count("{"))
        self.agon("train", "--resume", run, "--epochs", "20", "--quiet")
        whole = self.small_run("whole", epochs=20)
        self.assertEqual((run / "stats.jsonl").read_bytes(), (whole / "stats.jsonl").read_bytes())


class FullDisk(Case):
    def test_sample(self):
        run = self.small_run()
        self.write("old.csv", "precious")
        says = r"\.csv: cannot write: "
        self.refused(1, says, "sample", run, "-n", "10000", "--out", "new.csv", file_limit=20000)
        self.refused(1, says, "sample", run, "-n", "10000", "--out", "old.csv", "--overwrite", file_limit=20000)
        self.refused(1, r"none/new\.csv: cannot write: ", "sample", run, "-n", "3", "--out", "none/new.csv")

    def test_standard_output(self):
        run = self.small_run()
        with open("/dev/full", "w") as full:
            for command in (["sample", run, "-n", "10"], ["inspect", run], ["train", "--print-config"]):
                result = subprocess.run([AGON, *command], stdout=full, stderr=subprocess.PIPE, text=True)
                self.assertEqual(result.returncode, 1)
                self.assertRegex(result.stderr, r"\Aagon: standard output: cannot write: No space left on device\n\Z")

    def test_new_run(self):
        table = self.write("table.csv", table_text())
        result = self.agon("train", table, "--out", "run", "--quiet", *SMALL, "--latent", "80", expect=1,
                           file_limit=12000)
        self.assertRegex(result.stderr, r"\Aagon: run/checkpoint-000000000\.safetensors: cannot write: [^\n]*\n\Z")
        self.small_run()  # nothing was lost, so nothing is in the way

    def test_run_that_goes_on(self):
        # The disk has room for a while: for the statistics, not for the checkpoint that is ten times as large.
        run = self.small_run("run", "--latent", "60")
        before = self.files()
        size = self.checkpoints("run")[-1].stat().st_size
        result = self.agon("train", "--resume", run, "--epochs", "20", "--quiet", expect=1, file_limit=size - 1)
        self.assertRegex(result.stderr, r"\Aagon: \S+: cannot write: [^\n]*\n\Z")
        after = self.files()
        for path in self.checkpoints("run"):
            name = str(path.relative_to(self.folder))
            self.assertEqual(after[name], before[name])
        self.assertEqual([name for name in after if "/." in name], [])
        self.agon("train", "--resume", run, "--quiet")
        whole = self.small_run("whole", "--latent", "60", epochs=20)
        for name in ("checkpoint-000000100.safetensors", "stats.jsonl"):
            self.assertEqual((run / name).read_bytes(), (whole / name).read_bytes())


class Devices(Case):
    def test_the_default_plan_is_that_of_the_recipe_for_numbers(self):
        self.write("wide.csv", table_text(columns=10))
        self.agon("train", "wide.csv", "--out", "run", "--recipe", "r3", "--evaluate", "false", "--epochs", "1", "--device", "cpu", "--threads", "1", "--quiet")
        self.assertEqual(self.agon("devices", "--plan").stdout, self.agon("devices", "--plan", "--run", "run").stdout)

    def test_text_and_json(self):
        text = self.agon("devices").stdout
        self.assertRegex(text, r"(?m)^cpu .*threads?, .*(generic|v3|v4)(; threads by .+)?$")
        listed = json.loads(self.agon("devices", "--json").stdout)
        names = [device["name"] for device in listed["devices"]]
        self.assertEqual(names[0], "cpu")
        # Either CUDA devices are there, or the reason why not.
        self.assertEqual(len(names) == 1, listed["why_no_cuda"] is not None)
        self.assertEqual("not used: " in text, len(names) == 1)


class Bench(Case):
    def test_json(self):
        result = json.loads(self.agon("bench", "--json", "--device", "cpu", "--threads", "1", "--batches", "3,16",
                                      "--seconds", "0.05").stdout)
        self.assertEqual(result["flop_per_sample"], 3591168)
        self.assertGreater(result["peak_flop_per_second"], 1e8)
        self.assertEqual([b["batch"] for b in result["batches"]], [3, 16])
        for one in result["batches"]:
            step = one["step_seconds"]
            self.assertTrue(0 < step["p10"] <= step["median"] <= step["p90"])
            self.assertAlmostEqual(one["samples_per_second"], one["batch"] / step["median"], delta=1e-6 / step["median"])
            self.assertAlmostEqual(one["flop_per_second"] / (3591168 * one["samples_per_second"]), 1)
            self.assertAlmostEqual(one["share_of_peak"] * result["peak_flop_per_second"] / one["flop_per_second"], 1)
            # What was seen to run is what the formula counts.
            operations = one["operations"]
            self.assertEqual(2 * sum(o["multiply_adds"] for o in operations), 3591168 * one["batch"])
            self.assertEqual([o["name"] for o in operations].count("adam"), 7)  # one for each layer
            self.assertEqual([o["name"] for o in operations].count("linear_forward"), 10)
            self.assertEqual([o["name"] for o in operations].count("loss_gradient"), 2)
            self.assertEqual([o["name"] for o in operations].count("linear_backward"), 15)
            self.assertAlmostEqual(sum(o["share"] for o in operations), one["operations_share"], places=6)
            self.assertTrue(0.5 < one["operations_share"] <= 1, one["operations_share"])

    def test_text(self):
        text = self.agon("bench", "--device", "cpu", "--threads", "1", "--batches", "4", "--seconds", "0.02").stdout
        self.assertRegex(text, re.compile(r"^ +batch +step ms .*\n +4 ", re.M))
        self.assertRegex(text, r"512 x 256")
        self.assertNotIn("times plain", text)

    QUICK = ["--device", "cpu", "--threads", "1", "--batches", "4", "--seconds", "0.02"]

    def test_penalties_beside_the_plain_step(self):
        self.write("gp.toml", "[penalties]\nwgan_gp = 10.0\n[training]\nobjective = \"wasserstein\"\nbatch = 99\n")
        self.write("slow.toml", "[generator]\nrate = 1e-5\n[training]\nobjective = \"wasserstein\"\n")
        self.write("rp.toml", "[training]\nobjective = \"relativistic\"\n")
        result = self.agon("bench", *self.QUICK, "--config", "gp.toml,rp.toml,slow.toml", "--r1", "0.5", "--json",
                           "--out", "steps.json")
        self.assertEqual((self.folder / "steps.json").read_text(), result.stdout)
        steps = json.loads(result.stdout)["batches"]
        self.assertEqual([step["name"] for step in steps],
                         ["plain of gp", "gp", "slow", "plain of rp", "rp"], "one plain step for what has the same")
        self.assertEqual({step["batch"] for step in steps}, {4}, "a file's batch does not count")
        self.assertEqual([step["configuration"].get("penalties", {}).get("r1", 0) for step in steps], [0, 0.5, 0.5, 0, 0.5])
        self.assertEqual([step["configuration"]["objective"] for step in steps], 3 * ["wasserstein"] + 2 * ["relativistic"])
        for step in steps:
            self.assertEqual(step["flop_per_sample"] * step["batch"],
                             2 * sum(o["multiply_adds"] for o in step["operations"]))
            times = step["times_plain"]
            if step["name"].startswith("plain"):
                self.assertIsNone(times)
            else:
                self.assertTrue(0 < times["lower_quartile"] <= times["median"] <= times["upper_quartile"], times)
                self.assertGreaterEqual(times["rounds"], 3)
        self.refused(2, r"--out steps.json: exists", "bench", *self.QUICK, "--out", "steps.json")
        self.agon("bench", *self.QUICK, "--out", "steps.json", "--overwrite")
        self.assertEqual([step["name"] for step in json.loads((self.folder / "steps.json").read_text())["batches"]],
                         ["plain"])

    def test_a_step_that_only_has_other_numbers_is_the_plain_one(self):
        words = ["bench", *self.QUICK, "--json", "--generator-hidden", "8", "--precision", "bf16", "--generator-rate"]
        report = json.loads(self.agon(*words, "1e-3").stdout)
        self.assertEqual([step["name"] for step in report["batches"]], ["plain"])
        self.assertEqual((report["precision"], report["generator"]), ("bf16", [100, 8, 10]))
        text = self.agon("bench", *self.QUICK, "--pack", "2").stdout
        self.assertRegex(text, re.compile(r"^ +step +batch .* times plain +quartiles .*\n +plain +4 .*\n +default +4 ", re.M))
        self.assertRegex(text, r"\ndefault, batch 4: one step")

    def test_refuses(self):
        self.write("a.toml", "[training]\nbatch = 7\n")
        for words, says in ((["--pack", "3"], r"pack|batch"), (["--objective", "hing"], r"objective"),
                            (["--wgan-gp", "1", "--dragan", "1"], r"wgan|dragan|WGAN|DRAGAN"),
                            (["--precision", "fp16"], r"precision"), (["--plan", "none"], r"plan"),
                            (["--config", "absent.toml"], r"absent\.toml"), (["--config", "a.toml,a.toml"], r"named 'a'"),
                            (["--epochs", "3"], r"unknown flag '--epochs'"), (["modes"], r"--batches: no flag of .agon bench modes.")):
            with self.subTest(words):
                self.refused(2, says, "bench", *self.QUICK[:6], *words)


if __name__ == "__main__":
    unittest.main()
