/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Pictures in GStreamer's CUDA memory, with a stand-in for the driver: what
 * neighbours are offered, and that pictures are the same as through system
 * memory. */

#define GST_USE_UNSTABLE_API
#include <gst/check/gstharness.h>
/* *INDENT-OFF* */
#include <gst/cuda/gstcudaloader.h>
#include <gst/cuda/gstcudabufferpool.h>
#include <gst/cuda/gstcudautils.h>
/* *INDENT-ON* */
#include <string.h>

#include "../check/launch.h"
#include "../check/rdtest.h"
#include "cudacpu.h"
#include "driver/driver.h"

#define WIDTH 72
#define HEIGHT 40
#define RGB ",format=RGB,width=72,height=40,framerate=10/1"
#define IN_SYSTEM "video/x-raw" RGB
#define IN_CUDA "video/x-raw(memory:CUDAMemory)" RGB
#define LATENTS "tensor/strided,tensor-id=stable-diffusion-latent," \
    "type=float32," \
    "dims=(int)<1,4,5,9>,dims-order=row-major,framerate=10/1"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GstCudaContext, gst_object_unref);

static GModule *driver, *plugin;

static unsigned
ask_driver (const char *function)
{
  unsigned (*ask) (void);

  fail_unless (g_module_symbol (driver, function, (gpointer *) & ask));
  return ask ();
}

static unsigned
n_held (void)
{
  return ask_driver ("cudacpu_driver_n_held");
}

static unsigned
n_host_copies (void)
{
  return ask_driver ("cudacpu_driver_n_host_copies");
}

static void
setup (void)
{
  fail_unless (gst_cuda_load_library ());
  gst_cuda_memory_init_once ();
  driver = g_module_open ("libcuda.so.1", G_MODULE_BIND_LAZY);
  fail_unless (driver != NULL);
  fail_unless_equals_int (n_held (), 0);
}

/* The runtime is in the plugin. */
static void
open_plugin (void)
{
  GstPlugin *regional = gst_registry_find_plugin (gst_registry_get (),
      "regional");

  plugin = g_module_open (gst_plugin_get_filename (regional),
      G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL);
  fail_unless (plugin != NULL);
  gst_object_unref (regional);
}

/* Nothing of the driver's is left, on the host nor on the device. */
static void
teardown (void)
{
  fail_unless_equals_int (n_held (), 0);
  g_module_close (driver);
}

static GstHarness *
new_harness (const char *name)
{
  g_autofree char *model = rd_test_path ("tiny-sd");
  GstElement *element = gst_element_factory_make (name, NULL);
  GstHarness *h;

  g_object_set (element, "model", model, "threads", 1, NULL);
  h = gst_harness_new_with_element (element, "sink", "src");
  gst_object_unref (element);
  return h;
}

static CUcontext
get_primary (void)
{
  CUresult (*retain) (CUcontext *, CUdevice);
  CUcontext context;

  fail_unless (g_module_symbol (driver, "cuDevicePrimaryCtxRetain",
          (gpointer *) & retain));
  fail_unless_equals_int (retain (&context, 0), CUDA_SUCCESS);
  return context;
}

/* What a neighbour is given, or NULL. */
static GstCudaContext *
ask_context (GstPad * pad)
{
  g_autoptr (GstQuery) query = gst_query_new_context (GST_CUDA_CONTEXT_TYPE);
  GstCudaContext *result = NULL;
  GstContext *context;

  if (!gst_pad_peer_query (pad, query))
    return NULL;
  gst_query_parse_context (query, &context);
  fail_unless (gst_structure_get (gst_context_get_structure (context),
          GST_CUDA_CONTEXT_TYPE, GST_TYPE_CUDA_CONTEXT, &result, NULL));
  return result;
}

