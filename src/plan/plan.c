/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "plan/plan.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "loop/modes.h"
#include "models/inputs.h"
#include "plan/owner.h"

/* A mask that comes from outside under a region's name. */
typedef struct
{
  RdRegion *region;
  RdMask *mask;
} Pad;

struct _RdPlan
{
  RdPlanSettings settings;
  RdModel *model;

  GArray *pads;                 /* Pad, in their order */
  RdPlanOwner *base;
  const RdSolverInfo *additional;       /* of the settings, or NULL */
  GPtrArray *regions;           /* RdPlanOwner: of pads, then of documents */
};

/**
 * rd_plan_context_clear:
 * @context: zeroed memory, or a context
 *
 * Lets go of all that was kept for the next job.
 */
void
rd_plan_context_clear (RdPlanContext * context)
{
  g_clear_pointer (&context->prompts, g_hash_table_unref);
  g_clear_pointer (&context->inputs, g_hash_table_unref);
  g_clear_pointer (&context->models, g_ptr_array_unref);
  g_clear_pointer (&context->previous, rd_tensor_unref);
  g_clear_pointer (&context->stream, rd_stream_unref);
}

/**
 * rd_plan_context_get_stream:
 * @context: what the last job left
 * @device: where the next one runs
 * @error: what rd_stream_new() says
 *
 * The stream of the jobs before, unless it is another device's or has failed: a
 * failure sticks to a stream, so that one is replaced, and nothing that was
 * made on it is kept.
 *
 * Returns: (transfer none) (nullable): the stream
 */
RdStream *
rd_plan_context_get_stream (RdPlanContext * context, RdDevice * device,
    GError ** error)
{
  RdStream *stream = context->stream;

  if (stream && (stream->device != device || !rd_stream_check (stream, NULL))) {
    g_clear_pointer (&context->prompts, g_hash_table_unref);
    g_clear_pointer (&context->inputs, g_hash_table_unref);
    g_clear_pointer (&context->previous, rd_tensor_unref);
    g_clear_pointer (&context->stream, rd_stream_unref);
  }
  if (!context->stream)
    context->stream = rd_stream_new (device, error);
  return context->stream;
}

static void
clear_pad (gpointer data)
{
  Pad *pad = data;

  rd_region_unref (pad->region);
  rd_mask_unref (pad->mask);
}

/* A folder with an autoencoder alone serves those who encode and decode. */
static gboolean
check_paints (RdModel * model, GError ** error)
{
  if (rd_model_info (model)->prediction)
    return TRUE;
  g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
      "model %s is an autoencoder alone, which paints nothing; set the folder "
      "of a whole model", rd_model_folder (model));
  return FALSE;
}

/**
 * rd_plan_new:
 * @settings: to be copied
 * @model: whose networks the base uses, and regions that name no other
 * @error: %RD_ERROR_NOT_FOUND: there is no such sampler or scheduler; or
 *   %RD_ERROR_SETTINGS: @model has no denoiser
 *
 * Returns: (transfer full) (nullable): a plan without regions
 */
RdPlan *
rd_plan_new (const RdPlanSettings * settings, RdModel * model, GError ** error)
{
  RdPlanOwner *base = check_paints (model, error)
      ? rd_plan_owner_new_base (settings, error) : NULL;
  const RdSolverInfo *additional = NULL;
  RdPlan *plan;

  if (base && settings->additional_sampler) {
    additional = rd_solver_find (settings->additional_sampler, error);
    if (!additional)
      g_clear_pointer (&base, rd_plan_owner_free);
  }
  if (!base)
    return NULL;

  plan = g_new0 (RdPlan, 1);
  rd_plan_settings_copy (&plan->settings, settings);
  plan->model = rd_model_ref (model);
  plan->pads = g_array_new (FALSE, FALSE, sizeof (Pad));
  g_array_set_clear_func (plan->pads, clear_pad);
  plan->base = base;
  plan->base->model = rd_model_ref (model);
  plan->additional = additional;
  plan->regions =
      g_ptr_array_new_with_free_func ((GDestroyNotify) rd_plan_owner_free);
  return plan;
}

/**
 * rd_plan_free:
 * @plan: (transfer full): a plan
 */
