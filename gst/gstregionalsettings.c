/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "gstregionalsettings.h"

#include <math.h>

#include "gstregionalenums.h"

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
  PROP_NOISE_SOURCE,
  PROP_SEED_2ND,
  PROP_SEED_2ND_MODE,
  PROP_STEPS,
  PROP_START_AT_STEP,
  PROP_END_AT_STEP,
  PROP_DENOISE,
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
  PROP_PROGRESS_INTERVAL,
  PROP_PREVIEW_INTERVAL,
  PROP_QOS,
  N_PROPERTIES,
};

G_STATIC_ASSERT (N_PROPERTIES <= GST_REGIONAL_SETTINGS_N_PROPERTIES);

#define DEFAULT_CFG 8.0
#define DEFAULT_SAMPLER "euler"
#define DEFAULT_SCHEDULER "normal"
#define DEFAULT_SIGMA_FACTOR 1.0
#define DEFAULT_ADD_NOISE TRUE
#define DEFAULT_NOISE_SEED 0
#define DEFAULT_NOISE_SOURCE RD_NOISE_TORCH
#define DEFAULT_SEED_2ND 0
#define DEFAULT_SEED_2ND_MODE RD_SEED_2ND_IGNORE
#define DEFAULT_STEPS GST_REGIONAL_DEFAULT_STEPS
#define DEFAULT_START_AT_STEP 0
#define DEFAULT_END_AT_STEP 10000
#define DEFAULT_DENOISE 1.0
#define DEFAULT_BASE_ONLY_STEPS 0
#define DEFAULT_OVERLAP_FACTOR 10
#define DEFAULT_RESTORE_LATENT TRUE
#define DEFAULT_RETURN_WITH_LEFTOVER_NOISE FALSE
#define DEFAULT_ADDITIONAL_MODE RD_ADDITIONAL_RATIO_BETWEEN
#define DEFAULT_ADDITIONAL_SAMPLER GST_REGIONAL_AUTO
#define DEFAULT_ADDITIONAL_SIGMA_RATIO 0.3
#define DEFAULT_GITS_COEFFICIENT 1.2
#define DEFAULT_REGION_CROP -1
#define DEFAULT_FEATHER 0.0
#define DEFAULT_MODE RD_MODE_SEQUENTIAL
#define DEFAULT_PROGRESS_INTERVAL 100
#define DEFAULT_PREVIEW_INTERVAL 0
#define DEFAULT_QOS FALSE

/* Everything takes effect with the next latent. */
#define FLAGS (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | \
    GST_PARAM_MUTABLE_PLAYING)
#define NUMBER (FLAGS | GST_PARAM_CONTROLLABLE)

static void
install_base (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_PROMPT,
      g_param_spec_string ("prompt", "Prompt",
          "What to paint where no region is", "", FLAGS));
  g_object_class_install_property (klass, PROP_NEGATIVE_PROMPT,
      g_param_spec_string ("negative-prompt", "Negative prompt",
          "What to paint away from", "", FLAGS));
  g_object_class_install_property (klass, PROP_CFG,
      g_param_spec_double ("cfg", "CFG",
          "Guidance scale: how strongly the prompt counts against the "
          "negative prompt; 1 evaluates the prompt alone",
          0.0, 100.0, DEFAULT_CFG, NUMBER));
  g_object_class_install_property (klass, PROP_SAMPLER,
      g_param_spec_enum ("sampler", "Sampler",
          "Method that integrates from one noise level to the next",
          GST_TYPE_REGIONAL_SAMPLER_NAME,
          gst_regional_enum_value (GST_TYPE_REGIONAL_SAMPLER_NAME,
              DEFAULT_SAMPLER), FLAGS));
  g_object_class_install_property (klass, PROP_SCHEDULER,
      g_param_spec_enum ("scheduler", "Scheduler",
          "How the noise levels of the steps are chosen",
          GST_TYPE_REGIONAL_SCHEDULER_NAME,
          gst_regional_enum_value (GST_TYPE_REGIONAL_SCHEDULER_NAME,
              DEFAULT_SCHEDULER), FLAGS));
  g_object_class_install_property (klass, PROP_SIGMA_FACTOR,
      g_param_spec_double ("sigma-factor", "Sigma factor",
          "Scales the noise levels", 0.0, 10.0, DEFAULT_SIGMA_FACTOR, NUMBER));
}

