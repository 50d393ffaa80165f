# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""Objects that the font lacks, drawn as polygons with some freedom."""

import numpy as np
from PIL import Image, ImageDraw

SIZE, FINE = 144, 3  # pixels of a side; drawn so many times larger


class _Pen:
    """Draws in units of 0..1 (x to the right, y downwards)."""

    def __init__(self):
        self.page = Image.new("RGBA", (SIZE * FINE,) * 2, (0, 0, 0, 0))
        self.pen = ImageDraw.Draw(self.page)

    @staticmethod
    def _at(points):
        return [(x * SIZE * FINE, y * SIZE * FINE) for x, y in points]

    def area(self, colour, *points):
        self.pen.polygon(self._at(points), fill=colour)

    def box(self, colour, left, top, right, bottom):
        self.area(colour, (left, top), (right, top), (right, bottom),
                  (left, bottom))

    def oval(self, colour, left, top, right, bottom):
        self.pen.ellipse([c for p in self._at([(left, top), (right, bottom)])
                          for c in p], fill=colour)

    def line(self, colour, width, *points):
        self.pen.line(self._at(points), fill=colour,
                      width=round(width * SIZE * FINE), joint="curve")

    def done(self):
        return self.page.resize((SIZE, SIZE), Image.Resampling.LANCZOS)


def _lighthouse(rng, pen):
    top, low = 0.11 * rng.uniform(0.9, 1.1), 0.2 * rng.uniform(0.9, 1.1)
    start, end = 0.26, 0.93

    def half(y):
        return top + (low - top) * (y - start) / (end - start)

    pen.area("#6d6a66", (0.16, 1), (0.22, 0.9), (0.4, 0.87), (0.62, 0.87),
             (0.8, 0.91), (0.86, 1))
    bands = 5
    for i in range(bands):
        a = start + (end - start) * i / bands
        b = start + (end - start) * (i + 1) / bands
        pen.area("#d93a2e" if i % 2 == 0 else "#f4f1ea",
                 (0.5 - half(a), a), (0.5 + half(a), a),
                 (0.5 + half(b), b), (0.5 - half(b), b))
        # the side away from the light
        pen.area("#b32a22" if i % 2 == 0 else "#cfcac4",
                 (0.5 + half(a) * 0.45, a), (0.5 + half(a), a),
                 (0.5 + half(b), b), (0.5 + half(b) * 0.45, b))
    pen.box("#3a3f4a", 0.5 - top - 0.05, 0.235, 0.5 + top + 0.05, 0.27)
    pen.box("#ffe27a", 0.5 - top + 0.02, 0.12, 0.5 + top - 0.02, 0.235)
    pen.box("#3a3f4a", 0.485, 0.12, 0.515, 0.235)
    pen.area("#b32a22", (0.5 - top - 0.01, 0.125), (0.5, 0.02),
             (0.5 + top + 0.01, 0.125))
    pen.box("#4a3326", 0.46, 0.82, 0.54, 0.93)


def _windmill(rng, pen):
    pen.area("#e9dcc3", (0.34, 1), (0.4, 0.42), (0.6, 0.42), (0.66, 1))
    pen.area("#c9b898", (0.54, 1), (0.53, 0.42), (0.6, 0.42), (0.66, 1))
    pen.area("#9a3f2b", (0.37, 0.44), (0.5, 0.26), (0.63, 0.44))
    pen.box("#5a3a26", 0.45, 0.84, 0.55, 1)
    pen.box("#6b8fb0", 0.46, 0.6, 0.54, 0.68)
    turn = rng.uniform(0.3, 1.2)
    for i in range(4):
        a = turn + i * np.pi / 2
        along = np.array([np.cos(a), np.sin(a)])
        across = np.array([-along[1], along[0]])
        hub = np.array([0.5, 0.4])
        corners = [hub + along * 0.08, hub + along * 0.4,
                   hub + along * 0.4 + across * 0.11,
                   hub + along * 0.08 + across * 0.11]
        pen.area("#fbf8f0", *map(tuple, corners))
        for share in (0.33, 0.66):
            pen.line("#8a6a4a", 0.012,
                     tuple(hub + along * (0.08 + 0.32 * share)),
                     tuple(hub + along * (0.08 + 0.32 * share)
                           + across * 0.11))
        pen.line("#5a3a26", 0.022, tuple(hub), tuple(hub + along * 0.41))
    pen.oval("#3a2618", 0.465, 0.365, 0.535, 0.435)


