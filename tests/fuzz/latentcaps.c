/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Any caps: either they are refused as latents with a message that can be
 * shown, or they can be written again, and a buffer of theirs has a size. In
 * negotiation any will do. */

#include "fuzz.h"

#include <string.h>

#include "latent/gstlatentcaps.h"
#include "video/gstlatentvideo.h"

#if defined (__has_feature)
#if __has_feature (address_sanitizer)
#define HAVE_LSAN 1
#endif
#endif
#if defined (__SANITIZE_ADDRESS__) || defined (HAVE_LSAN)
#include <sanitizer/lsan_interface.h>
#else
#define __lsan_disable()
#define __lsan_enable()
#endif

/* GLib never frees the table of its quarks when it makes a larger one, and every
 * field of any caps is a quark. The first table is made before main(), so the
 * leak checker begins to look only when GStreamer is ready. */
static void
before_libraries (void)
{
  __lsan_disable ();
}

static void (*const preinit) (void)
    __attribute__((section (".preinit_array"), used)) = before_libraries;

static const RdFamily family = {.name = "sd1" };

static const RdModelInfo model = {
  .family = &family,
  .channels = 4,
  .downscale = 8,
  .scaling_factor = 0.18215,
  .multiple = 1,
};

static void
start_gstreamer (void)
{
  static gsize started;

  if (!g_once_init_enter (&started))
    return;
  g_setenv ("GST_PLUGIN_SYSTEM_PATH_1_0", "", TRUE);
  g_setenv ("GST_REGISTRY_DISABLE", "yes", TRUE);
  gst_init (NULL, NULL);
  __lsan_enable ();
  g_once_init_leave (&started, 1);
}

static void
ignore (const char *domain, GLogLevelFlags level, const char *message,
    gpointer nothing)
{
}

/* What GStreamer's parser complains about, and what it loses of malformed arrays
 * in 1.22, is not what is looked for here. The leak checker sees a copy, so
 * that it finds what loses a reference to the caps. */
static GstCaps *
parse (const char *text)
{
  const GLogLevelFlags fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK);
  const GLogFunc log = g_log_set_default_handler (ignore, NULL);
  GstCaps *parsed, *caps = NULL;

  __lsan_disable ();
  parsed = gst_caps_from_string (text);
  __lsan_enable ();
  g_log_set_default_handler (log, NULL);
  g_log_set_always_fatal (fatal);
  if (parsed) {
    caps = gst_caps_copy (parsed);
    gst_caps_unref (parsed);
  }
  return caps;
}

static void
check_negotiation (GstCaps * caps)
{
  const RdModelInfo *const models[] = { &model, NULL };
  GstLatentInfo info;

  for (guint i = 0; i < G_N_ELEMENTS (models); i++) {
    gst_caps_unref (gst_latent_caps_to_video (caps, models[i]));
    gst_caps_unref (gst_latent_caps_from_video (caps, models[i]));
    gst_caps_unref (gst_latent_caps_prefer_model (gst_caps_ref (caps),
            models[i]));
  }
  gst_caps_unref (gst_latent_caps_add_tensors (gst_latent_caps_any_memory (caps,
              NULL)));

  gst_latent_info_init (&info);
  info.n = 1;
  info.channels = 4;
  info.width = info.height = 64;
  if (gst_latent_info_negotiate (&info, caps)) {
    g_autoptr (GstCaps) chosen = gst_latent_info_to_caps (&info);

    g_assert_true (gst_caps_can_intersect (chosen, caps));
  }
}

static void
check_again (const GstLatentInfo * info)
{
  g_autoptr (GstCaps) caps = gst_latent_info_to_caps (info);
  g_autoptr (GError) error = NULL;
  GstLatentInfo again;

  g_assert_true (gst_latent_info_from_caps (&again, caps, &error));
  g_assert_true (again.on_device == info->on_device
      && again.tensors_rank == info->tensors_rank
      && again.old_id == info->old_id
      && again.type == info->type && again.n == info->n
      && again.channels == info->channels && again.height == info->height
      && again.width == info->width && again.fps_n == info->fps_n
      && again.fps_d == info->fps_d && again.downscale == info->downscale
      && again.scaling_factor == info->scaling_factor
      && again.shift_factor == info->shift_factor
      && strcmp (again.family, info->family) == 0);
  g_assert_true (gst_latent_info_size (info) > 0
      && gst_latent_info_size (info) <= GST_LATENT_MAX_SIZE);
}

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GstCaps) caps = NULL;
  g_autoptr (GError) error = NULL;
  GstLatentInfo info;

  start_gstreamer ();
  if (g_utf8_validate (text, -1, NULL))
    caps = parse (text);
  if (caps == NULL)
    return 0;
  if (!gst_caps_is_any (caps))
    check_negotiation (caps);
  if (gst_latent_info_from_caps (&info, caps, &error))
    check_again (&info);
  else
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
  return 0;
}
