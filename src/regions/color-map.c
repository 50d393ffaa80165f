/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/*
 * Painting programs smooth the edges between colours, and a pixel there has a
 * colour of neither. If it belonged to nobody, there would be a seam between two
 * regions that touch. It is shared instead, by the area that each colour has in
 * it.
 *
 * The colours of a map are those that regions ask for, and those that fill a
 * square of 2x2 pixels somewhere, as areas do and smooth edges do not. A pixel of
 * another colour is a mix of those that are near it, if the straight line between
 * two of them in RGB passes by its colour, or the triangle between three of them
 * where areas meet. Its place on the line, or in the triangle, says how much it
 * has of each. What is no such mix, a thin outline say, is in no region.
 */

#include "regions/color-map.h"

#include <string.h>

#define N_COLORS (1 << 24)
/* how far from an area its smooth edge reaches, in pixels */
#define REACH 2
/* colours of areas that meet; where there are more it is no map */
#define MAX_NEAR 4
/* how far a mix may be from the line or triangle, squared, in steps of a byte */
#define TOLERANCE (16.0 * 16.0)

typedef struct
{
  double r, g, b;
} Vector;

typedef struct
{
  guint n;
  guint32 color[MAX_NEAR];
  double share[MAX_NEAR];
} Mix;

static guint32
color_at (const RdColorMap * map, guint x, guint y)
{
  const guint8 *p = map->rgba + y * map->stride + 4 * (gsize) x;

  return (guint32) p[0] << 16 | p[1] << 8 | p[2];
}

static Vector
to_vector (guint32 color)
{
  return (Vector) {
  color >> 16, color >> 8 & 0xff, color & 0xff};
}

static Vector
minus (Vector a, Vector b)
{
  return (Vector) {
  a.r - b.r, a.g - b.g, a.b - b.b};
}

static double
dot (Vector a, Vector b)
{
  return a.r * b.r + a.g * b.g + a.b * b.b;
}

/* Squared distance of @p from @s * @u + @t * @v. */
static double
distance (Vector p, Vector u, double s, Vector v, double t)
{
  const Vector d = { p.r - s * u.r - t * v.r, p.g - s * u.g - t * v.g,
    p.b - s * u.b - t * v.b
  };

  return dot (d, d);
}

/* How much of the second of two colours there is in @p.
 *
 * Returns: squared distance of @p from the line between them */
static double
mix_two (Vector p, Vector a, Vector b, double *share)
{
  const Vector u = minus (b, a);
  const Vector from = minus (p, a);

  *share = CLAMP (dot (from, u) / dot (u, u), 0.0, 1.0);
  return distance (from, u, *share, u, 0.0);
}

/* How much of the second and third of three colours there is in @p.
 *
 * Returns: squared distance of @p from the triangle, or %G_MAXDOUBLE beside it */
static double
mix_three (Vector p, Vector a, Vector b, Vector c, double *second,
    double *third)
{
  const Vector u = minus (b, a), v = minus (c, a), from = minus (p, a);
  const double uu = dot (u, u), uv = dot (u, v), vv = dot (v, v);
  const double determinant = uu * vv - uv * uv;

  *second = *third = 0.0;
  if (determinant < 1.0)
    return G_MAXDOUBLE;
  *second = (dot (from, u) * vv - dot (from, v) * uv) / determinant;
  *third = (dot (from, v) * uu - dot (from, u) * uv) / determinant;
  if (*second < 0.0 || *third < 0.0 || *second + *third > 1.0)
    return G_MAXDOUBLE;
  return distance (from, u, *second, v, *third);
}

static void
set_shares (Mix * mix, guint i, guint j, double second, guint k, double third)
{
  memset (mix->share, 0, sizeof mix->share);
  mix->share[i] = 1.0 - second - third;
  mix->share[j] += second;
  mix->share[k] += third;
}

/* Returns: whether @p is a mix of two of the colours */
static gboolean
find_two (Mix * mix, Vector p)
{
  double best = TOLERANCE;
  gboolean found = FALSE;

  for (guint i = 0; i < mix->n; i++) {
    for (guint j = i + 1; j < mix->n; j++) {
      double share;
      const double off = mix_two (p, to_vector (mix->color[i]),
          to_vector (mix->color[j]), &share);

      if (off > best)
        continue;
      best = off;
      found = TRUE;
      set_shares (mix, i, j, share, j, 0.0);
    }
  }
  return found;
}

static gboolean
find_three (Mix * mix, Vector p)
{
  double best = TOLERANCE;
  gboolean found = FALSE;

  for (guint i = 0; i < mix->n; i++) {
    for (guint j = i + 1; j < mix->n; j++) {
      for (guint k = j + 1; k < mix->n; k++) {
        double second, third;
        const double off = mix_three (p, to_vector (mix->color[i]),
            to_vector (mix->color[j]), to_vector (mix->color[k]), &second,
            &third);

        if (off > best)
          continue;
        best = off;
        found = TRUE;
        set_shares (mix, i, j, second, k, third);
      }
    }
  }
  return found;
}

