#!/usr/bin/env python3
"""Writes images/: small PNG and JPEG files by Pillow, and what Pillow and numpy make of them.

index.json has the cases: a file, the set's size, channels and fit, and where in expected.bin the (height, width, channels)
bytes begin. Needs Pillow and numpy.
"""
import json
import pathlib

import numpy as np
from PIL import Image, ImageOps

FOLDER = pathlib.Path(__file__).parent / "images"


def scene(height, width, channels, seed):
    """Smooth shapes, an edge and some noise: what JPEG and scaling have to do with."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    planes = []
    for channel in range(channels):
        wave = 110 + 70 * np.sin(x / (5 + channel)) * np.cos(y / (7 - channel))
        planes.append(wave + 60 * ((x - width / 2) ** 2 + (y - height / 3) ** 2 < (height / 4) ** 2) + rng.normal(0, 6, x.shape))
    return np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)


def write_files():
    FOLDER.mkdir(exist_ok=True)
    grey, colour = Image.fromarray(scene(41, 56, 1, 1)[..., 0]), Image.fromarray(scene(60, 47, 3, 2))
    grey.save(FOLDER / "grey.jpg", quality=90)
    colour.save(FOLDER / "colour.jpg", quality=85)
    colour.save(FOLDER / "full.jpg", quality=90, subsampling=0)
    colour.save(FOLDER / "progressive.jpg", quality=80, progressive=True)
    colour.resize((30, 24)).convert("CMYK").save(FOLDER / "inks.jpg", quality=90)
    turned = Image.fromarray(scene(17, 24, 1, 3)[..., 0])
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[274] = orientation
        turned.save(FOLDER / f"turned-{orientation}.jpg", quality=95, exif=exif)
    words = scene(30, 26, 1, 4)[..., 0].astype(np.uint16) * 15 + 37
    Image.fromarray(words).save(FOLDER / "words.png")
    colour.resize((28, 36)).quantize(20).save(FOLDER / "palette.png")
    see_through = np.concatenate([scene(33, 29, 3, 5), scene(33, 29, 1, 6)], -1)
    Image.fromarray(see_through, "RGBA").save(FOLDER / "alpha.png")
    Image.fromarray(see_through[..., 1:3], "LA").save(FOLDER / "grey-alpha.png")


def opened(name):
    """As grey ("F" of 0 to 255 for 16 bits) or RGB, displayed."""
    image = ImageOps.exif_transpose(Image.open(FOLDER / name))
    if image.mode.startswith("I"):
        words = np.asarray(image).astype(np.float64)
        return Image.fromarray(((words - words.min()) / (words.max() - words.min()) * 255).astype(np.float32))
    if image.mode in ("RGBA", "LA"):
        wide = image.convert("RGBA")
        laid = Image.alpha_composite(Image.new("RGBA", wide.size, (0, 0, 0, 255)), wide)
        return laid.convert("RGB" if image.mode == "RGBA" else "L")
    return image if image.mode == "L" else image.convert("RGB")


def fitted(image, height, width, fit):
    scaled = lambda of, w, h: of if of.size == (w, h) else of.resize((w, h), Image.Resampling.BILINEAR)
    have = image.width, image.height
    if fit == "crop":
        if image.width * height > width * image.height:
            part = (round(width * image.height / height + 1e-9), image.height)
        else:
            part = (image.width, round(height * image.width / width + 1e-9))
        left, top = (have[0] - part[0]) // 2, (have[1] - part[1]) // 2
        return scaled(image.crop((left, top, left + part[0], top + part[1])), width, height)
    if fit == "pad":
        scale = min(width / have[0], height / have[1])
        part = max(1, round(have[0] * scale + 1e-9)), max(1, round(have[1] * scale + 1e-9))
        canvas = Image.new(image.mode, (width, height))
        canvas.paste(scaled(image, *part), ((width - part[0]) // 2, (height - part[1]) // 2))
        return canvas
    return scaled(image, width, height)


def cases():
    for name in sorted(p.name for p in FOLDER.glob("*.jpg")) + sorted(p.name for p in FOLDER.glob("*.png")):
        image = opened(name)
        channels = 3 if image.mode == "RGB" else 1
        yield name, image.height, image.width, channels, "refuse"
        yield name, 16, 16, channels, "crop"
        yield name, 12, 20, channels, "pad"
    for name in "colour.jpg", "grey.jpg", "alpha.png", "words.png":
        channels = 3 if opened(name).mode == "RGB" else 1
        yield name, 19, 8, channels, "stretch"
        if channels == 1:
            yield name, 70, 66, channels, "stretch"
        yield name, 20, 13, channels, "crop"
    yield "colour.jpg", 60, 47, 1, "refuse"
    yield "colour.jpg", 16, 16, 1, "crop"
    yield "grey.jpg", 16, 16, 3, "pad"


def main():
    write_files()
    index, expected = [], b""
    for name, height, width, channels, fit in cases():
        image = opened(name)
        if channels == 3 and image.mode != "RGB":
            image = image.convert("RGB")
        if channels == 1 and image.mode == "RGB":
            image = image.convert("L")
        made = np.asarray(fitted(image, height, width, fit))
        made = np.clip(np.floor(made + 0.5), 0, 255).astype(np.uint8) if made.dtype == np.float32 else made
        assert made.shape[:2] == (height, width), (name, made.shape)
        index.append({"file": name, "height": height, "width": width, "channels": channels, "fit": fit, "at": len(expected)})
        expected += made.tobytes()
    (FOLDER / "expected.bin").write_bytes(expected)
    (FOLDER / "index.json").write_text("[\n" + ",\n".join(json.dumps(case) for case in index) + "\n]\n")


if __name__ == "__main__":
    main()
