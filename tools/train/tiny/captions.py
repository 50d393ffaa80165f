# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""The grammar of captions: what the model can be asked for.

A material has a first name (used by the evaluation), synonyms, and colours
in which it also comes. A ground is a material, a scene (a sky above a
ground) or a landscape at a time of day. Objects stand on grounds, alone or
by twos and threes, with a colour, a size and a place, or without.

A picture's label is a dictionary:

    ground   ("material", name, colour), ("scene", sky, ground, colour) or
             ("landscape", name, time)
    objects  a list of dictionaries: name, colour (None: the usual one), size
             ("small", "large" or ""), place ("left", ... or "") and box
             (top, bottom, left, right in pixels)
"""

from dataclasses import dataclass

from . import landscapes, objects

PAINTS = ("red", "orange", "yellow", "green", "blue", "purple", "pink",
          "black", "white")


@dataclass(frozen=True)
class Material:
    """names: what it is called, most usual first; coloured: with a colour."""

    names: tuple
    colours: tuple = ()
    coloured: tuple = ()
    role: str = ""  # "sky" or "ground": may be half of a scene


MATERIALS = {
    "lava": Material(("lava", "molten lava", "magma", "flowing lava",
                      "glowing lava", "hot lava", "volcanic lava"),
                     role="ground"),
    "ocean": Material(("ocean waves", "ocean", "sea", "waves", "water",
                       "blue ocean", "blue sea", "lake", "sea waves"),
                      ("turquoise",), ("ocean", "sea", "water", "lake"),
                      "ground"),
    "meadow": Material(("grass", "green meadow", "meadow", "lawn",
                        "green grass", "grass field", "fresh green grass"),
                       role="ground"),
    "forest": Material(("green forest", "forest", "trees", "woods", "jungle",
                        "dense forest", "forest canopy", "dark forest"),
                       role="ground"),
    "sand": Material(("sand dunes", "sand", "desert", "dunes", "sand desert",
                      "desert sand"), role="ground"),
    "snow": Material(("snow", "white snow", "fresh snow", "snow field",
                      "snowy field"), role="ground"),
    "clouds": Material(("blue sky with clouds", "blue sky", "clouds",
                        "cloudy sky", "sky", "white clouds"), role="sky"),
    "starry": Material(("starry night sky", "starry sky", "night sky",
                        "stars", "starry night", "night", "shining stars"),
                       role="sky"),
    "sunset": Material(("sunset sky", "sunset", "sunrise", "dusk",
                        "burning sunset", "purple sunset"), role="sky"),
    "brick": Material(("brick wall", "bricks", "red bricks",
                       "red brick wall", "old brick wall"),
                      ("gray", "yellow"), ("brick wall", "bricks")),
    "wood": Material(("wood planks", "wooden planks", "wood", "wooden floor",
                      "planks", "brown wood", "old wood")),
    "marble": Material(("marble", "white marble", "polished marble",
                        "marble stone"), ("black", "green"), ("marble",)),
    "fire": Material(("fire", "flames", "burning flames", "blazing fire",
                      "burning fire"), ("blue",), ("fire", "flames")),
    "cobble": Material(("cobblestones", "cobblestone street", "stones",
                        "stone pavement", "cobblestone", "gray stones")),
    "ice": Material(("ice", "frozen lake", "cracked ice", "glacier",
                     "blue ice", "frozen water")),
    "rust": Material(("rusty metal", "rust", "rusted iron", "rusty iron",
                      "old rusty metal")),
    "plaid": Material(("plaid fabric", "plaid", "tartan", "checkered fabric",
                       "checkered cloth", "tartan cloth"), PAINTS,
                      ("plaid fabric", "plaid", "tartan",
                       "checkered fabric")),
    "leaves": Material(("autumn leaves", "fallen leaves", "dry leaves",
                        "orange leaves", "leaves"),
                       ("green",), ("leaves",)),
    "rain": Material(("rain", "heavy rain", "rain storm", "rainy sky",
                      "storm"), role="sky"),
    "nebula": Material(("nebula", "purple nebula", "galaxy", "cosmic nebula",
                        "outer space", "space"), ("blue", "red", "green"),
                       ("nebula", "galaxy")),
    "flowers": Material(("flowers", "blossoms", "flower meadow",
                         "flower field", "small flowers"), PAINTS,
                        ("flowers", "blossoms")),
    "gold": Material(("gold", "golden metal", "hammered gold",
                      "polished gold", "shining gold"), ("silver",), ("",)),
    "tiles": Material(("ceramic tiles", "tiles", "tiled wall", "mosaic",
                       "tiled floor", "turquoise tiles"), PAINTS,
                      ("ceramic tiles", "tiles", "mosaic")),
    "aurora": Material(("aurora", "northern lights", "aurora borealis",
                        "green aurora", "polar lights"), role="sky"),
}

SKIES = tuple(k for k, m in MATERIALS.items() if m.role == "sky")
GROUNDS = tuple(k for k, m in MATERIALS.items() if m.role == "ground")

_FRAMES = ("{}", "{}", "{}", "{}", "a photo of {}", "a picture of {}",
           "a painting of {}", "{}, highly detailed", "{}, masterpiece",
           "beautiful {}", "{}, best quality", "a close up of {}",
           "texture of {}", "{} texture", "the {}", "{} background")
_JOINTS = ("{sky} over {ground}", "{sky} above {ground}",
           "{ground} under {sky}", "{ground} below {sky}",
           "{sky} and {ground}", "{ground} and {sky}",
           "{sky}, {ground}", "{ground} with {sky}")


def _name(rng, material, colour):
    entry = MATERIALS[material]
    if colour is None:
        # the first name is the one users read in the docs: seen most often
        if rng.random() < 0.35:
            return entry.names[0]
        return entry.names[rng.integers(len(entry.names))]
    noun = entry.coloured[rng.integers(len(entry.coloured))]
    return f"{colour} {noun}".strip()


_OBJECT_FRAMES = ("{}", "{}", "{}", "{}", "{}", "{}", "a photo of {}",
                  "a picture of {}", "a painting of {}", "a drawing of {}",
                  "{}, highly detailed", "{}, masterpiece",
                  "{}, best quality", "a close up of {}")
_ON = ("{o} on {g}", "{o} in front of {g}", "{o}, {g}", "{o} and {g}",
       "{g} with {o}", "{g}, {o}", "{o} over {g}", "{o} in {g}",
       "{g} behind {o}", "{o} before {g}")
_SIZES = {"small": ("small", "little", "tiny"),
          "large": ("large", "big", "huge")}
_PLACES = {"left": ("on the left", "to the left", "at the left"),
           "right": ("on the right", "to the right", "at the right"),
           "top": ("at the top", "above"),
           "bottom": ("at the bottom", "below"),
           "middle": ("in the middle", "in the center")}
_AND = ("{} and {}", "{} and {}", "{}, {}", "{} with {}", "{} next to {}")


def ground_words(rng, ground):
    """A name for a ground."""
    kind, *rest = ground
    if kind == "landscape":
        return landscapes.words(rng, *rest)
    if kind == "scene":
        sky, below = _name(rng, rest[0], None), _name(rng, *rest[1:])
        return _JOINTS[rng.integers(len(_JOINTS))].format(sky=sky,
                                                          ground=below)
    return _name(rng, *rest)


def object_words(rng, thing, place=None):
    """'a small red car on the left'; place: whether the place is told."""
    names = objects.OBJECTS[thing["name"]].names
    name = names[0] if rng.random() < 0.6 else names[
        rng.integers(len(names))]
    words = objects.article(name)
    has_article = words != name
    before = []
    if thing["size"] and rng.random() < 0.5:
        sizes = _SIZES[thing["size"]]
        before.append(sizes[rng.integers(len(sizes))])
    if thing["colour"]:
        before.append(thing["colour"])
    if before:
        name = " ".join((*before, name))
        words = objects.article(name) if has_article else name
    if not before and rng.random() < 0.2:
        words = name if rng.random() < 0.6 else "the " + name
    if place is None:
        place = rng.random() < 0.5
    if place and thing["place"]:
        places = _PLACES[thing["place"]]
        words += " " + places[rng.integers(len(places))]
    return words


def caption(rng, label, about="all"):
    """A caption for a label; about: "all", "ground" or "objects"."""
    things = label["objects"] if about != "ground" else []
    if not things:
        frames = _FRAMES if label["ground"][0] == "material" else (
            _OBJECT_FRAMES)
        return frames[rng.integers(len(frames))].format(
            ground_words(rng, label["ground"]))
    # of several each is told its place, or none is
    place = None if len(things) == 1 else rng.random() < 0.6
    words = [object_words(rng, thing, place)
             for thing in (things[i] for i in rng.permutation(len(things)))]
    text = words[0]
    for more in words[1:]:
        text = _AND[rng.integers(len(_AND))].format(text, more)
    if about == "all":
        return _ON[rng.integers(len(_ON))].format(
            o=text, g=ground_words(rng, label["ground"]))
    return _OBJECT_FRAMES[rng.integers(len(_OBJECT_FRAMES))].format(text)


def prompt(name):
    """The evaluation's prompt for a material, landscape or object."""
    if name in MATERIALS:
        return MATERIALS[name].names[0]
    if name in landscapes.LANDSCAPES:
        return landscapes.LANDSCAPES[name][1][0]
    return objects.article(name)


def colour(rng, material):
    """A colour to draw a material in: mostly None, its usual look."""
    colours = MATERIALS[material].colours
    if not colours or rng.random() < 0.6:
        return None
    return colours[rng.integers(len(colours))]


def corpus():
    """Every word in every frame: what the tokenizer is learned from."""
    texts = landscapes.all_words()
    for entry in MATERIALS.values():
        names = list(entry.names) + [f"{c} {n}".strip() for c in entry.colours
                                     for n in entry.coloured]
        texts += [frame.format(name) for name in names for frame in _FRAMES]
    texts += [j.format(sky="sky", ground="ground") for j in _JOINTS]
    for entry in objects.OBJECTS.values():
        names = [objects.article(name) for name in entry.names]
        texts += [frame.format(name) for name in names
                  for frame in _OBJECT_FRAMES]
        texts += [on.format(o=name, g="snow") for name in names
                  for on in _ON]
    for words in (*_SIZES.values(), *_PLACES.values(), objects.COLOURS):
        texts += [word for word in words for _ in range(20)]
    return texts + [a.format("a", "the") for a in _AND for _ in range(20)]
