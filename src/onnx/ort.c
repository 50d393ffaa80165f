/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "onnx/ort.h"

#include <string.h>

#include "networks/exitguard.h"
#include "onnx/library.h"

/* Where the messages of ONNX Runtime itself go, at the levels info and debug:
 * what goes wrong is reported as an error besides. */
#define LOG_DOMAIN "onnxruntime"

/* set once, before anything that needs them exists, see rd_ort_env() */
static const OrtApiBase *ort_base;
static const OrtApi *ort_api;

/**
 * rd_ort_api:
 *
 * Returns: (transfer none): ONNX Runtime's functions, only valid after
 *   rd_ort_env() has succeeded
 */
const OrtApi *
rd_ort_api (void)
{
  return ort_api;
}

/**
 * rd_ort_version:
 *
 * Returns: (transfer none): the release of the library in use, such as "1.20.1",
 *   only valid after rd_ort_env() has succeeded
 */
const char *
rd_ort_version (void)
{
  return ort_base->GetVersionString ();
}

/**
 * rd_ort_path:
 *
 * Returns: (transfer none): the file of the library in use, only valid after
 *   rd_ort_env() has succeeded
 */
const char *
rd_ort_path (void)
{
  return rd_ort_library_path (ort_base);
}

/* What goes wrong comes back as a status, too, and ONNX Runtime logs a cancelled
 * run as an error; so none of it is more than information. */
static void ORT_API_CALL
log_message (void *param, OrtLoggingLevel severity, const char *category,
    const char *id, const char *location, const char *message)
{
  GLogLevelFlags level = severity >= ORT_LOGGING_LEVEL_WARNING
      ? G_LOG_LEVEL_INFO : G_LOG_LEVEL_DEBUG;

  g_log (LOG_DOMAIN, level, "%s (%s)", message, location);
}

/* The smallest of networks, y = relu (x). */
static const char smallest_network[] =
    "\x08\x08:+\n\x0c\n\x01x\x12\x01y\"\x04Relu\x12\x01gZ\x0b\n\x01x\x12\x06"
    "\n\x04\x08\x01\x12\x00" "b\x0b\n\x01y\x12\x06\n\x04\x08\x01\x12\x00"
    "B\x04" "\n\x00\x10\x11";

/* Loads that once. Most of what ONNX Runtime sets up for the whole process it
 * sets up now, with exit handlers that pull it down; handlers that are
 * registered after this run before those (see exitguard.c). */
static gboolean
warm_up (OrtEnv * new_env, GError ** error)
{
  const OrtApi *api = rd_ort_api ();
  g_autoptr (OrtSessionOptions) options = NULL;
  OrtSession *session;

  if (!rd_ort_check (api->CreateSessionOptions (&options), error,
          "ONNX Runtime cannot start")
      || !rd_ort_check (api->SetIntraOpNumThreads (options, 1), error,
          "ONNX Runtime cannot start")
      || !rd_ort_check (api->CreateSessionFromArray (new_env, smallest_network,
              sizeof smallest_network - 1, options, &session), error,
          "ONNX Runtime cannot start"))
    return FALSE;
  api->ReleaseSession (session);
  return TRUE;
}

/**
 * rd_ort_env:
 * @error: why there is none
 *
 * Loads ONNX Runtime's library, the first time (see rd_ort_library()); after a
 * failure the next call tries again. The environment lives as long as the process: sessions may outlive whoever
 * opened the first one.
 *
 * Returns: (transfer none) (nullable): the process's environment
 */
OrtEnv *
rd_ort_env (GError ** error)
{
  static GMutex lock;
  static OrtEnv *env;
  g_autoptr (GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new (&lock);
  OrtEnv *new_env;

  if (env)
    return env;
  if (!ort_api) {
    ort_base = rd_ort_library (error);
    if (!ort_base)
      return NULL;
    ort_api = ort_base->GetApi (RD_ORT_NEEDED_API);
    g_log (LOG_DOMAIN, G_LOG_LEVEL_INFO, "version %s of %s", rd_ort_version (),
        rd_ort_path ());
  }
  if (!rd_ort_check (rd_ort_api ()->CreateEnvWithCustomLogger (log_message,
              NULL, ORT_LOGGING_LEVEL_WARNING, "gst-regional", &new_env), error,
          "ONNX Runtime cannot start"))
    return NULL;
  if (!warm_up (new_env, error)) {
    rd_ort_api ()->ReleaseEnv (new_env);
    return NULL;
  }
  rd_exit_guard_renew ();
  env = new_env;
  return env;
}

/* ONNX Runtime has no code for memory that is exhausted: its arena, the standard
 * library and CUDA's libraries each say so in words of their own. */
static gboolean
is_no_memory (const char *message)
{
  static const char *const words[] = {
    "Failed to allocate memory", "is smaller than requested bytes",
    "out of memory", "bad_alloc", "_ALLOC_FAILED", "ALLOCATION_FAILED",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (strstr (message, words[i]))
      return TRUE;
  return FALSE;
}

static RdError
error_code (const OrtStatus * status)
{
  if (is_no_memory (rd_ort_api ()->GetErrorMessage (status)))
    return RD_ERROR_NO_MEMORY;
  switch (rd_ort_api ()->GetErrorCode (status)) {
    case ORT_NO_SUCHFILE:
      return RD_ERROR_NOT_FOUND;
    case ORT_NO_MODEL:
    case ORT_INVALID_PROTOBUF:
    case ORT_INVALID_GRAPH:
      return RD_ERROR_INVALID;
    default:
      return RD_ERROR_FAILED;
  }
}

/**
 * rd_ort_check:
 * @status: (transfer full) (nullable): what a function of ONNX Runtime gave
 * @error: receives its message; %RD_ERROR_NO_MEMORY where that says so
 * @format: what was tried, put before the message
 *
 * Returns: whether it succeeded
 */
gboolean
rd_ort_check (OrtStatus * status, GError ** error, const char *format, ...)
{
  g_autofree char *prefix = NULL;
  va_list args;

  if (!status)
    return TRUE;

  va_start (args, format);
  prefix = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, RD_ERROR, error_code (status), "%s: %s", prefix,
      rd_ort_api ()->GetErrorMessage (status));
  rd_ort_api ()->ReleaseStatus (status);
  return FALSE;
}
