/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "latent/gstlatentmemory.h"

#include <string.h>

#include "common/gstlatentdebug.h"

GST_LATENT_DEBUG_CATEGORY ("latentcuda", "latents in CUDA memory");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

struct _GstLatentAllocator
{
  GstAllocator parent;

  GMutex lock;                  /* of the stream: any thread may map */
  RdStream *stream;             /* for mirrors */
};

/* Tensors are never changed: a writer's mirror becomes a new one. So a copy
 * shares the tensor, and so do elements that still read it. */
typedef struct
{
  GstMemory parent;

  GMutex lock;
  RdTensor *tensor;             /* NULL, or out of date when @written */
  gpointer mirror;              /* its content in system memory, or NULL */
  gboolean written;
} GstLatentMemory;

G_DEFINE_FINAL_TYPE (GstLatentAllocator, gst_latent_allocator,
    GST_TYPE_ALLOCATOR);

static GstLatentMemory *
memory_new (GstLatentAllocator * self, gsize size)
{
  GstLatentMemory *memory = g_new0 (GstLatentMemory, 1);

  gst_memory_init (GST_MEMORY_CAST (memory), GST_MEMORY_FLAG_NO_SHARE,
      GST_ALLOCATOR (self), NULL, size, 0, 0, size);
  g_mutex_init (&memory->lock);
  return memory;
}

static GstMemory *
gst_latent_allocator_alloc (GstAllocator * allocator, gsize size,
    GstAllocationParams * params)
{
  return GST_MEMORY_CAST (memory_new (GST_LATENT_ALLOCATOR (allocator), size));
}

static void
gst_latent_allocator_free (GstAllocator * allocator, GstMemory * mem)
{
  GstLatentMemory *memory = (GstLatentMemory *) mem;

  g_clear_pointer (&memory->tensor, rd_tensor_unref);
  g_free (memory->mirror);
  g_mutex_clear (&memory->lock);
  g_free (memory);
}

static gboolean
download (GstLatentAllocator * self, RdTensor * tensor, gpointer to,
    GError ** error)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->lock);
  g_autoptr (RdTensor) ours = rd_tensor_share (tensor, self->stream);

  GST_DEBUG_OBJECT (self, "downloading %" G_GSIZE_FORMAT " bytes",
      tensor->size);
  return rd_tensor_download (ours, to, error);
}

/* Called with the lock. */
static gboolean
fill_mirror (GstLatentMemory * memory, gsize size, GError ** error)
{
  g_autofree gpointer mirror = NULL;

  if (memory->mirror != NULL)
    return TRUE;
  mirror = g_try_malloc0 (size);
  if (mirror == NULL) {
    g_set_error (error, RD_ERROR, RD_ERROR_NO_MEMORY,
        "no memory for latents of %" G_GSIZE_FORMAT " bytes", size);
    return FALSE;
  }
  if (memory->tensor != NULL && !download (GST_LATENT_ALLOCATOR
          (memory->parent.allocator), memory->tensor, mirror, error))
    return FALSE;
  memory->mirror = g_steal_pointer (&mirror);
  return TRUE;
}

static gpointer
memory_map (GstMemory * mem, GstMapInfo * info, gsize maxsize)
{
  GstLatentMemory *memory = (GstLatentMemory *) mem;
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&memory->lock);
  g_autoptr (GError) error = NULL;

  if (!fill_mirror (memory, maxsize, &error)) {
    GST_ERROR_OBJECT (mem->allocator, "%s", error->message);
    return NULL;
  }
  if (info->flags & GST_MAP_WRITE)
    memory->written = TRUE;
  return memory->mirror;
}

static void
memory_unmap (GstMemory * mem, GstMapInfo * info)
{
}

/* A part of a memory, which is no tensor, goes to system memory. */
static GstMemory *
copy_part (GstMemory * mem, gssize offset, gsize size)
{
  GstMemory *copy;
  GstMapInfo from, to;

  if (!gst_memory_map (mem, &from, GST_MAP_READ))
    return NULL;
  copy = gst_allocator_alloc (NULL, size, NULL);
  if (copy != NULL && gst_memory_map (copy, &to, GST_MAP_WRITE)) {
    memcpy (to.data, from.data + offset, size);
    gst_memory_unmap (copy, &to);
  }
  gst_memory_unmap (mem, &from);
  return copy;
}

