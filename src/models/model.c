/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Models that are open, who shares them, and what they are asked. */

#include "models/private.h"

#include <stdlib.h>

#include "networks/networks.h"
#include "prompt/encoder.h"

/* Open models by key, without references. A model's own lock, where both are
 * needed, is taken first. */
static GMutex table_lock;
static GHashTable *table;

static void
model_free (RdModel * model)
{
  rd_model_unload (model);
  g_clear_pointer (&model->preview, rd_preview_map_free);
  rd_model_info_clear (&model->info);
  g_mutex_clear (&model->lock);
  g_free ((char *) model->runtime.engine_cache);
  g_free (model->folder);
  g_free (model->key);
  g_free (model);
}

/* A folder by its one name, whatever links lead to it. */
static char *
resolve_folder (const char *folder, GError ** error)
{
  char *resolved = realpath (folder, NULL);
  char *copy;

  if (!resolved || !g_file_test (resolved, G_FILE_TEST_IS_DIR)) {
    g_autofree char *absolute = g_canonicalize_filename (folder, NULL);

    free (resolved);
    g_set_error (error, RD_ERROR, RD_ERROR_NOT_FOUND,
        "model folder '%s': there is no folder %s; give the path of a folder "
        "that `optimum-cli export onnx` has written", folder, absolute);
    return NULL;
  }
  copy = g_strdup (resolved);
  free (resolved);
  return copy;
}

/**
 * rd_model_open:
 * @folder: path of a model folder
 * @runtime: where its networks shall run
 * @error: %RD_ERROR_NOT_FOUND or %RD_ERROR_INVALID, with file and key
 *
 * Reads the folder's JSON files; no network is loaded. A model that is open
 * already, with the same runtime, is shared.
 *
 * Returns: (transfer full) (nullable): the model
 */
RdModel *
rd_model_open (const char *folder, const RdRuntime * runtime, GError ** error)
{
  g_autofree char *resolved = resolve_folder (folder, error);
  g_autofree char *key = NULL;
  RdModel *model;

  if (!resolved)
    return NULL;

  key = g_strdup_printf ("%s\n%s\n%s\n%u\n%s", resolved,
      rd_runtime_backend (runtime)->name, runtime->device->name,
      runtime->threads, runtime->engine_cache ? runtime->engine_cache : "");
  g_mutex_lock (&table_lock);
  if (!table)
    table = g_hash_table_new (g_str_hash, g_str_equal);
  model = g_hash_table_lookup (table, key);
  if (model) {
    model->ref_count++;
    g_mutex_unlock (&table_lock);
    return model;
  }

  model = g_new0 (RdModel, 1);
  model->ref_count = 1;
  model->key = g_steal_pointer (&key);
  model->folder = g_steal_pointer (&resolved);
  model->runtime = *runtime;
  model->runtime.engine_cache = g_strdup (runtime->engine_cache);
  g_mutex_init (&model->lock);
  if (rd_model_info_read (&model->info, model->folder, error))
    g_hash_table_insert (table, model->key, model);
  else
    g_clear_pointer (&model, model_free);
  g_mutex_unlock (&table_lock);
  return model;
}

RdModel *
rd_model_ref (RdModel * model)
{
  g_mutex_lock (&table_lock);
  model->ref_count++;
  g_mutex_unlock (&table_lock);
  return model;
}

/**
 * rd_model_unref:
 * @model: (transfer full): a model
 *
 * With the last reference its networks are unloaded; a UNet once they, too,
 * that were given it have let go.
 */
void
rd_model_unref (RdModel * model)
{
  gboolean last;

  g_mutex_lock (&table_lock);
  last = --model->ref_count == 0;
  if (last)
    g_hash_table_remove (table, model->key);
  g_mutex_unlock (&table_lock);
  if (last)
    model_free (model);
}

/**
 * rd_model_info:
 * @model: a model
 *
 * Returns: (transfer none): what the folder's JSON files say
 */
