/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "onnx/backend.h"

#include "onnx/session.h"

typedef struct
{
  RdVae parent;
  RdSession *session;
  const RdValueInfo *in, *out;
  gint64 parts;                 /* 2: a mean and then a logarithm of variance */
} OnnxVae;

/* Whether an encoder gives a distribution. Where the graph leaves the number
 * of its channels open, the name tells. */
static gboolean
gives_distribution (const RdValueInfo * out, guint channels)
{
  if (out->rank == 4 && out->dims[1] >= 0)
    return out->dims[1] == 2 * (gint64) channels;
  return g_str_equal (out->name, "latent_parameters");
}

static gboolean
find_values (OnnxVae * vae, GError ** error)
{
  const RdSession *session = vae->session;
  const guint channels_in = vae->parent.channels_in;
  const guint channels_out = vae->parent.channels_out;

  vae->in = rd_session_find_input (session, "sample", 4);
  vae->out = rd_session_find_output (session, "sample", 4);
  if (!vae->in || vae->in->rank != 4 || !vae->out) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s is not a VAE encoder or decoder: it must have an input and an "
        "output of rank 4", session->path);
    return FALSE;
  }
  if (vae->in->dims[0] > 1) {
    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s takes %" G_GINT64_FORMAT " pictures at once; export it with a "
        "dynamic batch dimension, or one of 1", session->path,
        vae->in->dims[0]);
    return FALSE;
  }
  vae->parts = gives_distribution (vae->out, channels_out) ? 2 : 1;
  if ((vae->in->dims[1] >= 0 && vae->in->dims[1] != channels_in)
      || (vae->out->rank == 4 && vae->out->dims[1] >= 0
          && vae->out->dims[1] != channels_out * vae->parts)) {
    g_autofree char *in = rd_value_info_describe (vae->in);
    g_autofree char *out = rd_value_info_describe (vae->out);

    g_set_error (error, RD_ERROR, RD_ERROR_INVALID,
        "%s returns %s for %s; according to its config.json it must turn %u "
        "channels into %u: both must come from the same model", session->path,
        out, in, channels_in, channels_out);
    return FALSE;
  }
  return rd_session_refuse_other_inputs (session, &vae->in, 1, error)
      && rd_value_info_check_float (vae->in, session->path, error)
      && rd_value_info_check_float (vae->out, session->path, error);
}

static gboolean
run (RdVae * parent, RdTensor * in, RdTensor * out, GCancellable * cancellable,
    GError ** error)
{
  OnnxVae *vae = (OnnxVae *) parent;
  RdStream *stream = in->stream;
  const RdType type_in = rd_value_info_float_type (vae->in);
  const RdType type_out = rd_value_info_float_type (vae->out);
  const gboolean direct = vae->parts == 1 && type_out == RD_TYPE_F32;
  const gint64 dims[] = {
    1, out->dims[1] * vae->parts, out->dims[2], out->dims[3]
  };
  const gint64 by_part[] = {
    vae->parts, out->dims[1], out->dims[2], out->dims[3]
  };
  g_autoptr (RdTensor) input = NULL, output = NULL, parts = NULL, first = NULL;
  RdBinding from, to;

  if (type_in == RD_TYPE_F32) {
    input = rd_tensor_ref (in);
  } else {
    input = rd_tensor_new (stream, type_in, 4, in->dims);
    rd_convert (input, in);
  }
  output = direct ? rd_tensor_ref (out)
      : rd_tensor_new (stream, type_out, 4, dims);

  from.info = vae->in;
  from.tensor = input;
  to.info = vae->out;
  to.tensor = output;
  if (!rd_session_run (vae->session, stream, 1, &from, 1, &to, cancellable,
          error))
    return FALSE;
  if (direct)
    return TRUE;

  parts = rd_tensor_reshape (output, 4, by_part);
  first = rd_tensor_rows (parts, 0, 1);
  rd_convert (out, first);
  return rd_stream_check (stream, error);
}

static void
finalize (RdVae * parent)
{
  OnnxVae *vae = (OnnxVae *) parent;

  rd_session_free (vae->session);
  g_free (vae);
}

/**
 * rd_onnx_vae_new:
 * @path: an ONNX file with one input and one output of rank 4: an encoder or a
 *   decoder
 * @runtime: where to run it
 * @channels_in: channels of its input
 * @channels_out: channels of its output; when it has twice as many they are a
 *   normal distribution's means and logarithms of variance, and the means count
 * @error: as of rd_session_new(), and %RD_ERROR_INVALID for a network of
 *   another kind
 *
 * Returns: (transfer full) (nullable): the network
 */
RdVae *
rd_onnx_vae_new (const char *path, const RdRuntime * runtime,
    guint channels_in, guint channels_out, GError ** error)
{
  static const RdVaeClass klass = { run, finalize };
  RdSession *session = rd_session_new (path, runtime, error);
  g_autoptr (RdVae) result = NULL;
  OnnxVae *vae;

  if (!session)
    return NULL;

  vae = g_new0 (OnnxVae, 1);
  vae->session = session;
  result = &vae->parent;
  rd_vae_init (result, &klass, channels_in, channels_out);
  return find_values (vae, error) ? g_steal_pointer (&result) : NULL;
}
