/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/*
 * From one latent to the next, in the source task: wait for the masks, take a
 * snapshot, run the job with no lock held, push. A job that was cancelled has
 * no result, and GST_AGGREGATOR_FLOW_NEED_DATA keeps the task going: a flush of
 * the latent pad alone does not start it again.
 */

#include "sampler/gstregionalsampler.h"

#include "common/gstlatenterror.h"
#include "common/gstlatentprogress.h"
#include "common/gstlatenttime.h"
#include "loop/loop.h"
#include "loop/modes.h"
#include "loop/seed.h"
#include "sampler/gstmaskpad.h"

GST_DEBUG_CATEGORY_EXTERN (gst_regional_sampler_debug);
#define GST_CAT_DEFAULT gst_regional_sampler_debug

/* most warnings about regions that are posted until the element is stopped */
#define MAX_WARNINGS 100

/* What the core reports to. */
typedef struct
{
  GstElement *element;
  GstLatentProgress progress;
  GstBuffer *latent;
  GstSegment segment;
} Reporter;

static void
report_progress (const RdProgress * counters, gpointer user_data)
{
  Reporter *reporter = user_data;

  GST_DEBUG_OBJECT (reporter->element,
      "step %u/%u, region %u/%u, sigma %g", counters->step, counters->steps,
      counters->region, counters->regions, counters->sigma);
  gst_latent_progress_update (&reporter->progress, counters);
}

static void
report_preview (const RdProgress * counters, guint width, guint height,
    const guint8 * rgb, gpointer user_data)
{
  Reporter *reporter = user_data;

  gst_regional_preview_post (reporter->element, &reporter->progress, counters,
      width, height, rgb, reporter->latent, &reporter->segment);
}

static void
report_warning (const char *message, gpointer user_data)
{
  Reporter *reporter = user_data;

  GST_ELEMENT_WARNING (reporter->element, RESOURCE, SETTINGS, ("%s", message),
      ("job %" G_GUINT64_FORMAT ", pts %" GST_TIME_FORMAT,
          reporter->progress.job, GST_TIME_ARGS (reporter->progress.pts)));
}

/* What is wrong with a region is so in every picture, and is said once. */
static void
warn_once (GstRegionalSampler * self, const gchar * text)
{
  if (!self->warned)
    self->warned = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
        NULL);
  if (g_hash_table_contains (self->warned, text))
    return;
  if (g_hash_table_size (self->warned) == MAX_WARNINGS) {
    GST_WARNING_OBJECT (self, "%s", text);
    return;
  }
  g_hash_table_add (self->warned, g_strdup (text));
  GST_ELEMENT_WARNING (self, RESOURCE, SETTINGS, ("%s", text),
      ("job %" G_GUINT64_FORMAT, self->job_number));
}

static void
warn_of_plan (GstRegionalSampler * self, const RdPlan * plan,
    const RdJob * job, const GstLatentInfo * info)
{
  g_auto (GStrv) warnings =
      rd_plan_warnings (plan, job, info->width, info->height);

  for (guint i = 0; warnings[i]; i++)
    warn_once (self, warnings[i]);
}

/* A class that never came is a word that was misspelt, as often as not. */
static void
warn_of_unmatched (GstRegionalSampler * self)
{
  g_autofree gchar *text =
      gst_region_detections_unmatched (&self->sources.detections);

  if (text)
    GST_ELEMENT_WARNING (self, RESOURCE, SETTINGS, ("%s", text),
        ("after %" G_GUINT64_FORMAT " jobs", self->job_number));
}

static GstSample *
peek_next_sample (GstAggregator * aggregator, GstAggregatorPad * pad)
{
  GstRegionalSampler *self = GST_REGIONAL_SAMPLER (aggregator);
  g_autoptr (GstBuffer) latent = NULL;

  if (pad != self->latent_pad)
    return gst_mask_pad_get_sample (GST_MASK_PAD (pad));
  latent = gst_aggregator_pad_peek_buffer (pad);
  if (!latent)
    return NULL;
  return gst_sample_new (latent, self->latent_caps, &pad->segment, NULL);
}

/* Whether every pad has the mask that goes with the latent; only then is any
 * taken, because a pad that was emptied for nothing might wait for ever. One
 * that was released meanwhile is no region any more. */
static gboolean
take_masks (GPtrArray * pads, GstClockTime running_time)
{
  for (guint i = 0; i < pads->len; i++) {
    if (!gst_mask_pad_is_settled (pads->pdata[i], running_time))
      return FALSE;
  }
  for (guint i = 0; i < pads->len;) {
    if (gst_mask_pad_take (pads->pdata[i], running_time))
      i++;
    else
      g_ptr_array_remove_index (pads, i);
  }
  return TRUE;
}

