/* What a Fourier transform of n points needs beside the data: its factors, the powers of e^(-2 pi i / n), computed in double
 * precision, and, where n has other factors than 2, 3 and 5, what turns it into a convolution of a power of two (Bluestein 1970).
 * The kernels work on a plan and scratch memory alone. */
#ifndef ML_FFT_PLAN_H
#define ML_FFT_PLAN_H

#include "tensor/dtype.h"

enum { FFT_FACTORS = 48 };

/* Tables that are read by vectors: FFT_BLOCK real parts, their imaginary parts, and so on. Where number k's real part is: */
enum { FFT_BLOCK = 16 };
static inline int64_t fft_at(int64_t k) { return k / FFT_BLOCK * 2 * FFT_BLOCK + k % FFT_BLOCK; }

typedef struct fft_plan {
  int64_t n;
  ml_dtype dtype;
  int factors, factor[FFT_FACTORS];
  void *twiddle; /* of each pass, p = 0.., k = 1..radix - 1: w^(p k), as pairs */
  void *wide;    /* of the first pass again, where it is of radix 16 and n >= 256: for k = 1..15 the real parts of all p, then the others; else NULL */
  void *half;    /* in blocks e^(-pi i k / n), k = 0..n: joins the halves of a real transform of 2n points */
  /* Bluestein, in blocks: chirp e^(-pi i j^2 / n), j < n; its transform, divided by the larger plan's n; else NULL */
  struct fft_plan *convolution;
  void *chirp, *chirp_transform;
} fft_plan;

/* The plan for n points from a small cache of this thread: valid until some other plans have been asked for. */
ML_CHECKED ml_status fft_plan_get(ml_context *c, int64_t n, ml_dtype dtype, const fft_plan **out);

/* What the kernels are given. Rows are transforms: row r of x begins at (r / inner) * x_length * inner * x_pair + (r % inner) *
 * x_pair; x_pair is 2 where its elements are complex, 1 where they are real. y likewise. */
typedef enum fft_kind { FFT_COMPLEX, FFT_INVERSE, FFT_REAL, FFT_REAL_INVERSE } fft_kind;
typedef struct fft_job {
  const fft_plan *plan; /* of n points; of n / 2 for an even n of real kinds */
  fft_kind kind;
  int64_t n, rows, inner, x_length, y_length;
  double scale;
  const void *x;
  void *y;
  bool each;     /* one row at a time, its neighbours in the lanes of vectors */
  char *scratch; /* a part for each thread */
  size_t stride;
} fft_job;

#endif
