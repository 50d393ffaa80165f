/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The mask pads of `regionalsampler`, which are its children.
 *
 * In a launch line settings stand before links: `mask_0::prompt=lava` is said
 * before `s.mask_0` requests that pad. GStreamer keeps the setting until a
 * child of that name is there, and says nothing if none ever is. But it looks
 * for one first; so the names that were looked for in vain, and that nobody has
 * requested when a latent comes, are those to warn of.
 */

#include "sampler/gstregionalsampler.h"

#include <string.h>

#include "sampler/gstmaskpad.h"

#define PREFIX "mask_"

#define PARENT_CLASS \
    GST_ELEMENT_CLASS (g_type_class_peek (GST_TYPE_AGGREGATOR))

static gint
compare_numbers (gconstpointer a, gconstpointer b)
{
  const guint x = gst_mask_pad_get_number (*(GstMaskPad * const *) a);
  const guint y = gst_mask_pad_get_number (*(GstMaskPad * const *) b);

  return (x > y) - (x < y);
}

GPtrArray *
gst_regional_sampler_get_mask_pads (GstRegionalSampler * self)
{
  GPtrArray *pads = g_ptr_array_new_with_free_func (gst_object_unref);

  GST_OBJECT_LOCK (self);
  for (GList * l = GST_ELEMENT (self)->sinkpads; l; l = l->next) {
    if (GST_IS_MASK_PAD (l->data))
      g_ptr_array_add (pads, gst_object_ref (l->data));
  }
  GST_OBJECT_UNLOCK (self);
  g_ptr_array_sort (pads, compare_numbers);
  return pads;
}

static gboolean
parse_number (const gchar * name, guint * number)
{
  guint64 value;

  if (!name || !g_str_has_prefix (name, PREFIX)
      || !g_ascii_string_to_unsigned (name + strlen (PREFIX), 10, 0,
          G_MAXUINT - 1, &value, NULL))
    return FALSE;
  *number = value;
  return TRUE;
}

/* The base class of 1.22 would name every pad sink_%u. */
GstAggregatorPad *
gst_regional_sampler_create_new_pad (GstAggregator * aggregator,
    GstPadTemplate * template, const gchar * requested, const GstCaps * caps)
{
  GstRegionalSampler *self = GST_REGIONAL_SAMPLER (aggregator);
  g_autofree gchar *name = NULL;
  guint number;

  GST_OBJECT_LOCK (self);
  if (!parse_number (requested, &number))
    number = self->next_pad;
  self->next_pad = MAX (self->next_pad, number + 1);
  GST_OBJECT_UNLOCK (self);

  name = g_strdup_printf (PREFIX "%u", number);
  return g_object_new (GST_TYPE_MASK_PAD, "name", name, "direction",
      GST_PAD_SINK, "template", template, NULL);
}

/* With OBJECT_LOCK. */
static gboolean
is_missed (GstRegionalSampler * self, const gchar * name, guint * i)
{
  return g_ptr_array_find_with_equal_func (self->missed, name, g_str_equal, i);
}

GstPad *
gst_regional_sampler_request_new_pad (GstElement * element,
    GstPadTemplate * template, const gchar * name, const GstCaps * caps)
{
  GstRegionalSampler *self = GST_REGIONAL_SAMPLER (element);
  GstPad *pad = PARENT_CLASS->request_new_pad (element, template, name, caps);
  guint i;

  if (!pad)
    return NULL;
  GST_OBJECT_LOCK (self);
  if (is_missed (self, GST_OBJECT_NAME (pad), &i))
    g_ptr_array_remove_index (self->missed, i);
  GST_OBJECT_UNLOCK (self);
  gst_child_proxy_child_added (GST_CHILD_PROXY (element), G_OBJECT (pad),
      GST_OBJECT_NAME (pad));
  return pad;
}

void
gst_regional_sampler_release_pad (GstElement * element, GstPad * pad)
{
  gst_child_proxy_child_removed (GST_CHILD_PROXY (element), G_OBJECT (pad),
      GST_OBJECT_NAME (pad));
  PARENT_CLASS->release_pad (element, pad);
}

static GObject *
get_child (GstChildProxy * proxy, guint index)
{
  g_autoptr (GPtrArray) pads =
      gst_regional_sampler_get_mask_pads (GST_REGIONAL_SAMPLER (proxy));

  return index < pads->len ? g_object_ref (pads->pdata[index]) : NULL;
}

static guint
count_children (GstChildProxy * proxy)
{
  g_autoptr (GPtrArray) pads =
      gst_regional_sampler_get_mask_pads (GST_REGIONAL_SAMPLER (proxy));

  return pads->len;
}

static GObject *
get_child_by_name (GstChildProxy * proxy, const gchar * name)
{
  GstRegionalSampler *self = GST_REGIONAL_SAMPLER (proxy);
  g_autoptr (GPtrArray) pads = gst_regional_sampler_get_mask_pads (self);

  for (guint i = 0; i < pads->len; i++) {
    if (g_str_equal (GST_OBJECT_NAME (pads->pdata[i]), name))
      return g_object_ref (pads->pdata[i]);
  }
  GST_OBJECT_LOCK (self);
  if (!is_missed (self, name, NULL))
    g_ptr_array_add (self->missed, g_strdup (name));
  GST_OBJECT_UNLOCK (self);
  return NULL;
}

void
gst_regional_sampler_child_proxy_init (GstChildProxyInterface * iface)
{
  iface->get_child_by_name = get_child_by_name;
  iface->get_child_by_index = get_child;
  iface->get_children_count = count_children;
}

void
gst_regional_sampler_warn_of_missed (GstRegionalSampler * self)
{
  g_autoptr (GPtrArray) missed = NULL;

  GST_OBJECT_LOCK (self);
  missed = self->missed;
  self->missed = g_ptr_array_new_with_free_func (g_free);
  GST_OBJECT_UNLOCK (self);
  for (guint i = 0; i < missed->len; i++) {
    const gchar *name = missed->pdata[i];

    GST_ELEMENT_WARNING (self, RESOURCE, SETTINGS, ("%s: settings are waiting "
            "for a mask pad of this name, which nothing has requested so far; "
            "link a mask to it (... ! %s.%s), or leave them out", name,
            GST_OBJECT_NAME (self), name), (NULL));
  }
}
