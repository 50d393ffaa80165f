/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "device/device.h"

#include <string.h>

/* Sizes are rounded up so that nearly equal tensors share blocks. */
#define BLOCK_GRANULE 256

static RdDevice *
cpu_device (void)
{
  static RdDevice device = {.name = (char *) "cpu" };
  static gsize once = 0;

  if (g_once_init_enter (&once)) {
    device.klass = rd_device_cpu_class ();
    g_once_init_leave (&once, 1);
  }
  return &device;
}

/* `cuda` is the first, `cuda:N` the N-th. */
static gboolean
parse_cuda (const char *name, guint64 * ordinal)
{
  *ordinal = 0;
  return g_str_equal (name, "cuda") || (g_str_has_prefix (name, "cuda:")
      && g_ascii_string_to_unsigned (name + strlen ("cuda:"), 10, 0,
          G_MAXINT32, ordinal, NULL));
}

static RdDevice *
cuda_device (const char *name, int ordinal, GError ** error)
{
  static GMutex lock;
  static GPtrArray *devices;
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&lock);
  const int count = rd_device_cuda_count (error);

  if (count == 0) {
    g_prefix_error (error, "device '%s': ", name);
    return NULL;
  }
  if (ordinal >= count) {
    g_set_error (error, RD_ERROR, RD_ERROR_NOT_FOUND,
        "device '%s': the last one is 'cuda:%d'", name, count - 1);
    return NULL;
  }

  if (!devices)
    devices = g_ptr_array_new ();
  while (devices->len <= (guint) ordinal) {
    RdDevice *device = g_new0 (RdDevice, 1);

    device->klass = rd_device_cuda_class ();
    device->ordinal = (int) devices->len;
    device->name = g_strdup_printf ("cuda:%d", device->ordinal);
    g_mutex_init (&device->lock);
    g_ptr_array_add (devices, device);
  }
  return devices->pdata[ordinal];
}

/**
 * rd_device_get:
 * @name: `cpu`, `cuda` or `cuda:N`
 * @error: where to report %RD_ERROR_NOT_FOUND
 *
 * Devices live as long as the process.
 *
 * Returns: (transfer none) (nullable): the device
 */
RdDevice *
rd_device_get (const char *name, GError ** error)
{
  guint64 ordinal;

  if (g_str_equal (name, "cpu"))
    return cpu_device ();
  if (parse_cuda (name, &ordinal))
    return cuda_device (name, (int) ordinal, error);

  g_set_error (error, RD_ERROR, RD_ERROR_NOT_FOUND,
      "unknown device '%s'; devices are 'auto', 'cpu', 'cuda' and 'cuda:N'",
      name);
  return NULL;
}

/**
 * rd_device_is_cpu:
 * @device: a device
 *
 * Returns: whether its memory is the host's
 */
gboolean
rd_device_is_cpu (const RdDevice * device)
{
  return device->klass == rd_device_cpu_class ();
}

/**
 * rd_device_keep_context:
 * @device: a device on which a library is about to work
 *
 * Libraries set the calling thread's device and leave it so; operations of this
 * library do not.
 *
 * Returns: what the thread works on now, for rd_device_restore_context()
 */
RdDeviceContext
rd_device_keep_context (const RdDevice * device)
{
  RdDeviceContext context = { device, NULL };

  if (device->klass->get_context)
    context.native = device->klass->get_context ();
  return context;
}

/**
 * rd_device_restore_context:
 * @context: what rd_device_keep_context() gave in this thread
 */
void
rd_device_restore_context (RdDeviceContext * context)
{
  if (context->device->klass->set_context)
    context->device->klass->set_context (context->native);
}

/**
 * rd_device_queue:
 * @device: a device
 * @queue: (out): its native queue, a `cudaStream_t`; %NULL on the CPU
 * @error: why it could not be had
 *
 * For libraries that work on the device: what they queue there is in order with
 * the operations of all streams.
 *
 * Returns: %FALSE on failure
 */
