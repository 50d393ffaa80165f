/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "model.h"

G_BEGIN_DECLS

/* for model-*.c */
gpointer rd_model_network (RdModel * model, RdModelPart part,
    GCancellable * cancellable, GError ** error);

G_END_DECLS
