-- Rearranging --------------------------------------------------------------------------------------------------------

local function rearranging(name, entry)
  entry.family, entry.source, entry.accepts = "function", "tensor/rearrange.c", entry.accepts or "any"
  entry.grad, entry.second = "function", true
  op(name)(entry)
end

rearranging("flip", {
  strided = true, args = { { "x", "tensor" }, { "dims", "dims", optional = true } },
  cases = { { x = { 4 } }, { x = { 2, 3, 4 }, dims = { 1, 3 } }, { x = { 2, 3 }, dims = 2 } },
  doc = "The positions of dims, all if none are named, in the opposite order.",
  example = "ml.tensor{1, 2, 3}:flip(1)   --> 3  2  1",
})
rearranging("roll", {
  args = { { "x", "tensor" }, { "shift", "integer" }, { "dim", "dim", optional = true } },
  cases = { { x = { 5 }, shift = 2, dim = 1 }, { x = { 2, 5, 3 }, shift = -7, dim = 2 }, { x = { 2, 3 }, shift = 1 } },
  doc = "Positions moved on by shift along a dimension; those that fall off the end come back at the front. Without dim: of the flattened tensor.",
  example = "ml.tensor{1, 2, 3}:roll(1, 1)   --> 3  1  2",
})
-- PyTorch's repeat: a word that Lua keeps for itself
rearranging("tile", {
  args = { { "x", "tensor" }, { "repeats", "integers" } },
  cases = { { x = { 3 }, repeats = { 2 } }, { x = { 2, 3 }, repeats = { 2, 1, 3 } }, { x = { 2, 1, 3 }, repeats = { 4, 2 } } },
  doc = "x so many times beside itself along each dimension, the last ones if fewer are given, new ones in front if more. PyTorch's repeat, which is a word of Lua.",
  example = "ml.tensor{1, 2}:tile(2)   --> 1  2  1  2",
})
rearranging("repeat_interleave", {
  args = { { "x", "tensor" }, { "repeats", "integer" }, { "dim", "dim", optional = true } },
  cases = { { x = { 2, 3 }, repeats = 2 }, { x = { 2, 3, 4 }, repeats = 3, dim = 2 }, { x = { 3 }, repeats = 2, dim = -1 } },
  doc = "Each position of a dimension so many times. Without dim: of the flattened tensor.",
  example = "ml.tensor{1, 2}:repeat_interleave(2, 1)   --> 1  1  2  2",
})
rearranging("tril", {
  args = { { "x", "tensor" }, { "diagonal", "integer", 0 } },
  cases = { { x = { 3, 4 } }, { x = { 2, 4, 3 }, diagonal = -1 }, { x = { 3, 3 }, diagonal = 1 } },
  doc = "The lower triangle of a matrix, or of several, up to a diagonal (1: the one above the main one); 0 elsewhere.",
  example = "ml.ones(2, 2):tril()   --> 1  0  1  1",
})
rearranging("triu", {
  args = { { "x", "tensor" }, { "diagonal", "integer", 0 } },
  cases = { { x = { 3, 4 } }, { x = { 2, 4, 3 }, diagonal = -1 }, { x = { 3, 3 }, diagonal = 1 } },
  doc = "The upper triangle of a matrix, or of several, from a diagonal on (1: the one above the main one); 0 elsewhere.",
  example = "ml.ones(2, 2):triu()   --> 1  1  0  1",
})
rearranging("diag", {
  args = { { "x", "tensor" }, { "diagonal", "integer", 0 } },
  cases = { { x = { 3, 4 } }, { x = { 3, 4 }, diagonal = 2 }, { x = { 4, 3 }, diagonal = -1 }, { x = { 3 } }, { x = { 2 }, diagonal = -1 } },
  doc = "The diagonal of a matrix as a vector, or a matrix with a vector on its diagonal (1: the one above the main one).",
  example = "ml.tensor{{1, 2}, {3, 4}}:diag()   --> 1  4",
})
rearranging("diag_embed", {
  args = { { "x", "tensor" }, { "offset", "integer", 0 }, { "dim1", "new_dim", -2 }, { "dim2", "new_dim", -1 } },
  cases = { { x = { 3 } }, { x = { 2, 3 }, offset = 1 }, { x = { 2, 3 }, offset = -2, dim1 = 1, dim2 = 3 }, { x = { 2, 3, 2 }, dim1 = 3, dim2 = 2 } },
  doc = "Square matrices, in dimensions dim1 and dim2 of the result, whose diagonals (1: the ones above the main one) are the last dimension of x; 0 elsewhere.",
  example = "ml.tensor{1, 2}:diag_embed()   --> 1  0  0  2",
})
rearranging("outer", {
  accepts = "number", saves = { "x", "y" }, args = { { "x", "tensor" }, { "y", "tensor" } }, cases = { { x = { 3 }, y = { 4 } } },
  doc = "The products of each element of one vector with each of another.",
  example = "ml.tensor{1, 2}:outer(ml.tensor{3, 4})   --> 3  4  6  8",
})
