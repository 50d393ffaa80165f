/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors
 *
 * In a build for ThreadSanitizer: every way of handing data from thread to
 * thread that tests/tsan/glib.c knows passes for what it is, and a race is
 * still one.
 */
#include <gst/check/gstcheck.h>
#include <gmodule.h>
#include <string.h>

#define ROUNDS 1000

static gint reports;

G_MODULE_EXPORT const char *__tsan_default_options (void);
G_MODULE_EXPORT void __tsan_on_report (void *report);

/* What ThreadSanitizer asks for at its start: a report fails no program here,
 * as the tests count them. */
const char *
__tsan_default_options (void)
{
  return "exitcode=0";
}

/* What ThreadSanitizer calls for each report. */
void
__tsan_on_report (void *report)
{
  g_atomic_int_inc (&reports);
}

/* run_twice: @func in a thread of its own, where its data is not NULL, and in
 * this one at the same time */
static void
run_twice (GThreadFunc func)
{
  GThread *thread = g_thread_new ("other", func, GINT_TO_POINTER (1));

  func (NULL);
  g_thread_join (thread);
}

static gint counter;

static GMutex plain_mutex;
static GRecMutex rec_mutex;
static GRWLock rw_lock;
static gint bits;
static gpointer pointer_bits;
static GAsyncQueue *queue;

static void
spin (void)
{
  while (!g_mutex_trylock (&plain_mutex))
    g_thread_yield ();
}

static void
lock_twice (void)
{
  g_rec_mutex_lock (&rec_mutex);
  g_rec_mutex_lock (&rec_mutex);
}

static void
unlock_twice (void)
{
  g_rec_mutex_unlock (&rec_mutex);
  g_rec_mutex_unlock (&rec_mutex);
}

#define COUNT_UNDER(name, lock, unlock)                                        \
  static gpointer count_under_##name (gpointer data)                           \
  {                                                                            \
    gint i;                                                                    \
                                                                               \
    for (i = 0; i < ROUNDS; i++) {                                             \
      lock;                                                                    \
      counter++;                                                               \
      unlock;                                                                  \
    }                                                                          \
    return NULL;                                                               \
  }

COUNT_UNDER (mutex, g_mutex_lock (&plain_mutex), g_mutex_unlock (&plain_mutex));
COUNT_UNDER (try, spin (), g_mutex_unlock (&plain_mutex));
COUNT_UNDER (rec_mutex, lock_twice (), unlock_twice ());
COUNT_UNDER (rw_lock, g_rw_lock_writer_lock (&rw_lock),
    g_rw_lock_writer_unlock (&rw_lock));
COUNT_UNDER (bit, g_bit_lock (&bits, 3), g_bit_unlock (&bits, 3));
COUNT_UNDER (pointer_bit, g_pointer_bit_lock (&pointer_bits, 0),
    g_pointer_bit_unlock (&pointer_bits, 0));
COUNT_UNDER (queue, g_async_queue_lock (queue), g_async_queue_unlock (queue));

GST_START_TEST (test_locks)
{
  const GThreadFunc funcs[] = { count_under_mutex, count_under_try,
    count_under_rec_mutex, count_under_rw_lock, count_under_bit,
    count_under_pointer_bit, count_under_queue
  };
  guint i;

  queue = g_async_queue_new ();
  for (i = 0; i < G_N_ELEMENTS (funcs); i++) {
    counter = 0;
    run_twice (funcs[i]);
    fail_unless_equals_int (counter, 2 * ROUNDS);
    fail_unless_equals_int (reports, 0);
  }
  g_async_queue_unref (queue);
}

GST_END_TEST;

static GCond condition;
static char *message;

static gpointer
send_message (gpointer data)
{
  g_mutex_lock (&plain_mutex);
  message = g_strdup ("hello");
  g_cond_signal (&condition);
  g_mutex_unlock (&plain_mutex);
  return NULL;
}

