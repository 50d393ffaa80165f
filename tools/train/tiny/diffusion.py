# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""The networks of the diffusion model and its noise schedule (SD1.x's).

The UNet predicts v (Salimans and Ho, 'Progressive Distillation for Fast
Sampling of Diffusion Models', 2022) because a small one trained on epsilon
ignores prompts: at the first timestep an error in epsilon is fourteen times
larger in the picture. `AsEpsilon` turns v into epsilon for callers.
"""

import torch
from torch import nn

WIDTH = 128  # of the text's states


def alphas_cumprod():
    """Stable Diffusion's 'scaled_linear' schedule, 1000 timesteps."""
    root = torch.linspace(0.00085 ** 0.5, 0.012 ** 0.5, 1000,
                          dtype=torch.float64)
    return torch.cumprod(1 - root ** 2, 0)


def signal_and_noise():
    """Factors of picture and noise for each timestep."""
    alpha = alphas_cumprod()
    return alpha.sqrt().float(), (1 - alpha).sqrt().float()


def text_encoder(vocabulary):
    """A small CLIPTextModel; the last two tokens begin and end a text."""
    from transformers import CLIPTextConfig, CLIPTextModel

    return CLIPTextModel(CLIPTextConfig(
        vocab_size=vocabulary, hidden_size=WIDTH, intermediate_size=4 * WIDTH,
        projection_dim=WIDTH, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=77, bos_token_id=vocabulary - 2,
        eos_token_id=vocabulary - 1, pad_token_id=vocabulary - 1,
        initializer_range=0.02, attn_implementation="eager"))


def unet():
    """A small UNet2DConditionModel of SD1.x's blocks."""
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        sample_size=32, in_channels=4, out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D",
                          "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D",
                        "UpBlock2D"),
        block_out_channels=(64, 112, 144), layers_per_block=1,
        norm_num_groups=8, cross_attention_dim=WIDTH, attention_head_dim=4)


def v_loss(predicted, latents, noise, signal, deviation, weight):
    """Mean squared error of v, weighted by min(1, 5 / snr) ** 0.5.

    Weight (n, 1, h, w) says which part of each picture counts; the root of
    the min-SNR weight (Hang et al., 2023) leaves some for fine detail.
    """
    wanted = signal * noise - deviation * latents
    snr = (signal / deviation) ** 2
    balance = (5 / snr).clamp(max=1).sqrt()
    error = (predicted - wanted).pow(2).mean(1, keepdim=True)
    return (error * weight * balance).sum() / weight.sum()


class AsEpsilon(nn.Module):
    """The UNet as callers see it: an ordinary epsilon model.

    eps = signal * v + deviation * x, with tables gathered by the integer
    timestep, so that nothing is lost to a formula in fp16 or to rounding.
    """

    def __init__(self, network):
        super().__init__()
        self.network = network
        signal, deviation = signal_and_noise()
        self.register_buffer("signal", signal)
        self.register_buffer("deviation", deviation)

    def forward(self, sample, timestep, encoder_hidden_states):
        v = self.network(sample, timestep, encoder_hidden_states,
                         return_dict=False)[0]
        index = timestep.clamp(0, 999)
        signal = self.signal[index].reshape(-1, 1, 1, 1)
        deviation = self.deviation[index].reshape(-1, 1, 1, 1)
        return signal * v + deviation * sample
