"""Images by class: what is learnt with its labels, and drawn by them."""

import csv
import json
import shutil
import unittest

from cli_support import Case, tensors
from image_files import blobs, decode_npy, decode_png, npy, png, write_folder

TINY = ["--batch", "8", "--device", "cpu", "--threads", "1", "--evaluate", "false", "--quiet"]
DCGAN = ["--recipe", "dcgan", "--latent", "8", "--generator-hidden", "8", "--discriminator-hidden", "8", *TINY]
R3GAN = ["--recipe", "r3gan", "--latent", "8", "--generator-hidden", "16,8", "--discriminator-hidden", "8,16",
         "--generator-group-channels", "8", "--discriminator-group-channels", "8", *TINY]
NAMES = ["ill", "unsure", "well"]


class Classes(Case):
    def scans(self, count=27, labels=NAMES, name="scans"):
        return write_folder(self.folder / name, count, 8, 8, labels=labels)

    def learn(self, name="run", *more, steps=3, data="scans", **options):
        if not (self.folder / data).exists():
            self.scans()
        self.agon("train", data, "--by-class", "true", "--out", name, "--steps", steps, *(more or DCGAN), **options)
        return self.folder / name

    def shown(self, run):
        return json.loads(self.agon("inspect", run, "--json").stdout)

    def draw(self, out, *more, run="run", count=6):
        self.agon("sample", run, "-n", count, "--out", out, "--quiet", "--threads", "1", *more)
        return self.folder / out


class Learnt(Classes):
    def test_what_a_run_says_of_them(self):
        self.scans()
        said = self.agon("train", "scans", "--by-class", "true", "--out", "run", "--steps", "3", *DCGAN[:-1]).stderr
        self.assertRegex(said, r"(?m)^images +scans: 27 of 8 x 8, grey, by 3 classes$")
        self.assertRegex(said, r"(?m)^generator +11 -> 4x4x8 -> 8x8x1, ")
        self.assertRegex(said, r"(?m)^discriminator +8x8x1 -> 4x4x8 -> 1 and 3 classes, ")
        self.assertIn("by_class = true ", (self.folder / "run/config.toml").read_text())
        shown = self.shown("run")
        self.assertEqual([shown[key] for key in ("height", "width", "channels", "classes")], [8, 8, 1, NAMES])
        self.assertRegex(self.agon("inspect", "run").stdout, r"(?m)^classes +3: ill, unsure, well$")
        program = self.agon("inspect", "run", "--program").stdout
        self.assertIn("batch_classes", program)
        self.assertIn("class_logit", program)
        # A row for each class, 33 of 100 images beside each other, 2 pixels apart.
        height, width, *_ = decode_png((self.folder / "run/samples-000000003.png").read_bytes())
        self.assertEqual((height, width), (3 * 8 + 2 * 2, 33 * 8 + 32 * 2))

    def test_more_classes_than_samples(self):
        self.learn("run", "--samples", "2", *DCGAN)
        height, width, *_ = decode_png((self.folder / "run/samples-000000003.png").read_bytes())
        self.assertEqual((height, width), (8, 2 * 8 + 2))

    def test_parts_have_the_bits_of_the_whole(self):
        self.scans()
        for name, recipe in (("dcgan", DCGAN), ("r3gan", [*R3GAN, "--held-out", "0.2", "--replicas", "2"])):
            with self.subTest(name):
                whole = self.learn(f"{name}/whole", *recipe, steps=5)
                parts = self.learn(f"{name}/parts", *recipe, steps=2)
                self.agon("train", "--resume", parts, "--steps", "5", "--quiet")
                for path in whole.glob("*000005*"):
                    self.assertEqual((parts / path.name).read_bytes(), path.read_bytes(), path.name)

    def test_classes_change_what_is_learnt(self):
        run = self.learn()
        self.scans(labels=NAMES[::-1], name="other")
        other = self.learn("other-run", data="other")
        a, b = (tensors(self.checkpoints(r)[-1]) for r in (run, other))
        self.assertEqual(a.keys(), b.keys())
        self.assertNotEqual(a, b)
        self.refused(3, "other: its values are not", "train", "other", "--resume", run, "--steps", "5", "--quiet")

    def test_labels_of_a_table(self):
        """They are those of subfolders, were they in some."""
        folder = self.scans()
        flat = self.folder / "flat"
        flat.mkdir()
        files = sorted(folder.glob("*/*.png"))
        for path in files:
            shutil.copy(path, flat / f"{path.parent.name}-{path.name}")
        self.write("labels.csv", "file,label\n" + "".join(f"{p.parent.name}-{p.name},{p.parent.name}\n" for p in files))
        first = self.learn()
        self.agon("train", "flat", "--labels", "labels.csv", "--by-class", "true", "--out", "of-table", "--steps", "2", *DCGAN)
        self.agon("train", "--resume", "of-table", "--steps", "3", "--quiet")
        self.assertEqual(tensors(self.checkpoints("of-table")[-1]), tensors(self.checkpoints(first)[-1]))

    def test_what_a_checkpoint_tells_of_a_small_class(self):
        """That two of 24 images are of it is nowhere: it counts as five."""
        self.scans(22, ["common"])
        (self.folder / "scans/rare").mkdir()
        for i, pixels in enumerate(blobs(2, 8, 8, seed=5)):
            self.write(f"scans/rare/{i}.png", png(8, 8, 1, pixels))
        said = self.agon("train", "scans", "--by-class", "true", "--out", "run", "--steps", "3", *DCGAN).stderr
        self.assertEqual(said, "agon: warning: 1 of 2 classes has fewer than 5 images: what is drawn of them may be these "
                               "again\n")
        shares = self.shown("run")["generator"]["condition_shares"]
        self.assertEqual(shares, [round(1e9 * 22 / 27), round(1e9 * 5 / 27)])


