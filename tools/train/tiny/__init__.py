# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 the gst-regional authors
"""Trains the small text-to-image model in models/tiny from nothing.

Every picture it learns from is computed by `materials`, every caption comes
from the grammar in `captions`: no file of anybody else's takes part, so the
weights carry nobody else's rights.
"""
