/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "networks/preview.h"

#include <math.h>

#include "noise/torch.h"

#define COLOURS 3

/* What the map is fitted to: this many latents of this many cells a side. A
 * Stable Diffusion decoder takes about a tenth of the time of one 512x512
 * picture for each. */
#define N_LATENTS 4
#define SIDE 16
#define CELLS (SIDE * SIDE)

/* A field's waves, from the constant to this many half periods, and the
 * deviation of the white noise on top of it. */
#define WAVES 4
#define ROUGHNESS 0.5

/* sums of products of all unknowns' inputs, and of those with the colours */
typedef struct
{
  guint n;                      /* channels and the constant */
  double *inputs;               /* n x n */
  double *targets;              /* n x COLOURS */
} Normal;

static void
normal_clear (Normal * normal)
{
  g_free (normal->inputs);
  g_free (normal->targets);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Normal, normal_clear);

/* A smooth field and white noise, both random, together of about unit
 * deviation: as latents of pictures are. Of cosines, whose amplitudes fall with
 * their frequency. */
static void
draw_field (RdGenerator * generator, double deviation, double mean,
    float *values)
{
  float amplitudes[WAVES * WAVES];

  rd_generator_randn (generator, WAVES * WAVES, amplitudes);
  rd_generator_randn (generator, CELLS, values);
  for (guint y = 0; y < SIDE; y++) {
    for (guint x = 0; x < SIDE; x++) {
      double sum = ROUGHNESS * values[y * SIDE + x];

      for (guint v = 0; v < WAVES; v++)
        for (guint u = 0; u < WAVES; u++)
          sum += 0.6 * amplitudes[v * WAVES + u] / (1.0 + u + v)
              * cos (G_PI * u * (x + 0.5) / SIDE)
              * cos (G_PI * v * (y + 0.5) / SIDE);
      values[y * SIDE + x] = (float) (mean + deviation * sum);
    }
  }
}

static double
mean_of_block (const float *plane, gsize width, gsize size, gsize x, gsize y)
{
  double sum = 0.0;

  for (gsize j = 0; j < size; j++)
    for (gsize i = 0; i < size; i++)
      sum += plane[(y * size + j) * width + x * size + i];
  return sum / (double) (size * size);
}

/* Every cell is one observation: its channels, and the mean colour of the
 * pixels that it became. */
static gboolean
observe (Normal * normal, const float *latent, RdTensor * picture,
    GError ** error)
{
  const guint channels = normal->n - 1;
  const gsize width = picture->dims[3], plane = width * picture->dims[2];
  const gsize size = width / SIDE;
  g_autofree float *pixels = NULL;
  g_autofree double *inputs = g_new (double, normal->n);

  if (picture->rank != 4 || picture->dims[1] != COLOURS || size == 0
      || picture->dims[2] != (gint64) size * SIDE
      || picture->dims[3] != (gint64) size * SIDE) {
    g_autofree char *shape = rd_tensor_describe (picture);

    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE,
        "the decoder returns %s for %ux%u latent cells; it must return an RGB "
        "picture with sides that are multiples of those", shape, SIDE, SIDE);
    return FALSE;
  }
  pixels = g_malloc (picture->size);
  if (!rd_tensor_download (picture, pixels, error))
    return FALSE;

  for (guint cell = 0; cell < CELLS; cell++) {
    for (guint c = 0; c < channels; c++)
      inputs[c] = latent[c * CELLS + cell];
    inputs[channels] = 1.0;
    for (guint k = 0; k < COLOURS; k++) {
      const double target = mean_of_block (pixels + k * plane, width, size,
          cell % SIDE, cell / SIDE);

      for (guint i = 0; i < normal->n; i++)
        normal->targets[i * COLOURS + k] += inputs[i] * target;
    }
    for (guint i = 0; i < normal->n; i++)
      for (guint j = 0; j < normal->n; j++)
        normal->inputs[i * normal->n + j] += inputs[i] * inputs[j];
  }
  return TRUE;
}

/* Solves the normal equations in place, by Cholesky's method: the inputs'
 * matrix is symmetric and, as channels are independent, positive definite. */
static void
solve (Normal * normal)
{
  const guint n = normal->n;
  double *l = normal->inputs, *b = normal->targets;

  for (guint j = 0; j < n; j++) {
    for (guint i = j; i < n; i++) {
      double sum = l[i * n + j];

      for (guint k = 0; k < j; k++)
        sum -= l[i * n + k] * l[j * n + k];
      l[i * n + j] = i == j ? sqrt (sum) : sum / l[j * n + j];
    }
  }
  for (guint colour = 0; colour < COLOURS; colour++) {
    for (guint i = 0; i < n; i++) {
      for (guint k = 0; k < i; k++)
        b[i * COLOURS + colour] -= l[i * n + k] * b[k * COLOURS + colour];
      b[i * COLOURS + colour] /= l[i * n + i];
    }
    for (guint i = n; i-- > 0;) {
      for (guint k = i + 1; k < n; k++)
        b[i * COLOURS + colour] -= l[k * n + i] * b[k * COLOURS + colour];
      b[i * COLOURS + colour] /= l[i * n + i];
    }
  }
}

