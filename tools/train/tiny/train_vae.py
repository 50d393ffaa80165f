# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""Trains the autoencoder on crops and measures its latents."""

import os

import numpy as np
import torch

from . import vae
from .training import Run

CROP = 64


def to_tensor(pictures):
    """uint8 NHWC to float NCHW in -1..1."""
    return torch.from_numpy(np.ascontiguousarray(
        np.moveaxis(pictures, -1, 1))).float() / 127.5 - 1


def crops(shards, rng, count, aimed=0.0):
    """Random crops whose corners lie on the 8x8 cells of the latents.

    aimed: the share of those with the middle of an object somewhere in them,
    if there is one.
    """
    sizes = list(shards)
    share = np.array([len(shards[size].training) * size[0] * size[1]
                      for size in sizes], float)
    picked = []
    for which in rng.choice(len(sizes), count, p=share / share.sum()):
        shard = shards[sizes[which]]
        index = rng.choice(shard.training)
        picture = shard.pictures[index]
        top, left = (8 * int(rng.integers(0, (length - CROP) // 8 + 1))
                     for length in shard.size)
        things = shard.labels[index]["objects"]
        if things and rng.random() < aimed:
            box = things[rng.integers(len(things))]["box"]
            top, left = (
                int(np.clip((a + b) // 2 - rng.integers(8, CROP - 7), 0,
                            length - CROP)) // 8 * 8
                for a, b, length in zip(box[::2], box[1::2], shard.size))
        picked.append(picture[top:top + CROP, left:left + CROP])
    return to_tensor(np.stack(picked))


def train(shards, path, stages, seed, report=print):
    """Trains or resumes; returns the Autoencoder and the stages' Runs.

    Every stage begins with the averaged weights of the one before. The later
    have a smaller weight of the latents' entropy ("kl"): what is coarse is
    learned sooner with a large one, what is fine needs a small one.
    """
    torch.manual_seed(seed)
    network = vae.Autoencoder()
    runs, finished = [], path + ".finished"
    for number, options in enumerate(stages):
        run = Run(path if not number else f"{path}.{number + 1}",
                  {"vae": network}, options["steps"], options["rate"],
                  seed + 100 * number, average=0.998, report=report)
        runs.append(run)

        def loss_of(rng):
            pictures = crops(shards, rng, options["batch"],
                             options.get("aimed", 0.0))
            mean, log_variance = network.encoder(pictures)
            noise = torch.randn_like(mean)
            made = network.decoder(mean + noise * (0.5 * log_variance).exp())
            return (vae.reconstruction_loss(made, pictures)
                    + options["kl"] * vae.kl_loss(mean, log_variance))

        run.train(loss_of, f"vae, stage {number + 1}")
        run.use_average()
    # averaged and measured once: a resumed training of the UNet must see the
    # same latents to the last bit
    if os.path.exists(finished):
        network.load_state_dict(torch.load(finished, weights_only=True))
        return network.eval(), runs
    _measure(network, shards)
    torch.save(network.state_dict(), finished)
    return network, runs


def refine(network, shards, path, options, seed, report=print, finish=True):
    """Trains the decoder on, and a preview's, for latents that stay.

    The UNet does not notice, so this may come after it, and again.
    """
    latents_of = network.encode
    preview = vae.Preview()
    torch.manual_seed(seed)

    def trained(name, decoder, steps, rate, normal):
        run = Run(f"{path}-{name}.pt", {name: decoder}, steps, rate,
                  seed + 7, average=0.999, report=report)

        def loss_of(rng):
            pictures = crops(shards, rng, options["batch"], 0.5)
            with torch.no_grad():
                latents = latents_of(pictures)
                # the UNet's latents are not quite the encoder's
                latents = latents + options["noise"] * torch.randn_like(
                    latents) * torch.rand(len(latents), 1, 1, 1)
                if not normal:
                    latents = latents * network.deviation + network.mean
            return vae.reconstruction_loss(decoder(latents), pictures)

        if finish:
            run.train(loss_of, name)
        run.use_average()
        return run

    first = trained("decoder", network.decoder, options["steps"],
                    options["rate"], False)
    second = trained("preview", preview, options["preview_steps"],
                     3 * options["rate"], True)
    return preview, (first, second)


@torch.no_grad()
def _measure(network, shards):
    """Sets the latents' mean and deviation from training pictures."""
    found = []
    for shard in shards.values():
        for start in range(0, min(len(shard.training), 512), 32):
            pictures = shard.pictures[np.sort(
                shard.training[start:start + 32])]
            mean = network.encoder(to_tensor(pictures))[0]
            found.append(mean.permute(1, 0, 2, 3).reshape(4, -1))
    found = torch.cat(found, 1)
    network.mean.copy_(found.mean(1).view(1, 4, 1, 1))
    network.deviation.copy_(found.std(1).view(1, 4, 1, 1))


@torch.no_grad()
def psnr(network, shards, decode=None):
    """Reconstruction in decibels over held-out pictures (range 0..1)."""
    decode = decode or network.decode
    errors = []
    for shard in shards.values():
        for index in shard.held_out[:150]:
            picture = to_tensor(shard.pictures[index][None])
            made = decode(network.encode(picture)).clamp(-1, 1)
            errors.append(float(((made - picture) ** 2).mean()) / 4)
    return float(np.mean([-10 * np.log10(error) for error in errors]))


@torch.no_grad()
def encode_all(network, shards, folder):
    """Latents of all training pictures, one fp16 file a size, kept."""
    latents = {}
    for size, shard in shards.items():
        path = os.path.join(folder, f"latents-{size[0]}x{size[1]}.npy")
        if not os.path.exists(path):
            parts = [network.encode(to_tensor(shard.pictures[i:i + 32]))
                     .numpy().astype(np.float16)
                     for i in range(0, len(shard.pictures), 32)]
            np.save(path + ".part.npy", np.concatenate(parts))
            os.replace(path + ".part.npy", path)
        latents[size] = np.load(path)
    return latents
