/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "teststream.h"

/* A network of the CPU for tensors of any device. */
typedef struct
{
  RdDenoiser parent;
  RdDenoiser *on_cpu;
  RdStream *stream;
} Staged;

/**
 * rd_test_stream_new:
 *
 * Returns: (transfer full): a stream of the device under test
 */
RdStream *
rd_test_stream_new (void)
{
  const char *name = g_getenv ("RD_TEST_DEVICE");
  g_autoptr (GError) error = NULL;
  RdDevice *device = rd_device_get (name ? name : "cpu", &error);
  RdStream *stream = device ? rd_stream_new (device, &error) : NULL;

  g_assert_no_error (error);
  return stream;
}

static RdTensor *
to_stream (RdStream * stream, const RdTensor * tensor)
{
  g_autofree gpointer values = g_malloc (tensor->size);

  g_assert_true (rd_tensor_download (tensor, values, NULL));
  return rd_tensor_new_from_host (stream, tensor->type, tensor->rank,
      tensor->dims, values);
}

static gboolean
staged_evaluate (RdDenoiser * denoiser, const RdBatch * batch,
    GCancellable * cancellable, GError ** error)
{
  Staged *staged = (Staged *) denoiser;
  const gint64 n = batch->input->dims[0];
  g_autoptr (RdTensor) input = to_stream (staged->stream, batch->input);
  g_autoptr (RdTensor) output = rd_tensor_new_like (input);
  g_autoptr (GPtrArray) conditionings = g_ptr_array_new_with_free_func (
      (GDestroyNotify) rd_conditioning_unref);
  RdBatch here = *batch;

  for (gint64 i = 0; i < n; i++) {
    g_autoptr (RdTensor) tokens = to_stream (staged->stream,
        batch->conditionings[i]->tokens);

    g_ptr_array_add (conditionings, rd_conditioning_new (tokens));
  }
  here.input = input;
  here.output = output;
  here.conditionings = (RdConditioning * const *) conditionings->pdata;
  if (!rd_denoiser_evaluate (staged->on_cpu, &here, cancellable, error))
    return FALSE;
  rd_tensor_upload (batch->output, output->data);
  return TRUE;
}

static void
staged_finalize (RdDenoiser * denoiser)
{
  Staged *staged = (Staged *) denoiser;

  rd_denoiser_unref (staged->on_cpu);
  rd_stream_unref (staged->stream);
  g_free (staged);
}

/**
 * rd_test_staged_denoiser_new:
 * @on_cpu: (transfer none): a network that takes tensors of the CPU
 *
 * Returns: (transfer full): the same for tensors of the device under test; there
 *   its inputs are downloaded and its outputs uploaded
 */
RdDenoiser *
rd_test_staged_denoiser_new (RdDenoiser * on_cpu)
{
  static const RdDenoiserClass klass = { staged_evaluate, staged_finalize };
  Staged *staged;

  if (!g_getenv ("RD_TEST_DEVICE"))
    return rd_denoiser_ref (on_cpu);

  staged = g_new0 (Staged, 1);
  rd_denoiser_init (&staged->parent, &klass, on_cpu->sampling,
      on_cpu->channels);
  staged->parent.multiple = on_cpu->multiple;
  staged->parent.max_rows = on_cpu->max_rows;
  staged->on_cpu = rd_denoiser_ref (on_cpu);
  staged->stream = rd_stream_new (rd_device_get ("cpu", NULL), NULL);
  return &staged->parent;
}