GST_START_TEST (test_condition)
{
  GThread *thread;
  gint round;

  for (round = 0; round < 2; round++) {
    g_mutex_lock (&plain_mutex);
    thread = g_thread_new ("sender", send_message, NULL);
    while (message == NULL) {
      if (round == 0)
        g_cond_wait (&condition, &plain_mutex);
      else
        g_cond_wait_until (&condition, &plain_mutex,
            g_get_monotonic_time () + G_USEC_PER_SEC);
    }
    fail_unless_equals_string (message, "hello");
    g_clear_pointer (&message, g_free);
    g_mutex_unlock (&plain_mutex);
    g_thread_join (thread);
  }
  fail_unless_equals_int (reports, 0);
}

GST_END_TEST;

static gpointer
make_number (gpointer data)
{
  return g_memdup2 (data, sizeof (gint));
}

static gpointer
read_once (gpointer data)
{
  static GOnce once = G_ONCE_INIT;
  static gint *made;
  gint five = 5;

  fail_unless_equals_int (*(gint *) g_once (&once, make_number, &five), 5);
  if (g_once_init_enter (&made))
    g_once_init_leave (&made, make_number (&five));
  fail_unless_equals_int (*made, 5);
  return NULL;
}

GST_START_TEST (test_once)
{
  run_twice (read_once);
  fail_unless_equals_int (reports, 0);
}

GST_END_TEST;

static gpointer
answer (gpointer data)
{
  GAsyncQueue *answers = data;
  gint *number;

  while (*(number = g_async_queue_pop (queue)) != 0) {
    *number += 1;
    g_async_queue_push (answers, number);
  }
  g_free (number);
  return NULL;
}

GST_START_TEST (test_queue)
{
  GAsyncQueue *answers = g_async_queue_new ();
  GThread *thread;
  gint i, *number;

  queue = g_async_queue_new ();
  thread = g_thread_new ("answer", answer, answers);
  for (i = 5; i >= 0; i--)
    g_async_queue_push (queue, g_memdup2 (&i, sizeof i));
  for (i = 5; i > 0; i--) {
    number = g_async_queue_timeout_pop (answers, 5 * G_USEC_PER_SEC);
    fail_unless_equals_int (*number, i + 1);
    g_free (number);
  }
  g_thread_join (thread);
  g_async_queue_unref (answers);
  g_async_queue_unref (queue);
  fail_unless_equals_int (reports, 0);
}

GST_END_TEST;

static void
double_it (gpointer data, gpointer factor)
{
  *(gint *) data *= GPOINTER_TO_INT (factor);
}

GST_START_TEST (test_pool)
{
  GThreadPool *pool =
      g_thread_pool_new (double_it, GINT_TO_POINTER (2), 2, FALSE, NULL);
  gint i, values[20];

  for (i = 0; i < 20; i++) {
    values[i] = i;
    g_thread_pool_push (pool, &values[i], NULL);
  }
  g_thread_pool_free (pool, FALSE, TRUE);
  for (i = 0; i < 20; i++)
    fail_unless_equals_int (values[i], 2 * i);
  fail_unless_equals_int (reports, 0);
}

GST_END_TEST;

static gint *numbers;
static gpointer owner;
static GDestroyNotify owner_unref;

static gpointer
use_and_drop (gpointer data)
{
  numbers[data != NULL]++;
  owner_unref (owner);
  return NULL;
}

static void
clear_and_free (gpointer data)
{
  memset (data, 0, 2 * sizeof (gint));
  g_free (data);
}

static void
clear_box (gpointer box)
{
  clear_and_free (*(gint **) box);
}

static void
release_box (gpointer box)
{
  g_atomic_rc_box_release_full (box, clear_box);
}

/* drop_twice: two threads write numbers that @object owns, and give up its two
 * references; the second frees the numbers */
static void
drop_twice (gpointer object, GDestroyNotify unref)
{
  owner = object;
  owner_unref = unref;
  run_twice (use_and_drop);
  fail_unless_equals_int (reports, 0);
}

