/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "noise/brownian.h"

#include <math.h>

#include "base/text.h"
#include "device/philox.h"
#include "noise/seed-sequence.h"
#include "noise/torch.h"

/* torchsde's settings: tolerance 1e-6, words of entropy a node's seeds are
 * mixed from, and how many seeds it draws of which the first is used here. */
#define POOL_SIZE 24
#define ROOT_SEEDS 3
#define NODE_SEEDS 4

/* Which draws of a seed of the counter-based generator are its tree's: the whole
 * increment is the first, and nodes follow by depth, far fewer than these. */
#define TREE_DRAWS (RD_PHILOX_MAX_DRAWS / 2)

/**
 * RdBrownian:
 *
 * The increments of n independent motions over [@start, @end]. Belongs to one
 * thread at a time.
 */
struct _RdBrownian
{
  guint64 seed;
  double start, end;            /* rounded to the tolerance */
  double scale;                 /* of the whole increment */
  gsize n;
  float *noise;                 /* of the node that is being split */
};

/* A node of the tree: the @key-th of 2^depth parts */
typedef struct
{
  double start, end;
  guint64 key;
  guint depth;
} Node;

/**
 * rd_brownian_time:
 * @sigma: a noise level
 *
 * To six digits as Python's round() does, which is exact where multiplying by
 * a power of ten is not: other halves would make another tree.
 *
 * Returns: the level as a tree knows it
 */
double
rd_brownian_time (double sigma)
{
  return g_ascii_strtod (rd_text_number ("%.6f", sigma).text, NULL);
}

static void
draw_seed (guint32 seed, gsize n, float *out)
{
  g_autoptr (RdGenerator) generator = rd_generator_new (seed);

  rd_generator_randn (generator, n, out);
}

static void
draw_root (const RdBrownian * tree, float *out)
{
  guint32 seeds[ROOT_SEEDS];

  rd_seed_sequence (tree->seed, 0, NULL, POOL_SIZE, ROOT_SEEDS, seeds);
  draw_seed (seeds[0], tree->n, out);
}

static void
draw_node (const RdBrownian * tree, const Node * node, float *out)
{
  const guint64 place[] = { node->key, node->depth };
  guint32 seeds[NODE_SEEDS];

  rd_seed_sequence (tree->seed, 2, place, POOL_SIZE, NODE_SEEDS, seeds);
  draw_seed (seeds[0], tree->n, out);
}

/**
 * rd_brownian_new:
 * @seed: all 64 bits of it count
 * @sigma_min: the smallest noise level above 0
 * @sigma_max: the largest, > @sigma_min
 * @n: how many independent motions: the elements of a latent
 *
 * Returns: (transfer full): Brownian motion between the two noise levels, equal
 *   to that of `torchsde.BrownianTree (sigma_min, w0, sigma_max, entropy=seed)`
 *   on the CPU (Kidger et al., "Efficient and Accurate Gradients for Neural
 *   SDEs", 2021; Li et al., "Scalable Gradients for Stochastic Differential
 *   Equations", 2020)
 */
RdBrownian *
rd_brownian_new (guint64 seed, double sigma_min, double sigma_max, gsize n)
{
  RdBrownian *tree = g_new0 (RdBrownian, 1);
  const double start = (float) sigma_min, end = (float) sigma_max;

  tree->seed = seed;
  tree->start = rd_brownian_time (start);
  tree->end = rd_brownian_time (end);
  tree->scale = sqrt (end - start);
  tree->n = n;
  tree->noise = g_new (float, n);
  return tree;
}

/**
 * rd_brownian_free:
 * @tree: (transfer full) (nullable): a tree
 */
void
rd_brownian_free (RdBrownian * tree)
{
  if (!tree)
    return;

  g_free (tree->noise);
  g_free (tree);
}

static void add_increment (RdBrownian * tree, const Node * node,
    float *increment, double from, double to, float *out);

/* Given the increment over a node, that over its left half is normally
 * distributed around its fraction of it (Levy's construction); the right half's
 * is what is left. */
static void
add_halves (RdBrownian * tree, const Node * node, float *increment,
    double from, double to, float *out)
{
  const double length = node->end - node->start;
  const double middle = rd_brownian_time (0.5 * (node->start + node->end));
  const float left_length = (float) (middle - node->start);
  const float deviation = (float) sqrt ((middle - node->start)
      * (node->end - middle) / length);
  const float per_length = (float) (1.0 / length);
  const guint depth = node->depth + 1;
  const Node left_half = { node->start, middle, 2 * node->key, depth };
  const Node right_half = { middle, node->end, 2 * node->key + 1, depth };
  g_autofree float *left = g_new (float, tree->n);
  gsize i;

  draw_node (tree, node, tree->noise);
  for (i = 0; i < tree->n; i++) {
    left[i] = left_length * increment[i] * per_length
        + deviation * tree->noise[i];
    increment[i] -= left[i];
  }

  if (from < middle)
    add_increment (tree, &left_half, left, from, to, out);
  if (to > middle)
    add_increment (tree, &right_half, increment, from, to, out);
}

/* Adds to @out the part within [from, to] of @increment, which is that over the
 * node and is overwritten. */
