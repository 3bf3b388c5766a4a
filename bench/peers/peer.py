"""What the Python peers share: the networks' shapes, the starting point, the timing loop, the checks and the report.

A peer is an object with
  steps_per_call      the least number of steps it runs at once
  run(calls)          enqueues `calls` times as many training steps, drawing batch and noises itself
  wait()              returns when all of them are done
  losses()            (loss of D, loss of G) of the last step, as floats; waits
  parameters()        the 14 tensors as numpy arrays, generator first, weight (out, in) before bias
  updates()           how many updates Adam has counted
  follow(start)       [(loss of D, loss of G)] of every step on start's own rows and noises
"""
import argparse
import json
import math
import os
import sys
import time

import numpy

ROWS, LATENT, WIDTH = 4096, 100, 10
GENERATOR, DISCRIMINATOR = (LATENT, 128, 256, 512, WIDTH), (WIDTH, 512, 256, 1)
SLOPE, RATE, BETAS, EPSILON = 0.2, 2e-4, (0.5, 0.999), 1e-8
NOT_HERE = 5  # exit code: this peer, mode or precision cannot run here; one line says why
PRECISIONS = ("fp32", "tf32", "bf16")
PENALTIES = ("r1", "r2", "wgan-gp")


class NotHere(Exception):
    """Why a peer cannot run here."""


def parser(text, modes):
    parsing = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parsing.add_argument("--mode", choices=modes, default=modes[0])
    parsing.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parsing.add_argument("--batch", type=int, default=64)
    parsing.add_argument("--precision", choices=PRECISIONS, default="fp32")
    parsing.add_argument("--cases", type=cases, help="BATCH:PRECISION,...: several measurements, one line each")
    parsing.add_argument("--threads", type=int, default=0, help="of the processor; 0 takes every core")
    parsing.add_argument("--seconds", type=float, default=2.0, help="of measurement for each case")
    parsing.add_argument("--steps-per-call", type=int, default=16, help="steps in one graph or scan, where there is one")
    for flag in PENALTIES:
        parsing.add_argument(f"--{flag}", type=float, default=0.0, help="its weight; torch's plain and tuned modes")
    parsing.add_argument("--follow", metavar="FILE", help="run on the start that check_peers.py wrote; print its losses")
    return parsing


def cases(text):
    pairs = [case.split(":") for case in text.split(",")]
    if any(len(pair) != 2 or pair[1] not in PRECISIONS for pair in pairs):
        raise argparse.ArgumentTypeError("BATCH:PRECISION,... with precisions " + ", ".join(PRECISIONS))
    return [(int(batch), precision) for batch, precision in pairs]


def penalties(options):
    """Weights of R1, R2 and WGAN-GP."""
    return options.r1, options.r2, options.wgan_gp


def cores(options):
    return options.threads or len(os.sched_getaffinity(0))


def shapes():
    """Of the 14 tensors: (out, in) and (out,), layer by layer, the generator's first."""
    for widths in (GENERATOR, DISCRIMINATOR):
        for inputs, outputs in zip(widths, widths[1:]):
            yield (outputs, inputs)
            yield (outputs,)


class Start:
    """A starting point and the data of some steps, from a seed; the same for every peer.

    The file: int32 steps, int32 batch, then float32 parameters, rows (steps, batch, 10), noise (steps, 2, batch, 100).
    The noise's first half feeds D's phase, the second G's.
    """

    def __init__(self, parameters, rows, noise):
        self.parameters, self.rows, self.noise = parameters, rows, noise

    @staticmethod
    def draw(batch=64, steps=1, seed=1):
        random = numpy.random.default_rng(seed)
        parameters, bound = [], 0.0
        for shape in shapes():
            bound = 1 / math.sqrt(shape[1]) if len(shape) == 2 else bound
            parameters.append(random.uniform(-bound, bound, shape).astype(numpy.float32))
        rows = random.standard_normal((steps, batch, WIDTH), dtype=numpy.float32)
        return Start(parameters, rows, random.standard_normal((steps, 2, batch, LATENT), dtype=numpy.float32))

    def write(self, path):
        with open(path, "wb") as file:
            numpy.asarray(self.rows.shape[:2], numpy.int32).tofile(file)
            for array in (*self.parameters, self.rows, self.noise):
                array.tofile(file)

    @staticmethod
    def read(path):
        with open(path, "rb") as file:
            steps, batch = (int(n) for n in numpy.fromfile(file, numpy.int32, 2))

            def take(*shape):
                return numpy.fromfile(file, numpy.float32, math.prod(shape)).reshape(shape)

            parameters = [take(*shape) for shape in shapes()]
            return Start(parameters, take(steps, batch, WIDTH), take(steps, 2, batch, LATENT))


def table(seed=1):
    """The training table, (4096, 10)."""
    return numpy.random.default_rng(seed).standard_normal((ROWS, WIDTH), dtype=numpy.float32)


