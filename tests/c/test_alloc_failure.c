/* The n-th allocation fails, once and for ever, for every n until nothing fails any more: in every op with its
 * backward. Each failure is ML_OUT_OF_MEMORY with a message, nothing is leaked, and the next run gives the right bits. */

#include "tensor/gemm.h"
#include "tensor/parallel.h"
#include "tests/c/alloc_sweep.h"

/* Every op, by its name in the table. ------------------------------------------------------------------------------ */

#define ALL_DIMS                (&(ml_dims){.count = -1})
#define FIRST                   (&(ml_dims){.count = 1, .dim = {0}})
#define SHAPE_OF(a, b)          (&(ml_shape){.ndim = 2, .size = {a, b}})
#define REDUCTION(name, reduce) (&(name##_options){.reduction = ML_REDUCTION_##reduce})

/* Transforms of x as 4 x 3 complex numbers. */
static ml_status of_pairs(int which, ml_context *c, ml_tensor **out) {
  ml_tensor *pairs;
  ML_TRY(ml_reshape(c, x, &(ml_shape){.ndim = 3, .size = {4, 3, 2}}, &pairs));
  ml_status status = which == 0   ? ml_fft(c, pairs, 7, -1, &(fft_options){0}, out)
                     : which == 1 ? ml_ifft(c, pairs, 0, 1, &(ifft_options){ML_FFT_NORM_ORTHO}, out)
                                  : ml_irfft(c, pairs, 0, -1, &(irfft_options){0}, out);
  ml_release(pairs);
  return status;
}

/* A 4 x 4 matrix that is not singular, in the graph: x x^T. */
static ml_status square_product(ml_context *c, ml_tensor **out);
static ml_status of_square(ml_status (*op)(ml_context *c, const ml_tensor *square, ml_tensor **out), ml_context *c, ml_tensor **out) {
  ml_tensor *square;
  ML_TRY(square_product(c, &square));
  ml_status status = op(c, square, out);
  ml_release(square);
  return status;
}

/* One result of several; the others are let go of. */
static ml_status singular_vectors(ml_context *c, ml_tensor **out) {
  ml_tensor *s, *vh;
  ml_status status = ml_svd(c, x, &(svd_options){.full_matrices = false}, out, &s, &vh);
  ml_release(s);
  ml_release(vh);
  return status;
}
static ml_status eigenvectors(ml_context *c, const ml_tensor *square, ml_tensor **out) {
  ml_tensor *w;
  ml_status status = ml_eigh(c, square, &w, out);
  ml_release(w);
  return status;
}
static ml_status orthogonal(ml_context *c, ml_tensor **out) {
  ml_tensor *q;
  ml_status status = ml_qr(c, x, &(qr_options){0}, &q, out);
  ml_release(q);
  return status;
}
static ml_status logdet(ml_context *c, const ml_tensor *square, ml_tensor **out) {
  ml_tensor *sign;
  ml_status status = ml_slogdet(c, square, &sign, out);
  ml_release(sign);
  return status;
}
static ml_status solved(ml_context *c, const ml_tensor *square, ml_tensor **out) { return ml_solve(c, square, x, out); }
static ml_status solved_triangular(ml_context *c, const ml_tensor *square, ml_tensor **out) {
  return ml_solve_triangular(c, square, x, &(solve_triangular_options){.left = true}, out);
}
static ml_status least_squares(ml_context *c, ml_tensor **out) {
  ml_tensor *rank;
  ml_status status = ml_lstsq(c, x, y, &(lstsq_options){.rtol = -1}, out, &rank);
  ml_release(rank);
  return status;
}

/* The first columns of x put into the columns that target names. */
static ml_status put_rows(ml_status (*op)(ml_context *c, const ml_tensor *x, const ml_tensor *index, const ml_tensor *source, int64_t dim, ml_tensor **out),
                          ml_context *c, ml_tensor **out) {
  ml_tensor *source;
  ML_TRY(ml_slice(c, x, 1, 0, 3, 1, &source));
  ml_status status = op(c, x, target, source, 1, out);
  ml_release(source);
  return status;
}

