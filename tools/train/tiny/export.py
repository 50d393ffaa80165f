# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""Writes the folder that optimum and diffusers' OnnxStableDiffusionPipeline
read: ONNX graphs, the tokenizer, the scheduler's settings.

Weights are stored in half precision; the tables of a network, which are its
buffers, stay in single precision.
"""

import json
import os
import shutil

import numpy as np
import torch
from torch import nn

from . import diffusion, vae
from .halves import halve

OPSET = 17


class _VaeEncoder(nn.Module):
    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, sample):
        return self.network.encode(sample) / vae.SCALING_FACTOR


class _VaeDecoder(nn.Module):
    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, latent_sample):
        return self.network.decode(latent_sample * vae.SCALING_FACTOR)


class _TextEncoder(nn.Module):
    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, input_ids):
        made = self.network(input_ids=input_ids)
        return made.last_hidden_state, made.pooler_output


def _graph(folder, part, network, inputs, outputs, free):
    """One graph; inputs: name to example, free: name to its free axes."""
    os.makedirs(os.path.join(folder, part), exist_ok=True)
    path = os.path.join(folder, part, "model.onnx")
    torch.onnx.export(network.eval(), tuple(inputs.values()), path,
                      input_names=list(inputs), output_names=outputs,
                      dynamic_axes=free, opset_version=OPSET, dynamo=False,
                      do_constant_folding=True)
    halve(path, exact={name for name, _ in network.named_buffers()})


def _write_json(folder, name, content):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(content, file, indent=2)
        file.write("\n")


def _settings(folder, text, unet):
    runtime = ["diffusers", "OnnxRuntimeModel"]
    _write_json(folder, "model_index.json", {
        "_class_name": "OnnxStableDiffusionPipeline",
        "_diffusers_version": "0.42.1",
        "feature_extractor": [None, None],
        "requires_safety_checker": False,
        "safety_checker": [None, None],
        "scheduler": ["diffusers", "PNDMScheduler"],
        "text_encoder": runtime,
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": runtime, "vae_decoder": runtime, "vae_encoder": runtime})
    _write_json(folder, "scheduler/scheduler_config.json", {
        "_class_name": "PNDMScheduler",
        "beta_start": 0.00085, "beta_end": 0.012,
        "beta_schedule": "scaled_linear", "num_train_timesteps": 1000,
        "clip_sample": False, "prediction_type": "epsilon",
        "set_alpha_to_one": False, "skip_prk_steps": True,
        "steps_offset": 1, "trained_betas": None})
    for part in ("vae_encoder", "vae_decoder"):
        _write_json(folder, part + "/config.json", {
            "_class_name": "AutoencoderKL", "in_channels": 3,
            "out_channels": 3, "latent_channels": 4,
            "scaling_factor": vae.SCALING_FACTOR, "sample_size": 256,
            "block_out_channels": [24, 48, 48, 96]})
    _write_json(folder, "text_encoder/config.json", json.loads(
        text.config.to_json_string(use_diff=False)))
    _write_json(folder, "unet/config.json",
                {"_class_name": "UNet2DConditionModel",
                 **{key: value for key, value in unet.config.items()
                    if not key.startswith("_")}})


def export_preview(folder, preview):
    """The preview's decoder, with the interface of vae_decoder."""
    frame = {0: "batch", 2: "height", 3: "width"}
    network = nn.Module()
    network.decode = preview
    with torch.no_grad():
        _graph(folder, "vae_decoder", _VaeDecoder(network),
               {"latent_sample": torch.randn(1, 4, 8, 8)}, ["sample"],
               {"latent_sample": frame, "sample": frame})


