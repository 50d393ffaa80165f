/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "rdtest.h"

#include <math.h>
#include <string.h>

#include "files/latent-file.h"

static RdSafetensors *
parse (const char *header)
{
  g_autoptr (GError) error = NULL;
  RdSafetensors *file = rd_safetensors_parse (header, strlen (header), &error);

  fail_unless (file != NULL, "%s: %s", header, error ? error->message : NULL);
  return file;
}

static void
check_refused (const char *header, const char *message)
{
  g_autoptr (GError) error = NULL;

  fail_unless (rd_safetensors_parse (header, strlen (header), &error) == NULL,
      "taken: %s", header);
  fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_INVALID));
  fail_unless (strstr (error->message, message) != NULL, "%s: %s", header,
      error->message);
}

GST_START_TEST (test_parse)
{
  g_autoptr (RdSafetensors) file = parse ("{\"b\":{\"dtype\":\"BF16\","
      "\"shape\":[2,3],\"data_offsets\":[4,16]},\"__metadata__\":{\"k\":\"v\"},"
      "\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
      "\"c\":{\"dtype\":\"F16\",\"shape\":[0,7],\"data_offsets\":[16,16]}}   ");
  const RdSafetensorsEntry *b = rd_safetensors_find (file, "b");
  const RdSafetensorsEntry *a = g_ptr_array_index (file->entries, 0);

  fail_unless_equals_int (file->entries->len, 3);
  fail_unless_equals_uint64 (file->data_size, 16);
  fail_unless_equals_string (g_hash_table_lookup (file->metadata, "k"), "v");
  fail_unless_equals_string (a->name, "a");
  fail_unless_equals_int (a->rank, 0);
  fail_unless_equals_int (b->rank, 2);
  fail_unless (b->shape[0] == 2 && b->shape[1] == 3);
  fail_unless (b->offset == 4 && b->size == 12);
  fail_unless (rd_safetensors_find (file, "d") == NULL);
}

GST_END_TEST;

#define TENSOR(rest) "{\"a\":{\"dtype\":\"F32\",\"shape\":[2]," rest "}}"
#define AT(begin, end) \
    "\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[" begin "," end "]"

GST_START_TEST (test_refused)
{
  check_refused ("", "not a JSON object");
  check_refused ("[]", "not a JSON object");
  check_refused (" {}", "not a JSON object");
  check_refused ("{} {}", "header:1:4: unexpected text after");
  check_refused ("{\"a\":/**/1}", "header:1:6: strings must be in");
  check_refused ("{\"a\":", "header:1:");
  check_refused ("{\"\xff\":1}", "not UTF-8");
  check_refused ("{\"a\":1}", "a: must be an object");
  check_refused ("{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
      "nested deeper");
  check_refused ("{\"a\":{}}", "a: \"dtype\" is missing");
  check_refused ("{\"a\":{\"dtype\":3}}", "a.dtype: must be a string");
  check_refused ("{\"a\":{\"dtype\":\"F32\"}}", "a: \"shape\" is missing");
  check_refused ("{\"a\":{\"dtype\":\"F32\",\"shape\":2}}",
      "a.shape: must be a list");
  check_refused ("{\"a\":{\"dtype\":\"F32\",\"shape\":[1.5]}}",
      "a.shape[0]: must be a whole number");
  check_refused ("{\"a\":{\"dtype\":\"F32\",\"shape\":[-1]}}", "a.shape[0]");
  check_refused ("{\"a\":{\"dtype\":\"F32\",\"shape\":[9007199254740994]}}",
      "a.shape[0]");
  check_refused ("{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}",
      "a: \"data_offsets\" is missing");
  check_refused (TENSOR ("\"data_offsets\":[0]"), "must be two numbers, begin "
      "and end");
  check_refused (TENSOR ("\"data_offsets\":[0,8,9]"), "must be two numbers, "
      "begin and end");
  check_refused (TENSOR ("\"data_offsets\":[8,0]"), "must be two numbers, "
      "begin and end");
  check_refused (TENSOR ("\"data_offsets\":[0,12]"), "a: data_offsets hold 12");
  check_refused (TENSOR ("\"data_offsets\":[8,16]"),
      "a: data_offsets begin at 8");
  check_refused ("{\"a\":{\"dtype\":\"Q4\",\"shape\":[],"
      "\"data_offsets\":[0,4]}}", "unknown dtype \"Q4\"");
  check_refused ("{\"__metadata__\":[]}", "__metadata__: must be an object");
  check_refused ("{\"__metadata__\":{\"a\":1}}",
      "__metadata__.a: must be a string");
}

