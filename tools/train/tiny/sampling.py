# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""The evaluation's own sampler: numpy and ONNX Runtime, a page of code.

Euler steps over ComfyUI's 'normal' schedule. Regions in the order of Impact
Pack's RegionalSamplerAdvanced: in every step the base, then region after
region, each whole-frame pass keeping only its own area. The areas here are
whole latent cells and do not overlap, so every cell is stepped exactly once.
"""

import os

import numpy as np
import onnxruntime
import torch

from . import diffusion, tokenizer, vae


def schedule(steps):
    """ComfyUI's 'normal' scheduler: evenly spaced timesteps, then 0."""
    alpha = diffusion.alphas_cumprod().float().numpy()
    table = np.sqrt((1 - alpha) / alpha)
    times = np.linspace(999, 0, steps)
    logs = np.interp(times, np.arange(1000), np.log(table))
    return table, np.append(np.exp(logs), 0).astype(np.float32)


class Model:
    """A model folder in ONNX Runtime; `threads` for each network."""

    def __init__(self, folder, threads=1):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.parts = {
            part: onnxruntime.InferenceSession(
                os.path.join(folder, part, "model.onnx"), options,
                providers=["CPUExecutionProvider"])
            for part in ("text_encoder", "unet", "vae_encoder",
                         "vae_decoder")}
        self.tokenize = tokenizer.Encoder(os.path.join(folder, "tokenizer"))
        kind = self.parts["text_encoder"].get_inputs()[0].type
        self.id_type = np.int32 if kind == "tensor(int32)" else np.int64

    def text(self, prompt):
        """States of a prompt, (1, 77, width)."""
        ids = np.array([self.tokenize(prompt)], self.id_type)
        return self.parts["text_encoder"].run(None, {"input_ids": ids})[0]

    def noise_of(self, x, sigma, table, states, cfg):
        """The guided epsilon of a batch x at sigma."""
        scaled = x / np.sqrt(sigma * sigma + 1)
        time = np.abs(np.log(table) - np.log(sigma)).argmin()
        count = len(x)
        rows = np.concatenate([np.repeat(s, count, 0) for s in states])
        made = self.parts["unet"].run(None, {
            "sample": np.concatenate([scaled, scaled]).astype(np.float32),
            "timestep": np.array([time], np.int64),
            "encoder_hidden_states": rows})[0]
        return made[:count] + cfg * (made[count:] - made[:count])

    def sample(self, size, prompt, regions=(), seed=0, count=1, steps=12,
               cfg=4.0):
        """Pictures, (count, height, width, 3) of uint8.

        regions: (prompt, (top, bottom, left, right) in pixels, multiples of
        8). The noise is torch's for the seed, which is also ComfyUI's.
        """
        table, sigmas = schedule(steps)
        shape = (count, 4, size[0] // 8, size[1] // 8)
        noise = torch.randn(shape,
                            generator=torch.Generator().manual_seed(seed))
        x = noise.numpy() * np.sqrt(sigmas[0] ** 2 + 1)
        base = np.ones(shape[2:], bool)
        owners = [(prompt, base)]
        for words, (top, bottom, left, right) in regions:
            mask = np.zeros(shape[2:], bool)
            mask[top // 8:bottom // 8, left // 8:right // 8] = True
            base &= ~mask
            owners.append((words, mask))
        empty = self.text("")
        owners = [((empty, self.text(words)), mask)
                  for words, mask in owners if mask.any()]
        for now, following in zip(sigmas, sigmas[1:]):
            for states, mask in owners:
                epsilon = self.noise_of(x, now, table, states, cfg)
                x = np.where(mask, x + (following - now) * epsilon, x)
        return self.decode(x / vae.SCALING_FACTOR)

    def decode(self, latents):
        """Pictures of latents in the autoencoder's own scale."""
        made = self.parts["vae_decoder"].run(
            None, {"latent_sample": latents.astype(np.float32)})[0]
        made = np.moveaxis(made, 1, -1) * 127.5 + 127.5
        return np.clip(made + 0.5, 0, 255).astype(np.uint8)

    def reconstruct(self, pictures):
        """uint8 pictures through encoder and decoder."""
        sample = np.moveaxis(pictures, -1, 1).astype(np.float32) / 127.5 - 1
        return self.decode(self.parts["vae_encoder"].run(
            None, {"sample": np.ascontiguousarray(sample)})[0])
