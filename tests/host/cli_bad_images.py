"""Images that cannot be used and options that do not go with them: one line with the place and the remedy, nothing written."""

import os
import re
import unittest
import zipfile

from cli_support import Case, table_text
from image_files import blobs, gz, idx, npy, png, write_folder

QUIET = ["--batch", "4", "--steps", "1", "--device", "cpu", "--threads", "1", "--evaluate", "false", "--quiet"]


class BadImages(Case):
    def refuse(self, code, says, source, *more):
        self.refused(code, says, "train", source, *QUIET, *more)

    def scans(self, side=8, count=6, name="scans", **more):
        return write_folder(self.folder / name, count, side, side, **more)

    def test_damaged_files(self):
        whole = png(8, 8, 1, blobs(1, 8, 8)[0])
        flipped = bytearray(whole)
        flipped[45] ^= 0x55
        for content, says in ((bytes(flipped), r"at byte \d+: damaged PNG: .*restore the file, or remove it"),
                              (whole[:40], r"at byte 40: damaged PNG: the file ends early; restore the file, or remove it"),
                              (b"", r"at byte 0: the file is empty; restore it, or remove it"),
                              (b"hello, world", r"003\.png: .*; ")):
            with self.subTest(says):
                self.scans()
                self.write("scans/003.png", content)
                self.refuse(3, r"\Aagon: scans/003\.png: ", "scans")
                self.refuse(3, says, "scans")

    def test_damaged_arrays(self):
        pixels = b"".join(blobs(6, 8, 8))
        packed = gz(idx((6, 8, 8), pixels))
        self.write("labels.gz", gz(idx((6,), bytes(6))))
        self.refuse(3, r"labels\.gz: at byte 3: .*labels 1: name the file with the images", "labels.gz")
        for name, content in (("a.npy", npy((6, 8, 8), pixels)[:-5]), ("b.npy", npy((6, 8, 8), pixels) + b"x"),
                              ("c.npy", npy((0, 8, 8), b"")), ("d.npy", npy((1 << 40, 1 << 12, 1 << 12), pixels)),
                              ("a.gz", packed[:-20]), ("a.idx", idx((7, 8, 8), pixels)), ("b.idx", idx((6, 8, 8), pixels) + b"x"),
                              ("c.idx", idx((0xffffffff,) * 3, pixels))):
            with self.subTest(name):
                self.write(name, content)
                self.refuse(3, rf"\Aagon: {re.escape(name)}: \S", name)

    def test_an_archive_that_is_cut_off(self):
        with zipfile.ZipFile(self.folder / "scans.npz", "w") as archive:
            archive.writestr("images.npy", npy((6, 8, 8), b"".join(blobs(6, 8, 8))))
        whole = (self.folder / "scans.npz").read_bytes()
        self.write("scans.npz", whole[:len(whole) // 2])
        for command in ("train", "inspect"):
            self.refused(3, r"scans\.npz: this is a NumPy archive that is damaged or cut off; save it anew", command, "scans.npz")

    def test_a_table_of_labels_with_other_names(self):
        self.scans()
        self.write("labels.csv", "file,label\n" + "".join(f"scans/{i:03}.png,{'ab'[i % 2]}\n" for i in range(6)))
        self.refuse(3, r"labels\.csv: no row names an image of the folder; a file is named as 000\.png, and the first row has "
                       r"'scans/000\.png'", "scans", "--labels", "labels.csv")
        self.write("labels.csv", "file,label\nother.png,a\n" + "".join(f"{i:03}.png,{'ab'[i % 2]}\n" for i in range(6)))
        self.assertIn("1 row that names no image of the folder, ",
                      self.agon("train", "scans", "--labels", "labels.csv", "--dry-run", *QUIET[:-1]).stderr)

    def test_no_images(self):
        for name, says in (("empty", "no PNG or JPEG file in this folder or below; convert images to PNG"),
                           ("texts", r"no PNG or JPEG file .*\(2 other files, the first: 0\.txt\); convert images"),
                           ("table", r"no PNG or JPEG file .*\(1 other file, the first: a\.csv\); convert images")):
            (self.folder / name).mkdir()
            for i in range(2 if name == "texts" else 0):
                self.write(f"texts/{i}.txt", "hello")
            if name == "table":
                self.write("table/a.csv", table_text())
            for recipe in ([], ["--recipe", "dcgan"], ["--recipe", "table"]):
                self.refuse(3, rf"\Aagon: {name}: {says}", name, *recipe)
        self.scans(count=1, name="one")
        self.refuse(3, r"one: one image only; at least two", "one")
        self.refuse(3, r"one/000\.png: one image only; name a folder", "one/000.png")
        self.refuse(3, r"nowhere: .*No such file", "nowhere", "--recipe", "dcgan")

    @unittest.skipIf(os.geteuid() == 0, "root reads everything")
    def test_folder_that_cannot_be_read(self):
        self.scans().chmod(0)
        self.addCleanup(lambda: (self.folder / "scans").chmod(0o700))
        self.refuse(3, r"scans: cannot read: Permission denied", "scans")

    def test_mixed_sizes(self):
        self.scans()
        self.scans(12, 2, "scans/z")
        self.refuse(3, r"scans/z/000\.png: is 12 x 12, but scans/000\.png is 8 x 8; .*--image-size HEIGHTxWIDTH with "
                       r"--image-fit", "scans")
        self.refuse(3, r"scans: images of 2 sizes .*; say --image-size", "scans", "--image-fit", "pad")
        self.refuse(3, r"scans/000\.png: is 8 x 8, but --image-size asks for 12 x 12", "scans", "--image-size", "12")
        self.agon("train", "scans", "--out", "run", "--image-size", "8", "--image-fit", "pad", *QUIET)

    def test_mixed_modes_are_said(self):
        self.scans()
        self.scans(8, 2, "scans/z", channels=3)
        said = self.agon("train", "scans", "--dry-run", *QUIET[:-1]).stderr
        self.assertIn("note: 2 images in colour, made grey (0.299 R + 0.587 G + 0.114 B)\n", said)
        self.write("scans/labels.csv", "file,label\n")
        self.assertIn("note: 1 file neither PNG nor JPEG left alone, the first: labels.csv\n",
                      self.agon("train", "scans", "--dry-run", *QUIET[:-1]).stderr)

    def test_sizes_that_cannot_be_halved(self):
        """The remedy that is named works."""
        for recipe, height, width, remedy in (("dcgan", 1, 1, "8x8"), ("dcgan", 3, 3, "8x8"), ("dcgan", 1, 30, "8x32"),
                                              ("dcgan", 2, 60, "16x64"), ("r3gan", 15, 15, "16x16"), ("r3gan", 26, 40, "32x40"),
                                              ("r3gan", 30, 30, "32x32"), ("r3gan", 1, 30, "8x32")):
            with self.subTest((recipe, height, width)):
                name = f"{height}x{width}"
                write_folder(self.folder / name, 4, height, width)
                self.refuse(2, rf"images of {height} x {width} can.* be halved.*: --image-size {remedy} --image-fit stretch "
                               r"makes them fit", name, "--recipe", recipe)
                self.agon("train", name, "--dry-run", "--image-size", remedy, "--image-fit", "stretch", "--latent", "2",
                          "--recipe", recipe, *QUIET)

    def test_odd_sizes(self):
        """Half of an odd side is rounded down, and back."""
        for height, width, layers in ((28, 28, "3x3x256 -> 7x7x128 -> 14x14x64 -> 28x28x1"), (5, 9, "2x4x64 -> 5x9x1"),
                                      (3, 7, "1x3x64 -> 3x7x1")):
            with self.subTest((height, width)):
                name = f"{height}x{width}"
                write_folder(self.folder / name, 4, height, width)
                self.assertIn(f"100 -> {layers}, ", self.agon("train", name, "--dry-run").stdout)

    def test_images_too_large(self):
        self.folder.joinpath("large").mkdir()
        for i in range(2):
            self.write(f"large/{i}.png", png(4096, 4096, 1, bytes(4096 * 4096)))
        self.refuse(2, r"images of 4096 x 4096 have more than 4194304 pixels; .*--image-size \d+ --image-fit", "large")

    def test_image_options(self):
        self.scans()
        for value in ("0", "-1", "abc", "64x", "x64", "8x8x8", "8 x 8", "99999999999999999999"):
            self.refuse(2, r"--image-size: expected a side or HEIGHTxWIDTH, such as 64 or 48x64, got '", "scans",
                        f"--image-size={value}")
        self.refuse(2, r"--image-size: 1000000 x 1000000; height and width are 1 to 65536", "scans", "--image-size", "1000000")
        self.refuse(2, r"--image-size: 65536 x 65536; at most \d+ pixels", "scans", "--image-size", "65536")
        self.refuse(2, r"--image-channels: 2; 1 is grey, 3 RGB", "scans", "--image-channels", "2")
        self.refuse(2, r"--image-fit: .*refuse, crop, stretch.*pad", "scans", "--image-fit", "squeeze")

    def test_options_of_tables(self):
        self.scans()
        for more in (["--target", "x"], ["--schema", "x.toml"], ["--columns", "a"], ["--ignore", "a"],
                     ["--conditions", "true"], ["--extrapolate", "true"], ["--exact-bounds", "true"]):
            self.refuse(2, rf"{more[0]}.* for tables; these are images", "scans", *more)
        for more in (["--recipe", "table"], ["--recipe", "r3"], ["--coding", "numbers"], ["--coding", "records"]):
            self.refuse(2, r"scans: holds images; .*--recipe dcgan", "scans", *more)

    def test_options_of_images(self):
        self.write("table.csv", table_text())
        for recipe in ("dcgan", "r3gan"):
            self.refuse(3, r"table\.csv: neither a folder of PNG or JPEG.*--recipe table", "table.csv", "--recipe", recipe)
        for more in (["--image-size", "8"], ["--image-fit", "crop"], ["--image-channels", "1"]):
            for recipe in ("table", "r3"):
                self.refuse(2, r"--image-size, --image-fit, --image-channels, --labels and --by-class are for images; this is a table",
                            "table.csv", "--recipe", recipe, *more)
        for flag in ("--generator-kernel", "--discriminator-blocks", "--generator-group-channels", "--discriminator-expansion"):
            self.refuse(2, rf"{flag}: is for images; this is a table", "table.csv", flag, "6")

    def test_networks(self):
        self.scans()
        for more, says in [
            (["--generator-hidden", "64,32,16,8"], r"generator: images of 8 x 8 are not halved 4 times, .*at least 16"),
            (["--discriminator-hidden", "8,8,8,8"], r"discriminator: images of 8 x 8 are not halved 4 times, .*at least 16"),
            (["--recipe", "r3gan", "--generator-hidden", "16,16,16,16,16"], r"generator: .* not halved 4 times, .*multiples of 16"),
            (["--pack", "2"], r"pack: .*--pack 1"),
            (["--generator-kernel", "3"], r"generator: kernel 3: .*an even number of taps, such as 4"),
            (["--residual", "add"], r"generator: residual blocks of images have no norm; --generator-norm none"),
            (["--discriminator-residual", "add"], r"discriminator: residual blocks of images .*--discriminator-norm none"),
            (["--residual", "concat"], r"generator: of images: has residual none or add, not concat"),
            (["--generator-output", "sigmoid"], r"generator: of images: output sigmoid .*; tanh or identity"),
            (["--r1", "1"], r"discriminator: a batch norm .*--discriminator-norm none or no penalty"),
            (["--batch", "1"], r"batch norm: needs a batch of two"),
            (["--recipe", "r3gan", "--generator-group-channels", "7"], r"generator: groups of 7 channels do not divide"),
        ]:
            with self.subTest(more):
                self.refuse(2, says, "scans", *more)

    def test_a_batch_of_more_images_than_there_are(self):
        self.scans(count=6)
        said = self.agon("train", "scans", "--out", "run", *QUIET[:-1], "--batch", "20", "--held-out", "0.5").stderr
        self.assertIn("note: a batch of 20 has each of the 3 images more than once; --batch 3 is one pass over them\n", said)
        self.assertNotIn("note: a batch", self.agon("train", "scans", "--dry-run", *QUIET[:-1], "--batch", "6").stderr)


if __name__ == "__main__":
    unittest.main()
