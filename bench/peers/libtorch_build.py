#!/usr/bin/python3
"""Builds libtorch_step.cpp with the C++ library inside this interpreter's torch.

    libtorch_build.py PROGRAM

CUDA graphs are in it where torch has CUDA and the toolkit's headers are found. Also writes PROGRAM.start, the starting
point it reads. Exit code 5 where there is no torch, or one older than 2.4, whose fused Adam knows only CUDA.
"""
import os
import pathlib
import shlex
import subprocess
import sys

import peer

HERE = pathlib.Path(__file__).resolve().parent


def toolkit(torch):
    """The CUDA toolkit's include folder; None where torch or the machine has none."""
    if torch.version.cuda is None:
        return None
    folders = [os.environ.get("CUDA_HOME"), os.environ.get("CUDA_PATH"), "/usr/local/cuda"]
    found = (pathlib.Path(folder) / "include" for folder in folders if folder)
    return next((folder for folder in found if (folder / "cuda_runtime_api.h").exists()), None)


def command(torch, program):
    from torch.utils import cpp_extension

    cuda = toolkit(torch)
    library = pathlib.Path(torch.__file__).parent / "lib"
    words = shlex.split(os.environ.get("CXX", "c++"))
    words += ["-std=c++20", "-O2", "-w", f"-D_GLIBCXX_USE_CXX11_ABI={int(torch._C._GLIBCXX_USE_CXX11_ABI)}"]
    words += [f"-isystem{folder}" for folder in cpp_extension.include_paths()]
    words += [str(HERE / "libtorch_step.cpp"), "-o", str(program), f"-L{library}", f"-Wl,-rpath,{library}"]
    # The CUDA half registers itself when it is loaded, though nothing may name a symbol of it.
    words += ["-Wl,--no-as-needed", "-ltorch", "-ltorch_cpu", "-lc10"]
    if cuda:
        words += ["-DAGON_PEER_CUDA", f"-isystem{cuda}", "-ltorch_cuda", "-lc10_cuda", f"-L{cuda.parent}/lib64"]
        words += [f"-Wl,-rpath-link,{folder}" for folder in nvidia_folders(torch)]
        words += [f"-Wl,-rpath,{folder}" for folder in nvidia_folders(torch)] + ["-lcudart"]
    return words


def nvidia_folders(torch):
    """Where a torch from PyPI keeps the CUDA libraries it was built with."""
    return sorted({path.parent for path in (pathlib.Path(torch.__file__).parents[1] / "nvidia").glob("*/lib/*.so*")})


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        import torch
    except ImportError:
        print(f"libtorch: {sys.executable} has no torch", file=sys.stderr)
        return peer.NOT_HERE
    if torch.__version__ < (2, 4):
        print(f"libtorch: torch {torch.__version__} is older than 2.4", file=sys.stderr)
        return peer.NOT_HERE
    program = pathlib.Path(sys.argv[1]).resolve()
    program.parent.mkdir(parents=True, exist_ok=True)
    peer.Start.draw().write(f"{program}.start")
    return subprocess.run(command(torch, program)).returncode


if __name__ == "__main__":
    sys.exit(main())
