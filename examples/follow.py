#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""Regions that move, from Python: says for each frame of a pipeline where
something is, and shows how far it is. Needs PyGObject (Debian: python3-gi and
gir1.2-gstreamer-1.0) and nothing else.

    follow.py MODEL FOLDER [FRAMES]
    follow.py models/tiny /tmp 5

writes FOLDER/frame-0.png, ...: lava goes around in snow."""

import json
import math
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, Gst  # noqa: E402

SIZE = 0.35     # of a region, in fractions of the picture


def regions_at(turn):
    """The document for a frame, @turn of the way around."""
    x = 0.5 + 0.3 * math.cos(2 * math.pi * turn) - SIZE / 2
    y = 0.5 + 0.3 * math.sin(2 * math.pi * turn) - SIZE / 2
    return json.dumps([{"id": "ball", "prompt": "lava", "feather": 8,
                        "box": [round(x, 4), round(y, 4), SIZE, SIZE]}])


def choose_regions(pad, info, regionmeta, frames):
    """Before a buffer gets to regionmeta, in the buffer's own thread: so it is
    this buffer that gets what is set here."""
    frame = info.get_buffer().offset
    regionmeta.set_property("regions", regions_at(frame / frames))
    return Gst.PadProbeReturn.OK


def main(model, folder, frames):
    Gst.init(None)
    pipeline = Gst.parse_launch(
        f"videotestsrc pattern=white num-buffers={frames} ! "
        "video/x-raw,width=128,height=128,framerate=10/1 ! "
        "regionmeta name=regions ! videoconvert ! latentencode name=encoder ! "
        "regionalsampler name=sampler prompt=snow denoise=0.95 steps=8 ! "
        "latentdecode name=decoder ! videoconvert ! pngenc ! "
        "multifilesink name=files")
    for name in "encoder", "sampler", "decoder":
        pipeline.get_by_name(name).set_property("model", model)
    pipeline.get_by_name("files").set_property("location",
                                               f"{folder}/frame-%d.png")
    regionmeta = pipeline.get_by_name("regions")
    regionmeta.get_static_pad("sink").add_probe(
        Gst.PadProbeType.BUFFER, choose_regions, regionmeta, frames)

    loop = GLib.MainLoop()
    failed = []

    def on_message(bus, message):
        if message.type == Gst.MessageType.PROGRESS:
            details = message.get_structure()
            if details.get_string("code") == "sample":
                job = details.get_uint64("job").value
                print(f"\rframe {job} of {frames}, "
                      f"{details.get_int('percent').value:3d} %",
                      end="", file=sys.stderr)
        elif message.type == Gst.MessageType.EOS:
            loop.quit()
        elif message.type == Gst.MessageType.ERROR:
            failed.append(message.parse_error()[0].message)
            loop.quit()

    bus = pipeline.get_bus()
    bus.add_signal_watch()
    bus.connect("message", on_message)
    pipeline.set_state(Gst.State.PLAYING)
    try:
        loop.run()
    except KeyboardInterrupt:
        failed.append("canceled")
    # ends a job that runs, within a moment
    pipeline.set_state(Gst.State.NULL)
    print(file=sys.stderr)
    if failed:
        sys.exit(failed[0])


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: follow.py MODEL FOLDER [FRAMES]")
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if sys.argv[3:] else 5)
