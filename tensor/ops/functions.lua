-- Functions of one element -------------------------------------------------------------------------------------------

op "exp" {
  family = "unary", accepts = "float", forward = "exp(x)", grad = { x = "g * z" },
  doc = "e to the power of each element.",
  example = "ml.tensor{0.0, 1.0}:exp()   --> 1  2.7183",
}
op "log" {
  family = "unary", accepts = "float", forward = "log(x)", grad = { x = "g / x" }, domain = { x = { 0.5, 3 } },
  doc = "Natural logarithm of each element; -inf at 0, NaN below.",
  example = "ml.tensor{1.0, 10.0}:log()   --> 0  2.3026",
}
op "log1p" {
  family = "unary", accepts = "float",
  -- Kahan's correction of the rounded 1 + x; where 1 is nothing beside x, inf among them, there is none to make
  forward = "where(eq(1 + x, 1), x, where(eq(1 + x, x), log(1 + x), log(1 + x) * (x / ((1 + x) - 1))))",
  grad = { x = "g / (1 + x)" }, domain = { x = { -0.4, 3 } },
  doc = "log(1 + x), exact for small x.",
  example = "ml.tensor{0.0, 1.0}:log1p()   --> 0  0.6931",
}
op "sqrt" {
  family = "unary", accepts = "float", forward = "sqrt(x)", grad = { x = "g / (2 * z)" }, domain = { x = { 0.5, 3 } },
  doc = "Square root of each element; NaN below 0.",
  example = "ml.tensor{4.0, 9.0}:sqrt()   --> 2  3",
}
op "square" {
  family = "unary", accepts = "number", forward = "x * x", grad = { x = "2 * g * x" },
  doc = "Each element times itself.",
  example = "ml.tensor{2, 3}:square()   --> 4  9",
}
op "reciprocal" {
  family = "unary", accepts = "float", forward = "1 / x", grad = { x = "-g * z * z" }, domain = { x = { 0.5, 2 } },
  doc = "1 divided by each element.",
  example = "ml.tensor{2.0, 4.0}:reciprocal()   --> 0.5  0.25",
}
op "abs" {
  family = "unary", accepts = "number", forward = "abs(x)", grad = { x = "g * sign(x)" },
  domain = { x = { -2, 2 }, apart = 0.01 },
  doc = "Absolute value of each element. The gradient at 0 is 0.",
  example = "ml.tensor{-1, 2}:abs()   --> 1  2",
}
op "sign" {
  family = "unary", accepts = "number", forward = "where(gt(x, 0), 1, where(lt(x, 0), -1, x))", -- NaN and -0 stay
  grad = { x = "0 * g" }, domain = { x = { -2, 2 }, apart = 0.01 },
  doc = "-1, 0 or 1, as the element is negative, zero or positive.",
  example = "ml.tensor{-3, 0, 2}:sign()   --> -1  0  1",
}
op "clamp" {
  family = "elementwise", accepts = "number",
  args = { { "x", "tensor" }, { "min", "number", -math.huge }, { "max", "number", math.huge } },
  forward = "where(lt(x, min), min, where(gt(x, max), max, x))",
  grad = { x = "where(or(lt(x, min), gt(x, max)), 0, g)" },
  domain = { x = { -2, 2 }, apart = 0.01 }, cases = { { x = { 3, 4 }, min = -1, max = 1 } },
  doc = "Each element kept within min..max. NaN stays NaN.",
  example = "ml.tensor{-3, 0, 2}:clamp(-1, 1)   --> -1  0  1",
}
op "erf" {
  family = "unary", accepts = "float", forward = "erf(x)", grad = { x = "g * 1.1283791670955126 * exp(-x * x)" },
  doc = "The error function, 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x.",
  example = "ml.tensor{0.0, 1.0}:erf()   --> 0  0.8427",
}
op "tanh" {
  family = "unary", accepts = "float", forward = "tanh(x)", grad = { x = "g * (1 - z * z)" }, domain = { x = { -4, 4 } },
  doc = "Hyperbolic tangent of each element.",
  example = "ml.tensor{0.0, 1.0}:tanh()   --> 0  0.7616",
}
op "sigmoid" {
  family = "unary", accepts = "float", forward = "1 / (1 + exp(-x))", grad = { x = "g * z * (1 - z)" },
  doc = "1 / (1 + exp(-x)).",
  example = "ml.tensor{0.0, 2.0}:sigmoid()   --> 0.5  0.8808",
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
op "softplus" {
  family = "unary", accepts = "float", forward = "where(gt(x, 0), x, 0) + log1p(exp(-abs(x)))",
  grad = { x = "g / (1 + exp(-x))" },
  doc = "log(1 + exp(x)), without overflow.",
  example = "ml.tensor{0.0, 2.0}:softplus()   --> 0.6931  2.1269",
}
op "gelu" {
  family = "unary", accepts = "float", forward = "0.5 * x * (1 + erf(x * 0.7071067811865476))",
  grad = { x = "g * (0.5 * (1 + erf(x * 0.7071067811865476)) + x * 0.3989422804014327 * exp(-0.5 * x * x))" },
  doc = "x times the normal distribution function of x. Hendrycks and Gimpel 2016; the exact form.",
  example = "ml.tensor{0.0, 1.0}:gelu()   --> 0  0.8413",
}
op "silu" {
  family = "unary", accepts = "float", forward = "x / (1 + exp(-x))",
  grad = { x = "g * sigmoid(x) * (1 + x * (1 - sigmoid(x)))" },
  doc = "x * sigmoid(x), also called swish.",
  example = "ml.tensor{0.0, 1.0}:silu()   --> 0  0.7311",
}
