#!/usr/bin/python3
"""Times PyTorch on the training step that `agon bench` times, and prints JSON.

The article's networks, non-saturating objective, Adam 2e-4 (0.5, 0.999), 4096 random rows on the device. A step draws its
batch and both noises, as agon's does.
  plain          eager PyTorch as a reader of the article would write it
  tuned          what eager PyTorch offers to hand-tuning: one concatenated pass through D, no graph where none is
                 needed, D frozen during G's phase, fused (before torch 2.4, on the processor: foreach) Adam, gradients
                 dropped rather than zeroed, tensors allocated once
  compile        the whole step as one torch.compile'd function, Adam in it
  graph          tuned, several whole steps in one CUDA graph, with fused capturable Adam
  compile-graph  compile, several whole steps in one CUDA graph
  autotune-graph the same with products chosen by inductor's max-autotune
--r1, --r2 and --wgan-gp add penalties on D's slope by double backward (plain: one pass for each; tuned: one for all rows).
tf32 is allow_tf32 of the matrix products, bf16 is autocast of the forward passes with float32 parameters.
"""
import contextlib
import os
import sys

import peer
from peer import NotHere

MODES = ("plain", "tuned", "compile", "graph", "compile-graph", "autotune-graph")


def set_up(torch, options):
    """Device and precision; raises NotHere where this torch or machine has not got them."""
    cuda = options.device == "cuda"
    if cuda and not torch.cuda.is_available():
        raise NotHere("torch sees no CUDA device")
    if options.mode.endswith("graph") and not cuda:
        raise NotHere("CUDA graphs need --device cuda")
    if options.mode not in ("plain", "tuned", "graph") and not hasattr(torch, "compile"):
        raise NotHere(f"torch.compile needs torch 2, this is {torch.__version__}")
    if any(peer.penalties(options)) and (options.mode not in ("plain", "tuned") or options.precision != "fp32"):
        raise NotHere("penalties are timed in fp32, of the modes plain and tuned")
    if options.precision == "tf32" and not cuda:
        raise NotHere("TF32 needs --device cuda")
    torch.set_num_threads(peer.cores(options))
    torch.manual_seed(1)
    torch.backends.cuda.matmul.allow_tf32 = options.precision == "tf32"
    return torch.device(options.device)


def forward_precision(torch, options):
    """A context for forward passes."""
    if options.precision != "bf16":
        return contextlib.nullcontext
    return lambda: torch.autocast(options.device, dtype=torch.bfloat16)


class Draws:
    """Batch and noises of a step, drawn on the device into tensors that stay."""

    def __init__(self, torch, device, batch, real=None):
        self.data = torch.from_numpy(peer.table()).to(device)
        self.real = torch.empty(batch, peer.WIDTH, device=device) if real is None else real
        self.index = torch.empty(batch, dtype=torch.int64, device=device)
        self.z_d, self.z_g = (torch.empty(batch, peer.LATENT, device=device) for _ in range(2))
        self.torch = torch

    def __call__(self):
        self.torch.index_select(self.data, 0, self.index.random_(peer.ROWS), out=self.real)
        return self.real, self.z_d.normal_(), self.z_g.normal_()