#define CASES(CASE)                                                                                                    \
  CASE(add, ml_add(c, x, row, out))                                                                                    \
  CASE(sub, ml_sub(c, row, x, out))                                                                                    \
  CASE(mul, ml_mul(c, x, y, out))                                                                                      \
  CASE(div, ml_div(c, x, y, out))                                                                                      \
  CASE(floor_divide, ml_floor_divide(c, integers, y, out))                                                             \
  CASE(remainder, ml_remainder(c, x, row, out))                                                                        \
  CASE(pow, ml_pow(c, y, row, out))                                                                                    \
  CASE(neg, ml_neg(c, x, out))                                                                                         \
  CASE(maximum, ml_maximum(c, x, y, out))                                                                              \
  CASE(minimum, ml_minimum(c, x, y, out))                                                                              \
  CASE(eq, ml_eq(c, x, y, out))                                                                                        \
  CASE(ne, ml_ne(c, x, y, out))                                                                                        \
  CASE(lt, ml_lt(c, x, y, out))                                                                                        \
  CASE(le, ml_le(c, x, y, out))                                                                                        \
  CASE(gt, ml_gt(c, x, y, out))                                                                                        \
  CASE(ge, ml_ge(c, x, y, out))                                                                                        \
  CASE(logical_and, ml_logical_and(c, mask, integers, out))                                                            \
  CASE(logical_or, ml_logical_or(c, mask, mask, out))                                                                  \
  CASE(logical_xor, ml_logical_xor(c, integers, places, out))                                                          \
  CASE(logical_not, ml_logical_not(c, mask, out))                                                                      \
  CASE(isnan, ml_isnan(c, x, out))                                                                                     \
  CASE(isfinite, ml_isfinite(c, x, out))                                                                               \
  CASE(where, ml_where(c, mask, x, row, out))                                                                          \
  CASE(exp, ml_exp(c, x, out))                                                                                         \
  CASE(log, ml_log(c, y, out))                                                                                         \
  CASE(log1p, ml_log1p(c, y, out))                                                                                     \
  CASE(sqrt, ml_sqrt(c, y, out))                                                                                       \
  CASE(square, ml_square(c, x, out))                                                                                   \
  CASE(reciprocal, ml_reciprocal(c, y, out))                                                                           \
  CASE(abs, ml_abs(c, x, out))                                                                                         \
  CASE(sign, ml_sign(c, x, out))                                                                                       \
  CASE(clamp, ml_clamp(c, x, -1, 1, out))                                                                              \
  CASE(ndtr, ml_ndtr(c, x, out))                                                                                       \
  CASE(erf, ml_erf(c, x, out))                                                                                         \
  CASE(tanh, ml_tanh(c, x, out))                                                                                       \
  CASE(sigmoid, ml_sigmoid(c, x, out))                                                                                 \
  CASE(relu, ml_relu(c, x, out))                                                                                       \
  CASE(leaky_relu, ml_leaky_relu(c, x, 0.1, out))                                                                      \
  CASE(elu, ml_elu(c, x, 1, out))                                                                                      \
  CASE(softplus, ml_softplus(c, x, out))                                                                               \
  CASE(gelu, ml_gelu(c, x, out))                                                                                       \
  CASE(silu, ml_silu(c, integers, out))                                                                                \
  CASE(sum, ml_sum(c, x, FIRST, &(sum_options){.keepdim = true}, out))                                                 \
  CASE(prod, ml_prod(c, y, FIRST, &(prod_options){0}, out))                                                            \
  CASE(sort, sorted(c, out))                                                                                           \
  CASE(argsort, ml_argsort(c, x, 0, &(argsort_options){0}, out))                                                       \
  CASE(topk, largest(c, out))                                                                                          \
  CASE(kthvalue, third(c, out))                                                                                        \
  CASE(median, middle(c, out))                                                                                         \
  CASE(nanmedian, middle_number(c, out))                                                                               \
  CASE(quantile, ml_quantile(c, x, 0.3, 0, &(quantile_options){0}, out))                                               \
  CASE(unique, different(c, out))                                                                                      \
  CASE(searchsorted, ml_searchsorted(c, row, x, &(searchsorted_options){0}, out))                                      \
  CASE(bucketize, ml_bucketize(c, x, row, &(bucketize_options){0}, out))                                               \
  CASE(bincount, ml_bincount(c, target, channel, &(bincount_options){.minlength = 6}, out))                            \
  CASE(histc, ml_histc(c, x, 5, 0, 0, out))                                                                            \
  CASE(nonzero, ml_nonzero(c, x, out))                                                                                 \
  CASE(cumsum, ml_cumsum(c, x, 0, &(cumsum_options){0}, out))                                                          \
  CASE(cumprod, ml_cumprod(c, x, 1, out))                                                                              \
  CASE(cummax, first_of(ml_cummax, c, x, 1, out))                                                                      \
  CASE(cummin, first_of(ml_cummin, c, x, 0, out))                                                                      \
  CASE(flip, ml_flip(c, x, FIRST, out))                                                                                \
  CASE(roll, ml_roll(c, x, 3, 1, out))                                                                                 \
  CASE(tile, ml_tile(c, x, &(ml_integers){3, {2, 1, 2}}, out))                                                         \
  CASE(repeat_interleave, ml_repeat_interleave(c, x, 2, 0, out))                                                       \
  CASE(tril, ml_tril(c, x, 0, out))                                                                                    \
  CASE(triu, ml_triu(c, x, 1, out))                                                                                    \
  CASE(diag, ml_diag(c, x, 1, out))                                                                                    \
  CASE(diagonal, ml_diagonal(c, pictures, -1, 3, 1, out))                                                              \
  CASE(diag_embed, ml_diag_embed(c, x, 1, 0, 2, out))                                                                  \
  CASE(logcumsumexp, ml_logcumsumexp(c, x, 1, out))                                                                    \
  CASE(outer, ml_outer(c, row, bias, out))                                                                             \
  CASE(mean, ml_mean(c, x, ALL_DIMS, &(mean_options){0}, out))                                                         \
  CASE(var, ml_var(c, x, FIRST, &(var_options){.correction = 1}, out))                                                 \
  CASE(std, ml_std(c, x, ALL_DIMS, &(std_options){.correction = 1}, out))                                              \
  CASE(min, ml_min(c, x, FIRST, &(min_options){0}, out))                                                               \
  CASE(max, ml_max(c, x, ALL_DIMS, &(max_options){0}, out))                                                            \
  CASE(any, ml_any(c, mask, FIRST, &(any_options){0}, out))                                                            \
  CASE(all, ml_all(c, x, ALL_DIMS, &(all_options){0}, out))                                                            \
  CASE(norm, ml_norm(c, x, FIRST, &(norm_options){.p = 2}, out))                                                       \
  CASE(logsumexp, ml_logsumexp(c, x, FIRST, &(logsumexp_options){0}, out))                                             \
  CASE(argmin, ml_argmin(c, x, 0, &(argmin_options){0}, out))                                                          \
  CASE(argmax, ml_argmax(c, x, ML_NO_DIM, &(argmax_options){0}, out))                                                  \
  CASE(matmul, ml_matmul(c, batch_a, batch_b, out))                                                                    \
  CASE(mm, square_product(c, out))                                                                                     \
  CASE(bmm, ml_bmm(c, batch_a, batch_b, out))                                                                          \
  CASE(fft, of_pairs(0, c, out))                                                                                       \
  CASE(ifft, of_pairs(1, c, out))                                                                                      \
  CASE(rfft, ml_rfft(c, x, 5, 2, &(rfft_options){0}, out))                                                             \
  CASE(irfft, of_pairs(2, c, out))                                                                                     \
  CASE(svd, singular_vectors(c, out))                                                                                  \
  CASE(eigh, of_square(eigenvectors, c, out))                                                                          \
  CASE(qr, orthogonal(c, out))                                                                                         \
  CASE(cholesky, of_square(ml_cholesky, c, out))                                                                       \
  CASE(solve, of_square(solved, c, out))                                                                               \
  CASE(solve_triangular, of_square(solved_triangular, c, out))                                                         \
  CASE(inv, of_square(ml_inv, c, out))                                                                                 \
  CASE(det, of_square(ml_det, c, out))                                                                                 \
  CASE(slogdet, of_square(logdet, c, out))                                                                             \
  CASE(pinv, ml_pinv(c, x, &(pinv_options){.rtol = -1}, out))                                                          \
  CASE(lstsq, least_squares(c, out))                                                                                   \
  CASE(reshape, ml_reshape(c, x, SHAPE_OF(3, -1), out))                                                                \
  CASE(flatten, ml_flatten(c, pictures, 1, 3, out))                                                                    \
  CASE(permute, ml_permute(c, batch_a, &(ml_dims){3, {2, 0, 1}}, out))                                                 \
  CASE(transpose, ml_transpose(c, x, 0, 1, out))                                                                       \
  CASE(expand, ml_expand(c, row, SHAPE_OF(3, 6), out))                                                                 \
  CASE(squeeze, ml_squeeze(c, x, ALL_DIMS, out))                                                                       \
  CASE(unsqueeze, ml_unsqueeze(c, x, 1, out))                                                                          \
  CASE(slice, ml_slice(c, x, 1, 1, 5, 2, out))                                                                         \
  CASE(select, ml_select(c, x, 0, 2, out))                                                                             \
  CASE(contiguous, ml_contiguous(c, x, out))                                                                           \
  CASE(to, ml_to(c, x, ML_FLOAT64, out))                                                                               \
  CASE(cat, ml_cat(c, many, 40, 1, out))                                                                               \
  CASE(stack, ml_stack(c, many, 9, 0, out))                                                                            \
  CASE(pad, ml_pad(c, x, &(ml_integers){4, {1, 2, -1, 1}}, 0.5, out))                                                  \
  CASE(index_select, ml_index_select(c, x, target, 1, out))                                                            \
  CASE(gather, ml_gather(c, x, places, 0, out))                                                                        \
  CASE(masked_fill, ml_masked_fill(c, x, mask, 3, out))                                                                \
  CASE(masked_select, ml_masked_select(c, x, mask, out))                                                               \
  CASE(scatter, ml_scatter(c, x, places, x, 0, out))                                                                   \
  CASE(scatter_add, ml_scatter_add(c, x, places, x, 0, out))                                                           \
  CASE(scatter_reduce, ml_scatter_reduce(c, x, places, x, 0, ML_REDUCING_MEAN, &(scatter_reduce_options){0}, out))     \
  CASE(index_add, put_rows(ml_index_add, c, out))                                                                         \
  CASE(index_copy, put_rows(ml_index_copy, c, out))                                                                       \
  CASE(index_fill, ml_index_fill(c, x, target, 1, 2, out))                                                             \
  CASE(masked_scatter, ml_masked_scatter(c, x, mask, x, out))                                                          \
  CASE(one_hot, ml_one_hot(c, target, 6, out))                                                                         \
  CASE(linear, ml_linear(c, x, weight, bias, out))                                                                     \
  CASE(softmax, ml_softmax(c, x, 0, out))                                                                              \
  CASE(log_softmax, ml_log_softmax(c, x, 1, out))                                                                      \
  CASE(conv2d, ml_conv2d(c, pictures, kernel, NULL, &(conv2d_options){{1, 1}, {1, 1}, {1, 1}, 2}, out))                \
  CASE(conv2d_weight, ml_conv2d_weight(c, pictures, pictures, (ml_pair){3, 3},                                         \
                                       &(conv2d_weight_options){{1, 1}, {-1, -1}, {1, 1}, 2}, out))                    \
  CASE(max_pool2d, ml_max_pool2d(c, pictures, (ml_pair){2, 2}, &(max_pool2d_options){{0, 0}, {0, 0}}, out))            \
  CASE(avg_pool2d, ml_avg_pool2d(c, pictures, (ml_pair){3, 3}, &(avg_pool2d_options){{2, 2}, {1, 1}}, out))            \
  CASE(adaptive_avg_pool2d, ml_adaptive_avg_pool2d(c, pictures, (ml_pair){4, 1}, out))                                 \
  CASE(adaptive_max_pool2d, ml_adaptive_max_pool2d(c, pictures, (ml_pair){4, 1}, out))                                 \
  CASE(conv1d, ml_conv1d(c, batch_b, batch_b, NULL, &(conv1d_options){2, {1, 1}, 1, 1}, out))                          \
  CASE(conv_transpose1d, ml_conv_transpose1d(c, batch_b, matrices, NULL, &(conv_transpose1d_options){2, 1, 1, 1, 1}, out))\
  CASE(conv_transpose2d, ml_conv_transpose2d(c, pictures, depth_kernel, NULL,                                          \
                                             &(conv_transpose2d_options){{2, 2}, {1, 1}, {1, 0}, {1, 1}, 1}, out))     \
  CASE(conv2d_relu,                                                                                                    \
       ml_conv2d_relu(c, pictures, kernel, NULL, &(conv2d_relu_options){{1, 1}, {1, 1}, {1, 1}, 2}, out))              \
  CASE(max_pool1d, ml_max_pool1d(c, batch_b, 2, &(max_pool1d_options){0, 1}, out))                                     \
  CASE(avg_pool1d, ml_avg_pool1d(c, batch_b, 3, &(avg_pool1d_options){2, 1}, out))                                     \
  CASE(adaptive_avg_pool1d, ml_adaptive_avg_pool1d(c, batch_b, 2, out))                                                \
  CASE(adaptive_max_pool1d, ml_adaptive_max_pool1d(c, batch_b, 2, out))                                                \
  CASE(embedding, ml_embedding(c, places, weight, out))                                                                \
  CASE(batch_norm, ml_batch_norm(c, pictures, channel, channel, running_mean, running_var,                             \
                                 &(batch_norm_options){true, 0.1, 1e-5, ML_ACTIVATION_NONE}, out))                                         \
  CASE(layer_norm, ml_layer_norm(c, x, row, row, &(layer_norm_options){1, 1e-5}, out))                                 \
  CASE(rms_norm, ml_rms_norm(c, x, row, &(rms_norm_options){1e-6}, out))                                               \
  CASE(group_norm, ml_group_norm(c, pictures, channel, channel, 2, &(group_norm_options){1e-5}, out))                  \
  CASE(group_norm_channels_last, group_norm_of_convolution(c, out))                                                    \
  CASE(lstm, long_memory(c, out))                                                                                      \
  CASE(gru, gated(c, out))                                                                                             \
  CASE(rnn, plain(c, out))                                                                                             \
  CASE(scaled_dot_product_attention,                                                                                   \
       ml_scaled_dot_product_attention(c, pictures, pictures, pictures, NULL,                                          \
                                       &(scaled_dot_product_attention_options){.causal = true}, out))                  \
  CASE(self_attention, heads_in_one(c, out))                                                                           \
  CASE(dropout, ml_dropout(c, x, &(dropout_options){0.5, 7}, out))                                                     \
  CASE(cross_entropy, ml_cross_entropy(c, x, target, row, &(cross_entropy_options){.label_smoothing = 0.1}, out))      \
  CASE(nll_loss, ml_nll_loss(c, x, target, row, REDUCTION(nll_loss, NONE), out))                                       \
  CASE(mse_loss, ml_mse_loss(c, x, y, REDUCTION(mse_loss, MEAN), out))                                                 \
  CASE(l1_loss, ml_l1_loss(c, x, y, REDUCTION(l1_loss, NONE), out))                                                    \
  CASE(huber_loss, ml_huber_loss(c, x, y, &(huber_loss_options){1, ML_REDUCTION_SUM}, out))                            \
  CASE(smooth_l1_loss, ml_smooth_l1_loss(c, x, y, &(smooth_l1_loss_options){1, ML_REDUCTION_SUM}, out))                \
  CASE(kl_div, ml_kl_div(c, x, y, &(kl_div_options){false, ML_REDUCTION_BATCHMEAN}, out))                              \
  CASE(ctc_loss, alignment(c, out))                                                                                    \
  CASE(bce_with_logits, ml_bce_with_logits(c, x, chance, row, REDUCTION(bce_with_logits, MEAN), out))

