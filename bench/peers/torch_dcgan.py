#!/usr/bin/python3
"""Trains PyTorch's DCGAN on the processor, as its publication and its well-known tutorial do, and draws images.

    torch_dcgan.py --images TRAIN.npz --out DRAWN.npy --count N --steps N [--batch 64] [--seed 1] [--threads 1]

The networks are those of agon's recipe dcgan (torch_image_step.py), the rest is the publication's: Adam 2e-4 with beta1 0.5, normal
starting weights of deviation 0.02, the non-saturating loss, the last weights, no average of them. TRAIN.npz holds `images`, bytes;
what is drawn becomes bytes, (N, height, width), of RGB with 3 channels behind.
"""
import argparse

import numpy
import torch
import torch.nn.functional as F
from torch import nn

import torch_image_step


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def start(module):
    if isinstance(module, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, 0, 0.02)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1, 0.02)


def batches(count, size):
    """Indices of images: each pass in an order of its own, a batch that the pass cannot fill left out."""
    while True:
        order = torch.randperm(count)
        for first in range(0, count - size + 1, size):
            yield order[first:first + size]


def main():
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    images = torch.from_numpy(numpy.load(options.images)["images"])
    images = images.unsqueeze(1) if images.dim() == 3 else images.permute(0, 3, 1, 2)
    g, d, latent = torch_image_step.dcgan(images.shape[2], images.shape[1])
    for network in (g, d):
        network.apply(start)
        network.to(memory_format=torch.channels_last)
    of_g, of_d = (torch.optim.Adam(network.parameters(), 2e-4, betas=(0.5, 0.999), foreach=True) for network in (g, d))
    drawn = batches(len(images), options.batch)
    for _ in range(options.steps):
        real = (images[next(drawn)].float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)
        fake = g(torch.randn(options.batch, latent))
        of_d.zero_grad()
        (F.softplus(-d(real)).mean() + F.softplus(d(fake.detach())).mean()).backward()
        of_d.step()
        of_g.zero_grad()
        F.softplus(-d(fake)).mean().backward()
        of_g.step()
    g.eval()
    parts = []
    with torch.no_grad():
        for first in range(0, options.count, 500):
            made = g(torch.randn(min(500, options.count - first), latent))
            parts.append(((made + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1))
    made = torch.cat(parts).numpy()
    numpy.save(options.out, made[..., 0] if made.shape[3] == 1 else made)


if __name__ == "__main__":
    main()
