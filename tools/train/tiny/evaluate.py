# SPDX-License-Identifier: LGPL-2.1-or-later
"""Figures of a model folder: what share of its pictures judges recognise.

Nothing is chosen: seeds count up from 0 (single prompts) and from 1000
(regions), materials in regions are drawn by a fixed generator.
"""

import time

import numpy as np

from . import captions, classifier

MARGIN = 16  # pixels along a region's edges that are not judged

# number of regions: where they lie in a 256x256 picture (top, bottom, left,
# right); the rest is the base's
LAYOUTS = {
    2: ((128, 256, 0, 128), (128, 256, 128, 256)),
    3: ((0, 128, 128, 256), (128, 256, 0, 128), (128, 256, 128, 256)),
    4: ((0, 112, 0, 112), (0, 112, 144, 256), (144, 256, 0, 112),
        (144, 256, 144, 256)),
}


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
                              for right in self.right[kind][group]]))


def single(model, judges, seeds, report=print):
    """The score of 128x128 pictures of one prompt."""
    score = Score()
    for name in captions.MATERIALS:
        mistakes = []
        for picture in model.sample((128, 128), captions.prompt(name),
                                    seed=0, count=seeds):
            mistakes += score.add(judges, picture, name)
        report(f"{captions.prompt(name)}: "
               + ", ".join(f"{score.share(kind, name):.0%} by {kind}"
                           for kind in judges)
               + "; mistaken for " * bool(mistakes) + ", ".join(mistakes))
    return score


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


def regional_picture(model, job):
    """The 256x256 picture of a job."""
    count, base, chosen, seed = job
    regions = [(captions.prompt(name), box)
               for name, box in zip(chosen, LAYOUTS[count])]
    return model.sample((256, 256), captions.prompt(base), regions,
                        seed=seed)[0]


def regional(model, judges, repeats, report=print):
    """The score of regions, grouped by material and by their number."""
    score = Score()
    for job in regional_jobs(repeats):
        picture = regional_picture(model, job)
        for name, (top, bottom, left, right) in zip(job[2], LAYOUTS[job[0]]):
            mistakes = score.add(
                judges, picture[top + MARGIN:bottom - MARGIN,
                                left + MARGIN:right - MARGIN], name, job[0])
            if mistakes:
                report(f"{job[0]} regions, seed {job[3]}: {name} mistaken "
                       "for " + ", ".join(mistakes))
    return score


def psnr(model, shards):
    """Mean over held-out pictures of encoder and decoder's PSNR, in dB."""
    values = []
    for shard in shards.values():
        for index in shard.held_out:
            picture = shard.pictures[index][None]
            error = picture.astype(float) - model.reconstruct(picture)
            values.append(10 * np.log10(255 ** 2 / np.mean(error ** 2)))
    return float(np.mean(values))


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


def markdown(columns):
    """A table of percentages; columns: title to (single, regional) scores.

    A cell holds the judges' shares in the order of `classifier.KINDS`.
    """
    heads = [f"{title}, {what}" for title in columns
             for what in ("single", "regions")]
    lines = ["| prompt | " + " | ".join(heads) + " |",
             "|---|" + "---:|" * len(heads)]

    def row(title, *groups, only_regions=False):
        cells = []
        for pair in columns.values():
            for score in pair:
                shares = [f"{100 * score.share(kind, *groups):.0f}"
                          for kind in classifier.KINDS
                          if not (only_regions and score is pair[0])]
                cells.append(" / ".join(shares))
        lines.append(f"| {title} | " + " | ".join(cells) + " |")

    for name in captions.MATERIALS:
        row(captions.prompt(name), name)
    row("**all**", *captions.MATERIALS)
    for count in LAYOUTS:
        row(f"**{count} regions**", count, only_regions=True)
    return "\n".join(lines)
