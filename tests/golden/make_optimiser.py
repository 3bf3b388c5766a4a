#!/usr/bin/python3
"""Golden file of what happens to a gradient: optimiser/golden.json, by PyTorch (/usr/bin/python3 with torch).

adamw   torch.nn.utils.clip_grad_norm_, then torch.optim.AdamW, on two tensors with the gradients given
spectral  torch.nn.utils.spectral_norm on a linear layer's weight: u, v, sigma and the normalised weight of each of
          some forward passes in training mode, and the gradient of sum(given * normalised) by the weight
The hook of torch.nn.utils is taken and not the later parametrizations.spectral_norm, which works out u before v; the
paper's algorithm 1, and the hook, v before u. Numbers are float32 and written so that they come back bit for bit.
"""
import json
import pathlib

import torch

STEPS, PASSES = 6, 3
SETTINGS = {"rate": 1e-2, "beta1": 0.5, "beta2": 0.99, "epsilon": 1e-8, "weight_decay": 0.1, "clip": 2.0}


def numbers(tensor):
    return [float(x) for x in tensor.detach().flatten()]


def adamw(generator):
    start = [torch.randn(37, generator=generator), torch.randn(11, generator=generator)]
    parameters = [torch.nn.Parameter(x.clone()) for x in start]
    optimiser = torch.optim.AdamW(parameters, SETTINGS["rate"], (SETTINGS["beta1"], SETTINGS["beta2"]),
                                  SETTINGS["epsilon"], SETTINGS["weight_decay"])
    steps = []
    for step in range(STEPS):
        # Lengths on both sides of the bound: about 7 and 0.7 by turns.
        given = [torch.randn(x.shape, generator=generator) * (1.0 if step % 2 == 0 else 0.1) for x in start]
        for parameter, gradient in zip(parameters, given):
            parameter.grad = gradient.clone()
        norm = torch.nn.utils.clip_grad_norm_(parameters, SETTINGS["clip"])
        optimiser.step()
        steps.append({"gradient": numbers(torch.cat(given)), "norm": float(norm),
                      "parameter": numbers(torch.cat([p.detach() for p in parameters]))})
    return {"settings": SETTINGS, "start": numbers(torch.cat(start)), "steps": steps}


def spectral(generator, out, inputs):
    layer = torch.nn.Linear(inputs, out, bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.randn(out, inputs, generator=generator))
    torch.nn.utils.spectral_norm(layer)
    layer.train()
    with torch.no_grad():
        layer.weight_u.copy_(torch.nn.functional.normalize(torch.randn(out, generator=generator), dim=0))
    result = {"out": out, "in": inputs, "weight": numbers(layer.weight_orig), "u": numbers(layer.weight_u), "passes": []}
    for _ in range(PASSES):
        given = torch.randn(out, inputs, generator=generator)
        layer.weight_orig.grad = None
        layer(torch.zeros(1, inputs))
        (given * layer.weight).sum().backward()
        result["passes"].append({
            "u": numbers(layer.weight_u), "v": numbers(layer.weight_v), "normalised": numbers(layer.weight),
            "gradient": numbers(given), "by_weight": numbers(layer.weight_orig.grad)})
    return result


def main():
    generator = torch.Generator().manual_seed(5)
    content = {"torch": torch.__version__, "adamw": adamw(generator),
               "spectral": [spectral(generator, out, inputs) for out, inputs in ((1, 7), (9, 5), (12, 20))]}
    path = pathlib.Path(__file__).resolve().parent / "optimiser" / "golden.json"
    path.write_text(json.dumps(content) + "\n")


if __name__ == "__main__":
    main()
