/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors
 *
 * Tells ThreadSanitizer what GLib's and GStreamer's own synchronisation
 * orders. Both come without its instrumentation, and GMutex, GCond and the like
 * are futexes and atomics of their own, so that it would take every hand-over
 * through them for a race. (GThread and GPrivate are pthreads below and need no
 * help.)
 *
 * Linked into test programs built with -fsanitize=thread and nothing else:
 * these functions take the place of the libraries', call them, and add the
 * annotation.
 */
#include <dlfcn.h>
#include <gst/gst.h>
#include <pthread.h>
#include <sanitizer/tsan_interface.h>

/* The function that this one takes the place of. */
#define REAL(name)                                                             \
  ({                                                                           \
    static __typeof__ (&name) real_;                                           \
    __typeof__ (&name) found_ = __atomic_load_n (&real_, __ATOMIC_RELAXED);    \
    if (found_ == NULL) {                                                      \
      found_ = (__typeof__ (&name)) dlsym (RTLD_NEXT, #name);                  \
      __atomic_store_n (&real_, found_, __ATOMIC_RELAXED);                     \
    }                                                                          \
    found_;                                                                    \
  })

/* Mutex and condition */

void
g_mutex_lock (GMutex * mutex)
{
  __tsan_mutex_pre_lock (mutex, 0);
  REAL (g_mutex_lock) (mutex);
  __tsan_mutex_post_lock (mutex, 0, 0);
}

gboolean
g_mutex_trylock (GMutex * mutex)
{
  gboolean locked;

  __tsan_mutex_pre_lock (mutex, __tsan_mutex_try_lock);
  locked = REAL (g_mutex_trylock) (mutex);
  __tsan_mutex_post_lock (mutex,
      locked ? __tsan_mutex_try_lock
      : __tsan_mutex_try_lock | __tsan_mutex_try_lock_failed, 0);
  return locked;
}

void
g_mutex_unlock (GMutex * mutex)
{
  __tsan_mutex_pre_unlock (mutex, 0);
  REAL (g_mutex_unlock) (mutex);
  __tsan_mutex_post_unlock (mutex, 0);
}

void
g_mutex_clear (GMutex * mutex)
{
  __tsan_mutex_destroy (mutex, 0);
  REAL (g_mutex_clear) (mutex);
}

static void
before_wait (GMutex * mutex)
{
  __tsan_mutex_pre_unlock (mutex, 0);
  __tsan_mutex_post_unlock (mutex, 0);
}

static void
after_wait (GMutex * mutex)
{
  __tsan_mutex_pre_lock (mutex, 0);
  __tsan_mutex_post_lock (mutex, 0, 0);
}

void
g_cond_wait (GCond * cond, GMutex * mutex)
{
  before_wait (mutex);
  REAL (g_cond_wait) (cond, mutex);
  after_wait (mutex);
}

gboolean
g_cond_wait_until (GCond * cond, GMutex * mutex, gint64 end_time)
{
  gboolean signalled;

  before_wait (mutex);
  signalled = REAL (g_cond_wait_until) (cond, mutex, end_time);
  after_wait (mutex);
  return signalled;
}

/* Recursive mutex and read-write lock: GLib's are pthreads behind a pointer
 * that is set at the first use. The sanitizer follows pthreads, but ignores
 * GLib's own calls (see suppressions), so they are made from here. */

#define IMPLEMENTATION(name, Lock, Implementation)                             \
  static Implementation *name##_implementation (Lock *lock)                    \
  {                                                                            \
    Lock fresh;                                                                \
                                                                               \
    if (g_atomic_pointer_get (&lock->p) == NULL) {                             \
      REAL (name##_init) (&fresh);                                             \
      if (!g_atomic_pointer_compare_and_exchange (&lock->p, NULL, fresh.p))    \
        REAL (name##_clear) (&fresh);                                          \
    }                                                                          \
    return lock->p;                                                            \
  }

IMPLEMENTATION (g_rec_mutex, GRecMutex, pthread_mutex_t);
IMPLEMENTATION (g_rw_lock, GRWLock, pthread_rwlock_t);

void
g_rec_mutex_lock (GRecMutex * mutex)
{
  pthread_mutex_lock (g_rec_mutex_implementation (mutex));
}

gboolean
g_rec_mutex_trylock (GRecMutex * mutex)
{
  return pthread_mutex_trylock (g_rec_mutex_implementation (mutex)) == 0;
}

void
g_rec_mutex_unlock (GRecMutex * mutex)
{
  pthread_mutex_unlock (mutex->p);
}

void
g_rw_lock_writer_lock (GRWLock * lock)
{
  pthread_rwlock_wrlock (g_rw_lock_implementation (lock));
}

gboolean
g_rw_lock_writer_trylock (GRWLock * lock)
{
  return pthread_rwlock_trywrlock (g_rw_lock_implementation (lock)) == 0;
}

void
g_rw_lock_writer_unlock (GRWLock * lock)
{
  pthread_rwlock_unlock (lock->p);
}

void
g_rw_lock_reader_lock (GRWLock * lock)
{
  pthread_rwlock_rdlock (g_rw_lock_implementation (lock));
}

gboolean
g_rw_lock_reader_trylock (GRWLock * lock)
{
  return pthread_rwlock_tryrdlock (g_rw_lock_implementation (lock)) == 0;
}

void
g_rw_lock_reader_unlock (GRWLock * lock)
{
  pthread_rwlock_unlock (lock->p);
}

/* Bit locks: several can share an address, so they are no mutexes here */

#define BIT_LOCK(prefix, Word)                                                 \
  void prefix##_lock (Word *address, gint bit)                                 \
  {                                                                            \
    REAL (prefix##_lock) (address, bit);                                       \
    __tsan_acquire ((void *) address);                                         \
  }                                                                            \
                                                                               \
  gboolean prefix##_trylock (Word *address, gint bit)                          \
  {                                                                            \
    gboolean locked = REAL (prefix##_trylock) (address, bit);                  \
                                                                               \
    if (locked)                                                                \
      __tsan_acquire ((void *) address);                                       \
    return locked;                                                             \
  }                                                                            \
                                                                               \
  void prefix##_unlock (Word *address, gint bit)                               \
  {                                                                            \
    __tsan_release ((void *) address);                                         \
    REAL (prefix##_unlock) (address, bit);                                     \
  }

BIT_LOCK (g_bit, volatile gint);
#undef g_pointer_bit_lock
#undef g_pointer_bit_trylock
#undef g_pointer_bit_unlock
BIT_LOCK (g_pointer_bit, volatile void);

/* Once */

#undef g_once_init_enter
#undef g_once_init_leave

gboolean
g_once_init_enter (volatile void *location)
{
  gboolean first = REAL (g_once_init_enter) (location);

  __tsan_acquire ((void *) location);
  return first;
}

void
g_once_init_leave (volatile void *location, gsize result)
{
  __tsan_release ((void *) location);
  REAL (g_once_init_leave) (location, result);
}

typedef struct
{
  GOnce *once;
  GThreadFunc func;
  gpointer arg;
} OnceCall;

static gpointer
once_call (gpointer data)
{
  OnceCall *call = data;
  gpointer result = call->func (call->arg);

  __tsan_release ((void *) &call->once->status);
  return result;
}

gpointer
g_once_impl (GOnce * once, GThreadFunc func, gpointer arg)
{
  OnceCall call = { once, func, arg };
  gpointer result = REAL (g_once_impl) (once, once_call, &call);

  __tsan_acquire ((void *) &once->status);
  return result;
}

/* Asynchronous queue */

#define PUSH(name, parameters, arguments)                                      \
  void name parameters                                                         \
  {                                                                            \
    __tsan_release (queue);                                                    \
    REAL (name) arguments;                                                     \
  }

#define POP(name, parameters, arguments)                                       \
  gpointer name parameters                                                     \
  {                                                                            \
    gpointer data = REAL (name) arguments;                                     \
                                                                               \
    __tsan_acquire (queue);                                                    \
    return data;                                                               \
  }

PUSH (g_async_queue_push, (GAsyncQueue * queue, gpointer data), (queue, data));
PUSH (g_async_queue_push_front, (GAsyncQueue * queue, gpointer data),
    (queue, data));
PUSH (g_async_queue_push_sorted,
    (GAsyncQueue * queue, gpointer data, GCompareDataFunc func,
        gpointer user_data), (queue, data, func, user_data));
PUSH (g_async_queue_unlock, (GAsyncQueue * queue), (queue));
POP (g_async_queue_pop, (GAsyncQueue * queue), (queue));
POP (g_async_queue_try_pop, (GAsyncQueue * queue), (queue));
POP (g_async_queue_timeout_pop, (GAsyncQueue * queue, guint64 timeout),
    (queue, timeout));

void
g_async_queue_lock (GAsyncQueue * queue)
{
  REAL (g_async_queue_lock) (queue);
  __tsan_acquire (queue);
}

/* Thread pool: what was pushed comes before it is worked on, and that before
 * the pool is gone */

typedef struct
{
  GFunc func;
  gpointer user_data;
} PoolCall;

static void
pool_call (gpointer data, gpointer user_data)
{
  PoolCall *call = user_data;

  __tsan_acquire (call);
  call->func (data, call->user_data);
  __tsan_release (call);
}

GThreadPool *
g_thread_pool_new (GFunc func, gpointer user_data, gint max_threads,
    gboolean exclusive, GError ** error)
{
  /* for as long as the process runs: a freed pool may still work */
  PoolCall *call = g_new (PoolCall, 1);

  call->func = func;
  call->user_data = user_data;
  return REAL (g_thread_pool_new) (pool_call, call, max_threads, exclusive,
      error);
}

gboolean
g_thread_pool_push (GThreadPool * pool, gpointer data, GError ** error)
{
  __tsan_release (pool->user_data);
  return REAL (g_thread_pool_push) (pool, data, error);
}

void
g_thread_pool_free (GThreadPool * pool, gboolean immediate, gboolean wait)
{
  gpointer call = pool->user_data;

  REAL (g_thread_pool_free) (pool, immediate, wait);
  if (wait)
    __tsan_acquire (call);
}

/* References: everything done with an object comes before its end, and before
 * its next owner may write to it */

#define UNREF(name, parameters, arguments)                                     \
  void name parameters                                                         \
  {                                                                            \
    __tsan_release (object);                                                   \
    __tsan_acquire (object);                                                   \
    REAL (name) arguments;                                                     \
  }

UNREF (g_bytes_unref, (GBytes * object), (object));
UNREF (g_hash_table_unref, (GHashTable * object), (object));
UNREF (g_object_unref, (gpointer object), (object));
UNREF (g_ptr_array_unref, (GPtrArray * object), (object));
UNREF (gst_mini_object_unref, (GstMiniObject * object), (object));

/* The last to let go of a box is known by its being cleared; whoever else let go
 * has done so by then, but maybe not when the last began to. */
static __thread GDestroyNotify clear_box;

static void
end_box (gpointer object)
{
  GDestroyNotify clear = clear_box;

  __tsan_acquire (object);
  if (clear)
    clear (object);
}

void
g_atomic_rc_box_release_full (gpointer object, GDestroyNotify clear)
{
  __tsan_release (object);
  clear_box = clear;
  REAL (g_atomic_rc_box_release_full) (object, end_box);
}

void
g_atomic_rc_box_release (gpointer object)
{
  g_atomic_rc_box_release_full (object, NULL);
}

gboolean
gst_mini_object_is_writable (const GstMiniObject * object)
{
  gboolean writable = REAL (gst_mini_object_is_writable) (object);

  __tsan_acquire ((void *) object);
  return writable;
}

GstMiniObject *
gst_mini_object_make_writable (GstMiniObject * object)
{
  __tsan_release (object);
  __tsan_acquire (object);
  return REAL (gst_mini_object_make_writable) (object);
}
