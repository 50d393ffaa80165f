# SPDX-License-Identifier: LGPL-2.1-or-later
"""Trains text encoder and UNet together on the autoencoder's latents.

A part of the batches are pictures put together from two materials of which
the caption names one, and only that one's area counts in the loss. That is
what a region's prompt meets in regional sampling: a frame of which other
parts belong to other prompts.
"""

import numpy as np
import torch

from . import captions, diffusion, tokenizer
from .training import Run

# latents' height and width, pictures in a batch, share of the steps
SHAPES = (((16, 16), 16, 0.76), ((32, 32), 4, 0.12),
          ((16, 32), 8, 0.06), ((32, 16), 8, 0.06))
NO_CAPTION = 0.1
COMPOSED = 0.35
# A part of these is not what their name says: their top differs from below.
LAYOUTS = ("clouds", "sunset", "aurora")


class Source:
    """Latents by size, and draws of single pictures from them."""

    def __init__(self, shards, latents):
        self.latents = latents
        self.labels = {size: shard.labels for size, shard in shards.items()}
        self.whole, self.single, self.cut = {}, {}, []
        for size, shard in shards.items():
            shape = (size[0] // 8, size[1] // 8)
            labels = shard.labels
            self.whole[shape] = [(size, i) for i in shard.training]
            self.single[shape] = [(size, i) for i in shard.training
                                  if len(labels[i]) == 2]
            if shape != (16, 16):
                self.cut += [(size, i) for i in shard.training
                             if len(labels[i]) == 2
                             and labels[i][0] not in LAYOUTS]

    def draw(self, rng, shape, alone):
        """Latents and label; alone: of one material."""
        if shape == (16, 16) and rng.random() < 0.4:
            size, i = self.cut[rng.integers(len(self.cut))]
        else:
            pool = (self.single if alone else self.whole)[shape]
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


def batch(source, encode, rng):
    """Latents, token ids and weights of a random shape's batch."""
    which = rng.choice(len(SHAPES), p=[share for _, _, share in SHAPES])
    shape, count, _ = SHAPES[which]
    latents = np.empty((count, 4, *shape), np.float32)
    weights = np.ones((count, 1, *shape), np.float32)
    ids = []
    for i in range(count):
        composed = rng.random() < COMPOSED
        latents[i], label = source.draw(rng, shape, composed)
        text = captions.caption(rng, label)
        if composed:
            mask = _area(rng, shape)
            other, _ = source.draw(rng, shape, False)
            latents[i] = np.where(mask, latents[i], other)
            weights[i, 0] = mask
        if rng.random() < NO_CAPTION:
            text, weights[i] = "", 1
        ids.append(encode(text))
    return (torch.from_numpy(latents), torch.tensor(ids),
            torch.from_numpy(weights))


def train(source, folder, path, options, seed, report=print):
    """Trains or resumes with the tokenizer in folder; networks and Run."""
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

    run.train(loss_of, "unet")
    run.use_average()
    return text, network, run