static GstBufferPool *
new_pool (GstCudaContext * context)
{
  GstBufferPool *pool = gst_cuda_buffer_pool_new (context);
  g_autoptr (GstCaps) caps = gst_caps_from_string (IN_CUDA);
  GstStructure *config = gst_buffer_pool_get_config (pool);

  gst_buffer_pool_config_set_params (config, caps, WIDTH * HEIGHT * 3, 0, 0);
  fail_unless (gst_buffer_pool_set_config (pool, config));
  fail_unless (gst_buffer_pool_set_active (pool, TRUE));
  return pool;
}

static void
free_pool (GstBufferPool * pool)
{
  gst_buffer_pool_set_active (pool, FALSE);
  gst_object_unref (pool);
}

static guint8
get_byte (guint x, guint y)
{
  return (x * 7 + y * 5 + x * y / 16) % 256;
}

static GstBuffer *
new_picture_in_system (void)
{
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, WIDTH * HEIGHT * 3, NULL);
  GstMapInfo map;

  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_WRITE));
  for (guint y = 0; y < HEIGHT; y++) {
    for (guint x = 0; x < 3 * WIDTH; x++)
      map.data[y * 3 * WIDTH + x] = get_byte (x, y);
  }
  gst_buffer_unmap (buffer, &map);
  GST_BUFFER_PTS (buffer) = 0;
  return buffer;
}

/* As an element that decodes on the device: no copy on the host stays. */
static GstBuffer *
new_picture_in_cuda (GstBufferPool * pool)
{
  g_autoptr (GstBuffer) plain = new_picture_in_system ();
  GstBuffer *buffer;
  GstCudaMemory *memory;
  GstMapInfo from, to;
  CUDA_MEMCPY2D copy = { 0 };

  fail_unless_equals_int (gst_buffer_pool_acquire_buffer (pool, &buffer, NULL),
      GST_FLOW_OK);
  memory = GST_CUDA_MEMORY_CAST (gst_buffer_peek_memory (buffer, 0));
  fail_unless (memory->info.stride[0] % 16 != 0);
  fail_unless (gst_buffer_map (plain, &from, GST_MAP_READ));
  fail_unless (gst_buffer_map (buffer, &to, GST_MAP_WRITE | GST_MAP_CUDA));
  copy.srcMemoryType = CU_MEMORYTYPE_HOST;
  copy.srcHost = from.data;
  copy.srcPitch = 3 * WIDTH;
  copy.dstMemoryType = CU_MEMORYTYPE_DEVICE;
  copy.dstDevice = (CUdeviceptr) (gsize) to.data;
  copy.dstPitch = memory->info.stride[0];
  copy.WidthInBytes = 3 * WIDTH;
  copy.Height = HEIGHT;
  fail_unless (gst_cuda_context_push (memory->context));
  fail_unless_equals_int (CuMemcpy2D (&copy), CUDA_SUCCESS);
  gst_cuda_context_pop (NULL);
  gst_buffer_unmap (buffer, &to);
  gst_buffer_unmap (plain, &from);
  GST_BUFFER_PTS (buffer) = 0;
  return buffer;
}

static GBytes *
get_bytes (GstBuffer * buffer)
{
  gpointer data;
  gsize size;

  gst_buffer_extract_dup (buffer, 0, -1, &data, &size);
  return g_bytes_new_take (data, size);
}

/* The rows of a picture without what is between them. */
static GBytes *
get_pixels (GstBuffer * buffer)
{
  GByteArray *pixels = g_byte_array_new ();
  GstVideoFrame frame;
  GstVideoInfo info;

  gst_video_info_set_format (&info, GST_VIDEO_FORMAT_RGB, WIDTH, HEIGHT);
  fail_unless (gst_video_frame_map (&frame, &info, buffer, GST_MAP_READ));
  for (guint y = 0; y < HEIGHT; y++)
    g_byte_array_append (pixels, (guint8 *) GST_VIDEO_FRAME_PLANE_DATA (&frame,
            0) + y * GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0), 3 * WIDTH);
  gst_video_frame_unmap (&frame);
  return g_byte_array_free_to_bytes (pixels);
}

