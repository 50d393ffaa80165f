/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "denoiser.h"

G_BEGIN_DECLS

/**
 * SECTION:teststream
 *
 * Where tests of the core work: on the device that RD_TEST_DEVICE names, the
 * CPU by default. What a test does itself, it does in host memory.
 */

RdStream *rd_test_stream_new (void);
RdDenoiser *rd_test_staged_denoiser_new (RdDenoiser * on_cpu);

G_END_DECLS
