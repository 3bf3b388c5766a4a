"""The numbers that go in: parameters, batches and noise, from `word`, which golden.hpp repeats in C++."""
import functools

import numpy as np
import torch

import layered
import settings


def stream(scenario, attempt, kind, number):
    """The stream of tensor `number`, or of step `number`'s inputs."""
    return ((scenario * 256 + attempt) * 4 + kind) * 256 + number


def word(source, index):
    """SplitMix64 (Steele, Lea, Flood 2014) as a counter: a 64-bit word for each (source, index)."""
    with np.errstate(over="ignore"):
        x = (np.uint64(source << 32) + index.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


def uniform(source, count, bound):
    """fl(bound k 2^-23), k the top 24 bits less 2^23: uniform on [-bound, bound), one float32 rounding."""
    k = (word(source, np.arange(count)) >> np.uint64(40)).astype(np.int64) - (1 << 23)
    return (k.astype(np.float32) * np.float32(2.0**-23)) * np.float32(bound)


def bell(source, count):
    """Sum of twelve 16-bit integers less its mean (393210), an exact integer: 65536 times a nearly normal number."""
    w = word(source, np.arange(3 * count)).reshape(count, 3)
    parts = [(w >> np.uint64(16 * i)) & np.uint64(0xFFFF) for i in range(4)]
    return sum(p.astype(np.int64) for p in parts).sum(1) - 393210


@functools.lru_cache(4 * settings.STEPS)
def noise(scenario, attempt, kind, step):
    """(batch, latent) for the phase of `kind`."""
    b = bell(stream(scenario, attempt, kind, step), settings.BATCH * settings.GENERATOR[0])
    return torch.from_numpy((b.astype(np.float32) / np.float32(65536)).reshape(settings.BATCH, settings.GENERATOR[0]))


@functools.lru_cache(2 * settings.STEPS)
def rows(scenario, attempt, step):
    """(batch, width): correlated columns, (3 own + 2 shared) / 4, exact in float32."""
    width = settings.DISCRIMINATOR[0]
    b = bell(stream(scenario, attempt, settings.ROWS, step), settings.BATCH * (width + 1)).reshape(settings.BATCH, width + 1)
    return torch.from_numpy((3 * b[:, :width] + 2 * b[:, width:]).astype(np.float32) / np.float32(262144))


def initial(scenario):
    """[(name, value)]: every tensor of a layer with `in` inputs is U(-1/sqrt(in), 1/sqrt(in)), nn.Linear's default."""
    tensors = []
    if settings.LAYERS:
        return initial_of_layers(scenario)
    for network, widths in (("generator", settings.GENERATOR), ("discriminator", settings.DISCRIMINATOR)):
        for layer, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
            for kind, shape in (("weight", (outputs, inputs)), ("bias", (outputs,))):
                source = stream(scenario, 0, settings.PARAMETERS, len(tensors))
                value = uniform(source, int(np.prod(shape)), 1 / np.sqrt(float(inputs))).reshape(shape)
                tensors.append((f"{network}.{layer}.{kind}", value))
    return tensors


def of_layers(prefix):
    """Norms and residual blocks are the generator's, dropout is the discriminator's."""
    keys = ("norm", "residual") if prefix == "generator" else ("dropout",)
    return {key: settings.LAYERS[key] for key in keys if key in settings.LAYERS}


def initial_of_layers(scenario):
    """The same; gammas are 1 more, betas as biases. Behind all of them running means, 0, and variances, 1."""
    tensors = []
    for prefix, widths in (("generator", settings.GENERATOR), ("discriminator", settings.DISCRIMINATOR)):
        for name, shape, inputs in layered.shapes(widths, of_layers(prefix)):
            source = stream(scenario, 0, settings.PARAMETERS, len(tensors))
            value = uniform(source, int(np.prod(shape)), 1 / np.sqrt(float(inputs))).reshape(shape)
            tensors.append((f"{prefix}.{name}", value + np.float32(1) if name.endswith("gamma") else value))
    for layer, width in enumerate(settings.GENERATOR[1:-1] if settings.LAYERS.get("norm") == "batch" else ()):
        tensors.append((f"running.{layer}.mean", np.zeros(width, np.float32)))
        tensors.append((f"running.{layer}.variance", np.ones(width, np.float32)))
    return tensors
