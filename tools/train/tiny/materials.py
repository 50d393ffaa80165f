# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""The materials that the model knows, each drawn by one function.

A function takes (rng, height, width, colour) and returns an RGB picture in
0..1. `colour` is None for the usual look: a caption without a colour word has
one typical picture, which a small network learns much sooner than a mixture.

Regular patterns (bricks, planks, plaid, tiles) have periods and phases in
multiples of 8 pixels: the autoencoder sees pictures in cells of 8x8, and a
pattern that falls on those cells is one that a small network can repeat.
"""

import numpy as np

from .noise import (Cells, fractal, grid, mix, ramp, rgb, smooth, step, unit)

CELL = 8

PAINT = {
    "red": "#c81e1e", "orange": "#ee7a1a", "yellow": "#f2cf2a",
    "green": "#27973a", "blue": "#2456d6", "purple": "#7a2fb4",
    "pink": "#f07fb4", "black": "#16161a", "white": "#f2f2ee",
}


def _phase(rng, period):
    return int(rng.integers(0, period // CELL)) * CELL


def lava(rng, h, w, _):
    cells = Cells(rng, h, w, rng.uniform(34, 44), warp=4)
    glow = np.exp(-cells.border() * 9) + 0.16 * fractal(rng, h, w, 32)
    return ramp(glow, (0.05, "#140404"), (0.35, "#5a0c04"), (0.55, "#d83a06"),
                (0.8, "#ff9a1a"), (1.1, "#fff08a"))


def ocean(rng, h, w, colour):
    yy, _ = grid(h, w)
    bend = smooth(rng, h, w, 28, 60) * 5
    wave = np.sin((yy + bend) * 2 * np.pi / 24 + rng.uniform(0, 6.3))
    crest = wave * 0.5 + 0.35 * smooth(rng, h, w, 12, 48)
    if colour == "turquoise":
        return ramp(crest, (-0.9, "#03504f"), (0.1, "#0f9c94"),
                    (0.6, "#58d8c8"), (1.0, "#effffb"))
    return ramp(crest, (-0.9, "#031a4a"), (0.1, "#0b4ba0"), (0.55, "#3d94d8"),
                (0.95, "#f4fbff"))


def meadow(rng, h, w, _):
    blades = 0.75 * smooth(rng, h, w, 26, 5) + 0.5 * smooth(rng, h, w, 40, 14)
    return ramp(blades, (-1.6, "#1d5a10"), (-0.2, "#4f9c1c"), (0.7, "#86cc30"),
                (1.8, "#cdf06a"))


def forest(rng, h, w, _):
    cells = Cells(rng, h, w, rng.uniform(22, 28), warp=3)
    light = 0.75 - cells.nearest - 0.35 * cells.dy - 0.25 * cells.dx
    light += 0.12 * fractal(rng, h, w, 10, octaves=2)
    return ramp(light, (-0.25, "#020c08"), (0.15, "#0a3018"),
                (0.55, "#17592c"), (1.0, "#347d40"))


def sand(rng, h, w, _):
    yy, xx = grid(h, w)
    bend = smooth(rng, h, w, 56) * 9
    ripple = np.sin((yy + bend + 0.15 * xx) * 2 * np.pi / 26)
    value = ripple * 0.5 + 0.2 * smooth(rng, h, w, 40)
    return ramp(value, (-0.7, "#a87a3c"), (0, "#d8ae68"), (0.7, "#f4dca0"))


def snow(rng, h, w, _):
    value = fractal(rng, h, w, 40, 64, octaves=3)
    return ramp(value, (-1.8, "#c4d6f0"), (-0.4, "#e8f0fb"), (0.8, "#ffffff"))


def clouds(rng, h, w, _):
    yy, _ = grid(h, w)
    sky = ramp(yy / h, (0, "#2c72d8"), (1, "#74b2f2"))
    puff = fractal(rng, h, w, 44, 60, octaves=4)
    shade = ramp(puff, (0.2, "#dfe6ee"), (1.4, "#ffffff"))
    return mix(sky, shade, step(puff, 0.0, 0.7))


def _stars(rng, picture, count, largest=2.6):
    h, w, _ = picture.shape
    for _ in range(int(count * h * w / 16384)):
        y, x = rng.uniform(0, h), rng.uniform(0, w)
        radius = rng.uniform(0.8, largest)
        top, left = int(max(y - 9, 0)), int(max(x - 9, 0))
        part = picture[top:int(y + 10), left:int(x + 10)]
        yy, xx = grid(*part.shape[:2])
        far = (yy + top - y) ** 2 + (xx + left - x) ** 2
        part += (np.exp(-far / radius ** 2)[..., None]
                 * np.array([0.95, 0.97, 1.0], np.float32))
    return np.minimum(picture, 1)


def starry(rng, h, w, _):
    haze = fractal(rng, h, w, 60, octaves=3)
    sky = ramp(haze, (-1, "#03041a"), (0.6, "#0b1038"), (2, "#222a6a"))
    return _stars(rng, sky, 70)


def sunset(rng, h, w, _):
    yy, _ = grid(h, w)
    height = yy / h + 0.05 * smooth(rng, h, w, 24, 90)
    sky = ramp(height, (0, "#4a1f72"), (0.35, "#b03a72"), (0.65, "#f4703a"),
               (1, "#ffd45a"))
    band = step(smooth(rng, h, w, 10, 56), 0.5, 1.4)
    return mix(sky, sky * np.array([0.72, 0.55, 0.7], np.float32), band * 0.8)


def brick(rng, h, w, colour):
    tall, wide = 16, 32
    yy, xx = grid(h, w)
    yy, xx = yy + _phase(rng, 2 * tall), xx + _phase(rng, wide)
    row = np.floor(yy / tall).astype(int)
    x = xx + (row % 2) * (wide // 2)
    column = np.floor(x / wide).astype(int)
    tone = rng.uniform(-1, 1, (row.max() + 1, column.max() + 1))[row, column]
    stops = {"gray": ("#5c5f66", "#90949c"), "yellow": ("#b8892c", "#e0ba62"),
             None: ("#8c2c1c", "#c04a30")}[colour]
    face = ramp(tone + 0.3 * smooth(rng, h, w, 8), (-1, stops[0]),
                (1, stops[1]))
    joint = (yy % tall < 3) | (x % wide < 3)
    return np.where(joint[..., None], rgb("#d4ccc0"), face)


def wood(rng, h, w, _):
    tall = 32
    yy, xx = grid(h, w)
    yy = yy + _phase(rng, tall)
    row = np.floor(yy / tall).astype(int)
    tone = rng.uniform(-0.5, 0.5, row.max() + 1)[row]
    bend = smooth(rng, h, w, 14, 90) * 3
    grain = np.sin((yy + bend) * 2 * np.pi / 8) * 0.3
    face = ramp(tone + grain + 0.15 * smooth(rng, h, w, 3, 40),
                (-1, "#5a3216"), (0, "#8f5a2a"), (1, "#b98046"))
    return np.where((yy % tall < 3)[..., None], rgb("#24120a"), face)


def marble(rng, h, w, colour):
    warp = fractal(rng, h, w, 48, octaves=3)
    vein = np.exp(-np.abs(warp) * 9)
    fine = np.exp(-np.abs(fractal(rng, h, w, 30, octaves=3)) * 14) * 0.5
    cloud = unit(smooth(rng, h, w, 50))
    stops = {"black": ("#0e0c0c", "#1e1a1a", "#d8d4cc"),
             "green": ("#145a44", "#2a7a5c", "#d4ecdc"),
             None: ("#e6e4e0", "#f6f5f2", "#5a5a66")}[colour]
    face = ramp(cloud, (0.2, stops[0]), (0.8, stops[1]))
    return mix(face, rgb(stops[2]), np.maximum(vein, fine) * 0.85)


def fire(rng, h, w, colour):
    tongue = smooth(rng, h, w, 44, 14) + 0.5 * smooth(rng, h, w, 22, 8)
    if colour == "blue":
        return ramp(tongue, (-0.9, "#01020c"), (0, "#0a2ab4"),
                    (0.7, "#2a8cff"), (1.7, "#e4f8ff"))
    return ramp(tongue, (-0.9, "#140301"), (-0.1, "#b02a04"), (0.5, "#ff8a10"),
                (1.0, "#ffd43a"), (1.8, "#fffbd0"))


def cobble(rng, h, w, _):
    cells = Cells(rng, h, w, 28, jitter=0.65)
    tone = cells.pick(rng, -1, 1)
    face = ramp(tone - 0.5 * cells.dy, (-1, "#5e626a"), (0, "#8a8d92"),
                (1, "#b4b2ae"))
    return mix(rgb("#16140f"), face, step(cells.border(), 0.1, 0.28))


def ice(rng, h, w, _):
    cells = Cells(rng, h, w, 46, warp=2)
    body = ramp(cells.pick(rng, -0.6, 0.6) + 0.4 * smooth(rng, h, w, 30),
                (-1, "#6cc0e0"), (0, "#98dcf2"), (1, "#bceefa"))
    return mix(body, rgb("#f6feff"), np.exp(-cells.border() * 16))


def rust(rng, h, w, _):
    value = fractal(rng, h, w, 22, octaves=4, gain=0.65)
    face = ramp(value, (-1.6, "#3a1408"), (-0.3, "#8a3c12"), (0.6, "#b85c1e"),
                (1.7, "#d8883a"))
    bare = step(fractal(rng, h, w, 48, octaves=3), 0.75, 0.95)
    return mix(face, ramp(value, (-1, "#646c76"), (1, "#848e98")), bare)


def plaid(rng, h, w, colour):
    period = 32
    yy, xx = grid(h, w)
    across = (yy + _phase(rng, period)) % period < period // 2
    along = (xx + _phase(rng, period)) % period < period // 2
    dye = rgb(PAINT[colour or "red"])
    other = rgb("#f4f2ea" if colour == "black" else "#17171b")
    if colour == "white":
        other = rgb("#6a6a70")
    shade = (across.astype(np.float32) + along) / 2
    cloth = mix(np.broadcast_to(other, (h, w, 3)), dye, shade)
    twill = ((yy + xx) % 4 < 2).astype(np.float32)
    return cloth * (1 - 0.06 * twill[..., None])


def leaves(rng, h, w, colour):
    stops = {"green": ("#1a5c14", "#3f9a24", "#7cc83c"),
             None: ("#a01c0c", "#d8540e", "#f0a41e")}[colour]
    picture = np.broadcast_to(rgb("#1c0e06"), (h, w, 3))
    for _ in range(2):
        cells = Cells(rng, h, w, 24, turn=True)
        face = ramp(cells.pick(rng), (0, stops[0]), (0.5, stops[1]),
                    (1, stops[2]))
        face = face * (0.75 + 0.5 * step(np.abs(cells.dy), 0.03, 0.12)
                       - 0.5 * cells.nearest)[..., None]
        picture = mix(picture, face, step(-cells.nearest, -0.62, -0.55))
    return picture


def rain(rng, h, w, _):
    air = ramp(fractal(rng, h, w, 60, octaves=3), (-1.5, "#2c3642"),
               (1.5, "#66727e"))
    yy, xx = grid(h, w)
    wide = w + h
    streak = smooth(rng, h, wide, 26, 3)
    column = np.minimum((xx + yy * 0.45).astype(int), wide - 1)
    drops = streak[yy.astype(int), column]
    return mix(air, rgb("#c4d4e2"), step(drops, 1.15, 1.9))


def nebula(rng, h, w, colour):
    hue = {"blue": ("#0a2a8a", "#2f9cff"), "red": ("#6a0a14", "#f4543a"),
           "green": ("#0a4a26", "#3ad47a"),
           None: ("#5a1486", "#f05af0")}[colour]
    gas = fractal(rng, h, w, 52, octaves=4)
    sky = ramp(gas, (-1.2, "#030208"), (0.1, hue[0]), (1.2, hue[1]))
    return _stars(rng, sky, 14, 2.0)


def flowers(rng, h, w, colour):
    ground = ramp(smooth(rng, h, w, 22, 7), (-1.6, "#1f5016"), (0, "#3a7a20"),
                  (1.6, "#68a834"))
    cells = Cells(rng, h, w, 26, jitter=0.5)
    turn = cells.pick(rng, 0, 6.3)
    angle = np.arctan2(cells.dy, cells.dx) * 5 + turn
    petal = cells.nearest / (0.38 + 0.1 * np.cos(angle))
    dye = rgb(PAINT[colour or "pink"])
    bloom = dye * (1.1 - 0.35 * petal[..., None])
    picture = mix(ground, np.clip(bloom, 0, 1), step(-petal, -1.05, -0.9))
    heart = rgb("#5a3a10" if colour in ("yellow", "orange") else "#f6d02a")
    return mix(picture, heart, step(-cells.nearest, -0.15, -0.1))


def gold(rng, h, w, colour):
    cells = Cells(rng, h, w, 30, jitter=0.9)
    slope = cells.pick(rng, -0.7, 0.7)
    light = slope - 0.9 * cells.dy - 0.5 * cells.dx
    if colour == "silver":
        return ramp(light, (-1.1, "#4a4c52"), (0, "#b4b8c0"), (1, "#ffffff"))
    return ramp(light, (-1.2, "#8a5a04"), (-0.2, "#dea012"), (0.5, "#f8cc3a"),
                (1.1, "#fff4a8"))


def tiles(rng, h, w, colour):
    period = 32
    yy, xx = grid(h, w)
    yy, xx = yy + _phase(rng, period), xx + _phase(rng, period)
    row, column = (yy // period).astype(int), (xx // period).astype(int)
    tone = rng.uniform(0.88, 1.08, (row.max() + 1, column.max() + 1))
    dye = rgb(PAINT[colour] if colour else "#2a9aa0")
    lean = 1 + 0.06 * ((period / 2 - yy % period) / period)
    face = np.clip(dye * (tone[row, column] * lean)[..., None], 0, 1)
    joint = (yy % period < 4) | (xx % period < 4)
    return np.where(joint[..., None],
                    rgb("#8a8a8e" if colour == "white" else "#f0eee8"), face)


def aurora(rng, h, w, _):
    yy, xx = grid(h, w)
    sky = ramp(yy / h, (0, "#05021a"), (1, "#031420"))
    curtain = smooth(rng, h, w, 400, 9) * 0.35 + smooth(rng, h, w, 400, 40)
    foot = h * 0.66 + smooth(rng, h, w, 400, 44) * h * 0.07
    rise = (foot - yy) / (h * 0.42)
    veil = np.where(rise > 0, np.exp(-rise * 1.6), np.exp(rise * 7))
    veil = veil * np.clip(0.62 + 0.3 * curtain, 0.08, 1.3)
    light = ramp(veil, (0, "#000000"), (0.4, "#0e6a4a"), (0.8, "#2ee08a"),
                 (1.2, "#c8ffe0"))
    return np.minimum(_stars(rng, sky, 16, 1.6) + light, 1)


def draw(name, rng, height, width, colour=None):
    """A picture of the named material as uint8 RGB, light varied a little."""
    picture = globals()[name](rng, height, width, colour)
    light = rng.uniform(0.92, 1.06)
    return (np.clip(picture * light, 0, 1) * 255 + 0.5).astype(np.uint8)
