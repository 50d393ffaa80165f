# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""How much a painted video flickers, and how long it remembers, by `feedback`.

A camera looks at a scene that does not change and adds noise of its own to
every frame. What changes in the painted frames is flicker. Then the scene is
another one at once; how far the frames after that are from what they would be
without the one before is what feedback costs.
"""

import argparse
import os
import pathlib
import subprocess
import tempfile

import numpy as np

from .report import put

ROOT = pathlib.Path(__file__).resolve().parents[3]
SIDE, FRAMES, CUT, SETTLED = 128, 32, 20, 16
CAMERA_NOISE = 8.0      # standard deviation, of 255
FEEDBACK = (0.0, 0.1, 0.25, 0.5)
REGIONS = "lava @0.1,0.1,0.4,0.4 | green meadow @0.4,0.55,0.5,0.4"


def scene(number):
    """A smooth picture with edges in it."""
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    waves = np.stack([np.sin(2 * np.pi * (f * x + g * y + p + number * 0.37))
                      for f, g, p in ((1, 2, 0), (2, -1, .3), (-1, 1, .6))], -1)
    picture = 128 + 70 * waves
    picture[(x > 0.5) ^ (y > 0.6)] *= 0.7
    return picture


def camera(rng, cut):
    frames = [scene(int(cut and i >= CUT)) for i in range(FRAMES)]
    noisy = np.stack(frames) + rng.normal(0, CAMERA_NOISE,
                                          (FRAMES, SIDE, SIDE, 3))
    return noisy.clip(0, 255).astype(np.uint8)


def paint(video, feedback, args):
    """The frames that come out, as float."""
    with tempfile.TemporaryDirectory() as folder:
        source, result = f"{folder}/in.rgb", f"{folder}/out.rgb"
        video.tofile(source)
        line = [
            "gst-launch-1.0", "-q", "filesrc", f"location={source}",
            f"blocksize={3 * SIDE * SIDE}", "!", "rawvideoparse", "format=rgb",
            f"width={SIDE}", f"height={SIDE}", "framerate=10/1", "!",
            "latentencode", f"model={args.model}", "!", "regionalsampler",
            f"model={args.model}", "prompt=snow", f"regions={REGIONS}",
            f"denoise={args.denoise}", f"steps={args.steps}",
            "noise-seed=42", f"feedback={feedback}", "!", "latentdecode",
            f"model={args.model}", "!", "filesink", f"location={result}"]
        environment = dict(os.environ, GST_PLUGIN_PATH_1_0=args.plugin)
        subprocess.run(line, check=True, env=environment)
        return np.fromfile(result, np.uint8).reshape(video.shape).astype(float)


def flicker(frames):
    """Mean difference from one frame to the next, once it has settled."""
    return np.abs(np.diff(frames[SETTLED:], axis=0)).mean()


def measure(args):
    rng = np.random.default_rng(1)
    still, cut = camera(rng, False), camera(rng, True)
    rows = ["| feedback | flicker | of that without | 1 frame after a cut | 3 "
            "frames after |", "|---:|---:|---:|---:|---:|"]
    base = base_cut = None
    for feedback in FEEDBACK:
        value = flicker(paint(still, feedback, args))
        frames = paint(cut, feedback, args)
        if base is None:
            base, base_cut = value, frames
        off = np.abs(frames - base_cut).mean(axis=(1, 2, 3))
        rows.append(f"| {feedback:g} | {value:.2f} | {value / base:.2f} | "
                    f"{off[CUT]:.1f} | {off[CUT + 2]:.1f} |")
    rows.append("")
    rows.append(f"Levels of 255; the camera's own noise makes "
                f"{flicker(still.astype(float)):.2f} from frame to frame. "
                f"{SIDE}x{SIDE}, denoise {args.denoise:g}, {args.steps} steps, "
                "the bundled model, two regions.")
    return "\n".join(rows)


def main():
    parser = argparse.ArgumentParser(
        prog="tools/bench/flicker", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plugin", default=str(ROOT / "build/gst"))
    parser.add_argument("--model", default=str(ROOT / "models/tiny"))
    parser.add_argument("--denoise", type=float, default=0.5)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--page", help="a page to put the table into")
    args = parser.parse_args()
    put(measure(args), args.page)


if __name__ == "__main__":
    main()
