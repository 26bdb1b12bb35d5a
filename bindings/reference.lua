-- What the bindings give besides the ops of tensor/ops/ and nn/ops/: constructors, the fields and methods of tensors
-- that are no ops. Plain data in the form of an op's entry; the generator makes docs/tensors.md, help and the editor's
-- annotations from it, and a test compares the names with what is bound.
--
--   args     { name, type for the editor, default or nil, optional = }; a name that ends in ... takes the rest
--   options  the same, by name in the trailing table
--   returns  the type for the editor
--   example  runs; behind --> stands what it gives

local MADE = { { "dtype", "string", "float32" }, { "requires_grad", "boolean", false } }
local function made(dtype) return { { "dtype", "string", dtype }, MADE[2] } end
local function drawn(dtype) return { { "dtype", "string", dtype }, MADE[2], { "key", "integer", optional = true } } end
local SIZES = { { "sizes...", "integer" } }

-- Constructors -------------------------------------------------------------------------------------------------------
-- Ends are inclusive. The trailing table of options may be left out.

constructor "tensor" {
  args = { { "data", "number|boolean|table|Tensor" } }, options = { { "dtype", "string", optional = true }, MADE[2] },
  doc = "A tensor of a number, of nested tables, or a copy of another. Integers alone give int64, booleans bool, all else float32.",
  example = "ml.tensor{{1, 2}, {3, 4}}   --> 1  2  3  4",
}
constructor "zeros" { args = SIZES, options = MADE, doc = "A tensor full of 0.", example = "ml.zeros(2, 3)   -- [2, 3]" }
constructor "ones" { args = SIZES, options = MADE, doc = "A tensor full of 1.", example = "ml.ones(3)   --> 1  1  1" }
constructor "empty" {
  args = SIZES, options = MADE, doc = "A tensor whose elements are whatever stood in memory: to be written next.",
  example = "ml.empty(2, 3)   -- [2, 3]",
}
constructor "full" {
  args = { { "sizes", "integer[]" }, { "value", "number" } }, options = { { "dtype", "string", optional = true }, MADE[2] },
  doc = "A tensor full of a value: int64 of an integer, float32 of a float.", example = "ml.full({3}, 0.5)   --> 0.5  0.5  0.5",
}
for _, name in ipairs { "zeros", "ones", "empty" } do
  constructor(name .. "_like") {
    args = { { "x", "Tensor" } }, options = { { "dtype", "string", optional = true }, MADE[2] },
    doc = ("As %s, with the shape and type of x."):format(name), example = ("ml.%s_like(ml.ones(2, 3))   -- [2, 3]"):format(name),
  }
end
constructor "eye" { args = { { "n", "integer" } }, options = MADE, doc = "The n x n identity matrix.", example = "ml.eye(2)   --> 1  0  0  1" }
constructor "arange" {
  args = { { "from", "number" }, { "to", "number", optional = true }, { "step", "number", 1 } },
  options = { { "dtype", "string", optional = true }, MADE[2] },
  doc = "from, from + step, ... up to and including to. With one argument from 1 up to it. int64 of integers, else float32.",
  example = "ml.arange(1, 5)   --> 1  2  3  4  5",
}
constructor "linspace" {
  args = { { "from", "number" }, { "to", "number" }, { "n", "integer" } }, options = MADE,
  doc = "n numbers at equal distances, both ends among them.", example = "ml.linspace(0, 1, 3)   --> 0  0.5  1",
}
constructor "rand" {
  args = SIZES, options = drawn "float32",
  doc = "Uniform random numbers in [0, 1). Numbers come from the stream of ml.manual_seed, or from that of key.",
  example = "ml.rand(2, 3)   -- [2, 3]",
}
constructor "randn" { args = SIZES, options = drawn "float32", doc = "Normal random numbers with mean 0 and deviation 1.", example = "ml.randn(2, 3)   -- [2, 3]" }
constructor "randint" {
  args = { { "from", "integer" }, { "to", "integer" }, { "sizes", "integer[]" } }, options = drawn "int64",
  doc = "Random integers from..to, both included.", example = "ml.randint(1, 6, {10})   -- [10]",
}
constructor "randperm" {
  args = { { "n", "integer" } }, options = { { "key", "integer", optional = true } },
  doc = "The integers 1..n in random order.", example = "ml.randperm(4):sum()   --> 10",
}

-- Fields of a tensor -------------------------------------------------------------------------------------------------

field "shape" { type = "integer[]", doc = "The sizes, as a new table. The same as x:size().", example = "ml.zeros(2, 3).shape[2]   --> 3" }
field "dtype" {
  type = "string", doc = [["float32", "float64", "int64", "int32", "uint8" or "bool".]], example = "ml.zeros(2).dtype   --> float32",
}
field "requires_grad" {
  type = "boolean", doc = "Whether backward computes a gradient for it or through it. May be assigned to a tensor that was not computed.",
  example = "ml.zeros(2, {requires_grad = true}).requires_grad   --> true",
}
field "grad" { type = "Tensor?", doc = "The gradient, once backward has run; nil before. May be assigned: x.grad = nil.", example = "ml.zeros(2).grad   --> nil" }
field "grad_op" { type = "string?", doc = "The name of the recorded op that made the tensor; nil of a leaf.", example = "(ml.ones(1, {requires_grad = true}) * 2).grad_op   --> mul" }
field "is_leaf" { type = "boolean", doc = "Whether the tensor was made rather than computed by a recorded op.", example = "ml.zeros(2).is_leaf   --> true" }

