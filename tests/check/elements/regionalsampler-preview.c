/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Pictures that regionalsampler posts while it works. */

#include <math.h>
#include <string.h>

#include "../rdtest.h"
#include "../samplertest.h"
#include "../scratch.h"
#include "models/model.h"

#define PATIENCE 60             /* s */

/* What came since the last call, in order. */
typedef struct
{
  GPtrArray *previews;          /* GstStructure */
  guint warnings;
  char *warning;                /* the last */
  char *load;                   /* types of `load` progress, a letter each */
} Messages;

static void
messages_clear (Messages * messages)
{
  g_ptr_array_unref (messages->previews);
  g_free (messages->warning);
  g_free (messages->load);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Messages, messages_clear);

static void
add_progress (GString * load, GstMessage * message)
{
  const char letters[] = { 's', 'c', 'C', 'X', 'E' };
  g_autofree char *code = NULL;
  GstProgressType type;

  gst_message_parse_progress (message, &type, &code, NULL);
  if (g_str_equal (code, "load"))
    g_string_append_c (load, letters[type]);
}

static void
collect (SamplerTest * test, Messages * messages)
{
  g_autoptr (GString) load = g_string_new (NULL);
  GstMessage *message;

  messages->previews =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_structure_free);
  while ((message = gst_bus_pop (test->bus))) {
    const GstStructure *s = gst_message_get_structure (message);

    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT
        && gst_structure_has_name (s, "regionalsampler-preview")) {
      g_ptr_array_add (messages->previews, gst_structure_copy (s));
    } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING) {
      g_autoptr (GError) warning = NULL;

      gst_message_parse_warning (message, &warning, NULL);
      messages->warnings++;
      g_free (messages->warning);
      messages->warning = g_strdup (warning->message);
    } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_PROGRESS) {
      add_progress (load, message);
    }
    gst_message_unref (message);
  }
  messages->load = g_strdup (load->str);
}

static guint
get_uint (const GstStructure * s, const char *field)
{
  guint value = 0;

  fail_unless (gst_structure_get_uint (s, field, &value), "%s", field);
  return value;
}

static guint64
get_uint64 (const GstStructure * s, const char *field)
{
  guint64 value = 0;

  fail_unless (gst_structure_get_uint64 (s, field, &value), "%s", field);
  return value;
}

static GstSample *
get_sample (const GstStructure * s)
{
  GstSample *sample = NULL;

  fail_unless (gst_structure_get (s, "sample", GST_TYPE_SAMPLE, &sample, NULL));
  return sample;
}

GST_START_TEST (there_are_none_by_default)
{
  g_auto (SamplerTest) test = { NULL };
  g_auto (Messages) messages = { NULL };

  sampler_test_init (&test, "");
  g_free (sampler_test_run (&test));
  collect (&test, &messages);
  fail_unless_equals_int (messages.previews->len, 0);
  fail_unless_equals_string (messages.load, "sCsC");
}

GST_END_TEST;

GST_START_TEST (messages_are_complete)
{
  g_auto (SamplerTest) test = { NULL };
  g_auto (Messages) messages = { NULL };
  guint last = 0;

  sampler_test_init (&test, "steps=30 preview-interval=1 "
      "regions=\"red @0,0,0.5,1 | green @0.75,0.5,0.25,0.5\"");
  gst_harness_push (test.latents, sampler_latent_new (5 * GST_SECOND));
  g_free (sampler_test_pull (&test));
  collect (&test, &messages);
  fail_unless (messages.previews->len > 1);
  /* text encoder, UNet, and the colours with the VAE decoder */
  fail_unless_equals_string (messages.load, "sCsCsC");

  for (guint i = 0; i < messages.previews->len; i++) {
    const GstStructure *s = messages.previews->pdata[i];
    g_autoptr (GstSample) sample = get_sample (s);
    GstBuffer *buffer = gst_sample_get_buffer (sample);
    g_autoptr (GstCaps) caps = gst_caps_from_string ("video/x-raw, "
        "format=(string)RGB, width=(int)16, height=(int)16, "
        "framerate=(fraction)0/1");
    GstVideoInfo info;
    guint64 pts = 0;
    gdouble sigma = -1.0;

    fail_unless (gst_caps_can_intersect (gst_sample_get_caps (sample), caps));
    fail_unless (gst_video_info_from_caps (&info,
            gst_sample_get_caps (sample)));
    fail_unless_equals_uint64 (gst_buffer_get_size (buffer), info.size);
    fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer), 5 * GST_SECOND);
    fail_unless_equals_int (gst_sample_get_segment (sample)->format,
        GST_FORMAT_TIME);

    fail_unless (get_uint (s, "step") > last);
    last = get_uint (s, "step");
    fail_unless (last <= 30);
    fail_unless_equals_int (get_uint (s, "steps"), 30);
    fail_unless_equals_int (get_uint (s, "region"), 0);
    fail_unless_equals_int (get_uint (s, "regions"), 2);
    fail_unless_equals_uint64 (get_uint64 (s, "job"), 1);
    fail_unless (get_uint64 (s, "elapsed-ms") < PATIENCE * 1000);
    fail_unless (get_uint64 (s, "eta-ms") < PATIENCE * 1000);
    fail_unless (gst_structure_get_clock_time (s, "pts", &pts));
    fail_unless_equals_uint64 (pts, 5 * GST_SECOND);
    fail_unless (gst_structure_get_double (s, "sigma", &sigma));
    fail_unless (sigma >= 0.0 && sigma < 15.0);
  }
}