static void
install_schedule (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_ADD_NOISE,
      g_param_spec_boolean ("add-noise", "Add noise",
          "Start from noise over the latent; FALSE continues a latent that "
          "has noise left", DEFAULT_ADD_NOISE, FLAGS));
  g_object_class_install_property (klass, PROP_NOISE_SEED,
      g_param_spec_uint64 ("noise-seed", "Noise seed",
          "The same seed and settings give the same picture", 0, G_MAXUINT64,
          DEFAULT_NOISE_SEED, NUMBER));
  g_object_class_install_property (klass, PROP_NOISE_SOURCE,
      g_param_spec_enum ("noise-source", "Noise source",
          "Generator of all noise: what is started from, what samplers add, "
          "and regions' variations", GST_TYPE_REGIONAL_NOISE_SOURCE,
          DEFAULT_NOISE_SOURCE, FLAGS));
  g_object_class_install_property (klass, PROP_SEED_2ND,
      g_param_spec_uint64 ("seed-2nd", "Second seed",
          "Seed of noise that is added before the regions begin (mode "
          "impact-simple only)", 0, G_MAXUINT64, DEFAULT_SEED_2ND, NUMBER));
  g_object_class_install_property (klass, PROP_SEED_2ND_MODE,
      g_param_spec_enum ("seed-2nd-mode", "Second seed's mode",
          "Whether there is such noise, and what its seed is made of (mode "
          "impact-simple only)", GST_TYPE_REGIONAL_SEED_2ND_MODE,
          DEFAULT_SEED_2ND_MODE, FLAGS));
  g_object_class_install_property (klass, PROP_STEPS,
      g_param_spec_uint ("steps", "Steps", "Steps of the schedule", 1, 10000,
          DEFAULT_STEPS, NUMBER));
  g_object_class_install_property (klass, PROP_START_AT_STEP,
      g_param_spec_uint ("start-at-step", "Start at step",
          "First step of the schedule that runs", 0, 10000,
          DEFAULT_START_AT_STEP, NUMBER));
  g_object_class_install_property (klass, PROP_END_AT_STEP,
      g_param_spec_uint ("end-at-step", "End at step",
          "Step of the schedule before which to stop; beyond the last means "
          "all of it", 0, 10000, DEFAULT_END_AT_STEP, NUMBER));
  g_object_class_install_property (klass, PROP_GITS_COEFFICIENT,
      g_param_spec_double ("gits-coefficient", "GITS coefficient",
          "Which table the scheduler gits takes, in steps of 0.05",
          0.8, 1.5, DEFAULT_GITS_COEFFICIENT, NUMBER));
  /* any type of number: an element type would turn others into its default */
  g_object_class_install_property (klass, PROP_CUSTOM_SIGMAS,
      gst_param_spec_array ("custom-sigmas", "Custom sigmas",
          "Noise levels in place of a scheduler's, falling, the last one 0: "
          "one more than there are steps; none for the scheduler's", NULL,
          FLAGS));
  g_object_class_install_property (klass, PROP_DENOISE,
      g_param_spec_double ("denoise", "Denoise",
          "Share of the noise range to run over the latent: 1 starts from "
          "noise alone, 0 returns the input", 0.0, 1.0, DEFAULT_DENOISE,
          NUMBER));
  g_object_class_install_property (klass, PROP_RETURN_WITH_LEFTOVER_NOISE,
      g_param_spec_boolean ("return-with-leftover-noise",
          "Return with leftover noise",
          "Hand out the latent as it is at end-at-step, noise included, for "
          "another sampler to continue", DEFAULT_RETURN_WITH_LEFTOVER_NOISE,
          FLAGS));
}