static RdPreviewMap *
map_from (const Normal * normal, GError ** error)
{
  g_autoptr (RdPreviewMap) map = g_new0 (RdPreviewMap, 1);

  map->channels = normal->n - 1;
  map->weights = g_new (double, COLOURS * normal->n);
  for (guint k = 0; k < COLOURS; k++) {
    for (guint i = 0; i < normal->n; i++) {
      const double weight = normal->targets[i * COLOURS + k];

      if (!isfinite (weight)) {
        g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
            "the decoder's output contains non-finite numbers; check the "
            "network, or use another export of it");
        return NULL;
      }
      map->weights[k * normal->n + i] = weight;
    }
  }
  return g_steal_pointer (&map);
}

/**
 * rd_preview_map_fit:
 * @stream: where to work
 * @channels: of the decoder's latents
 * @deviation: the standard deviation of latents of pictures: one over the
 *   model's scaling factor
 * @mean: their mean: the model's shift factor
 * @decode: the decoder
 * @user_data: for @decode
 * @cancellable: (nullable): handed to @decode
 * @error: %RD_ERROR_SHAPE or %RD_ERROR_INVALID for a decoder of another kind,
 *   or what it reports
 *
 * The linear least squares fit of a decoder's colours, averaged over the pixels
 * of each latent cell, by the cell's channels and a constant. It is fitted to
 * what the decoder makes of four latents of 16x16 cells, always the same:
 * random smooth fields, which go through all colours, with some white noise on
 * them, which keeps the channels of neighbouring cells apart. That is 1024
 * observations of each colour for the 5 unknowns of a four-channel latent, 17
 * of a sixteen-channel one; a decoder that is linear is found exactly.
 *
 * The idea of a linear map from latents to colours is that of the previews of
 * ComfyUI and of AUTOMATIC1111's web UI, which have constants for the models
 * they know.
 *
 * Returns: (transfer full) (nullable): the map
 */
RdPreviewMap *
rd_preview_map_fit (RdStream * stream, guint channels, double deviation,
    double mean, RdPreviewDecode decode, gpointer user_data,
    GCancellable * cancellable, GError ** error)
{
  g_autoptr (RdGenerator) generator = rd_generator_new (0);
  g_autofree float *values = g_new (float, channels * CELLS);
  const gint64 dims[] = { 1, channels, SIDE, SIDE };
  g_autoptr (RdTensor) latent = rd_tensor_new (stream, RD_TYPE_F32, 4, dims);
  g_auto (Normal) normal = { channels + 1 };

  normal.inputs = g_new0 (double, normal.n * normal.n);
  normal.targets = g_new0 (double, normal.n * COLOURS);
  for (guint i = 0; i < N_LATENTS; i++) {
    g_autoptr (RdTensor) picture = NULL;

    for (guint c = 0; c < channels; c++)
      draw_field (generator, deviation, mean, values + c * CELLS);
    rd_tensor_upload (latent, values);
    if (!rd_stream_check (stream, error))
      return NULL;
    picture = decode (latent, user_data, cancellable, error);
    if (!picture || !observe (&normal, values, picture, error))
      return NULL;
  }
  solve (&normal);
  return map_from (&normal, error);
}

/**
 * rd_preview_map_free:
 * @map: (transfer full): a map
 */
void
rd_preview_map_free (RdPreviewMap * map)
{
  g_free (map->weights);
  g_free (map);
}

static guint8
to_byte (double value)
{
  const double level = rint ((value + 1.0) * 127.5);

  /* written so that not-a-number becomes 0 */
  return level > 0.0 ? (guint8) MIN (level, 255.0) : 0;
}

/**
 * rd_preview_map_apply:
 * @map: a map
 * @latent: (C,h,w), C the map's channels
 * @n_cells: h times w
 * @scale: see @shift
 * @shift: the latent in the VAE's own scale is @latent / @scale + @shift
 * @rgb: (out caller-allocates): receives 3 bytes for every cell
 *
 * Shows a latent.
 */
void
rd_preview_map_apply (const RdPreviewMap * map, const float *latent,
    gsize n_cells, double scale, double shift, guint8 * rgb)
{
  for (guint k = 0; k < COLOURS; k++) {
    const double *weights = map->weights + k * (map->channels + 1);
    double constant = weights[map->channels];

    for (guint c = 0; c < map->channels; c++)
      constant += weights[c] * shift;
    for (gsize cell = 0; cell < n_cells; cell++) {
      double value = constant;

      for (guint c = 0; c < map->channels; c++)
        value += weights[c] / scale * latent[c * n_cells + cell];
      rgb[cell * COLOURS + k] = to_byte (value);
    }
  }
}