static void
add_increment (RdBrownian * tree, const Node * node, float *increment,
    double from, double to, float *out)
{
  if (from > node->start || to < node->end) {
    add_halves (tree, node, increment, from, to, out);
    return;
  }
  for (gsize i = 0; i < tree->n; i++)
    out[i] += increment[i];
}

/**
 * rd_brownian_noise:
 * @tree: a tree
 * @sigma: noise level at a step's beginning
 * @sigma_next: and at its end
 * @out: (out caller-allocates): receives n numbers
 *
 * The increment from @sigma to @sigma_next, divided by the square root of their
 * distance: unit noise, and that of k-diffusion's BrownianTreeNoiseSampler.
 * Beyond its ends the tree does not move, and levels nearer to each other than
 * its tolerance of 1e-6 are one, for which the noise is 0.
 */
void
rd_brownian_noise (RdBrownian * tree, double sigma, double sigma_next,
    float *out)
{
  const double a = (float) sigma, b = (float) sigma_next;
  const double from = CLAMP (rd_brownian_time (MIN (a, b)), tree->start,
      tree->end);
  const double to = CLAMP (rd_brownian_time (MAX (a, b)), tree->start,
      tree->end);
  const Node root = { tree->start, tree->end, 0, 0 };
  const float scale = (float) tree->scale;
  const float distance = sqrtf (fabsf ((float) sigma_next - (float) sigma));
  g_autofree float *increment = g_new (float, tree->n);
  gsize i;

  for (i = 0; i < tree->n; i++)
    out[i] = 0.0f;
  if (from >= to)
    return;

  draw_root (tree, increment);
  for (i = 0; i < tree->n; i++)
    increment[i] *= scale;
  add_increment (tree, &root, increment, from, to, out);

  /* noise levels fall while the tree's time rises */
  for (i = 0; i < tree->n; i++)
    out[i] /= b < a ? -distance : distance;
}

/* The same tree of the counter-based generator. Every increment is a sum of the
 * noise of its nodes with factors that depend on nothing but the noise levels,
 * so that the host finds these and a device adds up. */

/* One summand: a draw and its factor */
typedef struct
{
  guint64 draw;
  double factor;
} Field;

static guint64
draw_of (const Node * node)
{
  return TREE_DRAWS + (((G_GUINT64_CONSTANT (1) << node->depth) + node->key)
      & (TREE_DRAWS - 1));
}

/* Appends to @fields what the node's halves add to the increment from @from to
 * @to, and returns how much of the node's own increment is in it. Given that,
 * the left half's is normally distributed around its fraction of it (Levy's
 * construction), and the right half's is what is left. */
static double
split (GArray * fields, const Node * node, double from, double to)
{
  const double length = node->end - node->start;
  const double middle = rd_brownian_time (0.5 * (node->start + node->end));
  const double fraction = (middle - node->start) / length;
  const guint depth = node->depth + 1;
  const Node left_half = { node->start, middle, 2 * node->key, depth };
  const Node right_half = { middle, node->end, 2 * node->key + 1, depth };
  double left, right;
  Field field;

  if (from <= node->start && to >= node->end)
    return 1.0;
  left = from < middle ? split (fields, &left_half, from, to) : 0.0;
  right = to > middle ? split (fields, &right_half, from, to) : 0.0;
  field.draw = draw_of (node);
  field.factor = sqrt (length * fraction * (1.0 - fraction)) * (left - right);
  g_array_append_val (fields, field);
  return fraction * left + (1.0 - fraction) * right;
}

/**
 * rd_brownian_randn:
 * @out: (N,...): receives the noise, float32
 * @seed: all 64 bits of it count
 * @sigma_min: the smallest noise level above 0
 * @sigma_max: the largest, > @sigma_min
 * @sigma: noise level at a step's beginning
 * @sigma_next: and at its end
 *
 * As rd_brownian_noise(), of a tree whose every row is by the counter-based
 * generator and the same in a batch of any size. Made on the device.
 */
void
rd_brownian_randn (RdTensor * out, guint64 seed, double sigma_min,
    double sigma_max, double sigma, double sigma_next)
{
  const double start = (float) sigma_min, end = (float) sigma_max;
  const double a = (float) sigma, b = (float) sigma_next;
  const Node root = { rd_brownian_time (start), rd_brownian_time (end), 0, 0 };
  const double from = CLAMP (rd_brownian_time (MIN (a, b)), root.start,
      root.end);
  const double to = CLAMP (rd_brownian_time (MAX (a, b)), root.start, root.end);
  /* noise levels fall while the tree's time rises */
  const double unit = from < to ? copysign (1.0 / sqrt (fabs (a - b)), b - a)
      : 0.0;
  g_autoptr (GArray) fields = g_array_new (FALSE, FALSE, sizeof (Field));
  g_autoptr (RdTensor) field = rd_tensor_new_like (out);
  const double whole = from < to ? split (fields, &root, from, to) : 0.0;
  const Field first = { TREE_DRAWS, sqrt (end - start) * whole };

  g_array_append_val (fields, first);
  for (guint k = 0; k < fields->len; k++) {
    const Field *next = &g_array_index (fields, Field, k);
    const RdTerm terms[] = {
      {field, unit * next->factor, NULL},
      {out, 1.0, NULL},
    };

    rd_randn (field, seed, next->draw);
    rd_combine (out, k == 0 ? 1 : 2, terms);
  }
}
