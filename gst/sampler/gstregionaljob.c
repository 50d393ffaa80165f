/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sampler/gstregionaljob.h"

#include "common/gstlatentmodeluser.h"
#include "sampler/gstregionalenums.h"
#include "sampler/gstregionalpart.h"
#include "sampler/gstmaskpad.h"

GST_DEBUG_CATEGORY_EXTERN (gst_regional_sampler_debug);
#define GST_CAT_DEFAULT gst_regional_sampler_debug

struct _GstRegionalJob
{
  GstRegionalSettings settings;
  RdModel *model;

  GstRegionalPart *base;
  GPtrArray *bases;             /* RdRegion whose strings the base may use */
  GPtrArray *pads;              /* GstMaskPad */
  GPtrArray *pad_regions;       /* RdRegion: what each of them is set to */
  GPtrArray *parts;             /* regions of pads, then of documents */
  GPtrArray *models;            /* RdModel: the regions' own, each once */
};

/*
 * gst_regional_context_clear:
 * @context: zeroed memory, or a context
 *
 * Lets go of all that was kept for the next job.
 */
void
gst_regional_context_clear (GstRegionalContext * context)
{
  gst_region_sources_clear (&context->regions);
  gst_regional_preview_clear (&context->preview);
  g_clear_pointer (&context->prompts, g_hash_table_unref);
  g_clear_pointer (&context->models, g_ptr_array_unref);
  g_clear_pointer (&context->previous, rd_tensor_unref);
  g_clear_pointer (&context->stream, rd_stream_unref);
}

/*
 * gst_regional_job_new:
 * @settings: to be copied, under their owner's lock
 * @pads: (element-type GstMaskPad): all mask pads, in their order; what they
 *   are set to is copied, too
 * @model: the element's model
 *
 * Returns: (transfer full): a job without regions
 */
GstRegionalJob *
gst_regional_job_new (const GstRegionalSettings * settings, GPtrArray * pads,
    RdModel * model)
{
  GstRegionalJob *job = g_new0 (GstRegionalJob, 1);

  gst_regional_settings_copy (&job->settings, settings);
  job->model = rd_model_ref (model);
  job->base = gst_regional_part_new_base (&job->settings);
  job->bases =
      g_ptr_array_new_with_free_func ((GDestroyNotify) rd_region_unref);
  job->pads = g_ptr_array_ref (pads);
  job->pad_regions =
      g_ptr_array_new_with_free_func ((GDestroyNotify) rd_region_unref);
  for (guint i = 0; i < pads->len; i++)
    g_ptr_array_add (job->pad_regions,
        gst_mask_pad_get_region (pads->pdata[i]));
  job->parts = g_ptr_array_new_with_free_func ((GDestroyNotify)
      gst_regional_part_free);
  job->models =
      g_ptr_array_new_with_free_func ((GDestroyNotify) rd_model_unref);
  return job;
}

void
gst_regional_job_free (GstRegionalJob * job)
{
  g_ptr_array_unref (job->parts);
  g_ptr_array_unref (job->pad_regions);
  g_ptr_array_unref (job->pads);
  g_ptr_array_unref (job->models);
  gst_regional_part_free (job->base);
  g_ptr_array_unref (job->bases);
  rd_model_unref (job->model);
  gst_regional_settings_clear (&job->settings);
  g_free (job);
}

const GstRegionalSettings *
gst_regional_job_settings (const GstRegionalJob * job)
{
  return &job->settings;
}

RdModel *
gst_regional_job_model (const GstRegionalJob * job)
{
  return job->model;
}

static gboolean
is_named (GPtrArray * lists, const gchar * pad)
{
  for (guint k = 0; k < lists->len; k++) {
    const RdRegionDocument *list = lists->pdata[k];

    for (guint i = 0; i < list->regions->len; i++) {
      const RdRegion *region = list->regions->pdata[i];

      if (region->shape.kind == RD_SHAPE_PAD
          && g_str_equal (region->shape.pad, pad))
        return TRUE;
    }
  }
  return FALSE;
}

static RdMask *
read_pad (GstMaskPad * pad, gboolean invert, GError ** error)
{
  g_autoptr (RdMask) mask = gst_mask_pad_get_mask (pad, error);

  if (!mask || !invert)
    return g_steal_pointer (&mask);
  return gst_regional_part_invert (mask, GST_OBJECT_NAME (pad), error);
}

