-- THE table of the engine's ops: plain data, one entry an op. nn/ops.lua holds those of the layers in the same form.
--
-- The generator (generator/) derives from it the C prototypes and dispatch, the kernels of the elementwise ops, the Lua
-- functions and methods with their argument checks, help, docs/ops.md, the editor annotations and the test sweeps.
--
--   family    "unary", "binary", "elementwise": `forward` and `grad` are expressions, and nothing else is to be written;
--             "view": <name>_infer and <name>_forward in `source`, forward sets strides and storage;
--             "function": <name>_infer, _forward and, unless grad says otherwise, _backward in `source`.
--   args      { name, type, [default], optional = }; type: tensor tensors index mask state number integer boolean dim
--             new_dim dims position shape pair padding dtype, or a list of the words that are allowed.
--             unary ops have x, binary ops x and y without saying so.
--   options   the same, by name in the trailing table.
--   accepts   what the tensors' types may be: any common number float logical (op.h says what each does)
--   grad      expressions by input; "function": there is a <name>_backward; "none": said, never implied.
--             z is the result, g the gradient that arrives.
--   saves     what <name>_backward gets: inputs, "result", and names in keeps.
--   keeps     { name, dtype = } made by forward for backward; infer gives its shape, that of the result if it says nothing.
--   prepare   <name>_prepare settles arguments before infer, and so for backward too.
--   second    backward is made of ops: gradients of gradients work.
--   strided   inputs are taken with any strides; otherwise they are made contiguous first.
--   domain    ranges that the sweep draws inputs from; `apart` keeps finite differences away from kinks.
--   cases     argument lists for the sweep: a tensor is given by its shape, an index by shape and `below`.
--
-- Expressions use + - * /, numbers, the names of arguments, and elementwise ops.

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

