# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""How pictures of regions turn out, for every mode: docs/quality.md."""

import argparse
import base64
import collections
import hashlib
import io
import json
import multiprocessing
import os
import tempfile
import time

import numpy as np
import torch
from tiny import __main__ as training
from tiny import classifier, sheets, vae

from . import marks, pictures, report, stage

COMMON = {"steps": 12, "cfg": 4}

# what is varied; the rest are the element's defaults, "overlap-factor" 10
VARIANTS = [
    ("euler", {}, ("impact", "sequential", "parallel", "fused")),
    ("`overlap-factor` 0", {"overlap-factor": 0},
     ("impact", "sequential", "parallel")),
    ("`overlap-factor` 32", {"overlap-factor": 32},
     ("impact", "parallel")),
    ("`feather` 16, overlap 0", {"overlap-factor": 0, "feather": 16},
     ("parallel",)),
    ("`feather` 32, overlap 0", {"overlap-factor": 0, "feather": 32},
     ("parallel",)),
    ("`feather` 64, overlap 0", {"overlap-factor": 0, "feather": 64},
     ("parallel",)),
    ("painted masks, ramps of 32", {"ramp": 32}, ("impact", "parallel")),
    ("`region-crop` 0", {"region-crop": 0}, ("parallel",)),
    ("`region-crop` 32", {"region-crop": 32},
     ("sequential", "parallel", "fused")),
    ("`region-crop` 0, `feather` 32, overlap 0",
     {"region-crop": 0, "overlap-factor": 0, "feather": 32},
     ("parallel",)),
    ("dpmpp_2m", {"sampler": "dpmpp_2m"},
     ("impact", "sequential", "parallel", "fused")),
    ("heun", {"sampler": "heun"},
     ("impact", "sequential", "parallel", "fused")),
]
TASKS = [(title, mode, settings) for title, settings, modes in VARIANTS
         for mode in modes]

# columns of the sheet
SHEET = ("impact, euler", "impact, painted masks, ramps of 32",
         "parallel, euler", "parallel, painted masks, ramps of 32",
         "parallel, region-crop 0")

_worker = {}


def _digest(paths):
    digest = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()[:16]


MARKS = _digest([marks.__file__])


def fingerprint(arguments):
    """Changes with what is painted: weights and plugin; judges."""
    networks = [os.path.join(base, name)
                for base, _, names in sorted(os.walk(arguments.model))
                for name in sorted(names) if name.endswith(".onnx")]
    return _digest(networks + [
        os.path.join(arguments.plugin, "libgstregional.so"),
        *(os.path.join(arguments.cache, f"judge-{kind}.pt")
          for kind in classifier.KINDS)])


def _start_worker(arguments, judges):
    """Only what cannot fail: a pool starts workers again and again."""
    torch.set_num_threads(1)
    _worker.update(arguments=arguments, stored=judges)


def _load():
    arguments = _worker["arguments"]
    gst = stage.load(arguments.plugin)
    _worker["sampler"] = stage.Sampler(gst, arguments.model)
    _worker["decoder"] = stage.Decoder(gst, arguments.model)
    _worker["judges"] = torch.load(io.BytesIO(_worker["stored"]),
                                   weights_only=False)


def _paint(picture, mode, settings):
    """What is kept of a picture: its latent, and what it cost."""
    base, prompts = picture.prompts()
    ramp = settings.get("ramp")
    properties = {**COMMON, **settings, "mode": mode,
                  "noise-seed": picture.seed}
    properties.pop("ramp", None)
    with tempfile.TemporaryDirectory() as folder:
        shapes = (picture.soft_masks(folder, ramp) if ramp
                  else picture.shapes())
        latent, cost = _worker["sampler"].sample(
            base, list(zip(prompts, shapes)), properties)
    return {"latent": base64.b64encode(latent.tobytes()).decode(),
            "regions": len(picture.boxes), **cost}


def _latent(record):
    cells = pictures.SIDE // 8
    return np.frombuffer(base64.b64decode(record["latent"]),
                         np.float32).reshape(4, cells, cells)


