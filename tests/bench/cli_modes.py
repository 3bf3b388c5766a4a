"""agon bench modes and agon bench dirac: what they print, refuse and leave behind."""

import json
import signal
import unittest
import xml.etree.ElementTree

from cli_support import Case

# Seconds, not hours.
QUICK = ["--points", "1000", "--epochs", "2", "--samples", "500", "--seeds", "2", "--generator-hidden", "16",
         "--discriminator-hidden", "16", "--device", "cpu", "--threads", "1"]


class Modes(Case):
    def test_table_beside_the_truth_and_the_literature(self):
        result = self.agon("bench", "modes", "ring", *QUICK)
        lines = result.stdout.splitlines()
        row = lambda name: next(line for line in lines if line.startswith(name + " "))
        self.assertIn("1,000 points, 2 epochs of batch 100, 500 samples", result.stdout)
        self.assertIn("modes of 8", result.stdout)
        self.assertRegex(row("truth"), r"8\.00 \+- 0\.00 +8 +9[89]\.\d \+- \d\.\d +0\.00\d\d \+- 0\.\d+ +0\.9\d\d \+- ")
        self.assertRegex(row("default"), r"0 of 2$")
        self.assertRegex(row("PacGAN4"), r"7\.80 +95\.9 +0\.0700 +- +PacGAN, table 1$")
        self.assertEqual(result.stderr.count("ring, default, seed "), 2)

    def test_json_has_every_run_and_they_depend_on_their_seeds_alone(self):
        both = json.loads(self.agon("bench", "modes", "grid", "thousand", "--json", "--quiet", *QUICK).stdout)
        self.assertEqual([bench["mixture"] for bench in both], ["grid", "thousand"])
        grid, thousand = both
        self.assertEqual(grid["protocol"], {"points": 1000, "epochs": 2, "batch": 100, "samples": 500, "seeds": 2,
                                            "seed": 1, "data_seed": 1})
        trials = grid["rows"][0]["trials"]
        self.assertEqual([(t["seed"], t["steps"], t["failed"]) for t in trials], [(1, 20, False), (2, 20, False)])
        self.assertEqual(grid["rows"][0]["configuration"]["batch"], 100)
        self.assertEqual(grid["truth"]["modes"]["mean"], 25)
        self.assertIsNone(thousand["rows"][0]["high_quality"]["mean"])
        self.assertEqual(thousand["columns"], 30)
        # The second seed by itself, and both side by side.
        for more in (["--seeds", "1", "--seed", "2"], ["--at-once", "2"]):
            again = json.loads(self.agon("bench", "modes", "grid", "--json", "--quiet", *QUICK, *more).stdout)
            self.assertEqual(again[0]["rows"][0]["trials"][-1], trials[-1])

    def test_a_row_for_each_configuration(self):
        self.write("lsgan.toml", "[training]\nobjective = \"least-squares\"\nbatch = 7\nepochs = 99\n")
        self.write("hot.toml", "[generator]\nrate = 0.01\nhidden = [8]\n")
        rows = json.loads(self.agon("bench", "modes", "ring", "--json", "--config", "lsgan.toml,hot.toml", "--quiet",
                                    *QUICK, "--latent", "3").stdout)[0]["rows"]
        self.assertEqual([row["name"] for row in rows], ["lsgan", "hot"])
        configurations = [row["configuration"] for row in rows]
        self.assertEqual([c["objective"] for c in configurations], ["least-squares", "relativistic"])
        self.assertEqual([c["generator_rate"] for c in configurations], [1e-3, 1e-2])
        self.assertEqual({c["batch"] for c in configurations}, {100}, "the protocol's batch stands")
        self.assertEqual({row["trials"][0]["steps"] for row in rows}, {20}, "the protocol's epochs stand")
        self.assertEqual(configurations[1]["generator"]["widths"], [3, 16, 2], "flags go before files")

    def test_a_row_for_each_recipe(self):
        rows = json.loads(self.agon("bench", "modes", "ring", "--json", "--recipe", "wgan-gp,r3", "--quiet", *QUICK).stdout)[0]["rows"]
        self.assertEqual([row["name"] for row in rows], ["wgan-gp", "r3"])
        configurations = [row["configuration"] for row in rows]
        self.assertEqual([c["objective"] for c in configurations], ["wasserstein", "relativistic"])
        self.assertEqual({tuple(c["generator"]["widths"]) for c in configurations}, {(2, 16, 2)})
        self.assertEqual([row["trials"][0]["steps"] for row in rows], [4, 20], "five steps of D see the points of five")
        default = json.loads(self.agon("bench", "modes", "ring", "--json", "--quiet", *QUICK).stdout)[0]["rows"][0]
        self.assertEqual(default["configuration"], configurations[1])
        self.assertEqual(default["trials"], rows[1]["trials"])
        self.refused(2, r"--recipe: expected one of article, .*, got 'r33'; did you mean 'r3'\?", "bench", "modes", "--recipe", "r33")

    def test_a_run_that_diverges_is_counted_and_has_no_part_in_the_means(self):
        result = self.agon("bench", "modes", "ring", *QUICK, "--discriminator-rate", "10", "--r1", "1e6",
                           "--discriminator-hidden", ",".join(10 * ["64"]), "--out", "kept")
        self.assertRegex(result.stdout, r"default +- +- +- +-  2 of 2\nGAN")
        self.assertIn("Runs that failed have no part in the means.", result.stdout)
        self.assertIn("seed 2: failed at step", result.stderr)
        self.assertEqual(sorted(self.files()), ["kept/modes.json"], "no picture of what failed")

    def test_folder(self):
        self.agon("bench", "modes", "ring", "thousand", *QUICK, "--out", "kept", "--quiet")
        self.assertEqual(sorted(self.files()),
                         ["kept/modes.json", "kept/ring-default-1.svg", "kept/ring-default-2.svg"])
        self.assertEqual(len(json.loads((self.folder / "kept/modes.json").read_text())), 2)
        picture = (self.folder / "kept/ring-default-2.svg").read_text()
        xml.etree.ElementTree.fromstring(picture)
        self.assertIn("500 samples; crosses", picture)
        self.refused(2, r"--out kept: is not empty.*--overwrite", "bench", "modes", "ring", *QUICK, "--out", "kept")
        self.agon("bench", "modes", "ring", *QUICK, "--out", "kept", "--quiet", "--overwrite")

    def test_interrupted_it_prints_what_is_done(self):
        process = self.start("bench", "modes", "ring", "grid", *QUICK, "--seeds", "500", "--out", "kept")
        self.wait_for(lambda: (self.folder / "kept/ring-default-1.svg").exists())
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        self.assertRegex(out, r"default .* 0 of \d+, interrupted: 500 were asked for")
        self.assertNotIn("modes of 25", out)
        self.assertTrue((self.folder / "kept/modes.json").exists())

    def test_bad_arguments(self):
        for says, arguments in [
            (r"disc not in", ["disc"]), (r"--seeds", ["--seeds", "0"]), (r"--points", ["--points", "1"]),
            (r"--samples", ["--samples", "many"]), (r"unknown flag '--sedes'; did you mean '--seeds'", ["--sedes", "3"]),
            (r"--objective: expected one of", ["--objective", "x"]), (r"absent\.toml", ["--config", "absent.toml"]),
            (r"--replicas", ["--replicas", "3"]), (r"plan", ["--plan", "nonsense"]),
        ]:
            with self.subTest(arguments):
                self.refused(2, says, "bench", "modes", *arguments)
        self.refused(2, r"unknown command 'mods'; did you mean 'modes'\?", "bench", "mods")
        self.refused(2, r"--seconds: no flag of 'agon bench modes'", "bench", "--seconds", "1", "modes")
        self.refused(5, r"CUDA|cuda|GPU|driver", "bench", "modes", "ring", "--device", "cuda:99")
        self.refused(2, r"thousand: 5 points are too few", "bench", "modes", "thousand", "--points", "5")
        self.write("a.toml", "")
        self.refused(2, r"two rows are named 'a'", "bench", "modes", "--config", "a.toml,a.toml")


