/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "models/family.h"

#include <string.h>

#define STABLE_DIFFUSION \
    .pipelines = {"StableDiffusion", "LatentConsistencyModel"}, \
    .denoiser = "unet", \
    .prompt = { \
      .parts = { \
        {"text_encoder", "tokenizer", "last_hidden_state", NULL, FALSE}, \
      }, \
    }, \
    .cfg = 8.0

/* The first row that fits counts. Names of folders and pipelines are those of the
 * diffusers library. */
static const RdFamily families[] = {
  {
        .name = "sdxl",
        .title = "Stable Diffusion XL",
        .pipelines = {"StableDiffusionXL"},
        .denoiser = "unet",
        /* Podell et al., "SDXL: Improving Latent Diffusion Models for
         * High-Resolution Image Synthesis", 2023, section 2.1 and 2.2 */
        .prompt = {
              .parts = {
                    {"text_encoder", "tokenizer", "hidden_states.-2", NULL,
                        FALSE},
                    {"text_encoder_2", "tokenizer_2", "hidden_states.-2",
                          "text_embeds",
                        FALSE},
                  },
              .pooled = "text_embeds",
            },
        .has_sizes = TRUE,
        .cfg = 8.0,
      },
  {
        .name = "sd1",
        .title = "Stable Diffusion 1",
        .width = 768,
        STABLE_DIFFUSION,
      },
  {
        .name = "sd2",
        .title = "Stable Diffusion 2",
        .width = 1024,
        STABLE_DIFFUSION,
      },
  {
        .name = "sd",
        .title =
        "others of their structure, latent consistency models among them",
        STABLE_DIFFUSION,
      },
};

const RdFamily rd_family_vae = {
  .name = "",
  .title = "autoencoders alone",
};

/* "StableDiffusion3Pipeline" is another kind than "StableDiffusionPipeline". */
static gboolean
is_pipeline_of (const RdFamily * family, const char *pipeline)
{
  for (guint i = 0; family->pipelines[i]; i++)
    if (g_str_has_prefix (pipeline, family->pipelines[i])
        && !g_ascii_isdigit (pipeline[strlen (family->pipelines[i])]))
      return TRUE;
  return FALSE;
}

/**
 * rd_family_find:
 * @pipeline: the name of a pipeline's class
 * @width: of the tokens that the model's denoiser takes, 0 if that is not known yet
 *
 * Returns: (transfer none) (nullable): the family of such a model, %NULL if there
 *   is none
 */
const RdFamily *
rd_family_find (const char *pipeline, guint width)
{
  static const char *const prefixes[] = { "Onnx", "ORT" };

  for (guint i = 0; i < G_N_ELEMENTS (prefixes); i++)
    if (g_str_has_prefix (pipeline, prefixes[i]))
      pipeline += strlen (prefixes[i]);
  for (guint i = 0; i < G_N_ELEMENTS (families); i++) {
    const RdFamily *family = &families[i];

    if (is_pipeline_of (family, pipeline)
        && (width == 0 || family->width == 0 || family->width == width))
      return family;
  }
  return NULL;
}

/**
 * rd_family_list:
 *
 * Returns: (transfer full): what is supported, for people
 */
char *
rd_family_list (void)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    g_string_append_printf (list, "%s%s", i > 0 ? ", " : "", families[i].title);
  return g_string_free (g_steal_pointer (&list), FALSE);
}
