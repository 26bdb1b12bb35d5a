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
view("diagonal", {
  args = { { "x", "tensor" }, { "offset", "integer", 0 }, { "dim1", "dim", 0 }, { "dim2", "dim", 1 } },
  cases = { { x = { 3, 4 } }, { x = { 4, 3 }, offset = -1 }, { x = { 2, 3, 4 }, offset = 1, dim1 = -2, dim2 = -1 }, { x = { 3, 2, 4 }, offset = -1, dim1 = 3, dim2 = 1 } },
  doc = "The diagonal of two dimensions as the last one: element i is x[i, i + offset] (offset below 0: x[i - offset, i]).",
  example = "ml.tensor{{1, 2}, {3, 4}}:diagonal()   --> 1  4",
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
