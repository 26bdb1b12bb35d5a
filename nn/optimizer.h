/* Steps of the optimizers over lists of parameters, and norms and clipping of their gradients.
 *
 * The formulas and their order are PyTorch's. A parameter without a gradient is left as it is. Parameters and state are
 * contiguous, float32 or float64, state is of its parameter's type and size and starts as zeros. Writing counts the
 * parameter's version up, so that a backward through an older graph notices. */
#ifndef ML_OPTIMIZER_H
#define ML_OPTIMIZER_H

#include "tensor/tensor.h"

typedef struct ml_sgd_options {
  double lr, momentum, weight_decay;
  bool nesterov;
} ml_sgd_options;

/* g += weight_decay * p; with momentum: b = momentum * b + g, and g = b (nesterov: g + momentum * b); p -= lr * g.
 * buffers: one b a parameter; NULL when momentum is 0. */
ML_CHECKED ml_status ml_sgd_step(ml_context *c, int count, ml_tensor *const *params, ml_tensor *const *buffers,
                                 const ml_sgd_options *options);

typedef struct ml_adam_options {
  double lr, beta1, beta2, eps, weight_decay;
  bool decoupled; /* AdamW: p shrinks by lr * weight_decay; otherwise weight_decay * p joins the gradient */
} ml_adam_options;

/* m += (1 - beta1)(g - m); v = beta2 v + (1 - beta2) g^2;
 * p -= lr / (1 - beta1^step) * m / (sqrt(v) / sqrt(1 - beta2^step) + eps). The first step is 1.
 * Kingma and Ba 2015; Loshchilov and Hutter 2019. */
ML_CHECKED ml_status ml_adam_step(ml_context *c, int count, ml_tensor *const *params, ml_tensor *const *m,
                                  ml_tensor *const *v, int64_t step, const ml_adam_options *options);

/* The 2-norm of all gradients together, summed in double in a fixed order. Not finite when a gradient is not. */
ML_CHECKED ml_status ml_grad_norm(ml_context *c, int count, ml_tensor *const *params, double *norm);

/* Scales all gradients by max_norm / (norm + 1e-6) if that is below 1. *norm: as it was before. Gradients whose norm is
 * not finite are left alone: no scale mends them. */
ML_CHECKED ml_status ml_clip_grad_norm(ml_context *c, int count, ml_tensor *const *params, double max_norm,
                                       double *norm);

/* Keeps each element of each gradient within -limit..limit. */
ML_CHECKED ml_status ml_clip_grad_value(ml_context *c, int count, ml_tensor *const *params, double limit);

/* *bad: the position of the first parameter whose gradient has NaN or infinity, -1 if none has. */
ML_CHECKED ml_status ml_grads_finite(ml_context *c, int count, ml_tensor *const *params, int *bad);

#endif