static GstMemory *
memory_copy (GstMemory * mem, gssize offset, gssize size)
{
  GstLatentMemory *memory = (GstLatentMemory *) mem;
  GstLatentMemory *copy;

  if (size == -1)
    size = mem->size > (gsize) offset ? mem->size - offset : 0;
  if (offset != 0 || (gsize) size != mem->size)
    return copy_part (mem, offset, size);

  copy = memory_new (GST_LATENT_ALLOCATOR (mem->allocator), size);
  g_mutex_lock (&memory->lock);
  if (memory->tensor != NULL && !memory->written)
    copy->tensor = rd_tensor_ref (memory->tensor);
  else if (memory->mirror != NULL)
    copy->mirror = g_memdup2 (memory->mirror, size);
  copy->written = memory->written;
  g_mutex_unlock (&memory->lock);
  return GST_MEMORY_CAST (copy);
}

/**
 * gst_is_latent_memory:
 * @memory: any memory
 *
 * Returns: whether it is one of ours
 */
gboolean
gst_is_latent_memory (GstMemory * memory)
{
  return gst_memory_is_type (memory, GST_LATENT_MEMORY_TYPE);
}

/**
 * gst_latent_memory_set_tensor:
 * @memory: one of ours, of @tensor's size
 * @tensor: latents that nothing changes any more
 *
 * Makes @tensor the content of @memory.
 */
void
gst_latent_memory_set_tensor (GstMemory * memory, RdTensor * tensor)
{
  GstLatentMemory *self = (GstLatentMemory *) memory;

  g_return_if_fail (gst_is_latent_memory (memory));
  g_return_if_fail (memory->size == tensor->size);

  g_mutex_lock (&self->lock);
  rd_tensor_ref (tensor);
  g_clear_pointer (&self->tensor, rd_tensor_unref);
  g_clear_pointer (&self->mirror, g_free);
  self->tensor = tensor;
  self->written = FALSE;
  g_mutex_unlock (&self->lock);
}

/**
 * gst_latent_memory_prepare:
 * @memory: one of ours
 * @error: why its content cannot be had
 *
 * Has its content in system memory, so that mapping it, which cannot say why it
 * fails, does not.
 *
 * Returns: %FALSE on failure
 */
gboolean
gst_latent_memory_prepare (GstMemory * memory, GError ** error)
{
  GstLatentMemory *self = (GstLatentMemory *) memory;
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->lock);

  return fill_mirror (self, memory->maxsize, error);
}

/* What a writer has left in the mirror, in the device's memory. */
static RdTensor *
upload (GstLatentAllocator * self, RdType type, const gint64 dims[4],
    gconstpointer mirror)
{
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED =
      g_mutex_locker_new (&self->lock);
  g_autoptr (RdTensor) tensor =
      rd_tensor_new_from_host (self->stream, type, 4, dims, mirror);
  g_autoptr (GError) error = NULL;

  GST_DEBUG_OBJECT (self, "uploading %" G_GSIZE_FORMAT " bytes", tensor->size);
  if (rd_stream_check (self->stream, &error))
    return g_steal_pointer (&tensor);
  GST_ERROR_OBJECT (self, "%s", error->message);
  return NULL;
}

/**
 * gst_latent_memory_get_tensor:
 * @memory: any memory
 * @stream: where the tensor shall be used
 * @type: element type
 * @dims: N, C, H, W; with @type, of @memory's size
 *
 * Returns: (transfer full) (nullable): the content without a copy, not to be
 *   changed; %NULL if @memory is not one of ours on @stream's device
 */
RdTensor *
gst_latent_memory_get_tensor (GstMemory * memory, RdStream * stream,
    RdType type, const gint64 dims[4])
{
  GstLatentMemory *self = (GstLatentMemory *) memory;
  GstLatentAllocator *allocator;
  g_autoptr (GMutexLocker) locker = NULL;
  g_autoptr (RdTensor) shaped = NULL;

  if (!gst_is_latent_memory (memory))
    return NULL;
  allocator = GST_LATENT_ALLOCATOR (memory->allocator);
  if (allocator->stream->device != stream->device)
    return NULL;

  locker = g_mutex_locker_new (&self->lock);
  if (self->written) {
    RdTensor *tensor = upload (allocator, type, dims, self->mirror);

    if (tensor == NULL)
      return NULL;
    g_clear_pointer (&self->tensor, rd_tensor_unref);
    self->tensor = tensor;
    self->written = FALSE;
  }
  if (self->tensor == NULL)
    return NULL;
  g_return_val_if_fail (self->tensor->type == type
      && memory->size == self->tensor->size, NULL);
  shaped = rd_tensor_reshape (self->tensor, 4, dims);
  return rd_tensor_share (shaped, stream);
}

