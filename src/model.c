/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Models that are open, who shares them, and their networks' loading. */

#include "model-private.h"

#include <stdlib.h>

#include "exitguard.h"
#include "model-info.h"
#include "onnx/networks.h"
#include "prompt.h"

/* A load under way or done, shared by its thread and all who wait for it. */
typedef struct
{
  GMutex lock;
  GCond changed;                /* it is done, or somebody is cancelled */
  gboolean done;
  GError *error;
} Load;

typedef struct
{
  Load *load;                   /* the one under way, whose thread owns it */
  gpointer network;             /* what it gave, or NULL */
} Slot;

/**
 * RdModel:
 * @key: in the table of open models
 * @ref_count: guarded by that table's lock
 * @lock: guards what follows
 */
struct _RdModel
{
  char *key;
  guint ref_count;
  char *folder;
  RdDevice *device;
  guint threads;
  RdModelInfo info;
  GMutex lock;
  Slot slots[RD_MODEL_N_PARTS];
  RdPreviewMap *preview;        /* or NULL */
};

/* Open models by key, without references. A model's own lock, where both are
 * needed, is taken first. */
static GMutex table_lock;
static GHashTable *table;

static gpointer
load_text_encoder (RdModel * model, const char *path, GError ** error)
{
  return rd_prompt_encoder_new (model->folder, model->device, model->threads,
      model->info.text_width, error);
}

static gpointer
load_unet (RdModel * model, const char *path, GError ** error)
{
  return rd_unet_new (path, model->device, model->threads,
      model->info.sampling, model->info.channels, model->info.multiple, error);
}

static gpointer
load_vae_encoder (RdModel * model, const char *path, GError ** error)
{
  return rd_vae_new (path, model->device, model->threads, 3,
      model->info.channels, error);
}

static gpointer
load_vae_decoder (RdModel * model, const char *path, GError ** error)
{
  return rd_vae_new (path, model->device, model->threads, model->info.channels,
      3, error);
}

static const struct
{
  const char *folder;
    gpointer (*load) (RdModel * model, const char *path, GError ** error);
  GDestroyNotify free;
} parts[RD_MODEL_N_PARTS] = {
  [RD_MODEL_TEXT_ENCODER] = {"text_encoder", load_text_encoder,
      (GDestroyNotify) rd_prompt_encoder_free},
  [RD_MODEL_UNET] = {"unet", load_unet, (GDestroyNotify) rd_denoiser_unref},
  [RD_MODEL_VAE_ENCODER] = {"vae_encoder", load_vae_encoder,
      (GDestroyNotify) rd_vae_free},
  [RD_MODEL_VAE_DECODER] = {"vae_decoder", load_vae_decoder,
      (GDestroyNotify) rd_vae_free},
};

static char *
part_path (const RdModel * model, RdModelPart part)
{
  return g_build_filename (model->folder, parts[part].folder, "model.onnx",
      NULL);
}

