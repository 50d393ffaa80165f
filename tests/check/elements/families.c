/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Runs of the pipelines of diffusers with tiny models of each family, repeated by
 * elements. tests/data/make-families.py made the recordings. */

#include <gst/check/gstharness.h>

#include <string.h>

#include "../launch.h"
#include "../rdtest.h"
#include "../scratch.h"

#define LATENT_CAPS \
    "tensor/strided,tensor-id=stable-diffusion-latent,type=(string)float32," \
    "dims=(int)<1,%d,%d,%d>,dims-order=(string)row-major,framerate=0/1"
#define PICTURE_TOLERANCE 1.0   /* levels of 255, beside half a one of rounding */

/* One recorded run. */
typedef struct
{
  JsonNode *all;
  const char *id;
  char *model;
  const char *settings;
  double tolerance;
  RdTestArray *start, *result;
  RdTestArray *picture;         /* or NULL */
} Case;

/* How many there are. */
#define N_CASES 13
/* and of these: one of Stable Diffusion XL with guidance 1; the first of a latent
 * consistency model */
#define OF_ONE_ROW 2
#define OF_LCM 4

static JsonNode *
load_cases (void)
{
  g_autofree char *path = rd_test_path ("families/cases.json");
  g_autoptr (JsonParser) parser = json_parser_new ();

  fail_unless (json_parser_load_from_file (parser, path, NULL));
  return json_parser_steal_root (parser);
}

static RdTestArray *
load (const char *id, const char *what)
{
  g_autofree char *path = g_strdup_printf ("families/%s-%s.npy", id, what);

  return rd_test_load_npy (path);
}

static void
case_init (Case * c, guint i)
{
  JsonNode *all = load_cases ();
  JsonArray *list = json_node_get_array (all);
  JsonObject *object = json_array_get_object_element (list, i);
  g_autofree char *model = g_strconcat ("families/",
      json_object_get_string_member (object, "model"), NULL);
  g_autofree char *path = rd_test_path (model);

  fail_unless_equals_int (json_array_get_length (list), N_CASES);
  c->all = all;
  c->id = json_object_get_string_member (object, "id");
  c->settings = json_object_get_string_member (object, "settings");
  c->tolerance = json_object_get_double_member (object, "tolerance");
  c->model = rd_scratch_new (path);
  if (json_object_get_boolean_member (object, "zero-snr"))
    rd_scratch_replace (c->model, "scheduler/scheduler_config.json",
        "\"rescale_betas_zero_snr\": false",
        "\"rescale_betas_zero_snr\": true");
  c->start = load (c->id, "start");
  c->result = load (c->id, "result");
  if (json_object_get_boolean_member (object, "picture"))
    c->picture = load (c->id, "picture-u8");
}

static void
case_clear (Case * c)
{
  json_node_unref (c->all);
  rd_scratch_free (c->model);
  rd_test_array_free (c->start);
  rd_test_array_free (c->result);
  g_clear_pointer (&c->picture, rd_test_array_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Case, case_clear);

/* @latent through the elements that @format describes, the first called "e". */
static GstBuffer *
G_GNUC_PRINTF (2, 3)
run (const RdTestArray * latent, const char *format, ...)
{
  g_autofree char *caps = g_strdup_printf (LATENT_CAPS, (int) latent->dims[1],
      (int) latent->dims[2], (int) latent->dims[3]);
  g_autofree char *line = NULL;
  GstHarness *h;
  GstBuffer *buffer;
  va_list args;

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  h = gst_harness_new_parse (line);
  gst_harness_set_src_caps_str (h, caps);
  buffer = gst_buffer_new_memdup (latent->data, latent->n * sizeof (float));
  GST_BUFFER_PTS (buffer) = 0;
  fail_unless_equals_int (gst_harness_push (h, buffer), GST_FLOW_OK);
  buffer = gst_harness_pull (h);
  fail_unless (buffer != NULL);
  gst_harness_teardown (h);
  return buffer;
}

static float *
run_sampler (const Case * c, const char *more)
{
  g_autoptr (GstBuffer) buffer = run (c->start,
      "regionalsampler device=%s model=%s %s %s", rd_test_device_name (),
      c->model, c->settings, more);
  float *values = g_new (float, c->result->n);

  fail_unless_equals_uint64 (gst_buffer_extract (buffer, 0, values,
          c->result->n * sizeof (float)), c->result->n * sizeof (float));
  return values;
}

GST_START_TEST (test_latents)
{
  g_auto (Case) c = { NULL };
  g_autofree float *got = NULL;

  case_init (&c, __i__);
  got = run_sampler (&c, "");
  rd_test_close (c.id, c.result->n, got, c.result->data, c.tolerance, 0.0);
}

GST_END_TEST;

GST_START_TEST (test_pictures)
{
  g_auto (Case) c = { NULL };
  g_autoptr (GstBuffer) buffer = NULL;
  g_autofree guint8 *bytes = NULL;
  g_autofree float *got = NULL;
  gsize plane;

  case_init (&c, __i__);
  if (!c.picture)
    return;
  buffer = run (c.result, "latentdecode device=%s model=%s",
      rd_test_device_name (), c.model);
  plane = c.picture->n / 3;
  bytes = g_malloc (c.picture->n);
  got = g_new (float, c.picture->n);
  fail_unless_equals_uint64 (gst_buffer_extract (buffer, 0, bytes,
          c.picture->n), c.picture->n);
  for (gsize i = 0; i < c.picture->n; i++)
    got[i % 3 * plane + i / 3] = bytes[i];
  rd_test_close (c.id, c.picture->n, got, c.picture->data, PICTURE_TOLERANCE,
      0.0);
}

GST_END_TEST;

/* Regions that paint what the base paints, and as it does, change nothing where
 * all see the same latent. */
GST_START_TEST (test_regions_of_one_prompt)
{
  static const char *const modes[] = { "parallel", "fused" };
  const char *regions = "regions=\"[{\\\"box\\\":[0,0,0.5,1]},"
      "{\\\"box\\\":[0.25,0.25,0.5,0.5]},{\\\"box\\\":[0.5,0.5,0.5,0.5]}]\"";
  g_auto (Case) c = { NULL };

  case_init (&c, __i__);
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++) {
    g_autofree char *more =
        g_strdup_printf ("mode=%s feather=16 %s", modes[i], regions);
    g_autofree float *got = run_sampler (&c, more);

    rd_test_close (c.id, c.result->n, got, c.result->data, c.tolerance, 0.0);
  }
}

