"""Makes the pack: the programs, for the one GPU that is at hand, and every library they need that is not the C library's own.

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
import tempfile

from measured import ROOT, commit

PROGRAMS = ("agon", "agon_kernel_tests", "agon_engine_tests", "agon_probes")
ARCHIVE, MANIFEST = "agon-gpu.tar.xz", "manifest.json"
LIMIT = 64 << 20  # bytes that travel: the repository and the pack
ARCHITECTURE = "90-real"
C_LIBRARY = re.compile(r"^(ld-linux.*|lib(c|m|dl|rt|pthread|resolv|util)\.so.*|linux-vdso.*)$")


def run(*command):
    words = [str(word) for word in command]
    if code := subprocess.run(words, stdout=sys.stderr).returncode:
        sys.exit(f"exit code {code}: {' '.join(words)}")


def build(folder):
    """Configures and builds the programs for taking along."""
    launcher = [f"-DCMAKE_{language}_COMPILER_LAUNCHER=ccache" for language in ("CXX", "CUDA")] if shutil.which("ccache") else []
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    run("cmake", "-S", ROOT, "-B", folder, *generator, *launcher, "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_UNITY_BUILD=ON",
        "-DAGON_CUDA=ON", f"-DAGON_CUDA_ARCHITECTURES={ARCHITECTURE}", "-DAGON_TESTS=ON", "-DAGON_BENCHMARKS=ON",
        "-DCMAKE_CUDA_FLAGS=-lineinfo", "-DCMAKE_BUILD_RPATH=$ORIGIN/lib", "-DCMAKE_EXE_LINKER_FLAGS=-Wl,--disable-new-dtags")
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
    """Leaves agon-gpu.tar.xz of {name in it: path}, without symbols, and manifest.json in `folder`. `effort` is xz's, 0 to 9."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as bare, tarfile.open(folder / f"{ARCHIVE}.part", "w:xz", preset=effort) as tar:
        sizes = {}
        for name, path in files.items():
            stripped = pathlib.Path(bare) / "file"
            shutil.copy(path, stripped)
            subprocess.run(["strip", str(stripped)], check=True)
            sizes[name] = stripped.stat().st_size
            tar.add(stripped, name)
    os.replace(folder / f"{ARCHIVE}.part", folder / ARCHIVE)
    manifest = {"commit": commit(), "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
                "c_library": c_library_needed(files.values()), "architecture": ARCHITECTURE, "files": sizes,
                "archive": (folder / ARCHIVE).stat().st_size, "repository": repository_bytes()}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")
    return manifest


def with_libraries(programs):
    """{name in the archive: path} of the programs' paths and what they need."""
    files = {path.name: path for path in programs}
    for path in programs:
        files |= {f"lib/{library}": pathlib.Path(found) for library, found in libraries(path).items()}
    return files


def repository_bytes():
    """Of what travels beside the pack: files that git knows, or does not ignore."""
    ran = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z", "-co", "--exclude-standard"], stdout=subprocess.PIPE)
    paths = [ROOT / os.fsdecode(name) for name in ran.stdout.split(b"\0") if name]
    return sum(path.lstat().st_size for path in paths if path.exists())


def mebibytes(size):
    return f"{size / 2**20:.1f} MiB"


def size_lines(manifest):
    """The sizes, largest part first, and their sum."""
    parts = sorted(manifest["files"].items(), key=lambda item: -item[1])
    return [*(f"{mebibytes(size):>10}  {name}" for name, size in parts),
            f"{mebibytes(manifest['archive']):>10}  all of it as {ARCHIVE}",
            f"{mebibytes(manifest['repository']):>10}  the repository",
            f"{mebibytes(manifest['archive'] + manifest['repository']):>10}  in all"]


def refusal(manifest, limit=LIMIT):
    """Why the pack cannot travel; empty where it can."""
    size = manifest["archive"] + manifest["repository"]
    if size <= limit:
        return ""
    largest = sorted(manifest["files"].items(), key=lambda item: -item[1])[:3]
    named = ", ".join(f"{name} {mebibytes(one)}" for name, one in largest)
    return (f"{mebibytes(size)} are more than {mebibytes(limit)}: the repository {mebibytes(manifest['repository'])}, the pack "
            f"{mebibytes(manifest['archive'])}, in it {named} unpacked")


def make(folder, build_folder):
    """Builds the programs and packs them into `folder`."""
    build(build_folder)
    manifest = archive(with_libraries([build_folder / name for name in PROGRAMS]), folder)
    print("\n".join(size_lines(manifest)))
    if why := refusal(manifest):
        (folder / ARCHIVE).unlink()
        sys.exit(why)


def c_library_here():
    return tuple(map(int, os.confstr("CS_GNU_LIBC_VERSION").split()[-1].split(".")))


def unpack(folder, to):
    """(the manifest, "") with the programs in `to`, or (None, why there is none)."""
    if not (folder / ARCHIVE).exists() or not (folder / MANIFEST).exists():
        return None, f"there is no pack in {folder}"
    manifest = json.loads((folder / MANIFEST).read_text())
    if tuple(map(int, manifest["c_library"].split("."))) > c_library_here():
        return None, f"the pack needs C library {manifest['c_library']}, this machine's is older"
    with tarfile.open(folder / ARCHIVE) as tar:
        tar.extractall(to, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    return manifest, ""