static void
sync_values (GstRegionalSampler * self, GPtrArray * pads, GstBuffer * latent)
{
  const GstClockTime time = gst_latent_stream_time (&self->latent_pad->segment,
      GST_BUFFER_PTS (latent));

  if (!GST_CLOCK_TIME_IS_VALID (time))
    return;
  gst_object_sync_values (GST_OBJECT (self), time);
  for (guint i = 0; i < pads->len; i++)
    gst_object_sync_values (pads->pdata[i], time);
}

/* All that a job is made of, as it was at one moment. */
typedef struct
{
  GstRegionalSettings settings;
  GPtrArray *regions;           /* RdRegion: what each mask pad is set to */
  GstLatentInfo info;
  RdPlan *plan;
} Snapshot;

static void
snapshot_clear (Snapshot * snapshot)
{
  g_clear_pointer (&snapshot->plan, rd_plan_free);
  g_clear_pointer (&snapshot->regions, g_ptr_array_unref);
  gst_regional_settings_clear (&snapshot->settings);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Snapshot, snapshot_clear);

/* All settings of the element and its pads, of one moment. The model is opened
 * before, as that reads files, and has to be the one that is set then. */
static RdModel *
take_settings (GstRegionalSampler * self, GPtrArray * pads,
    Snapshot * snapshot, GError ** error)
{
  for (;;) {
    g_autoptr (RdModel) opened =
        gst_latent_model_user_open (&self->model, error);
    g_autoptr (GMutexLocker) locker = NULL;
    RdModel *model;

    if (!opened)
      return NULL;
    locker = g_mutex_locker_new (&self->settings_lock);
    model = gst_latent_model_user_peek (&self->model);
    if (!model)
      continue;

    snapshot->regions =
        g_ptr_array_new_with_free_func ((GDestroyNotify) rd_region_unref);
    GST_OBJECT_LOCK (self);
    gst_regional_settings_copy (&snapshot->settings, &self->settings);
    for (guint i = 0; i < pads->len; i++)
      g_ptr_array_add (snapshot->regions,
          gst_mask_pad_get_region (pads->pdata[i]));
    GST_OBJECT_UNLOCK (self);
    return model;
  }
}

static gboolean
plan_regions (GstRegionalSampler * self, GPtrArray * pads, GstBuffer * latent,
    Snapshot * snapshot, GCancellable * cancellable, GError ** error)
{
  RdPlan *plan = snapshot->plan;
  const guint downscale = rd_model_info (rd_plan_get_model (plan))->downscale;
  g_autoptr (GPtrArray) documents =
      gst_region_sources_read (&self->sources, &snapshot->settings.texts,
      latent, snapshot->info.width * downscale,
      snapshot->info.height * downscale, cancellable, error);

  if (!documents)
    return FALSE;
  for (guint i = 0; i < self->sources.warnings->len; i++)
    warn_once (self, self->sources.warnings->pdata[i]);
  for (guint i = 0; i < pads->len; i++) {
    g_autoptr (RdMask) mask = gst_mask_pad_get_mask (pads->pdata[i], error);

    if (!mask || !rd_plan_add_pad (plan, snapshot->regions->pdata[i], mask,
            error))
      return FALSE;
  }
  return rd_plan_set_regions (plan, documents, error);
}

/* Takes all settings, regions and masks; checks what needs no network. */
static gboolean
take_snapshot (GstRegionalSampler * self, GPtrArray * pads, GstBuffer * latent,
    Snapshot * snapshot, GCancellable * cancellable, GError ** error)
{
  g_autoptr (RdModel) model = NULL;

  if (!self->latent_caps) {
    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE,
        "received latents without caps; send a CAPS event first");
    return FALSE;
  }
  model = take_settings (self, pads, snapshot, error);
  if (!model)
    return FALSE;
  snapshot->plan = rd_plan_new (&snapshot->settings.plan, model, error);
  return snapshot->plan
      && gst_latent_info_from_caps (&snapshot->info, self->latent_caps, error)
      && gst_latent_info_check_model (&snapshot->info, model, error)
      && plan_regions (self, pads, latent, snapshot, cancellable, error);
}