void
rd_plan_free (RdPlan * plan)
{
  g_ptr_array_unref (plan->regions);
  rd_plan_owner_free (plan->base);
  g_array_unref (plan->pads);
  rd_model_unref (plan->model);
  rd_plan_settings_clear (&plan->settings);
  g_free (plan);
}

/**
 * rd_plan_get_settings:
 * @plan: a plan
 *
 * Returns: what it was made with
 */
const RdPlanSettings *
rd_plan_get_settings (const RdPlan * plan)
{
  return &plan->settings;
}

/**
 * rd_plan_get_model:
 * @plan: a plan
 *
 * Returns: (transfer none): what it was made with
 */
RdModel *
rd_plan_get_model (const RdPlan * plan)
{
  return plan->model;
}

/**
 * rd_plan_add_pad:
 * @plan: a plan without regions
 * @region: a region of its own, its shape %RD_SHAPE_PAD; its id is the name by
 *   which documents refer to @mask
 * @mask: where it is, inverted if @region says so
 * @error: %RD_ERROR_NO_MEMORY
 *
 * Adds a mask that somebody paints. With @region's prompt it is a region in
 * any case; without one, only if no document's region takes the mask.
 */
gboolean
rd_plan_add_pad (RdPlan * plan, RdRegion * region, RdMask * mask,
    GError ** error)
{
  Pad pad = { NULL };

  pad.mask = region->invert
      ? rd_plan_owner_invert_mask (mask, region->id, error)
      : rd_mask_ref (mask);
  if (!pad.mask)
    return FALSE;
  pad.region = rd_region_ref (region);
  g_array_append_val (plan->pads, pad);
  return TRUE;
}

static RdMask *
find_mask (const RdPlan * plan, const char *id)
{
  for (guint i = 0; i < plan->pads->len; i++) {
    const Pad *pad = &g_array_index (plan->pads, Pad, i);

    if (g_str_equal (pad->region->id, id))
      return pad->mask;
  }
  return NULL;
}

static gboolean
is_named (GPtrArray * documents, const char *pad)
{
  for (guint k = 0; k < documents->len; k++) {
    const RdRegionDocument *document = documents->pdata[k];

    for (guint i = 0; i < document->regions->len; i++) {
      const RdRegion *region = document->regions->pdata[i];

      if (region->shape.kind == RD_SHAPE_PAD
          && g_str_equal (region->shape.pad, pad))
        return TRUE;
    }
  }
  return FALSE;
}

static gboolean
add_pads (RdPlan * plan, GPtrArray * documents, GError ** error)
{
  for (guint i = 0; i < plan->pads->len; i++) {
    const Pad *pad = &g_array_index (plan->pads, Pad, i);
    RdPlanOwner *owner;

    if (!pad->region->prompt && is_named (documents, pad->region->id))
      continue;
    owner = rd_plan_owner_new_region (plan->base, pad->region, pad->mask,
        error);
    if (!owner)
      return FALSE;
    owner->invert = FALSE;      /* the mask is, already */
    g_ptr_array_add (plan->regions, owner);
  }
  return TRUE;
}

/* What all regions of a document share goes before each of their prompts. */
static void
add_common (const RdRegionDocument * document, char **prompt)
{
  char *own = *prompt;

  if (own)
    *prompt = rd_region_document_prompt (document, own);
  g_free (own);
}

static gboolean
add_document (RdPlan * plan, const RdRegionDocument * document, GError ** error)
{
  for (guint i = 0; i < document->regions->len; i++) {
    RdRegion *region = document->regions->pdata[i];
    RdMask *mask = NULL;
    RdPlanOwner *owner;

    if (region->shape.kind == RD_SHAPE_PAD) {
      mask = find_mask (plan, region->shape.pad);
      if (!mask) {
        g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
            "%s: there is no pad '%s'; link a mask to it, or give the region "
            "another shape", region->id, region->shape.pad);
        return FALSE;
      }
    }
    owner = rd_plan_owner_new_region (plan->base, region, mask, error);
    if (!owner)
      return FALSE;
    add_common (document, &owner->settings->prompt);
    add_common (document, &owner->settings->prompt_2);
    add_common (document, &owner->settings->prompt_3);
    g_ptr_array_add (plan->regions, owner);
  }
  return TRUE;
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
      "model %s has different latents (%u channels, 1/%u, scale %s, shift %s) "
      "from %s (%u, 1/%u, %s, %s); regions share one latent, so choose a model "
      "of the same family", rd_model_folder (other), b->channels, b->downscale,
      rd_text_number ("%g", b->scaling_factor).text,
      rd_text_number ("%g", b->shift_factor).text, rd_model_folder (model),
      a->channels, a->downscale, rd_text_number ("%g", a->scaling_factor).text,
      rd_text_number ("%g", a->shift_factor).text);
  return FALSE;
}

