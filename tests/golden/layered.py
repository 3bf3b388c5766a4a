"""Layers with more than their linear part, for make_golden.py: stock modules, and dropout whose masks are agon's."""
import functools

import torch
from torch import nn

DROPOUT = 8  # what agon's random numbers for dropout are numbered with


def philox(seed, purpose, step, first, count):
    """Words of blocks [first, first + count) of agon's streams (kernels/random.hpp), by Salmon et al. (2011)."""
    words = []
    for block in range(first, first + count):
        key, c = [seed, 0], [block, purpose, step, 0]
        for _ in range(10):
            a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
            c = [(b >> 32) ^ c[1] ^ key[0], b & 0xFFFFFFFF, (a >> 32) ^ c[3] ^ key[1], a & 0xFFFFFFFF]
            key = [(key[0] + 0x9E3779B9) & 0xFFFFFFFF, (key[1] + 0xBB67AE85) & 0xFFFFFFFF]
        words += c
    return words


class Hidden(nn.Module):
    """Linear, norm, LeakyReLU, dropout by `factor`, and with `residual` its input behind all that (CTGAN's block)."""

    def __init__(self, inputs, outputs, slope, norm, residual, dtype):
        super().__init__()
        self.linear = nn.Linear(inputs, outputs, bias=norm == "none", dtype=dtype)
        self.norm = {"none": nn.Identity, "batch": nn.BatchNorm1d, "layer": nn.LayerNorm}[norm](outputs, dtype=dtype)
        self.activation = nn.LeakyReLU(slope)
        self.residual, self.factor = residual, None

    def before(self, x):
        return self.norm(self.linear(x))

    def after(self, x, u):
        y = self.activation(u)
        if self.factor is not None:
            y = y * self.factor
        return torch.cat([y, x], 1) if self.residual else y

    def forward(self, x):
        return self.after(x, self.before(x))


def network(widths, slope, layers, dtype):
    norm, residual = layers.get("norm", "none"), layers.get("residual", False)
    modules, inputs = [], widths[0]
    for outputs in widths[1:-1]:
        modules.append(Hidden(inputs, outputs, slope, norm, residual, dtype))
        inputs = outputs + inputs * residual
    return nn.Sequential(*modules, nn.Linear(inputs, widths[-1], dtype=dtype))


def shapes(widths, layers):
    """[(name, shape, inputs of its layer)] in agon's order."""
    norm, residual = layers.get("norm", "none") != "none", layers.get("residual", False)
    inputs, found = widths[0], []
    for layer, outputs in enumerate(widths[1:]):
        hidden = layer + 2 < len(widths)
        found.append((f"{layer}.weight", (outputs, inputs), inputs))
        for name in ("gamma", "beta") if norm and hidden else ("bias",):
            found.append((f"{layer}.{name}", (outputs,), inputs))
        inputs = outputs + inputs * (residual and hidden)
    return found


def running(model):
    """Running means and variances, layer by layer."""
    return [v for m in model if isinstance(m, Hidden) and isinstance(m.norm, nn.BatchNorm1d)
            for v in (m.norm.running_mean, m.norm.running_var)]


@functools.lru_cache(None)
def factors(seed, widths, batch, probability, step, phase, segment):
    """Each hidden layer's (batch, width): agon's masks of a segment of D's rows (engine/gan/turn.cpp, discriminators_sweep)."""
    found, first = [], 0
    for width in widths[1:-1]:
        quads = (width + 3) // 4
        words = philox(seed, DROPOUT, step, first + (3 * phase + segment) * batch * quads, batch * quads)
        kept = torch.tensor([(w >> 8) * 2.0**-24 >= probability for w in words]).reshape(batch, 4 * quads)[:, :width]
        found.append(kept.double() / (1 - probability))
        first += 2 * 3 * batch * quads
    return found


def seen(d, masks, flip=False):
    """D with the dropout of these rows; masks: per segment a list of a mask for each layer, or nothing."""
    if not masks:
        return d

    def run(x):
        for i, module in enumerate(list(d)[:-1]):
            parts = [segment[i].flip(0) if flip else segment[i] for segment in masks]
            module.factor = torch.cat(parts).to(x.dtype)
        return d(x)
    return run