static GBytes *
push_and_get_bytes (GstHarness * h, GstBuffer * buffer)
{
  g_autoptr (GstBuffer) result = gst_harness_push_and_pull (h, buffer);

  fail_unless (result != NULL);
  return get_bytes (result);
}

/* The latents of the test's picture. */
static GBytes *
encode_in_system (void)
{
  GstHarness *h = new_harness ("latentencode");
  GBytes *bytes;

  gst_harness_set_src_caps_str (h, IN_SYSTEM);
  bytes = push_and_get_bytes (h, new_picture_in_system ());
  gst_harness_teardown (h);
  return bytes;
}

static GstBuffer *
new_latents (void)
{
  GBytes *bytes = encode_in_system ();

  return gst_buffer_new_wrapped_bytes (bytes);
}

static void
assert_same (GBytes * got, GBytes * wanted)
{
  fail_unless_equals_uint64 (g_bytes_get_size (got), g_bytes_get_size (wanted));
  fail_unless (g_bytes_equal (got, wanted));
}

/* The first feature that a pad's caps name. */
static gboolean
prefers_cuda (GstPad * peer)
{
  g_autoptr (GstCaps) caps = gst_pad_peer_query_caps (peer, NULL);

  return gst_caps_features_contains (gst_caps_get_features (caps, 0),
      GST_CAPS_FEATURE_MEMORY_CUDA_MEMORY);
}

/* In NULL and while it works, the primary context, and always the same. */
GST_START_TEST (test_context_is_offered)
{
  static const char *const names[] = { "latentencode", "latentdecode" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    GstHarness *h = new_harness (names[i]);
    GstPad *video = i == 0 ? h->srcpad : h->sinkpad;
    g_autoptr (GstCudaContext) context = ask_context (video), again = NULL;

    fail_unless (context != NULL);
    fail_unless (gst_cuda_context_get_handle (context) == get_primary ());
    fail_unless (prefers_cuda (video));
    fail_unless_equals_int (gst_element_set_state (h->element, GST_STATE_NULL),
        GST_STATE_CHANGE_SUCCESS);
    again = ask_context (video);
    fail_unless (again == context);
    gst_harness_teardown (h);
  }
}

GST_END_TEST;

