/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "common/gstlatentmodeluser.h"

#include <string.h>

#include "common/gstlatentprogress.h"

GST_LATENT_DEBUG_CATEGORY ("latentmodel", "models and the devices they run on");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

/* offsets from the first property's id */
enum
{
  OFFSET_MODEL,
  OFFSET_DEVICE,
  OFFSET_THREADS,
  OFFSET_ENGINE_CACHE,
};

#define DEFAULT_DEVICE "auto"
#define DEFAULT_THREADS 0

/**
 * gst_latent_model_user_install_model:
 * @klass: an element class
 * @id: a free property id
 * @blurb: what the model is to this element
 *
 * Installs `model` alone, for an element that runs no network: see
 * gst_latent_model_user_init_model().
 */
void
gst_latent_model_user_install_model (GObjectClass * klass, guint id,
    const char *blurb)
{
  g_object_class_install_property (klass, id + OFFSET_MODEL,
      g_param_spec_string ("model", "Model", blurb, NULL,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
          GST_PARAM_MUTABLE_READY));
}

/**
 * gst_latent_model_user_install_properties:
 * @klass: an element class
 * @first_id: the first of four free property ids
 * @model_blurb: what the model is to this element
 *
 * Installs `model`, `device`, `threads` and `tensorrt-cache`.
 */
void
gst_latent_model_user_install_properties (GObjectClass * klass, guint first_id,
    const char *model_blurb)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS |
      GST_PARAM_MUTABLE_READY;

  gst_latent_model_user_install_model (klass, first_id, model_blurb);
  g_object_class_install_property (klass, first_id + OFFSET_DEVICE,
      g_param_spec_string ("device", "Device",
          "Device of the networks and the sampling loop: cpu, cuda, cuda:N for "
          "the N-th GPU, or auto for cuda if that works and else cpu",
          DEFAULT_DEVICE, flags));
  g_object_class_install_property (klass, first_id + OFFSET_THREADS,
      g_param_spec_uint ("threads", "Threads",
          "CPU threads of one network evaluation; 0: one for each core",
          0, 1024, DEFAULT_THREADS, flags));
  g_object_class_install_property (klass, first_id + OFFSET_ENGINE_CACHE,
      g_param_spec_string ("tensorrt-cache", "TensorRT cache",
          "Folder for the engines that TensorRT builds; if set, networks on CUDA "
          "devices run through TensorRT", NULL, flags));
}

/**
 * gst_latent_model_user_init:
 * @user: uninitialised memory
 * @element: the element that embeds @user
 * @first_id: id of the property `model`
 */
void
gst_latent_model_user_init (GstLatentModelUser * user, GstElement * element,
    guint first_id)
{
  memset (user, 0, sizeof *user);
  user->element = element;
  user->device = g_strdup (DEFAULT_DEVICE);
  user->threads = DEFAULT_THREADS;
  user->first_property = first_id;
}

/**
 * gst_latent_model_user_init_model:
 * @user: uninitialised memory
 * @element: the element that embeds @user
 * @id: id of the property `model`
 *
 * As gst_latent_model_user_init(), for an element that has no other of the
 * properties: it reads what a model folder says, and looks for no device.
 */
void
gst_latent_model_user_init_model (GstLatentModelUser * user,
    GstElement * element, guint id)
{
  gst_latent_model_user_init (user, element, id);
  g_free (user->device);
  user->device = g_strdup ("cpu");
}

/**
 * gst_latent_model_user_clear:
 * @user: the element's, in its finalize
 *
 * Frees what @user holds.
 */
void
gst_latent_model_user_clear (GstLatentModelUser * user)
{
  g_clear_pointer (&user->model, rd_model_unref);
  g_clear_pointer (&user->opened_as, g_free);
  g_clear_pointer (&user->folder, g_free);
  g_clear_pointer (&user->device, g_free);
  g_clear_pointer (&user->engine_cache, g_free);
}

/**
 * gst_latent_model_user_set_property:
 * @user: the element's
 * @id: a property's id
 * @value: its new value
 *
 * Returns: %FALSE if @id is not one of them
 */
gboolean
gst_latent_model_user_set_property (GstLatentModelUser * user, guint id,
    const GValue * value)
{
  gboolean known = TRUE;

  GST_OBJECT_LOCK (user->element);
  switch ((gint) (id - user->first_property)) {
    case OFFSET_MODEL:
      g_free (user->folder);
      user->folder = g_value_dup_string (value);
      break;
    case OFFSET_DEVICE:
      g_free (user->device);
      user->device = g_value_dup_string (value);
      break;
    case OFFSET_THREADS:
      user->threads = g_value_get_uint (value);
      break;
    case OFFSET_ENGINE_CACHE:
      g_free (user->engine_cache);
      user->engine_cache = g_value_dup_string (value);
      break;
    default:
      known = FALSE;
      break;
  }
  GST_OBJECT_UNLOCK (user->element);
  return known;
}

