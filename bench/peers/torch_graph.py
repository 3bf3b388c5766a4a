"""torch_step.py's compiled and captured modes."""
import peer
import torch_step


class Functional:
    """The step as one function of tensors that stay where they are, for torch.compile: gradients by torch.func, Adam on
    lists of tensors, its count on the device."""

    def __init__(self, torch, options, start, device):
        self.torch, self.device, self.steps_per_call = torch, device, 1
        self.autocast = torch_step.forward_precision(torch, options)
        self.tensors = [torch.from_numpy(value.copy()).to(device) for value in start.parameters]
        split = 2 * (len(peer.GENERATOR) - 1)
        self.g, self.d = self.tensors[:split], self.tensors[split:]
        self.moments_g, self.moments_d = ([[torch.zeros_like(p) for p in n] for _ in range(2)] for n in (self.g, self.d))
        self.count = torch.zeros((), device=device)
        self.last = torch.zeros(2, device=device)
        self.targets = torch.cat([f(options.batch, 1, device=device) for f in (torch.ones, torch.zeros)])
        self.data = torch.from_numpy(peer.table()).to(device)
        self.batch = options.batch
        torch._dynamo.reset()  # else the cases of one process add up to its limit of recompilations
        settings = {"mode": "max-autotune-no-cudagraphs"} if options.mode == "autotune-graph" else {}
        self.step = torch.compile(self.step_on, fullgraph=True, dynamic=False, **settings)
        self.drawn_step = torch.compile(self.draw_and_step, fullgraph=True, dynamic=False, **settings)

    def forward(self, parameters, x):
        functional = self.torch.nn.functional
        for i in range(0, len(parameters), 2):
            x = functional.linear(x, parameters[i], parameters[i + 1])
            if i + 2 < len(parameters):
                x = functional.leaky_relu(x, peer.SLOPE)
        return x

    def discriminator_loss(self, d, rows):
        loss = self.torch.nn.functional.binary_cross_entropy_with_logits
        with self.autocast():
            logits = self.forward(d, rows)
        return 2 * loss(logits.float(), self.targets)

    def generator_loss(self, g, noise):
        loss = self.torch.nn.functional.binary_cross_entropy_with_logits
        with self.autocast():
            logits = self.forward(self.d, self.forward(g, noise))
        return loss(logits.float(), self.targets[:self.batch])

    def adam(self, network, gradients, moments):
        """In place; the count is this step's already."""
        torch, (first, second) = self.torch, moments
        beta1, beta2 = peer.BETAS
        torch._foreach_lerp_(first, gradients, 1 - beta1)
        torch._foreach_mul_(second, beta2)
        torch._foreach_addcmul_(second, gradients, gradients, 1 - beta2)
        root = (1 - beta2**self.count).sqrt()
        rate = peer.RATE / (1 - beta1**self.count)
        for parameter, m, v in zip(network, first, second):
            parameter.sub_(rate * m / (v.sqrt() / root + peer.EPSILON))

    def step_on(self, real, z_d, z_g):
        gradient = self.torch.func.grad_and_value
        self.count += 1
        with self.autocast():
            fake = self.forward(self.g, z_d)
        gradients, loss_d = gradient(self.discriminator_loss)(self.d, self.torch.cat([real, fake.float()]))
        self.adam(self.d, gradients, self.moments_d)
        gradients, loss_g = gradient(self.generator_loss)(self.g, z_g)
        self.adam(self.g, gradients, self.moments_g)
        self.last.copy_(self.torch.stack([loss_d, loss_g]))

    def draw_and_step(self):
        torch, device = self.torch, self.device
        index = torch.randint(peer.ROWS, (self.batch,), device=device)
        z_d, z_g = (torch.randn(self.batch, peer.LATENT, device=device) for _ in range(2))
        self.step_on(self.data[index], z_d, z_g)

    def run(self, calls):
        for _ in range(calls):
            self.drawn_step()

    def wait(self):
        if self.device.type == "cuda":
            self.torch.cuda.synchronize()

    def losses(self):
        return tuple(self.last.tolist())

    def parameters(self):
        return [tensor.cpu().numpy().copy() for tensor in self.tensors]

    def updates(self):
        return int(self.count)

    def follow(self, start):
        return peer.given_steps(self, start, lambda values: self.torch.from_numpy(values).to(self.device))


class Captured:
    """Another peer's steps in one CUDA graph: `steps` of them on drawn data, and one on given data for follow()."""

    def __init__(self, torch, inner, one_step, steps):
        self.torch, self.inner, self.one_step, self.steps_per_call = torch, inner, one_step, steps
        self.graph, self.replayed = None, 0

    def restoring(self, work):
        """Runs `work` for its effects on libraries and memory; what it trained is taken back."""
        tensors = self.inner.state()
        before = [tensor.clone() for tensor in tensors]
        work()
        tensors = self.inner.state()
        with self.torch.no_grad():
            for i, tensor in enumerate(tensors):  # state that the first step made starts at zero
                tensor.copy_(before[i]) if i < len(before) else tensor.zero_()

    def capture(self, work):
        """The graph of `work`, after runs on a side stream that the capture needs."""
        torch, side = self.torch, self.torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())

        def warm_up():
            with torch.cuda.stream(side):
                for _ in range(3):
                    work()
            torch.cuda.current_stream().wait_stream(side)

        self.restoring(warm_up)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            work()
        return graph

    def run(self, calls):
        if self.graph is None:
            self.graph = self.capture(lambda: [self.one_step() for _ in range(self.steps_per_call)])
        for _ in range(calls):
            self.graph.replay()

    def follow(self, start):
        given = [self.torch.from_numpy(a).to(self.inner.device) for a in (start.rows[0], *start.noise[0])]
        graph, losses = self.capture(lambda: self.inner.step(*given)), []
        for rows, noise in zip(start.rows, start.noise):
            for tensor, value in zip(given, (rows, noise[0], noise[1])):
                tensor.copy_(self.torch.from_numpy(value))
            graph.replay()
            losses.append(self.inner.losses())
        return losses

    def __getattr__(self, name):  # wait, losses, parameters, updates
        return getattr(self.inner, name)


def eager_state(eager):
    """What a step of an eager peer changes: the parameters first, then what Adam keeps."""
    kept = [value for adam in (eager.adam_d, eager.adam_g) for state in adam.state.values() for value in state.values()]
    return eager.tensors + kept


def functional_state(functional):
    return functional.tensors + [functional.count] + [t for m in (*functional.moments_g, *functional.moments_d) for t in m]


def make(torch, options, start, device):
    if options.mode == "graph":
        inner = torch_step.Eager(torch, options, start, device)
        inner.state = lambda: eager_state(inner)
        one_step = lambda: inner.step(*inner.draws())
    else:
        inner = Functional(torch, options, start, device)
        inner.state = lambda: functional_state(inner)
        one_step = inner.drawn_step
    return inner if options.mode == "compile" else Captured(torch, inner, one_step, options.steps_per_call)