GST_START_TEST (test_cpu_takes_system_memory)
{
  GstHarness *h = new_harness ("latentencode");
  g_autoptr (GstBuffer) latents = NULL;
  g_autoptr (GBytes) bytes = NULL, wanted = encode_in_system ();
  g_autoptr (GstCudaContext) context = ask_context (h->srcpad);
  GstBufferPool *pool = new_pool (context);

  g_object_set (h->element, "device", "cpu", NULL);
  fail_unless (ask_context (h->srcpad) == NULL);
  fail_unless (!prefers_cuda (h->srcpad));
  /* and where it is forced upon the element, it is right */
  gst_element_set_state (h->element, GST_STATE_NULL);
  gst_element_set_state (h->element, GST_STATE_PLAYING);
  gst_harness_set_src_caps_str (h, IN_CUDA);
  latents = gst_harness_push_and_pull (h, new_picture_in_cuda (pool));
  bytes = get_bytes (latents);
  assert_same (bytes, wanted);
  free_pool (pool);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* Through the pool that is proposed, without a copy to the host. */
GST_START_TEST (test_encode)
{
  g_autoptr (GBytes) wanted = encode_in_system ();
  GstHarness *h = new_harness ("latentencode");
  g_autoptr (GstQuery) query = NULL;
  g_autoptr (GstCaps) caps = gst_caps_from_string (IN_CUDA);
  g_autoptr (GstBufferPool) pool = NULL;

  gst_harness_set_src_caps_str (h, IN_CUDA);
  query = gst_query_new_allocation (caps, TRUE);
  fail_unless (gst_pad_peer_query (h->srcpad, query));
  fail_unless (gst_query_find_allocation_meta (query, GST_VIDEO_META_API_TYPE,
          NULL));
  gst_query_parse_nth_allocation_pool (query, 0, &pool, NULL, NULL, NULL);
  fail_unless (GST_IS_CUDA_BUFFER_POOL (pool));
  fail_unless (gst_cuda_context_get_handle (GST_CUDA_BUFFER_POOL
          (pool)->context) == get_primary ());
  fail_unless (gst_buffer_pool_set_active (pool, TRUE));

  for (guint i = 0; i < 2; i++) {
    GstBuffer *picture = new_picture_in_cuda (pool);
    const unsigned copies = n_host_copies ();
    g_autoptr (GBytes) bytes = push_and_get_bytes (h, picture);

    fail_unless_equals_int (n_host_copies (), copies);
    assert_same (bytes, wanted);
  }
  gst_buffer_pool_set_active (pool, FALSE);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* What others have not finished yet: a copy within the device, and what was
 * written on the host. */
GST_START_TEST (test_encode_waits)
{
  g_autoptr (GBytes) wanted = encode_in_system ();
  GstHarness *h = new_harness ("latentencode");
  g_autoptr (GstCudaContext) context = ask_context (h->srcpad);
  GstBufferPool *pool = new_pool (context);
  g_autoptr (GstBuffer) picture = new_picture_in_cuda (pool);
  g_autoptr (GBytes) of_copy = NULL, of_written = NULL;
  GstBuffer *written;
  GstVideoFrame frame;
  GstVideoInfo info;

  gst_harness_set_src_caps_str (h, IN_CUDA);
  of_copy = push_and_get_bytes (h, gst_buffer_copy_deep (picture));
  assert_same (of_copy, wanted);

  gst_video_info_set_format (&info, GST_VIDEO_FORMAT_RGB, WIDTH, HEIGHT);
  fail_unless_equals_int (gst_buffer_pool_acquire_buffer (pool, &written, NULL),
      GST_FLOW_OK);
  fail_unless (gst_video_frame_map (&frame, &info, written, GST_MAP_WRITE));
  for (guint y = 0; y < HEIGHT; y++) {
    guint8 *row = (guint8 *) GST_VIDEO_FRAME_PLANE_DATA (&frame, 0) +
        y * GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0);

    for (guint x = 0; x < 3 * WIDTH; x++)
      row[x] = get_byte (x, y);
  }
  gst_video_frame_unmap (&frame);
  of_written = push_and_get_bytes (h, written);
  assert_same (of_written, wanted);

  gst_clear_buffer (&picture);
  free_pool (pool);
  gst_harness_teardown (h);
}

GST_END_TEST;

static gint n_warnings;

static void
count_warnings (GstDebugCategory * category, GstDebugLevel level,
    const gchar * file, const gchar * function, gint line, GObject * object,
    GstDebugMessage * message, gpointer data)
{
  if (level == GST_LEVEL_WARNING
      && g_str_equal (gst_debug_category_get_name (category), "cudavideo"))
    g_atomic_int_inc (&n_warnings);
}

static void
begin_counting (void)
{
  n_warnings = 0;
  gst_debug_set_active (TRUE);
  gst_debug_set_threshold_for_name ("cudavideo", GST_LEVEL_WARNING);
  gst_debug_add_log_function (count_warnings, NULL, NULL);
}

static void
assert_one_warning (void)
{
  gst_debug_remove_log_function (count_warnings);
  fail_unless_equals_int (n_warnings, 1);
}

/* Kernels may not touch it: through the host, with one word about it. */
GST_START_TEST (test_encode_of_another_context)
{
  g_autoptr (GBytes) wanted = encode_in_system ();
  GstHarness *h = new_harness ("latentencode");
  g_autoptr (GstCudaContext) context = gst_cuda_context_new (0);
  GstBufferPool *pool = new_pool (context);

  begin_counting ();
  gst_harness_set_src_caps_str (h, IN_CUDA);
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GBytes) bytes =
        push_and_get_bytes (h, new_picture_in_cuda (pool));

    assert_same (bytes, wanted);
  }
  assert_one_warning ();
  free_pool (pool);
  gst_harness_teardown (h);
}

