"""Images as the program's user meets them: from folders and arrays to runs, and from runs to images."""

import json
import re
import shutil
import signal
import unittest
import xml.etree.ElementTree

from cli_support import SMALL, Case, table_text, tensors
from image_files import blobs, decode_npy, decode_png, gz, idx, npy, write_folder

# Layers of few channels, so that a step takes a millisecond.
TINY = ["--batch", "8", "--device", "cpu", "--threads", "1", "--evaluate", "false", "--quiet"]
DCGAN = ["--recipe", "dcgan", "--latent", "8", "--generator-hidden", "8", "--discriminator-hidden", "8", *TINY]
R3GAN = ["--recipe", "r3gan", "--latent", "8", "--generator-hidden", "16,8", "--discriminator-hidden", "8,16",
         "--generator-group-channels", "8", "--discriminator-group-channels", "8", *TINY]


class Images(Case):
    def scans(self, count=24, side=8, channels=1, **more):
        return write_folder(self.folder / "scans", count, side, side, channels, **more)

    def learn(self, name="run", *more, steps=3, **options):
        """Trains on the folder of scans, which is made where there is none."""
        if not (self.folder / "scans").exists():
            self.scans()
        self.agon("train", "scans", "--out", name, "--steps", steps, *(more or DCGAN), **options)
        return self.folder / name

    def shown(self, run):
        return json.loads(self.agon("inspect", run, "--json").stdout)


