/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "plan/prefetch.h"

#include <string.h>

#include "regions/class-prompts.h"
#include "regions/document.h"

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
  RdPrefetch *prefetch = user_data;
  Work *work = data;
  g_autoptr (RdStream) stream =
      rd_stream_new (rd_model_device (work->model), NULL);

  for (guint i = 0; stream && i < work->prompts->len; i++) {
    const RdPrompt prompt = { {work->prompts->pdata[i]} };
    g_autoptr (RdConditioning) conditioning =
        rd_model_encode_prompt (work->model, stream, &prompt,
        prefetch->cancellable, NULL);

    if (!conditioning)
      break;
    g_atomic_int_inc (&prefetch->n_prompts);
  }
  work_free (work);
}

/**
 * rd_prefetch_init:
 * @prefetch: uninitialised memory
 */
void
rd_prefetch_init (RdPrefetch * prefetch)
{
  memset (prefetch, 0, sizeof *prefetch);
  g_mutex_init (&prefetch->lock);
  prefetch->cancellable = g_cancellable_new ();
}

/**
 * rd_prefetch_stop:
 * @prefetch: a prefetch
 *
 * Ends what is under way, within one network node, and forgets the rest.
 */
void
rd_prefetch_stop (RdPrefetch * prefetch)
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

/**
 * rd_prefetch_clear:
 * @prefetch: a prefetch, which nobody else uses any more
 *
 * Stops it, and frees what it holds.
 */
void
rd_prefetch_clear (RdPrefetch * prefetch)
{
  rd_prefetch_stop (prefetch);
  g_clear_object (&prefetch->cancellable);
  g_mutex_clear (&prefetch->lock);
}

static void
add (GPtrArray * prompts, char *prompt)
{
  if (prompt)
    g_ptr_array_add (prompts, prompt);
}

/* Those that the text has; a region that inherits its prompt has none. */
static void
add_regions (GPtrArray * prompts, const char *text)
{
  g_autoptr (RdRegionDocument) document =
      rd_region_document_parse (text, NULL, NULL);

  if (!document)
    return;
  if (document->base) {
    add (prompts, g_strdup (document->base->prompt));
    add (prompts, g_strdup (document->base->negative_prompt));
  }
  for (guint i = 0; i < document->regions->len; i++) {
    const RdRegion *region = document->regions->pdata[i];

    if (region->prompt)
      add (prompts, rd_region_document_prompt (document, region->prompt));
    add (prompts, g_strdup (region->negative_prompt));
  }
}

static void
add_classes (GPtrArray * prompts, const char *text)
{
  g_autoptr (RdClassPrompts) classes = rd_class_prompts_parse (text, NULL);
  const guint n = classes ? rd_class_prompts_n_labels (classes) : 0;

  for (guint i = 0; i < n; i++) {
    const char *label = rd_class_prompts_label (classes, i);
    const RdRegion *region = rd_class_prompts_find (classes, label);

    add (prompts, g_strdup (region->prompt ? region->prompt : label));
    add (prompts, g_strdup (region->negative_prompt));
  }
}

/**
 * rd_prefetch_text:
 * @prefetch: a prefetch
 * @model: (nullable): whose text encoder is to be used; without one nothing is
 *   done
 * @setting: name of the setting that was set: `prompt`, `negative-prompt`,
 *   `regions` or `class-prompts`; any other has no prompts
 * @text: (nullable): to what
 *
 * Has the prompts of @text encoded in another thread, if the text encoder is
 * loaded. Callable from any thread.
 */
void
rd_prefetch_text (RdPrefetch * prefetch, RdModel * model,
    const char *setting, const char *text)
{
  g_autoptr (GPtrArray) prompts = NULL;
  Work *work;

  if (!model || !text || !rd_model_is_loaded (model, RD_NETWORK_TEXT_ENCODER))
    return;
  prompts = g_ptr_array_new_with_free_func (g_free);
  if (g_str_equal (setting, "prompt")
      || g_str_equal (setting, "negative-prompt"))
    add (prompts, g_strdup (text));
  else if (g_str_equal (setting, "regions"))
    add_regions (prompts, text);
  else if (g_str_equal (setting, "class-prompts"))
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
