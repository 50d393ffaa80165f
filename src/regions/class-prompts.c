/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

#include "regions/class-prompts.h"

#include <string.h>

#include "base/error.h"
#include "json/check.h"
#include "regions/read-json.h"

#define ANY_CLASS "*"

struct _RdClassPrompts
{
  GPtrArray *classes;           /* RdRegion without shape: id is the label */
};

static RdClassPrompts *
class_prompts_new (void)
{
  RdClassPrompts *classes = g_new (RdClassPrompts, 1);

  classes->classes =
      g_ptr_array_new_with_free_func ((GDestroyNotify) rd_region_unref);
  return classes;
}

/**
 * rd_class_prompts_free:
 * @classes: (transfer full): a table
 */
void
rd_class_prompts_free (RdClassPrompts * classes)
{
  g_ptr_array_unref (classes->classes);
  g_free (classes);
}

static RdRegion *
find (const RdClassPrompts * classes, const char *label)
{
  for (guint i = 0; i < classes->classes->len; i++) {
    RdRegion *region = classes->classes->pdata[i];

    if (g_str_equal (region->id, label))
      return region;
  }
  return NULL;
}

/**
 * rd_class_prompts_find:
 * @classes: a table
 * @label: class of a detection
 *
 * Returns: (transfer none) (nullable): the settings for that class, else those
 *   for the class `*`; %NULL if the table has neither
 */
const RdRegion *
rd_class_prompts_find (const RdClassPrompts * classes, const char *label)
{
  const RdRegion *region = find (classes, label);

  return region ? region : find (classes, ANY_CLASS);
}

/**
 * rd_class_prompts_n_labels:
 * @classes: a table
 *
 * Returns: how many classes it has, without the class `*`
 */
guint
rd_class_prompts_n_labels (const RdClassPrompts * classes)
{
  return classes->classes->len - (find (classes, ANY_CLASS) != NULL);
}

/**
 * rd_class_prompts_label:
 * @classes: a table
 * @i: less than rd_class_prompts_n_labels()
 *
 * Returns: (transfer none): the name of the @i-th class, without the class `*`
 */
const char *
rd_class_prompts_label (const RdClassPrompts * classes, guint i)
{
  for (guint k = 0; k < classes->classes->len; k++) {
    const RdRegion *region = classes->classes->pdata[k];

    if (!g_str_equal (region->id, ANY_CLASS) && i-- == 0)
      return region->id;
  }
  return NULL;
}

static RdRegion *
add (RdClassPrompts * classes, const char *label)
{
  RdRegion *region = rd_region_new (label);

  g_ptr_array_add (classes->classes, region);
  return region;
}

/* The value of a class is an object of settings, or the prompt alone. */
static gboolean
read_class (RdClassPrompts * classes, const char *label, JsonNode * node,
    GError ** error)
{
  static const RdRegionReader reader = { NULL, FALSE, NULL };
  RdRegion *region = add (classes, label);
  JsonObject *object;

  if (!*label)
    return rd_json_fail (error, "document", "the name of a class must not be "
        "empty");
  if (JSON_NODE_HOLDS_VALUE (node)
      && json_node_get_value_type (node) == G_TYPE_STRING)
    return rd_json_check_string (label, node, &region->prompt, error);
  return rd_json_check_object (label, node, &object, error)
      && rd_region_read_keys (&reader, label, object, RD_KEYS_OF_CLASS, region,
      error);
}

static gboolean
read_json (RdClassPrompts * classes, const char *text, GError ** error)
{
  g_autoptr (JsonNode) document =
      rd_json_parse ("document", text, strlen (text), error);
  JsonObjectIter iter;
  JsonObject *object;
  const char *label;
  JsonNode *node;

  if (!document) {
    if (!rd_json_looks_like (text))
      rd_json_add_hint (error, "for the short form write class=prompt | "
          "class=prompt");
    return FALSE;
  }
  if (!rd_json_check_object ("document", document, &object, error))
    return FALSE;
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &label, &node)) {
    if (!read_class (classes, label, node, error))
      return FALSE;
  }
  return TRUE;
}

/* @n is the number of the part, for messages. */
static gboolean
read_part (RdClassPrompts * classes, const char *part, guint n, GError ** error)
{
  g_auto (GStrv) sides = g_strsplit (part, "=", 2);
  const char *label = sides[0] ? g_strstrip (sides[0]) : "";
  RdRegion *region;

  if (!*label || find (classes, label)) {
    g_autofree char *excerpt = rd_json_excerpt (label);

    if (*label)
      g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
          "class %u: '%s' occurs twice", n, excerpt);
    else
      g_set_error (error, RD_ERROR, RD_ERROR_INVALID, "class %u: no name, "
          "write class=prompt | class=prompt", n);
    return FALSE;
  }
  region = add (classes, label);
  if (sides[1])
    region->prompt = g_strdup (g_strstrip (sides[1]));
  return TRUE;
}

static gboolean
read_short (RdClassPrompts * classes, const char *text, GError ** error)
{
  g_auto (GStrv) lines = NULL;
  guint n = 0;

  if (!g_utf8_validate (text, -1, NULL)) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID, "not UTF-8 text");
    return FALSE;
  }
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i]; i++) {
    g_auto (GStrv) parts = NULL;

    if (!*g_strstrip (lines[i]))
      continue;
    parts = g_strsplit (lines[i], "|", -1);
    for (guint k = 0; parts[k]; k++) {
      if (!read_part (classes, parts[k], ++n, error))
        return FALSE;
    }
  }
  return TRUE;
}

/* What begins with a bracket is JSON, unless it goes on as JSON cannot and has
 * the sign between class and prompt. */
static gboolean
is_json (const char *text)
{
  const char *first = text + strspn (text, " \t\r\n");

  return (*first == '{' || *first == '[')
      && (rd_json_looks_like (text) || !strchr (text, '='));
}

/**
 * rd_class_prompts_parse:
 * @text: UTF-8; a JSON object from class to prompt or settings, or the short
 *   form of the command line: "traffic light=a red lamp | face=a fox", or one
 *   class a line
 * @error: return location for %RD_ERROR_INVALID, whose message says where in
 *   the text the fault is, or %RD_ERROR_NOT_FOUND for the name of a sampler or
 *   scheduler
 *
 * The prompt of a class that has none is the name of the class. The class `*`
 * stands for all that are not named.
 *
 * Returns: (transfer full) (nullable): the table
 */
RdClassPrompts *
rd_class_prompts_parse (const char *text, GError ** error)
{
  g_autoptr (RdClassPrompts) classes = class_prompts_new ();
  gboolean ok;

  if (!text[strspn (text, " \t\r\n")])
    return g_steal_pointer (&classes);
  ok = is_json (text) ? read_json (classes, text, error)
      : read_short (classes, text, error);
  return ok ? g_steal_pointer (&classes) : NULL;
}
