/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
/**
 * SECTION:element-regionalsampler
 * @title: regionalsampler
 * @short_description: Paints a picture from one prompt per region
 *
 * Turns the latents on its `sink` pad into latents of a picture: noise is added
 * and taken away again, step for step, by a diffusion model. Where a region is,
 * the region's prompt and settings say what is painted, elsewhere the
 * element's. Without a region it is a plain sampler.
 *
 * Regions come from the property #GstRegionalSampler:regions (or the file
 * #GstRegionalSampler:regions-location), and from masks: each `mask_%u` pad is
 * a region where its picture is white and opaque, of any size, stretched to the
 * latents' picture. A pad's properties are the region's; what is not set there is
 * inherited from the element.
 *
 * A mask pad keeps its last mask, so a still picture that ends in EOS serves
 * every latent. A video of masks goes along by running time; masks without
 * times, one for each latent. Where a mask's source neither ends nor sends
 * more, set the pad's property `hold`, or send GAP events; in a live pipeline
 * the last mask then serves after the latency, with a warning.
 *
 * A link that names no pad, as in `videoconvert ! regionalsampler`, is refused
 * while nothing is linked to `sink`: video is no latent, so put `latentencode`
 * between the two. Afterwards such a link takes the next mask pad.
 *
 * Property changes take effect with the next latent. A running job ends within
 * one network node when the element is flushed, seeked or stopped; PAUSED does
 * not stop it. With `gst-launch-1.0 -e` Ctrl-C sends EOS, before which latents
 * that are queued are still sampled.
 *
 * Behind a live source put `queue leaky=downstream max-size-buffers=1` before
 * this element: a job takes longer than a frame.
 *
 * ## Messages
 *
 * * `load` (progress): a network is loaded. Since: 0.1
 * * `sample` (progress): a buffer of latents is sampled. Beside `percent` there
 *   are the fields `step`, `steps`, `region`, `regions`, `sigma`, `elapsed-ms`,
 *   `eta-ms`, `pts` and `job`. Since: 0.1
 * * `regionalsampler-preview` (element), with
 *   #GstRegionalSampler:preview-interval: the fields of `sample` but `percent`,
 *   and `sample`: a #GstSample with an RGB picture of latent size, of what the
 *   latent would be without its noise. Since: 0.1
 * * `regionalsampler-seed` (element), where a seed changes from latent to latent:
 *   `job`, `noise-seed`, `seed-2nd` and `pts`, before each job. Since: 0.1
 *
 * ## Example launch lines
 * |[
 * gst-launch-1.0 latentsrc num-buffers=1 width=256 height=256 ! regionalsampler model=models/tiny prompt="starry night sky" steps=20 noise-seed=42 regions='lava @0,0.5,0.5,0.5 | green meadow @0.5,0.5,0.5,0.5' ! latentdecode model=models/tiny ! videoconvert ! pngenc ! filesink location=out.png
 * ]|
 * Lava on the lower left, a meadow on the lower right, under a starry sky.
 * |[
 * gst-launch-1.0 latentsrc num-buffers=1 width=256 height=256 ! regionalsampler name=s model=models/tiny prompt="starry night sky" mask_0::prompt="lava" mask_0::cfg=5 ! latentdecode model=models/tiny ! videoconvert ! pngenc ! filesink location=out.png filesrc location=mask.png ! pngdec ! videoconvert ! video/x-raw,format=GRAY8 ! s.mask_0
 * ]|
 * Lava where mask.png is white.
 *
 * Since: 0.1
 */
#include "sampler/gstregionalsampler.h"

#include <string.h>

#include "common/gstlatentlink.h"
#include "sampler/gstmaskconvert.h"
#include "sampler/gstmaskpad.h"

GST_DEBUG_CATEGORY (gst_regional_sampler_debug);
#define GST_CAT_DEFAULT gst_regional_sampler_debug

