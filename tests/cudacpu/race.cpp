/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* In a build for the thread sanitizer: threads of a kernel that write to the
 * same place are reported, and those that do not are not. */

#include <cstdio>

#include "cuda_runtime.h"

static int reports;

/* What ThreadSanitizer asks for at its start: the reports are counted here. */
extern "C" const char *
__tsan_default_options (void)
{
  return "exitcode=0";
}

extern "C" void
__tsan_on_report (void *)
{
  reports++;
}

static void
apart (float *data)
{
  data[threadIdx.x] = (float) threadIdx.x;
}

static void
together (float *data)
{
  data[0] = (float) threadIdx.x;
}

static int
reports_of (void (*kernel) (float *))
{
  cudaStream_t stream;
  void *data;

  reports = 0;
  cudaStreamCreateWithFlags (&stream, cudaStreamNonBlocking);
  cudaMallocAsync (&data, 64 * sizeof (float), stream);
  cudacpu::launch ("kernel", 1, 64, stream, kernel, (float *) data);
  /* launches are ordered, so writing the same in another is no race */
  cudacpu::launch ("kernel", 1, 64, stream, apart, (float *) data);
  cudaFreeAsync (data, stream);
  cudaStreamSynchronize (stream);
  return reports;
}

int
main (void)
{
  const int none = reports_of (apart), some = reports_of (together);

  std::printf ("%d reports of threads apart, %d of threads together\n", none,
      some);
  return none != 0 || some == 0;
}
