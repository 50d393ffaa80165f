/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "common/gstlatenterror.h"

#include "base/error.h"

/**
 * SECTION:gstlatenterror
 *
 * The core's errors as error messages of elements.
 */

/* letters of one setting in a debug text */
#define MAX_SETTING 120

static void
classify (const GError * error, GQuark * domain, gint * code)
{
  *domain = GST_LIBRARY_ERROR;
  *code = GST_LIBRARY_ERROR_FAILED;
  if (g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)) {
    *domain = GST_RESOURCE_ERROR;
    *code = GST_RESOURCE_ERROR_NOT_FOUND;
  } else if (error->domain == G_FILE_ERROR || error->domain == G_IO_ERROR) {
    *domain = GST_RESOURCE_ERROR;
    *code = GST_RESOURCE_ERROR_READ;
  }
  if (error->domain != RD_ERROR)
    return;

  switch ((RdError) error->code) {
    case RD_ERROR_FAILED:
      break;
    case RD_ERROR_NOT_FOUND:
      *domain = GST_RESOURCE_ERROR;
      *code = GST_RESOURCE_ERROR_NOT_FOUND;
      break;
    case RD_ERROR_INVALID:
      *code = GST_LIBRARY_ERROR_INIT;
      break;
    case RD_ERROR_SETTINGS:
      *domain = GST_RESOURCE_ERROR;
      *code = GST_RESOURCE_ERROR_SETTINGS;
      break;
    case RD_ERROR_SHAPE:
      *domain = GST_STREAM_ERROR;
      *code = GST_STREAM_ERROR_FORMAT;
      break;
    case RD_ERROR_NO_MEMORY:
      *domain = GST_RESOURCE_ERROR;
      *code = GST_RESOURCE_ERROR_NO_SPACE_LEFT;
      break;
    case RD_ERROR_UNREADABLE:
      *domain = GST_RESOURCE_ERROR;
      *code = GST_RESOURCE_ERROR_READ;
      break;
  }
}

/* Whether @spec is a setting of @element's own: one that somebody can make, and
 * that is not GStreamer's. */
static gboolean
is_setting (GstElement * element, GParamSpec * spec)
{
  return (spec->flags & G_PARAM_READWRITE) == G_PARAM_READWRITE
      && g_type_is_a (G_OBJECT_TYPE (element), spec->owner_type)
      && g_type_is_a (spec->owner_type, GST_TYPE_ELEMENT)
      && spec->owner_type != GST_TYPE_ELEMENT;
}

/* Texts like prompts and documents may be long. */
static void
append_value (GString * text, const char *name, const GValue * value)
{
  g_autofree char *written = gst_value_serialize (value);

  if (written == NULL)
    return;
  g_string_append_printf (text, "%s%s=", text->len > 0 ? " " : "", name);
  if (g_utf8_strlen (written, -1) <= MAX_SETTING) {
    g_string_append (text, written);
    return;
  }
  g_string_append_len (text, written,
      g_utf8_offset_to_pointer (written, MAX_SETTING) - written);
  g_string_append (text, "...");
}

/* The settings of @element that are not at their defaults. */
static char *
describe_settings (GstElement * element)
{
  GString *text = g_string_new (NULL);
  g_autofree GParamSpec **specs = NULL;
  guint n;

  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (element), &n);
  for (guint i = 0; i < n; i++) {
    g_auto (GValue) value = G_VALUE_INIT;

    if (!is_setting (element, specs[i]))
      continue;
    g_value_init (&value, specs[i]->value_type);
    g_object_get_property (G_OBJECT (element), specs[i]->name, &value);
    if (!g_param_value_defaults (specs[i], &value))
      append_value (text, specs[i]->name, &value);
  }
  return g_string_free (text, FALSE);
}

/**
 * gst_latent_error_describe:
 * @element: who failed
 * @error: why
 * @during: (nullable): what it was doing then
 *
 * The debug text of a message: domain and code of @error, what @element was
 * doing, and those of its settings that are not at their defaults.
 *
 * Returns: (transfer full): the text
 */
char *
gst_latent_error_describe (GstElement * element, const GError * error,
    const char *during)
{
  g_autofree char *settings = describe_settings (element);

  return g_strdup_printf ("%s, code %d%s%s; settings: %s",
      g_quark_to_string (error->domain), error->code,
      during != NULL ? "; while " : "", during != NULL ? during : "",
      settings[0] != '\0' ? settings : "all at their defaults");
}

/**
 * gst_latent_error_post_at:
 * @element: who failed
 * @error: why; not a cancellation
 * @during: (nullable): what it was doing then, for the debug text
 * @place: where it is found out; %GST_LATENT_HERE
 *
 * Posts @error as an error message of @place: RESOURCE/NOT_FOUND for what does
 * not exist, LIBRARY/INIT for a model folder that is not valid,
 * RESOURCE/SETTINGS for settings, STREAM/FORMAT for sizes,
 * RESOURCE/NO_SPACE_LEFT for memory, LIBRARY/FAILED for a failure of a driver
 * or library. Call it with no lock held.
 */
void
gst_latent_error_post_at (GstElement * element, const GError * error,
    const char *during, const GstLatentPlace * place)
{
  g_autofree char *debug = gst_latent_error_describe (element, error, during);
  GQuark domain;
  gint code;

  classify (error, &domain, &code);
  gst_debug_log (place->category, GST_LEVEL_ERROR, place->file,
      place->function, place->line, G_OBJECT (element), "%s (%s)",
      error->message, debug);
  gst_element_message_full (element, GST_MESSAGE_ERROR, domain, code,
      g_strdup (error->message), g_steal_pointer (&debug), place->file,
      place->function, place->line);
}

/**
 * gst_latent_error_flow_at:
 * @element: who failed
 * @error: why
 * @place: where it is found out; %GST_LATENT_HERE
 *
 * Returns: %GST_FLOW_FLUSHING for a cancellation; else posts @error as
 *   gst_latent_error_post_at() and returns %GST_LATENT_FLOW_FAILED
 */
GstFlowReturn
gst_latent_error_flow_at (GstElement * element, const GError * error,
    const GstLatentPlace * place)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return GST_FLOW_FLUSHING;
  gst_latent_error_post_at (element, error, NULL, place);
  return GST_LATENT_FLOW_FAILED;
}

/**
 * gst_latent_error_end:
 * @element: who has failed and told it; not an aggregator, which ends by itself
 *
 * Ends the stream through @element as an EOS event from upstream would: downstream
 * gets EOS, and whatever still comes is not taken, up to a flush or the next
 * stream. A queue may have one more buffer under way, which would fail as well.
 *
 * Returns: %GST_LATENT_FLOW_FAILED
 */
GstFlowReturn
gst_latent_error_end (GstElement * element)
{
  GList *sources = NULL;

  GST_OBJECT_LOCK (element);
  for (GList * l = element->sinkpads; l != NULL; l = l->next) {
    GST_OBJECT_LOCK (l->data);
    GST_OBJECT_FLAG_SET (l->data, GST_PAD_FLAG_EOS);
    GST_OBJECT_UNLOCK (l->data);
  }
  for (GList * l = element->srcpads; l != NULL; l = l->next)
    sources = g_list_prepend (sources, gst_object_ref (l->data));
  GST_OBJECT_UNLOCK (element);
  for (GList * l = sources; l != NULL; l = l->next)
    gst_pad_push_event (l->data, gst_event_new_eos ());
  g_list_free_full (sources, gst_object_unref);
  return GST_LATENT_FLOW_FAILED;
}