/* A pad is a region of its own, unless a document's region takes its mask and
 * it says nothing itself. */
static gboolean
add_pads (GstRegionalJob * job, GPtrArray * lists, GHashTable * masks,
    GError ** error)
{
  for (guint i = 0; i < job->pads->len; i++) {
    RdRegion *region = job->pad_regions->pdata[i];
    RdMask *mask = read_pad (job->pads->pdata[i], region->invert, error);

    if (!mask)
      return FALSE;
    g_hash_table_insert (masks, g_strdup (region->id), mask);
    region->invert = FALSE;
    if (region->prompt || !is_named (lists, region->id))
      g_ptr_array_add (job->parts,
          gst_regional_part_new_region (job->base, region, mask));
  }
  return TRUE;
}

static gboolean
add_list (GstRegionalJob * job, const RdRegionDocument * list, GHashTable * masks,
    GError ** error)
{
  for (guint i = 0; i < list->regions->len; i++) {
    RdRegion *region = list->regions->pdata[i];
    g_autofree gchar *prompt = NULL;
    RdMask *mask = NULL;
    GstRegionalPart *part;

    if (region->shape.kind == RD_SHAPE_PAD) {
      mask = g_hash_table_lookup (masks, region->shape.pad);
      if (!mask) {
        g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
            "%s: there is no pad '%s'; link a mask to it, or give the region "
            "another shape", region->id, region->shape.pad);
        return FALSE;
      }
    }
    part = gst_regional_part_new_region (job->base, region, mask);
    prompt = g_steal_pointer (&part->prompt);
    part->prompt = rd_region_document_prompt (list, prompt);
    g_ptr_array_add (job->parts, part);
  }
  return TRUE;
}

/*
 * gst_regional_job_add_regions:
 * @job: a job without regions
 * @lists: (element-type RdRegionDocument): of documents, and what their regions
 *   inherit
 * @error: a pad without a mask, or one that is missing
 *
 * Takes all regions: those of pads, then those of the documents in their order.
 * Of what several documents say of the base, an earlier one's counts.
 */
gboolean
gst_regional_job_add_regions (GstRegionalJob * job, GPtrArray * lists,
    GError ** error)
{
  g_autoptr (GHashTable) masks = g_hash_table_new_full (g_str_hash,
      g_str_equal, g_free, (GDestroyNotify) rd_mask_unref);

  for (guint i = lists->len; i > 0; i--) {
    const RdRegionDocument *list = lists->pdata[i - 1];

    if (!list->base)
      continue;
    g_ptr_array_add (job->bases, rd_region_ref (list->base));
    gst_regional_part_overlay (job->base, list->base);
  }
  if (!add_pads (job, lists, masks, error))
    return FALSE;
  for (guint i = 0; i < lists->len; i++) {
    if (!add_list (job, lists->pdata[i], masks, error))
      return FALSE;
  }
  return TRUE;
}

/*
 * gst_regional_job_regions:
 * @job: a job with all its regions
 *
 * Returns: (transfer full): the base and the regions as one document
 */
RdRegionDocument *
gst_regional_job_regions (const GstRegionalJob * job)
{
  RdRegionDocument *list = rd_region_document_new ();

  list->base = gst_regional_part_to_base (job->base);
  for (guint i = 0; i < job->parts->len; i++)
    g_ptr_array_add (list->regions,
        gst_regional_part_to_region (job->parts->pdata[i]));
  return list;
}

static gboolean
check_same_latents (RdModel * model, RdModel * other, GError ** error)
{
  const RdModelInfo *a = rd_model_info (model), *b = rd_model_info (other);

  if (a->channels == b->channels && a->downscale == b->downscale
      && a->scaling_factor == b->scaling_factor
      && a->shift_factor == b->shift_factor)
    return TRUE;
  g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
      "model %s has other latents (%u channels, 1/%u, scale %g, shift %g) than "
      "%s (%u, 1/%u, %g, %g); regions share one latent, so choose a model of "
      "the same family", rd_model_folder (other), b->channels, b->downscale,
      b->scaling_factor, b->shift_factor, rd_model_folder (model), a->channels,
      a->downscale, a->scaling_factor, a->shift_factor);
  return FALSE;
}

