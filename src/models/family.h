/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "prompt/recipe.h"

G_BEGIN_DECLS

/**
 * SECTION:family
 *
 * Kinds of models: which networks they have and what these are given. To add
 * one is a row of the table in family.c.
 */

/**
 * RdFamily:
 * @name: for caps
 * @title: for people
 * @pipelines: how the names of its pipelines begin in `model_index.json`,
 *   without a prefix such as "Onnx"; %NULL-terminated
 * @width: of the tokens that its denoiser takes, 0 for any: tells apart what one
 *   pipeline serves
 * @denoiser: (nullable): folder of the network that denoises
 * @prompt: its text encoders
 * @has_sizes: its denoiser is told sizes and place of the picture, see
 *   #RdPictureSizes
 * @cfg: the guidance scale where users set none
 */
typedef struct
{
  const char *name;
  const char *title;
  const char *pipelines[3];
  guint width;
  const char *denoiser;
  RdPromptRecipe prompt;
  gboolean has_sizes;
  double cfg;
} RdFamily;

/**
 * rd_family_vae:
 *
 * What a folder is that has an autoencoder alone: it has no denoiser and no text
 * encoder.
 */
extern const RdFamily rd_family_vae;

const RdFamily *rd_family_find (const char *pipeline, guint width);
char *rd_family_list (void);

G_END_DECLS