const RdModelInfo *
rd_model_info (const RdModel * model)
{
  return &model->info;
}

/**
 * rd_model_folder:
 * @model: a model
 *
 * Returns: (transfer none): the folder's absolute path
 */
const char *
rd_model_folder (const RdModel * model)
{
  return model->folder;
}

/**
 * rd_model_runtime:
 * @model: a model
 *
 * Returns: (transfer none): where and how its networks run
 */
const RdRuntime *
rd_model_runtime (const RdModel * model)
{
  return &model->runtime;
}

/**
 * rd_model_device:
 * @model: a model
 *
 * Returns: (transfer none): where its networks run
 */
RdDevice *
rd_model_device (const RdModel * model)
{
  return model->runtime.device;
}

/**
 * rd_model_denoiser:
 * @model: a model
 * @cancellable: (nullable): ends the wait for its load
 * @error: as of rd_model_load()
 *
 * Returns: (transfer full) (nullable): the UNet
 */
RdDenoiser *
rd_model_denoiser (RdModel * model, GCancellable * cancellable, GError ** error)
{
  RdDenoiser *unet =
      rd_model_network (model, RD_NETWORK_DENOISER, cancellable, error);

  return unet ? rd_denoiser_ref (unet) : NULL;
}

/**
 * rd_model_encode_prompt:
 * @model: a model
 * @stream: where the result is needed
 * @prompt: (nullable): any text; %NULL is the empty one
 * @cancellable: (nullable): ends it early
 * @error: as of rd_model_load(), or what the network reports
 *
 * The latest prompts are remembered.
 *
 * Returns: (transfer full) (nullable): what the text encoder makes of @prompt
 */
RdConditioning *
rd_model_encode_prompt (RdModel * model, RdStream * stream, const char *prompt,
    GCancellable * cancellable, GError ** error)
{
  RdPromptEncoder *encoder =
      rd_model_network (model, RD_NETWORK_TEXT_ENCODER, cancellable, error);

  return encoder ? rd_prompt_encoder_run (encoder, stream,
      prompt ? prompt : "", cancellable, error) : NULL;
}

/**
 * rd_model_has_preview_map:
 * @model: a model
 *
 * Returns: whether rd_model_preview_map() would return at once
 */
gboolean
rd_model_has_preview_map (RdModel * model)
{
  gboolean has;

  g_mutex_lock (&model->lock);
  has = model->preview != NULL;
  g_mutex_unlock (&model->lock);
  return has;
}

static RdTensor *
decode (RdTensor * latent, gpointer model, GCancellable * cancellable,
    GError ** error)
{
  return rd_model_decode (model, latent, cancellable, error);
}

/**
 * rd_model_preview_map:
 * @model: a model
 * @cancellable: (nullable): ends it within one network node
 * @error: as of rd_model_load() for the VAE decoder, or of
 *   rd_preview_map_fit()
 *
 * Fits the map the first time, in the calling thread, with the VAE decoder,
 * which is loaded if need be. Who asks at the same time does the same work,
 * with the same result.
 *
 * Returns: (transfer none) (nullable): the colours of @model's latents; lives
 *   as long as @model
 */
const RdPreviewMap *
rd_model_preview_map (RdModel * model, GCancellable * cancellable,
    GError ** error)
{
  g_autoptr (RdStream) stream = NULL;
  g_autoptr (RdPreviewMap) map = NULL;
  const RdPreviewMap *result;

  if (!rd_model_has_preview_map (model)) {
    stream = rd_stream_new (model->runtime.device, error);
    if (stream)
      map = rd_preview_map_fit (stream, model->info.channels,
          1.0 / model->info.scaling_factor, model->info.shift_factor, decode,
          model, cancellable, error);
    if (!map)
      return NULL;
  }

  g_mutex_lock (&model->lock);
  if (!model->preview)
    model->preview = g_steal_pointer (&map);
  result = model->preview;
  g_mutex_unlock (&model->lock);
  return result;
}
