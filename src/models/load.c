/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* A model's networks: which there are, and how they are loaded, once for all
 * who wait and in a thread that outlives them. */

#include "models/model.h"

#include "models/inputs.h"
#include "models/private.h"
#include "networks/exitguard.h"
#include "prompt/encoder.h"

/* A load under way or done, shared by its thread and all who wait for it. */
struct _RdModelLoad
{
  GMutex lock;
  GCond changed;                /* it is done, or somebody is cancelled */
  gboolean done;
  GError *error;
};

static gpointer
load_text_encoder (RdModel * model, const char *path, GError ** error)
{
  return rd_prompt_encoder_new (model->folder, &model->runtime,
      &model->info.family->prompt, model->info.text_width, error);
}

static gpointer
load_denoiser (RdModel * model, const char *path, GError ** error)
{
  g_auto (GStrv) given = rd_model_input_names (&model->info);
  g_autoptr (GError) failure = NULL;
  g_autoptr (RdDenoiser) denoiser = rd_denoiser_open (path, &model->runtime,
      model->info.prediction, model->info.channels, model->info.multiple,
      error);

  if (!denoiser || rd_denoiser_check_inputs (denoiser,
          (const char *const *) given, &failure))
    return g_steal_pointer (&denoiser);
  g_set_error (error, RD_ERROR, failure->code,
      "%s; the folder says that it is a model of the family %s",
      failure->message, model->info.family->title);
  return NULL;
}

static gpointer
load_vae_encoder (RdModel * model, const char *path, GError ** error)
{
  return rd_vae_open (path, &model->runtime, 3, model->info.channels, error);
}

static gpointer
load_vae_decoder (RdModel * model, const char *path, GError ** error)
{
  return rd_vae_open (path, &model->runtime, model->info.channels, 3, error);
}

static const struct
{
  const char *folder;           /* NULL: as the family calls it */
    gpointer (*load) (RdModel * model, const char *path, GError ** error);
  GDestroyNotify free;
} kinds[RD_NETWORK_N_KINDS] = {
  [RD_NETWORK_TEXT_ENCODER] = {"text_encoder", load_text_encoder,
      (GDestroyNotify) rd_prompt_encoder_free},
  [RD_NETWORK_DENOISER] = {NULL, load_denoiser,
      (GDestroyNotify) rd_denoiser_unref},
  [RD_NETWORK_VAE_ENCODER] = {"vae_encoder", load_vae_encoder,
      (GDestroyNotify) rd_vae_unref},
  [RD_NETWORK_VAE_DECODER] = {"vae_decoder", load_vae_decoder,
      (GDestroyNotify) rd_vae_unref},
};

static char *
find_network (const RdModel * model, RdNetworkKind kind, GError ** error)
{
  const char *name = kinds[kind].folder ? kinds[kind].folder
      : model->info.family->denoiser;
  g_autofree char *folder = NULL;

  if (!name) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s has an autoencoder alone; set the folder of a whole model",
        model->folder);
    return NULL;
  }
  folder = g_build_filename (model->folder, name, NULL);
  return rd_network_find (folder, error);
}

/**
 * rd_model_has_network:
 * @model: a model
 * @kind: which of its networks
 *
 * Returns: whether the folder has it
 */
gboolean
rd_model_has_network (const RdModel * model, RdNetworkKind kind)
{
  g_autofree char *path = find_network (model, kind, NULL);

  return path && g_file_test (path, G_FILE_TEST_EXISTS);
}

/**
 * rd_model_is_loaded:
 * @model: a model
 * @kind: which of its networks
 *
 * Returns: whether rd_model_load() would return at once
 */
gboolean
rd_model_is_loaded (RdModel * model, RdNetworkKind kind)
{
  gboolean loaded;

  g_mutex_lock (&model->lock);
  loaded = model->slots[kind].network != NULL;
  g_mutex_unlock (&model->lock);
  return loaded;
}

static RdModelLoad *
load_new (void)
{
  RdModelLoad *load = g_atomic_rc_box_new0 (RdModelLoad);

  g_mutex_init (&load->lock);
  g_cond_init (&load->changed);
  return load;
}

