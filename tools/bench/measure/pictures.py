# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""What is painted: base, regions beside and over it, materials by lot.

As in `tiny.evaluate`: every material is in one region of each layout, for
each repeat. But borders are moved by a few pixels, so that they do not lie on
latent cells: a user's do not either.
"""

import os
from dataclasses import dataclass

import numpy as np
from PIL import Image
from tiny import captions, evaluate

SIDE = 256


@dataclass(frozen=True)
class Picture:
    """boxes: (top, bottom, left, right) of each region; no two overlap."""

    seed: int
    base: str
    materials: tuple
    boxes: tuple

    def prompts(self):
        """The base's and the regions'."""
        return (captions.prompt(self.base),
                [captions.prompt(name) for name in self.materials])

    def shapes(self):
        """The boxes, as `stage.Sampler` wants shapes."""
        return [shape_of(box) for box in self.boxes]

    def soft_masks(self, folder, ramp):
        """The same as painted masks with ramps of so many pixels over their
        edges, in files."""
        shapes = []
        for j, (top, bottom, left, right) in enumerate(self.boxes):
            mask = np.outer(_ramps(top, bottom, ramp),
                            _ramps(left, right, ramp))
            path = os.path.join(folder, f"{j}.png")
            Image.fromarray((mask * 255 + 0.5).astype(np.uint8)).save(path)
            shapes.append({"mask": {"file": path}})
        return shapes

    def owners(self):
        """(SIDE, SIDE): 0 for the base, j + 1 for region j."""
        owners = np.zeros((SIDE, SIDE), int)
        for j, (top, bottom, left, right) in enumerate(self.boxes):
            owners[top:bottom, left:right] = j + 1
        return owners


def shape_of(box):
    """A region's shape: a box of (top, bottom, left, right) in pixels."""
    top, bottom, left, right = box
    return {"box": [left, top, right - left, bottom - top]}


def _ramps(start, stop, width):
    """1 between start and stop, 0 outside, straight between; the picture's
    edges have no ramp."""
    at = np.arange(SIDE) + 0.5
    rising = np.clip((at - start) / width + 0.5, 0, 1) if start > 0 else 1
    falling = np.clip((stop - at) / width + 0.5, 0, 1) if stop < SIDE else 1
    return np.minimum(rising, falling) * np.ones(SIDE)


def _moved(box, down, right):
    """The box with all its edges but the picture's moved."""
    return tuple(edge if edge in (0, SIDE) else edge + by
                 for edge, by in zip(box, (down, down, right, right)))


def pictures(repeats):
    """26 for each repeat, in an order that mixes the layouts."""
    rng = np.random.default_rng(11)
    made = []
    for count, base, materials, seed in evaluate.regional_jobs(repeats):
        by = [int(n) for n in rng.integers(-4, 5, 2)]
        made.append(Picture(seed, base, tuple(materials), tuple(
            _moved(box, *by) for box in evaluate.LAYOUTS[count])))
    return [made[i] for i in rng.permutation(len(made))]
