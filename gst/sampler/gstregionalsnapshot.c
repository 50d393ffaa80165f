/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/*
 * What a job is made of: all settings of one moment, and the regions and masks
 * that belong to its latent. Where something of that is wrong, what was right
 * before takes its place.
 */

#include "sampler/gstregionalsampler.h"

#include "base/error.h"
#include "sampler/gstmaskpad.h"

GST_DEBUG_CATEGORY_EXTERN (gst_regional_sampler_debug);
#define GST_CAT_DEFAULT gst_regional_sampler_debug

/*
 * gst_regional_snapshot_clear:
 * @snapshot: zeroed memory, or a snapshot
 *
 * Frees what it holds.
 */
void
gst_regional_snapshot_clear (GstRegionalSnapshot * snapshot)
{
  g_clear_pointer (&snapshot->plan, rd_plan_free);
  g_clear_pointer (&snapshot->documents, g_ptr_array_unref);
  g_clear_pointer (&snapshot->regions, g_ptr_array_unref);
  g_clear_pointer (&snapshot->model, rd_model_unref);
  gst_regional_settings_clear (&snapshot->settings);
}

/*
 * gst_regional_snapshot_free:
 * @snapshot: (transfer full): what was kept of a job
 */
void
gst_regional_snapshot_free (GstRegionalSnapshot * snapshot)
{
  gst_regional_snapshot_clear (snapshot);
  g_free (snapshot);
}

/* All settings of the element and its pads, of one moment. The model is opened
 * before, as that reads files, and has to be the one that is set then. */
static gboolean
take_settings (GstRegionalSampler * self, GPtrArray * pads,
    GstRegionalSnapshot * snapshot, GError ** error)
{
  for (;;) {
    g_autoptr (RdModel) opened =
        gst_latent_model_user_open (&self->model, error);
    g_autoptr (GMutexLocker) locker = NULL;

    if (!opened)
      return FALSE;
    locker = g_mutex_locker_new (&self->settings_lock);
    snapshot->model = gst_latent_model_user_peek (&self->model);
    if (!snapshot->model)
      continue;

    snapshot->regions =
        g_ptr_array_new_with_free_func ((GDestroyNotify) rd_region_unref);
    GST_OBJECT_LOCK (self);
    gst_regional_settings_copy (&snapshot->settings, &self->settings);
    for (guint i = 0; i < pads->len; i++)
      g_ptr_array_add (snapshot->regions,
          gst_mask_pad_get_region (pads->pdata[i]));
    GST_OBJECT_UNLOCK (self);
    return TRUE;
  }
}

static gboolean
plan_regions (GstRegionalSampler * self, GPtrArray * pads, GstBuffer * latent,
    GstRegionalSnapshot * snapshot, GCancellable * cancellable, GError ** error)
{
  RdPlan *plan = snapshot->plan;
  const guint downscale = rd_model_info (snapshot->model)->downscale;

  if (!snapshot->documents)
    snapshot->documents =
        gst_region_sources_read (&self->sources, &snapshot->settings.texts,
        latent, snapshot->info.width * downscale,
        snapshot->info.height * downscale, cancellable, error);
  if (!snapshot->documents)
    return FALSE;
  for (guint i = 0; i < self->sources.warnings->len; i++)
    gst_regional_sampler_warn_once (self, self->sources.warnings->pdata[i]);
  for (guint i = 0; i < pads->len; i++) {
    g_autoptr (RdMask) mask = gst_mask_pad_get_mask (pads->pdata[i], error);

    if (!mask || !rd_plan_add_pad (plan, snapshot->regions->pdata[i], mask,
            error))
      return FALSE;
  }
  return rd_plan_set_regions (plan, snapshot->documents, error);
}

/* Checks what needs no network. */
static gboolean
make_plan (GstRegionalSampler * self, GPtrArray * pads, GstBuffer * latent,
    GstRegionalSnapshot * snapshot, GCancellable * cancellable, GError ** error)
{
  g_clear_pointer (&snapshot->plan, rd_plan_free);
  snapshot->plan =
      rd_plan_new (&snapshot->settings.plan, snapshot->model, error);
  return snapshot->plan
      && gst_latent_info_from_caps (&snapshot->info, self->latent_caps, error)
      && gst_latent_info_check_model (&snapshot->info, snapshot->model, error)
      && plan_regions (self, pads, latent, snapshot, cancellable, error);
}

static void
copy_texts (GstRegionTexts * to, const GstRegionTexts * from)
{
  g_free (to->regions);
  g_free (to->regions_location);
  g_free (to->class_prompts);
  to->regions = g_strdup (from->regions);
  to->regions_location = g_strdup (from->regions_location);
  to->class_prompts = g_strdup (from->class_prompts);
}

/* What a pad was set to; one that has come since, what it is set to now. */
static RdRegion *
get_pad_region (GstMaskPad * pad, const GstRegionalSnapshot * good)
{
  for (guint i = 0; i < good->regions->len; i++) {
    RdRegion *region = good->regions->pdata[i];

    if (g_str_equal (region->id, GST_OBJECT_NAME (pad)))
      return rd_region_ref (region);
  }
  return gst_mask_pad_get_region (pad);
}

