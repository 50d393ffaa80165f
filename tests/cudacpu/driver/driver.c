/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* NVIDIA's driver on the CPU, as far as memory of GStreamer's CUDA library
 * goes. Pages of a block can be touched by a copy in its context, those of the
 * primary one also while the runtime's streams are at work: whoever else does
 * ends there, and so does who goes beyond the block's end. New memory is filled
 * with rubbish; rows begin at odd places; copies within the device wait until
 * somebody synchronises. */

#define _GNU_SOURCE
#include "driver.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define EXPORT __attribute__ ((visibility ("default")))
#define MAX_PUSHED 16
#define RUBBISH 0xcd

struct CUctx_st
{
  unsigned n_blocks;
};

typedef struct Block
{
  struct Block *next;
  CUcontext context;
  char *pages;                  /* with one behind that nobody may touch */
  size_t n_page_bytes;
  char *data;
  size_t size;
} Block;

typedef struct Copy
{
  struct Copy *next;
  CUDA_MEMCPY2D what;
} Copy;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct CUctx_st primary;
static Block *blocks;
static Copy *waiting;           /* the oldest first */
static unsigned n_streams_at_work;
static unsigned n_contexts, n_host_blocks, n_host_copies;

static __thread CUcontext pushed[MAX_PUSHED];
static __thread unsigned n_pushed;

static void
misuse (const char *what)
{
  fprintf (stderr, "cudacpu: %s\n", what);
  abort ();
}

static CUcontext
current (void)
{
  return n_pushed > 0 ? pushed[n_pushed - 1] : NULL;
}

static void
set_access (Block * block, int accessible)
{
  if (mprotect (block->pages, block->n_page_bytes,
          accessible ? PROT_READ | PROT_WRITE : PROT_NONE) != 0)
    misuse ("mprotect failed");
}

/* The access that a block has while no copy is under way. */
static void
rest (Block * block)
{
  set_access (block, block->context == &primary && n_streams_at_work > 0);
}

static Block *
find (const void *data, size_t size)
{
  const char *begin = data;

  for (Block * block = blocks; block; block = block->next) {
    if (begin >= block->data && begin + size <= block->data + block->size)
      return block;
  }
  return NULL;
}