/* The values of an op that gives positions too. */
static ml_status first_of(ml_status (*op)(ml_context *, const ml_tensor *, int64_t, ml_tensor **, ml_tensor **),
                          ml_context *c, const ml_tensor *from, int64_t dim, ml_tensor **out) {
  ml_tensor *found;
  ML_TRY(op(c, from, dim, out, &found));
  ml_release(found);
  return ML_OK;
}

/* Of those with more arguments. */
#define VALUES_OF(name, call)                                                                                          \
  static ml_status name(ml_context *c, ml_tensor **out) {                                                              \
    ml_tensor *found;                                                                                                  \
    ML_TRY(call);                                                                                                      \
    ml_release(found);                                                                                                 \
    return ML_OK;                                                                                                      \
  }
VALUES_OF(sorted, ml_sort(c, x, 0, &(sort_options){0}, out, &found))
VALUES_OF(largest, ml_topk(c, x, 2, 1, &(topk_options){.largest = true}, out, &found))
VALUES_OF(third, ml_kthvalue(c, x, 3, 0, &(kthvalue_options){0}, out, &found))
VALUES_OF(middle, ml_median(c, x, ML_NO_DIM, &(median_options){0}, out, &found))
VALUES_OF(middle_number, ml_nanmedian(c, x, 0, &(nanmedian_options){0}, out, &found))