def export(folder, tokenizer, autoencoder, text, unet):
    """Writes the model folder; what else lies in it is left alone."""
    frame = {0: "batch", 2: "height", 3: "width"}
    epsilon = diffusion.AsEpsilon(unet)
    with torch.no_grad():
        _graph(folder, "text_encoder", _TextEncoder(text),
               {"input_ids": torch.zeros(1, 77, dtype=torch.int32)},
               ["last_hidden_state", "pooler_output"],
               {"input_ids": {0: "batch", 1: "sequence"},
                "last_hidden_state": {0: "batch", 1: "sequence"},
                "pooler_output": {0: "batch"}})
        _graph(folder, "unet", epsilon,
               {"sample": torch.randn(2, 4, 16, 16),
                "timestep": torch.tensor([10]),
                "encoder_hidden_states": torch.randn(2, 77,
                                                     diffusion.WIDTH)},
               ["out_sample"],
               {"sample": frame, "timestep": {0: "steps"},
                "encoder_hidden_states": {0: "batch", 1: "sequence"},
                "out_sample": frame})
        _graph(folder, "vae_encoder", _VaeEncoder(autoencoder),
               {"sample": torch.rand(1, 3, 64, 64)}, ["latent_sample"],
               {"sample": frame, "latent_sample": frame})
        _graph(folder, "vae_decoder", _VaeDecoder(autoencoder),
               {"latent_sample": torch.randn(1, 4, 8, 8)}, ["sample"],
               {"latent_sample": frame, "sample": frame})
    _settings(folder, text, unet)
    os.makedirs(os.path.join(folder, "tokenizer"), exist_ok=True)
    for name in os.listdir(tokenizer):
        shutil.copy(os.path.join(tokenizer, name),
                    os.path.join(folder, "tokenizer", name))


@torch.no_grad()
def parity(folder, autoencoder, text, unet, encode):
    """Largest absolute difference of each graph from its torch network.

    Two frames that are no squares, at five timesteps, with real captions.
    """
    import onnxruntime

    def run(part, **inputs):
        session = onnxruntime.InferenceSession(
            os.path.join(folder, part, "model.onnx"),
            providers=["CPUExecutionProvider"])
        return session.run(None, inputs)[0]

    torch.manual_seed(3)
    ids = torch.tensor([encode("lava"), encode("")], dtype=torch.int32)
    states = text(input_ids=ids).last_hidden_state
    worst = {"text_encoder": np.abs(run(
        "text_encoder", input_ids=ids.numpy()) - states.numpy()).max()}
    epsilon = diffusion.AsEpsilon(unet)
    sample = torch.randn(2, 4, 24, 40)
    worst["unet"] = max(np.abs(run(
        "unet", sample=sample.numpy(), timestep=np.array([t]),
        encoder_hidden_states=states.numpy()) - epsilon(
            sample, torch.tensor([t]), states).numpy()).max()
        for t in (0, 20, 300, 700, 999))
    picture = torch.rand(1, 3, 96, 160) * 2 - 1
    worst["vae_encoder"] = np.abs(
        run("vae_encoder", sample=picture.numpy()) * vae.SCALING_FACTOR
        - autoencoder.encode(picture).numpy()).max()
    latents = torch.randn(1, 4, 24, 40)
    worst["vae_decoder"] = np.abs(
        run("vae_decoder", latent_sample=latents.numpy()
            / np.float32(vae.SCALING_FACTOR))
        - autoencoder.decode(latents).numpy()).max()
    return {part: float(value) for part, value in worst.items()}


def pipeline_parity(folder):
    """Largest difference, in levels of 255, of a picture by diffusers'
    OnnxStableDiffusionPipeline from the same by `sampling`.

    Four Euler steps: their timesteps are whole numbers in both.
    """
    from diffusers import EulerDiscreteScheduler, OnnxStableDiffusionPipeline

    from . import sampling

    class Euler(EulerDiscreteScheduler):
        """Its noise's scale as a number: this pipeline works on arrays."""

        @property
        def init_noise_sigma(self):
            return float(super().init_noise_sigma)

    model = sampling.Model(folder)
    wanted = model.sample((128, 128), "a fox", seed=3, steps=4)[0]
    pipeline = OnnxStableDiffusionPipeline.from_pretrained(folder)
    pipeline.scheduler = Euler.from_config(
        pipeline.scheduler.config, timestep_spacing="linspace")
    pipeline.set_progress_bar_config(disable=True)
    pipeline.scheduler.set_timesteps(4)
    # ComfyUI's noise is larger by a little at the first step
    sigma = float(pipeline.scheduler.sigmas[0])
    scale = (sigma ** 2 + 1) ** 0.5 / pipeline.scheduler.init_noise_sigma
    noise = torch.randn((1, 4, 16, 16),
                        generator=torch.Generator().manual_seed(3))
    made = pipeline("a fox", height=128, width=128, num_inference_steps=4,
                    guidance_scale=4.0, latents=noise.numpy() * np.float32(
                        scale), output_type="np").images[0]
    return float(np.abs(made * 255 - wanted).max())
