"""Runs that go on: that their bits do not depend on how they were cut, and what is refused."""

import re
import shutil
import unittest

from cli_configuration import OTHER
from cli_support import OBJECTIVES, SMALL, Case, table_text, tensors


class Exactness(Case):
    def assert_same_run(self, one, two):
        """The same last checkpoint, the same statistics."""
        last_one, last_two = sorted(one.glob("checkpoint-*"))[-1], sorted(two.glob("checkpoint-*"))[-1]
        self.assertEqual(last_one.name, last_two.name)
        first, second = tensors(last_one), tensors(last_two)
        self.assertEqual(list(first), list(second))
        for name in first:
            self.assertEqual(first[name], second[name], name)
        self.assertEqual(last_one.read_bytes(), last_two.read_bytes())
        self.assertEqual((one / "stats.jsonl").read_bytes(), (two / "stats.jsonl").read_bytes())
        self.assertEqual((one / "report.html").read_bytes(), (two / "report.html").read_bytes())

    def test_checkpoint_interval(self):
        whole = self.small_run("whole", epochs=30)
        for every in (1, 7, 64):
            other = self.small_run(f"every{every}", "--checkpoint-every", every, "--samples-every", every + 2, epochs=30)
            self.assert_same_run(whole, other)

    def test_more_epochs(self):
        whole = self.small_run("whole", epochs=30)
        parts = self.small_run("parts", epochs=3)
        for epochs in (4, 17, 30):
            self.agon("train", "--resume", "parts", "--epochs", epochs, "--quiet")
        self.assert_same_run(whole, parts)
        self.assertIn("epochs = 30 ", (parts / "config.toml").read_text())

    def test_lost_steps_are_made_again(self):
        whole = self.small_run("whole", epochs=30)
        parts = self.small_run("parts", "--checkpoint-every", "64", epochs=30)  # checkpoints at 128 and 150
        self.checkpoints("parts")[-1].unlink()
        with (parts / "stats.jsonl").open("a") as log:
            log.write('{"step": 160, "epo')  # killed in the middle of a line
        self.agon("train", "--resume", "parts", "--quiet")
        self.assert_same_run(whole, parts)

    def test_odd_sizes(self):
        self.write("table.csv", table_text(rows=37, columns=10))
        odd = ["--recipe", "article", "--batch", "11", "--generator-hidden", "17,5", "--discriminator-hidden", "[]", "--latent", "3",
               "--device", "cpu", "--threads", "1", "--objective", "minimax", "--real-label", "0.9", "--evaluate", "false", "--quiet"]
        self.agon("train", "table.csv", "--out", "whole", "--epochs", "20", *odd)
        self.agon("train", "table.csv", "--out", "parts", "--epochs", "7", *odd)
        self.agon("train", "--resume", "parts", "--epochs", "20", "--quiet")
        self.assert_same_run(self.folder / "whole", self.folder / "parts")

    def test_every_objective(self):
        self.write("table.csv", table_text(rows=37, columns=3))
        for name in OBJECTIVES:
            with self.subTest(name):
                flags = ["table.csv", "--objective", name, "--micro-batch", "4", "--quiet", *SMALL]
                self.agon("train", "--out", f"{name}/whole", "--epochs", "12", *flags)
                self.agon("train", "--out", f"{name}/parts", "--epochs", "5", *flags)
                self.agon("train", "--resume", f"{name}/parts", "--epochs", "12", "--quiet")
                self.assert_same_run(self.folder / name / "whole", self.folder / name / "parts")
                self.assertIn(f'objective = "{name}"', (self.folder / name / "whole/config.toml").read_text())


