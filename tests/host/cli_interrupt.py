"""Runs that are stopped: Ctrl-C saves, a second one does not wait, kill -9 loses nothing that was saved."""

import json
import os
import pty
import random
import re
import select
import signal
import subprocess
import time
import unittest

from cli_support import AGON, SMALL, Case, table_text, tensors

class Interrupted(Case):
    def started(self, run, *more):
        """A long run under way, some steps after its first checkpoint."""
        self.write("table.csv", table_text())
        process = self.start("train", "table.csv", "--out", run, "--epochs", "100000", "--quiet", *SMALL, *more)
        self.addCleanup(lambda: (process.kill(), process.communicate()))
        log = self.folder / run / "stats.jsonl"
        self.wait_for(lambda: process.poll() is not None or (log.exists() and log.read_bytes().count(b"\n") > 20))
        self.assertIsNone(process.poll(), "the run ended by itself")
        return process

    def test_first_signal_saves(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number):
                run = number.name
                process = self.started(run)
                process.send_signal(number)
                before = time.monotonic()
                output, message = process.communicate(timeout=60)
                self.assertLess(time.monotonic() - before, 5)  # 0.1 s where nothing else runs
                self.assertEqual(process.returncode, 130)
                self.assertEqual(output, "")
                match = re.fullmatch(r"agon: interrupted at step (\d+) and saved; go on with: agon train --resume "
                                     + run + r"\n", message)
                self.assertTrue(match, message)
                self.assertEqual(self.checkpoints(run)[-1].name, f"checkpoint-{int(match[1]):09}.safetensors")

    def test_what_was_interrupted_goes_on_to_the_same_bits(self):
        process = self.started("run")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        step = json.loads(self.agon("inspect", "run", "--json").stdout)["step"]
        epochs = (step + 50) * 8 // 40 + 1
        self.agon("train", "--resume", "run", "--epochs", epochs, "--quiet")
        whole = self.small_run("whole", epochs=epochs)
        self.assertEqual(tensors(self.checkpoints("run")[-1]), tensors(self.checkpoints("whole")[-1]))
        self.assertEqual((self.folder / "run/stats.jsonl").read_bytes(), (whole / "stats.jsonl").read_bytes())

    def test_what_was_interrupted_is_judged_by_the_same_checkpoints(self):
        """The one that Ctrl-C wrote has no score, and is not the best, as an uninterrupted run has none there."""
        flags = ["--held-out", "0.25", "--checkpoint-every", "1000000"]
        process = self.started("run", *flags)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        step = json.loads(self.agon("inspect", "run", "--json").stdout)["step"]
        self.assertEqual([line["step"] for line in self.lines("run/scores.jsonl")], [0])
        epochs = (step + 50) * 8 // 30 + 1
        self.agon("train", "--resume", "run", "--epochs", epochs, "--quiet")
        whole = self.small_run("whole", *flags, epochs=epochs)
        for name in ("scores.jsonl", "checkpoint-best.safetensors"):
            self.assertEqual((self.folder / "run" / name).read_bytes(), (whole / name).read_bytes(), name)

    def test_second_signal_does_not_wait(self):
        # One step of these networks takes seconds: the first signal is still waiting for its end.
        self.write("table.csv", table_text())
        heavy = ["--evaluate", "false", "--generator-hidden", "2048,2048", "--discriminator-hidden", "2048,2048", "--batch", "4096",
                 "--threads", "1"]
        process = self.start("train", "table.csv", "--out", "run", "--quiet", *heavy)
        self.wait_for(lambda: self.checkpoints("run"))
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, message = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        self.assertNotIn("saved", message)
        self.agon("inspect", "run")

    def test_kill_at_any_moment(self):
        whole = self.small_run("whole", epochs=200)
        numbers = random.Random(3)
        arguments = ["table.csv", "--out", "run", "--epochs", "200", "--checkpoint-every", "3", *SMALL]
        for _ in range(8):
            process = self.start("train", *arguments, "--quiet")
            self.wait_for(lambda: process.poll() is not None or self.checkpoints("run"))
            time.sleep(numbers.uniform(0, 0.15))
            process.kill()
            process.communicate()
            self.agon("inspect", "run")
            arguments = ["--resume", "run"]
        self.agon("train", "--resume", "run", "--quiet")
        self.assertEqual(tensors(self.checkpoints("run")[-1]), tensors(self.checkpoints("whole")[-1]))
        self.assertEqual((self.folder / "run/stats.jsonl").read_bytes(), (whole / "stats.jsonl").read_bytes())
        self.assertEqual([name for name in self.files() if "/." in name], [])


