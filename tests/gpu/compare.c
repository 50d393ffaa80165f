/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* A device against the CPU: every operation and the whole loop, to the bit, and
 * then how fast. Needs the core library and a closed-form denoiser, nothing
 * else.
 *
 *   compare [--times | --operations] [DEVICE]      DEVICE is cuda by default
 *
 * With --operations the loop is left out.
 *
 * RD_OWN_LIBM: the device's logarithms and sines are not the host's. What is
 * made of them is then equal as far as its tolerance says. */

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../check/analytic.h"
#include "device/patches.h"
#include "device/picture.h"
#include "loop/loop.h"
#include "loop/modes.h"
#include "device/window.h"

#define CHANNELS 4

/* Of numbers with variance 1: a radius of up to 6.8, by a sine that is off by
 * up to 4.2e-7 (see philox-ops.h), and the last digits of both. Of a run, which
 * starts from 15 times that and leaves latents of up to 30. */
#ifdef RD_OWN_LIBM
#define NOISE_TOLERANCE 5e-6
#define PICTURE_TOLERANCE 1e-3
#else
#define NOISE_TOLERANCE 0.0
#define PICTURE_TOLERANCE 0.0
#endif

typedef struct
{
  RdStream *stream[2];          /* the CPU's and the device's */
  GRand *rand;
  guint n_checks, n_failed;
} Compare;

/* What an operation is given on one of the streams. */
typedef struct
{
  RdTensor *latent[9];          /* (2,C,H,W) */
  RdTensor *row;                /* (1,C,H,W) */
  RdTensor *map[6];             /* (1,1,H,W), 0..1 */
} Inputs;

typedef RdTensor *(*Operation) (const Inputs * in);

static RdTensor *
random_tensor (RdStream * stream, const float *values, gint64 n, gint64 c,
    gint64 h, gint64 w)
{
  return rd_tensor_new_from_host (stream, RD_TYPE_F32, 4,
      (const gint64[]) { n, c, h, w }, values);
}

static void
make_inputs (Compare * compare, gint64 h, gint64 w, Inputs inputs[2])
{
  const gsize n = 2 * CHANNELS * h * w;
  g_autofree float *values = g_new (float, n);

  for (guint k = 0; k < 16; k++) {
    const gboolean map = k >= 10;

    for (gsize i = 0; i < n; i++)
      values[i] = (float) g_rand_double_range (compare->rand, map ? 0 : -3,
          map ? 1 : 3);
    for (guint s = 0; s < 2; s++) {
      RdStream *stream = compare->stream[s];

      if (k < 9)
        inputs[s].latent[k] = random_tensor (stream, values, 2, CHANNELS, h, w);
      else if (k == 9)
        inputs[s].row = random_tensor (stream, values, 1, CHANNELS, h, w);
      else
        inputs[s].map[k - 10] = random_tensor (stream, values, 1, 1, h, w);
    }
  }
}

static void
clear_inputs (Inputs * inputs)
{
  for (guint k = 0; k < G_N_ELEMENTS (inputs->latent); k++)
    rd_tensor_unref (inputs->latent[k]);
  rd_tensor_unref (inputs->row);
  for (guint k = 0; k < G_N_ELEMENTS (inputs->map); k++)
    rd_tensor_unref (inputs->map[k]);
}

static RdTensor *
combine_few (const Inputs * in)
{
  RdTensor *out = rd_tensor_new_like (in->latent[0]);

  const RdTerm out_terms[] = {
    {in->latent[0], 0.3, in->map[0]},
    {in->row, -1.7, NULL},
    {in->latent[1], 1e-3, in->map[1]},
    {in->latent[2], 2.5, NULL},
  };
  rd_combine (out, 4, out_terms);
  return out;
}

static RdTensor *
combine_many (const Inputs * in)
{
  RdTensor *out = rd_tensor_new_like (in->latent[0]);
  RdTerm terms[18];

  for (guint k = 0; k < G_N_ELEMENTS (terms); k++) {
    terms[k].tensor = in->latent[k % 9];
    terms[k].scale = 0.1 * (k + 1);
    terms[k].weight = k % 3 ? in->map[k % 6] : NULL;
  }
  rd_combine (out, G_N_ELEMENTS (terms), terms);
  return out;
}

