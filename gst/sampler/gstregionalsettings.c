/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sampler/gstregionalsettings.h"

#include <math.h>

#include "sampler/gstregionalenums.h"

enum
{
  PROP_0,
  PROP_PROMPT,
  PROP_NEGATIVE_PROMPT,
  PROP_CFG,
  PROP_SAMPLER,
  PROP_SCHEDULER,
  PROP_SIGMA_FACTOR,
  PROP_ADD_NOISE,
  PROP_NOISE_SEED,
  PROP_SEED_MODE,
  PROP_NOISE_SOURCE,
  PROP_SEED_2ND,
  PROP_SEED_2ND_MODE,
  PROP_STEPS,
  PROP_START_AT_STEP,
  PROP_END_AT_STEP,
  PROP_DENOISE,
  PROP_FEEDBACK,
  PROP_BASE_ONLY_STEPS,
  PROP_OVERLAP_FACTOR,
  PROP_RESTORE_LATENT,
  PROP_RETURN_WITH_LEFTOVER_NOISE,
  PROP_ADDITIONAL_MODE,
  PROP_ADDITIONAL_SAMPLER,
  PROP_ADDITIONAL_SIGMA_RATIO,
  PROP_GITS_COEFFICIENT,
  PROP_CUSTOM_SIGMAS,
  PROP_FEATHER,
  PROP_REGION_CROP,
  PROP_MODE,
  PROP_REGIONS,
  PROP_REGIONS_LOCATION,
  PROP_CLASS_PROMPTS,
  PROP_PROGRESS_INTERVAL,
  PROP_PREVIEW_INTERVAL,
  PROP_QOS,
  N_PROPERTIES,
};

G_STATIC_ASSERT (N_PROPERTIES <= GST_REGIONAL_SETTINGS_N_PROPERTIES);

/* where each lies in GstRegionalSettings; its type is the property's */
#define FIELD(property, field) \
    [property] = G_STRUCT_OFFSET (GstRegionalSettings, field)

static const gsize fields[N_PROPERTIES] = {
  FIELD (PROP_PROMPT, plan.prompt),
  FIELD (PROP_NEGATIVE_PROMPT, plan.negative_prompt),
  FIELD (PROP_CFG, plan.cfg),
  FIELD (PROP_SAMPLER, plan.sampler),
  FIELD (PROP_SCHEDULER, plan.scheduler),
  FIELD (PROP_SIGMA_FACTOR, plan.sigma_factor),
  FIELD (PROP_ADD_NOISE, plan.add_noise),
  FIELD (PROP_NOISE_SEED, plan.noise_seed),
  FIELD (PROP_SEED_MODE, plan.seed_mode),
  FIELD (PROP_NOISE_SOURCE, plan.noise_source),
  FIELD (PROP_SEED_2ND, plan.seed_2nd),
  FIELD (PROP_SEED_2ND_MODE, plan.seed_2nd_mode),
  FIELD (PROP_STEPS, plan.steps),
  FIELD (PROP_START_AT_STEP, plan.start_at_step),
  FIELD (PROP_END_AT_STEP, plan.end_at_step),
  FIELD (PROP_DENOISE, plan.denoise),
  FIELD (PROP_FEEDBACK, plan.feedback),
  FIELD (PROP_BASE_ONLY_STEPS, plan.base_only_steps),
  FIELD (PROP_OVERLAP_FACTOR, plan.overlap_factor),
  FIELD (PROP_RESTORE_LATENT, plan.restore_latent),
  FIELD (PROP_RETURN_WITH_LEFTOVER_NOISE, plan.return_with_leftover_noise),
  FIELD (PROP_ADDITIONAL_MODE, plan.additional_mode),
  FIELD (PROP_ADDITIONAL_SAMPLER, plan.additional_sampler),
  FIELD (PROP_ADDITIONAL_SIGMA_RATIO, plan.additional_sigma_ratio),
  FIELD (PROP_GITS_COEFFICIENT, plan.gits_coefficient),
  FIELD (PROP_CUSTOM_SIGMAS, plan.custom_sigmas),
  FIELD (PROP_FEATHER, plan.feather),
  FIELD (PROP_REGION_CROP, plan.region_crop),
  FIELD (PROP_MODE, plan.mode),
  FIELD (PROP_REGIONS, texts.regions),
  FIELD (PROP_REGIONS_LOCATION, texts.regions_location),
  FIELD (PROP_CLASS_PROMPTS, texts.class_prompts),
  FIELD (PROP_PROGRESS_INTERVAL, progress_interval),
  FIELD (PROP_PREVIEW_INTERVAL, preview_interval),
  FIELD (PROP_QOS, qos),
};

