"""Run folders: what is in them, and what is never overwritten."""

import json
import signal
import unittest
import xml.etree.ElementTree

from cli_support import SMALL, Case, table_text, tensors


class RunFolder(Case):
    def test_contents(self):
        # 40 rows, 10 epochs, batch 8: 50 steps.
        run = self.small_run("run", "--checkpoint-every", "20", "--samples-every", "30", "--samples", "7")
        self.assertEqual(sorted(p.name for p in run.iterdir()),
                         ["checkpoint-000000040.safetensors", "checkpoint-000000050.safetensors", "config.toml",
                          "report.html", "samples-000000030.csv", "samples-000000050.csv", "stats.jsonl"])
        lines = [json.loads(line) for line in (run / "stats.jsonl").read_text().splitlines()]
        self.assertEqual([line["step"] for line in lines], [1, 10, 20, 30, 40, 50])
        self.assertEqual(set(lines[0]), {"step", "epoch", "discriminator_loss", "generator_loss", "probability_real",
                                         "probability_fake"})
        self.assertEqual(lines[-1]["epoch"], 10)
        sample = (run / "samples-000000050.csv").read_text().splitlines()
        self.assertEqual(sample[0], "c0,c1,c2")
        self.assertEqual(len(sample), 8)
        for row in sample[1:]:
            self.assertRegex(row, r"\A(-?\d+\.\d\d,){2}-?\d+\.\d\d\Z")

    def test_the_page_is_for_people_and_safe_with_any_name(self):
        name = """a&b <i>"c'.csv"""
        self.write(name, table_text().replace("c0", "<script>alert(1)</script>"))
        self.agon("train", name, "--out", "run", "--epochs", "10", "--quiet", *SMALL, "--recipe", "dragan")
        text = (self.folder / "run/report.html").read_text()
        page = xml.etree.ElementTree.fromstring(text)
        tags = [element.tag.split("}")[1] for element in page.iter()]
        self.assertEqual(tags.count("figure"), 3)
        self.assertNotIn("script", tags)
        self.assertEqual(page.find(".//{*}h1").text, name)
        rows = {row[0].text: row[1].text for row in page.iter("{http://www.w3.org/1999/xhtml}tr")}
        self.assertIn("40 rows, 3 columns", rows["table"])
        self.assertTrue(rows["recipe"].startswith("dragan, but generator.hidden = [16], "), rows["recipe"])
        self.assertTrue(rows["objective"].startswith("non-saturating: D learns the probability"))
        self.assertTrue(rows["device"].startswith("cpu ("))
        self.assertIn("finished: step 50 of 50", text)

    def test_default_folder_and_standard_output(self):
        self.write("patients.csv", table_text())
        result = self.agon("train", "patients.csv", "--epochs", "1", *SMALL)
        self.assertEqual(result.stdout, "runs/patients\n")
        self.assertTrue((self.folder / "runs/patients/config.toml").exists())

    def test_why_it_is_the_processor_is_said_once(self):
        self.write("patients.csv", table_text())
        devices = json.loads(self.agon("devices", "--json").stdout)
        first, second = (self.agon("train", "patients.csv", "--epochs", "1", *SMALL, "--device", name, "--out", name).stderr
                         for name in ("auto", "cpu"))
        if devices["why_no_cuda"] is not None:
            lines = [line for line in first.splitlines() if "CUDA" in line]
            self.assertEqual(len(lines), 1)
            self.assertTrue(lines[0].endswith("not CUDA: " + devices["why_no_cuda"]), lines[0])
        self.assertNotIn("CUDA", second)

    def test_quiet_says_nothing(self):
        self.write("patients.csv", table_text())
        self.assertEqual(self.agon("train", "patients.csv", "--epochs", "1", "--quiet", *SMALL).stderr, "")

    def test_config_repeats_the_run(self):
        run = self.small_run("run", "--seed", "5")
        self.agon("train", "--config", run / "config.toml", "--out", "again", "--quiet")
        again = self.folder / "again"
        for name in ("config.toml", "stats.jsonl", "checkpoint-000000050.safetensors"):
            self.assertEqual((run / name).read_bytes(), (again / name).read_bytes(), name)

    def test_another_seed_is_another_run(self):
        one, two = self.small_run("one"), self.small_run("two", "--seed", "2")
        self.assertNotEqual((one / "stats.jsonl").read_bytes(), (two / "stats.jsonl").read_bytes())

    def test_nothing_is_overwritten_unless_asked(self):
        run = self.small_run()
        self.refused(2, r"run: .*--resume run.*--out.*--overwrite", "train", "table.csv", "--out", "run", *SMALL)
        self.write("run/notes.txt", "mine")
        old = (run / "stats.jsonl").read_bytes()
        self.small_run("run", "--overwrite", "--seed", "9", epochs=4)
        self.assertNotEqual((run / "stats.jsonl").read_bytes(), old)
        self.assertEqual((run / "notes.txt").read_text(), "mine")
        self.assertEqual([p.name for p in self.checkpoints("run")],
                         ["checkpoint-000000000.safetensors", "checkpoint-000000020.safetensors"])

    def test_what_is_not_a_run_is_never_overwritten(self):
        self.write("table.csv", table_text())
        (self.folder / "precious").mkdir()
        self.write("precious/thesis.txt", "years of work")
        for more in ([], ["--overwrite"]):
            self.refused(2, r"precious: .*not a run", "train", "table.csv", "--out", "precious", *more, *SMALL)
            self.refused(2, r"table\.csv: .*not a folder", "train", "table.csv", "--out", "table.csv", *more, *SMALL)

    def test_an_empty_folder_is_fine(self):
        (self.folder / "run").mkdir()
        self.small_run()

    def test_folder_that_cannot_be_made(self):
        self.write("table.csv", table_text())
        self.write("file", "not a folder")
        self.refused(1, r"file/run: cannot make", "train", "table.csv", "--out", "file/run", "--quiet", *SMALL)
        self.refused(1, r"/proc/agon/run: cannot make", "train", "table.csv", "--out", "/proc/agon/run", "--quiet", *SMALL)

    def test_two_at_once(self):
        self.small_run()
        first = self.start("train", "--resume", "run", "--epochs", "1000000", "--quiet")
        self.addCleanup(first.stdout.close)
        self.addCleanup(first.stderr.close)
        self.addCleanup(first.wait)
        self.addCleanup(first.kill)
        self.wait_for(lambda: "epochs = 1000000 " in (self.folder / "run/config.toml").read_text())
        second = self.agon("train", "--resume", "run", "--epochs", "1000000", "--quiet", expect=1)
        self.assertRegex(second.stderr, r"\Aagon: run: another agon is training in this folder\n\Z")