VALUES_OF(gated, ml_gru(c, batch_a, ih, gru_hh, gates, gates, NULL, NULL, &(gru_options){.reverse = true}, out, &found))
VALUES_OF(plain, ml_rnn(c, batch_a, ih, rnn_hh, NULL, NULL, NULL, lengths, &(rnn_options){0}, out, &found))

static ml_status long_memory(ml_context *c, ml_tensor **out) {
  ml_tensor *h, *cell;
  ML_TRY(ml_lstm(c, batch_a, ih, lstm_hh, gates, NULL, NULL, NULL, lengths, &(lstm_options){0}, out, &h, &cell));
  ml_release(h);
  ml_release(cell);
  return ML_OK;
}

static ml_status different(ml_context *c, ml_tensor **out) {
  ml_tensor *inverse, *counts;
  ML_TRY(ml_unique(c, integers, 0, out, &inverse, &counts));
  ml_release(inverse);
  ml_release(counts);
  return ML_OK;
}

/* x times its transpose, which is a view in the graph. */
static ml_status square_product(ml_context *c, ml_tensor **out) {
  ml_tensor *turned;
  ML_TRY(ml_transpose(c, x, 0, 1, &turned));
  ml_status status = ml_mm(c, x, turned, out);
  ml_release(turned);
  return status;
}

