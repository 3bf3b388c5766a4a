"""What the benchmark scripts share: which commit, which processor, how busy it is, what a run took and printed."""
import json
import os
import pathlib
import subprocess
import sys
import time
import typing

ROOT = pathlib.Path(__file__).resolve().parent.parent
LEARN_ALL = ("--held-out", "0", "--evaluate", "false")  # of agon train: every row, and no word of how far to trust it


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


def busy_share(seconds=1.0):
    """Of all processors' time in the next seconds, the share that somebody uses."""
    def jiffies():
        fields = [int(word) for word in pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
        return fields[3] + fields[4], sum(fields[:8])  # idle and waiting for a disk; all, guests counted once

    idle, whole = jiffies()
    time.sleep(seconds)
    idle_then, whole_then = jiffies()
    return 1 - (idle_then - idle) / max(1, whole_then - whole)


def wait_until_idle(patience, most=0.05):
    """Waits until nobody uses the machine, at most `patience` seconds; returns the share that was used last."""
    end = time.monotonic() + patience
    while (busy := busy_share()) > most and time.monotonic() < end:
        time.sleep(min(10.0, max(0.0, end - time.monotonic())))
    return busy


class Cost(typing.NamedTuple):
    seconds: float  # on the clock
    processor_seconds: float  # of all its threads: others on the machine change it less
    megabytes: float  # at its peak


def cost_of(command, until=None):
    """Of a command that must succeed; with `until`, of one up to its first line of standard error that begins so: it is killed then."""
    start = time.monotonic()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    lines, reached = [], False
    with process.stderr:
        for line in process.stderr:
            lines.append(line)
            reached = until is not None and line.startswith(until)
            if reached:
                break
    seconds = time.monotonic() - start
    if reached:
        process.kill()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if not reached and (until or status):
        sys.exit(f"{' '.join(map(str, command))} failed:\n{''.join(lines)}")
    return Cost(seconds if reached else time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def output_of(command):
    """What a command that must succeed prints on standard output."""
    words = [str(word) for word in command]
    ran = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if ran.returncode:
        sys.exit(f"{' '.join(words)}\n{ran.stderr}")
    return ran.stdout


def json_of(command):
    """The same of a command that prints one JSON value."""
    return json.loads(output_of(command))


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