op "pow" {
  family = "binary", accepts = "number", forward = "pow(x, y)", operator = "^",
  grad = { x = "where(eq(y, 0), 0, g * y * pow(x, y - 1))", y = "where(gt(x, 0), g * z * log(x), 0)" },
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

-- Comparison and logic -----------------------------------------------------------------------------------------------

op "eq" {
  family = "binary", accepts = "common", result = "bool", forward = "eq(x, y)", grad = "none",
  doc = "Where two tensors are equal. (== compares identity, as Lua makes booleans of it.)",
  example = "ml.tensor{1, 2}:eq(2)   --> false  true",
}
op "ne" {
  family = "binary", accepts = "common", result = "bool", forward = "ne(x, y)", grad = "none",
  doc = "Where two tensors differ. NaN differs from itself.",
  example = "ml.tensor{1, 2}:ne(2)   --> true  false",
}
op "lt" {
  family = "binary", accepts = "common", result = "bool", forward = "lt(x, y)", grad = "none",
  doc = "Where x is less than y.",
  example = "ml.tensor{1, 2}:lt(2)   --> true  false",
}
op "le" {
  family = "binary", accepts = "common", result = "bool", forward = "le(x, y)", grad = "none",
  doc = "Where x is at most y.",
  example = "ml.tensor{1, 2}:le(1)   --> true  false",
}
op "gt" {
  family = "binary", accepts = "common", result = "bool", forward = "gt(x, y)", grad = "none",
  doc = "Where x is greater than y.",
  example = "ml.tensor{1, 2}:gt(1)   --> false  true",
}
op "ge" {
  family = "binary", accepts = "common", result = "bool", forward = "ge(x, y)", grad = "none",
  doc = "Where x is at least y.",
  example = "ml.tensor{1, 2}:ge(2)   --> false  true",
}
op "logical_and" {
  family = "binary", accepts = "logical", forward = "and(x, y)", grad = "none", operator = "&",
  doc = "Both: of masks, the logical and; of integers, bit by bit.",
  example = "ml.tensor{true, true} & ml.tensor{true, false}   --> true  false",
}
op "logical_or" {
  family = "binary", accepts = "logical", forward = "or(x, y)", grad = "none", operator = "|",
  doc = "Either: of masks, the logical or; of integers, bit by bit.",
  example = "ml.tensor{true, false} | ml.tensor{false, false}   --> true  false",
}
op "logical_xor" {
  family = "binary", accepts = "logical", forward = "xor(x, y)", grad = "none", operator = "~",
  doc = "One but not both: of masks, the exclusive or; of integers, bit by bit.",
  example = "ml.tensor{true, false} ~ ml.tensor{true, true}   --> false  true",
}
op "logical_not" {
  family = "unary", accepts = "logical", forward = "not(x)", grad = "none", operator = "bnot",
  doc = "Not: of a mask, the opposite; of integers, each bit turned.",
  example = "~ml.tensor{true, false}   --> false  true",
}
op "isnan" {
  family = "unary", accepts = "common", result = "bool", forward = "ne(x, x)", grad = "none",
  doc = "Where an element is not a number.",
  example = "ml.tensor{1.0, 0/0}:isnan()   --> false  true",
}
op "isfinite" {
  family = "unary", accepts = "common", result = "bool", forward = "eq(x - x, 0)", grad = "none",
  doc = "Where an element is neither NaN nor infinite.",
  example = "ml.tensor{1.0, 1/0}:isfinite()   --> true  false",
}
op "where" {
  family = "elementwise", accepts = "common",
  args = { { "condition", "mask" }, { "x", "tensor" }, { "y", "tensor" } },
  forward = "where(condition, x, y)", grad = { x = "where(condition, g, 0)", y = "where(condition, 0, g)" },
  doc = "x where the condition holds, y elsewhere; all three broadcast.",
  example = "ml.where(ml.tensor{true, false}, ml.tensor{1, 2}, 0)   --> 1  0",
}

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

-- Reductions ---------------------------------------------------------------------------------------------------------
-- Without dims over everything. A list of dims is {1, 3}. Over nothing: sum 0, mean NaN, min and max an error.

local function reduction(name, entry)
  entry.family, entry.source, entry.strided = "function", "tensor/" .. (entry.file or "reduce") .. ".c", true
  entry.args = { { "x", "tensor" }, { "dims", "dims", optional = true } }
  entry.options = entry.options or {}
  table.insert(entry.options, 1, { "keepdim", "boolean", false })
  entry.cases = entry.cases or {
    { x = { 3, 4 } }, { x = { 3, 4 }, dims = 1 }, { x = { 2, 3, 4 }, dims = { 1, 3 } }, { x = { 2, 3, 4 }, dims = 2, keepdim = true },
    { x = { 2, 3, 4 }, dims = -1 },
  }
  op(name)(entry)
end

reduction("sum", {
  accepts = "any", grad = "function", second = true,
  doc = "Sum of the elements over dims. Integers and masks are summed as int64.",
  example = "ml.tensor{{1, 2}, {3, 4}}:sum(1)   --> 4  6",
})
reduction("mean", {
  accepts = "float", grad = "function", second = true,
  doc = "Mean of the elements over dims.",
  example = "ml.tensor{{1, 2}, {3, 4}}:mean(2)   --> 1.5  3.5",
})
reduction("var", {
  accepts = "float", options = { { "correction", "number", 1 } }, grad = "function", saves = { "x" }, second = true,
  doc = "Variance over dims, divided by n - correction (1: of a sample; 0: of the population). NaN when n <= correction.",
  example = "ml.tensor{1, 2, 3, 4}:var()   --> 1.6667",
})
reduction("std", {
  accepts = "float", options = { { "correction", "number", 1 } }, grad = "function", saves = { "x", "result" }, second = true,
  doc = "Standard deviation over dims: the square root of var.",
  example = "ml.tensor{1, 2, 3, 4}:std()   --> 1.291",
})
reduction("min", {
  accepts = "common", grad = "function", saves = { "x", "result" }, second = true, also = "argmin",
  domain = { x = { -2, 2 }, apart = 0.01 },
  doc = "Smallest element over dims; NaN wins. Elements that tie share the gradient. With one dim also gives its positions.",
  example = "ml.tensor{{1, 5}, {3, 4}}:min(2)   --> 1  3",
})
reduction("max", {
  accepts = "common", grad = "function", saves = { "x", "result" }, second = true, also = "argmax",
  domain = { x = { -2, 2 }, apart = 0.01 },
  doc = "Largest element over dims; NaN wins. Elements that tie share the gradient. With one dim also gives its positions.",
  example = "ml.tensor{{1, 5}, {3, 4}}:max(2)   --> 5  4",
})
reduction("any", {
  accepts = "any", grad = "none",
  doc = "Whether any element over dims is true (not zero; NaN is not zero).",
  example = "ml.tensor{{true, false}, {false, false}}:any(2)   --> true  false",
})
reduction("all", {
  accepts = "any", grad = "none",
  doc = "Whether all elements over dims are true (not zero).",
  example = "ml.tensor{{true, false}, {true, true}}:all(2)   --> false  true",
})
reduction("norm", {
  accepts = "float", options = { { "p", "number", 2 } }, grad = "function", saves = { "x", "result" }, second = true,
  domain = { x = { 0.5, 2 } },
  doc = "The p-norm over dims: (sum |x|^p)^(1/p); p = 1, 2, math.huge (largest absolute value) and others.",
  example = "ml.tensor{3.0, 4.0}:norm()   --> 5",
})
reduction("logsumexp", {
  accepts = "float", grad = "function", saves = { "x", "result" }, second = true,
  doc = "log(sum(exp(x))) over dims, shifted by the maximum so that nothing overflows.",
  example = "ml.tensor{0.0, 0.0}:logsumexp()   --> 0.6931",
})

for _, which in ipairs { "argmin", "argmax" } do
  op(which) {
    family = "function", source = "tensor/reduce.c", accepts = "any", grad = "none", strided = true,
    args = { { "x", "tensor" }, { "dim", "dim", optional = true } }, options = { { "keepdim", "boolean", false } },
    cases = { { x = { 3, 4 } }, { x = { 3, 4 }, dim = 1 }, { x = { 2, 3, 4 }, dim = 2, keepdim = true } },
    doc = ("Position (from 1) of the %s element of a dimension, the first of equals; NaN counts as such. Without dim: of the flattened tensor.")
      :format(which == "argmin" and "smallest" or "largest"),
    example = ("ml.tensor{{1, 5}, {4, 3}}:%s(2)   --> %s"):format(which, which == "argmin" and "1  2" or "2  1"),
  }
end

-- Matrix products ----------------------------------------------------------------------------------------------------

op "matmul" {
  family = "function", source = "tensor/matmul.c", accepts = "float", grad = "function", saves = { "x", "y" }, second = true,
  strided = true,
  args = { { "x", "tensor" }, { "y", "tensor" } },
  cases = { { x = { 3 }, y = { 3 } }, { x = { 2, 3 }, y = { 3 } }, { x = { 3 }, y = { 3, 2 } }, { x = { 2, 3 }, y = { 3, 4 } },
    { x = { 5, 2, 3 }, y = { 3, 4 } }, { x = { 2, 3 }, y = { 5, 3, 4 } }, { x = { 2, 1, 2, 3 }, y = { 4, 3, 2 } }, { x = { 5, 2, 3 }, y = { 3 } } },
  doc = "Matrix product of the last two dimensions; those before broadcast. A vector on the left is a row, on the right a column, and that dimension goes again.",
  example = "ml.tensor{{1.0, 2.0}, {3.0, 4.0}}:matmul(ml.tensor{1.0, 1.0})   --> 3  7",
}
op "mm" {
  family = "function", source = "tensor/matmul.c", accepts = "float", grad = "function", saves = { "x", "y" }, second = true,
  strided = true,
  args = { { "x", "tensor" }, { "y", "tensor" } }, cases = { { x = { 2, 3 }, y = { 3, 4 } } },
  doc = "Matrix product of two matrices (m, k) and (k, n). Nothing broadcasts.",
  example = "ml.eye(2):mm(ml.tensor{{1.0, 2.0}, {3.0, 4.0}})",
}
op "bmm" {
  family = "function", source = "tensor/matmul.c", accepts = "float", grad = "function", saves = { "x", "y" }, second = true,
  strided = true,
  args = { { "x", "tensor" }, { "y", "tensor" } }, cases = { { x = { 5, 2, 3 }, y = { 5, 3, 4 } } },
  doc = "Matrix products of two equal batches, (b, m, k) and (b, k, n). Nothing broadcasts.",
  example = "ml.ones(2, 1, 3):bmm(ml.ones(2, 3, 1))",
}

-- Shape --------------------------------------------------------------------------------------------------------------
-- These share the storage of their input where strides can express the result.

local function view(name, entry)
  entry.family, entry.source, entry.accepts, entry.strided = "view", "tensor/views.c", "any", true
  entry.grad, entry.second = "function", true
  op(name)(entry)
end

view("reshape", {
  args = { { "x", "tensor" }, { "shape", "shape" } }, cases = { { x = { 2, 6 }, shape = { 3, -1 } } },
  doc = "The same elements in order under another shape; one size may be -1 and is computed. Copies when strides can't say it.",
  example = "ml.arange(1, 6):reshape(2, -1)",
})
view("flatten", {
  args = { { "x", "tensor" }, { "from", "dim", 0 }, { "to", "dim", -1 } },
  cases = { { x = { 2, 3, 4 }, from = 2 }, { x = { 2, 3 } } },
  doc = "Dimensions from..to joined into one.",
  example = "ml.zeros(2, 3, 4):flatten(2)   -- [2, 12]",
})
view("permute", {
  args = { { "x", "tensor" }, { "dims", "dims" } }, cases = { { x = { 2, 3, 4 }, dims = { 3, 1, 2 } } },
  doc = "The dimensions in another order.",
  example = "ml.zeros(2, 3, 4):permute(3, 1, 2)   -- [4, 2, 3]",
})
view("transpose", {
  args = { { "x", "tensor" }, { "dim0", "dim", -2 }, { "dim1", "dim", -1 } },
  cases = { { x = { 2, 3 } }, { x = { 2, 3, 4 }, dim0 = 1, dim1 = 3 } },
  doc = "Two dimensions swapped, the last two if none are named.",
  example = "ml.zeros(2, 3):transpose()   -- [3, 2]",
})
view("expand", {
  args = { { "x", "tensor" }, { "shape", "shape" } }, cases = { { x = { 3, 1 }, shape = { 2, 3, 4 } } },
  doc = "Sizes of 1 stretched to those of shape without copying; -1 keeps a size. New dimensions go in front.",
  example = "ml.ones(3, 1):expand(3, 4)   -- [3, 4]",
})
view("squeeze", {
  args = { { "x", "tensor" }, { "dims", "dims", optional = true } }, cases = { { x = { 2, 1, 3, 1 } }, { x = { 2, 1, 3 }, dims = 2 } },
  doc = "Dimensions of size 1 left out: those named (one of another size stays), or all.",
  example = "ml.zeros(2, 1, 3):squeeze()   -- [2, 3]",
})
view("unsqueeze", {
  args = { { "x", "tensor" }, { "dim", "new_dim" } }, cases = { { x = { 2, 3 }, dim = 2 }, { x = { 2, 3 }, dim = -1 } },
  doc = "A dimension of size 1 put in at dim.",
  example = "ml.zeros(2, 3):unsqueeze(2)   -- [2, 1, 3]",
})
view("slice", {
  args = { { "x", "tensor" }, { "dim", "dim" }, { "from", "position", 0 }, { "to", "position", -1 }, { "step", "integer", 1 } },
  cases = { { x = { 5, 3 }, dim = 1, from = 2, to = 4 }, { x = { 3, 7 }, dim = 2, from = 2, to = -1, step = 2 } },
  doc = "Positions from..to of a dimension, inclusive, every step-th. An empty range gives size 0.",
  example = "ml.arange(1, 5):slice(1, 2, 4)   --> 2  3  4",
})
view("select", {
  args = { { "x", "tensor" }, { "dim", "dim" }, { "index", "position" } }, cases = { { x = { 3, 4 }, dim = 2, index = 3 } },
  doc = "One position of a dimension, which goes.",
  example = "ml.tensor{{1, 2}, {3, 4}}:select(1, 2)   --> 3  4",
})

op "contiguous" {
  family = "function", source = "tensor/views.c", accepts = "any", strided = true, grad = "function", second = true,
  args = { { "x", "tensor" } }, cases = { { x = { 3, 4 } } },
  doc = "A copy with the elements in row-major order.",
  example = "ml.zeros(2, 3):transpose():contiguous()",
}
op "to" {
  family = "function", source = "tensor/views.c", accepts = "any", strided = true, grad = "function", second = true,
  args = { { "x", "tensor" }, { "dtype", "dtype" } }, cases = { { x = { 3, 4 }, dtype = "float64" } },
  doc = "The elements in another type. Fractions are cut toward zero, NaN becomes 0, numbers outside an integer type's range its nearest.",
  example = [[ml.tensor{1.5, 2.5}:to "int64"   --> 1  2]],
}

-- Joining and picking ------------------------------------------------------------------------------------------------

op "cat" {
  family = "function", source = "tensor/join.c", accepts = "common", grad = "function", second = true, strided = true,
  args = { { "tensors", "tensors" }, { "dim", "dim", 0 } }, method = false,
  cases = { { tensors = { { 2, 3 }, { 4, 3 } }, dim = 1 }, { tensors = { { 2, 3 }, { 2, 1 }, { 2, 2 } }, dim = 2 } },
  doc = "Tensors joined along a dimension; all other sizes are equal.",
  example = "ml.cat({ml.tensor{1, 2}, ml.tensor{3}}, 1)   --> 1  2  3",
}
op "stack" {
  family = "function", source = "tensor/join.c", accepts = "common", grad = "function", second = true, strided = true,
  args = { { "tensors", "tensors" }, { "dim", "new_dim", 0 } }, method = false,
  cases = { { tensors = { { 2, 3 }, { 2, 3 } }, dim = 1 }, { tensors = { { 2, 3 }, { 2, 3 }, { 2, 3 } }, dim = 3 } },
  doc = "Tensors of one shape joined along a new dimension.",
  example = "ml.stack({ml.tensor{1, 2}, ml.tensor{3, 4}}, 1)   -- [2, 2]",
}
op "pad" {
  family = "function", source = "tensor/join.c", accepts = "any", grad = "function", second = true, strided = true,
  args = { { "x", "tensor" }, { "sizes", "integers" }, { "value", "number", 0 } },
  cases = { { x = { 2, 3 }, sizes = { 1, 2 } }, { x = { 2, 3, 4 }, sizes = { 1, 0, 2, 1 }, value = 3 } },
  doc = "A border of value: {left, right} of the last dimension, then of the one before, and so on. Negative sizes cut.",
  example = "ml.tensor{1, 2}:pad({1, 1})   --> 0  1  2  0",
}
op "index_select" {
  family = "function", source = "tensor/indexing.c", accepts = "any", grad = "function", saves = { "index" },
  args = { { "x", "tensor" }, { "dim", "dim" }, { "index", "index" } },
  cases = { { x = { 4, 3 }, dim = 1, index = { 5, below = 4 } }, { x = { 2, 4, 3 }, dim = 2, index = { 6, below = 4 } } },
  doc = "The positions of a dimension that a vector of positions names, in its order.",
  example = "ml.tensor{10, 20, 30}:index_select(1, ml.tensor{3, 1})   --> 30  10",
}
op "gather" {
  family = "function", source = "tensor/indexing.c", accepts = "any", grad = "function", saves = { "index" },
  args = { { "x", "tensor" }, { "dim", "dim" }, { "index", "index" } },
  cases = { { x = { 4, 3 }, dim = 1, index = { 2, 3, below = 4 } }, { x = { 2, 4, 3 }, dim = 2, index = { 2, 2, 3, below = 4 } } },
  doc = "result[i][j] = x[index[i][j]][j] for dim 1, and so on: one element of a dimension for each element of index.",
  example = "ml.tensor{{1, 2}, {3, 4}}:gather(2, ml.tensor{{2}, {1}})   --> 2  3",
}
op "masked_fill" {
  family = "elementwise", accepts = "any", args = { { "x", "tensor" }, { "mask", "mask" }, { "value", "number" } },
  forward = "where(mask, value, x)", grad = { x = "where(mask, 0, g)" }, cases = { { x = { 3, 4 }, mask = { 3, 4 }, value = 2 } },
  doc = "x with value where the mask holds.",
  example = "ml.tensor{1, 2, 3}:masked_fill(ml.tensor{true, false, true}, 0)   --> 0  2  0",
}
op "masked_select" {
  family = "function", source = "tensor/indexing.c", accepts = "any", grad = "function", saves = { "mask" }, needs_data = true,
  args = { { "x", "tensor" }, { "mask", "mask" } }, cases = { { x = { 3, 4 }, mask = { 3, 4 } } },
  doc = "The elements where the mask (of x's shape) holds, as a vector. Needs the data: a model that is only checked can't use it.",
  example = "ml.tensor{1, 2, 3}:masked_select(ml.tensor{true, false, true})   --> 1  3",
}
op "one_hot" {
  family = "function", source = "tensor/indexing.c", accepts = "any", grad = "none",
  args = { { "index", "index" }, { "classes", "integer" } },
  cases = { { index = { 5, below = 4 }, classes = 4 } },
  doc = "A float32 row of `classes` numbers for each position, 1 there and 0 elsewhere; all 0 for position 0.",
  example = "ml.one_hot(ml.tensor{2, 1}, 3)",
}