/* 12 steps of 4 rows over 6 classes, the last the blank. */
static ml_status alignment(ml_context *c, ml_tensor **out) {
  ml_tensor *steps;
  ML_TRY(ml_reshape(c, pictures, &(ml_shape){.ndim = 3, .size = {12, 4, 6}}, &steps));
  ml_status status = ml_ctc_loss(c, steps, places, NULL, target, &(ctc_loss_options){.blank = 6}, out);
  ml_release(steps);
  return status;
}

/* q, k and v of 3 heads beside each other. */
static ml_status heads_in_one(ml_context *c, ml_tensor **out) {
  ml_tensor *qkv;
  ML_TRY(ml_reshape(c, pictures, &(ml_shape){.ndim = 3, .size = {2, 4, 36}}, &qkv));
  ml_status status = ml_self_attention(c, qkv, NULL, 3, &(self_attention_options){.causal = true}, out);
  ml_release(qkv);
  return status;
}

/* Ways through an op that only other sizes and options take. */
#define MORE_CASES(CASE)                                                                                               \
  CASE(sum_of_many, ml_sum(c, tall, ALL_DIMS, &(sum_options){0}, out))                                                 \
  CASE(sum_of_tall_columns, ml_sum(c, tall, FIRST, &(sum_options){0}, out))                                            \
  CASE(var_of_many, ml_var(c, tall, ALL_DIMS, &(var_options){.correction = 1}, out))                                   \
  CASE(norm_of_tall_columns, ml_norm(c, tall, FIRST, &(norm_options){.p = 3}, out))                                    \
  CASE(logsumexp_of_many, ml_logsumexp(c, tall, ALL_DIMS, &(logsumexp_options){0}, out))                               \
  CASE(max_of_many, ml_max(c, tall, ALL_DIMS, &(max_options){0}, out))                                                 \
  CASE(argmax_of_many, ml_argmax(c, tall, ML_NO_DIM, &(argmax_options){0}, out))                                       \
  CASE(mse_loss_of_many, ml_mse_loss(c, tall, tall, REDUCTION(mse_loss, MEAN), out))                                   \
  CASE(layer_norm_of_many, ml_layer_norm(c, tall, NULL, NULL, &(layer_norm_options){2, 1e-5}, out))                    \
  CASE(softmax_of_columns, ml_softmax(c, tall, 0, out))                                                                \
  CASE(mm_of_many, many_products(c, out))                                                                              \
  CASE(matmul_broadcast, ml_matmul(c, pictures, matrices, out))                                                        \
  CASE(conv2d_with_stride,                                                                                             \
       ml_conv2d(c, pictures, wide_kernel, bias, &(conv2d_options){{2, 2}, {1, 1}, {1, 1}, 1}, out))                   \
  CASE(conv2d_by_winograd,                                                                                             \
       ml_conv2d(c, deep, deep_kernel, deep_bias, &(conv2d_options){{1, 1}, {1, 1}, {1, 1}, 1}, out))                  \
  CASE(conv2d_relu_by_winograd,                                                                                        \
       ml_conv2d_relu(c, deep, deep_kernel, deep_bias, &(conv2d_relu_options){{1, 1}, {1, 1}, {1, 1}, 1}, out))        \
  CASE(batch_norm_and_relu, ml_batch_norm(c, pictures, channel, channel, NULL, NULL,                                   \
                                          &(batch_norm_options){true, 0.1, 1e-5, ML_ACTIVATION_RELU}, out))            \
  CASE(conv2d_dilated, ml_conv2d(c, pictures, wide_kernel, bias, &(conv2d_options){{1, 1}, {-1, -1}, {2, 2}, 1}, out)) \
  CASE(conv2d_by_depth,                                                                                                \
       ml_conv2d(c, pictures, depth_kernel, channel, &(conv2d_options){{1, 1}, {1, 1}, {1, 1}, 4}, out))               \
  CASE(embedding_of_many, ml_embedding(c, ids, tall, out))                                                             \
  CASE(batch_norm_of_many,                                                                                             \
       ml_batch_norm(c, tall, NULL, NULL, NULL, NULL, &(batch_norm_options){true, 0.1, 1e-5, ML_ACTIVATION_NONE}, out))                    \
  CASE(batch_norm_at_rest, ml_batch_norm(c, pictures, channel, NULL, running_mean, running_var,                        \
                                         &(batch_norm_options){false, 0.1, 1e-5, ML_ACTIVATION_NONE}, out))                                \
  CASE(cross_entropy_of_many, ml_cross_entropy(c, tall, classes, NULL, &(cross_entropy_options){0}, out))

