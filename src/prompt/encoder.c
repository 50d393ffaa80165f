/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "prompt/encoder.h"

#include "base/error.h"
#include "device/window.h"
#include "json/file.h"
#include "networks/networks.h"
#include "prompt/tokenizer.h"

/* Results kept: some tens of regions; a quarter of a megabyte each with a
 * Stable Diffusion model. */
#define CACHE_SIZE 64

#define MAX_POSITIONS 65536
#define MAX_WIDTH 65536

/* A text encoder with its tokenizer. */
typedef struct
{
  const RdPromptPart *recipe;
  RdTokenizer *tokenizer;
  RdTextEncoder *network;
} Part;

/* What one prompt became. */
typedef struct
{
  char *texts[RD_PROMPT_MAX_PARTS];
  RdTensor *tokens;
  RdTensor *pooled;             /* or NULL */
} Entry;

struct _RdPromptEncoder
{
  RdPromptRecipe recipe;
  guint width;
  guint n_parts;
  Part parts[RD_PROMPT_MAX_PARTS];
  GMutex lock;                  /* of what follows */
  RdStream *stream;             /* whose memory the cache takes */
  GQueue cache;                 /* Entry, the latest used first */
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  for (guint i = 0; i < RD_PROMPT_MAX_PARTS; i++)
    g_free (entry->texts[i]);
  rd_tensor_unref (entry->tokens);
  g_clear_pointer (&entry->pooled, rd_tensor_unref);
  g_free (entry);
}

static gboolean
read_optional (const RdJsonFile * file, const char *key, guint min, guint max,
    guint * value, GError ** error)
{
  return !rd_json_has (file, key)
      || rd_json_get_uint (file, key, min, max, value, error);
}

/* What the text encoder's config.json says, 0 where it does not: how many tokens
 * it has positions for, and how wide its outputs are. */
static gboolean
read_config (const char *folder, const RdPromptPart * part, guint * positions,
    RdTextOutputs * outputs, GError ** error)
{
  g_autofree char *path =
      g_build_filename (folder, part->network, "config.json", NULL);
  g_autoptr (RdJsonFile) file = NULL;
  const char *width = part->pooled && g_str_equal (part->pooled, "text_embeds")
      ? "projection_dim" : "hidden_size";

  *positions = 0;
  outputs->states = part->states;
  outputs->pooled = part->pooled;
  outputs->states_width = outputs->pooled_width = 0;
  if (!rd_json_file_load_optional (path, &file, error))
    return FALSE;
  return !file
      || (read_optional (file, "max_position_embeddings", 3, MAX_POSITIONS,
          positions, error)
      && read_optional (file, rd_json_has (file, "d_model") ? "d_model"
          : "hidden_size", 1, MAX_WIDTH, &outputs->states_width, error)
      && read_optional (file, width, 1, MAX_WIDTH, &outputs->pooled_width,
          error));
}

static gboolean
open_part (RdPromptEncoder * encoder, const char *folder,
    const RdRuntime * runtime, const RdPromptPart * recipe, GError ** error)
{
  Part *part = &encoder->parts[encoder->n_parts++];
  g_autofree char *of_network =
      g_build_filename (folder, recipe->network, NULL);
  g_autofree char *network = rd_network_find (of_network, error);
  g_autofree char *tokenizer =
      g_build_filename (folder, recipe->tokenizer, NULL);
  RdTextOutputs outputs;
  guint positions;

  part->recipe = recipe;
  if (!network || !read_config (folder, recipe, &positions, &outputs, error))
    return FALSE;
  part->tokenizer = rd_tokenizer_new (tokenizer, positions, error);
  if (!part->tokenizer)
    return FALSE;
  part->network = rd_text_encoder_open (network, runtime, &outputs, error);
  return part->network != NULL;
}

/* The widths of parts that stand beside each other add up to the network's, or
 * to less where others stand behind them. */
static gboolean
check_width (const RdPromptEncoder * encoder, const char *folder,
    GError ** error)
{
  gboolean exact = TRUE, fits = TRUE;
  guint beside = 0;

  for (guint i = 0; i < encoder->n_parts; i++) {
    const Part *part = &encoder->parts[i];
    const guint width = part->network->outputs.states_width;

    if (!part->recipe->states)
      continue;
    if (part->recipe->behind) {
      exact = FALSE;
      fits = fits && width == encoder->width;
    } else {
      beside += width;
    }
  }
  fits = fits && (exact ? beside == encoder->width : beside <= encoder->width);
  if (!fits)
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s: the text encoders return tokens %u wide, but the network that "
        "denoises expects %u; all must come from the same model", folder,
        beside, encoder->width);
  return fits;
}

/**
 * rd_prompt_encoder_new:
 * @folder: a model folder
 * @runtime: where to run the text encoders
 * @recipe: which they are, and how their results are put together
 * @width: of the tokens that the denoiser takes
 * @error: what is missing or damaged
 *
 * Returns: (transfer full) (nullable): a prompt encoder
 */
