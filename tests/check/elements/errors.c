/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* One fault, one error: what is wrong comes on the bus as one message, that of the
 * element which knows, whatever feeds it; and the stream ends. */

#include <glib/gstdio.h>
#include <string.h>

#include "../launch.h"
#include "../rdtest.h"

#define MODEL "model=DATA/tiny-sd device=DEVICE threads=1 "
#define SAMPLER "regionalsampler name=s steps=1 " MODEL
#define LATENTS "latentsrc width=64 height=64 "
#define BYTES(dims) "fakesrc format=time sizetype=fixed sizemax=100 ! " \
    "tensor/strided,tensor-id=stable-diffusion-latent,type=(string)float32," \
    "dims=(int)<" dims ">,dims-order=(string)row-major,framerate=0/1 "

/* What must be said, and a line with that fault. Sources never end by themselves;
 * LINK is what stands between them and the element. */
static const struct
{
  const char *part, *line;
} faults[] = {
  {"width 60 is not a multiple of 8", "videotestsrc ! "
        "video/x-raw,format=RGB,width=60,height=64 LINK ! latentencode " MODEL},
  {"property regions: region 1", LATENTS "LINK ! " SAMPLER "regions=lava"},
  {"no-such-folder", LATENTS "LINK ! " SAMPLER "model=no-such-folder"},
  {"mask_0: the stream is in bytes", "fakesrc sizetype=fixed sizemax=64 ! "
        "video/x-raw,format=GRAY8,width=8,height=8,framerate=1/1 LINK ! "
        "s.mask_0 " LATENTS "LINK ! " SAMPLER},
  {"sink does not accept the caps of latentsrc",
      LATENTS "LINK ! " SAMPLER
        "! capsfilter name=h caps=tensor/strided,width=32"},
  {"downstream does not accept the output for these latents",
      LATENTS "LINK ! latentdecode " MODEL "! video/x-raw,width=32"},
  {"this is not a .safetensors file", "fakesrc sizetype=fixed sizemax=64 "
        "filltype=pattern ! application/x-safetensors LINK ! safetensorsdec"},
  {"a .jsonl file requires", "fakesrc format=time sizetype=fixed sizemax=8 "
        "LINK ! regionmeta regions-location=TIMELINE"},
  {"dims", BYTES ("1,4,8") "LINK ! safetensorsenc"},
  {"100 bytes, but its caps require 1024",
      BYTES ("1,4,8,8") "LINK ! safetensorsenc"},
  {"dims", BYTES ("1,4,8") "LINK ! latentdecode " MODEL},
  {"100 bytes, but its caps require 1024",
      BYTES ("1,4,8,8") "LINK ! latentdecode " MODEL},
  {"dims", BYTES ("1,4,8") "LINK ! " SAMPLER},
  {"100 bytes, but its caps require 1024", BYTES ("1,4,8,8") "LINK ! " SAMPLER},
};

static const char *const links[] = {
  "", "! queue ", "! identity ! queue ! identity "
};

static char *
write_timeline (void)
{
  char *path = NULL;
  g_autoptr (GError) error = NULL;
  const int fd = g_file_open_tmp ("errors-XXXXXX.jsonl", &path, &error);

  fail_unless (fd >= 0, "%s", error ? error->message : "");
  g_close (fd, NULL);
  fail_unless (g_file_set_contents (path, "{\"time\": 0, \"regions\": []}\n",
          -1, NULL));
  return path;
}

/* All errors of a run, and of the time that a source needs to add its own. */
static GPtrArray *
collect_errors (GstElement * pipeline)
{
  GPtrArray *errors = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  GstMessage *message = launch_wait (pipeline, GST_MESSAGE_ERROR);

  while (message != NULL) {
    g_autoptr (GError) error = NULL;

    gst_message_parse_error (message, &error, NULL);
    g_ptr_array_add (errors, g_strdup (error->message));
    gst_message_unref (message);
    message = gst_bus_timed_pop_filtered (bus, GST_SECOND / 4,
        GST_MESSAGE_ERROR);
  }
  g_ptr_array_add (errors, NULL);
  return errors;
}

/* Who waits for what comes next is told that nothing will. */
static void
wait_for_end (GstElement * pipeline)
{
  const gint64 end = g_get_monotonic_time () + launch_usec (10.0);
  g_autoptr (GstPad) pad =
      gst_element_get_static_pad (launch_get (pipeline, "out"), "sink");
  gboolean ended = FALSE;

  while (!ended) {
    fail_unless (g_get_monotonic_time () < end, "no EOS");
    g_usleep (1000);
    GST_OBJECT_LOCK (pad);
    ended = GST_PAD_IS_EOS (pad);
    GST_OBJECT_UNLOCK (pad);
  }
}

static void
check_fault (guint i, const char *link, const char *timeline)
{
  g_autoptr (GString) line = g_string_new (faults[i].line);
  g_autoptr (GPtrArray) errors = NULL;
  g_autofree char *all = NULL;
  GstElement *pipeline;

  g_string_replace (line, "LINK ", link, 0);
  g_string_replace (line, "TIMELINE", timeline, 0);
  pipeline = launch_new ("%s ! fakesink name=out async=false", line->str);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  errors = collect_errors (pipeline);
  all = g_strjoinv ("; and then: ", (char **) errors->pdata);
  fail_unless (errors->len == 2 && strstr (all, faults[i].part) != NULL,
      "%s: %s", line->str, all);
  wait_for_end (pipeline);
  launch_free (pipeline);
}

GST_START_TEST (one_fault_one_error)
{
  g_autofree char *timeline = write_timeline ();

  for (guint i = 0; i < G_N_ELEMENTS (links); i++)
    check_fault (__i__, links[i], timeline);
  g_remove (timeline);
}

GST_END_TEST;

static Suite *
errors_suite (void)
{
  Suite *suite = suite_create ("errors");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, one_fault_one_error, 0, G_N_ELEMENTS (faults));
  return suite;
}

GST_CHECK_MAIN (errors);
