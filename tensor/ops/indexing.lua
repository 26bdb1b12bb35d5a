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
  family = "function", source = "tensor/indexing.c", accepts = "any", grad = "function", saves = { "index" }, second = true,
  args = { { "x", "tensor" }, { "dim", "dim" }, { "index", "index" } },
  cases = { { x = { 4, 3 }, dim = 1, index = { 5, below = 4 } }, { x = { 2, 4, 3 }, dim = 2, index = { 6, below = 4 } } },
  doc = "The positions of a dimension that a vector of positions names, in its order.",
  example = "ml.tensor{10, 20, 30}:index_select(1, ml.tensor{3, 1})   --> 30  10",
}
op "gather" {
  family = "function", source = "tensor/indexing.c", accepts = "any", grad = "function", saves = { "index" }, second = true,
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
  family = "function", source = "tensor/indexing.c", accepts = "any", grad = "function", saves = { "mask" }, second = true, needs_data = true,
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

-- Putting where positions say: a copy of x with the elements put in; x:scatter_(...) and its kin write into x. --------
-- Where elements meet in one place they are taken in the order of index.

local function putting(name, entry)
  entry.family, entry.source, entry.grad, entry.second = "function", "tensor/scatter.c", "function", true
  entry.strided = entry.strided ~= false
  entry.in_place = true
  op(name)(entry)
end

local scatter_args = { { "x", "tensor" }, { "dim", "dim" }, { "index", "index" }, { "source", "tensor" } }
local scatter_cases = {
  { x = { 4, 3 }, dim = 1, index = { 2, 3, below = 4 }, source = { 2, 3 } },
  { x = { 3, 5 }, dim = 2, index = { 2, 4, below = 5 }, source = { 3, 6 } },
  { x = { 2, 4, 3 }, dim = 2, index = { 2, 5, 2, below = 4 }, source = { 2, 5, 3 } },
  { x = { 4, 3 }, dim = 1, index = { 3, 2, below = 4 }, source = {} },
}
putting("scatter", {
  accepts = "common", saves = { "index" }, args = scatter_args, cases = scatter_cases,
  doc = "A copy of x in which result[index[i][j]][j] = source[i][j] for dim 1, and so on; source may be a number. Where positions repeat the last one stays.",
  example = "ml.zeros(3):scatter(1, ml.tensor{3, 1}, ml.tensor{5.0, 6.0})   --> 6  0  5",
})
putting("scatter_add", {
  accepts = "number", saves = { "index" }, args = scatter_args, cases = scatter_cases,
  doc = "A copy of x in which result[index[i][j]][j] has source[i][j] added for dim 1, and so on; source may be a number.",
  example = "ml.zeros(3):scatter_add(1, ml.tensor{3, 3}, ml.tensor{5.0, 6.0})   --> 0  0  11",
})
local reduce_cases = {}
for _, how in ipairs { "sum", "prod", "mean", "amax", "amin" } do
  for _, include_self in ipairs { true, false } do
    table.insert(reduce_cases, { x = { 4, 3 }, dim = 1, index = { 5, 3, below = 4 }, source = { 5, 3 }, reducing = how, include_self = include_self })
    table.insert(reduce_cases, { x = { 2, 3 }, dim = 2, index = { 2, 4, below = 3 }, source = { 3, 5 }, reducing = how, include_self = include_self })
  end
end
putting("scatter_reduce", {
  accepts = "number", saves = { "x", "index", "source", "result" },
  args = { { "x", "tensor" }, { "dim", "dim" }, { "index", "index" }, { "source", "tensor" }, { "reducing", { "sum", "prod", "mean", "amax", "amin" } } },
  options = { { "include_self", "boolean", true } }, cases = reduce_cases,
  domain = { x = { -2, 2 }, source = { -2, 2 }, apart = 0.01 },
  doc = "As scatter_add, but the elements that meet in one place (and the element of x, unless include_self = false) give their sum, product, mean, largest or smallest. " ..
    "Means of integers are rounded down. Elements that tie share the gradient.",
  example = [[ml.zeros(2):scatter_reduce(1, ml.tensor{2, 2}, ml.tensor{5.0, 7.0}, "mean", {include_self = false})   --> 0  6]],
})
local row_cases = {
  { x = { 4, 3 }, dim = 1, index = { 5, below = 4 }, source = { 5, 3 } }, { x = { 2, 4, 3 }, dim = 2, index = { 3, below = 4 }, source = { 2, 3, 3 } },
  { x = { 4, 3 }, dim = 2, index = { 2, below = 3 }, source = {} },
}
putting("index_add", {
  accepts = "number", saves = { "index" }, args = scatter_args, cases = row_cases,
  doc = "A copy of x with the positions of source's dimension added to those that the vector index names; source may be a number.",
  example = "ml.zeros(3):index_add(1, ml.tensor{3, 3}, ml.tensor{5.0, 6.0})   --> 0  0  11",
})
putting("index_copy", {
  accepts = "common", saves = { "index" }, args = scatter_args, cases = row_cases,
  doc = "A copy of x with the positions of source's dimension written over those that the vector index names. Where positions repeat the last one stays.",
  example = "ml.zeros(3):index_copy(1, ml.tensor{3, 1}, ml.tensor{5.0, 6.0})   --> 6  0  5",
})
putting("index_fill", {
  accepts = "any", saves = { "index" },
  args = { { "x", "tensor" }, { "dim", "dim" }, { "index", "index" }, { "value", "number" } },
  cases = { { x = { 4, 3 }, dim = 1, index = { 2, below = 4 }, value = 2 }, { x = { 4, 3 }, dim = 2, index = { 2, below = 3 }, value = 1 } },
  doc = "A copy of x with value at the positions of a dimension that the vector index names.",
  example = "ml.zeros(3):index_fill(1, ml.tensor{3, 1}, 7)   --> 7  0  7",
})
putting("masked_scatter", {
  accepts = "common", saves = { "mask" }, strided = false,
  args = { { "x", "tensor" }, { "mask", "mask" }, { "source", "tensor" } },
  cases = { { x = { 3, 4 }, mask = { 3, 4 }, source = { 12 } }, { x = { 3, 4 }, mask = { 3, 4 }, source = { 2, 7 } } },
  doc = "A copy of x in which the places where the mask holds are taken from source, one after the other.",
  example = "ml.zeros(3):masked_scatter(ml.tensor{true, false, true}, ml.tensor{5.0, 6.0})   --> 5  0  6",
})
