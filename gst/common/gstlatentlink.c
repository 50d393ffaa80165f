/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "common/gstlatentlink.h"

GST_LATENT_DEBUG_CATEGORY ("latentlink", "what pads are linked to");
#define GST_CAT_DEFAULT gst_latent_debug_category ()

/**
 * SECTION:gstlatentlink
 *
 * What is wrong with the links of an element, as error messages: a sink pad
 * without a link, a segment that is not in time, caps that somebody downstream
 * has refused.
 */

/* most links that are followed downstream, so that a loop ends */
#define MAX_LINKS 1000

static gboolean
has_dynamic_pads (GstElement * element)
{
  const GList *l =
      gst_element_class_get_pad_template_list (GST_ELEMENT_GET_CLASS (element));

  for (; l != NULL; l = l->next) {
    const GstPadTemplate *template = l->data;

    if (GST_PAD_TEMPLATE_PRESENCE (template) == GST_PAD_SOMETIMES
        && GST_PAD_TEMPLATE_DIRECTION (template) == GST_PAD_SRC)
      return TRUE;
  }
  return FALSE;
}

static gboolean
has_linked_source (GstElement * element)
{
  gboolean linked = FALSE;

  GST_OBJECT_LOCK (element);
  for (GList * l = element->srcpads; l != NULL; l = l->next)
    linked = linked || gst_pad_is_linked (l->data);
  GST_OBJECT_UNLOCK (element);
  return linked;
}

/* Whether an element of @bin may still add a pad, which is linked only then:
 * gst-launch-1.0 does so behind decodebin. */
static gboolean
may_link_later (GstBin * bin)
{
  GList *children = NULL;
  gboolean may = FALSE;

  GST_OBJECT_LOCK (bin);
  for (GList * l = bin->children; l != NULL; l = l->next)
    children = g_list_prepend (children, gst_object_ref (l->data));
  GST_OBJECT_UNLOCK (bin);
  for (GList * l = children; l != NULL && !may; l = l->next) {
    if (has_dynamic_pads (l->data))
      may = !has_linked_source (l->data);
    else if (GST_IS_BIN (l->data))
      may = may_link_later (l->data);
  }
  g_list_free_full (children, gst_object_unref);
  return may;
}

/* Returns: (transfer full) (nullable): the pipeline that @element is in */
static GstObject *
get_pipeline (GstElement * element)
{
  GstObject *object = gst_object_ref (GST_OBJECT (element));
  GstObject *parent;

  while ((parent = gst_object_get_parent (object)) != NULL) {
    gst_object_unref (object);
    object = parent;
  }
  if (GST_IS_PIPELINE (object))
    return object;
  gst_object_unref (object);
  return NULL;
}

/**
 * gst_latent_link_check_at:
 * @element: an element
 * @sink: its sink pad
 * @remedy: what to link to it
 * @place: where it is found out; %GST_LATENT_HERE
 *
 * Posts an error if @sink is not linked and nobody can be expected to link it
 * later: in a pipeline all of whose elements have their pads. Without one the
 * pipeline would wait for data for ever. An element outside of a pipeline is
 * still being set up.
 *
 * Returns: %FALSE after an error message
 */
gboolean
gst_latent_link_check_at (GstElement * element, GstPad * sink,
    const char *remedy, const GstLatentPlace * place)
{
  g_autoptr (GstObject) pipeline = NULL;
  g_autofree char *name = NULL;

  if (gst_pad_is_linked (sink))
    return TRUE;
  pipeline = get_pipeline (element);
  if (pipeline == NULL || may_link_later (GST_BIN (pipeline)))
    return TRUE;
  name = gst_object_get_name (GST_OBJECT (element));
  gst_element_message_full (element, GST_MESSAGE_ERROR, GST_CORE_ERROR,
      GST_CORE_ERROR_PAD, g_strdup_printf ("%s: nothing is linked to the pad "
          "%s, so that no data can come; %s", name, GST_PAD_NAME (sink),
          remedy), g_strdup_printf ("in %s", GST_OBJECT_NAME (pipeline)),
      place->file, place->function, place->line);
  return FALSE;
}

/**
 * gst_latent_link_check_segment_at:
 * @element: an element
 * @pad: one of its sink pads
 * @event: a SEGMENT event that has come there
 * @place: where it is found out; %GST_LATENT_HERE
 *
 * Posts an error if the segment is not in time.
 *
 * Returns: %FALSE after an error message
 */
