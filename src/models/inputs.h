/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "models/info.h"

G_BEGIN_DECLS

/**
 * SECTION:inputs
 *
 * What denoisers of some families are given besides latent, timestep and prompt,
 * as numbers that are the same in all rows and at all steps.
 */

/**
 * RdPictureSizes:
 * @original_width: of the picture before it was scaled, in pixels, and so on
 * @original_height: likewise
 * @crop_left: where the picture begins in the scaled one
 * @crop_top: likewise
 * @target_width: of the picture
 * @target_height: likewise
 *
 * What Stable Diffusion XL was told of the pictures that it was trained with, so
 * that it tells sharp from enlarged and whole from cut ones (Podell et al.,
 * 2023, section 2.2).
 */
typedef struct
{
  guint original_width, original_height;
  guint crop_left, crop_top;
  guint target_width, target_height;
} RdPictureSizes;

/**
 * RdInputNumbers:
 * @name: of the network's input
 * @n: how many numbers it takes
 * @numbers: they
 */
typedef struct
{
  const char *name;
  guint n;
  float *numbers;
} RdInputNumbers;

GArray *rd_model_inputs (const RdModelInfo * info,
    const RdPictureSizes * sizes, double cfg);
char **rd_model_input_names (const RdModelInfo * info);

G_END_DECLS
