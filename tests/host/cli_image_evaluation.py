"""`agon evaluate` of images as its user meets it: sets beside each other, and a run of images."""

import json
import random
import struct
import unittest
import xml.dom.minidom

from cli_support import Case

# Networks small enough that a run of 8 x 8 images takes a second.
TINY = ["--recipe", "dcgan", "--generator-hidden", "8", "--discriminator-hidden", "8", "--latent", "4", "--batch", "8",
        "--device", "cpu", "--threads", "1", "--steps", "6", "--samples", "9", "--samples-every", "3",
        "--held-out", "0.1"]


def npy(images):
    """A NumPy file of 8 x 8 grey images, each a list of 64 bytes."""
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({len(images)}, 8, 8), }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + b"".join(map(bytes, images))


def safetensors(tensors):
    """A file of F32 tensors, each rows of numbers."""
    header, data = {}, b""
    for name, rows in tensors.items():
        numbers = struct.pack(f"<{len(rows) * len(rows[0])}f", *sum(rows, []))
        header[name] = {"dtype": "F32", "shape": [len(rows), len(rows[0])], "data_offsets": [len(data), len(data) + len(numbers)]}
        data += numbers
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def squares(count, seed):
    """Bright squares of random place, size and brightness on a noisy ground."""
    chance = random.Random(seed)
    images = []
    for _ in range(count):
        top, left, side, bright = chance.randrange(4), chance.randrange(4), chance.randrange(2, 5), chance.randrange(120, 240)
        images.append([min(255, (bright if top <= i // 8 < top + side and left <= i % 8 < left + side else 20)
                           + chance.randrange(16)) for i in range(64)])
    return images


def noise(count, seed):
    chance = random.Random(seed)
    return [[chance.randrange(256) for _ in range(64)] for _ in range(count)]


class Images(Case):
    def setUp(self):
        super().setUp()
        self.real = squares(160, 1)
        self.write("real.npy", npy(self.real))
        self.write("other.npy", npy(squares(80, 2)))
        self.write("test.npy", npy(squares(120, 3)))

    def evaluate(self, *arguments, **options):
        return self.agon("evaluate", *arguments, "--device", "cpu", "--threads", "1", **options)

    def lights(self, *arguments):
        verdict = json.loads(self.evaluate(*arguments, "--json", "--quiet").stdout)["verdict"]
        return {question: judgement["light"] for question, judgement in verdict.items()}

    def page(self, name):
        text = (self.folder / name).read_text()
        xml.dom.minidom.parseString(text)
        return text

    def test_lights(self):
        green = {"likeness": "green", "completeness": "green", "privacy": "green"}
        self.assertEqual(self.lights("real.npy", "other.npy", "--holdout", "test.npy"), green)
        self.assertEqual(self.lights("real.npy", "other.npy")["privacy"], "unknown")
        self.write("noise.npy", npy(noise(80, 4)))
        self.assertEqual(self.lights("real.npy", "noise.npy", "--holdout", "test.npy")["likeness"], "red")
        self.write("copies.npy", npy(self.real[:80]))
        self.assertEqual(self.lights("real.npy", "copies.npy", "--holdout", "test.npy"), green | {"privacy": "red"})
        self.write("one.npy", npy(squares(1, 5) * 80))
        self.assertEqual(self.lights("real.npy", "one.npy", "--holdout", "test.npy")["completeness"], "red")

    def test_text_and_files(self):
        self.write("twice.npy", npy(squares(79, 2) + squares(1, 2)))
        done = self.evaluate("real.npy", "twice.npy", "--holdout", "test.npy", "--out", "r.html", "--out", "f.json")
        self.assertRegex(done.stdout, r"\ADo they look like real images\? \[green\] ")
        self.assertIn("wavelet packet distance", done.stdout)
        self.assertRegex(done.stderr, r"note: twice\.npy: 1 image exactly as an earlier one")
        self.assertIn("evaluating memorisation ...", done.stderr)
        figures = json.loads((self.folder / "f.json").read_text())
        self.assertEqual(figures["images"]["held_out"], 120)
        page = self.page("r.html")
        self.assertIn("How far to trust twice.npy", page)
        self.assertIn("real.npy, 160 images, 8 x 8, grey, fingerprint ", page)
        self.assertEqual(page.count("<img "), 1)  # synthetic ones alone
        self.refused(2, "r.html", "evaluate", "real.npy", "other.npy", "--out", "r.html")
        self.evaluate("real.npy", "other.npy", "--real-images", "--out", "real.html", "--quiet")
        self.assertEqual(self.page("real.html").count("<img "), 2 + 12 + 12)

    def test_given_features(self):
        """Squares' features as another program writes them: their pixels."""
        held_out, other = squares(120, 3), squares(80, 2)
        self.write("f.safetensors", safetensors({"real": self.real, "synthetic": other}))
        self.write("h.safetensors", safetensors({"held_out": held_out}))
        done = self.evaluate("real.npy", "other.npy", "--features", "f.safetensors", "--quiet", "--out", "r.html", "--out",
                             "f.json")
        self.assertIn("64 features an image; Fréchet distance of all 160 and 80 images: ", done.stdout)
        self.assertIn("How alike they are by the features of a given network", self.page("r.html"))
        halves = json.loads((self.folder / "f.json").read_text())["given_features"]
        self.assertEqual((halves["images"]["reference"], halves["images"]["compared"]), (80, 80))
        whole = json.loads(self.evaluate("real.npy", "other.npy", "--holdout", "test.npy", "--quiet", "--json", "--features",
                                         "f.safetensors", "--features", "h.safetensors").stdout)["given_features"]
        self.assertEqual((whole["images"]["reference"], whole["images"]["compared"]), (160, 80))
        for figures in (halves, whole):
            self.assertLess(figures["kernel_distance"]["interval"][0], figures["kernel_distance"]["floor_interval"][1])
            self.assertGreater(figures["coverage"]["value"], 0.7)

        both = ["evaluate", "real.npy", "other.npy", "--quiet", "--features"]
        self.refused(3, r"h\.safetensors: no tensor \"real\"", *both, "h.safetensors")
        self.refused(3, r"none\.safetensors: cannot read", *both, "none.safetensors")
        self.refused(3, r"\"held_out\" has 120 rows and there are 0 such images", *both, "f.safetensors", "--features",
                     "h.safetensors")
        self.write("short.safetensors", safetensors({"real": self.real[1:], "synthetic": other}))
        self.refused(3, r"\"real\" has 159 rows and there are 160 such images; each image needs a row", *both,
                     "short.safetensors")
        self.write("table.csv", "a,b\n1,2\n3,4\n")
        self.refused(2, "--features: is for images", "evaluate", "table.csv", "table.csv", "--features", "f.safetensors",
                     "--quiet")

    def test_the_same_seed_has_the_same_figures(self):
        first, again, other = (self.evaluate("real.npy", "other.npy", "--json", "--seed", seed).stdout for seed in (1, 1, 2))
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)

    def test_refused(self):
        both = ["evaluate", "real.npy", "other.npy", "--quiet"]
        for flag in (["--target", "x"], ["--schema", "s.toml"], ["--row", "3"], ["--time", "t", "--event", "e"]):
            self.refused(2, f"{flag[0]}: is for tables", *both, *flag)
        self.refused(2, "real images need synthetic ones", "evaluate", "real.npy", "--quiet")
        self.write("table.csv", "a,b\n1,2\n3,4\n")
        self.refused(3, r"table\.csv: neither a folder", "evaluate", "real.npy", "table.csv", "--quiet")
        self.refused(2, "--real-images: is for images", "evaluate", "table.csv", "table.csv", "--real-images", "--quiet")
        wide = npy(squares(80, 2)).replace(b"(80, 8, 8)", b"(40,16, 8)")
        self.write("wide.npy", wide)
        self.refused(3, r"wide\.npy: ", "evaluate", "real.npy", "wide.npy", "--quiet")
        self.write("few.npy", npy(squares(19, 2)))
        self.refused(3, "20 or more are needed", "evaluate", "real.npy", "few.npy", "--quiet")

    def test_a_run(self):
        done = self.agon("train", "real.npy", "--out", "run", *TINY)
        self.assertRegex(done.stderr, r"Do they look like real images\? \[(amber|red)\] ")
        self.assertRegex(done.stderr, r"Does it keep patients private\? \[")
        figures = json.loads((self.folder / "run/evaluation-000000006.json").read_text())
        self.assertEqual(figures["verdict"]["likeness"]["light"], "red")
        self.assertEqual((figures["images"]["train"], figures["images"]["held_out"]), (144, 16))
        page = self.page("run/report.html")
        for part in ("How far to trust what run draws", "What they look like", "From one to another", "What the generator draws",
                     "How it was trained", "makes images out of noise", "up to step 6, in", "What was compared"):
            self.assertIn(part, page)

        again = self.evaluate("run", "--json", "--out", "again.html", "--out", "again.json")
        self.assertEqual(json.loads(again.stdout), figures)  # the same draw, the same figures
        self.assertEqual((self.folder / "again.json").read_text(), again.stdout)
        self.assertIn("evaluating drawn images, 0 of 144 there ...", again.stderr)
        self.page("again.html")
        self.agon("sample", "run", "-n", "144", "--out", "drawn.npy", "--device", "cpu", "--threads", "1", "--quiet")
        named = json.loads(self.evaluate("run", "drawn.npy", "--json", "--quiet").stdout)
        self.assertEqual(named, figures)  # what sample draws is what was judged
        self.refused(2, "--holdout: the run run has its own", "evaluate", "run", "--holdout", "test.npy", "--quiet")
        self.refused(2, "--target: is for tables", "evaluate", "run", "--target", "x", "--quiet")
        self.write("f.safetensors", safetensors({"real": [[1.0, 2.0]], "synthetic": [[1.0, 2.0]]}))
        self.refused(2, "--features: are of two sets of images, and run is a run", "evaluate", "run", "--features",
                     "f.safetensors", "--quiet")
        self.write("real.npy", npy(squares(160, 9)))
        self.refused(3, "real.npy", "evaluate", "run", "--quiet")

    def test_a_training_without_a_verdict(self):
        self.write("few.npy", npy(squares(30, 1)))
        done = self.agon("train", "few.npy", "--out", "run", *TINY)
        self.assertIn("how far to trust what it draws cannot be told: images: ", done.stderr)
        page = self.page("run/report.html")
        self.assertIn("cannot be told: images: ", page)
        self.assertIn("What the generator draws", page)
        self.assertFalse(list((self.folder / "run").glob("evaluation-*")))


if __name__ == "__main__":
    unittest.main()