static void
install_regional (GObjectClass * klass)
{
  g_object_class_install_property (klass, PROP_MODE,
      g_param_spec_enum ("mode", "Mode", "How base and regions work together",
          GST_TYPE_REGIONAL_MODE, DEFAULT_MODE, FLAGS));
  g_object_class_install_property (klass, PROP_BASE_ONLY_STEPS,
      g_param_spec_uint ("base-only-steps", "Base-only steps",
          "Steps before the regions begin", 0, 10000, DEFAULT_BASE_ONLY_STEPS,
          NUMBER));
  g_object_class_install_property (klass, PROP_OVERLAP_FACTOR,
      g_param_spec_uint ("overlap-factor", "Overlap factor",
          "Regions grow by half of this on every side, in picture pixels "
          "(impact modes: in pixels of the mask)", 0, 10000,
          DEFAULT_OVERLAP_FACTOR, NUMBER));
  g_object_class_install_property (klass, PROP_FEATHER,
      g_param_spec_double ("feather", "Feather",
          "Width of the ramp over a region's edge, picture pixels", 0.0,
          10000.0, DEFAULT_FEATHER, NUMBER));
  g_object_class_install_property (klass, PROP_REGION_CROP,
      g_param_spec_int ("region-crop", "Region crop",
          "Evaluate a region on its box and so much around it, picture pixels; "
          "-1: on the whole picture", -1, 10000, DEFAULT_REGION_CROP, NUMBER));
  g_object_class_install_property (klass, PROP_RESTORE_LATENT,
      g_param_spec_boolean ("restore-latent", "Restore latent",
          "Restore what a region's pass changed outside the region (impact "
          "modes only)", DEFAULT_RESTORE_LATENT, FLAGS));
  g_object_class_install_property (klass, PROP_ADDITIONAL_MODE,
      g_param_spec_enum ("additional-mode", "Additional mode",
          "The recovery pass of samplers that single steps leave unfinished "
          "(impact modes only)", GST_TYPE_REGIONAL_ADDITIONAL_MODE,
          DEFAULT_ADDITIONAL_MODE, FLAGS));
  g_object_class_install_property (klass, PROP_ADDITIONAL_SAMPLER,
      g_param_spec_enum ("additional-sampler", "Additional sampler",
          "Method of the recovery pass (impact modes only)",
          GST_TYPE_REGIONAL_ADDITIONAL_SAMPLER, DEFAULT_ADDITIONAL_SAMPLER,
          FLAGS));
  g_object_class_install_property (klass, PROP_ADDITIONAL_SIGMA_RATIO,
      g_param_spec_double ("additional-sigma-ratio", "Additional sigma ratio",
          "Scales the noise levels of the recovery pass (impact modes only)",
          0.0, 1.0, DEFAULT_ADDITIONAL_SIGMA_RATIO, NUMBER));
  g_object_class_install_property (klass, PROP_REGIONS,
      g_param_spec_string ("regions", "Regions",
          "Regions as JSON, or short: 'lava @0,0.5,0.5,0.5 | snow @0,0,1,0.5'",
          NULL, FLAGS));
  g_object_class_install_property (klass, PROP_REGIONS_LOCATION,
      g_param_spec_string ("regions-location", "Regions location",
          "File with a text like that of `regions`; read again when it changes",
          NULL, FLAGS));
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

  g_object_class_install_property (klass, PROP_PROGRESS_INTERVAL,
      g_param_spec_uint ("progress-interval", "Progress interval",
          "Least time between progress messages in ms, 0 for every pass", 0,
          G_MAXUINT, DEFAULT_PROGRESS_INTERVAL, FLAGS));
  g_object_class_install_property (klass, PROP_PREVIEW_INTERVAL,
      g_param_spec_uint ("preview-interval", "Preview interval",
          "Least time between preview messages in ms, 0 for no previews", 0,
          G_MAXUINT, DEFAULT_PREVIEW_INTERVAL, FLAGS));
  g_object_class_install_property (klass, PROP_QOS,
      g_param_spec_boolean ("qos", "QoS",
          "Skip latents that downstream says come too late", DEFAULT_QOS,
          FLAGS));
}

