/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "regions/timeline.h"

#include <string.h>

#include "base/text.h"
#include "json/check.h"
#include "json/write.h"
#include "regions/document.h"

#define MAX_SECONDS 1e9

typedef struct
{
  double seconds;
  char *text;                   /* a document without its time */
} Entry;

struct _RdRegionTimeline
{
  GArray *entries;              /* by time */
};

static void
entry_clear (gpointer data)
{
  g_free (((Entry *) data)->text);
}

static RdRegionTimeline *
timeline_new (void)
{
  RdRegionTimeline *timeline = g_new (RdRegionTimeline, 1);

  timeline->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (timeline->entries, entry_clear);
  return timeline;
}

/**
 * rd_region_timeline_free:
 * @timeline: (transfer full): a timeline
 */
void
rd_region_timeline_free (RdRegionTimeline * timeline)
{
  g_array_unref (timeline->entries);
  g_free (timeline);
}

/* Removes the time from an object, which is a document without it. */
static gboolean
take_time (JsonNode * node, double *seconds, GError ** error)
{
  JsonObject *object;
  JsonNode *time;

  if (!rd_json_check_object ("line", node, &object, error))
    return FALSE;
  time = json_object_get_member (object, "time");
  if (!time)
    return rd_json_fail (error, "time", "is missing: every line needs the time "
        "in seconds from which its regions apply");
  if (!rd_json_check_number ("time", time, 0.0, MAX_SECONDS, seconds, error))
    return FALSE;
  json_object_remove_member (object, "time");
  return TRUE;
}

static gboolean
read_line (RdRegionTimeline * timeline, const char *line, GError ** error)
{
  g_autoptr (JsonNode) node = rd_json_parse ("line", line, strlen (line),
      error);
  g_autoptr (RdRegionDocument) document = NULL;
  Entry entry = { 0 };

  if (!node || !take_time (node, &entry.seconds, error))
    return FALSE;
  if (timeline->entries->len > 0) {
    const double before = g_array_index (timeline->entries, Entry,
        timeline->entries->len - 1).seconds;

    if (entry.seconds <= before)
      return rd_json_fail (error, "time", "is %s, must be greater than that of "
          "the previous line, %s", rd_text_number ("%.15g", entry.seconds).text,
          rd_text_number ("%.15g", before).text);
  }
  entry.text = rd_json_write (node);
  document = rd_region_document_parse (entry.text, NULL, error);
  if (!document || !rd_region_document_check_portable (document, error)) {
    g_free (entry.text);
    return FALSE;
  }
  g_array_append_val (timeline->entries, entry);
  return TRUE;
}

/**
 * rd_region_timeline_parse:
 * @name: name of the text, for messages
 * @text: lines with one JSON object each: a document, and beside its keys a key
 *   `time`, the time in seconds from which on it counts. Times rise from line to
 *   line. Empty lines are skipped
 * @error: return location for %RD_ERROR_INVALID, or %RD_ERROR_NOT_FOUND for the
 *   name of a sampler or scheduler, with name and line
 *
 * Returns: (transfer full) (nullable): the documents by time
 */
RdRegionTimeline *
rd_region_timeline_parse (const char *name, const char *text, GError ** error)
{
  g_autoptr (RdRegionTimeline) timeline = timeline_new ();
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i]; i++) {
    if (!*g_strstrip (lines[i]))
      continue;
    if (!read_line (timeline, lines[i], error)) {
      g_prefix_error (error, "%s:%u: ", name, i + 1);
      return NULL;
    }
  }
  return g_steal_pointer (&timeline);
}

/**
 * rd_region_timeline_at:
 * @timeline: documents by time
 * @seconds: a time
 *
 * Returns: (transfer none) (nullable): the document that counts then, as JSON;
 *   %NULL before the first
 */
const char *
rd_region_timeline_at (const RdRegionTimeline * timeline, double seconds)
{
  const GArray *entries = timeline->entries;
  guint low = 0, high = entries->len;

  while (low < high) {
    const guint middle = low + (high - low) / 2;

    if (g_array_index (entries, Entry, middle).seconds <= seconds)
      low = middle + 1;
    else
      high = middle;
  }
  return low > 0 ? g_array_index (entries, Entry, low - 1).text : NULL;
}