class Drawn(Classes):
    def pixels(self, *more, **options):
        return decode_npy(self.draw("array.npy", "--overwrite", *more, **options).read_bytes())[1]

    def labels(self):
        with open(self.folder / "array-labels.csv", newline="") as file:
            return list(csv.reader(file))

    def test_classes_as_they_are_asked_for(self):
        self.scans()
        for name, recipe in (("dcgan", DCGAN), ("r3gan", R3GAN)):
            with self.subTest(name):
                self.learn("run", "--overwrite", *recipe)
                ill, well = self.pixels("--class", "ill"), self.pixels("--class", "well")
                self.assertEqual(self.labels(), [["index", "label"], *([str(i), "well"] for i in range(6))])
                both = self.pixels("--class", "ill", "--class", "well")
                of = lambda pixels, i: pixels[64 * i:64 * (i + 1)]
                for i in range(6):
                    self.assertNotEqual(of(ill, i), of(well, i))
                    self.assertEqual(of(both, i), of((ill, well)[i % 2], i))
                mixed = self.pixels(count=40)
                asked = [label for _, label in self.labels()[1:]]
                self.assertEqual(set(asked), set(NAMES))
                ill = self.pixels("--class", "ill", count=40)
                for i, label in enumerate(asked):
                    (self.assertEqual if label == "ill" else self.assertNotEqual)(of(mixed, i), of(ill, i))
                height, width, *_ = decode_png(self.draw("grid.png", "--overwrite", "--class", "ill", "--class",
                                                         "well").read_bytes())
                self.assertEqual((height, width), (3 * 8 + 2 * 2, 2 * 8 + 2))

    def test_a_folder_for_each_class(self):
        self.learn()
        folder = self.draw("drawn", count=40)
        pixels = self.pixels(count=40)
        found = {}
        for path in folder.glob("*/*.png"):
            found[path.name] = path.parent.name
            number = int(path.stem.removeprefix("drawn-")) - 1
            self.assertEqual(decode_png(path.read_bytes())[3], pixels[64 * number:64 * (number + 1)])
        self.assertEqual([found[f"drawn-{i:02}.png"] for i in range(1, 41)], [label for _, label in self.labels()[1:]])
        self.draw("drawn", "--overwrite", "--class", "well", count=2)
        self.assertEqual([str(p.relative_to(folder)) for p in sorted(folder.glob("*/*"))],
                         ["well/drawn-1.png", "well/drawn-2.png"])
        self.write("drawn/well/mine.txt", "mine")
        self.refused(2, r"--out \S*drawn\S*: holds more than drawn images \(mine\.txt\)", "sample", "run", "-n", "2", "--out", "drawn",
                     "--overwrite")

    def test_names_that_are_no_folders(self):
        names = ["../up", "a,b", ".hidden"]
        folder = self.folder / "flat"
        write_folder(folder, 24, 8, 8)
        rows = "".join(f'{i:03}.png,"{names[i % 3]}"\n' for i in range(24))
        self.write("labels.csv", "file,label\n" + rows)
        self.learn("run", "--labels", "labels.csv", *DCGAN, data="flat")
        drawn = self.draw("drawn", "--class", "../up", "--class", "a,b")
        ordered = sorted(names)
        self.assertEqual(sorted(p.name for p in drawn.iterdir()),
                         sorted(f"class-{ordered.index(n) + 1}" for n in names[:2]))
        self.pixels("--class", "a,b", count=2)
        self.assertEqual(self.labels()[1:], [["0", "a,b"], ["1", "a,b"]])

    def test_a_generator_given_away(self):
        self.learn()
        self.agon("export", "run", "--out", "g.safetensors", "--quiet")
        self.assertEqual(self.shown("g.safetensors")["classes"], NAMES)
        for more in ([], ["--class", "unsure"]):
            self.assertEqual(self.pixels(*more, run="g.safetensors"), self.pixels(*more))

    def test_evaluated_with_their_classes(self):
        self.scans(120)
        self.learn("run", "--held-out", "0.2", *DCGAN)
        self.agon("evaluate", "run", "--out", "of-run.json", "--out", "of-run.html", "--quiet", "--threads", "1")
        self.assertIn("<th>of their class</th>", (self.folder / "of-run.html").read_text())
        drawn = self.draw("drawn", count=60)
        self.agon("evaluate", "scans", drawn, "--out", "of-folder.json", "--quiet", "--threads", "1")
        for name in ("of-run", "of-folder"):
            agreement = json.loads((self.folder / f"{name}.json").read_text())["classifier"]["agreement"]
            self.assertIsNotNone(agreement, name)


