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
#include "common/gstlatentlink.h"
#include "common/gstlatentprogress.h"
#include "common/gstlatenttime.h"
#include "loop/check.h"
#include "loop/loop.h"
#include "loop/modes.h"
#include "loop/seed.h"
#include "sampler/gstmaskpad.h"

GST_DEBUG_CATEGORY_EXTERN (gst_regional_sampler_debug);
#define GST_CAT_DEFAULT gst_regional_sampler_debug

/* how long a live pipeline waits, beside the latency, for a mask of a pad whose
 * masks have come in time, and for its first */
#define MASK_PATIENCE (100 * GST_MSECOND)
#define FIRST_MASK_PATIENCE (5 * GST_SECOND)

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

static void
warn_of_plan (GstRegionalSampler * self, const RdPlan * plan,
    const RdJob * job, const GstLatentInfo * info)
{
  g_auto (GStrv) warnings =
      rd_plan_warnings (plan, job, info->width, info->height);

  for (guint i = 0; warnings[i]; i++)
    gst_regional_sampler_warn_once (self, warnings[i]);
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

/* A mask that does not come in time is the last one. For the first of a pad the
 * latent waits. */
static gboolean
do_without (GstRegionalSampler * self, GstMaskPad * pad)
{
  const gboolean has_mask = gst_mask_pad_has_mask (pad);

  if (gst_mask_pad_set_late (pad))
    GST_ELEMENT_WARNING (self, STREAM, FAILED, ("%s: %s", GST_OBJECT_NAME (pad),
            has_mask ?
            "no mask has come in time; the last one is used, now and "
            "whenever one is late; set hold=true on the pad if its source sends "
            "masks only now and then" :
            "no mask has come yet, and the pictures wait for the first one; "
            "have its source send one, or release the pad"),
        ("the pad is empty after the latency"));
  return has_mask;
}

/* Whether @pad has the mask that goes with the latent; after a timeout, whether
 * it has any. */
static gboolean
has_mask (GstRegionalSampler * self, GstMaskPad * pad,
    GstClockTime running_time, gboolean timeout)
{
  GstAggregatorPad *aggpad = GST_AGGREGATOR_PAD (pad);

  while (!gst_mask_pad_is_settled (pad, running_time)) {
    if (!timeout)
      return FALSE;
    if (!gst_aggregator_pad_has_buffer (aggpad))
      break;
  }
  if (!timeout || gst_aggregator_pad_has_buffer (aggpad)
      || gst_aggregator_pad_is_eos (aggpad))
    return TRUE;
  return do_without (self, pad);
}

/* Whether every pad has the mask that goes with the latent; only then is any
 * taken, because a pad that was emptied for nothing might wait for ever. One
 * that was released meanwhile is no region any more. */
static gboolean
take_masks (GstRegionalSampler * self, GPtrArray * pads,
    GstClockTime running_time, gboolean timeout)
{
  for (guint i = 0; i < pads->len; i++) {
    if (!has_mask (self, pads->pdata[i], running_time, timeout))
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

static gboolean
try_load_networks (GstRegionalSampler * self, const RdPlan * plan,
    GCancellable * cancellable, GError ** error)
{
  g_autoptr (GArray) networks = rd_plan_networks (plan);

  for (guint i = 0; i < networks->len; i++) {
    const RdPlanNetwork *network = &g_array_index (networks, RdPlanNetwork, i);

    if (!gst_latent_model_try_load (network->model, network->kind,
            GST_ELEMENT (self), cancellable, error))
      return FALSE;
  }
  return TRUE;
}

/* Loads what the job needs. A model whose networks cannot be loaded is a setting
 * that is wrong, as one whose folder is not there. */
static GstFlowReturn
load (GstRegionalSampler * self, GPtrArray * pads, GstBuffer * latent,
    GstRegionalSnapshot * snapshot, GCancellable * cancellable)
{
  g_autoptr (GError) fault = NULL;

  if (!self->good)
    return load_networks (self, snapshot->plan, cancellable);
  if (try_load_networks (self, snapshot->plan, cancellable, &fault))
    return GST_FLOW_OK;
  if (g_cancellable_is_cancelled (cancellable)
      || !gst_regional_snapshot_restore (self, pads, latent, snapshot,
          cancellable))
    return gst_latent_error_flow (GST_ELEMENT (self), fault);
  show_regions (self, snapshot->plan);
  gst_regional_snapshot_warn (self, fault);
  return load_networks (self, snapshot->plan, cancellable);
}

static RdJob *
try_build (GstRegionalSampler * self, const GstRegionalSnapshot * snapshot,
    const RdTensor * input, GCancellable * cancellable, GError ** error)
{
  g_autoptr (RdJob) job = rd_plan_build (snapshot->plan, &self->context,
      snapshot->info.width, snapshot->info.height, cancellable, error);

  return job
      && rd_job_check (job, input, error) ? g_steal_pointer (&job) : NULL;
}

/* Builds the job. A fault in the settings that shows only here is no other than
 * one that showed before. */
static RdJob *
build_job (GstRegionalSampler * self, GPtrArray * pads, GstBuffer * latent,
    GstRegionalSnapshot * snapshot, const RdTensor * input,
    GCancellable * cancellable, GstFlowReturn * flow)
{
  g_autoptr (RdModel) model = rd_model_ref (snapshot->model);
  g_autoptr (GError) fault = NULL;
  RdJob *job = try_build (self, snapshot, input, cancellable, &fault);

  if (!job && self->good && self->good->model == model
      && !g_cancellable_is_cancelled (cancellable)
      && gst_regional_snapshot_restore (self, pads, latent, snapshot,
          cancellable)) {
    show_regions (self, snapshot->plan);
    *flow = load_networks (self, snapshot->plan, cancellable);
    if (*flow != GST_FLOW_OK)
      return NULL;
    job = try_build (self, snapshot, input, cancellable, NULL);
    if (job)
      gst_regional_snapshot_warn (self, fault);
  }
  if (!job)
    *flow = gst_latent_error_flow (GST_ELEMENT (self), fault);
  return job;
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
  gint64 read;
  gint64 prompts;
  gint64 loop;
} Times;

static void
account (GstRegionalSampler * self, const RdJobStats * run, const Times * times)
{
  const gint64 loop_us = run->total_us - run->guidance.network_us;
  const gint64 load_us = times->read - times->load;
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

/* Returns: FLUSHING when cancelled, FAILED after an error message. */
static GstFlowReturn
sample (GstRegionalSampler * self, GPtrArray * pads, GstBuffer * latent,
    GCancellable * cancellable, GstBuffer ** output)
{
  GstElement *element = GST_ELEMENT (self);
  g_autoptr (GError) error = NULL;
  g_auto (GstRegionalSnapshot) snapshot = { 0 };
  g_autoptr (RdJob) job = NULL;
  g_autoptr (RdTensor) input = NULL, result = NULL;
  const GstRegionalSettings *settings = &snapshot.settings;
  GstLatentInfo *info = &snapshot.info;
  RdPlan *plan;
  RdModel *model;
  GstFlowReturn flow;
  RdJobStats stats = { 0 };
  Times times = { g_get_monotonic_time () };

  if (!gst_regional_snapshot_take (self, pads, latent, &snapshot, cancellable,
          &error))
    return gst_latent_error_flow (element, error);
  self->job_number++;
  show_regions (self, snapshot.plan);
  times.load = g_get_monotonic_time ();
  flow = load (self, pads, latent, &snapshot, cancellable);
  if (flow == GST_FLOW_OK)
    flow = gst_regional_preview_prepare (&self->preview, snapshot.model,
        settings->preview_interval, element, cancellable);
  if (flow != GST_FLOW_OK)
    return flow;
  times.read = g_get_monotonic_time ();
  plan = snapshot.plan;
  model = snapshot.model;
  log_job (self, plan, info, self->job_number);

  if (!rd_plan_context_get_stream (&self->context, rd_model_device (model),
          &error))
    return gst_latent_error_flow (element, error);
  input = gst_latent_buffer_read (latent, info, self->context.stream, &error);
  if (!input || !rd_model_check_latent (model, input, &error))
    return gst_latent_error_flow (element, error);

  times.prompts = g_get_monotonic_time ();
  forget_after_flush (self);
  job = build_job (self, pads, latent, &snapshot, input, cancellable, &flow);
  if (!job)
    return flow;
  plan = snapshot.plan;
  model = snapshot.model;
  gst_regional_snapshot_remember (self, &snapshot);
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

/* Posts what downstream has against it, as upstream may have sent all that it has
 * and never hear of it. */
static GstFlowReturn
push (GstRegionalSampler * self, GstBuffer * output)
{
  const GstFlowReturn flow =
      gst_aggregator_finish_buffer (GST_AGGREGATOR (self), output);

  self->idle_since = g_get_monotonic_time ();
  if (flow != GST_FLOW_NOT_LINKED && flow >= GST_FLOW_EOS)
    return flow;
  gst_latent_link_post_flow (GST_ELEMENT (self),
      GST_AGGREGATOR_SRC_PAD (self), flow);
  return GST_LATENT_FLOW_FAILED;
}

static GstFlowReturn
sample_and_push (GstRegionalSampler * self, GPtrArray * pads,
    GstBuffer * latent, GCancellable * cancellable)
{
  GstBuffer *output = NULL;
  GstFlowReturn flow = sample (self, pads, latent, cancellable, &output);

  if (flow == GST_FLOW_OK && !g_cancellable_is_cancelled (cancellable))
    return push (self, output);
  gst_clear_buffer (&output);
  self->idle_since = g_get_monotonic_time ();
  if (flow == GST_LATENT_FLOW_FAILED)
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

  if (g_atomic_int_get (&self->refuses))
    return GST_LATENT_FLOW_FAILED;
  latent = gst_aggregator_pad_peek_buffer (self->latent_pad);
  if (!latent && !gst_aggregator_pad_is_eos (self->latent_pad))
    return GST_AGGREGATOR_FLOW_NEED_DATA;
  if (!latent) {
    warn_of_unmatched (self);
    return GST_FLOW_EOS;
  }

  running_time = gst_latent_running_time (&self->latent_pad->segment,
      GST_BUFFER_PTS (latent));
  if (!gst_latent_buffer_is_gap (latent)
      && !take_masks (self, pads, running_time, timeout))
    return GST_AGGREGATOR_FLOW_NEED_DATA;

  gst_aggregator_selected_samples (aggregator, GST_BUFFER_PTS (latent),
      GST_BUFFER_DTS (latent), GST_BUFFER_DURATION (latent), NULL);
  gst_aggregator_pad_drop_buffer (self->latent_pad);
  self->awaited_since = GST_CLOCK_TIME_NONE;

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

/* Until when, beside the latency, a live pipeline waits for masks. A pad that
 * was late gets no more time than the clock says. Others do, from when the mask
 * was missed: those that wait for a place in the queue come only then, and a
 * source takes a while to start. */
static GstClockTime
get_next_time (GstAggregator * aggregator)
{
  GstRegionalSampler *self = GST_REGIONAL_SAMPLER (aggregator);
  g_autoptr (GPtrArray) pads = gst_regional_sampler_get_mask_pads (self);
  g_autoptr (GstBuffer) latent = NULL;
  GstClockTime running_time;
  GstClockTime patience = 0;

  latent = gst_aggregator_pad_peek_buffer (self->latent_pad);
  if (!latent)
    return gst_aggregator_pad_is_eos (self->latent_pad) ? 0 :
        GST_CLOCK_TIME_NONE;
  for (guint i = 0; i < pads->len; i++) {
    GstMaskPad *pad = pads->pdata[i];

    if (gst_aggregator_pad_has_buffer (pads->pdata[i])
        || gst_aggregator_pad_is_eos (pads->pdata[i]))
      continue;
    if (!gst_mask_pad_is_late (pad))
      patience = MAX (patience, gst_mask_pad_has_mask (pad) ?
          MASK_PATIENCE : FIRST_MASK_PATIENCE);
    else if (!gst_mask_pad_has_mask (pad))
      return GST_CLOCK_TIME_NONE;
  }

  if (!GST_CLOCK_TIME_IS_VALID (self->awaited_since))
    self->awaited_since =
        gst_element_get_current_running_time (GST_ELEMENT (self));
  running_time = gst_latent_running_time (&self->latent_pad->segment,
      GST_BUFFER_PTS (latent));
  if (!GST_CLOCK_TIME_IS_VALID (self->awaited_since))
    return GST_CLOCK_TIME_NONE;
  if (!GST_CLOCK_TIME_IS_VALID (running_time))
    return self->awaited_since + patience;
  return patience > 0 ? MAX (running_time, self->awaited_since + patience)
      : running_time;
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
  klass->get_next_time = get_next_time;
}
