/* Runs something with its n-th allocation failing, once and for ever, for every n until nothing fails any more, and compares
 * the bits of the runs between. */

#ifndef ML_TESTS_ALLOC_SWEEP_H
#define ML_TESTS_ALLOC_SWEEP_H

#include "tensor/alloc.h"
#include "tests/c/alloc_inputs.h"

/* The bits of a result and of all gradients, to compare runs by: a sum of them (FNV-1a, by words), and how many. */
typedef struct trace {
  uint64_t sum;
  size_t bytes;
} trace;
static const trace nothing = {14695981039346656037u, 0};

static inline bool same(const trace *a, const trace *b) { return a->sum == b->sum && a->bytes == b->bytes; }

static inline void trace_tensor(trace *t, const ml_tensor *value) {
  ml_tensor *flat;
  if (!value) return;
  CHECK_OK(&context, ml_contiguous_unrecorded(&context, value, &flat));
  size_t bytes = (size_t)ml_count(flat) * ml_dtype_size((ml_dtype)flat->dtype);
  for (size_t at = 0; at < bytes; at += 4) {
    uint32_t word = 0;
    memcpy(&word, (char *)ml_data(flat) + at, bytes - at < 4 ? bytes - at : 4);
    t->sum = (t->sum ^ word) * 1099511628211u;
  }
  t->bytes += bytes;
  ml_release(flat);
}

static inline void trace_gradients(trace *t) {
  for (int i = 0; i < INPUTS; i++) trace_tensor(t, (*inputs[i])->grad);
  for (int i = 1; i < 40; i++) trace_tensor(t, many[i]->grad);
}

/* The sum of a result's elements, weighed so that each has its own gradient, and backward through it. */
static inline ml_status go_back(ml_context *c, ml_tensor *result, bool create_graph) {
  ml_tensor *loss = NULL, *squared = NULL;
  ml_status status = ml_square(c, result, &squared);
  if (status == ML_OK) status = ml_sum(c, squared, &(ml_dims){.count = -1}, &(sum_options){0}, &loss);
  if (status == ML_OK) status = ml_backward(c, loss, &(ml_backward_options){.create_graph = create_graph});
  ml_release(loss);
  ml_release(squared);
  return status;
}

typedef ml_status (*scenario)(const void *arg, ml_tensor **out);

/* A run that must succeed. */
static inline void run_right(scenario run, const void *arg, const char *name, const char *how, trace *t) {
  ml_tensor *out = NULL;
  reset();
  ml_status status = run(arg, &out);
  check_record(status == ML_OK, __FILE__, __LINE__, "%s, %s: %s", name, how, context.message);
  *t = nothing;
  trace_tensor(t, out);
  trace_gradients(t);
  ml_release(out);
  reset();
}

/* A run in which the n-th allocation fails. True when it succeeded: there is no n-th any more. */
static inline bool run_failing(scenario run, const void *arg, const char *name, const char *how, uint64_t n, bool for_ever) {
  size_t live = ml_alloc_statistics().live;
  ml_tensor *out = NULL;
  context.message[0] = '\0';
  ml_alloc_fail_at(n, for_ever);
  ml_status status = run(arg, &out);
  ml_alloc_fail_at(0, false);
  ml_release(out);
  reset();
  size_t after = ml_alloc_statistics().live;
  check_record(after == live, __FILE__, __LINE__, "%s, %s, allocation %d: %zd bytes leaked", name, how, (int)n,
               (ssize_t)(after - live));
  if (status == ML_OK) return true;
  check_record(status == ML_OUT_OF_MEMORY, __FILE__, __LINE__, "%s, %s, allocation %d: status %d, %s", name, how,
               (int)n, (int)status, context.message);
  check_record(strstr(context.message, "out of memory") != NULL, __FILE__, __LINE__,
               "%s, %s, allocation %d: the message is '%s'", name, how, (int)n, context.message);
  check_record(context.grad_enabled, __FILE__, __LINE__, "%s, %s, allocation %d: recording is off", name, how, (int)n);
  context.grad_enabled = true;
  return false;
}

static inline void sweep(scenario run, const void *arg, const char *name, const char *how) {
  trace right, again;
  run_right(run, arg, name, how, &right); /* and what is made once, at the first use, is there now */
  uint64_t n = 1;
  for (int for_ever = 0; for_ever < 2; for_ever++) {
    for (n = 1; n < 5000 && !run_failing(run, arg, name, how, n, for_ever); n++) {
      run_right(run, arg, name, how, &again);
      check_record(same(&right, &again), __FILE__, __LINE__, "%s, %s: other bits after allocation %d had failed", name,
                   how, (int)n);
    }
    check_record(n > 1 && n < 5000, __FILE__, __LINE__, "%s, %s: %d allocations", name, how, (int)n - 1);
  }
}

#endif
