#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""Copies what the tests need of a full folder of golden vectors.

Usage: tools/golden-subset.py GOLDEN_FOLDER

Golden vectors are inputs and outputs of ComfyUI 0.8.0 with Impact Pack 7.10.6.
The full folder holds every case of every sampler; the tests of this repository
read tests/data/golden/, which this script writes anew: manifest.json with the
cases that WANTED names, and the numbers they refer to, packed by section, equal
arrays once, arrays of small whole numbers (masks) as bytes.
"""
import array
import json
import math
import pathlib
import re
import struct
import sys

REGIONAL = set(range(1, 40)) | set(range(50, 55)) | {60}

# kind -> which of its cases
WANTED = {
    # A: noise
    "noise": lambda case: True,
    "noise_batch_index": lambda case: True,
    "noise_ancestral_stream": lambda case: True,
    "noise_brownian": lambda case: True,
    "noise_variation": lambda case: True,
    # B: noise levels
    "sigma_table": lambda case: True,
    "sigma_table_zsnr": lambda case: True,
    "timestep": lambda case: True,
    "sigma": lambda case: True,
    "sigmas": lambda case: True,
    # C: masks of the reference
    "mask_erosion": lambda case: True,
    "prepare_mask": lambda case: True,
    "mask_chain": lambda case: True,
    "inverse_union": lambda case: True,
    "latent_composite_masked": lambda case: True,
    # D: one sampler, whole frame
    "ksampler": lambda case: True,
    "separated_sample": lambda case: True,
    # K: one sampler under a mask, the rest is kept; not what takes the run in one go
    "keep": lambda case: case["sampler"] != "dpm_adaptive"
    and not (case["pred"] == "flow" and "add_noise" in case)
    and not case["noise_mask"]["file"].endswith("_px.npy"),
    # F: one sampler on flow networks
    "flow": lambda case: True,
    # E: the regional loop
    "regional": lambda case: int(case["id"][1:3]) in REGIONAL,
}

# descriptions that tests have no use for
DROPPED = {"status", "tol_note", "engine_diff", "values"}
# and what they need to know of every run of a sampler
SAMPLING_CALL = ("sigmas", "unet_calls", "unet_rows")


def read_npy(path):
    data = path.read_bytes()
    if data[:8] != b"\x93NUMPY\x01\x00":
        raise SystemExit(f"{path}: not an NPY file of version 1.0")
    length, = struct.unpack("<H", data[8:10])
    header = data[10:10 + length].decode("latin-1")
    if "'<f4'" not in header or "'fortran_order': False" not in header:
        raise SystemExit(f"{path}: not float32 in C order: {header}")
    shape = re.search(r"'shape': \(([^)]*)\)", header).group(1)
    values = array.array("f", data[10 + length:])
    if sys.byteorder == "big":
        values.byteswap()
    return [int(n) for n in shape.split(",") if n.strip()], values


def write_npy(path, kind, data):
    count = len(data) // (4 if kind == "<f4" else 1)
    header = f"{{'descr': '{kind}', 'fortran_order': False, " \
             f"'shape': ({count},), }}"
    header += " " * (-(len(header) + 11) % 64) + "\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header))
                     + header.encode("latin-1") + data)


class Pack:
    """Arrays of one section, in a file of floats and a file of bytes."""

    def __init__(self, source, section):
        self.source = source
        self.section = section.lower()
        self.data = {"<f4": bytearray(), "|u1": bytearray()}
        self.known = {}

    def add(self, reference):
        _, values = read_npy(self.source / reference["file"])
        count = math.prod(reference["shape"])
        values = values[reference["offset"]:reference["offset"] + count]
        data = struct.pack(f"<{count}f", *values)
        kind, size = "<f4", 4
        if all(v in range(256) for v in values) and b"\x80" not in data[3::4]:
            kind, size, data = "|u1", 1, bytes(int(v) for v in values)
        if (kind, data) not in self.known:
            self.known[kind, data] = len(self.data[kind]) // size
            self.data[kind] += data
        return {"file": self.name(kind), "offset": self.known[kind, data],
                "shape": reference["shape"]}

    def name(self, kind):
        return self.section + ("-u8.npy" if kind == "|u1" else ".npy")

    def write(self, folder):
        for kind, data in self.data.items():
            if data:
                write_npy(folder / self.name(kind), kind, bytes(data))


def copy(value, pack):
    """A case without what is dropped, its arrays moved into the pack."""
    if isinstance(value, list):
        return [copy(v, pack) for v in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"file", "offset", "shape"}:
        return pack.add(value)
    result = {k: copy(v, pack) for k, v in value.items() if k not in DROPPED}
    if "sampling_calls" in result:
        result["sampling_calls"] = [{k: call[k] for k in SAMPLING_CALL}
                                    for call in result["sampling_calls"]]
    return result


def read_cases(source):
    """Of all sections. Of schedules, which are named, the ends are left where they
    count."""
    yield from json.loads((source / "manifest.json").read_text())["cases"]
    for case in json.loads((source / "k/manifest.json").read_text())["cases"]:
        del case["sigmas"]
        yield case | {"kind": "keep"}
    for case in json.loads((source / "f/manifest.json").read_text())["cases"]:
        sigmas = case.pop("sigmas") or [0.0]
        yield case | {"kind": "flow", "first": sigmas[0], "last": sigmas[-1]}


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    source = pathlib.Path(sys.argv[1])
    folder = pathlib.Path(__file__).parent.parent / "tests/data/golden"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.npy"):
        old.unlink()

    packs = {}
    cases = []
    for case in read_cases(source):
        if WANTED.get(case["kind"], lambda case: False)(case):
            pack = packs.setdefault(case["section"],
                                    Pack(source, case["section"]))
            cases.append(copy(case, pack))

    packs["embeddings"] = Pack(source, "embeddings")
    embeddings = {}
    for path in sorted(source.glob("models/emb_*.npy")):
        shape, _ = read_npy(path)
        embeddings[path.stem[len("emb_"):]] = packs["embeddings"].add(
            {"file": path.relative_to(source), "offset": 0, "shape": shape})

    for pack in packs.values():
        pack.write(folder)
    lines = ",\n".join(json.dumps(case) for case in cases)
    embeddings = json.dumps(embeddings)
    (folder / "manifest.json").write_text(
        f'{{"embeddings": {embeddings},\n"cases": [\n{lines}\n]}}\n')
    print(f"{len(cases)} cases in {folder}")


if __name__ == "__main__":
    main()
