/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "samplertest.h"

#include <math.h>
#include <string.h>

#include "launch.h"
#include "rdtest.h"

/* no test waits longer, in seconds, for what must come */
#define PATIENCE 60

/**
 * sampler_element_new:
 * @properties: as in a launch line; what is said twice counts the last time
 *
 * Returns: (transfer full): an element of the small model, with two steps
 */
GstElement *
sampler_element_new (const char *properties)
{
  g_autofree char *model = rd_test_path ("tiny-sd");
  g_autofree char *line = g_strdup_printf ("regionalsampler device=%s "
      "threads=1 prompt=base steps=2 model=\"%s\" %s", rd_test_device_name (),
      model, properties);
  g_autoptr (GError) error = NULL;
  GstElement *element = gst_parse_launch (line, &error);

  fail_unless (error == NULL, "%s: %s", line, error ? error->message : "");
  return gst_object_ref_sink (element);
}

void
sampler_test_init (SamplerTest * test, const char *properties)
{
  test->element = sampler_element_new (properties);
  test->bus = gst_bus_new ();
  gst_element_set_bus (test->element, test->bus);
  test->latents = gst_harness_new_with_element (test->element, "sink", "src");
  test->masks =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_harness_teardown);
  gst_harness_set_live (test->latents, FALSE);
  gst_harness_set_src_caps_str (test->latents, SAMPLER_CAPS);
}

void
sampler_test_clear (SamplerTest * test)
{
  g_ptr_array_unref (test->masks);
  gst_harness_teardown (test->latents);
  gst_element_set_bus (test->element, NULL);
  gst_clear_object (&test->bus);
  gst_clear_object (&test->element);
}

static void
set_properties (GstElement * element, const char *pad, const char *properties)
{
  g_auto (GStrv) words = g_strsplit (properties, " ", -1);

  for (guint i = 0; words[i] && *words[i]; i++) {
    g_auto (GStrv) pair = g_strsplit (words[i], "=", 2);
    g_autofree char *name = g_strconcat (pad, "::", pair[0], NULL);
    GObject *target;
    GParamSpec *pspec;
    g_auto (GValue) value = G_VALUE_INIT;

    fail_unless (gst_child_proxy_lookup (GST_CHILD_PROXY (element), name,
            &target, &pspec), "no property %s", name);
    g_value_init (&value, pspec->value_type);
    fail_unless (gst_value_deserialize (&value, pair[1]), "bad %s", words[i]);
    g_object_set_property (target, pspec->name, &value);
    g_object_unref (target);
  }
}

/**
 * sampler_test_add_mask:
 * @test: a test
 * @properties: of the pad, "name=value" between spaces
 *
 * Returns: (transfer none): a harness at the next mask pad
 */
GstHarness *
sampler_test_add_mask (SamplerTest * test, const char *properties)
{
  g_autofree char *name = g_strdup_printf ("mask_%u", test->masks->len);
  GstHarness *mask = gst_harness_new_with_element (test->element, name, NULL);

  gst_harness_set_live (mask, FALSE);
  set_properties (test->element, name, properties);
  gst_harness_set_src_caps_str (mask, MASK_CAPS);
  g_ptr_array_add (test->masks, mask);
  return mask;
}

/**
 * sampler_mask_new:
 * @width: columns
 * @height: rows
 * @box: what is white
 *
 * Returns: (transfer full): GRAY8, without times
 */
GstBuffer *
sampler_mask_new (guint width, guint height, MaskBox box)
{
  const gsize stride = GST_ROUND_UP_4 (width);
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, stride * height, NULL);

  gst_buffer_memset (buffer, 0, 0, -1);
  for (gint y = box.y; y < box.y + box.height; y++)
    gst_buffer_memset (buffer, y * stride + box.x, 255, box.width);
  return buffer;
}

void
sampler_test_push_mask (SamplerTest * test, guint mask, MaskBox box)
{
  fail_unless_equals_int (gst_harness_push (test->masks->pdata[mask],
          sampler_mask_new (SAMPLER_PICTURE, SAMPLER_PICTURE, box)),
      GST_FLOW_OK);
}

/**
 * sampler_latent_new:
 * @pts: its time, or %GST_CLOCK_TIME_NONE
 *
 * Returns: (transfer full): an empty latent
 */
GstBuffer *
sampler_latent_new (GstClockTime pts)
{
  GstBuffer *buffer =
      gst_buffer_new_allocate (NULL, SAMPLER_N * sizeof (float), NULL);

  gst_buffer_memset (buffer, 0, 0, -1);
  GST_BUFFER_PTS (buffer) = pts;
  return buffer;
}

/**
 * sampler_values:
 * @buffer: (transfer full): a latent
 *
 * Returns: (transfer full): its %SAMPLER_N values
 */
float *
sampler_values (GstBuffer * buffer)
{
  float *values = g_new (float, SAMPLER_N);

  fail_unless_equals_uint64 (gst_buffer_get_size (buffer),
      SAMPLER_N * sizeof (float));
  gst_buffer_extract (buffer, 0, values, SAMPLER_N * sizeof (float));
  for (guint i = 0; i < SAMPLER_N; i++)
    fail_unless (isfinite (values[i]), "value %u is %g", i, values[i]);
  gst_buffer_unref (buffer);
  return values;
}

/**
 * sampler_test_pull_buffer:
 * @test: a test
 *
 * Returns: (transfer full): the next latent
 */
