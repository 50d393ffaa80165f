/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "models/info.h"
#include "networks/networks.h"
#include "networks/preview.h"

G_BEGIN_DECLS

/* What the files of a model share: model.c, load.c and autoencoder.c. */

typedef struct _RdModel RdModel;
typedef struct _RdModelLoad RdModelLoad;

/* A network of a model and its load. */
typedef struct
{
  RdModelLoad *load;            /* the one under way, whose thread owns it */
  gpointer network;             /* what it gave, or NULL */
  GDestroyNotify free;          /* of that */
} RdModelSlot;

/**
 * RdModel:
 * @key: in the table of open models
 * @ref_count: guarded by that table's lock
 * @folder: the folder's absolute path
 * @runtime: where its networks run; with a string of its own
 * @info: what the folder's JSON files say
 * @lock: guards what follows; held for looking and setting alone
 * @slots: its networks
 * @preview: the colours of its latents, or %NULL
 */
struct _RdModel
{
  char *key;
  guint ref_count;
  char *folder;
  RdRuntime runtime;
  RdModelInfo info;
  GMutex lock;
  RdModelSlot slots[RD_NETWORK_N_KINDS];
  RdPreviewMap *preview;
};

/* load.c */
gpointer rd_model_network (RdModel * model, RdNetworkKind kind,
    GCancellable * cancellable, GError ** error);

G_END_DECLS