class Learnt(Images):
    def test_nothing_needs_to_be_said(self):
        """Zero configuration but for the length; what is where in the run folder."""
        self.scans(side=12, channels=3, labels=("ill", "well"))
        said = self.agon("train", "scans/", "--steps", "3", "--evaluate", "false", "--threads", "1").stderr
        self.assertRegex(said, r"(?m)^note: labels by subfolder: ill \(12\), well \(12\)$")
        self.assertRegex(said, r"(?m)^images +scans: 24 of 12 x 12, RGB$")
        self.assertRegex(said, r"(?m)^generator +100 -> 3x3x128 -> 6x6x64 -> 12x12x3, batch norm, ReLU, tanh output, ")
        self.assertRegex(said, r"(?m)^recipe +dcgan, but training\.steps = 3$")
        run = self.folder / "runs/scans"
        self.assertEqual(sorted(p.name for p in run.iterdir()),
                         ["checkpoint-000000000.safetensors", "checkpoint-000000003.safetensors", "config.toml",
                          "report.html", "samples-000000003.png", "stats.jsonl"])
        config = (run / "config.toml").read_text()
        for line in ('coding = "images" ', "hidden = [128, 64] ", 'from_recipe = "dcgan" ', f'table = "{self.folder}/scans" '):
            self.assertIn(line, config)
        # 100 images are 10 beside each other, 2 pixels apart.
        height, width, channels, _ = decode_png((run / "samples-000000003.png").read_bytes())
        self.assertEqual((height, width, channels), (10 * 12 + 9 * 2, 10 * 12 + 9 * 2, 3))
        page = xml.etree.ElementTree.fromstring((run / "report.html").read_text())
        self.assertEqual(page.find(".//{*}h1").text, "scans")
        images = [e for e in page.iter() if e.get("src", "").startswith("data:image/png;base64,")]
        self.assertGreaterEqual(len(images), 1)
        for style in page.iter("{http://www.w3.org/1999/xhtml}style"):
            style.text = ""
        self.assertNotRegex("".join(page.itertext()), r"\b([Rr]ows?|[Cc]olumns?)\b")
        self.assertIn("finished: step 3 of 3", (run / "report.html").read_text())

    def test_arrays_are_the_folders_images(self):
        """A folder, IDX and NPY of the same pixels give the same run but for labels, which it has no use for."""
        self.scans(side=8)
        pixels = b"".join(blobs(24, 8, 8))
        self.write("t-images-idx3-ubyte.gz", gz(idx((24, 8, 8), pixels)))
        self.write("t-labels-idx1-ubyte.gz", gz(idx((24,), bytes(i % 3 for i in range(24)))))
        self.write("a.npy", npy((24, 8, 8), pixels))
        for name in ("scans", "t-images-idx3-ubyte.gz", "a.npy"):
            self.agon("train", name, "--out", f"of-{name}", "--steps", "3", *DCGAN)
        first = tensors(self.checkpoints("of-scans")[-1])
        for name in ("t-images-idx3-ubyte.gz", "a.npy"):
            self.assertEqual(tensors(self.checkpoints(f"of-{name}")[-1]), first)
        said = self.agon("train", "t-images-idx3-ubyte.gz", "--dry-run", "--batch", "8", "--threads", "1").stderr
        self.assertIn("note: labels of t-labels-idx1-ubyte.gz: 0 (8), 1 (8), 2 (8)\n", said)

    def test_sizes_are_made_to_fit(self):
        self.scans(side=13, channels=3)
        self.agon("train", "scans", "--out", "run", "--image-size", "8x12", "--image-fit", "crop", "--image-channels",
                  "1", "--steps", "2", *DCGAN)
        shown = self.shown("run")
        self.assertEqual([shown[key] for key in ("height", "width", "channels")], [8, 12, 1])
        self.agon("train", "--resume", "run", "--steps", "3", "--quiet")
        self.refused(2, r'data\.image_size is "8x12" in this run and cannot become "12x8"', "train", "--resume", "run",
                     "--image-size", "12x8")

    def test_the_configuration_repeats_the_run(self):
        run = self.learn()
        printed = self.agon("train", "scans", *DCGAN[:-1], "--print-config").stdout
        self.write("x.toml", printed)
        self.assertEqual(self.agon("train", "--config", "x.toml", "--print-config").stdout, printed)
        self.agon("train", "--config", run / "config.toml", "--out", "again", "--quiet")
        for name in ("config.toml", "stats.jsonl", "report.html", "samples-000000003.png",
                     "checkpoint-000000003.safetensors"):
            self.assertEqual((run / name).read_bytes(), (self.folder / "again" / name).read_bytes(), name)

    def test_dry_run(self):
        self.scans()
        text = self.agon("train", "scans", "--epochs", "2", *DCGAN, "--dry-run").stdout
        self.assertRegex(text, r"(?m)^training +2 epochs, batch 8: 6 steps;")
        for steps, epochs in (("1", "0.33 epochs"), ("3", "1 epoch")):
            text = self.agon("train", "scans", "--steps", steps, *DCGAN, "--dry-run").stdout
            self.assertRegex(text, rf"(?m)^training +{epochs}, batch 8: {steps} steps;")
        self.assertRegex(text, r"(?m)^time +about 0\.\d s: [\d.]+ ms a step$")
        self.assertRegex(text, r"(?m)^memory +about \d{2,3} MB$")
        self.assertFalse((self.folder / "runs").exists())

    def test_minutes(self):
        self.learn("run", "--minutes", "0.003", *DCGAN)
        self.assertGreater(self.shown("run")["step"], 3)

    def test_held_out_images_choose_among_replicas(self):
        self.scans(40)
        run = self.learn("run", "--replicas", "2", "--held-out", "0.25", *DCGAN)
        names = {p.name for p in run.iterdir()}
        self.assertLessEqual({"replicas.csv", "checkpoint-best.safetensors", "checkpoint-000000003.safetensors",
                              "checkpoint-000000003-1.safetensors", "checkpoint-000000003-2.safetensors",
                              "samples-000000003-1.png", "samples-000000003-2.png"}, names)
        self.assertEqual(self.shown("run")["images"], 30)
        self.agon("train", "--resume", "run", "--steps", "6", "--quiet")
        self.agon("train", "scans", "--out", "whole", "--steps", "6", "--replicas", "2", "--held-out", "0.25", *DCGAN)
        for seed in (1, 2):
            name = f"checkpoint-000000006-{seed}.safetensors"
            self.assertEqual(tensors(run / name), tensors(self.folder / "whole" / name))

    def test_inspect(self):
        self.scans(side=12, channels=3, labels=("ill", "well"))
        text = self.agon("inspect", "scans").stdout
        self.assertRegex(text, r"\Aimages +scans: 24 of 12 x 12, RGB, fingerprint [0-9a-f]{16}\n"
                               r"note: labels by subfolder: ill \(12\), well \(12\)\n")
        found = json.loads(self.agon("inspect", "scans", "--json").stdout)
        self.assertEqual([found[key] for key in ("images", "height", "width", "channels", "labels")],
                         [24, 12, 12, 3, ["ill", "well"]])
        self.learn("run", *R3GAN)
        text = self.agon("inspect", "run").stdout
        self.assertRegex(text, r"(?m)^generator +8 -> 6x6x16 -> 12x12x8 -> 12x12x3, 1 residual block a size")
        self.assertRegex(text, r"(?m)^data +24 images of 12 x 12, RGB, fingerprint [0-9a-f]{16}$")
        shown = self.shown("run")
        self.assertEqual([shown[key] for key in ("images", "height", "width", "channels", "fingerprint")],
                         [found[key] for key in ("images", "height", "width", "channels", "fingerprint")])
        self.assertEqual({"rows", "columns", "classes"} & set(shown), set())
        self.assertIn("convolution_forward", self.agon("inspect", "run", "--program").stdout)
        self.refused(2, r"scans: is no table: --schema", "inspect", "scans", "--columns", "a")


