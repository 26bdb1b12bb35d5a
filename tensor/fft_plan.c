/* Factors, twiddles, chirps. */

#include "tensor/fft_plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* e^(-2 pi i k / n), the angle reduced exactly; 1, -i, -1 and i are exact. */
static void root(int64_t k, int64_t n, double out[2]) {
  k %= n;
  if (4 * k % n == 0) {
    static const double quarters[4][2] = {{1, 0}, {0, -1}, {-1, 0}, {0, 1}};
    memcpy(out, quarters[4 * k / n], sizeof quarters[0]);
    return;
  }
  double angle = 2 * M_PI * (double)k / (double)n;
  out[0] = cos(angle);
  out[1] = -sin(angle);
}

/* The real part to place i, the imaginary part `apart` behind it. */
static void put(ml_dtype dtype, void *p, int64_t i, int64_t apart, const double w[2]) {
  for (int part = 0; part < 2; part++) {
    if (dtype == ML_FLOAT64) ((double *)p)[i + part * apart] = w[part];
    else ((float *)p)[i + part * apart] = (float)w[part];
  }
}

static void put_in_blocks(ml_dtype dtype, void *p, int64_t k, const double w[2]) { put(dtype, p, fft_at(k), FFT_BLOCK, w); }

/* Room for n numbers in blocks. */
static void *blocks(int64_t n, ml_dtype dtype) { return calloc((size_t)(n + FFT_BLOCK - 1) / FFT_BLOCK, 2 * FFT_BLOCK * ml_dtype_size(dtype)); }

static bool smooth(int64_t n) {
  for (int f = 2; f <= 5; f++) {
    while (n % f == 0) n /= f;
  }
  return n == 1;
}

static void free_plan(fft_plan *p) {
  if (!p) return;
  free_plan(p->convolution);
  free(p->twiddle);
  free(p->wide);
  free(p->half);
  free(p->chirp);
  free(p->chirp_transform);
  free(p);
}

/* The largest first, so that a 16 is the first, if there is one; 8 and 4 rather than 16 and 2. */
static int64_t factorise(fft_plan *p) {
  static const int radix[] = {16, 8, 4, 2, 3, 5};
  int64_t n = p->n, twiddles = 0;
  for (int i = 0; i < 6; i++) {
    while (n % radix[i] == 0 && !(radix[i] == 16 && n % 32 == 0 && n % 64 != 0)) {
      p->factor[p->factors++] = radix[i];
      n /= radix[i];
      twiddles += n * (radix[i] - 1);
    }
  }
  return twiddles;
}

static void fill_twiddles(fft_plan *p) {
  int64_t n = p->n, at = 0;
  double w[2];
  for (int i = 0; i < p->factors; i++) {
    int64_t m = n / p->factor[i];
    for (int64_t j = 0; j < m; j++) {
      for (int k = 1; k < p->factor[i]; k++) {
        root(j * k, n, w);
        put(p->dtype, p->twiddle, 2 * at++, 1, w);
      }
    }
    n = m;
  }
}

static void fill_wide(fft_plan *p) {
  int64_t m = p->n / 16;
  for (int k = 1; k < 16; k++) {
    for (int64_t j = 0; j < m; j++) {
      double w[2];
      root(j * k, p->n, w);
      put(p->dtype, p->wide, (2 * k - 2) * m + j, m, w);
    }
  }
}

/* The transform of n = 2^k points in place, in double: made once a plan. */
static void transform(double *z, int64_t n) {
  for (int64_t i = 1, j = 0; i < n; i++) {
    int64_t bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    for (int part = 0; part < 2 && i < j; part++) {
      double t = z[2 * i + part];
      z[2 * i + part] = z[2 * j + part], z[2 * j + part] = t;
    }
  }
  for (int64_t length = 2; length <= n; length *= 2) {
    for (int64_t k = 0; k < length / 2; k++) {
      double w[2];
      root(k, length, w);
      for (int64_t i = k; i < n; i += length) {
        double *a = z + 2 * i, *b = z + 2 * (i + length / 2), re = b[0] * w[0] - b[1] * w[1], im = b[0] * w[1] + b[1] * w[0];
        b[0] = a[0] - re, b[1] = a[1] - im;
        a[0] += re, a[1] += im;
      }
    }
  }
}

static fft_plan *make_plan(int64_t n, ml_dtype dtype);

static bool make_chirp(fft_plan *p) {
  int64_t m = 1, n = p->n;
  while (m < 2 * n - 1) m *= 2;
  p->convolution = make_plan(m, p->dtype);
  p->chirp = blocks(n, p->dtype);
  p->chirp_transform = blocks(m, p->dtype);
  double *z = calloc((size_t)m, 2 * sizeof *z);
  bool made = p->convolution && p->chirp && p->chirp_transform && z;
  for (int64_t j = 0; made && j < n; j++) {
    double w[2];
    root((int64_t)((__int128)j * j % (2 * n)), 2 * n, w);
    put_in_blocks(p->dtype, p->chirp, j, w);
    for (int side = 0; side < 2; side++) {
      int64_t at = side == 0 ? j : (m - j) % m;
      z[2 * at] = w[0], z[2 * at + 1] = -w[1];
    }
  }
  if (made) transform(z, m);
  for (int64_t j = 0; made && j < m; j++) put_in_blocks(p->dtype, p->chirp_transform, j, (double[]){z[2 * j] / (double)m, z[2 * j + 1] / (double)m});
  free(z);
  return made;
}

static fft_plan *make_plan(int64_t n, ml_dtype dtype) {
  fft_plan *p = calloc(1, sizeof *p);
  size_t pair = 2 * ml_dtype_size(dtype);
  if (!p) return NULL;
  p->n = n;
  p->dtype = dtype;
  p->half = blocks(n + 1, dtype);
  bool made = p->half != NULL;
  for (int64_t k = 0; made && k <= n; k++) {
    double w[2];
    root(k, 2 * n, w);
    put_in_blocks(dtype, p->half, k, w);
  }
  if (made && smooth(n)) {
    p->twiddle = malloc((size_t)(factorise(p) + 1) * pair);
    bool wide = p->factor[0] == 16 && n >= 16 * FFT_BLOCK;
    if (wide) p->wide = malloc((size_t)(n / 16 * 15) * pair);
    made = p->twiddle && (p->wide || !wide);
    if (made) fill_twiddles(p);
    if (made && wide) fill_wide(p);
  } else if (made) {
    made = make_chirp(p);
  }
  if (made) return p;
  free_plan(p);
  return NULL;
}

enum { CACHED = 8 };
static _Thread_local fft_plan *cache[CACHED];
static _Thread_local int oldest;

ml_status fft_plan_get(ml_context *c, int64_t n, ml_dtype dtype, const fft_plan **out) {
  for (int i = 0; i < CACHED; i++) {
    *out = cache[i];
    if (cache[i] && cache[i]->n == n && cache[i]->dtype == dtype) return ML_OK;
  }
  fft_plan *made = make_plan(n, dtype);
  *out = made;
  if (!made) return ml_fail_as(c, ML_OUT_OF_MEMORY, "fft: no memory for the plan of %lld points", (long long)n);
  free_plan(cache[oldest]);
  cache[oldest] = made;
  oldest = (oldest + 1) % CACHED;
  return ML_OK;
}
