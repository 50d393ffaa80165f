/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "guidance.h"

#include <math.h>
#include <string.h>

/* Attention over a prompt that is repeated equals attention over it once, so
 * conditionings of different length may share a batch at the least common
 * multiple; beyond this factor ComfyUI, and so we, evaluate them apart. */
#define MAX_REPEAT 4

/* One side of a question in the network: N consecutive rows of a batch. */
typedef struct
{
  const RdQuestion *question;
  RdConditioning *conditioning;
  gboolean unconditional;
  RdTensor *output;             /* its rows of the batch's output */
} Side;

static gboolean
needs_unconditional (const RdQuestion * question)
{
  const double cfg = question->guide->cfg;

  return question->unconditional
      || fabs (cfg - 1.0) > 1e-9 * fmax (fabs (cfg), 1.0);
}

static void
side_clear (gpointer data)
{
  Side *side = data;

  g_clear_pointer (&side->output, rd_tensor_unref);
}

static gint64
n_tokens (const RdConditioning * conditioning)
{
  return conditioning->tokens->dims[1];
}

static gint64
common_length (gint64 a, gint64 b)
{
  gint64 x = a, y = b;

  while (y) {
    gint64 rest = x % y;

    x = y;
    y = rest;
  }
  return a / x * b;
}

/* Whether @side may join a batch that @first opened and whose conditionings
 * are @length tokens long and @shortest at least. */
static gboolean
fits (const Side * first, const Side * side, gint64 * length, gint64 * shortest)
{
  const RdConditioning *conditioning = side->conditioning;
  gint64 common, least;

  if (side->question->guide->denoiser != first->question->guide->denoiser
      || memcmp (side->question->x->dims + 1, first->question->x->dims + 1,
          3 * sizeof (gint64)) != 0
      || conditioning->tokens->dims[2] != first->conditioning->tokens->dims[2])
    return FALSE;

  common = common_length (*length, n_tokens (conditioning));
  least = MIN (*shortest, n_tokens (conditioning));
  if (common / least > MAX_REPEAT)
    return FALSE;

  *length = common;
  *shortest = least;
  return TRUE;
}

/* The side that already stands for the same unconditional question, if any. */
static Side *
find_shared (GArray * sides, const RdQuestion * question)
{
  for (guint i = 0; i < sides->len; i++) {
    Side *side = &g_array_index (sides, Side, i);

    if (side->unconditional && side->question->x == question->x
        && side->question->sigma == question->sigma
        && side->question->guide->denoiser == question->guide->denoiser
        && side->conditioning == question->guide->negative)
      return side;
  }
  return NULL;
}

/* All sides of @questions, unconditional ones first as ComfyUI has them. */
static GArray *
collect_sides (guint n, const RdQuestion * questions)
{
  GArray *sides = g_array_new (FALSE, TRUE, sizeof (Side));

  g_array_set_clear_func (sides, side_clear);
  for (guint i = 0; i < n; i++) {
    if (needs_unconditional (&questions[i])
        && !find_shared (sides, &questions[i]))
      g_array_append_val (sides, ((Side) {
            &questions[i], questions[i].guide->negative, TRUE, NULL}));
  }
  for (guint i = 0; i < n; i++)
    g_array_append_val (sides, ((Side) {
          &questions[i], questions[i].guide->positive, FALSE, NULL}));
  return sides;
}

/* Evaluates @members, which fit together, as one batch. */
static gboolean
evaluate_batch (GPtrArray * members, RdGuidanceStats * stats,
    GCancellable * cancellable, GError ** error)
{
  const Side *first = g_ptr_array_index (members, 0);
  RdDenoiser *denoiser = first->question->guide->denoiser;
  const RdSampling *sampling = denoiser->sampling;
  RdStream *stream = first->question->x->stream;
  gint64 dims[RD_TENSOR_MAX_RANK];
  g_autoptr (RdTensor) input = NULL, output = NULL;
  g_autoptr (GArray) timesteps = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GPtrArray) conditionings = g_ptr_array_new ();
  gint64 row = 0, started;
  RdBatch batch;

  memcpy (dims, first->question->x->dims, sizeof dims);
  dims[0] = 0;
  for (guint i = 0; i < members->len; i++)
    dims[0] += ((const Side *) members->pdata[i])->question->x->dims[0];
  input = rd_tensor_new (stream, RD_TYPE_F32, 4, dims);
  output = rd_tensor_new (stream, RD_TYPE_F32, 4, dims);

  for (guint i = 0; i < members->len; i++) {
    Side *side = members->pdata[i];
    const RdTensor *x = side->question->x;
    const double sigma = side->question->sigma;
    const guint timestep = rd_sampling_timestep (sampling, sigma);
    g_autoptr (RdTensor) rows = rd_tensor_rows (input, row, x->dims[0]);

    rd_combine (rows, 1, &(RdTerm) {
        x, rd_sampling_c_in (sampling, sigma), NULL});
    side->output = rd_tensor_rows (output, row, x->dims[0]);
    for (gint64 k = 0; k < x->dims[0]; k++) {
      g_array_append_val (timesteps, timestep);
      g_ptr_array_add (conditionings, side->conditioning);
    }
    row += x->dims[0];
  }
  if (!rd_stream_check (stream, error))
    return FALSE;

  batch.input = input;
  batch.output = output;
  batch.timesteps = (const guint *) timesteps->data;
  batch.conditionings = (RdConditioning * const *) conditionings->pdata;
  started = g_get_monotonic_time ();
  if (!rd_denoiser_evaluate (denoiser, &batch, cancellable, error))
    return FALSE;
  stats->network_us += g_get_monotonic_time () - started;
  stats->calls++;
  stats->rows += row;
  return TRUE;
}