static GParamSpec *specs[N_PROPERTIES];

/* Everything takes effect with the next latent. */
#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | \
    GST_PARAM_MUTABLE_PLAYING)
#define NUMBER (FLAGS | GST_PARAM_CONTROLLABLE)

static void
install (GObjectClass * klass, guint property, GParamSpec * spec)
{
  specs[property] = spec;
  g_object_class_install_property (klass, property, spec);
}

static void
install_base (GObjectClass * klass)
{
  install (klass, PROP_PROMPT,
      g_param_spec_string ("prompt", "Prompt",
          "What to paint where no region is", "", FLAGS));
  install (klass, PROP_NEGATIVE_PROMPT,
      g_param_spec_string ("negative-prompt", "Negative prompt",
          "What to paint away from", "", FLAGS));
  install (klass, PROP_CFG,
      g_param_spec_double ("cfg", "CFG",
          "Guidance scale: how strongly the prompt counts against the "
          "negative prompt; 1 evaluates the prompt alone",
          0.0, 100.0, 8.0, NUMBER));
  install (klass, PROP_SAMPLER,
      g_param_spec_enum ("sampler", "Sampler",
          "Method that integrates from one noise level to the next",
          GST_TYPE_REGIONAL_SAMPLER_NAME,
          gst_regional_enum_value (GST_TYPE_REGIONAL_SAMPLER_NAME,
              "euler"), FLAGS));
  install (klass, PROP_SCHEDULER,
      g_param_spec_enum ("scheduler", "Scheduler",
          "How the noise levels of the steps are chosen",
          GST_TYPE_REGIONAL_SCHEDULER_NAME,
          gst_regional_enum_value (GST_TYPE_REGIONAL_SCHEDULER_NAME,
              "normal"), FLAGS));
  install (klass, PROP_SIGMA_FACTOR,
      g_param_spec_double ("sigma-factor", "Sigma factor",
          "Scales the noise levels", 0.0, 10.0, 1.0, NUMBER));
}

