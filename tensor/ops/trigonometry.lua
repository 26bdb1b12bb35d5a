-- Trigonometric and hyperbolic functions ------------------------------------------------------------------------------

op "sin" {
  family = "unary", accepts = "float", forward = "sin(x)", grad = { x = "g * cos(x)" },
  doc = "Sine of each element, an angle in radians. Exact for huge angles too.",
  example = "ml.tensor{0.0, math.pi / 2}:sin()   --> 0  1",
}
op "cos" {
  family = "unary", accepts = "float", forward = "cos(x)", grad = { x = "-g * sin(x)" },
  doc = "Cosine of each element, an angle in radians.",
  example = "ml.tensor{0.0, math.pi}:cos()   --> 1  -1",
}
op "tan" {
  family = "unary", accepts = "float", forward = "tan(x)", grad = { x = "g * (1 + z * z)" }, domain = { x = { -1.3, 1.3 } },
  doc = "Tangent of each element, an angle in radians.",
  example = "ml.tensor{0.0, math.pi / 4}:tan()   --> 0  1",
}
op "asin" {
  family = "unary", accepts = "float", forward = "asin(x)", grad = { x = "g / sqrt(1 - x * x)" }, domain = { x = { -0.9, 0.9 } },
  doc = "The angle within -pi/2..pi/2 whose sine is x; NaN beyond 1.",
  example = "ml.tensor{0.0, 1.0}:asin()   --> 0  1.5708",
}
op "acos" {
  family = "unary", accepts = "float", forward = "acos(x)", grad = { x = "-g / sqrt(1 - x * x)" }, domain = { x = { -0.9, 0.9 } },
  doc = "The angle within 0..pi whose cosine is x; NaN beyond 1.",
  example = "ml.tensor{1.0, -1.0}:acos()   --> 0  3.1416",
}
op "atan" {
  family = "unary", accepts = "float", forward = "atan(x)", grad = { x = "g / (1 + x * x)" },
  doc = "The angle within -pi/2..pi/2 whose tangent is x.",
  example = "ml.tensor{0.0, 1.0}:atan()   --> 0  0.7854",
}
op "atan2" { -- of vertical x and horizontal y, in the order of the C library and of PyTorch
  family = "binary", accepts = "float", forward = "atan2(x, y)",
  grad = { x = "g * y / (x * x + y * y)", y = "-g * x / (x * x + y * y)" }, domain = { x = { -2, 2 }, y = { 0.3, 2 } },
  doc = "The angle within -pi..pi of the point whose vertical coordinate is x and horizontal one is y: y:atan2(x) of a point (x, y).",
  example = "ml.tensor{1.0, 0.0}:atan2(ml.tensor{1.0, -1.0})   --> 0.7854  3.1416",
}
op "sinh" {
  family = "unary", accepts = "float", forward = "sinh(x)", grad = { x = "g * cosh(x)" },
  doc = "Hyperbolic sine of each element.",
  example = "ml.tensor{0.0, 1.0}:sinh()   --> 0  1.1752",
}
op "cosh" {
  family = "unary", accepts = "float", forward = "cosh(x)", grad = { x = "g * sinh(x)" },
  doc = "Hyperbolic cosine of each element.",
  example = "ml.tensor{0.0, 1.0}:cosh()   --> 1  1.5431",
}
op "asinh" {
  family = "unary", accepts = "float", forward = "asinh(x)", grad = { x = "g / sqrt(x * x + 1)" },
  doc = "The number whose hyperbolic sine is x.",
  example = "ml.tensor{0.0, 1.1752}:asinh()   --> 0  1",
}
op "acosh" {
  family = "unary", accepts = "float", forward = "acosh(x)", grad = { x = "g / sqrt(x * x - 1)" }, domain = { x = { 1.2, 3 } },
  doc = "The number of at least 0 whose hyperbolic cosine is x; NaN below 1.",
  example = "ml.tensor{1.0, 1.5431}:acosh()   --> 0  1",
}
op "atanh" {
  family = "unary", accepts = "float", forward = "atanh(x)", grad = { x = "g / (1 - x * x)" }, domain = { x = { -0.9, 0.9 } },
  doc = "The number whose hyperbolic tangent is x; infinite at 1 and -1, NaN beyond.",
  example = "ml.tensor{0.0, 0.7616}:atanh()   --> 0  1.0001",
}
op "hypot" {
  family = "binary", accepts = "float", forward = "hypot(x, y)",
  grad = { x = "where(eq(z, 0), 0, g * x / where(eq(z, 0), 1, z))", y = "where(eq(z, 0), 0, g * y / where(eq(z, 0), 1, z))" }, domain = { x = { 0.5, 2 }, y = { 0.5, 2 } },
  doc = "sqrt(x^2 + y^2), without overflow. The gradient at (0, 0) is 0.",
  example = "ml.tensor{3.0, 5.0}:hypot(ml.tensor{4.0, 12.0})   --> 5  13",
}