/* Without loading any network. */
static gboolean
open_model (RdPlan * plan, RdPlanOwner * owner, GError ** error)
{
  g_autoptr (RdModel) model = NULL;

  if (!owner->settings->model) {
    owner->model = rd_model_ref (plan->model);
    return TRUE;
  }
  model = rd_model_open (owner->settings->model, rd_model_runtime (plan->model),
      error);
  if (!model || !check_paints (model, error)
      || !check_same_latents (plan->model, model, error)) {
    g_prefix_error (error, "%s: ", owner->region->id);
    return FALSE;
  }
  owner->model = g_steal_pointer (&model);
  return TRUE;
}

static gboolean
check_number (const RdPlan * plan, GPtrArray * documents, GError ** error)
{
  guint n = plan->pads->len;

  for (guint i = 0; i < documents->len; i++)
    n += ((const RdRegionDocument *) documents->pdata[i])->regions->len;
  return rd_region_check_number (n, error);
}

/* Regions do not inherit it, so neither does what goes before the base. */
static gboolean
overlay_base (RdPlan * plan, const RdRegion * base, GError ** error)
{
  const gboolean keep = base->has_keep ? base->keep
      : plan->base->settings->keep;

  if (!rd_plan_owner_overlay (plan->base, base, error))
    return FALSE;
  plan->base->settings->keep = keep;
  return TRUE;
}

/**
 * rd_plan_set_regions:
 * @plan: a plan without regions
 * @documents: (element-type RdRegionDocument): what there is beside pads, with
 *   files read and detections expanded
 * @error: a pad, sampler or scheduler that is missing, a model that cannot be
 *   opened, or one whose latents are others, with the region's name; or
 *   %RD_ERROR_INVALID: more than %RD_MAX_REGIONS
 *
 * Takes all regions, those of pads, then those of the documents in their order,
 * finds what they inherit, and opens their models. Of what several documents
 * say of the base, an earlier one's counts.
 */
gboolean
rd_plan_set_regions (RdPlan * plan, GPtrArray * documents, GError ** error)
{
  g_return_val_if_fail (plan->regions->len == 0, FALSE);

  if (!check_number (plan, documents, error))
    return FALSE;
  for (guint i = documents->len; i > 0; i--) {
    const RdRegionDocument *document = documents->pdata[i - 1];

    if (document->base && !overlay_base (plan, document->base, error))
      return FALSE;
  }
  if (!add_pads (plan, documents, error))
    return FALSE;
  for (guint i = 0; i < documents->len; i++) {
    if (!add_document (plan, documents->pdata[i], error))
      return FALSE;
  }
  for (guint i = 0; i < plan->regions->len; i++) {
    if (!open_model (plan, plan->regions->pdata[i], error))
      return FALSE;
  }
  return TRUE;
}

/**
 * rd_plan_to_document:
 * @plan: a plan with all its regions
 *
 * Returns: (transfer full): the base and the regions as one document
 */
RdRegionDocument *
rd_plan_to_document (const RdPlan * plan)
{
  RdRegionDocument *document = rd_region_document_new ();

  document->base = rd_region_ref (plan->base->settings);
  for (guint i = 0; i < plan->regions->len; i++)
    g_ptr_array_add (document->regions,
        rd_plan_owner_to_region (plan->regions->pdata[i]));
  return document;
}

static void
add_network (GArray * networks, RdModel * model, RdNetworkKind kind)
{
  const RdPlanNetwork network = { model, kind };

  for (guint i = 0; i < networks->len; i++) {
    const RdPlanNetwork *known = &g_array_index (networks, RdPlanNetwork, i);

    if (known->model == model && known->kind == kind)
      return;
  }
  g_array_append_val (networks, network);
}