/* Evaluates every side, in as few batches as their networks, shapes and token
 * counts allow. Where lengths force several, those of the last side come first,
 * as in ComfyUI (conditional before unconditional). */
static gboolean
evaluate_sides (GArray * sides, RdGuidanceStats * stats,
    GCancellable * cancellable, GError ** error)
{
  g_autoptr (GPtrArray) pending = g_ptr_array_new ();

  for (guint i = 0; i < sides->len; i++)
    g_ptr_array_add (pending, &g_array_index (sides, Side, i));

  while (pending->len > 0) {
    Side *first = g_ptr_array_index (pending, pending->len - 1);
    const guint max_rows = first->question->guide->denoiser->max_rows;
    gint64 rows = first->question->x->dims[0];
    gint64 length = n_tokens (first->conditioning), shortest = length;
    g_autoptr (GPtrArray) members = g_ptr_array_new ();

    g_ptr_array_remove_index (pending, pending->len - 1);
    for (guint i = 0; i < pending->len;) {
      Side *side = g_ptr_array_index (pending, i);

      if ((!max_rows || rows + side->question->x->dims[0] <= max_rows)
          && fits (first, side, &length, &shortest)) {
        g_ptr_array_add (members, side);
        g_ptr_array_remove_index (pending, i);
        rows += side->question->x->dims[0];
      } else {
        i++;
      }
    }
    g_ptr_array_add (members, first);
    if (!evaluate_batch (members, stats, cancellable, error))
      return FALSE;
  }
  return TRUE;
}

/* denoised = c_skip x + c_out (u + cfg (c - u)) */
static void
combine_answer (const RdQuestion * question, const Side * conditional,
    const Side * unconditional)
{
  const RdSampling *sampling = question->guide->denoiser->sampling;
  const double c_skip = rd_sampling_c_skip (sampling, question->sigma);
  const double c_out = rd_sampling_c_out (sampling, question->sigma);
  const double cfg = unconditional ? question->guide->cfg : 1.0;

  rd_combine (question->denoised, unconditional ? 3 : 2, (RdTerm[]) {
      {question->x, c_skip, NULL},
      {conditional->output, c_out * cfg, NULL},
      {unconditional ? unconditional->output : NULL, c_out * (1.0 - cfg),
            NULL},
  });
  if (question->unconditional)
    rd_combine (question->unconditional, 2, (RdTerm[]) {
        {question->x, c_skip, NULL},
        {unconditional->output, c_out, NULL},
    });
}

/**
 * rd_guidance_answer:
 * @n: how many questions
 * @questions: they; all on one stream
 * @stats: counts what was evaluated
 * @cancellable: (nullable): ends it early
 * @error: the network's error or %G_IO_ERROR_CANCELLED
 *
 * Answers all questions with as few network evaluations as possible: rows of
 * one network and shape share a batch, and equal unconditional rows are
 * evaluated once.
 *
 * Returns: %FALSE when the answers are not there
 */
gboolean
rd_guidance_answer (guint n, const RdQuestion * questions,
    RdGuidanceStats * stats, GCancellable * cancellable, GError ** error)
{
  g_autoptr (GArray) sides = collect_sides (n, questions);

  if (!evaluate_sides (sides, stats, cancellable, error))
    return FALSE;

  for (guint i = 0; i < n; i++)
    combine_answer (&questions[i],
        &g_array_index (sides, Side, sides->len - n + i),
        needs_unconditional (&questions[i])
        ? find_shared (sides, &questions[i]) : NULL);
  return TRUE;
}