/* What a convolution gives lies channels-last. */
static ml_status group_norm_of_convolution(ml_context *c, ml_tensor **out) {
  ml_tensor *made;
  ML_TRY(ml_conv2d(c, pictures, kernel, NULL, &(conv2d_options){{1, 1}, {1, 1}, {1, 1}, 2}, &made));
  ml_status status = ml_group_norm(c, made, NULL, NULL, 3, &(group_norm_options){1e-5}, out);
  ml_release(made);
  return status;
}

static ml_status many_products(ml_context *c, ml_tensor **out) {
  ml_tensor *turned;
  ML_TRY(ml_transpose(c, tall, 0, 1, &turned));
  ml_status status = ml_mm(c, turned, tall, out);
  ml_release(turned);
  return status;
}

typedef ml_status (*op_function)(ml_context *c, ml_tensor **out);
#define DEFINE(name, call)                                                                                             \
  static ml_status run_##name(ml_context *c, ml_tensor **out) { return call; }
CASES(DEFINE)
MORE_CASES(DEFINE)

typedef struct op_case {
  const char *name;
  op_function run;
} op_case;
#define ENTRY(name, call) {#name, run_##name},
static const op_case cases[] = {CASES(ENTRY)}, more_cases[] = {MORE_CASES(ENTRY)};
enum { COUNT = sizeof cases / sizeof *cases, MORE = sizeof more_cases / sizeof *more_cases };

