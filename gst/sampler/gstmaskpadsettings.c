/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* The settings of a region as properties of its mask pad. */

#include "sampler/gstmaskpadsettings.h"

#include "sampler/gstregionalenums.h"
#include "sampler/gstregionalproperty.h"

static GType
enum_type (const gchar * name)
{
  if (g_str_equal (name, "sampler"))
    return GST_TYPE_MASK_PAD_SAMPLER_NAME;
  if (g_str_equal (name, "scheduler"))
    return GST_TYPE_MASK_PAD_SCHEDULER_NAME;
  if (g_str_equal (name, "variation-method"))
    return GST_TYPE_MASK_PAD_VARIATION_METHOD;
  return G_TYPE_INVALID;
}

/*
 * gst_mask_pad_settings_install:
 * @klass: the pad's class
 * @first_id: all property ids from here on are free
 *
 * Installs one property for each of rd_region_settings(), in their order.
 */
void
gst_mask_pad_settings_install (GObjectClass * klass, guint first_id)
{
  guint n;
  const RdRegionSetting *settings = rd_region_settings (&n);

  for (guint i = 0; i < n; i++) {
    const RdSetting *setting = &settings[i].setting;

    g_object_class_install_property (klass, first_id + i,
        gst_regional_property_new (setting, enum_type (setting->name),
            gst_regional_property_flags (setting)));
  }
}

/*
 * gst_mask_pad_settings_set:
 * @region: what the pad is set to, locked by its owner
 * @i: which of the properties, from 0
 * @value: its value
 *
 * Returns: whether there is such a property
 */
gboolean
gst_mask_pad_settings_set (RdRegion * region, guint i, const GValue * value)
{
  guint n;
  const RdRegionSetting *settings = rd_region_settings (&n);

  if (i >= n)
    return FALSE;
  gst_regional_property_set (&settings[i].setting, region, value);
  return TRUE;
}

/*
 * gst_mask_pad_settings_get:
 * @region: what the pad is set to, locked by its owner
 * @i: which of the properties, from 0
 * @value: receives its value
 *
 * Returns: whether there is such a property
 */
gboolean
gst_mask_pad_settings_get (const RdRegion * region, guint i, GValue * value)
{
  guint n;
  const RdRegionSetting *settings = rd_region_settings (&n);

  if (i >= n)
    return FALSE;
  gst_regional_property_get (&settings[i].setting, region, value);
  return TRUE;
}