def _igloo(rng, pen):
    pen.oval("#e8f3fb", 0.06, 0.22, 0.94, 1.3)
    for i, y in enumerate((0.42, 0.6, 0.78)):
        pen.line("#a8c8e0", 0.014, (0.1, y), (0.9, y))
        for x in np.arange(0.12 + 0.08 * (i % 2), 0.95, 0.16):
            pen.line("#a8c8e0", 0.014, (x, y), (x, y + 0.18))
    pen.line("#a8c8e0", 0.014, (0.5, 0.24), (0.5, 0.42))
    pen.oval("#d2e6f4", 0.3, 0.56, 0.7, 1.3)
    pen.oval("#28405c", 0.37, 0.66, 0.63, 1.25)
    # what is outside of the dome or below the ground goes
    mask = Image.new("L", pen.page.size)
    half = ImageDraw.Draw(mask)
    side = SIZE * FINE
    half.ellipse([0.06 * side, 0.22 * side, 0.94 * side, 1.3 * side],
                 fill=255)
    half.rectangle([0, 0.9 * side, side, side], fill=0)
    pen.page.putalpha(mask)


def _pyramid(rng, pen):
    tip = (0.5 + rng.uniform(-0.05, 0.05), 0.12)
    edge = (0.62 + rng.uniform(-0.04, 0.04), 0.92)
    pen.area("#e8c06a", tip, (0.02, 0.86), edge)
    pen.area("#a87a34", tip, edge, (0.98, 0.84))
    for share in np.arange(0.14, 1, 0.12):
        left = [t + (c - t) * share for t, c in zip(tip, (0.02, 0.86))]
        middle = [t + (c - t) * share for t, c in zip(tip, edge)]
        right = [t + (c - t) * share for t, c in zip(tip, (0.98, 0.84))]
        pen.line("#c99c4a", 0.01, tuple(left), tuple(middle))
        pen.line("#8a6228", 0.01, tuple(middle), tuple(right))


def _cottage(rng, pen):
    pen.box("#7a4a32", 0.66, 0.14, 0.76, 0.4)
    pen.box("#f2e4c8", 0.16, 0.5, 0.84, 0.98)
    pen.box("#d8c6a4", 0.66, 0.5, 0.84, 0.98)
    pen.area("#8c5a34", (0.06, 0.54), (0.28, 0.2), (0.72, 0.2), (0.94, 0.54))
    for y in (0.3, 0.38, 0.46):
        pen.line("#6e4426", 0.012, (0.2, y), (0.8, y))
    pen.box("#5c3620", 0.43, 0.68, 0.57, 0.98)
    for left in (0.22, 0.64):
        pen.box("#ffffff", left - 0.015, 0.625, left + 0.155, 0.795)
        pen.box("#6aa6d8", left, 0.64, left + 0.14, 0.78)
        pen.line("#ffffff", 0.014, (left + 0.07, 0.64), (left + 0.07, 0.78))


def _hot_air_balloon(rng, pen):
    pen.oval("#e2362e", 0.14, 0.0, 0.86, 0.7)
    pen.oval("#f6c52e", 0.26, 0.0, 0.74, 0.7)
    pen.oval("#e2362e", 0.38, 0.0, 0.62, 0.7)
    pen.area("#c22a24", (0.24, 0.56), (0.76, 0.56), (0.59, 0.76),
             (0.41, 0.76))
    pen.area("#f6c52e", (0.33, 0.6), (0.44, 0.63), (0.47, 0.76),
             (0.43, 0.76))
    pen.area("#f6c52e", (0.67, 0.6), (0.56, 0.63), (0.53, 0.76),
             (0.57, 0.76))
    for x, y in ((0.42, 0.44), (0.58, 0.56)):
        pen.line("#5a3a22", 0.012, (x, 0.76), (y, 0.88))
    pen.line("#5a3a22", 0.012, (0.42, 0.76), (0.44, 0.88))
    pen.line("#5a3a22", 0.012, (0.58, 0.76), (0.56, 0.88))
    pen.area("#8a5a30", (0.42, 0.87), (0.58, 0.87), (0.56, 1), (0.44, 1))


_PROGRAMS = {"lighthouse": _lighthouse, "windmill": _windmill,
             "igloo": _igloo, "pyramid": _pyramid, "cottage": _cottage,
             "hot air balloon": _hot_air_balloon}


def draw(name, rng):
    """An RGBA picture of the named object."""
    pen = _Pen()
    _PROGRAMS[name](rng, pen)
    return pen.done()