enum
{
  PROP_0,
  PROP_MODEL,
  PROP_DEVICE,
  PROP_THREADS,
  PROP_TENSORRT_CACHE,
  PROP_STATS,
  PROP_CURRENT_REGIONS,
  PROP_SETTINGS,                /* the first of them, and the last ids */
};

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_LATENT_CAPS_ANY_MEMORY));

static GstStaticPadTemplate mask_template = GST_STATIC_PAD_TEMPLATE ("mask_%u",
    GST_PAD_SINK, GST_PAD_REQUEST,
    GST_STATIC_CAPS (GST_VIDEO_CAPS_MAKE (GST_MASK_FORMATS)));

static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_LATENT_CAPS_ANY_MEMORY));

/* most warnings about regions that are posted until the element is stopped */
#define MAX_WARNINGS 100

#define MASK_PREFIX "mask_"

static void child_proxy_init (GstChildProxyInterface * iface);

#define gst_regional_sampler_parent_class parent_class
G_DEFINE_TYPE_WITH_CODE (GstRegionalSampler, gst_regional_sampler,
    GST_TYPE_AGGREGATOR,
    G_IMPLEMENT_INTERFACE (GST_TYPE_CHILD_PROXY, child_proxy_init)
    G_IMPLEMENT_INTERFACE (GST_TYPE_PRESET, gst_regional_preset_init));
GST_ELEMENT_REGISTER_DEFINE (regionalsampler, "regionalsampler", GST_RANK_NONE,
    GST_TYPE_REGIONAL_SAMPLER);

/* Mask pads
 *
 * They are children of the element. In a launch line settings stand before
 * links: `mask_0::prompt=lava` is said before `s.mask_0` requests that pad.
 * GStreamer keeps the setting until a child of that name is there, and says
 * nothing if none ever is. But it looks for one first; so the names that were
 * looked for in vain, and that nobody has requested when a latent comes, are
 * those to warn of.
 */

static gint
compare_numbers (gconstpointer a, gconstpointer b)
{
  const guint x = gst_mask_pad_get_number (*(GstMaskPad * const *) a);
  const guint y = gst_mask_pad_get_number (*(GstMaskPad * const *) b);

  return (x > y) - (x < y);
}

/*
 * gst_regional_sampler_get_mask_pads:
 * @self: the element
 *
 * Returns: (transfer full) (element-type GstMaskPad): its mask pads, in the
 *   order of their numbers
 */
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

static void
prefetch (GstRegionalSampler * self, const gchar * property, const gchar * text)
{
  g_autoptr (RdModel) model = gst_latent_model_user_peek (&self->model);

  rd_prefetch_text (&self->prefetch, model, property, text);
}

/* Any property of a mask pad, in whatever thread set it. */
static void
pad_was_set (GObject * pad, GParamSpec * pspec, GstRegionalSampler * self)
{
  g_autofree gchar *text = NULL;

  if (pspec->value_type != G_TYPE_STRING
      || pspec->owner_type != GST_TYPE_MASK_PAD)
    return;
  g_object_get (pad, pspec->name, &text, NULL);
  prefetch (self, pspec->name, text);
}

/* A name that is not what it is for its number would be another pad's. */
static gboolean
parse_number (const gchar * name, guint * number)
{
  g_autofree gchar *canonical = NULL;
  guint64 value;

  if (!g_str_has_prefix (name, MASK_PREFIX)
      || !g_ascii_string_to_unsigned (name + strlen (MASK_PREFIX), 10, 0,
          G_MAXUINT, &value, NULL))
    return FALSE;
  *number = value;
  canonical = g_strdup_printf (MASK_PREFIX "%u", *number);
  return g_str_equal (canonical, name);
}

/* With OBJECT_LOCK. */
static gboolean
has_pad (GstRegionalSampler * self, guint number)
{
  for (GList * l = GST_ELEMENT (self)->sinkpads; l; l = l->next) {
    if (GST_IS_MASK_PAD (l->data)
        && gst_mask_pad_get_number (l->data) == number)
      return TRUE;
  }
  return FALSE;
}

/* The number after those of all pads that there were, or the first that is
 * free. With OBJECT_LOCK. */
