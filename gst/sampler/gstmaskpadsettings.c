/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sampler/gstmaskpadsettings.h"

#include "sampler/gstregionalenums.h"

enum
{
  PROP_0,
  PROP_PROMPT,
  PROP_NEGATIVE_PROMPT,
  PROP_MODEL,
  PROP_CFG,
  PROP_SAMPLER,
  PROP_SCHEDULER,
  PROP_SIGMA_FACTOR,
  PROP_OVERLAP_FACTOR,
  PROP_FEATHER,
  PROP_STRENGTH,
  PROP_Z,
  PROP_START,
  PROP_END,
  PROP_VARIATION_SEED,
  PROP_VARIATION_STRENGTH,
  PROP_VARIATION_METHOD,
  PROP_INVERT,
  PROP_HOLD,
};

#define DEFAULT_STRENGTH 1.0
#define DEFAULT_Z 0
#define DEFAULT_START 0.0
#define DEFAULT_END 1.0
#define DEFAULT_VARIATION_SEED 0
#define DEFAULT_VARIATION_STRENGTH 0.0
#define DEFAULT_VARIATION_METHOD RD_VARIATION_LINEAR

/* a number that is taken from the base */
#define INHERIT (-1)

#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | \
    GST_PARAM_MUTABLE_PLAYING)
#define NUMBER (FLAGS | GST_PARAM_CONTROLLABLE)

static void
install_strings (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_PROMPT,
      g_param_spec_string ("prompt", "Prompt",
          "What to paint in the region; NULL: what the base paints", NULL,
          FLAGS));
  g_object_class_install_property (klass, PROP_NEGATIVE_PROMPT,
      g_param_spec_string ("negative-prompt", "Negative prompt",
          "What to paint away from; NULL: what the base does", NULL, FLAGS));
  g_object_class_install_property (klass, PROP_MODEL,
      g_param_spec_string ("model", "Model",
          "Folder of another model for the region, with the same kind of "
          "latents; NULL: the base's", NULL, FLAGS));
  g_object_class_install_property (klass, PROP_SAMPLER,
      g_param_spec_enum ("sampler", "Sampler",
          "Method that integrates from one noise level to the next",
          GST_TYPE_MASK_PAD_SAMPLER_NAME, GST_REGIONAL_INHERIT, FLAGS));
  g_object_class_install_property (klass, PROP_SCHEDULER,
      g_param_spec_enum ("scheduler", "Scheduler",
          "How the noise levels of the steps are chosen",
          GST_TYPE_MASK_PAD_SCHEDULER_NAME, GST_REGIONAL_INHERIT, FLAGS));
}

static void
install_numbers (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_CFG,
      g_param_spec_double ("cfg", "CFG", "Guidance scale; -1: the base's",
          INHERIT, 100.0, INHERIT, NUMBER));
  g_object_class_install_property (klass, PROP_SIGMA_FACTOR,
      g_param_spec_double ("sigma-factor", "Sigma factor",
          "Scales the noise levels; -1: the base's", INHERIT, 10.0, INHERIT,
          NUMBER));
  g_object_class_install_property (klass, PROP_OVERLAP_FACTOR,
      g_param_spec_int ("overlap-factor", "Overlap factor",
          "The region grows by half of this on every side, in picture pixels "
          "(mode impact: in pixels of the mask); -1: the base's", INHERIT, 10000,
          INHERIT, NUMBER));
  g_object_class_install_property (klass, PROP_FEATHER,
      g_param_spec_double ("feather", "Feather",
          "Width of the ramp over the region's edge, picture pixels; -1: the "
          "base's", INHERIT, 10000.0, INHERIT, NUMBER));
  g_object_class_install_property (klass, PROP_STRENGTH,
      g_param_spec_double ("strength", "Strength",
          "How much of the picture under the mask is the region's", 0.0, 1.0,
          DEFAULT_STRENGTH, NUMBER));
  g_object_class_install_property (klass, PROP_Z,
      g_param_spec_int ("z", "Z", "Regions of a higher level cover lower ones",
          G_MININT, G_MAXINT, DEFAULT_Z, NUMBER));
  g_object_class_install_property (klass, PROP_START,
      g_param_spec_double ("start", "Start",
          "When the region begins, as a fraction of the steps", 0.0, 1.0,
          DEFAULT_START, NUMBER));
  g_object_class_install_property (klass, PROP_END,
      g_param_spec_double ("end", "End",
          "When the region ends, as a fraction of the steps", 0.0, 1.0,
          DEFAULT_END, NUMBER));
}