/* Terms and sum of both types, and rows that lie where they like. */
static RdTensor *
combine_halves (const Inputs * in)
{
  RdTensor *out = rd_tensor_new (in->row->stream, RD_TYPE_F16, 4,
      in->latent[0]->dims);
  g_autoptr (RdTensor) half = rd_tensor_new_like (out);
  g_autoptr (RdTensor) second = rd_tensor_rows (out, 1, 1);
  g_autoptr (RdTensor) of_half = rd_tensor_rows (half, 1, 1);

  const RdTerm half_terms[] = {
    {in->latent[3], 0.3, in->map[2]},
    {in->row, 1e-3, NULL},
  };
  rd_combine (half, 2, half_terms);
  const RdTerm out_terms[] = {
    {in->latent[0], 7.5, NULL},
    {half, -6.5, in->map[3]},
    {half, 1e-5, NULL},
  };
  rd_combine (out, 3, out_terms);
  const RdTerm second_terms[] = {
    {of_half, 0.7, NULL},
    {in->row, -0.1, in->map[1]},
  };
  rd_combine (second, 2, second_terms);
  return out;
}

/* The other way round: halves become a float32 sum. */
static RdTensor *
combine_from_halves (const Inputs * in)
{
  RdTensor *out = rd_tensor_new_like (in->latent[0]);
  g_autoptr (RdTensor) half = combine_halves (in);
  g_autoptr (RdTensor) row = rd_tensor_rows (half, 1, 1);

  const RdTerm out_terms[] = {
    {in->latent[0], 0.2, NULL},
    {half, 7.5, in->map[0]},
    {row, -6.5, NULL},
  };
  rd_combine (out, 3, out_terms);
  return out;
}

static RdTensor *
read_window (const Inputs * in)
{
  const RdTensor *from = in->latent[0];
  const RdWindow window = { -2, from->dims[3] / 2, from->dims[2] + 5,
    from->dims[3]
  };
  RdTensor *out = rd_tensor_new (from->stream, RD_TYPE_F32, 4,
      (const gint64[]) { 2, CHANNELS, window.height, window.width });

  rd_window_read (out, from, &window);
  return out;
}

static RdTensor *
paste_window (const Inputs * in)
{
  const RdTensor *from = in->latent[0];
  const RdWindow window = { 3, -1, from->dims[2], from->dims[3] };
  RdTensor *out = rd_tensor_new_like (from);

  rd_window_paste (out, from, &window);
  return out;
}

/* the half on the right becomes more, by the shares of a map's edges */
static RdTensor *
add_window (const Inputs * in)
{
  const gint64 h = in->row->dims[2], w = in->row->dims[3];
  const RdWindow window = { 0, w / 2, h, w - w / 2 };
  g_autoptr (RdTensor) part = rd_tensor_new (in->row->stream, RD_TYPE_F32, 4,
      (const gint64[]) { 2, CHANNELS, window.height, window.width });
  g_autoptr (RdTensor) rows = rd_tensor_new_map (in->row->stream, h, 1);
  g_autoptr (RdTensor) columns =
      rd_tensor_new_map (in->row->stream, 1, window.width);
  RdTensor *out = rd_tensor_new_like (in->latent[0]);

  rd_window_read (part, in->latent[1], &window);
  const RdWindow of_rows = { 0, 0, h, 1 };
  rd_window_read (rows, in->map[0], &of_rows);
  const RdWindow of_columns = { 0, 0, 1, window.width };
  rd_window_read (columns, in->map[1], &of_columns);
  rd_copy (out, in->latent[0]);
  rd_window_add (out, part, &window, rows, columns);
  return out;
}

/* there and back in another order: patches of rows become columns */
static RdTensor *
patches (const Inputs * in)
{
  const RdWindow window = { 0, 0, 12, 18 };
  const gint64 dims[] = { 2, CHANNELS, window.height, window.width };
  const gint64 cut[] = { 2, 6 * 9, CHANNELS * 4 };
  const gint64 turned[] = { 2, CHANNELS, window.width, window.height };
  g_autoptr (RdTensor) part = rd_tensor_new (in->row->stream, RD_TYPE_F32, 4,
      dims);
  g_autoptr (RdTensor) numbers = rd_tensor_new (in->row->stream, RD_TYPE_F32,
      3, cut);
  RdTensor *out = rd_tensor_new (in->row->stream, RD_TYPE_F32, 4, turned);

  rd_window_read (part, in->latent[0], &window);
  rd_patches_read (numbers, part, 2);
  rd_patches_write (out, numbers, 2);
  return out;
}

