/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Weights of multistep methods. */

#include "solvers/solvers.h"

#include <math.h>

/**
 * rd_solver_fit_moments:
 * @n: how many, at most %RD_SOLVER_MAX_MOMENTS
 * @points: different from each other
 * @moments: what the weights shall give
 * @weights: (out caller-allocates): the weights
 *
 * Solves sum of weights[k] * points[k]^i = moments[i] for i = 0 .. n - 1: the
 * quadrature that is exact for polynomials below degree n.
 */
void
rd_solver_fit_moments (guint n, const double *points, const double *moments,
    double *weights)
{
  double rows[RD_SOLVER_MAX_MOMENTS][RD_SOLVER_MAX_MOMENTS + 1];

  g_return_if_fail (n <= RD_SOLVER_MAX_MOMENTS);

  for (guint i = 0; i < n; i++) {
    for (guint k = 0; k < n; k++)
      rows[i][k] = pow (points[k], i);
    rows[i][n] = moments[i];
  }

  /* Gauss and Jordan; no pivot of a Vandermonde matrix is 0 */
  for (guint k = 0; k < n; k++) {
    for (guint i = 0; i < n; i++) {
      const double factor = rows[i][k] / rows[k][k];

      for (guint j = k; i != k && j <= n; j++)
        rows[i][j] -= factor * rows[k][j];
    }
  }
  for (guint k = 0; k < n; k++)
    weights[k] = rows[k][n] / rows[k][k];
}
