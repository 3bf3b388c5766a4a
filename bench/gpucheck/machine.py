"""What the check says of the machine it ran on, and where things are on it."""
import functools
import os
import pathlib
import platform
import select
import shutil
import subprocess
import time

from measured import cpu_model

NAMES = ("name", "driver_version")
STATE = NAMES + ("pstate", "clocks.sm", "clocks.mem", "clocks.max.sm", "clocks.max.mem", "temperature.gpu", "power.draw",
                 "power.limit", "memory.total", "memory.used")


def output(*command):
    """A command's standard output; empty where it cannot be had."""
    try:
        ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout.strip() if ran.returncode == 0 else ""


def query(names):
    line = output("nvidia-smi", "--query-gpu=" + ",".join(names), "--format=csv,noheader,nounits").splitlines()
    return dict(zip(names, (word.strip() for word in line[0].split(",")))) if line else {}


def gpu_state():
    """{name, driver_version, clocks.sm, ...} of the first GPU; empty without one."""
    return query(STATE) or query(NAMES)  # a driver that does not know one of the words refuses them all


def toolkit_program(name):
    """A program of the CUDA toolkit; None where there is none."""
    found = shutil.which(name)
    for folder in (os.environ.get("CUDA_HOME"), os.environ.get("CUDA_PATH"), "/usr/local/cuda"):
        if not found and folder:
            found = next((str(path) for path in (pathlib.Path(folder) / "bin" / name,
                                                 pathlib.Path(folder) / "compute-sanitizer" / name) if path.exists()), None)
    return found


class Context:
    """A process that keeps the device set up while others come and go: each would wait for the driver otherwise.
    `seconds` is what setting it up took; None where there is no device."""

    def __init__(self, probes, environment):
        began, self.seconds = time.monotonic(), None
        try:
            self.process = subprocess.Popen([str(probes), "hold"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=subprocess.DEVNULL, env=os.environ | environment)
        except OSError:
            self.process = None
            return
        ready, _, _ = select.select([self.process.stdout], [], [], 30)
        if ready and self.process.stdout.readline().strip() == b"held":
            self.seconds = round(time.monotonic() - began, 2)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.kill()
            self.process.communicate()


LOADED = ("libcublasLt.so.*", "libcudnn.so.*", "libnvrtc.so.*")  # when asked for, by name; cuDNN compiles with the last


def loader_path(python):
    """LD_LIBRARY_PATH under which what agon loads is found: the toolkit's own folder, or those of packages of `python`'s."""
    before = os.environ.get("LD_LIBRARY_PATH", "")
    folders = [pathlib.Path(f) / "lib64" for f in (os.environ.get("CUDA_HOME"), "/usr/local/cuda") if f]
    site = output(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
    folders += sorted(pathlib.Path(site).glob("nvidia/*/lib")) if site else []
    found = [next((str(folder) for folder in folders if list(folder.glob(library))), "") for library in LOADED]
    return ":".join(dict.fromkeys(filter(None, (before, *found))))


@functools.cache
def versions(python):
    """Of the peers that `python` has, without loading them."""
    code = ("import importlib.metadata as m, json\nfound = {}\n"
            "for name in ('torch', 'triton', 'jax', 'jaxlib', 'numpy'):\n"
            "  try: found[name] = m.version(name)\n"
            "  except m.PackageNotFoundError: pass\n"
            "print(' '.join(f'{k} {v}' for k, v in found.items()))")
    return output(python, "-c", code)


def describe(pythons):
    nvcc = toolkit_program("nvcc")
    release = [line for line in output(nvcc, "--version").splitlines() if "release" in line] if nvcc else []
    return {"cpu": cpu_model(), "cores": len(os.sched_getaffinity(0)), "kernel": platform.release(),
            "libc": " ".join(platform.libc_ver()), "nvcc": release[0] if release else "", "python": platform.python_version(),
            "packages": "; ".join(filter(None, map(versions, pythons)))}
