#!/usr/bin/python3
"""Times a training step of PyTorch's between networks of images, on the processor, and prints JSON.

    torch_image_step.py --recipe dcgan|r3gan [--size 28] [--channels 1] [--batch 64] [--threads N] [--compile]

The networks are those that agon's recipes give such images, the step is theirs: D on real images and fakes (with R1 and R2
by double backward where the recipe has them), then G through the updated D. Channels last; with --compile both networks go
through torch.compile. Images and noise are drawn before the clock starts.
"""
import argparse
import json
import math
import statistics
import time

import torch
import torch.nn.functional as F
from torch import nn


def halvings(size, smallest, odd):
    count = 0
    while (odd or size % 2 == 0) and size > (smallest if count >= 2 else 3):
        size, count = size // 2, count + 1
    return count


class Reshaped(nn.Module):
    def __init__(self, channels, side):
        super().__init__()
        self.channels, self.side = channels, side

    def forward(self, x):
        x = x.view(len(x), self.side, self.side, self.channels).permute(0, 3, 1, 2)
        return x.contiguous(memory_format=torch.channels_last)


class Flat(nn.Module):
    def forward(self, x):
        return x.permute(0, 2, 3, 1).reshape(len(x), -1)


def dcgan(size, channels):
    times = halvings(size, 4, odd=True)
    side = size >> times
    widths = [min(64 << i, 512) for i in range(times)]  # from the largest image on
    up = widths[::-1]
    generator = [nn.Linear(100, side * side * up[0], bias=False), Reshaped(up[0], side), nn.BatchNorm2d(up[0]), nn.ReLU(True)]
    odd = [(size >> i) % 2 for i in range(times)][::-1]
    for one, other, more in zip(up, up[1:], odd):
        generator += [nn.ConvTranspose2d(one, other, 4, 2, 1, output_padding=more, bias=False), nn.BatchNorm2d(other), nn.ReLU(True)]
    generator += [nn.ConvTranspose2d(up[-1], channels, 4, 2, 1, output_padding=odd[-1]), nn.Tanh()]
    discriminator = [nn.Conv2d(channels, widths[0], 4, 2, 1), nn.LeakyReLU(0.2, True)]
    for one, other in zip(widths, widths[1:]):
        discriminator += [nn.Conv2d(one, other, 4, 2, 1, bias=False), nn.BatchNorm2d(other), nn.LeakyReLU(0.2, True)]
    discriminator += [Flat(), nn.Linear(side * side * widths[-1], 1)]
    return nn.Sequential(*generator), nn.Sequential(*discriminator), 100


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        inner = 2 * channels
        self.first = nn.Conv2d(channels, inner, 1)
        self.second = nn.Conv2d(inner, inner, 3, padding=1, groups=inner // 16)
        self.third = nn.Conv2d(inner, channels, 1, bias=False)

    def forward(self, x):
        y = F.leaky_relu(self.first(x), 0.2)
        return x + self.third(F.leaky_relu(self.second(y), 0.2))


class Interpolated(nn.Module):
    def __init__(self, channels, up):
        super().__init__()
        taps = torch.tensor([1.0, 3, 3, 1]) / 8
        self.register_buffer("weight", torch.outer(taps, taps).repeat(channels, 1, 1, 1) * (4 if up else 1))
        self.map = F.conv_transpose2d if up else F.conv2d

    def forward(self, x):
        return self.map(x, self.weight, stride=2, padding=1, groups=x.shape[1])


def r3gan(size, channels):
    times = halvings(size, 7, odd=False)
    side = size >> times
    widths = [min(32 << i, 256) for i in range(times + 1)]
    up = widths[::-1]
    generator = [nn.Linear(64, side * side * up[0], bias=False), Reshaped(up[0], side), Block(up[0])]
    for one, other in zip(up, up[1:]):
        generator += [nn.Conv2d(one, other, 1, bias=False)] * (one != other) + [Interpolated(other, True), Block(other)]
    generator += [nn.Conv2d(up[-1], channels, 1, bias=False)]
    discriminator = [nn.Conv2d(channels, widths[0], 1, bias=False), Block(widths[0])]
    for one, other in zip(widths, widths[1:]):
        discriminator += [Interpolated(one, False)] + [nn.Conv2d(one, other, 1, bias=False)] * (one != other) + [Block(other)]
    discriminator += [Flat(), nn.Linear(side * side * widths[-1], 1, bias=False)]
    return nn.Sequential(*generator), nn.Sequential(*discriminator), 64


def slope_penalty(d, x, logits):
    return torch.autograd.grad(logits.sum(), x, create_graph=True)[0].square().sum((1, 2, 3)).mean()


class Game:
    def __init__(self, options):
        make = {"dcgan": dcgan, "r3gan": r3gan}[options.recipe]
        g, d, self.latent = make(options.size, options.channels)
        self.parameters = {"g": list(g.parameters()), "d": list(d.parameters())}
        last = torch.channels_last
        self.g, self.d = g.to(memory_format=last), d.to(memory_format=last)
        if options.compile:
            self.g, self.d = torch.compile(self.g), torch.compile(self.d)
        self.paired, self.penalty, self.batch = options.recipe == "r3gan", 1.0 if options.penalties else 0.0, options.batch
        betas = (0.0, 0.99) if self.paired else (0.5, 0.999)
        adam = lambda parameters: torch.optim.Adam(parameters, 2e-4, betas=betas, foreach=True)
        self.of_g, self.of_d = adam(self.parameters["g"]), adam(self.parameters["d"])
        self.real = torch.randn(options.batch, options.channels, options.size, options.size).to(memory_format=last)
        self.noise = torch.randn(2, options.batch, self.latent)

    def step(self):
        with torch.no_grad():
            fake = self.g(self.noise[0])
        self.train(self.of_d, self.loss_of_d(self.real.detach(), fake.detach()))
        for parameter in self.parameters["d"]:
            parameter.requires_grad_(False)
        made = self.d(self.g(self.noise[1]))
        if self.paired:
            with torch.no_grad():
                on_real = self.d(self.real)
            loss = F.softplus(on_real - made).mean()
        else:
            loss = F.softplus(-made).mean()
        self.train(self.of_g, loss)
        for parameter in self.parameters["d"]:
            parameter.requires_grad_(True)

    def loss_of_d(self, real, fake):
        if self.penalty:
            real.requires_grad_(), fake.requires_grad_()
        on_real, on_fake = self.d(real), self.d(fake)
        loss = F.softplus(on_fake - on_real).mean() if self.paired else F.softplus(-on_real).mean() + F.softplus(on_fake).mean()
        if self.penalty:
            loss = loss + self.penalty / 2 * (slope_penalty(self.d, real, on_real) + slope_penalty(self.d, fake, on_fake))
        return loss

    @staticmethod
    def train(optimiser, loss):
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipe", choices=("dcgan", "r3gan"), required=True)
    parser.add_argument("--size", type=int, default=28)
    parser.add_argument("--channels", type=int, default=1)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=2.0, help="of measurement")
    parser.add_argument("--no-penalties", dest="penalties", action="store_false", help="r3gan without R1 and R2")
    parser.add_argument("--compile", action="store_true")
    options = parser.parse_args()
    options.penalties = options.penalties and options.recipe == "r3gan"
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    game = Game(options)
    for _ in range(2):
        game.step()
    taken, end = [], time.perf_counter() + options.seconds
    while time.perf_counter() < end or len(taken) < 3:
        start = time.perf_counter()
        game.step()
        taken.append(time.perf_counter() - start)
    parameters = {name: sum(math.prod(p.shape) for p in all_of) for name, all_of in game.parameters.items()}
    print(json.dumps({"peer": f"torch {torch.__version__}{' compiled' if options.compile else ''}", "parameters": parameters,
                      "step_seconds": {"median": statistics.median(taken), "least": min(taken)}, "steps": len(taken)}))


if __name__ == "__main__":
    main()
