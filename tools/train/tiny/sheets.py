# SPDX-License-Identifier: LGPL-2.1-or-later
"""Contact sheets: every material, once and by sixes, and pictures of several
regions."""

import os

import numpy as np
from PIL import Image, ImageDraw

from . import captions

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


def write(maker, folder, report=print):
    """Draws all sheets into folder: single prompts of seed 0, batches and
    regions of seed 1, whatever comes out."""
    os.makedirs(folder, exist_ok=True)
    report("sheet of materials")
    materials = {captions.prompt(name): maker.sample(
        (128, 128), captions.prompt(name), seed=0, steps=STEPS)[0]
        for name in captions.MATERIALS}
    sheet(materials, 6).save(os.path.join(folder, "materials.png"),
                             optimize=True)
    report("sheet of batches")
    batches = {captions.prompt(name): _strip(maker.sample(
        (128, 128), captions.prompt(name), seed=1, count=BATCH, steps=STEPS))
        for name in captions.MATERIALS}
    sheet(batches, 2).save(os.path.join(folder, "batches.png"),
                           optimize=True)
    report("sheet of regions")
    regional = {title: maker.sample((256, 256), base, regions, seed=1,
                                    steps=STEPS)[0]
                for title, (base, regions) in REGIONAL.items()}
    sheet(regional, 2).save(os.path.join(folder, "regions.png"),
                            optimize=True)
