/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "models/model.h"
#include "models/info.h"

G_BEGIN_DECLS

/* What the files of a model, model*.c, share. */

typedef struct _RdModelLoad RdModelLoad;

typedef struct
{
  RdModelLoad *load;            /* the one under way, whose thread owns it */
  gpointer network;             /* what it gave, or NULL */
} RdModelSlot;

/**
 * RdModel:
 * @key: in the table of open models
 * @ref_count: guarded by that table's lock
 * @lock: guards what follows
 */
struct _RdModel
{
  char *key;
  guint ref_count;
  char *folder;
  RdRuntime runtime;            /* with a string of its own */
  RdModelInfo info;
  GMutex lock;
  RdModelSlot slots[RD_NETWORK_N_KINDS];
  RdPreviewMap *preview;        /* or NULL */
};

/* model-load.c */
void rd_model_unload (RdModel * model);
gpointer rd_model_network (RdModel * model, RdNetworkKind part,
    GCancellable * cancellable, GError ** error);

G_END_DECLS
