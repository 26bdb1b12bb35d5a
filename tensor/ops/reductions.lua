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
reduction("prod", {
  accepts = "any", grad = "function", saves = { "x", "result" }, second = true, domain = { x = { 0.5, 1.5 } },
  doc = "Product of the elements over dims; over nothing 1. Integers and masks are multiplied as int64.",
  example = "ml.tensor{{1, 2}, {3, 4}}:prod(1)   --> 3  8",
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