void
gst_regional_settings_init (GstRegionalSettings * settings)
{
  *settings = (GstRegionalSettings) {
    .prompt = g_strdup (""),
    .negative_prompt = g_strdup (""),
    .cfg = DEFAULT_CFG,
    .sampler = gst_regional_enum_value (GST_TYPE_REGIONAL_SAMPLER_NAME,
        DEFAULT_SAMPLER),
    .scheduler = gst_regional_enum_value (GST_TYPE_REGIONAL_SCHEDULER_NAME,
        DEFAULT_SCHEDULER),
    .sigma_factor = DEFAULT_SIGMA_FACTOR,
    .add_noise = DEFAULT_ADD_NOISE,
    .noise_seed = DEFAULT_NOISE_SEED,
    .noise_source = DEFAULT_NOISE_SOURCE,
    .seed_2nd = DEFAULT_SEED_2ND,
    .seed_2nd_mode = DEFAULT_SEED_2ND_MODE,
    .steps = DEFAULT_STEPS,
    .start_at_step = DEFAULT_START_AT_STEP,
    .end_at_step = DEFAULT_END_AT_STEP,
    .denoise = DEFAULT_DENOISE,
    .base_only_steps = DEFAULT_BASE_ONLY_STEPS,
    .overlap_factor = DEFAULT_OVERLAP_FACTOR,
    .restore_latent = DEFAULT_RESTORE_LATENT,
    .return_with_leftover_noise = DEFAULT_RETURN_WITH_LEFTOVER_NOISE,
    .additional_mode = DEFAULT_ADDITIONAL_MODE,
    .additional_sampler = DEFAULT_ADDITIONAL_SAMPLER,
    .additional_sigma_ratio = DEFAULT_ADDITIONAL_SIGMA_RATIO,
    .gits_coefficient = DEFAULT_GITS_COEFFICIENT,
    .feather = DEFAULT_FEATHER,
    .region_crop = DEFAULT_REGION_CROP,
    .mode = DEFAULT_MODE,
    .progress_interval = DEFAULT_PROGRESS_INTERVAL,
    .preview_interval = DEFAULT_PREVIEW_INTERVAL,
    .qos = DEFAULT_QOS,
  };
}

void
gst_regional_settings_clear (GstRegionalSettings * settings)
{
  g_clear_pointer (&settings->prompt, g_free);
  g_clear_pointer (&settings->negative_prompt, g_free);
  g_clear_pointer (&settings->regions, g_free);
  g_clear_pointer (&settings->regions_location, g_free);
  g_clear_pointer (&settings->custom_sigmas, g_array_unref);
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
  to->prompt = g_strdup (from->prompt);
  to->negative_prompt = g_strdup (from->negative_prompt);
  to->regions = g_strdup (from->regions);
  to->regions_location = g_strdup (from->regions_location);
  if (to->custom_sigmas)
    g_array_ref (to->custom_sigmas);
}

