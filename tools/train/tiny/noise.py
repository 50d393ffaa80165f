# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""Building blocks of computed textures: noise, cells and colour ramps.

All of them are plain numpy on whole arrays; a 256x256 picture takes some
milliseconds, so that a data set is a matter of minutes on one core.
"""

import functools

import numpy as np


@functools.lru_cache(maxsize=256)
def _spline_matrix(length, cell):
    """Rows of cubic B-spline weights: pixels from lattice values.

    Two such matrices around a small random lattice give smooth value noise
    without a loop over pixels.
    """
    count = int(np.ceil(length / cell)) + 4
    position = np.arange(length) / cell + 1.0
    base = np.floor(position).astype(int)
    t = position - base
    weights = (
        (1 - t) ** 3 / 6,
        (3 * t ** 3 - 6 * t ** 2 + 4) / 6,
        (-3 * t ** 3 + 3 * t ** 2 + 3 * t + 1) / 6,
        t ** 3 / 6,
    )
    matrix = np.zeros((length, count), np.float32)
    rows = np.arange(length)
    for offset, weight in enumerate(weights):
        matrix[rows, base - 1 + offset] = weight
    return matrix


def smooth(rng, height, width, cell_y, cell_x=None):
    """Smooth noise of about unit deviation with features of a cell's size."""
    rows = _spline_matrix(height, float(cell_y))
    columns = _spline_matrix(width, float(cell_x or cell_y))
    lattice = rng.standard_normal((rows.shape[1], columns.shape[1]))
    return (rows @ lattice.astype(np.float32) @ columns.T) * 2.1


def fractal(rng, height, width, cell_y, cell_x=None, octaves=4, gain=0.5):
    """A sum of `smooth` at halved cells: clouds, rust, nebulae."""
    total = np.zeros((height, width), np.float32)
    amplitude, power = 1.0, 0.0
    cell_x = cell_x or cell_y
    for _ in range(octaves):
        total += amplitude * smooth(rng, height, width, max(cell_y, 2),
                                    max(cell_x, 2))
        power += amplitude ** 2
        amplitude, cell_y, cell_x = amplitude * gain, cell_y / 2, cell_x / 2
    return total / np.sqrt(power)


def grid(height, width):
    """Row and column coordinates in pixels."""
    return np.mgrid[0:height, 0:width].astype(np.float32)


class Cells:
    """Worley cells: for each pixel the nearest of jittered lattice points.

    nearest, second: distances in units of a cell; index: an integer that
    names the nearest point; dy, dx: the way from that point in cells.
    """

    def __init__(self, rng, height, width, cell, jitter=0.8, warp=0.0,
                 stretch=1.0, turn=False):
        yy, xx = grid(height, width)
        if warp:
            yy = yy + warp * smooth(rng, height, width, cell)
            xx = xx + warp * smooth(rng, height, width, cell)
        y, x = yy / cell + 2, xx / (cell * stretch) + 2
        rows = int(y.max()) + 4
        columns = int(x.max()) + 4
        point_y = rng.uniform(-jitter, jitter, (rows, columns)) / 2 + 0.5
        point_x = rng.uniform(-jitter, jitter, (rows, columns)) / 2 + 0.5
        angle = rng.uniform(0, np.pi, (rows, columns)) if turn else None
        base_y = np.clip(np.floor(y).astype(int), 1, rows - 2)
        base_x = np.clip(np.floor(x).astype(int), 1, columns - 2)
        best = np.full((height, width), 1e9, np.float32)
        other = np.full((height, width), 1e9, np.float32)
        index = np.zeros((height, width), int)
        way_y = np.zeros((height, width), np.float32)
        way_x = np.zeros((height, width), np.float32)
        for step_y in (-1, 0, 1):
            for step_x in (-1, 0, 1):
                row, column = base_y + step_y, base_x + step_x
                dy = y - row - point_y[row, column]
                dx = x - column - point_x[row, column]
                if turn:
                    # leaves are longer than wide, each in a way of its own
                    a = angle[row, column]
                    u = dx * np.cos(a) + dy * np.sin(a)
                    v = dy * np.cos(a) - dx * np.sin(a)
                    dy, dx = v * 1.9, u
                distance = np.sqrt(dy * dy + dx * dx)
                closer = distance < best
                other = np.where(closer, best, np.minimum(other, distance))
                best = np.where(closer, distance, best)
                index = np.where(closer, row * columns + column, index)
                way_y = np.where(closer, dy, way_y)
                way_x = np.where(closer, dx, way_x)
        self.nearest, self.second, self.index = best, other, index
        self.dy, self.dx = way_y, way_x
        self.count = rows * columns

    def pick(self, rng, low=0.0, high=1.0):
        """One random value for each cell."""
        values = rng.uniform(low, high, self.count).astype(np.float32)
        return values[self.index]

    def border(self):
        """Distance to the border between two cells, 0 on it."""
        return self.second - self.nearest


def ramp(value, *stops):
    """Colours by linear interpolation; a stop is (position, '#rrggbb')."""
    positions = [position for position, _ in stops]
    colours = np.array([rgb(colour) for _, colour in stops])
    return np.stack([np.interp(value, positions, colours[:, channel])
                     for channel in range(3)], -1).astype(np.float32)


def rgb(colour):
    """'#rrggbb' as three numbers from 0 to 1."""
    return np.array([int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5)],
                    np.float32)


def mix(first, second, amount):
    """Crossfade of two pictures or colours; amount has no channel axis."""
    amount = np.clip(np.asarray(amount, np.float32), 0, 1)[..., None]
    return first * (1 - amount) + second * amount


def step(value, low, high):
    """A soft threshold: 0 below low, 1 above high."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def unit(value):
    """Noise of unit deviation to about 0..1."""
    return np.clip(value * 0.22 + 0.5, 0, 1)