/* For the property `current-regions`. */
static void
show_regions (GstRegionalSampler * self, const RdPlan * plan)
{
  RdRegionDocument *document = rd_plan_to_document (plan);
  RdRegionDocument *before;

  GST_OBJECT_LOCK (self);
  before = self->regions;
  self->regions = document;
  GST_OBJECT_UNLOCK (self);
  g_clear_pointer (&before, rd_region_document_unref);
}

static GstFlowReturn
load_networks (GstRegionalSampler * self, const RdPlan * plan,
    GCancellable * cancellable)
{
  g_autoptr (GArray) networks = rd_plan_networks (plan);
  GstFlowReturn flow = GST_FLOW_OK;

  for (guint i = 0; i < networks->len && flow == GST_FLOW_OK; i++) {
    const RdPlanNetwork *network = &g_array_index (networks, RdPlanNetwork, i);

    flow = gst_latent_model_load (network->model, network->kind,
        GST_ELEMENT (self), cancellable);
  }
  return flow;
}

static void
log_owners (GstRegionalSampler * self, const RdPlan * plan, const RdJob * job)
{
  g_auto (GStrv) lines = NULL;

  if (gst_debug_category_get_threshold (GST_CAT_DEFAULT) < GST_LEVEL_INFO)
    return;
  lines = rd_plan_describe (plan, job);
  for (guint i = 0; lines[i]; i++)
    GST_INFO_OBJECT (self, "%s", lines[i]);
}

static void
log_job (GstRegionalSampler * self, const RdPlan * plan,
    const GstLatentInfo * info, guint64 number)
{
  const RdPlanSettings *s = rd_plan_get_settings (plan);
  RdModel *model = rd_plan_get_model (plan);
  const RdModelInfo *of = rd_model_info (model);

  GST_INFO_OBJECT (self, "job %" G_GUINT64_FORMAT ": %u picture%s of %ux%u "
      "(latents of %ux%ux%u), model %s on %s, mode %s, steps %u to %u of %u, "
      "denoise %g, seed %" G_GUINT64_FORMAT "%s", number, info->n,
      info->n == 1 ? "" : "s", info->width * of->downscale,
      info->height * of->downscale, info->channels, info->height, info->width,
      rd_model_folder (model), rd_model_device (model)->name,
      rd_mode_name (s->mode), s->start_at_step, MIN (s->end_at_step, s->steps),
      s->steps, s->denoise, s->noise_seed,
      s->add_noise ? "" : ", no noise added");
}

/* A seed that is another one in every job is told, so that the job can be
 * repeated with fixed seeds. */
static void
advance_seeds (GstRegionalSampler * self, RdJob * job, RdSeedMode mode,
    GstClockTime pts)
{
  const guint64 n_before = self->job_number - 1;
  const gboolean first = rd_seed_advance (job, mode, n_before);
  const gboolean second = rd_seed_2nd_advance (job, n_before);
  GstStructure *s;

  if (!first && !second)
    return;
  GST_INFO_OBJECT (self, "seeds of job %" G_GUINT64_FORMAT " are %"
      G_GUINT64_FORMAT " and %" G_GUINT64_FORMAT, self->job_number,
      job->noise_seed, job->seed_2nd);
  s = gst_structure_new ("regionalsampler-seed",
      "job", G_TYPE_UINT64, self->job_number,
      "noise-seed", G_TYPE_UINT64, job->noise_seed,
      "seed-2nd", G_TYPE_UINT64, job->seed_2nd, NULL);
  if (GST_CLOCK_TIME_IS_VALID (pts))
    gst_structure_set (s, "pts", GST_TYPE_CLOCK_TIME, pts, NULL);
  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self), s));
}

/* What came out last is fed back into its successor only. */
static void
forget_after_flush (GstRegionalSampler * self)
{
  gboolean flushed;

  GST_OBJECT_LOCK (self);
  flushed = self->flushed;
  self->flushed = FALSE;
  GST_OBJECT_UNLOCK (self);
  if (flushed)
    g_clear_pointer (&self->context.previous, rd_tensor_unref);
}

/* When the stages of a job began. */
typedef struct
{
  gint64 taken;                 /* its latent was there, and its masks */
  gint64 load;
  gint64 prompts;
  gint64 loop;
} Times;