RdPromptEncoder *
rd_prompt_encoder_new (const char *folder, const RdRuntime * runtime,
    const RdPromptRecipe * recipe, guint width, GError ** error)
{
  g_autoptr (RdPromptEncoder) encoder = g_new0 (RdPromptEncoder, 1);

  g_mutex_init (&encoder->lock);
  g_queue_init (&encoder->cache);
  encoder->recipe = *recipe;
  encoder->width = width;
  for (guint i = 0; i < RD_PROMPT_MAX_PARTS && recipe->parts[i].network; i++)
    if (!open_part (encoder, folder, runtime, &encoder->recipe.parts[i], error))
      return NULL;
  if (!check_width (encoder, folder, error))
    return NULL;
  encoder->stream = rd_stream_new (runtime->device, error);
  if (!encoder->stream)
    return NULL;
  return g_steal_pointer (&encoder);
}

/**
 * rd_prompt_encoder_free:
 * @encoder: (transfer full): a prompt encoder
 */
void
rd_prompt_encoder_free (RdPromptEncoder * encoder)
{
  g_queue_clear_full (&encoder->cache, entry_free);
  g_clear_pointer (&encoder->stream, rd_stream_unref);
  g_mutex_clear (&encoder->lock);
  for (guint i = 0; i < encoder->n_parts; i++) {
    g_clear_pointer (&encoder->parts[i].network, rd_text_encoder_unref);
    g_clear_pointer (&encoder->parts[i].tokenizer, rd_tokenizer_free);
  }
  g_free (encoder);
}

static const char *
text_of (const RdPrompt * prompt, guint part)
{
  const char *text = prompt->texts[part] ? prompt->texts[part]
      : prompt->texts[0];

  return text ? text : "";
}

static gboolean
has_texts (const RdPromptEncoder * encoder, const Entry * entry,
    const RdPrompt * prompt)
{
  for (guint i = 0; i < encoder->n_parts; i++)
    if (!g_str_equal (entry->texts[i], text_of (prompt, i)))
      return FALSE;
  return TRUE;
}

/* @tokens and @pooled as a conditioning on @stream */
static RdConditioning *
make_conditioning (const RdPromptEncoder * encoder, RdStream * stream,
    RdTensor * tokens, RdTensor * pooled)
{
  g_autoptr (RdTensor) shared_tokens = rd_tensor_share (tokens, stream);
  g_autoptr (RdTensor) shared_pooled =
      pooled ? rd_tensor_share (pooled, stream) : NULL;
  const RdNamedTensor tensors[] = {
    {RD_CONDITIONING_TOKENS, shared_tokens},
    {encoder->recipe.pooled, shared_pooled}
  };

  return rd_conditioning_new (pooled ? 2 : 1, tensors);
}

static RdConditioning *
look_up (RdPromptEncoder * encoder, RdStream * stream, const RdPrompt * prompt)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&encoder->lock);

  for (GList * link = encoder->cache.head; link; link = link->next) {
    const Entry *entry = link->data;

    if (has_texts (encoder, entry, prompt)) {
      g_queue_unlink (&encoder->cache, link);
      g_queue_push_head_link (&encoder->cache, link);
      return make_conditioning (encoder, stream, entry->tokens, entry->pooled);
    }
  }
  return NULL;
}

static RdTensor *
copy (RdTensor * tensor, RdStream * stream)
{
  g_autoptr (RdTensor) shared = rd_tensor_share (tensor, stream);
  RdTensor *result = rd_tensor_new_like (shared);

  rd_convert (result, shared);
  return result;
}

/* Keeps a copy, so that the memory of a stream does not outlive its owner's
 * need of it. Waits for it: a device that fails later must not leave here what
 * was never computed. */
static gboolean
remember (RdPromptEncoder * encoder, const RdPrompt * prompt,
    RdTensor * tokens, RdTensor * pooled, GError ** error)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&encoder->lock);
  Entry *entry = g_new0 (Entry, 1);

  entry->tokens = copy (tokens, encoder->stream);
  if (pooled)
    entry->pooled = copy (pooled, encoder->stream);
  if (!rd_stream_synchronize (encoder->stream, error)) {
    entry_free (entry);
    return FALSE;
  }
  for (guint i = 0; i < encoder->n_parts; i++)
    entry->texts[i] = g_strdup (text_of (prompt, i));
  g_queue_push_head (&encoder->cache, entry);
  if (encoder->cache.length > CACHE_SIZE)
    entry_free (g_queue_pop_tail (&encoder->cache));
  return TRUE;
}

/* @n rows of @width numbers that hold @pieces, each at its place and zeros
 * elsewhere */
