/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include "loop/job.h"
#include "device/window.h"

G_BEGIN_DECLS

/**
 * SECTION:weights
 *
 * Who owns which pixel by how much: a partition of unity over base and regions.
 */

typedef struct _RdWeights RdWeights;

/**
 * RdWeightSet:
 * @serial: another one for other weights, never 0
 * @weight: by owner, the base first: its map (1,1,h,w), or %NULL where it owns
 *   nothing at all
 * @box: by owner: the smallest window with all that it owns
 *
 * The weights of one moment; they sum to 1 in every cell.
 */
typedef struct
{
  guint n_owners;
  guint serial;
  RdTensor **weight;
  RdWindow *box;
} RdWeightSet;

RdWeights *rd_weights_new (RdStream * stream, const RdJob * job, gint64 height,
    gint64 width, GError ** error);
void rd_weights_free (RdWeights * weights);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdWeights, rd_weights_free)

const RdWeightSet *rd_weights_at (RdWeights * weights, guint step, guint steps,
    GError ** error);
const RdWeightSet *rd_weights_of_all (RdWeights * weights, GError ** error);

G_END_DECLS
