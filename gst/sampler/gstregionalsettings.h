/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/gst.h>

#include "plan/settings.h"
#include "regions/gstregionsources.h"

G_BEGIN_DECLS

/*
 * GstRegionalSettings:
 * @plan: what a plan takes
 * @texts: where regions come from
 * @progress_interval: ms between progress messages, 0 for every pass
 * @preview_interval: ms between previews, 0 for none
 * @qos: whether latents that come too late are skipped
 *
 * The properties of `regionalsampler`, under their names there.
 */
typedef struct
{
  RdPlanSettings plan;
  GstRegionTexts texts;
  guint progress_interval;
  guint preview_interval;
  gboolean qos;
} GstRegionalSettings;

void gst_regional_settings_install (GObjectClass * klass, guint first_id);
void gst_regional_settings_init (GstRegionalSettings * settings);
void gst_regional_settings_clear (GstRegionalSettings * settings);
void gst_regional_settings_copy (GstRegionalSettings * to,
    const GstRegionalSettings * from);

gboolean gst_regional_settings_set (GstRegionalSettings * settings,
    guint i, const GValue * value);
gboolean gst_regional_settings_get (const GstRegionalSettings * settings,
    guint i, GValue * value);

G_END_DECLS
