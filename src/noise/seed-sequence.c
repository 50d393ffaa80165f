/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "noise/seed-sequence.h"

/* Constants of the hash functions (M. O'Neill, "Developing a seed_seq
 * Alternative", 2015), as numpy has them. */
#define INIT_ABSORB 0x43b0d7e5u
#define MULTIPLY_ABSORB 0x931e8875u
#define INIT_SQUEEZE 0x8b51f9ddu
#define MULTIPLY_SQUEEZE 0x58f38dedu
#define MULTIPLY_MIX_LEFT 0xca01f9ddu
#define MULTIPLY_MIX_RIGHT 0x4973f715u
#define SHIFT 16

static guint32
hash (guint32 value, guint32 * state, guint32 multiplier)
{
  value ^= *state;
  *state *= multiplier;
  value *= *state;
  return value ^ (value >> SHIFT);
}

static guint32
mix (guint32 x, guint32 y)
{
  guint32 result = MULTIPLY_MIX_LEFT * x - MULTIPLY_MIX_RIGHT * y;

  return result ^ (result >> SHIFT);
}

/* A number as words, the lowest first, without zeros at its upper end. */
static void
append_words (GArray * words, guint64 number)
{
  const guint32 low = (guint32) number, high = (guint32) (number >> 32);

  g_array_append_val (words, low);
  if (high)
    g_array_append_val (words, high);
}

/**
 * rd_seed_sequence:
 * @entropy: the number that all starts from
 * @n_keys: length of the path, may be 0
 * @keys: (array length=n_keys): the path
 * @pool_size: words of state, 1 to %RD_SEED_SEQUENCE_MAX_POOL
 * @n: how many seeds
 * @out: (out caller-allocates) (array length=n): receives them
 *
 * `numpy.random.SeedSequence (entropy, spawn_key=keys,
 * pool_size=pool_size).generate_state (n)`.
 */
void
rd_seed_sequence (guint64 entropy, guint n_keys, const guint64 * keys,
    guint pool_size, guint n, guint32 * out)
{
  g_autoptr (GArray) words = g_array_new (FALSE, TRUE, sizeof (guint32));
  guint32 pool[RD_SEED_SEQUENCE_MAX_POOL];
  guint32 state = INIT_ABSORB;
  guint i, to;

  g_return_if_fail (pool_size >= 1 && pool_size <= RD_SEED_SEQUENCE_MAX_POOL);

  append_words (words, entropy);
  /* so that a path is never taken for a part of the number */
  if (n_keys > 0 && words->len < pool_size)
    g_array_set_size (words, pool_size);
  for (i = 0; i < n_keys; i++)
    append_words (words, keys[i]);

  for (i = 0; i < pool_size; i++)
    pool[i] = hash (i < words->len ? g_array_index (words, guint32, i) : 0,
        &state, MULTIPLY_ABSORB);
  for (i = 0; i < pool_size; i++)
    for (to = 0; to < pool_size; to++)
      if (to != i)
        pool[to] = mix (pool[to], hash (pool[i], &state, MULTIPLY_ABSORB));
  for (i = pool_size; i < words->len; i++)
    for (to = 0; to < pool_size; to++)
      pool[to] = mix (pool[to], hash (g_array_index (words, guint32, i),
              &state, MULTIPLY_ABSORB));

  state = INIT_SQUEEZE;
  for (i = 0; i < n; i++)
    out[i] = hash (pool[i % pool_size], &state, MULTIPLY_SQUEEZE);
}