static guint
choose_number (GstRegionalSampler * self)
{
  guint number = 0;

  if (self->next_pad <= G_MAXUINT)
    return self->next_pad;
  while (has_pad (self, number))
    number++;
  return number;
}

static gboolean
is_inside_of_ghost (GstPad * pad)
{
  return GST_IS_PROXY_PAD (pad) && !GST_IS_GHOST_PAD (pad);
}

/* Elements that are linked without a pad's name get the first pad that takes what
 * they have, and so video would go to a mask and leave `sink` without latents. The
 * message comes where a link is made in a pipeline that is set up, as behind
 * decodebin; before, it is in the debug log alone. Ghost pads are not made for
 * targets that refuse; what comes through one is told when the element starts. */
static GstPadLinkReturn
link_unnamed (GstPad * pad, GstObject * parent, GstPad * peer)
{
  g_autoptr (GstPad) sink =
      gst_element_get_static_pad (GST_ELEMENT (parent), "sink");

  if (gst_pad_is_linked (sink) || is_inside_of_ghost (peer))
    return GST_PAD_LINK_OK;
  GST_ELEMENT_WARNING (parent, CORE, PAD,
      ("%s:%s is not linked to %s: video is "
          "no latent; to paint over its pictures put latentencode between the "
          "two, or if they are a mask, name the pad (%s." MASK_PREFIX "0) or "
          "link the pad sink first", GST_DEBUG_PAD_NAME (peer),
          GST_OBJECT_NAME (parent), GST_OBJECT_NAME (parent)),
      ("the pad sink is not linked yet"));
  return GST_PAD_LINK_REFUSED;
}

/* The base class of 1.22 would name every pad sink_%u. */
static GstAggregatorPad *
create_new_pad (GstAggregator * aggregator,
    GstPadTemplate * template, const gchar * requested, const GstCaps * caps)
{
  GstRegionalSampler *self = GST_REGIONAL_SAMPLER (aggregator);
  g_autofree gchar *name = NULL;
  GstAggregatorPad *pad;
  guint number;

  if (requested && !parse_number (requested, &number)) {
    GST_ERROR_OBJECT (self, "there is no pad %s: mask pads are named mask_0 to "
        "mask_%u", requested, G_MAXUINT);
    return NULL;
  }
  GST_OBJECT_LOCK (self);
  if (requested && has_pad (self, number)) {
    GST_OBJECT_UNLOCK (self);
    GST_ERROR_OBJECT (self, "there is a pad %s already", requested);
    return NULL;
  }
  if (!requested)
    number = choose_number (self);
  self->next_pad = MAX (self->next_pad, (guint64) number + 1);
  GST_OBJECT_UNLOCK (self);

  name = g_strdup_printf (MASK_PREFIX "%u", number);
  pad = g_object_new (GST_TYPE_MASK_PAD, "name", name, "direction",
      GST_PAD_SINK, "template", template, NULL);
  g_signal_connect_object (pad, "notify", G_CALLBACK (pad_was_set), self, 0);
  gst_regional_stream_watch (self, GST_PAD (pad));
  if (!requested)
    gst_pad_set_link_function (GST_PAD (pad), link_unnamed);
  return pad;
}

/* With OBJECT_LOCK. */
static gboolean
is_missed (GstRegionalSampler * self, const gchar * name, guint * i)
{
  return g_ptr_array_find_with_equal_func (self->missed, name, g_str_equal, i);
}

