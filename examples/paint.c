/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors
 *
 * A program with the elements inside: paints a picture from a prompt and
 * regions, shows how far it is, and stops at once on Ctrl-C.
 *
 *   paint MODEL FILE.png PROMPT [REGIONS]
 *   paint models/tiny out.png "starry night sky" "lava @0,0.5,0.5,0.5"
 */
#include <glib-unix.h>
#include <gst/gst.h>
#include <stdlib.h>

typedef struct
{
  GMainLoop *loop;
  gboolean ok;
} Paint;

static GstElement *
make_pipeline (char **argv, const char *regions, GError ** error)
{
  static const struct
  {
    const char *element;
    const char *property;
    guint argument;
  } settings[] = {
    {"sampler", "model", 1},
    {"decoder", "model", 1},
    {"file", "location", 2},
    {"sampler", "prompt", 3},
  };
  GstElement *pipeline, *element;
  guint i;

  pipeline = gst_parse_launch ("latentsrc num-buffers=1 width=256 height=256 ! "
      "regionalsampler name=sampler ! latentdecode name=decoder ! "
      "videoconvert ! pngenc ! filesink name=file", error);
  if (pipeline == NULL)
    return NULL;
  for (i = 0; i < G_N_ELEMENTS (settings); i++) {
    element = gst_bin_get_by_name (GST_BIN (pipeline), settings[i].element);
    g_object_set (element, settings[i].property, argv[settings[i].argument],
        NULL);
    gst_object_unref (element);
  }
  element = gst_bin_get_by_name (GST_BIN (pipeline), "sampler");
  g_object_set (element, "regions", regions, NULL);
  gst_object_unref (element);
  return pipeline;
}

static gboolean
on_message (GstBus * bus, GstMessage * message, gpointer data)
{
  Paint *paint = data;
  char *text = NULL, *details = NULL;
  GError *error = NULL;
  int percent = 0;

  switch (GST_MESSAGE_TYPE (message)) {
    case GST_MESSAGE_PROGRESS:
      /* beside what this shows there are step, steps, region, eta-ms, ... */
      gst_message_parse_progress (message, NULL, NULL, &text);
      gst_structure_get_int (gst_message_get_structure (message), "percent",
          &percent);
      g_print ("%3d %% %s\n", percent, text);
      break;
    case GST_MESSAGE_EOS:
      paint->ok = TRUE;
      g_main_loop_quit (paint->loop);
      break;
    case GST_MESSAGE_ERROR:
      gst_message_parse_error (message, &error, &details);
      g_printerr ("%s\n%s\n", error->message, details ? details : "");
      g_main_loop_quit (paint->loop);
      break;
    default:
      break;
  }
  g_clear_error (&error);
  g_free (details);
  g_free (text);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_interrupt (gpointer data)
{
  Paint *paint = data;

  g_main_loop_quit (paint->loop);
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  Paint paint = { NULL };
  GstElement *pipeline;
  GError *error = NULL;
  GstBus *bus;

  gst_init (&argc, &argv);
  if (argc < 4 || argc > 5) {
    g_printerr ("usage: paint MODEL FILE.png PROMPT [REGIONS]\n");
    return 2;
  }
  pipeline = make_pipeline (argv, argc > 4 ? argv[4] : NULL, &error);
  if (pipeline == NULL) {
    g_printerr ("%s\n", error->message);
    g_error_free (error);
    return EXIT_FAILURE;
  }

  paint.loop = g_main_loop_new (NULL, FALSE);
  bus = gst_element_get_bus (pipeline);
  gst_bus_add_watch (bus, on_message, &paint);
  g_unix_signal_add (SIGINT, on_interrupt, &paint);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_main_loop_run (paint.loop);
  /* ends a job that runs, within a moment */
  gst_element_set_state (pipeline, GST_STATE_NULL);

  gst_bus_remove_watch (bus);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
  g_main_loop_unref (paint.loop);
  return paint.ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
