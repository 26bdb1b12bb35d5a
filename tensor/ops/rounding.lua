-- Rounding -----------------------------------------------------------------------------------------------------------
-- Integers are whole already. Between the steps the gradient is 0.

local function rounding(name, entry)
  entry.family, entry.accepts, entry.grad = "unary", "number", { x = "0 * g" }
  entry.domain = { x = { -2, 2 }, apart = 0.01 }
  op(name)(entry)
end

rounding("floor", {
  forward = "floor(x)",
  doc = "The largest whole number that is not above the element.",
  example = "ml.tensor{1.5, -1.5}:floor()   --> 1  -2",
})
rounding("ceil", {
  forward = "-floor(-x)",
  doc = "The smallest whole number that is not below the element.",
  example = "ml.tensor{1.5, -1.5}:ceil()   --> 2  -1",
})
rounding("round", {
  forward = "round(x)",
  doc = "The nearest whole number; of two that are as near, the even one.",
  example = "ml.tensor{0.5, 1.5, 2.4}:round()   --> 0  2  2",
})
rounding("trunc", {
  forward = "trunc(x)",
  doc = "Each element without its fraction.",
  example = "ml.tensor{1.5, -1.5}:trunc()   --> 1  -1",
})
op "frac" {
  family = "unary", accepts = "float", forward = "x - trunc(x)", grad = { x = "g" }, domain = { x = { -2, 2 }, apart = 0.01 },
  doc = "What trunc leaves, with the sign of the element.",
  example = "ml.tensor{1.5, -1.25}:frac()   --> 0.5  -0.25",
}
