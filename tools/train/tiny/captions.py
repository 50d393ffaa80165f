# SPDX-License-Identifier: LGPL-2.1-or-later
"""The grammar of captions: what the model can be asked for.

A material has a first name (used by the evaluation), synonyms, and colours
in which it also comes. `SCENES` are a sky above a ground. What a network of
this size does not learn (objects, left and right, moods) is not in here: a
word that does nothing would be a promise broken.
"""

from dataclasses import dataclass

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


def caption(rng, label):
    """A caption for a label: (material, colour) or two such, sky and ground.

    Materials of a label are keys of `MATERIALS`, colours words or None.
    """
    if len(label) == 4:
        sky, ground = _name(rng, *label[:2]), _name(rng, *label[2:])
        return _JOINTS[rng.integers(len(_JOINTS))].format(sky=sky,
                                                          ground=ground)
    return _FRAMES[rng.integers(len(_FRAMES))].format(_name(rng, *label))


def prompt(material):
    """The evaluation's prompt for a material: its first name."""
    return MATERIALS[material].names[0]


def colour(rng, material):
    """A colour to draw a material in: mostly None, its usual look."""
    colours = MATERIALS[material].colours
    if not colours or rng.random() < 0.6:
        return None
    return colours[rng.integers(len(colours))]


def corpus():
    """Every name in every frame: what the tokenizer is learned from."""
    texts = []
    for entry in MATERIALS.values():
        names = list(entry.names) + [f"{c} {n}".strip() for c in entry.colours
                                     for n in entry.coloured]
        texts += [frame.format(name) for name in names for frame in _FRAMES]
    texts += [j.format(sky="sky", ground="ground") for j in _JOINTS]
    return texts