GST_END_TEST;

/* Where nobody sets a guidance scale it is the family's: a distilled model's is 1,
 * at which the negative prompt counts for nothing. */
GST_START_TEST (test_own_guidance)
{
  g_auto (Case) c = { NULL };
  g_auto (GStrv) words = NULL;
  g_autofree char *settings = NULL;
  g_autofree float *own = NULL, *other = NULL;

  case_init (&c, OF_ONE_ROW);
  words = g_strsplit (c.settings, "cfg=1.0 ", 2);
  fail_unless_equals_int (g_strv_length (words), 2);
  settings = g_strconcat (words[0], words[1], NULL);
  c.settings = settings;
  other = run_sampler (&c, "");
  rd_scratch_replace (c.model, "scheduler/scheduler_config.json",
      "\"timestep_spacing\": \"leading\"",
      "\"timestep_spacing\": \"trailing\"");
  own = run_sampler (&c, "");
  rd_test_close (c.id, c.result->n, own, c.result->data, c.tolerance, 0.0);
  fail_unless (memcmp (own, other, c.result->n * sizeof (float)) != 0);
}

GST_END_TEST;

/* What means nothing to a model is told. */
GST_START_TEST (test_warnings)
{
  static const struct
  {
    guint which;
    const char *more;
    const char *text;
  } cases[] = {
    {OF_LCM, "negative-prompt=blurry", "base: 'negative-prompt' has no effect: "
          "the model "},
    {OF_LCM, "prompt-2=lava", "base: 'prompt-2' has no effect"},
    {OF_LCM, "crop-top=5", "original, crop and target sizes have no effect"},
    {OF_ONE_ROW, "prompt-3=lava", "base: 'prompt-3' has no effect"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (Case) c = { NULL };
    g_autoptr (GstMessage) message = NULL;
    g_autoptr (GError) error = NULL;
    GstElement *pipeline;

    case_init (&c, cases[i].which);
    pipeline = launch_new ("latentsrc num-buffers=1 width=64 height=64 ! "
        "regionalsampler device=DEVICE model=%s %s %s ! fakesink", c.model,
        c.settings, cases[i].more);
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    message = launch_wait (pipeline, GST_MESSAGE_WARNING | GST_MESSAGE_ERROR
        | GST_MESSAGE_EOS);
    fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_WARNING);
    gst_message_parse_warning (message, &error, NULL);
    fail_unless (strstr (error->message, cases[i].text), "%s", error->message);
    launch_free (pipeline);
  }
}

GST_END_TEST;

static Suite *
families_suite (void)
{
  Suite *s = suite_create ("families");
  TCase *tc = tcase_create ("recordings");

  suite_add_tcase (s, tc);
  tcase_add_loop_test (tc, test_latents, 0, N_CASES);
  tcase_add_loop_test (tc, test_pictures, 0, N_CASES);
  tcase_add_loop_test (tc, test_regions_of_one_prompt, 0, N_CASES);
  tcase_add_test (tc, test_own_guidance);
  tcase_add_test (tc, test_warnings);
  return s;
}

GST_CHECK_MAIN (families);