/**
 * rd_plan_networks:
 * @plan: a plan with all its regions
 *
 * Returns: (transfer full) (element-type RdPlanNetwork): the networks that
 *   rd_plan_build() and the job need, loaded or not, each once
 */
GArray *
rd_plan_networks (const RdPlan * plan)
{
  GArray *networks = g_array_new (FALSE, FALSE, sizeof (RdPlanNetwork));

  add_network (networks, plan->base->model, RD_NETWORK_TEXT_ENCODER);
  add_network (networks, plan->base->model, RD_NETWORK_DENOISER);
  for (guint i = 0; i < plan->regions->len; i++) {
    const RdPlanOwner *owner = plan->regions->pdata[i];

    add_network (networks, owner->model, RD_NETWORK_TEXT_ENCODER);
    add_network (networks, owner->model, RD_NETWORK_DENOISER);
  }
  return networks;
}

/* What the networks of a job are given, made once for all who share it, and kept
 * for the next job. */
typedef struct
{
  RdPlanContext *context;
  const RdPictureSizes *sizes;
  gboolean zero_negative;
  GHashTable *prompts;          /* RdConditioning */
  GHashTable *inputs;           /* RdTensor */
} Given;

static void
given_clear (Given * given)
{
  g_clear_pointer (&given->prompts, g_hash_table_unref);
  g_clear_pointer (&given->inputs, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Given, given_clear);

static void
given_init (Given * given, const RdPlan * plan, RdPlanContext * context,
    const RdPictureSizes * sizes)
{
  given->context = context;
  given->sizes = sizes;
  given->zero_negative = plan->settings.zero_negative;
  given->prompts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      (GDestroyNotify) rd_conditioning_unref);
  given->inputs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      (GDestroyNotify) rd_tensor_unref);
}

/* The next job's plan finds them in the context. */
static void
given_keep (Given * given)
{
  RdPlanContext *context = given->context;

  g_clear_pointer (&context->prompts, g_hash_table_unref);
  context->prompts = g_steal_pointer (&given->prompts);
  g_clear_pointer (&context->inputs, g_hash_table_unref);
  context->inputs = g_steal_pointer (&given->inputs);
}

static gpointer
look_up (GHashTable * ours, GHashTable * previous, const char *key)
{
  gpointer known = g_hash_table_lookup (ours, key);

  return known || !previous ? known : g_hash_table_lookup (previous, key);
}

/* Lengths tell where a text ends that may have any character. */
static char *
prompt_key (RdModel * model, const RdPrompt * prompt, gboolean zero)
{
  GString *key = g_string_new (rd_model_folder (model));

  g_string_append (key, zero ? "\nzero" : "\n");
  for (guint i = 0; i < RD_PROMPT_MAX_PARTS; i++)
    if (prompt->texts[i])
      g_string_append_printf (key, "\n%" G_GSIZE_FORMAT ":%s",
          strlen (prompt->texts[i]), prompt->texts[i]);
    else
      g_string_append (key, "\n");
  return g_string_free (key, FALSE);
}

static RdConditioning *
make_conditioning (const Given * given, RdModel * model,
    const RdPrompt * prompt, gboolean zero, GCancellable * cancellable,
    GError ** error)
{
  g_autoptr (RdConditioning) encoded = rd_model_encode_prompt (model,
      given->context->stream, prompt, cancellable, error);

  return encoded && zero ? rd_conditioning_new_zero (encoded)
      : g_steal_pointer (&encoded);
}

static RdConditioning *
encode (Given * given, RdModel * model, const RdPrompt * prompt, gboolean zero,
    GCancellable * cancellable, GError ** error)
{
  g_autofree char *key = prompt_key (model, prompt, zero);
  RdConditioning *known =
      look_up (given->prompts, given->context->prompts, key);

  known = known ? rd_conditioning_ref (known)
      : make_conditioning (given, model, prompt, zero, cancellable, error);
  if (known)
    g_hash_table_replace (given->prompts, g_steal_pointer (&key),
        rd_conditioning_ref (known));
  return known;
}