/*
 * gst_regional_snapshot_restore:
 * @self: the element, with a snapshot that was remembered
 * @pads: (element-type GstMaskPad): its mask pads
 * @latent: what is to be sampled
 * @snapshot: a snapshot whose settings have turned out to be wrong
 * @cancellable: (nullable): ends the wait for mask files
 *
 * Sets all settings back to the good ones; if that does not do, what comes with
 * latents, too.
 *
 * Returns: whether @snapshot has a plan now
 */
gboolean
gst_regional_snapshot_restore (GstRegionalSampler * self, GPtrArray * pads,
    GstBuffer * latent, GstRegionalSnapshot * snapshot,
    GCancellable * cancellable)
{
  const GstRegionalSnapshot *good = self->good;

  gst_regional_snapshot_clear (snapshot);
  snapshot->restored = TRUE;
  gst_regional_settings_copy (&snapshot->settings, &good->settings);
  snapshot->model = rd_model_ref (good->model);
  snapshot->regions =
      g_ptr_array_new_with_free_func ((GDestroyNotify) rd_region_unref);
  for (guint i = 0; i < pads->len; i++)
    g_ptr_array_add (snapshot->regions, get_pad_region (pads->pdata[i], good));
  if (make_plan (self, pads, latent, snapshot, cancellable, NULL))
    return TRUE;
  g_clear_pointer (&snapshot->documents, g_ptr_array_unref);
  snapshot->documents = g_ptr_array_ref (good->documents);
  return make_plan (self, pads, latent, snapshot, cancellable, NULL);
}

/* Sets @snapshot back to what was good: no more of it than is needed. Texts go
 * first, then what comes with latents, then all settings. */
static gboolean
restore (GstRegionalSampler * self, GPtrArray * pads, GstBuffer * latent,
    GstRegionalSnapshot * snapshot, GCancellable * cancellable)
{
  const GstRegionalSnapshot *good = self->good;

  snapshot->restored = TRUE;
  if (snapshot->regions) {
    copy_texts (&snapshot->settings.texts, &good->settings.texts);
    g_clear_pointer (&snapshot->documents, g_ptr_array_unref);
    if (make_plan (self, pads, latent, snapshot, cancellable, NULL))
      return TRUE;
    g_clear_pointer (&snapshot->documents, g_ptr_array_unref);
    snapshot->documents = g_ptr_array_ref (good->documents);
    if (make_plan (self, pads, latent, snapshot, cancellable, NULL))
      return TRUE;
  }
  return gst_regional_snapshot_restore (self, pads, latent, snapshot,
      cancellable);
}

/*
 * gst_regional_snapshot_remember:
 * @self: the element
 * @snapshot: what a job was made of that could be built
 *
 * Keeps it for jobs whose settings are wrong.
 */
void
gst_regional_snapshot_remember (GstRegionalSampler * self,
    const GstRegionalSnapshot * snapshot)
{
  GstRegionalSnapshot *good = g_new0 (GstRegionalSnapshot, 1);

  gst_regional_settings_copy (&good->settings, &snapshot->settings);
  good->model = rd_model_ref (snapshot->model);
  good->regions = g_ptr_array_ref (snapshot->regions);
  good->documents = g_ptr_array_ref (snapshot->documents);
  g_clear_pointer (&self->good, gst_regional_snapshot_free);
  self->good = good;
  if (!snapshot->restored)
    g_clear_pointer (&self->kept_because, g_free);
}

/*
 * gst_regional_snapshot_warn:
 * @self: the element
 * @error: what is wrong with settings in whose place others are used
 *
 * Posts a warning; of the same fault once.
 */
void
gst_regional_snapshot_warn (GstRegionalSampler * self, const GError * error)
{
  if (g_strcmp0 (self->kept_because, error->message) == 0)
    return;
  g_free (self->kept_because);
  self->kept_because = g_strdup (error->message);
  GST_ELEMENT_WARNING (self, RESOURCE, SETTINGS,
      ("%s; what was set before stays in use until this is corrected",
          error->message), ("after %" G_GUINT64_FORMAT " jobs",
          self->job_number));
}

/*
 * gst_regional_snapshot_take:
 * @self: the element
 * @pads: (element-type GstMaskPad): its mask pads
 * @latent: what is to be sampled
 * @snapshot: zeroed memory; gst_regional_snapshot_clear() afterwards
 * @cancellable: (nullable): ends the wait for mask files
 * @error: what is wrong with settings, regions or caps, with its place
 *
 * Takes all settings, regions and masks. What is wrong with them ends the stream
 * only before the first picture: from then on the last good ones stay.
 *
 * Returns: whether @snapshot has a plan
 */
gboolean
gst_regional_snapshot_take (GstRegionalSampler * self, GPtrArray * pads,
    GstBuffer * latent, GstRegionalSnapshot * snapshot,
    GCancellable * cancellable, GError ** error)
{
  g_autoptr (GError) fault = NULL;

  if (!self->latent_caps) {
    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE,
        "received latents without caps; send a CAPS event first");
    return FALSE;
  }
  if (take_settings (self, pads, snapshot, &fault)
      && make_plan (self, pads, latent, snapshot, cancellable, &fault))
    return TRUE;
  if (self->good && !g_cancellable_is_cancelled (cancellable)
      && restore (self, pads, latent, snapshot, cancellable)) {
    gst_regional_snapshot_warn (self, fault);
    return TRUE;
  }
  g_propagate_error (error, g_steal_pointer (&fault));
  return FALSE;
}
