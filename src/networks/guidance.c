/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
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
  RdTensor *x;                  /* the question's own, or its window of it;
                                 * one for all views of the same window */
  GPtrArray *inputs;            /* the guide's, or their windows */
} View;

/* One side of a question in the network, or of several that would get the same
 * answer: N consecutive rows of a batch. */
typedef struct
{
  const View *view;
  RdConditioning *conditioning;
  RdTensor *output;             /* its rows of the batch's output */
} Side;

static void
input_clear (gpointer data)
{
  RdGuideInput *input = data;

  rd_tensor_unref (input->tensor);
}

/**
 * rd_guide_add_input:
 * @guide: a guide
 * @name: of an input of its network, not given yet
 * @tensor: (transfer none): see #RdGuideInput
 * @scale: see #RdGuideInput
 *
 * Gives the network a further input for every latent that @guide is asked about.
 */
void
rd_guide_add_input (RdGuide * guide, const char *name, RdTensor * tensor,
    guint scale)
{
  RdGuideInput input;

  g_return_if_fail (tensor->type == RD_TYPE_F32 && tensor->rank > 0);
  g_return_if_fail (scale == 0 || tensor->rank == 4);

  if (!guide->inputs) {
    guide->inputs = g_array_new (FALSE, FALSE, sizeof (RdGuideInput));
    g_array_set_clear_func (guide->inputs, input_clear);
  }
  input.name = g_intern_string (name);
  input.tensor = rd_tensor_ref (tensor);
  input.scale = scale;
  g_array_append_val (guide->inputs, input);
}

/**
 * rd_guide_clear:
 * @guide: a guide
 *
 * Drops what it holds references to.
 */
void
rd_guide_clear (RdGuide * guide)
{
  g_clear_pointer (&guide->denoiser, rd_denoiser_unref);
  g_clear_pointer (&guide->positive, rd_conditioning_unref);
  g_clear_pointer (&guide->negative, rd_conditioning_unref);
  g_clear_pointer (&guide->inputs, g_array_unref);
}

static guint
n_inputs (const RdGuide * guide)
{
  return guide->inputs ? guide->inputs->len : 0;
}

static const RdGuideInput *
guide_input (const RdGuide * guide, guint i)
{
  return &g_array_index (guide->inputs, RdGuideInput, i);
}

static gboolean
have_same_inputs (const RdGuide * a, const RdGuide * b)
{
  gboolean same = n_inputs (a) == n_inputs (b);

  for (guint i = 0; same && i < n_inputs (a); i++)
    same = guide_input (a, i)->name == guide_input (b, i)->name
        && guide_input (a, i)->tensor == guide_input (b, i)->tensor
        && guide_input (a, i)->scale == guide_input (b, i)->scale;
  return same;
}

/* Whether the guide's further inputs belong to the latent. */
static gboolean
check_inputs (const RdQuestion * question, GError ** error)
{
  const RdGuide *guide = question->guide;
  const RdTensor *x = question->x;

  for (guint i = 0; i < n_inputs (guide); i++) {
    const RdGuideInput *input = guide_input (guide, i);
    const RdTensor *tensor = input->tensor;
    const gint64 scale = input->scale;
    g_autofree char *shape = NULL;

    if (tensor->dims[0] != 1 && tensor->dims[0] != x->dims[0]) {
      g_set_error (error, RD_ERROR, RD_ERROR_SHAPE,
          "%s: the input '%s' has %" G_GINT64_FORMAT " rows; it needs 1, or %"
          G_GINT64_FORMAT " as the latent has", guide->denoiser->name,
          input->name, tensor->dims[0], x->dims[0]);
      return FALSE;
    }
    if (scale == 0 || (tensor->dims[2] == x->dims[2] * scale
            && tensor->dims[3] == x->dims[3] * scale))
      continue;
    shape = rd_tensor_describe (tensor);
    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE,
        "%s: the input '%s' is %s; for this latent it must be %"
        G_GINT64_FORMAT " wide and %" G_GINT64_FORMAT " high",
        guide->denoiser->name, input->name, shape, x->dims[3] * scale,
        x->dims[2] * scale);
    return FALSE;
  }
  return TRUE;
}

static gboolean
needs_unconditional (const RdQuestion * question)
{
  const double cfg = question->guide->cfg;

  return question->unconditional
      || fabs (cfg - 1.0) > 1e-9 * fmax (fabs (cfg), 1.0);
}

