"""Trainings that fail and begin again: their attempts, which one is the run, and that none is lost on the way."""

import json
import os
import random
import re
import shutil
import signal
import time
import unittest

from cli_support import BUNDLED, SMALL, WIDE, Case, table_text, tensors

# 75 steps, too few to come near the held-out rows: every attempt fails, and the best one is the run in the end.
FAILS = ["--epochs", "20", "--evaluate", "false", "--held-out", "0.25", "--quiet"]


class Restarts(Case):
    def test_after_divergence(self):
        self.write("table.csv", table_text())
        said = self.agon("train", "table.csv", "--out", "run", "--recipe", "r3", "--evaluate", "false", "--batch", "8", "--device", "cpu",
                         "--threads", "1", "--generator-hidden", WIDE, "--discriminator-hidden", WIDE, "--generator-rate", "10",
                         "--discriminator-rate", "10", "--epochs", "100", "--restarts", "2", "--seed", "2", "--quiet",
                         expect=4).stderr
        self.assertRegex(said, r"(?m)^agon: the training diverged at step \d+: what it learnt is kept in run/attempt-2, "
                               r"and it begins again with seed 3 and rates of 2.5 for G, 2.5 for D$")
        self.assertRegex(said, r"(?m)kept in run/attempt-3, and it begins again with seed 4 and rates of 0.625 for G, 0.625 for D$")
        for seed in (2, 3):
            aside = self.folder / f"run/attempt-{seed}"
            self.assertIn(f"seed = {seed} ", (aside / "config.toml").read_text())
            self.assertTrue(list(aside.glob("checkpoint-*.safetensors")))
            self.assertTrue((aside / "stats.jsonl").exists())
        self.assertIn("seed = 4 ", (self.folder / "run/config.toml").read_text())
        self.assertEqual((self.folder / "run/config.toml").read_text().count("rate = 0.625 "), 2)
        shown = json.loads(self.agon("inspect", "run", "--json").stdout)
        self.assertEqual(shown["seed"], 4)
        self.assertEqual(self.agon("train", "--resume", "run", "--quiet", expect=4).stderr.count("begins again"), 0)
        self.train("--epochs", "2", "--overwrite", "--quiet")
        self.assertFalse(list((self.folder / "run").glob("attempt-*")))

    @unittest.skipUnless(os.environ.get("AGON_NIGHTLY") == "1" and os.environ.get("AGON_SANITIZED") != "1",
                         "8,000 steps of the default networks: for the night, and too slow under sanitizers")
    def test_after_a_collapse(self):
        """Wasserstein without a bound on D's slope, on the bundled table and the default networks."""
        said = self.agon("train", BUNDLED, "--out", "run", "--recipe", "article", "--evaluate", "false", "--objective", "wasserstein", "--device", "cpu", "--threads", "1",
                         "--epochs", "620", "--restarts", "1", "--quiet").stderr  # 4282 steps
        self.assertRegex(said, r"(?m)^agon: warning at step 2,[4-7]\d\d: G's rows collapse: their columns vary by \d+% of the table's")
        self.assertRegex(said, r"(?m)^agon: the training collapsed at step 4,\d+: what it learnt is kept in run/attempt-1, "
                               r"and it begins again with seed 2 and rates of 5e-05 for G, 0.0002 for D$")
        found = self.lines("run/attempt-1/health.jsonl")
        self.assertEqual([line["warning"] for line in found], ["collapse"])
        self.assertIn(found[0]["step"], range(2400, 2800))  # 2,496 with AVX-512, 2,624 with AVX2
        self.assertEqual(self.lines("run/stats.jsonl")[-1]["step"], 4280)  # the last attempt goes to the end

    @unittest.skipIf(os.environ.get("AGON_SANITIZED") == "1", "5,000 steps of the default networks: too slow under sanitizers")
    def test_after_an_end_in_collapse(self):
        said = self.agon("train", BUNDLED, "--out", "run", "--recipe", "article", "--evaluate", "false", "--objective", "wasserstein", "--device", "cpu",
                         "--threads", "1", "--epochs", "380", "--restarts", "1", "--quiet").stderr  # 2625 steps
        self.assertRegex(said, r"(?m)^agon: the training collapsed at step 2,625: .* begins again with seed 2 and rates of 5e-05 ")
        self.assertIn("collapsed at step 2,625 of", (self.folder / "run/attempt-1/report.html").read_text())
        self.assertEqual(said.count("begins again"), 1)

    def test_the_best_attempt_is_the_run(self):
        """75 steps are too few, with a quarter of G's rate even more so."""
        for seed, kept in ((1, 1), (2, 3)):
            said = self.train("--epochs", "20", "--held-out", "0.25", "--restarts", "1", "--seed", seed, "--overwrite", "--quiet").stderr
            self.assertRegex(said, rf"\Aagon: the training came nowhere near the held-out rows at step 75: what it learnt is kept in "
                                   rf"run/attempt-{seed}, and it begins again with seed {seed + 1} and rates of 5e-05 for G, 0.0002 for D\n")
            other = next((self.folder / "run").glob("attempt-*"))
            back = kept == seed
            self.assertEqual(other.name, f"attempt-{seed + 1 if back else seed}")
            self.assertEqual("it is the run again; the last one is kept in run/attempt-" in said, back)
            self.assertIn(f"seed = {kept} ", (self.folder / "run/config.toml").read_text())
            best = [min((line["spread"] < 0.25, line["sliced_wasserstein"]) for line in self.lines(folder / "scores.jsonl"))
                    for folder in (self.folder / "run", other)]
            self.assertLess(*best)
            self.assertEqual(json.loads(self.agon("inspect", "run", "--json").stdout)["seed"], kept)
            self.agon("sample", "run", "-n", "3", "--which", "best")
            before = self.files()
            self.assertEqual(self.agon("train", "--resume", "run", "--quiet").stderr, "")
            self.assertEqual(self.files(), before)

    def test_held_out_rows_stay_held_out(self):
        """They are the first attempt's, which must be there to tell."""
        self.train(*FAILS, "--restarts", "1", "--seed", "2")
        data = [json.loads(self.agon("inspect", path, "--json").stdout) for path in ("run", "run/attempt-2")]
        self.assertEqual([one["seed"] for one in data], [3, 2])
        self.assertEqual(*[(one["fingerprint"], one["columns"]) for one in data])
        shutil.move(self.folder / "run/attempt-2", self.folder / "elsewhere")
        self.refused(3, "run: it has learnt from rows that seed 3 would hold out", "train", "--resume", "run", "--quiet")

    def test_a_seed_is_had_once(self):
        """What earlier attempts learnt is there after a further one, which takes a seed of its own."""
        self.train(*FAILS, "--restarts", "1")
        self.assertEqual([path.name for path in (self.folder / "run").glob("attempt-*")], ["attempt-2"])  # 1 is the run
        before = {name: digest for name, digest in self.files().items() if "attempt-2" in name}
        said = self.agon("train", "--resume", "run", "--restarts", "2", "--quiet").stderr
        self.assertIn("kept in run/attempt-1, and it begins again with seed 3 ", said)
        self.assertEqual({name: digest for name, digest in self.files().items() if "attempt-2" in name}, before)

    def test_all_diverged(self):
        """The one that is kept has diverged, too, though it has a best checkpoint."""
        self.write("table.csv", table_text())
        said = self.agon("train", "table.csv", "--out", "run", "--recipe", "article", "--evaluate", "false", "--batch", "8", "--device", "cpu",
                         "--threads", "1", "--generator-hidden", WIDE, "--discriminator-hidden", WIDE,
                         "--generator-rate", "10", "--discriminator-rate", "10", "--epochs", "100", "--restarts", "2",
                         "--held-out", "0.25", "--seed", "4", "--quiet", expect=4).stderr
        self.assertEqual(said.count("begins again"), 2)
        self.assertIn("the attempt with seed 5 came nearest", said)
        kept = re.search(r"(?m)^agon: the training diverged at step (\d+); run/(\S+) \(step (\d+)\) is kept: ", said)
        self.assertTrue(kept, said)
        self.assertTrue((self.folder / "run" / kept[2]).exists())
        self.assertEqual(self.lines("run/stats.jsonl")[-1]["step"], int(kept[1]))
        self.agon("train", "--resume", "run", "--quiet", expect=4)

    def test_interrupted_between_attempts(self):
        self.write("table.csv", table_text())
        numbers = random.Random(4)
        for _ in range(8):
            process = self.start("train", "table.csv", "--out", "run", *SMALL, *FAILS, "--restarts", "500")
            self.addCleanup(lambda p=process: (p.kill(), p.communicate()))
            self.wait_for(lambda: list((self.folder / "run").glob("attempt-*")))
            time.sleep(numbers.uniform(0, 0.1))
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 130, said)
            step = re.search(r"agon: interrupted at step (\d+) and saved; go on with: agon train --resume run\n\Z", said)
            self.assertTrue(step, said)
            self.assertEqual(self.checkpoints("run")[-2].name, f"checkpoint-{int(step[1]):09}.safetensors")  # -1 is the best
            shutil.rmtree(self.folder / "run")

    def test_a_sound_run_is_as_ever(self):
        self.train("--epochs", "20", "--quiet", name="plain")
        self.train("--epochs", "20", "--restarts", "3", "--quiet", name="with")
        self.assertEqual(tensors(self.folder / "plain/checkpoint-000000100.safetensors"),
                         tensors(self.folder / "with/checkpoint-000000100.safetensors"))
        self.assertFalse(list((self.folder / "with").glob("attempt-*")))


