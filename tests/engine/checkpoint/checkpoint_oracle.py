#!/usr/bin/python3
"""Reads and writes agon's checkpoints without agon: by the format's description, with the standard library alone.

  checkpoint_oracle.py read FILE     metadata and tensors (as 32-bit patterns) to stdout, as JSON
  checkpoint_oracle.py package FILE  the same through the `safetensors` package; exit code 77 where it is not installed
  checkpoint_oracle.py write FILE    a checkpoint of networks 1 -> 2 -> 1 and 1 -> 1 with the values 0, 1, 2, ...
"""
import json
import pathlib
import struct
import sys
import zlib

BLANK = b"00000000"
KEY = b'"agon.crc32":"'


def patterns(data):
    return list(struct.unpack(f"<{len(data) // 4}I", data))


def read(path):
    blob = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack("<Q", blob[:8])
    header = json.loads(blob[8 : 8 + length].decode("utf-8"))
    metadata = header.pop("__metadata__")
    digits = blob.index(KEY) + len(KEY)
    crc = zlib.crc32(blob[:digits] + BLANK + blob[digits + 8 :])
    assert metadata["agon.crc32"] == f"{crc:08x}", "the CRC-32 is wrong"
    data, end, tensors = blob[8 + length :], 0, {}
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, stop = entry["data_offsets"]
        assert begin == end and entry["dtype"] == "F32", name
        end = stop
        tensors[name] = {"shape": entry["shape"], "bits": patterns(data[begin:stop])}
    assert end == len(data) and (8 + length) % 8 == 0
    return {"metadata": metadata, "tensors": tensors}


def read_with_package(path):
    try:
        from safetensors import safe_open
    except ImportError:
        sys.exit(77)
    with safe_open(path, framework="numpy") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        metadata = file.metadata()
    return {
        "metadata": metadata,
        "tensors": {n: {"shape": list(t.shape), "bits": patterns(t.tobytes())} for n, t in tensors.items()},
    }


def write(path):
    config = {
        "generator": {"widths": [1, 2, 1], "slope": 0.25},
        "discriminator": {"widths": [1, 1], "slope": 0.5},
        "objective": "minimax",
        "generator_rate": 1e-3,
        "discriminator_rate": 2e-3,
        "beta1": 0.1,
        "beta2": 0.9,
        "epsilon": 1e-7,
        "real_label": 0.75,
        "batch": 3,
        "seed": 2**64 - 1,
        "precision": "tf32",
    }
    metadata = {
        "agon.crc32": BLANK.decode(),
        "agon.format": "1",
        "agon.config": json.dumps(config),
        "agon.step": "5",
        "agon.generator_updates": "6",
        "agon.discriminator_updates": "7",
        "agon.device": "cpu",
        "agon.threads": "2",
        "columns": '["äge"]',
    }
    shapes = {}
    for network in ("generator", "discriminator"):
        widths = config[network]["widths"]
        for layer, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
            for kind, shape in (("weight", [outputs, inputs]), ("bias", [outputs])):
                for part in ("", ".moment1", ".moment2"):
                    shapes[f"{network}.{layer}.{kind}{part}"] = shape
    header, data = {"__metadata__": metadata}, b""
    for name, shape in shapes.items():
        count = shape[0] * (shape[1] if len(shape) > 1 else 1)
        begin = len(data)
        data += struct.pack(f"<{count}f", *range(begin // 4, begin // 4 + count))
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, len(data)]}
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    text += b" " * (-len(text) % 8)
    blob = struct.pack("<Q", len(text)) + text + data
    digits = blob.index(KEY) + len(KEY)
    pathlib.Path(path).write_bytes(blob[:digits] + f"{zlib.crc32(blob):08x}".encode() + blob[digits + 8 :])


if __name__ == "__main__":
    command, file = sys.argv[1:]
    if command == "write":
        write(file)
    else:
        json.dump({"read": read, "package": read_with_package}[command](file), sys.stdout)
