/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SECTION:error
 *
 * The errors of this library.
 */

#define RD_ERROR (rd_error_quark ())

/**
 * RdError:
 * @RD_ERROR_FAILED: something below (a driver, a library) failed
 * @RD_ERROR_NOT_FOUND: a file, folder, device or name does not exist
 * @RD_ERROR_INVALID: a document, file or network is not what it should be
 * @RD_ERROR_SETTINGS: settings that exclude each other or mean nothing here
 * @RD_ERROR_SHAPE: a size that does not fit the model
 * @RD_ERROR_NO_MEMORY: host or device memory is exhausted
 * @RD_ERROR_UNREADABLE: a file is there, but the system does not let it be read
 *
 * A cancelled operation reports %G_IO_ERROR_CANCELLED instead.
 */
typedef enum
{
  RD_ERROR_FAILED,
  RD_ERROR_NOT_FOUND,
  RD_ERROR_INVALID,
  RD_ERROR_SETTINGS,
  RD_ERROR_SHAPE,
  RD_ERROR_NO_MEMORY,
  RD_ERROR_UNREADABLE,
} RdError;

GQuark rd_error_quark (void);

G_END_DECLS
