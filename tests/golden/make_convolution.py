#!/usr/bin/python3
"""Golden file of convolutions: convolution.json, by PyTorch in float64 (an interpreter with torch).

layers   y = LeakyReLU(conv2d or conv_transpose2d of x, + bias), and the gradients of sum(given * y) by x, weight and bias
penalty  two convolutions with LeakyReLU and a linear logit: sum over images of |d logit / d x|^2 / 2, and its gradients by
         the three weights, by double backward

Images are written (batch, height, width, channels), weights (first, kernel, kernel, second), where PyTorch has
(first, second, kernel, kernel). What goes in are multiples of 1/8, so what comes out is exact in float64, the slope 1/4.
"""
import json
import pathlib

import torch
import torch.nn.functional as F

SLOPE = 0.25
# batch, (height, width, channels) of the fine image, coarse channels, kernel, stride, padding, groups, transposed
LAYERS = [
    (2, (6, 5, 2), 3, 4, 2, 1, 1, False), (2, (5, 4, 4), 6, 3, 1, 1, 2, False), (1, (3, 4, 5), 4, 1, 1, 0, 1, False),
    (2, (6, 8, 2), 3, 4, 2, 1, 1, True), (1, (6, 5, 4), 6, 3, 2, 1, 2, True), (2, (4, 4, 3), 5, 4, 1, 0, 1, True),
]


def eighths(generator, *shape):
    return torch.randint(-8, 9, shape, generator=generator).double() / 8


def written(tensor):
    """Channels last: of images and of weights."""
    return tensor.detach().permute(0, 2, 3, 1).flatten().tolist() if tensor.dim() == 4 else tensor.detach().flatten().tolist()


def layer(generator, batch, fine, coarse_channels, kernel, stride, padding, groups, transposed):
    height, width, channels = fine
    coarse = [(size + 2 * padding - kernel) // stride + 1 for size in (height, width)]
    given_in = (coarse_channels, *coarse) if transposed else (channels, height, width)
    x = eighths(generator, batch, *given_in).requires_grad_()
    weight = eighths(generator, coarse_channels, channels // groups, kernel, kernel).requires_grad_()
    bias = eighths(generator, channels if transposed else coarse_channels).requires_grad_()
    rest = {"stride": stride, "padding": padding, "groups": groups}
    if transposed:
        more = [size - ((c - 1) * stride - 2 * padding + kernel) for size, c in zip((height, width), coarse)]
        z = F.conv_transpose2d(x, weight, bias, output_padding=more, **rest)
    else:
        z = F.conv2d(x, weight, bias, **rest)
    dz = eighths(generator, *z.shape)  # given at z: what stands before this layer in agon's way back
    (dz * z).sum().backward()
    return {"shape": [batch, height, width, channels, coarse_channels, kernel, stride, padding, groups, int(transposed)],
            "x": written(x), "weight": written(weight), "bias": written(bias), "dz": written(dz),
            "y": written(F.leaky_relu(z, SLOPE)), "dx": written(x.grad), "dweight": written(weight.grad), "dbias": written(bias.grad)}


def penalty(generator):
    x = eighths(generator, 3, 2, 8, 8).requires_grad_()
    first, second = eighths(generator, 4, 2, 4, 4).requires_grad_(), eighths(generator, 6, 2, 3, 3).requires_grad_()
    last = eighths(generator, 6 * 4 * 4).requires_grad_()
    biases = [eighths(generator, 4), eighths(generator, 6)]
    a = F.leaky_relu(F.conv2d(x, first, biases[0], stride=2, padding=1), SLOPE)
    b = F.leaky_relu(F.conv2d(a, second, biases[1], padding=1, groups=2), SLOPE)
    logits = b.permute(0, 2, 3, 1).flatten(1) @ last
    slope, = torch.autograd.grad(logits.sum(), x, create_graph=True)
    value = slope.square().sum() / 2
    value.backward()
    return {"x": written(x), "weights": [written(first), written(second), written(last)], "biases": [written(b) for b in biases],
            "value": value.item(), "gradients": [written(first.grad), written(second.grad), written(last.grad)]}


def main():
    generator = torch.Generator().manual_seed(3)
    content = {"torch": torch.__version__, "slope": SLOPE, "layers": [layer(generator, *each) for each in LAYERS],
               "penalty": penalty(generator)}
    path = pathlib.Path(__file__).resolve().parent / "convolution.json"
    path.write_text(json.dumps(content, separators=(",", ":")).replace('{"shape"', '\n{"shape"') + "\n")


if __name__ == "__main__":
    main()
