/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * SECTION:gstlatentdebug
 *
 * Debug categories of files that several elements share, and the place in the
 * source that a message or log line comes from.
 */

/**
 * GST_LATENT_DEBUG_CATEGORY:
 * @name: the category's name, as GST_DEBUG takes it
 * @description: what it logs, for gst-launch-1.0 --gst-debug-help
 *
 * Defines the category of a file, which exists from the file's first log line
 * on: no element has to register it. Files may share a name. To be followed by
 * `#define GST_CAT_DEFAULT gst_latent_debug_category ()`.
 */
#ifndef GST_DISABLE_GST_DEBUG
#define GST_LATENT_DEBUG_CATEGORY(name, description) \
G_GNUC_UNUSED static GstDebugCategory * \
gst_latent_debug_category (void) \
{ \
  static gsize category = 0; \
\
  if (g_once_init_enter (&category)) { \
    GstDebugCategory *made = _gst_debug_category_new (name, 0, description); \
\
    g_once_init_leave (&category, (gsize) made); \
  } \
  return (GstDebugCategory *) category; \
} \
static GstDebugCategory *gst_latent_debug_category (void)
#else
#define GST_LATENT_DEBUG_CATEGORY(name, description) \
G_GNUC_UNUSED static GstDebugCategory * \
gst_latent_debug_category (void) \
{ \
  return NULL; \
} \
static GstDebugCategory *gst_latent_debug_category (void)
#endif

/**
 * GstLatentPlace:
 * @category: the file's debug category
 * @file: the file
 * @function: the function
 * @line: the line
 *
 * A place in the source.
 */
typedef struct
{
  GstDebugCategory *category;
  const char *file;
  const char *function;
  gint line;
} GstLatentPlace;

/**
 * GST_LATENT_HERE:
 *
 * The place where it is written, as an argument of a function that posts or
 * logs for its caller.
 */
#define GST_LATENT_HERE \
    (&(const GstLatentPlace) { GST_CAT_DEFAULT, __FILE__, GST_FUNCTION, __LINE__ })

G_END_DECLS
