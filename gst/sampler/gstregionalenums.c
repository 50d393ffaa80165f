/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "sampler/gstregionalenums.h"
#include "loop/job.h"
#include "loop/modes.h"
#include "loop/seed.h"

/* The enums of samplers and schedulers follow the core's tables, so that what
 * the core can do is what users see, with the core's numbers, which never change.
 * A pad's twin begins with `inherit`. */

static GType
register_names (const gchar * name, guint n, gconstpointer table,
    gsize size, gsize id_offset, gsize name_offset, gsize blurb_offset,
    gboolean inherit)
{
  GEnumValue *values = g_new0 (GEnumValue, n + 2);
  GEnumValue *value = values;
  GType type;

  if (inherit) {
    value->value = GST_REGIONAL_INHERIT;
    value->value_name = "Same as the base";
    value->value_nick = "inherit";
    value++;
  }
  for (guint i = 0; i < n; i++, value++) {
    const guint8 *entry = (const guint8 *) table + i * size;

    value->value = G_STRUCT_MEMBER (gint, entry, id_offset);
    value->value_name = G_STRUCT_MEMBER (const gchar *, entry, blurb_offset);
    value->value_nick = G_STRUCT_MEMBER (const gchar *, entry, name_offset);
  }

  /* the type keeps the values for the life of the process */
  type = g_enum_register_static (name, values);
  gst_type_mark_as_plugin_api (type, 0);
  return type;
}

static GType
register_samplers (const gchar * name, gboolean inherit)
{
  guint n;
  const RdSolverInfo *list = rd_solver_list (&n);

  return register_names (name, n, list, sizeof (RdSolverInfo),
      G_STRUCT_OFFSET (RdSolverInfo, id), G_STRUCT_OFFSET (RdSolverInfo, name),
      G_STRUCT_OFFSET (RdSolverInfo, blurb), inherit);
}

static GType
register_schedulers (const gchar * name, gboolean inherit)
{
  guint n;
  const RdScheduler *list = rd_scheduler_list (&n);

  return register_names (name, n, list, sizeof (RdScheduler),
      G_STRUCT_OFFSET (RdScheduler, id), G_STRUCT_OFFSET (RdScheduler, name),
      G_STRUCT_OFFSET (RdScheduler, blurb), inherit);
}

GType
gst_regional_sampler_name_get_type (void)
{
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        register_samplers ("GstRegionalSamplerName", FALSE));
  return type;
}

GType
gst_mask_pad_sampler_name_get_type (void)
{
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type, register_samplers ("GstMaskPadSamplerName",
            TRUE));
  return type;
}

GType
gst_regional_scheduler_name_get_type (void)
{
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        register_schedulers ("GstRegionalSchedulerName", FALSE));
  return type;
}

GType
gst_mask_pad_scheduler_name_get_type (void)
{
  static gsize type = 0;

  if (g_once_init_enter (&type))
    g_once_init_leave (&type,
        register_schedulers ("GstMaskPadSchedulerName", TRUE));
  return type;
}

GType
gst_regional_mode_get_type (void)
{
  static gsize type = 0;

  if (g_once_init_enter (&type)) {
    guint n = 0;
    GEnumValue *values;
    GType registered;

    while (rd_mode_name (n))
      n++;
    values = g_new0 (GEnumValue, n + 1);
    for (guint i = 0; i < n; i++) {
      values[i].value = (gint) i;
      values[i].value_name = rd_mode_blurb (i);
      values[i].value_nick = rd_mode_name (i);
    }
    registered = g_enum_register_static ("GstRegionalMode", values);
    gst_type_mark_as_plugin_api (registered, 0);
    g_once_init_leave (&type, registered);
  }
  return type;
}

GType
gst_regional_keep_softness_get_type (void)
{
  static const GEnumValue values[] = {
    {RD_KEEP_SOFTNESS_DIFFERENTIAL, "Painted wholly from the noise level on at "
          "which their weight comes in",
        "differential"},
    {RD_KEEP_SOFTNESS_BLEND, "Blended at every noise level", "blend"},
    {0, NULL, NULL},
  };
  static gsize type = 0;

  if (g_once_init_enter (&type)) {
    GType registered = g_enum_register_static ("GstRegionalKeepSoftness",
        values);

    gst_type_mark_as_plugin_api (registered, 0);
    g_once_init_leave (&type, registered);
  }
  return type;
}

GType
gst_regional_additional_mode_get_type (void)
{
  static const GEnumValue values[] = {
    {RD_ADDITIONAL_DISABLE, "No recovery pass", "disable"},
    {RD_ADDITIONAL_RATIO_ADDITIONAL, "The whole step, and the pass in addition",
        "ratio-additional"},
    {RD_ADDITIONAL_RATIO_BETWEEN, "The step and the pass divide the noise "
          "levels between them",
        "ratio-between"},
    {0, NULL, NULL},
  };
  static gsize type = 0;

  if (g_once_init_enter (&type)) {
    GType registered = g_enum_register_static ("GstRegionalAdditionalMode",
        values);

    gst_type_mark_as_plugin_api (registered, 0);
    g_once_init_leave (&type, registered);
  }
  return type;
}

