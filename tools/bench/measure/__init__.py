# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""Measures the modes of `regionalsampler`; see docs/quality.md, docs/speed.md.

Runs in the Python of tools/train, whose judges and reference loop it uses
(package `tiny`); GStreamer's bindings are the system's.
"""
