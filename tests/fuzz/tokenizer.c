/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* A tokenizer with any text in one of its files: either it is refused with a
 * message that can be shown, or any prompt becomes ids of its length. */

#include "fuzz.h"

#include <string.h>

#include "folder.h"
#include "prompt/tokenizer.h"

#define LENGTH 8

static const FuzzFile files[] = {
  {"vocab.json", "{\"<|startoftext|>\":0,\"<|endoftext|>\":1,\"a\":2,\"b\":3,"
        "\"a</w>\":4,\"b</w>\":5,\"ab</w>\":6,\"!\":7,\"!</w>\":8}"},
  {"merges.txt", "#version: 0.2\na b</w>\n"},
  {"tokenizer_config.json", "{\"model_max_length\":77}"},
  {"special_tokens_map.json", "{\"bos_token\":\"<|startoftext|>\","
        "\"eos_token\":\"<|endoftext|>\",\"pad_token\":\"!\"}"},
};

/* What stands behind a file's last zero byte is a prompt, too. */
static char *
find_prompt (const guint8 * data, size_t size)
{
  size_t start = size;

  while (start > 0 && data[start - 1] != 0)
    start--;
  return g_strndup ((const char *) data + start, size - start);
}

static void
encode (const RdTokenizer * tokenizer, const char *prompt)
{
  g_autoptr (GArray) ids = rd_tokenizer_encode (tokenizer, prompt);

  g_assert_cmpuint (ids->len, >, 1);
  for (guint i = 0; i < ids->len; i++)
    g_assert_cmpint (g_array_index (ids, gint, i), >=, 0);
}

int
LLVMFuzzerTestOneInput (const guint8 * data, size_t size)
{
  const char *folder = fuzz_folder_open (G_N_ELEMENTS (files), files, data,
      size);
  g_autofree char *prompt = find_prompt (data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (RdTokenizer) tokenizer = rd_tokenizer_new (folder, LENGTH, &error);

  g_assert_true (!tokenizer == !!error);
  if (error)
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
  if (tokenizer) {
    encode (tokenizer, "a ab, <|endoftext|>b!");
    encode (tokenizer, prompt);
  }
  fuzz_folder_close ();
  return 0;
}