static GstPad *
request_new_pad (GstElement * element,
    GstPadTemplate * template, const gchar * name, const GstCaps * caps)
{
  GstRegionalSampler *self = GST_REGIONAL_SAMPLER (element);
  GstPad *pad = GST_ELEMENT_CLASS (parent_class)->request_new_pad (element,
      template, name, caps);
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

static void
release_pad (GstElement * element, GstPad * pad)
{
  gst_child_proxy_child_removed (GST_CHILD_PROXY (element), G_OBJECT (pad),
      GST_OBJECT_NAME (pad));
  GST_ELEMENT_CLASS (parent_class)->release_pad (element, pad);
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

static void
child_proxy_init (GstChildProxyInterface * iface)
{
  iface->get_child_by_name = get_child_by_name;
  iface->get_child_by_index = get_child;
  iface->get_children_count = count_children;
}

/*
 * gst_regional_sampler_warn_of_missed:
 * @self: the element, with no lock held
 *
 * Posts a warning for each mask pad that has settings and was never requested,
 * once.
 */
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

    GST_ELEMENT_WARNING (self, RESOURCE, SETTINGS, ("%s: properties are set "
            "for a mask pad of this name, but it does not exist; link a mask "
            "to it (... ! %s.%s), or remove them", name,
            GST_OBJECT_NAME (self), name), ("%u such pads, of %u mask pads",
            missed->len, GST_ELEMENT (self)->numsinkpads - 1));
  }
}

/*
 * gst_regional_sampler_warn_once:
 * @self: the element, with no lock held; in its source task
 * @text: what is wrong with a region, and so in every picture
 *
 * Posts a warning, once until the element is stopped.
 */
void
gst_regional_sampler_warn_once (GstRegionalSampler * self, const gchar * text)
{
  if (!self->warned)
    self->warned = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
        NULL);
  if (g_hash_table_contains (self->warned, text))
    return;
  if (g_hash_table_size (self->warned) == MAX_WARNINGS) {
    GST_WARNING_OBJECT (self, "%s", text);
    return;
  }
  g_hash_table_add (self->warned, g_strdup (text));
  GST_ELEMENT_WARNING (self, RESOURCE, SETTINGS, ("%s", text),
      ("job %" G_GUINT64_FORMAT, self->job_number));
}

/* States */

/* The base class joins the task in here, so a job has to end first. */
static gboolean
src_activate (GstAggregator * aggregator, GstPadMode mode, gboolean active)
{
  GstRegionalSampler *self = GST_REGIONAL_SAMPLER (aggregator);

  if (active)
    gst_latent_cancel_token_unset (&self->cancel, GST_LATENT_CANCEL_INACTIVE);
  else
    gst_latent_cancel_token_set (&self->cancel, GST_LATENT_CANCEL_INACTIVE);
  return TRUE;
}

static gboolean
start (GstAggregator * aggregator)
{
  GstRegionalSampler *self = GST_REGIONAL_SAMPLER (aggregator);

  GST_OBJECT_LOCK (self);
  memset (&self->stats, 0, sizeof self->stats);
  self->earliest = GST_CLOCK_TIME_NONE;
  self->proportion = 1.0;
  self->flushed = TRUE;
  GST_OBJECT_UNLOCK (self);
  gst_regional_preview_clear (&self->preview);
  self->job_number = 0;
  self->idle_since = g_get_monotonic_time ();
  self->latency = 0;
  self->awaited_since = GST_CLOCK_TIME_NONE;
  return TRUE;
}

static gboolean
stop (GstAggregator * aggregator)
{
  GstRegionalSampler *self = GST_REGIONAL_SAMPLER (aggregator);
  g_autoptr (GPtrArray) pads = gst_regional_sampler_get_mask_pads (self);

  for (guint i = 0; i < pads->len; i++)
    gst_mask_pad_forget (pads->pdata[i]);
  gst_caps_replace (&self->latent_caps, NULL);
  g_queue_clear_full (&self->tags, (GDestroyNotify) gst_event_unref);
  g_clear_pointer (&self->good, gst_regional_snapshot_free);
  g_clear_pointer (&self->kept_because, g_free);
  return TRUE;
}

/* All that one job leaves for the next. */
static void
forget (GstRegionalSampler * self)
{
  gst_region_sources_clear (&self->sources);
  gst_regional_preview_clear (&self->preview);
  rd_plan_context_clear (&self->context);
  g_clear_pointer (&self->warned, g_hash_table_unref);
}