static void
install_variation (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_VARIATION_SEED,
      g_param_spec_uint64 ("variation-seed", "Variation seed",
          "Seed of the noise that the region mixes into what it starts from", 0,
          G_MAXUINT64, DEFAULT_VARIATION_SEED, NUMBER));
  g_object_class_install_property (klass, PROP_VARIATION_STRENGTH,
      g_param_spec_double ("variation-strength", "Variation strength",
          "How much of that noise, from none to nothing else", 0.0, 1.0,
          DEFAULT_VARIATION_STRENGTH, NUMBER));
  g_object_class_install_property (klass, PROP_VARIATION_METHOD,
      g_param_spec_enum ("variation-method", "Variation method",
          "How that noise is mixed in", GST_TYPE_MASK_PAD_VARIATION_METHOD,
          DEFAULT_VARIATION_METHOD, FLAGS));
}

/*
 * gst_mask_pad_settings_install:
 * @klass: the pad's class
 *
 * Installs the pad's properties.
 */
void
gst_mask_pad_settings_install (GObjectClass * klass)
{
  install_strings (klass);
  install_numbers (klass);
  install_variation (klass);

  g_object_class_install_property (klass, PROP_INVERT,
      g_param_spec_boolean ("invert", "Invert",
          "The region is where the mask is black", FALSE, FLAGS));
  g_object_class_install_property (klass, PROP_HOLD,
      g_param_spec_boolean ("hold", "Hold",
          "Keep the last mask and go on, where FALSE waits for the next one "
          "until EOS", FALSE, FLAGS));
}

void
gst_mask_pad_settings_init (GstMaskPadSettings * settings)
{
  *settings = (GstMaskPadSettings) {
    .cfg = INHERIT,
    .sampler = GST_REGIONAL_INHERIT,
    .scheduler = GST_REGIONAL_INHERIT,
    .sigma_factor = INHERIT,
    .overlap_factor = INHERIT,
    .feather = INHERIT,
    .strength = DEFAULT_STRENGTH,
    .z = DEFAULT_Z,
    .start = DEFAULT_START,
    .end = DEFAULT_END,
    .variation_seed = DEFAULT_VARIATION_SEED,
    .variation_strength = DEFAULT_VARIATION_STRENGTH,
    .variation_method = DEFAULT_VARIATION_METHOD,
  };
}

void
gst_mask_pad_settings_clear (GstMaskPadSettings * settings)
{
  g_clear_pointer (&settings->prompt, g_free);
  g_clear_pointer (&settings->negative_prompt, g_free);
  g_clear_pointer (&settings->model, g_free);
}

static void
take_string (gchar ** string, const GValue * value)
{
  g_free (*string);
  *string = g_value_dup_string (value);
}

/*
 * gst_mask_pad_settings_set:
 * @settings: locked by its owner
 * @property: id of a property
 * @value: its value
 *
 * Returns: whether there is such a property
 */
gboolean
gst_mask_pad_settings_set (GstMaskPadSettings * settings, guint property,
    const GValue * value)
{
  GstMaskPadSettings *s = settings;

  switch (property) {
    case PROP_PROMPT:
      take_string (&s->prompt, value);
      return TRUE;
    case PROP_NEGATIVE_PROMPT:
      take_string (&s->negative_prompt, value);
      return TRUE;
    case PROP_MODEL:
      take_string (&s->model, value);
      return TRUE;
    case PROP_CFG:
      s->cfg = g_value_get_double (value);
      return TRUE;
    case PROP_SAMPLER:
      s->sampler = g_value_get_enum (value);
      return TRUE;
    case PROP_SCHEDULER:
      s->scheduler = g_value_get_enum (value);
      return TRUE;
    case PROP_SIGMA_FACTOR:
      s->sigma_factor = g_value_get_double (value);
      return TRUE;
    case PROP_OVERLAP_FACTOR:
      s->overlap_factor = g_value_get_int (value);
      return TRUE;
    case PROP_FEATHER:
      s->feather = g_value_get_double (value);
      return TRUE;
    case PROP_STRENGTH:
      s->strength = g_value_get_double (value);
      return TRUE;
    case PROP_Z:
      s->z = g_value_get_int (value);
      return TRUE;
    case PROP_START:
      s->start = g_value_get_double (value);
      return TRUE;
    case PROP_END:
      s->end = g_value_get_double (value);
      return TRUE;
    case PROP_VARIATION_SEED:
      s->variation_seed = g_value_get_uint64 (value);
      return TRUE;
    case PROP_VARIATION_STRENGTH:
      s->variation_strength = g_value_get_double (value);
      return TRUE;
    case PROP_VARIATION_METHOD:
      s->variation_method = g_value_get_enum (value);
      return TRUE;
    case PROP_INVERT:
      s->invert = g_value_get_boolean (value);
      return TRUE;
    case PROP_HOLD:
      s->hold = g_value_get_boolean (value);
      return TRUE;
    default:
      return FALSE;
  }
}