GST_END_TEST;

static GBytes *
decode_in_system (void)
{
  GstHarness *h = new_harness ("latentdecode");
  g_autoptr (GstBuffer) picture = NULL;
  GBytes *pixels;

  gst_harness_set_sink_caps_str (h, IN_SYSTEM);
  gst_harness_set_src_caps_str (h, LATENTS);
  picture = gst_harness_push_and_pull (h, new_latents ());
  fail_unless (!gst_is_cuda_memory (gst_buffer_peek_memory (picture, 0)));
  pixels = get_pixels (picture);
  gst_harness_teardown (h);
  return pixels;
}

static void
assert_decodes_to_cuda (GstHarness * h)
{
  g_autoptr (GBytes) wanted = decode_in_system ();

  gst_harness_set_sink_caps_str (h, IN_CUDA);
  gst_harness_set_src_caps_str (h, LATENTS);
  for (guint i = 0; i < 2; i++) {
    GstBuffer *latents = new_latents ();
    const unsigned copies = n_host_copies ();
    g_autoptr (GstBuffer) picture = gst_harness_push_and_pull (h, latents);
    GstMemory *memory = gst_buffer_peek_memory (picture, 0);
    g_autoptr (GBytes) pixels = NULL;

    fail_unless_equals_int (n_host_copies (), copies);
    fail_unless (gst_is_cuda_memory (memory));
    fail_unless (gst_cuda_context_get_handle (GST_CUDA_MEMORY_CAST
            (memory)->context) == get_primary ());
    pixels = get_pixels (picture);
    assert_same (pixels, wanted);
  }
}

GST_START_TEST (test_decode)
{
  GstHarness *h = new_harness ("latentdecode");

  assert_decodes_to_cuda (h);
  gst_harness_teardown (h);
}

GST_END_TEST;

static GstPadProbeReturn
propose (GstPad * pad, GstPadProbeInfo * info, gpointer pool)
{
  if (GST_QUERY_TYPE (info->data) != GST_QUERY_ALLOCATION)
    return GST_PAD_PROBE_OK;
  gst_query_add_allocation_pool (info->data, NULL, WIDTH * HEIGHT * 3, 0, 0);
  gst_query_add_allocation_pool (info->data, pool, WIDTH * HEIGHT * 3, 2, 4);
  return GST_PAD_PROBE_HANDLED;
}

/* A pool of another context is not taken; one of ours is. */
GST_START_TEST (test_decode_with_proposed_pool)
{
  for (guint ours = 0; ours <= 1; ours++) {
    GstHarness *h = new_harness ("latentdecode");
    g_autoptr (GstCudaContext) context =
        ours ? ask_context (h->sinkpad) : gst_cuda_context_new (0);
    g_autoptr (GstBufferPool) pool = gst_cuda_buffer_pool_new (context);

    gst_pad_add_probe (h->sinkpad, GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM, propose,
        pool, NULL);
    assert_decodes_to_cuda (h);
    fail_unless_equals_int (gst_buffer_pool_is_active (pool), ours);
    gst_harness_teardown (h);
  }
}

GST_END_TEST;

/* The one that takes everything, like a file, gets what it can read. */
GST_START_TEST (test_decode_for_anybody)
{
  g_autoptr (GBytes) wanted = decode_in_system (), pixels = NULL;
  GstHarness *h = new_harness ("latentdecode");
  g_autoptr (GstBuffer) picture = NULL;

  gst_harness_set_src_caps_str (h, LATENTS);
  picture = gst_harness_push_and_pull (h, new_latents ());
  fail_unless (!gst_is_cuda_memory (gst_buffer_peek_memory (picture, 0)));
  pixels = get_bytes (picture);
  assert_same (pixels, wanted);
  gst_harness_teardown (h);
}

