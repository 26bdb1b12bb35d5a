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
  family = "unary", accepts = "float", forward = "log1p(x)", grad = { x = "g / (1 + x)" }, domain = { x = { -0.4, 3 } },
  doc = "log(1 + x), exact for small x.",
  example = "ml.tensor{0.0, 1.0}:log1p()   --> 0  0.6931",
}
op "log2" {
  family = "unary", accepts = "float", forward = "log2(x)", grad = { x = "g * 1.4426950408889634 / x" }, domain = { x = { 0.5, 3 } },
  doc = "Logarithm to the base 2; -inf at 0, NaN below.",
  example = "ml.tensor{1.0, 8.0}:log2()   --> 0  3",
}
op "log10" {
  family = "unary", accepts = "float", forward = "log10(x)", grad = { x = "g * 0.4342944819032518 / x" }, domain = { x = { 0.5, 3 } },
  doc = "Logarithm to the base 10; -inf at 0, NaN below.",
  example = "ml.tensor{1.0, 1000.0}:log10()   --> 0  3",
}
op "expm1" {
  family = "unary", accepts = "float", forward = "expm1(x)", grad = { x = "g * (z + 1)" },
  doc = "exp(x) - 1, exact for small x.",
  example = "ml.tensor{0.0, 1.0}:expm1()   --> 0  1.7183",
}
op "exp2" {
  family = "unary", accepts = "float", forward = "exp2(x)", grad = { x = "g * z * 0.6931471805599453" },
  doc = "2 to the power of each element.",
  example = "ml.tensor{0.0, 3.0}:exp2()   --> 1  8",
}
op "sqrt" {
  family = "unary", accepts = "float", forward = "sqrt(x)", grad = { x = "g / (2 * z)" }, domain = { x = { 0.5, 3 } },
  doc = "Square root of each element; NaN below 0.",
  example = "ml.tensor{4.0, 9.0}:sqrt()   --> 2  3",
}
op "rsqrt" {
  family = "unary", accepts = "float", forward = "1 / sqrt(x)", grad = { x = "-0.5 * g * z / x" }, domain = { x = { 0.5, 3 } },
  doc = "1 divided by the square root of each element; inf at 0, NaN below.",
  example = "ml.tensor{4.0, 16.0}:rsqrt()   --> 0.5  0.25",
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
op "erfc" {
  family = "unary", accepts = "float", forward = "erfc(x)", grad = { x = "-g * 1.1283791670955126 * exp(-x * x)" },
  doc = "1 - erf(x), exact where erf is next to 1.",
  example = "ml.tensor{0.0, 1.0}:erfc()   --> 1  0.1573",
}
op "ndtr" {
  family = "unary", accepts = "float", forward = "ndtr(x)", grad = { x = "g * 0.3989422804014327 * exp(-0.5 * x * x)" },
  doc = "The normal distribution function: the probability of less than x.",
  example = "ml.tensor{0.0, 1.0}:ndtr()   --> 0.5  0.8413",
}
op "logit" {
  family = "unary", accepts = "float", forward = "log(x / (1 - x))", grad = { x = "g / (x * (1 - x))" }, domain = { x = { 0.1, 0.9 } },
  doc = "log(x / (1 - x)), the inverse of sigmoid; NaN outside of 0..1.",
  example = "ml.tensor{0.5, 0.8808}:logit()   --> 0  2.0002",
}
op "nan_to_num" {
  family = "elementwise", accepts = "number", prepare = true, -- where the bounds are those of float32 for one
  args = { { "x", "tensor" }, { "nan", "number", 0 }, { "posinf", "number", 1.7976931348623157e308 }, { "neginf", "number", -1.7976931348623157e308 } },
  forward = "where(ne(x, x), nan, where(eq(x - x, 0), x, where(gt(x, 0), posinf, neginf)))", grad = { x = "where(eq(x - x, 0), g, 0)" },
  cases = { { x = { 3, 4 } }, { x = { 3, 4 }, nan = 1, posinf = 2, neginf = -2 } },
  doc = "x with NaN and the infinities replaced: by 0 and by the largest and smallest number of its type, unless others are given.",
  example = "ml.tensor{1.0, 0/0, 1/0}:nan_to_num{posinf = 9}   --> 1  0  9",
}
op "sinc" {
  family = "unary", accepts = "float",
  forward = "where(eq(x, 0), 1, sin(3.141592653589793 * x) / (3.141592653589793 * x))",
  grad = { x = "where(eq(x, 0), -3.289868133696453 * g * x, g * (cos(3.141592653589793 * x) - z) / where(eq(x, 0), 1, x))" }, domain = { x = { 0.3, 2 } },
  doc = "sin(pi x) / (pi x), 1 at 0.",
  example = "ml.tensor{0.0, 0.5}:sinc()   --> 1  0.6366",
}
op "tanh" {
  family = "unary", accepts = "float", forward = "tanh(x)", grad = { x = "g * (1 - z * z)" }, domain = { x = { -4, 4 } },
  doc = "Hyperbolic tangent of each element.",
  example = "ml.tensor{0.0, 1.0}:tanh()   --> 0  0.7616",
}