static void
install_schedule (GObjectClass * klass)
{
  install (klass, PROP_ADD_NOISE,
      g_param_spec_boolean ("add-noise", "Add noise",
          "Start from noise over the latent; FALSE continues a latent that "
          "has noise left", TRUE, FLAGS));
  install (klass, PROP_NOISE_SEED,
      g_param_spec_uint64 ("noise-seed", "Noise seed",
          "The same seed and settings give the same picture", 0, G_MAXUINT64,
          0, NUMBER));
  install (klass, PROP_SEED_MODE,
      g_param_spec_enum ("seed-mode", "Seed mode",
          "How the seed goes on from latent to latent, since PAUSED",
          GST_TYPE_REGIONAL_SEED_MODE, RD_SEED_FIXED, FLAGS));
  install (klass, PROP_NOISE_SOURCE,
      g_param_spec_enum ("noise-source", "Noise source",
          "Generator of all noise: what is started from, what samplers add, "
          "and regions' variations", GST_TYPE_REGIONAL_NOISE_SOURCE,
          RD_NOISE_TORCH, FLAGS));
  install (klass, PROP_SEED_2ND,
      g_param_spec_uint64 ("seed-2nd", "Second seed",
          "Seed of noise that is added before the regions begin (mode "
          "impact-simple only)", 0, G_MAXUINT64, 0, NUMBER));
  install (klass, PROP_SEED_2ND_MODE,
      g_param_spec_enum ("seed-2nd-mode", "Second seed's mode",
          "Whether there is such noise, and what its seed is made of (mode "
          "impact-simple only)", GST_TYPE_REGIONAL_SEED_2ND_MODE,
          RD_SEED_2ND_IGNORE, FLAGS));
  install (klass, PROP_STEPS,
      g_param_spec_uint ("steps", "Steps", "Steps of the schedule", 1, 10000,
          RD_PLAN_DEFAULT_STEPS, NUMBER));
  install (klass, PROP_START_AT_STEP,
      g_param_spec_uint ("start-at-step", "Start at step",
          "First step of the schedule that runs", 0, 10000,
          0, NUMBER));
  install (klass, PROP_END_AT_STEP,
      g_param_spec_uint ("end-at-step", "End at step",
          "Step of the schedule before which to stop; beyond the last means "
          "all of it", 0, 10000, 10000, NUMBER));
  install (klass, PROP_GITS_COEFFICIENT,
      g_param_spec_double ("gits-coefficient", "GITS coefficient",
          "Which table the scheduler gits takes, in steps of 0.05",
          0.8, 1.5, 1.2, NUMBER));
  /* any type of number: an element type would turn others into its default */
  install (klass, PROP_CUSTOM_SIGMAS,
      gst_param_spec_array ("custom-sigmas", "Custom sigmas",
          "Noise levels in place of a scheduler's, falling, the last one 0: "
          "one more than there are steps; none for the scheduler's", NULL,
          FLAGS));
  install (klass, PROP_DENOISE,
      g_param_spec_double ("denoise", "Denoise",
          "Share of the noise range to run over the latent: 1 starts from "
          "noise alone, 0 returns the input", 0.0, 1.0, 1.0,
          NUMBER));
  install (klass, PROP_RETURN_WITH_LEFTOVER_NOISE,
      g_param_spec_boolean ("return-with-leftover-noise",
          "Return with leftover noise",
          "Hand out the latent as it is at end-at-step, noise included, for "
          "another sampler to continue", FALSE,
          FLAGS));
}

static void
install_regional (GObjectClass * klass)
{
  install (klass, PROP_MODE,
      g_param_spec_enum ("mode", "Mode", "How base and regions work together",
          GST_TYPE_REGIONAL_MODE, RD_MODE_PARALLEL, FLAGS));
  install (klass, PROP_FEEDBACK,
      g_param_spec_double ("feedback", "Feedback",
          "How much of the latent that came out last takes the place of the one "
          "that comes in, so that video flickers less; with denoise below 1",
          0.0, 1.0, 0.0, NUMBER));
  install (klass, PROP_BASE_ONLY_STEPS,
      g_param_spec_uint ("base-only-steps", "Base-only steps",
          "Steps before the regions begin", 0, 10000, 0,
          NUMBER));
  install (klass, PROP_OVERLAP_FACTOR,
      g_param_spec_uint ("overlap-factor", "Overlap factor",
          "Regions grow by half of this on every side, in picture pixels "
          "(impact modes: in pixels of the mask)", 0, 10000,
          10, NUMBER));
  install (klass, PROP_FEATHER,
      g_param_spec_double ("feather", "Feather",
          "Width of the ramp over a region's edge, picture pixels", 0.0,
          10000.0, 0.0, NUMBER));
  install (klass, PROP_REGION_CROP,
      g_param_spec_int ("region-crop", "Region crop",
          "Evaluate a region on its box and so much around it, picture pixels; "
          "-1: on the whole picture", -1, 10000, -1, NUMBER));
  install (klass, PROP_RESTORE_LATENT,
      g_param_spec_boolean ("restore-latent", "Restore latent",
          "Restore what a region's pass changed outside the region (impact "
          "modes only)", TRUE, FLAGS));
  install (klass, PROP_ADDITIONAL_MODE,
      g_param_spec_enum ("additional-mode", "Additional mode",
          "The recovery pass of samplers that single steps leave unfinished "
          "(impact modes only)", GST_TYPE_REGIONAL_ADDITIONAL_MODE,
          RD_ADDITIONAL_RATIO_BETWEEN, FLAGS));
  install (klass, PROP_ADDITIONAL_SAMPLER,
      g_param_spec_enum ("additional-sampler", "Additional sampler",
          "Method of the recovery pass (impact modes only)",
          GST_TYPE_REGIONAL_ADDITIONAL_SAMPLER, GST_REGIONAL_AUTO,
          FLAGS));
  install (klass, PROP_ADDITIONAL_SIGMA_RATIO,
      g_param_spec_double ("additional-sigma-ratio", "Additional sigma ratio",
          "Scales the noise levels of the recovery pass (impact modes only)",
          0.0, 1.0, 0.3, NUMBER));
  install (klass, PROP_REGIONS,
      g_param_spec_string ("regions", "Regions",
          "Regions as JSON, or short: 'lava @0,0.5,0.5,0.5 | snow @0,0,1,0.5'",
          NULL, FLAGS));
  install (klass, PROP_REGIONS_LOCATION,
      g_param_spec_string ("regions-location", "Regions location",
          "File with a text like that of `regions`; read again when it changes",
          NULL, FLAGS));
  install (klass, PROP_CLASS_PROMPTS,
      g_param_spec_string ("class-prompts", "Class prompts",
          "What detections become: JSON, or short: 'traffic light=a red lamp | "
          "face=a fox'; * is any other class", NULL, FLAGS));
}

