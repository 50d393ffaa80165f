/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "prompt/encoder.h"

#include "json/file.h"
#include "networks/networks.h"
#include "prompt/tokenizer.h"

/* Results kept: some tens of regions; a quarter of a megabyte each with a
 * Stable Diffusion model. */
#define CACHE_SIZE 64

#define MAX_POSITIONS 65536

/* Hidden states of one prompt. */
typedef struct
{
  char *prompt;
  RdTensor *tokens;
} Entry;

struct _RdPromptEncoder
{
  RdTokenizer *tokenizer;
  RdTextEncoder *network;
  GMutex lock;                  /* of what follows */
  RdStream *stream;             /* whose memory the cache takes */
  GQueue cache;                 /* Entry, the latest used first */
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->prompt);
  rd_tensor_unref (entry->tokens);
  g_free (entry);
}

/* How many tokens the text encoder has positions for; 0 if that is not said. */
static gboolean
read_max_positions (const char *folder, guint * positions, GError ** error)
{
  g_autofree char *path =
      g_build_filename (folder, "text_encoder", "config.json", NULL);
  g_autoptr (RdJsonFile) file = NULL;

  *positions = 0;
  if (!rd_json_file_load_optional (path, &file, error))
    return FALSE;
  return !file || !rd_json_has (file, "max_position_embeddings")
      || rd_json_get_uint (file, "max_position_embeddings", 3, MAX_POSITIONS,
      positions, error);
}

/**
 * rd_prompt_encoder_new:
 * @folder: a model folder
 * @runtime: where to run the text encoder
 * @width: of the hidden states that the UNet takes
 * @error: what is missing or damaged
 *
 * Returns: (transfer full) (nullable): a prompt encoder
 */
RdPromptEncoder *
rd_prompt_encoder_new (const char *folder, const RdRuntime * runtime,
    guint width, GError ** error)
{
  g_autofree char *network =
      g_build_filename (folder, "text_encoder", "model.onnx", NULL);
  g_autofree char *tokenizer = g_build_filename (folder, "tokenizer", NULL);
  g_autoptr (RdPromptEncoder) encoder = g_new0 (RdPromptEncoder, 1);
  guint positions;

  g_mutex_init (&encoder->lock);
  g_queue_init (&encoder->cache);
  if (!read_max_positions (folder, &positions, error))
    return NULL;
  encoder->tokenizer = rd_tokenizer_new (tokenizer, positions, error);
  if (!encoder->tokenizer)
    return NULL;
  encoder->network = rd_text_encoder_open (network, runtime, width, error);
  if (!encoder->network)
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
  g_clear_pointer (&encoder->network, rd_text_encoder_unref);
  g_clear_pointer (&encoder->tokenizer, rd_tokenizer_free);
  g_free (encoder);
}

static RdTensor *
look_up (RdPromptEncoder * encoder, RdStream * stream, const char *prompt)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&encoder->lock);

  for (GList * link = encoder->cache.head; link; link = link->next) {
    const Entry *entry = link->data;

    if (g_str_equal (entry->prompt, prompt)) {
      g_queue_unlink (&encoder->cache, link);
      g_queue_push_head_link (&encoder->cache, link);
      return rd_tensor_share (entry->tokens, stream);
    }
  }
  return NULL;
}

/* Keeps a copy, so that the memory of a stream does not outlive its owner's
 * need of it. Waits for it: a device that fails later must not leave here what
 * was never computed. */
static gboolean
remember (RdPromptEncoder * encoder, const char *prompt, RdTensor * tokens,
    GError ** error)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&encoder->lock);
  g_autoptr (RdTensor) shared = rd_tensor_share (tokens, encoder->stream);
  g_autoptr (RdTensor) copy = rd_tensor_new_like (shared);
  Entry *entry;

  rd_convert (copy, shared);
  if (!rd_stream_synchronize (encoder->stream, error))
    return FALSE;
  entry = g_new (Entry, 1);
  entry->prompt = g_strdup (prompt);
  entry->tokens = g_steal_pointer (&copy);
  g_queue_push_head (&encoder->cache, entry);
  if (encoder->cache.length > CACHE_SIZE)
    entry_free (g_queue_pop_tail (&encoder->cache));
  return TRUE;
}

/**
 * rd_prompt_encoder_run:
 * @encoder: a prompt encoder
 * @stream: where the result is needed
 * @prompt: any text, also none; what the network has no room for is left out
 * @cancellable: (nullable): ends it early
 * @error: as of rd_text_encoder_run()
 *
 * Returns: (transfer full) (nullable): its conditioning
 */
RdConditioning *
rd_prompt_encoder_run (RdPromptEncoder * encoder, RdStream * stream,
    const char *prompt, GCancellable * cancellable, GError ** error)
{
  g_autoptr (RdTensor) tokens = look_up (encoder, stream, prompt);
  g_autoptr (GArray) ids = NULL;

  if (tokens)
    return rd_conditioning_new_tokens (tokens);

  ids = rd_tokenizer_encode (encoder->tokenizer, prompt);
  tokens = rd_text_encoder_run (encoder->network, stream, ids->len,
      (const gint *) ids->data, cancellable, error);
  if (!tokens || !remember (encoder, prompt, tokens, error))
    return NULL;
  return rd_conditioning_new_tokens (tokens);
}
