# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""Figures of a model folder: what share of its pictures judges recognise.

Nothing is chosen: seeds count up from 0 (single prompts), from 1000
(materials in regions) and from 2000 (objects in regions); what is in regions
is drawn by a fixed generator.
"""

import time

import numpy as np

from . import captions, classifier, landscapes, objects

MARGIN = 16  # pixels along a region's edges that are not judged
BESIDE = 8  # the same for objects

# number of regions: where they lie in a 256x256 picture (top, bottom, left,
# right); the rest is the base's
LAYOUTS = {
    2: ((128, 256, 0, 128), (128, 256, 128, 256)),
    3: ((0, 128, 128, 256), (128, 256, 0, 128), (128, 256, 128, 256)),
    4: ((0, 112, 0, 112), (0, 112, 144, 256), (144, 256, 0, 112),
        (144, 256, 144, 256)),
}
# parts of those pictures that are the base's alone
BASES = {2: ((0, 128, 0, 128), (0, 128, 128, 256)), 3: ((0, 128, 0, 128),),
         4: ()}


class Score:
    """What each judge said of each picture or region, grouped."""

    def __init__(self):
        self.right = {kind: {} for kind in classifier.KINDS}

    def add(self, judges, picture, name, *groups):
        """Judges a picture of the named material; returns mistakes."""
        mistakes = []
        for kind, network in judges.items():
            seen = classifier.judge(network, picture)
            for group in (name, *groups):
                self.right[kind].setdefault(group, []).append(seen == name)
            if seen != name:
                mistakes.append(f"{seen} ({kind})")
        return mistakes

    def share(self, kind, *groups):
        """Share right over the groups together."""
        return float(np.mean([right for group in groups
                              for right in self.right[kind].get(group, ())]))


def _report(report, score, judges, name, words, mistakes):
    report(f"{words}: " + ", ".join(f"{score.share(kind, name):.0%} by {kind}"
                                    for kind in judges)
           + "; mistaken for " * bool(mistakes) + ", ".join(mistakes))


def single(model, judges, seeds, settings, report=print):
    """The score of 128x128 pictures of one material."""
    score = Score()
    for name in captions.MATERIALS:
        mistakes = []
        for picture in model.sample((128, 128), captions.prompt(name),
                                    seed=0, count=seeds, **settings):
            mistakes += score.add(judges, picture, name)
        _report(report, score, judges, name, captions.prompt(name), mistakes)
    return score


def things(model, judges, seeds, settings, report=print):
    """The score of 128x128 pictures of one object or landscape, and the
    pictures of objects."""
    score, pictures = Score(), []
    times = {"day": "", "night": " at night", "sunset": " at sunset"}
    jobs = [(name, captions.prompt(name), "objects",
             "unseen" if name in objects.UNSEEN else "seen")
            for name in objects.NAMES]
    jobs += [(f"{name}, {time}", captions.prompt(name) + times[time],
              "landscapes") for name in landscapes.LANDSCAPES
             for time in landscapes.TIMES]
    for name, words, *groups in jobs:
        mistakes = []
        made = model.sample((128, 128), words, seed=0, count=seeds,
                            **settings)
        for picture in made:
            mistakes += score.add(judges, picture, name, *groups)
        if groups[0] == "objects":
            pictures.append(made)
        _report(report, score, judges, name, words, mistakes)
    return score, np.concatenate(pictures)


def regional_jobs(repeats):
    """(number of regions, base, materials, seed) of every picture.

    Every material is in `repeats` regions of each layout.
    """
    jobs, rng, seed = [], np.random.default_rng(7), 1000
    names = list(captions.MATERIALS)
    for count in LAYOUTS:
        for _ in range(repeats):
            order = [names[i] for i in rng.permutation(len(names))]
            for start in range(0, len(names), count):
                chosen = order[start:start + count]
                others = [name for name in names if name not in chosen]
                jobs.append((count, others[rng.integers(len(others))],
                             chosen, seed))
                seed += 1
    return jobs


def regional_picture(model, job, settings):
    """The 256x256 picture of a job."""
    count, base, chosen, seed = job
    regions = [(captions.prompt(name), box)
               for name, box in zip(chosen, LAYOUTS[count])]
    return model.sample((256, 256), captions.prompt(base) if base in
                        captions.MATERIALS else base, regions, seed=seed,
                        **settings)[0]


def regional(model, judges, repeats, settings, report=print):
    """The score of regions, grouped by material and by their number."""
    score = Score()
    for job in regional_jobs(repeats):
        picture = regional_picture(model, job, settings)
        for name, (top, bottom, left, right) in zip(job[2], LAYOUTS[job[0]]):
            mistakes = score.add(
                judges, picture[top + MARGIN:bottom - MARGIN,
                                left + MARGIN:right - MARGIN], name, job[0])
            if mistakes:
                report(f"{job[0]} regions, seed {job[3]}: {name} mistaken "
                       "for " + ", ".join(mistakes))
    return score


def object_jobs(repeats):
    """(number of regions, base's words, objects, seed): every object is in
    `repeats` regions of each layout, over landscapes and materials."""
    jobs, rng, seed = [], np.random.default_rng(8), 2000
    bases = [captions.prompt(name) + time for name in landscapes.LANDSCAPES
             for time in ("", " at night", " at sunset")]
    bases += [captions.prompt(name) for name in captions.MATERIALS]
    for count in LAYOUTS:
        for _ in range(repeats):
            order = [objects.NAMES[i]
                     for i in rng.permutation(len(objects.NAMES))]
            for start in range(0, len(order) - count + 1, count):
                jobs.append((count, bases[rng.integers(len(bases))],
                             order[start:start + count], seed))
                seed += 1
    return jobs


def _seams(picture, boxes):
    """Steps across the edges of boxes and, for comparison, 5 and 6 pixels
    from them, where networks have no edge: two lists of mean differences."""
    across, along = [], []
    picture = picture.astype(float).mean(-1)
    for top, bottom, left, right in boxes:
        for axis, at, part in ((0, top, slice(left, right)),
                               (0, bottom, slice(left, right)),
                               (1, left, slice(top, bottom)),
                               (1, right, slice(top, bottom))):
            lines = picture if axis == 0 else picture.T
            if not 8 <= at <= len(lines) - 8:
                continue
            steps = np.abs(np.diff(lines[:, part], axis=0)).mean(1)
            across.append(steps[at - 1])
            along.append(steps[[at - 6, at - 5, at + 4, at + 5]].mean())
    return across, along


class Regions:
    """Objects in regions: recognised, leaking, and their edges."""

    def __init__(self):
        self.score = Score()
        self.leaks, self.empty, self.across, self.along = [], [], [], []

    def add(self, judges, job, picture, report):
        count, base, chosen, seed = job
        for name, (top, bottom, left, right) in zip(chosen, LAYOUTS[count]):
            part = picture[max(top - BESIDE, 0):bottom + BESIDE,
                           max(left - BESIDE, 0):right + BESIDE]
            mistakes = self.score.add(judges, part, name, "objects", count)
            if mistakes:
                report(f"{count} regions over {base}, seed {seed}: {name} "
                       "mistaken for " + ", ".join(mistakes))
            seen = classifier.judge(judges["colour"], part)
            self.leaks.append(seen in chosen and seen != name)
        for top, bottom, left, right in BASES[count]:
            seen = classifier.judge(judges["colour"],
                                    picture[top:bottom, left:right])
            self.empty.append(seen in objects.NAMES)
        across, along = _seams(picture, LAYOUTS[count])
        self.across += across
        self.along += along

    def lines(self):
        """Figures beside the table."""
        return [
            f"regions that show another region's object: "
            f"{np.mean(self.leaks):.1%}",
            f"parts of the base that show an object: "
            f"{np.mean(self.empty):.1%}",
            "steps across the edges of regions, compared with those beside "
            f"them: {np.sum(self.across) / np.sum(self.along):.2f}"]


def regional_things(model, judges, repeats, settings, report=print):
    """The score of objects in regions."""
    regions = Regions()
    for job in object_jobs(repeats):
        regions.add(judges, job, regional_picture(model, job, settings),
                    report)
    return regions


def frechet(first, second):
    """Frechet distance of two sets of vectors, each taken as normal."""
    means = [part.mean(0) for part in (first, second)]
    spread = [np.cov(part, rowvar=False) for part in (first, second)]
    # trace of the root of a product, by eigenvalues
    values = np.linalg.eigvals(spread[0] @ spread[1])
    root = np.sqrt(np.clip(values.real, 0, None)).sum()
    return float(((means[0] - means[1]) ** 2).sum()
                 + np.trace(spread[0] + spread[1]) - 2 * root)


def distance(network, pictures, shard):
    """Frechet distance, by a judge's features, of pictures to held-out
    drawings of one object each; and that of as many training drawings."""
    def drawn(indices):
        return np.stack([shard.pictures[i] for i in indices
                         if len(shard.labels[i]["objects"]) == 1])

    held_out = classifier.features(network, drawn(shard.held_out))
    known = classifier.features(network, drawn(
        shard.training[:len(pictures)]))
    return (frechet(classifier.features(network, pictures), held_out),
            frechet(known, held_out))


def psnr(model, shards, most=150):
    """Mean over held-out pictures of encoder and decoder's PSNR, in dB, and
    the lattice that the decoder leaves: the deviation, over the 64 places in
    a cell of 8x8, of the mean error there, in levels of 255."""
    values, lattice, count = [], np.zeros((8, 8)), 0
    for shard in shards.values():
        for index in shard.held_out[:most]:
            picture = shard.pictures[index][None]
            error = model.reconstruct(picture) - picture.astype(float)
            values.append(10 * np.log10(255 ** 2 / np.mean(error ** 2)))
            height, width = error.shape[1:3]
            lattice += error[0].mean(-1).reshape(
                height // 8, 8, width // 8, 8).mean((0, 2))
            count += 1
    return float(np.mean(values)), float((lattice / count).std())


def unet_seconds(model, cells=32, repeats=9):
    """Median CPU seconds of one UNet evaluation of one row.

    CPU time of a single thread, so that a busy machine does not count.
    """
    states = model.text("lava")
    sample = np.zeros((1, 4, cells, cells), np.float32)
    times = []
    for _ in range(repeats):
        start = time.process_time()
        model.parts["unet"].run(None, {
            "sample": sample, "timestep": np.array([500], np.int64),
            "encoder_hidden_states": states})
        times.append(time.process_time() - start)
    return float(np.median(times))


def markdown(columns, rows):
    """A table of percentages; columns: title to scores, some of them None.

    rows: title to groups. A cell holds the judges' shares in the order of
    `classifier.KINDS`.
    """
    lines = ["| prompt | " + " | ".join(columns) + " |",
             "|---|" + "---:|" * len(columns)]
    for title, groups in rows.items():
        cells = []
        for score in columns.values():
            known = [g for g in groups if g in score.right["colour"]]
            cells.append(" / ".join(f"{100 * score.share(kind, *known):.0f}"
                                    for kind in classifier.KINDS)
                         if known else "")
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def material_rows():
    rows = {captions.prompt(name): (name,) for name in captions.MATERIALS}
    rows["**all**"] = tuple(captions.MATERIALS)
    return {**rows, **{f"**{n} regions**": (n,) for n in LAYOUTS}}


def thing_rows():
    rows = {name: (name,) for name in (*objects.NAMES, *classifier.PLACES)}
    return {**rows, "**all landscapes**": ("landscapes",),
            "**objects that the judges know by other drawings only**":
            ("unseen",), "**all other objects**": ("seen",),
            "**all objects**": ("objects",),
            **{f"**{n} regions**": (n,) for n in LAYOUTS}}


def failing(score, rows, least=0.9):
    """Rows of which a judge by colour recognises less than `least`."""
    return [f"{title} {score.share('colour', *groups):.0%}"
            for title, groups in rows.items() if len(groups) == 1
            and groups[0] in score.right["colour"]
            and score.share("colour", *groups) < least]
