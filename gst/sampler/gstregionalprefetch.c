/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sampler/gstregionalprefetch.h"

#include "regions/detection.h"
#include "regions/region.h"

typedef struct
{
  RdModel *model;
  GPtrArray *prompts;
} Work;

static void
work_free (Work * work)
{
  rd_model_unref (work->model);
  g_ptr_array_unref (work->prompts);
  g_free (work);
}

static void
encode (gpointer data, gpointer user_data)
{
  GstRegionalPrefetch *prefetch = user_data;
  Work *work = data;
  g_autoptr (RdStream) stream =
      rd_stream_new (rd_model_device (work->model), NULL);

  for (guint i = 0; stream && i < work->prompts->len; i++) {
    g_autoptr (RdConditioning) conditioning = rd_model_encode_prompt (work->model,
        stream, work->prompts->pdata[i], prefetch->cancellable, NULL);

    if (!conditioning)
      break;
    g_atomic_int_inc (&prefetch->n_prompts);
  }
  work_free (work);
}

/*
 * gst_regional_prefetch_init:
 * @prefetch: uninitialised memory
 */
void
gst_regional_prefetch_init (GstRegionalPrefetch * prefetch)
{
  *prefetch = (GstRegionalPrefetch) { 0 };
  g_mutex_init (&prefetch->lock);
  prefetch->cancellable = g_cancellable_new ();
}

/*
 * gst_regional_prefetch_stop:
 * @prefetch: the element's
 *
 * Ends what is under way, within one network node, and forgets the rest.
 */
void
gst_regional_prefetch_stop (GstRegionalPrefetch * prefetch)
{
  GThreadPool *pool;

  g_mutex_lock (&prefetch->lock);
  pool = g_steal_pointer (&prefetch->pool);
  g_mutex_unlock (&prefetch->lock);
  if (!pool)
    return;
  g_cancellable_cancel (prefetch->cancellable);
  /* each item in the queue ends at once, and is freed by who takes it */
  g_thread_pool_free (pool, FALSE, TRUE);
  g_cancellable_reset (prefetch->cancellable);
}

void
gst_regional_prefetch_clear (GstRegionalPrefetch * prefetch)
{
  gst_regional_prefetch_stop (prefetch);
  g_clear_object (&prefetch->cancellable);
  g_mutex_clear (&prefetch->lock);
}

static void
add (GPtrArray * prompts, gchar * prompt)
{
  if (prompt)
    g_ptr_array_add (prompts, prompt);
}

/* The prompts of a text that have all their words there. */
static void
add_regions (GPtrArray * prompts, const gchar * text)
{
  g_autoptr (RdRegionDocument) list = rd_region_document_parse (text, NULL, NULL);

  if (!list)
    return;
  if (list->base) {
    add (prompts, g_strdup (list->base->prompt));
    add (prompts, g_strdup (list->base->negative_prompt));
  }
  for (guint i = 0; i < list->regions->len; i++) {
    const RdRegion *region = list->regions->pdata[i];

    if (region->prompt)
      add (prompts, rd_region_document_prompt (list, region->prompt));
    add (prompts, g_strdup (region->negative_prompt));
  }
}

static void
add_classes (GPtrArray * prompts, const gchar * text)
{
  g_autoptr (RdClassPrompts) classes = rd_class_prompts_parse (text, NULL);
  const guint n = classes ? rd_class_prompts_n_labels (classes) : 0;

  for (guint i = 0; i < n; i++) {
    const gchar *label = rd_class_prompts_label (classes, i);
    const RdRegion *region = rd_class_prompts_find (classes, label);

    add (prompts, g_strdup (region->prompt ? region->prompt : label));
    add (prompts, g_strdup (region->negative_prompt));
  }
}

/*
 * gst_regional_prefetch_text:
 * @prefetch: the element's
 * @model: (nullable): its model, if it is open
 * @property: what was set: a prompt, or a text with prompts in it; anything else
 *   is none
 * @text: (nullable): to what
 *
 * Has the prompts of @text encoded in another thread, if the text encoder is
 * loaded. Callable with no lock held.
 */
void
gst_regional_prefetch_text (GstRegionalPrefetch * prefetch, RdModel * model,
    const gchar * property, const gchar * text)
{
  g_autoptr (GPtrArray) prompts = NULL;
  Work *work;

  if (!model || !text || !rd_model_is_loaded (model, RD_NETWORK_TEXT_ENCODER))
    return;
  prompts = g_ptr_array_new_with_free_func (g_free);
  if (g_str_equal (property, "prompt")
      || g_str_equal (property, "negative-prompt"))
    add (prompts, g_strdup (text));
  else if (g_str_equal (property, "regions"))
    add_regions (prompts, text);
  else if (g_str_equal (property, "class-prompts"))
    add_classes (prompts, text);
  if (prompts->len == 0)
    return;

  work = g_new (Work, 1);
  work->model = rd_model_ref (model);
  work->prompts = g_steal_pointer (&prompts);
  g_mutex_lock (&prefetch->lock);
  if (!prefetch->pool)
    prefetch->pool = g_thread_pool_new (encode, prefetch, 1, FALSE, NULL);
  g_thread_pool_push (prefetch->pool, work, NULL);
  g_mutex_unlock (&prefetch->lock);
}