static RdTensor *
upload (Given * given, const RdInputNumbers * input)
{
  const gint64 dims[] = { 1, input->n };
  GString *key = g_string_new (input->name);
  RdTensor *tensor;

  for (guint i = 0; i < input->n; i++) {
    guint32 bits;

    memcpy (&bits, &input->numbers[i], sizeof bits);
    g_string_append_printf (key, " %08x", bits);
  }
  tensor = look_up (given->inputs, given->context->inputs, key->str);
  tensor = tensor ? rd_tensor_ref (tensor)
      : rd_tensor_new_from_host (given->context->stream, RD_TYPE_F32, 2, dims,
      input->numbers);
  g_hash_table_replace (given->inputs, g_string_free (key, FALSE),
      rd_tensor_ref (tensor));
  return tensor;
}

/* Gives the guide's network what it takes besides latent, timestep and prompts. */
static void
add_inputs (RdGuide * guide, Given * given, const RdModelInfo * info,
    double cfg)
{
  g_autoptr (GArray) inputs = rd_model_inputs (info, given->sizes, cfg);

  for (guint i = 0; i < inputs->len; i++) {
    const RdInputNumbers *input = &g_array_index (inputs, RdInputNumbers, i);
    g_autoptr (RdTensor) tensor = upload (given, input);

    rd_guide_add_input (guide, input->name, tensor, 0);
  }
  /* what is told the scale is not guided besides */
  guide->cfg = info->guidance_width > 0 ? 1.0 : cfg;
}

static RdOwner *
build_owner (const RdPlanOwner * from, Given * given,
    GCancellable * cancellable, GError ** error)
{
  g_autoptr (RdDenoiser) denoiser = NULL;
  g_autoptr (RdConditioning) positive = NULL, negative = NULL;
  const RdRegion *s = from->settings;
  const RdPrompt paint = { {s->prompt, s->prompt_2, s->prompt_3} };
  const RdPrompt avoid = { {s->negative_prompt} };
  RdOwner *owner;

  denoiser = rd_model_denoiser (from->model, cancellable, error);
  if (denoiser)
    positive = encode (given, from->model, &paint, FALSE, cancellable, error);
  if (positive)
    negative = encode (given, from->model, &avoid,
        given->zero_negative && *s->negative_prompt == '\0', cancellable,
        error);
  if (!negative) {
    g_prefix_error (error, "%s: ", s->id);
    return NULL;
  }

  owner = rd_owner_new (s->id, denoiser, positive, negative);
  add_inputs (&owner->guide, given, rd_model_info (from->model),
      rd_plan_owner_cfg (from));
  owner->solver = from->solver;
  owner->scheduler = from->scheduler;
  owner->sigma_factor = s->sigma_factor;
  owner->overlap_factor = (guint) s->overlap_factor;
  owner->feather = s->feather;
  owner->strength = s->strength;
  owner->start = s->start;
  owner->end = s->end;
  owner->z = s->z;
  owner->keep = s->keep;
  owner->variation.seed = s->variation_seed;
  owner->variation.strength = s->variation_strength;
  owner->variation.method = s->variation_method;
  return owner;
}

static gboolean
is_impact (const RdPlan * plan)
{
  const RdMode mode = plan->settings.mode;

  return mode == RD_MODE_IMPACT || mode == RD_MODE_IMPACT_SIMPLE;
}

static gboolean
check (const RdPlan * plan, GError ** error)
{
  /* the loop sees the feather of regions only */
  if (is_impact (plan) && plan->base->settings->feather != 0.0) {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
        "'feather' has no effect in mode '%s': leave it at its default or "
        "choose another mode", rd_mode_name (plan->settings.mode));
    return FALSE;
  }
  return TRUE;
}

