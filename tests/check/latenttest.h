/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/check/gstcheck.h>

#include "latent/gstlatentcaps.h"

G_BEGIN_DECLS

/**
 * SECTION:latenttest
 *
 * Caps of latents as tests write and compare them.
 */

#define LATENT_ID "tensor-id=(string)stable-diffusion-latent"
#define LATENT_ANY_ID \
    "tensor-id=(string){stable-diffusion-latent,latent}"
#define LATENT_STRIDED(type, dims, rest) \
    "tensor/strided," LATENT_ID ",type=(string)" type \
    ",dims=(int)<" dims ">,dims-order=(string)row-major" rest
#define LATENT_PLAIN LATENT_STRIDED ("float32", "1,4,8,16", ",framerate=0/1")
/* what elements offer, of either type */
#define LATENT_ANY(rest) \
    "tensor/strided," LATENT_ANY_ID ",type=(string){float32,float16}," \
    "dims-order=(string)row-major," rest
#define LATENT_TENSORS(type, dimensions, rest) \
    "other/tensors,format=(string)static,num_tensors=(int)1," \
    "types=(string)" type ",dimensions=(string)" dimensions rest

/* a model of four channels and eight pixels per cell */
extern const RdModelInfo latent_model;

gboolean latent_read_info (GstLatentInfo * info, const char *text,
    GError ** error);
void latent_check_caps (GstCaps * got, const char *want_text);

G_END_DECLS