GST_END_TEST;

GST_START_TEST (test_layout)
{
  check_refused ("{\"a\":{" AT ("0", "4") "},\"b\":{" AT ("2", "6") "}}",
      "b: data_offsets begin at 2");
  check_refused ("{\"a\":{" AT ("0", "4") "},\"b\":{" AT ("0", "4") "}}",
      "data_offsets begin at 0, but the tensors before it end at 4");
  check_refused ("{\"a\":{" AT ("0", "4") "},\"b\":{" AT ("8", "12") "}}",
      "b: data_offsets begin at 8, but the tensors before it end at 4");
  check_refused ("{\"a\":{" AT ("0", "4") "},\"a\":{" AT ("4", "8") "}}",
      "occurs twice");
  check_refused ("{\"a\":{" AT ("0", "4") ",\"dtype\":\"F16\"}}",
      "occurs twice");
  /* 2^52 * 2^52 elements */
  check_refused ("{\"a\":{\"dtype\":\"F32\",\"shape\":[4503599627370496,"
      "4503599627370496],\"data_offsets\":[0,0]}}", "a: data_offsets hold 0");
}

GST_END_TEST;

GST_START_TEST (test_prefix)
{
  const struct
  {
    guint64 size;
    gboolean ok;
  } cases[] = {
    {0, FALSE}, {1, FALSE}, {2, TRUE}, {100000000, TRUE}, {100000001, FALSE},
    {G_MAXUINT64, FALSE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    const guint64 prefix = GUINT64_TO_LE (cases[i].size);
    gsize size = 0;

    fail_unless_equals_int (rd_safetensors_read_prefix ((const guint8 *)
            &prefix, &size, &error), cases[i].ok);
    fail_unless (cases[i].ok ? size == cases[i].size && error == NULL :
        g_error_matches (error, RD_ERROR, RD_ERROR_INVALID));
  }
}

GST_END_TEST;

GST_START_TEST (test_long_names)
{
  g_autofree char *name = g_strnfill (1 << 20, 'x');
  g_autofree char *header = g_strdup_printf ("{\"%s\":{}}", name);
  g_autoptr (GError) error = NULL;

  fail_unless (rd_safetensors_parse (header, strlen (header), &error) == NULL);
  fail_unless (strlen (error->message) < 200);
}

GST_END_TEST;

GST_START_TEST (test_round_trip)
{
  const gint64 dims[] = { 2, 4, 3, 5 };
  g_autoptr (RdSafetensors) written = rd_safetensors_new ();
  g_autoptr (RdSafetensors) read = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  RdLatentFile latent;
  const char *data;
  gsize size, header_size;

  g_hash_table_insert (written->metadata, g_strdup ("a \"b\"\n"),
      g_strdup ("\xc3\xa9\\"));
  rd_latent_file_describe (written, RD_TYPE_F16, dims);
  bytes = rd_safetensors_serialise (written);
  data = g_bytes_get_data (bytes, &size);
  fail_unless_equals_int (size % 8, 0);
  fail_unless (rd_safetensors_read_prefix ((const guint8 *) data, &header_size,
          NULL));
  fail_unless_equals_uint64 (header_size, size - RD_SAFETENSORS_PREFIX);

  read = rd_safetensors_parse (data + RD_SAFETENSORS_PREFIX, header_size,
      &error);
  g_assert_no_error (error);
  fail_unless_equals_uint64 (read->data_size, 2 * 4 * 3 * 5 * 2);
  fail_unless_equals_string (g_hash_table_lookup (read->metadata, "a \"b\"\n"),
      "\xc3\xa9\\");
  fail_unless (rd_latent_file_find (&latent, read, &error));
  fail_unless (latent.dtype == rd_safetensors_entry_dtype
      (g_ptr_array_index (read->entries, 0)));
  fail_unless (memcmp (latent.dims, dims, sizeof dims) == 0);
  fail_unless (latent.offset == 0 && latent.size == read->data_size);
  fail_unless_equals_float (latent.scale, 1.0);
}

GST_END_TEST;

static void
check_no_latent (const char *header, const char *message)
{
  g_autoptr (RdSafetensors) file = parse (header);
  g_autoptr (GError) error = NULL;
  RdLatentFile latent;

  fail_if (rd_latent_file_find (&latent, file, &error));
  fail_unless (g_error_matches (error, RD_ERROR, RD_ERROR_INVALID));
  fail_unless (strstr (error->message, message) != NULL, "%s", error->message);
}

GST_START_TEST (test_not_latents)
{
  check_no_latent ("{}", "no tensor \"latent_tensor\" among the 0");
  check_no_latent ("{\"latent_tensor\":{\"dtype\":\"F32\",\"shape\":[1,1,2,1,"
      "1],\"data_offsets\":[0,8]}}", "has 5 dimensions");
  check_no_latent ("{\"latent_tensor\":{\"dtype\":\"F32\",\"shape\":[1,1,1],"
      "\"data_offsets\":[0,4]}}", "has 3 dimensions");
  check_no_latent ("{\"latent_tensor\":{\"dtype\":\"F32\",\"shape\":[1,0,1,1],"
      "\"data_offsets\":[0,0]}}", "shape[1] is 0");
}

GST_END_TEST;

static RdTensor *
read_latent (const char *header, gconstpointer data)
{
  g_autoptr (RdSafetensors) file = parse (header);
  g_autoptr (RdStream) stream = rd_stream_new (rd_device_get ("cpu", NULL),
      NULL);
  g_autoptr (GError) error = NULL;
  RdLatentFile latent;
  RdTensor *tensor;

  fail_unless (rd_latent_file_find (&latent, file, NULL));
  tensor = rd_latent_file_read (&latent, stream, data, &error);
  g_assert_no_error (error);
  return tensor;
}

GST_START_TEST (test_scale)
{
  const float data[] = { 1.0f, -0.5f };
  const guint16 half[] = { 0x3c00, 0xb800 };
  g_autoptr (RdTensor) old = read_latent ("{\"latent_tensor\":{\"dtype\":"
      "\"F32\",\"shape\":[1,1,1,2],\"data_offsets\":[0,8]}}", data);
  g_autoptr (RdTensor) new = read_latent ("{\"latent_tensor\":{\"dtype\":"
      "\"F16\",\"shape\":[1,1,1,2],\"data_offsets\":[0,4]},"
      "\"latent_format_version_0\":{\"dtype\":\"F32\",\"shape\":[0],"
      "\"data_offsets\":[4,4]}}", half);
  float got[2];

  fail_unless (rd_tensor_download (old, got, NULL));
  fail_unless (got[0] == (float) (1.0 / 0.18215) && got[1] == -got[0] / 2.0f);
  fail_unless (rd_tensor_download (new, got, NULL));
  fail_unless (got[0] == 1.0f && got[1] == -0.5f);
}

GST_END_TEST;

/* As PyTorch's float() makes float32 of each type. */
GST_START_TEST (test_dtypes)
{
  static const struct
  {
    const char *dtype;
    guint size;
    guint8 bytes[16];
    float want[2];
  } cases[] = {
    {"BF16", 2, {0xc0, 0x3f, 0x80, 0xff}, {1.5f, -INFINITY}},
    {"F64", 8, {0, 0, 0, 0, 0, 0, 0xf8, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0x80},
        {1.5f, -0.0f}},
    {"F8_E5M2", 1, {0x3e, 0xc0}, {1.5f, -2.0f}},
    {"F8_E4M3", 1, {0x7e, 0x81}, {448.0f, -0x1p-9f}},
    {"F8_E4M3", 1, {0x3c, 0xb8}, {1.5f, -1.0f}},
    {"BOOL", 1, {1, 0}, {1.0f, 0.0f}},
    {"U8", 1, {200, 3}, {200.0f, 3.0f}},
    {"I8", 1, {200, 3}, {-56.0f, 3.0f}},
    {"U16", 2, {0xff, 0xff, 1, 0}, {65535.0f, 1.0f}},
    {"I16", 2, {0xff, 0xff, 1, 0}, {-1.0f, 1.0f}},
    {"U32", 4, {0, 0, 0, 0x80, 5, 0, 0, 0}, {2147483648.0f, 5.0f}},
    {"I32", 4, {0, 0, 0, 0x80, 5, 0, 0, 0}, {-2147483648.0f, 5.0f}},
    {"U64", 8, {0, 0, 0, 0, 0, 0, 0, 0x80, 7}, {0x1p63f, 7.0f}},
    {"I64", 8, {0, 0, 0, 0, 0, 0, 0, 0x80, 7}, {-0x1p63f, 7.0f}},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    const guint size = 2 * cases[i].size;
    g_autofree char *header = g_strdup_printf ("{\"latent_tensor\":{\"dtype\":"
        "\"%s\",\"shape\":[1,1,1,2],\"data_offsets\":[0,%u]},"
        "\"latent_format_version_0\":{\"dtype\":\"F32\",\"shape\":[0],"
        "\"data_offsets\":[%u,%u]}}", cases[i].dtype, size, size, size);
    g_autoptr (RdTensor) tensor = read_latent (header, cases[i].bytes);
    float got[2];

    fail_unless (rd_tensor_download (tensor, got, NULL));
    fail_unless (memcmp (got, cases[i].want, sizeof got) == 0,
        "%s, case %u: %g, %g", cases[i].dtype, i, got[0], got[1]);
  }
}

GST_END_TEST;

/* What other writers make of headers. */
GST_START_TEST (test_other_writers)
{
  static const char padded[] = "{\"latent_tensor\":{\"dtype\":\"F32\","
      "\"shape\":[1,1,1,1,2],\"data_offsets\":[0,8]}}\0\0\0";
  g_autoptr (RdSafetensors) null_metadata = parse ("{\"__metadata__\":null}");
  g_autoptr (GError) error = NULL;
  g_autoptr (RdSafetensors) file =
      rd_safetensors_parse (padded, sizeof padded - 1, &error);
  const gint64 dims[] = { 1, 1, 1, 2 };
  RdLatentFile latent;

  fail_unless (file != NULL, "%s", error ? error->message : "");
  fail_unless_equals_int (g_hash_table_size (null_metadata->metadata), 0);
  fail_unless (rd_latent_file_find (&latent, file, NULL));
  fail_unless (memcmp (latent.dims, dims, sizeof dims) == 0);
  /* but only at the end */
  fail_unless (rd_safetensors_parse ("{\0}", 3, NULL) == NULL);
}

GST_END_TEST;

static Suite *
safetensors_suite (void)
{
  Suite *s = suite_create ("safetensors");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_add_test (tc, test_parse);
  tcase_add_test (tc, test_refused);
  tcase_add_test (tc, test_layout);
  tcase_add_test (tc, test_prefix);
  tcase_add_test (tc, test_long_names);
  tcase_add_test (tc, test_round_trip);
  tcase_add_test (tc, test_not_latents);
  tcase_add_test (tc, test_scale);
  tcase_add_test (tc, test_dtypes);
  tcase_add_test (tc, test_other_writers);
  return s;
}

GST_CHECK_MAIN (safetensors);
