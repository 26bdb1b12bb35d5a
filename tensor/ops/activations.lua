-- Activations --------------------------------------------------------------------------------------------------------

op "sigmoid" {
  family = "unary", accepts = "float", forward = "1 / (1 + exp(-x))", grad = { x = "g * z * (1 - z)" },
  doc = "1 / (1 + exp(-x)).",
  example = "ml.tensor{0.0, 2.0}:sigmoid()   --> 0.5  0.8808",
}
op "softplus" {
  family = "unary", accepts = "float", forward = "where(gt(x, 0), x, 0) + log1p(exp(-abs(x)))",
  grad = { x = "g * sigmoid(x)" }, -- not g / (1 + exp(-x)): its own gradient would be 0 * inf far below 0
  doc = "log(1 + exp(x)), without overflow.",
  example = "ml.tensor{0.0, 2.0}:softplus()   --> 0.6931  2.1269",
}
op "logsigmoid" {
  family = "unary", accepts = "float", forward = "-softplus(-x)", grad = { x = "g * sigmoid(-x)" },
  doc = "log(sigmoid(x)), without overflow.",
  example = "ml.tensor{0.0, 2.0}:logsigmoid()   --> -0.6931  -0.1269",
}
op "relu" {
  family = "unary", accepts = "number", forward = "where(lt(x, 0), 0, x)", -- maximum(x, 0) would give NaN no way through
  grad = { x = "where(gt(z, 0), g, 0)" }, domain = { x = { -2, 2 }, apart = 0.01 },
  doc = "x where it is positive, 0 elsewhere. The gradient at 0 is 0.",
  example = "ml.tensor{-1.0, 2.0}:relu()   --> 0  2",
}
op "leaky_relu" {
  family = "elementwise", accepts = "float", args = { { "x", "tensor" }, { "slope", "number", 0.01 } },
  forward = "where(gt(x, 0), x, slope * x)", grad = { x = "where(gt(x, 0), g, slope * g)" },
  domain = { x = { -2, 2 }, apart = 0.01 }, cases = { { x = { 3, 4 }, slope = 0.2 } },
  doc = "x where it is positive, slope * x elsewhere.",
  example = "ml.tensor{-1.0, 2.0}:leaky_relu()   --> -0.01  2",
}
op "elu" {
  family = "elementwise", accepts = "float", args = { { "x", "tensor" }, { "alpha", "number", 1.0 } },
  forward = "where(gt(x, 0), x, alpha * (exp(x) - 1))", grad = { x = "where(gt(x, 0), g, g * (z + alpha))" },
  domain = { x = { -2, 2 }, apart = 0.01 }, cases = { { x = { 3, 4 }, alpha = 0.7 } },
  doc = "x where it is positive, alpha * (exp(x) - 1) elsewhere. Clevert et al. 2015.",
  example = "ml.tensor{-1.0, 2.0}:elu()   --> -0.6321  2",
}
op "gelu" {
  family = "unary", accepts = "float", forward = "x * ndtr(x)", -- exp(-0.5 x x) is part of both: one does
  grad = { x = "g * (ndtr(x) + x * 0.3989422804014327 * exp(-0.5 * x * x))" },
  doc = "x times the normal distribution function of x. Hendrycks and Gimpel 2016; the exact form.",
  example = "ml.tensor{0.0, 1.0}:gelu()   --> 0  0.8413",
}
op "silu" {
  family = "unary", accepts = "float", forward = "x / (1 + exp(-x))",
  grad = { x = "g * sigmoid(x) * (1 + x * (1 - sigmoid(x)))" },
  doc = "x * sigmoid(x), also called swish.",
  example = "ml.tensor{0.0, 1.0}:silu()   --> 0  0.7311",
}
op "celu" {
  family = "elementwise", accepts = "float", args = { { "x", "tensor" }, { "alpha", "number", 1.0 } },
  forward = "where(gt(x, 0), x, alpha * expm1(x / alpha))", grad = { x = "where(gt(x, 0), g, g * exp(where(gt(x, 0), 0, x) / alpha))" }, -- no infinity in the branch not taken: 0 * inf in the next gradient
  domain = { x = { -2, 2 }, apart = 0.01 }, cases = { { x = { 3, 4 }, alpha = 0.7 } },
  doc = "x where it is positive, alpha * (exp(x / alpha) - 1) elsewhere. Barron 2017.",
  example = "ml.tensor{-1.0, 2.0}:celu()   --> -0.6321  2",
}
op "selu" {
  family = "unary", accepts = "float",
  forward = "1.0507009873554805 * where(gt(x, 0), x, 1.6732632423543772 * expm1(x))",
  grad = { x = "1.0507009873554805 * where(gt(x, 0), g, g * 1.6732632423543772 * exp(where(gt(x, 0), 0, x)))" }, domain = { x = { -2, 2 }, apart = 0.01 },
  doc = "elu with the scale and the alpha that keep mean 0 and variance 1. Klambauer et al. 2017.",
  example = "ml.tensor{-1.0, 2.0}:selu()   --> -1.1113  2.1014",
}
op "mish" {
  family = "unary", accepts = "float", forward = "x * tanh(softplus(x))",
  grad = { x = "g * (tanh(softplus(x)) + x * sigmoid(x) * (1 - square(tanh(softplus(x)))))" },
  doc = "x * tanh(softplus(x)). Misra 2019.",
  example = "ml.tensor{-1.0, 2.0}:mish()   --> -0.3034  1.944",
}
op "relu6" {
  family = "unary", accepts = "number", forward = "where(lt(x, 0), 0, where(gt(x, 6), 6, x))",
  grad = { x = "where(and(gt(x, 0), lt(x, 6)), g, 0)" }, domain = { x = { -4, 8 }, apart = 0.01 },
  doc = "relu that ends at 6. Krizhevsky 2010.",
  example = "ml.tensor{-1.0, 2.0, 7.0}:relu6()   --> 0  2  6",
}
op "hardtanh" {
  family = "elementwise", accepts = "number", args = { { "x", "tensor" }, { "min", "number", -1 }, { "max", "number", 1 } },
  forward = "where(lt(x, min), min, where(gt(x, max), max, x))", grad = { x = "where(and(gt(x, min), lt(x, max)), g, 0)" },
  domain = { x = { -2, 2 }, apart = 0.01 }, cases = { { x = { 3, 4 } }, { x = { 3, 4 }, min = 0, max = 2 } },
  doc = "Each element kept within min..max, -1..1 if they are not given. The gradient at the bounds is 0.",
  example = "ml.tensor{-3.0, 0.5, 2.0}:hardtanh()   --> -1  0.5  1",
}
op "hardsigmoid" {
  family = "unary", accepts = "float", forward = "where(lt(x, -3), 0, where(gt(x, 3), 1, x / 6 + 0.5))",
  grad = { x = "where(and(gt(x, -3), lt(x, 3)), g / 6, 0)" }, domain = { x = { -4, 4 }, apart = 0.01 },
  doc = "x / 6 + 1/2 kept within 0..1: sigmoid in three straight lines.",
  example = "ml.tensor{-3.0, 0.0, 1.5}:hardsigmoid()   --> 0  0.5  0.75",
}
op "hardswish" {
  family = "unary", accepts = "float", forward = "where(lt(x, -3), 0, where(gt(x, 3), x, x * (x / 6 + 0.5)))",
  grad = { x = "where(lt(x, -3), 0, where(gt(x, 3), g, g * (x / 3 + 0.5)))" }, domain = { x = { -4, 4 }, apart = 0.01 },
  doc = "x * hardsigmoid(x). Howard et al. 2019.",
  example = "ml.tensor{-3.0, 1.0, 4.0}:hardswish()   --> 0  0.6667  4",
}
op "softsign" {
  family = "unary", accepts = "float", forward = "x / (1 + abs(x))", grad = { x = "g / square(1 + abs(x))" },
  domain = { x = { -2, 2 }, apart = 0.01 },
  doc = "x / (1 + |x|).",
  example = "ml.tensor{-1.0, 3.0}:softsign()   --> -0.5  0.75",
}
op "hardshrink" {
  family = "elementwise", accepts = "float", args = { { "x", "tensor" }, { "lambda", "number", 0.5 } },
  forward = "where(le(abs(x), lambda), 0, x)", grad = { x = "where(le(abs(x), lambda), 0, g)" },
  domain = { x = { -2, 2 }, apart = 0.01 }, cases = { { x = { 3, 4 } }, { x = { 3, 4 }, lambda = 1 } },
  doc = "0 within -lambda..lambda, x elsewhere.",
  example = "ml.tensor{-1.0, 0.3}:hardshrink()   --> -1  0",
}
op "softshrink" {
  family = "elementwise", accepts = "float", args = { { "x", "tensor" }, { "lambda", "number", 0.5 } },
  forward = "where(gt(x, lambda), x - lambda, where(lt(x, -lambda), x + lambda, 0 * x))",
  grad = { x = "where(le(abs(x), lambda), 0, g)" },
  domain = { x = { -2, 2 }, apart = 0.01 }, cases = { { x = { 3, 4 } }, { x = { 3, 4 }, lambda = 1 } },
  doc = "x drawn toward 0 by lambda, 0 within -lambda..lambda.",
  example = "ml.tensor{-1.0, 0.3, 2.0}:softshrink()   --> -0.5  0  1.5",
}
op "threshold" {
  family = "elementwise", accepts = "number", args = { { "x", "tensor" }, { "threshold", "number" }, { "value", "number" } },
  forward = "where(le(x, threshold), value, x)", grad = { x = "where(le(x, threshold), 0, g)" },
  domain = { x = { -2, 2 }, apart = 0.01 }, cases = { { x = { 3, 4 }, threshold = 0, value = -1 } },
  doc = "x where it is above the threshold, value elsewhere.",
  example = "ml.tensor{-1, 2}:threshold(0, 9)   --> 9  2",
}