class Dirac(Case):
    def test_every_objective_is_as_the_closed_form_says(self):
        rows = json.loads(self.agon("bench", "dirac", "--json").stdout)
        objectives = ["non-saturating", "minimax", "hinge", "least-squares", "wasserstein", "relativistic",
                      "least-squares, bias 1/2"]
        penalties = ["", " + R1 0.5", " + R1 3", " + R2 0.5", " + R1 0.5, R2 0.25", " + WGAN-GP 1", " + DRAGAN 2"]
        self.assertEqual({row["objective"] for row in rows}, {o + p for o in objectives for p in penalties})
        self.assertTrue(all(row["good"] and row["difference"] < 1e-4 for row in rows), rows)
        at_rest = {row["objective"]: row["measured"][0][1] for row in rows if row["psi"] == 0}
        self.assertAlmostEqual(at_rest["non-saturating"], 0.5, places=5)
        self.assertAlmostEqual(at_rest["wasserstein"], 1, places=5)
        self.assertAlmostEqual(at_rest["hinge + R1 0.5"], (1 - 0.25 ** 2) ** 0.5, places=5)
        self.assertEqual(at_rest["hinge + R1 3"], 0)
        text = self.agon("bench", "dirac").stdout
        self.assertEqual(len(text.splitlines()), 2 + len(rows))
        self.assertNotIn("OFF", text)

    def test_bad_arguments(self):
        self.refused(2, r"one argument too many: 'x'", "bench", "dirac", "x")
        self.refused(2, r"device", "bench", "dirac", "--device", "abacus")


if __name__ == "__main__":
    unittest.main()
