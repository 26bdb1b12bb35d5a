/* A linear recurrence by doubling: after the step of size s, b holds the part of the result that the next 2 s elements give, and a
 * the product that carries what lies behind them. Hillis and Steele 1986. log2(n) steps of a few ops, so that no loop over
 * elements has to be recorded; without a division, so that zeros are as good as any other number. */

#include "tensor/recurrence.h"

#include "ops.gen.h"

/* x moved on by `by` along dim; what falls off the end is gone, and `value` comes in at the other one. */
static ml_status moved_on(ml_context *c, const ml_tensor *x, int64_t dim, int64_t by, double value, ml_tensor **out) {
  ml_integers sizes = {.count = 2 * (x->shape.ndim - (int)dim)};
  sizes.value[sizes.count - 2] = by;
  sizes.value[sizes.count - 1] = -by;
  return ml_pad(c, x, &sizes, value, out);
}

ml_status ml_shifted(ml_context *c, const ml_tensor *x, int64_t dim, int64_t by, ml_tensor **out) {
  return moved_on(c, x, dim, -by, 0, out);
}

ml_status ml_product_before(ml_context *c, const ml_tensor *x, int64_t dim, ml_tensor **out) {
  ml_tensor *moved;
  ML_TRY(moved_on(c, x, dim, 1, 1, &moved));
  ml_status status = ml_cumprod(c, moved, dim, out);
  ml_release(moved);
  return status;
}

/* *a, *b (owned) after the step of size s. */
static ml_status double_up(ml_context *c, int64_t dim, int64_t s, ml_tensor **a, ml_tensor **b) {
  ml_tensor *next_b = NULL, *next_a = NULL, *carried = NULL, *sum = NULL, *product = NULL;
  ml_status status = ml_shifted(c, *b, dim, s, &next_b);
  if (status == ML_OK) status = ml_mul(c, *a, next_b, &carried);
  if (status == ML_OK) status = ml_add(c, *b, carried, &sum);
  if (status == ML_OK) status = ml_shifted(c, *a, dim, s, &next_a);
  if (status == ML_OK) status = ml_mul(c, *a, next_a, &product);
  if (status == ML_OK) {
    ml_release(*a);
    ml_release(*b);
    *a = ml_retain(product);
    *b = ml_retain(sum);
  }
  ml_tensor *all[] = {next_b, next_a, carried, sum, product};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) ml_release(all[i]);
  return status;
}

ml_status ml_recurrence(ml_context *c, const ml_tensor *a, const ml_tensor *b, int64_t dim, ml_tensor **out) {
  ml_tensor *carry = ml_retain((ml_tensor *)a), *sum = ml_retain((ml_tensor *)b);
  ml_status status = ML_OK;
  for (int64_t s = 1; s < a->shape.size[dim] && status == ML_OK; s *= 2) status = double_up(c, dim, s, &carry, &sum);
  ml_release(carry);
  if (status == ML_OK) *out = sum;
  else ml_release(sum);
  return status;
}
