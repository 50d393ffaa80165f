/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <gst/video/video.h>

G_BEGIN_DECLS

/**
 * SECTION:samplertest
 *
 * What tests of `regionalsampler` share: the element with a small fast model,
 * latents of 128x128 pictures, painted masks, and the messages on its bus.
 */

#define SAMPLER_SIDE 16
#define SAMPLER_PICTURE 128
#define SAMPLER_CHANNELS 4
#define SAMPLER_N (SAMPLER_CHANNELS * SAMPLER_SIDE * SAMPLER_SIDE)
#define SAMPLER_CAPS \
    "tensor/strided,tensor-id=stable-diffusion-latent,type=(string)float32," \
    "dims=(int)<1,4,16,16>,dims-order=(string)row-major,framerate=0/1"
#define MASK_CAPS \
    "video/x-raw,format=GRAY8,width=128,height=128,framerate=0/1"

/**
 * SamplerTest:
 * @element: a regionalsampler
 * @bus: its messages
 * @latents: a harness at `sink` and `src`
 * @masks: harnesses at mask_0, mask_1, ...
 */
typedef struct
{
  GstElement *element;
  GstBus *bus;
  GstHarness *latents;
  GPtrArray *masks;
} SamplerTest;

/* box of a mask in pixels */
typedef struct
{
  gint x, y, width, height;
} MaskBox;

#define MASK_LEFT (MaskBox) { 0, 0, 64, 128 }
#define MASK_RIGHT (MaskBox) { 64, 0, 64, 128 }

GstElement *sampler_element_new (const char *properties);
void sampler_test_init (SamplerTest * test, const char *properties);
void sampler_test_clear (SamplerTest * test);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SamplerTest, sampler_test_clear)

GstHarness *sampler_test_add_mask (SamplerTest * test, const char *properties);
void sampler_test_push_mask (SamplerTest * test, guint mask, MaskBox box);

GstBuffer *sampler_latent_new (GstClockTime pts);
GstBuffer *sampler_mask_new (guint width, guint height, MaskBox box);
float *sampler_values (GstBuffer * buffer);
GstBuffer *sampler_test_pull_buffer (SamplerTest * test);
float *sampler_test_pull (SamplerTest * test);
float *sampler_test_run (SamplerTest * test);
float *sampler_run (const char *properties);

void sampler_assert_equal (const float *a, const float *b);
void sampler_assert_different (const float *a, const float *b);
double sampler_distance (const float *a, const float *b, MaskBox box);

gboolean sampler_test_flows (SamplerTest * test);
guint64 sampler_stat (GstElement * element, const char *name);

gint64 sampler_bound_us (void);
#define sampler_assert_quick(since) G_STMT_START { \
  const gint64 took = g_get_monotonic_time () - (since); \
  fail_unless (took < sampler_bound_us (), "took %" G_GINT64_FORMAT " us", \
      took); \
} G_STMT_END

GstMessage *sampler_test_wait (SamplerTest * test, GstMessageType types);
void sampler_test_wait_start (SamplerTest * test);
char *sampler_test_error (SamplerTest * test, GQuark domain, gint code);

G_END_DECLS
