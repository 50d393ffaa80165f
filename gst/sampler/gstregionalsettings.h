/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "loop/job.h"
#include "loop/seed.h"

G_BEGIN_DECLS

/*
 * GstRegionalSettings:
 *
 * The sampling properties of `regionalsampler`, under their names there.
 */
typedef struct
{
  gchar *prompt;
  gchar *negative_prompt;
  gdouble cfg;
  gint sampler;                 /* index into rd_solver_list() */
  gint scheduler;               /* index into rd_scheduler_list() */
  gdouble sigma_factor;

  gboolean add_noise;
  guint64 noise_seed;
  RdSeedMode seed_mode;
  RdNoiseOrigin noise_source;
  guint64 seed_2nd;
  RdSeed2ndMode seed_2nd_mode;
  guint steps;
  guint start_at_step;
  guint end_at_step;
  gdouble denoise;
  gdouble feedback;
  guint base_only_steps;
  guint overlap_factor;
  gboolean restore_latent;
  gboolean return_with_leftover_noise;
  RdAdditional additional_mode;
  gint additional_sampler;      /* index into rd_solver_list(), or AUTO */
  gdouble additional_sigma_ratio;
  gdouble gits_coefficient;
  GArray *custom_sigmas;        /* of gdouble, never changed; or NULL */
  gdouble feather;
  gint region_crop;             /* picture pixels, or -1 */
  RdMode mode;

  gchar *regions;
  gchar *regions_location;
  gchar *class_prompts;

  guint progress_interval;      /* ms */
  guint preview_interval;       /* ms, 0 for none */
  gboolean qos;
} GstRegionalSettings;

/* the first property id that is free for the element's others */
#define GST_REGIONAL_SETTINGS_N_PROPERTIES 48

/* of `steps`; with custom-sigmas, it stands for as many as those are */
#define GST_REGIONAL_DEFAULT_STEPS 20

void gst_regional_settings_install (GObjectClass * klass);
void gst_regional_settings_init (GstRegionalSettings * settings);
void gst_regional_settings_clear (GstRegionalSettings * settings);
void gst_regional_settings_copy (GstRegionalSettings * to,
    const GstRegionalSettings * from);

gboolean gst_regional_settings_set (GstRegionalSettings * settings,
    guint property, const GValue * value);
gboolean gst_regional_settings_get (const GstRegionalSettings * settings,
    guint property, GValue * value);

G_END_DECLS
