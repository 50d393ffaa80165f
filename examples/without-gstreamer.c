/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors
 *
 * A program without GStreamer: paints with the core library alone what the
 * element regionalsampler paints.
 *
 *   without-gstreamer MODEL FILE.ppm PROMPT REGIONS
 *   without-gstreamer models/tiny out.ppm "starry night sky" \
 *       "lava @0,0.5,0.5,0.5 | green meadow @0.5,0.5,0.5,0.5"
 */
#include <stdio.h>
#include <string.h>

#include "device/picture.h"
#include "loop/loop.h"
#include "plan/plan.h"
#include "regions/document.h"

#define SIZE 256
#define HEAD "P6 256 256 255\n"
#define LENGTH (strlen (HEAD) + 3 * SIZE * SIZE)

static void
on_progress (const RdProgress * progress, gpointer data)
{
  printf ("step %u/%u\n", progress->step, progress->steps);
}

/* From no picture to the latent of one. */
static RdTensor *
sample (RdModel * model, const RdPlanSettings * settings,
    GPtrArray * documents, RdPlanContext * context, GError ** error)
{
  const RdModelInfo *info = rd_model_info (model);
  const guint cells = SIZE / info->downscale;
  const gint64 dims[] = { 1, info->channels, cells, cells };
  g_autofree float *zeros = g_new0 (float, info->channels * cells * cells);
  g_autoptr (RdPlan) plan = rd_plan_new (settings, model, error);
  g_autoptr (RdJob) job = NULL;
  g_autoptr (RdTensor) empty = NULL;

  if (!plan || !rd_plan_set_regions (plan, documents, error)
      || !rd_plan_context_get_stream (context, rd_model_device (model), error))
    return NULL;
  job = rd_plan_build (plan, context, cells, cells, NULL, error);
  if (!job)
    return NULL;
  job->progress = on_progress;
  empty =
      rd_tensor_new_from_host (context->stream, RD_TYPE_F32, 4, dims, zeros);
  return rd_job_run (job, empty, NULL, NULL, error);
}

static gboolean
paint (const char *folder, const char *file, const char *prompt,
    const char *regions, GError ** error)
{
  g_autofree char *reason = NULL, *ppm = g_malloc (LENGTH);
  RdRuntime runtime = { NULL };
  g_autoptr (RdModel) model = NULL;
  g_autoptr (RdRegionDocument) document = NULL;
  g_autoptr (GPtrArray) documents = g_ptr_array_new ();
  g_autoptr (RdTensor) latent = NULL, picture = NULL;
  RdPlanContext context = { NULL };
  RdPlanSettings settings;

  runtime.device = rd_runtime_choose_device ("auto", &reason, error);
  if (runtime.device)
    model = rd_model_open (folder, &runtime, error);
  if (model)
    document = rd_region_document_parse (regions, NULL, error);
  if (!document)
    return FALSE;
  g_ptr_array_add (documents, document);
  rd_plan_settings_init (&settings);
  g_free (settings.prompt);
  settings.prompt = g_strdup (prompt);
  settings.noise_seed = 42;
  latent = sample (model, &settings, documents, &context, error);
  rd_plan_settings_clear (&settings);
  rd_plan_context_clear (&context);
  if (latent)
    picture = rd_model_decode (model, latent, NULL, error);
  memcpy (ppm, HEAD, strlen (HEAD));
  return picture && rd_picture_from_tensor (picture, 3 * SIZE,
      (guint8 *) ppm + strlen (HEAD), error)
      && g_file_set_contents (file, ppm, LENGTH, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  if (argc == 5 && paint (argv[1], argv[2], argv[3], argv[4], &error))
    return 0;
  fprintf (stderr, "%s\n", error ? error->message :
      "usage: without-gstreamer MODEL FILE.ppm PROMPT REGIONS");
  return 1;
}
