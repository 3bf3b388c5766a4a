#!/usr/bin/python3
"""Golden file of games between networks of images: image_games.json, by PyTorch in float64 (an interpreter with torch).

A case is a generator (a linear layer and transposed convolutions) and a discriminator (convolutions and a linear layer), or both
made of residual blocks with linear interpolation between sizes (R3GAN's), a batch of real images and noise for both players. Written are the losses of one step without learning, the generator's images of the
discriminator's phase, and every parameter's gradient: the discriminator's of its loss and penalties (by double backward), the
generator's through the discriminator. With augmentation the discriminator sees images changed by that probability.

By class, a class lies beside the noise, one-hot, the same for the fakes of both phases and for the real image at their place; the
discriminator's last layer makes 1 + classes scores, and the logit is the first and that of the class (Miyato and Koyama, "cGANs with
projection discriminator", 2018).

Images are written (batch, height, width, channels), weights (first, kernel, kernel, second), where PyTorch has (first, second,
kernel, kernel). No activation is nearer to its kink than CLEARANCE.
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F

CLEARANCE = 2e-4
CASES = [
    {"name": "dcgan", "image": [8, 8, 2], "generator": [5, 6, 4, 2], "discriminator": [2, 4, 6, 1], "kernel": 4, "batch": 3,
     "generator_norm": True, "discriminator_norm": True, "generator_slope": 0.0, "objective": "non-saturating", "r1": 0, "r2": 0},
    {"name": "penalised", "image": [8, 4, 1], "generator": [3, 5, 4, 1], "discriminator": [1, 4, 5, 1], "kernel": 4, "batch": 4,
     "generator_norm": False, "discriminator_norm": False, "generator_slope": 0.25, "objective": "relativistic", "r1": 1.5, "r2": 0.5},
    {"name": "six_taps", "image": [4, 12, 3], "generator": [4, 5, 3], "discriminator": [3, 7, 1], "kernel": 6, "batch": 2,
     "generator_norm": True, "discriminator_norm": False, "generator_slope": 0.25, "objective": "hinge", "r1": 2, "r2": 0},
    {"name": "two_taps", "image": [6, 2, 1], "generator": [3, 4, 1], "discriminator": [1, 3, 1], "kernel": 2, "batch": 3,
     "generator_norm": False, "discriminator_norm": False, "generator_slope": 0.25, "objective": "wasserstein", "r1": 0, "r2": 1},
    {"name": "odd_sides", "image": [7, 10, 1], "generator": [3, 5, 4, 1], "discriminator": [1, 4, 5, 1], "kernel": 4, "batch": 4,
     "generator_norm": True, "discriminator_norm": False, "generator_slope": 0.25, "objective": "non-saturating", "r1": 1.5, "r2": 0.5},
    {"name": "residual", "image": [4, 6, 2], "generator": [4, 6, 4, 2], "discriminator": [2, 4, 6, 1], "blocks": 1,
     "group_channels": 4, "expansion": 2, "kernel": 4, "batch": 3, "generator_norm": False, "discriminator_norm": False,
     "generator_slope": 0.25, "output": "identity", "objective": "relativistic", "r1": 1.5, "r2": 0.5},
    {"name": "residual_one_size", "image": [3, 5, 1], "generator": [4, 3, 1], "discriminator": [1, 2, 1], "blocks": 2,
     "group_channels": 0, "expansion": 3, "kernel": 4, "batch": 2, "generator_norm": False, "discriminator_norm": False,
     "generator_slope": 0.25, "output": "tanh", "objective": "wasserstein", "r1": 0, "r2": 2},
    {"name": "augmented", "image": [8, 8, 3], "generator": [3, 4, 3], "discriminator": [3, 4, 1], "kernel": 4, "batch": 3,
     "generator_norm": False, "discriminator_norm": False, "generator_slope": 0.25, "objective": "relativistic", "r1": 1.5, "r2": 0.5,
     "augmentation": 1.0},
    {"name": "augmented_some", "image": [16, 8, 1], "generator": [3, 4, 4, 1], "discriminator": [1, 4, 3, 1], "kernel": 4, "batch": 6,
     "generator_norm": True, "discriminator_norm": False, "generator_slope": 0.25, "objective": "non-saturating", "r1": 0, "r2": 0,
     "augmentation": 0.5},
    {"name": "dcgan_by_class", "image": [8, 4, 1], "generator": [7, 5, 4, 1], "discriminator": [1, 4, 5, 4], "classes": 3, "kernel": 4,
     "batch": 4, "generator_norm": True, "discriminator_norm": True, "generator_slope": 0.0, "objective": "non-saturating",
     "r1": 0, "r2": 0},
    {"name": "penalised_by_class", "image": [4, 4, 2], "generator": [5, 4, 2], "discriminator": [2, 5, 3], "classes": 2, "kernel": 4,
     "batch": 3, "generator_norm": False, "discriminator_norm": False, "generator_slope": 0.25, "objective": "non-saturating",
     "r1": 1.5, "r2": 0.5},
    {"name": "residual_by_class", "image": [4, 6, 2], "generator": [7, 6, 4, 2], "discriminator": [2, 4, 6, 4], "classes": 3,
     "blocks": 1, "group_channels": 4, "expansion": 2, "kernel": 4, "batch": 4, "generator_norm": False,
     "discriminator_norm": False, "generator_slope": 0.25, "output": "identity", "objective": "relativistic", "r1": 1.5, "r2": 0.5},
]
SLOPE = 0.25  # the discriminator's
EPSILON = 1e-5


class Player:
    """Parameters by name, and the least distance of an activation from its kink."""

    def __init__(self, generator, prefix):
        self.generator, self.prefix, self.tensors, self.least = generator, prefix, {}, math.inf

    def take(self, name, *shape, spread=1.0, around=0.0):
        value = (around + spread * torch.randn(shape, generator=self.generator, dtype=torch.float64)).float().double()
        self.tensors[f"{self.prefix}.{name}"] = value.requires_grad_()
        return value

    def weight(self, block, *shape):
        return self.take(f"{block}.weight", *shape, spread=1.5 / math.sqrt(math.prod(shape[1:])))

    def rest(self, block, size, channels, normed):
        """The bias, or the norm's gamma and beta."""
        if normed:
            self.take(f"{block}.gamma", channels, spread=0.2, around=1.0)
            self.take(f"{block}.beta", channels, spread=0.3)
        else:
            self.take(f"{block}.bias", size, spread=0.3)

    def of(self, block, what):
        return self.tensors[f"{self.prefix}.{block}.{what}"]

    def hidden(self, block, x, slope):
        """x (batch, channels, height, width), the linear part alone where a norm follows."""
        if f"{self.prefix}.{block}.gamma" in self.tensors:
            mean, variance = x.mean((0, 2, 3), keepdim=True), x.var((0, 2, 3), unbiased=False, keepdim=True)
            x = (x - mean) / torch.sqrt(variance + EPSILON)
            x = x * self.of(block, "gamma")[:, None, None] + self.of(block, "beta")[:, None, None]
        self.least = min(self.least, float(x.detach().abs().min()))
        return F.leaky_relu(x, slope)