static void
load_clear (gpointer data)
{
  RdModelLoad *load = data;

  g_clear_error (&load->error);
  g_cond_clear (&load->changed);
  g_mutex_clear (&load->lock);
}

static void
load_unref (RdModelLoad * load)
{
  g_atomic_rc_box_release_full (load, load_clear);
}

typedef struct
{
  RdModel *model;
  RdNetworkKind kind;
  RdModelLoad *load;
} Work;

static gpointer
load_thread (gpointer data)
{
  Work *work = data;
  RdModel *model = work->model;
  RdModelLoad *load = work->load;
  RdModelSlot *slot = &model->slots[work->kind];
  GError *error = NULL;
  g_autofree char *path = find_network (model, work->kind, &error);
  gpointer network = NULL;

  rd_exit_guard_enter ();
  if (path)
    network = kinds[work->kind].load (model, path, &error);
  rd_exit_guard_leave ();

  g_mutex_lock (&model->lock);
  slot->network = network;
  slot->free = kinds[work->kind].free;
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
start_load (RdModel * model, RdNetworkKind kind, GError ** error)
{
  Work *work = g_new (Work, 1);
  g_autoptr (GError) cause = NULL;
  GThread *thread;

  work->model = rd_model_ref (model);
  work->kind = kind;
  work->load = load_new ();
  thread = g_thread_try_new ("rd-load", load_thread, work, &cause);
  if (!thread) {
    g_set_error (error, RD_ERROR, RD_ERROR_FAILED,
        "%s: cannot start a thread to load its networks: %s", model->folder,
        cause->message);
    load_unref (work->load);
    g_free (work);
    rd_model_unref (model);
    return FALSE;
  }
  g_thread_unref (thread);
  model->slots[kind].load = work->load;
  return TRUE;
}

/* The load of a network that is not there yet; %NULL with no error where it is.
 * Returns a reference. */
static RdModelLoad *
find_load (RdModel * model, RdNetworkKind kind, GError ** error)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&model->lock);
  RdModelSlot *slot = &model->slots[kind];

  if (slot->network || (!slot->load && !start_load (model, kind, error)))
    return NULL;
  return g_atomic_rc_box_acquire (slot->load);
}

static void
wake (GCancellable * cancellable, RdModelLoad * load)
{
  g_mutex_lock (&load->lock);
  g_cond_broadcast (&load->changed);
  g_mutex_unlock (&load->lock);
}

static gboolean
wait_for_load (RdModelLoad * load, GCancellable * cancellable, GError ** error)
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
 * @kind: which of its networks
 * @cancellable: (nullable): ends the wait, at once; the load itself goes on,
 *   as ONNX Runtime cannot stop it, and serves whoever comes next
 * @error: %RD_ERROR_NOT_FOUND, %RD_ERROR_INVALID, %G_IO_ERROR_CANCELLED, or
 *   what ONNX Runtime reports
 *
 * Waits until that network is loaded. All who wait share one load and its error; the
 * next call after a failure tries again.
 *
 * Returns: whether it is loaded
 */
gboolean
rd_model_load (RdModel * model, RdNetworkKind kind, GCancellable * cancellable,
    GError ** error)
{
  g_autoptr (GError) failure = NULL;
  gboolean loaded = TRUE;
  RdModelLoad *load;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;

  load = find_load (model, kind, &failure);
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
rd_model_network (RdModel * model, RdNetworkKind kind,
    GCancellable * cancellable, GError ** error)
{
  if (!rd_model_load (model, kind, cancellable, error))
    return NULL;
  return model->slots[kind].network;
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
 * @prompt: any texts
 * @cancellable: (nullable): ends it early
 * @error: as of rd_model_load(), or what the network reports
 *
 * The latest prompts are remembered.
 *
 * Returns: (transfer full) (nullable): what the text encoders make of @prompt
 */
RdConditioning *
rd_model_encode_prompt (RdModel * model, RdStream * stream,
    const RdPrompt * prompt, GCancellable * cancellable, GError ** error)
{
  RdPromptEncoder *encoder =
      rd_model_network (model, RD_NETWORK_TEXT_ENCODER, cancellable, error);

  return encoder ? rd_prompt_encoder_run (encoder, stream, prompt, cancellable,
      error) : NULL;
}
