# SPDX-License-Identifier: LGPL-2.1-or-later
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


class Encoder(nn.Module):
    """Pictures in -1..1 to means and log variances of latents."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.PixelUnshuffle(4), nn.Conv2d(48, 48, 3, padding=1),
            _Residual(48),
            nn.PixelUnshuffle(2), nn.Conv2d(192, 88, 3, padding=1),
            _Residual(88), nn.SiLU(), nn.Conv2d(88, 8, 1))

    def forward(self, pictures):
        mean, log_variance = self.body(pictures).chunk(2, 1)
        return mean, log_variance.clamp(-12, 4)


class Decoder(nn.Module):
    """Latents to pictures in -1..1, slightly beyond where it overshoots."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(4, 96, 3, padding=1), _Residual(96), _Residual(96),
            nn.Conv2d(96, 192, 3, padding=1), nn.PixelShuffle(2),
            _Residual(48), _Residual(48), nn.SiLU(),
            nn.Conv2d(48, 96, 3, padding=1), nn.PixelShuffle(2),
            _Residual(24), nn.SiLU(),
            nn.Conv2d(24, 12, 3, padding=1), nn.PixelShuffle(2))

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
    return loss + 0.35 * _texture_loss(made, wanted)


def _texture_loss(made, wanted):
    """Local energy of fine detail: blur costs even where detail is unsure."""
    def energy(x):
        fine = x - F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
        return (F.avg_pool2d(fine * fine, 8) + 1e-4).sqrt()
    return (energy(made) - energy(wanted)).abs().mean()


def kl_loss(mean, log_variance):
    """Distance of the latents' distribution from the unit normal one."""
    return 0.5 * (mean ** 2 + log_variance.exp() - 1 - log_variance).mean()