static GstStateChangeReturn
change_state (GstElement * element, GstStateChange transition)
{
  GstRegionalSampler *self = GST_REGIONAL_SAMPLER (element);
  GstStateChangeReturn ret;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED) {
    g_atomic_int_set (&self->refuses, FALSE);
    gst_regional_stream_check_link (self);
  }
  ret = GST_ELEMENT_CLASS (parent_class)->change_state (element, transition);

  if (transition == GST_STATE_CHANGE_READY_TO_NULL) {
    rd_prefetch_stop (&self->prefetch);
    forget (self);
    gst_latent_model_user_close (&self->model);
  }
  return ret;
}

/* Properties */

static GstStructure *
get_stats (GstRegionalSampler * self)
{
  const guint64 prefetched = g_atomic_int_get (&self->prefetch.n_prompts);
  GstRegionalStats stats;

  GST_OBJECT_LOCK (self);
  stats = self->stats;
  GST_OBJECT_UNLOCK (self);
  return gst_structure_new ("regionalsampler-stats",
      "jobs", G_TYPE_UINT64, stats.jobs,
      "canceled", G_TYPE_UINT64, stats.canceled,
      "skipped", G_TYPE_UINT64, stats.skipped,
      "passes", G_TYPE_UINT64, stats.passes,
      "evaluations", G_TYPE_UINT64, stats.evaluations,
      "rows", G_TYPE_UINT64, stats.rows,
      "prefetched", G_TYPE_UINT64, prefetched,
      "load", G_TYPE_DOUBLE, stats.load_us / 1e6,
      "prompts", G_TYPE_DOUBLE, stats.prompt_us / 1e6,
      "network", G_TYPE_DOUBLE, stats.network_us / 1e6,
      "loop", G_TYPE_DOUBLE, stats.loop_us / 1e6,
      "solver", G_TYPE_DOUBLE, stats.solver_us / 1e6,
      "blending", G_TYPE_DOUBLE, stats.blend_us / 1e6,
      "waiting", G_TYPE_DOUBLE, stats.wait_us / 1e6,
      "total", G_TYPE_DOUBLE, stats.total_us / 1e6, NULL);
}

