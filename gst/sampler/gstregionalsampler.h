/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/base/gstaggregator.h>

#include "common/gstlatentcanceltoken.h"
#include "common/gstlatentmodeluser.h"
#include "latent/gstlatentbuffer.h"
#include "latent/gstlatentcaps.h"
#include "plan/plan.h"
#include "plan/prefetch.h"
#include "regions/gstregionsources.h"
#include "sampler/gstregionalpreview.h"
#include "sampler/gstregionalsettings.h"

G_BEGIN_DECLS

#define GST_TYPE_REGIONAL_SAMPLER (gst_regional_sampler_get_type ())
G_DECLARE_FINAL_TYPE (GstRegionalSampler, gst_regional_sampler, GST,
    REGIONAL_SAMPLER, GstAggregator)

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
 * GstRegionalSnapshot:
 * @settings: the element's
 * @model: theirs
 * @regions: (element-type RdRegion): what each mask pad is set to
 * @documents: (element-type RdRegionDocument): regions from elsewhere
 * @info: what the caps say of the latent
 * @plan: what was made of all that
 * @restored: whether some of it is what was good before, because what is set is
 *   wrong
 *
 * All that a job is made of, as it was at one moment. The source task's own.
 */
typedef struct
{
  GstRegionalSettings settings;
  RdModel *model;
  GPtrArray *regions;
  GPtrArray *documents;
  GstLatentInfo info;
  RdPlan *plan;
  gboolean restored;
} GstRegionalSnapshot;

/*
 * GstRegionalSampler:
 *
 * Locks, in the order in which they are taken: the base class's; settings_lock;
 * OBJECT_LOCK of the element; OBJECT_LOCK of a mask pad; the lock of prefetch or
 * of the cancel token, under which no other is taken. None is held while a file
 * is read, a network is loaded, or a job computes, nor while a message is
 * posted or something is pushed.
 */
struct _GstRegionalSampler
{
  GstAggregator parent;

  GstAggregatorPad *latent_pad;
  GstLatentCancelToken cancel;

  /* held while settings of element and pads change together, and while all of
   * them are taken for a job */
  GMutex settings_lock;

  /* OBJECT_LOCK */
  GstRegionalSettings settings;
  GstLatentModelUser model;
  GstRegionalStats stats;
  guint64 next_pad;             /* number of the next mask pad without a name */
  GPtrArray *missed;            /* names of children that were not there */
  GstClockTime earliest;        /* QoS: latents before this come too late */
  gdouble proportion;
  guint32 seek_seqnum;          /* of the last seek */
  gboolean flushed;             /* since the last latent */
  RdRegionDocument *regions;    /* of the latest job, never changed; or NULL */

  RdPrefetch prefetch;          /* locks itself */
  gint refuses;                 /* atomic: an error about what came was posted */

  /* the source task's own */
  GstCaps *latent_caps;
  GQueue tags;                  /* events of latents that have not come yet */
  GstRegionSources sources;     /* where regions come from, but for pads */
  GstRegionalPreview preview;
  RdPlanContext context;
  GHashTable *warned;           /* texts of warnings; or NULL */
  guint64 job_number;
  gint64 idle_since;            /* when it began to wait for its next latent */
  GstClockTime latency;
  GstClockTime awaited_since;   /* running time when masks were first missing
                                 * for the latent that is next */
  GstRegionalSnapshot *good;    /* of the last job whose settings were right */
  gchar *kept_because;          /* what is wrong with the settings since then */
};

GST_ELEMENT_REGISTER_DECLARE (regionalsampler);

/* gstregionalsampler.c: the type, its pads, properties and states */
GPtrArray *gst_regional_sampler_get_mask_pads (GstRegionalSampler * self);
void gst_regional_sampler_warn_of_missed (GstRegionalSampler * self);
void gst_regional_sampler_warn_once (GstRegionalSampler * self,
    const gchar * text);

/* gstregionalstream.c: events, queries, caps, QoS */
#define GST_TYPE_LATENT_SINK_PAD (gst_latent_sink_pad_get_type ())
G_DECLARE_FINAL_TYPE (GstLatentSinkPad, gst_latent_sink_pad, GST,
    LATENT_SINK_PAD, GstAggregatorPad)

void gst_regional_stream_class_init (GstAggregatorClass * klass);
gboolean gst_regional_stream_check_link (GstRegionalSampler * self);
void gst_regional_stream_watch (GstRegionalSampler * self, GstPad * pad);
void gst_regional_stream_push_tags (GstRegionalSampler * self);
void gst_regional_stream_push_gap (GstRegionalSampler * self,
    GstBuffer * latent);
gboolean gst_regional_stream_is_late (GstRegionalSampler * self,
    GstClockTime running_time);
void gst_regional_stream_skip (GstRegionalSampler * self, GstBuffer * latent,
    GstClockTime running_time);
void gst_regional_stream_measure_latency (GstRegionalSampler * self,
    gint64 took_us);

/* gstregionalsnapshot.c: what a job is made of */
gboolean gst_regional_snapshot_take (GstRegionalSampler * self,
    GPtrArray * pads, GstBuffer * latent, GstRegionalSnapshot * snapshot,
    GCancellable * cancellable, GError ** error);
gboolean gst_regional_snapshot_restore (GstRegionalSampler * self,
    GPtrArray * pads, GstBuffer * latent, GstRegionalSnapshot * snapshot,
    GCancellable * cancellable);
void gst_regional_snapshot_remember (GstRegionalSampler * self,
    const GstRegionalSnapshot * snapshot);
void gst_regional_snapshot_warn (GstRegionalSampler * self,
    const GError * error);

void gst_regional_snapshot_clear (GstRegionalSnapshot * snapshot);
void gst_regional_snapshot_free (GstRegionalSnapshot * snapshot);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GstRegionalSnapshot,
    gst_regional_snapshot_clear)

/* gstregionalaggregate.c: from a latent to a latent */
void gst_regional_aggregate_class_init (GstAggregatorClass * klass);

/* gstregionalpreset.c: settings under a name */
void gst_regional_preset_init (GstPresetInterface * iface);

G_END_DECLS
