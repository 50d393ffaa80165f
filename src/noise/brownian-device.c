/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The tree of brownian.c of the counter-based generator. Every increment is a
 * sum of the noise of its nodes with factors that depend on nothing but the
 * noise levels, so that the host finds these and a device adds up. */

#include <math.h>

#include "noise/brownian.h"
#include "device/philox.h"

/* Which draws of a seed are the tree's: the whole increment is the first, and
 * nodes follow by depth, far fewer than these. */
#define TREE_DRAWS (RD_PHILOX_MAX_DRAWS / 2)

/* A node of the tree: the @key-th of 2^depth parts */
typedef struct
{
  double start, end;
  guint64 key;
  guint depth;
} Node;

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
 * the left half's is normally distributed around its share (Levy's
 * construction), and the right half's is what is left. */
static double
split (GArray * fields, const Node * node, double from, double to)
{
  const double length = node->end - node->start;
  const double middle = rd_brownian_time (0.5 * (node->start + node->end));
  const double share = (middle - node->start) / length;
  const guint depth = node->depth + 1;
  const Node halves[] = { {node->start, middle, 2 * node->key, depth},
    {middle, node->end, 2 * node->key + 1, depth}
  };
  double left, right;

  if (from <= node->start && to >= node->end)
    return 1.0;
  left = from < middle ? split (fields, &halves[0], from, to) : 0.0;
  right = to > middle ? split (fields, &halves[1], from, to) : 0.0;
  g_array_append_vals (fields, &(Field) { draw_of (node),
        sqrt (length * share * (1.0 - share)) * (left - right)}, 1);
  return share * left + (1.0 - share) * right;
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

  g_array_append_vals (fields, &(Field) { TREE_DRAWS,
        sqrt (end - start) * whole}, 1);
  for (guint k = 0; k < fields->len; k++) {
    const Field *next = &g_array_index (fields, Field, k);

    rd_randn (field, seed, next->draw);
    rd_combine (out, k == 0 ? 1 : 2, (RdTerm[]) {
        {field, unit * next->factor, NULL},
        {out, 1.0, NULL},
    });
  }
}
