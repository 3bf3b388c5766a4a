#!/usr/bin/python3
"""Times JAX on the training step that `agon bench` times, and prints JSON.

The article's networks, non-saturating objective, Adam 2e-4 (0.5, 0.999) written out, 4096 random rows on the device; a step
draws its batch and both noises with the rbg generator, the fastest on a GPU. Several steps are one jitted lax.scan whose
state is donated.
  scan            lax.scan as it is
  scan-unrolled   eight steps in the loop's body
  scan-graph      XLA asked to put the loop, too, into a CUDA graph (--xla_gpu_enable_command_buffer)
tf32 and fp32 are jax_default_matmul_precision, bf16 casts the products' operands and activations, as autocast does.
"""
import functools
import os
import sys

import peer
from peer import NotHere

MODES = ("scan", "scan-unrolled", "scan-graph")
PRODUCTS = {"fp32": "highest", "tf32": "tensorfloat32", "bf16": "highest"}


def steps_per_call(options):
    """Of one scan: many for small batches on a GPU, so that its start does not count."""
    return max(16, min(1024, 2**20 // options.batch)) if options.device == "cuda" else 4


class Scan:
    """State: (generator, discriminator, four moments, count, losses of the last step)."""

    def __init__(self, jax, options, start):
        self.jax, self.steps_per_call = jax, steps_per_call(options)
        jax.config.update("jax_default_matmul_precision", PRODUCTS[options.precision])
        self.low = jax.numpy.bfloat16 if options.precision == "bf16" else jax.numpy.float32
        self.batch, self.data = options.batch, jax.device_put(peer.table())
        split = 2 * (len(peer.GENERATOR) - 1)
        networks = [tuple(map(jax.numpy.array, part)) for part in (start.parameters[:split], start.parameters[split:])]
        zeros = [jax.tree.map(jax.numpy.zeros_like, n) for n in networks for _ in range(2)]
        self.state = (*networks, *zeros, jax.numpy.zeros(()), jax.numpy.zeros(2))
        self.key = jax.random.key(1, impl="rbg")
        self.scan = jax.jit(functools.partial(self.run_steps, unroll=8 if options.mode == "scan-unrolled" else 1),
                            donate_argnums=0)
        self.given = jax.jit(lambda state, rows, noise: jax.lax.scan(self.on_given, state, (rows, noise)))

    def forward(self, parameters, x):
        jnp = self.jax.numpy
        for i in range(0, len(parameters), 2):
            x = x.astype(self.low) @ parameters[i].astype(self.low).T + parameters[i + 1].astype(self.low)
            if i + 2 < len(parameters):
                x = jnp.where(x > 0, x, self.low(peer.SLOPE) * x)
        return x.astype(jnp.float32)

    def discriminator_loss(self, d, real, fake):
        logits, softplus = self.forward(d, self.jax.numpy.concatenate([real, fake])), self.jax.nn.softplus
        return softplus(-logits[:len(real)]).mean() + softplus(logits[len(real):]).mean()

    def generator_loss(self, g, d, noise):
        return self.jax.nn.softplus(-self.forward(d, self.forward(g, noise))).mean()

    def adam(self, parameters, gradients, first, second, count):
        (beta1, beta2), tree, jnp = peer.BETAS, self.jax.tree, self.jax.numpy
        first = tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, first, gradients)
        second = tree.map(lambda v, g: beta2 * v + (1 - beta2) * g * g, second, gradients)
        rate, root = peer.RATE / (1 - beta1**count), jnp.sqrt(1 - beta2**count)
        moved = tree.map(lambda p, m, v: p - rate * m / (jnp.sqrt(v) / root + peer.EPSILON), parameters, first, second)
        return moved, first, second

    def step(self, state, real, z_d, z_g):
        g, d, m_g, v_g, m_d, v_d, count, _ = state
        count = count + 1
        fake = self.forward(g, z_d)
        loss_d, gradients = self.jax.value_and_grad(self.discriminator_loss)(d, real, fake)
        d, m_d, v_d = self.adam(d, gradients, m_d, v_d, count)
        loss_g, gradients = self.jax.value_and_grad(self.generator_loss)(g, d, z_g)
        g, m_g, v_g = self.adam(g, gradients, m_g, v_g, count)
        return g, d, m_g, v_g, m_d, v_d, count, self.jax.numpy.stack([loss_d, loss_g])

    def run_steps(self, state, key, data, unroll):
        random = self.jax.random

        def drawn(carry, _):
            state, key = carry
            key, for_rows, for_noise = random.split(key, 3)
            real = data[random.randint(for_rows, (self.batch,), 0, peer.ROWS)]
            z_d, z_g = random.normal(for_noise, (2, self.batch, peer.LATENT))
            return (self.step(state, real, z_d, z_g), key), None

        return self.jax.lax.scan(drawn, (state, key), None, length=self.steps_per_call, unroll=unroll)[0]

    def on_given(self, state, given):
        rows, noise = given
        state = self.step(state, rows, noise[0], noise[1])
        return state, state[-1]

    def run(self, calls):
        for _ in range(calls):
            self.state, self.key = self.scan(self.state, self.key, self.data)

    def wait(self):
        self.jax.block_until_ready(self.state)

    def losses(self):
        return tuple(float(loss) for loss in self.state[-1])

    def parameters(self):
        return [peer.numpy.asarray(tensor) for network in self.state[:2] for tensor in network]

    def updates(self):
        return int(self.state[-2])

    def follow(self, start):
        self.state, losses = self.given(self.state, start.rows, start.noise)
        return [tuple(pair) for pair in losses.tolist()]


def make(start, options):
    import jax

    try:
        found = jax.devices()[0].platform
    except (RuntimeError, AssertionError) as error:  # the latter where no plugin for the platform is installed
        raise NotHere(f"JAX finds no {options.device} device {error}".strip()) from error
    if options.device == "cuda" and found not in ("gpu", "cuda"):
        raise NotHere(f"JAX sees no CUDA device, only {found}")
    if options.device == "cpu" and options.precision == "tf32":
        raise NotHere("TF32 needs --device cuda")
    return Scan(jax, options, start)


def main():
    options = peer.parser(__doc__, MODES).parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:peer.cores(options)])  # XLA takes every core it may
    os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"
    os.environ["JAX_PLATFORMS"] = options.device
    if options.mode == "scan-graph":
        if options.device == "cpu":
            print("jax scan-graph: CUDA graphs need --device cuda", file=sys.stderr)
            return peer.NOT_HERE
        os.environ["XLA_FLAGS"] = "--xla_gpu_enable_command_buffer=+WHILE " + os.environ.get("XLA_FLAGS", "")
    try:
        import jax
    except ImportError:
        print(f"jax: {sys.executable} has no jax", file=sys.stderr)
        return peer.NOT_HERE
    return peer.main(f"jax {jax.__version__} {options.mode}", options, make)


if __name__ == "__main__":
    sys.exit(main())