gboolean
gst_latent_link_check_segment_at (GstElement * element, GstPad * pad,
    GstEvent * event, const GstLatentPlace * place)
{
  const GstSegment *segment;

  gst_event_parse_segment (event, &segment);
  if (segment->format == GST_FORMAT_TIME)
    return TRUE;
  gst_element_message_full (element, GST_MESSAGE_ERROR, GST_STREAM_ERROR,
      GST_STREAM_ERROR_FORMAT, g_strdup_printf ("%s: the stream is in %s, not "
          "in time; set format=time on appsrc, or put the decoder of the file "
          "before this pad", GST_PAD_NAME (pad),
          gst_format_get_name (segment->format)),
      g_strdup_printf ("%" GST_SEGMENT_FORMAT, segment), place->file,
      place->function, place->line);
  return FALSE;
}

/* Returns: (transfer full) (nullable): the pad that data goes on through behind
 * @sink */
static GstPad *
next_source (GstPad * sink)
{
  g_autoptr (GstIterator) links = gst_pad_iterate_internal_links (sink);
  g_auto (GValue) item = G_VALUE_INIT;

  if (links == NULL || gst_iterator_next (links, &item) != GST_ITERATOR_OK)
    return NULL;
  return g_value_dup_object (&item);
}

/* Caps that were refused are those that a pad has sent and its peer has not. */
static char *
describe_refused_link (GstPad * src, GstPad * sink)
{
  g_autoptr (GstCaps) sent = gst_pad_get_current_caps (src);
  g_autoptr (GstCaps) taken = gst_pad_get_current_caps (sink);
  g_autoptr (GstElement) from = gst_pad_get_parent_element (src);
  g_autoptr (GstElement) to = gst_pad_get_parent_element (sink);
  g_autofree char *text = NULL;

  if (sent == NULL || from == NULL || to == NULL
      || (taken != NULL && gst_caps_is_equal (sent, taken)))
    return NULL;
  text = gst_caps_to_string (sent);
  return g_strdup_printf ("%s:%s does not accept the caps of %s:%s, which are "
      "%s; put a converter or a caps filter between them", GST_OBJECT_NAME (to),
      GST_PAD_NAME (sink), GST_OBJECT_NAME (from), GST_PAD_NAME (src), text);
}

/**
 * gst_latent_link_describe_refusal:
 * @src: a source pad whose data was not negotiated downstream
 *
 * Follows the links downstream to the first pad that has refused caps.
 *
 * Returns: (transfer full) (nullable): which pad has refused which caps of
 *   which peer, and the remedy; %NULL if it cannot be told
 */
char *
gst_latent_link_describe_refusal (GstPad * src)
{
  g_autoptr (GstPad) from = gst_object_ref (src);

  for (guint i = 0; i < MAX_LINKS; i++) {
    g_autoptr (GstPad) to = gst_pad_get_peer (from);
    char *text;

    if (to == NULL)
      return NULL;
    text = describe_refused_link (from, to);
    if (text != NULL)
      return text;
    gst_object_unref (from);
    from = next_source (to);
    if (from == NULL)
      return NULL;
  }
  return NULL;
}

/**
 * gst_latent_link_post_flow_at:
 * @element: an element that drives its source pad by itself
 * @src: that pad
 * @flow: what downstream has returned: %GST_FLOW_NOT_LINKED, or below
 *   %GST_FLOW_EOS
 * @place: where it is found out; %GST_LATENT_HERE
 *
 * Posts an error about it: with the caps and the pad that has refused them for
 * %GST_FLOW_NOT_NEGOTIATED.
 */
void
gst_latent_link_post_flow_at (GstElement * element, GstPad * src,
    GstFlowReturn flow, const GstLatentPlace * place)
{
  g_autofree char *refusal = NULL;
  g_autofree char *name = gst_object_get_name (GST_OBJECT (element));
  GstStructure *details = gst_structure_new ("details", "flow-return",
      G_TYPE_INT, flow, NULL);

  if (flow == GST_FLOW_NOT_NEGOTIATED)
    refusal = gst_latent_link_describe_refusal (src);
  gst_element_message_full_with_details (element, GST_MESSAGE_ERROR,
      GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED,
      refusal !=
      NULL ? g_steal_pointer (&refusal) :
      g_strdup_printf ("%s: downstream does not take the data: %s", name,
          gst_flow_get_name (flow)),
      g_strdup_printf ("streaming stopped, reason %s (%d)",
          gst_flow_get_name (flow), flow), place->file, place->function,
      place->line, details);
}
