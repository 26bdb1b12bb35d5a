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
