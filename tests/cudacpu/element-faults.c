/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* What pipelines make of a call of CUDA's runtime that fails, or of a network
 * that cannot be loaded or run: one error that says what failed and where, or
 * the picture as it should be; nothing stays behind, and the next run works. */

#include <gst/base/gstaggregator.h>
#include <gst/base/gstbasesrc.h>
#include <gst/check/gstcheck.h>
#include <string.h>

#include "../check/launch.h"
#include "../check/rdtest.h"
#include "../check/samplertest.h"
#include "plugin.h"

#define SAMPLER \
    "regionalsampler name=sampler device=DEVICE threads=1 steps=2 cfg=3 " \
    "sampler=euler_ancestral model=DATA/tiny-sd "
#define DECODER \
    "latentdecode device=DEVICE threads=1 model=DATA/tiny-sd ! " \
    "fakesink name=sink sync=false"

static const char *const lines[] = {
  "latentsrc num-buffers=1 width=64 height=64 ! " SAMPLER
      "regions=\"red @0,0,0.75,1 | blue @0.25,0.25,0.75,0.75\" ! " DECODER,
  "videotestsrc num-buffers=1 pattern=gradient ! "
      "video/x-raw,format=RGB,width=64,height=64 ! latentencode device=DEVICE "
      "threads=1 model=DATA/tiny-sd ! " SAMPLER "mode=sequential denoise=0.5 "
      "regions=\"red @0,0,0.5,1\" ! " DECODER,
  /* from the device to the CPU */
  "latentsrc num-buffers=1 width=64 height=64 ! " SAMPLER "steps=1 ! "
      "latentdecode device=cpu threads=1 model=DATA/tiny-sd ! "
      "fakesink name=sink sync=false",
};

static const struct
{
  CudaCpuFault fault;
  const char *text;             /* in the error message, or the second one */
  const char *other;
} kinds[] = {
  {{0, cudaErrorMemoryAllocation, 0, 0}, "out of memory", "no memory for"},
  {{0, cudaErrorLaunchFailure, 0, 0}, "unspecified launch failure"},
  {{0, cudaErrorNoDevice, 0, 0}, "no CUDA-capable device", "finds no device"},
  {{0, cudaErrorIllegalAddress, 1, 0}, "an illegal memory access"},
  {{0, cudaErrorLaunchFailure, 0, 1}, "unspecified launch failure"},
  {{0, cudaErrorIllegalAddress, 1, 1}, "an illegal memory access"},
};

static const CudaCpuControls *cuda;

static void
setup (void)
{
  cuda = cudacpu_plugin ();
}

/* Work that an element reported by progress messages: how it ended, how many
 * calls of the runtime there were meanwhile, and whether one of its thread's
 * failed. */
typedef struct
{
  const GstObject *element;
  char code[8];
  GstProgressType end;
  guint n_calls;
  gboolean failed;
} Span;

/* A pipeline, and what it has said and made in its last run. */
typedef struct
{
  GstElement *pipeline;
  GstBus *bus;
  guint n_runs;
  GPtrArray *messages;
  GBytes *picture;              /* or NULL */
  GArray *spans;
  /* a fault that is set when a load begins, if it is this one */
  CudaCpuFault fault;
  guint faulty_load, n_loads;
} Line;

static GstPadProbeReturn
on_picture (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  Line *line = user_data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  gpointer data;
  gsize size;

  gst_buffer_extract_dup (buffer, 0, -1, &data, &size);
  g_clear_pointer (&line->picture, g_bytes_unref);
  line->picture = g_bytes_new_take (data, size);
  return GST_PAD_PROBE_OK;
}

static GstBusSyncReply
on_message (GstBus * bus, GstMessage * message, gpointer user_data)
{
  Line *line = user_data;
  const guint calls = cuda->n_calls ();
  g_autofree char *code = NULL;
  GstProgressType type;
  Span *last;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_PROGRESS)
    return GST_BUS_PASS;
  gst_message_parse_progress (message, &type, &code, NULL);
  if (type == GST_PROGRESS_TYPE_START) {
    Span span = { GST_MESSAGE_SRC (message), "", type, calls,
      cuda->fault_is_mine ()
    };

    g_strlcpy (span.code, code, sizeof span.code);
    g_array_append_val (line->spans, span);
    if (strcmp (code, "load") == 0 && ++line->n_loads == line->faulty_load)
      cuda->set_fault (&line->fault);
  } else if (type != GST_PROGRESS_TYPE_CONTINUE) {
    last = &g_array_index (line->spans, Span, line->spans->len - 1);
    last->end = type;
    last->n_calls = calls - last->n_calls;
    last->failed = cuda->fault_is_mine () && !last->failed;
  }
  return GST_BUS_PASS;
}