static gboolean
open_model (GstRegionalJob * job, GstRegionalPart * part, GError ** error)
{
  g_autoptr (RdModel) model = NULL;

  if (!part->model_folder) {
    part->model = rd_model_ref (job->model);
    return TRUE;
  }
  model = rd_model_open (part->model_folder, rd_model_runtime (job->model),
      error);
  if (!model || !check_same_latents (job->model, model, error)) {
    g_prefix_error (error, "%s: ", part->region->id);
    return FALSE;
  }
  if (!g_ptr_array_find (job->models, model, NULL))
    g_ptr_array_add (job->models, rd_model_ref (model));
  part->model = g_steal_pointer (&model);
  return TRUE;
}

/*
 * gst_regional_job_open_models:
 * @job: a job with all its regions
 * @error: a model that cannot be opened, or whose latents are others
 *
 * Finds every region's model, without loading any.
 */
gboolean
gst_regional_job_open_models (GstRegionalJob * job, GError ** error)
{
  if (!open_model (job, job->base, error))
    return FALSE;
  for (guint i = 0; i < job->parts->len; i++) {
    if (!open_model (job, job->parts->pdata[i], error))
      return FALSE;
  }
  return TRUE;
}

static GstFlowReturn
load (RdModel * model, GstElement * element, GCancellable * cancellable)
{
  GstFlowReturn flow =
      gst_latent_model_load (model, RD_NETWORK_TEXT_ENCODER, element, cancellable);

  if (flow != GST_FLOW_OK)
    return flow;
  return gst_latent_model_load (model, RD_NETWORK_DENOISER, element, cancellable);
}

/*
 * gst_regional_job_load_models:
 * @job: a job whose models are open
 * @element: who posts progress and errors
 * @cancellable: ends the wait
 *
 * Loads the networks that are not loaded yet, as `load` progress.
 *
 * Returns: %GST_FLOW_OK, %GST_FLOW_FLUSHING if cancelled, or %GST_FLOW_ERROR
 *   after an error message
 */
GstFlowReturn
gst_regional_job_load_models (GstRegionalJob * job, GstElement * element,
    GCancellable * cancellable)
{
  GstFlowReturn flow = load (job->base->model, element, cancellable);

  for (guint i = 0; i < job->parts->len && flow == GST_FLOW_OK; i++) {
    GstRegionalPart *part = job->parts->pdata[i];

    flow = load (part->model, element, cancellable);
  }
  return flow;
}

static RdConditioning *
encode (GstRegionalContext * context, GHashTable * prompts, RdModel * model,
    const gchar * prompt, GCancellable * cancellable, GError ** error)
{
  g_autofree gchar *key =
      g_strconcat (rd_model_folder (model), "\n", prompt, NULL);
  RdConditioning *known = g_hash_table_lookup (prompts, key);

  if (!known && context->prompts)
    known = g_hash_table_lookup (context->prompts, key);
  if (known)
    known = rd_conditioning_ref (known);
  else
    known = rd_model_encode_prompt (model, context->stream, prompt, cancellable,
        error);
  if (known)
    g_hash_table_replace (prompts, g_steal_pointer (&key),
        rd_conditioning_ref (known));
  return known;
}

static RdOwner *
build_owner (GstRegionalPart * part, GstRegionalContext * context,
    GHashTable * prompts, GCancellable * cancellable, GError ** error)
{
  g_autoptr (RdDenoiser) unet = NULL;
  g_autoptr (RdConditioning) positive = NULL, negative = NULL;
  const RdRegion *region = part->region;
  RdOwner *owner;

  unet = rd_model_denoiser (part->model, cancellable, error);
  if (unet)
    positive = encode (context, prompts, part->model, part->prompt,
        cancellable, error);
  if (positive)
    negative = encode (context, prompts, part->model, part->negative_prompt,
        cancellable, error);
  if (!negative) {
    g_prefix_error (error, "%s: ", region->id);
    return NULL;
  }

  owner = rd_owner_new (region->id, unet, positive, negative);
  owner->guide.cfg = part->cfg;
  owner->solver = part->solver;
  owner->scheduler = part->scheduler;
  owner->sigma_factor = part->sigma_factor;
  owner->overlap_factor = part->overlap_factor;
  owner->feather = part->feather;
  owner->strength = region->strength;
  owner->start = region->start;
  owner->end = region->end;
  owner->z = region->z;
  owner->variation.seed = region->variation_seed;
  owner->variation.strength = region->variation_strength;
  owner->variation.method = region->variation_method;
  return owner;
}

