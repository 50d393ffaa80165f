# SPDX-License-Identifier: LGPL-2.1-or-later
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

from . import (captions, classifier, dataset, diffusion, evaluate, export,
               plugin, sampling, sheets, tokenizer, train_unet, train_vae)

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "..", "..", ".."))


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
    """The judges by kind, trained if they are not there."""
    judges = {}
    for kind in classifier.KINDS:
        judges[kind], share = classifier.train(
            shards, os.path.join(cache, f"judge-{kind}.pt"), kind,
            settings["classifier"], settings["seed"] + 1, report=say)
        say(f"the judge of {kind} is right on {share:.1%} of held-out crops")
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
        self.text, self.unet, self.second = train_unet.train(
            train_unet.Source(self.shards, latents), self.words,
            self.path("unet.pt"), self.settings["unet"], self.seed,
            report=say, finish=finish)
        self.preview, self.third = train_vae.refine(
            self.autoencoder, self.shards, self.path("refined"),
            self.settings["decoder"], self.seed, report=say, finish=finish)

    def path(self, name):
        return os.path.join(self.cache, name)

    def export(self, folder):
        """Writes the model and says what it is worth."""
        for title, run in (("vae", self.first), ("unet", self.second),
                           ("decoder", self.third[0]),
                           ("preview", self.third[1])):
            say(f"{title}: {run.step} steps, {run.cpu:.0f} CPU-s")
        say(f"{train_vae.psnr(self.autoencoder, self.shards):.2f} dB on "
            "held-out pictures")
        export.export(folder, self.words, self.autoencoder, self.text,
                      self.unet)
        for part, worst in export.parity(
                folder, self.autoencoder, self.text, self.unet,
                tokenizer.Encoder(self.words)).items():
            say(f"parity: {part} differs from torch by at most {worst:.1e}")
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


def snapshot(arguments):
    """A model folder of the checkpoints as they are."""
    _Training(arguments, False).export(os.path.abspath(
        arguments.out or os.path.join(arguments.cache, "snapshot")))


def measure(arguments):
    """The table, for one or two samplers side by side; sheets if asked."""
    settings = options(arguments)
    shards = shards_of(settings, arguments.cache)
    judges = judges_of(settings, shards, arguments.cache)
    model = sampling.Model(arguments.model)
    makers = {"reference loop": model}
    if arguments.plugin:
        makers["plugin"] = plugin.Plugin(arguments.model, arguments.plugin)
    columns = {}
    for title, maker in makers.items():
        columns[title] = (
            evaluate.single(maker, judges, arguments.seeds, say),
            evaluate.regional(maker, judges, arguments.repeats, say))
    table = evaluate.markdown(columns)
    print(table)
    say(f"autoencoder: {evaluate.psnr(model, shards):.2f} dB")
    for cells in (16, 32):
        say(f"UNet {cells}x{cells}: "
            f"{evaluate.unet_seconds(model, cells) * 1000:.1f} ms")
    if arguments.table:
        with open(arguments.table, "w", encoding="utf-8") as file:
            file.write(table + "\n")


def draw_sheets(arguments):
    """Contact sheets by the plugin."""
    sheets.write(plugin.Plugin(arguments.model, arguments.plugin),
                 arguments.out, say)


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
    tiny = os.path.join(ROOT, "models", "tiny")

    verb = verbs.add_parser("train", parents=[common], help="make the model")
    verb.add_argument("--out", help="the model's folder (the cache's model)")
    verb.set_defaults(run=train)

    verb = verbs.add_parser("snapshot", parents=[common],
                            help="a model of the checkpoints as they are")
    verb.add_argument("--out", help="folder (the cache's snapshot)")
    verb.set_defaults(run=snapshot)

    verb = verbs.add_parser("evaluate", parents=[common],
                            help="print a table of figures")
    verb.add_argument("--model", default=tiny, help="folder (%(default)s)")
    verb.add_argument("--plugin", help="folder with the built plugin: its "
                      "pictures side by side with the reference loop's")
    verb.add_argument("--seeds", type=int, default=20,
                      help="pictures of each single prompt (%(default)s)")
    verb.add_argument("--repeats", type=int, default=3,
                      help="regions of each material and layout "
                      "(%(default)s)")
    verb.add_argument("--table", help="file for the table")
    verb.set_defaults(run=measure)

    verb = verbs.add_parser("sheets", parents=[common],
                            help="contact sheets by the plugin")
    verb.add_argument("--model", default=tiny, help="folder (%(default)s)")
    verb.add_argument("--plugin", required=True,
                      help="folder with the built plugin")
    verb.add_argument("--out", default=os.path.join(ROOT, "docs", "images"),
                      help="folder for the pictures (%(default)s)")
    verb.set_defaults(run=draw_sheets)

    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    arguments.run(arguments)


if __name__ == "__main__":
    main()