class Augmented(Images):
    # A batch of 8 moves the probability by a quarter.
    ADAPTIVE = ["--augment", "adaptive", "--augment-images", "32", "--discriminator-rate", "0.01", "--log-every", "1"]

    def test_adaptive_resumes_to_the_bit_and_is_shown(self):
        self.scans()
        for name, recipe in (("dcgan", DCGAN), ("r3gan", R3GAN)):
            with self.subTest(name):
                whole = self.learn(f"{name}/whole", *self.ADAPTIVE, *recipe, steps=40)
                parts = self.learn(f"{name}/parts", *self.ADAPTIVE, *recipe, steps=13)
                self.agon("train", "--resume", parts, "--steps", "40", "--quiet")
                for file in ("checkpoint-000000040.safetensors", "stats.jsonl"):
                    self.assertEqual((parts / file).read_bytes(), (whole / file).read_bytes())
                logged = [json.loads(line).get("augmentation", 0) for line in (whole / "stats.jsonl").read_text().splitlines()]
                self.assertEqual(len(logged), 40)
                self.assertLessEqual({round(p, 4) for p in logged}, {0, 0.25, 0.5, 0.75, 0.8, 0.55, 0.3, 0.05})
                self.assertGreater(max(logged), 0)
                self.assertIn("augmentation: probability of each change", (whole / "report.html").read_text())
                self.assertRegex(self.agon("inspect", whole).stdout, r'(?m)^augment +"adaptive"$')
        self.refused(2, r'augmentation\.mode is "adaptive" in this run and cannot become "none"', "train", "--resume",
                     "dcgan/whole", "--augment", "none")

    def test_fixed(self):
        plain = self.learn("plain")
        fixed = self.learn("fixed", "--augment", "fixed", "--augment-probability", "0.5", "--augment-flip", "true", *DCGAN)
        self.assertNotEqual(tensors(self.checkpoints(fixed)[-1]), tensors(self.checkpoints(plain)[-1]))
        self.assertIn("augment", self.agon("inspect", fixed, "--program").stdout)
        self.assertIn('flip = true ', (fixed / "config.toml").read_text())

    def test_refused(self):
        self.scans()
        for flags, says in [
            (["--augment", "ada"], r"--augment: .*none, adaptive, fixed"),
            (["--augment", "fixed"], r"augmentation: fixed at probability 0 .*--augment-probability 0\.3"),
            (["--augment-probability", "0.3"], r"augmentation: a probability is given where it is fixed"),
            (["--augment", "fixed", "--augment-probability", "1.5"], r"--augment-probability: .*1\.5"),
            (["--augment", "adaptive", "--augment-target", "0"], r"--augment-target"),
            (["--ada", "true"], r"--augment"),
        ]:
            with self.subTest(flags):
                self.refused(2, says, "train", "scans", "--out", "run", *DCGAN, *flags)
        self.write("t.csv", "a,b\n" + "1,2\n3,4\n" * 20)
        self.refused(2, r"augmentation: moves and recolours images, which records are not; --augment none", "train", "t.csv",
                     "--augment", "adaptive", "--quiet")