EXPORT CUresult
cuInit (unsigned int flags)
{
  return flags == 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

EXPORT CUresult
cuGetErrorName (CUresult error, const char **text)
{
  *text = error == CUDA_SUCCESS ? "CUDA_SUCCESS" : "CUDA_ERROR";
  return CUDA_SUCCESS;
}

EXPORT CUresult
cuGetErrorString (CUresult error, const char **text)
{
  return cuGetErrorName (error, text);
}

EXPORT CUresult
cuDeviceGetCount (int *count)
{
  *count = 1;
  return CUDA_SUCCESS;
}

EXPORT CUresult
cuDeviceGet (CUdevice * device, int ordinal)
{
  *device = ordinal;
  return ordinal == 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

EXPORT CUresult
cuDeviceGetName (char *name, int size, CUdevice device)
{
  snprintf (name, size, "cudacpu %d", device);
  return CUDA_SUCCESS;
}

EXPORT CUresult
cuDeviceGetAttribute (int *value, CUdevice_attribute which, CUdevice device)
{
  switch (which) {
    case CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT:
      *value = 512;
      return CUDA_SUCCESS;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR:
      *value = 7;
      return CUDA_SUCCESS;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR:
      *value = 5;
      return CUDA_SUCCESS;
    default:
      return CUDA_ERROR_INVALID_VALUE;
  }
}

/* For other devices; contexts of one cannot. */
EXPORT CUresult
cuDeviceCanAccessPeer (int *can, CUdevice device, CUdevice peer)
{
  *can = 0;
  return CUDA_SUCCESS;
}

EXPORT CUresult
cuDevicePrimaryCtxRetain (CUcontext * context, CUdevice device)
{
  *context = &primary;
  return device == 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

EXPORT CUresult
cuCtxPushCurrent_v2 (CUcontext context)
{
  if (n_pushed == MAX_PUSHED)
    misuse ("contexts are pushed and not popped");
  pushed[n_pushed++] = context;
  return CUDA_SUCCESS;
}

EXPORT CUresult
cuCtxPopCurrent_v2 (CUcontext * context)
{
  if (n_pushed == 0)
    misuse ("popping a context where there is none");
  n_pushed--;
  if (context)
    *context = pushed[n_pushed];
  return CUDA_SUCCESS;
}

EXPORT CUresult
cuCtxCreate_v2 (CUcontext * context, unsigned int flags, CUdevice device)
{
  *context = calloc (1, sizeof **context);
  pthread_mutex_lock (&lock);
  n_contexts++;
  pthread_mutex_unlock (&lock);
  return cuCtxPushCurrent_v2 (*context);
}

EXPORT CUresult
cuCtxDestroy_v2 (CUcontext context)
{
  pthread_mutex_lock (&lock);
  if (context == &primary || context->n_blocks > 0)
    misuse ("destroying a context that is in use");
  n_contexts--;
  pthread_mutex_unlock (&lock);
  free (context);
  return CUDA_SUCCESS;
}

EXPORT CUresult
cuMemAllocPitch_v2 (CUdeviceptr * data, size_t *pitch, size_t width,
    size_t height, unsigned int element_size)
{
  const size_t page = sysconf (_SC_PAGESIZE);
  Block *block;

  if (!current ())
    return CUDA_ERROR_INVALID_CONTEXT;
  if (width == 0 || height == 0)
    return CUDA_ERROR_INVALID_VALUE;
  *pitch = (width | 1) + 12;
  block = calloc (1, sizeof *block);
  block->context = current ();
  block->size = *pitch * height;
  block->n_page_bytes = (block->size + page - 1) / page * page;
  block->pages = mmap (NULL, block->n_page_bytes + page, PROT_NONE,
      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (block->pages == MAP_FAILED)
    misuse ("mmap failed");
  block->data = block->pages + block->n_page_bytes - block->size;

  pthread_mutex_lock (&lock);
  set_access (block, 1);
  memset (block->pages, RUBBISH, block->n_page_bytes);
  rest (block);
  block->next = blocks;
  blocks = block;
  block->context->n_blocks++;
  pthread_mutex_unlock (&lock);
  *data = (uintptr_t) block->data;
  return CUDA_SUCCESS;
}

/* One side of a copy: the first row, which must be the current context's. */
static char *
get_rows (CUmemorytype type, const void *host, CUdeviceptr device, size_t x,
    size_t y, size_t pitch, const CUDA_MEMCPY2D * copy, Block ** block)
{
  char *rows = type == CU_MEMORYTYPE_HOST ? (char *) host
      : (char *) (uintptr_t) device;
  const size_t n = (copy->Height - 1) * pitch + copy->WidthInBytes;

  if (x != 0 || y != 0 || pitch < copy->WidthInBytes)
    misuse ("a copy of a part of a picture");
  *block = find (rows, n);
  if ((type == CU_MEMORYTYPE_DEVICE) != (*block != NULL))
    misuse ("a copy of memory that is not what it says");
  return rows;
}

static void
copy_now (const CUDA_MEMCPY2D * copy)
{
  Block *from, *to;
  const char *src = get_rows (copy->srcMemoryType, copy->srcHost,
      copy->srcDevice, copy->srcXInBytes, copy->srcY, copy->srcPitch, copy,
      &from);
  char *dst = get_rows (copy->dstMemoryType, copy->dstHost, copy->dstDevice,
      copy->dstXInBytes, copy->dstY, copy->dstPitch, copy, &to);

  if (from)
    set_access (from, 1);
  if (to)
    set_access (to, 1);
  for (size_t row = 0; row < copy->Height; row++)
    memcpy (dst + row * copy->dstPitch, src + row * copy->srcPitch,
        copy->WidthInBytes);
  if (from)
    rest (from);
  if (to)
    rest (to);
}

static void
work_off (void)
{
  while (waiting) {
    Copy *copy = waiting;

    waiting = copy->next;
    copy_now (&copy->what);
    free (copy);
  }
}

static void
check_context (CUmemorytype type, CUdeviceptr data)
{
  Block *block = find ((void *) (uintptr_t) data, 1);

  if (type == CU_MEMORYTYPE_DEVICE && block && block->context != current ())
    misuse ("memory of another context");
}

EXPORT CUresult
cuMemcpy2D_v2 (const CUDA_MEMCPY2D * copy)
{
  if (!current ())
    return CUDA_ERROR_INVALID_CONTEXT;
  pthread_mutex_lock (&lock);
  check_context (copy->srcMemoryType, copy->srcDevice);
  check_context (copy->dstMemoryType, copy->dstDevice);
  if (copy->srcMemoryType == CU_MEMORYTYPE_DEVICE
      && copy->dstMemoryType == CU_MEMORYTYPE_DEVICE) {
    Copy **last = &waiting, *later = calloc (1, sizeof *later);

    later->what = *copy;
    while (*last)
      last = &(*last)->next;
    *last = later;
  } else {
    work_off ();
    copy_now (copy);
    n_host_copies++;
  }
  pthread_mutex_unlock (&lock);
  return CUDA_SUCCESS;
}

EXPORT CUresult
cuStreamSynchronize (CUstream stream)
{
  if (!current ())
    return CUDA_ERROR_INVALID_CONTEXT;
  pthread_mutex_lock (&lock);
  work_off ();
  pthread_mutex_unlock (&lock);
  return CUDA_SUCCESS;
}

EXPORT CUresult
cuMemFree_v2 (CUdeviceptr data)
{
  Block *block;
  Block **link = &blocks;

  pthread_mutex_lock (&lock);
  check_context (CU_MEMORYTYPE_DEVICE, data);
  work_off ();
  block = find ((void *) (uintptr_t) data, 1);
  if (!block || block->data != (char *) (uintptr_t) data)
    misuse ("freeing what was not allocated");
  while (*link != block)
    link = &(*link)->next;
  *link = block->next;
  block->context->n_blocks--;
  /* the pages are kept, so that nobody finds something else there */
  madvise (block->pages, block->n_page_bytes, MADV_DONTNEED);
  set_access (block, 0);
  free (block);
  pthread_mutex_unlock (&lock);
  return CUDA_SUCCESS;
}

EXPORT CUresult
cuMemAllocHost_v2 (void **data, size_t size)
{
  if (!current ())
    return CUDA_ERROR_INVALID_CONTEXT;
  *data = malloc (size);
  memset (*data, RUBBISH, size);
  pthread_mutex_lock (&lock);
  n_host_blocks++;
  pthread_mutex_unlock (&lock);
  return CUDA_SUCCESS;
}

EXPORT CUresult
cuMemFreeHost (void *data)
{
  free (data);
  pthread_mutex_lock (&lock);
  n_host_blocks--;
  pthread_mutex_unlock (&lock);
  return CUDA_SUCCESS;
}

/* for the runtime */

EXPORT int
cudacpu_driver_has (const void *data, size_t size)
{
  Block *block;
  int has;

  pthread_mutex_lock (&lock);
  block = find (data, size);
  has = block && block->context == &primary;
  pthread_mutex_unlock (&lock);
  return has;
}

EXPORT void
cudacpu_driver_at_work (int begins)
{
  pthread_mutex_lock (&lock);
  n_streams_at_work += begins ? 1 : -1;
  for (Block * block = blocks; block; block = block->next)
    rest (block);
  pthread_mutex_unlock (&lock);
}

/* for tests */

EXPORT unsigned
cudacpu_driver_n_held (void)
{
  unsigned n;

  pthread_mutex_lock (&lock);
  n = n_contexts + n_host_blocks;
  for (Block * block = blocks; block; block = block->next)
    n++;
  pthread_mutex_unlock (&lock);
  return n;
}

EXPORT unsigned
cudacpu_driver_n_host_copies (void)
{
  unsigned n;

  pthread_mutex_lock (&lock);
  n = n_host_copies;
  pthread_mutex_unlock (&lock);
  return n;
}
