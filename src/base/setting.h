/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SECTION:setting
 *
 * A field of a struct that users set, described once: its name, type, range,
 * default, and what to tell people about it. Whatever lets somebody set it (the
 * properties of an element, a document's reader) goes by the description.
 */

/**
 * RdSettingType:
 * @RD_SETTING_BOOLEAN: a gboolean
 * @RD_SETTING_INT: an int
 * @RD_SETTING_UINT: a guint
 * @RD_SETTING_UINT64: a guint64, of any value
 * @RD_SETTING_DOUBLE: a double
 * @RD_SETTING_STRING: a char *, owned by the struct
 * @RD_SETTING_NAME: the same, and the name of an entry of a table (samplers,
 *   schedulers)
 * @RD_SETTING_ENUM: an enum of C, got and set by functions that know it
 * @RD_SETTING_NUMBERS: a GArray * of double, which is replaced and never
 *   changed; %NULL for none
 *
 * What the field is.
 */
typedef enum
{
  RD_SETTING_BOOLEAN,
  RD_SETTING_INT,
  RD_SETTING_UINT,
  RD_SETTING_UINT64,
  RD_SETTING_DOUBLE,
  RD_SETTING_STRING,
  RD_SETTING_NAME,
  RD_SETTING_ENUM,
  RD_SETTING_NUMBERS,
} RdSettingType;

/**
 * RdSetting:
 * @name: "noise-seed", as users write it
 * @nick: for people
 * @blurb: what it does, its unit, and what special values mean
 * @type: what the field is
 * @offset: of the field in its struct
 * @min: least value of an int, guint or double
 * @max: greatest value, likewise
 * @number: default of any number, boolean or enum
 * @text: (nullable): default of a string or name
 * @get: of an enum
 * @set: of an enum
 */
typedef struct
{
  const char *name;
  const char *nick;
  const char *blurb;
  RdSettingType type;
  gsize offset;
  double min, max, number;
  const char *text;
  int (*get) (gconstpointer fields);
  void (*set) (gpointer fields, int value);
} RdSetting;

/**
 * RD_SETTING_DEFINE_ENUM:
 * @Struct: type of a struct
 * @Enum: type of one of its fields
 * @field: the field
 *
 * Defines the functions get_field() and set_field() for the field's
 * description.
 */
#define RD_SETTING_DEFINE_ENUM(Struct, Enum, field) \
  static int \
  get_##field (gconstpointer fields) \
  { \
    return (int) ((const Struct *) fields)->field; \
  } \
  static void \
  set_##field (gpointer fields, int value) \
  { \
    ((Struct *) fields)->field = (Enum) value; \
  }

void rd_settings_init (gpointer fields, guint n, const RdSetting * settings);
void rd_settings_clear (gpointer fields, guint n, const RdSetting * settings);
void rd_settings_copy (gpointer to, gconstpointer from, guint n,
    const RdSetting * settings);

G_END_DECLS
