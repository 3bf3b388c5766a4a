"""Runs the parts of a stage, each in a process of its own under its own time limit, so that none can take another's
results away."""
import concurrent.futures
import dataclasses
import os
import pathlib
import signal
import subprocess
import threading
import time

NOT_HERE = 5  # a peer's exit code: not available on this machine
GOOD = ("done", "not here", "no device")
LEAST = 2.0  # seconds: with less left, a part is not begun
running = set()  # processes
stopping = threading.Event()


class Unfit(Exception):
    """A reader's: what the part printed is not what it is for. `status` is "failed", "not here" or, which is no failure
    and for rehearsals, "no device". `data` stays in the report."""

    def __init__(self, why, data=None, status="failed"):
        super().__init__(why)
        self.data, self.status = data, status


@dataclasses.dataclass
class Part:
    name: str
    kind: str  # tests, memory, probes, bench, peers, profile, choices
    command: list
    limit: float  # seconds
    read: object = None  # (stdout, stderr, folder) -> data; raises Unfit
    group: str = ""  # neighbours of one group run at the same time
    optional: bool = False  # may be left out where time is short
    environment: dict = dataclasses.field(default_factory=dict)
    missing: str = ""  # why it cannot be tried on this machine, where it cannot
    status_if_missing: str = "not here"
    keep: dict = dataclasses.field(default_factory=dict)  # name beside the report -> file of the part's, where it is made


def end(process):
    """Ends a part and what it has started."""
    for number, patience in ((signal.SIGTERM, 3), (signal.SIGKILL, 10)):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            return
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            continue
    process.poll()


def kill(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def end_all():
    """Ends the parts that run, and those that are about to, so that their threads return."""
    stopping.set()
    for process in list(running):
        kill(process)


def tail(text, lines=12, length=1500):
    return "\n".join(text.strip().splitlines()[-lines:])[-length:]


def execute(part, folder, limit):
    """(exit code, None where it ran past `limit`; stdout; stderr)."""
    out, err = folder / "stdout", folder / "stderr"
    with open(out, "wb") as to_out, open(err, "wb") as to_err:
        process = subprocess.Popen([str(word) for word in part.command], stdin=subprocess.DEVNULL, stdout=to_out,
                                   stderr=to_err, cwd=folder, process_group=0,
                                   env=os.environ | {k: str(v) for k, v in part.environment.items()})
        running.add(process)
        if stopping.is_set():
            kill(process)
        try:
            code = process.wait(limit)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            running.discard(process)
            end(process)  # on every way out: a part leaves nothing behind that disturbs the next
    return code, out.read_text(errors="replace"), err.read_text(errors="replace")


def judge(part, code, out, err, limit):
    """(status, reason) from how the process ended."""
    if code is None:
        how = "timed out" if limit >= part.limit else "no time"
        return how, f"ended after {limit:.0f} s; {tail(err, 3, 300) or tail(out, 3, 300)}"
    if code == 0:
        return "done", ""
    if code == NOT_HERE and part.kind == "peers":  # peers may be absent; agon must find the device it is asked for
        return "not here", tail(err, 2, 300)
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    return "failed", f"{how}: {tail(err) or tail(out)}"


def own_folder(part, folder):
    return pathlib.Path(folder) / "".join(c if c.isalnum() or c in "-_" else "-" for c in part.name)


def run_part(part, folder, time_left):
    """The part's result for the report. Never raises."""
    result = {"name": part.name, "kind": part.kind, "optional": part.optional, "status": "failed", "seconds": 0.0,
              "limit": part.limit, "command": [str(word) for word in part.command]}
    if part.missing:
        return result | {"status": part.status_if_missing, "reason": part.missing}
    limit = min(part.limit, time_left)
    if limit < min(LEAST, part.limit):
        return result | {"status": "no time", "reason": f"{max(time_left, 0):.0f} s were left of the stage"}
    folder = own_folder(part, folder)
    began = time.monotonic()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        code, out, err = execute(part, folder, limit)
        status, reason = judge(part, code, out, err, limit)
        result |= {"status": status, "reason": reason, "exit_code": code}
        if part.read and status != "not here":
            result["data"] = part.read(out, err, folder)  # of a part that was cut off, too: what it printed until then
    except Unfit as why:
        result["data"] = why.data
        if result["status"] == "done" or (why.status == "no device" and result["exit_code"] is not None):
            result |= {"status": why.status, "reason": str(why)}
        else:
            result["reason"] = f"{why}; {result['reason']}"
    except Exception as error:  # a missing program, a reader's mistake: this part's loss alone
        result |= {"status": "failed", "reason": f"{type(error).__name__}: {error}"}
    return result | {"seconds": round(time.monotonic() - began, 2)}


def keep_files(part, folder, beside, most=16 << 20):
    """Copies what the part made to `beside`-NAME, at most so many bytes of it."""
    for name, path in part.keep.items():
        made = own_folder(part, folder) / path
        if made.exists():
            with open(made, "rb") as source:
                pathlib.Path(f"{beside}-{name}").write_bytes(source.read(most))


def groups(parts):
    """Neighbours of one group together, every other part alone."""
    gathered = []
    for part in parts:
        if part.group and gathered and gathered[-1][0].group == part.group:
            gathered[-1].append(part)
        else:
            gathered.append([part])
    return gathered


def run_parts(parts, folder, deadline, on_result):
    """Runs all before time.monotonic() is `deadline`; calls on_result(part, result) after each."""
    results = []
    for group in groups(parts):
        with concurrent.futures.ThreadPoolExecutor(len(group)) as pool:
            part_of = {pool.submit(run_part, part, folder, deadline - time.monotonic()): part for part in group}
            for future in concurrent.futures.as_completed(part_of):
                results.append(future.result())
                on_result(part_of[future], results[-1])
    return results


def failed(result):
    return result["status"] not in GOOD and not (result["status"] == "no time" and result["optional"])
