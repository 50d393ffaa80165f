/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */

/* Everything that a user sets of a region, but for its name and its shape. The
 * reader and the writer of documents, the properties of mask pads and what is
 * inherited go by this table; documents are written in its order. */

#include "regions/region.h"

#include <string.h>

#include "sigmas/scheduler.h"
#include "solvers/solver.h"

/* a number that is inherited */
#define UNSET (-1)

static gboolean
check_sampler (const char *name, GError ** error)
{
  return rd_solver_find (name, error) != NULL;
}

static gboolean
check_scheduler (const char *name, GError ** error)
{
  return rd_scheduler_find (name, error) != NULL;
}

/* by RdVariationMethod */
static const char *const method_names[] = { "linear", "slerp", NULL };

RD_SETTING_DEFINE_ENUM (RdRegion, RdVariationMethod, variation_method);

#define OFFSET(field) G_STRUCT_OFFSET (RdRegion, field)
#define FIELD(type, field) RD_SETTING_##type, OFFSET (field)
#define NUMBER(type, field, min, max, initial) \
    FIELD (type, field), min, max, initial
#define INHERITED(type, field, max) NUMBER (type, field, UNSET, max, UNSET)
#define ENUM(field, initial) \
    FIELD (ENUM, field), 0, 0, initial, NULL, get_##field, set_##field

#define BASE (RD_REGION_SETTING_INHERITED | RD_REGION_SETTING_OF_BASE)
#define PROMPT (BASE | RD_REGION_SETTING_OF_PROMPT)
#define MODEL (RD_REGION_SETTING_INHERITED | RD_REGION_SETTING_NOT_EMPTY)
#define PADS RD_REGION_SETTING_OF_PADS

static const RdRegionSetting settings_table[] = {
  {{"prompt", "Prompt",
              "Prompt of the region; NULL: the base's",
          FIELD (STRING, prompt)}, BASE},
  {{"prompt-2", "Prompt 2",
              "Prompt of the region for the second text encoder of models that "
              "have several; NULL: prompt, or with it the base's",
          FIELD (STRING, prompt_2)}, PROMPT},
  {{"prompt-3", "Prompt 3",
          "Prompt of the region for the third text encoder; NULL: prompt, or "
              "with it the base's", FIELD (STRING, prompt_3)}, PROMPT},
  {{"negative-prompt", "Negative prompt",
              "Negative prompt of the region; NULL: the base's",
          FIELD (STRING, negative_prompt)}, BASE},
  {{"cfg", "CFG", "Guidance scale; -1: the base's",
          INHERITED (DOUBLE, cfg, 100)}, BASE},
  {{"sampler", "Sampler",
              "Method that integrates from one noise level to the next",
          FIELD (NAME, sampler)}, BASE, NULL, check_sampler},
  {{"scheduler", "Scheduler", "Method that chooses the noise levels of the "
              "steps",
          FIELD (NAME, scheduler)}, BASE, NULL, check_scheduler},
  {{"sigma-factor", "Sigma factor",
              "Factor on the noise levels; -1: the base's",
          INHERITED (DOUBLE, sigma_factor, 10)}, BASE},
  {{"feather", "Feather",
          "Width of the ramp across the region's edge, in picture pixels; -1: "
              "the base's", INHERITED (DOUBLE, feather, 10000)}, BASE},
  {{"overlap-factor", "Overlap factor",
              "The region grows by half of this on every side, in picture "
              "pixels (mode impact: in pixels of the mask); -1: the base's",
          INHERITED (INT, overlap_factor, 10000)}, BASE},
  {{"model", "Model",
          "Folder of another model for the region, with the same kind of "
              "latents; NULL: the base's", FIELD (STRING, model)}, MODEL},

  {{"strength", "Strength",
              "Weight of the region where its mask is white",
          NUMBER (DOUBLE, strength, 0, 1, 1)}},
  {{"start", "Start", "When the region begins, as a fraction of the steps",
          NUMBER (DOUBLE, start, 0, 1, 0)}},
  {{"end", "End", "When the region ends, as a fraction of the steps",
          NUMBER (DOUBLE, end, 0, 1, 1)}},
  {{"z", "Z", "Stacking order: regions with a higher value cover those with a "
              "lower one",
          NUMBER (INT, z, G_MININT, G_MAXINT, 0)}},
  {{"keep", "Keep",
              "Keep what came in, instead of painting over it",
          FIELD (BOOLEAN, keep)}, RD_REGION_SETTING_OF_BASE, NULL, NULL,
      NULL, OFFSET (has_keep)},
  {{"variation-seed", "Variation seed",
              "Seed of the noise that is mixed into the region's initial noise",
          FIELD (UINT64, variation_seed)}, 0, "variation", NULL,
      NULL, OFFSET (has_variation_seed)},
  {{"variation-strength", "Variation strength",
              "Fraction of the variation noise in the region's initial noise",
          NUMBER (DOUBLE, variation_strength, 0, 1, 0)}, 0, "variation"},
  {{"variation-method", "Variation method", "Interpolation between the initial "
              "noise and the variation noise",
          ENUM (variation_method, RD_VARIATION_LINEAR)}, 0, "variation", NULL,
      method_names},
  {{"invert", "Invert", "Use black instead of white as the inside of the "
              "region",
          FIELD (BOOLEAN, invert)}, PADS},
};