static gboolean
has (const guint8 * set, guint32 color)
{
  return set[color / 8] >> color % 8 & 1;
}

static void
insert (guint8 * set, guint32 color)
{
  set[color / 8] |= (guint8) (1 << color % 8);
}

/* The colours of the map, as a set. */
static guint8 *
find_colors (const RdColorMap * map, guint n, const guint32 * colors)
{
  guint8 *set = g_malloc0 (N_COLORS / 8);

  for (guint i = 0; i < n; i++)
    insert (set, colors[i]);
  for (guint y = 0; y + 1 < map->height; y++) {
    for (guint x = 0; x + 1 < map->width; x++) {
      const guint32 color = color_at (map, x, y);

      if (color == color_at (map, x + 1, y)
          && color == color_at (map, x, y + 1)
          && color == color_at (map, x + 1, y + 1))
        insert (set, color);
    }
  }
  return set;
}

/* Returns: whether there are not too many */
static gboolean
add_color (Mix * mix, guint32 color)
{
  for (guint i = 0; i < mix->n; i++) {
    if (mix->color[i] == color)
      return TRUE;
  }
  if (mix->n == MAX_NEAR)
    return FALSE;
  mix->color[mix->n++] = color;
  return TRUE;
}

/* Returns: whether the pixel is a mix of colours of the map that are near it */
static gboolean
find_mix (const RdColorMap * map, const guint8 * set, guint x, guint y,
    Mix * mix)
{
  const guint right = MIN (x + REACH, map->width - 1);
  const guint bottom = MIN (y + REACH, map->height - 1);
  const Vector p = to_vector (color_at (map, x, y));

  mix->n = 0;
  for (guint j = y - MIN (y, REACH); j <= bottom; j++) {
    for (guint i = x - MIN (x, REACH); i <= right; i++) {
      const guint32 color = color_at (map, i, j);

      if (has (set, color) && !add_color (mix, color))
        return FALSE;
    }
  }
  if (mix->n == 1) {
    const Vector off = minus (p, to_vector (mix->color[0]));

    mix->share[0] = 1.0;
    return dot (off, off) <= TOLERANCE;
  }
  return find_two (mix, p) || find_three (mix, p);
}

static void
add_share (GHashTable * by_color, guint32 color, gsize pixel, double share)
{
  RdMask *mask = g_hash_table_lookup (by_color, GUINT_TO_POINTER (color));

  if (mask)
    mask->data[pixel] = (float) share;
}

/**
 * rd_color_map_paint:
 * @map: a picture
 * @n: number of colours
 * @colors: (array length=n): the colours of regions, 0xRRGGBB, each once
 * @masks: (array length=n) (out): receives for each colour how much of each pixel
 *   has it
 *
 * Pixels of exactly that colour have all of it; those of smooth edges between two
 * colours have a part of each, which add up to 1.
 *
 * Returns: whether memory suffices; if not, there are no masks
 */
gboolean
rd_color_map_paint (const RdColorMap * map, guint n, const guint32 * colors,
    RdMask ** masks)
{
  g_autoptr (GHashTable) by_color = g_hash_table_new (NULL, NULL);
  g_autofree guint8 *set = find_colors (map, n, colors);

  for (guint i = 0; i < n; i++) {
    masks[i] = rd_mask_new (map->width, map->height);
    if (!masks[i]) {
      while (i > 0)
        rd_mask_unref (masks[--i]);
      return FALSE;
    }
    g_hash_table_insert (by_color, GUINT_TO_POINTER (colors[i]), masks[i]);
  }

  for (guint y = 0; y < map->height; y++) {
    for (guint x = 0; x < map->width; x++) {
      const gsize pixel = (gsize) y * map->width + x;
      const guint32 color = color_at (map, x, y);
      Mix mix;

      if (has (set, color))
        add_share (by_color, color, pixel, 1.0);
      else if (find_mix (map, set, x, y, &mix))
        for (guint i = 0; i < mix.n; i++)
          add_share (by_color, mix.color[i], pixel, mix.share[i]);
    }
  }
  return TRUE;
}

/**
 * rd_color_map_nearest:
 * @map: a picture
 * @color: 0xRRGGBB
 *
 * Returns: the colour of a pixel that is not transparent which is nearest to
 *   @color; @color itself if all are transparent
 */
guint32
rd_color_map_nearest (const RdColorMap * map, guint32 color)
{
  const Vector wanted = to_vector (color);
  double best = G_MAXDOUBLE;
  guint32 nearest = color;

  for (guint y = 0; y < map->height; y++) {
    for (guint x = 0; x < map->width; x++) {
      const guint32 other = color_at (map, x, y);
      const Vector d = minus (to_vector (other), wanted);

      if (map->rgba[y * map->stride + 4 * (gsize) x + 3] == 0
          || dot (d, d) >= best)
        continue;
      best = dot (d, d);
      nearest = other;
    }
  }
  return nearest;
}
