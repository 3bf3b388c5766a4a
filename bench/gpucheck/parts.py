"""Runs the parts of a check, each in a process of its own under its own time limit, so that none can take another's
results away."""
import concurrent.futures
import dataclasses
import os
import pathlib
import signal
import subprocess
import time

NOT_HERE = 5  # a peer's exit code: not available on this machine

# What a part belongs to, and its bit of the exit code.
KINDS = {"build": 1, "tests": 2, "sanitizers": 4, "probes": 8, "benchmarks": 16, "peers": 32}
GOOD = ("done", "not here", "no device")


class Unfit(Exception):
    """A reader's: what the part printed is not what it is for. `status` is "failed", "not here" or, which is no failure
    and for rehearsals, "no device". `data` stays in the report."""

    def __init__(self, why, data=None, status="failed"):
        super().__init__(why)
        self.data, self.status = data, status


@dataclasses.dataclass
class Part:
    name: str
    kind: str
    command: list
    limit: float  # seconds
    read: object = None  # (stdout, stderr, folder) -> data; raises Unfit
    group: str = ""  # neighbours of one group run at the same time
    optional: bool = False  # may be left out where time is short
    environment: dict = dataclasses.field(default_factory=dict)
    not_here: dict = dataclasses.field(default_factory=dict)  # exit code -> why that is no failure
    missing: str = ""  # why it cannot be tried on this machine, where it cannot
    status_if_missing: str = "not here"
    made_before: object = None  # a file that an earlier part makes, where it can


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


def tail(text, lines=12, length=1500):
    return "\n".join(text.strip().splitlines()[-lines:])[-length:]


def execute(part, folder, limit):
    """(exit code, None where it ran past `limit`; stdout; stderr)."""
    out, err = folder / "stdout", folder / "stderr"
    with open(out, "wb") as to_out, open(err, "wb") as to_err:
        process = subprocess.Popen([str(word) for word in part.command], stdin=subprocess.DEVNULL, stdout=to_out,
                                   stderr=to_err, cwd=folder, start_new_session=True,
                                   env=os.environ | {k: str(v) for k, v in part.environment.items()})
        try:
            code = process.wait(limit)
        except subprocess.TimeoutExpired:
            code = None
        end(process)  # on every way out: a part leaves nothing behind that disturbs the next
    return code, out.read_text(errors="replace"), err.read_text(errors="replace")


def judge(part, code, out, err, limit):
    """(status, reason) from how the process ended."""
    if code is None:
        return "timed out", f"ran past {limit:.0f} s; {tail(err) or tail(out)}"
    if code == 0:
        return "done", ""
    if code in part.not_here:
        return "not here", f"{part.not_here[code]}: {tail(err, 2, 300)}"
    if code == NOT_HERE and part.kind == "peers":  # peers may be absent; agon must find the device it is asked for
        return "not here", tail(err, 2, 300)
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    return "failed", f"{how}: {tail(err) or tail(out)}"


def run_part(part, folder, time_left):
    """The part's result for the report. Never raises."""
    result = {"name": part.name, "kind": part.kind, "optional": part.optional, "status": "failed", "seconds": 0.0,
              "command": [str(word) for word in part.command]}
    if part.missing:
        return result | {"status": part.status_if_missing, "reason": part.missing}
    if part.made_before and not pathlib.Path(part.made_before).exists():
        return result | {"status": "not here", "reason": f"{pathlib.Path(part.made_before).name} was not made"}
    limit = min(part.limit, time_left)
    if limit < min(2.0, part.limit):
        return result | {"status": "no time", "reason": f"{max(time_left, 0):.0f} s were left of the budget"}
    folder = pathlib.Path(folder) / "".join(c if c.isalnum() or c in "-_" else "-" for c in part.name)
    began = time.monotonic()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        code, out, err = execute(part, folder, limit)
        status, reason = judge(part, code, out, err, limit)
        if code is None and limit < part.limit:
            status, reason = "no time", f"the budget ended it after {limit:.0f} s"
        result |= {"status": status, "reason": reason, "exit_code": code}
        if part.read and status != "not here":
            result["data"] = part.read(out, err, folder)  # of a part that failed, too: what it printed until then
    except Unfit as why:
        result["data"] = why.data
        if result["status"] == "done" or why.status == "no device":
            result |= {"status": why.status, "reason": str(why)}
        else:
            result["reason"] = f"{why}; {result['reason']}"
    except Exception as error:  # a missing program, a reader's mistake: this part's loss alone
        result |= {"status": "failed", "reason": f"{type(error).__name__}: {error}"}
    return result | {"seconds": round(time.monotonic() - began, 2)}


def groups(parts):
    """Neighbours of one group together, every other part alone."""
    gathered = []
    for part in parts:
        if part.group and gathered and gathered[-1][0].group == part.group:
            gathered[-1].append(part)
        else:
            gathered.append([part])
    return gathered


def run_parts(parts, folder, budget, on_results):
    """Runs all within `budget` seconds; calls on_results with all results so far after each group."""
    deadline, results = time.monotonic() + budget, []
    for group in groups(parts):
        with concurrent.futures.ThreadPoolExecutor(len(group)) as pool:
            running = [pool.submit(run_part, part, folder, deadline - time.monotonic()) for part in group]
            results += [future.result() for future in running]
        on_results(results)
    return results


def failed(result):
    return result["status"] not in GOOD and not (result["status"] == "no time" and result["optional"])


def exit_code(results):
    """The bits of KINDS that had a failure."""
    code = 0
    for result in results:
        code |= KINDS[result["kind"]] if failed(result) else 0
    return code
