# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""What every training here shares: seeds, averages, checkpoints, progress."""

import math
import os
import time

import numpy as np
import torch


def cosine(step, steps, flat=0.5, warm=100):
    """Learning rate's factor: a warm-up, a flat part, a cosine to almost 0."""
    if step < warm:
        return (step + 1) / warm
    share = step / steps
    if share < flat:
        return 1.0
    angle = math.pi * (share - flat) / (1 - flat)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(angle))


class Run:
    """A training that survives an interruption.

    networks: name to module, optimised together by AdamW with an exponential
    moving average of their weights, which is what is used afterwards. State is
    written to `path` every `every` seconds; a run that finds it there goes on
    from it. Random draws depend on (seed, step), so a resumed run sees what an
    uninterrupted one would have.
    """

    def __init__(self, path, networks, steps, rate, seed, average=0.999,
                 decay=0.01, every=180, report=print):
        self.path, self.networks, self.steps = path, networks, steps
        self.rate, self.seed, self.average = rate, seed, average
        self.every, self.report = every, report
        self.parameters = [p for n in networks.values()
                           for p in n.parameters()]
        self.optimiser = torch.optim.AdamW(
            self.parameters, lr=rate, betas=(0.9, 0.99), weight_decay=decay)
        self.shadow = [p.detach().clone() for p in self.parameters]
        self.step, self.seconds, self.cpu = 0, 0.0, 0.0
        if os.path.exists(path):
            state = torch.load(path, weights_only=True)
            for name, network in networks.items():
                network.load_state_dict(state["networks"][name])
            self.optimiser.load_state_dict(state["optimiser"])
            self.shadow = state["shadow"]
            self.step, self.seconds = state["step"], state["seconds"]
            self.cpu = state["cpu"]
            report(f"{os.path.basename(path)}: goes on from step {self.step}")

    @property
    def done(self):
        return self.step >= self.steps

    def generator(self):
        """The random generator of the current step."""
        torch.manual_seed(self.seed * 1000003 + self.step)
        return np.random.default_rng([self.seed, self.step])

    def _update(self, loss):
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate * cosine(self.step, self.steps)
        self.optimiser.step()
        keep = min(self.average, (self.step + 1) / (self.step + 10))
        torch._foreach_lerp_(self.shadow, [p.data for p in self.parameters],
                             1 - keep)
        self.step += 1

    def save(self):
        part = self.path + ".part"
        torch.save({"networks": {name: network.state_dict()
                                 for name, network in self.networks.items()},
                    "optimiser": self.optimiser.state_dict(),
                    "shadow": self.shadow, "step": self.step,
                    "seconds": self.seconds, "cpu": self.cpu}, part)
        os.replace(part, self.path)

    def train(self, loss_of, name):
        """Runs to the last step; loss_of(rng) gives one batch's loss."""
        saved = shown = time.monotonic()
        cpu, mean = time.process_time(), None
        while not self.done:
            loss = loss_of(self.generator())
            self._update(loss)
            value = float(loss.detach())
            mean = value if mean is None else 0.98 * mean + 0.02 * value
            now = time.monotonic()
            if now - shown > 15 or self.done:
                self.seconds += now - shown
                self.cpu += time.process_time() - cpu
                cpu, shown = time.process_time(), now
                left = (self.steps - self.step) * self.seconds / self.step
                self.report(f"{name}: step {self.step}/{self.steps} loss "
                            f"{mean:.4f}, {left / 60:.0f} min left")
            if now - saved > self.every:
                self.save()
                saved = now
        self.save()

    def use_average(self):
        """Puts the averaged weights into the networks."""
        for parameter, value in zip(self.parameters, self.shadow):
            parameter.data.copy_(value)
        for network in self.networks.values():
            network.eval()
