"""The training itself, by stock PyTorch modules, and the inputs for which no kink is near."""
import copy

import torch
from torch import nn

import layered
import settings
from inputs import initial, noise, of_layers, rows


def masks(step, phase, *segments):
    if "dropout" not in settings.LAYERS:
        return []
    return [layered.factors(settings.SEED, tuple(settings.DISCRIMINATOR), settings.BATCH, settings.LAYERS["dropout"], step,
                            phase, s) for s in segments]


def segment_of(rows_of_d):
    """Points between or around come first, where there are some; then real rows, then fakes."""
    with_points = any({"wgan_gp", "dragan"} & weights.keys() for weights in settings.PENALTIES.values())
    return (["points"] * with_points + ["real", "fake"]).index(rows_of_d)


def network(scenario, widths, prefix, dtype):
    layers = []
    if settings.LAYERS:
        return with_parameters(scenario, layered.network(widths, settings.SLOPE, of_layers(prefix), dtype), prefix)
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [nn.Linear(inputs, outputs, dtype=dtype), nn.LeakyReLU(settings.SLOPE)]
    return with_parameters(scenario, nn.Sequential(*layers[:-1]), prefix)


def with_parameters(scenario, model, prefix):
    values = [v for name, v in initial(scenario) if name.startswith(prefix)]
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), values):
            parameter.copy_(torch.from_numpy(value))
    return model


