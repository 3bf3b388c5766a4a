#!/usr/bin/python3
"""Times agon's training step beside PyTorch's, in turns, and writes the figures with device, date and commit.

    bench/compare.py [--agon build/agon] [--threads N] [--batches 64,1024] [--rounds 5]
    bench/compare.py --batches 64 --penalties none r1=0.1,r2=0.1 wgan-gp=10

Each round runs every contender once for each batch size, one after the other, so that a machine that slows down
slows them all; a ratio is taken within a round. With --penalties on both sides: PyTorch's by double backward, one pass for
each penalty (plain) or one for all rows (tuned); agon's step is then also compared with its own plain one, with which it
takes turns within each call. Needs python3-torch and libopenblas0-openmp.
"""
import argparse
import datetime
import json
import os
import pathlib
import re
import statistics
import sys

from measured import ROOT, commit, cpu_model, json_of

PEERS = ("plain", "tuned")
PENALTIES = ("r1", "r2", "wgan-gp")


def penalties(text):
    """Words for agon bench and the peers alike: "r1=0.1,r2=0.1" to --r1 0.1 --r2 0.1."""
    if text == "none":
        return []
    pairs = [one.partition("=") for one in text.split(",")]
    try:
        if any(name not in PENALTIES or float(weight) <= 0 for name, _, weight in pairs):
            raise ValueError
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}': none, or NAME=WEIGHT,... of {', '.join(PENALTIES)}") from None
    return [word for name, _, weight in pairs for word in (f"--{name}", weight)]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agon", type=pathlib.Path, default=ROOT / "build" / "agon")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--batches", type=lambda text: [int(b) for b in text.split(",")], default=[64, 256, 1024, 4096])
    parser.add_argument("--penalties", nargs="+", type=penalties, default=[[]], metavar="none|NAME=WEIGHT,...",
                        help="each of these games is compared; names " + ", ".join(PENALTIES))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0, help="of measurement for each contender, batch and round")
    parser.add_argument("--python", default="/usr/bin/python3", help="an interpreter that has torch")
    parser.add_argument("--out", type=pathlib.Path, help="default: bench/results/<date>-<cpu>-<threads>-threads.json")
    return parser.parse_args()


def run_agon(options, row):
    report = json_of([options.agon, "bench", "--json", "--device", "cpu", "--threads", options.threads, "--batches",
                       row["batch"], "--seconds", options.seconds, *row["penalties"]])
    if len(report["batches"]) != (2 if row["penalties"] else 1):
        sys.exit(f"agon bench timed {[step['name'] for step in report['batches']]}")
    return report


def run_peer(options, mode, row):
    return json_of([options.python, ROOT / "bench/peers/torch_step.py", "--mode", mode, "--batch", row["batch"], "--threads",
                     options.threads, "--seconds", options.seconds, *row["penalties"]])


def measure(options):
    """[{batch, penalties, agon: [agon's entry of each round], plain: [...], tuned: [...]}], and agon's last report."""
    rows = [{"batch": batch, "penalties": words, "agon": [], **{mode: [] for mode in PEERS}}
            for batch in options.batches for words in options.penalties]
    report, peak = {}, 0
    for turn in range(options.rounds):
        for row in rows:
            print(f"round {turn + 1} of {options.rounds}, batch {row['batch']}", *row["penalties"], file=sys.stderr)
            report = run_agon(options, row)
            peak = max(peak, report["peak_flop_per_second"])
            row["agon"].append(report["batches"][-1])
            for mode in PEERS:
                row[mode].append(run_peer(options, mode, row))
    report["peak_flop_per_second"] = peak  # the best the machine gave in the whole run
    return rows, report


def median_of(runs, quantile="median"):
    return statistics.median(run["step_seconds"][quantile] for run in runs)


def of_rounds(ratios):
    return {"median": statistics.median(ratios), "least": min(ratios), "largest": max(ratios)}


def summarise(row, report):
    """Milliseconds, share of peak, and ratios within each round as (median, least, largest)."""
    flop = row["agon"][0]["flop_per_sample"] * row["batch"]
    summary = {"batch": row["batch"], "penalties": row["penalties"], "milliseconds": {}, "share_of_peak": {}, "times_as_fast": {}}
    for name in ("agon", *PEERS):
        summary["milliseconds"][name] = {q: 1e3 * median_of(row[name], q) for q in ("median", "p10", "p90")}
        summary["share_of_peak"][name] = flop / median_of(row[name]) / report["peak_flop_per_second"]
    for mode in PEERS:
        summary["times_as_fast"][mode] = of_rounds([peer["step_seconds"]["median"] / ours["step_seconds"]["median"]
                                                    for peer, ours in zip(row[mode], row["agon"])])
    if row["penalties"]:
        summary["times_plain"] = of_rounds([ours["times_plain"]["median"] for ours in row["agon"]])
    return summary


def spread(ratios):
    return f"**{ratios['median']:.2f}x** ({ratios['least']:.2f}-{ratios['largest']:.2f})"


def table(summaries, threads):
    names = ("agon", *PEERS)
    penalised = any(s["penalties"] for s in summaries)
    head = ["batch", *(["penalties", "agon / its plain step"] if penalised else []), *(f"{n}, ms" for n in names),
            *(f"{n}, of peak" for n in names), *(f"agon / {m}" for m in PEERS)]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for s in summaries:
        own = [" ".join(s["penalties"]) or "none", spread(s["times_plain"]) if s["penalties"] else ""] if penalised else []
        times = [f"{t['median']:.3g} ({t['p10']:.3g}-{t['p90']:.3g})" for t in s["milliseconds"].values()]
        shares = [f"{share:.0%}" for share in s["share_of_peak"].values()]
        cells = [str(s["batch"]), *own, *times, *shares, *map(spread, s["times_as_fast"].values())]
        lines.append(f"| {' | '.join(cells)} |")
    title = f"{threads} thread{'s' if threads > 1 else ''}; median (p10-p90); ratios: median (least-largest round)"
    return "\n".join([title, "", *lines])


def main():
    options = arguments()
    rows, report = measure(options)
    summaries = [summarise(row, report) for row in rows]
    now = datetime.datetime.now(datetime.timezone.utc)
    slug = re.sub(r"[^a-z0-9]+", "-", cpu_model().lower()).strip("-")
    out = options.out or ROOT / "bench/results" / f"{now:%Y-%m-%d}-{slug}-{options.threads}-threads.json"
    record = {"date": now.isoformat(timespec="seconds"), "commit": commit(), "cpu": cpu_model(),
              "device": report["description"], "instruction_set": report["instruction_set"], "threads": options.threads,
              "peers": [row[0]["peer"] for row in (rows[0][m] for m in PEERS)], "rounds": options.rounds,
              "peak_flop_per_second": report["peak_flop_per_second"], "load_average": os.getloadavg(),
              "summary": summaries, "runs": rows}
    for row in rows:
        for run in row["agon"]:
            run.pop("operations", None)
            run.pop("configuration", None)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(record, indent=1) + "\n")
    print(table(summaries, options.threads))
    print(f"\npeak {report['peak_flop_per_second'] / 1e9:.1f} GFLOP/s; {out}", file=sys.stderr)


if __name__ == "__main__":
    main()
