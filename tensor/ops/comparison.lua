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
op "isinf" {
  family = "unary", accepts = "common", result = "bool", forward = "and(eq(x, x), ne(x - x, 0))", grad = "none",
  doc = "Where an element is infinite.",
  example = "ml.tensor{1.0, -1/0}:isinf()   --> false  true",
}
op "where" {
  family = "elementwise", accepts = "common",
  args = { { "condition", "mask" }, { "x", "tensor" }, { "y", "tensor" } },
  forward = "where(condition, x, y)", grad = { x = "where(condition, g, 0)", y = "where(condition, 0, g)" },
  doc = "x where the condition holds, y elsewhere; all three broadcast.",
  example = "ml.where(ml.tensor{true, false}, ml.tensor{1, 2}, 0)   --> 1  0",
}
