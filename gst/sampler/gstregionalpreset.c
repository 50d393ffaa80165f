/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/*
 * Presets of `regionalsampler`: all settings of its own and of the mask pads
 * that are there, but nothing that base classes have, like names.
 *
 * GStreamer's implementation escapes a text twice when it saves it and once
 * less when it loads it: `two words` comes back as `two\ words`, and what has a
 * quotation mark not at all. So texts are kept a second time as metadata of the
 * preset, which is not touched on its way.
 */

#include "sampler/gstregionalsampler.h"

#include "sampler/gstmaskpad.h"

GST_DEBUG_CATEGORY_EXTERN (gst_regional_sampler_debug);
#define GST_CAT_DEFAULT gst_regional_sampler_debug

/* what the interface does by itself */
static GstPresetInterface defaults;

static void
append_names (GPtrArray * names, GObject * object, GType owner)
{
  g_autofree GParamSpec **specs = NULL;
  guint n;

  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (object), &n);
  for (guint i = 0; i < n; i++) {
    if (specs[i]->owner_type != owner || !(specs[i]->flags & G_PARAM_WRITABLE))
      continue;
    if (GST_IS_PAD (object))
      g_ptr_array_add (names, g_strdup_printf ("%s::%s",
              GST_OBJECT_NAME (object), specs[i]->name));
    else
      g_ptr_array_add (names, g_strdup (specs[i]->name));
  }
}

static gchar **
get_property_names (GstPreset * preset)
{
  g_autoptr (GPtrArray) pads =
      gst_regional_sampler_get_mask_pads (GST_REGIONAL_SAMPLER (preset));
  GPtrArray *names = g_ptr_array_new ();

  append_names (names, G_OBJECT (preset), GST_TYPE_REGIONAL_SAMPLER);
  for (guint i = 0; i < pads->len; i++)
    append_names (names, pads->pdata[i], GST_TYPE_MASK_PAD);
  g_ptr_array_add (names, NULL);
  return (gchar **) g_ptr_array_free (names, FALSE);
}

static gboolean
save_preset (GstPreset * preset, const gchar * name)
{
  g_auto (GStrv) names = get_property_names (preset);
  gboolean saved = defaults.save_preset (preset, name);

  for (guint i = 0; saved && names[i]; i++) {
    g_auto (GValue) value = G_VALUE_INIT;
    g_autofree gchar *text = NULL;

    gst_child_proxy_get_property (GST_CHILD_PROXY (preset), names[i], &value);
    if (!G_VALUE_HOLDS_STRING (&value))
      continue;
    text = gst_value_serialize (&value);
    saved = gst_preset_set_meta (preset, name, names[i], text ? text : "NULL");
  }
  return saved;
}

static gboolean
load (GstPreset * preset, const gchar * name)
{
  g_auto (GStrv) names = get_property_names (preset);

  if (!defaults.load_preset (preset, name))
    return FALSE;
  for (guint i = 0; names[i]; i++) {
    g_auto (GValue) value = G_VALUE_INIT;
    g_autofree gchar *text = NULL;

    g_value_init (&value, G_TYPE_STRING);
    if (gst_preset_get_meta (preset, name, names[i], &text) && text
        && gst_value_deserialize (&value, text))
      gst_child_proxy_set_property (GST_CHILD_PROXY (preset), names[i], &value);
  }
  return TRUE;
}

/* Whole: no job begins between one setting and the next, and nobody is notified
 * of any before all are set. */
static gboolean
load_preset (GstPreset * preset, const gchar * name)
{
  GstRegionalSampler *self = GST_REGIONAL_SAMPLER (preset);
  g_autoptr (GPtrArray) objects = gst_regional_sampler_get_mask_pads (self);
  /* which reads the files of presets, with no lock held */
  g_auto (GStrv) known = gst_preset_get_preset_names (preset);
  gboolean loaded;

  if (!known || !g_strv_contains ((const gchar * const *) known, name))
    return FALSE;
  g_ptr_array_add (objects, gst_object_ref (self));
  for (guint i = 0; i < objects->len; i++)
    g_object_freeze_notify (objects->pdata[i]);
  g_mutex_lock (&self->settings_lock);
  loaded = load (preset, name);
  g_mutex_unlock (&self->settings_lock);
  for (guint i = 0; i < objects->len; i++)
    g_object_thaw_notify (objects->pdata[i]);
  GST_DEBUG_OBJECT (self, "loading preset %s %s", name,
      loaded ? "succeeded" : "failed");
  return loaded;
}

void
gst_regional_preset_init (GstPresetInterface * iface)
{
  defaults = *iface;
  iface->get_property_names = get_property_names;
  iface->save_preset = save_preset;
  iface->load_preset = load_preset;
}
