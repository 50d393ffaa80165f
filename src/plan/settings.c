/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/settings.h"

/**
 * rd_plan_settings_clear:
 * @settings: zeroed memory, or settings
 *
 * Frees what they hold.
 */
void
rd_plan_settings_clear (RdPlanSettings * settings)
{
  g_clear_pointer (&settings->prompt, g_free);
  g_clear_pointer (&settings->negative_prompt, g_free);
  g_clear_pointer (&settings->custom_sigmas, g_array_unref);
}

/**
 * rd_plan_settings_copy:
 * @to: uninitialised memory; rd_plan_settings_clear() afterwards
 * @from: settings, which nobody changes meanwhile
 */
void
rd_plan_settings_copy (RdPlanSettings * to, const RdPlanSettings * from)
{
  *to = *from;
  to->prompt = g_strdup (from->prompt);
  to->negative_prompt = g_strdup (from->negative_prompt);
  if (to->custom_sigmas)
    g_array_ref (to->custom_sigmas);
}
