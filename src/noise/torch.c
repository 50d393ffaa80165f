/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "noise/torch.h"

#include <math.h>

/* The Mersenne Twister MT19937: Matsumoto and Nishimura, "Mersenne Twister: a
 * 623-dimensionally equidistributed uniform pseudo-random number generator",
 * 1998. */
#define MT_N 624
#define MT_M 397
#define MT_MATRIX 0x9908b0dfu
#define MT_UPPER 0x80000000u
#define MT_LOWER 0x7fffffffu

/* Large draws are made in blocks, whose first half holds radii and whose second
 * half holds angles. */
#define BLOCK 16
#define HALF (BLOCK / 2)

/**
 * RdGenerator:
 *
 * A stream of standard normal numbers. Belongs to one thread at a time.
 */
struct _RdGenerator
{
  guint32 state[MT_N];
  guint position;

  /* small draws make numbers in pairs; the second one may be left over */
  gboolean has_spare;
  double spare;
};

/**
 * rd_generator_new:
 * @seed: any number; its upper 32 bits are ignored, as torch's generator does
 *
 * Returns: (transfer full): a generator at the start of the seed's stream
 */
RdGenerator *
rd_generator_new (guint64 seed)
{
  RdGenerator *generator = g_new0 (RdGenerator, 1);
  guint32 *state = generator->state;
  guint i;

  state[0] = (guint32) (seed & 0xffffffff);
  for (i = 1; i < MT_N; i++)
    state[i] = 1812433253u * (state[i - 1] ^ (state[i - 1] >> 30)) + i;
  generator->position = MT_N;

  return generator;
}

/**
 * rd_generator_free:
 * @generator: (transfer full) (nullable): a generator
 */
void
rd_generator_free (RdGenerator * generator)
{
  g_free (generator);
}

static void
renew (guint32 * state)
{
  guint i;

  for (i = 0; i < MT_N; i++) {
    guint32 y = (state[i] & MT_UPPER) | (state[(i + 1) % MT_N] & MT_LOWER);

    state[i] = state[(i + MT_M) % MT_N] ^ (y >> 1) ^ (y & 1 ? MT_MATRIX : 0);
  }
}

static guint32
next_u32 (RdGenerator * generator)
{
  guint32 y;

  if (generator->position == MT_N) {
    renew (generator->state);
    generator->position = 0;
  }

  y = generator->state[generator->position++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680u;
  y ^= (y << 15) & 0xefc60000u;
  y ^= y >> 18;

  return y;
}

/* in [0, 1), 24 bits */
static float
next_uniform (RdGenerator * generator)
{
  return (next_u32 (generator) & 0xffffff) * 0x1p-24f;
}

/* in [0, 1), 53 bits */
static double
next_uniform_double (RdGenerator * generator)
{
  guint64 high = next_u32 (generator);
  guint64 low = next_u32 (generator);

  return (((high << 32) | low) & ((G_GUINT64_CONSTANT (1) << 53) - 1))
      * 0x1p-53;
}

/* Box and Muller, "A Note on the Generation of Random Normal Deviates", 1958:
 * 16 uniform numbers become 16 normal ones. */
static void
transform_block (float *block)
{
  guint j;

  for (j = 0; j < HALF; j++) {
    float radius = sqrtf (-2.0f * logf (1.0f - block[j]));
    float angle = (float) (2.0 * G_PI) * block[j + HALF];

    block[j] = radius * cosf (angle);
    block[j + HALF] = radius * sinf (angle);
  }
}

static double
next_normal (RdGenerator * generator)
{
  double angle, radius;

  if (generator->has_spare) {
    generator->has_spare = FALSE;
    return generator->spare;
  }

  angle = 2.0 * G_PI * next_uniform_double (generator);
  radius = sqrt (-2.0 * log1p (-next_uniform_double (generator)));
  generator->spare = radius * sin (angle);
  generator->has_spare = TRUE;

  return radius * cos (angle);
}

/**
 * rd_generator_randn:
 * @generator: a generator
 * @n: how many numbers
 * @out: (array length=n): receives them
 *
 * One draw of `torch.randn` on the CPU. The numbers depend on how a stream is
 * cut into draws: a batch of latents is one draw over all its rows in memory
 * order, while numbers for rows that must not depend on the size of the batch
 * take one draw per row.
 */
void
rd_generator_randn (RdGenerator * generator, gsize n, float *out)
{
  gsize i;

  if (n < BLOCK) {
    for (i = 0; i < n; i++)
      out[i] = (float) next_normal (generator);
    return;
  }

  for (i = 0; i < n; i++)
    out[i] = next_uniform (generator);
  for (i = 0; i + BLOCK <= n; i += BLOCK)
    transform_block (out + i);

  /* the rest that fills no block: the last 16 numbers are drawn anew */
  if (n % BLOCK) {
    float *last = out + n - BLOCK;

    for (i = 0; i < BLOCK; i++)
      last[i] = next_uniform (generator);
    transform_block (last);
  }
}