GstBuffer *
sampler_test_pull_buffer (SamplerTest * test)
{
  const gint64 end = g_get_monotonic_time () + launch_usec (PATIENCE);
  GstBuffer *buffer;

  while (!(buffer = gst_harness_try_pull (test->latents))) {
    fail_unless (g_get_monotonic_time () < end, "no latent came");
    g_usleep (1000);
  }
  return buffer;
}

/**
 * sampler_test_pull:
 * @test: a test
 *
 * Returns: (transfer full): the values of the next latent
 */
float *
sampler_test_pull (SamplerTest * test)
{
  return sampler_values (sampler_test_pull_buffer (test));
}

/**
 * sampler_test_run:
 * @test: a test
 *
 * Returns: (transfer full): what becomes of an empty latent
 */
float *
sampler_test_run (SamplerTest * test)
{
  fail_unless_equals_int (gst_harness_push (test->latents,
          sampler_latent_new (0)), GST_FLOW_OK);
  return sampler_test_pull (test);
}

/**
 * sampler_run:
 * @properties: of the element
 *
 * Returns: (transfer full): what becomes of an empty latent
 */
float *
sampler_run (const char *properties)
{
  g_auto (SamplerTest) test = { NULL };

  sampler_test_init (&test, properties);
  return sampler_test_run (&test);
}

void
sampler_assert_equal (const float *a, const float *b)
{
  for (guint i = 0; i < SAMPLER_N; i++)
    fail_unless (a[i] == b[i], "value %u: %g and %g", i, a[i], b[i]);
}

void
sampler_assert_different (const float *a, const float *b)
{
  fail_if (memcmp (a, b, SAMPLER_N * sizeof (float)) == 0,
      "the same latents twice");
}

/**
 * sampler_distance:
 * @a: latents
 * @b: latents
 * @box: a part of the picture, in pixels
 *
 * Returns: their root mean square difference there
 */
double
sampler_distance (const float *a, const float *b, MaskBox box)
{
  const gint cell = SAMPLER_PICTURE / SAMPLER_SIDE;
  double sum = 0.0;
  guint n = 0;

  for (gint c = 0; c < SAMPLER_CHANNELS; c++) {
    for (gint y = box.y / cell; y < (box.y + box.height) / cell; y++) {
      for (gint x = box.x / cell; x < (box.x + box.width) / cell; x++) {
        const gint i = (c * SAMPLER_SIDE + y) * SAMPLER_SIDE + x;

        sum += (a[i] - b[i]) * (a[i] - b[i]);
        n++;
      }
    }
  }
  return sqrt (sum / n);
}

/**
 * sampler_test_flows:
 * @test: a test
 *
 * Returns: whether a latent comes out within a moment; it is dropped
 */
gboolean
sampler_test_flows (SamplerTest * test)
{
  GstBuffer *buffer = NULL;

  for (guint i = 0; i < 30 && !buffer; i++) {
    buffer = gst_harness_try_pull (test->latents);
    if (!buffer)
      g_usleep (10000);
  }
  if (!buffer)
    return FALSE;
  gst_buffer_unref (buffer);
  return TRUE;
}

/**
 * sampler_stat:
 * @element: a regionalsampler
 * @name: of a whole number in its `stats`
 *
 * Returns: its value
 */
guint64
sampler_stat (GstElement * element, const char *name)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 value = 0;

  g_object_get (element, "stats", &stats, NULL);
  fail_unless (gst_structure_get_uint64 (stats, name, &value), "%s", name);
  return value;
}

/**
 * sampler_bound_us:
 *
 * Returns: microseconds in which a cancelled job has ended, also on a busy
 *   machine: it takes one node of a network
 */
gint64
sampler_bound_us (void)
{
  return launch_usec (3.0);
}

/**
 * sampler_test_wait:
 * @test: a test
 * @types: of messages
 *
 * Returns: (transfer full): the next message of these types
 */
GstMessage *
sampler_test_wait (SamplerTest * test, GstMessageType types)
{
  GstMessage *message = gst_bus_timed_pop_filtered (test->bus,
      launch_usec (PATIENCE) * GST_USECOND, types);

  fail_unless (message != NULL, "no message came");
  return message;
}

/**
 * sampler_test_wait_start:
 * @test: a test
 *
 * Waits until a job samples.
 */
void
sampler_test_wait_start (SamplerTest * test)
{
  gboolean started = FALSE;

  while (!started) {
    g_autoptr (GstMessage) message =
        sampler_test_wait (test, GST_MESSAGE_PROGRESS | GST_MESSAGE_ERROR);
    g_autofree char *code = NULL;
    GstProgressType type;

    fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_PROGRESS);
    gst_message_parse_progress (message, &type, &code, NULL);
    started = type == GST_PROGRESS_TYPE_START && g_str_equal (code, "sample");
  }
}

/**
 * sampler_test_error:
 * @test: a test whose job fails
 * @domain: expected
 * @code: expected
 *
 * Returns: (transfer full): the error message's text
 */
char *
sampler_test_error (SamplerTest * test, GQuark domain, gint code)
{
  g_autoptr (GstMessage) message = sampler_test_wait (test, GST_MESSAGE_ERROR);
  g_autoptr (GError) error = NULL;

  gst_message_parse_error (message, &error, NULL);
  fail_unless (g_error_matches (error, domain, code), "%s, code %d: %s",
      g_quark_to_string (error->domain), error->code, error->message);
  return g_strdup (error->message);
}