class Resumed(Images):
    def test_parts_have_the_bits_of_the_whole(self):
        """Of dcgan batch norm's running statistics count, of r3gan the average of the weights, R1 and R2."""
        self.scans()
        for name, recipe in (("dcgan", DCGAN), ("r3gan", R3GAN)):
            with self.subTest(name):
                whole = self.learn(f"{name}/whole", *recipe, steps=7)
                parts = self.learn(f"{name}/parts", *recipe, steps=2)
                for steps in (3, 7):
                    self.agon("train", "--resume", parts, "--steps", steps, "--quiet")
                last = "checkpoint-000000007.safetensors"
                self.assertEqual((parts / last).read_bytes(), (whole / last).read_bytes())
                self.assertEqual((parts / "stats.jsonl").read_bytes(), (whole / "stats.jsonl").read_bytes())
                self.assertEqual((parts / "samples-000000007.png").read_bytes(),
                                 (whole / "samples-000000007.png").read_bytes())

    def test_kill_at_any_moment(self):
        often = ["--checkpoint-every", "2", "--samples-every", "5", "--samples", "4", "--log-every", "1"]
        for name, recipe, steps in (("dcgan", DCGAN, 120), ("r3gan", R3GAN, 30)):
            with self.subTest(name):
                whole = self.learn(f"{name}/whole", *often, *recipe, steps=steps)
                run = f"{name}/run"
                command = ["scans", "--out", run, "--steps", steps, *often, *recipe]
                for kill in range(3):
                    before = self.checkpoints(run)
                    process = self.start("train", *command)
                    self.wait_for(lambda: process.poll() is not None or self.checkpoints(run) not in ([], before))
                    process.kill()
                    self.assertEqual(process.communicate()[1], "")
                    command = ["--resume", run, "--quiet"]
                self.agon("train", "--resume", run, "--quiet")
                for path in whole.iterdir():
                    if path.name != "config.toml" and not path.name.startswith("checkpoint-"):
                        self.assertEqual((self.folder / run / path.name).read_bytes(), path.read_bytes(), path.name)
                self.assertEqual(self.checkpoints(run)[-1].read_bytes(), self.checkpoints(whole)[-1].read_bytes())
                self.assertEqual([file for file in self.files() if "/." in file], [])

    def test_interrupted(self):
        self.scans()
        process = self.start("train", "scans", "--out", "run", "--steps", "1000000", "--log-every", "1", *DCGAN)
        log = self.folder / "run/stats.jsonl"
        self.wait_for(lambda: process.poll() is not None or (log.exists() and log.read_bytes().count(b"\n") > 3))
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        step = int(re.fullmatch(r"agon: interrupted at step (\d+) and saved; go on with: agon train --resume run\n", said)[1])
        self.agon("train", "--resume", "run", "--steps", step + 2, "--quiet")
        whole = self.learn("whole", "--log-every", "1", *DCGAN, steps=step + 2)
        self.assertEqual(tensors(self.checkpoints("run")[-1]), tensors(self.checkpoints(whole)[-1]))

    def test_other_images_are_refused(self):
        run = self.learn(steps=2)
        other = self.folder / "other"

        def changed(says, change):
            shutil.copytree(self.folder / "scans", other)
            change()
            self.refused(3, rf"\Aagon: other: {says}", "train", "other", "--resume", run, "--steps", "3", "--quiet")
            shutil.rmtree(other)

        changed("its values are not", lambda: write_folder(other, 1, 8, 8, seed=9))
        changed("has 25 images", lambda: (other / "024.png").write_bytes((other / "000.png").read_bytes()))
        changed("has 23 images", lambda: (other / "003.png").unlink())
        changed(".*12 x 12", lambda: write_folder(other, 24, 12, 12))
        self.write("table.csv", "a,b\n1,2\n3,4\n")
        self.refused(3, r"table\.csv: neither a folder of PNG", "train", "table.csv", "--resume", run, "--steps", "3")
        shutil.rmtree(self.folder / "scans")
        self.refused(3, r"scans: cannot read: No such file", "train", "--resume", run, "--steps", "3")


