# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""All stages in order; `python -m tiny train` and `python -m tiny evaluate`.

A stage that has left its result in the cache is not run again, a training
that was interrupted goes on from its last checkpoint.
"""

import argparse
import json
import os
import sys
import time

import torch

from . import (captions, classifier, dataset, distill, evaluate, export,
               plugin, sampling, sheets, tokenizer, train_unet, train_vae)

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "..", "..", ".."))


TINY = os.path.join(ROOT, "models", "tiny")
LARGEST = 20 * 2 ** 20  # bytes of a model folder


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def options(arguments):
    with open(arguments.settings, encoding="utf-8") as file:
        return json.load(file)


def shards_of(settings, cache):
    """The data set, drawn if it is not there."""
    folder = os.path.join(cache, "data")
    dataset.build(folder, settings["seed"], settings["share"], report=say)
    return dataset.load(folder)


def judges_of(settings, shards, cache):
    """The judges of materials and of things, by kind, trained if they are not
    there."""
    seed = settings["seed"] + 1
    share = settings["share"]
    subjects = {
        "materials": (classifier.Crops(shards, "training"),
                      classifier.Crops(shards, "held_out")),
        "things": (
            classifier.Things(os.path.join(cache, "judge-grounds.npz"), seed,
                              classifier.judges_hands, share),
            classifier.Things(os.path.join(cache, "judge-check.npz"),
                              seed + 1, classifier.models_hand, share))}
    judges = {}
    for subject, (training, held_out) in subjects.items():
        judges[subject] = {}
        for kind in classifier.KINDS:
            judges[subject][kind], right = classifier.train(
                training, held_out,
                os.path.join(cache, f"judge-{subject}-{kind}.pt"), kind,
                settings["judges"][subject], seed, report=say)
            say(f"the judge of {subject} by {kind} is right on {right:.1%} "
                "of drawings as the model learned from, of another seed")
    return judges


class _Training:
    """The stages up to the networks, each finished, or as far as it is."""

    def __init__(self, arguments, finish):
        self.settings = options(arguments)
        self.cache = arguments.cache
        self.seed = self.settings["seed"]
        self.shards = shards_of(self.settings, self.cache)
        self.words = os.path.join(self.cache, "tokenizer")
        if not os.path.exists(self.words):
            tokenizer.write(self.words, captions.corpus())
        self.autoencoder, self.first = train_vae.train(
            self.shards, self.path("vae.pt"), self.settings["vae"], self.seed,
            report=say)
        latents = train_vae.encode_all(self.autoencoder, self.shards,
                                       self.cache)
        self.source = train_unet.Source(self.shards, latents)
        self.text, self.unet, self.second = train_unet.train(
            self.source, self.words, self.path("unet.pt"),
            self.settings["unet"], self.seed, report=say, finish=finish)
        self.preview, self.third = train_vae.refine(
            self.autoencoder, self.shards, self.path("refined"),
            self.settings["decoder"], self.seed, report=say, finish=finish)

    def path(self, name):
        return os.path.join(self.cache, name)

    def export(self, folder):
        """Writes the model and says what it is worth."""
        for title, run in (*(("vae", run) for run in self.first),
                           ("unet", self.second), ("decoder", self.third[0]),
                           ("preview", self.third[1])):
            say(f"{title}: {run.step} steps, {run.cpu:.0f} CPU-s")
        say(f"{train_vae.psnr(self.autoencoder, self.shards):.2f} dB on "
            "held-out pictures")
        say(f"{train_vae.psnr(self.autoencoder, self.shards, self.preview):.2f}"
            " dB with the preview's decoder")
        export.export_preview(folder + "-preview", self.preview)
        export.export(folder, self.words, self.autoencoder, self.text,
                      self.unet)
        for part, worst in export.parity(
                folder, self.autoencoder, self.text, self.unet,
                tokenizer.Encoder(self.words)).items():
            say(f"parity: {part} differs from torch by at most {worst:.1e}")
        say("a picture by diffusers' pipeline differs by at most "
            f"{export.pipeline_parity(folder):.1f} levels of 255")
        size = sum(os.path.getsize(os.path.join(base, name))
                   for base, _, names in os.walk(folder) for name in names)
        say(f"{folder}: {size} bytes")
        if size > LARGEST:
            sys.exit("the model is larger than 20 MiB")


def train(arguments):
    """Data, tokenizer, autoencoder, UNet, decoders, export, parity."""
    folder = os.path.abspath(arguments.out or os.path.join(arguments.cache,
                                                           "model"))
    _Training(arguments, True).export(folder)


def live(arguments):
    """After `train`: a LoRA for four steps, and the model merged with it."""
    training = _Training(arguments, True)
    student, run = distill.train(
        training.source, training.words, training.path("lora.pt"),
        training.text, training.unet, training.settings["lora"],
        training.seed, report=say)
    say(f"lora: {run.step} steps, {run.cpu:.0f} CPU-s")
    folder = os.path.abspath(arguments.out or training.path("live"))
    training.unet = distill.merged(student)
    training.export(folder)
    distill.save(student, folder + ".safetensors")
    say(f"{folder}.safetensors: "
        f"{os.path.getsize(folder + '.safetensors')} bytes")


def snapshot(arguments):
    """A model folder of the checkpoints as they are."""
    _Training(arguments, False).export(os.path.abspath(
        arguments.out or os.path.join(arguments.cache, "snapshot")))


def _figures(title, model, judges, shards, arguments, how):
    """Scores of one model: materials and things, single and in regions; and
    lines of other figures."""
    say(f"{title}: materials")
    materials = (
        evaluate.single(model, judges["materials"], arguments.seeds, how,
                        say),
        evaluate.regional(model, judges["materials"], arguments.repeats, how,
                          say))
    say(f"{title}: objects and landscapes")
    score, pictures = evaluate.things(model, judges["things"],
                                      arguments.seeds, how, say)
    regions = evaluate.regional_things(model, judges["things"],
                                       arguments.repeats, how, say)
    far, near = evaluate.distance(judges["things"]["colour"], pictures,
                                  shards[(128, 128)])
    lines = regions.lines() + [
        f"Frechet distance to held-out drawings: {far:.2f} (that of as many "
        f"training drawings: {near:.2f})",
        "fails (less than 90 % by colour), single: " + ", ".join(
            evaluate.failing(score, evaluate.thing_rows())
            + evaluate.failing(materials[0], evaluate.material_rows())),
        "fails in regions: " + ", ".join(
            evaluate.failing(regions.score, evaluate.thing_rows())
            + evaluate.failing(materials[1], evaluate.material_rows()))]
    if isinstance(model, sampling.Model):
        decibels, lattice = evaluate.psnr(model, shards)
        lines.append(f"autoencoder: {decibels:.2f} dB, lattice of "
                     f"{lattice:.2f} levels")
        lines += [f"UNet {cells}x{cells}: "
                  f"{evaluate.unet_seconds(model, cells) * 1000:.1f} ms"
                  for cells in (16, 32)]
    return materials, (score, regions.score), lines


def measure(arguments):
    """Tables of models, and of a plugin, side by side."""
    settings = options(arguments)
    shards = shards_of(settings, arguments.cache)
    judges = judges_of(settings, shards, arguments.cache)
    how = {"steps": arguments.steps, "cfg": arguments.cfg}
    makers = {}
    for folder in arguments.model or [TINY]:
        name = os.path.basename(os.path.abspath(folder))
        makers[name] = sampling.Model(folder)
        if arguments.plugin:
            makers[name + ", plugin"] = plugin.Plugin(folder,
                                                      arguments.plugin)
    columns, text = ({}, {}), []
    for title, model in makers.items():
        materials, things, lines = _figures(title, model, judges, shards,
                                            arguments, how)
        for table, pair in zip(columns, (materials, things)):
            table[title + ", single"], table[title + ", regions"] = pair
        text += [f"{title}: {line}" for line in lines]
    text = "\n\n".join([
        f"{arguments.steps} steps, cfg {arguments.cfg:g}",
        evaluate.markdown(columns[0], evaluate.material_rows()),
        evaluate.markdown(columns[1], evaluate.thing_rows()),
        "\n".join(f"- {line}" for line in text)])
    print(text)
    if arguments.table:
        with open(arguments.table, "w", encoding="utf-8") as file:
            file.write(text + "\n")


def draw_sheets(arguments):
    """Contact sheets."""
    maker = (plugin.Plugin(arguments.model, arguments.plugin)
             if arguments.plugin else sampling.Model(arguments.model))
    sheets.write(maker, arguments.out, say)


def main():
    parser = argparse.ArgumentParser(prog="tiny")
    verbs = parser.add_subparsers(dest="verb", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--threads", type=int, default=2)
    common.add_argument(
        "--settings", default=os.path.normpath(
            os.path.join(HERE, "..", "settings.json")),
        help="seed and numbers of steps (%(default)s)")
    common.add_argument(
        "--cache", default=os.environ.get("TINY_CACHE"), required=not
        os.environ.get("TINY_CACHE"), help="folder for data set, "
        "checkpoints and the new model (%(default)s)")

    verb = verbs.add_parser("train", parents=[common], help="make the model")
    verb.add_argument("--out", help="the model's folder (the cache's model)")
    verb.set_defaults(run=train)

    verb = verbs.add_parser("live", parents=[common],
                            help="a LoRA for four steps, after train")
    verb.add_argument("--out", help="folder of the merged model (the "
                      "cache's live)")
    verb.set_defaults(run=live)

    verb = verbs.add_parser("snapshot", parents=[common],
                            help="a model of the checkpoints as they are")
    verb.add_argument("--out", help="folder (the cache's snapshot)")
    verb.set_defaults(run=snapshot)

    verb = verbs.add_parser("evaluate", parents=[common],
                            help="print tables of figures")
    verb.add_argument("--model", action="append", metavar="FOLDER",
                      help="may be given again, for a comparison "
                      "(models/tiny)")
    verb.add_argument("--plugin", help="folder with the built plugin: its "
                      "pictures side by side with the reference loop's")
    verb.add_argument("--seeds", type=int, default=20,
                      help="pictures of each single prompt (%(default)s)")
    verb.add_argument("--repeats", type=int, default=2,
                      help="regions of each material, object and layout "
                      "(%(default)s)")
    verb.add_argument("--steps", type=int, default=12,
                      help="of the sampler (%(default)s)")
    verb.add_argument("--cfg", type=float, default=4.0,
                      help="guidance (%(default)s)")
    verb.add_argument("--table", help="file for the tables")
    verb.set_defaults(run=measure)

    verb = verbs.add_parser("sheets", parents=[common],
                            help="contact sheets")
    verb.add_argument("--model", default=TINY, help="folder (%(default)s)")
    verb.add_argument("--plugin", help="folder with the built plugin: its "
                      "pictures instead of the reference loop's")
    verb.add_argument("--out", default=os.path.join(ROOT, "docs", "images"),
                      help="folder for the pictures (%(default)s)")
    verb.set_defaults(run=draw_sheets)

    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    arguments.run(arguments)


if __name__ == "__main__":
    main()