/* The part of an input that belongs to the part @window of the latent @x. */
static RdTensor *
show_input (const RdGuideInput * input, const RdTensor * x,
    const RdWindow * window)
{
  RdTensor *tensor = input->tensor, *part;
  const RdWindow scaled = {
    window->top * input->scale, window->left * input->scale,
    window->height * input->scale, window->width * input->scale
  };
  const gint64 dims[] = {
    tensor->dims[0], tensor->dims[1], scaled.height, scaled.width
  };

  if (input->scale == 0 || rd_window_is_whole (window, x->dims[2], x->dims[3]))
    return rd_tensor_ref (tensor);
  part = rd_tensor_new (tensor->stream, RD_TYPE_F32, 4, dims);
  rd_window_read (part, tensor, &scaled);
  return part;
}

/* The part @window of the latent @x: that of an earlier view of the same part,
 * or a new one. */
static RdTensor *
show_latent (const RdTensor * x, const RdWindow * window, const View * before,
    guint n_before)
{
  const gint64 dims[] = {
    x->dims[0], x->dims[1], window->height, window->width
  };
  RdTensor *part;

  if (rd_window_is_whole (window, x->dims[2], x->dims[3]))
    return rd_tensor_ref ((RdTensor *) x);
  for (guint i = 0; i < n_before; i++)
    if (before[i].question->x == x
        && rd_window_equal (&before[i].window, window))
      return rd_tensor_ref (before[i].x);
  part = rd_tensor_new (x->stream, RD_TYPE_F32, 4, dims);
  rd_window_read (part, x, window);
  return part;
}

/* What a latent's sides lack to suit the network is added as a margin. */
static void
view_init (View * view, const RdQuestion * question, const View * before,
    guint n_before)
{
  const RdGuide *guide = question->guide;
  const RdTensor *x = question->x;
  const RdWindow whole = { 0, 0, x->dims[2], x->dims[3] };

  view->question = question;
  view->window = question->window ? *question->window
      : rd_window_around (&whole, 0, guide->denoiser->multiple, x->dims[2],
      x->dims[3]);
  view->x = show_latent (x, &view->window, before, n_before);
  view->inputs =
      g_ptr_array_new_with_free_func ((GDestroyNotify) rd_tensor_unref);
  for (guint i = 0; i < n_inputs (guide); i++)
    g_ptr_array_add (view->inputs, show_input (guide_input (guide, i), x,
            &view->window));
}

static void
view_clear (gpointer data)
{
  View *view = data;

  g_clear_pointer (&view->x, rd_tensor_unref);
  g_clear_pointer (&view->inputs, g_ptr_array_unref);
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

/* Whether the further inputs of both can be rows of one tensor each. */
static gboolean
inputs_fit (const View * a, const View * b)
{
  const RdGuide *guide = a->question->guide, *other = b->question->guide;
  gboolean fit = n_inputs (guide) == n_inputs (other);

  for (guint i = 0; fit && i < n_inputs (guide); i++) {
    const RdTensor *one = a->inputs->pdata[i], *two = b->inputs->pdata[i];

    fit = guide_input (guide, i)->name == guide_input (other, i)->name
        && one->rank == two->rank
        && memcmp (one->dims + 1, two->dims + 1,
        sizeof one->dims - sizeof one->dims[0]) == 0;
  }
  return fit;
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
      || !rd_conditioning_fits (conditioning, first->conditioning, NULL)
      || !inputs_fit (first->view, side->view))
    return FALSE;

  common = rd_conditioning_common_length (*length, conditioning->n_tokens);
  least = MIN (*shortest, conditioning->n_tokens);
  if (common / least > MAX_REPEAT)
    return FALSE;

  *length = common;
  *shortest = least;
  return TRUE;
}

/* The side that already stands for the same latent, noise level, network, window,
 * further inputs and @conditioning, if any. */
static Side *
find_side (GArray * sides, const View * view,
    const RdConditioning * conditioning)
{
  const RdQuestion *question = view->question;

  for (guint i = 0; i < sides->len; i++) {
    Side *side = &g_array_index (sides, Side, i);
    const RdQuestion *other = side->view->question;

    if (side->conditioning == conditioning && other->x == question->x
        && other->sigma == question->sigma
        && rd_window_equal (&side->view->window, &view->window)
        && other->guide->denoiser == question->guide->denoiser
        && have_same_inputs (other->guide, question->guide))
      return side;
  }
  return NULL;
}

