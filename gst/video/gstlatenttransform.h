/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#pragma once

#include <gst/base/gstbasetransform.h>
#include <gst/video/video.h>

#include "common/gstlatentcanceltoken.h"
#include "video/gstlatentcudavideo.h"
#include "latent/gstlatentcaps.h"
#include "common/gstlatentmodeluser.h"

G_BEGIN_DECLS

#define GST_TYPE_LATENT_TRANSFORM (gst_latent_transform_get_type ())
#define GST_LATENT_TRANSFORM(obj) (G_TYPE_CHECK_INSTANCE_CAST ((obj), \
    GST_TYPE_LATENT_TRANSFORM, GstLatentTransform))
#define GST_LATENT_TRANSFORM_CLASS(klass) (G_TYPE_CHECK_CLASS_CAST ((klass), \
    GST_TYPE_LATENT_TRANSFORM, GstLatentTransformClass))
#define GST_LATENT_TRANSFORM_GET_CLASS(obj) (G_TYPE_INSTANCE_GET_CLASS ((obj), \
    GST_TYPE_LATENT_TRANSFORM, GstLatentTransformClass))

typedef struct _GstLatentTransform GstLatentTransform;
typedef struct _GstLatentTransformClass GstLatentTransformClass;

/**
 * GstLatentTransform:
 *
 * Base of the elements between pictures and latents. Knows both caps, opens the
 * model, keeps metas, and turns flushes and state changes into a cancellation;
 * what is left to do is the work on one buffer.
 *
 * All fields but @user, @cancel and @cuda belong to the streaming thread, and
 * to state changes while that is at rest.
 */
struct _GstLatentTransform
{
  GstBaseTransform parent;

  GstLatentModelUser user;
  GstLatentCancelToken cancel;

  RdModel *model;
  RdStream *stream;             /* NULL until the first buffer */
  GstCaps *refused;             /* last, if the last were refused */
  gboolean retries;             /* a flush came after them */
  gboolean refuses;             /* the segment was wrong, and buffers are */
  GError **why;                 /* while caps are taken: why they cannot be */
  GstLatentInfo latent;
  GstVideoInfo video;
  GstLatentCudaVideo cuda;
};

/**
 * GstLatentTransformClass:
 * @latent_pad: which pad has the latents
 * @part: the network that this element runs
 * @code: code of the progress messages of a picture, a static string
 * @doing: what is done to a picture, for people
 * @work: makes an output buffer of an input buffer; the network and the stream
 *   are ready
 * @reset: (nullable): forget the buffer that is being worked on
 */
struct _GstLatentTransformClass
{
  GstBaseTransformClass parent_class;

  GstPadDirection latent_pad;
  RdNetworkKind part;
  const char *code;
  const char *doing;
  gboolean (*work) (GstLatentTransform * self, GstBuffer * inbuf,
      GstBuffer * outbuf, GCancellable * cancellable, GError ** error);
  void (*reset) (GstLatentTransform * self);
};

GType gst_latent_transform_get_type (void);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstLatentTransform, gst_object_unref)

GstFlowReturn gst_latent_transform_run (GstLatentTransform * self,
    GstBuffer * inbuf, GstBuffer * outbuf);
GstPadTemplate *gst_latent_transform_picture_template (const char *name,
    GstPadDirection direction);

G_END_DECLS