/* The samplers that the node offers for its recovery pass. */
GType
gst_regional_additional_sampler_get_type (void)
{
  static const gchar *const names[] = {
    "euler", "heun", "heunpp2", "dpm_2", "dpm_fast", "dpmpp_2m", "ddpm",
  };
  static GEnumValue values[G_N_ELEMENTS (names) + 2] = {
    {GST_REGIONAL_AUTO, "Chosen by the sampler of the step", "auto"},
  };
  static gsize type = 0;

  if (g_once_init_enter (&type)) {
    GType registered;

    for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
      const RdSolverInfo *info = rd_solver_find (names[i], NULL);

      values[i + 1].value = info->id;
      values[i + 1].value_name = info->blurb;
      values[i + 1].value_nick = info->name;
    }
    registered = g_enum_register_static ("GstRegionalAdditionalSampler",
        values);
    gst_type_mark_as_plugin_api (registered, 0);
    g_once_init_leave (&type, registered);
  }
  return type;
}

GType
gst_regional_noise_source_get_type (void)
{
  static const GEnumValue values[] = {
    {RD_NOISE_TORCH, "torch's CPU generator, which gives ComfyUI's pictures",
        "torch"},
    {RD_NOISE_DEVICE, "Counter-based generator (Philox) that runs on the "
          "device; rows do not depend on the batch size", "device"},
    {0, NULL, NULL},
  };
  static gsize type = 0;

  if (g_once_init_enter (&type)) {
    GType registered = g_enum_register_static ("GstRegionalNoiseSource",
        values);

    gst_type_mark_as_plugin_api (registered, 0);
    g_once_init_leave (&type, registered);
  }
  return type;
}

GType
gst_regional_seed_mode_get_type (void)
{
  static const GEnumValue values[] = {
    {RD_SEED_FIXED, "The same seed for every latent", "fixed"},
    {RD_SEED_INCREMENT, "Seed incremented by one with every latent",
        "increment"},
    {RD_SEED_RANDOM, "Random seed for every latent", "random"},
    {0, NULL, NULL},
  };
  static gsize type = 0;

  if (g_once_init_enter (&type)) {
    GType registered = g_enum_register_static ("GstRegionalSeedMode", values);

    gst_type_mark_as_plugin_api (registered, 0);
    g_once_init_leave (&type, registered);
  }
  return type;
}

GType
gst_regional_seed_2nd_mode_get_type (void)
{
  static const GEnumValue values[] = {
    {RD_SEED_2ND_IGNORE, "No second noise: the regions continue from the "
          "base's latent",
        "ignore"},
    {RD_SEED_2ND_FIXED, "seed-2nd", "fixed"},
    {RD_SEED_2ND_SUM, "noise-seed + seed-2nd", "seed+seed-2nd"},
    {RD_SEED_2ND_DIFFERENCE, "noise-seed - seed-2nd", "seed-seed-2nd"},
    {RD_SEED_2ND_INCREMENT, "seed-2nd, incremented by one with every job",
        "increment"},
    {RD_SEED_2ND_DECREMENT, "seed-2nd, decremented by one with every job",
        "decrement"},
    {RD_SEED_2ND_RANDOMIZE, "Random seed for every job", "randomize"},
    {0, NULL, NULL},
  };
  static gsize type = 0;

  if (g_once_init_enter (&type)) {
    GType registered = g_enum_register_static ("GstRegionalSeed2ndMode",
        values);

    gst_type_mark_as_plugin_api (registered, 0);
    g_once_init_leave (&type, registered);
  }
  return type;
}

GType
gst_mask_pad_variation_method_get_type (void)
{
  static const GEnumValue values[] = {
    {RD_VARIATION_LINEAR, "Linear interpolation, scaled to unit variance",
        "linear"},
    {RD_VARIATION_SLERP, "Spherical interpolation", "slerp"},
    {0, NULL, NULL},
  };
  static gsize type = 0;

  if (g_once_init_enter (&type)) {
    GType registered = g_enum_register_static ("GstMaskPadVariationMethod",
        values);

    gst_type_mark_as_plugin_api (registered, 0);
    g_once_init_leave (&type, registered);
  }
  return type;
}

/*
 * gst_regional_enum_value:
 * @type: an enum type
 * @nick: a nick that it has
 *
 * Returns: the nick's value
 */
gint
gst_regional_enum_value (GType type, const gchar * nick)
{
  GEnumClass *klass = g_type_class_ref (type);
  const GEnumValue *value = g_enum_get_value_by_nick (klass, nick);

  g_assert (value != NULL);
  g_type_class_unref (klass);
  return value->value;
}

/*
 * gst_regional_enum_nick:
 * @type: an enum type
 * @value: a value that it has
 *
 * Returns: the value's nick, which lives as long as the process
 */
const gchar *
gst_regional_enum_nick (GType type, gint value)
{
  GEnumClass *klass = g_type_class_ref (type);
  const GEnumValue *entry = g_enum_get_value (klass, value);
  const gchar *nick;

  g_assert (entry != NULL);
  nick = entry->value_nick;
  g_type_class_unref (klass);
  return nick;
}