/*
 * gst_mask_pad_settings_get:
 * @settings: locked by its owner
 * @property: id of a property
 * @value: receives its value
 *
 * Returns: whether there is such a property
 */
gboolean
gst_mask_pad_settings_get (const GstMaskPadSettings * settings, guint property,
    GValue * value)
{
  const GstMaskPadSettings *s = settings;

  switch (property) {
    case PROP_PROMPT:
      g_value_set_string (value, s->prompt);
      return TRUE;
    case PROP_NEGATIVE_PROMPT:
      g_value_set_string (value, s->negative_prompt);
      return TRUE;
    case PROP_MODEL:
      g_value_set_string (value, s->model);
      return TRUE;
    case PROP_CFG:
      g_value_set_double (value, s->cfg);
      return TRUE;
    case PROP_SAMPLER:
      g_value_set_enum (value, s->sampler);
      return TRUE;
    case PROP_SCHEDULER:
      g_value_set_enum (value, s->scheduler);
      return TRUE;
    case PROP_SIGMA_FACTOR:
      g_value_set_double (value, s->sigma_factor);
      return TRUE;
    case PROP_OVERLAP_FACTOR:
      g_value_set_int (value, s->overlap_factor);
      return TRUE;
    case PROP_FEATHER:
      g_value_set_double (value, s->feather);
      return TRUE;
    case PROP_STRENGTH:
      g_value_set_double (value, s->strength);
      return TRUE;
    case PROP_Z:
      g_value_set_int (value, s->z);
      return TRUE;
    case PROP_START:
      g_value_set_double (value, s->start);
      return TRUE;
    case PROP_END:
      g_value_set_double (value, s->end);
      return TRUE;
    case PROP_VARIATION_SEED:
      g_value_set_uint64 (value, s->variation_seed);
      return TRUE;
    case PROP_VARIATION_STRENGTH:
      g_value_set_double (value, s->variation_strength);
      return TRUE;
    case PROP_VARIATION_METHOD:
      g_value_set_enum (value, s->variation_method);
      return TRUE;
    case PROP_INVERT:
      g_value_set_boolean (value, s->invert);
      return TRUE;
    case PROP_HOLD:
      g_value_set_boolean (value, s->hold);
      return TRUE;
    default:
      return FALSE;
  }
}

/*
 * gst_mask_pad_settings_to_region:
 * @settings: locked by its owner
 * @id: the region's name
 *
 * Returns: (transfer full): a region with a copy of the settings, without a
 *   shape
 */
RdRegion *
gst_mask_pad_settings_to_region (const GstMaskPadSettings * settings,
    const gchar * id)
{
  const GstMaskPadSettings *s = settings;
  RdRegion *region = rd_region_new (id);

  region->prompt = g_strdup (s->prompt);
  region->negative_prompt = g_strdup (s->negative_prompt);
  region->model = g_strdup (s->model);
  if (s->sampler != GST_REGIONAL_INHERIT)
    region->sampler = g_strdup (gst_regional_enum_nick
        (GST_TYPE_MASK_PAD_SAMPLER_NAME, s->sampler));
  if (s->scheduler != GST_REGIONAL_INHERIT)
    region->scheduler = g_strdup (gst_regional_enum_nick
        (GST_TYPE_MASK_PAD_SCHEDULER_NAME, s->scheduler));
  region->has_cfg = s->cfg >= 0.0;
  region->cfg = s->cfg;
  region->has_sigma_factor = s->sigma_factor >= 0.0;
  region->sigma_factor = s->sigma_factor;
  region->has_overlap_factor = s->overlap_factor >= 0;
  region->overlap_factor = (guint) MAX (s->overlap_factor, 0);
  region->has_feather = s->feather >= 0.0;
  region->feather = s->feather;
  region->strength = s->strength;
  region->z = s->z;
  region->start = s->start;
  region->end = s->end;
  region->variation_seed = s->variation_seed;
  region->variation_strength = s->variation_strength;
  region->variation_method = s->variation_method;
  region->invert = s->invert;
  return region;
}
