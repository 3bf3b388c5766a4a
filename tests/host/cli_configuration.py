"""Defaults < --config < flags, and what happens to those that make no sense."""

import os
import pathlib
import re
import subprocess
import unittest

from cli_support import AGON, SMALL, Case, table_text

# A value other than the default for every setting that a flag can set.
OTHER = {
    "generator-hidden": "7,8,9", "latent": "5", "generator-slope": "0.1", "generator-rate": "0.003",
    "generator-norm": "batch", "residual": "concat", "dropout": "0.5", "generator-dropout": "0.5",
    "generator-output": "tanh", "discriminator-norm": "layer", "discriminator-residual": "concat",
    "discriminator-hidden": "[]", "discriminator-slope": "0.3", "discriminator-rate": "3e-05",
    "objective": "minimax", "epochs": "3", "batch": "17", "seed": "9007199254740992", "beta1": "0.25",
    "beta2": "0.95", "epsilon": "1e-07", "real-label": "0.9", "checkpoint-every": "11", "keep": "4",
    "log-every": "2", "samples-every": "0", "samples": "5", "device": "cpu", "threads": "1", "precision": "bf16",
    "rate-schedule": "linear", "warmup-steps": "12", "final-rate": "0.25", "steps-per-launch": "-1",
    "micro-batch": "16", "replicas": "3", "held-out": "0.25", "patience": "5", "restarts": "2",
    "evaluate": "false", "target": "c0",
    "weight-decay": "0.01", "l2": "0.001", "clip-norm": "0.5", "spectral-norm": "true", "ema-samples": "5000.0",
    "discriminator-steps": "2", "pack": "17", "r1": "0.5", "r2": "0.25", "wgan-gp": "2.0", "dragan": "3.0",
    "instance-noise": "0.1", "instance-noise-until": "0.5", "burn-in": "0.5", "final-penalty": "0.1", "final-beta2": "0.5",
    "fuse": "none", "plan": "own large 2", "coding": "numbers", "schema": "s.toml", "columns": "a, b", "ignore": "c",
    "extrapolate": "true", "exact-bounds": "true", "conditions": "true", "steps": "7", "minutes": "0.5",
    "image-size": "16x8", "image-fit": "crop", "image-channels": "3", "labels": "l.csv", "by-class": "true",
    "generator-kernel": "6", "generator-blocks": "2", "generator-group-channels": "8", "generator-expansion": "3",
    "generator-initial-deviation": "0.02", "discriminator-kernel": "2", "discriminator-blocks": "3",
    "discriminator-group-channels": "4", "discriminator-expansion": "1", "discriminator-initial-deviation": "0.05",
    "augment": "adaptive", "augment-probability": "0.3", "augment-flip": "true", "augment-translation": "false",
    "augment-colour": "false", "augment-cutout": "true", "augment-target": "0.5", "augment-images": "1000.0",
}


