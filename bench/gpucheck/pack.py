"""Makes the pack: the programs, and every library they need that is not the C library's own.

They are linked with an old-style run path $ORIGIN/lib, which unlike the new style also serves the libraries' own needs,
so nothing on the other machine is asked for but its C library, the driver and, for cuBLASLt, the toolkit. The C library
stays behind: with it the loader would have to come, too. The manifest says how new one must be.
"""
import datetime
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile

from measured import ROOT, commit

PROGRAMS = ("agon", "agon_kernel_tests", "agon_engine_tests", "agon_probes")
ARCHIVE, MANIFEST, LIMIT = "agon-gpu.tar.xz", "manifest.json", 48 << 20
C_LIBRARY = re.compile(r"^(ld-linux.*|lib(c|m|dl|rt|pthread|resolv|util)\.so.*|linux-vdso.*)$")


def run(*command):
    words = [str(word) for word in command]
    if code := subprocess.run(words, stdout=sys.stderr).returncode:
        sys.exit(f"exit code {code}: {' '.join(words)}")


def build(folder):
    """Configures and builds the programs for taking along."""
    launcher = [f"-DCMAKE_{language}_COMPILER_LAUNCHER=ccache" for language in ("CXX", "CUDA")] if shutil.which("ccache") else []
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    run("cmake", "-S", ROOT, "-B", folder, *generator, *launcher, "-DCMAKE_BUILD_TYPE=Release", "-DAGON_CUDA=ON",
        "-DAGON_CUDA_ARCHITECTURES=ALL", "-DAGON_TESTS=ON", "-DAGON_BENCHMARKS=ON", "-DCMAKE_CUDA_FLAGS=-lineinfo", "-DCMAKE_BUILD_RPATH=$ORIGIN/lib",
        "-DCMAKE_EXE_LINKER_FLAGS=-s -Wl,--disable-new-dtags")
    run("cmake", "--build", folder, "-j", str(len(os.sched_getaffinity(0))), "--target", *PROGRAMS)


def libraries(program):
    """{name: path} of the shared libraries a program needs, the C library's left out."""
    text = subprocess.run(["ldd", str(program)], check=True, stdout=subprocess.PIPE, text=True).stdout
    found = {}
    for line in text.splitlines():
        words = line.split()
        if C_LIBRARY.match(pathlib.Path(words[0]).name):
            continue
        if "not found" in line:
            sys.exit(f"{program} needs {words[0]}, which is not on this machine")
        found[words[0]] = words[2]
    return found


def c_library_needed(files):
    """The newest version of the C library's symbols that the files name, such as 2.36."""
    text = subprocess.run(["objdump", "-T", *map(str, files)], check=True, stdout=subprocess.PIPE, text=True).stdout
    versions = {tuple(map(int, found.split("."))) for found in re.findall(r"GLIBC_([0-9.]+)", text)}
    return ".".join(map(str, max(versions)))


def archive(files, folder, effort=6):
    """Leaves agon-gpu.tar.xz of {name in it: path} and manifest.json in `folder`. `effort` is xz's, 0 to 9."""
    folder.mkdir(parents=True, exist_ok=True)
    manifest = {"commit": commit(), "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
                "c_library": c_library_needed(files.values()),
                "files": {name: path.stat().st_size for name, path in files.items()}}
    temporary = folder / f"{ARCHIVE}.part"
    with tarfile.open(temporary, "w:xz", dereference=True, preset=effort) as tar:
        for name, path in files.items():
            tar.add(path, name)
    os.replace(temporary, folder / ARCHIVE)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")
    return manifest


def with_libraries(programs):
    """{name in the archive: path} of the programs' paths and what they need."""
    files = {path.name: path for path in programs}
    for path in programs:
        files |= {f"lib/{library}": pathlib.Path(found) for library, found in libraries(path).items()}
    return files


def make(folder, build_folder):
    """Builds the programs and packs them into `folder`."""
    build(build_folder)
    manifest = archive(with_libraries([build_folder / name for name in PROGRAMS]), folder)
    size = (folder / ARCHIVE).stat().st_size
    if size > LIMIT:
        sys.exit(f"{folder / ARCHIVE} has {size >> 20} MiB, more than {LIMIT >> 20}")
    print(f"{folder / ARCHIVE}: {size / 2**20:.1f} MiB, needs C library {manifest['c_library']}", file=sys.stderr)


def c_library_here():
    return tuple(map(int, os.confstr("CS_GNU_LIBC_VERSION").split()[-1].split(".")))


def unpack(folder, to):
    """(folder of the programs, their commit), or (None, why there is none)."""
    if not (folder / ARCHIVE).exists() or not (folder / MANIFEST).exists():
        return None, f"there is no pack in {folder}"
    manifest = json.loads((folder / MANIFEST).read_text())
    if tuple(map(int, manifest["c_library"].split("."))) > c_library_here():
        return None, f"the pack needs C library {manifest['c_library']}, this machine's is older"
    with tarfile.open(folder / ARCHIVE) as tar:
        tar.extractall(to, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    return to, manifest["commit"]