class Moved(Case):
    """Killed while a run and its attempts change places."""

    def tree(self, run):
        return {name[len(run) + 1:]: digest for name, digest in self.files().items() if name.startswith(run + "/")}

    def whole(self, seed):
        """With seed 1 the first attempt is the best of two, with seed 2 the second, seed 3."""
        self.train(*FAILS, "--restarts", "1", "--seed", seed, name="whole")
        attempt = next((self.folder / "whole").glob("attempt-*"))
        self.assertIn(f"seed = {1 if seed == 1 else 3} ", (self.folder / "whole/config.toml").read_text())
        return attempt.name

    def copy(self):
        shutil.rmtree(self.folder / "run", ignore_errors=True)
        shutil.copytree(self.folder / "whole", self.folder / "run")
        return self.folder / "run"

    def own_files(self, run):
        return sorted(p for p in run.iterdir() if p.is_file() and p.name != "config.toml")

    def goes_on(self):
        """Nothing is lost, by a new run or a dry one either, and a resumed one comes to the whole run's bits."""
        self.refused(2, "run: this run exists", "train", "table.csv", "--out", "run", "--quiet")
        before = self.files()
        self.agon("train", "--resume", "run", "--dry-run")
        self.assertEqual(self.files(), before)
        self.agon("train", "--resume", "run", "--quiet")
        self.assertEqual(self.tree("run"), self.tree("whole"))

    def test_before_an_attempts_first_checkpoint(self):
        self.whole(2)
        run = self.copy()
        for path in self.own_files(run):
            path.unlink()
        self.refused(2, r"training\.batch is 8 in this run and cannot become 9", "train", "--resume", "run", "--batch", "9")
        self.goes_on()

    def test_before_a_best_checkpoint_at_step_0(self):
        """Scored, and killed before the checkpoint. G keeps still, so that no later step is better."""
        self.train(*FAILS, "--restarts", "1", "--generator-rate", "1e-12", name="whole")
        run = self.copy()
        first = (run / "scores.jsonl").read_text().splitlines(keepends=True)[0]
        for path in self.own_files(run):
            path.unlink()
        self.write("run/scores.jsonl", first)
        self.goes_on()
        self.assertTrue((run / "checkpoint-best.safetensors").exists())

    def test_while_its_folder_was_made(self):
        attempt = self.whole(2)
        run = self.copy()
        for path in self.own_files(run):
            path.unlink()
        for path in [*self.own_files(run / attempt), run / attempt / "config.toml"]:
            path.rename(run / path.name)
        self.write(f"run/{attempt}/.config.toml.1-1.agon-tmp", "seed =")
        self.goes_on()

    def test_the_page_is_there_before_its_checkpoint(self):
        self.train(*FAILS)
        page = self.folder / "run/report.html"
        self.assertLessEqual(page.stat().st_mtime_ns, (self.folder / "run/checkpoint-000000075.safetensors").stat().st_mtime_ns)
        self.assertIn("step 75 of 75", page.read_text())

    def test_while_it_was_set_aside(self):
        attempt = self.whole(2)
        for moved in (0, 1, 3, 100):
            with self.subTest(moved):
                run = self.copy()
                for path in self.own_files(run):
                    path.unlink()
                shutil.copy(run / attempt / "config.toml", run / "config.toml")
                for path in self.own_files(run / attempt)[moved:]:
                    path.rename(run / path.name)
                self.goes_on()

    def test_while_it_was_brought_back(self):
        self.whole(1)
        for moved in (0, 1, 3, 100):
            with self.subTest(moved):
                run = self.copy()
                (run / "attempt-1").mkdir()
                for path in self.own_files(run)[moved:]:
                    path.rename(run / "attempt-1" / path.name)
                self.goes_on()

    def test_a_file_of_someone_elses_stays(self):
        self.whole(1)
        run = self.copy()
        (run / "attempt-1").mkdir()
        for path in self.own_files(run):
            path.rename(run / "attempt-1" / path.name)
        self.write("run/attempt-1/notes.txt", "mine")
        self.agon("train", "--resume", "run", "--quiet")
        self.assertEqual((run / "attempt-1/notes.txt").read_text(), "mine")
        notes = {"attempt-1/notes.txt": self.files()["run/attempt-1/notes.txt"]}
        self.assertEqual(self.tree("run"), self.tree("whole") | notes)

    def test_at_any_moment(self):
        flags = [*FAILS, "--restarts", "3", "--checkpoint-every", "7"]
        self.train(*flags, name="whole")
        numbers = random.Random(3)
        command = ["train", "table.csv", "--out", "run", *SMALL, *flags]
        kills = 0
        while kills < 40:
            process = self.start(*command)
            time.sleep(numbers.uniform(0, 0.12))
            ended = process.poll() is not None
            process.kill()
            _, said = process.communicate()
            self.assertNotIn("Error", said)
            if ended:
                self.assertEqual(process.returncode, 0, said)
                break
            kills += 1
            run = self.folder / "run"
            if list(run.glob("**/checkpoint-0*")):  # else it was killed before its first one
                command = ["train", "--resume", "run", "--quiet"]
        self.agon(*command)
        self.assertEqual(self.tree("run"), self.tree("whole"))


if __name__ == "__main__":
    unittest.main()