gboolean
rd_device_queue (RdDevice * device, gpointer * queue, GError ** error)
{
  *queue = device->klass->queue ? device->klass->queue (device, error) : NULL;
  return *queue || !device->klass->queue;
}

/**
 * rd_stream_new:
 * @device: where to work
 * @error: why a queue could not be had
 *
 * Returns: (transfer full) (nullable): a new queue with an empty pool
 */
RdStream *
rd_stream_new (RdDevice * device, GError ** error)
{
  RdStream *stream = g_new0 (RdStream, 1);

  stream->device = device;
  stream->ref_count = 1;
  g_mutex_init (&stream->lock);
  stream->pool = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL,
      (GDestroyNotify) g_ptr_array_unref);
  if (!device->klass->stream_open (stream, error)) {
    g_hash_table_unref (stream->pool);
    g_mutex_clear (&stream->lock);
    g_free (stream);
    return NULL;
  }
  return stream;
}

/**
 * rd_stream_ref:
 * @stream: a stream
 *
 * Returns: (transfer full): @stream
 */
RdStream *
rd_stream_ref (RdStream * stream)
{
  g_atomic_int_inc (&stream->ref_count);
  return stream;
}

/**
 * rd_stream_unref:
 * @stream: (transfer full): a stream, in any thread; every tensor holds a
 *   reference of its own
 *
 * With the last reference the pool's memory goes back to the device.
 */
void
rd_stream_unref (RdStream * stream)
{
  if (!g_atomic_int_dec_and_test (&stream->ref_count))
    return;

  rd_stream_trim (stream);
  stream->device->klass->stream_close (stream);
  g_hash_table_unref (stream->pool);
  g_mutex_clear (&stream->lock);
  g_clear_error (&stream->error);
  g_free (stream);
}

/**
 * rd_stream_fail:
 * @stream: whose operation failed
 * @code: what kind of failure
 * @format: its description
 *
 * Keeps the first failure; what follows is only its consequence.
 */
void
rd_stream_fail (RdStream * stream, RdError code, const char *format, ...)
{
  va_list args;

  if (stream->error)
    return;

  va_start (args, format);
  stream->error = g_error_new_valist (RD_ERROR, code, format, args);
  va_end (args);
}

/**
 * rd_stream_check:
 * @stream: a stream
 * @error: receives the first failure since the last check
 *
 * The stream is usable again afterwards. Does not wait for queued work.
 *
 * Returns: %FALSE when an operation failed
 */
gboolean
rd_stream_check (RdStream * stream, GError ** error)
{
  if (!stream->error)
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&stream->error));
  return FALSE;
}

/**
 * rd_stream_synchronize:
 * @stream: a stream
 * @error: receives the first failure
 *
 * Waits for all queued work.
 *
 * Returns: %FALSE when an operation failed
 */
gboolean
rd_stream_synchronize (RdStream * stream, GError ** error)
{
  stream->device->klass->synchronize (stream);
  return rd_stream_check (stream, error);
}

/**
 * rd_stream_pace:
 * @stream: a stream
 *
 * To be called before work that takes long is queued, like the evaluation of a
 * network: waits until all that had been queued at the last call is done. So the
 * device has always something to do, and never more than what can be waited for
 * when somebody cancels. A failure is the stream's.
 */
void
rd_stream_pace (RdStream * stream)
{
  if (stream->device->klass->pace)
    stream->device->klass->pace (stream);
}

static gsize
block_size (gsize size)
{
  return (MAX (size, 1) + BLOCK_GRANULE - 1) / BLOCK_GRANULE * BLOCK_GRANULE;
}

/**
 * rd_stream_take_block:
 * @stream: a stream
 * @size: bytes
 *
 * Where the device has no memory left, the pool's other blocks go back to it
 * first.
 *
 * Returns: (nullable): a block from the pool, else from the device; %NULL after
 *   a failure, which is then the stream's error
 */