class Configuration(Case):
    def printed(self, *arguments):
        return self.agon("train", "--print-config", *arguments).stdout

    def test_the_articles_recipe(self):
        text = self.printed("--recipe", "article")
        for line in ("hidden = [128, 256, 512]", "hidden = [512, 256]", "latent = 100", "slope = 0.2", "rate = 0.0002",
                     "epochs = 1000", "batch = 64", "beta1 = 0.5", "beta2 = 0.999", 'objective = "non-saturating"'):
            self.assertIn(line, text)

    def test_what_is_printed_can_be_read_back(self):
        flags = [f"--{name}={value}" for name, value in OTHER.items()]
        odd_name = 'a "b" \\ c\td é.csv'
        text = self.printed(odd_name, "--recipe", "sngan", *flags)
        default = self.printed()
        for line, usual in zip(text.splitlines(), default.splitlines()):
            if "=" in line:
                self.assertNotEqual(line, usual, "a setting that no flag changes")
        self.write("x.toml", text)
        self.assertEqual(self.printed("--config", "x.toml"), text)
        self.write("default.toml", default)
        self.assertEqual(self.printed("--config", "default.toml"), default)

    def test_what_older_versions_said_of_residual_blocks(self):
        self.assertIn('residual = "concat"', self.printed("--residual", "true"))
        for old, now in (("true", "concat"), ("false", "none")):
            self.write("x.toml", f"[generator]\nresidual = {old}\n")
            self.assertIn(f'residual = "{now}"', self.printed("--config", "x.toml").split("[discriminator]")[0])

    def test_every_flag_is_covered(self):
        help_text = self.agon("train", "--help").stdout
        flags = set(re.findall(r"--([a-z0-9-]+) \[", help_text)) - {"recipe"}
        self.assertEqual(flags, set(OTHER))

    def test_every_setting_has_its_group_in_the_help(self):
        text = self.agon("train", "--help").stdout
        groups = dict(re.findall(r"(?ms)^(\w[\w ]*):\n(.*?)(?=^\w|\Z)", text))
        self.assertEqual(list(groups), ["Positionals", "Options", "Table", "Generator", "Discriminator", "Penalties", "Augmentation", "Training",
                                        "Run folder", "Device"])
        self.assertEqual(re.findall(r"--([a-z0-9-]+) \[", groups["Options"]), ["recipe"])

    def test_flags_go_before_the_file_and_the_file_before_defaults(self):
        self.write("x.toml", "[training]\nepochs = 5\nbatch = 6\n")
        text = self.printed("--config", "x.toml", "--batch", "7")
        self.assertIn("epochs = 5 ", text)
        self.assertIn("batch = 7 ", text)
        self.assertIn("seed = 1 ", text)
        self.assertIn("batch = 9 ", self.printed("--batch", "8", "--batch", "9"))  # the last one holds

    def test_recipes_are_listed(self):
        names = sorted(path.stem for path in (pathlib.Path(__file__).parents[2] / "host/recipes").glob("*.toml"))
        lines = self.agon("train", "--recipe", "list").stdout.splitlines()
        self.assertEqual([line.split()[0] for line in lines], names)
        for line in lines:
            self.assertRegex(line, r"\A\S+  +\S.*\.\Z")

    def test_recipes_lie_between_the_defaults_and_the_file(self):
        self.assertIn('objective = "hinge" ', self.printed("--recipe", "sngan"))
        self.assertIn('from_recipe = "sngan" ', self.printed("--recipe", "sngan"))
        self.assertIn('from_recipe = "table" ', self.printed())
        self.assertEqual(self.printed(), self.printed("--recipe", "table"))
        self.write("x.toml", "[training]\nobjective = \"minimax\"\nbatch = 6\n")
        text = self.printed("--recipe", "sngan", "--config", "x.toml", "--batch", "7")
        for line in ('objective = "minimax" ', "batch = 7 ", 'from_recipe = "sngan" '):
            self.assertIn(line, text)
        self.assertIn('objective = "wasserstein" ', self.printed("--objective", "wasserstein", "--recipe", "sngan"))

    def test_bad_recipes(self):
        self.write("t.csv", table_text())
        self.refused(2, r"--recipe: expected one of article, ctgan, dcgan, dragan, .*, got 'dragon'; did you mean 'dragan'\?",
                     "train", "t.csv", "--recipe", "dragon")
        self.small_run("run")
        self.refused(2, r"--resume keeps to the run's own settings", "train", "--resume", "run", "--recipe", "sngan")

    def test_a_run_keeps_its_recipe(self):
        run = self.small_run("run", "--recipe", "wgan-gp", epochs=2)
        self.assertIn('from_recipe = "wgan-gp" ', (run / "config.toml").read_text())
        again = self.printed("--config", run / "config.toml")
        self.assertEqual(again, (run / "config.toml").read_text())
        self.agon("train", "--resume", "run", "--epochs", "3", "--quiet")
        self.assertIn('from_recipe = "wgan-gp" ', (run / "config.toml").read_text())

    def test_bad_files(self):
        for content, says in [
            ("[training]\nepochz = 5\n", r"x\.toml:2:1: unknown key 'training\.epochz'; did you mean 'training\.epochs'"),
            ("[trainig]\nepochs = 5\n", r"x\.toml:1:2: unknown section 'trainig'; did you mean 'training'"),
            ("epochs = 5\n", r"x\.toml:1:1: unknown key 'epochs'; it belongs under \[training\]"),
            ("training = 5\n", r"x\.toml:1:1: "),
            ("[training]\nepochs = \"five\"\n", r"x\.toml:2:10: training\.epochs: expected an integer .* got 'five'"),
            ("[training]\nepochs = true\n", r"x\.toml:2:10: training\.epochs: expected an integer .* got true"),
            ("[training]\nepochs = 5.5\n", r"x\.toml:2:10: .* got 5\.5"),
            ("[training]\nepochs = -1\n", r"x\.toml:2:10: .* from 0 .* got -1"),
            ("[training]\nbeta1 = nan\n", r"x\.toml:2:9: "),
            ("[training]\nbeta1 = 1\n", r"x\.toml:2:9: .*below 1"),
            ("[generator]\nhidden = [16, -1]\n", r"x\.toml:2:10: generator\.hidden: "),
            ("[generator]\nhidden = [16, \"a\"]\n", r"x\.toml:2:10: generator\.hidden: "),
            ("[generator]\nrate = 0\n", r"x\.toml:2:8: generator\.rate: expected a number above 0"),
            ("[training]\nobjective = \"maximin\"\n", r"one of non-saturating, minimax, hinge, least-squares, "
                                                    r"wasserstein, relativistic, got 'maximin'"),
            ("[training\n", r"x\.toml:1:\d+: "),
            ("[training]\nepochs = 1\nepochs = 2\n", r"x\.toml:3:\d+: "),
            (b"\xff\xfe\x00", r"x\.toml:1:\d+: "),
        ]:
            with self.subTest(content):
                self.write("x.toml", content)
                self.refused(2, says, "train", "t.csv", "--config", "x.toml")

    def test_missing_file(self):
        self.refused(2, r"none\.toml: ", "train", "t.csv", "--config", "none.toml")
        self.refused(2, r"agon: \S+: ", "train", "t.csv", "--config", self.folder)

    def test_bad_flags(self):
        for flags, says in [
            (["--epoch", "5"], r"unknown flag '--epoch'; did you mean '--epochs'"),
            (["--lerning-rate=5"], r"unknown flag '--lerning-rate'"),
            (["--batch", "many"], r"--batch: expected an integer .* got 'many'"),
            (["--batch", "0"], r"--batch: .* got 0"),
            (["--batch", "6.5"], r"--batch: .* got '6\.5'"),
            (["--batch", "99999999999999999999"], r"--batch: "),
            (["--batch"], r"--batch"),
            (["--latent", "-3"], r"--latent: .* got -3"),
            (["--generator-rate", "nan"], r"--generator-rate: "),
            (["--generator-hidden", "16,,16"], r"--generator-hidden: expected integers .* got '16,,16'"),
            (["--objective", "hinged"], r"--objective: "),
            (["--real-label", "1.5"], r"--real-label: "),
            (["--objective", "hinge", "--real-label", "0.9"],
             r"real label: the hinge objective has no labels to smooth"),
            (["--discriminator-norm", "batch", "--r1", "1"], r"a batch norm makes a row's slope depend on the other rows"),
            (["--discriminator-norm", "layer", "--wgan-gp", "1"], r"a layer norm is curved"),
            (["--recipe", "r3", "--residual", "add"], r"residual add: no hidden layer is as wide as its input; equal widths"),
            (["--residual", "both"], r"--residual: expected one of none, concat, add, pre-activation, got 'both'"),
            (["--generator-output", "leaky_relu"], r"--generator-output: expected one of identity, tanh, sigmoid"),
            (["--rate-schedule", "step"], r"--rate-schedule: expected one of constant, linear, cosine, got 'step'"),
            (["--final-rate", "1.5"], r"--final-rate: .* got 1\.5"),
            (["--burn-in", "0"], r"--burn-in: .*above 0 and at most 1.* got 0"),
            (["--final-penalty", "1.5"], r"--final-penalty: .* got 1\.5"),
            (["--final-beta2", "1"], r"--final-beta2: .* got 1"),
            (["--warmup-steps", "-1"], r"--warmup-steps: .* got -1"),
            (["--micro-batch", "-1"], r"--micro-batch: expected an integer from 0 .* got -1"),
            (["--steps-per-launch", "-2"], r"--steps-per-launch: .* got -2"),
            (["--device", "tpu"], r"unknown device 'tpu': expected auto, cpu, cuda or cuda:N"),
            (["--held-out", "0.95"], r"--held-out: expected a number from 0 to 0\.9, or -1, got 0\.95"),
            (["--held-out", "-0.5"], r"--held-out: expected a number from 0 to 0\.9, or -1, got -0\.5"),
            (["--checkpoint-every", "1e16"], r"--checkpoint-every: expected an integer from 1 to 9007199254740992, got 10{16}$"),
            (["--epochs", "1e10"], r"--epochs: expected an integer from 0 to 1000000000, got 10000000000$"),
            (["--generator-rate", "11"], r"--generator-rate: expected a number above 0 and at most 10, got 11$"),
            (["--clip-norm", "1e300"], r"--clip-norm: expected a number from 0 to 9007199254740992, got 1e\+300$"),
            (["--threads", "4097"], r"--threads: expected an integer from 0 to 4096, got 4097$"),
            (["two.csv"], r"one argument too many: 'two\.csv'"),
        ]:
            with self.subTest(flags):
                self.write("t.csv", table_text())
                self.refused(2, says, "train", "t.csv", *flags)

    def test_other_programs_words(self):
        for command, word, ours in [
            ("train", "--lr", "'--generator-rate' and '--discriminator-rate'"),
            ("train", "--learning-rate", "'--generator-rate' and '--discriminator-rate'"),
            ("train", "--learning_rate=1e-3", "'--generator-rate' and '--discriminator-rate'"),
            ("train", "--batch-size", "'--batch'"), ("train", "--batch_size", "'--batch'"), ("bench", "--batch-size", "'--batches'"),
            ("train", "--num-epochs", "'--epochs'"), ("train", "--output", "'--out'"), ("train", "-o", "'--out'"),
            ("train", "--output-dir", "'--out'"), ("train", "--gpu", "'--device'"), ("train", "--random-state", "'--seed'"),
            ("train", "--num-workers", "'--threads'"), ("train", "--test-size", "'--held-out'"), ("train", "--held_out", "'--held-out'"),
            ("train", "--latent-dim", "'--latent'"), ("train", "--pac", "'--pack'"), ("train", "--force", "'--overwrite'"),
            ("sample", "--num-rows", "'--count'"), ("sample", "--n-samples", "'--count'"), ("sample", "--output", "'--out'"),
            ("sample", "--output-file", "'--out'"), ("sample", "--conditions", "'--where'"), ("sample", "--gpu", "'--device'"),
            ("evaluate", "--test-data", "'--holdout'"), ("evaluate", "--label", "'--target'"),
            ("export", "--output", "'--out'"), ("audit", "--random-seed", "'--seed'"), ("inspect", "--metadata", "'--schema'"),
        ]:
            with self.subTest([command, word]):
                name = word.split("=")[0]
                self.refused(2, rf"unknown flag '{name}'; did you mean {ours}\? ", command, *([] if command == "bench" else ["x"]),
                             word, "1")

    def test_devices_say_where_the_threads_are_from(self):
        said = subprocess.run([AGON, "devices"], env={**os.environ, "OMP_NUM_THREADS": "3"}, capture_output=True, text=True)
        self.assertRegex(said.stdout, r"\Acpu +.*, 3 threads, .*; threads by OMP_NUM_THREADS\n")

    def test_whole_numbers_as_people_type_them(self):
        self.write("t.csv", table_text())
        said = self.agon("train", "t.csv", "--steps", "1e3", "--batch", "6.4e1", "--print-config").stdout
        self.assertRegex(said, r"\nsteps = 1000 ")
        self.assertRegex(said, r"\nbatch = 64 ")
        self.write("x.toml", "[training]\nsteps = 2e3\n")
        self.assertRegex(self.agon("train", "t.csv", "--config", "x.toml", "--print-config").stdout, r"\nsteps = 2000 ")

    def test_bad_commands(self):
        self.refused(2, r"unknown command 'trian'; did you mean 'train'", "trian", "t.csv")
        self.refused(2, r"agon --help")
        self.refused(2, r"nothing to learn from", "train")
        self.refused(2, r"--count", "sample", "run")
        self.refused(2, r"unknown flag '--sead'; did you mean '--seed'", "sample", "run", "-n", "3", "--sead", "4")
        self.refused(2, r"synthetic", "evaluate", "real.csv")

    def test_absent_device(self):
        self.write("t.csv", table_text())
        self.refused(5, r"no (CUDA )?device", "train", "t.csv", *SMALL, "--device", "cuda:99")

    def test_table_whose_name_is_not_utf8(self):
        (self.folder / "\udcff.csv").write_text(table_text())
        self.refused(2, r"\\xff\.csv'?: .*UTF-8", "train", "\udcff.csv", *SMALL)

    def test_dry_run_tells_and_writes_nothing(self):
        self.write("t.csv", table_text(rows=100))
        before = self.files()
        text = self.agon("train", "t.csv", "--dry-run", "--epochs", "10", *SMALL).stdout
        self.assertEqual(self.files(), before)
        self.assertFalse((self.folder / "runs").exists())
        # generator 4-16-3: 4*16+16+16*3+3 parameters; discriminator 3-16-1: 3*16+16+16+1; ceil(10*100/8) steps
        for words in ("100 rows, 3 columns", "4 -> 16 -> 3", "131 parameters", "3 -> 16 -> 1", "81 parameters",
                      "125 steps", "cpu (", "runs/t"):
            self.assertIn(words, text)

    def test_help_and_version(self):
        self.assertRegex(self.agon("--version").stdout, r"\Aagon \d+\.\d+\.\d+\n\Z")
        for command in ("train", "sample", "export", "evaluate", "audit", "inspect", "bench", "devices"):
            text = self.agon(command, "--help").stdout
            self.assertIn(f"Usage: agon {command}", text)
            self.assertRegex(text, rf"Example: agon {command}")


if __name__ == "__main__":
    unittest.main()
