/* Weighted means along rows and across them. Sums are exact integers: no order of adding changes them. */

#include "media/kernels/resize.h"

#include <string.h>

#include "tensor/kernels/isa.h"

typedef int32_t vec4 __attribute__((vector_size(16)));
typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef uint16_t words8 __attribute__((vector_size(16)));

enum { HALF = 1 << (ML_RESIZE_BITS - 1), BLOCK = 512 };

static inline uint8_t rounded(int32_t sum) { /* what weights rounded up add is less than a byte */
  int32_t v = sum >> ML_RESIZE_BITS;
  return (uint8_t)(v > 255 ? 255 : v);
}

/* One result of `channels` values. x: the first of its pixels. */
static inline void mean_of(const uint8_t *x, const int32_t *weight, int64_t count, int64_t channels, uint8_t *y) {
  for (int64_t k = 0; k < channels; k++) {
    int32_t sum = HALF;
    for (int64_t i = 0; i < count; i++) sum += x[i * channels + k] * weight[i];
    y[k] = rounded(sum);
  }
}

/* 4 bytes as 4 integers, in steps that every instruction set has. */
static inline vec4 widened(const uint8_t *x) {
  int32_t word;
  memcpy(&word, x, sizeof word);
  bytes16 low = (bytes16)(vec4){word, 0, 0, 0};
  words8 wider = (words8)__builtin_shuffle(low, (bytes16){0}, (bytes16){0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23});
  return (vec4)__builtin_shuffle(wider, (words8){0}, (words8){0, 8, 1, 9, 2, 10, 3, 11});
}

/* The same of 3 or 4 values at once; reads 4 bytes of each pixel. */
static inline void mean_of_4(const uint8_t *x, const int32_t *weight, int64_t count, int64_t channels, uint8_t *y) {
  vec4 sum = {HALF, HALF, HALF, HALF};
  for (int64_t i = 0; i < count; i++) sum += widened(x + i * channels) * weight[i];
  for (int64_t k = 0; k < channels; k++) y[k] = rounded(sum[k]);
}

static inline void along_row(const ml_resize_pass *p, const uint8_t *x, uint8_t *y, int64_t channels, bool last) {
  const ml_resize_axis *a = p->axis;
  for (int64_t j = 0; j < a->to; j++, y += channels) {
    const uint8_t *from = x + a->first[j] * channels;
    const int32_t *weight = a->weight + j * a->taps;
    bool at_end = last && a->first[j] + a->count[j] == p->width; /* a fourth byte may not be there */
    if (channels == 4 || (channels == 3 && !at_end))
      mean_of_4(from, weight, a->count[j], channels, y);
    else
      mean_of(from, weight, a->count[j], channels, y);
  }
}

static void along(void *arg, int64_t begin, int64_t end) {
  const ml_resize_pass *p = arg;
  for (int64_t i = begin; i < end; i++) {
    const uint8_t *x = p->x + i * p->width * p->channels;
    uint8_t *y = p->y + i * p->axis->to * p->channels;
    bool last = i == p->height - 1;
    switch (p->channels) {
    case 1: along_row(p, x, y, 1, last); break;
    case 3: along_row(p, x, y, 3, last); break;
    case 4: along_row(p, x, y, 4, last); break;
    default: along_row(p, x, y, p->channels, last);
    }
  }
}

/* n values of one row of the result. x: the first of its rows, `step` bytes apart. */
static void across_block(const uint8_t *x, int64_t step, const int32_t *weight, int64_t count, int64_t n, uint8_t *y) {
  int32_t sum[BLOCK];
  for (int64_t j = 0; j < n; j++) sum[j] = HALF;
  for (int64_t i = 0; i < count; i++, x += step)
    for (int64_t j = 0; j < n; j++) sum[j] += x[j] * weight[i];
  for (int64_t j = 0; j < n; j++) y[j] = rounded(sum[j]);
}

static void across(void *arg, int64_t begin, int64_t end) {
  const ml_resize_pass *p = arg;
  const ml_resize_axis *a = p->axis;
  int64_t step = p->width * p->channels;
  for (int64_t i = begin; i < end; i++)
    for (int64_t j = 0; j < step; j += BLOCK)
      across_block(p->x + a->first[i] * step + j, step, a->weight + i * a->taps, a->count[i], step - j < BLOCK ? step - j : BLOCK,
                   p->y + i * step + j);
}

extern const ml_parallel_body ML_ISA_SYMBOL(ml_resize_kernels)[ML_RESIZE_KERNELS];
const ml_parallel_body ML_ISA_SYMBOL(ml_resize_kernels)[ML_RESIZE_KERNELS] = {along, across};