static RdTensor *
to_half (const Inputs * in)
{
  RdTensor *out = rd_tensor_new (in->row->stream, RD_TYPE_F16, 4,
      in->row->dims);

  rd_convert (out, in->row);
  return out;
}

static RdTensor *
from_half (const Inputs * in)
{
  g_autoptr (RdTensor) half = to_half (in);
  RdTensor *out = rd_tensor_new_like (in->row);

  rd_convert (out, half);
  return out;
}

static RdTensor *
resize (const Inputs * in, RdFilter filter)
{
  RdTensor *out = rd_tensor_new_map (in->row->stream, 29, 43);

  rd_map_resize (out, in->map[0], filter);
  return out;
}

static RdTensor *
resize_area (const Inputs * in)
{
  return resize (in, RD_FILTER_AREA);
}

static RdTensor *
resize_bilinear (const Inputs * in)
{
  return resize (in, RD_FILTER_BILINEAR);
}

static RdTensor *
dilate (const Inputs * in)
{
  RdTensor *out = rd_tensor_new_like (in->map[0]);

  rd_map_dilate (out, in->map[0], 3, 5);
  return out;
}

static RdTensor *
convolve (const Inputs * in)
{
  static const float taps[] = { 0.05f, 0.2f, 0.5f, 0.2f, 0.05f };
  RdTensor *out = rd_tensor_new_like (in->map[0]);

  rd_map_convolve (out, in->map[0], G_N_ELEMENTS (taps), taps);
  return out;
}

static RdTensor *
map_round (const Inputs * in)
{
  RdTensor *out = rd_tensor_new_like (in->map[0]);

  rd_map_apply (out, in->map[0], RD_MAP_ROUND);
  return out;
}

static RdTensor *
partition (const Inputs * in)
{
  RdTensor *rest = rd_tensor_new_like (in->map[0]);

  rd_copy (rest, in->map[5]);
  rd_map_partition (3, in->map, rest);
  return rest;
}

/* Both maps in one. */
static RdTensor *
surround (const Inputs * in)
{
  const gint64 h = in->row->dims[2], w = in->row->dims[3];
  RdTensor *both = rd_tensor_new (in->row->stream, RD_TYPE_F32, 4,
      (const gint64[]) { 2, 1, h, w });
  g_autoptr (RdTensor) keep = rd_tensor_rows (both, 0, 1);
  g_autoptr (RdTensor) use = rd_tensor_rows (both, 1, 1);
  g_autoptr (RdTensor) own = rd_tensor_new_map (in->row->stream, h, w);
  g_autoptr (RdTensor) done = rd_tensor_new_like (own);

  /* zeros here and there, each without the other and with it */
  rd_map_apply (own, in->map[3], RD_MAP_ROUND);
  rd_map_apply (done, in->map[4], RD_MAP_ROUND);
  rd_map_surround (keep, use, own, done);
  return both;
}

/* Of many marks the lowest, as a number that both devices have: a map that is
 * finite, one that has an infinite cell, one that is not a number anywhere. */
static RdTensor *
mark_not_finite (const Inputs * in)
{
  RdStream *stream = in->row->stream;
  const gint64 one[] = { 1 };
  const gint32 none = RD_ALL_FINITE;
  const RdTerm huge[] = { {in->map[3], 3e38, NULL}, {in->map[3], 3e38, NULL} };
  g_autoptr (RdTensor) first =
      rd_tensor_new_from_host (stream, RD_TYPE_I32, 1, one, &none);
  g_autoptr (RdTensor) infinite = rd_tensor_new_like (in->map[3]);
  RdTensor *result = rd_tensor_new_map (stream, 1, 1);
  gint32 lowest;
  float as_float;

  rd_combine (infinite, 2, huge);
  rd_mark_not_finite (first, in->row, 1);
  rd_mark_not_finite (first, infinite, 7);
  rd_mark_not_finite (first, infinite, 3);
  rd_mark_not_finite (first, infinite, 5);
  rd_tensor_download (first, &lowest, NULL);
  as_float = (float) lowest;
  rd_tensor_upload (result, &as_float);
  return result;
}

/* rows of an odd distance, at an odd address */
static RdTensor *
unpack (const Inputs * in)
{
  const gint64 h = in->row->dims[2], w = in->row->dims[3], stride = 3 * w + 5;
  const gint64 size = 1 + h * stride;
  g_autofree guint8 *bytes = g_malloc (size);
  g_autoptr (RdTensor) memory = NULL;

  for (gint64 i = 0; i < size; i++)
    bytes[i] = (guint8) (i * i % 257);
  memory = rd_tensor_new_from_host (in->row->stream, RD_TYPE_U8, 1, &size,
      bytes);
  return rd_picture_unpack (in->row->stream, (guint) w, (guint) h,
      (gsize) stride, (guint8 *) memory->data + 1, NULL);
}

