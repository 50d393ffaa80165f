/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "loop/finite.h"

#include "base/text.h"

/* The mark of the latent that came in; answers have those after it, in the order
 * in which they were looked at, the result the last. */
#define LATENT_MARK 0

/* An answer that was looked at. */
typedef struct
{
  const RdOwner *owner;
  guint step;
  double sigma;
} Look;

static void
mark (RdRun * run, const RdTensor * tensor, guint which)
{
  rd_mark_not_finite (run->first_not_finite, tensor,
      (gint32) MIN (which, (guint) RD_ALL_FINITE - 1));
}

static const char *
limit_of (const RdDenoiser * denoiser)
{
  return denoiser->type == RD_TYPE_F16
      ? "; the network computes in float16, whose numbers end at 65504: use a "
      "float32 export of it" : "";
}

static void
describe (const RdRun * run, guint which, GError ** error)
{
  const guint n = run->looks->len;
  const Look *look;

  if (which == LATENT_MARK) {
    g_set_error (error, RD_ERROR, RD_ERROR_FAILED,
        "the latent to start from has elements that are infinite or not a "
        "number, or become infinite when they are scaled for the network; look "
        "at what made it");
    return;
  }
  if (which > n) {
    g_set_error (error, RD_ERROR, RD_ERROR_FAILED,
        "the sampled latent has elements that are infinite or not a number, "
        "although all that the networks predicted was finite; use another "
        "sampler, or lower noise levels");
    return;
  }
  look = &g_array_index (run->looks, Look, which - 1);
  g_set_error (error, RD_ERROR, RD_ERROR_FAILED,
      "step %u of %u, sigma %s: what %s predicts for %s has elements that are "
      "infinite or not a number%s", look->step + 1,
      rd_run_executed_steps (run),
      rd_text_number ("%.4g", look->sigma).text,
      look->owner->guide.denoiser->name, look->owner->id,
      limit_of (look->owner->guide.denoiser));
}

/* Waits for the device. */
static gboolean
read_mark (RdRun * run, GError ** error)
{
  gint32 first;

  if (!rd_tensor_download (run->first_not_finite, &first, error))
    return FALSE;
  if (first == RD_ALL_FINITE)
    return TRUE;
  describe (run, (guint) first, error);
  return FALSE;
}

static gboolean
is_immediate (const RdRun * run)
{
  return rd_device_is_cpu (run->stream->device);
}

/**
 * rd_run_watch_begin:
 * @run: a run with its latent
 * @error: %RD_ERROR_FAILED: the latent is not finite; or the stream's failure
 *
 * Begins to watch. What is wrong with a latent on a CUDA device is told by
 * rd_run_watch_end().
 *
 * Returns: %FALSE when the run cannot begin
 */
gboolean
rd_run_watch_begin (RdRun * run, GError ** error)
{
  run->looks = g_array_new (FALSE, FALSE, sizeof (Look));
  run->first_not_finite = rd_mark_new (run->stream);
  mark (run, run->latent, LATENT_MARK);
  return !is_immediate (run) || read_mark (run, error);
}

/* The one whose guide was asked. */
static const RdOwner *
owner_of (const RdRun * run, const RdGuide * guide)
{
  const GPtrArray *regions = run->job->regions;

  for (guint i = 0; i < regions->len; i++) {
    const RdOwner *owner = regions->pdata[i];

    if (&owner->guide == guide)
      return owner;
  }
  return run->job->base;
}

/**
 * rd_run_watch_answers:
 * @run: a run whose questions have just been answered
 *
 * Looks at the answers. On the CPU one that is not finite becomes the run's
 * error.
 */
void
rd_run_watch_answers (RdRun * run)
{
  for (guint i = 0; i < run->questions->len; i++) {
    const RdQuestion *question = rd_run_question (run, i);
    const Look look = {
      owner_of (run, question->guide), run->step, question->sigma
    };

    g_array_append_val (run->looks, look);
    mark (run, question->denoised, run->looks->len);
    if (question->unconditional)
      mark (run, question->unconditional, run->looks->len);
  }
  if (!run->error && is_immediate (run))
    read_mark (run, &run->error);
}

/**
 * rd_run_watch_end:
 * @run: a run that has its result
 * @output: what was made of that: the sampled latent in the VAE's scale
 * @error: %RD_ERROR_FAILED: what was not finite first: the latent, or a step's
 *   answer to an owner of a network, or @output; or the stream's failure
 *
 * Waits until the run's work is done.
 *
 * Returns: whether all was finite
 */
gboolean
rd_run_watch_end (RdRun * run, const RdTensor * output, GError ** error)
{
  mark (run, output, run->looks->len + 1);
  return read_mark (run, error);
}
