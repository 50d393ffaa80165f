/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "networks/denoiser.h"
#include "networks/runtime.h"
#include "prompt/recipe.h"

G_BEGIN_DECLS

/**
 * SECTION:prompt
 *
 * From a prompt to a conditioning: the tokenizers and text encoders of a model
 * folder, and the latest results. Usable from several threads at once.
 */

typedef struct _RdPromptEncoder RdPromptEncoder;

RdPromptEncoder *rd_prompt_encoder_new (const char *folder,
    const RdRuntime * runtime, const RdPromptRecipe * recipe, guint width,
    GError ** error);
void rd_prompt_encoder_free (RdPromptEncoder * encoder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdPromptEncoder, rd_prompt_encoder_free);

RdConditioning *rd_prompt_encoder_run (RdPromptEncoder * encoder,
    RdStream * stream, const RdPrompt * prompt, GCancellable * cancellable,
    GError ** error);

G_END_DECLS
