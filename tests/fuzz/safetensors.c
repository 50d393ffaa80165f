/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Any bytes as the header of a .safetensors file: either it is refused with a
 * message that can be shown, or what it says is true of itself, and it can be
 * written again. */

#include "fuzz.h"

#include "io/gstsafetensorsmetadata.h"
#include "files/latent-file.h"

static void
check_message (const GError * error)
{
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

static void
check_layout (const RdSafetensors * file)
{
  guint64 end = 0;

  for (guint i = 0; i < file->entries->len; i++) {
    const RdSafetensorsEntry *entry = file->entries->pdata[i];

    g_assert_true (entry->offset == end);
    end += entry->size;
    g_assert_true (rd_safetensors_find (file, entry->name) == entry);
  }
  g_assert_true (file->data_size == end);
}

static void
check_again (const RdSafetensors * file)
{
  g_autoptr (GBytes) bytes = rd_safetensors_serialise (file);
  g_autoptr (GError) error = NULL;
  g_autoptr (RdSafetensors) again = NULL;
  gsize size, header_size;
  const char *data = g_bytes_get_data (bytes, &size);

  g_assert_true (rd_safetensors_read_prefix ((const guint8 *) data,
          &header_size, NULL));
  g_assert_true (size == RD_SAFETENSORS_PREFIX + header_size);
  again = rd_safetensors_parse (data + RD_SAFETENSORS_PREFIX, header_size,
      &error);
  g_assert_no_error (error);
  g_assert_true (again->data_size == file->data_size);
  g_assert_true (again->entries->len == file->entries->len);
  g_assert_true (g_hash_table_size (again->metadata)
      == g_hash_table_size (file->metadata));
}

static void
check_latents (const RdSafetensors * file)
{
  g_autoptr (GError) error = NULL;
  RdLatentFile latent;

  if (!rd_latent_file_find (&latent, file, &error)) {
    check_message (error);
    return;
  }
  g_assert_true (latent.size > 0);
  g_assert_true (latent.offset + latent.size <= file->data_size);
}

static void
check_metadata (const RdSafetensors * file)
{
  g_autoptr (GError) error = NULL;
  GstLatentInfo info;

  gst_latent_info_init (&info);
  if (!gst_latent_metadata_read (file->metadata, &info, &error))
    check_message (error);
}

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RdSafetensors) file =
      rd_safetensors_parse ((const char *) data, size, &error);

  g_assert_true (!file == !!error);
  if (file == NULL) {
    check_message (error);
    return 0;
  }
  check_layout (file);
  check_again (file);
  check_latents (file);
  check_metadata (file);
  return 0;
}