def philox(step, count):
    """The first `count` numbers of agon's stream for points."""
    return [(w >> 8) * 2.0**-24 for w in layered.philox(settings.SEED, settings.POINTS, step, 0, (count + 3) // 4)[:count]]


def points(step, real, fake, weights):
    """Between real rows and fakes, or around real rows."""
    if "wgan_gp" in weights:
        share = torch.tensor(philox(step, settings.BATCH), dtype=real.dtype)[:, None]
        return share * real + (1 - share) * fake
    return real + 0.5 * torch.tensor(philox(step, real.numel()), dtype=real.dtype).reshape(real.shape)


def slope(d, x):
    x = x.detach().requires_grad_(True)
    return torch.autograd.grad(d(x).sum(), x, create_graph=True)[0]


def penalty(d, step, real, fake, name):
    weights, total = settings.PENALTIES.get(name, {}), 0
    for key, x in (("r1", real), ("r2", fake)):
        if key in weights:
            total = total + weights[key] / 2 * slope(d, x).square().sum(1).mean()
    for key in ("wgan_gp", "dragan"):
        if key in weights:
            of_points = layered.seen(d, masks(step, 0, segment_of("points")))
            norm = slope(of_points, points(step, real, fake, weights)).norm(dim=1)
            total = total + weights[key] * (norm - 1).square().mean()
    return total


def discriminator_loss(d, step, real, fake, rearranged, objective):
    """(loss, mean D(x), mean D(G(z))). Rearranged: the same in one pass over the concatenated batches."""
    bce, mse = nn.BCEWithLogitsLoss(), nn.MSELoss()
    of_real, of_fake = (masks(step, 0, segment_of(rows_of_d)) for rows_of_d in ("real", "fake"))
    if rearranged:
        both = layered.seen(d, of_fake + of_real, flip=True)
        logits_fake, logits_real = both(torch.cat([fake, real])).split(settings.BATCH)
    else:
        logits_real, logits_fake = layered.seen(d, of_real)(real), layered.seen(d, of_fake)(fake)
    ones, zeros = torch.ones_like(logits_real), torch.zeros_like(logits_fake)
    if objective in ("minimax", "non_saturating"):
        loss = bce(logits_real, ones) + bce(logits_fake, zeros)
        return loss, torch.sigmoid(logits_real).mean(), torch.sigmoid(logits_fake).mean()
    loss = {
        "hinge": lambda: torch.relu(1 - logits_real).mean() + torch.relu(1 + logits_fake).mean(),
        "least_squares": lambda: (mse(logits_real, ones) + mse(logits_fake, zeros)) / 2,
        "wasserstein": lambda: logits_fake.mean() - logits_real.mean(),
        "relativistic": lambda: bce(logits_real - logits_fake, ones),
    }[objective]()
    return loss, logits_real.mean(), logits_fake.mean()


def generator_loss(d, real, logits, objective):
    """d: as it sees the real rows."""
    ones = torch.ones_like(logits)
    if objective == "minimax":
        return torch.log(1 - torch.sigmoid(logits)).mean()
    if objective == "non_saturating":
        return nn.BCEWithLogitsLoss()(logits, ones)
    if objective == "least_squares":
        return nn.MSELoss()(logits, ones) / 2
    if objective == "relativistic":
        return nn.BCEWithLogitsLoss()(logits - d(real).detach(), ones)
    return -logits.mean()


def clearance(model, x):
    """Output, and the least |pre-activation| of the hidden layers."""
    least = float("inf")
    for i, layer in enumerate(model):
        if isinstance(layer, layered.Hidden):
            u = layer.before(x)
            least = min(least, float(u.detach().abs().min()))
            x = layer.after(x, u)
            continue
        x = layer(x)
        if isinstance(layer, nn.Linear) and i + 1 < len(model):
            least = min(least, float(x.detach().abs().min()))
    return x, least


def tame_d(scenario, step, g, d, name):
    """The first attempt at D's phase in which no hidden unit of G or D comes near its kink, nor a logit the hinge's."""
    objective = name.split("+")[0]
    g = copy.deepcopy(g)  # whose running statistics move
    for attempt in range(256):
        fake, least = clearance(g, noise(scenario, attempt, settings.NOISE_D, step).double())
        real = rows(scenario, attempt, step).double()
        (logits_fake, least_fake), (logits_real, least_real) = clearance(d, fake), clearance(d, real)
        least = min(least, least_fake, least_real)
        if {"wgan_gp", "dragan"} & settings.PENALTIES.get(name, {}).keys():
            least = min(least, clearance(d, points(step, real, fake, settings.PENALTIES[name]))[1])
        if objective == "hinge":
            least = min(least, float((1 + logits_fake).abs().min()), float((1 - logits_real).abs().min()))
        if least > settings.CLEARANCE:
            return attempt
    raise RuntimeError("256 attempts were not enough")


def tame_g(scenario, step, g, d):
    g = copy.deepcopy(g)
    for attempt in range(256):
        fake, least = clearance(g, noise(scenario, attempt, settings.NOISE_G, step).double())
        if min(least, clearance(d, fake)[1]) > settings.CLEARANCE:
            return attempt
    raise RuntimeError("256 attempts were not enough")


def train(scenario, name, attempts=None, dtype=torch.float32, threads=1, rearranged=False):
    """Returns {step: [arrays in initial() order]} and per step [loss_D, loss_G, mean D(x), mean D(G(z))].

    `attempts`: per step, those of D's and of G's phase; an empty list is filled (float64 only); None is all 0.
    `rearranged`: the same mathematics in another order: one concatenated pass through D, batches reversed.
    """
    torch.set_num_threads(threads)
    objective = name.split("+")[0]
    g = network(scenario, settings.GENERATOR, "generator", dtype)
    d = network(scenario, settings.DISCRIMINATOR, "discriminator", dtype)
    adam_g = torch.optim.Adam(g.parameters(), settings.RATE, settings.BETAS, settings.EPSILON)
    adam_d = torch.optim.Adam(d.parameters(), settings.RATE, settings.BETAS, settings.EPSILON)
    fill = attempts == []
    snapshots, losses = {}, []
    for step in range(settings.STEPS):
        if fill:
            attempts.append([tame_d(scenario, step, g, d, name)])
        attempt = attempts[step][0] if attempts else 0
        real, z = rows(scenario, attempt, step).to(dtype), noise(scenario, attempt, settings.NOISE_D, step).to(dtype)
        if rearranged:
            real, z = real.flip(0), z.flip(0)
        fake = g(z).detach()
        loss_d, *means = discriminator_loss(d, step, real, fake, rearranged, objective)
        penalised = penalty(d, step, *((real.flip(0), fake.flip(0)) if rearranged else (real, fake)), name)
        adam_d.zero_grad()
        (loss_d + penalised).backward()
        adam_d.step()

        if fill:
            attempts[step].append(tame_g(scenario, step, g, d))
        z = noise(scenario, attempts[step][1] if attempts else 0, settings.NOISE_G, step).to(dtype)
        of_fake, of_real = (layered.seen(d, masks(step, 1, segment), flip=rearranged) for segment in (0, 1))
        logits = of_fake(g(z.flip(0) if rearranged else z))
        loss_g = generator_loss(of_real, real, logits, objective)
        adam_g.zero_grad()
        loss_g.backward()
        adam_g.step()

        losses.append([float(v.detach()) for v in (loss_d, loss_g, *means)])
        if name in settings.PENALTIES:
            losses[-1].append(float(penalised))
        if step + 1 in settings.SNAPSHOTS:
            learnt = (*g.parameters(), *d.parameters(), *(layered.running(g) if settings.LAYERS else ()))
            snapshots[step + 1] = [p.detach().numpy().copy() for p in learnt]
    return snapshots, losses
