#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""Takes into tests/data/families what tests need of recordings of the pipelines
of diffusers: tiny models of each family with random weights, and for each
recorded run the latent that it starts from, in the VAE's scale, its result, the
decoded picture, and the settings of `regionalsampler` that stand for it.

usage: make-families.py RECORDINGS       a folder for each family, in it model/,
                                         and JSON and safetensors for each run

Needs numpy and safetensors; its output is committed, so that tests need neither.
"""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

OUT = Path(__file__).parent / "families"
FAMILIES = ["sdxl", "lcm", "sd2-v", "static-shape", "tokenizer-json-only"]
# Those whose pictures are compared; decoders are built alike in many families.
PICTURES = {"sdxl", "static-shape"}
# Encoders are not asked for.
LEFT_OUT = {"vae_encoder"}


def start(family, run, tensors, vae):
    """The latent that the run starts from, in the VAE's scale."""
    noise = tensors["noise"].astype(np.float64)
    if family == "lcm":  # recorded in a scale of its own
        noise = noise * np.sqrt(1 + run["sigmas"][0] ** 2)
    else:
        noise = noise * run["init_noise_sigma"]
    return noise / vae["scaling_factor"]


def settings(family, run):
    """Of the element, as gst_parse_launch() takes them."""
    case = run["case"]
    text = {"prompt": case["prompt"], "prompt-2": case.get("prompt_2"),
            "negative-prompt": case["negative_prompt"] or ""}
    words = [f'{name}="{value}"' for name, value in text.items()
             if value is not None]
    words.append(f"cfg={case['guidance']} add-noise=false")
    words.append("custom-sigmas=<%s>" % ",".join(map(repr, run["sigmas"])))
    if case["negative_prompt"] is None:
        words.append("zero-negative=true")
    if "original_size" in case:
        height, width = case["original_size"]
        words.append(f"original-width={width} original-height={height}")
    if "crop" in case:
        words.append("crop-top=%d crop-left=%d" % tuple(case["crop"]))
    if family == "lcm":  # draws its noise with another seed
        words.append(f"sampler=lcm noise-seed={case['seed'] + 999}")
    return " ".join(words)


def take(recordings, family):
    out = OUT / family
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(recordings / family / "model", out / "model",
                    copy_function=shutil.copyfile,
                    ignore=lambda _, names: LEFT_OUT & set(names))
    for folder in [out, *out.rglob("*/")]:
        folder.chmod(0o755)
    if family not in PICTURES:
        (out / "model/vae_decoder/model.onnx").unlink()
    vae = json.loads((out / "model/vae_decoder/config.json").read_text())
    for path in sorted((recordings / family).glob("?.json")):
        run = json.loads(path.read_text())
        tensors = load_file(str(path.with_suffix(".safetensors")))
        name = path.stem
        picture = np.clip(tensors["picture_decoded"] * 127.5 + 127.5, 0, 255)
        np.save(out / f"{name}-start.npy",
                start(family, run, tensors, vae).astype(np.float32))
        np.save(out / f"{name}-result.npy",
                tensors["vae_input"].astype(np.float32))
        if family in PICTURES:
            np.save(out / f"{name}-picture-u8.npy",
                    np.round(picture).astype(np.uint8))
        zero_snr = run["scheduler_config"].get("rescale_betas_zero_snr", False)
        yield {"id": f"{family}/{name}", "model": f"{family}/model",
               "zero-snr": zero_snr, "picture": family in PICTURES, "settings": settings(family, run),
               "tolerance": run["tolerance"]["latents"] / vae["scaling_factor"]}


recordings = Path(sys.argv[1])
OUT.mkdir(exist_ok=True)
cases = [case for family in FAMILIES for case in take(recordings, family)]
(OUT / "cases.json").write_text(json.dumps(cases, indent=1) + "\n")