static void
set_property (GObject * object, guint property, const GValue * value,
    GParamSpec * pspec)
{
  GstRegionalSampler *self = GST_REGIONAL_SAMPLER (object);
  gboolean known;

  if (property < PROP_SETTINGS) {
    if (!gst_latent_model_user_set_property (&self->model, property, value))
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    return;
  }
  GST_OBJECT_LOCK (self);
  known = gst_regional_settings_set (&self->settings,
      property - PROP_SETTINGS, value);
  GST_OBJECT_UNLOCK (self);
  if (known && G_VALUE_HOLDS_STRING (value))
    prefetch (self, pspec->name, g_value_get_string (value));
  else if (!known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
}

static char *
get_regions (GstRegionalSampler * self)
{
  g_autoptr (RdRegionDocument) document = NULL;

  GST_OBJECT_LOCK (self);
  document = self->regions ? rd_region_document_ref (self->regions) : NULL;
  GST_OBJECT_UNLOCK (self);
  return document ? rd_region_document_to_json (document) : NULL;
}

static void
get_property (GObject * object, guint property, GValue * value,
    GParamSpec * pspec)
{
  GstRegionalSampler *self = GST_REGIONAL_SAMPLER (object);
  gboolean known = TRUE;

  switch (property) {
    case PROP_CURRENT_REGIONS:
      g_value_take_string (value, get_regions (self));
      break;
    case PROP_STATS:
      g_value_take_boxed (value, get_stats (self));
      break;
    case PROP_MODEL:
    case PROP_DEVICE:
    case PROP_THREADS:
    case PROP_TENSORRT_CACHE:
      known = gst_latent_model_user_get_property (&self->model, property,
          value);
      break;
    default:
      GST_OBJECT_LOCK (self);
      known = gst_regional_settings_get (&self->settings,
          property - PROP_SETTINGS, value);
      GST_OBJECT_UNLOCK (self);
      break;
  }
  if (!known)
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
}

static void
finalize (GObject * object)
{
  GstRegionalSampler *self = GST_REGIONAL_SAMPLER (object);

  gst_caps_replace (&self->latent_caps, NULL);
  g_clear_pointer (&self->good, gst_regional_snapshot_free);
  g_free (self->kept_because);
  g_ptr_array_unref (self->missed);
  g_clear_pointer (&self->regions, rd_region_document_unref);
  rd_prefetch_clear (&self->prefetch);
  forget (self);
  gst_regional_settings_clear (&self->settings);
  gst_latent_model_user_clear (&self->model);
  gst_latent_cancel_token_clear (&self->cancel);
  g_mutex_clear (&self->settings_lock);

  G_OBJECT_CLASS (parent_class)->finalize (object);
}

static void
gst_regional_sampler_class_init (GstRegionalSamplerClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstAggregatorClass *aggregator_class = GST_AGGREGATOR_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (gst_regional_sampler_debug, "regionalsampler", 0,
      "regional sampling");

  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;

  element_class->change_state = change_state;
  element_class->request_new_pad = request_new_pad;
  element_class->release_pad = release_pad;

  aggregator_class->create_new_pad = create_new_pad;
  aggregator_class->src_activate = src_activate;
  aggregator_class->start = start;
  aggregator_class->stop = stop;
  gst_regional_stream_class_init (aggregator_class);
  gst_regional_aggregate_class_init (aggregator_class);

  gst_regional_settings_install (object_class, PROP_SETTINGS);
  gst_latent_model_user_install_properties (object_class, PROP_MODEL,
      "Folder of the diffusion model");
  g_object_class_install_property (object_class, PROP_STATS,
      g_param_spec_boxed ("stats", "Statistics",
          "Statistics since PAUSED: jobs, canceled, skipped, passes, network "
          "evaluations and rows, prefetched prompts, and seconds for load, "
          "prompts, network, loop (solver, blending), waiting and total",
          GST_TYPE_STRUCTURE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));
  g_object_class_install_property (object_class, PROP_CURRENT_REGIONS,
      g_param_spec_string ("current-regions", "Current regions",
          "Base and regions of the latest job, from all sources, as JSON for "
          "the property `regions`", NULL,
          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS));

  gst_element_class_add_static_pad_template_with_gtype (element_class,
      &sink_template, GST_TYPE_LATENT_SINK_PAD);
  gst_element_class_add_static_pad_template_with_gtype (element_class,
      &mask_template, GST_TYPE_MASK_PAD);
  gst_element_class_add_static_pad_template_with_gtype (element_class,
      &src_template, GST_TYPE_AGGREGATOR_PAD);
  gst_element_class_set_static_metadata (element_class, "Regional sampler",
      "Filter/Effect",
      "Samples latents with a diffusion model, one prompt per region",
      "The gst-regional authors");

  gst_type_mark_as_plugin_api (GST_TYPE_LATENT_SINK_PAD, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_MASK_PAD, 0);
}

static void
gst_regional_sampler_init (GstRegionalSampler * self)
{
  GstPadTemplate *template =
      gst_element_class_get_pad_template (GST_ELEMENT_GET_CLASS (self), "sink");

  self->latent_pad = g_object_new (GST_TYPE_LATENT_SINK_PAD, "name", "sink",
      "direction", GST_PAD_SINK, "template", template, NULL);
  gst_regional_stream_watch (self, GST_PAD (self->latent_pad));
  gst_element_add_pad (GST_ELEMENT (self), GST_PAD (self->latent_pad));

  g_mutex_init (&self->settings_lock);
  g_queue_init (&self->tags);
  self->missed = g_ptr_array_new_with_free_func (g_free);
  gst_latent_cancel_token_init (&self->cancel);
  gst_latent_cancel_token_set (&self->cancel, GST_LATENT_CANCEL_INACTIVE);
  rd_prefetch_init (&self->prefetch);
  gst_regional_settings_init (&self->settings);
  gst_latent_model_user_init (&self->model, GST_ELEMENT (self), PROP_MODEL);
}