static void
account (GstRegionalSampler * self, const RdJobStats * run, const Times * times)
{
  const gint64 loop_us = run->total_us - run->guidance.network_us;
  const gint64 load_us = times->prompts - times->load;
  const gint64 prompt_us = times->loop - times->prompts;
  GstRegionalStats *stats = &self->stats;

  GST_OBJECT_LOCK (self);
  stats->jobs++;
  stats->evaluations += run->guidance.calls;
  stats->rows += run->guidance.rows;
  stats->passes += run->passes;
  stats->load_us += load_us;
  stats->prompt_us += prompt_us;
  stats->network_us += run->guidance.network_us;
  stats->loop_us += loop_us;
  stats->solver_us += run->solver_us;
  stats->blend_us += run->blend_us;
  stats->wait_us += times->taken - self->idle_since + load_us;
  stats->total_us += g_get_monotonic_time () - self->idle_since;
  GST_OBJECT_UNLOCK (self);

  GST_INFO_OBJECT (self, "done: %" G_GUINT64_FORMAT " passes, %"
      G_GUINT64_FORMAT " network evaluations of %" G_GUINT64_FORMAT
      " latents; load %.3f s, prompts %.3f s, network %.3f s, loop %.3f s "
      "(solver %.3f s, blending %.3f s)", run->passes, run->guidance.calls,
      run->guidance.rows, load_us / 1e6, prompt_us / 1e6,
      run->guidance.network_us / 1e6, loop_us / 1e6, run->solver_us / 1e6,
      run->blend_us / 1e6);
}

/* Runs the core, as `sample` progress. */
static RdTensor *
run (GstRegionalSampler * self, RdJob * job, RdTensor * latent,
    GstBuffer * buffer, guint interval_ms, RdJobStats * stats,
    GCancellable * cancellable, GstFlowReturn * flow)
{
  RdPreviewer *previewer = &self->preview.previewer;
  const guint end = MIN (job->end_at_step, job->steps);
  const RdProgress counters = {
    .steps = end > job->start_at_step ? end - job->start_at_step : 0,
    .regions = job->regions->len,
  };
  Reporter reporter = {
    .element = GST_ELEMENT (self),
    .latent = buffer,
    .segment = self->latent_pad->segment,
  };
  g_autoptr (GError) error = NULL;
  RdTensor *result;

  gst_latent_progress_begin_job (&reporter.progress, reporter.element, "sample",
      GST_BUFFER_PTS (buffer), self->job_number, interval_ms, &counters);
  job->progress = report_progress;
  job->warning = report_warning;
  previewer->func = report_preview;
  job->previewer = previewer->map ? previewer : NULL;
  job->user_data = &reporter;
  result = rd_job_run (job, latent, stats, cancellable, &error);
  /* what is still under way belongs to this job: its failure, and its time */
  if (result && !rd_stream_synchronize (self->context.stream, &error))
    g_clear_pointer (&result, rd_tensor_unref);
  *flow = gst_latent_progress_end (&reporter.progress, error);
  return result;
}

/* In the memory that was negotiated. */
static GstBuffer *
make_buffer (GstRegionalSampler * self, const GstLatentInfo * info,
    RdTensor * tensor, GstBuffer * latent, GError ** error)
{
  g_autoptr (GstAllocator) allocator = NULL;

  gst_aggregator_get_allocator (GST_AGGREGATOR (self), &allocator, NULL);
  return gst_latent_buffer_new (info, tensor, allocator, latent, error);
}

/* Returns: FLUSHING when cancelled, ERROR after an error message. */
static GstFlowReturn
sample (GstRegionalSampler * self, GPtrArray * pads, GstBuffer * latent,
    GCancellable * cancellable, GstBuffer ** output)
{
  GstElement *element = GST_ELEMENT (self);
  g_autoptr (GError) error = NULL;
  g_auto (Snapshot) snapshot = { 0 };
  g_autoptr (RdJob) job = NULL;
  g_autoptr (RdTensor) input = NULL, result = NULL;
  const GstRegionalSettings *settings = &snapshot.settings;
  GstLatentInfo *info = &snapshot.info;
  RdPlan *plan;
  RdModel *model;
  GstFlowReturn flow;
  RdJobStats stats = { 0 };
  Times times = { g_get_monotonic_time () };

  if (!take_snapshot (self, pads, latent, &snapshot, cancellable, &error))
    return gst_latent_error_flow (element, error);
  plan = snapshot.plan;
  model = rd_plan_get_model (plan);
  show_regions (self, plan);
  self->job_number++;
  log_job (self, plan, info, self->job_number);

  if (!rd_plan_context_get_stream (&self->context, rd_model_device (model),
          &error))
    return gst_latent_error_flow (element, error);
  input = gst_latent_buffer_read (latent, info, self->context.stream, &error);
  if (!input || !rd_model_check_latent (model, input, &error))
    return gst_latent_error_flow (element, error);

  times.load = g_get_monotonic_time ();
  flow = load_networks (self, plan, cancellable);
  if (flow == GST_FLOW_OK)
    flow = gst_regional_preview_prepare (&self->preview, model,
        settings->preview_interval, element, cancellable);
  if (flow != GST_FLOW_OK)
    return flow;
  times.prompts = g_get_monotonic_time ();
  forget_after_flush (self);
  job = rd_plan_build (plan, &self->context, info->width, info->height,
      cancellable, &error);
  if (!job)
    return gst_latent_error_flow (element, error);
  log_owners (self, plan, job);
  warn_of_plan (self, plan, job, info);
  advance_seeds (self, job, settings->plan.seed_mode, GST_BUFFER_PTS (latent));
  times.loop = g_get_monotonic_time ();

  result = run (self, job, input, latent, settings->progress_interval, &stats,
      cancellable, &flow);
  if (!result)
    return flow;
  gst_regional_stream_measure_latency (self,
      g_get_monotonic_time () - times.prompts);

  gst_latent_info_set_model (info, rd_model_info (model));
  rd_plan_keep (plan, &self->context, result);
  *output = make_buffer (self, info, result, latent, &error);
  if (!*output)
    return gst_latent_error_flow (element, error);
  account (self, &stats, &times);
  return GST_FLOW_OK;
}

