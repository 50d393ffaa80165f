/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SECTION:recipe
 *
 * How the text encoders of a model make one conditioning of a prompt.
 */

/**
 * RD_PROMPT_MAX_PARTS:
 *
 * Most text encoders of a model.
 */
#define RD_PROMPT_MAX_PARTS 3

/**
 * RdPromptPart:
 * @network: the text encoder's folder below the model's
 * @tokenizer: its tokenizer's folder
 * @states: (nullable): which of its outputs is part of the network's tokens, see
 *   #RdTextOutputs
 * @pooled: (nullable): which of its outputs is part of the network's pooled input
 * @behind: its tokens stand behind those of the parts before it, else beside
 *   them
 *
 * One text encoder, and what becomes of what it gives.
 */
typedef struct
{
  const char *network;
  const char *tokenizer;
  const char *states;
  const char *pooled;
  gboolean behind;
} RdPromptPart;

/**
 * RdPromptRecipe:
 * @parts: they; those without a @network are none
 * @pooled: (nullable): the network's input that takes the pooled outputs, side
 *   by side
 *
 * Tokens that are narrower than the network's have zeros beside them.
 */
typedef struct
{
  RdPromptPart parts[RD_PROMPT_MAX_PARTS];
  const char *pooled;
} RdPromptRecipe;

/**
 * RdPrompt:
 * @texts: (nullable): one for each part; %NULL for the first one's, whose %NULL is
 *   the empty text
 *
 * What a user asks for.
 */
typedef struct
{
  const char *texts[RD_PROMPT_MAX_PARTS];
} RdPrompt;

G_END_DECLS