/**
 * rd_region_settings:
 * @n: (out): how many there are
 *
 * Returns: (array length=n): what can be set of a region
 */
const RdRegionSetting *
rd_region_settings (guint * n)
{
  *n = G_N_ELEMENTS (settings_table);
  return settings_table;
}

/**
 * rd_region_setting_key:
 * @setting: a setting
 *
 * Returns: its key in documents, or in the object that it is in there
 */
const char *
rd_region_setting_key (const RdRegionSetting * setting)
{
  const char *name = setting->setting.name;

  return setting->object ? name + strlen (setting->object) + 1 : name;
}

/**
 * rd_region_is_set:
 * @region: a region
 * @setting: one of rd_region_settings()
 *
 * Returns: whether the region says something: a value of its own, where the
 *   setting is inherited, else another one than the default
 */
gboolean
rd_region_is_set (const RdRegion * region, const RdRegionSetting * setting)
{
  const RdSetting *s = &setting->setting;
  gconstpointer field = G_STRUCT_MEMBER_P (region, s->offset);
  double number = s->number;

  switch (s->type) {
    case RD_SETTING_STRING:
    case RD_SETTING_NAME:
    case RD_SETTING_NUMBERS:
      return *(gconstpointer const *) field != NULL;
    case RD_SETTING_UINT64:
      return setting->said ? G_STRUCT_MEMBER (gboolean, region, setting->said)
          : *(const guint64 *) field != (guint64) s->number;
    case RD_SETTING_BOOLEAN:
      number = *(const gboolean *) field != FALSE;
      break;
    case RD_SETTING_INT:
      number = *(const int *) field;
      break;
    case RD_SETTING_UINT:
      number = *(const guint *) field;
      break;
    case RD_SETTING_DOUBLE:
      number = *(const double *) field;
      break;
    case RD_SETTING_ENUM:
      number = s->get (region);
      break;
  }
  return setting->flags & RD_REGION_SETTING_INHERITED ? number >= 0.0
      : number != s->number;
}

/**
 * rd_region_copy_setting:
 * @to: a region that is not shared and does not set @setting
 * @from: another one
 * @setting: one of rd_region_settings()
 *
 * Sets @to to what @from is set to.
 */
void
rd_region_copy_setting (RdRegion * to, const RdRegion * from,
    const RdRegionSetting * setting)
{
  rd_settings_copy (to, from, 1, &setting->setting);
  if (setting->said)
    G_STRUCT_MEMBER (gboolean, to, setting->said) =
        G_STRUCT_MEMBER (gboolean, from, setting->said);
}

/**
 * rd_region_inherit:
 * @region: a region that is not shared
 * @base: what it inherits from
 *
 * Sets what @region does not set and inherits to what @base sets.
 */
void
rd_region_inherit (RdRegion * region, const RdRegion * base)
{
  const guint never = region->prompt ? RD_REGION_SETTING_OF_PROMPT : 0;

  for (guint i = 0; i < G_N_ELEMENTS (settings_table); i++) {
    const RdRegionSetting *setting = &settings_table[i];

    if (setting->flags & RD_REGION_SETTING_INHERITED
        && !(setting->flags & never) && !rd_region_is_set (region, setting)
        && rd_region_is_set (base, setting))
      rd_region_copy_setting (region, base, setting);
  }
}
