"""Makes image_metrics.json: what numpy, SciPy and PyWavelets say of small sets of images and of small tables of features.

Images are made of words of a counter (golden.hpp has the same), so that they are not stored. To make it again:

    python3 -m venv venv && venv/bin/pip install numpy scipy PyWavelets
    venv/bin/python tests/golden/make_image_metrics.py
"""

import json
import pathlib

import numpy as np
import pywt
import scipy.linalg
import scipy.ndimage

HERE = pathlib.Path(__file__).resolve().parent
GROUPS = 10


def word(source, index):
    """SplitMix64 as a counter; `index` an array."""
    mask = (1 << 64) - 1
    out = []
    for i in np.ravel(index):
        x = ((source << 32) + int(i) + 1) * 0x9E3779B97F4A7C15 & mask
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & mask
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB & mask
        out.append(x ^ (x >> 31))
    return np.array(out, dtype=np.uint64).reshape(np.shape(index))


def images(source, count, height, width, channels):
    """Bytes: a ramp whose slopes differ from image to image, and noise."""
    w = word(source, np.arange(count * (3 + height * width * channels))).reshape(count, -1)
    slope = (w[:, :3] >> np.uint64(40)).astype(np.int64) % 7
    noise = (w[:, 3:] >> np.uint64(40)).astype(np.int64).reshape(count, height, width, channels) % 64
    y, x, c = np.ogrid[:height, :width, :channels]
    ramp = [s[0] * y + s[1] * x + 20 * s[2] + 8 * c for s in slope]
    return np.minimum(np.array(ramp) + noise, 255).astype(np.uint8)


def features(source, count, width, shift):
    """Multiples of 1/256, some rows twice."""
    w = (word(source, np.arange(count * width)) >> np.uint64(40)).astype(np.int64).reshape(count, width)
    x = ((w % 1024) - 512) / 256 + shift
    x[1] = x[0]
    return x


def packets(x, level):
    """(packets, images, coefficients); PyWavelets' paths in natural order."""
    height, width = (-side % 2**level for side in x.shape[1:3])
    x = np.pad(x / 255.0, ((0, 0), (0, height), (0, width), (0, 0)), mode="symmetric")
    tree = pywt.WaveletPacket2D(x, "haar", mode="periodization", maxlevel=level, axes=(1, 2))
    return np.array([node.data.reshape(len(x), -1) for node in tree.get_level(level, "natural")])


def frechet(a, b):
    s, t = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    # The root of the symmetric product: S T may have no root where both are singular.
    values, vectors = np.linalg.eigh(s)
    root = vectors * np.sqrt(np.clip(values, 0, None)) @ vectors.T
    cross = np.sqrt(np.clip(scipy.linalg.eigvalsh(root @ t @ root), 0, None)).sum()
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(s) + np.trace(t) - 2 * cross)


