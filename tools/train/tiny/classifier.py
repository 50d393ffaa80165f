# SPDX-License-Identifier: LGPL-2.1-or-later
"""Judges of pictures: which material a 64x64 crop shows.

There are two. "colour" sees crops as they are, and colour alone tells many
materials apart. "pattern" sees them in grey, with contrast evened out: for it
a red mesh is no brick wall. Both are trained on drawn pictures alone, with
blur, noise and light changed at random, so that they look at the picture
rather than at how crisp a decoder is.
"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from . import captions
from .train_vae import to_tensor
from .training import Run

SIZE = 64
NAMES = tuple(captions.MATERIALS)
KINDS = ("colour", "pattern")


class Classifier(nn.Module):
    """A small convolutional network; kind is one of `KINDS`."""

    def __init__(self, kind):
        super().__init__()
        self.kind = kind
        layers, width = [], 3
        for wider in (24, 48, 96, 96):
            layers += [nn.Conv2d(width, wider, 3, stride=2, padding=1),
                       nn.GroupNorm(8, wider), nn.SiLU()]
            width = wider
        self.body = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1),
                                  nn.Flatten(), nn.Linear(width, len(NAMES)))

    def forward(self, crops):
        if self.kind == "pattern":
            grey = crops.mean(1, keepdim=True)
            grey = grey - grey.mean((2, 3), keepdim=True)
            grey = grey / (grey.std((2, 3), keepdim=True) + 0.05)
            crops = grey.expand(-1, 3, -1, -1)
        return self.body(crops)


def _blemish(pictures, rng):
    """Blur, noise, contrast and light, a different amount for each crop."""
    count = (len(pictures), 1, 1, 1)

    def random(low, high):
        return torch.from_numpy(rng.uniform(low, high, count)).float()

    blurred = F.avg_pool2d(pictures, 5, 1, 2, count_include_pad=False)
    pictures = torch.lerp(pictures, blurred, random(0, 1))
    pictures = pictures * random(0.8, 1.2) + random(-0.12, 0.12)
    return (pictures + torch.randn_like(pictures) * random(0, 0.1)).clamp(
        -1, 1)


class _Crops:
    """Crops of single materials, drawn with equal shares."""

    def __init__(self, shards, which):
        self.shards = shards
        self.places = {name: [] for name in NAMES}
        for size, shard in shards.items():
            for index in getattr(shard, which):
                if len(shard.labels[index]) == 2:
                    self.places[shard.labels[index][0]].append((size, index))

    def draw(self, rng, count):
        crops, labels = [], rng.integers(0, len(NAMES), count)
        for label in labels:
            places = self.places[NAMES[label]]
            size, index = places[rng.integers(len(places))]
            top, left = (int(rng.integers(0, length - SIZE + 1))
                         for length in size)
            crops.append(self.shards[size].pictures[
                index, top:top + SIZE, left:left + SIZE])
        return to_tensor(np.stack(crops)), torch.from_numpy(labels)


def train(shards, path, kind, options, seed, report=print):
    """Trains or resumes; the network, its share right on held-out crops."""
    torch.manual_seed(seed)
    network = Classifier(kind)
    run = Run(path, {"classifier": network}, options["steps"],
              options["rate"], seed, average=0.99, report=report)
    crops = _Crops(shards, "training")

    def loss_of(rng):
        pictures, labels = crops.draw(rng, options["batch"])
        return F.cross_entropy(network(_blemish(pictures, rng)), labels,
                               label_smoothing=0.05)

    run.train(loss_of, f"classifier of {kind}")
    run.use_average()
    pictures, labels = _Crops(shards, "held_out").draw(
        np.random.default_rng(seed), 960)
    with torch.no_grad():
        right = (network(pictures).argmax(1) == labels).float().mean()
    return network, float(right)


@torch.no_grad()
def judge(network, picture):
    """The material of a picture (uint8 HWC, 64 pixels a side or more).

    The mean of the probabilities over a grid of crops that covers it.
    """
    def starts(length):
        count = -(-length // SIZE)
        return np.linspace(0, length - SIZE, count).astype(int)

    crops = [picture[top:top + SIZE, left:left + SIZE]
             for top in starts(picture.shape[0])
             for left in starts(picture.shape[1])]
    chances = network(to_tensor(np.stack(crops))).softmax(1).mean(0)
    return NAMES[int(chances.argmax())]