static void
add_side (GArray * sides, const View * view, RdConditioning * conditioning)
{
  const Side side = { view, conditioning, NULL };

  if (!find_side (sides, view, conditioning))
    g_array_append_val (sides, side);
}

/* All sides of @views, unconditional ones first as ComfyUI has them. */
static GArray *
collect_sides (GArray * views)
{
  GArray *sides = g_array_new (FALSE, TRUE, sizeof (Side));

  g_array_set_clear_func (sides, side_clear);
  for (guint i = 0; i < views->len; i++) {
    const View *view = &g_array_index (views, View, i);

    if (needs_unconditional (view->question))
      add_side (sides, view, view->question->guide->negative);
  }
  for (guint i = 0; i < views->len; i++) {
    const View *view = &g_array_index (views, View, i);

    add_side (sides, view, view->question->guide->positive);
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
    const RdTerm term = { view->x, c_in, NULL };
    g_autoptr (RdTensor) rows = NULL;

    n = count_alike (members, i);
    rows = rd_tensor_rows (input, row, n * view->x->dims[0]);
    rd_combine (rows, 1, &term);
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

/* The @i-th further input of @members, of @rows rows in all. */
static RdTensor *
stack_input (GPtrArray * members, guint i, gint64 rows)
{
  const View *first = ((const Side *) members->pdata[0])->view;
  RdTensor *its = first->inputs->pdata[i], *stacked;
  gint64 dims[RD_TENSOR_MAX_RANK], row = 0;

  if (its->dims[0] == rows)
    return rd_tensor_ref (its);

  memcpy (dims, its->dims, sizeof dims);
  dims[0] = rows;
  stacked = rd_tensor_new (its->stream, RD_TYPE_F32, its->rank, dims);
  for (guint k = 0; k < members->len; k++) {
    const View *view = ((const Side *) members->pdata[k])->view;
    const gint64 n = view->x->dims[0];
    g_autoptr (RdTensor) part = rd_tensor_rows (stacked, row, n);

    rd_copy (part, view->inputs->pdata[i]);
    row += n;
  }
  return stacked;
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
  g_autoptr (GArray) timesteps = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GPtrArray) conditionings = g_ptr_array_new ();
  g_autoptr (GPtrArray) tensors =
      g_ptr_array_new_with_free_func ((GDestroyNotify) rd_tensor_unref);
  const RdGuide *guide = first->view->question->guide;
  g_autofree RdNamedTensor *inputs = g_new (RdNamedTensor, n_inputs (guide));
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
    const double timestep = rd_prediction_timestep (prediction,
        side->view->question->sigma);

    side->output = rd_tensor_rows (output, row, n);
    for (gint64 k = 0; k < n; k++) {
      g_array_append_val (timesteps, timestep);
      g_ptr_array_add (conditionings, side->conditioning);
    }
    row += n;
  }
  for (guint i = 0; i < n_inputs (guide); i++) {
    inputs[i].name = guide_input (guide, i)->name;
    inputs[i].tensor = stack_input (members, i, row);
    g_ptr_array_add (tensors, inputs[i].tensor);
  }
  if (!rd_stream_check (stream, error))
    return FALSE;

  batch.input = input;
  batch.output = output;
  batch.timesteps = (const double *) timesteps->data;
  batch.n_inputs = n_inputs (guide);
  batch.inputs = inputs;
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
    gint64 length = first->conditioning->n_tokens, shortest = length;
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

  if (conditional) {
    terms[n].tensor = conditional->output;
    terms[n++].scale = c_out * cfg;
  }
  if (unconditional) {
    terms[n].tensor = unconditional->output;
    terms[n++].scale = c_out * (1.0 - cfg);
  }
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
 * one network and shape share a batch, and rows that are equal, such as those of
 * regions with the same prompt, are evaluated once. A latent whose sides are no multiples of what the network
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

  for (guint i = 0; i < n; i++)
    if (!check_inputs (&questions[i], error))
      return FALSE;
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
    const RdGuide *guide = view->question->guide;

    answer (view, find_side (sides, view, guide->positive),
        needs_unconditional (view->question)
        ? find_side (sides, view, guide->negative) : NULL);
  }
  return TRUE;
}