static ml_status run_op(const void *arg, ml_tensor **out) {
  const op_case *k = arg;
  ML_TRY(k->run(&context, out));
  if (!(*out)->node) return ML_OK;
  return go_back(&context, *out, false);
}

static bool has_case(const ml_op *op) {
  for (int i = 0; i < COUNT; i++) {
    if (strcmp(op->name, cases[i].name) == 0) return true;
  }
  return false;
}

/* With the graph of the backward pass, which is made of ops where an op has a second gradient. */
static ml_status run_op_recorded(const void *arg, ml_tensor **out) {
  const op_case *k = arg;
  ML_TRY(k->run(&context, out));
  return (*out)->node && (*out)->node->op->second_order ? go_back(&context, *out, true) : ML_OK;
}

/* An elementwise op needs no case of its own: the table says what it takes. */
static ml_status run_elementwise(const void *arg, ml_tensor **out) {
  const ml_op *op = arg;
  double args[4] = {0.25, 0.75, 0.5, 2};
  ml_tensor *given[] = {y, row, x};
  for (int i = 0; i < op->inputs; i++) given[i] = op->input_kind[i] == ML_INPUT_MASK ? mask : given[i];
  ml_call call = {.op = op, .in = given, .count = op->inputs, .args = op->args_size ? args : NULL};
  ML_TRY(ml_apply(&context, &call, out));
  return (*out)->node ? go_back(&context, *out, false) : ML_OK;
}