static RdTensor *
pack (const Inputs * in, gint64 offset, gint64 padding)
{
  const gint64 h = in->row->dims[2], w = in->row->dims[3];
  const gint64 stride = 3 * w + padding, size = offset + h * stride;
  const gint64 shape[] = { 1, 3, h, w };
  g_autofree guint8 *bytes = g_malloc0 (size);
  g_autoptr (RdTensor) channels = rd_tensor_reshape (in->row, 4,
      (const gint64[]) { CHANNELS, 1, h, w });
  g_autoptr (RdTensor) three = rd_tensor_rows (channels, 0, 3);
  g_autoptr (RdTensor) planes = rd_tensor_reshape (three, 4, shape);
  RdTensor *memory = rd_tensor_new_from_host (in->row->stream, RD_TYPE_U8, 1,
      &size, bytes);

  rd_picture_pack (planes, (gsize) stride, (guint8 *) memory->data + offset,
      NULL);
  return memory;
}

static RdTensor *
pack_odd (const Inputs * in)
{
  return pack (in, 1, 5);
}

static RdTensor *
pack_aligned (const Inputs * in)
{
  return pack (in, 4, 16 - 3 * in->row->dims[3] % 4);
}

static RdTensor *
randn_aligned (const Inputs * in)
{
  RdTensor *out = rd_tensor_new_like (in->latent[0]);

  rd_randn (out, G_GUINT64_CONSTANT (0x9e3779b97f4a7c15), 3);
  return out;
}

/* rows that begin anywhere and end within four numbers */
static RdTensor *
randn_odd (const Inputs * in)
{
  RdTensor *out = rd_tensor_new (in->row->stream, RD_TYPE_F32, 2,
      (const gint64[]) { 5, in->row->dims[2] * in->row->dims[3] + 1 });

  rd_randn (out, 7, 0);
  return out;
}

static const struct
{
  const char *name;
  Operation run;
  double tolerance;             /* of an element; 0: to the bit */
} operations[] = {
  {"combine, 4 terms", combine_few},
  {"combine, 18 terms", combine_many},
  {"combine to float16", combine_halves},
  {"combine from float16", combine_from_halves},
  {"window read", read_window},
  {"window paste", paste_window},
  {"window add", add_window},
  {"patches", patches},
  {"float32 to float16", to_half},
  {"float16 to float32", from_half},
  {"resize by area", resize_area},
  {"resize bilinear", resize_bilinear},
  {"dilate", dilate},
  {"convolve", convolve},
  {"map", map_round},
  {"surround", surround},
  {"mark_not_finite", mark_not_finite},
  {"unpack", unpack},
  {"pack, odd addresses", pack_odd},
  {"pack, aligned rows", pack_aligned},
  {"randn, aligned rows", randn_aligned, NOISE_TOLERANCE},
  {"randn, odd rows", randn_odd, NOISE_TOLERANCE},
  {"partition", partition},     /* last: it changes its inputs */
};

/* The difference that is largest; not-a-number is the worst there is. */
static double
distance (const float *a, const float *b, gsize n)
{
  double worst = 0.0;

  for (gsize i = 0; i < n; i++)
    if (!(fabs ((double) a[i] - b[i]) <= worst))
      worst = fabs ((double) a[i] - b[i]);
  return worst;
}

/* @tolerance: for float32 alone */
static void
check_equal (Compare * compare, const char *what, RdTensor * const tensor[2],
    double tolerance)
{
  g_autofree guint8 *a = g_malloc (tensor[0]->size);
  g_autofree guint8 *b = g_malloc (tensor[1]->size);
  g_autoptr (GError) error = NULL;
  gsize different = 0;

  if (!rd_tensor_download (tensor[0], a, &error)
      || !rd_tensor_download (tensor[1], b, &error)) {
    printf ("%s: %s\n", what, error->message);
    compare->n_failed++;
    return;
  }
  for (gsize i = 0; i < tensor[0]->size; i++)
    different += a[i] != b[i];
  compare->n_checks++;
  if (different && tolerance > 0.0) {
    const double off = distance ((const float *) a, (const float *) b,
        tensor[0]->n_elements);

    printf ("%s: off by up to %.1e, of %.0e that are tolerated%s\n", what,
        off, tolerance, off <= tolerance ? "" : ": FAILED");
    compare->n_failed += !(off <= tolerance);
  } else if (different) {
    printf ("%s: %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " bytes differ\n",
        what, different, tensor[0]->size);
    compare->n_failed++;
  }
}

