/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "plugin.h"

#include <gmodule.h>
#include <gst/check/gstcheck.h>

static gpointer
find (GModule * module, const char *name)
{
  gpointer symbol = NULL;

  fail_unless (g_module_symbol (module, name, &symbol), "%s: %s",
      g_module_name (module), g_module_error ());
  return symbol;
}

/**
 * cudacpu_plugin:
 *
 * Loads the plugin.
 *
 * Returns: (transfer none): what there is to ask and to set
 */
const CudaCpuControls *
cudacpu_plugin (void)
{
  static CudaCpuControls controls;
  g_autoptr (GstPlugin) plugin = NULL;
  GModule *module;

  if (controls.reset)
    return &controls;
  plugin = gst_plugin_load_by_name ("regional");
  fail_unless (plugin != NULL);
  module = g_module_open (gst_plugin_get_filename (plugin), 0);
  fail_unless (module != NULL, "%s", g_module_error ());
#define FIND(name) controls.name = find (module, "cudacpu_" #name)
  FIND (set_devices);
  FIND (set_fault);
  FIND (fault_happened);
  FIND (fault_is_mine);
  FIND (n_calls);
  FIND (n_under_way);
  FIND (n_allocations);
  FIND (n_events);
  FIND (set_provider);
  FIND (n_runs);
  FIND (n_objects);
  FIND (reset);
#undef FIND
  return &controls;
}
