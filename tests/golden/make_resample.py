#!/usr/bin/python3
"""Golden file of resampled images: resample.json, by PyTorch in float64 (an interpreter with torch).

R3GAN's upsampler and downsampler (github.com/brownvc/R3GAN, R3GAN/Resamplers.py) in both of the forms that it has: its reference's,
a strided convolution or its transpose, and upfirdn2d's, which inserts zeroes, pads, filters, and drops pixels. The two must agree.
Each image comes with the gradient of sum(given * y) by x.

Images are written (batch, height, width, channels). What goes in are multiples of 1/8, so what comes out is exact, in float32, too.
"""
import json
import pathlib

import numpy
import torch
import torch.nn.functional as F

FILTERS = {"box": [1], "linear": [1, 2, 1]}  # as R3GAN's configuration names them
COARSE = [(2, 3, 4, 2), (1, 1, 1, 3), (1, 4, 1, 4)]  # batch, height, width, channels


def kernel_of(weights):
    """CreateLowpassKernel(weights, Inplace=False)."""
    kernel = numpy.convolve(weights, [1, 1]).reshape(1, -1)
    kernel = torch.tensor(kernel.T @ kernel, dtype=torch.float64)
    return kernel / kernel.sum()


def strided(x, weights, up):
    """InterpolativeUpsamplerReference, InterpolativeDownsamplerReference."""
    kernel, channels = kernel_of(weights)[None, None], x.reshape(-1, 1, *x.shape[2:])
    if up:
        y = F.conv_transpose2d(channels, 4 * kernel, stride=2, padding=len(weights) // 2)
    else:
        y = F.conv2d(channels, kernel, stride=2, padding=len(weights) // 2)
    return y.reshape(*x.shape[:2], *y.shape[2:])


def upfirdn(x, weights, up):
    """upsample2d, downsample2d of torch_utils/ops/upfirdn2d.py."""
    kernel, channels = kernel_of(weights), x.reshape(-1, 1, *x.shape[2:])
    taps = len(kernel)
    if up:
        spread = channels.new_zeros(len(channels), 1, 2 * x.shape[2], 2 * x.shape[3])
        spread[:, :, ::2, ::2] = channels
        before, after = (taps + 1) // 2, (taps - 2) // 2
        y = F.conv2d(F.pad(spread, [before, after, before, after]), (4 * kernel).flip([0, 1])[None, None])
    else:
        before, after = (taps - 1) // 2, (taps - 2) // 2
        y = F.conv2d(F.pad(channels, [before, after, before, after]), kernel.flip([0, 1])[None, None])[:, :, ::2, ::2]
    return y.reshape(*x.shape[:2], *y.shape[2:])


def eighths(generator, *shape):
    return torch.randint(-8, 9, shape, generator=generator).double() / 8


def written(tensor):
    return tensor.detach().permute(0, 2, 3, 1).flatten().tolist()


def case(generator, name, up, batch, height, width, channels):
    size = (height, width) if up else (2 * height, 2 * width)
    x = eighths(generator, batch, channels, *size).requires_grad_()
    y = strided(x, FILTERS[name], up)
    assert torch.equal(y, upfirdn(x, FILTERS[name], up))
    given = eighths(generator, *y.shape)
    (given * y).sum().backward()
    return {"filter": name, "up": up, "coarse": [batch, height, width, channels], "x": written(x), "y": written(y),
            "dy": written(given), "dx": written(x.grad)}


def main():
    generator = torch.Generator().manual_seed(17)
    cases = [case(generator, name, up, *coarse) for coarse in COARSE for name in FILTERS for up in (False, True)]
    path = pathlib.Path(__file__).resolve().parent / "resample.json"
    content = json.dumps({"torch": torch.__version__, "cases": cases}, separators=(",", ":"))
    path.write_text(content.replace('{"filter"', '\n{"filter"') + "\n")


if __name__ == "__main__":
    main()