static void test_every_op_survives(void) {
  for (layout how = PLAIN; how < LAYOUTS; how++) {
    make_inputs(how);
    for (int i = 0; i < COUNT; i++) sweep(run_op, &cases[i], cases[i].name, layout_names[how]);
    for (const ml_op *op = ml_ops; op < ml_ops + ML_OPS; op++) {
      if (op->family == ML_FAMILY_ELEMENTWISE && !has_case(op)) sweep(run_elementwise, op, op->name, layout_names[how]);
    }
    for (int i = 0; i < MORE && how == PLAIN; i++) sweep(run_op, &more_cases[i], more_cases[i].name, "plain");
    for (int i = 0; i < COUNT && how == PLAIN; i++) sweep(run_op_recorded, &cases[i], cases[i].name, "recorded");
    reset();
    release_inputs();
  }
}

/* Whoever adds an op that is more than its entry adds it here. */
static void test_every_op_of_the_table_is_swept(void) {
  for (const ml_op *op = ml_ops; op < ml_ops + ML_OPS; op++)
    check_record(op->family == ML_FAMILY_ELEMENTWISE || has_case(op), __FILE__, __LINE__, "%s is not swept", op->name);
}

int main(void) {
  ml_context_init(&context);
  size_t live = ml_alloc_statistics().live;
  test_every_op_of_the_table_is_swept();
  test_every_op_survives();
  CHECK_INT(ml_alloc_statistics().live, live);
  ml_threads_stop();
  return check_report();
}