static void
compare_operations (Compare * compare)
{
  static const gint64 sizes[][2] = { {8, 8}, {37, 53}, {64, 64}, {1, 300} };

  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++) {
    Inputs inputs[2];

    make_inputs (compare, sizes[s][0], sizes[s][1], inputs);
    for (guint k = 0; k < G_N_ELEMENTS (operations); k++) {
      RdTensor *results[2] = { operations[k].run (&inputs[0]),
        operations[k].run (&inputs[1])
      };

      check_equal (compare, operations[k].name, results,
          operations[k].tolerance);
      rd_tensor_unref (results[0]);
      rd_tensor_unref (results[1]);
    }
    clear_inputs (&inputs[0]);
    clear_inputs (&inputs[1]);
  }
}

static RdTensor *
run_loop (RdStream * stream, RdMode mode, const char *sampler, RdType type,
    RdNoiseOrigin noise, GError ** error)
{
  g_autoptr (RdPrediction) prediction =
      rd_prediction_new (RD_PREDICTION_EPSILON, RD_BETAS_SCALED_LINEAR, 0.00085,
      0.012, 1000);
  g_autoptr (RdDenoiser) denoiser = rd_analytic_new (prediction, CHANNELS);
  g_autoptr (RdConditioning) negative =
      rd_analytic_prompt (stream, CHANNELS, 0.0);
  g_autoptr (RdTensor) latent = NULL;
  g_autofree float *zeros = g_new0 (float, 2 * CHANNELS * 13 * 24);
  RdTensor *result;
  RdJob *job = NULL;

  denoiser->type = type;
  for (guint k = 0; k < 4; k++) {
    g_autoptr (RdConditioning) prompt =
        rd_analytic_prompt (stream, CHANNELS, k);
    RdOwner *owner = rd_owner_new ("owner", denoiser, prompt, negative);

    owner->solver = rd_solver_find (sampler, NULL);
    owner->scheduler = rd_scheduler_find ("karras", NULL);
    if (k == 0) {
      job = rd_job_new (owner);
      continue;
    }
    owner->mask = rd_mask_new (24 * 8, 13 * 8);
    for (guint i = 0; i < owner->mask->width * owner->mask->height; i++)
      owner->mask->data[i] = i % owner->mask->width / 64 == k - 1;
    if (mode >= RD_MODE_SEQUENTIAL)
      owner->feather = 20;
    g_ptr_array_add (job->regions, owner);
  }
  job->mode = mode;
  job->steps = 6;
  job->noise_origin = noise;
  if (mode >= RD_MODE_SEQUENTIAL)
    job->region_crop = 16;
  latent = random_tensor (stream, zeros, 2, CHANNELS, 13, 24);
  result = rd_job_run (job, latent, NULL, NULL, error);
  rd_job_free (job);
  return result;
}

static void
compare_loop (Compare * compare, RdMode mode, const char *sampler, RdType type,
    RdNoiseOrigin noise)
{
  g_autofree char *what = g_strdup_printf ("%s, %s, %s%s", rd_mode_name (mode),
      sampler, rd_type_name (type),
      noise == RD_NOISE_DEVICE ? ", the device's noise" : "");
  g_autoptr (GError) error = NULL;
  RdTensor *results[2] = { NULL, NULL };

  for (guint s = 0; s < 2 && !error; s++)
    results[s] = run_loop (compare->stream[s], mode, sampler, type, noise,
        &error);
  if (error) {
    printf ("%s: %s\n", what, error->message);
    compare->n_failed++;
  } else {
    check_equal (compare, what, results,
        noise == RD_NOISE_DEVICE ? PICTURE_TOLERANCE : 0.0);
  }
  g_clear_pointer (&results[0], rd_tensor_unref);
  g_clear_pointer (&results[1], rd_tensor_unref);
}