GST_END_TEST;

/* The application's is taken if it is the primary one. */
GST_START_TEST (test_context_is_set)
{
  for (guint primary = 0; primary <= 1; primary++) {
    GstHarness *h = new_harness ("latentdecode");
    g_autoptr (GstCudaContext) given = primary
        ? gst_cuda_context_new_wrapped (get_primary (), 0)
        : gst_cuda_context_new (0);
    g_autoptr (GstContext) context = gst_context_new_cuda_context (given);
    g_autoptr (GstCudaContext) got = NULL;

    gst_element_set_context (h->element, context);
    got = ask_context (h->sinkpad);
    fail_unless_equals_int (got == given, primary);
    fail_unless (gst_cuda_context_get_handle (got) == get_primary ());
    assert_decodes_to_cuda (h);
    gst_harness_teardown (h);
  }
}

GST_END_TEST;

static gboolean
posted (GPtrArray * messages, const char *element, GstMessageType type)
{
  for (guint i = 0; i < messages->len; i++) {
    GstMessage *message = messages->pdata[i];

    if (GST_MESSAGE_TYPE (message) == type
        && strcmp (GST_MESSAGE_SRC_NAME (message), element) == 0)
      return TRUE;
  }
  return FALSE;
}

#define PIPELINE \
    "appsrc name=source format=time caps=\"" IN_CUDA "\" ! queue ! " \
    "latentencode name=encode threads=1 model=DATA/tiny-sd ! queue ! " \
    "latentdecode name=decode threads=1 model=DATA/tiny-sd ! " \
    "video/x-raw(memory:CUDAMemory) ! queue ! fakesink name=sink"

static void
push_pictures (GstElement * pipeline, guint n)
{
  g_autoptr (GstPad) pad =
      gst_element_get_static_pad (launch_get (pipeline, "source"), "src");
  g_autoptr (GstCudaContext) context = ask_context (pad);
  GstBufferPool *pool = new_pool (context);
  GstFlowReturn ret;

  for (guint i = 0; i < n; i++) {
    GstBuffer *picture = new_picture_in_cuda (pool);

    g_signal_emit_by_name (launch_get (pipeline, "source"), "push-buffer",
        picture, &ret);
    gst_buffer_unref (picture);
    fail_unless_equals_int (ret, GST_FLOW_OK);
  }
  free_pool (pool);
}

/* From CUDA memory to CUDA memory, and nothing on the host between. Contexts are
 * found through other elements, and told to the application. */
GST_START_TEST (test_pipeline)
{
  GstElement *pipeline = launch_new (PIPELINE);
  g_autoptr (GstSample) sample = NULL;
  g_autoptr (GPtrArray) messages = NULL;
  g_autoptr (GBytes) pixels = NULL, wanted = decode_in_system ();
  GstFlowReturn ret;
  unsigned copies;

  push_pictures (pipeline, 2);
  g_signal_emit_by_name (launch_get (pipeline, "source"), "end-of-stream",
      &ret);
  copies = n_host_copies ();
  messages = launch_run (pipeline);
  fail_unless_equals_int (n_host_copies (), copies);
  fail_unless (posted (messages, "encode", GST_MESSAGE_HAVE_CONTEXT));
  fail_unless (posted (messages, "decode", GST_MESSAGE_HAVE_CONTEXT));
  g_object_get (launch_get (pipeline, "sink"), "last-sample", &sample, NULL);
  pixels = get_pixels (gst_sample_get_buffer (sample));
  assert_same (pixels, wanted);
  launch_free (pipeline);
}

GST_END_TEST;

/* In the middle of work, at different moments. A flush is the source's: it knows
 * that a segment is to follow. */
