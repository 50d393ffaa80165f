# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""Elements as functions: a buffer in, a buffer out, settings in between.

A pipeline lives as long as the program, so networks are loaded once.
"""

import atexit
import json
import os
import subprocess
import sys
import time

import numpy as np


def _bindings():
    """The system's GStreamer bindings, for a Python of the same version."""
    try:
        folder = subprocess.run(
            ["/usr/bin/python3", "-c",
             "import gi, os; print(os.path.dirname(gi.__path__[0]))"],
            check=True, capture_output=True, text=True).stdout.strip()
        sys.path.append(folder)  # behind the environment's own packages
        import gi  # pylint: disable=import-outside-toplevel
        gi.require_version("Gst", "1.0")
        gi.require_version("GstApp", "1.0")
        from gi.repository import Gst, GstApp  # noqa: F401
        # pylint: disable-previous=import-outside-toplevel,unused-import
    except (subprocess.CalledProcessError, ImportError, ValueError) as error:
        raise RuntimeError(
            f"no GStreamer bindings ({error}); install the packages "
            "python3-gi and gir1.2-gst-plugins-base-1.0") from error
    Gst.init(None)
    return Gst


def load(elements):
    """GStreamer with the elements of a build's gst folder."""
    gst = _bindings()
    gst.Registry.get().scan_path(os.path.abspath(elements))
    if not gst.ElementFactory.find("regionalsampler"):
        raise RuntimeError(
            f"{elements} has no regionalsampler; run tools/build")
    return gst


class Stage:
    """An element between appsrc and appsink."""

    def __init__(self, gst, element, caps, threads=1):
        self.gst = gst
        self.pipeline = gst.parse_launch(
            f"appsrc name=in format=time ! {element} name=it "
            f"threads={threads} ! appsink name=out sync=false")
        self.element = self.pipeline.get_by_name("it")
        self.source = self.pipeline.get_by_name("in")
        self.sink = self.pipeline.get_by_name("out")
        self.source.set_property("caps", gst.Caps.from_string(caps))
        atexit.register(self.pipeline.set_state, gst.State.NULL)
        self.pipeline.set_state(gst.State.PLAYING)

    def run(self, data):
        """The bytes that the element makes of bytes."""
        self.source.push_buffer(self.gst.Buffer.new_wrapped(data))
        while True:
            sample = self.sink.try_pull_sample(self.gst.SECOND)
            if sample:
                buffer = sample.get_buffer()
                return buffer.extract_dup(0, buffer.get_size())
            message = self.pipeline.get_bus().pop_filtered(
                self.gst.MessageType.ERROR)
            if message:
                error, detail = message.parse_error()
                raise RuntimeError(f"{error.message} ({detail})")


class Sampler:
    """Latents of `regionalsampler`, with what they cost."""

    SIZES = ("evaluations", "rows", "network", "loop")

    def __init__(self, gst, folder, side=256, threads=1):
        self.gst, self.cells = gst, side // 8
        self.stage = Stage(
            gst, f'regionalsampler model="{folder}"',
            "tensor/strided,tensor-id=stable-diffusion-latent,type=float32,"
            "dims-order=row-major,framerate=(fraction)0/1,"
            f"dims=<1,4,{self.cells},{self.cells}>,downscale=8", threads)
        self.touched = {}

    def set(self, settings):
        """Properties by name; those set before go back to their defaults."""
        element = self.stage.element
        for name in list(self.touched):
            if name not in settings:
                element.set_property(name, self.touched.pop(name))
        for name, value in settings.items():
            if name not in self.touched:
                self.touched[name] = element.find_property(
                    name).default_value
            if isinstance(self.touched[name], str | None):
                element.set_property(name, value)
            else:
                self.gst.util_set_object_arg(element, name, str(value))

    def _stats(self):
        stats = self.stage.element.get_property("stats")
        return {name: stats.get_value(name) for name in self.SIZES}

    def sample(self, base, regions, settings):
        """A latent, (4, cells, cells), and a dict of `SIZES` and cpu.

        regions: prompt and shape, as docs/regions.md has shapes in pixels.
        cpu is in seconds of this process, which should do nothing else
        meanwhile.
        """
        document = {"units": "px", "regions": [
            {"prompt": words, **shape} for words, shape in regions]}
        self.set({"prompt": base, "regions": json.dumps(document),
                  **settings})
        before, began = self._stats(), time.process_time()
        data = self.stage.run(bytes(4 * 4 * self.cells ** 2))
        cost = {"cpu": time.process_time() - began}
        for name, value in self._stats().items():
            cost[name] = value - before[name]
        return np.frombuffer(data, np.float32).reshape(
            4, self.cells, self.cells), cost


class Decoder:
    """Pictures of latents by `latentdecode`."""

    def __init__(self, gst, folder, side=256, threads=1):
        self.side = side
        self.stage = Stage(
            gst, f'latentdecode model="{folder}"',
            "tensor/strided,tensor-id=stable-diffusion-latent,type=float32,"
            "dims-order=row-major,framerate=(fraction)0/1,"
            f"dims=<1,4,{side // 8},{side // 8}>,downscale=8", threads)

    def picture(self, latent):
        """uint8 (side, side, 3)."""
        data = self.stage.run(latent.tobytes())
        return np.frombuffer(data, np.uint8).reshape(
            self.side, self.side, 3)
