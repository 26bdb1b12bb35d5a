/* The columns that coordinate descent works on: centred, each contiguous; and the products of those that are in use. */
#ifndef ML_CLASSICAL_COORDINATE_COLUMNS_H
#define ML_CLASSICAL_COORDINATE_COLUMNS_H

#include "classical/rows.h"

typedef struct ml_columns {
  int64_t n, p;
  double *x;       /* p x n, centred, times the roots of the weights, which add up to n */
  double *y;       /* n */
  double *mean;    /* p + 1: of the columns and y */
  double *norm;    /* p: |x_j| / sqrt(n) */
  int64_t used;    /* columns in use */
  int64_t *column; /* p: those, in the order in which they came */
  int64_t *place;  /* p: where each stands there, -1 if it isn't in use */
  double *taken;   /* room x n: their numbers */
  float *gram;     /* room x room: their products, over n and over both their norms: correlations, which a float holds */
  int64_t room;
  void *memory;
  size_t bytes;
} ml_columns;

ML_CHECKED ml_status ml_columns_make(ml_context *c, const ml_rows *x, const double *y, bool intercept, ml_columns *out);
void ml_columns_free(ml_columns *d);
/* Takes columns into use: list[0 .. count - 1]. */
ML_CHECKED ml_status ml_columns_take(ml_context *c, ml_columns *d, const int64_t *list, int64_t count);
/* along[j] = x_j . r / n for the columns in `list` (NULL: all). */
ML_CHECKED ml_status ml_columns_along(ml_context *c, const ml_columns *d, const double *r, const int64_t *list, int64_t count, double *along);

#endif
