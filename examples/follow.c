/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors
 *
 * A program that has its own frames: it pushes them, says for each where
 * something is, and takes what was painted. A bar shows how far it is; Ctrl-C
 * or the signal USR1, as a button would send it, cancels within a moment.
 *
 *   follow MODEL FOLDER [FRAMES]
 *   follow models/tiny /tmp 5
 *
 * writes FOLDER/frame-0.ppm, ...: in each, lava is where the frame's white
 * square was. Built by itself:
 *
 *   cc follow.c $(pkg-config --cflags --libs gst-regional gstreamer-app-1.0)
 */
#include <glib-unix.h>
#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/gst.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gst-regional/gstregionpromptmeta.h>

#define SIDE 128
#define SQUARE 48
#define FRAMES_A_SECOND 10

typedef struct
{
  GMainLoop *loop;
  GstElement *pipeline;
  const char *folder;
  guint n_frames, n_written;
  gboolean ok;
} Follow;

/* Where the square is in a frame, in pixels. */
static guint
square_left (const Follow * follow, guint frame)
{
  return follow->n_frames > 1
      ? frame * (SIDE - SQUARE) / (follow->n_frames - 1) : 0;
}

static GstBuffer *
make_frame (const Follow * follow, guint frame)
{
  const guint left = square_left (follow, frame), top = (SIDE - SQUARE) / 2;
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 3 * SIDE * SIDE, NULL);
  const guint box[] = { left, top, SQUARE, SQUARE };
  char numbers[G_N_ELEMENTS (box)][G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *regions = NULL;
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  memset (map.data, 60, map.size);
  for (guint y = top; y < top + SQUARE; y++)
    memset (map.data + 3 * (y * SIDE + left), 255, 3 * SQUARE);
  gst_buffer_unmap (buffer, &map);
  GST_BUFFER_PTS (buffer) = frame * GST_SECOND / FRAMES_A_SECOND;
  GST_BUFFER_DURATION (buffer) = GST_SECOND / FRAMES_A_SECOND;

  /* printf() would write a comma in some locales */
  for (guint i = 0; i < G_N_ELEMENTS (box); i++)
    g_ascii_dtostr (numbers[i], sizeof numbers[i], (double) box[i] / SIDE);
  regions = g_strdup_printf ("[{\"prompt\":\"lava\",\"box\":[%s,%s,%s,%s]}]",
      numbers[0], numbers[1], numbers[2], numbers[3]);
  gst_buffer_add_region_prompt_meta (buffer, regions);
  return buffer;
}

static gboolean
write_frame (const Follow * follow, GstSample * sample)
{
  g_autofree char *path =
      g_strdup_printf ("%s/frame-%u.ppm", follow->folder, follow->n_written);
  FILE *file = fopen (path, "wb");
  gboolean ok = file != NULL;
  GstMapInfo map;

  if (!ok)
    return FALSE;
  gst_buffer_map (gst_sample_get_buffer (sample), &map, GST_MAP_READ);
  ok = fprintf (file, "P6 %d %d 255\n", SIDE, SIDE) > 0
      && fwrite (map.data, map.size, 1, file) == 1;
  gst_buffer_unmap (gst_sample_get_buffer (sample), &map);
  return fclose (file) == 0 && ok;
}

static GstFlowReturn
on_sample (GstAppSink * sink, gpointer data)
{
  Follow *follow = data;
  GstSample *sample = gst_app_sink_pull_sample (sink);
  gboolean ok = write_frame (follow, sample);

  gst_sample_unref (sample);
  follow->n_written++;
  return ok ? GST_FLOW_OK : GST_FLOW_ERROR;
}

/* A bar of all frames: those that are done, and the step of this one. */
static void
show_progress (const Follow * follow, GstMessage * message)
{
  const GstStructure *details = gst_message_get_structure (message);
  int percent = 0, filled;
  g_autofree char *code = NULL;

  gst_message_parse_progress (message, NULL, &code, NULL);
  if (strcmp (code, "sample") != 0)
    return;
  gst_structure_get_int (details, "percent", &percent);
  filled = (int) ((follow->n_written * 100 + percent) * 30
      / (follow->n_frames * 100));
  filled = CLAMP (filled, 0, 30);
  g_printerr ("\r[%.*s%*s] frame %u of %u ", filled,
      "##############################", 30 - filled, "",
      MIN (follow->n_written + 1, follow->n_frames), follow->n_frames);
}