static GstFlowReturn
sample_and_push (GstRegionalSampler * self, GPtrArray * pads,
    GstBuffer * latent, GCancellable * cancellable)
{
  GstBuffer *output = NULL;
  GstFlowReturn flow = sample (self, pads, latent, cancellable, &output);

  if (flow == GST_FLOW_OK && !g_cancellable_is_cancelled (cancellable)) {
    flow = gst_aggregator_finish_buffer (GST_AGGREGATOR (self), output);
    self->idle_since = g_get_monotonic_time ();
    return flow;
  }
  gst_clear_buffer (&output);
  self->idle_since = g_get_monotonic_time ();
  if (flow == GST_FLOW_ERROR)
    return flow;

  GST_INFO_OBJECT (self, "job %" G_GUINT64_FORMAT " was canceled",
      self->job_number);
  GST_OBJECT_LOCK (self);
  self->stats.canceled++;
  GST_OBJECT_UNLOCK (self);
  return GST_AGGREGATOR_FLOW_NEED_DATA;
}

static GstFlowReturn
aggregate (GstAggregator * aggregator, gboolean timeout)
{
  GstRegionalSampler *self = GST_REGIONAL_SAMPLER (aggregator);
  g_autoptr (GPtrArray) pads = gst_regional_sampler_get_mask_pads (self);
  g_autoptr (GstBuffer) latent = NULL;
  /* before the latent is taken: a flush from here on cancels its job */
  g_autoptr (GCancellable) cancellable =
      gst_latent_cancel_token_get (&self->cancel);
  GstClockTime running_time;

  latent = gst_aggregator_pad_peek_buffer (self->latent_pad);
  if (!latent && !gst_aggregator_pad_is_eos (self->latent_pad))
    return GST_AGGREGATOR_FLOW_NEED_DATA;
  if (!latent) {
    warn_of_unmatched (self);
    return GST_FLOW_EOS;
  }

  running_time = gst_latent_running_time (&self->latent_pad->segment,
      GST_BUFFER_PTS (latent));
  if (!gst_latent_buffer_is_gap (latent) && !take_masks (pads, running_time))
    return GST_AGGREGATOR_FLOW_NEED_DATA;

  gst_aggregator_selected_samples (aggregator, GST_BUFFER_PTS (latent),
      GST_BUFFER_DTS (latent), GST_BUFFER_DURATION (latent), NULL);
  gst_aggregator_pad_drop_buffer (self->latent_pad);

  gst_regional_stream_push_tags (self);
  if (gst_latent_buffer_is_gap (latent)) {
    gst_regional_stream_push_gap (self, latent);
    return GST_FLOW_OK;
  }
  if (gst_regional_stream_is_late (self, running_time)) {
    gst_regional_stream_skip (self, latent, running_time);
    return GST_FLOW_OK;
  }
  gst_regional_sampler_warn_of_missed (self);
  sync_values (self, pads, latent);
  return sample_and_push (self, pads, latent, cancellable);
}

/*
 * gst_regional_aggregate_class_init:
 * @klass: the element's class
 *
 * Installs the virtual functions of this file.
 */
void
gst_regional_aggregate_class_init (GstAggregatorClass * klass)
{
  klass->peek_next_sample = peek_next_sample;
  klass->aggregate = aggregate;
}