def philox(block, purpose, step, seed):
    """Four words: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011), Philox4x32-10."""
    low = 0xFFFFFFFF
    c, key = [block, purpose, step & low, step >> 32], [seed & low, seed >> 32]
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [b >> 32 ^ c[1] ^ key[0], b & low, a >> 32 ^ c[3] ^ key[1], a & low]
        key = [(key[0] + 0x9E3779B9) & low, (key[1] + 0xBB67AE85) & low]
    return c


def augmented(case, x, segment):
    """Every kind of kernels/augment.hpp, of a batch x (batch, channels, height, width), the segment's of the step."""
    p = case.get("augmentation", 0)
    return torch.stack([changed(image, p, segment * len(x) + i) for i, image in enumerate(x)]) if p else x


def changed(image, p, number):
    _, height, width = image.shape
    words = [word for block in range(4) for word in philox(4 * number + block, 17, 0, 1)]
    chosen = [word >> 8 < p * 2**24 for word in words]
    if chosen[0] and words[6] >> 31:
        image = image.flip(2)
    if chosen[1]:
        down, right = (words[8 + i] * (2 * (side // 8) + 1) >> 32 for i, side in enumerate((height, width)))
        image = F.pad(image[None], [width // 8] * 2 + [height // 8] * 2, mode="reflect")[0]
        image = image[:, 2 * (height // 8) - down:, 2 * (width // 8) - right:][:, :height, :width]
    normal = []
    for first, second in (words[12:14], words[14:16]):
        radius, angle = math.sqrt(-2 * math.log((first + 0.5) / 2**32)), 2 * math.pi * second / 2**32
        normal += [radius * math.cos(angle), radius * math.sin(angle)]
    image = image + 0.2 * normal[0] * chosen[3]
    image = image * 2 ** (0.5 * normal[1] * chosen[4])
    if len(image) == 3:
        mean = image.mean(0, keepdim=True)
        image = mean + (image - mean) * 2 ** (normal[2] * chosen[5])
    if chosen[2]:
        away = [(torch.arange(side) + 0.5) / side - (word >> 8) / 2**24 for side, word in zip((height, width), words[10:12])]
        cut = torch.logical_and(away[0].abs()[:, None] < 0.25, away[1].abs()[None] < 0.25)
        image = image.masked_fill(cut, 0)
    return image


def halved(image, times):
    return image[0] >> times, image[1] >> times


def interpolated(x, up):
    """Twice or half the size; taps 1 3 3 1 along either axis, zeroes outside."""
    taps = torch.tensor([1.0, 3, 3, 1], dtype=torch.float64) / 8
    weight = torch.outer(taps, taps).repeat(x.shape[1], 1, 1, 1)
    if up:
        return F.conv_transpose2d(x, 4 * weight, stride=2, padding=1, groups=x.shape[1])
    return F.conv2d(x, weight, stride=2, padding=1, groups=x.shape[1])


class Residual:
    """A network of residual blocks. While it is made, parameters are drawn; in use, they are gone through in order."""

    def __init__(self, case, player, makes):
        self.case, self.player, self.makes = case, player, makes
        self.at, self.new = 0, True

    def weights(self, *shape, biased=False):
        """Of the next part: its weight, and its bias or none."""
        at, self.at = self.at, self.at + 1
        if self.new:
            self.player.weight(at, *shape)
            if biased:
                self.player.take(f"{at}.bias", shape[0], spread=0.3)
        return self.player.of(at, "weight"), self.player.of(at, "bias") if biased else None

    def block(self, x, slope):
        case, channels = self.case, x.shape[1]
        inner = channels * case["expansion"]
        groups = inner // case["group_channels"] if case["group_channels"] else 1
        y = self.player.hidden(None, F.conv2d(x, *self.weights(inner, channels, 1, 1, biased=True)), slope)
        y = F.conv2d(y, *self.weights(inner, inner // groups, 3, 3, biased=True), padding=1, groups=groups)
        return x + F.conv2d(self.player.hidden(None, y, slope), *self.weights(channels, inner, 1, 1))

    def channels(self, x, to):
        return x if x.shape[1] == to else F.conv2d(x, *self.weights(to, x.shape[1], 1, 1))

    def __call__(self, x):
        self.at = 0
        case = self.case
        widths = case["generator" if self.makes else "discriminator"]
        slope = case["generator_slope"] if self.makes else SLOPE
        hidden, halvings = widths[1:-1], len(widths) - 3
        height, width = halved(case["image"], halvings)
        if self.makes:
            x = F.linear(x, *self.weights(height * width * hidden[0], widths[0]))
            x = x.reshape(len(x), height, width, hidden[0]).permute(0, 3, 1, 2)
        else:
            x = F.conv2d(x, *self.weights(hidden[0], widths[0], 1, 1))
        for stage, channels in enumerate(hidden):
            if stage and self.makes:
                x = interpolated(self.channels(x, channels), True)
            elif stage:
                x = self.channels(interpolated(x, False), channels)
            for _ in range(case["blocks"]):
                x = self.block(x, slope)
        if self.makes:
            x = F.conv2d(x, *self.weights(widths[-1], hidden[-1], 1, 1))
            x = torch.tanh(x) if case["output"] == "tanh" else x
        else:
            x = F.linear(x.permute(0, 2, 3, 1).flatten(1), *self.weights(widths[-1], height * width * hidden[-1]))
        self.new = False
        return x


def make_players(case, seed):
    if "blocks" in case:
        return make_residual_players(case, seed)
    random = torch.Generator().manual_seed(seed)
    (height, width, _), kernel = case["image"], case["kernel"]
    g, d = Player(random, "generator"), Player(random, "discriminator")
    widths = case["generator"]
    halvings = len(widths) - 2
    pixels = (height >> halvings) * (width >> halvings)
    g.weight(0, pixels * widths[1], widths[0])
    g.rest(0, pixels * widths[1], widths[1], case["generator_norm"])
    for b in range(1, len(widths) - 1):
        g.weight(b, widths[b], widths[b + 1], kernel, kernel)
        g.rest(b, widths[b + 1], widths[b + 1], case["generator_norm"] and b + 2 < len(widths))
    widths = case["discriminator"]
    for b in range(halvings):
        d.weight(b, widths[b + 1], widths[b], kernel, kernel)
        d.rest(b, widths[b + 1], widths[b + 1], case["discriminator_norm"] and b > 0)
    d.weight(halvings, widths[-1], pixels * widths[-2])
    d.rest(halvings, widths[-1], widths[-1], False)
    return random, g, d


def make_residual_players(case, seed):
    random = torch.Generator().manual_seed(seed)
    g, d = Player(random, "generator"), Player(random, "discriminator")
    g.network, d.network = Residual(case, g, True), Residual(case, d, False)
    z = torch.randn(1, case["generator"][0], generator=random, dtype=torch.float64)
    d.network(g.network(z).detach())
    g.least = d.least = math.inf
    return random, g, d


def generate(case, g, z):
    if "blocks" in case:
        return g.network(z)
    (height, width, _), widths, padding = case["image"], case["generator"], case["kernel"] // 2 - 1
    halvings = len(widths) - 2
    bias = g.tensors.get("generator.0.bias")
    x = F.linear(z, g.of(0, "weight"), bias)
    x = x.reshape(len(z), height >> halvings, width >> halvings, widths[1]).permute(0, 3, 1, 2)
    x = g.hidden(0, x, case["generator_slope"])
    for b in range(1, len(widths) - 1):
        bias = g.tensors.get(f"generator.{b}.bias")
        odd = [side % 2 for side in halved(case["image"], halvings - b)]
        x = F.conv_transpose2d(x, g.of(b, "weight"), bias, stride=2, padding=padding, output_padding=odd)
        if b + 2 < len(widths):
            x = g.hidden(b, x, case["generator_slope"])
    return torch.tanh(x)


def labels(case):
    return torch.tensor([(2 * i + 1) % case["classes"] for i in range(case["batch"])])


def judge(case, d, x):
    scores = judged(case, d, x)
    if "classes" not in case:
        return scores[:, 0]
    return scores[:, 0] + scores.gather(1, 1 + labels(case)[:, None])[:, 0]


def judged(case, d, x):
    if "blocks" in case:
        return d.network(x)
    widths, padding = case["discriminator"], case["kernel"] // 2 - 1
    for b in range(len(widths) - 2):
        x = F.conv2d(x, d.of(b, "weight"), d.tensors.get(f"discriminator.{b}.bias"), stride=2, padding=padding)
        x = d.hidden(b, x, SLOPE)
    x = x.permute(0, 2, 3, 1).flatten(1)
    return F.linear(x, d.of(len(widths) - 2, "weight"), d.of(len(widths) - 2, "bias"))


def losses(case, d, real, fake_d, fake_g, real_g):
    """The discriminator's, penalties apart, and the generator's; `real_g` is what D sees of real images in G's phase."""
    objective = case["objective"]
    on_real, on_fake, on_made = judge(case, d, real), judge(case, d, fake_d), judge(case, d, fake_g)
    kink = min(float((1 - on_real).detach().abs().min()), float((1 + on_fake).detach().abs().min())) if objective == "hinge" else math.inf
    d.least = min(d.least, kink)
    if objective == "non-saturating":
        return F.softplus(-on_real).mean() + F.softplus(on_fake).mean(), F.softplus(-on_made).mean()
    if objective == "relativistic":
        return F.softplus(on_fake - on_real).mean(), F.softplus(judge(case, d, real_g).detach() - on_made).mean()
    if objective == "hinge":
        return torch.relu(1 - on_real).mean() + torch.relu(1 + on_fake).mean(), -on_made.mean()
    return on_fake.mean() - on_real.mean(), -on_made.mean()


def penalty(case, d, real, fake):
    total = torch.zeros((), dtype=torch.float64)
    for weight, x in ((case["r1"], real), (case["r2"], fake)):
        if weight:
            x = x.detach().requires_grad_()
            slope = torch.autograd.grad(judge(case, d, x).sum(), x, create_graph=True)[0]
            total = total + weight / 2 * slope.square().sum((1, 2, 3)).mean()
    return total


def written(tensor):
    values = tensor.detach().permute(0, 2, 3, 1) if tensor.dim() == 4 else tensor.detach()
    return [float(f"{v:.9g}") for v in values.flatten().tolist()]


def made(case):
    height, width, channels = case["image"]
    for seed in range(1000):
        random, g, d = make_players(case, seed)
        real = torch.randn(case["batch"], channels, height, width, generator=random, dtype=torch.float64).float().double()
        latent = case["generator"][0] - case.get("classes", 0)
        noise = torch.randn(2, case["batch"], latent, generator=random, dtype=torch.float64).float().double()
        if "classes" in case:
            asked = F.one_hot(labels(case), case["classes"]).double().expand(2, -1, -1)
            noise = torch.cat([noise, asked], 2)
        fakes = [generate(case, g, z) for z in noise]
        seen, seen_fakes = augmented(case, real, 0), augmented(case, fakes[0].detach(), 1)
        of_d, of_g = losses(case, d, seen, seen_fakes, augmented(case, fakes[1], 2), augmented(case, real, 3))
        if min(g.least, d.least) > CLEARANCE:
            break
    else:
        raise RuntimeError("1000 seeds were not enough")
    of_slope = penalty(case, d, seen, seen_fakes)
    tensors = {**g.tensors, **d.tensors}
    own = list(d.tensors.values())
    by_d = torch.autograd.grad(of_d + of_slope, own, retain_graph=True)
    by_g = torch.autograd.grad(of_g, list(g.tensors.values()))
    gradients = dict(zip(tensors, [*by_g, *by_d]))
    return {**case, "slope": SLOPE, "real": written(real), "noise": written(noise), "fakes": written(fakes[0]),
            "losses": [of_d.item() + of_slope.item(), of_g.item()],
            "tensors": [{"name": name, "value": written(value), "gradient": written(gradients[name])}
                        for name, value in tensors.items()]}


if __name__ == "__main__":
    path = pathlib.Path(__file__).with_name("image_games.json")
    path.write_text(json.dumps({"cases": [made(case) for case in CASES]}, separators=(",", ":")) + "\n")
