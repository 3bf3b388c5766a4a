#!/usr/bin/python3
"""Writes a set of images as SET.npz and SET_test.npz, `images` and `labels` in each, which agon and the peers read.

    image_sets.py --set digits|fashion|chest|stacked --out FOLDER [--from FOLDER]

digits   scikit-learn's, 8 x 8: 1,437 to learn and 360 held out
fashion  Fashion-MNIST, 28 x 28: 60,000 and 10,000; FOLDER has its files, by default Debian's dataset-fashion-mnist
chest    chest X-rays of children, 28 x 28, as IDX files in FOLDER: four fifths of its training part, and the rest of that: the test
         part is of another mixture
stacked  three of the digits as the channels of an image: 20,000 images of 1,000 classes, as StackedMNIST has them (Metz et al.,
         "Unrolled generative adversarial networks", 2017) of larger digits; and 5,000 held out, of the other digits
"""
import argparse
import gzip
import pathlib

import numpy


def idx(path):
    data = gzip.decompress(path.read_bytes())
    sizes = [int.from_bytes(data[at:at + 4], "big") for at in range(4, 4 + 4 * data[3], 4)]
    return numpy.frombuffer(data[4 + 4 * data[3]:], numpy.uint8).reshape(sizes)


def divided(images, labels, count):
    order = numpy.random.default_rng(0).permutation(len(images))
    images, labels = images[order], labels[order]
    return (images[:count], labels[:count]), (images[count:], labels[count:])


def digits():
    from sklearn.datasets import load_digits  # of this set alone
    found = load_digits()
    return divided(numpy.round(found.images * 255 / 16).astype(numpy.uint8), found.target, 1437)


def chest(folder):
    images, labels = of_files(folder, ["train"])[0]
    return divided(images, labels, len(images) * 4 // 5)


def stacked():
    parts = []
    for (images, labels), count, seed in zip(digits(), (20000, 5000), (1, 2)):
        chosen = numpy.random.default_rng(seed).integers(len(images), size=(count, 3))
        parts.append((images[chosen].transpose(0, 2, 3, 1), labels[chosen] @ [100, 10, 1]))
    return parts


def of_files(folder, parts):
    return [[idx(folder / f"{part}-{what}-ubyte.gz") for what in ("images-idx3", "labels-idx1")] for part in parts]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", choices=("digits", "fashion", "chest", "stacked"), required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--from", dest="source", type=pathlib.Path, default=pathlib.Path("/usr/share/datasets/fashion-mnist"))
    options = parser.parse_args()
    parts = {"digits": digits, "stacked": stacked, "fashion": lambda: of_files(options.source, ["train", "t10k"]),
             "chest": lambda: chest(options.source)}[options.set]()
    for name, (images, labels) in zip((options.set, f"{options.set}_test"), parts):
        numpy.savez(options.out / f"{name}.npz", images=images, labels=numpy.asarray(labels, numpy.int64))


if __name__ == "__main__":
    main()