class Refused(Classes):
    def test_images_without_classes(self):
        write_folder(self.folder / "flat", 24, 8, 8)
        self.scans(24, ["all"], name="one")
        self.write("a.npy", npy((24, 8, 8), b"".join(blobs(24, 8, 8))))
        for data, says in (("flat", "its images have no labels; a folder has a subfolder"),
                           ("a.npy", "its images have no labels; a folder has a subfolder"),
                           ("one", "all its images have the same label; leave out --by-class")):
            self.refused(2, rf"\Aagon: --by-class: {data}: {says}", "train", data, "--by-class", "true", *DCGAN)
        self.assertFalse((self.folder / "runs").exists())

    def test_labels(self):
        write_folder(self.folder / "flat", 24, 8, 8)
        self.write("short.csv", "file,label\n000.png,a\n")
        self.write("a.npy", npy((24, 8, 8), b"".join(blobs(24, 8, 8))))
        self.refused(3, r"short\.csv: no row for 23 images", "train", "flat", "--labels", "short.csv", *DCGAN)
        self.refused(2, r"short\.csv: a table of labels is for a folder", "train", "a.npy", "--labels", "short.csv", *DCGAN)
        self.refused(3, r"missing\.csv: ", "train", "flat", "--labels", "missing.csv", *DCGAN)

    def test_tables_have_no_classes(self):
        self.write("t.csv", "a,b\n" + "".join(f"{i},{i % 7}\n" for i in range(40)))
        for more in (["--by-class", "true"], ["--labels", "l.csv"]):
            self.refused(2, "--labels and --by-class are for images; this is a table", "train", "t.csv", *more)
        self.agon("train", "t.csv", "--out", "table-run", "--steps", "2", "--device", "cpu", "--evaluate", "false", "--quiet")
        self.refused(2, "--class: this run has learnt a table", "sample", "table-run", "-n", "3", "--class", "a")

    def test_classes_that_a_run_does_not_know(self):
        run = self.learn()
        self.agon("train", "scans", "--out", "plain", "--steps", "2", *DCGAN)
        for name, says in (("wel", r"--class wel: none of this run's classes, 3: ill, unsure, well; did you mean 'well'\?"),
                           ("all", r"--class all: none of this run's classes, 3: ill, unsure, well")):
            self.refused(2, says, "sample", run, "-n", "3", "--out", "x.npy", "--class", "ill", f"--class={name}")
        self.refused(2, r"--class ill: this run knows no classes: agon train --by-class true", "sample", "plain", "-n", "3", "--out",
                     "x.npy", "--class", "ill")
        for resumed, flag in ((run, "false"), ("plain", "true")):
            self.refused(2, r"data\.by_class is \w+ in this run and cannot become", "train", "--resume", resumed, "--by-class",
                         flag, "--steps", "5", "--quiet")

    def test_nothing_is_overwritten_unless_asked(self):
        self.learn()
        self.draw("x.npy")
        (self.folder / "x.npy").unlink()
        self.refused(2, r"--out x-labels\.csv: exists; replace it with --overwrite", "sample", "run", "-n", "3", "--out", "x.npy")
        self.draw("x.npy", "--overwrite")


if __name__ == "__main__":
    unittest.main()
