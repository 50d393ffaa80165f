# SPDX-License-Identifier: LGPL-2.1-or-later
"""The data set: drawn once, kept in the cache, the same for the same seed.

Pictures carry labels instead of captions. A caption is made from the label
whenever the picture is used, so that all synonyms are seen with all pictures.
"""

import json
import multiprocessing
import os

import numpy as np

from . import captions, materials, noise

# height, width: how many of each material, how many scenes
SIZES = {
    (128, 128): (150, 450),
    (256, 256): (30, 80),
    (128, 256): (22, 60),
    (256, 128): (22, 60),
}
HELD_OUT = 20  # one picture in so many is never trained on


def _single(rng, material, height, width):
    colour = captions.colour(rng, material)
    return materials.draw(material, rng, height, width, colour), (
        material, colour)


def _scene(rng, height, width):
    """A sky above a ground, with a slightly uneven horizon."""
    sky = captions.SKIES[rng.integers(len(captions.SKIES))]
    ground = captions.GROUNDS[rng.integers(len(captions.GROUNDS))]
    horizon = int(rng.uniform(0.38, 0.62) * height)
    yy, _ = noise.grid(height, width)
    uneven = noise.smooth(rng, height, width, 400, 40) * 2
    below = (yy > horizon + uneven)[..., None]
    colour = captions.colour(rng, ground)
    above = np.empty((height, width, 3), np.uint8)
    above[:horizon + 16] = materials.draw(sky, rng, horizon + 16, width)
    under = materials.draw(ground, rng, height, width, colour)
    return np.where(below, under, above), (sky, None, ground, colour)


def _draw(job):
    """One picture; its seed depends on its place alone, not on the process."""
    height, width, kind, number, seed = job
    tag = sum(ord(letter) * 31 ** i for i, letter in enumerate(kind)) % 2 ** 31
    rng = np.random.default_rng([seed, height, width, tag, number])
    if kind == "scene":
        return _scene(rng, height, width)
    return _single(rng, kind, height, width)


def _jobs(size, share, seed):
    height, width = size
    singles, scenes = SIZES[size]
    jobs = [(height, width, name, i, seed)
            for i in range(max(1, round(singles * share)))
            for name in captions.MATERIALS]
    return jobs + [(height, width, "scene", i, seed)
                   for i in range(max(1, round(scenes * share)))]


def build(folder, seed, share=1.0, workers=2, report=print):
    """Draws what is missing in folder; share scales the numbers (for trials).

    An interrupted run continues with the next size.
    """
    os.makedirs(folder, exist_ok=True)
    for size in SIZES:
        name = os.path.join(folder, f"{size[0]}x{size[1]}")
        if os.path.exists(name + ".json"):
            continue
        jobs = _jobs(size, share, seed)
        pictures = np.empty((len(jobs), *size, 3), np.uint8)
        labels = []
        with multiprocessing.Pool(workers) as pool:
            for i, (picture, label) in enumerate(
                    pool.imap(_draw, jobs, chunksize=16)):
                pictures[i] = picture
                labels.append(label)
                if i % 500 == 499:
                    report(f"data {size[0]}x{size[1]}: {i + 1}/{len(jobs)}")
        np.save(name + ".npy", pictures)
        with open(name + ".json.part", "w", encoding="utf-8") as file:
            json.dump(labels, file)
        os.replace(name + ".json.part", name + ".json")


class Shard:
    """All pictures of one size with their labels."""

    def __init__(self, folder, size):
        name = os.path.join(folder, f"{size[0]}x{size[1]}")
        self.size = size
        self.pictures = np.load(name + ".npy", mmap_mode="r")
        with open(name + ".json", encoding="utf-8") as file:
            self.labels = [tuple(label) for label in json.load(file)]
        count = len(self.labels)
        order = np.random.default_rng(1).permutation(count)
        self.held_out = order[:count // HELD_OUT]
        self.training = order[count // HELD_OUT:]


def load(folder):
    """A dictionary from (height, width) to a Shard."""
    return {size: Shard(folder, size) for size in SIZES}
