/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Properties of `regionalsampler`: those of a plan, described in
 * plan/settings.c, and what only the element needs. */

#include "sampler/gstregionalsettings.h"

#include "sampler/gstregionalenums.h"
#include "sampler/gstregionalproperty.h"

#define FIELD(type, field) \
    RD_SETTING_##type, G_STRUCT_OFFSET (GstRegionalSettings, field)

static const RdSetting own_settings[] = {
  {"regions", "Regions",
        "Regions as JSON, or in the short form: 'lava @0,0.5,0.5,0.5 | snow "
        "@0,0,1,0.5'",
      FIELD (STRING, texts.regions)},
  {"regions-location", "Regions location",
        "File that contains a text as in `regions`; it is read again when it "
        "changes",
      FIELD (STRING, texts.regions_location)},
  {"class-prompts", "Class prompts",
        "Prompts for detections, by class: JSON, or in the short form: "
        "'traffic light=a red lamp | face=a fox'; * stands for any other class",
      FIELD (STRING, texts.class_prompts)},
  {"progress-interval", "Progress interval",
        "Minimum time between progress messages in ms; 0 posts one per pass",
      FIELD (UINT, progress_interval), 0, G_MAXUINT, 100},
  {"preview-interval", "Preview interval",
        "Minimum time between preview messages in ms; 0 disables previews",
      FIELD (UINT, preview_interval), 0, G_MAXUINT, 0},
  {"qos", "QoS", "Skip latents that downstream's QoS events report as too late",
      FIELD (BOOLEAN, qos)},
};

typedef struct
{
  const gchar *name;
    GType (*get_type) (void);
} EnumType;

static GType
enum_type (const gchar * name)
{
  static const EnumType types[] = {
    {"sampler", gst_regional_sampler_name_get_type},
    {"scheduler", gst_regional_scheduler_name_get_type},
    {"seed-mode", gst_regional_seed_mode_get_type},
    {"noise-source", gst_regional_noise_source_get_type},
    {"seed-2nd-mode", gst_regional_seed_2nd_mode_get_type},
    {"mode", gst_regional_mode_get_type},
    {"keep-softness", gst_regional_keep_softness_get_type},
    {"additional-mode", gst_regional_additional_mode_get_type},
    {"additional-sampler", gst_regional_additional_sampler_get_type},
  };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    if (g_str_equal (types[i].name, name))
      return types[i].get_type ();
  }
  return G_TYPE_INVALID;
}

/*
 * gst_regional_settings_install:
 * @klass: the element's class
 * @first_id: all property ids from here on are free
 *
 * Installs one property for each setting.
 */
void
gst_regional_settings_install (GObjectClass * klass, guint first_id)
{
  guint n;
  const RdSetting *settings = rd_plan_settings_list (&n);

  for (guint i = 0; i < n; i++) {
    const RdSetting *setting = &settings[i];

    g_object_class_install_property (klass, first_id + i,
        gst_regional_property_new (setting, enum_type (setting->name),
            gst_regional_property_flags (setting)));
  }
  for (guint i = 0; i < G_N_ELEMENTS (own_settings); i++)
    g_object_class_install_property (klass, first_id + n + i,
        gst_regional_property_new (&own_settings[i], G_TYPE_INVALID,
            GST_REGIONAL_PROPERTY_FLAGS));
}

/*
 * gst_regional_settings_init:
 * @settings: uninitialised memory; gst_regional_settings_clear() afterwards
 *
 * Gives every setting its default.
 */
void
gst_regional_settings_init (GstRegionalSettings * settings)
{
  rd_plan_settings_init (&settings->plan);
  rd_settings_init (settings, G_N_ELEMENTS (own_settings), own_settings);
}

/*
 * gst_regional_settings_clear:
 * @settings: zeroed memory, or settings
 *
 * Frees what they hold.
 */
void
gst_regional_settings_clear (GstRegionalSettings * settings)
{
  rd_plan_settings_clear (&settings->plan);
  rd_settings_clear (settings, G_N_ELEMENTS (own_settings), own_settings);
}

/*
 * gst_regional_settings_copy:
 * @to: uninitialised memory; gst_regional_settings_clear() afterwards
 * @from: what to copy, under its owner's lock
 */
void
gst_regional_settings_copy (GstRegionalSettings * to,
    const GstRegionalSettings * from)
{
  rd_plan_settings_copy (&to->plan, &from->plan);
  rd_settings_copy (to, from, G_N_ELEMENTS (own_settings), own_settings);
}

/* The setting of the i-th property, and where the struct begins that it is a
 * field of. */
static const RdSetting *
find (guint i, gsize * begin)
{
  guint n;
  const RdSetting *plan_settings = rd_plan_settings_list (&n);

  if (i < n) {
    *begin = G_STRUCT_OFFSET (GstRegionalSettings, plan);
    return &plan_settings[i];
  }
  *begin = 0;
  i -= n;
  return i < G_N_ELEMENTS (own_settings) ? &own_settings[i] : NULL;
}

/*
 * gst_regional_settings_set:
 * @settings: locked by its owner
 * @i: a property's id less the first
 * @value: its value
 *
 * Returns: whether the property is one of these
 */
gboolean
gst_regional_settings_set (GstRegionalSettings * settings, guint i,
    const GValue * value)
{
  gsize begin;
  const RdSetting *setting = find (i, &begin);

  if (setting)
    gst_regional_property_set (setting, G_STRUCT_MEMBER_P (settings, begin),
        value);
  return setting != NULL;
}

/*
 * gst_regional_settings_get:
 * @settings: locked by its owner
 * @i: a property's id less the first
 * @value: receives its value
 *
 * Returns: whether the property is one of these
 */
gboolean
gst_regional_settings_get (const GstRegionalSettings * settings, guint i,
    GValue * value)
{
  gsize begin;
  const RdSetting *setting = find (i, &begin);

  if (setting)
    gst_regional_property_get (setting, G_STRUCT_MEMBER_P (settings, begin),
        value);
  return setting != NULL;
}
