/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* A vector access where a GPU would fault ends the process here, too. */

#include <csignal>
#include <cstdio>
#include <sys/wait.h>
#include <unistd.h>

#include "cuda_runtime.h"

alignas (16) static float data[8];

/* The signal that ends a load or a store of so many bytes, or 0. */
template <typename T>
static int
signal_of (bool is_load, size_t offset)
{
  const pid_t child = fork ();
  int status = 0;

  if (child == 0) {
    if (is_load)
      cudacpu::load<T> ((char *) data + offset);
    else
      cudacpu::store<T> ((char *) data + offset, T { });
    _exit (0);
  }
  waitpid (child, &status, 0);
  return WIFSIGNALED (status) ? WTERMSIG (status) : 0;
}

int
main (void)
{
  int wrong = 0;

  for (int is_load = 0; is_load < 2; is_load++) {
    for (size_t offset = 0; offset <= 16; offset++) {
      wrong += signal_of<float4> (is_load, offset)
          != (offset % 16 ? SIGABRT : 0);
      wrong += signal_of<uint2> (is_load, offset)
          != (offset % 8 ? SIGABRT : 0);
    }
  }
  std::printf ("%d wrong\n", wrong);
  return wrong != 0;
}
