#!/usr/bin/python3
"""Times PyTorch on the training step that `agon bench` times, and prints JSON.

The article's networks, non-saturating objective, float32, Adam 2e-4 (0.5, 0.999), 4096 random rows in memory. A step
draws its batch and both noises, as agon's does.
  plain  eager PyTorch as a reader of the article would write it
  tuned  what PyTorch offers to hand-tuning: one concatenated pass through D, no graph where none is needed,
         D frozen during G's phase, foreach Adam, gradients dropped rather than zeroed, tensors allocated once
"""
import argparse
import json
import os
import time

ROWS = 4096


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mode", choices=("plain", "tuned"), required=True)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--threads", type=int, default=0, help="0 takes every core")
    parser.add_argument("--seconds", type=float, default=2.0)
    return parser.parse_args()


def networks(nn):
    def perceptron(*widths):
        layers = []
        for inputs, outputs in zip(widths, widths[1:]):
            layers += [nn.Linear(inputs, outputs), nn.LeakyReLU(0.2)]
        return nn.Sequential(*layers[:-1])

    return perceptron(100, 128, 256, 512, 10), perceptron(10, 512, 256, 1)


def plain_step(torch, batch):
    g, d = networks(torch.nn)
    adam_g = torch.optim.Adam(g.parameters(), lr=2e-4, betas=(0.5, 0.999))
    adam_d = torch.optim.Adam(d.parameters(), lr=2e-4, betas=(0.5, 0.999))
    bce = torch.nn.BCEWithLogitsLoss()
    data = torch.randn(ROWS, 10)

    def step():
        real = data[torch.randint(ROWS, (batch,))]
        ones, zeros = torch.ones(batch, 1), torch.zeros(batch, 1)
        fake = g(torch.randn(batch, 100))
        loss_d = bce(d(real), ones) + bce(d(fake.detach()), zeros)
        adam_d.zero_grad()
        loss_d.backward()
        adam_d.step()

        loss_g = bce(d(g(torch.randn(batch, 100))), ones)
        adam_g.zero_grad()
        loss_g.backward()
        adam_g.step()

    return step


def tuned_step(torch, batch):
    torch.set_flush_denormal(True)
    g, d = networks(torch.nn)
    adam_g = torch.optim.Adam(g.parameters(), lr=2e-4, betas=(0.5, 0.999), foreach=True)
    adam_d = torch.optim.Adam(d.parameters(), lr=2e-4, betas=(0.5, 0.999), foreach=True)
    bce = torch.nn.functional.binary_cross_entropy_with_logits
    data = torch.randn(ROWS, 10)
    rows = torch.empty(2 * batch, 10)
    targets = torch.cat([torch.ones(batch, 1), torch.zeros(batch, 1)])
    ones = targets[:batch]
    z_d, z_g = torch.empty(batch, 100), torch.empty(batch, 100)
    order = torch.empty(batch, dtype=torch.int64)

    def step():
        with torch.no_grad():
            torch.index_select(data, 0, order.random_(ROWS), out=rows[:batch])
            rows[batch:] = g(z_d.normal_())
        d.requires_grad_(True)
        loss_d = 2 * bce(d(rows), targets)  # the mean over both halves, twice: the sum of their means
        adam_d.zero_grad(set_to_none=True)
        loss_d.backward()
        adam_d.step()

        d.requires_grad_(False)
        loss_g = bce(d(g(z_g.normal_())), ones)
        adam_g.zero_grad(set_to_none=True)
        loss_g.backward()
        adam_g.step()

    return step


def measure(step, seconds):
    for _ in range(5):
        step()
    times, start = [], time.perf_counter()
    while len(times) < 10 or time.perf_counter() - start < seconds:
        before = time.perf_counter()
        step()
        times.append(time.perf_counter() - before)
    times.sort()
    quantiles = {name: times[round(q * (len(times) - 1))] for name, q in (("median", 0.5), ("p10", 0.1), ("p90", 0.9))}
    return quantiles, len(times)


def main():
    options = arguments()
    threads = options.threads or len(os.sched_getaffinity(0))
    os.environ["OMP_NUM_THREADS"] = str(threads)  # before torch loads OpenBLAS
    import torch

    torch.set_num_threads(threads)
    torch.manual_seed(1)
    make = {"plain": plain_step, "tuned": tuned_step}[options.mode]
    quantiles, count = measure(make(torch, options.batch), options.seconds)
    print(json.dumps({"peer": f"torch {torch.__version__} {options.mode}", "batch": options.batch,
                      "threads": torch.get_num_threads(), "measurements": count, "step_seconds": quantiles}))


if __name__ == "__main__":
    main()
