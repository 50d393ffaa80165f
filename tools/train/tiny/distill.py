# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""A LoRA with which four steps do, without guidance.

The student's one step is to arrive where several of the teacher's, with
guidance, do (after Salimans and Ho, 'Progressive Distillation for Fast
Sampling of Diffusion Models', 2022). It is trained on the timesteps that
ComfyUI's 'normal' schedule has for four steps, and on those between, so that
other schedules of few steps work, too.

The file is in the layout of kohya's trainers, which ComfyUI and diffusers
read: lora_unet_<layer>.lora_down.weight, .lora_up.weight and .alpha.
"""

import copy

import numpy as np
import torch
from torch import nn
from torch.nn.utils import parametrize

from . import diffusion, tokenizer, train_unet
from .training import Run

RANK = 8
STEPS = 4  # of the student
SUBSTEPS = 4  # of the teacher, for one of the student's
JUMP = 999 // (STEPS - 1)  # timesteps


class _LowRank(nn.Module):
    """A layer's weight, and the product of two small matrices on top."""

    def __init__(self, weight):
        super().__init__()
        self.shape = weight.shape
        width = weight[0].numel()
        self.down = nn.Parameter(torch.randn(RANK, width) / width ** 0.5)
        self.up = nn.Parameter(torch.zeros(len(weight), RANK))

    def forward(self, weight):
        return weight + (self.up @ self.down).reshape(self.shape)


def _adapt(network):
    """Puts a _LowRank on all large layers; name to _LowRank."""
    network.requires_grad_(False)
    parts = {}
    for name, layer in list(network.named_modules()):
        if isinstance(layer, (nn.Conv2d, nn.Linear)) and (
                layer.weight.numel() > 8192):
            parts[name] = _LowRank(layer.weight)
            parametrize.register_parametrization(layer, "weight",
                                                 parts[name])
    return parts


def _teacher_target(teacher, latents, start, states, empty, cfg, tables):
    """The v with which one Euler step from `start` (timesteps, one a row)
    arrives where SUBSTEPS guided ones of the teacher do."""
    signal, deviation = tables

    def of(table, times):
        return table[times].view(-1, 1, 1, 1)

    def sigma(times):
        return of(deviation, times) / of(signal, times)

    x = latents / of(signal, start)
    first = x
    for i in range(SUBSTEPS):
        now = (start - JUMP * i // SUBSTEPS).clamp(min=0)
        following = (start - JUMP * (i + 1) // SUBSTEPS).clamp(min=0)
        inside = x * of(signal, now)
        rows = teacher(torch.cat([inside, inside]), torch.cat([now, now]),
                       torch.cat([empty, states]), return_dict=False)[0]
        without, with_text = rows.chunk(2)
        v = without + cfg * (with_text - without)
        noise = of(signal, now) * v + of(deviation, now) * inside
        x = x + (sigma(following) - sigma(now)) * noise
    end = (start - JUMP).clamp(min=0)
    noise = (x - first) / (sigma(end) - sigma(start))
    return (noise - of(deviation, start) * latents) / of(signal, start)


def train(source, folder, path, text, unet, options, seed, report=print,
          finish=True):
    """Trains or resumes; the student with the LoRA, and its Run."""
    torch.manual_seed(seed)
    encode = tokenizer.Encoder(folder)
    teacher = unet.requires_grad_(False)
    text.requires_grad_(False)
    student = copy.deepcopy(unet)
    parts = nn.ModuleDict({name.replace(".", "_"): part for name, part in
                           _adapt(student).items()})
    tables = diffusion.signal_and_noise()
    run = Run(path, {"lora": parts}, options["steps"], options["rate"],
              seed + 5, average=0.995, decay=0.0, report=report)
    empty = text(input_ids=torch.tensor([encode("")])).last_hidden_state

    def loss_of(rng):
        latents, ids, weight = train_unet.batch(source, encode, rng)
        count = len(latents)
        # the steps of the schedule, and as often any time in between
        times = torch.from_numpy(np.where(
            rng.random(count) < 0.5, JUMP * rng.integers(1, STEPS, count),
            rng.integers(JUMP // 2, 1000, count)).astype(np.int64))
        a, s = (table[times].view(-1, 1, 1, 1) for table in tables)
        noised = a * latents + s * torch.randn_like(latents)
        with torch.no_grad():
            states = text(input_ids=ids).last_hidden_state
            wanted = _teacher_target(teacher, noised, times, states,
                                     empty.expand(count, -1, -1),
                                     options["cfg"], tables)
        made = student(noised, times, states, return_dict=False)[0]
        error = (made - wanted).pow(2).mean(1, keepdim=True)
        return (error * weight).sum() / weight.sum()

    if finish:
        run.train(loss_of, "lora")
    run.use_average()
    return student.eval(), run


def save(student, path):
    """The LoRA as a safetensors file, in half precision."""
    from safetensors.torch import save_file

    tensors = {}
    for name, layer in student.named_modules():
        if not parametrize.is_parametrized(layer, "weight"):
            continue
        part = layer.parametrizations.weight[0]
        key = "lora_unet_" + name.replace(".", "_")
        up = part.up.detach()
        down = part.down.detach().reshape(RANK, *part.shape[1:])
        if len(part.shape) == 4:
            up = up[:, :, None, None]
        tensors[key + ".lora_up.weight"] = up.half().contiguous()
        tensors[key + ".lora_down.weight"] = down.half().contiguous()
        tensors[key + ".alpha"] = torch.tensor(float(RANK)).half()
    save_file(tensors, path)


def merged(student):
    """The student as an ordinary UNet."""
    student = copy.deepcopy(student)
    for layer in list(student.modules()):
        if parametrize.is_parametrized(layer, "weight"):
            parametrize.remove_parametrizations(layer, "weight")
    return student.eval()