GST_START_TEST (test_last_reference)
{
  const gsize size = 2 * sizeof (gint);
  gpointer object;

  numbers = g_malloc0 (size);
  object = g_object_new (G_TYPE_OBJECT, NULL);
  g_object_set_data_full (object, "numbers", numbers, clear_and_free);
  drop_twice (g_object_ref (object), g_object_unref);

  numbers = g_malloc0 (size);
  object = g_atomic_rc_box_dup (sizeof numbers, &numbers);
  drop_twice (g_atomic_rc_box_acquire (object), release_box);

  numbers = g_malloc0 (size);
  object = g_bytes_new_with_free_func (numbers, size, clear_and_free, numbers);
  drop_twice (g_bytes_ref (object), (GDestroyNotify) g_bytes_unref);

  numbers = g_malloc0 (size);
  object = g_ptr_array_new_with_free_func (clear_and_free);
  g_ptr_array_add (object, numbers);
  drop_twice (g_ptr_array_ref (object), (GDestroyNotify) g_ptr_array_unref);

  numbers = g_malloc0 (size);
  object = g_hash_table_new_full (NULL, NULL, NULL, clear_and_free);
  g_hash_table_insert (object, object, numbers);
  drop_twice (g_hash_table_ref (object), (GDestroyNotify) g_hash_table_unref);

  numbers = g_malloc0 (size);
  object = gst_buffer_new_wrapped_full (0, numbers, size, 0, size, numbers,
      clear_and_free);
  drop_twice (gst_buffer_ref (object), (GDestroyNotify) gst_mini_object_unref);
}

GST_END_TEST;

static GstPadProbeReturn
fill (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  GstBuffer *buffer = gst_pad_probe_info_get_buffer (info);

  gst_buffer_memset (buffer, 0, *(guint *) data, gst_buffer_get_size (buffer));
  ++*(guint *) data;
  return GST_PAD_PROBE_OK;
}

static void
handoff (GstElement * sink, GstBuffer * buffer, GstPad * pad, guint * n)
{
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  fail_unless_equals_int (map.data[0], *n);
  gst_buffer_unmap (buffer, &map);
  ++*n;
}

GST_START_TEST (test_pipeline)
{
  GstElement *pipeline, *element;
  GstPad *pad;
  GstBus *bus;
  GstMessage *last;
  guint sent = 0, received = 0;

  pipeline = gst_parse_launch ("fakesrc name=source num-buffers=100 "
      "sizetype=fixed sizemax=1000 ! queue ! identity ! queue ! "
      "fakesink name=sink signal-handoffs=true", NULL);
  element = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  pad = gst_element_get_static_pad (element, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, fill, &sent, NULL);
  gst_object_unref (pad);
  gst_object_unref (element);
  element = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_signal_connect (element, "handoff", G_CALLBACK (handoff), &received);
  gst_object_unref (element);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  bus = gst_element_get_bus (pipeline);
  last = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless_equals_int (GST_MESSAGE_TYPE (last), GST_MESSAGE_EOS);
  gst_message_unref (last);
  gst_object_unref (bus);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  fail_unless_equals_int (received, 100);
  gst_object_unref (pipeline);
  fail_unless_equals_int (reports, 0);
}

GST_END_TEST;

static gpointer
race (gpointer data)
{
  counter++;
  return NULL;
}

static char text[16];
static volatile gsize length = sizeof text;

static gpointer
race_in_libc (gpointer data)
{
  memset (text, 'x', length);
  return NULL;
}

/* last, as it spoils the count for the others */
GST_START_TEST (test_race_is_reported)
{
  gint before;

  fail_unless_equals_int (reports, 0);
  run_twice (race);
  before = reports;
  fail_unless (before > 0);
  run_twice (race_in_libc);
  fail_unless (reports > before);
}

GST_END_TEST;

static Suite *
annotations_suite (void)
{
  Suite *s = suite_create ("annotations");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_locks);
  tcase_add_test (tc, test_condition);
  tcase_add_test (tc, test_once);
  tcase_add_test (tc, test_queue);
  tcase_add_test (tc, test_pool);
  tcase_add_test (tc, test_last_reference);
  tcase_add_test (tc, test_pipeline);
  tcase_add_test (tc, test_race_is_reported);
  return s;
}

GST_CHECK_MAIN (annotations);
