-- Order --------------------------------------------------------------------------------------------------------------
-- NaN counts as the largest number.

local found = { { "values" }, { "positions", dtype = "int64" } }

local function ordering(name, entry)
  entry.family, entry.source, entry.accepts = "function", entry.source or "tensor/order.c", entry.accepts or "any"
  if entry.results == found then
    entry.grad, entry.saves, entry.second = "function", { "positions" }, true
    entry.domain = { x = { -2, 2 }, apart = 0.01 }
  end
  entry.grad = entry.grad or "none"
  op(name)(entry)
end

ordering("sort", {
  results = found, args = { { "x", "tensor" }, { "dim", "dim", -1 } }, options = { { "descending", "boolean", false } },
  cases = { { x = { 7 } }, { x = { 3, 4 }, dim = 1 }, { x = { 2, 5, 3 }, dim = 2, descending = true }, { x = { 2, 50 } } },
  doc = "The elements of a dimension (the last one) in order, and the position each had. Stable: equals stay in their order.",
  example = "ml.tensor{3, 1, 2}:sort()   --> 1  2  3",
})
ordering("argsort", {
  args = { { "x", "tensor" }, { "dim", "dim", -1 } }, options = { { "descending", "boolean", false } },
  cases = { { x = { 7 } }, { x = { 3, 4 }, dim = 1 }, { x = { 2, 5, 3 }, dim = 2, descending = true } },
  doc = "The positions that put a dimension (the last one) in order. Stable.",
  example = "ml.tensor{30, 10, 20}:argsort()   --> 2  3  1",
})
ordering("topk", {
  results = found, args = { { "x", "tensor" }, { "k", "integer" }, { "dim", "dim", -1 } }, options = { { "largest", "boolean", true } },
  cases = { { x = { 7 }, k = 3 }, { x = { 5, 4 }, k = 2, dim = 1, largest = false } },
  doc = "The k largest (or smallest) elements of a dimension (the last one) in order, and their positions.",
  example = "ml.tensor{3, 1, 4, 2}:topk(2)   --> 4  3",
})
ordering("kthvalue", {
  results = found, args = { { "x", "tensor" }, { "k", "integer" }, { "dim", "dim", -1 } }, options = { { "keepdim", "boolean", false } },
  cases = { { x = { 7 }, k = 3 }, { x = { 5, 4 }, k = 2, dim = 1, keepdim = true }, { x = { 2, 5, 3, 2 }, k = 5, dim = 2 } },
  doc = "The k-th smallest element of a dimension (the last one), and its position.",
  example = "ml.tensor{30, 10, 20}:kthvalue(2)   --> 20",
})
for _, name in ipairs { "median", "nanmedian" } do
  local nan = name == "median" and "NaN where there is one" or "NaN is left out"
  ordering(name, {
    results = found, args = { { "x", "tensor" }, { "dim", "dim", optional = true } }, options = { { "keepdim", "boolean", false } },
    cases = { { x = { 7 } }, { x = { 4, 3 }, dim = 1 }, { x = { 2, 5, 3, 2 }, dim = 2, keepdim = true } },
    doc = ("The element in the middle of a dimension, the lower of two, and its position; %s. Without dim: of the flattened tensor."):format(nan),
    example = ("ml.tensor{4, 1, 3, 2}:%s()   --> 2"):format(name),
  })
