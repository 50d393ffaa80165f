/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "networks/guidance.h"

#include <math.h>
#include <string.h>

/* Attention over a prompt that is repeated equals attention over it once, so
 * conditionings of different length may share a batch at the least common
 * multiple; beyond this factor ComfyUI, and so we, evaluate them apart. */
#define MAX_REPEAT 4

/* A question as the network is shown it. */
typedef struct
{
  const RdQuestion *question;
  RdWindow window;
  RdTensor *x;                  /* the question's own, or its window of it, which
                                 * views of the same share */
} View;

/* One side of a question in the network: N consecutive rows of a batch. */
typedef struct
{
  const View *view;
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

/* What a latent's sides lack to suit the network is added as a margin. */
static void
view_init (View * view, const RdQuestion * question, const View * before,
    guint n_before)
{
  const RdTensor *x = question->x;
  const RdWindow whole = { 0, 0, x->dims[2], x->dims[3] };

  view->question = question;
  view->window = question->window ? *question->window
      : rd_window_around (&whole, 0, question->guide->denoiser->multiple,
      x->dims[2], x->dims[3]);
  if (rd_window_is_whole (&view->window, x->dims[2], x->dims[3])) {
    view->x = rd_tensor_ref ((RdTensor *) x);
    return;
  }
  for (guint i = 0; i < n_before; i++) {
    if (before[i].question->x == x
        && rd_window_equal (&before[i].window, &view->window)) {
      view->x = rd_tensor_ref (before[i].x);
      return;
    }
  }
  view->x = rd_tensor_new (x->stream, RD_TYPE_F32, 4, (const gint64[]) {
      x->dims[0], x->dims[1], view->window.height, view->window.width});
  rd_window_read (view->x, x, &view->window);
}

static void
view_clear (gpointer data)
{
  View *view = data;

  g_clear_pointer (&view->x, rd_tensor_unref);
}

static gboolean
is_whole (const View * view)
{
  return view->x == view->question->x;
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

  if (side->view->question->guide->denoiser
      != first->view->question->guide->denoiser
      || memcmp (side->view->x->dims + 1, first->view->x->dims + 1,
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
find_shared (GArray * sides, const View * view)
{
  const RdQuestion *question = view->question;

  for (guint i = 0; i < sides->len; i++) {
    Side *side = &g_array_index (sides, Side, i);
    const RdQuestion *other = side->view->question;

    if (side->unconditional && other->x == question->x
        && other->sigma == question->sigma
        && rd_window_equal (&side->view->window, &view->window)
        && other->guide->denoiser == question->guide->denoiser
        && side->conditioning == question->guide->negative)
      return side;
  }
  return NULL;
}

/* All sides of @views, unconditional ones first as ComfyUI has them. */
static GArray *
collect_sides (GArray * views)
{
  GArray *sides = g_array_new (FALSE, TRUE, sizeof (Side));

  g_array_set_clear_func (sides, side_clear);
  for (guint i = 0; i < views->len; i++) {
    const View *view = &g_array_index (views, View, i);

    if (needs_unconditional (view->question) && !find_shared (sides, view))
      g_array_append_val (sides, ((Side) {
            view, view->question->guide->negative, TRUE, NULL}));
  }
  for (guint i = 0; i < views->len; i++) {
    const View *view = &g_array_index (views, View, i);

    g_array_append_val (sides, ((Side) {
          view, view->question->guide->positive, FALSE, NULL}));
  }
  return sides;
}

/* How many from @first on are shown the same latent at the same level. */
static guint
count_alike (GPtrArray * members, guint first)
{
  const Side *side = members->pdata[first];
  guint n = 1;

  while (first + n < members->len) {
    const Side *next = members->pdata[first + n];

    if (next->view->x != side->view->x
        || next->view->question->sigma != side->view->question->sigma)
      break;
    n++;
  }
  return n;
}

/* @input = latents times c_in; one that several sides in a row are shown is
 * read once. */
static void
scale_latents (RdTensor * input, const RdPrediction * prediction,
    GPtrArray * members)
{
  gint64 row = 0;
  guint n;

  for (guint i = 0; i < members->len; i += n) {
    const View *view = ((const Side *) members->pdata[i])->view;
    const double c_in = rd_prediction_c_in (prediction, view->question->sigma);
    g_autoptr (RdTensor) rows = NULL;

    n = count_alike (members, i);
    rows = rd_tensor_rows (input, row, n * view->x->dims[0]);
    rd_combine (rows, 1, &(RdTerm) { view->x, c_in, NULL});
    row += rows->dims[0];
  }
}

static RdGuidanceStats *
stats_of (GPtrArray * members, guint i)
{
  return ((const Side *) members->pdata[i])->view->question->stats;
}

/* Counts an evaluation of @n_rows for all who have rows in it. */
static void
count (GPtrArray * members, gint64 n_rows, gint64 elapsed_us)
{
  gint64 before = 0, after;

  for (guint i = 0; i < members->len; i++) {
    const Side *side = members->pdata[i];
    RdGuidanceStats *stats = stats_of (members, i);
    guint first = 0;

    while (stats_of (members, first) != stats)
      first++;
    if (first == i)
      stats->calls++;
    /* differences of the rounded sums: nothing is lost in total */
    after = before + side->view->x->dims[0];
    stats->rows += after - before;
    stats->network_us += elapsed_us * after / n_rows
        - elapsed_us * before / n_rows;
    before = after;
  }
}

/* Evaluates @members, which fit together, as one batch. */
static gboolean
evaluate_batch (GPtrArray * members, GCancellable * cancellable,
    GError ** error)
{
  const Side *first = g_ptr_array_index (members, 0);
  RdDenoiser *denoiser = first->view->question->guide->denoiser;
  const RdPrediction *prediction = denoiser->prediction;
  RdStream *stream = first->view->x->stream;
  gint64 dims[RD_TENSOR_MAX_RANK];
  g_autoptr (RdTensor) input = NULL, output = NULL;
  g_autoptr (GArray) timesteps = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr (GPtrArray) conditionings = g_ptr_array_new ();
  gint64 row = 0, started;
  RdBatch batch;

  memcpy (dims, first->view->x->dims, sizeof dims);
  dims[0] = 0;
  for (guint i = 0; i < members->len; i++)
    dims[0] += ((const Side *) members->pdata[i])->view->x->dims[0];
  input = rd_tensor_new (stream, denoiser->type, 4, dims);
  output = rd_tensor_new (stream, denoiser->type, 4, dims);

  scale_latents (input, prediction, members);
  for (guint i = 0; i < members->len; i++) {
    Side *side = members->pdata[i];
    const gint64 n = side->view->x->dims[0];
    const guint timestep = rd_prediction_timestep (prediction,
        side->view->question->sigma);

    side->output = rd_tensor_rows (output, row, n);
    for (gint64 k = 0; k < n; k++) {
      g_array_append_val (timesteps, timestep);
      g_ptr_array_add (conditionings, side->conditioning);
    }
    row += n;
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
  count (members, row, g_get_monotonic_time () - started);
  return TRUE;
}

/* Evaluates every side, in as few batches as their networks, shapes and token
 * counts allow. Where lengths force several, those of the last side come first,
 * as in ComfyUI (conditional before unconditional). */
static gboolean
evaluate_sides (GArray * sides, GCancellable * cancellable, GError ** error)
{
  g_autoptr (GPtrArray) pending = g_ptr_array_new ();

  for (guint i = 0; i < sides->len; i++)
    g_ptr_array_add (pending, &g_array_index (sides, Side, i));

  while (pending->len > 0) {
    Side *first = g_ptr_array_index (pending, pending->len - 1);
    const guint max_rows = first->view->question->guide->denoiser->max_rows;
    gint64 rows = first->view->x->dims[0];
    gint64 length = n_tokens (first->conditioning), shortest = length;
    g_autoptr (GPtrArray) members = g_ptr_array_new ();

    g_ptr_array_remove_index (pending, pending->len - 1);
    for (guint i = 0; i < pending->len;) {
      Side *side = g_ptr_array_index (pending, i);

      if ((!max_rows || rows + side->view->x->dims[0] <= max_rows)
          && fits (first, side, &length, &shortest)) {
        g_ptr_array_add (members, side);
        g_ptr_array_remove_index (pending, i);
        rows += side->view->x->dims[0];
      } else {
        i++;
      }
    }
    g_ptr_array_add (members, first);
    if (!evaluate_batch (members, cancellable, error))
      return FALSE;
  }
  return TRUE;
}

/* out = c_skip x + c_out (u + cfg (c - u)), in the frame of what was asked */
static void
combine_answer (RdTensor * out, const View * view, const Side * conditional,
    const Side * unconditional, double cfg)
{
  const RdQuestion *question = view->question;
  const RdPrediction *prediction = question->guide->denoiser->prediction;
  const double c_skip = rd_prediction_c_skip (prediction, question->sigma);
  const double c_out = rd_prediction_c_out (prediction, question->sigma);
  g_autoptr (RdTensor) in_window = is_whole (view) ? NULL
      : rd_tensor_new_like (view->x);
  RdTerm terms[3] = { {view->x, c_skip, NULL} };
  guint n = 1;

  if (conditional)
    terms[n++] = (RdTerm) {
    conditional->output, c_out * cfg, NULL};
  if (unconditional)
    terms[n++] = (RdTerm) {
    unconditional->output, c_out * (1.0 - cfg), NULL};
  rd_combine (in_window ? in_window : out, n, terms);
  if (in_window)
    rd_window_paste (out, in_window, &view->window);
}

static void
answer (const View * view, const Side * conditional, const Side * unconditional)
{
  const RdQuestion *question = view->question;

  combine_answer (question->denoised, view, conditional, unconditional,
      unconditional ? question->guide->cfg : 1.0);
  if (question->unconditional)
    combine_answer (question->unconditional, view, NULL, unconditional, 0.0);
}

/**
 * rd_guidance_answer:
 * @n: how many questions
 * @questions: they; all on one stream
 * @cancellable: (nullable): ends it early
 * @error: the network's error or %G_IO_ERROR_CANCELLED
 *
 * Answers all questions with as few network evaluations as possible: rows of
 * one network and shape share a batch, and equal unconditional rows are
 * evaluated once. A latent whose sides are no multiples of what the network
 * wants is shown to it with a mirrored margin.
 *
 * Returns: %FALSE when the answers are not there
 */
gboolean
rd_guidance_answer (guint n, const RdQuestion * questions,
    GCancellable * cancellable, GError ** error)
{
  g_autoptr (GArray) views = g_array_sized_new (FALSE, FALSE, sizeof (View), n);
  g_autoptr (GArray) sides = NULL;

  g_array_set_clear_func (views, view_clear);
  g_array_set_size (views, n);
  for (guint i = 0; i < n; i++)
    view_init (&g_array_index (views, View, i), &questions[i],
        (const View *) views->data, i);
  sides = collect_sides (views);
  if (!evaluate_sides (sides, cancellable, error))
    return FALSE;

  for (guint i = 0; i < n; i++) {
    const View *view = &g_array_index (views, View, i);

    answer (view, &g_array_index (sides, Side, sides->len - n + i),
        needs_unconditional (view->question) ? find_shared (sides, view)
        : NULL);
  }
  return TRUE;
}