class Resume(Case):
    def test_finished(self):
        self.small_run()
        before = self.files()
        result = self.agon("train", "--resume", "run")
        self.assertIn("step 50", result.stderr)
        self.assertEqual(self.files(), before)

    # What a run may change on its way; --epochs has tests of its own.
    FREE = {"epochs", "steps", "checkpoint-every", "keep", "log-every", "samples-every", "samples", "device", "threads",
            "steps-per-launch", "fuse", "plan", "restarts", "burn-in", "instance-noise-until", "evaluate",
            "target"}
    VALUES = OTHER | {"pack": "4", "seed": "5", "coding": "records"}  # that fit a batch of 8
    OF_OTHER_DATA = {"coding", "schema", "columns", "ignore", "extrapolate", "conditions", "image-size", "image-fit",
                     "image-channels", "labels", "by-class", "augment", "augment-probability"} | {
                         f"{network}-{of_images}" for network in ("generator", "discriminator")
                         for of_images in ("kernel", "blocks", "group-channels", "expansion")}

    def test_every_flag(self):
        """What a run was trained with stays: each flag is refused where it says otherwise, and no other is."""
        run = self.small_run()
        for flag, value in self.VALUES.items():
            if flag in ("epochs", "steps", "patience", "minutes"):
                continue
            with self.subTest(flag):
                if flag in self.FREE:
                    shutil.copytree(run, self.folder / "copy")
                    self.agon("train", "--resume", "copy", f"--{flag}={value}", "--quiet")
                    shutil.rmtree(self.folder / "copy")
                else:
                    self.refused(2, r"\Aagon: \S+run: \S+ is \S.* in this run and cannot become |\Aagon: --\S+ "
                                    r".*for images; this is a table|\Aagon: augmentation: ", "train", "--resume", run,
                                 f"--{flag}={value}", "--quiet")

    def test_every_flag_that_it_was_made_with(self):
        for flag, value in self.VALUES.items():
            if flag in self.OF_OTHER_DATA or flag == "minutes":
                continue
            with self.subTest(flag):
                self.small_run("run", f"--{flag}={value}", "--overwrite", epochs=4)
                self.agon("train", "--resume", "run", "--epochs", "6", "--quiet")
                again = [] if flag in ("epochs", "steps") else [f"--{flag}={value}"]
                self.agon("train", "--resume", "run", "--epochs", "7", "--quiet", *again)

    def test_patience_holds_rows_out(self):
        run = self.small_run()
        self.refused(2, r"training\.held_out is 0\.0 in this run and cannot become 0\.1", "train", "--resume", run,
                     "--patience", "5")

    def test_instance_noise_that_falls(self):
        noise = ["--instance-noise", "0.1", "--instance-noise-until", "0.5"]
        whole = self.small_run("whole", *noise, epochs=10)
        self.assertEqual(self.agon("train", "--resume", "whole", "--quiet").stderr, "")
        self.assertIn("agon: the instance noise now lasts to step 50, not to step 25",
                      self.agon("train", "--resume", "whole", "--epochs", "20").stderr)
        self.refused(2, r"training\.instance_noise is 0\.1 .*cannot become 0\.2", "train", "--resume", whole,
                     "--instance-noise", "0.2")

    def test_refusals(self):
        run = self.small_run()
        for arguments, says in [
            (["--generator-hidden", "32"], r"generator\.hidden is \[16\] .*cannot become \[32\]"),
            (["--wgan-gp", "10"], r"penalties\.wgan_gp is 0\.0 .*cannot become 10\.0"),
            (["--epochs", "2"], r"already at step 50"),
            (["--out", "elsewhere"], r"--resume .*--out"),
            (["--overwrite"], r"--resume .*--overwrite"),
        ]:
            with self.subTest(arguments):
                self.refused(2, says, "train", "--resume", run, *arguments, "--quiet")
        self.refused(2, r"nothing: not a run", "train", "--resume", "nothing")
        self.refused(2, r"not a run", "train", "--resume", self.folder)

    def test_other_data(self):
        run = self.small_run()
        for text, says in [
            (table_text(columns=4), r"other\.csv: has 4 columns"),
            (table_text().replace("c1", "d1", 1), r"other\.csv: column 2 is 'd1', .*'c1'"),
            (table_text(rows=41), r"other\.csv: has 41 rows"),
            (table_text(seed=8), r"other\.csv: its values are not"),
        ]:
            with self.subTest(says):
                self.write("other.csv", text)
                self.refused(3, says, "train", "other.csv", "--resume", run, "--quiet")
        (self.folder / "table.csv").unlink()
        self.refused(3, r"table\.csv: ", "train", "--resume", run, "--quiet")
        self.write("moved.csv", table_text())
        self.agon("train", "moved.csv", "--resume", run, "--epochs", "11", "--quiet")

    def test_other_threads_are_said(self):
        self.small_run()
        result = self.agon("train", "--resume", "run", "--epochs", "12", "--threads", "2")
        self.assertEqual(len(re.findall(r"1 thread.*2.*not to the same bits", result.stderr)), 1)
        quiet = self.agon("train", "--resume", "run", "--epochs", "13", "--quiet")
        self.assertEqual(quiet.stderr, "")


if __name__ == "__main__":
    unittest.main()
