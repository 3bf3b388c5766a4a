#!/usr/bin/python3
"""Golden files: the article's GAN trained by PyTorch on fixed parameters, batches and noise.

    make_golden.py                          golden.json and <objective>-<step>.z, here
    make_golden.py --folder DIR --wild K    the same of scenario K, taken as it comes
    make_golden.py --survey N               survey.json: how far PyTorch is from itself over N wild scenarios
    make_golden.py --objectives             the other objectives on small networks, in objectives/
    make_golden.py --penalties              penalties on D's slope on these, by double backward, in penalties/
    make_golden.py --layers                 norms, residual blocks and dropout on these, a folder each in layers/
All rewrite the figures of README.md where they write into this folder. Needs torch and numpy (/usr/bin/python3).
The numbers that go in come from `word` below, which golden.hpp repeats in C++, so they are not stored.
"""
import argparse
import copy
import functools
import json
import pathlib
import zlib

import numpy as np
import torch
from torch import nn

import layered

HERE = pathlib.Path(__file__).resolve().parent
SMALL, PENALISED, LAYERED = HERE / "objectives", HERE / "penalties", HERE / "layers"
GENERATOR = [100, 128, 256, 512, 10]
DISCRIMINATOR = [10, 512, 256, 1]
BATCH, STEPS, SNAPSHOTS = 64, 100, (1, 10, 100)
SURVEYED = SNAPSHOTS
RATE, BETAS, EPSILON, SLOPE = 2e-4, (0.5, 0.999), 1e-8, 0.2
OBJECTIVES = ("minimax", "non_saturating")
PENALTIES = {}  # of a run that is named "<objective>+...", by their weights
LAYERS = {}  # norm, residual, dropout: what the run's layers have besides their linear part
RUNS_OF_LAYERS = {"non_saturating+batch": {"norm": "batch"}, "hinge+layer": {"norm": "layer"},
                  "wasserstein+gp+dropout": {"dropout": 0.5},
                  "relativistic+batch+residual+dropout": {"norm": "batch", "residual": True, "dropout": 0.25},
                  "minimax+residual": {"residual": True}}
SEED, POINTS = 1, 6  # agon's seed, and what its random numbers for the points of a penalty are numbered with
PARAMETERS, ROWS, NOISE_D, NOISE_G = range(4)  # kinds of streams
CLEARANCE = 4e-6  # least distance from a kink in a tamed run, a float32's rounding many times over


def take_small_setup():
    """Small files, and a rate at which logits get to both sides of the hinge within its steps.

    Hinge, Wasserstein and relativistic gradients of D's biases cancel between real rows and fakes, some exactly. What
    rounding leaves of them Adam would make whole steps of at epsilon 1e-8.
    """
    globals().update(GENERATOR=[8, 24, 16, 5], DISCRIMINATOR=[5, 24, 16, 1], BATCH=16, STEPS=30, SNAPSHOTS=(1, 10, 30),
                     RATE=1e-2, EPSILON=1e-3,
                     OBJECTIVES=("hinge", "least_squares", "wasserstein", "relativistic"))


def take_penalties():
    take_small_setup()
    runs = {"relativistic+r1+r2": {"r1": 0.5, "r2": 1.5}, "wasserstein+gp": {"wgan_gp": 10.0},
            "minimax+dragan": {"dragan": 5.0}, "hinge+r1+gp": {"r1": 1.0, "wgan_gp": 2.0}}
    globals().update(OBJECTIVES=tuple(runs), PENALTIES=runs)


def take_layers(run):
    take_small_setup()
    penalties = {run: {"wgan_gp": 10.0}} if "+gp" in run else {}
    globals().update(OBJECTIVES=(run,), LAYERS=RUNS_OF_LAYERS[run], PENALTIES=penalties)


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


@functools.lru_cache(4 * STEPS)
def noise(scenario, attempt, kind, step):
    """(batch, latent) for the phase of `kind`."""
    b = bell(stream(scenario, attempt, kind, step), BATCH * GENERATOR[0])
    return torch.from_numpy((b.astype(np.float32) / np.float32(65536)).reshape(BATCH, GENERATOR[0]))


@functools.lru_cache(2 * STEPS)
def rows(scenario, attempt, step):
    """(batch, width): correlated columns, (3 own + 2 shared) / 4, exact in float32."""
    width = DISCRIMINATOR[0]
    b = bell(stream(scenario, attempt, ROWS, step), BATCH * (width + 1)).reshape(BATCH, width + 1)
    return torch.from_numpy((3 * b[:, :width] + 2 * b[:, width:]).astype(np.float32) / np.float32(262144))


