-- Running totals -----------------------------------------------------------------------------------------------------

local function scan(name, entry)
  entry.family, entry.source, entry.accepts, entry.grad = "function", "tensor/scan.c", entry.accepts or "any", "function"
  entry.args = { { "x", "tensor" }, { "dim", "dim" } }
  entry.cases = entry.cases or { { x = { 5 }, dim = 1 }, { x = { 3, 4 }, dim = 2 }, { x = { 2, 3, 70 }, dim = 2 } }
  op(name)(entry)
end

scan("cumsum", {
  options = { { "reverse", "boolean", false } }, second = true,
  cases = { { x = { 5 }, dim = 1 }, { x = { 3, 4 }, dim = -1, reverse = true }, { x = { 2, 3, 70 }, dim = 2 } },
  doc = "Sums of all elements up to each, along a dimension; with reverse, from each to the end. Integers and masks are summed as int64.",
  example = "ml.tensor{1, 2, 3}:cumsum(1)   --> 1  3  6",
})
scan("cumprod", {
  saves = { "x", "result" }, second = true, domain = { x = { 0.5, 1.5 } },
  doc = "Products of all elements up to each, along a dimension. Of integers and masks, as int64.",
  example = "ml.tensor{1, 2, 3}:cumprod(1)   --> 1  2  6",
})
scan("logcumsumexp", {
  accepts = "float", saves = { "x", "result" }, second = true,
  doc = "log(sum(exp(x))) of all elements up to each, along a dimension, shifted by the largest so that nothing overflows.",
  example = "ml.tensor{0.0, 0.0}:logcumsumexp(1)   --> 0  0.6931",
})
for _, name in ipairs { "cummax", "cummin" } do
  local which = name == "cummax" and "largest" or "smallest"
  scan(name, {
    results = { { "values" }, { "positions", dtype = "int64" } }, saves = { "positions" }, second = true, domain = { x = { -2, 2 }, apart = 0.001 },
    doc = ("The %s of all elements up to each, along a dimension, and its position: of equals the last. NaN wins."):format(which),
    example = ("ml.tensor{2, 3, 1}:%s(1)   --> %s"):format(name, name == "cummax" and "2  3  3" or "2  2  1"),
  })
end
