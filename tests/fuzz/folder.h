/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <glib.h>

/* A folder whose files are good but for one, which is what an input says. */

/**
 * FuzzFile:
 * @name: below the folder
 * @text: what it says otherwise
 */
typedef struct
{
  const char *name;
  const char *text;
} FuzzFile;

const char *fuzz_folder_open (guint n, const FuzzFile * files,
    const guint8 * data, gsize size);
void fuzz_folder_close (void);