GST_START_TEST (test_flush_and_stop)
{
  for (guint i = 0; i < 8; i++) {
    GstElement *pipeline = launch_new (PIPELINE);
    GstElement *source = launch_get (pipeline, "source");

    fail_unless (gst_element_set_state (pipeline, GST_STATE_PLAYING)
        != GST_STATE_CHANGE_FAILURE);
    push_pictures (pipeline, 4);
    g_usleep (i * 3000);
    if (i % 2 == 1) {
      fail_unless (gst_element_send_event (source,
              gst_event_new_flush_start ()));
      fail_unless (gst_element_send_event (source,
              gst_event_new_flush_stop (TRUE)));
    }
    launch_free (pipeline);
  }
}

GST_END_TEST;

/* Returns: whether the call of the runtime that is to fail came */
static gboolean
push_with_fault (const char *name, guint call, gboolean late)
{
  void (*set_fault) (const CudaCpuFault *);
  int (*happened) (void);
  const CudaCpuFault no_fault = { 0 }, fault = {
    .call = call,
    .error = cudaErrorLaunchFailure,
    .late = late,
  };
  const gboolean encode = g_str_equal (name, "latentencode");
  GstHarness *h = new_harness (name);
  g_autoptr (GstCudaContext) context =
      ask_context (encode ? h->srcpad : h->sinkpad);
  GstBufferPool *pool = new_pool (context);
  GstBuffer *input = encode ? new_picture_in_cuda (pool) : new_latents ();
  gboolean came;
  GstFlowReturn ret;

  fail_unless (g_module_symbol (plugin, "cudacpu_set_fault",
          (gpointer *) & set_fault));
  fail_unless (g_module_symbol (plugin, "cudacpu_fault_happened",
          (gpointer *) & happened));
  if (!encode)
    gst_harness_set_sink_caps_str (h, IN_CUDA);
  gst_harness_set_src_caps_str (h, encode ? IN_CUDA : LATENTS);
  set_fault (&fault);
  ret = gst_harness_push (h, input);
  came = happened ();
  set_fault (&no_fault);
  if (ret == GST_FLOW_OK) {
    g_autoptr (GstBuffer) output = gst_harness_pull (h);
    g_autoptr (GBytes) wanted =
        encode ? encode_in_system () : decode_in_system ();
    g_autoptr (GBytes) got = encode ? get_bytes (output) : get_pixels (output);

    assert_same (got, wanted);
  } else {
    fail_unless_equals_int (ret, GST_FLOW_EOS);
    fail_unless (came);
  }
  free_pool (pool);
  gst_harness_teardown (h);
  return came;
}

/* Whatever fails, nothing is at work any more in memory that is given back. */
GST_START_TEST (test_faults)
{
  static const char *const names[] = { "latentencode", "latentdecode" };

  open_plugin ();
  for (guint i = 0; i < 2 * G_N_ELEMENTS (names); i++) {
    guint call = 1;

    while (push_with_fault (names[i / 2], call, i % 2))
      call++;
    fail_unless (call > 5);
  }
  g_module_close (plugin);
}

GST_END_TEST;

static Suite *
video_suite (void)
{
  Suite *suite = suite_create ("video");
  TCase *chain = tcase_create ("general");

  suite_add_tcase (suite, chain);
  tcase_add_checked_fixture (chain, setup, teardown);
  tcase_add_test (chain, test_context_is_offered);
  tcase_add_test (chain, test_cpu_takes_system_memory);
  tcase_add_test (chain, test_encode);
  tcase_add_test (chain, test_encode_waits);
  tcase_add_test (chain, test_encode_of_another_context);
  tcase_add_test (chain, test_decode);
  tcase_add_test (chain, test_decode_with_proposed_pool);
  tcase_add_test (chain, test_decode_for_anybody);
  tcase_add_test (chain, test_context_is_set);
  tcase_add_test (chain, test_pipeline);
  tcase_add_test (chain, test_flush_and_stop);
  tcase_add_test (chain, test_faults);
  return suite;
}

GST_CHECK_MAIN (video);
