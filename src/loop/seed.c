/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "loop/seed.h"

/* As many as ComfyUI's widget for seeds draws. */
#define BITS 50

/**
 * rd_seed_draw:
 *
 * Returns: a random number of 50 bits, of GLib's global generator
 */
guint64
rd_seed_draw (void)
{
  const guint64 bits = (guint64) g_random_int () << 32 | g_random_int ();

  return bits & ((G_GUINT64_CONSTANT (1) << BITS) - 1);
}

/**
 * rd_seed_advance:
 * @job: the next job of several, with the seed of the first
 * @mode: how seeds go on
 * @n_before: how many jobs there were before it
 *
 * Gives @job its own seed; seeds wrap around at 2^64.
 *
 * Returns: whether that is another one
 */
gboolean
rd_seed_advance (RdJob * job, RdSeedMode mode, guint64 n_before)
{
  const guint64 seed = job->noise_seed;

  if (mode == RD_SEED_INCREMENT)
    job->noise_seed += n_before;
  else if (mode == RD_SEED_RANDOM)
    job->noise_seed = rd_seed_draw ();
  return job->noise_seed != seed;
}
