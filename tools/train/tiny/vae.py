# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""The autoencoder: 8 times smaller, 4 channels, as Stable Diffusion's.

Convolutions around pixel (un)shuffles, without normalisation or attention:
an AutoencoderKL of the same quality costs several times as much on a CPU.
"""

import torch
from torch import nn
from torch.nn import functional as F

SCALING_FACTOR = 0.18215  # what SD1.5's callers multiply latents by


class _Residual(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)

    def forward(self, x):
        return x + self.second(F.silu(self.first(F.silu(x))))


def _larger(width, wanted):
    """Twice as high and wide, `wanted` channels: a convolution and a shuffle.

    The four pixels that come of one begin as equals, so that no lattice is
    there from the start.
    """
    grow = nn.Conv2d(width, 4 * wanted, 3, padding=1)
    with torch.no_grad():
        grow.weight.copy_(grow.weight[::4].repeat_interleave(4, 0))
        grow.bias.copy_(grow.bias[::4].repeat_interleave(4, 0))
    return nn.Sequential(grow, nn.PixelShuffle(2))


class Encoder(nn.Module):
    """Pictures in -1..1 to means and log variances of latents."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.PixelUnshuffle(4), nn.Conv2d(48, 64, 3, padding=1),
            _Residual(64),
            nn.PixelUnshuffle(2), nn.Conv2d(256, 112, 3, padding=1),
            _Residual(112), nn.SiLU(), nn.Conv2d(112, 8, 1))

    def forward(self, pictures):
        mean, log_variance = self.body(pictures).chunk(2, 1)
        return mean, log_variance.clamp(-12, 4)


class Decoder(nn.Module):
    """Latents to pictures in -1..1, slightly beyond where it overshoots."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(4, 128, 3, padding=1), _Residual(128), _Residual(128),
            _larger(128, 64), _Residual(64), _Residual(64), nn.SiLU(),
            _larger(64, 32), _Residual(32), nn.SiLU(),
            _larger(32, 3))

    def forward(self, latents):
        return self.body(latents)


class Preview(nn.Module):
    """A decoder for previews and live pictures: soft, but almost free."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(4, 48, 3, padding=1), nn.SiLU(),
            nn.Conv2d(48, 48, 3, padding=1), nn.SiLU(),
            _larger(48, 24), nn.SiLU(),
            nn.Conv2d(24, 48, 3, padding=1), nn.PixelShuffle(4))

    def forward(self, latents):
        return self.body(latents)


class Autoencoder(nn.Module):
    """Encoder and decoder with the deviation of their latents.

    `mean` and `deviation` (one a channel, measured after training) turn the
    encoder's latents into ones of zero mean and unit deviation, on which the
    UNet works.
    """

    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = Encoder(), Decoder()
        self.register_buffer("mean", torch.zeros(1, 4, 1, 1))
        self.register_buffer("deviation", torch.ones(1, 4, 1, 1))

    def encode(self, pictures):
        """Normalised latents, without noise."""
        return (self.encoder(pictures)[0] - self.mean) / self.deviation

    def decode(self, latents):
        """Pictures of normalised latents."""
        return self.decoder(latents * self.deviation + self.mean)


def reconstruction_loss(made, wanted):
    """L1, plus gradients (edges) and coarser scales (no drift of colour)."""
    loss = (made - wanted).abs().mean()
    for axis in (2, 3):
        loss = loss + 0.5 * (made.diff(dim=axis)
                             - wanted.diff(dim=axis)).abs().mean()
    for size in (4, 8):
        loss = loss + 0.25 * (F.avg_pool2d(made, size)
                              - F.avg_pool2d(wanted, size)).abs().mean()
    return loss + 0.25 * _texture_loss(made, wanted)


def _texture_loss(made, wanted):
    """Local energy of fine detail: blur costs even where detail is unsure."""
    def energy(x):
        fine = x - F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
        return (F.avg_pool2d(fine * fine, 8) + 1e-4).sqrt()
    return (energy(made) - energy(wanted)).abs().mean()


def kl_loss(mean, log_variance):
    """Distance of the latents' distribution from the unit normal one."""
    return 0.5 * (mean ** 2 + log_variance.exp() - 1 - log_variance).mean()