static void
gst_latent_allocator_finalize (GObject * object)
{
  GstLatentAllocator *self = GST_LATENT_ALLOCATOR (object);

  g_clear_pointer (&self->stream, rd_stream_unref);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (gst_latent_allocator_parent_class)->finalize (object);
}

static void
gst_latent_allocator_class_init (GstLatentAllocatorClass * klass)
{
  GstAllocatorClass *allocator_class = GST_ALLOCATOR_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = gst_latent_allocator_finalize;
  allocator_class->alloc = gst_latent_allocator_alloc;
  allocator_class->free = gst_latent_allocator_free;
}

static void
gst_latent_allocator_init (GstLatentAllocator * self)
{
  GstAllocator *allocator = GST_ALLOCATOR (self);

  g_mutex_init (&self->lock);
  allocator->mem_type = GST_LATENT_MEMORY_TYPE;
  allocator->mem_map_full = memory_map;
  allocator->mem_unmap_full = memory_unmap;
  allocator->mem_copy = memory_copy;
  GST_OBJECT_FLAG_SET (self, GST_ALLOCATOR_FLAG_CUSTOM_ALLOC);
}

/**
 * gst_latent_allocator_new:
 * @device: where the memory shall be
 * @error: why a stream of it could not be had
 *
 * Its memory takes nothing of the device before it holds a tensor.
 *
 * Returns: (transfer full): an allocator, or %NULL
 */
GstAllocator *
gst_latent_allocator_new (RdDevice * device, GError ** error)
{
  RdStream *stream = rd_stream_new (device, error);
  GstLatentAllocator *self;

  if (stream == NULL)
    return NULL;
  self = g_object_new (GST_TYPE_LATENT_ALLOCATOR, NULL);
  gst_object_ref_sink (self);
  self->stream = stream;
  return GST_ALLOCATOR (self);
}

static gboolean
is_for_device (GstQuery * query)
{
  GstCaps *caps;

  gst_query_parse_allocation (query, &caps, NULL);
  return caps != NULL && gst_caps_get_size (caps) > 0
      && gst_caps_features_contains (gst_caps_get_features (caps, 0),
      GST_CAPS_FEATURE_MEMORY_LATENT_CUDA);
}

/**
 * gst_latent_query_propose_allocator:
 * @query: an ALLOCATION query
 * @device: of who answers it
 * @size: of a buffer, in bytes
 *
 * Offers memory of @device if the query is for latents in device memory.
 *
 * Returns: whether it was
 */
gboolean
gst_latent_query_propose_allocator (GstQuery * query, RdDevice * device,
    gsize size)
{
  g_autoptr (GstAllocator) allocator = is_for_device (query)
      ? gst_latent_allocator_new (device, NULL) : NULL;

  if (allocator == NULL)
    return FALSE;
  gst_query_add_allocation_param (query, allocator, NULL);
  gst_query_add_allocation_pool (query, NULL, size, 0, 0);
  return TRUE;
}

/**
 * gst_latent_query_decide_allocator:
 * @query: an ALLOCATION query, answered or not
 * @device: of who has asked
 * @error: why there is no memory of @device
 *
 * Whoever is next: what is to be in device memory will be in @device's.
 *
 * Returns: %FALSE on failure
 */
gboolean
gst_latent_query_decide_allocator (GstQuery * query, RdDevice * device,
    GError ** error)
{
  g_autoptr (GstAllocator) allocator = NULL;

  if (!is_for_device (query))
    return TRUE;
  allocator = gst_latent_allocator_new (device, error);
  if (allocator == NULL)
    return FALSE;
  while (gst_query_get_n_allocation_pools (query) > 0)
    gst_query_remove_nth_allocation_pool (query, 0);
  while (gst_query_get_n_allocation_params (query) > 0)
    gst_query_remove_nth_allocation_param (query, 0);
  gst_query_add_allocation_param (query, allocator, NULL);
  return TRUE;
}