static RdTensor *
assemble (guint n_pieces, RdTensor * const *pieces, const RdWindow * places,
    gint64 n, gint64 width)
{
  const gint64 dims[] = { 1, 1, n, width };
  RdStream *stream = pieces[0]->stream;
  g_autoptr (RdTensor) whole = rd_tensor_new (stream, RD_TYPE_F32, 4, dims);
  g_autoptr (GPtrArray) placed =
      g_ptr_array_new_with_free_func ((GDestroyNotify) rd_tensor_unref);
  RdTerm terms[RD_PROMPT_MAX_PARTS];

  for (guint i = 0; i < n_pieces; i++) {
    const gint64 own[] = { 1, 1, places[i].height, places[i].width };
    g_autoptr (RdTensor) piece = rd_tensor_reshape (pieces[i], 4, own);
    RdTensor *frame = rd_tensor_new_like (whole);

    g_ptr_array_add (placed, frame);
    rd_window_paste (frame, piece, &places[i]);
    terms[i] = rd_term (frame, 1.0, NULL);
  }
  rd_combine (whole, n_pieces, terms);
  return g_steal_pointer (&whole);
}

/* (1,L,D): the states of the parts beside and behind each other */
static RdTensor *
join_states (const RdPromptEncoder * encoder, const RdTextStates * results)
{
  RdTensor *pieces[RD_PROMPT_MAX_PARTS];
  RdWindow places[RD_PROMPT_MAX_PARTS];
  g_autoptr (RdTensor) whole = NULL;
  gint64 dims[] = { 1, 0, encoder->width };
  gint64 left = 0;
  guint n = 0;

  for (guint i = 0; i < encoder->n_parts; i++) {
    RdTensor *states = results[i].states;

    if (!states)
      continue;
    if (encoder->parts[i].recipe->behind)
      left = 0;
    places[n].top = encoder->parts[i].recipe->behind ? dims[1] : 0;
    places[n].left = left;
    places[n].height = states->dims[1];
    places[n].width = states->dims[2];
    left += states->dims[2];
    dims[1] = MAX (dims[1], places[n].top + states->dims[1]);
    pieces[n++] = states;
  }
  if (n == 1)
    return rd_tensor_ref (pieces[0]);
  whole = assemble (n, pieces, places, dims[1], dims[2]);
  return rd_tensor_reshape (whole, 3, dims);
}

/* (1,W): what the parts sum up, side by side; NULL where there is none */
static RdTensor *
join_pooled (const RdPromptEncoder * encoder, const RdTextStates * results)
{
  RdTensor *pieces[RD_PROMPT_MAX_PARTS];
  RdWindow places[RD_PROMPT_MAX_PARTS];
  g_autoptr (RdTensor) whole = NULL;
  gint64 dims[] = { 1, 0 };
  guint n = 0;

  for (guint i = 0; i < encoder->n_parts; i++) {
    RdTensor *pooled = results[i].pooled;

    if (!pooled)
      continue;
    places[n].top = 0;
    places[n].left = dims[1];
    places[n].height = 1;
    places[n].width = pooled->dims[1];
    dims[1] += pooled->dims[1];
    pieces[n++] = pooled;
  }
  if (n <= 1)
    return n == 1 ? rd_tensor_ref (pieces[0]) : NULL;
  whole = assemble (n, pieces, places, 1, dims[1]);
  return rd_tensor_reshape (whole, 2, dims);
}

static gboolean
run_part (const Part * part, RdStream * stream, const char *text,
    RdTextStates * result, GCancellable * cancellable, GError ** error)
{
  g_autoptr (GArray) ids = rd_tokenizer_encode (part->tokenizer, text);

  return rd_text_encoder_run (part->network, stream, ids->len,
      (const gint *) ids->data, result, cancellable, error);
}

/**
 * rd_prompt_encoder_run:
 * @encoder: a prompt encoder
 * @stream: where the result is needed
 * @prompt: any texts, also none; what the networks have no room for is left out
 * @cancellable: (nullable): ends it early
 * @error: as of rd_text_encoder_run()
 *
 * Returns: (transfer full) (nullable): its conditioning
 */
RdConditioning *
rd_prompt_encoder_run (RdPromptEncoder * encoder, RdStream * stream,
    const RdPrompt * prompt, GCancellable * cancellable, GError ** error)
{
  RdConditioning *known = look_up (encoder, stream, prompt);
  RdTextStates results[RD_PROMPT_MAX_PARTS] = { {NULL} };
  g_autoptr (RdTensor) tokens = NULL, pooled = NULL;
  gboolean ok = TRUE;

  if (known)
    return known;
  for (guint i = 0; ok && i < encoder->n_parts; i++)
    ok = run_part (&encoder->parts[i], stream, text_of (prompt, i),
        &results[i], cancellable, error);
  if (ok) {
    tokens = join_states (encoder, results);
    pooled = join_pooled (encoder, results);
  }
  for (guint i = 0; i < encoder->n_parts; i++)
    rd_text_states_clear (&results[i]);
  return ok && remember (encoder, prompt, tokens, pooled, error)
      ? make_conditioning (encoder, stream, tokens, pooled) : NULL;
}