class Weights(Case):
    def test_samples_are_the_averages_unless_the_last_weights_are_asked_for(self):
        self.small_run("run", "--ema-samples", "100")
        self.small_run("plain")
        draw = lambda run, *more: self.agon("sample", run, "-n", "5", *more).stdout
        self.assertEqual(draw("run"), draw("run", "--weights", "average"))
        self.assertEqual(draw("run", "--weights", "last"), draw("plain"))
        self.assertNotEqual(draw("run"), draw("plain"))
        self.assertIn("half-life 100 samples", self.agon("inspect", "run").stdout)
        self.assertEqual(json.loads(self.agon("inspect", "run", "--json").stdout)["ema_samples"], 100)
        self.refused(2, "there is no average of the weights", "sample", "plain", "-n", "5", "--weights", "average")
        self.refused(2, r"training\.ema_samples is 0\.0 in this run and cannot become 100\.0", "train", "--resume", "plain",
                     "--ema-samples", "100", "--epochs", "20")


class Schedule(Case):
    FALLING = ["--rate-schedule", "cosine", "--warmup-steps", "5", "--final-rate", "0.1"]

    def test_a_resumed_run_keeps_to_it(self):
        # 40 rows, batch 8: 5 steps an epoch.
        whole = self.small_run("whole", *self.FALLING, epochs=20)
        table = self.folder / "table.csv"
        process = self.start("train", table, "--out", "run", "--epochs", "20000", "--quiet", *SMALL, *self.FALLING)
        self.wait_for(lambda: self.checkpoints("run"))
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        first = json.loads(self.agon("inspect", "run", "--json").stdout)
        self.assertEqual((first["rate_schedule"], first["warmup_steps"], first["schedule_steps"], first["final_rate"]),
                         ("cosine", 5, 100000, 0.1))
        # Nothing is said of a schedule that stays as it was; a longer one goes on, and says so.
        self.agon("train", "--resume", "run", "--epochs", "20000", "--dry-run")
        epochs = first["step"] // 5 + 2
        said = self.agon("train", "--resume", "run", "--epochs", epochs, "--quiet").stderr
        self.assertRegex(said, rf"\Aagon: the learning rates now fall over {5 * epochs:,} steps, not 100,000\n\Z")
        constant = self.small_run("constant", epochs=20)
        self.assertNotEqual(tensors(self.checkpoints("whole")[-1]), tensors(self.checkpoints("constant")[-1]))
        self.assertIn('rate_schedule = "cosine"', (whole / "config.toml").read_text())

    def test_pieces_have_the_bits_of_the_whole(self):
        self.small_run("whole", *self.FALLING, epochs=200)
        process = self.start("train", "table.csv", "--out", "run", "--epochs", "200", "--quiet", "--checkpoint-every",
                             "50", *SMALL, *self.FALLING)
        self.wait_for(lambda: process.poll() is not None or len(self.checkpoints("run")) > 1)
        process.kill()
        process.communicate()
        said = self.agon("train", "--resume", "run", "--quiet").stderr
        self.assertEqual(said, "")
        self.assertEqual(tensors(self.checkpoints("run")[-1]), tensors(self.checkpoints("whole")[-1]))

    def test_it_stays_what_it_was(self):
        self.small_run("run", *self.FALLING)
        self.refused(2, r"training\.rate_schedule is \"cosine\" in this run and cannot become \"linear\"", "train",
                     "--resume", "run", "--rate-schedule", "linear", "--epochs", "20")

    def test_a_burn_in(self):
        # 40 rows, batch 8: 5 steps an epoch.
        moving = ["--burn-in", "0.5", "--r1", "1", "--final-penalty", "0.1", "--beta2", "0.9", "--final-beta2", "0.99"]
        whole = self.small_run("whole", *moving, "--rate-schedule", "cosine", "--final-rate", "0.25", epochs=10)
        self.small_run("plain", "--r1", "1", "--beta2", "0.9", epochs=10)
        self.assertNotEqual(tensors(self.checkpoints("whole")[-1]), tensors(self.checkpoints("plain")[-1]))
        text = self.agon("inspect", "whole").stdout
        self.assertRegex(text, r"rates +cosine to 0\.25 of full at step 25\n")
        self.assertRegex(text, r"burn-in +penalties to 0\.1 of full, beta2 to 0\.99, cosine until step 25\n")
        self.assertEqual(json.loads(self.agon("inspect", "whole", "--json").stdout)["burn_in"],
                         {"final_beta2": 0.99, "final_penalty": 0.1, "steps": 25})
        self.assertEqual(self.agon("train", "--resume", "whole", "--quiet").stderr, "")
        said = self.agon("train", "--resume", "whole", "--epochs", "20").stderr
        self.assertIn("agon: the learning rates now fall over 50 steps, not 25\n", said)
        self.assertIn("agon: penalties and beta2 now move over 50 steps, not 25\n", said)
        self.refused(2, r"training\.final_beta2 is 0\.99 .*cannot become 0\.5", "train", "--resume", whole, "--final-beta2", "0.5")

    def test_steps_per_launch_change_nothing_on_the_processor(self):
        self.small_run("all")
        self.small_run("single", "--steps-per-launch", "1")
        self.assertEqual(tensors(self.checkpoints("all")[-1]), tensors(self.checkpoints("single")[-1]))
        for command in ("train", "bench"):
            self.assertRegex(" ".join(self.agon(command, "--help").stdout.split()),
                             r"--steps-per-launch .*no effect on the processor")
        timed = json.loads(self.agon("bench", "--batches", "1", "--device", "cpu", "--threads", "1", "--seconds", "0.01",
                                     "--steps-per-launch", "0,1,16", "--json").stdout)
        self.assertEqual([(t["batch"], t["steps_per_launch"]) for t in timed["batches"]], [(1, None)])


if __name__ == "__main__":
    unittest.main()
