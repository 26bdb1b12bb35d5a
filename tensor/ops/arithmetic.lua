-- Arithmetic ---------------------------------------------------------------------------------------------------------

op "add" {
  family = "binary", accepts = "number", forward = "x + y", grad = { x = "g", y = "g" }, operator = "+",
  doc = "Sum of two tensors, element by element; sizes of 1 stretch.",
  example = "ml.tensor{1, 2} + 1   --> 2  3",
}

op "sub" {
  family = "binary", accepts = "number", forward = "x - y", grad = { x = "g", y = "-g" }, operator = "-",
  doc = "Difference of two tensors, element by element.",
  example = "ml.tensor{1, 2} - ml.tensor{3, 5}   --> -2  -3",
}

op "mul" {
  family = "binary", accepts = "number", forward = "x * y", grad = { x = "g * y", y = "g * x" }, operator = "*",
  doc = "Product of two tensors, element by element. The matrix product is matmul.",
  example = "ml.tensor{1, 2} * ml.tensor{3, 5}   --> 3  10",
}

op "div" {
  family = "binary", accepts = "float", forward = "x / y", grad = { x = "g / y", y = "-g * z / y" }, operator = "/",
  domain = { y = { 0.5, 2 } },
  doc = "Quotient of two tensors, element by element. Integers become float32 first.",
  example = "ml.tensor{1, 2} / 2   --> 0.5  1",
}

op "floor_divide" {
  family = "binary", accepts = "number", forward = "floor_divide(x, y)", grad = "none", operator = "//",
  nonzero = "y",
  domain = { y = { 0.5, 2 } },
  doc = "Quotient rounded toward minus infinity, as Lua's //. An integer divided by zero is an error.",
  example = "ml.tensor{7, -7} // 2   --> 3  -4",
}

op "remainder" {
  family = "binary", accepts = "number", forward = "remainder(x, y)", grad = { x = "g", y = "-g * floor_divide(x, y)" },
  operator = "%", nonzero = "y",
  domain = { x = { 0.1, 0.4 }, y = { 0.5, 2 } },
  doc = "What floor_divide leaves, with the sign of y, as Lua's %. An integer remainder by zero is an error.",
  example = "ml.tensor{7, -7} % 4   --> 3  1",
}

op "fmod" {
  family = "binary", accepts = "number", forward = "fmod(x, y)", grad = { x = "g", y = "-g * trunc(x / y)" }, nonzero = "y",
  domain = { x = { 0.6, 0.9 }, y = { 0.5, 0.58 } },
  doc = "What division cut toward zero leaves, with the sign of x, as C's fmod. An integer remainder by zero is an error.",
  example = "ml.tensor{7, -7}:fmod(4)   --> 3  -3",
}

op "pow" {
  family = "binary", accepts = "number", forward = "pow(x, y)", operator = "^",
  grad = { x = "where(eq(y, 0), 0, g * y * pow(x, where(eq(y, 0), 1, y) - 1))", y = "where(gt(x, 0), g * z * log(where(gt(x, 0), x, 1)), 0)" },
  domain = { x = { 0.5, 2 }, y = { -2, 2 } },
  doc = "x to the power of y. Of integers the result is an integer, and a negative power of one is an error.",
  nonnegative = "y",
  example = "ml.tensor{2, 3} ^ 2   --> 4  9",
}

op "neg" {
  family = "unary", accepts = "number", forward = "-x", grad = { x = "-g" }, operator = "unm",
  doc = "Each element with the other sign.",
  example = "-ml.tensor{1, -2}   --> -1  2",
}

op "maximum" {
  family = "binary", accepts = "number", forward = "where(or(gt(x, y), ne(x, x)), x, y)", -- NaN wins, on either side
  grad = { x = "where(gt(x, y), g, where(eq(x, y), g / 2, 0))", y = "where(gt(y, x), g, where(eq(x, y), g / 2, 0))" },
  domain = { x = { -2, 2 }, y = { -2, 2 }, apart = 0.01 }, -- finite differences keep away from the kink
  doc = "The larger of two elements; where they are equal, each gets half of the gradient. NaN wins.",
  example = "ml.tensor{1, 5}:maximum(ml.tensor{3, 4})   --> 3  5",
}

op "minimum" {
  family = "binary", accepts = "number", forward = "where(or(lt(x, y), ne(x, x)), x, y)",
  grad = { x = "where(lt(x, y), g, where(eq(x, y), g / 2, 0))", y = "where(lt(y, x), g, where(eq(x, y), g / 2, 0))" },
  domain = { x = { -2, 2 }, y = { -2, 2 }, apart = 0.01 },
  doc = "The smaller of two elements; where they are equal, each gets half of the gradient. NaN wins.",
  example = "ml.tensor{1, 5}:minimum(ml.tensor{3, 4})   --> 1  4",
}

op "lerp" {
  family = "elementwise", accepts = "float", args = { { "x", "tensor" }, { "y", "tensor" }, { "weight", "tensor" } },
  forward = "where(lt(weight, 0.5), x + weight * (y - x), y - (y - x) * (1 - weight))", -- exact at both ends
  grad = { x = "g * (1 - weight)", y = "g * weight", weight = "g * (y - x)" },
  cases = { { x = { 3, 4 }, y = { 3, 4 }, weight = { 3, 4 } }, { x = { 3, 4 }, y = { 4 }, weight = { 3, 1 } } },
  doc = "x + weight * (y - x): from x (weight 0) to y (weight 1).",
  example = "ml.tensor{0.0, 10.0}:lerp(ml.tensor{1.0, 20.0}, 0.5)   --> 0.5  15",
}

op "logaddexp" {
  family = "binary", accepts = "float",
  forward = "where(eq(x, y), x + 0.6931471805599453, where(gt(x, y), x, y) + log1p(exp(-abs(x - y))))",
  grad = { x = "where(and(eq(x, y), ne(x - x, 0)), g / 2, g * sigmoid(x - y))", y = "where(and(eq(x, y), ne(x - x, 0)), g / 2, g * sigmoid(y - x))" },
  doc = "log(exp(x) + exp(y)), without overflow.",
  example = "ml.tensor{0.0, 1000.0}:logaddexp(0)   --> 0.6931  1000",
}

op "xlogy" {
  family = "binary", accepts = "float", forward = "where(and(eq(x, 0), eq(y, y)), 0, x * log(y))",
  grad = { x = "where(eq(x, 0), 0 * g, g * log(where(eq(x, 0), 1, y)))", y = "g * x / y" }, domain = { x = { 0.5, 2 }, y = { 0.5, 2 } },
  doc = "x * log(y), 0 where x is 0: the terms of an entropy.",
  example = "ml.tensor{0.0, 2.0}:xlogy(ml.tensor{0.0, 1.0})   --> 0  0",
}