static void
describe (GstElement * element, const GstRegionalPart * part,
    const RdMask * mask)
{
  g_autofree gchar *text = gst_regional_part_describe (part, mask);

  GST_INFO_OBJECT (element, "%s", text);
}

static gboolean
check (const GstRegionalJob * job, GError ** error)
{
  const GstRegionalSettings *s = &job->settings;

  /* the core sees the feather of regions only */
  if ((s->mode == RD_MODE_IMPACT || s->mode == RD_MODE_IMPACT_SIMPLE)
      && job->base->feather != 0.0) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "'feather' means nothing in mode '%s': leave it at its default or "
        "choose another mode", rd_mode_name (s->mode));
    return FALSE;
  }
  return TRUE;
}

static RdJob *
build_base (GstRegionalJob * job, GstRegionalContext * context,
    GHashTable * prompts, GCancellable * cancellable, GError ** error)
{
  const GstRegionalSettings *s = &job->settings;
  const RdModelInfo *info = rd_model_info (job->model);
  RdOwner *base = build_owner (job->base, context, prompts, cancellable,
      error);
  RdJob *result;
  guint n;

  if (!base)
    return NULL;
  result = rd_job_new (base);
  result->mode = s->mode;
  result->add_noise = s->add_noise;
  result->noise_seed = s->noise_seed;
  result->noise_origin = s->noise_source;
  result->seed_2nd_mode = s->seed_2nd_mode;
  result->seed_2nd = s->seed_2nd;
  result->steps = s->steps;
  if (s->custom_sigmas) {
    result->custom_sigmas = g_array_ref (s->custom_sigmas);
    if (s->steps == GST_REGIONAL_DEFAULT_STEPS)
      result->steps = s->custom_sigmas->len - 1;
  }
  result->start_at_step = s->start_at_step;
  result->end_at_step = s->end_at_step;
  result->denoise = s->denoise;
  result->base_only_steps = s->base_only_steps;
  result->region_crop = s->region_crop;
  result->restore_latent = s->restore_latent;
  result->additional_mode = s->additional_mode;
  result->additional_solver = s->additional_sampler == GST_REGIONAL_AUTO ? NULL
      : &rd_solver_list (&n)[s->additional_sampler];
  result->additional_sigma_ratio = s->additional_sigma_ratio;
  result->scheduler_options.gits_coefficient = s->gits_coefficient;
  result->return_with_leftover_noise = s->return_with_leftover_noise;
  result->scale = info->scaling_factor;
  result->shift = info->shift_factor;
  result->downscale = info->downscale;
  return result;
}

/*
 * gst_regional_job_build:
 * @job: a job whose models are loaded
 * @element: for the log
 * @context: what the last job left; receives what this one leaves
 * @width: of the latent, in cells
 * @height: of the latent, in cells
 * @cancellable: ends a prompt's evaluation within one network node
 * @error: settings that exclude each other, or an error of a shape or network,
 *   with the region's name
 *
 * Encodes prompts and paints shapes.
 *
 * Returns: (transfer full) (nullable): what the core runs
 */
RdJob *
gst_regional_job_build (GstRegionalJob * job, GstElement * element,
    GstRegionalContext * context, guint width, guint height,
    GCancellable * cancellable, GError ** error)
{
  const guint downscale = rd_model_info (job->model)->downscale;
  g_autoptr (RdJob) result = NULL;
  g_autoptr (GHashTable) prompts = g_hash_table_new_full (g_str_hash,
      g_str_equal, g_free, (GDestroyNotify) rd_conditioning_unref);

  if (!check (job, error))
    return NULL;
  result = build_base (job, context, prompts, cancellable, error);
  if (!result)
    return NULL;
  describe (element, job->base, NULL);
  for (guint i = 0; i < job->parts->len; i++) {
    GstRegionalPart *part = job->parts->pdata[i];
    RdOwner *owner = build_owner (part, context, prompts, cancellable, error);

    if (!owner)
      return NULL;
    g_ptr_array_add (result->regions, owner);
    owner->mask = gst_regional_part_paint (part, width * downscale,
        height * downscale, error);
    if (!owner->mask)
      return NULL;
    describe (element, part, owner->mask);
  }

  g_clear_pointer (&context->prompts, g_hash_table_unref);
  context->prompts = g_steal_pointer (&prompts);
  g_clear_pointer (&context->models, g_ptr_array_unref);
  context->models = g_ptr_array_ref (job->models);
  return g_steal_pointer (&result);
}