static gboolean
on_message (GstBus * bus, GstMessage * message, gpointer data)
{
  Follow *follow = data;
  GError *error = NULL;

  switch (GST_MESSAGE_TYPE (message)) {
    case GST_MESSAGE_PROGRESS:
      show_progress (follow, message);
      break;
    case GST_MESSAGE_EOS:
      follow->ok = TRUE;
      g_main_loop_quit (follow->loop);
      break;
    case GST_MESSAGE_ERROR:
      gst_message_parse_error (message, &error, NULL);
      g_printerr ("\n%s\n", error->message);
      g_error_free (error);
      g_main_loop_quit (follow->loop);
      break;
    default:
      break;
  }
  return G_SOURCE_CONTINUE;
}

static gboolean
on_cancel (gpointer data)
{
  Follow *follow = data;

  g_printerr ("\ncanceled\n");
  g_main_loop_quit (follow->loop);
  return G_SOURCE_CONTINUE;
}

static GstElement *
make_pipeline (Follow * follow, const char *model, GError ** error)
{
  static const char *const users[] = { "encoder", "sampler", "decoder" };
  GstAppSinkCallbacks callbacks = { NULL };
  GstElement *pipeline, *element;
  GstCaps *caps;

  pipeline = gst_parse_launch ("appsrc name=source format=time ! "
      "latentencode name=encoder ! "
      "regionalsampler name=sampler prompt=snow denoise=0.95 steps=8 ! "
      "latentdecode name=decoder ! appsink name=sink sync=false", error);
  if (pipeline == NULL)
    return NULL;
  element = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  caps = gst_caps_new_simple ("video/x-raw", "format", G_TYPE_STRING, "RGB",
      "width", G_TYPE_INT, SIDE, "height", G_TYPE_INT, SIDE,
      "framerate", GST_TYPE_FRACTION, FRAMES_A_SECOND, 1, NULL);
  g_object_set (element, "caps", caps, NULL);
  gst_caps_unref (caps);
  gst_object_unref (element);
  for (guint i = 0; i < G_N_ELEMENTS (users); i++) {
    element = gst_bin_get_by_name (GST_BIN (pipeline), users[i]);
    g_object_set (element, "model", model, NULL);
    gst_object_unref (element);
  }
  element = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  callbacks.new_sample = on_sample;
  gst_app_sink_set_callbacks (GST_APP_SINK (element), &callbacks, follow, NULL);
  gst_object_unref (element);
  return pipeline;
}

static void
push_frames (Follow * follow)
{
  GstElement *source =
      gst_bin_get_by_name (GST_BIN (follow->pipeline), "source");

  /* appsrc queues them; a program with a camera pushes them as they come */
  for (guint i = 0; i < follow->n_frames; i++)
    gst_app_src_push_buffer (GST_APP_SRC (source), make_frame (follow, i));
  gst_app_src_end_of_stream (GST_APP_SRC (source));
  gst_object_unref (source);
}

int
main (int argc, char **argv)
{
  Follow follow = { NULL };
  GError *error = NULL;
  GstBus *bus;

  gst_init (&argc, &argv);
  if (argc < 3 || argc > 4 || (argc > 3 && atoi (argv[3]) < 1)) {
    g_printerr ("usage: follow MODEL FOLDER [FRAMES]\n");
    return 2;
  }
  follow.folder = argv[2];
  follow.n_frames = argc > 3 ? (guint) atoi (argv[3]) : 5;
  follow.pipeline = make_pipeline (&follow, argv[1], &error);
  if (follow.pipeline == NULL) {
    g_printerr ("%s\n", error->message);
    g_error_free (error);
    return EXIT_FAILURE;
  }

  follow.loop = g_main_loop_new (NULL, FALSE);
  bus = gst_element_get_bus (follow.pipeline);
  gst_bus_add_watch (bus, on_message, &follow);
  g_unix_signal_add (SIGINT, on_cancel, &follow);
  g_unix_signal_add (SIGUSR1, on_cancel, &follow);

  gst_element_set_state (follow.pipeline, GST_STATE_PLAYING);
  push_frames (&follow);
  g_main_loop_run (follow.loop);
  /* ends a job that runs, within a moment */
  gst_element_set_state (follow.pipeline, GST_STATE_NULL);
  g_printerr ("\n");

  gst_bus_remove_watch (bus);
  gst_object_unref (bus);
  gst_object_unref (follow.pipeline);
  g_main_loop_unref (follow.loop);
  return follow.ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
