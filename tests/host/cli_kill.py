"""kill -9 while checkpoints are written: every file that is there is whole, and the run goes on to the same bits."""

import pathlib
import random
import sys
import time
import unittest

from cli_support import Case, table_text, tensors

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "engine" / "checkpoint"))
import checkpoint_oracle  # reads checkpoints without agon

# Networks whose step is short beside the writing of their 4 MB checkpoint, which follows every step.
NETWORKS = ["--recipe", "r3", "--evaluate", "false", "--generator-hidden", "256,1024", "--discriminator-hidden", "64", "--latent", "8", "--batch", "4",
            "--device", "cpu", "--threads", "1"]
EPOCHS = 60
KILLS = 25


class Killed(Case):
    def half_written(self):
        return list(self.folder.rglob("*-tmp"))

    def test_every_checkpoint_is_whole_at_every_moment(self):
        self.write("table.csv", table_text(rows=20))
        new = ["train", "table.csv", "--quiet", "--epochs", EPOCHS, "--samples-every", "7", "--log-every", "1", *NETWORKS]
        self.agon(*new, "--out", "whole", "--checkpoint-every", "1000")
        numbers = random.Random(5)
        kills = during_a_write = 0
        command = new + ["--out", "run", "--checkpoint-every", "1", "--keep", "3"]
        while kills < KILLS:
            before = self.checkpoints("run")
            process = self.start(*command)
            if kills % 2:  # under way, however busy the machine is; else perhaps before its first file
                self.wait_for(lambda: process.poll() is not None or self.checkpoints("run") != before)
            if kills % 3 == 2:  # in the middle of writing
                while process.poll() is None and not self.half_written():
                    pass
            else:
                time.sleep(numbers.uniform(0, 0.1))
            if process.poll() is not None:
                break
            process.kill()
            _, message = process.communicate()
            self.assertEqual(message, "")
            kills += 1
            during_a_write += bool(self.half_written())
            files = self.checkpoints("run")
            for path in files:
                checkpoint_oracle.read(path)
            if files:  # else it was killed before its first one, and the same command begins anew
                command = ["train", "--resume", "run", "--quiet"]
        process.communicate()
        self.agon(*command)
        self.assertGreater(during_a_write, 0, f"none of {kills} kills met a file half written")
        self.assertEqual(tensors(self.checkpoints("run")[-1]), tensors(self.checkpoints("whole")[-1]))
        for name in ("stats.jsonl", "report.html"):
            self.assertEqual((self.folder / "run" / name).read_bytes(), (self.folder / "whole" / name).read_bytes())
        self.assertEqual(self.half_written(), [])
        print(f"{kills} kills, {during_a_write} with a file half written")


if __name__ == "__main__":
    unittest.main()