static RdJob *
build_base (RdPlan * plan, RdPlanContext * context, Given * given,
    GCancellable * cancellable, GError ** error)
{
  const RdPlanSettings *s = &plan->settings;
  const RdModelInfo *info = rd_model_info (plan->model);
  RdOwner *base = build_owner (plan->base, given, cancellable, error);
  RdJob *job;

  if (!base)
    return NULL;
  job = rd_job_new (base);
  job->mode = s->mode;
  job->add_noise = s->add_noise;
  job->noise_seed = s->noise_seed;
  job->noise_origin = s->noise_source;
  job->seed_2nd_mode = s->seed_2nd_mode;
  job->seed_2nd = s->seed_2nd;
  job->steps = s->steps;
  if (s->custom_sigmas) {
    job->custom_sigmas = g_array_ref (s->custom_sigmas);
    if (s->steps == RD_PLAN_DEFAULT_STEPS)
      job->steps = s->custom_sigmas->len - 1;
  }
  job->start_at_step = s->start_at_step;
  job->end_at_step = s->end_at_step;
  job->denoise = s->denoise;
  job->base_only_steps = s->base_only_steps;
  job->region_crop = s->region_crop;
  job->keep_softness = s->keep_softness;
  job->restore_latent = s->restore_latent;
  job->additional_mode = s->additional_mode;
  job->additional_solver = plan->additional;
  job->additional_sigma_ratio = s->additional_sigma_ratio;
  job->scheduler_options.gits_coefficient = s->gits_coefficient;
  job->return_with_leftover_noise = s->return_with_leftover_noise;
  job->scale = info->scaling_factor;
  job->shift = info->shift_factor;
  job->downscale = info->downscale;
  job->feedback = s->feedback;
  if (s->feedback == 0.0)
    g_clear_pointer (&context->previous, rd_tensor_unref);
  else if (context->previous)
    job->previous = rd_tensor_ref (context->previous);
  return job;
}

/* The models that regions name, each once; the plan's own has another who keeps
 * it. */
static GPtrArray *
list_models (const RdPlan * plan)
{
  GPtrArray *models =
      g_ptr_array_new_with_free_func ((GDestroyNotify) rd_model_unref);

  for (guint i = 0; i < plan->regions->len; i++) {
    const RdPlanOwner *owner = plan->regions->pdata[i];

    if (owner->settings->model
        && !g_ptr_array_find (models, owner->model, NULL))
      g_ptr_array_add (models, rd_model_ref (owner->model));
  }
  return models;
}

/* What users set, and where they do not, the picture of @width x @height. */
static RdPictureSizes
find_sizes (const RdPlanSettings * s, guint width, guint height)
{
  const RdPictureSizes sizes = {
    .original_width = s->original_width ? s->original_width : width,
    .original_height = s->original_height ? s->original_height : height,
    .crop_left = s->crop_left,
    .crop_top = s->crop_top,
    .target_width = s->target_width ? s->target_width : width,
    .target_height = s->target_height ? s->target_height : height,
  };

  return sizes;
}

/**
 * rd_plan_build:
 * @plan: a plan with all its regions
 * @context: what the last job left, with a stream of the model's device;
 *   receives what this one leaves
 * @width: of the latent, in cells
 * @height: of the latent, in cells
 * @cancellable: (nullable): ends a prompt's evaluation within one network node
 * @error: settings that exclude each other, or an error of a shape or network,
 *   with the region's name
 *
 * Encodes prompts and paints shapes. The job's seeds are those of the first of
 * several; rd_seed_advance() and rd_seed_2nd_advance() go on from there.
 *
 * Returns: (transfer full) (nullable): what rd_job_run() runs
 */
RdJob *
rd_plan_build (RdPlan * plan, RdPlanContext * context, guint width,
    guint height, GCancellable * cancellable, GError ** error)
{
  const guint downscale = rd_model_info (plan->model)->downscale;
  const RdMaskFilter filter = is_impact (plan) ? RD_MASK_POINTS : RD_MASK_MEAN;
  const RdPictureSizes sizes =
      find_sizes (&plan->settings, width * downscale, height * downscale);
  g_auto (Given) given = { NULL };
  g_autoptr (RdJob) job = NULL;

  g_return_val_if_fail (context->stream, NULL);

  if (!check (plan, error))
    return NULL;
  given_init (&given, plan, context, &sizes);
  job = build_base (plan, context, &given, cancellable, error);
  if (!job)
    return NULL;
  for (guint i = 0; i < plan->regions->len; i++) {
    const RdPlanOwner *from = plan->regions->pdata[i];
    RdOwner *owner = build_owner (from, &given, cancellable, error);

    if (!owner)
      return NULL;
    g_ptr_array_add (job->regions, owner);
    owner->mask = rd_plan_owner_paint (from, width * downscale,
        height * downscale, filter, error);
    if (!owner->mask)
      return NULL;
  }

  given_keep (&given);
  g_clear_pointer (&context->models, g_ptr_array_unref);
  context->models = list_models (plan);
  return g_steal_pointer (&job);
}

