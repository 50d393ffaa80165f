/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "models/model.h"

G_BEGIN_DECLS

/* for model.c */
gboolean rd_model_info_read (RdModelInfo * info, const char *folder,
    GError ** error);
void rd_model_info_clear (RdModelInfo * info);

G_END_DECLS
