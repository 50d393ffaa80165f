# SPDX-License-Identifier: LGPL-2.1-or-later
"""Figures of a model folder: what share of its pictures a judge recognises.

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


def single(model, judge, seeds, report=print):
    """Share recognised and what else was seen, by material, at 128x128."""
    shares, mistakes = {}, {}
    for name in captions.MATERIALS:
        pictures = model.sample((128, 128), captions.prompt(name), seed=0,
                                count=seeds)
        seen = [judge(picture) for picture in pictures]
        shares[name] = seen.count(name) / seeds
        mistakes[name] = [other for other in seen if other != name]
        report(f"{captions.prompt(name)}: {shares[name]:.0%} "
               + " ".join(mistakes[name]))
    return shares, mistakes


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


def regional(model, judge, repeats, report=print):
    """Shares recognised: by number of regions, and by material."""
    by_count = {count: [] for count in LAYOUTS}
    by_name = {name: [] for name in captions.MATERIALS}
    for job in regional_jobs(repeats):
        picture = regional_picture(model, job)
        for name, (top, bottom, left, right) in zip(job[2], LAYOUTS[job[0]]):
            seen = judge(picture[top + MARGIN:bottom - MARGIN,
                                 left + MARGIN:right - MARGIN])
            by_count[job[0]].append(seen == name)
            by_name[name].append(seen == name)
            if seen != name:
                report(f"{job[0]} regions, seed {job[3]}: {name} "
                       f"looks like {seen}")
    return ({count: float(np.mean(found))
             for count, found in by_count.items()},
            {name: float(np.mean(found)) for name, found in by_name.items()})


def judge_of(network):
    """A function from a picture to the material that it shows."""
    return lambda picture: classifier.judge(network, picture)


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
    """A table; columns: title to (single shares, by count, by name)."""
    titles = list(columns)
    heads = [f"{title}, {what}" for title in titles
             for what in ("single", "regions")]
    lines = ["| prompt | " + " | ".join(heads) + " |",
             "|---|" + "---:|" * len(heads)]

    def row(title, values):
        cells = ["" if v is None else f"{100 * v:.0f} %" for v in values]
        lines.append(f"| {title} | " + " | ".join(cells) + " |")

    for name in captions.MATERIALS:
        row(captions.prompt(name),
            [value for t in titles
             for value in (columns[t][0][name], columns[t][2][name])])
    row("**all**", [value for t in titles for value in (
        float(np.mean(list(columns[t][0].values()))),
        float(np.mean(list(columns[t][2].values()))))])
    for count in LAYOUTS:
        row(f"**{count} regions**",
            [value for t in titles for value in (None, columns[t][1][count])])
    return "\n".join(lines)
