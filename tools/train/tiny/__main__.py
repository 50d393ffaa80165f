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


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def cache():
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(home, "gst-regional", "train")


def options():
    with open(os.path.join(HERE, "..", "settings.json"),
              encoding="utf-8") as file:
        return json.load(file)


def shards_of(settings):
    """The data set, drawn if it is not there."""
    folder = os.path.join(cache(), "data")
    dataset.build(folder, settings["seed"], report=say)
    return dataset.load(folder)


def judge_of(settings, shards):
    """The judge, trained if it is not there; and its own share right."""
    network, share, _ = classifier.train(
        shards, os.path.join(cache(), "classifier.pt"),
        settings["classifier"], settings["seed"] + 1, report=say)
    return evaluate.judge_of(network), share


def train(arguments):
    """Data, tokenizer, autoencoder, UNet, export, parity."""
    settings, seed = options(), options()["seed"]
    shards = shards_of(settings)
    words = os.path.join(cache(), "tokenizer")
    tokenizer.write(words, captions.corpus())
    autoencoder, first = train_vae.train(
        shards, os.path.join(cache(), "vae.pt"), settings["vae"], seed,
        report=say)
    say(f"vae: {train_vae.psnr(autoencoder, shards):.2f} dB on held-out "
        f"pictures, {first.cpu:.0f} CPU-s")
    latents = train_vae.encode_all(autoencoder, shards, cache())
    text, unet, second = train_unet.train(
        train_unet.Source(shards, latents), words,
        os.path.join(cache(), "unet.pt"), settings["unet"], seed, report=say)
    say(f"unet: {second.step} steps, {second.cpu:.0f} CPU-s")
    folder = os.path.abspath(arguments.out)
    export.export(folder, words, autoencoder, text, unet)
    for part, worst in export.parity(folder, autoencoder, text, unet,
                                     tokenizer.Encoder(words)).items():
        say(f"parity: {part} differs from torch by at most {worst:.1e}")
    size = sum(os.path.getsize(os.path.join(base, name))
               for base, _, names in os.walk(folder) for name in names)
    say(f"{folder}: {size} bytes")
    if size > 12 * 2 ** 20:
        sys.exit("the model is larger than 12 MiB")


def measure(arguments):
    """The table, for one or two samplers side by side; sheets if asked."""
    settings = options()
    shards = shards_of(settings)
    judge, share = judge_of(settings, shards)
    say(f"the judge is right on {share:.1%} of held-out crops")
    model = sampling.Model(arguments.model)
    makers = {"reference loop": model}
    if arguments.plugin:
        makers["plugin"] = plugin.Plugin(arguments.model, arguments.plugin)
    if arguments.only:
        makers = {arguments.only: makers[arguments.only]}
    columns = {}
    for title, maker in makers.items():
        shares, _ = evaluate.single(maker, judge, arguments.seeds, say)
        columns[title] = (shares, *evaluate.regional(
            maker, judge, arguments.repeats, say))
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
    parser.add_argument("--threads", type=int, default=2)
    verbs = parser.add_subparsers(dest="verb", required=True)
    tiny = os.path.join(ROOT, "models", "tiny")
    verb = verbs.add_parser("train", help="make the model")
    verb.add_argument("--out", default=os.path.join(cache(), "model"),
                      help="the model's folder (%(default)s)")
    verb.set_defaults(run=train)
    verb = verbs.add_parser("evaluate", help="print a table of figures")
    verb.add_argument("--model", default=tiny, help="folder (%(default)s)")
    verb.add_argument("--plugin", help="folder with the built plugin: its "
                      "pictures side by side with the reference loop's")
    verb.add_argument("--only", choices=("reference loop", "plugin"))
    verb.add_argument("--seeds", type=int, default=20,
                      help="pictures of each single prompt (%(default)s)")
    verb.add_argument("--repeats", type=int, default=3,
                      help="regions of each material and layout "
                      "(%(default)s)")
    verb.add_argument("--table", help="file for the table")
    verb.set_defaults(run=measure)
    verb = verbs.add_parser("sheets", help="contact sheets by the plugin")
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