/**
 * gst_latent_model_user_get_property:
 * @user: the element's
 * @id: a property's id
 * @value: receives its value
 *
 * Returns: %FALSE if @id is not one of them
 */
gboolean
gst_latent_model_user_get_property (GstLatentModelUser * user, guint id,
    GValue * value)
{
  gboolean known = TRUE;

  GST_OBJECT_LOCK (user->element);
  switch ((gint) (id - user->first_property)) {
    case OFFSET_MODEL:
      g_value_set_string (value, user->folder);
      break;
    case OFFSET_DEVICE:
      g_value_set_string (value, user->device);
      break;
    case OFFSET_THREADS:
      g_value_set_uint (value, user->threads);
      break;
    case OFFSET_ENGINE_CACHE:
      g_value_set_string (value, user->engine_cache);
      break;
    default:
      known = FALSE;
      break;
  }
  GST_OBJECT_UNLOCK (user->element);
  return known;
}

/**
 * gst_latent_model_user_has_folder:
 * @user: the element's
 *
 * Whether `model` is set.
 */
gboolean
gst_latent_model_user_has_folder (GstLatentModelUser * user)
{
  gboolean has;

  GST_OBJECT_LOCK (user->element);
  has = user->folder != NULL && user->folder[0] != '\0';
  GST_OBJECT_UNLOCK (user->element);
  return has;
}

/* With OBJECT_LOCK. */
static char *
describe (const GstLatentModelUser * user)
{
  return g_strdup_printf ("%s\n%s\n%u\n%s", user->folder ? user->folder : "",
      user->device ? user->device : DEFAULT_DEVICE, user->threads,
      user->engine_cache ? user->engine_cache : "");
}

/* With OBJECT_LOCK. Whether the model is the one @described. Properties that were
 * set and set back, or to what they are, have not changed: networks are not
 * loaded again for that. */
static gboolean
is_open (const GstLatentModelUser * user, const char *described)
{
  return user->model != NULL && g_str_equal (user->opened_as, described);
}

/* Unless the properties are not as @described any more, or somebody was
 * faster. */
static void
keep (GstLatentModelUser * user, RdModel * model, const char *described)
{
  g_autoptr (RdModel) old = NULL;
  g_autofree char *wanted = NULL;

  GST_OBJECT_LOCK (user->element);
  wanted = describe (user);
  if (g_str_equal (described, wanted) && !is_open (user, wanted)) {
    old = user->model;
    user->model = rd_model_ref (model);
    g_free (user->opened_as);
    user->opened_as = g_steal_pointer (&wanted);
  }
  GST_OBJECT_UNLOCK (user->element);
}

/* Whether @user's element has not said yet why it runs on the CPU. */
static gboolean
is_first_time (GstLatentModelUser * user)
{
  gboolean first;

  GST_OBJECT_LOCK (user->element);
  first = !user->told;
  user->told = TRUE;
  GST_OBJECT_UNLOCK (user->element);
  return first;
}

/* The device of @name. Each element logs once, from one open to the next close,
 * why `auto` is not a CUDA device. */
static gboolean
choose_device (GstLatentModelUser * user, const char *name, RdRuntime * runtime,
    GError ** error)
{
  g_autofree char *reason = NULL;

  runtime->device = rd_runtime_choose_device (name, &reason, error);
  if (runtime->device == NULL)
    return FALSE;
  if (reason != NULL && is_first_time (user))
    GST_WARNING_OBJECT (user->element, "networks run on the CPU: %s", reason);
  if (runtime->engine_cache == NULL || reason != NULL
      || !rd_device_is_cpu (runtime->device))
    return TRUE;
  g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS, "%s: the property "
      "tensorrt-cache has no effect on the device cpu; unset it, or set "
      "device=cuda", GST_OBJECT_NAME (user->element));
  return FALSE;
}

/**
 * gst_latent_model_user_open:
 * @user: the element's
 * @error: %RD_ERROR_SETTINGS: `model` is not set; %RD_ERROR_NOT_FOUND: what is
 *   missing for the device; or rd_model_open()'s error
 *
 * Opens the model that the properties name, which reads its JSON files only,
 * and keeps it until it opens another one or gst_latent_model_user_close(). Callable
 * from any thread, also in a caps query.
 *
 * Returns: (transfer full): the model, or %NULL
 */