GST_END_TEST;

GST_START_TEST (they_keep_their_interval)
{
  g_auto (SamplerTest) test = { NULL };
  g_auto (Messages) messages = { NULL };

  /* one in the first job, none in those that follow */
  sampler_test_init (&test, "steps=5 preview-interval=1000000");
  for (guint i = 0; i < 3; i++)
    g_free (sampler_test_run (&test));
  collect (&test, &messages);
  fail_unless_equals_int (messages.previews->len, 1);
  fail_unless_equals_int (get_uint (messages.previews->pdata[0], "step"), 1);
}

GST_END_TEST;

/* They change nothing. */
GST_START_TEST (results_are_the_same)
{
  g_autofree float *without = sampler_run ("steps=4");
  g_autofree float *with = sampler_run ("steps=4 preview-interval=1");

  sampler_assert_equal (without, with);
}

GST_END_TEST;

/* Widths whose rows have padding, and batches, of which the first is shown. */
GST_START_TEST (all_sizes_are_shown)
{
  g_auto (SamplerTest) test = { NULL };
  g_auto (Messages) messages = { NULL };
  const gsize size = 3 * 4 * 8 * 10 * sizeof (float);
  GstBuffer *latents = gst_buffer_new_allocate (NULL, size, NULL);
  g_autoptr (GstSample) sample = NULL;
  GstVideoInfo info;

  sampler_test_init (&test, "preview-interval=1");
  gst_harness_set_src_caps_str (test.latents,
      "tensor/strided,tensor-id=stable-diffusion-latent,type=(string)float32,"
      "dims=(int)<3,4,8,10>,dims-order=(string)row-major,framerate=0/1");
  gst_buffer_memset (latents, 0, 0, -1);
  gst_harness_push (test.latents, latents);
  gst_buffer_unref (sampler_test_pull_buffer (&test));
  collect (&test, &messages);
  fail_unless (messages.previews->len > 0);
  sample = get_sample (messages.previews->pdata[0]);
  fail_unless (gst_video_info_from_caps (&info, gst_sample_get_caps (sample)));
  fail_unless_equals_int (info.width, 10);
  fail_unless_equals_int (info.height, 8);
  fail_unless_equals_int (info.stride[0], 32);
  fail_unless_equals_uint64 (gst_buffer_get_size (gst_sample_get_buffer
          (sample)), 8 * 32);
}

GST_END_TEST;

/* What the model's decoder makes of a latent, by cell and colour: means from 0
 * to 255. */