static gboolean
has_sizes (const RdPlanSettings * s)
{
  return s->original_width || s->original_height || s->crop_left || s->crop_top
      || s->target_width || s->target_height;
}

/* What is set and means nothing to a model. */
static void
warn_of_model (const RdPlan * plan, const RdPlanOwner * owner,
    GPtrArray * warnings)
{
  const RdRegion *s = owner->settings;
  const RdModelInfo *info = rd_model_info (owner->model);
  const RdPromptPart *parts = info->family->prompt.parts;
  const char *const prompts[] = { s->prompt, s->prompt_2, s->prompt_3 };

  for (guint i = 1; i < G_N_ELEMENTS (prompts); i++)
    if (prompts[i] && !parts[i].network)
      g_ptr_array_add (warnings, g_strdup_printf ("%s: 'prompt-%u' has no "
              "effect: the model %s has %u text encoder%s", s->id, i + 1,
              rd_model_folder (owner->model), i, i > 1 ? "s" : ""));
  if (info->guidance_width > 0 && *s->negative_prompt)
    g_ptr_array_add (warnings, g_strdup_printf ("%s: 'negative-prompt' has no "
            "effect: the model %s was trained without one", s->id,
            rd_model_folder (owner->model)));
  if (owner == plan->base && !info->family->has_sizes
      && has_sizes (&plan->settings))
    g_ptr_array_add (warnings, g_strdup_printf ("original, crop and target "
            "sizes have no effect: the model %s is of the family %s, which "
            "takes none", rd_model_folder (owner->model), info->family->title));
}

/**
 * rd_plan_warnings:
 * @plan: a plan
 * @job: what rd_plan_build() made of it
 * @width: of the latent, in cells, as there
 * @height: of the latent, in cells
 *
 * Returns: (transfer full) (array zero-terminated=1): for people, what is set and
 *   means nothing to a model, and which regions do nothing because they cover
 *   nothing
 */
char **
rd_plan_warnings (const RdPlan * plan, const RdJob * job, guint width,
    guint height)
{
  const guint downscale = rd_model_info (plan->model)->downscale;
  g_autoptr (GPtrArray) warnings = g_ptr_array_new ();

  warn_of_model (plan, plan->base, warnings);
  for (guint i = 0; i < plan->regions->len; i++) {
    const RdOwner *owner = job->regions->pdata[i];

    warn_of_model (plan, plan->regions->pdata[i], warnings);
    if (rd_mask_is_empty (owner->mask))
      g_ptr_array_add (warnings,
          rd_plan_owner_explain_nothing (plan->regions->pdata[i],
              width * downscale, height * downscale));
  }
  g_ptr_array_add (warnings, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&warnings), FALSE);
}

/**
 * rd_plan_describe:
 * @plan: a plan
 * @job: what rd_plan_build() made of it
 *
 * Returns: (transfer full) (array zero-terminated=1): a line for the base and
 *   one for each region, for a log
 */
char **
rd_plan_describe (const RdPlan * plan, const RdJob * job)
{
  char **lines = g_new0 (char *, plan->regions->len + 2);

  lines[0] = rd_plan_owner_describe (plan->base, NULL);
  for (guint i = 0; i < plan->regions->len; i++) {
    const RdOwner *owner = job->regions->pdata[i];

    lines[i + 1] = rd_plan_owner_describe (plan->regions->pdata[i],
        owner->mask);
  }
  return lines;
}

/**
 * rd_plan_keep:
 * @plan: a plan
 * @context: what its job left
 * @result: what its job has made
 *
 * Keeps @result for the next job, if the settings say that it is fed back.
 */
void
rd_plan_keep (const RdPlan * plan, RdPlanContext * context, RdTensor * result)
{
  g_clear_pointer (&context->previous, rd_tensor_unref);
  if (plan->settings.feedback > 0.0)
    context->previous = rd_tensor_ref (result);
}
