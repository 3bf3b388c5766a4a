#!/usr/bin/python3
"""Times PyTorch, on one thread of the processor, on what tables of records need beside a network's layers, and prints JSON.

  encode          a batch of random rows of a table of codes and ranks becomes what the discriminator reads
  heads           the generator's scores become such rows: a head's highest logit, a number's rank, with a graph for the way back
  heads_backward  the gradient by the scores, straight through softmax at temperature 0.7

--mode plain is eager PyTorch, a head after the other; padded is eager, with all heads in one padded tensor; compile is plain as one
torch.compile'd function. --heads and --gates are as in record_benchmark.
"""
import argparse
import json
import statistics
import time

import torch

ROWS, KNOTS, HATS, TEMPERATURE = 32561, 20000, 17, 0.7


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mode", choices=("plain", "padded", "compile"), default="plain")
    parser.add_argument("--heads", type=lambda text: [int(n) for n in text.split(",")], required=True)
    parser.add_argument("--gates", type=lambda text: [int(n) for n in text.split(",")], required=True)
    parser.add_argument("--batches", type=lambda text: [int(n) for n in text.split(",")], default=[500, 4096])
    parser.add_argument("--seconds", type=float, default=0.5, help="of measurement for each operation and batch")
    return parser.parse_args()


class Layout:
    def __init__(self, heads, gates):
        self.heads, self.levels, self.numbers = heads, sum(heads), len(gates)
        self.first = torch.tensor([sum(heads[:h]) for h in range(len(heads))])
        self.gated = [q for q, gate in enumerate(gates) if gate >= 0]
        self.gate = torch.tensor([gates[q] for q in self.gated], dtype=torch.int64)
        self.knots = torch.arange(HATS, dtype=torch.float32)
        # of the padded form: the score of each head's each place, the one behind the last for places that no level has
        widest = max(heads)
        self.place = torch.tensor([[sum(heads[:h]) + min(level, n - 1) for level in range(widest)] for h, n in enumerate(heads)])
        self.hidden = torch.tensor([[level >= n for level in range(widest)] for n in heads])
        self.shown = (~self.hidden).flatten().nonzero().flatten()

    def rows(self, levels, ranks):
        """(batch, width): levels, then the columns of numbers, 0 where their gate's level is."""
        hats = torch.relu(1 - (16 * ranks.unsqueeze(2) - self.knots).abs())
        columns = torch.cat([hats, (2 * ranks - 1).unsqueeze(2)], 2)
        if self.gated:
            open_gates = torch.ones_like(ranks)
            open_gates = open_gates.index_copy(1, torch.tensor(self.gated), levels.index_select(1, self.gate))
            columns = columns * open_gates.unsqueeze(2)
        return torch.cat([levels, columns.flatten(1)], 1)


class Table:
    def __init__(self, layout):
        self.codes = torch.stack([torch.randint(n, (ROWS,)) for n in layout.heads], 1)
        self.ranks = torch.randint(KNOTS - 1, (ROWS, layout.numbers))
        self.cumulative = torch.linspace(0, 1, KNOTS)


def encode(layout, table, batch):
    index = torch.randint(ROWS, (batch,))
    levels = torch.zeros(batch, layout.levels).scatter_(1, table.codes[index] + layout.first, 1.0)
    entry = table.ranks[index]
    low, high = table.cumulative[entry], table.cumulative[entry + 1]
    return layout.rows(levels, torch.lerp(low, high, torch.rand(batch, layout.numbers)))


def straight_through(logits):
    soft = torch.softmax(logits / TEMPERATURE, -1)
    hard = torch.zeros_like(soft).scatter_(-1, logits.argmax(-1, keepdim=True), 1.0)
    return hard - soft.detach() + soft


def heads(layout, scores):
    logits = scores[:, :layout.levels].split(layout.heads, 1)
    return layout.rows(torch.cat([straight_through(one) for one in logits], 1), torch.special.ndtr(scores[:, layout.levels:]))


def heads_padded(layout, scores):
    padded = scores[:, layout.place].masked_fill(layout.hidden, -torch.inf)
    levels = straight_through(padded).flatten(1).index_select(1, layout.shown)
    return layout.rows(levels, torch.special.ndtr(scores[:, layout.levels:]))


def check(layout, rows):
    """A head has one level; a number's hats add up to 1, or to 0 where its gate is closed."""
    levels = rows[:, :layout.levels]
    hats = rows[:, layout.levels:].unflatten(1, (layout.numbers, HATS + 1))[:, :, :HATS].sum(2)
    wanted = torch.ones_like(hats)
    for q, gate in zip(layout.gated, layout.gate):
        wanted[:, q] = levels[:, gate].round()
    for head in levels.split(layout.heads, 1):
        assert torch.allclose(head.max(1).values, torch.ones(len(rows)), atol=1e-5) and (head.abs() > 1e-5).sum() == len(rows)
    assert torch.allclose(hats, wanted, atol=1e-4)


def seconds_of(work, budget):
    """Median of a call's processor seconds, which work() returns."""
    work(), work()
    times, end = [], time.perf_counter() + budget
    while time.perf_counter() < end or len(times) < 5:
        times.append(work())
    return statistics.median(times)


def timed(call):
    start = time.process_time()
    call()
    return time.process_time() - start


def main():
    options = arguments()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    layout = Layout(options.heads, options.gates)
    table = Table(layout)
    forward = heads_padded if options.mode == "padded" else heads
    encoded, made = (torch.compile(f, dynamic=False) if options.mode == "compile" else f for f in (encode, forward))
    seconds = {}
    for batch in options.batches:
        scores = torch.randn(batch, layout.levels + layout.numbers, requires_grad=True)
        slope = torch.randn(batch, layout.levels + layout.numbers * (HATS + 1))
        with torch.no_grad():
            check(layout, encoded(layout, table, batch))
            seconds[f"encode/{batch}"] = seconds_of(lambda: timed(lambda: encoded(layout, table, batch)), options.seconds)
        check(layout, made(layout, scores).detach())
        seconds[f"heads/{batch}"] = seconds_of(lambda: timed(lambda: made(layout, scores)), options.seconds)

        def backward():
            scores.grad = None
            rows = made(layout, scores)
            return timed(lambda: rows.backward(slope))

        seconds[f"heads_backward/{batch}"] = seconds_of(backward, options.seconds)
        assert scores.grad.abs().sum() > 0
    print(json.dumps({"torch": torch.__version__, "mode": options.mode, "seconds": seconds}))


if __name__ == "__main__":
    main()