static double *
decode (const char *folder, const float *latent)
{
  const RdRuntime runtime = { rd_device_get ("cpu", NULL), 1, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (RdModel) model = rd_model_open (folder, &runtime, &error);
  g_autoptr (RdStream) stream = rd_stream_new (rd_model_device (model), &error);
  g_autoptr (RdTensor) in = rd_tensor_new_from_host (stream, RD_TYPE_F32, 4,
      (const gint64[]) { 1, SAMPLER_CHANNELS, SAMPLER_SIDE, SAMPLER_SIDE },
      latent);
  g_autoptr (RdTensor) picture = rd_model_decode (model, in, NULL, &error);
  const guint n = SAMPLER_PICTURE, cell = n / SAMPLER_SIDE;
  double *means = g_new0 (double, SAMPLER_SIDE * SAMPLER_SIDE * 3);
  const float *pixels;

  fail_unless (picture != NULL, "%s", error ? error->message : "");
  pixels = picture->data;
  for (guint k = 0; k < 3; k++)
    for (guint y = 0; y < n; y++)
      for (guint x = 0; x < n; x++, pixels++)
        means[(y / cell * SAMPLER_SIDE + x / cell) * 3 + k] +=
            CLAMP ((*pixels + 1.0) * 127.5, 0.0, 255.0) / (cell * cell);
  return means;
}

static double
correlation (const guint8 * a, const double *b, guint n)
{
  double sum_a = 0.0, sum_b = 0.0, ab = 0.0, aa = 0.0, bb = 0.0;

  for (guint i = 0; i < n; i++) {
    sum_a += a[i];
    sum_b += b[i];
  }
  for (guint i = 0; i < n; i++) {
    const double x = a[i] - sum_a / n, y = b[i] - sum_b / n;

    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return ab / sqrt (aa * bb);
}

static void
check_resemblance (const char *folder, const char *properties, double least)
{
  const guint n = SAMPLER_SIDE * SAMPLER_SIDE * 3;
  g_autofree char *line = g_strdup_printf ("preview-interval=1 model=\"%s\" "
      "%s", folder, properties);
  g_auto (SamplerTest) test = { NULL };
  g_auto (Messages) messages = { NULL };
  g_autofree float *latent = NULL;
  g_autofree double *pixels = NULL;
  g_autoptr (GstSample) sample = NULL;
  const GstStructure *last;
  GstMapInfo map;
  double found;

  sampler_test_init (&test, line);
  latent = sampler_test_run (&test);
  collect (&test, &messages);
  last = messages.previews->pdata[messages.previews->len - 1];
  fail_unless_equals_int (get_uint (last, "step"), get_uint (last, "steps"));
  sample = get_sample (last);
  fail_unless (gst_buffer_map (gst_sample_get_buffer (sample), &map,
          GST_MAP_READ));
  fail_unless_equals_uint64 (map.size, n);
  pixels = decode (folder, latent);
  found = correlation (map.data, pixels, n);
  gst_buffer_unmap (gst_sample_get_buffer (sample), &map);
  fail_unless (found >= least, "%s: correlation %g", folder, found);
}

GST_START_TEST (the_last_resembles_the_picture)
{
  g_autofree char *linear = rd_test_path ("tiny-sd");
  g_autofree char *real = rd_test_model_path ("tiny");

  /* of one step the last is not left out, and tiny's steps take longer than
   * the interval */
  check_resemblance (linear, "steps=1", 0.99);
  check_resemblance (real, "steps=4 prompt=lava", 0.8);
}

GST_END_TEST;

static char *
copy_model (void)
{
  g_autofree char *folder = rd_test_path ("tiny-sd");

  return rd_scratch_new (folder);
}

/* Previews are worth a warning, once, and not a job. */
static void
check_without (const char *folder, const char *text)
{
  g_autofree char *line = g_strdup_printf ("model=\"%s\" preview-interval=1",
      folder);
  g_auto (SamplerTest) test = { NULL };
  g_auto (Messages) at_first = { NULL };
  g_auto (Messages) again = { NULL };
  g_auto (Messages) anew = { NULL };

  sampler_test_init (&test, line);
  g_free (sampler_test_run (&test));
  collect (&test, &at_first);
  fail_unless_equals_int (at_first.warnings, 1);
  fail_unless (strstr (at_first.warning, "no previews") != NULL
      && strstr (at_first.warning, text) != NULL, "%s", at_first.warning);
  fail_unless_equals_string (at_first.load, "sCsCsE");
  fail_unless_equals_int (at_first.previews->len, 0);

  g_free (sampler_test_run (&test));
  collect (&test, &again);
  fail_unless_equals_int (again.warnings, 0);
  fail_unless_equals_string (again.load, "");

  /* who stops and starts again may have mended it */
  gst_element_set_state (test.element, GST_STATE_READY);
  gst_element_set_state (test.element, GST_STATE_PLAYING);
  gst_harness_play (test.latents);
  gst_harness_set_src_caps_str (test.latents, SAMPLER_CAPS);
  g_free (sampler_test_run (&test));
  collect (&test, &anew);
  fail_unless_equals_int (anew.warnings, 1);
}

GST_START_TEST (models_without_a_decoder_have_none)
{
  g_autoptr (RdScratch) missing = copy_model ();
  g_autoptr (RdScratch) wrong = copy_model ();
  g_autofree char *decoder = rd_test_path ("onnx/vae-decode.onnx");

  rd_scratch_remove (missing, "vae_decoder/model.onnx");
  check_without (missing, "vae_decoder");
  /* 2 pixels a cell, and not 8 */
  rd_scratch_install (wrong, "vae_decoder/model.onnx", decoder);
  check_without (wrong, "vae_decoder");
}

GST_END_TEST;

GST_START_TEST (a_fit_can_be_cancelled)
{
  g_autoptr (RdScratch) folder = copy_model ();
  g_autofree char *endless = rd_test_path ("onnx/vae-decode-endless.onnx");
  g_autofree char *line = g_strdup_printf ("model=\"%s\" preview-interval=1",
      folder);
  g_auto (SamplerTest) test = { NULL };
  g_auto (Messages) messages = { NULL };
  gint64 since;

  rd_scratch_install (folder, "vae_decoder/model.onnx", endless);
  sampler_test_init (&test, line);
  gst_harness_push (test.latents, sampler_latent_new (0));
  for (guint n_loads = 0; n_loads < 3;) {
    g_autoptr (GstMessage) message =
        sampler_test_wait (&test, GST_MESSAGE_PROGRESS);
    GstProgressType type;

    gst_message_parse_progress (message, &type, NULL, NULL);
    n_loads += type == GST_PROGRESS_TYPE_START;
  }
  g_usleep (200000);
  since = g_get_monotonic_time ();
  gst_element_set_state (test.element, GST_STATE_READY);
  sampler_assert_quick (since);
  collect (&test, &messages);
  fail_unless_equals_string (messages.load, "X");
  fail_unless_equals_int (messages.warnings, 0);
}

GST_END_TEST;

/* Whoever holds a picture holds up nothing and keeps what it is. */
GST_START_TEST (samples_can_be_kept)
{
  g_auto (SamplerTest) test = { NULL };
  g_auto (Messages) messages = { NULL };
  g_autoptr (GstSample) kept = NULL;
  g_autoptr (GstBuffer) copy = NULL;
  GstMapInfo map;

  sampler_test_init (&test, "steps=10 preview-interval=1");
  g_free (sampler_test_run (&test));
  collect (&test, &messages);
  kept = get_sample (messages.previews->pdata[0]);
  copy = gst_buffer_copy_deep (gst_sample_get_buffer (kept));
  g_ptr_array_set_size (messages.previews, 0);
  g_free (sampler_test_run (&test));
  gst_element_set_state (test.element, GST_STATE_NULL);
  fail_unless (gst_buffer_map (copy, &map, GST_MAP_READ));
  fail_unless_equals_int (gst_buffer_memcmp (gst_sample_get_buffer (kept), 0,
          map.data, map.size), 0);
  gst_buffer_unmap (copy, &map);
}

GST_END_TEST;

static Suite *
regionalsampler_preview_suite (void)
{
  Suite *suite = suite_create ("regionalsampler-preview");
  TCase *messages = tcase_create ("messages");
  TCase *colours = tcase_create ("colours");

  suite_add_tcase (suite, messages);
  tcase_add_test (messages, there_are_none_by_default);
  tcase_add_test (messages, messages_are_complete);
  tcase_add_test (messages, they_keep_their_interval);
  tcase_add_test (messages, results_are_the_same);
  tcase_add_test (messages, all_sizes_are_shown);
  tcase_add_test (messages, samples_can_be_kept);
  suite_add_tcase (suite, colours);
  tcase_add_test (colours, the_last_resembles_the_picture);
  tcase_add_test (colours, models_without_a_decoder_have_none);
  tcase_add_test (colours, a_fit_can_be_cancelled);
  return suite;
}

GST_CHECK_MAIN (regionalsampler_preview);
