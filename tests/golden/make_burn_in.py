#!/usr/bin/python3
"""Golden file of a whole game whose rates, penalties and beta2 move: burn_in.json, by PyTorch in float64.

R3GAN's: residual blocks of make_image_games.py, relativistic pairing, R1 and R2 by double backward, torch.optim.Adam without momentum
whose rate and betas are set anew before each step, an average of the generator's weights. Over the burn-in all move by the cosine of
the authors' program (github.com/brownvc/R3GAN, cosine_decay_with_warmup); behind it they stay. Written are the players as they start,
real images and noise of every step, its losses and penalty, and all weights, moments and averages behind the last.

The average's half-life is agon's: a twentieth of the updates so far, at most `ema_samples` rows.
"""
import json
import math
import pathlib

import torch

from make_image_games import SLOPE, generate, losses, make_players, penalty, written

STEPS, CLEARANCE = 6, 1e-4  # of an activation from its kink
CASE = {"image": [2, 4, 1], "generator": [3, 4, 2, 1], "discriminator": [1, 2, 4, 1], "blocks": 1, "group_channels": 2, "expansion": 2,
        "kernel": 4, "batch": 2, "generator_norm": False, "discriminator_norm": False, "generator_slope": 0.25, "output": "identity",
        "objective": "relativistic", "r1": 1.5, "r2": 0.5, "slope": SLOPE,
        "burn_in": 4, "rate": 0.01, "final_rate": 0.25, "final_penalty": 0.1, "beta2": 0.9, "final_beta2": 0.99, "epsilon": 1e-4,
        "ema_samples": 0.5}


def moved(first, last, step):
    share = min(1, step / CASE["burn_in"])
    return last + (first - last) * (1 + math.cos(math.pi * share)) / 2


def draw(shape, random):
    return torch.randn(shape, generator=random, dtype=torch.float64).float().double()


def update(optimiser, tensors, loss, step):
    for tensor, gradient in zip(tensors, torch.autograd.grad(loss, tensors)):
        tensor.grad = gradient
    for group in optimiser.param_groups:
        group["lr"] = moved(CASE["rate"], CASE["rate"] * CASE["final_rate"], step)
        group["betas"] = (0.0, moved(CASE["beta2"], CASE["final_beta2"], step))
    optimiser.step()


def played(seed):
    """The game, and how near an activation came to its kink."""
    random, g, d = make_players(CASE, seed)
    height, width, channels = CASE["image"]
    of_g, of_d = list(g.tensors.values()), list(d.tensors.values())
    adam = [torch.optim.Adam(tensors, betas=(0.0, 0.0), eps=CASE["epsilon"]) for tensors in (of_g, of_d)]
    average = [tensor.detach().clone() for tensor in of_g]
    start, steps = {name: written(value) for name, value in {**g.tensors, **d.tensors}.items()}, []
    for step in range(STEPS):
        real = draw((CASE["batch"], channels, height, width), random)
        noise = draw((2, CASE["batch"], CASE["generator"][0]), random)
        share = moved(1, CASE["final_penalty"], step)
        fake = generate(CASE, g, noise[0]).detach()
        of_slope = share * penalty(CASE, d, real, fake)
        of_loss = losses(CASE, d, real, fake, fake, real)[0]
        update(adam[1], of_d, of_loss + of_slope, step)
        of_made = losses(CASE, d, real, fake, generate(CASE, g, noise[1]), real)[1]
        update(adam[0], of_g, of_made, step)
        half_life = min(CASE["ema_samples"] / CASE["batch"], 0.05 * (step + 1))
        for mean, tensor in zip(average, of_g):
            mean.lerp_(tensor.detach(), 1 - 0.5 ** (1 / half_life))
        steps.append({"real": written(real), "noise": written(noise), "losses": [of_loss.item(), of_made.item()],
                      "penalty": of_slope.item()})
    tensors = []
    for optimiser, player in zip(adam, (g, d)):
        for name, tensor in player.tensors.items():
            state = optimiser.state[tensor]
            tensors.append({"name": name, "start": start[name], "value": written(tensor), "moment2": written(state["exp_avg_sq"])})
    for entry, mean in zip(tensors, average):
        entry["average"] = written(mean)
    return {**CASE, "steps": steps, "tensors": tensors}, min(g.least, d.least)


if __name__ == "__main__":
    game, least = next(found for found in map(played, range(10000)) if found[1] > CLEARANCE)
    path = pathlib.Path(__file__).with_name("burn_in.json")
    path.write_text(json.dumps(game, separators=(",", ":")) + "\n")