gpointer
rd_stream_take_block (RdStream * stream, gsize size)
{
  const gsize rounded = block_size (size);
  GPtrArray *blocks;
  gpointer data = NULL;
  gboolean pooled;

  if (stream->error)
    return NULL;

  g_mutex_lock (&stream->lock);
  blocks = g_hash_table_lookup (stream->pool, GSIZE_TO_POINTER (rounded));
  if (blocks && blocks->len > 0)
    data = g_ptr_array_steal_index_fast (blocks, blocks->len - 1);
  pooled = data != NULL;
  g_mutex_unlock (&stream->lock);

  if (!pooled) {
    data = stream->device->klass->alloc (stream, rounded);
    if (!data) {
      /* what is free, but not of this size */
      rd_stream_trim (stream);
      data = stream->device->klass->alloc (stream, rounded);
    }
    if (!data) {
      rd_stream_fail (stream, RD_ERROR_NO_MEMORY,
          "device %s: no memory for %" G_GSIZE_FORMAT " bytes (%"
          G_GSIZE_FORMAT " in use)", stream->device->name, rounded,
          stream->bytes_in_use);
      return NULL;
    }
  }

  g_mutex_lock (&stream->lock);
  stream->n_allocations += !pooled;
  stream->bytes_allocated += pooled ? 0 : rounded;
  stream->bytes_in_use += rounded;
  stream->bytes_peak = MAX (stream->bytes_peak, stream->bytes_in_use);
  g_mutex_unlock (&stream->lock);
  return data;
}

/**
 * rd_stream_give_block:
 * @stream: a stream
 * @data: (nullable): what rd_stream_take_block() gave
 * @size: and the size then
 *
 * Returns a block to the pool; work already queued may still use it.
 */
void
rd_stream_give_block (RdStream * stream, gpointer data, gsize size)
{
  const gsize rounded = block_size (size);
  GPtrArray *blocks;

  if (!data)
    return;

  g_mutex_lock (&stream->lock);
  blocks = g_hash_table_lookup (stream->pool, GSIZE_TO_POINTER (rounded));
  if (!blocks) {
    blocks = g_ptr_array_new ();
    g_hash_table_insert (stream->pool, GSIZE_TO_POINTER (rounded), blocks);
  }
  g_ptr_array_add (blocks, data);
  stream->bytes_in_use -= rounded;
  g_mutex_unlock (&stream->lock);
}

/**
 * rd_stream_trim:
 * @stream: a stream
 *
 * Gives the pool's unused blocks back to the device.
 */
void
rd_stream_trim (RdStream * stream)
{
  GHashTableIter iter;
  gpointer size, blocks;

  g_mutex_lock (&stream->lock);
  g_hash_table_iter_init (&iter, stream->pool);
  while (g_hash_table_iter_next (&iter, &size, &blocks)) {
    GPtrArray *array = blocks;

    for (guint i = 0; i < array->len; i++)
      stream->device->klass->free (stream, array->pdata[i]);
    stream->bytes_allocated -= array->len * GPOINTER_TO_SIZE (size);
    g_ptr_array_set_size (array, 0);
  }
  g_mutex_unlock (&stream->lock);
}

/**
 * rd_stream_make_room:
 * @stream: a stream
 * @failure: of a library that takes memory of its own from @stream's device
 *
 * Where @failure is %RD_ERROR_NO_MEMORY, gives back what the stream holds in
 * reserve. What fails must have been given tensors that are there: to be asked only
 * where the stream was fine before.
 *
 * Returns: whether what failed may be tried once more
 */
gboolean
rd_stream_make_room (RdStream * stream, const GError * failure)
{
  if (!g_error_matches (failure, RD_ERROR, RD_ERROR_NO_MEMORY)
      || stream->error)
    return FALSE;
  rd_stream_trim (stream);
  return TRUE;
}
