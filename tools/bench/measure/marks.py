# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""What is measured in a picture of regions."""

import numpy as np
import torch
from tiny import classifier
from tiny.train_vae import to_tensor

MARGIN = 16     # pixels along borders that count as neither side
STRIDE = 32     # between patches
REACH = 12      # pixels beside a border where its line may be
BAND = 8        # pixels beside a border where its texture is looked at
NOISE = 6.0     # rms by which cells of clean pictures hardly ever stand out


@torch.no_grad()
def _names(network, crops):
    chosen = network(to_tensor(np.stack(crops))).argmax(1)
    return [classifier.NAMES[int(i)] for i in chosen]


def recognised(judges, image, picture):
    """For each judge, which regions it takes for what they should be."""
    return {kind: [classifier.judge(network, image[
        top + MARGIN:bottom - MARGIN, left + MARGIN:right - MARGIN]) == name
        for name, (top, bottom, left, right) in zip(picture.materials,
                                                    picture.boxes)]
            for kind, network in judges.items()}


def leaks(network, image, picture):
    """Patches that show the material of a region they are well outside of;
    that show what nobody in the picture was asked for; and all patches."""
    size = classifier.SIZE
    places = [(y, x) for y in range(0, image.shape[0] - size + 1, STRIDE)
              for x in range(0, image.shape[1] - size + 1, STRIDE)]
    seen = _names(network, [image[y:y + size, x:x + size]
                            for y, x in places])
    leaked = strange = 0
    for (y, x), name in zip(places, seen):
        if name in picture.materials:
            top, bottom, left, right = picture.boxes[
                picture.materials.index(name)]
            leaked += (y >= bottom + MARGIN or y + size <= top - MARGIN
                       or x >= right + MARGIN or x + size <= left - MARGIN)
        elif name != picture.base:
            strange += 1
    return leaked, strange, len(places)


def _borders(owners):
    """(x, rows) of vertical borders, which lie between x and x + 1."""
    change = owners[:, 1:] != owners[:, :-1]
    return [(x, np.flatnonzero(change[:, x]))
            for x in np.flatnonzero(change.any(0))]


def _inside(owners):
    """Where everything within `MARGIN` pixels has the same owner."""
    same = np.ones(owners.shape, bool)
    for axis in (0, 1):
        for by in range(-MARGIN, MARGIN + 1):
            moved = np.roll(owners, by, axis)
            valid = np.roll(np.arange(owners.shape[axis]), by)
            near = np.abs(valid - np.arange(owners.shape[axis])) <= MARGIN
            near = near[:, None] if axis == 0 else near[None, :]
            same &= (moved == owners) | ~near
    return same


def _sharpest(steps, x, rows):
    """The strongest line along x, within `REACH` pixels beside it."""
    return max(steps[rows, x + by].mean() for by in range(-REACH, REACH + 1))


def seams(image, owners):
    """Three figures, each a ratio to the inside of regions and base.

    seam: the sharpest line along each border; plain: the same where there is
    no border, 32 pixels beside; detail: the texture along the border, below 1
    where it is blurred. None where there is nothing to compare with.
    """
    grey = image.astype(float).mean(2)
    across, along, weights = {"seam": [], "plain": []}, [], []
    for turned, who in ((grey, owners), (grey.T, owners.T)):
        inside = _inside(who)
        steps = np.abs(np.diff(turned, axis=1))
        texture = np.abs(np.diff(turned, axis=0))
        usual = steps[inside[:, 1:]].mean()
        usual_texture = texture[inside[1:]].mean()
        for x, rows in _borders(who):
            weights.append(len(rows))
            across["seam"].append(_sharpest(steps, x, rows) / usual)
            band = texture[rows[:-1], x - BAND + 1:x + BAND + 1]
            along.append(band.mean() / usual_texture)
            beside = [_sharpest(steps, there, rows[clear]) / usual
                      for there in (x - 32, x + 32)
                      for clear in [inside[rows, there - REACH:
                                           there + REACH + 1].all(1)]
                      if clear.mean() > 0.5]
            across["plain"].append(np.mean(beside) if beside else np.nan)

    def mean(values):
        values = np.array(values)
        known = ~np.isnan(values)
        return float(np.average(values[known], weights=np.array(
            weights)[known])) if known.any() else None
    return {"seam": mean(across["seam"]), "plain": mean(across["plain"]),
            "detail": mean(along)}


def texture(image, owners):
    """Mean difference of neighbouring pixels inside the regions."""
    grey = image.astype(float).mean(2)
    where = _inside(owners) & (owners > 0)
    return float(np.mean([
        np.abs(np.diff(grey, axis=0))[where[1:]].mean(),
        np.abs(np.diff(grey, axis=1))[where[:, 1:]].mean()]))


def noisy_cells(latent, scaling_factor):
    """Share of latent cells that were left as noise: those that stand out
    from the mean of their four neighbours."""
    around = np.pad(latent * scaling_factor, ((0, 0), (1, 1), (1, 1)),
                    mode="reflect")
    inner = around[:, 1:-1, 1:-1]
    mean = (around[:, 2:, 1:-1] + around[:, :-2, 1:-1]
            + around[:, 1:-1, 2:] + around[:, 1:-1, :-2]) / 4
    return float((np.sqrt(np.mean((inner - mean) ** 2, 0)) > NOISE).mean())