class Eager:
    """plain and tuned: run() draws and steps one by one."""

    def __init__(self, torch, options, start, device):
        self.torch, self.steps_per_call = torch, 1
        self.autocast = forward_precision(torch, options)
        self.networks = [self.network(w).to(device) for w in (peer.GENERATOR, peer.DISCRIMINATOR)]
        self.tensors = [p for n in self.networks for p in n.parameters()]
        with torch.no_grad():
            for tensor, value in zip(self.tensors, start.parameters):
                tensor.copy_(torch.from_numpy(value))
        tuned = options.mode != "plain"
        self.adam_g, self.adam_d = (self.adam(n, tuned, options) for n in self.networks)
        self.step = self.tuned if tuned else self.plain
        self.ones, self.zeros = (f(options.batch, 1, device=device) for f in (torch.ones, torch.zeros))
        self.targets = torch.cat([self.ones, self.zeros])
        self.rows = torch.empty(2 * options.batch, peer.WIDTH, device=device)
        self.draws = Draws(torch, device, options.batch, self.rows[:options.batch] if tuned else None)
        self.device, self.last = device, (self.zeros.sum(), self.zeros.sum())
        self.bce = torch.nn.functional.binary_cross_entropy_with_logits
        self.penalties = peer.penalties(options)

    def network(self, widths):
        nn, layers = self.torch.nn, []
        for inputs, outputs in zip(widths, widths[1:]):
            layers += [nn.Linear(inputs, outputs), nn.LeakyReLU(peer.SLOPE)]
        return nn.Sequential(*layers[:-1])

    def adam(self, network, tuned, options):
        kinds = {}
        if tuned and (options.device == "cuda" or self.torch.__version__ >= (2, 4)):
            kinds = {"fused": True, "capturable": True} if options.device == "cuda" else {"fused": True}
        elif tuned:
            self.torch.set_flush_denormal(True)
            kinds = {"foreach": True}
        return self.torch.optim.Adam(network.parameters(), lr=peer.RATE, betas=peer.BETAS, eps=peer.EPSILON, **kinds)

    def squares(self, logits, rows):
        """Squared norms of the logits' gradients by the rows, which can be gone back through again."""
        return self.torch.autograd.grad(logits.sum(), rows, create_graph=True)[0].square().sum(1)

    def between(self, real, fake):
        share = self.torch.rand(len(real), 1, device=real.device)
        return share * real + (1 - share) * fake

    def penalty(self, real, fake):
        d, (r1, r2, gp), total = self.networks[1], self.penalties, 0
        for weight, rows in ((r1, real), (r2, fake)):
            if weight:
                rows = rows.detach().requires_grad_(True)
                total = total + weight / 2 * self.squares(d(rows), rows).mean()
        if gp:
            rows = self.between(real, fake).requires_grad_(True)
            total = total + gp * (self.squares(d(rows), rows).sqrt() - 1).square().mean()
        return total

    def plain(self, real, z_d, z_g):
        g, d = self.networks
        with self.autocast():
            fake = g(z_d).detach()
            loss_d = self.bce(d(real).float(), self.ones) + self.bce(d(fake).float(), self.zeros)
        self.adam_d.zero_grad()
        (loss_d + self.penalty(real, fake)).backward()
        self.adam_d.step()

        with self.autocast():
            loss_g = self.bce(d(g(z_g)).float(), self.ones)
        self.adam_g.zero_grad()
        loss_g.backward()
        self.adam_g.step()
        self.last = (loss_d.detach(), loss_g.detach())

    def judged_rows(self):
        """All that D sees in its phase, to go back to."""
        rows = self.rows
        if self.penalties[2]:
            rows = self.torch.cat([rows, self.between(*rows.chunk(2))])
        return rows.detach().requires_grad_(True)

    def joint_penalty(self, logits, rows, batch):
        r1, r2, gp = self.penalties
        squares = self.squares(logits, rows)
        total = r1 / 2 * squares[:batch].mean() + r2 / 2 * squares[batch:2 * batch].mean()
        return total + gp * (squares[2 * batch:].sqrt() - 1).square().mean() if gp else total

    def tuned(self, real, z_d, z_g):
        (g, d), batch = self.networks, len(real)
        d.requires_grad_(True)
        with self.autocast():
            with self.torch.no_grad():
                if real.data_ptr() != self.rows.data_ptr():
                    self.rows[:batch] = real
                self.rows[batch:] = g(z_d)
            penalised = any(self.penalties)
            rows = self.judged_rows() if penalised else self.rows
            logits = d(rows).float()
            # the mean over both halves, twice: the sum of their means
            loss_d = 2 * self.bce(logits[:2 * batch], self.targets)
        self.adam_d.zero_grad(set_to_none=True)
        (loss_d + self.joint_penalty(logits, rows, batch) if penalised else loss_d).backward()
        self.adam_d.step()

        d.requires_grad_(False)
        with self.autocast():
            loss_g = self.bce(d(g(z_g)).float(), self.ones)
        self.adam_g.zero_grad(set_to_none=True)
        loss_g.backward()
        self.adam_g.step()
        self.last = (loss_d.detach(), loss_g.detach())

    def run(self, calls):
        for _ in range(calls):
            self.step(*self.draws())

    def wait(self):
        if self.device.type == "cuda":
            self.torch.cuda.synchronize()

    def losses(self):
        return tuple(float(loss) for loss in self.last)

    def parameters(self):
        return [tensor.detach().float().cpu().numpy() for tensor in self.tensors]

    def updates(self):
        counts = {int(state["step"]) for adam in (self.adam_g, self.adam_d) for state in adam.state.values()}
        return counts.pop() if len(counts) == 1 else counts

    def follow(self, start):
        return peer.given_steps(self, start, lambda values: self.torch.from_numpy(values).to(self.device))


def make(start, options):
    import torch

    device = set_up(torch, options)
    if options.mode in ("plain", "tuned"):
        return Eager(torch, options, start, device)
    import torch_graph

    return torch_graph.make(torch, options, start, device)


def timed_on_device(stepper, calls):
    """Seconds between two events around `calls` calls."""
    import torch

    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    begin.record()
    stepper.run(calls)
    end.record()
    end.synchronize()
    return begin.elapsed_time(end) * 1e-3


def main():
    options = peer.parser(__doc__, MODES).parse_args()
    os.environ["OMP_NUM_THREADS"] = str(peer.cores(options))  # before torch loads OpenBLAS
    try:
        import torch
    except ImportError:
        print(f"torch: {sys.executable} has no torch", file=sys.stderr)
        return peer.NOT_HERE
    timed = timed_on_device if options.device == "cuda" else peer.timed_by_clock
    return peer.main(f"torch {torch.__version__} {options.mode}", options, make, timed, penalised=True)


if __name__ == "__main__":
    sys.exit(main())
