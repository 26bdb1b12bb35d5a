/* Lasso and elastic net by coordinate descent, from the largest penalty to the smallest, each begun where the last ended:
 *
 *   |y - X w|^2 / (2 n) + alpha l1_ratio |w|_1 + alpha (1 - l1_ratio) / 2 |w|^2
 *
 * Columns that the strong rule (Tibshirani et al. 2012) leaves out are looked at once more when the others are done. Of the columns that
 * are in use their products are kept, so that a step costs their number instead of n (Friedman, Hastie & Tibshirani 2010). */
#ifndef ML_CLASSICAL_COORDINATE_H
#define ML_CLASSICAL_COORDINATE_H

#include "classical/rows.h"

typedef struct ml_coordinate {
  ml_rows x;
  const double *y;        /* n */
  bool intercept;         /* x and y are centred */
  int64_t count;          /* of penalties */
  double *alphas;         /* falling; where the first is 0, they are made: from the least that leaves nothing down to `shortest` times it */
  double shortest;
  double l1_ratio;        /* above 0 */
  double tolerance;       /* of the duality gap, against |y|^2 / n */
  int most;               /* sweeps over the columns for one penalty */
  /* results */
  double *w;              /* count x p */
  double *intercepts;     /* count */
  double *gaps;           /* count: as scikit-learn has them, over n */
  int64_t sweeps;
  bool converged;
} ml_coordinate;

ML_CHECKED ml_status ml_coordinate_path(ml_context *c, ml_coordinate *s);

#endif
