/* What the order of scores says: the area under the ROC curve, average precision, the steps of both curves. */
#ifndef ML_RANKING_H
#define ML_RANKING_H

#include "tensor/tensor.h"

/* Scores in rising order, as ml_sort_rows gives them. */
typedef struct ml_ranked_rows {
  const double *score;    /* [n], no NaN */
  const int64_t *row;     /* [n]: where each stands in `found` and `weight`, from 1 */
  const uint8_t *found;   /* [n]: 1 where the row is of the class that is looked for, as ml_ranking_find fills it in, else 0 */
  const double *weight;   /* [n], not negative, or NULL */
  int64_t n;
} ml_ranked_rows;

/* actual: classes [n] -> found [n]. In bytes they stay in the cache while the rows are looked up in the order of the scores. */
ML_CHECKED ml_status ml_ranking_find(ml_context *c, const int64_t *actual, int64_t n, int64_t positive, uint8_t *found);

/* Rows with equal scores are one step. */
typedef struct ml_ranking {
  double area;              /* of positives and negatives, the share of pairs in the right order; equal ones count half */
  double average_precision; /* sum of (R_k - R_{k-1}) P_k from the highest score on */
  double positives, negatives; /* their weights. area is defined where both are above 0, average_precision where there are positives */
  int64_t steps;            /* distinct scores */
} ml_ranking;

ML_CHECKED ml_status ml_ranking_of(ml_context *c, const ml_ranked_rows *x, ml_ranking *out);

/* From the highest score: [steps] the score, and the weights of positives and of negatives that have it or a higher one. */
ML_CHECKED ml_status ml_ranking_steps(ml_context *c, const ml_ranked_rows *x, double *score, double *positives, double *negatives);

#endif
