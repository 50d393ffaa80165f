/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SECTION:jsonvalue
 *
 * A strict reader of JSON (RFC 8259) for texts that people write. Unlike
 * json-glib's it says by line and column what it expected, tells 2^64 - 1 from
 * -1, refuses repeated keys, and bounds nesting.
 */

typedef enum
{
  RD_JSON_NULL,
  RD_JSON_BOOLEAN,
  RD_JSON_NUMBER,
  RD_JSON_STRING,
  RD_JSON_LIST,
  RD_JSON_OBJECT,
} RdJsonType;

typedef struct _RdJsonValue RdJsonValue;

/**
 * RdJsonValue:
 * @type: what it is
 * @text: a string, UTF-8; or a number as it was written
 * @number: a number, finite; or 1 for true
 * @items: the values of a list or an object
 * @keys: an object's keys, one for each of @items
 */
struct _RdJsonValue
{
  RdJsonType type;
  char *text;
  double number;
  GPtrArray *items;
  GPtrArray *keys;
};

RdJsonValue *rd_json_value_parse (const char *text, GError ** error);
void rd_json_value_free (RdJsonValue * value);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RdJsonValue, rd_json_value_free)

const char *rd_json_type_name (RdJsonType type);
const RdJsonValue *rd_json_value_get (const RdJsonValue * object,
    const char *key);

G_END_DECLS