-- Values and sizes ---------------------------------------------------------------------------------------------------

method "item" { returns = "number|boolean", doc = "The element of a tensor that has one, as a Lua value.", example = "ml.tensor{1.5}:item()   --> 1.5" }
method "at" {
  args = { { "positions...", "integer" } }, returns = "number|boolean",
  doc = "One element as a Lua value. Positions count from 1, negative ones from the end.",
  example = "ml.tensor{{1, 2}, {3, 4}}:at(2, -1)   --> 4",
}
method "tolist" { returns = "table", doc = "The elements as nested Lua tables.", example = "ml.tensor{{1, 2}, {3, 4}}:tolist()[2][1]   --> 3" }
method "size" {
  args = { { "dim", "integer", optional = true } }, returns = "integer|integer[]",
  doc = "The size of a dimension, or all sizes as a table.", example = "ml.zeros(2, 3):size(-1)   --> 3",
}
method "dim" { returns = "integer", doc = "How many dimensions there are. 0 for a single number.", example = "ml.zeros(2, 3):dim()   --> 2" }
method "numel" { returns = "integer", doc = "How many elements there are.", example = "ml.zeros(2, 3):numel()   --> 6" }
method "rows" {
  returns = "fun(): Tensor", doc = "Iterates over the first dimension.",
  example = "ml.tensor{{1, 2}, {3, 4}}:rows()():sum()   --> 3",
}
method "equal" { args = { { "y", "Tensor" } }, returns = "boolean", doc = "Whether shapes and all elements are equal.", example = "ml.ones(2):equal(ml.ones(2))   --> true" }
method "allclose" {
  args = { { "y", "Tensor" } }, options = { { "rtol", "number", 1e-5 }, { "atol", "number", 1e-8 } }, returns = "boolean",
  doc = "Whether |x - y| <= atol + rtol |y| everywhere.", example = "ml.ones(2):allclose(ml.ones(2) + 1e-7)   --> true",
}
method "is_contiguous" { returns = "boolean", doc = "Whether the elements lie in row-major order without gaps.", example = "ml.zeros(2, 3):transpose():is_contiguous()   --> false" }
method "storage_bytes" { returns = "integer", doc = "Bytes of the storage that the tensor looks at, which views share.", example = "ml.zeros(4):storage_bytes() >= 16   --> true" }
method "has_storage" { returns = "boolean", doc = "Whether there are elements: while a model is only checked, tensors have shapes alone.", example = "ml.zeros(2):has_storage()   --> true" }
method "has_grad" { returns = "boolean", doc = "Whether a gradient has arrived. Unlike x.grad it gives out no tensor that keeps the gradient alive.", example = "ml.zeros(2):has_grad()   --> false" }
method "is_slot" { returns = "boolean", doc = "Whether it is a parameter that has no shape yet.", example = "ml.zeros(2):is_slot()   --> false" }
method "describe" {
  returns = "table", doc = "What prints as least, greatest, mean, deviation, counts of NaN and infinities, and a histogram.",
  example = [[tostring(ml.ones(3):describe()):match "max (%d)"   --> 1]],
}

-- In Lua, made of ops; each is also a function of ml, described in library.md -----------------------------------------

method "trace" { returns = "Tensor", doc = "The sum of the diagonal of a matrix: ml.trace.", example = "ml.tensor{{1, 2}, {3, 4}}:trace()   --> 5" }
method "cross" {
  args = { { "y", "Tensor" }, { "dim", "integer", -1 } }, returns = "Tensor", doc = "The cross product along a dimension of size 3: ml.cross.",
  example = "ml.tensor{1, 0, 0}:cross(ml.tensor{0, 1, 0})   --> 0  0  1",
}
method "nanquantile" {
  args = { { "q", "number|number[]" }, { "dim", "integer", optional = true } },
  options = { { "keepdim", "boolean", false }, { "interpolation", "string", "linear" } }, returns = "Tensor",
  doc = "quantile of the elements that are no NaN; of a list of q with their dimension in front: ml.nanquantile.",
  example = "ml.tensor{1, 0/0, 3}:nanquantile(0.5)   --> 2",
}
method "index_put" {
  args = { { "index", "Tensor[]" }, { "values", "Tensor|number" } }, options = { { "accumulate", "boolean", false } }, returns = "Tensor",
  doc = "A copy of x with values where tensors of positions (or masks) say, one for each of the first dimensions: ml.index_put.",
  example = "ml.zeros(3):index_put({ml.tensor{3, 1}}, 7)   --> 7  0  7",
}

-- Pieces, copies, types ----------------------------------------------------------------------------------------------

