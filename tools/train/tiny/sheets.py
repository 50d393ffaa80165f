# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""Contact sheets: every material, landscape and object, and pictures of
several regions, of fixed seeds, whatever comes out."""

import os

import numpy as np
from PIL import Image, ImageDraw

from . import captions, landscapes, objects

STEPS = 20
LABEL = 12  # pixels above a picture
BATCH = 6  # of each material, in the sheet of batches

# title: base and regions of a 256x256 picture
REGIONAL = {
    "starry night sky; lava, green meadow": (
        "starry night sky", (("lava", (128, 256, 0, 128)),
                             ("green meadow", (128, 256, 128, 256)))),
    "sunset sky; ocean waves, fire": (
        "sunset sky", (("ocean waves", (152, 256, 0, 256)),
                       ("fire", (64, 152, 88, 168)))),
    "ice, lava, gold, green forest": (
        "ice", (("lava", (0, 128, 128, 256)), ("gold", (128, 256, 0, 128)),
                ("green forest", (128, 256, 128, 256)))),
    "brick wall; blue sky, wood, tiles, plaid": (
        "brick wall", (
            ("blue sky with clouds", (0, 112, 0, 112)),
            ("wood planks", (0, 112, 144, 256)),
            ("blue ceramic tiles", (144, 256, 0, 112)),
            ("plaid fabric", (144, 256, 144, 256)))),
}
# ten pictures, of seed 0 to 9: base and regions of 256x256
SCENES = (
    ("snowy mountains at night", (("a fox", (144, 248, 24, 128)),
                                  ("a castle", (96, 216, 128, 248)))),
    ("green hills", (("a horse", (128, 248, 16, 136)),
                     ("a windmill", (80, 192, 144, 248)),
                     ("sun", (8, 88, 16, 96)))),
    ("beach at sunset", (("a palm tree", (72, 232, 8, 120)),
                         ("a sailboat", (64, 144, 144, 224)),
                         ("a crab", (184, 248, 136, 208)))),
    ("city skyline at night", (("a full moon", (8, 88, 152, 232)),
                               ("a red car", (160, 248, 24, 128)),
                               ("a cat", (160, 248, 152, 240)))),
    ("starry night sky over snow", (("a rocket", (16, 120, 144, 248)),
                                    ("a penguin", (136, 248, 32, 128)),
                                    ("an igloo", (136, 240, 136, 248)))),
    ("ocean waves", (("a whale", (128, 240, 16, 128)),
                     ("a lighthouse", (24, 152, 152, 248)))),
    ("green forest", (("a deer", (120, 248, 24, 136)),
                      ("a mushroom", (160, 248, 152, 240)),
                      ("an owl", (16, 104, 152, 240)))),
    ("sand dunes", (("a camel", (120, 240, 16, 136)),
                    ("a pyramid", (72, 176, 144, 248)),
                    ("a cactus", (184, 248, 160, 224)))),
    ("nebula", (("a planet", (16, 112, 16, 112)),
                ("a rocket", (96, 216, 128, 240)),
                ("an alien", (152, 248, 16, 112)))),
    ("snowy mountains", (("a house", (128, 248, 128, 248)),
                         ("a snowman", (144, 248, 24, 120)),
                         ("a hot air balloon", (8, 104, 40, 128)))),
)


def sheet(pictures, columns):
    """Labelled pictures of one size in rows, in 256 colours: they are for
    looking at, and a repository keeps them forever."""
    height, width, _ = next(iter(pictures.values())).shape
    rows = -(-len(pictures) // columns)
    page = Image.new("RGB", (columns * width, rows * (height + LABEL)),
                     "white")
    pen = ImageDraw.Draw(page)
    for i, (title, picture) in enumerate(pictures.items()):
        left = i % columns * width
        top = i // columns * (height + LABEL)
        pen.text((left + 2, top), title, fill="black")
        page.paste(Image.fromarray(np.ascontiguousarray(picture)),
                   (left, top + LABEL))
    palette = page.quantize(256)
    return page.quantize(palette=palette,
                         dither=Image.Dither.FLOYDSTEINBERG)


def _strip(pictures):
    """Pictures of one prompt side by side, at half their size."""
    return np.concatenate([
        np.asarray(Image.fromarray(np.ascontiguousarray(picture)).reduce(2))
        for picture in pictures], axis=1)


def _half(picture):
    return np.asarray(Image.fromarray(np.ascontiguousarray(picture)).reduce(
        2))


def write(maker, folder, report=print):
    """Draws all sheets into folder: single prompts of seed 0, batches and
    regions of materials of seed 1, scenes of seeds 0 to 9."""
    os.makedirs(folder, exist_ok=True)

    def save(name, pictures, columns):
        sheet(pictures, columns).save(os.path.join(folder, name + ".png"),
                                      optimize=True)

    def one(prompt, size=(128, 128)):
        return maker.sample(size, prompt, seed=0, steps=STEPS)[0]

    report("sheet of materials")
    save("materials", {captions.prompt(name): one(captions.prompt(name))
                       for name in captions.MATERIALS}, 6)
    report("sheet of landscapes")
    save("landscapes", {words: one(words) for name in landscapes.LANDSCAPES
                        for time in ("", " at night", " at sunset")
                        for words in [captions.prompt(name) + time]}, 6)
    report("sheet of objects")
    save("objects", {captions.prompt(name): _half(one(captions.prompt(name)))
                     for name in objects.NAMES}, 16)
    report("sheet of scenes")
    save("scenes", {
        f"{seed}: {base}; " + ", ".join(words for words, _ in regions):
        maker.sample((256, 256), base, regions, seed=seed, steps=STEPS)[0]
        for seed, (base, regions) in enumerate(SCENES)}, 5)
    report("sheet of batches")
    batches = {captions.prompt(name): _strip(maker.sample(
        (128, 128), captions.prompt(name), seed=1, count=BATCH, steps=STEPS))
        for name in captions.MATERIALS}
    save("batches", batches, 2)
    report("sheet of regions")
    save("regions", {title: maker.sample((256, 256), base, regions, seed=1,
                                         steps=STEPS)[0]
                     for title, (base, regions) in REGIONAL.items()}, 2)
