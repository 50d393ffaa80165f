# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""The same pictures as `sampling` makes, by the plugin itself."""

import glob
import json
import os
import subprocess
import tempfile

import numpy as np
from PIL import Image


class Plugin:
    """Runs gst-launch-1.0 with the elements of a build's gst folder."""

    def __init__(self, folder, elements, threads=1):
        self.folder, self.threads = os.path.abspath(folder), threads
        self.environment = {**os.environ,
                            "GST_PLUGIN_PATH_1_0": os.path.abspath(elements)}

    def sample(self, size, prompt, regions=(), seed=0, count=1, steps=12,
               cfg=4.0):
        """As `sampling.Model.sample`; raises when the pipeline fails."""
        height, width = size
        document = {"units": "px", "regions": [
            {"prompt": words,
             "box": [left, top, right - left, bottom - top]}
            for words, (top, bottom, left, right) in regions]}
        with tempfile.TemporaryDirectory() as folder:
            settings = []
            if regions:
                path = os.path.join(folder, "regions.json")
                with open(path, "w", encoding="utf-8") as file:
                    json.dump(document, file)
                settings = [f"regions-location={path}", "overlap-factor=0",
                            "mode=sequential"]
            model = f"model={self.folder}"
            threads = f"threads={self.threads}"
            command = [
                "gst-launch-1.0", "-q", "latentsrc", "num-buffers=1",
                f"width={width}", f"height={height}", f"batch-size={count}",
                "!", "regionalsampler", model, threads, f'prompt="{prompt}"',
                f"steps={steps}", f"cfg={cfg}", f"noise-seed={seed}",
                *settings, "!", "latentdecode", model, threads, "!",
                "videoconvert", "!", "pngenc", "!", "multifilesink",
                f"location={folder}/%05d.png"]
            subprocess.run(command, check=True, env=self.environment,
                           stdout=subprocess.DEVNULL)
            files = sorted(glob.glob(folder + "/*.png"))
            if len(files) != count:
                raise RuntimeError(f"{len(files)} pictures of {count} from: "
                                   + " ".join(command))
            return np.stack([np.asarray(Image.open(f).convert("RGB"))
                             for f in files])
