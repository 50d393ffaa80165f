/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Numbers in texts; rd_text_check() is tested with the files that it is for. */

#include "base/text.h"
#include "rdtest.h"

#include <float.h>
#include <math.h>

GST_START_TEST (test_numbers)
{
  static const struct
  {
    const char *format;
    double number;
    const char *text;
  } cases[] = {
    {"%g", 0.5, "0.5"},
    {"%g", -14.6146, "-14.6146"},
    {"%g", 3.0, "3"},
    {"%g", 1e300, "1e+300"},
    {"%g", 1.5e-9, "1.5e-09"},
    {"%.15g", 0.1, "0.1"},
    {"%.15g", 1234567.25, "1234567.25"},
    {"%.2f", 1234567.25, "1234567.25"},
    {"%.1f", 12.5, "12.5"},
    {"%.0f", 12.0, "12"},
    {"%g", NAN, "nan"},
    {"%g", -INFINITY, "-inf"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    fail_unless_equals_string (rd_text_number (cases[i].format,
            cases[i].number).text, cases[i].text);
}

GST_END_TEST;

/* 309 digits, and as many behind the point as may be asked for */
GST_START_TEST (test_longest_number)
{
  const RdTextNumber text = rd_text_number ("%.15f", -DBL_MAX);

  fail_unless_equals_int (strlen (text.text), 1 + 309 + 1 + 15);
  fail_unless (g_str_has_prefix (text.text, "-17976931348623157"));
  fail_unless (g_str_has_suffix (text.text, ".000000000000000"));
}

GST_END_TEST;

static Suite *
text_suite (void)
{
  Suite *suite = suite_create ("text");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_numbers);
  tcase_add_test (tc, test_longest_number);

  return suite;
}

GST_CHECK_MAIN (text);