class Drawn(Images):
    def draw(self, out, *more, run="run", count=5):
        self.agon("sample", run, "-n", count, "--out", out, "--quiet", "--threads", "1", *more)
        return self.folder / out

    def array(self, *arguments, **more):
        path = self.draw("array.npy", "--overwrite", *arguments, **more)
        return decode_npy(path.read_bytes())

    def test_forms(self):
        self.scans(side=12, channels=3)
        self.learn()
        shape, pixels = self.array()
        self.assertEqual((shape, len(pixels)), ((5, 12, 12, 3), 5 * 432))
        self.assertEqual(self.array(), (shape, pixels))
        self.assertNotEqual(self.array("--seed", "2")[1], pixels)
        self.assertEqual(self.array(count=2)[1], pixels[:2 * 432])
        self.assertEqual(self.array(count=300)[1][:5 * 432], pixels)
        folder = self.draw("new/drawn", count=12)
        self.assertEqual(sorted(p.name for p in folder.iterdir()), [f"drawn-{i:02}.png" for i in range(1, 13)])
        images = [decode_png((folder / f"drawn-{i:02}.png").read_bytes()) for i in range(1, 6)]
        self.assertEqual({image[:3] for image in images}, {(12, 12, 3)})
        self.assertEqual(b"".join(image[3] for image in images), pixels)
        self.check_grid(decode_png(self.draw("grid.png").read_bytes()), pixels)

    def check_grid(self, grid, pixels):
        """5 images: 3 beside each other, in 2 rows, 2 pixels apart."""
        height, width, channels, found = grid
        self.assertEqual((height, width, channels), (2 * 12 + 2, 3 * 12 + 2 * 2, 3))
        for image in range(5):
            top, left = image // 3 * 14, image % 3 * 14
            for y in range(12):
                at = ((top + y) * width + left) * 3
                row = (image * 12 + y) * 36
                self.assertEqual(found[at:at + 36], pixels[row:row + 36])

    def test_grey_has_no_channels_in_an_array(self):
        self.learn()
        self.assertEqual(self.array()[0], (5, 8, 8))

    def test_weights(self):
        self.learn("run", *R3GAN, "--generator-rate", "0.01", steps=30)  # half a lifetime is a twentieth of the rows
        average = self.array()
        self.assertEqual(self.array("--weights", "average"), average)
        self.assertNotEqual(self.array("--weights", "last"), average)
        self.learn("plain", "--ema-samples", "0")
        self.refused(2, "there is no average of the weights", "sample", "plain", "-n", "5", "--out", "x.npy", "--weights",
                     "average")

    def test_a_generator_given_away(self):
        for name, recipe in (("dcgan", DCGAN), ("r3gan", R3GAN)):
            self.learn(name, *recipe)
            self.agon("export", name, "--out", f"{name}.safetensors", "--quiet")
            self.assertFalse([t for t in tensors(self.folder / f"{name}.safetensors") if "discriminator" in t])
            self.assertEqual(self.array(run=f"{name}.safetensors"), self.array(run=name))
            self.assertIn("the generator alone", self.agon("inspect", f"{name}.safetensors").stdout)

    def test_nothing_is_overwritten_unless_asked(self):
        self.learn()
        for out in ("grid.png", "array.npy", "drawn"):
            self.draw(out)
            self.refused(2, rf"--out {out}: exists; replace it with --overwrite", "sample", "run", "-n", "4", "--out", out)
            self.draw(out, "--overwrite", count=3)
        self.assertEqual(sorted(p.name for p in (self.folder / "drawn").iterdir()), ["drawn-1.png", "drawn-2.png", "drawn-3.png"])
        (self.folder / "empty").mkdir()
        self.draw("empty")

    def test_only_drawn_images_are_ever_replaced(self):
        self.learn()
        self.write("file", "mine")
        for folder in ("run", "scans", "."):
            for more in ([], ["--overwrite"]):
                self.refused(2, rf"--out {re.escape(folder)}: holds more than drawn images \(\S+\); name another",
                             "sample", "run", "-n", "4", "--out", folder, *more)
        self.refused(2, "--out file: is a file, not a folder", "sample", "run", "-n", "4", "--out", "file", "--overwrite")

    def test_a_folder_appears_whole_or_not_at_all(self):
        self.learn()
        for number, code in ((signal.SIGINT, 130), (signal.SIGKILL, -9)):
            process = self.start("sample", "run", "-n", "100000", "--out", "drawn", "--threads", "1")
            self.wait_for(lambda: any(self.folder.glob(".drawn.*/*.png")))
            process.send_signal(number)
            _, said = process.communicate(timeout=60)
            self.assertEqual(process.returncode, code)
            self.assertEqual(said, "agon: interrupted; drawn was not written\n" if code == 130 else "")
            self.assertFalse((self.folder / "drawn").exists())
            self.assertEqual(len(list(self.folder.glob(".drawn.*"))), 0 if code == 130 else 1)
        self.draw("drawn")  # and clears what was killed
        self.assertEqual(list(self.folder.glob(".drawn.*")), [])

    def test_paths_between_images(self):
        self.learn()
        self.draw("p.npy", "--interpolate", "5", count=3)
        shape, paths = decode_npy((self.folder / "p.npy").read_bytes())
        self.assertEqual(shape, (15, 8, 8))
        images = [paths[64 * i:64 * (i + 1)] for i in range(15)]
        self.assertEqual(len(set(images)), 15)
        self.draw("ends.npy", "--interpolate", "2", count=2)
        _, ends = decode_npy((self.folder / "ends.npy").read_bytes())
        self.assertEqual(ends, images[0] + images[4] + images[5] + images[9])
        self.draw("p.png", "--interpolate", "5", count=3)
        height, width, _, _ = decode_png((self.folder / "p.png").read_bytes())
        self.assertEqual((height, width), (3 * 8 + 2 * 2, 5 * 8 + 4 * 2))
        self.draw("p", "--interpolate", "5", count=3)
        self.assertEqual(len(list((self.folder / "p").glob("drawn-??.png"))), 15)
        said = self.agon("sample", "run", "-n", "2", "--interpolate", "3", "--out", "q.png", "--threads", "1").stderr
        self.assertIn("q.png: 2 paths between images from step 3", said)
        self.refused(2, "--interpolate: ", "sample", "run", "-n", "2", "--interpolate", "1", "--out", "x.png")
        self.refused(2, "more than 10000 images", "sample", "run", "-n", "1001", "--interpolate", "10", "--out", "x.png")
        self.write("table.csv", table_text())
        self.agon("train", "table.csv", "--out", "table", "--epochs", "1", *SMALL, "--quiet")
        self.refused(2, "--interpolate: is for images; this run has learnt a table", "sample", "table", "-n", "2",
                     "--interpolate", "3")

    def test_refusals(self):
        self.learn()
        for arguments, says in [
            ([], r"images need a file: --out images\.png"),
            (["--out", "-"], r"images need a file: --out images\.png"),
            (["--out", "x.jpg"], r"--out x\.jpg: .*\.png .*\.npy, or a folder"),
            (["--out", "x.csv"], r"--out x\.csv: .*\.png .*\.npy, or a folder"),
            (["--out", "x.png", "--where", "a=b"], r"--where: this run has learnt images"),
            (["--out", "x.png", "--balance", "a"], r"--balance: this run has learnt images"),
            (["--out", "x.png", "--table", "t.csv"], r"--table: this run has learnt images"),
        ]:
            with self.subTest(arguments):
                self.refused(2, says, "sample", "run", "-n", "4", *arguments)
        self.refused(2, r"more than 10000 images; a folder or an \.npy", "sample", "run", "-n", "10001", "--out", "x.png")


if __name__ == "__main__":
    unittest.main()
