#!/usr/bin/python3
"""Checks that the peers do equal work: from the same parameters, rows and noises their losses and the way their parameters
went agree with a plain double-precision implementation of the step, below.

    check_peers.py [--device cpu] [--python INTERPRETER ...] [--libtorch PROGRAM] [--steps 3] [--batch 64] [--out FILE]

Peers that cannot run here are named. Exit code 1 where one disagrees, or where none ran.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy

import peer

HERE = pathlib.Path(__file__).resolve().parent
LOSS_TOLERANCE, MOVED_TOLERANCE = 2e-5, 1e-3  # relative; seen on the processor: 4e-7 and 7e-6


def arguments():
    parsing = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parsing.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parsing.add_argument("--python", nargs="+", default=["/usr/bin/python3"], help="interpreters with torch or jax")
    parsing.add_argument("--libtorch", help="program that libtorch_build.py built")
    parsing.add_argument("--modes", type=lambda text: text.split(","), help="only these modes")
    parsing.add_argument("--steps", type=int, default=3)
    parsing.add_argument("--batch", type=int, default=64)
    parsing.add_argument("--out", type=pathlib.Path, help="the figures as JSON")
    return parsing.parse_args()


class Reference:
    """One player in double precision: layers' parameters and Adam's moments."""

    def __init__(self, parameters):
        self.parameters = [p.astype(numpy.float64) for p in parameters]
        self.first, self.second = ([numpy.zeros_like(p) for p in self.parameters] for _ in range(2))
        self.count = 0

    def forward(self, x):
        """Every layer's input, and the output."""
        inputs = [x]
        for i in range(0, len(self.parameters), 2):
            x = x @ self.parameters[i].T + self.parameters[i + 1]
            if i + 2 < len(self.parameters):
                x = numpy.where(x > 0, x, peer.SLOPE * x)
            inputs.append(x)
        return inputs

    def backward(self, inputs, slope):
        """Gradients of the parameters and of the input, from that of the output."""
        gradients = [None] * len(self.parameters)
        for i in range(len(self.parameters) - 2, -1, -2):
            if i + 2 < len(self.parameters):
                slope = slope * numpy.where(inputs[i // 2 + 1] > 0, 1.0, peer.SLOPE)
            gradients[i], gradients[i + 1] = slope.T @ inputs[i // 2], slope.sum(0)
            slope = slope @ self.parameters[i]
        return gradients, slope

    def adam(self, gradients):
        self.count += 1
        (beta1, beta2), count = peer.BETAS, self.count
        for p, m, v, g in zip(self.parameters, self.first, self.second, gradients):
            m += (1 - beta1) * (g - m)
            v += (1 - beta2) * (g * g - v)
            p -= peer.RATE * (m / (1 - beta1**count)) / (numpy.sqrt(v / (1 - beta2**count)) + peer.EPSILON)


def reference(start):
    """(losses, moved) of a start, as the peers print them."""
    split = 2 * (len(peer.GENERATOR) - 1)
    g, d = Reference(start.parameters[:split]), Reference(start.parameters[split:])
    losses = []
    for rows, noise in zip(start.rows.astype(numpy.float64), start.noise.astype(numpy.float64)):
        batch = len(rows)
        inputs = d.forward(numpy.concatenate([rows, g.forward(noise[0])[-1]]))
        sign = numpy.concatenate([-numpy.ones((batch, 1)), numpy.ones((batch, 1))])  # loss: softplus(sign * logit)
        loss_d = numpy.logaddexp(0, sign * inputs[-1]).sum() / batch
        d.adam(d.backward(inputs, sign / (1 + numpy.exp(-sign * inputs[-1])) / batch)[0])
        inputs_g = g.forward(noise[1])
        inputs = d.forward(inputs_g[-1])
        loss_g = numpy.logaddexp(0, -inputs[-1]).mean()
        slope = d.backward(inputs, -1 / (1 + numpy.exp(inputs[-1])) / batch)[1]
        g.adam(g.backward(inputs_g, slope)[0])
        losses.append((loss_d, loss_g))
    moved = [float(numpy.linalg.norm(after - before)) for after, before in zip(g.parameters + d.parameters, start.parameters)]
    return losses, moved


def commands(options):
    import jax_step
    import torch_step

    for python in options.python:
        for script, modes in (("torch_step.py", torch_step.MODES), ("jax_step.py", jax_step.MODES)):
            for mode in modes:
                yield mode, [python, str(HERE / script), "--mode", mode]
    if options.libtorch:
        yield "libtorch", [options.libtorch]


def worst(actual, expected):
    """Largest relative difference; NaN where one is not a number."""
    actual, expected = numpy.asarray(actual, float), numpy.asarray(expected, float)
    if actual.shape != expected.shape:
        return float("nan")
    return float((numpy.abs(actual - expected) / numpy.abs(expected)).max())


def compare(command, wanted):
    """{peer, loss_error, moved_error, agrees} of a peer, or {not_here}, or {error}."""
    try:
        ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    except FileNotFoundError:
        return {"not_here": f"{command[0]}: no such program"}
    if ran.returncode == peer.NOT_HERE:
        return {"not_here": ran.stderr.strip()}
    if ran.returncode:
        return {"error": ran.stderr.strip()[-500:] or f"exit code {ran.returncode}"}
    result = json.loads(ran.stdout)
    errors = worst(result["losses"], wanted[0]), worst(result["moved"], wanted[1])
    return {"peer": result["peer"], "loss_error": errors[0], "moved_error": errors[1],
            "agrees": errors[0] <= LOSS_TOLERANCE and errors[1] <= MOVED_TOLERANCE}


def main():
    options = arguments()
    start, results = peer.Start.draw(options.batch, options.steps), []
    wanted = reference(start)
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/start"
        start.write(path)
        for mode, command in commands(options):
            if options.modes and mode not in options.modes:
                continue
            result = compare([*command, "--device", options.device, "--follow", path], wanted)
            results.append({"command": command, **result})
            print(json.dumps(results[-1]), flush=True)
    if options.out:
        options.out.write_text(json.dumps({"steps": options.steps, "batch": options.batch, "peers": results}) + "\n")
    bad = [r for r in results if "error" in r or r.get("agrees") is False]
    ran = sum("agrees" in r for r in results)
    print(f"{ran} peers ran, {len(bad)} disagree or failed", file=sys.stderr)
    return 1 if bad or not ran else 0


if __name__ == "__main__":
    sys.exit(main())
