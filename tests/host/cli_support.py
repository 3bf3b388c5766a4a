"""The built program as its user meets it: run it, and look at what it said, returned and left behind."""

import hashlib
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import struct
import subprocess
import tempfile
import time
import unittest

AGON = os.environ["AGON"]

# Networks small enough that a run takes milliseconds. One thread: the tests run beside others.
SMALL = ["--recipe", "article", "--generator-hidden", "16", "--discriminator-hidden", "16", "--latent", "4", "--batch", "8",
         "--device", "cpu", "--threads", "1", "--evaluate", "false"]

# Networks so deep that high rates blow them up within a few steps.
WIDE = "64,64,64,64,64,64,64,64"

BUNDLED = pathlib.Path(__file__).resolve().parents[2] / "host/data/diabetes.csv"

OBJECTIVES = ("non-saturating", "minimax", "hinge", "least-squares", "wasserstein", "relativistic")


def table_text(rows=40, columns=3, seed=7):
    """A table of correlated numbers."""
    numbers = random.Random(seed)
    lines = [",".join(f"c{i}" for i in range(columns))]
    for _ in range(rows):
        shared = numbers.gauss(0, 1)
        lines.append(",".join(f"{10 * i + shared + numbers.gauss(0, 1):.2f}" for i in range(columns)))
    return "\n".join(lines) + "\n"


def tensors(path):
    """A safetensors file's tensors as bytes, by name."""
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8:8 + length])
    return {name: content[8 + length + t["data_offsets"][0]:8 + length + t["data_offsets"][1]]
            for name, t in header.items() if name != "__metadata__"}


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="agon-cli-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def start(self, *arguments, **options):
        """The process, its streams piped as text."""
        def listen():  # whoever runs the tests may ignore signals (nohup, a job in the background): the child must not
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)

        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "preexec_fn": listen} | options
        return subprocess.Popen([AGON, *map(str, arguments)], cwd=self.folder, **options)

    def agon(self, *arguments, expect=0, file_limit=None):
        """Runs to the end; file_limit is the size in bytes beyond which no file can grow."""
        limit = (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))) if file_limit else None
        result = subprocess.run([AGON, *map(str, arguments)], cwd=self.folder, capture_output=True, text=True,
                                timeout=300, preexec_fn=limit)
        self.assertEqual(result.returncode, expect, f"{arguments}\n{result.stdout}\n{result.stderr}")
        return result

    def refused(self, code, says, *arguments, **options):
        """The program stops with `code`, one line on standard error that matches `says`, and nothing on standard
        output; every file is as it was."""
        before = self.files()
        result = self.agon(*arguments, expect=code, **options)
        self.assertRegex(result.stderr, r"\Aagon: [^\n]*\n\Z", "not exactly one line")
        self.assertRegex(result.stderr, says)
        self.assertEqual(result.stdout, "")
        self.assertEqual(self.files(), before)

    def files(self):
        """Every file below the folder, hidden ones too, by name: the hash of what it holds."""
        return {str(p.relative_to(self.folder)): hashlib.sha256(p.read_bytes()).hexdigest()
                for p in self.folder.rglob("*") if p.is_file()}

    def checkpoints(self, run):
        return sorted((self.folder / run).glob("checkpoint-*.safetensors"))

    def wait_for(self, condition, seconds=60):
        end = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), end, "waited in vain")
            time.sleep(0.005)

    def train(self, *more, name="run", **options):
        """Trains small networks on the folder's table.csv, which is made where there is none."""
        if not (self.folder / "table.csv").exists():
            self.write("table.csv", table_text())
        return self.agon("train", "table.csv", "--out", name, *SMALL, *more, **options)

    def lines(self, path):
        """A file of JSON objects, one a line."""
        return [json.loads(line) for line in (self.folder / path).read_text().splitlines()]

    def small_run(self, name="run", *more, epochs=10):
        """A finished run on the folder's table.csv."""
        self.train("--epochs", epochs, "--quiet", *more, name=name)
        return self.folder / name
