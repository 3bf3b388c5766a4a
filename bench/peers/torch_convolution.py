#!/usr/bin/python3
"""Times PyTorch's convolutions on the processor, channels last, on the layers of convolution_benchmark, and prints JSON.

For each layer: forward with bias and LeakyReLU; the input's gradient; the gradients of weight and bias. FLOP/s count the
multiplications and additions of the convolution alone, as convolution_benchmark does.
"""
import argparse
import json
import statistics
import time

import torch
import torch.nn.functional as F

# name: batch, height = width, channels of the fine image, channels of the coarse one, kernel, stride, padding, groups, transposed
LAYERS = {
    "d.1": (64, 32, 1, 64, 4, 2, 1, 1, False), "d.2": (64, 16, 64, 128, 4, 2, 1, 1, False),
    "d.3": (64, 8, 128, 256, 4, 2, 1, 1, False), "g.2": (64, 8, 128, 256, 4, 2, 1, 1, True),
    "g.3": (64, 16, 64, 128, 4, 2, 1, 1, True), "g.4": (64, 32, 1, 64, 4, 2, 1, 1, True),
    "28.d.2": (64, 14, 64, 128, 4, 2, 1, 1, False), "28.g.2": (64, 14, 64, 128, 4, 2, 1, 1, True),
    "64.d.1": (64, 64, 1, 64, 4, 2, 1, 1, False), "64.d.2": (64, 32, 64, 128, 4, 2, 1, 1, False),
    "64.d.3": (64, 16, 128, 256, 4, 2, 1, 1, False), "64.d.4": (64, 8, 256, 512, 4, 2, 1, 1, False),
    "64.g.2": (64, 8, 256, 512, 4, 2, 1, 1, True), "64.g.3": (64, 16, 128, 256, 4, 2, 1, 1, True),
    "64.g.4": (64, 32, 64, 128, 4, 2, 1, 1, True), "64.g.5": (64, 64, 1, 64, 4, 2, 1, 1, True),
    "28.d.1": (64, 28, 1, 64, 4, 2, 1, 1, False), "28.g.3": (64, 28, 1, 64, 4, 2, 1, 1, True),
    "3x3": (64, 16, 64, 64, 3, 1, 1, 1, False),
}
for side, before, channels in ((28, 1, 32), (14, 32, 64), (7, 64, 128), (64, 1, 32), (32, 32, 64), (16, 64, 128), (8, 128, 256),
                               (4, 256, 256)):  # of the recipe r3gan at 28 and 64 pixels
    if before != channels:
        LAYERS[f"r3.{side}.in"] = (64, side, before, channels, 1, 1, 0, 1, False)
    LAYERS |= {f"r3.{side}.expand": (64, side, channels, 2 * channels, 1, 1, 0, 1, False),
               f"r3.{side}.grouped": (64, side, 2 * channels, 2 * channels, 3, 1, 1, channels // 8, False),
               f"r3.{side}.reduce": (64, side, 2 * channels, channels, 1, 1, 0, 1, False)}


def seconds_of(work, seconds):
    """Median of calls over that time, after a few to warm up."""
    for _ in range(3):
        work()
    taken, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end or len(taken) < 5:
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def measure(layer, seconds):
    batch, size, fine, coarse, kernel, stride, padding, groups, transposed = layer
    out = (size + 2 * padding - kernel) // stride + 1
    last = torch.channels_last
    fine_image = torch.randn(batch, fine, size, size).to(memory_format=last)
    coarse_image = torch.randn(batch, coarse, out, out).to(memory_format=last)
    weight = torch.randn(coarse, fine // groups, kernel, kernel).to(memory_format=last)
    x, dz = (coarse_image, fine_image) if transposed else (fine_image, coarse_image)
    bias = torch.randn(dz.shape[1])
    convolve = F.conv_transpose2d if transposed else F.conv2d
    output_padding = size - ((out - 1) * stride - 2 * padding + kernel) if transposed else 0
    rest = {"stride": stride, "padding": padding, "groups": groups, **({"output_padding": output_padding} if transposed else {})}

    def back(mask):
        return torch.ops.aten.convolution_backward(dz, x, weight, [bias.numel()], [stride] * 2, [padding] * 2, [1, 1], transposed,
                                                   [output_padding] * 2, groups, mask)

    with torch.no_grad():
        times = {"forward": seconds_of(lambda: F.leaky_relu(convolve(x, weight, bias, **rest), 0.2), seconds),
                 "input": seconds_of(lambda: back([True, False, False]), seconds),
                 "parameters": seconds_of(lambda: back([False, True, True]), seconds)}
    flops = 2 * batch * out * out * coarse * (fine // groups) * kernel * kernel
    return {what: {"seconds": taken, "gflops": flops / taken / 1e9} for what, taken in times.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=0.5, help="of measurement for each")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(json.dumps({"torch": torch.__version__, "threads": options.threads,
                      "layers": {name: measure(layer, options.seconds) for name, layer in LAYERS.items()}}))


if __name__ == "__main__":
    main()