static void
line_init (Line * line, const char *text)
{
  g_autoptr (GstPad) pad = NULL;

  memset (line, 0, sizeof *line);
  line->pipeline = launch_new ("%s", text);
  line->bus = gst_element_get_bus (line->pipeline);
  line->messages =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_message_unref);
  line->spans = g_array_new (FALSE, FALSE, sizeof (Span));
  pad = gst_element_get_static_pad (launch_get (line->pipeline, "sink"),
      "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_picture, line, NULL);
  gst_bus_set_sync_handler (line->bus, on_message, line, NULL);
}

static void
line_clear (Line * line)
{
  gst_bus_set_sync_handler (line->bus, NULL, NULL, NULL);
  gst_object_unref (line->bus);
  launch_free (line->pipeline);
  g_ptr_array_unref (line->messages);
  g_array_unref (line->spans);
  g_clear_pointer (&line->picture, g_bytes_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Line, line_clear);

/* Two prompts in turn, so that memory which is used again never has what it
 * should have. Each one is new to the model, which remembers the latest: spaces
 * at the end do not change what the text encoder is given. */
#define N_PROMPTS 98

static const char *const prompts[] = { "base", "gold" };

static void
set_prompt (Line * line)
{
  g_autofree char *prompt = g_strdup_printf ("%s%*s",
      prompts[line->n_runs % G_N_ELEMENTS (prompts)],
      line->n_runs % N_PROMPTS, "");

  g_object_set (launch_get (line->pipeline, "sampler"), "prompt", prompt, NULL);
}

/* From NULL to the end of the stream, or to an error, and back to NULL. */
static void
line_run (Line * line)
{
  GstMessage *message;
  gboolean ended = FALSE;

  g_ptr_array_set_size (line->messages, 0);
  g_array_set_size (line->spans, 0);
  line->n_loads = 0;
  g_clear_pointer (&line->picture, g_bytes_unref);
  gst_element_set_state (line->pipeline, GST_STATE_PLAYING);
  while (!ended) {
    message = launch_wait (line->pipeline, GST_MESSAGE_ANY);
    ended = GST_MESSAGE_TYPE (message) & (GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
    g_ptr_array_add (line->messages, message);
  }
  /* what else is said before threads have ended */
  gst_element_set_state (line->pipeline, GST_STATE_READY);
  while ((message = gst_bus_pop (line->bus)))
    g_ptr_array_add (line->messages, message);
  fail_unless_equals_int (gst_element_set_state (line->pipeline,
          GST_STATE_NULL), GST_STATE_CHANGE_SUCCESS);
}

/* @for_good: whether the device is lost, which each element may say once
 * @source: (out): who says it
 *
 * Returns: (transfer full) (nullable): the text of the one error, but for what
 * those who have a thread say of a stream that others have ended, a source and
 * the sampler */
static char *
find_error (Line * line, gboolean for_good, const GstObject ** source)
{
  char *text = NULL;

  for (guint i = 0; i < line->messages->len; i++) {
    GstMessage *message = line->messages->pdata[i];
    g_autoptr (GError) error = NULL;

    if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR)
      continue;
    gst_message_parse_error (message, &error, NULL);
    if (text && (GST_IS_BASE_SRC (GST_MESSAGE_SRC (message))
            || GST_IS_AGGREGATOR (GST_MESSAGE_SRC (message)))
        && g_error_matches (error, GST_STREAM_ERROR, GST_STREAM_ERROR_FAILED))
      continue;
    if (for_good && text && *source != GST_MESSAGE_SRC (message)
        && strstr (error->message, "cuda"))
      continue;
    fail_unless (text == NULL, "two errors: %s; then %s of %s", text,
        error->message, GST_MESSAGE_SRC_NAME (message));
    *source = GST_MESSAGE_SRC (message);
    text = g_strdup (error->message);
  }
  return text;
}

/* What was begun was ended, and well if all went well. A failure within it is
 * its own, and told by whose work it was. */
static void
check_progress (Line * line, const char *error, const GstObject * source,
    guint call)
{
  for (guint i = 0; i < line->spans->len; i++) {
    const Span *span = &g_array_index (line->spans, Span, i);

    fail_unless (span->end == GST_PROGRESS_TYPE_COMPLETE || (error
            && span->end > GST_PROGRESS_TYPE_COMPLETE),
        "call %u: %s ended with %d", call, span->code, span->end);
    if (!error || !span->failed)
      continue;
    fail_unless (source == span->element
        && span->end == GST_PROGRESS_TYPE_ERROR, "call %u: %s of %s failed "
        "and ended with %d; %s says: %s", call, span->code,
        GST_OBJECT_NAME (span->element), span->end, GST_OBJECT_NAME (source),
        error);
  }
}

/* What @error says is that, and where. */
static void
check_error (const char *error, guint kind, guint call)
{
  fail_unless (strstr (error, "device") && strstr (error, "cuda")
      && (strstr (error, kinds[kind].text)
          || (kinds[kind].other && strstr (error, kinds[kind].other))),
      "call %u, kind %u: %s", call, kind, error);
}

typedef struct
{
  guint cases, reported;
} Tally;

/* The pictures of the prompts. */
typedef struct
{
  GBytes *pictures[G_N_ELEMENTS (prompts)];
} Wanted;

static void
wanted_clear (Wanted * wanted)
{
  for (guint i = 0; i < G_N_ELEMENTS (prompts); i++)
    g_bytes_unref (wanted->pictures[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Wanted, wanted_clear);

/* Has the n-th call fail, of a run or from a load on; then once more without. */
static gboolean
run_case (Line * line, guint kind, guint call, const Wanted * wanted,
    Tally * tally)
{
  const size_t events = cuda->n_events (), objects = cuda->n_objects ();
  const size_t allocations = cuda->n_allocations ();
  CudaCpuFault fault = kinds[kind].fault;
  g_autofree char *error = NULL, *after = NULL;
  const GstObject *source = NULL;
  gboolean happened;
  GBytes *want;

  fault.call = call;
  line->n_runs++;
  set_prompt (line);
  want = wanted->pictures[line->n_runs % G_N_ELEMENTS (prompts)];
  line->fault = fault;
  if (!line->faulty_load)
    cuda->set_fault (&fault);
  line_run (line);
  happened = cuda->fault_happened ();
  cuda->reset ();
  error = find_error (line, fault.sticky, &source);
  check_progress (line, error, source, call);

  fail_unless (happened || !error, "%s", error);
  if (error)
    check_error (error, kind, call);
  else
    fail_unless (line->picture && g_bytes_equal (line->picture, want),
        "call %u, kind %u: its failure went unnoticed", call, kind);
  fail_unless_equals_uint64 (cuda->n_events (), events);
  fail_unless_equals_uint64 (cuda->n_objects (), objects);
  fail_unless_equals_int (cuda->n_under_way (), 0);
  fail_unless (cuda->n_allocations () <= allocations, "call %u, kind %u: %"
      G_GSIZE_FORMAT " blocks stay behind", call, kind,
      cuda->n_allocations () - allocations);
  if (!happened)
    return FALSE;

  line->fault.call = 0;
  tally->cases++;
  tally->reported += error != NULL;
  line_run (line);
  after = find_error (line, FALSE, &source);
  fail_unless (after == NULL, "call %u, kind %u: the next run fails: %s", call,
      kind, after);
  fail_unless (line->picture && g_bytes_equal (line->picture, want),
      "call %u, kind %u: the next picture is another one", call, kind);
  return TRUE;
}

/* What the line makes of the prompts, when all is loaded and what is kept from
 * run to run is kept. */
static void
warm_up (Line * line, Wanted * wanted)
{
  const GstObject *source;

  for (line->n_runs = 0; line->n_runs < N_PROMPTS; line->n_runs++) {
    g_autofree char *error = NULL;

    set_prompt (line);
    line_run (line);
    error = find_error (line, FALSE, &source);
    fail_unless (error == NULL && line->picture, "%s", error);
    if (line->n_runs < G_N_ELEMENTS (prompts))
      wanted->pictures[line->n_runs] = g_bytes_ref (line->picture);
  }
  fail_if (g_bytes_equal (wanted->pictures[0], wanted->pictures[1]));
}

GST_START_TEST (test_every_call_fails_once)
{
  /* keeps the model's networks loaded */
  GstElement *holder = launch_new ("latentdecode device=DEVICE threads=1 "
      "model=DATA/tiny-sd");
  const size_t allocations = cuda->n_allocations ();
  g_auto (Line) line = { NULL };
  g_auto (Wanted) wanted = { {NULL} };
  Tally tally = { 0 };

  gst_element_set_state (holder, GST_STATE_PAUSED);
  line_init (&line, lines[__i__]);
  warm_up (&line, &wanted);
  /* in one way, and those that come after one another in others; cudacpu/faults
   * has all calls of the core in all ways */
  for (guint round = 0; round < (rd_test_is_long ()? G_N_ELEMENTS (kinds) : 1);
      round++)
    for (guint call = 1; run_case (&line, (call + round)
            % G_N_ELEMENTS (kinds), call, &wanted, &tally); call++);
  g_print ("%s: %u calls failed, %u runs reported it\n", lines[__i__],
      tally.cases, tally.reported);
  fail_unless (tally.reported > 50);
  launch_free (holder);
  fail_unless_equals_uint64 (cuda->n_allocations (), allocations);
}

GST_END_TEST;

/* of the model: text encoder, UNet, VAE encoder and VAE decoder */
#define N_NETWORKS 4

/* Each network cannot be loaded, at whatever point of it; then it can. */
GST_START_TEST (test_every_load_fails)
{
  g_auto (Line) line = { NULL };
  g_auto (Wanted) wanted = { {NULL}
  };
  const size_t allocations = cuda->n_allocations ();
  g_autoptr (GArray) spans = NULL;
  Tally tally = { 0 };

  line_init (&line, lines[1]);
  for (line.n_runs = 0; line.n_runs < G_N_ELEMENTS (prompts); line.n_runs++) {
    set_prompt (&line);
    line_run (&line);
    wanted.pictures[line.n_runs] = g_bytes_ref (line.picture);
  }
  spans = g_array_copy (line.spans);

  for (guint i = 0; i < spans->len; i++) {
    const Span *span = &g_array_index (spans, Span, i);

    if (strcmp (span->code, "load") != 0)
      continue;
    line.faulty_load++;
    fail_unless (span->n_calls > 0);
    for (guint call = 1; call <= span->n_calls; call++)
      fail_unless (run_case (&line, tally.cases % G_N_ELEMENTS (kinds), call,
              &wanted, &tally));
  }
  fail_unless_equals_int (line.faulty_load, N_NETWORKS);
  g_print ("%u calls failed while networks were loaded, %u runs reported it\n",
      tally.cases, tally.reported);
  fail_unless_equals_int (tally.reported, tally.cases);
  fail_unless_equals_uint64 (cuda->n_allocations (), allocations);
  fail_unless_equals_uint64 (cuda->n_objects (), 0);
}

GST_END_TEST;

/* The first calls of a process open the device; each check is one. */
#define N_FIRST 8

GST_START_TEST (test_first_calls_fail)
{
  const guint kind = __i__ % G_N_ELEMENTS (kinds);
  CudaCpuFault fault = kinds[kind].fault;
  g_auto (Line) line = { NULL };
  g_autofree char *error = NULL, *after = NULL;
  g_autoptr (GBytes) first = NULL;
  const GstObject *source = NULL;

  line_init (&line, lines[0]);
  fault.call = __i__ + 1;
  cuda->set_fault (&fault);
  line_run (&line);
  fail_unless (cuda->fault_happened ());
  cuda->reset ();
  error = find_error (&line, fault.sticky, &source);
  check_progress (&line, error, source, fault.call);
  if (error)
    check_error (error, kind, fault.call);
  else
    first = g_steal_pointer (&line.picture);

  line_run (&line);
  after = find_error (&line, FALSE, &source);
  fail_unless (after == NULL && line.picture, "%s", after);
  fail_unless (error || g_bytes_equal (first, line.picture));
}

GST_END_TEST;

/* Returns: (transfer full) (nullable): what came out, %NULL if an error did */
static GstBuffer *
pull_or_fail (SamplerTest * test, guint kind, guint call)
{
  const gint64 end = g_get_monotonic_time () + launch_usec (30.0);
  GstBuffer *buffer = NULL;
  GstMessage *message = NULL;

  while (!buffer && !message) {
    fail_unless (g_get_monotonic_time () < end, "call %u: nothing comes", call);
    g_usleep (200);
    buffer = gst_harness_try_pull (test->latents);
    message = gst_bus_pop_filtered (test->bus, GST_MESSAGE_ERROR);
  }
  if (message) {
    g_autoptr (GError) error = NULL;

    gst_message_parse_error (message, &error, NULL);
    check_error (error->message, kind, call);
    gst_message_unref (message);
  }
  return buffer;
}

static void
flush (SamplerTest * test)
{
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (test->latents, gst_event_new_flush_start ());
  gst_harness_push_event (test->latents, gst_event_new_flush_stop (TRUE));
  gst_harness_push_event (test->latents, gst_event_new_segment (&segment));
}

/* An element that is not stopped: after an error and a flush it goes on with
 * what it has, its stream and its prompts. */
GST_START_TEST (test_sampler_goes_on)
{
  g_auto (SamplerTest) test = { NULL };
  g_autofree float *want = NULL;
  Tally tally = { 0 };
  gboolean happened = TRUE;

  sampler_test_init (&test, "cfg=3 sampler=dpmpp_2m_sde regions=\"red "
      "@0,0,0.5,1\"");
  want = sampler_test_run (&test);
  for (guint call = 1; happened; call++) {
    const guint kind = call % G_N_ELEMENTS (kinds);
    const guint64 n_prefetched = sampler_stat (test.element, "prefetched");
    g_autofree char *prompt = g_strdup_printf ("base%*s", call, "");
    g_autofree float *got = NULL;
    CudaCpuFault fault = kinds[kind].fault;
    GstBuffer *buffer;

    /* what fails late ends all of a device's work, so the prompt, which another
     * thread encodes as soon as it is set, is waited for */
    fault.call = call;
    if (!fault.late)
      cuda->set_fault (&fault);
    g_object_set (test.element, "prompt", prompt, NULL);
    while (fault.late && sampler_stat (test.element, "prefetched")
        == n_prefetched)
      g_usleep (200);
    if (fault.late)
      cuda->set_fault (&fault);
    gst_harness_push (test.latents, sampler_latent_new (0));
    buffer = pull_or_fail (&test, kind, call);
    happened = cuda->fault_happened ();
    cuda->reset ();
    fail_unless_equals_int (cuda->n_under_way (), 0);
    tally.cases += happened;
    if (!buffer) {
      fail_unless (happened, "call %u", call);
      tally.reported++;
      flush (&test);
      got = sampler_test_run (&test);
    } else {
      got = sampler_values (buffer);
    }
    sampler_assert_equal (got, want);
  }
  g_print ("%u calls failed, %u latents were not made, the next one was\n",
      tally.cases, tally.reported);
  fail_unless (tally.reported > 50);
}

GST_END_TEST;

static Suite *
element_faults_suite (void)
{
  Suite *suite = suite_create ("element-faults");
  TCase *chain = tcase_create ("element-faults");

  suite_add_tcase (suite, chain);
  tcase_set_timeout (chain, 240);
  tcase_add_checked_fixture (chain, setup, NULL);
  tcase_add_loop_test (chain, test_every_call_fails_once, 0,
      G_N_ELEMENTS (lines));
  tcase_add_test (chain, test_every_load_fails);
  tcase_add_loop_test (chain, test_first_calls_fail, 0, N_FIRST);
  tcase_add_test (chain, test_sampler_goes_on);
  return suite;
}

GST_CHECK_MAIN (element_faults);
