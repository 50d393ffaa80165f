/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Documents in the short form, for the command line:
 * "lava @0,0.5,0.5,0.5 | green meadow @0.5,0.5,0.5,0.5"; or a region a line. */

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "json/check.h"
#include "regions/reader.h"

#define BLANK " \t\r"
#define SPACE BLANK "\n"
#define SEPARATORS "|\n"
#define NUMBER "+-.0123456789eE"

typedef struct
{
  const char *start;
  guint region;                 /* from 1 */
  GError **error;
} Reader;

static gboolean
G_GNUC_PRINTF (3, 4)
fail_at (const Reader * reader, const char *at, const char *format, ...)
{
  g_autofree char *message = NULL;
  g_autofree char *line = NULL;
  const char *line_start = reader->start;
  guint n = 1;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  for (const char *c = reader->start; c < at; c++) {
    if (*c == '\n') {
      line_start = c + 1;
      n++;
    }
  }
  line = n > 1 ? g_strdup_printf ("line %u, ", n) : g_strdup ("");
  g_set_error (reader->error, RD_ERROR, RD_ERROR_INVALID,
      "region %u, %scolumn %ld: %s", reader->region, line,
      g_utf8_strlen (line_start, at - line_start) + 1, message);

  return FALSE;
}

static const char *
skip_space (const char *at, const char *end)
{
  while (at < end && strchr (SPACE, *at))
    at++;

  return at;
}

static char *
trimmed (const char *start, const char *end)
{
  start = skip_space (start, end);

  return g_strchomp (g_strndup (start, (gsize) (end - start)));
}

/* The one number that the text from @start to @end consists of. */
static gboolean
read_number (const Reader * reader, const char *start, const char *end,
    double *number)
{
  const char *at = skip_space (start, end);
  g_autofree char *text = trimmed (start, end);
  g_autofree char *excerpt = rd_json_excerpt (text);
  char *rest;

  *number = g_ascii_strtod (text, &rest);
  if (!*text || *rest || text[strspn (text, NUMBER)])
    return fail_at (reader, at, "'%s' is not a number", excerpt);
  if (!(fabs (*number) <= RD_MAX_COORDINATE))
    return fail_at (reader, at, "'%s' is too large, coordinates are 0..1 of "
        "the picture", excerpt);

  return TRUE;
}

static gboolean
read_box (const Reader * reader, const char *at, const char *end,
    RdShape * shape)
{
  double *const numbers[] = {
    &shape->box.x, &shape->box.y, &shape->box.width, &shape->box.height
  };
  const char *start = at, *problem;
  guint n = 0;

  for (;;) {
    const char *comma = memchr (at, ',', (gsize) (end - at));

    if (n == G_N_ELEMENTS (numbers))
      return fail_at (reader, at, "more than the 4 numbers x,y,width,height");
    if (!read_number (reader, at, comma ? comma : end, numbers[n++]))
      return FALSE;
    if (!comma)
      break;
    at = comma + 1;
  }

  if (n < G_N_ELEMENTS (numbers))
    return fail_at (reader, start, "expected the 4 numbers x,y,width,height, "
        "found %u", n);

  shape->kind = RD_SHAPE_BOX;
  problem = rd_box_problem (&shape->box, FALSE);
  if (problem)
    return fail_at (reader, start, "%s", problem);

  return TRUE;
}

/* Whether a text begins with four numbers. @end receives where they end. */
static gboolean
is_box (const char *at, const char **end)
{
  for (guint i = 0; i < 4; i++) {
    const gsize size = strspn (at += strspn (at, BLANK), NUMBER);

    if (size == 0)
      return FALSE;
    at += size;
    at += strspn (at, BLANK);
    if (i < 3 && *at++ != ',')
      return FALSE;
  }
  *end = at;
  return TRUE;
}

/**
 * rd_regions_is_short:
 * @text: a text about regions
 *
 * Returns: whether it ends with a box of the short form, as no JSON text does
 */
gboolean
rd_regions_is_short (const char *text)
{
  const char *box = strrchr (text, '@'), *end;

  return box && is_box (box + 1, &end) && !end[strspn (end, SPACE)];
}

