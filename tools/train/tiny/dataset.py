# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""The data set: drawn once, kept in the cache, the same for the same seed.

Pictures carry labels instead of captions. A caption is made from the label
whenever the picture is used, so that all synonyms are seen with all pictures.
"""

import json
import multiprocessing
import os

import numpy as np

from . import captions, landscapes, materials, noise, objects

# height, width: how many of each material, scenes, how many of each landscape
# at each time, of each object, and of several objects
SIZES = {
    (128, 128): (100, 300, 40, 100, 2400),
    (256, 256): (20, 80, 12, 12, 800),
    (128, 256): (14, 60, 10, 8, 600),
    (256, 128): (14, 60, 10, 8, 400),
}
HELD_OUT = 20  # one picture in so many is never trained on
CELL = 8


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
    return np.where(below, under, above), ("scene", sky, ground, colour)


def _landscape(rng, height, width, name, time):
    picture = landscapes.draw(name, rng, height, width, time)
    return (picture * 255 + 0.5).astype(np.uint8), ("landscape", name, time)


def _material(rng, height, width, name):
    colour = captions.colour(rng, name)
    return (materials.draw(name, rng, height, width, colour),
            ("material", name, colour))


def _ground(rng, height, width):
    """Something for objects to be on."""
    kind = rng.random()
    if kind < 0.4:
        names = list(captions.MATERIALS)
        return _material(rng, height, width, names[rng.integers(len(names))])
    if kind < 0.6:
        return _scene(rng, height, width)
    names = list(landscapes.LANDSCAPES)
    return _landscape(rng, height, width, names[rng.integers(len(names))],
                      landscapes.TIMES[rng.integers(3)])


def _cells(value, low, high):
    """The nearest multiple of the autoencoder's cells between two bounds."""
    return int(np.clip(round(value / CELL) * CELL, low, max(high, low)))


def _colour(rng, name):
    if not objects.OBJECTS[name].coloured or rng.random() < 0.5:
        return None
    return objects.COLOURS[rng.integers(len(objects.COLOURS))]


def put(rng, picture, name, size, area, horizon, hand="noto"):
    """Draws an object into a picture (floats); returns its entry of a label.

    area: (top, bottom, left, right), in which it lies; horizon: whether the
    picture has a sky above, so that things stand below and fly above.
    """
    top, bottom, left, right = area
    colour = _colour(rng, name)
    size = min(size, bottom - top - 2, right - left - 2)
    cut = objects.draw(name, rng, size, colour, hand)
    cut = cut[:bottom - top, :right - left]
    tall, wide = cut.shape[:2]
    role = objects.OBJECTS[name].role
    room = bottom - top - tall
    y = rng.uniform(0, room)
    if horizon and role == "sky":
        y = rng.uniform(0, 0.55) * room
    elif horizon and (role == "ground" or rng.random() < 0.5):
        y = rng.uniform(0.7, 1.0) * room
    # mostly near the middle of its area
    x = rng.beta(2, 2) * (right - left - wide)
    y, x = (top + _cells(y, 0, room),
            left + _cells(x, 0, right - left - wide))
    shadow = 0.0 if role == "sky" else rng.uniform(0.2, 0.5)
    objects.paste(picture, cut, y, x, shadow)
    return {"name": name, "colour": colour, "size": "", "place": "",
            "box": [y, y + tall, x, x + wide]}


def _has_horizon(ground):
    return ground[0] in ("scene", "landscape")


