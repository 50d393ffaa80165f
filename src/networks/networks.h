/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "networks/denoiser.h"
#include "networks/runtime.h"
#include "networks/text-encoder.h"
#include "networks/vae.h"

G_BEGIN_DECLS

/**
 * SECTION:networks
 *
 * The networks of a diffusion model and the backends that run them.
 *
 * RdDenoiser, RdTextEncoder and RdVae are interfaces: a struct with a table of
 * functions, which an implementation embeds first in its own. A backend
 * implements all three for one library or service, and fills in one table,
 * #RdBackend. ONNX Runtime in process is the backend of onnx/.
 *
 * To add a backend, for example a remote server:
 *
 * 1. Make a folder beside onnx/ that includes `networks/networks.h`. In it,
 *    embed the three structs, call rd_denoiser_init() and the like, and implement
 *    their classes. What an implementation may rely on and what it owes is said
 *    at each class; rd_denoiser_evaluate() and the like check what they can
 *    before they call it.
 * 2. Fill in an #RdBackend and return it from one function. That is all that
 *    the folder exports; declare it below, beside rd_onnx_backend().
 * 3. Where a build may lack the library, build another file instead whose
 *    table refuses, with an error that names the remedy (see onnx/absent.c).
 * 4. Add to #RdRuntime what says that this backend is meant (an address, say),
 *    and to rd_runtime_backend() the line that chooses it. rd_model_open() copies
 *    a runtime and tells models apart by it: a new field goes into both, and into
 *    the properties of gst/common/gstlatentmodeluser.c.
 * 5. Name the folder in src/meson.build and in tests/scripts/includes.
 *
 * Prompts, the loop and the elements know only the interfaces.
 */

/**
 * RdNetworkKind:
 * @RD_NETWORK_TEXT_ENCODER: an #RdTextEncoder
 * @RD_NETWORK_DENOISER: an #RdDenoiser
 * @RD_NETWORK_VAE_ENCODER: an #RdVae from pictures to latents
 * @RD_NETWORK_VAE_DECODER: an #RdVae from latents to pictures
 * @RD_NETWORK_N_KINDS: how many there are
 *
 * The networks of a model.
 */
typedef enum
{
  RD_NETWORK_TEXT_ENCODER,
  RD_NETWORK_DENOISER,
  RD_NETWORK_VAE_ENCODER,
  RD_NETWORK_VAE_DECODER,
  RD_NETWORK_N_KINDS,
} RdNetworkKind;

/**
 * RdBackend:
 * @name: for messages and to tell backends apart
 * @describe: its library's version and file, for logs; (transfer full), %NULL if it
 *   cannot be loaded
 * @has_device: whether it can run networks on a device in this build. Loads no
 *   library; %RD_ERROR_NOT_FOUND says what is missing
 * @try_device: the same, and loads what it takes and runs a smallest network, the
 *   first time; the error says what is missing
 * @open_denoiser: see rd_denoiser_open()
 * @open_text_encoder: see rd_text_encoder_open()
 * @open_vae: see rd_vae_open()
 *
 * What runs networks.
 */
typedef struct
{
  const char *name;
  char *(*describe) (void);
  gboolean (*has_device) (RdDevice * device, GError ** error);
  gboolean (*try_device) (RdDevice * device, GError ** error);
  RdDenoiser *(*open_denoiser) (const char *path, const RdRuntime * runtime,
      RdPrediction * prediction, guint channels, guint multiple,
      GError ** error);
  RdTextEncoder *(*open_text_encoder) (const char *path,
      const RdRuntime * runtime, const RdTextOutputs * outputs,
      GError ** error);
  RdVae *(*open_vae) (const char *path, const RdRuntime * runtime,
      guint channels_in, guint channels_out, GError ** error);
} RdBackend;

/* the backends, each by its folder */
const RdBackend *rd_onnx_backend (void);

char *rd_network_find (const char *folder, GError ** error);

const RdBackend *rd_runtime_backend (const RdRuntime * runtime);
RdDevice *rd_runtime_choose_device (const char *name, char **reason,
    GError ** error);

RdDenoiser *rd_denoiser_open (const char *path, const RdRuntime * runtime,
    RdPrediction * prediction, guint channels, guint multiple,
    GError ** error);
RdTextEncoder *rd_text_encoder_open (const char *path,
    const RdRuntime * runtime, const RdTextOutputs * outputs,
    GError ** error);
RdVae *rd_vae_open (const char *path, const RdRuntime * runtime,
    guint channels_in, guint channels_out, GError ** error);

G_END_DECLS
