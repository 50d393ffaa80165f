/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Models that are open, and who shares them. */

#include "models/model.h"

#include <errno.h>
#include <stdlib.h>

#include "base/file.h"
#include "models/private.h"

/* Open models by key, without references. The lock is held for looking and
 * counting alone. A model's own lock, where both are needed, is taken first. */
static GMutex table_lock;
static GHashTable *table;

static void
model_free (RdModel * model)
{
  for (guint i = 0; i < RD_NETWORK_N_KINDS; i++)
    if (model->slots[i].network)
      model->slots[i].free (model->slots[i].network);
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
  const int code = resolved ? 0 : errno;
  char *copy;

  if (code != 0 && code != ENOENT) {
    rd_file_fail (folder, code, error);
    g_prefix_error (error, "model folder ");
    return NULL;
  }
  if (!resolved || !g_file_test (resolved, G_FILE_TEST_IS_DIR)) {
    g_autofree char *absolute = g_canonicalize_filename (folder, NULL);

    g_set_error (error, RD_ERROR, RD_ERROR_NOT_FOUND,
        resolved ? "model folder '%s': %s is a file; set the path of a folder "
        "written by `optimum-cli export onnx`"
        : "model folder '%s': there is no folder %s; set the path of a folder "
        "written by `optimum-cli export onnx`", folder, absolute);
    free (resolved);
    return NULL;
  }
  copy = g_strdup (resolved);
  free (resolved);
  return copy;
}

/* A reference to the open model of this key, if there is one. */
static RdModel *
find_open (const char *key)
{
  RdModel *model = table ? g_hash_table_lookup (table, key) : NULL;

  if (model)
    model->ref_count++;
  return model;
}

/* The model of a folder, which nobody else knows yet. */
static RdModel *
read_folder (const char *folder, const RdRuntime * runtime, const char *key,
    GError ** error)
{
  RdModel *model = g_new0 (RdModel, 1);

  model->ref_count = 1;
  model->key = g_strdup (key);
  model->folder = g_strdup (folder);
  model->runtime = *runtime;
  model->runtime.engine_cache = g_strdup (runtime->engine_cache);
  g_mutex_init (&model->lock);
  if (!rd_model_info_read (&model->info, model->folder, error))
    g_clear_pointer (&model, model_free);
  return model;
}

/* @model, or the one of the same key that another thread has opened meanwhile. */
static RdModel *
share (RdModel * model)
{
  RdModel *other;

  g_mutex_lock (&table_lock);
  if (!table)
    table = g_hash_table_new (g_str_hash, g_str_equal);
  other = find_open (model->key);
  if (!other)
    g_hash_table_insert (table, model->key, model);
  g_mutex_unlock (&table_lock);
  if (!other)
    return model;
  model_free (model);
  return other;
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
  model = find_open (key);
  g_mutex_unlock (&table_lock);
  if (model)
    return model;

  model = read_folder (resolved, runtime, key, error);
  return model ? share (model) : NULL;
}

/**
 * rd_model_ref:
 * @model: a model
 *
 * Returns: (transfer full): @model
 */
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
 * The last reference unloads its networks; those who hold a reference to the
 * denoiser keep that.
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
 * rd_model_describe_backend:
 * @model: a model
 *
 * Returns: (transfer full): what runs its networks, for logs: the library, its
 *   version and its file
 */
char *
rd_model_describe_backend (const RdModel * model)
{
  const RdBackend *backend = rd_runtime_backend (&model->runtime);
  char *description = backend->describe ();

  return description ? description : g_strdup (backend->name);
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
