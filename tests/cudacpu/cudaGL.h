/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* See cuda.h. */

typedef int CUGLDeviceList;
