/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "common/gstlatenterror.h"

#include "base/error.h"

/**
 * SECTION:gstlatenterror
 *
 * The core's errors as error messages of elements.
 */

static void
classify (const GError * error, GQuark * domain, gint * code)
{
  *domain = GST_LIBRARY_ERROR;
  *code = GST_LIBRARY_ERROR_FAILED;
  if (g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT)
      || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)) {
    *domain = GST_RESOURCE_ERROR;
    *code = GST_RESOURCE_ERROR_NOT_FOUND;
  } else if (error->domain == G_FILE_ERROR || error->domain == G_IO_ERROR) {
    *domain = GST_RESOURCE_ERROR;
    *code = GST_RESOURCE_ERROR_READ;
  }
  if (error->domain != RD_ERROR)
    return;

  switch ((RdError) error->code) {
    case RD_ERROR_FAILED:
      break;
    case RD_ERROR_NOT_FOUND:
      *domain = GST_RESOURCE_ERROR;
      *code = GST_RESOURCE_ERROR_NOT_FOUND;
      break;
    case RD_ERROR_INVALID:
      *code = GST_LIBRARY_ERROR_INIT;
      break;
    case RD_ERROR_SETTINGS:
      *domain = GST_RESOURCE_ERROR;
      *code = GST_RESOURCE_ERROR_SETTINGS;
      break;
    case RD_ERROR_SHAPE:
      *domain = GST_STREAM_ERROR;
      *code = GST_STREAM_ERROR_FORMAT;
      break;
    case RD_ERROR_NO_MEMORY:
      *domain = GST_RESOURCE_ERROR;
      *code = GST_RESOURCE_ERROR_NO_SPACE_LEFT;
      break;
  }
}

/**
 * gst_latent_error_post:
 * @element: who failed
 * @error: why; not a cancellation
 *
 * Posts @error as an error message: RESOURCE/NOT_FOUND for what does not exist,
 * LIBRARY/INIT for a model that is not one, RESOURCE/SETTINGS for settings,
 * STREAM/FORMAT for sizes, RESOURCE/NO_SPACE_LEFT for memory, LIBRARY/FAILED
 * for anything below. Call it with no lock held.
 */
void
gst_latent_error_post (GstElement * element, const GError * error)
{
  GQuark domain;
  gint code;

  classify (error, &domain, &code);
  GST_ERROR_OBJECT (element, "%s", error->message);
  gst_element_message_full (element, GST_MESSAGE_ERROR, domain, code,
      g_strdup (error->message), g_strdup_printf ("%s, code %d",
          g_quark_to_string (error->domain), error->code), __FILE__,
      GST_FUNCTION, __LINE__);
}

/**
 * gst_latent_error_flow:
 * @element: who failed
 * @error: why
 *
 * Returns: %GST_FLOW_FLUSHING for a cancellation; else posts @error and returns
 *   %GST_FLOW_ERROR
 */
GstFlowReturn
gst_latent_error_flow (GstElement * element, const GError * error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return GST_FLOW_FLUSHING;
  gst_latent_error_post (element, error);
  return GST_FLOW_ERROR;
}