RdModel *
gst_latent_model_user_open (GstLatentModelUser * user, GError ** error)
{
  g_autofree char *folder = NULL;
  g_autofree char *device = NULL;
  g_autofree char *engine_cache = NULL;
  g_autofree char *described = NULL;
  RdRuntime runtime = { NULL };
  RdModel *model;

  GST_OBJECT_LOCK (user->element);
  described = describe (user);
  if (is_open (user, described)) {
    model = rd_model_ref (user->model);
    GST_OBJECT_UNLOCK (user->element);
    return model;
  }
  folder = g_strdup (user->folder);
  device = g_strdup (user->device);
  engine_cache = g_strdup (user->engine_cache);
  runtime.threads = user->threads;
  GST_OBJECT_UNLOCK (user->element);

  if (folder == NULL || folder[0] == '\0') {
    g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS, "%s: the property model "
        "is not set; set it to the path of a model folder",
        GST_OBJECT_NAME (user->element));
    return NULL;
  }
  if (engine_cache != NULL && engine_cache[0] != '\0')
    runtime.engine_cache = engine_cache;
  if (!choose_device (user, device ? device : DEFAULT_DEVICE, &runtime, error))
    return NULL;
  GST_DEBUG_OBJECT (user->element, "opening the model %s on the device %s",
      folder, runtime.device->klass->name);
  model = rd_model_open (folder, &runtime, error);
  if (model != NULL)
    keep (user, model, described);
  return model;
}

/**
 * gst_latent_model_user_peek:
 * @user: the element's
 *
 * Returns: (transfer full): the model if it is open, else %NULL
 */
RdModel *
gst_latent_model_user_peek (GstLatentModelUser * user)
{
  g_autofree char *described = NULL;
  RdModel *model;

  GST_OBJECT_LOCK (user->element);
  described = describe (user);
  model = is_open (user, described) ? rd_model_ref (user->model) : NULL;
  GST_OBJECT_UNLOCK (user->element);
  return model;
}

/**
 * gst_latent_model_user_close:
 * @user: the element's
 *
 * Lets go of the model. Its networks are unloaded when no other element of the
 * process uses them.
 */
void
gst_latent_model_user_close (GstLatentModelUser * user)
{
  g_autoptr (RdModel) old = NULL;

  GST_OBJECT_LOCK (user->element);
  old = g_steal_pointer (&user->model);
  user->told = FALSE;
  GST_OBJECT_UNLOCK (user->element);
}

static const char *
part_to_string (RdNetworkKind part)
{
  switch (part) {
    case RD_NETWORK_TEXT_ENCODER:
      return "text encoder";
    case RD_NETWORK_DENOISER:
      return "UNet";
    case RD_NETWORK_VAE_ENCODER:
      return "VAE encoder";
    case RD_NETWORK_VAE_DECODER:
      return "VAE decoder";
    case RD_NETWORK_N_KINDS:
      break;
  }
  g_return_val_if_reached ("network");
}

/* Loads @part as `load` progress, which is open after a failure. */
static gboolean
load (RdModel * model, RdNetworkKind part, GstElement * element,
    GstLatentProgress * progress, GCancellable * cancellable, GError ** error)
{
  g_autofree char *backend = NULL;

  gst_latent_progress_begin (progress, element, "load", "loading the %s of %s",
      part_to_string (part), rd_model_folder (model));
  if (!rd_model_load (model, part, cancellable, error))
    return FALSE;
  gst_latent_progress_complete (progress);
  backend = rd_model_describe_backend (model);
  GST_INFO_OBJECT (element, "the %s runs on the device %s by %s",
      part_to_string (part), rd_model_device (model)->name, backend);
  return TRUE;
}

/**
 * gst_latent_model_load:
 * @model: a model
 * @part: which network
 * @element: who needs it
 * @cancellable: (nullable): ends the wait; the load goes on by itself
 *
 * Makes sure that @part is loaded, with `load` progress messages if it is not.
 * Call it from a streaming thread, with no lock held.
 *
 * Returns: %GST_FLOW_OK; %GST_FLOW_FLUSHING if cancelled;
 *   %GST_LATENT_FLOW_FAILED after an error message
 */
GstFlowReturn
gst_latent_model_load (RdModel * model, RdNetworkKind part,
    GstElement * element, GCancellable * cancellable)
{
  g_auto (GstLatentProgress) progress = GST_LATENT_PROGRESS_INIT;
  g_autoptr (GError) error = NULL;

  if (rd_model_is_loaded (model, part)
      || load (model, part, element, &progress, cancellable, &error))
    return GST_FLOW_OK;
  return gst_latent_progress_end (&progress, error);
}

/**
 * gst_latent_model_try_load:
 * @model: a model
 * @part: which network
 * @element: who needs it, and can do without @model
 * @cancellable: (nullable): ends the wait; the load goes on by itself
 * @error: why it cannot be loaded, or a cancellation
 *
 * As gst_latent_model_load(), but leaves it to the caller to tell a failure.
 *
 * Returns: whether @part is loaded
 */
gboolean
gst_latent_model_try_load (RdModel * model, RdNetworkKind part,
    GstElement * element, GCancellable * cancellable, GError ** error)
{
  g_auto (GstLatentProgress) progress = GST_LATENT_PROGRESS_INIT;
  g_autoptr (GError) fault = NULL;

  if (rd_model_is_loaded (model, part)
      || load (model, part, element, &progress, cancellable, &fault))
    return TRUE;
  if (g_error_matches (fault, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    gst_latent_progress_cancel (&progress);
  else
    gst_latent_progress_give_up (&progress);
  g_propagate_error (error, g_steal_pointer (&fault));
  return FALSE;
}