class Diverged(Case):
    def test_last_good_checkpoint_is_kept(self):
        self.write("table.csv", table_text())
        result = self.agon("train", "table.csv", "--out", "run", "--quiet", "--generator-rate", "10",
                           "--discriminator-rate", "10", "--checkpoint-every", "5", "--epochs", "100000",
                           "--generator-hidden", "64,64,64,64,64,64,64,64", "--discriminator-hidden",
                           "64,64,64,64,64,64,64,64", "--batch", "8", "--threads", "1", expect=4)
        match = re.fullmatch(r"agon: the training diverged at step (\d+); run/(\S+) \(step (\d+)\) is kept: [^\n]*\n",
                             result.stderr)
        self.assertTrue(match, result.stderr)
        kept = json.loads(self.agon("inspect", "run", "--json").stdout)
        self.assertEqual(self.folder / kept["checkpoint"], self.folder / "run" / match[2])
        self.assertEqual(kept["step"], int(match[3]))
        self.assertLess(kept["step"], int(match[1]))
        last = (self.folder / "run/stats.jsonl").read_text().splitlines()[-1]
        self.assertEqual(json.loads(last)["step"], int(match[1]))
        self.assertIn(f"diverged at step {int(match[1]):,} of ", (self.folder / "run/report.html").read_text())


class Progress(Case):
    def on_terminal(self, columns, **environment):
        """What a run writes to a terminal of so many columns."""
        self.write("table.csv", table_text())
        leader, follower = pty.openpty()
        try:
            subprocess.run(["stty", "cols", str(columns), "rows", "20", "-echo", "-onlcr"], stdin=follower, check=True)
            process = subprocess.Popen([AGON, "train", "table.csv", "--out", "run", "--epochs", "3000", *SMALL],
                                       cwd=self.folder, stdout=subprocess.DEVNULL, stderr=follower,
                                       env=os.environ | environment)
            text = b""
            while process.poll() is None or select.select([leader], [], [], 0.1)[0]:
                if select.select([leader], [], [], 0.1)[0]:
                    text += os.read(leader, 65536)
            self.assertEqual(process.returncode, 0)
            return text.decode()
        finally:
            os.close(leader)
            os.close(follower)

    def test_live_line(self):
        text = self.on_terminal(60, TERM="xterm")
        live = re.findall(r"\r([^\r\n\x1b]*)\x1b\[K", text)
        self.assertTrue(live[0].startswith("step "), live[:2])
        self.assertLessEqual(max(map(len, live)), 59)
        self.assertIn("\r\x1b[Kdone: step 15,000", text)
        # The lines that stay are the summary's and the last ones: no progress among them.
        self.assertEqual([line for line in text.split("\n") if line.startswith("step ")], [])

    def test_terminal_that_cannot_rewrite(self):
        text = self.on_terminal(60, TERM="dumb")
        self.assertNotIn("\x1b", text)
        self.assertNotIn("\r", text)
        self.assertIn("\nstep ", text)

    def test_plain_lines(self):
        self.write("table.csv", table_text())
        text = self.agon("train", "table.csv", "--out", "run", "--epochs", "300", *SMALL).stderr
        self.assertRegex(text, r"(?m)^step [\d,]+/1,500  epoch \d+/300  loss D \d+\.\d{3} G \d+\.\d{3}  "
                               r"D\(real\) \d\.\d\d D\(fake\) \d\.\d\d  [\d,.]+ steps/s  .* left$")
        self.assertNotIn("\r", text)


if __name__ == "__main__":
    unittest.main()
