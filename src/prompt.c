/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "prompt.h"

#include "jsonfile.h"
#include "onnx/networks.h"
#include "tokenizer.h"

/* Results kept: some tens of regions; a quarter of a megabyte each with a
 * Stable Diffusion model. */
#define CACHE_SIZE 64

#define MAX_POSITIONS 65536

/* Hidden states of one prompt, on the host. */
typedef struct
{
  char *prompt;
  gint64 dims[3];
  float *values;
} Entry;

struct _RdPromptEncoder
{
  RdTokenizer *tokenizer;
  RdTextEncoder *network;
  GMutex lock;                  /* of the cache */
  GQueue cache;                 /* Entry, the latest used first */
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->prompt);
  g_free (entry->values);
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
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  file = rd_json_file_load (path, error);
  return file && (!rd_json_has (file, "max_position_embeddings")
      || rd_json_get_uint (file, "max_position_embeddings", 3, MAX_POSITIONS,
          positions, error));
}

/**
 * rd_prompt_encoder_new:
 * @folder: a model folder
 * @device: where to run the text encoder
 * @threads: and by how many threads, 0 for as many as there are processors
 * @width: of the hidden states that the UNet takes
 * @error: what is missing or damaged
 *
 * Returns: (transfer full) (nullable): a prompt encoder
 */
RdPromptEncoder *
rd_prompt_encoder_new (const char *folder, RdDevice * device, guint threads,
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
  encoder->network =
      rd_text_encoder_new (network, device, threads, width, error);
  if (!encoder->network)
    return NULL;
  return g_steal_pointer (&encoder);
}

void
rd_prompt_encoder_free (RdPromptEncoder * encoder)
{
  g_queue_clear_full (&encoder->cache, entry_free);
  g_mutex_clear (&encoder->lock);
  g_clear_pointer (&encoder->network, rd_text_encoder_free);
  g_clear_pointer (&encoder->tokenizer, rd_tokenizer_free);
  g_free (encoder);
}

static RdTensor *
look_up (RdPromptEncoder * encoder, RdStream * stream, const char *prompt)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&encoder->lock);

  for (GList * link = encoder->cache.head; link; link = link->next) {
    const Entry *entry = link->data;

    if (g_str_equal (entry->prompt, prompt)) {
      g_queue_unlink (&encoder->cache, link);
      g_queue_push_head_link (&encoder->cache, link);
      return rd_tensor_new_from_host (stream, RD_TYPE_F32, 3, entry->dims,
          entry->values);
    }
  }
  return NULL;
}

static gboolean
remember (RdPromptEncoder * encoder, const char *prompt,
    const RdTensor * tokens, GError ** error)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->prompt = g_strdup (prompt);
  entry->values = g_malloc (tokens->size);
  for (guint i = 0; i < tokens->rank; i++)
    entry->dims[i] = tokens->dims[i];
  if (!rd_tensor_download (tokens, entry->values, error)) {
    entry_free (entry);
    return FALSE;
  }

  g_mutex_lock (&encoder->lock);
  g_queue_push_head (&encoder->cache, entry);
  if (encoder->cache.length > CACHE_SIZE)
    entry_free (g_queue_pop_tail (&encoder->cache));
  g_mutex_unlock (&encoder->lock);
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

  if (tokens) {
    if (!rd_stream_check (stream, error))
      return NULL;
    return rd_conditioning_new (tokens);
  }

  ids = rd_tokenizer_encode (encoder->tokenizer, prompt);
  tokens = rd_text_encoder_run (encoder->network, stream, ids->len,
      (const gint *) ids->data, cancellable, error);
  if (!tokens || !remember (encoder, prompt, tokens, error))
    return NULL;
  return rd_conditioning_new (tokens);
}
