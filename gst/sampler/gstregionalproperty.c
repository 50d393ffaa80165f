/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Settings of the core as properties of objects. */

#include "sampler/gstregionalproperty.h"

#include <math.h>

#include "sampler/gstregionalenums.h"

/* A name that is not there, which has a nick of its own ("auto", "inherit"). */
#define NO_NAME (-1)

static gint
name_to_enum (GType type, const gchar * name)
{
  return name ? gst_regional_enum_value (type, name) : NO_NAME;
}

/*
 * gst_regional_property_flags:
 * @setting: a setting of base or region
 *
 * Returns: the flags of its property: numbers can be controlled over time
 */
GParamFlags
gst_regional_property_flags (const RdSetting * setting)
{
  switch (setting->type) {
    case RD_SETTING_INT:
    case RD_SETTING_UINT:
    case RD_SETTING_UINT64:
    case RD_SETTING_DOUBLE:
      return GST_REGIONAL_PROPERTY_FLAGS | GST_PARAM_CONTROLLABLE;
    default:
      return GST_REGIONAL_PROPERTY_FLAGS;
  }
}

/*
 * gst_regional_property_new:
 * @setting: a setting
 * @enum_type: the enum type of a name or an enum. Nicks are names; the value of
 *   a name that may be missing is -1 then
 * @flags: the property's
 *
 * Returns: (transfer floating): a property with the setting's name, texts, range
 *   and default
 */
GParamSpec *
gst_regional_property_new (const RdSetting * setting, GType enum_type,
    GParamFlags flags)
{
  const RdSetting *s = setting;

  switch (s->type) {
    case RD_SETTING_BOOLEAN:
      return g_param_spec_boolean (s->name, s->nick, s->blurb,
          s->number != 0.0, flags);
    case RD_SETTING_INT:
      return g_param_spec_int (s->name, s->nick, s->blurb, (gint) s->min,
          (gint) s->max, (gint) s->number, flags);
    case RD_SETTING_UINT:
      return g_param_spec_uint (s->name, s->nick, s->blurb, (guint) s->min,
          (guint) s->max, (guint) s->number, flags);
    case RD_SETTING_UINT64:
      return g_param_spec_uint64 (s->name, s->nick, s->blurb, 0, G_MAXUINT64,
          (guint64) s->number, flags);
    case RD_SETTING_DOUBLE:
      return g_param_spec_double (s->name, s->nick, s->blurb, s->min, s->max,
          s->number, flags);
    case RD_SETTING_STRING:
      return g_param_spec_string (s->name, s->nick, s->blurb, s->text, flags);
    case RD_SETTING_NAME:
      return g_param_spec_enum (s->name, s->nick, s->blurb, enum_type,
          name_to_enum (enum_type, s->text), flags);
    case RD_SETTING_ENUM:
      return g_param_spec_enum (s->name, s->nick, s->blurb, enum_type,
          (gint) s->number, flags);
    case RD_SETTING_NUMBERS:
      /* any type of number: an element type would turn others into its
       * default */
      return gst_param_spec_array (s->name, s->nick, s->blurb, NULL, flags);
  }
  g_return_val_if_reached (NULL);
}

static void
take_string (gchar ** field, const gchar * string)
{
  g_free (*field);
  *field = g_strdup (string);
}

/* What is no number becomes NAN, which a job refuses with its place. */
static void
take_numbers (GArray ** field, const GValue * value)
{
  const guint n = gst_value_array_get_size (value);

  g_clear_pointer (field, g_array_unref);
  if (n == 0)
    return;
  *field = g_array_sized_new (FALSE, FALSE, sizeof (gdouble), n);
  for (guint i = 0; i < n; i++) {
    const GValue *from = gst_value_array_get_value (value, i);
    g_auto (GValue) to = G_VALUE_INIT;
    gdouble number = NAN;

    g_value_init (&to, G_TYPE_DOUBLE);
    if (g_value_transform (from, &to))
      number = g_value_get_double (&to);
    g_array_append_val (*field, number);
  }
}

/*
 * gst_regional_property_set:
 * @setting: a setting
 * @fields: the struct that it is a field of, locked by its owner
 * @value: the property's value; a missing string is the setting's default
 *
 * Sets it.
 */
void
gst_regional_property_set (const RdSetting * setting, gpointer fields,
    const GValue * value)
{
  gpointer field = G_STRUCT_MEMBER_P (fields, setting->offset);
  const gchar *text;
  gint number;

  switch (setting->type) {
    case RD_SETTING_BOOLEAN:
      *(gboolean *) field = g_value_get_boolean (value);
      break;
    case RD_SETTING_INT:
      *(gint *) field = g_value_get_int (value);
      break;
    case RD_SETTING_UINT:
      *(guint *) field = g_value_get_uint (value);
      break;
    case RD_SETTING_UINT64:
      *(guint64 *) field = g_value_get_uint64 (value);
      break;
    case RD_SETTING_DOUBLE:
      *(gdouble *) field = g_value_get_double (value);
      break;
    case RD_SETTING_STRING:
      text = g_value_get_string (value);
      take_string (field, text ? text : setting->text);
      break;
    case RD_SETTING_NAME:
      number = g_value_get_enum (value);
      take_string (field, number == NO_NAME ? NULL
          : gst_regional_enum_nick (G_VALUE_TYPE (value), number));
      break;
    case RD_SETTING_ENUM:
      setting->set (fields, g_value_get_enum (value));
      break;
    case RD_SETTING_NUMBERS:
      take_numbers (field, value);
      break;
  }
}

static void
give_numbers (const GArray * numbers, GValue * value)
{
  for (guint i = 0; numbers && i < numbers->len; i++) {
    g_auto (GValue) number = G_VALUE_INIT;

    g_value_init (&number, G_TYPE_DOUBLE);
    g_value_set_double (&number, g_array_index (numbers, gdouble, i));
    gst_value_array_append_value (value, &number);
  }
}

/*
 * gst_regional_property_get:
 * @setting: a setting
 * @fields: the struct that it is a field of, locked by its owner
 * @value: receives the property's value
 */
void
gst_regional_property_get (const RdSetting * setting, gconstpointer fields,
    GValue * value)
{
  gconstpointer field = G_STRUCT_MEMBER_P (fields, setting->offset);

  switch (setting->type) {
    case RD_SETTING_BOOLEAN:
      g_value_set_boolean (value, *(const gboolean *) field);
      break;
    case RD_SETTING_INT:
      g_value_set_int (value, *(const gint *) field);
      break;
    case RD_SETTING_UINT:
      g_value_set_uint (value, *(const guint *) field);
      break;
    case RD_SETTING_UINT64:
      g_value_set_uint64 (value, *(const guint64 *) field);
      break;
    case RD_SETTING_DOUBLE:
      g_value_set_double (value, *(const gdouble *) field);
      break;
    case RD_SETTING_STRING:
      g_value_set_string (value, *(gchar * const *) field);
      break;
    case RD_SETTING_NAME:
      g_value_set_enum (value, name_to_enum (G_VALUE_TYPE (value),
              *(gchar * const *) field));
      break;
    case RD_SETTING_ENUM:
      g_value_set_enum (value, setting->get (fields));
      break;
    case RD_SETTING_NUMBERS:
      give_numbers (*(GArray * const *) field, value);
      break;
  }
}