/*
 * gst_regional_settings_install:
 * @klass: the element's class
 *
 * Installs the sampling properties, with ids from 1 on.
 */
void
gst_regional_settings_install (GObjectClass * klass)
{
  install_base (klass);
  install_schedule (klass);
  install_regional (klass);

  install (klass, PROP_PROGRESS_INTERVAL,
      g_param_spec_uint ("progress-interval", "Progress interval",
          "Least time between progress messages in ms, 0 for every pass", 0,
          G_MAXUINT, 100, FLAGS));
  install (klass, PROP_PREVIEW_INTERVAL,
      g_param_spec_uint ("preview-interval", "Preview interval",
          "Least time between preview messages in ms, 0 for no previews", 0,
          G_MAXUINT, 0, FLAGS));
  install (klass, PROP_QOS,
      g_param_spec_boolean ("qos", "QoS",
          "Skip latents that downstream says come too late", FALSE,
          FLAGS));
}

/*
 * gst_regional_settings_init:
 * @settings: uninitialised
 *
 * Gives every property its default; the class must have been made.
 */
void
gst_regional_settings_init (GstRegionalSettings * settings)
{
  *settings = (GstRegionalSettings) { NULL };
  for (guint property = 1; property < N_PROPERTIES; property++)
    gst_regional_settings_set (settings, property,
        g_param_spec_get_default_value (specs[property]));
}

void
gst_regional_settings_clear (GstRegionalSettings * settings)
{
  rd_plan_settings_clear (&settings->plan);
  g_clear_pointer (&settings->texts.regions, g_free);
  g_clear_pointer (&settings->texts.regions_location, g_free);
  g_clear_pointer (&settings->texts.class_prompts, g_free);
}

/*
 * gst_regional_settings_copy:
 * @to: uninitialised; gst_regional_settings_clear() afterwards
 * @from: what to copy, under its owner's lock
 */
void
gst_regional_settings_copy (GstRegionalSettings * to,
    const GstRegionalSettings * from)
{
  *to = *from;
  rd_plan_settings_copy (&to->plan, &from->plan);
  to->texts.regions = g_strdup (from->texts.regions);
  to->texts.regions_location = g_strdup (from->texts.regions_location);
  to->texts.class_prompts = g_strdup (from->texts.class_prompts);
}

/* No text is the default, which is "" for prompts. */
static void
take_string (gchar ** string, const GValue * value, GParamSpec * spec)
{
  const gchar *text = g_value_get_string (value);

  if (!text)
    text = g_value_get_string (g_param_spec_get_default_value (spec));
  g_free (*string);
  *string = g_strdup (text);
}

