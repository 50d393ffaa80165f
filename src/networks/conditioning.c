/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 the gst-regional authors */
#include "networks/conditioning.h"

#define SEQUENCE_RANK 3

/**
 * rd_conditioning_new:
 * @n: how many tensors, at least 1
 * @tensors: (transfer none): they, of different names, see #RdConditioning
 *
 * Returns: (transfer full): a conditioning
 */
RdConditioning *
rd_conditioning_new (guint n, const RdNamedTensor * tensors)
{
  g_autoptr (RdConditioning) conditioning =
      g_atomic_rc_box_new0 (RdConditioning);
  gint64 n_tokens = 0;

  g_return_val_if_fail (n > 0, NULL);

  conditioning->tensors = g_new (RdNamedTensor, n);
  for (guint i = 0; i < n; i++) {
    RdTensor *tensor = tensors[i].tensor;

    g_return_val_if_fail (tensor->type == RD_TYPE_F32, NULL);
    g_return_val_if_fail (tensor->rank > 0 && tensor->dims[0] == 1, NULL);
    g_return_val_if_fail (!rd_conditioning_get (conditioning, tensors[i].name),
        NULL);
    if (tensor->rank == SEQUENCE_RANK) {
      g_return_val_if_fail (tensor->dims[1] > 0, NULL);
      g_return_val_if_fail (n_tokens == 0 || n_tokens == tensor->dims[1], NULL);
      n_tokens = tensor->dims[1];
    }
    conditioning->tensors[i].name = g_intern_string (tensors[i].name);
    conditioning->tensors[i].tensor = rd_tensor_ref (tensor);
    conditioning->n++;
  }
  conditioning->n_tokens = MAX (n_tokens, 1);
  return g_steal_pointer (&conditioning);
}

/**
 * rd_conditioning_new_tokens:
 * @tokens: (transfer none): (1,L,D) float32: a text encoder's hidden states
 *
 * Returns: (transfer full): the conditioning of a network that takes nothing
 *   else
 */
RdConditioning *
rd_conditioning_new_tokens (RdTensor * tokens)
{
  const RdNamedTensor tensor = { RD_CONDITIONING_TOKENS, tokens };

  g_return_val_if_fail (tokens->rank == SEQUENCE_RANK, NULL);

  return rd_conditioning_new (1, &tensor);
}

/**
 * rd_conditioning_new_zero:
 * @like: a conditioning
 *
 * Returns: (transfer full): one of the same shapes that is 0 everywhere
 */
RdConditioning *
rd_conditioning_new_zero (const RdConditioning * like)
{
  g_autofree RdNamedTensor *tensors = g_new (RdNamedTensor, like->n);
  RdConditioning *zero;

  for (guint i = 0; i < like->n; i++) {
    const RdTerm nothing = rd_term (like->tensors[i].tensor, 0.0, NULL);

    tensors[i].name = like->tensors[i].name;
    tensors[i].tensor = rd_tensor_new_like (like->tensors[i].tensor);
    rd_combine (tensors[i].tensor, 1, &nothing);
  }
  zero = rd_conditioning_new (like->n, tensors);
  for (guint i = 0; i < like->n; i++)
    rd_tensor_unref (tensors[i].tensor);
  return zero;
}

/**
 * rd_conditioning_ref:
 * @conditioning: a conditioning
 *
 * Returns: (transfer full): @conditioning
 */
RdConditioning *
rd_conditioning_ref (RdConditioning * conditioning)
{
  return g_atomic_rc_box_acquire (conditioning);
}

static void
conditioning_clear (gpointer data)
{
  RdConditioning *conditioning = data;

  for (guint i = 0; i < conditioning->n; i++)
    rd_tensor_unref (conditioning->tensors[i].tensor);
  g_free (conditioning->tensors);
}

/**
 * rd_conditioning_unref:
 * @conditioning: (transfer full): a conditioning
 */
void
rd_conditioning_unref (RdConditioning * conditioning)
{
  g_atomic_rc_box_release_full (conditioning, conditioning_clear);
}

/**
 * rd_conditioning_get:
 * @conditioning: a conditioning
 * @name: of one of its tensors
 *
 * Returns: (transfer none) (nullable): the tensor, if there is one of that name
 */
RdTensor *
rd_conditioning_get (const RdConditioning * conditioning, const char *name)
{
  for (guint i = 0; i < conditioning->n; i++)
    if (g_str_equal (conditioning->tensors[i].name, name))
      return conditioning->tensors[i].tensor;
  return NULL;
}

/* the same shape, but for the lengths of sequences */
static gboolean
have_alike_rows (const RdTensor * a, const RdTensor * b)
{
  gboolean alike = a->rank == b->rank;

  for (guint i = a->rank == SEQUENCE_RANK ? 2 : 1; alike && i < a->rank; i++)
    alike = a->dims[i] == b->dims[i];
  return alike;
}

/**
 * rd_conditioning_fits:
 * @conditioning: a conditioning
 * @other: another one
 * @error: (nullable): %RD_ERROR_SHAPE with the tensor in which they differ
 *
 * Returns: whether both can be rows of one batch, of tensors with the same names
 *   and the same shapes but for the number of tokens
 */
gboolean
rd_conditioning_fits (const RdConditioning * conditioning,
    const RdConditioning * other, GError ** error)
{
  if (conditioning == other)
    return TRUE;

  for (guint i = 0; i < conditioning->n; i++) {
    const RdNamedTensor *one = &conditioning->tensors[i];
    const RdTensor *its = rd_conditioning_get (other, one->name);
    g_autofree char *shape = NULL, *other_shape = NULL;

    if (its && have_alike_rows (one->tensor, its))
      continue;
    shape = rd_tensor_describe (one->tensor);
    other_shape = its ? rd_tensor_describe (its) : g_strdup ("nothing");
    g_set_error (error, RD_ERROR, RD_ERROR_SHAPE,
        "prompts of different shape in one batch: '%s' is %s and %s; encode "
        "them with the same model", one->name, shape, other_shape);
    return FALSE;
  }
  /* all of ours are there: any more are what it has beside them */
  if (other->n > conditioning->n)
    return rd_conditioning_fits (other, conditioning, error);
  return TRUE;
}

/**
 * rd_conditioning_common_length:
 * @a: a number of tokens, > 0
 * @b: another one, > 0
 *
 * Attention over tokens that are repeated equals attention over them once. So
 * sequences of different lengths share a batch at the least common multiple.
 *
 * Returns: that multiple
 */
gint64
rd_conditioning_common_length (gint64 a, gint64 b)
{
  gint64 divisor = a, rest = b;

  while (rest) {
    const gint64 next = divisor % rest;

    divisor = rest;
    rest = next;
  }
  return a / divisor * b;
}