def _one(rng, height, width, name, hand="noto"):
    """A picture of one object on a ground."""
    picture, ground = _ground(rng, height, width)
    picture = picture.astype(np.float32) / 255
    side = min(height, width)
    size = rng.uniform(56, 120) if side < 256 else rng.uniform(64, 168)
    thing = put(rng, picture, name, size, (0, height, 0, width),
                _has_horizon(ground), hand)
    share = size / side
    thing["size"] = ("small" if share < 0.5 else
                     "large" if share > 0.8 or size > 140 else "")
    top, bottom, left, right = thing["box"]
    x, y = (left + right) / 2 / width, (top + bottom) / 2 / height
    if width >= height and abs(x - 0.5) > 0.12 and share < 0.75:
        thing["place"] = "left" if x < 0.5 else "right"
    elif width < height and abs(y - 0.5) > 0.12:
        thing["place"] = "top" if y < 0.5 else "bottom"
    elif max(abs(x - 0.5), abs(y - 0.5)) < 0.06:
        thing["place"] = "middle"
    return picture, {"ground": ground, "objects": [thing]}


def _several(rng, height, width, hand="noto"):
    """A picture of two or three objects side by side or one above another."""
    picture, ground = _ground(rng, height, width)
    picture = picture.astype(np.float32) / 255
    long = max(height, width)
    count = 3 if long == 256 and rng.random() < 0.35 else 2
    across = height < width or (height == width and rng.random() < 0.8)
    names = rng.choice(len(objects.NAMES), count, replace=False)
    step = (width if across else height) // count // CELL * CELL
    places = (("left", "middle", "right") if across
              else ("top", "middle", "bottom"))
    if count == 2:
        places = places[::2]
    things = []
    for i, number in enumerate(names):
        area = ((0, height, i * step, (i + 1) * step) if across
                else (i * step, (i + 1) * step, 0, width))
        size = rng.uniform(0.7, 1.0) * min(step, height, width, 128)
        thing = put(rng, picture, objects.NAMES[number], size, area,
                    across and _has_horizon(ground), hand)
        thing["place"] = places[i]
        things.append(thing)
    return picture, {"ground": ground, "objects": things}


def _draw(job):
    """One picture; its seed depends on its place alone, not on the process."""
    height, width, kind, name, number, seed = job
    tag = sum(ord(letter) * 31 ** i
              for i, letter in enumerate(kind + str(name))) % 2 ** 31
    rng = np.random.default_rng([seed, height, width, tag, number])
    if kind == "object":
        picture, label = _one(rng, height, width, name)
    elif kind == "several":
        picture, label = _several(rng, height, width)
    else:
        picture, ground = {
            "scene": lambda: _scene(rng, height, width),
            "material": lambda: _material(rng, height, width, name),
            "landscape": lambda: _landscape(rng, height, width, *name)}[
                kind]()
        return picture, {"ground": ground, "objects": []}
    return (np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8), label


def _jobs(size, share, seed):
    height, width = size
    counts = [max(1, round(count * share)) for count in SIZES[size]]
    times = [(name, time) for name in landscapes.LANDSCAPES
             for time in landscapes.TIMES]
    jobs = []
    for count, kind, names in zip(
            counts, ("material", "scene", "landscape", "object", "several"),
            (captions.MATERIALS, ("",), times, objects.NAMES, ("",))):
        jobs += [(height, width, kind, name, i, seed)
                 for i in range(count) for name in names]
    return jobs


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
        pictures = np.lib.format.open_memmap(
            name + ".npy", "w+", np.uint8, (len(jobs), *size, 3))
        labels = []
        with multiprocessing.Pool(workers) as pool:
            for i, (picture, label) in enumerate(
                    pool.imap(_draw, jobs, chunksize=16)):
                pictures[i] = picture
                labels.append(label)
                if i % 1000 == 999:
                    report(f"data {size[0]}x{size[1]}: {i + 1}/{len(jobs)}")
        pictures.flush()
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
            self.labels = json.load(file)
        count = len(self.labels)
        order = np.random.default_rng(1).permutation(count)
        self.held_out = order[:count // HELD_OUT]
        self.training = order[count // HELD_OUT:]


def load(folder):
    """A dictionary from (height, width) to a Shard."""
    return {size: Shard(folder, size) for size in SIZES}