/* What is no number becomes NAN, which the job refuses with its place. */
static void
take_numbers (GArray ** numbers, const GValue * value)
{
  const guint n = gst_value_array_get_size (value);

  g_clear_pointer (numbers, g_array_unref);
  if (n == 0)
    return;
  *numbers = g_array_sized_new (FALSE, FALSE, sizeof (gdouble), n);
  for (guint i = 0; i < n; i++) {
    const GValue *from = gst_value_array_get_value (value, i);
    g_auto (GValue) to = G_VALUE_INIT;
    gdouble number = NAN;

    g_value_init (&to, G_TYPE_DOUBLE);
    if (g_value_transform (from, &to))
      number = g_value_get_double (&to);
    g_array_append_val (*numbers, number);
  }
}

static void
give_numbers (const GArray * numbers, GValue * value)
{
  for (guint i = 0; numbers && i < numbers->len; i++) {
    g_auto (GValue) number = G_VALUE_INIT;

    g_value_init (&number, G_TYPE_DOUBLE);
    g_value_set_double (&number, g_array_index (numbers, gdouble, i));
    gst_value_array_append_value (value, &number);
  }
}

/*
 * gst_regional_settings_set:
 * @settings: locked by its owner
 * @property: id of a property
 * @value: its value
 *
 * Returns: whether the property is one of these
 */
gboolean
gst_regional_settings_set (GstRegionalSettings * settings, guint property,
    const GValue * value)
{
  gpointer field;

  if (property == PROP_0 || property >= N_PROPERTIES)
    return FALSE;

  field = G_STRUCT_MEMBER_P (settings, fields[property]);
  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value))) {
    case G_TYPE_BOOLEAN:
      *(gboolean *) field = g_value_get_boolean (value);
      break;
    case G_TYPE_INT:
      *(gint *) field = g_value_get_int (value);
      break;
    case G_TYPE_UINT:
      *(guint *) field = g_value_get_uint (value);
      break;
    case G_TYPE_UINT64:
      *(guint64 *) field = g_value_get_uint64 (value);
      break;
    case G_TYPE_DOUBLE:
      *(gdouble *) field = g_value_get_double (value);
      break;
    case G_TYPE_ENUM:
      *(gint *) field = g_value_get_enum (value);
      break;
    case G_TYPE_STRING:
      take_string (field, value, specs[property]);
      break;
    default:
      take_numbers (field, value);
      break;
  }
  return TRUE;
}

/*
 * gst_regional_settings_get:
 * @settings: locked by its owner
 * @property: id of a property
 * @value: receives its value
 *
 * Returns: whether the property is one of these
 */
gboolean
gst_regional_settings_get (const GstRegionalSettings * settings,
    guint property, GValue * value)
{
  gconstpointer field;

  if (property == PROP_0 || property >= N_PROPERTIES)
    return FALSE;

  field = G_STRUCT_MEMBER_P (settings, fields[property]);
  switch (G_TYPE_FUNDAMENTAL (G_VALUE_TYPE (value))) {
    case G_TYPE_BOOLEAN:
      g_value_set_boolean (value, *(const gboolean *) field);
      break;
    case G_TYPE_INT:
      g_value_set_int (value, *(const gint *) field);
      break;
    case G_TYPE_UINT:
      g_value_set_uint (value, *(const guint *) field);
      break;
    case G_TYPE_UINT64:
      g_value_set_uint64 (value, *(const guint64 *) field);
      break;
    case G_TYPE_DOUBLE:
      g_value_set_double (value, *(const gdouble *) field);
      break;
    case G_TYPE_ENUM:
      g_value_set_enum (value, *(const gint *) field);
      break;
    case G_TYPE_STRING:
      g_value_set_string (value, *(gchar * const *) field);
      break;
    default:
      give_numbers (*(GArray * const *) field, value);
      break;
  }
  return TRUE;
}