def _measure(item):
    """The record of one picture, painted if it is not."""
    key, picture, mode, settings, painted = item
    if "judges" not in _worker:
        _load()
    record = painted or _paint(picture, mode, settings)
    latent = _latent(record)
    image = _worker["decoder"].picture(latent)
    leaked, strange, patches = marks.leaks(
        _worker["judges"]["colour"], image, picture)
    return {**record, "key": key, "marks": MARKS,
            "recognised": marks.recognised(_worker["judges"], image,
                                           picture),
            "leaked": leaked, "strange": strange, "patches": patches,
            "noise": marks.noisy_cells(latent, vae.SCALING_FACTOR),
            "texture": marks.texture(image, picture.owners()),
            **marks.seams(image, picture.owners())}


def _key(mode, settings, picture):
    return f"{mode} {COMMON | settings} {picture}"


def measure_all(arguments, made, judges, say):
    """A record for each task and picture, by key.

    What an earlier run left in the results file is not painted again, and
    not measured again unless by other marks.
    """
    path = os.path.join(arguments.cache,
                        f"quality-{fingerprint(arguments)}.jsonl")
    records = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            for line in file:
                if line.endswith("\n"):
                    record = json.loads(line)
                    records[record["key"]] = record
    items = [(_key(mode, settings, picture), picture, mode, settings)
             for picture in made for _, mode, settings in TASKS]
    waiting = [(*item, records.get(item[0])) for item in items
               if records.get(item[0], {}).get("marks") != MARKS]
    say(f"{path}: {len(items) - len(waiting)} of {len(items)} are there, "
        f"{sum(bool(item[4]) for item in waiting)} painted")
    stored = io.BytesIO()
    torch.save(judges, stored)
    began = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(
            arguments.processes, _start_worker,
            (arguments, stored.getvalue())) as pool, \
            open(path, "a", encoding="utf-8") as file:
        for done, record in enumerate(pool.imap_unordered(
                _measure, waiting), 1):
            records[record["key"]] = record
            file.write(json.dumps(record) + "\n")
            file.flush()
            if done % 20 == 0 or done == len(waiting):
                left = (time.monotonic() - began) / done * (
                    len(waiting) - done)
                say(f"{done} of {len(waiting)}, {left / 60:.0f} min left")
    return records


def _hits(records, kind, counts=(2, 3, 4)):
    return [hit for record in records if record["regions"] in counts
            for hit in record["recognised"][kind]]


def _mean(records, name):
    values = [record[name] for record in records
              if record[name] is not None]
    return float(np.mean(values)) if values else float("nan")


def _row(title, mode, records, reference, plain):
    """A table's row; reference, plain: records of the same pictures by which
    recognition and texture are compared."""
    hits = {kind: np.array(_hits(records, kind))
            for kind in classifier.KINDS}
    before = np.array(_hits(reference, "colour"))
    gained = int((hits["colour"] & ~before).sum())
    lost = int((~hits["colour"] & before).sum())
    texture = float(np.median([ours["texture"] / theirs["texture"]
                               for ours, theirs in zip(records, plain)]))
    patches = sum(record["patches"] for record in records)
    leaked = sum(record["leaked"] for record in records)
    return (f"| {title} | `{mode}` "
            f"| {hits['colour'].mean():.0%} / {hits['pattern'].mean():.0%} "
            f"| +{gained} -{lost} "
            f"| {leaked / patches:.1%} "
            f"| {texture:.2f} "
            f"| {_mean(records, 'seam'):.2f} "
            f"| {_mean(records, 'detail'):.2f} "
            f"| {_mean(records, 'noise'):.2%} "
            f"| {_mean(records, 'rows'):.0f} "
            f"| {_mean(records, 'evaluations'):.0f} "
            f"| {_mean(records, 'cpu'):.2f} |").replace("%", " %")