static void
compare_loops (Compare * compare)
{
  guint n;
  const RdSolverInfo *solvers = rd_solver_list (&n);
  /* nothing but the start, one draw after another, a path */
  static const char *const noisy[] = { "euler", "euler_ancestral",
    "dpmpp_2m_sde"
  };

  for (RdMode mode = 0; rd_mode_name (mode); mode++) {
    for (guint k = 0; k < n; k++)
      compare_loop (compare, mode, solvers[k].name, RD_TYPE_F32,
          RD_NOISE_TORCH);
    /* what a network's type changes lies before and behind the solver */
    compare_loop (compare, mode, "dpmpp_2m", RD_TYPE_F16, RD_NOISE_TORCH);
    for (guint k = 0; k < G_N_ELEMENTS (noisy); k++)
      compare_loop (compare, mode, noisy[k], RD_TYPE_F32, RD_NOISE_DEVICE);
  }
}

/* Seconds of a call, of many queued in a row. */
static double
time_terms (RdTensor * out, guint n_terms, const RdTerm * terms)
{
  const guint n = 200;
  gint64 began;

  for (guint i = 0; i < 20; i++)
    rd_combine (out, n_terms, terms);
  rd_stream_synchronize (out->stream, NULL);
  began = g_get_monotonic_time ();
  for (guint i = 0; i < n; i++)
    rd_combine (out, n_terms, terms);
  rd_stream_synchronize (out->stream, NULL);
  return (g_get_monotonic_time () - began) / 1e6 / n;
}

/* Bytes read and written a second, beside those of a plain copy. */
static void
print_times (RdStream * stream)
{
  static const gint64 sizes[][3] = { {1, 64, 64}, {2, 128, 128},
  {16, 128, 128}, {64, 256, 256}
  };

  printf ("\n| latent | terms | us | GB/s | of a copy's |\n"
      "|---|---:|---:|---:|---:|\n");
  for (guint s = 0; s < G_N_ELEMENTS (sizes); s++) {
    const gint64 dims[] = { sizes[s][0], CHANNELS, sizes[s][1], sizes[s][2] };
    g_autoptr (GPtrArray) tensors =
        g_ptr_array_new_with_free_func ((GDestroyNotify) rd_tensor_unref);
    double copy = 0.0;

    for (guint k = 0; k < 6; k++) {
      RdTensor *tensor = rd_tensor_new (stream, RD_TYPE_F32, 4, dims);
      g_autofree float *zeros = g_malloc0 (tensor->size);

      rd_tensor_upload (tensor, zeros);
      g_ptr_array_add (tensors, tensor);
    }
    for (guint n = 1; n <= 5; n += n == 1 ? 1 : 3) {
      RdTensor *out = tensors->pdata[5];
      RdTerm terms[5];
      double seconds, rate;

      for (guint k = 0; k < n; k++) {
        terms[k].tensor = tensors->pdata[k];
        terms[k].scale = 0.5;
        terms[k].weight = NULL;
      }
      seconds = time_terms (out, n, terms);
      rate = (n + 1) * (double) out->size / seconds / 1e9;
      if (n == 1)
        copy = rate;
      printf ("| %dx%dx%dx%d | %u | %.1f | %.1f | %.2f |\n", (int) dims[0],
          (int) dims[1], (int) dims[2], (int) dims[3], n, seconds * 1e6, rate,
          rate / copy);
    }
  }
}

int
main (int argc, char **argv)
{
  const gboolean times = argc > 1 && g_str_equal (argv[1], "--times");
  const gboolean no_loop = argc > 1 && g_str_equal (argv[1], "--operations");
  const int n_options = times || no_loop;
  const char *name = argc > 1 + n_options ? argv[1 + n_options] : "cuda";
  g_autoptr (GError) error = NULL;
  RdDevice *device = rd_device_get (name, &error);
  Compare compare = { {NULL, NULL}, g_rand_new_with_seed (1), 0, 0 };

  if (device)
    compare.stream[1] = rd_stream_new (device, &error);
  if (!compare.stream[1]) {
    fprintf (stderr, "%s\n", error->message);
    return 1;
  }
  compare.stream[0] = rd_stream_new (rd_device_get ("cpu", NULL), NULL);

  compare_operations (&compare);
  if (!no_loop)
    compare_loops (&compare);
  printf ("%s against cpu: %u results equal to the bit or as far as is said, "
      "%u not\n",
      device->name, compare.n_checks - compare.n_failed, compare.n_failed);
  if (times)
    print_times (compare.stream[1]);

  rd_stream_unref (compare.stream[0]);
  rd_stream_unref (compare.stream[1]);
  g_rand_free (compare.rand);
  return compare.n_failed > 0;
}
