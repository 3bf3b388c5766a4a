"""Small images as files, written and read by the standard library alone."""

import gzip
import pathlib
import random
import struct
import zlib


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(height, width, channels, pixels):
    """Of 8 bits, grey (1 channel) or RGB (3)."""
    row = width * channels
    rows = b"".join(b"\0" + pixels[y * row:(y + 1) * row] for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, {1: 0, 3: 2}[channels], 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def decode_png(content):
    """(height, width, channels, pixels) of a PNG of 8 bits, grey or RGB, not interlaced: with checksums compared and all
    of PNG's filters (RFC 2083, section 6)."""
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    at, chunks = 8, {}
    while at < len(content):
        (length,) = struct.unpack(">I", content[at:at + 4])
        name, data = content[at + 4:at + 8], content[at + 8:at + 8 + length]
        assert content[at + 8 + length:at + 12 + length] == struct.pack(">I", zlib.crc32(name + data)), name
        chunks[name] = chunks.get(name, b"") + data
        at += 12 + length
    assert name == b"IEND"
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert depth == 8 and not interlaced
    channels = {0: 1, 2: 3}[colour]
    rows, row = zlib.decompress(chunks[b"IDAT"]), width * channels
    assert len(rows) == height * (row + 1)
    pixels, above = bytearray(), bytes(row)
    for y in range(height):
        kind, line = rows[y * (row + 1)], bytearray(rows[y * (row + 1) + 1:(y + 1) * (row + 1)])
        for x in range(row):
            a, b = line[x - channels] if x >= channels else 0, above[x]
            c = above[x - channels] if x >= channels else 0
            paeth = min((abs(b - c), 0, a), (abs(a - c), 1, b), (abs(a + b - 2 * c), 2, c))[2]
            line[x] = line[x] + (0, a, b, (a + b) // 2, paeth)[kind] & 255
        pixels += line
        above = bytes(line)
    return height, width, channels, bytes(pixels)


def npy(shape, pixels):
    """NumPy's format, version 1.0, of uint8."""
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {tuple(shape)}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + pixels


def decode_npy(content):
    """(shape, pixels)"""
    (length,) = struct.unpack("<H", content[8:10])
    header = eval(content[10:10 + length])  # a dictionary of literals, as NumPy itself reads it
    assert header["descr"] == "|u1" and not header["fortran_order"]
    return header["shape"], content[10 + length:]


def idx(dimensions, data):
    return b"\0\0\x08" + bytes([len(dimensions)]) + struct.pack(f">{len(dimensions)}I", *dimensions) + data


def gz(content):
    return gzip.compress(content, mtime=0)


def blob(height, width, channels, numbers):
    """Pixels of a bright spot somewhere, its colours of other sizes."""
    y0, x0, steep = numbers.uniform(0, height), numbers.uniform(0, width), numbers.uniform(30, 60)
    return bytes(max(0, int(255 - steep * (1 + channel / 2) * (abs(y - y0) + abs(x - x0))))
                 for y in range(height) for x in range(width) for channel in range(channels))


def blobs(count, height, width, channels=1, seed=1):
    numbers = random.Random(seed)
    return [blob(height, width, channels, numbers) for _ in range(count)]


def write_folder(folder, count, height, width, channels=1, seed=1, labels=("",)):
    """PNG files named by their number, in a subfolder for each label, in turn."""
    for i, pixels in enumerate(blobs(count, height, width, channels, seed)):
        path = pathlib.Path(folder) / labels[i % len(labels)] / f"{i:03}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(height, width, channels, pixels))
    return pathlib.Path(folder)
