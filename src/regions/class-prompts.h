/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gio/gio.h>

#include "regions/region.h"

G_BEGIN_DECLS

/**
 * SECTION:class-prompts
 *
 * The settings of regions by the class of the detection that they are made of.
 */

/**
 * RdClassPrompts:
 *
 * A table from the names of classes to settings. Not changed once made.
 */
typedef struct _RdClassPrompts RdClassPrompts;

RdClassPrompts *rd_class_prompts_parse (const char *text, GError ** error);
void rd_class_prompts_free (RdClassPrompts * classes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdClassPrompts, rd_class_prompts_free)

const RdRegion *rd_class_prompts_find (const RdClassPrompts * classes,
    const char *label);
guint rd_class_prompts_n_labels (const RdClassPrompts * classes);
const char *rd_class_prompts_label (const RdClassPrompts * classes, guint i);

G_END_DECLS
