# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""Landscapes with a horizon, at a time of day: grounds for objects to stand
on, each drawn by one function from noise."""

import numpy as np

from . import materials
from .noise import fractal, grid, mix, ramp, rgb, smooth, step

TIMES = ("day", "night", "sunset")


def _sky(rng, h, w, time):
    if time == "night":
        return materials.starry(rng, h, w, None)
    if time == "sunset":
        return materials.sunset(rng, h, w, None)
    return materials.clouds(rng, h, w, None)


def _light(picture, time):
    """The ground's colours in the light of the time of day."""
    if time == "night":
        grey = picture.mean(-1, keepdims=True)
        return ((0.45 * picture + 0.55 * grey)
                * np.array([0.34, 0.42, 0.66], np.float32))
    if time == "sunset":
        return np.clip(picture * np.array([1.02, 0.72, 0.68], np.float32)
                       + np.array([0.05, 0.0, 0.04], np.float32), 0, 1)
    return picture


def _ridge(rng, w, level, height, width):
    """Heights of a jagged line over w columns."""
    x = np.arange(w, dtype=np.float32)
    line = np.zeros(w, np.float32)
    at = rng.uniform(-width, 0)
    while at < w + width:
        peak = rng.uniform(0.45, 1.0) * height
        slope = peak / (width * rng.uniform(0.55, 0.8))
        line = np.maximum(line, peak - np.abs(x - at) * slope)
        at += width * rng.uniform(0.5, 0.9)
    jag = smooth(rng, 2, w, 400, max(width / 9, 3))[0]
    return level - line - jag * height * 0.03


def _lit(rng, h, w, ridge, width):
    """Which sides of mountains the sun meets, roughly: -1..1."""
    x = np.arange(w)
    slope = np.gradient(np.convolve(ridge, np.ones(5) / 5, "same"))
    yy, xx = grid(h, w)
    # a side's shadow leans towards the foot
    shift = np.clip(xx + 0.2 * (yy - ridge[x][None]) + 5
                    * smooth(rng, h, w, 10, 16), 0, w - 1).astype(int)
    return np.tanh(slope[shift] * 2.5)


def _mountains(rng, h, w, time, caps, stops, ground):
    horizon = h * rng.uniform(0.58, 0.68)
    picture = _sky(rng, h, w, time)
    yy, _ = grid(h, w)
    tall = min(h * 0.48, w * 0.6)
    for far, share in ((0.55, 1.0), (0.0, 0.62)):
        width = tall * rng.uniform(0.75, 1.0) * (0.75 + 0.25 * share)
        ridge = _ridge(rng, w, horizon, tall * share, width)
        light = _lit(rng, h, w, ridge, width)
        face = ramp(light + 0.25 * fractal(rng, h, w, 14, octaves=3),
                    (-1.2, stops[0]), (0.2, stops[1]), (1.2, stops[2]))
        if caps:
            depth = (yy - ridge[None]) / (tall * 0.34) + 0.22 * smooth(
                rng, h, w, 9, 7)
            snow = ramp(light, (-1, "#a8bcdc"), (0.3, "#ffffff"))
            face = mix(face, snow, step(-depth, -1.15, -0.85))
        face = mix(face, rgb("#8fb0d8"), np.full((h, w), far * 0.6))
        picture = mix(picture, _light(face, time),
                      step(yy - ridge[None], -0.7, 0.7))
    floor = _light(ground(rng, h, w), time)
    edge = horizon + 2.5 * smooth(rng, 2, w, 400, 36)[0]
    return mix(picture, floor, step(yy - edge[None], -1, 1))


def snowy_mountains(rng, h, w, time):
    return _mountains(rng, h, w, time, True,
                      ("#3c4a68", "#66789a", "#98a8c4"),
                      lambda *a: materials.snow(*a, None))


def rocky_mountains(rng, h, w, time):
    def ground(rng, h, w):
        value = smooth(rng, h, w, 16, 30)
        return ramp(value, (-1.5, "#5c5a3a"), (0.5, "#8c8450"),
                    (2, "#a89a60"))
    return _mountains(rng, h, w, time, False,
                      ("#3a2e2a", "#7a6656", "#b09880"), ground)


def hills(rng, h, w, time):
    picture = _sky(rng, h, w, time)
    yy, _ = grid(h, w)
    low = h * rng.uniform(0.46, 0.54)
    shades = (("#2f6a34", "#4f8f4a"), ("#3f8228", "#6cae3c"),
              ("#5a9e2a", "#93cc48"))
    for i, shade in enumerate(shades):
        line = low + h * 0.15 * i + h * 0.05 * smooth(
            rng, 2, w, 400, w * 0.32)[0]
        face = ramp(0.5 * smooth(rng, h, w, 26, 6) + (yy - line[None])
                    / h * 3, (-1, shade[0]), (1, shade[1]))
        picture = mix(picture, _light(face, time),
                      step(yy - line[None], -0.8, 0.8))
    return picture


