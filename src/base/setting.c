/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "base/setting.h"

static void
init_field (gpointer fields, const RdSetting * setting)
{
  gpointer field = G_STRUCT_MEMBER_P (fields, setting->offset);

  switch (setting->type) {
    case RD_SETTING_BOOLEAN:
      *(gboolean *) field = setting->number != 0.0;
      break;
    case RD_SETTING_INT:
      *(int *) field = (int) setting->number;
      break;
    case RD_SETTING_UINT:
      *(guint *) field = (guint) setting->number;
      break;
    case RD_SETTING_UINT64:
      *(guint64 *) field = (guint64) setting->number;
      break;
    case RD_SETTING_DOUBLE:
      *(double *) field = setting->number;
      break;
    case RD_SETTING_STRING:
    case RD_SETTING_NAME:
      *(char **) field = g_strdup (setting->text);
      break;
    case RD_SETTING_ENUM:
      setting->set (fields, (int) setting->number);
      break;
    case RD_SETTING_NUMBERS:
      *(GArray **) field = NULL;
      break;
  }
}

/**
 * rd_settings_init:
 * @fields: a struct without values
 * @n: how many of its fields are settings
 * @settings: what they are
 *
 * Gives every setting its default.
 */
void
rd_settings_init (gpointer fields, guint n, const RdSetting * settings)
{
  for (guint i = 0; i < n; i++)
    init_field (fields, &settings[i]);
}

static void
clear_field (gpointer fields, const RdSetting * setting)
{
  gpointer field = G_STRUCT_MEMBER_P (fields, setting->offset);

  switch (setting->type) {
    case RD_SETTING_STRING:
    case RD_SETTING_NAME:
      g_clear_pointer ((char **) field, g_free);
      break;
    case RD_SETTING_NUMBERS:
      g_clear_pointer ((GArray **) field, g_array_unref);
      break;
    default:
      break;
  }
}

/**
 * rd_settings_clear:
 * @fields: a struct, or zeroed memory
 * @n: how many of its fields are settings
 * @settings: what they are
 *
 * Frees what the settings hold.
 */
void
rd_settings_clear (gpointer fields, guint n, const RdSetting * settings)
{
  for (guint i = 0; i < n; i++)
    clear_field (fields, &settings[i]);
}

static void
copy_field (gpointer fields, gconstpointer from, const RdSetting * setting)
{
  gpointer to = G_STRUCT_MEMBER_P (fields, setting->offset);
  gconstpointer field = G_STRUCT_MEMBER_P (from, setting->offset);

  switch (setting->type) {
    case RD_SETTING_BOOLEAN:
      *(gboolean *) to = *(const gboolean *) field;
      break;
    case RD_SETTING_INT:
      *(int *) to = *(const int *) field;
      break;
    case RD_SETTING_UINT:
      *(guint *) to = *(const guint *) field;
      break;
    case RD_SETTING_UINT64:
      *(guint64 *) to = *(const guint64 *) field;
      break;
    case RD_SETTING_DOUBLE:
      *(double *) to = *(const double *) field;
      break;
    case RD_SETTING_STRING:
    case RD_SETTING_NAME:
      *(char **) to = g_strdup (*(char *const *) field);
      break;
    case RD_SETTING_ENUM:
      setting->set (fields, setting->get (from));
      break;
    case RD_SETTING_NUMBERS:
    {
      GArray *numbers = *(GArray * const *) field;

      *(GArray **) to = numbers ? g_array_ref (numbers) : NULL;
      break;
    }
  }
}

/**
 * rd_settings_copy:
 * @to: a struct without values; rd_settings_clear() afterwards
 * @from: another one, with values
 * @n: how many of its fields are settings
 * @settings: what they are
 *
 * Copies all settings.
 */
void
rd_settings_copy (gpointer to, gconstpointer from, guint n,
    const RdSetting * settings)
{
  for (guint i = 0; i < n; i++)
    copy_field (to, from, &settings[i]);
}