static void
take_string (gchar ** string, const GValue * value, const gchar * none)
{
  const gchar *text = g_value_get_string (value);

  g_free (*string);
  *string = g_strdup (text ? text : none);
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
  GstRegionalSettings *s = settings;

  switch (property) {
    case PROP_PROMPT:
      take_string (&s->prompt, value, "");
      return TRUE;
    case PROP_NEGATIVE_PROMPT:
      take_string (&s->negative_prompt, value, "");
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
    case PROP_ADD_NOISE:
      s->add_noise = g_value_get_boolean (value);
      return TRUE;
    case PROP_NOISE_SEED:
      s->noise_seed = g_value_get_uint64 (value);
      return TRUE;
    case PROP_NOISE_SOURCE:
      s->noise_source = g_value_get_enum (value);
      return TRUE;
    case PROP_SEED_2ND:
      s->seed_2nd = g_value_get_uint64 (value);
      return TRUE;
    case PROP_SEED_2ND_MODE:
      s->seed_2nd_mode = g_value_get_enum (value);
      return TRUE;
    case PROP_STEPS:
      s->steps = g_value_get_uint (value);
      return TRUE;
    case PROP_START_AT_STEP:
      s->start_at_step = g_value_get_uint (value);
      return TRUE;
    case PROP_END_AT_STEP:
      s->end_at_step = g_value_get_uint (value);
      return TRUE;
    case PROP_DENOISE:
      s->denoise = g_value_get_double (value);
      return TRUE;
    case PROP_BASE_ONLY_STEPS:
      s->base_only_steps = g_value_get_uint (value);
      return TRUE;
    case PROP_OVERLAP_FACTOR:
      s->overlap_factor = g_value_get_uint (value);
      return TRUE;
    case PROP_RESTORE_LATENT:
      s->restore_latent = g_value_get_boolean (value);
      return TRUE;
    case PROP_RETURN_WITH_LEFTOVER_NOISE:
      s->return_with_leftover_noise = g_value_get_boolean (value);
      return TRUE;
    case PROP_ADDITIONAL_MODE:
      s->additional_mode = g_value_get_enum (value);
      return TRUE;
    case PROP_ADDITIONAL_SAMPLER:
      s->additional_sampler = g_value_get_enum (value);
      return TRUE;
    case PROP_ADDITIONAL_SIGMA_RATIO:
      s->additional_sigma_ratio = g_value_get_double (value);
      return TRUE;
    case PROP_GITS_COEFFICIENT:
      s->gits_coefficient = g_value_get_double (value);
      return TRUE;
    case PROP_CUSTOM_SIGMAS:
      take_numbers (&s->custom_sigmas, value);
      return TRUE;
    case PROP_FEATHER:
      s->feather = g_value_get_double (value);
      return TRUE;
    case PROP_REGION_CROP:
      s->region_crop = g_value_get_int (value);
      return TRUE;
    case PROP_MODE:
      s->mode = g_value_get_enum (value);
      return TRUE;
    case PROP_REGIONS:
      take_string (&s->regions, value, NULL);
      return TRUE;
    case PROP_REGIONS_LOCATION:
      take_string (&s->regions_location, value, NULL);
      return TRUE;
    case PROP_PROGRESS_INTERVAL:
      s->progress_interval = g_value_get_uint (value);
      return TRUE;
    case PROP_PREVIEW_INTERVAL:
      s->preview_interval = g_value_get_uint (value);
      return TRUE;
    case PROP_QOS:
      s->qos = g_value_get_boolean (value);
      return TRUE;
    default:
      return FALSE;
  }
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
  const GstRegionalSettings *s = settings;

  switch (property) {
    case PROP_PROMPT:
      g_value_set_string (value, s->prompt);
      return TRUE;
    case PROP_NEGATIVE_PROMPT:
      g_value_set_string (value, s->negative_prompt);
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
    case PROP_ADD_NOISE:
      g_value_set_boolean (value, s->add_noise);
      return TRUE;
    case PROP_NOISE_SEED:
      g_value_set_uint64 (value, s->noise_seed);
      return TRUE;
    case PROP_NOISE_SOURCE:
      g_value_set_enum (value, s->noise_source);
      return TRUE;
    case PROP_SEED_2ND:
      g_value_set_uint64 (value, s->seed_2nd);
      return TRUE;
    case PROP_SEED_2ND_MODE:
      g_value_set_enum (value, s->seed_2nd_mode);
      return TRUE;
    case PROP_STEPS:
      g_value_set_uint (value, s->steps);
      return TRUE;
    case PROP_START_AT_STEP:
      g_value_set_uint (value, s->start_at_step);
      return TRUE;
    case PROP_END_AT_STEP:
      g_value_set_uint (value, s->end_at_step);
      return TRUE;
    case PROP_DENOISE:
      g_value_set_double (value, s->denoise);
      return TRUE;
    case PROP_BASE_ONLY_STEPS:
      g_value_set_uint (value, s->base_only_steps);
      return TRUE;
    case PROP_OVERLAP_FACTOR:
      g_value_set_uint (value, s->overlap_factor);
      return TRUE;
    case PROP_RESTORE_LATENT:
      g_value_set_boolean (value, s->restore_latent);
      return TRUE;
    case PROP_RETURN_WITH_LEFTOVER_NOISE:
      g_value_set_boolean (value, s->return_with_leftover_noise);
      return TRUE;
    case PROP_ADDITIONAL_MODE:
      g_value_set_enum (value, s->additional_mode);
      return TRUE;
    case PROP_ADDITIONAL_SAMPLER:
      g_value_set_enum (value, s->additional_sampler);
      return TRUE;
    case PROP_ADDITIONAL_SIGMA_RATIO:
      g_value_set_double (value, s->additional_sigma_ratio);
      return TRUE;
    case PROP_GITS_COEFFICIENT:
      g_value_set_double (value, s->gits_coefficient);
      return TRUE;
    case PROP_CUSTOM_SIGMAS:
      give_numbers (s->custom_sigmas, value);
      return TRUE;
    case PROP_FEATHER:
      g_value_set_double (value, s->feather);
      return TRUE;
    case PROP_REGION_CROP:
      g_value_set_int (value, s->region_crop);
      return TRUE;
    case PROP_MODE:
      g_value_set_enum (value, s->mode);
      return TRUE;
    case PROP_REGIONS:
      g_value_set_string (value, s->regions);
      return TRUE;
    case PROP_REGIONS_LOCATION:
      g_value_set_string (value, s->regions_location);
      return TRUE;
    case PROP_PROGRESS_INTERVAL:
      g_value_set_uint (value, s->progress_interval);
      return TRUE;
    case PROP_PREVIEW_INTERVAL:
      g_value_set_uint (value, s->preview_interval);
      return TRUE;
    case PROP_QOS:
      g_value_set_boolean (value, s->qos);
      return TRUE;
    default:
      return FALSE;
  }
}