def city(rng, h, w, time):
    picture = _sky(rng, h, w, time)
    horizon = int(h * rng.uniform(0.64, 0.72))
    lamps = "#ffd874" if time != "day" else "#bfe0f4"
    for far in (True, False):
        left = -int(rng.integers(0, 12))
        while left < w:
            wide = 8 * int(rng.integers(2, 4)) - (2 if far else 0)
            tall = int(h * (rng.uniform(0.26, 0.5) if far
                            else rng.uniform(0.12, 0.34)))
            tone = rng.uniform(-0.06, 0.06)
            face = np.clip(rgb("#6a7894" if far else "#475068") + tone, 0, 1)
            a, b = max(left, 0), min(left + wide, w)
            top = horizon - tall
            if a < b:
                picture[top:horizon, a:b] = _light(face[None, None], time)
                # windows on a lattice of 4 pixels
                for y in range(top + 3, horizon - 3, 6):
                    for x in range(left + 3, left + wide - 3, 5):
                        if a <= x < b - 2 and rng.random() < 0.6:
                            picture[y:y + 3, x:x + 3] = rgb(lamps) * (
                                0.9 if not far else 0.7)
            left += wide + int(rng.integers(-2, 3))
    street = ramp(smooth(rng, h, w, 10, 24), (-1.5, "#54575e"),
                  (1.5, "#74777e"))
    picture[horizon:] = _light(street, time)[horizon:]
    return picture


def beach(rng, h, w, time):
    picture = _sky(rng, h, w, time)
    yy, _ = grid(h, w)
    horizon = h * rng.uniform(0.42, 0.5)
    shore = h * rng.uniform(0.62, 0.7) + 5 * smooth(rng, 2, w, 400, 30)[0]
    wave = np.sin((yy + 2 * smooth(rng, h, w, 12, 40)) * 2 * np.pi / 12)
    sea = ramp(wave * 0.5 + (yy - horizon) / h * 2, (-0.6, "#0f5ea8"),
               (0.3, "#2a8ec8"), (1, "#6fd0dc"))
    picture = mix(picture, _light(sea, time),
                  (yy > horizon).astype(np.float32))
    sand = ramp(0.6 * smooth(rng, h, w, 8, 26), (-1.5, "#d8b070"),
                (0, "#ecd090"), (1.5, "#f8e6b4"))
    foam = np.exp(-((yy - shore[None]) / 2.5) ** 2)
    picture = mix(picture, _light(sand, time), step(yy - shore[None], -1, 1))
    return mix(picture, _light(rgb("#ffffff"), time), foam * 0.9)


LANDSCAPES = {
    # key: function, names
    "snowy mountains": (snowy_mountains, (
        "snowy mountains", "snowy peaks", "mountains with snow", "the alps")),
    "rocky mountains": (rocky_mountains, (
        "rocky mountains", "mountains", "rocky peaks")),
    "hills": (hills, ("green hills", "hills", "rolling hills",
                      "grassy hills", "countryside")),
    "city": (city, ("city skyline", "city", "skyscrapers", "town", "street")),
    "beach": (beach, ("beach", "sandy beach", "seashore", "coast")),
}
_TIME_WORDS = {
    "night": ("{} at night", "{} at night", "{} by night",
              "{} under a starry sky", "night over {}"),
    "sunset": ("{} at sunset", "{} at sunset", "{} at dusk", "{} at sunrise",
               "sunset over {}"),
    "day": ("{}", "{}", "{}", "{}", "{} by day", "{} under a blue sky",
            "{} at day"),
}


def words(rng, key, time):
    """A name of the landscape with its time."""
    names = LANDSCAPES[key][1]
    name = names[0] if rng.random() < 0.4 else names[
        rng.integers(len(names))]
    frames = _TIME_WORDS[time]
    return frames[rng.integers(len(frames))].format(name)


def all_words():
    """Every name with every time: for the tokenizer."""
    return [frame.format(name) for _, names in LANDSCAPES.values()
            for name in names for frames in _TIME_WORDS.values()
            for frame in frames]


def draw(key, rng, height, width, time):
    """A picture as floats of RGB, light varied a little."""
    picture = LANDSCAPES[key][0](rng, height, width, time)
    return np.clip(picture * rng.uniform(0.94, 1.05), 0, 1).astype(
        np.float32)
