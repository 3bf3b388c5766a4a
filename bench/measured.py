"""What the benchmark scripts share: which commit, which processor, what a run printed."""
import json
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent


def commit():
    """Short name of the checkout's commit, "-modified" where files differ from it; "unknown" without git."""
    def git(*words):
        ran = subprocess.run(["git", "-C", str(ROOT), *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        return ran.stdout.strip()

    try:
        name = git("rev-parse", "--short", "HEAD")
    except FileNotFoundError:
        return "unknown"
    return (name + ("-modified" if git("status", "--porcelain", "-uno") else "")) if name else "unknown"


def cpu_model():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown"


def json_lines(text):
    """The JSON objects among a program's lines; a whole text that is one object counts as one."""
    try:
        whole = json.loads(text)
        return [whole] if isinstance(whole, dict) else []
    except ValueError:
        pass
    found = []
    for line in text.splitlines():
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            found.append(value)
    return found
