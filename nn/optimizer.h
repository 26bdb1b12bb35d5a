/* Steps of the optimizers over lists of parameters, and norms and clipping of their gradients.
 *
 * The formulas and their order are PyTorch's. A parameter without a gradient is left as it is. Parameters and state are
 * contiguous, float32 or float64, state is of its parameter's type and size and starts as zeros. Writing counts the
 * parameter's version up, so that a backward through an older graph notices. */
#ifndef ML_OPTIMIZER_H
#define ML_OPTIMIZER_H

#include "tensor/tensor.h"

/* With g the gradient (+ weight_decay p, except where the decay is decoupled: there p first shrinks by lr
 * weight_decay): ML_SGD      momentum: b = momentum b + g, g = b (nesterov: g + momentum b);  p -= lr g.  Keeps b, if
 * momentum > 0. ML_ADAM     m += (1 - beta1)(g - m);  v = beta2 v + (1 - beta2) g^2; p -= lr / (1 - beta1^step) m /
 * (sqrt(v) / sqrt(1 - beta2^step) + eps).  Keeps m, v and, for amsgrad, the largest v so far, which stands in for v.
 * Kingma and Ba 2015; Reddi et al. 2018. ML_ADAMW    the same, the decay decoupled. Loshchilov and Hutter 2019.
 *   ML_RMSPROP  v = alpha v + (1 - alpha) g^2;  centered: m += (1 - alpha)(g - m), v - m^2 stands in for v;
 *               g = g / (sqrt(v) + eps);  momentum: b = momentum b + g, g = b;  p -= lr g.  Keeps v, m or not, b or
 * not. ML_ADAGRAD  s += g^2;  p -= lr / (1 + (step - 1) lr_decay) g / (sqrt(s) + eps).  Keeps s. Duchi et al. 2011.
 *   ML_LION     p -= lr sign(m + (1 - beta1)(g - m));  m += (1 - beta2)(g - m); decoupled. Keeps m. Chen et al. 2023.
 */
typedef enum ml_update_rule { ML_SGD, ML_ADAM, ML_ADAMW, ML_RMSPROP, ML_ADAGRAD, ML_LION } ml_update_rule;

typedef struct ml_update_options {
  ml_update_rule rule;
  double lr, weight_decay, momentum, beta1, beta2, eps, alpha, lr_decay;
  bool nesterov;
} ml_update_options;

/* What is kept for the parameters: of[j] has a tensor for each; NULL where a rule keeps nothing. */
enum { ML_UPDATE_STATES = 3 };
typedef struct ml_update_states {
  ml_tensor *const *of[ML_UPDATE_STATES];
} ml_update_states;

/* Step `step` (the first is 1) of all parameters in one run. */
ML_CHECKED ml_status ml_optimizer_step(ml_context *c, int count, ml_tensor *const *params,
                                       const ml_update_states *states, int64_t step, const ml_update_options *options);

/* averages[i] += (1 - decay) (params[i] - averages[i]). */
ML_CHECKED ml_status ml_average_step(ml_context *c, int count, ml_tensor *const *averages, ml_tensor *const *params,
                                     double decay);

/* Multiplies all gradients. */
ML_CHECKED ml_status ml_scale_grads(ml_context *c, int count, ml_tensor *const *params, double factor);

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