static gboolean
read_region (const Reader * reader, const char *start, const char *end,
    RdRegion * region)
{
  const char *at = end;

  while (at > start && *at != '@')
    at--;
  if (at == end || *at != '@')
    return fail_at (reader, skip_space (start, end), "no shape, write "
        "@x,y,width,height after the prompt");

  for (const char *inner = start; inner < at; inner++) {
    const char *rest;

    if (*inner == '@' && is_box (inner + 1, &rest) && rest <= at)
      return fail_at (reader, inner, "a box within the prompt; write | between "
          "regions, or each on a line of its own");
  }

  region->prompt = trimmed (start, at);
  return read_box (reader, at + 1, end, &region->shape);
}

/* Where the parts of a text end: at the ends of lines, the end of the text, and
 * each | but those in brackets that are closed before the end of the line and of
 * the prompt. Other programs give a | in brackets a meaning of its own. */
static GPtrArray *
find_ends (const char *text)
{
  GPtrArray *ends = g_ptr_array_new ();
  /* for each bracket that is open, how many ends came before */
  g_autoptr (GArray) open = g_array_new (FALSE, FALSE, sizeof (guint));

  for (; *text; text++) {
    if (*text == '@' || *text == '\n')
      g_array_set_size (open, 0);
    if (*text == '{' || *text == '[') {
      g_array_append_val (open, ends->len);
    } else if ((*text == '}' || *text == ']') && open->len > 0) {
      g_ptr_array_set_size (ends, g_array_index (open, guint, open->len - 1));
      g_array_set_size (open, open->len - 1);
    } else if (strchr (SEPARATORS, *text)) {
      g_ptr_array_add (ends, (gpointer) text);
    }
  }
  g_ptr_array_add (ends, (gpointer) text);
  return ends;
}

/* Whether there is nothing between a separator and the next. */
static gboolean
is_blank (const char *start, const char *end)
{
  return skip_space (start, end) == end;
}

static guint
count_regions (const char *text, const GPtrArray * ends)
{
  guint n = 0;

  for (guint i = 0; i < ends->len; i++) {
    n += !is_blank (text, ends->pdata[i]);
    text = (const char *) ends->pdata[i] + 1;
  }
  return n;
}

/**
 * rd_regions_read_short:
 * @text: regions in the short form
 * @regions: (element-type RdRegion): receives them, also in part when the text
 *   is malformed
 * @error: return location for %RD_ERROR_INVALID, whose message begins with the
 *   region's number, the line unless it is the first, and the column
 *
 * Blank lines are skipped, and a | may begin or end a line. One in brackets is a
 * part of the prompt.
 *
 * Returns: whether the text is well-formed
 */
gboolean
rd_regions_read_short (const char *text, GPtrArray * regions, GError ** error)
{
  Reader reader = { text, 1, error };
  const char *start = text, *invalid;
  g_autoptr (GPtrArray) ends = NULL;
  /* whether a | has come that no region has followed yet */
  gboolean open = FALSE;

  if (!g_utf8_validate (text, -1, &invalid))
    return fail_at (&reader, invalid, "not UTF-8 text");
  if (!text[strspn (text, SPACE)])
    return TRUE;
  ends = find_ends (text);
  if (!rd_region_check_number (count_regions (text, ends), error))
    return FALSE;

  for (guint i = 0; i < ends->len; i++) {
    const char *end = ends->pdata[i];

    /* a blank part is a region that lacks everything, but next to a line's end */
    if (!is_blank (start, end) || (*end != '\n' && (open
                || (*end == '|' && regions->len == 0)))) {
      g_autofree char *id = g_strdup_printf ("regions[%u]", reader.region - 1);
      RdRegion *region = rd_region_new (id);

      g_ptr_array_add (regions, region);
      if (!read_region (&reader, start, end, region))
        return FALSE;
      reader.region++;
      open = FALSE;
    }
    open |= *end == '|';
    start = end + 1;
  }
  return TRUE;
}
