/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* The product's kernels, for the host compiler. */

#include "../../cuda/combine.cu"
#include "../../cuda/convolve.cu"
#include "../../cuda/dilate.cu"
#include "../../cuda/map.cu"
#include "../../cuda/mark-not-finite.cu"
#include "../../cuda/pack.cu"
#include "../../cuda/patches.cu"
#include "../../cuda/randn.cu"
#include "../../cuda/resize.cu"
#include "../../cuda/partition.cu"
#include "../../cuda/surround.cu"
#include "../../cuda/unpack.cu"
#include "../../cuda/window.cu"
#include "../../cuda/window-add.cu"
