/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "base/error.h"

/**
 * rd_error_quark:
 *
 * Returns: the domain of the library's errors
 */
GQuark
rd_error_quark (void)
{
  return g_quark_from_static_string ("rd-error-quark");
}
