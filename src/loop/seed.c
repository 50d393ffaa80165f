/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "loop/seed.h"

/* Where ComfyUI's widget for seeds ends, and sums of seeds wrap around. */
#define WRAP (G_GUINT64_CONSTANT (1) << 50)

/**
 * rd_seed_draw:
 *
 * Returns: a random number of 50 bits, as many as ComfyUI's widget for seeds
 *   draws, of GLib's global generator
 */
guint64
rd_seed_draw (void)
{
  const guint64 bits = (guint64) g_random_int () << 32 | g_random_int ();

  return bits & (WRAP - 1);
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

/* a + b, with a + b - WRAP for what is above it: the node wraps once. */
static gboolean
add (guint64 a, guint64 b, guint64 * sum)
{
  const gboolean carry = a > G_MAXUINT64 - b;
  const guint64 low = a + b;

  *sum = carry || low > WRAP ? low - WRAP : low;
  return !carry || low < WRAP;
}

/* a - b, with a - b + WRAP for what is below 0, once too */
static gboolean
subtract (guint64 a, guint64 b, guint64 * difference)
{
  *difference = a < b ? a - b + WRAP : a - b;
  return a >= b || b - a <= WRAP;
}

/**
 * rd_seed_2nd:
 * @job: a job of mode `impact-simple`
 * @seed: (out): the seed of its steps with regions
 * @error: %RD_ERROR_SETTINGS: there is no such seed
 *
 * What RegionalSampler makes of its inputs seed, seed_2nd and seed_2nd_mode.
 * The modes `increment`, `decrement` and `randomize` are `fixed` there.
 */
gboolean
rd_seed_2nd (const RdJob * job, guint64 * seed, GError ** error)
{
  const char *sign;

  switch (job->seed_2nd_mode) {
    case RD_SEED_2ND_IGNORE:
      *seed = job->noise_seed;
      return TRUE;
    case RD_SEED_2ND_SUM:
      if (add (job->noise_seed, job->seed_2nd, seed))
        return TRUE;
      sign = "+";
      break;
    case RD_SEED_2ND_DIFFERENCE:
      if (subtract (job->noise_seed, job->seed_2nd, seed))
        return TRUE;
      sign = "-";
      break;
    default:
      *seed = job->seed_2nd;
      return TRUE;
  }
  g_set_error (error, RD_ERROR, RD_ERROR_SETTINGS,
      "noise-seed %" G_GUINT64_FORMAT " %s seed-2nd %" G_GUINT64_FORMAT
      " is not a valid seed: it is %s after wrapping once at %" G_GUINT64_FORMAT
      "; use seeds up to this value", job->noise_seed, sign, job->seed_2nd,
      *sign == '+' ? "above 2^64 - 1" : "negative", WRAP);
  return FALSE;
}

/**
 * rd_seed_2nd_advance:
 * @job: the next job of several
 * @n_before: how many there were before it
 *
 * Does what the node announces for the modes that change from job to job, and
 * makes them `fixed`: `increment` and `decrement` add @n_before to `seed-2nd`
 * or subtract it, modulo 2^64, `randomize` replaces it by a random number of 50
 * bits, as ComfyUI's widget draws it, from GLib's global generator.
 *
 * Returns: whether it did; not in other modes than `impact-simple`
 */
gboolean
rd_seed_2nd_advance (RdJob * job, guint64 n_before)
{
  if (job->mode != RD_MODE_IMPACT_SIMPLE)
    return FALSE;
  switch (job->seed_2nd_mode) {
    case RD_SEED_2ND_INCREMENT:
      job->seed_2nd += n_before;
      break;
    case RD_SEED_2ND_DECREMENT:
      job->seed_2nd -= n_before;
      break;
    case RD_SEED_2ND_RANDOMIZE:
      job->seed_2nd = rd_seed_draw ();
      break;
    default:
      return FALSE;
  }
  job->seed_2nd_mode = RD_SEED_2ND_FIXED;
  return TRUE;
}
