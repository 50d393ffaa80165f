/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "video/gstlatentcudaprimary.h"

#include <gmodule.h>

#include "common/gstlatentdebug.h"

GST_LATENT_DEBUG_CATEGORY ("cudavideo", "pictures in CUDA memory");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

/* The primary context of a device. It is held until the process ends; elements
 * and memory share what wraps it while there are any. */
typedef struct
{
  CUcontext handle;
  CUdevice id;
  GWeakRef wrapper;             /* GstCudaContext */
} Primary;

static GMutex primaries_lock;   /* of what follows */
static GHashTable *primaries;   /* RdDevice -> Primary */

/**
 * gst_latent_cuda_primary_have_driver:
 *
 * Not to be asked before somebody works on a CUDA device. Without a driver the
 * library's other functions would abort.
 *
 * Returns: whether GStreamer's CUDA library can use the driver
 */
gboolean
gst_latent_cuda_primary_have_driver (void)
{
  static gsize once = 0;
  enum
  { LOADED = 1, MISSING = 2 };

  if (g_once_init_enter (&once)) {
    gboolean loaded;

    loaded = gst_cuda_load_library ();
    if (loaded)
      gst_cuda_memory_init_once ();
    else
      GST_WARNING ("copying pictures through system memory: GStreamer's CUDA "
          "library cannot use the driver");
    g_once_init_leave (&once, loaded ? LOADED : MISSING);
  }
  return once == LOADED;
}

/* The library wraps the driver, and leaves this function out. */
static CUresult
retain_primary (CUcontext * handle, CUdevice id)
{
  CUresult (*retain) (CUcontext *, CUdevice) = NULL;
  GModule *driver = g_module_open ("libcuda.so.1", G_MODULE_BIND_LAZY);
  CUresult result = CUDA_ERROR_NOT_FOUND;

  if (driver == NULL)
    return result;
  if (g_module_symbol (driver, "cuDevicePrimaryCtxRetain",
          (gpointer *) & retain))
    result = retain (handle, id);
  g_module_close (driver);
  return result;
}

static Primary *
get_primary (RdDevice * device)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&primaries_lock);
  CUcontext handle;
  CUdevice id;
  Primary *primary;

  if (primaries == NULL)
    primaries = g_hash_table_new (NULL, NULL);
  primary = g_hash_table_lookup (primaries, device);
  if (primary != NULL)
    return primary;
  if (!gst_cuda_result (CuInit (0))
      || !gst_cuda_result (CuDeviceGet (&id, device->ordinal))
      || !gst_cuda_result (retain_primary (&handle, id)))
    return NULL;
  primary = g_new0 (Primary, 1);
  primary->handle = handle;
  primary->id = id;
  g_weak_ref_init (&primary->wrapper, NULL);
  g_hash_table_insert (primaries, device, primary);
  return primary;
}

/**
 * gst_latent_cuda_primary_is:
 * @device: a CUDA device; there is a driver
 * @context: any context
 *
 * Returns: whether @context wraps the primary context of @device
 */
gboolean
gst_latent_cuda_primary_is (RdDevice * device, GstCudaContext * context)
{
  const Primary *primary = get_primary (device);

  return primary != NULL
      && gst_cuda_context_get_handle (context) == primary->handle;
}

/**
 * gst_latent_cuda_primary_get:
 * @device: a CUDA device; there is a driver
 *
 * Returns: (transfer full): what wraps the primary context of @device, one for
 *   the whole process; %NULL if the driver fails
 */
GstCudaContext *
gst_latent_cuda_primary_get (RdDevice * device)
{
  Primary *primary = get_primary (device);
  GstCudaContext *context;

  if (primary == NULL)
    return NULL;
  g_mutex_lock (&primaries_lock);
  context = g_weak_ref_get (&primary->wrapper);
  if (context == NULL) {
    context = gst_cuda_context_new_wrapped (primary->handle, primary->id);
    g_weak_ref_set (&primary->wrapper, context);
  }
  g_mutex_unlock (&primaries_lock);
  return context;
}