def quantiles(times):
    """Order statistics of times, and their mean."""
    times = sorted(times)
    places = (("median", 0.5), ("p10", 0.1), ("p90", 0.9))
    return {name: times[round(q * (len(times) - 1))] for name, q in places} | {"mean": sum(times) / len(times)}


def timed_by_clock(peer, calls):
    """Seconds of `calls` calls by the host's clock."""
    before = time.perf_counter()
    peer.run(calls)
    peer.wait()
    return time.perf_counter() - before


def measure(peer, seconds, on_device, timed=timed_by_clock):
    """Quantiles of a step's seconds over pieces of about 20 ms on a device, single calls on the processor."""
    peer.run(3)
    peer.wait()
    calls = 1
    if on_device:
        while (took := timed(peer, calls)) < 0.01 and calls < 1 << 16:
            calls *= 2
        calls = max(1, round(calls * 0.02 / took))
    times, start = [], time.perf_counter()
    while len(times) < 10 or time.perf_counter() - start < seconds:
        times.append(timed(peer, calls) / (calls * peer.steps_per_call))
    return quantiles(times), len(times), calls


def check_trained(peer, start, first, steps):
    """Raises where a peer that was timed for `steps` steps did not train both networks by as many updates."""
    last = peer.losses()
    if not all(map(math.isfinite, (*first, *last))):
        raise RuntimeError(f"losses {first} and then {last}")
    if first[0] == last[0] or first[1] == last[1]:
        raise RuntimeError(f"the losses stayed {last}")
    moved = [float(numpy.abs(after - before).max()) for after, before in zip(peer.parameters(), start.parameters)]
    if min(moved) < RATE / 10 or not all(map(math.isfinite, moved)):
        raise RuntimeError(f"parameters moved by {moved} in {steps} steps")
    if peer.updates() != steps:
        raise RuntimeError(f"Adam counted {peer.updates()} updates in {steps} steps")
    return last


class Counted:
    """A peer that notes how many steps it was asked for."""

    def __init__(self, peer):
        self._peer, self.steps = peer, 0

    def __getattr__(self, name):
        return getattr(self._peer, name)

    def run(self, calls):
        self.steps += calls * self._peer.steps_per_call
        self._peer.run(calls)


def report(name, options, make, timed, penalised):
    """Measures `make(start, options)` on every case and prints one JSON object for each. `penalised`: the peer has penalties."""
    worst = 0
    for options.batch, options.precision in options.cases or [(options.batch, options.precision)]:
        start = Start.draw(options.batch)
        try:
            if any(penalties(options)) and not penalised:
                raise NotHere("it has no penalties")
            peer = Counted(make(start, options))
            peer.run(1)
            first = peer.losses()
            spread, count, calls = measure(peer, options.seconds, options.device != "cpu", timed)
            last = check_trained(peer, start, first, peer.steps)
        except NotHere as reason:
            worst = refuse(name, options, reason)
            continue
        print(json.dumps({"peer": name, "mode": options.mode, "device": options.device, "precision": options.precision,
                          "batch": options.batch, "threads": cores(options), "steps_per_call": peer.steps_per_call,
                          "calls_per_measurement": calls, "measurements": count, "step_seconds": spread,
                          "penalties": penalties(options),
                          "steps": peer.steps, "first_losses": first, "final_losses": last}), flush=True)
    return worst


def refuse(name, options, reason):
    """Says why a case cannot run: as the one line of a single case, as an object's error among several."""
    text = f"{name}: {reason}"
    if options.cases:
        print(json.dumps({"peer": name, "mode": options.mode, "device": options.device, "precision": options.precision,
                          "batch": options.batch, "not_here": text}), flush=True)
        return 0
    print(text, file=sys.stderr)
    return NOT_HERE


def given_steps(peer, start, tensor):
    """Takes the start's rows and noises step by step, each through `tensor`; returns the losses of every step."""
    losses = []
    for rows, noise in zip(start.rows, start.noise):
        peer.step(*map(tensor, (rows, noise[0], noise[1])))
        losses.append(peer.losses())
    return losses


def follow(name, options, make):
    """Prints the losses of every step of a given start and how far the parameters went, as JSON."""
    start = Start.read(options.follow)
    options.batch = start.rows.shape[1]
    try:
        peer = make(start, options)
        losses = peer.follow(start)
    except NotHere as reason:
        options.cases = None
        return refuse(name, options, reason)
    moved = [float(numpy.linalg.norm((after - before).astype(numpy.float64)))
             for after, before in zip(peer.parameters(), start.parameters)]
    print(json.dumps({"peer": name, "mode": options.mode, "device": options.device, "precision": options.precision,
                      "batch": options.batch, "losses": losses, "moved": moved}))
    return 0


def main(name, options, make, timed=timed_by_clock, penalised=False):
    return follow(name, options, make) if options.follow else report(name, options, make, timed, penalised)