def initial(scenario):
    """[(name, value)]: every tensor of a layer with `in` inputs is U(-1/sqrt(in), 1/sqrt(in)), nn.Linear's default."""
    tensors = []
    if LAYERS:
        return initial_of_layers(scenario)
    for network, widths in (("generator", GENERATOR), ("discriminator", DISCRIMINATOR)):
        for layer, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
            for kind, shape in (("weight", (outputs, inputs)), ("bias", (outputs,))):
                source = stream(scenario, 0, PARAMETERS, len(tensors))
                value = uniform(source, int(np.prod(shape)), 1 / np.sqrt(float(inputs))).reshape(shape)
                tensors.append((f"{network}.{layer}.{kind}", value))
    return tensors


def of_layers(prefix):
    """Norms and residual blocks are the generator's, dropout is the discriminator's."""
    keys = ("norm", "residual") if prefix == "generator" else ("dropout",)
    return {key: LAYERS[key] for key in keys if key in LAYERS}


def initial_of_layers(scenario):
    """The same; gammas are 1 more, betas as biases. Behind all of them running means, 0, and variances, 1."""
    tensors = []
    for prefix, widths in (("generator", GENERATOR), ("discriminator", DISCRIMINATOR)):
        for name, shape, inputs in layered.shapes(widths, of_layers(prefix)):
            source = stream(scenario, 0, PARAMETERS, len(tensors))
            value = uniform(source, int(np.prod(shape)), 1 / np.sqrt(float(inputs))).reshape(shape)
            tensors.append((f"{prefix}.{name}", value + np.float32(1) if name.endswith("gamma") else value))
    for layer, width in enumerate(GENERATOR[1:-1] if LAYERS.get("norm") == "batch" else ()):
        tensors.append((f"running.{layer}.mean", np.zeros(width, np.float32)))
        tensors.append((f"running.{layer}.variance", np.ones(width, np.float32)))
    return tensors


def masks(step, phase, *segments):
    if "dropout" not in LAYERS:
        return []
    return [layered.factors(SEED, tuple(DISCRIMINATOR), BATCH, LAYERS["dropout"], step, phase, s) for s in segments]


def segment_of(rows_of_d):
    """Points between or around come first, where there are some; then real rows, then fakes."""
    with_points = any({"wgan_gp", "dragan"} & weights.keys() for weights in PENALTIES.values())
    return (["points"] * with_points + ["real", "fake"]).index(rows_of_d)


def network(scenario, widths, prefix, dtype):
    layers = []
    if LAYERS:
        return with_parameters(scenario, layered.network(widths, SLOPE, of_layers(prefix), dtype), prefix)
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [nn.Linear(inputs, outputs, dtype=dtype), nn.LeakyReLU(SLOPE)]
    return with_parameters(scenario, nn.Sequential(*layers[:-1]), prefix)


def with_parameters(scenario, model, prefix):
    values = [v for name, v in initial(scenario) if name.startswith(prefix)]
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), values):
            parameter.copy_(torch.from_numpy(value))
    return model