def markdown(records, made):
    """The tables of docs/quality.md; made: the pictures."""
    by_task = collections.OrderedDict(
        ((title, mode), [records[_key(mode, settings, picture)]
                         for picture in made])
        for title, mode, settings in TASKS)
    lines = ["| settings | mode | recognised | against `impact` | leaks "
             "| texture | seam | detail | noise | rows | calls | CPU s |",
             "|---|---|" + "---:|" * 10]
    for (title, mode), found in by_task.items():
        reference = by_task.get((title, "impact"),
                                by_task[("euler", "impact")])
        lines.append(_row(title, mode, found, reference,
                          by_task[("euler", "sequential")]))
    lines += ["", "| mode | 2 regions | 3 regions | 4 regions |",
              "|---|---:|---:|---:|"]
    for (title, mode), found in by_task.items():
        if title == "euler":
            shares = [" / ".join(
                f"{np.mean(_hits(found, kind, (count,))):.0%}".replace(
                    "%", " %") for kind in classifier.KINDS)
                for count in (2, 3, 4)]
            lines.append(f"| `{mode}` | " + " | ".join(shares) + " |")
    everything = [record for found in by_task.values() for record in found]
    regions = sum(len(picture.boxes) for picture in made)
    strange = (sum(record["strange"] for record in everything)
               / sum(record["patches"] for record in everything))
    lines += ["", f"{len(made)} pictures, {regions} regions for each row; "
              f"lines where no border is: {_mean(everything, 'plain'):.2f}; "
              f"patches recognised as what nobody asked for: "
              f"{strange:.0%}".replace("%", " %") + "."]
    return "\n".join(lines)


def draw(arguments, records, made):
    """A sheet of the first picture of each layout, by `SHEET`."""
    decoder = stage.Decoder(stage.load(arguments.plugin), arguments.model)
    by_title = {f"{mode}, {title}".replace("`", ""): (mode, settings)
                for title, mode, settings in TASKS}
    chosen = {}
    for picture in made:
        chosen.setdefault(len(picture.boxes), picture)
    cells = {}
    for count, picture in sorted(chosen.items()):
        for title in SHEET:
            record = records[_key(*by_title[title], picture)]
            cells[f"{count} regions: {title}"] = decoder.picture(
                _latent(record))
    sheets.sheet(cells, len(SHEET)).save(arguments.sheet, optimize=True)


def main():
    parser = argparse.ArgumentParser(prog="tools/bench/quality",
                                     description=__doc__)
    root = training.ROOT
    parser.add_argument("--model", default=os.path.join(
        root, "models", "tiny"), help="folder (%(default)s)")
    parser.add_argument("--plugin", default=os.path.join(
        root, "build", "gst"), help="folder with the plugin (%(default)s)")
    parser.add_argument("--repeats", type=int, default=1,
                        help="regions of each material and layout, 26 "
                        "pictures each (%(default)s)")
    parser.add_argument("--pictures", type=int,
                        help="only the first so many; they come in an order "
                        "that mixes the layouts")
    parser.add_argument("--processes", type=int, default=2,
                        help="at a time, one thread each (%(default)s)")
    parser.add_argument("--settings", default=os.path.join(
        root, "tools", "train", "settings.json"),
        help="of the judges (%(default)s)")
    parser.add_argument("--cache", default=os.environ["TINY_CACHE"],
                        help="folder for the judges and for results so far "
                        "(%(default)s)")
    parser.add_argument("--page", help="file into which to put the table, "
                        "between its marks")
    parser.add_argument("--sheet", help="file for a sheet of pictures (PNG)")
    arguments = parser.parse_args()
    arguments.model = os.path.abspath(arguments.model)
    arguments.plugin = os.path.abspath(arguments.plugin)

    torch.set_num_threads(1)
    settings = training.options(arguments)
    judges = training.judges_of(
        settings, training.shards_of(settings, arguments.cache),
        arguments.cache)
    made = pictures.pictures(arguments.repeats)[:arguments.pictures]
    records = measure_all(arguments, made, judges, training.say)
    if arguments.sheet:
        draw(arguments, records, made)
    report.put(markdown(records, made), arguments.page)


if __name__ == "__main__":
    main()
