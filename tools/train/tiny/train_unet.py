# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""Trains text encoder and UNet together on the autoencoder's latents.

A part of the batches are what a region's prompt meets in regional sampling: a
frame of which other parts belong to other prompts. Their captions name what a
rectangle shows, or all but a rectangle, and only that area counts in the
loss. Around an object's rectangle the frame is its own ground half of the
time, so that what is painted in a region learns to go on with what is around
it.
"""

import numpy as np
import torch

from . import captions, diffusion, tokenizer
from .training import Run

# latents' height and width, pictures in a batch, share of the steps
SHAPES = (((16, 16), 16, 0.66), ((32, 32), 4, 0.18),
          ((16, 32), 8, 0.09), ((32, 16), 8, 0.07))
NO_CAPTION = 0.1
COMPOSED = 0.4
CELL = 8
# shares of pictures without, with one and with several objects
KINDS = (0.32, 0.48, 0.2)
# A part of these is not what their name says: their top differs from below.
LAYOUTS = ("clouds", "sunset", "aurora")


class Source:
    """Latents by size, and draws of single pictures from them."""

    def __init__(self, shards, latents):
        self.latents = latents
        self.labels = {size: shard.labels for size, shard in shards.items()}
        self.pools, self.cut = {}, []
        for size, shard in shards.items():
            shape = (size[0] // CELL, size[1] // CELL)
            pools = self.pools[shape] = ([], [], [])
            for i in shard.training:
                label = shard.labels[i]
                pools[min(len(label["objects"]), 2)].append((size, int(i)))
                ground = label["ground"]
                if (shape != (16, 16) and not label["objects"] and
                        ground[0] == "material" and ground[1] not in LAYOUTS):
                    self.cut.append((size, int(i)))

    def draw(self, rng, shape, kind=None):
        """Latents and label; kind: 0, 1 or 2 (several) objects."""
        if kind is None:
            kind = int(rng.choice(3, p=KINDS))
        if kind == 0 and shape == (16, 16) and rng.random() < 0.35:
            size, i = self.cut[rng.integers(len(self.cut))]
        else:
            pool = self.pools[shape][kind]
            size, i = pool[rng.integers(len(pool))]
        latents = self.latents[size][i]
        top = rng.integers(latents.shape[1] - shape[0] + 1)
        left = rng.integers(latents.shape[2] - shape[1] + 1)
        return (latents[:, top:top + shape[0], left:left + shape[1]],
                self.labels[size][i])


def _area(rng, shape):
    """A random rectangle, a fifth of the frame or more; half of them a half
    of the frame, cut across or along."""
    height, width = shape
    mask = np.zeros(shape, bool)
    if rng.random() < 0.5:
        axis = int(rng.integers(2))
        length = shape[axis]
        cut = int(rng.integers(length // 4, length * 3 // 4 + 1))
        part = slice(0, cut) if rng.random() < 0.5 else slice(cut, length)
        mask[(part, slice(None)) if axis == 0 else (slice(None), part)] = True
        return mask
    tall = int(rng.integers(height * 3 // 8, height * 7 // 8 + 1))
    wide = int(rng.integers(width * 3 // 8, width * 7 // 8 + 1))
    top = int(rng.integers(height - tall + 1))
    left = int(rng.integers(width - wide + 1))
    mask[top:top + tall, left:left + wide] = True
    return mask


def _around(rng, thing, shape, most):
    """The cells of an object and up to `most` more on each side."""
    top, bottom, left, right = thing["box"]
    more = rng.integers(0, most + 1, 4)
    mask = np.zeros(shape, bool)
    mask[max(top // CELL - more[0], 0):-(-bottom // CELL) + more[1],
         max(left // CELL - more[2], 0):-(-right // CELL) + more[3]] = True
    return mask


def _composed(source, rng, shape):
    """Latents, caption and area of one of three cases of regions."""
    case = rng.random()
    other = None
    if case < 0.5:
        latents, label = source.draw(rng, shape, 1)
        mask = _around(rng, label["objects"][0], shape, 3)
        text = captions.caption(rng, label, "objects")
        if rng.random() < 0.5:
            other, _ = source.draw(rng, shape)
    elif case < 0.75:
        latents, label = source.draw(rng, shape, 0)
        mask = _area(rng, shape)
        text = captions.caption(rng, label)
        other, _ = source.draw(rng, shape)
    else:
        latents, label = source.draw(rng, shape, 1 + int(rng.random() < 0.4))
        mask = np.ones(shape, bool)
        for thing in label["objects"]:
            mask &= ~_around(rng, thing, shape, 2)
        text = captions.caption(rng, label, "ground")
        if mask.mean() < 0.1:
            return latents, captions.caption(rng, label), np.ones(shape, bool)
    if other is not None:
        latents = np.where(mask, latents, other)
    return latents, text, mask


def batch(source, encode, rng):
    """Latents, token ids and weights of a random shape's batch."""
    which = rng.choice(len(SHAPES), p=[share for _, _, share in SHAPES])
    shape, count, _ = SHAPES[which]
    latents = np.empty((count, 4, *shape), np.float32)
    weights = np.ones((count, 1, *shape), np.float32)
    ids = []
    for i in range(count):
        if rng.random() < COMPOSED:
            latents[i], text, weights[i, 0] = _composed(source, rng, shape)
        else:
            latents[i], label = source.draw(rng, shape)
            text = captions.caption(rng, label, "all" if rng.random() < 0.6
                                    or not label["objects"] else "objects")
        if rng.random() < NO_CAPTION:
            text, weights[i] = "", 1
        ids.append(encode(text))
    return (torch.from_numpy(latents), torch.tensor(ids),
            torch.from_numpy(weights))


def train(source, folder, path, options, seed, report=print, finish=True):
    """Trains or resumes with the tokenizer in folder; networks and Run.

    Without `finish` the networks are what the checkpoint has.
    """
    torch.manual_seed(seed)
    encode = tokenizer.Encoder(folder)
    text, network = diffusion.text_encoder(len(encode)), diffusion.unet()
    signal, deviation = diffusion.signal_and_noise()
    run = Run(path, {"text": text, "unet": network}, options["steps"],
              options["rate"], seed, average=options["average"],
              report=report)

    def loss_of(rng):
        latents, ids, weight = batch(source, encode, rng)
        count = len(latents)
        # one timestep from each of `count` equal parts: less noise in the
        # loss than independent draws
        times = torch.from_numpy(((np.arange(count) + rng.random(count))
                                  * 1000 / count).astype(np.int64))
        a = signal[times].view(-1, 1, 1, 1)
        s = deviation[times].view(-1, 1, 1, 1)
        noise = torch.randn_like(latents)
        states = text(input_ids=ids).last_hidden_state
        predicted = network(a * latents + s * noise, times, states,
                            return_dict=False)[0]
        return diffusion.v_loss(predicted, latents, noise, a, s, weight)

    if finish:
        run.train(loss_of, "unet")
    run.use_average()
    return text, network, run