def philox(step, count):
    """The first `count` numbers of agon's stream for points."""
    return [(w >> 8) * 2.0**-24 for w in layered.philox(SEED, POINTS, step, 0, (count + 3) // 4)[:count]]


def points(step, real, fake, weights):
    """Between real rows and fakes, or around real rows."""
    if "wgan_gp" in weights:
        share = torch.tensor(philox(step, BATCH), dtype=real.dtype)[:, None]
        return share * real + (1 - share) * fake
    return real + 0.5 * torch.tensor(philox(step, real.numel()), dtype=real.dtype).reshape(real.shape)


def slope(d, x):
    x = x.detach().requires_grad_(True)
    return torch.autograd.grad(d(x).sum(), x, create_graph=True)[0]


def penalty(d, step, real, fake, name):
    weights, total = PENALTIES.get(name, {}), 0
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
        logits_fake, logits_real = both(torch.cat([fake, real])).split(BATCH)
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
        fake, least = clearance(g, noise(scenario, attempt, NOISE_D, step).double())
        real = rows(scenario, attempt, step).double()
        (logits_fake, least_fake), (logits_real, least_real) = clearance(d, fake), clearance(d, real)
        least = min(least, least_fake, least_real)
        if {"wgan_gp", "dragan"} & PENALTIES.get(name, {}).keys():
            least = min(least, clearance(d, points(step, real, fake, PENALTIES[name]))[1])
        if objective == "hinge":
            least = min(least, float((1 + logits_fake).abs().min()), float((1 - logits_real).abs().min()))
        if least > CLEARANCE:
            return attempt
    raise RuntimeError("256 attempts were not enough")


def tame_g(scenario, step, g, d):
    g = copy.deepcopy(g)
    for attempt in range(256):
        fake, least = clearance(g, noise(scenario, attempt, NOISE_G, step).double())
        if min(least, clearance(d, fake)[1]) > CLEARANCE:
            return attempt
    raise RuntimeError("256 attempts were not enough")


def train(scenario, name, attempts=None, dtype=torch.float32, threads=1, rearranged=False):
    """Returns {step: [arrays in initial() order]} and per step [loss_D, loss_G, mean D(x), mean D(G(z))].

    `attempts`: per step, those of D's and of G's phase; an empty list is filled (float64 only); None is all 0.
    `rearranged`: the same mathematics in another order: one concatenated pass through D, batches reversed.
    """
    torch.set_num_threads(threads)
    objective = name.split("+")[0]
    g = network(scenario, GENERATOR, "generator", dtype)
    d = network(scenario, DISCRIMINATOR, "discriminator", dtype)
    adam_g = torch.optim.Adam(g.parameters(), RATE, BETAS, EPSILON)
    adam_d = torch.optim.Adam(d.parameters(), RATE, BETAS, EPSILON)
    fill = attempts == []
    snapshots, losses = {}, []
    for step in range(STEPS):
        if fill:
            attempts.append([tame_d(scenario, step, g, d, name)])
        attempt = attempts[step][0] if attempts else 0
        real, z = rows(scenario, attempt, step).to(dtype), noise(scenario, attempt, NOISE_D, step).to(dtype)
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
        z = noise(scenario, attempts[step][1] if attempts else 0, NOISE_G, step).to(dtype)
        of_fake, of_real = (layered.seen(d, masks(step, 1, segment), flip=rearranged) for segment in (0, 1))
        logits = of_fake(g(z.flip(0) if rearranged else z))
        loss_g = generator_loss(of_real, real, logits, objective)
        adam_g.zero_grad()
        loss_g.backward()
        adam_g.step()

        losses.append([float(v.detach()) for v in (loss_d, loss_g, *means)] + [float(penalised)] * (name in PENALTIES))
        if step + 1 in SNAPSHOTS:
            learnt = (*g.parameters(), *d.parameters(), *(layered.running(g) if LAYERS else ()))
            snapshots[step + 1] = [p.detach().numpy().copy() for p in learnt]
    return snapshots, losses


def packed(values, reference):
    """zlib over the four byte planes of the zigzag difference of float32 bits: lossless, about half the size."""
    bits, base = (np.concatenate([v.astype(np.float32).ravel() for v in side]).view(np.int32)
                  for side in (values, reference))
    difference = bits - base  # modulo 2^32
    zigzag = ((difference << 1) ^ (difference >> 31)).view(np.uint8)
    return zlib.compress(np.ascontiguousarray(zigzag.reshape(-1, 4).T).tobytes(), 9)


def distances(ours, theirs):
    """Per tensor: ||ours - theirs|| / ||theirs||."""
    return [float(np.linalg.norm(a.astype(np.float64) - b) / np.linalg.norm(b.astype(np.float64)))
            for a, b in zip(ours, theirs)]


def golden(folder, scenario, tame):
    names = [name for name, _ in initial(scenario)]
    index = {"torch": torch.__version__, "batch": BATCH, "rate": RATE, "betas": BETAS, "epsilon": EPSILON,
             "slope": SLOPE, "generator": GENERATOR, "discriminator": DISCRIMINATOR, "steps": STEPS,
             "snapshots": SNAPSHOTS, "scenario": scenario, "tensors": names, "attempts": {}, "losses": {},
             "losses_float64": {}, "float64": {}, "rearranged": {}, "two_threads": {}}
    if PENALTIES:
        index["penalties"] = PENALTIES
    if LAYERS:
        index["layers"] = LAYERS
    start = [value for _, value in initial(scenario)]
    for objective in OBJECTIVES:
        attempts = [] if tame else [[0, 0]] * STEPS
        double, index["losses_float64"][objective] = train(scenario, objective, attempts, torch.float64)
        single, index["losses"][objective] = train(scenario, objective, attempts)
        others = {"float64": double, "rearranged": train(scenario, objective, attempts, rearranged=True)[0],
                  "two_threads": train(scenario, objective, attempts, threads=2)[0]}
        index["attempts"][objective] = attempts
        for step in SNAPSHOTS:
            key = f"{objective}-{step}"
            (folder / f"{key}.z").write_bytes(packed(single[step], start))
            (folder / f"{key}-float64.z").write_bytes(packed(double[step], single[step]))
            for name, run in others.items():
                index[name][key] = distances(single[step], run[step])
    (folder / "golden.json").write_text(json.dumps(index) + "\n")


def survey(count):
    """Worst tensor of each scenario, float32 against float64 and against itself rearranged, as survey.json."""
    out = {"torch": torch.__version__, "scenarios": count}
    for objective in OBJECTIVES:
        found = []
        for scenario in range(count):
            single, double = train(scenario, objective)[0], train(scenario, objective, dtype=torch.float64)[0]
            other = train(scenario, objective, rearranged=True)[0]
            found.append([[max(distances(single[s], run[s])) for s in SNAPSHOTS] for run in (double, other)])
        out[objective] = found
    (HERE / "survey.json").write_text(json.dumps(out) + "\n")


def worst(values, names):
    i = int(np.argmax(values))
    return f"{values[i]:.1e} ({names[i]})" if values[i] else "0, bit for bit"


def golden_table(index):
    lines = [f"PyTorch {index['torch']} against itself in the stored runs, worst tensor (relative, norm-wise):",
             "", "| run | float32 - float64 | float32 - the same rearranged | 1 - 2 threads |", "|---|---|---|---|"]
    for key in index["float64"]:
        cells = [worst(index[column][key], index["tensors"]) for column in ("float64", "rearranged", "two_threads")]
        objective, step = key.split("-")
        lines.append(f"| {objective}, {step} steps | {' | '.join(cells)} |")
    return lines


def survey_table(data):
    lines = ["", f"Wild scenarios 0 to {data['scenarios'] - 1}, worst tensor of each:", "",
             "| run | compared with | median | largest | within 1e-5 after 10, 1e-4 after 100 |", "|---|---|---|---|---|"]
    for objective in sorted(data.keys() - {"torch", "scenarios"}):
        values = np.array(data[objective])  # (scenario, comparison, snapshot)
        for c, name in enumerate(("float64", "float32 rearranged")):
            for s, step in list(enumerate(SURVEYED))[1:]:
                v = values[:, c, s]
                share = np.mean(v <= {10: 1e-5, 100: 1e-4}[step])
                lines.append(f"| {objective}, {step} steps | {name} | {np.median(v):.1e} | {v.max():.1e} |"
                             f" {share:.0%} |")
    return lines


def write_readme():
    mark = "<!-- figures: written by make_golden.py -->\n"
    readme = HERE / "README.md"
    lines = golden_table(json.loads((HERE / "golden.json").read_text()))
    for folder in (SMALL, PENALISED, *(LAYERED / run for run in RUNS_OF_LAYERS)):
        lines += [""] + golden_table(json.loads((folder / "golden.json").read_text()))
    if (HERE / "survey.json").exists():
        lines += survey_table(json.loads((HERE / "survey.json").read_text()))
    readme.write_text(readme.read_text().split(mark)[0] + mark + "\n" + "\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=pathlib.Path, default=HERE)
    parser.add_argument("--wild", type=int, metavar="K", help="scenario K as it comes, kinks and all")
    parser.add_argument("--survey", type=int, metavar="N")
    parser.add_argument("--objectives", action="store_true", help="the small setup")
    parser.add_argument("--penalties", action="store_true", help="the small setup, with penalties")
    parser.add_argument("--layers", action="store_true", help="the small setup, with more to its layers")
    options = parser.parse_args()
    if options.objectives:
        take_small_setup()
        options.folder = SMALL if options.folder == HERE else options.folder
    if options.penalties:
        take_penalties()
        options.folder = PENALISED if options.folder == HERE else options.folder
    if options.layers:
        for run in RUNS_OF_LAYERS:
            take_layers(run)
            folder = (LAYERED if options.folder == HERE else options.folder) / run
            folder.mkdir(parents=True, exist_ok=True)
            golden(folder, 0, tame=True)
    elif options.survey:
        survey(options.survey)
    else:
        options.folder.mkdir(parents=True, exist_ok=True)
        golden(options.folder, options.wild or 0, tame=options.wild is None)
    if options.survey or options.folder in (HERE, SMALL, PENALISED):
        write_readme()


if __name__ == "__main__":
    main()
