# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""What pictures of regions cost, for every mode: docs/speed.md."""

import argparse
import os
import time

import numpy as np
import torch
from tiny import __main__ as training
from tiny import captions, sampling

from . import pictures, report, stage

COMMON = {"cfg": 7, "overlap-factor": 0}
SIDE = pictures.SIDE
CELLS = SIDE // 8

# regions: boxes in a grid of so many rows and columns that covers the lower
# half of the picture, so that the covered area is the same
GRIDS = {1: (1, 1), 2: (1, 2), 4: (2, 2), 8: (2, 4), 16: (4, 4)}


def _grid(rows, columns, top=SIDE // 2):
    height, width = (SIDE - top) // rows, SIDE // columns
    return [(top + r * height, top + (r + 1) * height,
             c * width, (c + 1) * width)
            for r in range(rows) for c in range(columns)]


def _regions(boxes):
    names = list(captions.MATERIALS)
    return [(captions.prompt(names[1 + j]), box)
            for j, box in enumerate(boxes)]


BASE = captions.prompt(next(iter(captions.MATERIALS)))


class Loop:
    """RegionalSamplerAdvanced's order of work in numpy around ONNX Runtime.

    In every step but the last the base, then region after region; in the last
    one the base. Two rows an evaluation, as ComfyUI batches them.
    """

    def __init__(self, folder, threads):
        self.model = sampling.Model(folder, threads)

    def prepare(self, regions, steps):
        """What is not timed: prompts and masks."""
        base = np.ones((CELLS, CELLS), bool)
        owners = [(BASE, base)]
        for words, (top, bottom, left, right) in regions:
            mask = np.zeros((CELLS, CELLS), bool)
            mask[top // 8:bottom // 8, left // 8:right // 8] = True
            base &= ~mask
            owners.append((words, mask))
        empty = self.model.text("")
        table, sigmas = sampling.schedule(steps)
        return ([((empty, self.model.text(words)), mask)
                 for words, mask in owners], table, sigmas)

    def run(self, prepared):
        """What it cost."""
        owners, table, sigmas = prepared
        began, cpu, rows = time.perf_counter(), time.process_time(), 0
        noise = np.random.default_rng(1).standard_normal((1, 4, CELLS, CELLS))
        x = noise.astype(np.float32) * sigmas[0]
        steps = len(sigmas) - 1
        for i in range(steps):
            for states, mask in owners if i < steps - 1 else owners[:1]:
                epsilon = self.model.noise_of(x, sigmas[i], table, states,
                                              COMMON["cfg"])
                x = np.where(mask, x + (sigmas[i + 1] - sigmas[i]) * epsilon,
                             x)
                rows += 2
        seconds = time.perf_counter() - began
        return {"rows": rows, "evaluations": rows // 2, "network": seconds,
                "total": seconds, "cpu": time.process_time() - cpu}


class Case:
    """Runs that are compared with one another: the first with the rest."""

    def __init__(self, title, boxes, runs, loop=False):
        self.title, self.regions = title, _regions(boxes)
        self.shapes = [(words, pictures.shape_of(box))
                       for words, box in self.regions]
        self.runs = runs  # name to settings
        self.names = list(runs) + ["python"] * loop
        self.costs = {name: [] for name in self.names}

    def median(self, name, what):
        return float(np.median([cost[what] for cost in self.costs[name]]))

    def ratio(self, name, reference, what):
        """Median over the repetitions of how many times less it took."""
        pairs = zip(self.costs[reference], self.costs[name])
        return float(np.median([a[what] / b[what] for a, b in pairs]))


def cases():
    modes = {mode: {"mode": mode}
             for mode in ("impact", "sequential", "parallel", "fused")}
    crop = {"parallel, crop 32": {"mode": "parallel", "region-crop": 32}}
    quadrants = _grid(2, 2, 0)
    made = [Case(f"R = {count}", _grid(*grid), {**modes, **crop}, True)
            for count, grid in GRIDS.items()]
    made.append(Case("quadrants", quadrants, {
        "sequential": modes["sequential"], "parallel": modes["parallel"],
        **{f"{mode}, crop {crop}": {"mode": mode, "region-crop": crop}
           for mode, crop in (("sequential", 32), ("parallel", 0),
                              ("parallel", 32), ("fused", 32))}}))
    for sampler in ("heun", "dpmpp_2m"):
        made.append(Case(f"R = 4, {sampler}", _grid(2, 2), {
            mode: {"mode": mode, "sampler": sampler} for mode in modes}))
    return made


def measure(arguments, say):
    gst = stage.load(arguments.plugin)
    sampler = stage.Sampler(gst, arguments.model, SIDE)
    loop = Loop(arguments.model, 1)
    made = cases()
    for repetition in range(-1, arguments.repeats):  # one to warm up
        for case in made:
            steps = 2 if repetition < 0 else arguments.steps
            # another order each time: what follows what shall not matter
            names = np.random.default_rng(repetition + 1).permutation(
                case.names)
            for name in names:
                if name == "python":
                    cost = loop.run(loop.prepare(case.regions, steps))
                else:
                    _, cost = sampler.sample(BASE, case.shapes, {
                        **COMMON, **case.runs[name], "steps": steps})
                    cost["total"] = cost["network"] + cost["loop"]
                if repetition >= 0:
                    case.costs[name].append(cost)
        say(f"repetition {repetition + 1} of {arguments.repeats}"
            if repetition >= 0 else "warm")
    return made


def _cells(case, name, steps):
    """What a row of the table says of a run."""
    def median_of(what, over):
        return float(np.median([cost[what] / cost[over]
                                for cost in case.costs[name]]))

    yield f"{case.median(name, 'rows') / steps:.1f}"
    yield f"{case.median(name, 'evaluations') / steps:.1f}"
    yield f"{case.ratio(name, 'sequential', 'rows'):.2f}"
    yield f"{case.ratio(name, 'sequential', 'network'):.2f}"
    yield f"{case.ratio(name, 'sequential', 'cpu'):.2f}"
    yield (f"{case.ratio(name, 'python', 'total'):.2f}"
           if "python" in case.names else "")
    yield f"{1e3 * median_of('cpu', 'rows'):.1f}"
    yield ("" if name == "python"
           else f"{100 * median_of('loop', 'network'):.2f} %")


def _title(name):
    mode, _, crop = name.partition(", crop ")
    if name == "python":
        return "Python loop"
    return f"`{mode}`" + f", `region-crop` {crop}" * bool(crop)


def markdown(made, steps):
    """The table of docs/speed.md."""
    lines = ["| picture | mode | rows a step | calls a step "
             "| rows, times fewer | network time, times less "
             "| CPU time, times less | against Python | CPU ms a row "
             "| loop / network |",
             "|---|---|" + "---:|" * 8]
    for case in made:
        for name in case.names:
            cells = " | ".join(_cells(case, name, steps))
            lines.append(f"| {case.title} | {_title(name)} | {cells} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(prog="tools/bench/speed",
                                     description=__doc__)
    parser.add_argument("--model", default=os.path.join(
        training.ROOT, "models", "tiny"), help="folder (%(default)s)")
    parser.add_argument("--plugin", default=os.path.join(
        training.ROOT, "build", "gst"),
        help="folder with the plugin (%(default)s)")
    parser.add_argument("--repeats", type=int, default=5,
                        help="of everything, by turns (%(default)s)")
    parser.add_argument("--steps", type=int, default=6,
                        help="of each picture (%(default)s)")
    parser.add_argument("--page", help="file into which to put the table, "
                        "between its marks")
    arguments = parser.parse_args()
    arguments.model = os.path.abspath(arguments.model)
    torch.set_num_threads(1)

    made = measure(arguments, training.say)
    report.put(markdown(made, arguments.steps), arguments.page)


if __name__ == "__main__":
    main()
