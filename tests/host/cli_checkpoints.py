"""Checkpoints that cannot be used: exit code 3, one line, nothing written; a run goes back to the one before."""

import json
import random
import re
import struct
import unittest

from cli_support import SMALL, Case, table_text, tensors


def foreign_safetensors():
    """A valid file of another program: one tensor, no metadata of ours."""
    header = json.dumps({"__metadata__": {"format": "pt"},
                         "weight": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
    return struct.pack("<Q", len(header)) + header + struct.pack("<2f", 1, 2)


class BadCheckpoints(Case):
    def damaged(self, good):
        """Name, content: all that can happen to a file."""
        numbers = random.Random(1)
        yield "empty", b""
        for cut in (4, 8, 100, len(good) // 2, len(good) - 1):
            yield f"cut at {cut}", good[:cut]
        for _ in range(12):
            at = numbers.randrange(len(good))
            yield f"bit flipped in byte {at}", good[:at] + bytes([good[at] ^ 1 << numbers.randrange(8)]) + good[at + 1:]
        yield "longer", good + b"\0"
        yield "foreign", foreign_safetensors()
        yield "text", b"step,loss\n1,2\n"
        yield "random", numbers.randbytes(5000)

    def test_every_command_refuses_them(self):
        run = self.small_run("run", "--keep", "1", "--checkpoint-every", "1000")
        (path,) = self.checkpoints("run")
        good = path.read_bytes()
        for what, content in self.damaged(good):
            with self.subTest(what):
                path.write_bytes(content)
                says = r"checkpoint-000000050\.safetensors: "
                self.refused(3, says, "sample", path, "-n", "3")
                self.refused(3, says, "sample", run, "-n", "3", "--out", "new.csv")
                self.refused(3, says, "inspect", run)
                self.refused(3, says, "train", "--resume", run, "--epochs", "20")
        path.write_bytes(good)
        self.agon("inspect", run)

    def test_missing(self):
        run = self.small_run()
        for path in self.checkpoints("run"):
            path.unlink()
        self.refused(3, r"run: .*no checkpoint", "inspect", run)
        self.refused(3, r"run: .*no checkpoint", "train", "--resume", run)
        self.refused(3, r"nothing: no such", "sample", "nothing", "-n", "3")
        self.refused(2, r"not a run", "inspect", self.folder)

    def test_back_to_the_one_before(self):
        whole = self.small_run("whole", epochs=30)
        run = self.small_run("run", "--checkpoint-every", "64", epochs=30)
        newest = self.checkpoints("run")[-1]
        newest.write_bytes(newest.read_bytes()[:-7])
        shown = self.agon("inspect", run)
        self.assertRegex(shown.stderr, r"\Aagon: passed over run/.*000000150\.safetensors: [^\n]*\n\Z"
                         .replace("run/", re.escape(str(run)) + "/"))
        self.assertIn("step           128", shown.stdout)
        result = self.agon("train", "--resume", run)
        self.assertRegex(result.stderr, r"passed over \S*checkpoint-000000150\.safetensors: ")
        self.assertEqual(tensors(self.checkpoints("run")[-1]), tensors(self.checkpoints("whole")[-1]))
        self.assertEqual((run / "stats.jsonl").read_bytes(), (whole / "stats.jsonl").read_bytes())

    def test_what_is_due_before_a_look_waits_for_it(self):
        """The health sample of step 64 is of step 63's gradients, too, which no checkpoint has."""
        whole = self.small_run("whole", epochs=20)
        run = self.small_run("run", "--checkpoint-every", "63", epochs=20)
        self.assertEqual([path.name for path in self.checkpoints("run")],
                         ["checkpoint-000000064.safetensors", "checkpoint-000000100.safetensors"])
        self.checkpoints("run")[-1].unlink()
        self.agon("train", "--resume", run, "--quiet")
        self.assertEqual((run / "stats.jsonl").read_bytes(), (whole / "stats.jsonl").read_bytes())

    def test_checkpoint_of_another_run(self):
        run = self.small_run()
        self.write("narrow.csv", table_text(columns=2))
        self.agon("train", "narrow.csv", "--out", "narrow", "--epochs", "10", "--quiet", *SMALL)
        for path in self.checkpoints("run"):
            path.write_bytes(self.checkpoints("narrow")[-1].read_bytes())
        self.refused(3, r"table\.csv: has 3 columns, but the run was trained on 2", "train", "--resume", run)


class Inspect(Case):
    def test_text_and_json(self):
        run = self.small_run("run", "--seed", "3")
        text = self.agon("inspect", run).stdout
        for words in ("step           50", "4 -> 16 -> 3", "131 parameters", "3 -> 16 -> 1", "seed           3",
                      "cpu, 1 thread", "40 rows, 3 columns", "c2"):
            self.assertIn(words, text)
        whole = json.loads(self.agon("inspect", run, "--json").stdout)
        self.assertEqual(whole["step"], 50)
        self.assertEqual(whole["generator"]["widths"], [4, 16, 3])
        self.assertEqual([c["name"] for c in whole["columns"]], ["c0", "c1", "c2"])
        last = json.loads((run / "stats.jsonl").read_text().splitlines()[-1])
        self.assertEqual(whole["statistics"], last)
        one = json.loads(self.agon("inspect", self.checkpoints("run")[-1], "--json").stdout)
        self.assertEqual(one, whole)
        for words in ("penalties", "steps of D", "pack", "instance noise", "micro-batch"):
            self.assertNotIn(words, text)

    def test_the_steps_program(self):
        run = self.small_run()
        text = self.agon("inspect", run, "--program").stdout
        for words in (r"The step as it is written: 32 operations, [\d,]+ multiply-adds", r"Passes on the processor \(--fuse\):\n    activation-with-layer .*\n    merge-sweeps .*\n    update-by-layer ",
                      r"The step as the processor runs it: 24 operations", r"step_begin .* state, generator\.value and on, kept copy, health's reference\[0:1\]  =>  state, kept copy, health",
                      r"linear_forward +16 x 4 -> 16 .* noise, generator\.0\.weight, generator\.0\.bias  =>  generator\.0 output\n",
                      r"gather_batch .* table, state  =>  rows\[0:8\]"):
            self.assertRegex(text, words)
        shown = json.loads(self.agon("inspect", run, "--program", "--json").stdout)
        self.assertEqual((shown["device"], len(shown["written"]), len(shown["run"])), ("cpu", 32, 24))
        self.assertEqual(sum(one["multiply_adds"] for one in shown["written"]), sum(one["multiply_adds"] for one in shown["run"]))
        self.assertEqual(shown["run"][-1]["name"], "step_end")

    def test_what_the_step_costs_on_a_gpu(self):
        run = self.small_run()
        text = self.agon("inspect", run, "--program", "--gpu", "h200").stdout
        for words in (r"The step as CUDA runs it: 9 operations", r"What the step costs at least on a GPU, counted in fp32\n"
                      r"H200 SXM, 141 GB: 132 multiprocessors, 60 MB of L2, 4\.80 TB/s of memory, 67\.0 TFLOP/s in fp32, 494\.7 in tf32, 989\.4 in bf16\n",
                      r"\n  1 step_begin +1 +0\.0 ", r"\n    all, in fp32 +9 ", r"\n    all, in tf32 +9 ", r"No step is faster than the floor"):
            self.assertRegex(text, words)
        shown = json.loads(self.agon("inspect", run, "--program", "--gpu", "h200", "--json").stdout)
        gpu = shown["gpu"]
        self.assertEqual((shown["device"], gpu["name"], gpu["multiprocessors"], gpu["precision"]), ("cuda", "h200", 132, "fp32"))
        self.assertEqual([one["name"] for one in gpu["operations"]], [one["name"] for one in shown["run"]])
        for one, plain in zip(gpu["operations"], shown["run"]):
            self.assertEqual(one["flop"], 2 * plain["multiply_adds"])
            self.assertEqual(one["bytes"], plain["bytes_read"] + plain["bytes_written"])
            self.assertAlmostEqual(one["floor_us"], 1e6 * one["flop"] / 67e12, delta=1e-9)  # all of it fits into the cache
            self.assertAlmostEqual(one["from_memory_us"], max(one["floor_us"], 1e6 * one["bytes"] / 4.8e12), delta=1e-9)
        for key, value in gpu["all"]["fp32"].items():
            self.assertAlmostEqual(value, sum(one[key] for one in gpu["operations"]), delta=1e-9)
        self.assertEqual(gpu["all"]["bf16"], gpu["all"]["fp32"])  # no layer of more than 16 inputs and outputs
        self.refused(2, r"GPU: 'h900' is none of a100, h100, h200", "inspect", run, "--program", "--gpu", "h900")
        self.refused(2, r"--gpu requires --program", "inspect", run, "--gpu", "h200")
        self.refused(2, r"table\.csv: is neither a run nor a checkpoint: it has no --program", "inspect", "table.csv", "--program")

    def test_passes_are_chosen_by_name(self):
        whole = self.small_run("whole")
        for passes in ("none", "update-by-layer,pair-layers"):
            run = self.small_run(f"run-{passes}", "--fuse", passes)
            self.assertEqual(tensors(self.checkpoints(run.name)[-1]), tensors(self.checkpoints("whole")[-1]))
        self.refused(2, r"'pairs' is no pass; there are: all, none, activation-with-layer, ", "train", "table.csv", "--out", "other", "--fuse", "pairs")
        self.assertTrue(whole.exists())

    def test_the_whole_game(self):
        run = self.small_run("run", "--r1", "0.5", "--wgan-gp", "2", "--discriminator-steps", "2", "--pack", "4",
                             "--micro-batch", "4", "--instance-noise", "0.1", "--instance-noise-until", "0.5")  # 25 steps
        text = self.agon("inspect", run).stdout
        for words in ("step           25 (epoch 10.0)", "penalties      R1 0.5, WGAN-GP 2", "steps of D     2 for one of G",
                      "pack           4 rows", "instance noise 0.1, falls to nothing at step 12", "micro-batch    4 rows"):
            self.assertIn(words, text)
        shown = json.loads(self.agon("inspect", run, "--json").stdout)
        self.assertEqual(shown["epoch"], 10)
        self.assertEqual(shown["penalties"], {"r1": 0.5, "r2": 0, "wgan_gp": 2, "dragan": 0})
        self.assertEqual((shown["discriminator_steps"], shown["pack"], shown["micro_batch"]), (2, 4, 4))
        self.assertEqual((shown["instance_noise"], shown["instance_noise_steps"]), (0.1, 12))


class Export(Case):
    def test_a_generator_to_give_away(self):
        run = self.small_run("run", "--held-out", "0.25", "--ema-samples", "100")
        self.assertRegex(self.agon("export", "run", "--out", "g.safetensors").stderr,
                         r"g\.safetensors: the generator of step 38 of run/checkpoint-000000038")
        names = tensors(self.folder / "g.safetensors")
        self.assertTrue(all(re.fullmatch(r"generator\.\d\.(weight|bias)(\.average)?", name) for name in names), names)
        drawn = [self.agon("sample", source, "-n", 30, "--seed", 5).stdout for source in ("run", "g.safetensors")]
        self.assertEqual(*drawn)
        self.assertIn("holds          the generator alone", self.agon("inspect", "g.safetensors").stdout)
        self.assertIs(json.loads(self.agon("inspect", "g.safetensors", "--json").stdout)["generator_alone"], True)
        self.refused(2, "g.safetensors: exists", "export", "run", "--out", "g.safetensors")
        before = (self.folder / "g.safetensors").read_bytes()
        self.agon("export", "g.safetensors", "--out", "again.safetensors", "--quiet")
        self.assertEqual((self.folder / "again.safetensors").read_bytes(), before)
        self.agon("export", "run", "--which", "best", "--out", "best.safetensors", "--quiet")
        self.refused(3, "none: no such run or checkpoint", "export", "none", "--out", "x.safetensors")
        (run / "checkpoint-000000038.safetensors").write_bytes(before)  # in the place of a whole one
        said = self.agon("train", "--resume", run, "--epochs", "20", "--quiet").stderr
        self.assertRegex(said, r"passed over \S+checkpoint-000000038\.safetensors: holds the generator alone")


if __name__ == "__main__":
    unittest.main()