def without(x, group):
    return np.delete(x, np.s_[group * len(x) // GROUPS : (group + 1) * len(x) // GROUPS], axis=0)


def jackknifed(figure, a, b):
    return {"value": figure(a, b), "without": [figure(without(a, g), without(b, g)) for g in range(GROUPS)]}


def wavelets(height, width, channels, level, count):
    a, b = images(1, count, height, width, channels), images(2, count + 3, height, width, channels)
    mean = lambda x, y: float(np.mean([frechet(p, q) for p, q in zip(packets(x, level), packets(y, level))]))
    return {
        "shape": [height, width, channels],
        "level": level,
        "counts": [count, count + 3],
        "first": [float(v) for v in packets(a[:1], level)[:, 0].ravel()[:64]],
        "packets": [frechet(p, q) for p, q in zip(packets(a, level), packets(b, level))],
        **jackknifed(mean, a, b),
    }


def kernel_distance(x, y):
    k = lambda u, v: (u @ v.T / u.shape[1] + 1) ** 3
    n, m, own_x, own_y = len(x), len(y), k(x, x), k(y, y)
    return float(
        (own_x.sum() - np.trace(own_x)) / (n * (n - 1))
        + (own_y.sum() - np.trace(own_y)) / (m * (m - 1))
        - 2 * k(x, y).mean()
    )


def squares(x, y):
    return ((x[:, None] - y[None]) ** 2).sum(2)


def radius(x, k):
    d = squares(x, x)
    np.fill_diagonal(d, np.inf)
    return np.sort(d, axis=1)[:, k - 1]


def of_features():
    x, y = features(3, 47, 9, 0), features(4, 60, 9, 0.25)
    y[5:9] = x[10:14]
    d = squares(x, y)
    fifth = d <= radius(x, 5)[:, None]
    return {
        "counts": [47, 60],
        "width": 9,
        "kernel": jackknifed(kernel_distance, x, y),
        "density": float(fifth.sum() / (5 * len(y))),
        "coverage": float(fifth.any(1).mean()),
        "precision": float((d <= radius(x, 3)[:, None]).any(0).mean()),
        "recall": float((d <= radius(y, 3)[None]).any(1).mean()),
    }


def of_sets(x, y):
    """Every figure of a set y beside a set x."""
    d = squares(x, y)
    fifth = d <= radius(x, 5)[:, None]
    return {
        "frechet": frechet(x, y),
        "kernel": kernel_distance(x, y),
        "density": float(fifth.sum() / (5 * len(y))),
        "coverage": float(fifth.any(1).mean()),
        "precision": float((d <= radius(x, 3)[:, None]).any(0).mean()),
        "recall": float((d <= radius(y, 3)[None]).any(1).mean()),
    }


def given():
    """A user's features of as many held-out as synthetic images: all of them are compared."""
    real, held_out, synthetic = features(11, 60, 9, 0), features(12, 40, 9, 0), features(13, 40, 9, 0.25)
    synthetic[5:9] = real[10:14]
    return {"counts": [60, 40, 40], "width": 9, "synthetic": of_sets(real, synthetic), "floor": of_sets(real, held_out)}


def pyramid(image, levels):
    taps = np.array([1, 4, 6, 4, 1]) / 16
    blur = lambda z: scipy.ndimage.convolve(z, (taps[:, None] * taps)[:, :, None], mode="mirror")
    out = [image.astype(float)]
    for _ in range(1, levels):
        coarse = blur(out[-1])[::2, ::2]
        up = np.zeros_like(out[-1])
        up[::2, ::2] = coarse
        out[-1] = out[-1] - 4 * blur(up)
        out.append(coarse)
    return out


def sliced():
    """Patches of two channels, three to an image, already cut out; directions of length 1."""
    per_image, width = 3, 8
    a, b = features(5, 20 * per_image, width, 0), features(6, 20 * per_image, width, 0.5)
    b[:, ::2] *= 2
    directions = features(7, 6, width, 0)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)

    def normalised(x):
        z = x.reshape(len(x), -1, 2)
        return ((z - z.mean((0, 1))) / z.std((0, 1))).reshape(x.shape)

    a, b = normalised(a), normalised(b)
    distance = lambda x, y: float(np.abs(np.sort(x @ directions.T, axis=0) - np.sort(y @ directions.T, axis=0)).mean())
    by_image = lambda x: x.reshape(20, per_image, width)
    patches = lambda x: x.reshape(-1, width)
    return {
        "per_image": per_image,
        "width": width,
        **jackknifed(lambda x, y: distance(patches(x), patches(y)), by_image(a), by_image(b)),
    }


def main():
    odd, even = images(8, 1, 13, 10, 3)[0], images(9, 1, 12, 16, 1)[0]
    golden = {
        "made_by": "tests/golden/make_image_metrics.py",
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "pywt": pywt.__version__,
        "pixels": [int(v) for v in images(1, 1, 4, 3, 3).ravel()],
        # More images than coefficients, fewer, and sides that are padded.
        "wavelets": [wavelets(8, 8, 1, 1, 40), wavelets(28, 28, 1, 2, 30), wavelets(15, 11, 3, 1, 24)],
        "features": of_features(),
        "given": given(),
        "pyramids": [
            {"shape": [13, 10, 3], "levels": [[float(v) for v in z.ravel()] for z in pyramid(odd, 3)]},
            {"shape": [12, 16, 1], "levels": [[float(v) for v in z.ravel()] for z in pyramid(even, 2)]},
        ],
        "sliced": sliced(),
    }
    rounded = json.loads(json.dumps(golden), parse_float=lambda v: float(f"{float(v):.12g}"))
    text = json.dumps(rounded)
    (HERE / "image_metrics.json").write_text(text.replace('], "', '],\n "').replace('}, "', '},\n "') + "\n")


if __name__ == "__main__":
    main()