end
ordering("quantile", {
  accepts = "float", grad = "function", keeps = { { "positions", dtype = "int64" } }, saves = { "positions" }, second = true,
  args = { { "x", "tensor" }, { "q", "number", range = { 0, 1 } }, { "dim", "dim", optional = true } },
  options = { { "keepdim", "boolean", false }, { "interpolation", { "linear", "lower", "higher", "nearest", "midpoint" }, "linear" } },
  domain = { x = { -2, 2 }, apart = 0.01 },
  cases = { { x = { 7 }, q = 0.4 }, { x = { 4, 3 }, q = 0.9, dim = 1 }, { x = { 2, 5, 3, 2 }, q = 0.3, dim = 2, keepdim = true },
    { x = { 3, 4 }, q = 0.7, dim = 2, interpolation = "midpoint" }, { x = { 3, 4 }, q = 1, dim = 2 } },
  doc = "The number below which the share q (0..1) of a dimension lies, between two elements by interpolation; NaN where there is one. Without dim: of the flattened tensor. q may be a list: ml.quantile.",
  example = "ml.tensor{1, 2, 3, 4}:quantile(0.5)   --> 2.5",
})
ordering("unique", {
  source = "tensor/unique.c",
  results = { { "values" }, { "inverse", dtype = "int64" }, { "counts", dtype = "int64" } }, needs_data = true,
  args = { { "x", "tensor" }, { "dim", "dim", optional = true } }, cases = { { x = { 7 } }, { x = { 3, 4 } }, { x = { 4, 2 }, dim = 1 }, { x = { 2, 5, 2 }, dim = 2 } },
  doc = "The different elements in order; for each element of x, which of them it is; and how often each is there. Each NaN is another. " ..
    "With dim: of the slices at the positions of that dimension, ordered by their first element that differs.",
  example = "ml.tensor{3, 1, 3}:unique()   --> 1  3",
})
ordering("searchsorted", {
  source = "tensor/search.c", accepts = "common",
  args = { { "sorted", "tensor" }, { "values", "tensor" } }, options = { { "right", "boolean", false } },
  cases = { { sorted = { 5 }, values = { 3, 4 } }, { sorted = { 2, 5 }, values = { 2, 4 }, right = true } },
  doc = "Where each value would stand in a sorted vector: before the first element that is not smaller (with right: behind the last that is not larger). Or row by row.",
  example = "ml.tensor{10, 20, 30}:searchsorted(ml.tensor{20, 25, 99})   --> 2  3  4",
})
ordering("bucketize", {
  source = "tensor/search.c", accepts = "common",
  args = { { "x", "tensor" }, { "boundaries", "tensor" } }, options = { { "right", "boolean", false } },
  cases = { { x = { 3, 4 }, boundaries = { 5 } } },
  doc = "Which of the ranges between sorted boundaries each element lies in, from 1 (up to the first boundary) on. With right, a range begins at its boundary.",
  example = "ml.tensor{5, 20, 25}:bucketize(ml.tensor{10, 20})   --> 1  2  3",
})

-- Counting -----------------------------------------------------------------------------------------------------------

ordering("bincount", {
  source = "tensor/search.c", accepts = "float", needs_data = true, constant = { "weights" },
  args = { { "index", "index" } }, options = { { "weights", "tensor", optional = true }, { "minlength", "integer", 0 } },
  cases = { { index = { 6, below = 4 } }, { index = { 6, below = 4 }, weights = { 6 }, minlength = 7 } },
  doc = "How often each position, from 1 to the largest (or to minlength), is there, or the sum of its weights. 0 is none and not counted.",
  example = "ml.tensor{1, 3, 3}:bincount()   --> 1  0  2",
})
ordering("histc", {
  source = "tensor/search.c", accepts = "float",
  args = { { "x", "tensor" }, { "bins", "integer", 100 }, { "min", "number", 0 }, { "max", "number", 0 } },
  cases = { { x = { 3, 4 }, bins = 3 }, { x = { 12 }, bins = 4, min = -1, max = 1 } },
  doc = "How many elements lie in each of `bins` equal parts of min..max, or of the range of the elements if none is given.",
  example = "ml.tensor{1.0, 2.0, 2.5, 4.0}:histc(3)   --> 1  2  1",
})
ordering("nonzero", {
  source = "tensor/search.c", needs_data = true, args = { { "x", "tensor" } }, cases = { { x = { 7 } }, { x = { 3, 4 } } },
  doc = "The positions of the elements that are not zero (or that are true): a row for each, with a column a dimension.",
  example = "ml.tensor{0, 5, 7}:nonzero()   --> 2  3",
})