static void
model_free (RdModel * model)
{
  for (guint i = 0; i < RD_MODEL_N_PARTS; i++)
    if (model->slots[i].network)
      parts[i].free (model->slots[i].network);
  g_clear_pointer (&model->preview, rd_preview_map_free);
  rd_model_info_clear (&model->info);
  g_mutex_clear (&model->lock);
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
 * @device: (nullable): as of rd_device_get(), %NULL for `auto`
 * @threads: threads for one run of a network, 0 for as many as there are
 *   processors
 * @error: %RD_ERROR_NOT_FOUND or %RD_ERROR_INVALID, with file and key
 *
 * Reads the folder's JSON files; no network is loaded. A model that is open
 * already, with the same device and number of threads, is shared.
 *
 * Returns: (transfer full) (nullable): the model
 */
RdModel *
rd_model_open (const char *folder, const char *device, guint threads,
    GError ** error)
{
  RdDevice *found = rd_device_get (device ? device : "auto", error);
  g_autofree char *resolved = found ? resolve_folder (folder, error) : NULL;
  g_autofree char *key = NULL;
  RdModel *model;

  if (!resolved)
    return NULL;

  key = g_strdup_printf ("%s\n%s\n%u", resolved, found->name, threads);
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
  model->device = found;
  model->threads = threads;
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
 * rd_model_device:
 * @model: a model
 *
 * Returns: (transfer none): where its networks run
 */
RdDevice *
rd_model_device (const RdModel * model)
{
  return model->device;
}

/**
 * rd_model_has_part:
 * @model: a model
 * @part: one of its networks
 *
 * Returns: whether the folder has it
 */
gboolean
rd_model_has_part (const RdModel * model, RdModelPart part)
{
  g_autofree char *path = part_path (model, part);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/**
 * rd_model_is_loaded:
 * @model: a model
 * @part: one of its networks
 *
 * Returns: whether rd_model_load() would return at once
 */
gboolean
rd_model_is_loaded (RdModel * model, RdModelPart part)
{
  gboolean loaded;

  g_mutex_lock (&model->lock);
  loaded = model->slots[part].network != NULL;
  g_mutex_unlock (&model->lock);
  return loaded;
}

static Load *
load_new (void)
{
  Load *load = g_atomic_rc_box_new0 (Load);

  g_mutex_init (&load->lock);
  g_cond_init (&load->changed);
  return load;
}

static void
load_clear (gpointer data)
{
  Load *load = data;

  g_clear_error (&load->error);
  g_cond_clear (&load->changed);
  g_mutex_clear (&load->lock);
}

static void
load_unref (Load * load)
{
  g_atomic_rc_box_release_full (load, load_clear);
}

typedef struct
{
  RdModel *model;
  RdModelPart part;
  Load *load;
} Work;

static gpointer
load_thread (gpointer data)
{
  Work *work = data;
  RdModel *model = work->model;
  Load *load = work->load;
  Slot *slot = &model->slots[work->part];
  g_autofree char *path = part_path (model, work->part);
  GError *error = NULL;
  gpointer network;

  rd_exit_guard_enter ();
  network = parts[work->part].load (model, path, &error);
  rd_exit_guard_leave ();

  g_mutex_lock (&model->lock);
  slot->network = network;
  slot->load = NULL;
  g_mutex_unlock (&model->lock);

  /* before those who wait go on: once they let go of the model, it is gone */
  rd_model_unref (model);

  g_mutex_lock (&load->lock);
  load->error = error;
  load->done = TRUE;
  g_cond_broadcast (&load->changed);
  g_mutex_unlock (&load->lock);
  load_unref (load);
  g_free (work);
  return NULL;
}

/* Starts a thread that outlives its caller if need be. Called with the lock. */
static gboolean
start_load (RdModel * model, RdModelPart part, GError ** error)
{
  Work *work = g_new (Work, 1);
  g_autoptr (GError) cause = NULL;
  GThread *thread;

  work->model = rd_model_ref (model);
  work->part = part;
  work->load = load_new ();
  thread = g_thread_try_new ("rd-load", load_thread, work, &cause);
  if (!thread) {
    g_set_error (error, RD_ERROR, RD_ERROR_FAILED,
        "%s: no thread to load its networks: %s", model->folder,
        cause->message);
    load_unref (work->load);
    g_free (work);
    rd_model_unref (model);
    return FALSE;
  }
  g_thread_unref (thread);
  model->slots[part].load = work->load;
  return TRUE;
}

/* The load of a part that is not there yet; %NULL with no error where it is.
 * Returns a reference. */
static Load *
find_load (RdModel * model, RdModelPart part, GError ** error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&model->lock);
  Slot *slot = &model->slots[part];

  if (slot->network || (!slot->load && !start_load (model, part, error)))
    return NULL;
  return g_atomic_rc_box_acquire (slot->load);
}

static void
wake (GCancellable * cancellable, Load * load)
{
  g_mutex_lock (&load->lock);
  g_cond_broadcast (&load->changed);
  g_mutex_unlock (&load->lock);
}

static gboolean
wait_for_load (Load * load, GCancellable * cancellable, GError ** error)
{
  gulong handler = 0;

  if (cancellable)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (wake), load,
        NULL);
  g_mutex_lock (&load->lock);
  while (!load->done && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait (&load->changed, &load->lock);
  g_mutex_unlock (&load->lock);
  g_cancellable_disconnect (cancellable, handler);

  if (g_cancellable_set_error_if_cancelled (cancellable, error)) {
    rd_exit_guard_renew ();
    return FALSE;
  }
  if (load->error)
    g_propagate_error (error, g_error_copy (load->error));
  return !load->error;
}

/**
 * rd_model_load:
 * @model: a model
 * @part: one of its networks
 * @cancellable: (nullable): ends the wait, at once; the load itself goes on,
 *   as ONNX Runtime cannot stop it, and serves whoever comes next
 * @error: %RD_ERROR_NOT_FOUND, %RD_ERROR_INVALID, %G_IO_ERROR_CANCELLED, or
 *   what ONNX Runtime reports
 *
 * Waits until @part is loaded. All who wait share one load and its error; the
 * next call after a failure tries again.
 *
 * Returns: whether it is loaded
 */
gboolean
rd_model_load (RdModel * model, RdModelPart part, GCancellable * cancellable,
    GError ** error)
{
  g_autoptr (GError) failure = NULL;
  gboolean loaded = TRUE;
  Load *load;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;

  load = find_load (model, part, &failure);
  if (load) {
    loaded = wait_for_load (load, cancellable, error);
    load_unref (load);
  } else if (failure) {
    g_propagate_error (error, g_steal_pointer (&failure));
    loaded = FALSE;
  }
  return loaded;
}

/* A network, loaded if need be; it lives as long as @model. */
gpointer
rd_model_network (RdModel * model, RdModelPart part,
    GCancellable * cancellable, GError ** error)
{
  if (!rd_model_load (model, part, cancellable, error))
    return NULL;
  return model->slots[part].network;
}

/**
 * rd_model_unet:
 * @model: a model
 * @cancellable: (nullable): ends the wait for its load
 * @error: as of rd_model_load()
 *
 * Returns: (transfer full) (nullable): the UNet
 */
RdDenoiser *
rd_model_unet (RdModel * model, GCancellable * cancellable, GError ** error)
{
  RdDenoiser *unet =
      rd_model_network (model, RD_MODEL_UNET, cancellable, error);

  return unet ? rd_denoiser_ref (unet) : NULL;
}

/**
 * rd_model_prompt:
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
rd_model_prompt (RdModel * model, RdStream * stream, const char *prompt,
    GCancellable * cancellable, GError ** error)
{
  RdPromptEncoder *encoder =
      rd_model_network (model, RD_MODEL_TEXT_ENCODER, cancellable, error);

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
    stream = rd_stream_new (model->device, error);
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
