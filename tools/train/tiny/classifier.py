# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""Judges of pictures: which material a crop shows, or which thing a picture.

Of materials: 64x64 crops of grounds. Of things: whole pictures, or regions,
made 64x64, with an object, a landscape at a time of day, or neither. Of each
there are two. "colour" sees pictures as they are, and colour alone tells many
apart. "pattern" sees them in grey, with contrast evened out: for it a red
mesh is no brick wall. All are trained on drawn pictures alone, with blur,
noise and light changed at random, so that they look at the picture rather
than at how crisp a decoder is.

The judges of things learn from drawings of another seed and by two hands:
the model's and Twemoji's. Of one object in five (`objects.UNSEEN`) they
have never seen the drawing that the model learned from.
"""

import multiprocessing
import os

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

from . import captions, dataset, landscapes, materials, objects
from .train_vae import to_tensor
from .training import Run

SIZE = 64
KINDS = ("colour", "pattern")
NAMES = tuple(captions.MATERIALS)
NOTHING = "nothing"
PLACES = tuple(f"{name}, {time}" for name in landscapes.LANDSCAPES
               for time in landscapes.TIMES)
THINGS = (*objects.NAMES, *PLACES, NOTHING)
CUTS = 40  # drawings of each object


class Classifier(nn.Module):
    """A small convolutional network; kind is one of `KINDS`."""

    def __init__(self, kind, names, widths):
        super().__init__()
        self.kind, self.names = kind, names
        layers, width = [], 3
        for wider in widths:
            layers += [nn.Conv2d(width, wider, 3, stride=2, padding=1),
                       nn.GroupNorm(8, wider), nn.SiLU()]
            width = wider
        self.body = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1),
                                  nn.Flatten(), nn.Linear(width, len(names)))

    def forward(self, crops):
        return self.body[-1](self.features(crops))

    def features(self, crops):
        """What the last layer sees: a vector for each crop."""
        if self.kind == "pattern":
            grey = crops.mean(1, keepdim=True)
            grey = grey - grey.mean((2, 3), keepdim=True)
            grey = grey / (grey.std((2, 3), keepdim=True) + 0.05)
            crops = grey.expand(-1, 3, -1, -1)
        return self.body[:-1](crops)


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


class Crops:
    """Crops of single materials, drawn with equal shares."""

    names, widths = NAMES, (24, 48, 96, 96)

    def __init__(self, shards, which):
        self.shards = shards
        self.places = {name: [] for name in NAMES}
        for size, shard in shards.items():
            for index in getattr(shard, which):
                label = shard.labels[index]
                if label["ground"][0] == "material" and not label["objects"]:
                    self.places[label["ground"][1]].append((size, index))

    def draw(self, rng, count):
        # in a trial's small data set some have no held-out picture
        known = [i for i, name in enumerate(NAMES) if self.places[name]]
        crops, labels = [], rng.choice(known, count)
        for label in labels:
            places = self.places[NAMES[label]]
            size, index = places[rng.integers(len(places))]
            top, left = (int(rng.integers(0, length - SIZE + 1))
                         for length in size)
            crops.append(self.shards[size].pictures[
                index, top:top + SIZE, left:left + SIZE])
        return to_tensor(np.stack(crops)), torch.from_numpy(labels)


def _ground(job):
    """A 64x64 ground of a job (kind, name, number, seed)."""
    kind, name, number, seed = job
    rng = np.random.default_rng([seed, number, len(kind), 11])
    if kind == "place":
        picture = landscapes.draw(*[name[0], rng, 128, 128, name[1]])
    else:
        picture = materials.draw(name, rng, 128, 128, captions.colour(
            rng, name)).astype(np.float32) / 255
    return picture.reshape(64, 2, 64, 2, 3).mean((1, 3)).astype(np.float32)


class Things:
    """Drawings of objects over grounds, and grounds, at 64x64.

    hands: a function from an object's name to those whose drawings to take.
    """

    names, widths = THINGS, (32, 64, 128, 160, 160)

    def __init__(self, path, seed, hands, share=1.0):
        if not os.path.exists(path):
            jobs = [("place", (name, time), i, seed)
                    for name in landscapes.LANDSCAPES
                    for time in landscapes.TIMES
                    for i in range(max(2, round(24 * share)))]
            jobs += [("material", name, i, seed) for name in NAMES
                     for i in range(max(2, round(16 * share)))]
            with multiprocessing.Pool(2) as pool:
                grounds = pool.map(_ground, jobs, chunksize=16)
            np.savez(path, grounds=np.stack(grounds), labels=np.array(
                [THINGS.index(", ".join(job[1])) if job[0] == "place"
                 else len(THINGS) - 1 for job in jobs]))
        kept = np.load(path)
        self.grounds, self.labels = kept["grounds"], kept["labels"]
        self.hands, self.seed, self.cuts = hands, seed, {}

    def picture(self, rng, label):
        """A 64x64 picture (floats) of a thing."""
        if label >= len(objects.NAMES):
            these = np.flatnonzero(self.labels == label)
            picture = self.grounds[these[rng.integers(len(these))]]
            return picture[:, ::-1] if rng.random() < 0.5 else picture
        picture = self.grounds[rng.integers(len(self.grounds))].copy()
        if rng.random() < 0.5:
            picture = np.ascontiguousarray(picture[:, ::-1])
        cut = self._cut(int(label), int(rng.integers(CUTS)))
        tall, wide = cut.shape[:2]
        objects.paste(picture, cut, int(rng.integers(0, SIZE - tall + 1)),
                      int(rng.integers(0, SIZE - wide + 1)),
                      rng.uniform(0, 0.5))
        return picture

    def _cut(self, label, number):
        """One of so many drawings of an object, made when first wanted."""
        if (label, number) not in self.cuts:
            name = objects.NAMES[label]
            rng = np.random.default_rng([self.seed, label, number])
            hands = self.hands(name)
            colour = None
            if objects.OBJECTS[name].coloured and rng.random() < 0.5:
                colour = objects.COLOURS[rng.integers(len(objects.COLOURS))]
            cut = objects.draw(name, rng, rng.uniform(28, 61), colour,
                               hands[number % len(hands)])
            self.cuts[label, number] = cut[:SIZE, :SIZE]
        return self.cuts[label, number]

    def draw(self, rng, count):
        labels = rng.integers(0, len(THINGS), count)
        pictures = np.stack([self.picture(rng, label) for label in labels])
        return (torch.from_numpy(np.moveaxis(np.clip(
            pictures, 0, 1), -1, 1).copy()) * 2 - 1,
                torch.from_numpy(labels))


def judges_hands(name):
    """By whose drawings a judge learns an object."""
    if not objects.OBJECTS[name].glyph or name in objects.OTHERWISE:
        return ("noto",)
    return ("twemoji",) if name in objects.UNSEEN else ("noto", "twemoji")


def models_hand(_):
    """By whose drawings the model learns every object."""
    return ("noto",)


def train(training, held_out, path, kind, options, seed, report=print):
    """Trains or resumes; the network, its share right on held-out crops."""
    torch.manual_seed(seed)
    network = Classifier(kind, training.names, training.widths)
    run = Run(path, {"classifier": network}, options["steps"],
              options["rate"], seed, average=0.99, report=report)

    def loss_of(rng):
        pictures, labels = training.draw(rng, options["batch"])
        return F.cross_entropy(network(_blemish(pictures, rng)), labels,
                               label_smoothing=0.05)

    run.train(loss_of, f"judge of {len(training.names)} by {kind}")
    run.use_average()
    pictures, labels = held_out.draw(np.random.default_rng(seed), 1500)
    with torch.no_grad():
        right = (network(pictures).argmax(1) == labels).float().mean()
    return network, float(right)


def _small(picture):
    """A picture (uint8 HWC) as 64x64, averaged."""
    return np.asarray(Image.fromarray(np.ascontiguousarray(picture)).resize(
        (SIZE, SIZE), Image.Resampling.BOX))


@torch.no_grad()
def judge(network, picture):
    """The material of a picture (uint8 HWC, 64 pixels a side or more).

    The mean of the probabilities over a grid of crops that covers it.
    """
    if network.names is THINGS:
        chances = network(to_tensor(_small(picture)[None]))[0]
        return THINGS[int(chances.argmax())]

    def starts(length):
        count = -(-length // SIZE)
        return np.linspace(0, length - SIZE, count).astype(int)

    crops = [picture[top:top + SIZE, left:left + SIZE]
             for top in starts(picture.shape[0])
             for left in starts(picture.shape[1])]
    chances = network(to_tensor(np.stack(crops))).softmax(1).mean(0)
    return NAMES[int(chances.argmax())]


@torch.no_grad()
def features(network, pictures):
    """Vectors of pictures (uint8 NHWC): what `network` tells them by."""
    return np.concatenate([
        network.features(to_tensor(np.stack([_small(p) for p in part])))
        .numpy() for part in np.array_split(pictures, -(-len(pictures) // 64))
    ])
