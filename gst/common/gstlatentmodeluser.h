/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/gst.h>

#include "models/model.h"

G_BEGIN_DECLS

/**
 * SECTION:gstlatentmodeluser
 *
 * What elements that run a model have in common: the properties `model`,
 * `device`, `threads` and `tensorrt-cache`, the open model, and loading with
 * progress messages.
 */

/**
 * GstLatentModelUser:
 *
 * To be embedded in an element. Fields are guarded by the element's object
 * lock.
 */
typedef struct
{
  GstElement *element;          /* who embeds this; no reference */
  char *folder;
  char *device;
  guint threads;
  char *engine_cache;
  guint first_property;
  RdModel *model;               /* the last that was opened, or NULL */
  char *opened_as;              /* how these were described then */
  gboolean told;                /* why networks run on the CPU */
} GstLatentModelUser;

void gst_latent_model_user_install_model (GObjectClass * klass, guint id,
    const char *blurb);
void gst_latent_model_user_install_properties (GObjectClass * klass, guint first_id,
    const char *model_blurb);
void gst_latent_model_user_init (GstLatentModelUser * user, GstElement * element,
    guint first_id);
void gst_latent_model_user_init_model (GstLatentModelUser * user,
    GstElement * element, guint id);
void gst_latent_model_user_clear (GstLatentModelUser * user);
gboolean gst_latent_model_user_set_property (GstLatentModelUser * user, guint id,
    const GValue * value);
gboolean gst_latent_model_user_get_property (GstLatentModelUser * user, guint id,
    GValue * value);

gboolean gst_latent_model_user_has_folder (GstLatentModelUser * user);
RdModel *gst_latent_model_user_open (GstLatentModelUser * user, GError ** error);
RdModel *gst_latent_model_user_peek (GstLatentModelUser * user);
void gst_latent_model_user_close (GstLatentModelUser * user);

GstFlowReturn gst_latent_model_load (RdModel * model, RdNetworkKind part,
    GstElement * element, GCancellable * cancellable);
gboolean gst_latent_model_try_load (RdModel * model, RdNetworkKind part,
    GstElement * element, GCancellable * cancellable, GError ** error);

G_END_DECLS
