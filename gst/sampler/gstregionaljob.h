/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gst/gst.h>

#include "sampler/gstregionalpreview.h"
#include "regions/gstregionsources.h"
#include "sampler/gstregionalsettings.h"
#include "models/model.h"

G_BEGIN_DECLS

/*
 * GstRegionalContext:
 * @stream: where all jobs run
 * @regions: where regions come from
 * @preview: how latents are shown while they are sampled
 * @models: (element-type RdModel): those that regions of the last job brought,
 *   which so stay loaded
 * @prompts: (element-type utf8 RdConditioning): what the last job's prompts
 *   became
 * @previous: (nullable): what the last job has made, if it is to be fed back
 *
 * What one job leaves for the next. Belongs to the source task.
 */
typedef struct
{
  RdStream *stream;
  GstRegionSources regions;
  GstRegionalPreview preview;
  GPtrArray *models;
  GHashTable *prompts;
  RdTensor *previous;
} GstRegionalContext;

void gst_regional_context_clear (GstRegionalContext * context);

/*
 * GstRegionalStats:
 *
 * What was done since the element went to PAUSED.
 */
typedef struct
{
  guint64 jobs;
  guint64 canceled;
  guint64 skipped;
  guint64 passes;
  guint64 evaluations;
  guint64 rows;
  gint64 load_us;
  gint64 prompt_us;
  gint64 network_us;
  gint64 loop_us;
  gint64 solver_us;
  gint64 blend_us;
  gint64 wait_us;
  gint64 total_us;
} GstRegionalStats;

/*
 * GstRegionalJob:
 *
 * A snapshot of all settings, regions and masks for one latent. It owns copies
 * and references, so nothing that is changed while it runs disturbs it.
 */
typedef struct _GstRegionalJob GstRegionalJob;

GstRegionalJob *gst_regional_job_new (const GstRegionalSettings * settings,
    GPtrArray * pads, RdModel * model);
void gst_regional_job_free (GstRegionalJob * job);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstRegionalJob, gst_regional_job_free)

const GstRegionalSettings *gst_regional_job_settings (const GstRegionalJob *
    job);
RdModel *gst_regional_job_model (const GstRegionalJob * job);

gboolean gst_regional_job_add_regions (GstRegionalJob * job, GPtrArray * lists,
    GError ** error);
RdRegionDocument *gst_regional_job_regions (const GstRegionalJob * job);
gboolean gst_regional_job_open_models (GstRegionalJob * job, GError ** error);
GstFlowReturn gst_regional_job_load_models (GstRegionalJob * job,
    GstElement * element, GCancellable * cancellable);
RdJob *gst_regional_job_build (GstRegionalJob * job, GstElement * element,
    GstRegionalContext * context, guint width, guint height,
    GCancellable * cancellable, GError ** error);

G_END_DECLS