method "split" {
  args = { { "size", "integer" }, { "dim", "integer", 1 } }, returns = "Tensor[]",
  doc = "Pieces of a size along a dimension, as a list of views; the last may be smaller.", example = "ml.arange(1, 5):split(2)[3]   --> 5",
}
method "chunk" {
  args = { { "n", "integer" }, { "dim", "integer", 1 } }, returns = "Tensor[]",
  doc = "At most n pieces of one size along a dimension, as a list of views; the last may be smaller.", example = "ml.arange(1, 5):chunk(2)[2]   --> 4  5",
}
method "detach" { returns = "Tensor", doc = "The same elements (shared) outside of the graph.", example = "ml.ones(2, {requires_grad = true}):detach().requires_grad   --> false" }
method "clone" { returns = "Tensor", doc = "A copy; gradients flow through it.", example = "ml.ones(2):clone()   --> 1  1" }
for _, row in ipairs { { "float", "float32" }, { "double", "float64" }, { "long", "int64" }, { "int", "int32" }, { "byte", "uint8" }, { "bool", "bool" } } do
  method(row[1]) { returns = "Tensor", doc = ('The same as x:to "%s".'):format(row[2]), example = ("ml.ones(2):%s().dtype   --> %s"):format(row[1], row[2]) }
end

-- Gradients ----------------------------------------------------------------------------------------------------------

method "backward" {
  args = { { "gradient", "Tensor", optional = true } }, options = { { "retain_graph", "boolean", false }, { "create_graph", "boolean", false } },
  doc = "Adds the gradient of x to the grad of every leaf it was computed from. Of more than one element it needs a gradient to start with. " ..
    "The graph is freed unless it is to be retained; create_graph records the backward pass, for gradients of gradients.",
  example = "(function() local x = ml.tensor({3.0}, {requires_grad = true}); (x * x):backward(); return x.grad end)()   --> 6",
}

-- Writing in place ---------------------------------------------------------------------------------------------------
-- A name that ends in _ writes into x and gives x. Every elementwise op has such a form (x:add_(y), x:relu_()); these are no
-- ops. Outside of ml.no_grad, a tensor that is part of a graph can't be written to.

method "zero_" { returns = "Tensor", doc = "Writes 0 everywhere.", example = "ml.ones(2):zero_()   --> 0  0" }
method "index_put_" {
  args = { { "index", "Tensor[]" }, { "values", "Tensor|number" } }, options = { { "accumulate", "boolean", false } }, returns = "Tensor",
  doc = "Writes values where tensors of positions (or masks) say: ml.index_put_.", example = "ml.zeros(3):index_put_({ml.tensor{3, 1}}, 7)   --> 7  0  7",
}
method "fill_" { args = { { "value", "number" } }, returns = "Tensor", doc = "Writes a number everywhere.", example = "ml.ones(2):fill_(7)   --> 7  7" }
method "copy_" { args = { { "y", "Tensor" } }, returns = "Tensor", doc = "Writes the elements of y, which may broadcast.", example = "ml.zeros(2):copy_(ml.tensor{1, 2})   --> 1  2" }
method "uniform_" {
  args = { { "low", "number", 0 }, { "high", "number", 1 } }, options = { { "key", "integer", optional = true } }, returns = "Tensor",
  doc = "Writes uniform random numbers in [low, high).", example = "ml.zeros(3):uniform_(2, 2)   --> 2  2  2",
}
method "normal_" {
  args = { { "mean", "number", 0 }, { "std", "number", 1 } }, options = { { "key", "integer", optional = true } }, returns = "Tensor",
  doc = "Writes normal random numbers.", example = "ml.zeros(3):normal_(5, 0)   --> 5  5  5",
}

-- Indexing -----------------------------------------------------------------------------------------------------------
-- Positions count from 1, negative ones from the end, and ranges include both ends. All of these but a mask and a list of
-- positions are views: no element is copied.

index "x[i]" { doc = "One position of the first dimension, as a tensor (never a Lua number: x[i]:item()).", example = "ml.tensor{{1, 2}, {3, 4}}[2]   --> 3  4" }
index "x[{ ... }]" {
  doc = "For each dimension a position, a range {from, to} or {from, to, step}, or {} for all of it.",
  example = "ml.tensor{{1, 2}, {3, 4}}[{ {}, 1 }]   --> 1  3",
}
index [=[x["1:3, :, -1"]]=] {
  doc = "The same as text: from:to:step, each part optional.", example = [[ml.tensor{{1, 2}, {3, 4}}[":, -1"]   --> 2  4]],
}
index "x[mask]" { doc = "The elements where a bool tensor of x's shape is true, as a vector.", example = "(function() local x = ml.tensor{-1, 2, 3}; return x[x:gt(0)] end)()   --> 2  3" }
index "x[positions]" { doc = "The positions of the first dimension that an integer vector names.", example = "ml.tensor{10, 20, 30}[ml.tensor{3, 1}]   --> 30  10" }
index "x[...] = value" {
  doc = "Every form but a vector of positions can be assigned a number or a tensor that broadcasts.",
  example = "(function() local x = ml.tensor{1, 2, 3}; x[\"2:3\"] = 0; return x end)()   --> 1  0  0",
}
