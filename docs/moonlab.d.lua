---@meta
-- Made by `make docs` from the op tables, bindings/reference.lua and the comments of lua/moonlab/. Not to be edited.
-- Editors: add docs/ to Lua.workspace.library.

---@class moonlab
local ml = {}

---@class Module
local Module = {}

---@class Optimizer
local Optimizer = {}

---@class Average
local Average = {}

---@class Schedule
local Schedule = {}

---@class Dataset
local Dataset = {}

---@class Folds
local Folds = {}

---@class Plot
local Plot = {}

---@class Table
local Table = {}

---@class Column
local Column = {}

---@class Expression
local Expression = {}

---@class Source
local Source = {}

---@class Profile
local Profile = {}

---@class Calibrator
local Calibrator = {}

---@class Threshold
local Threshold = {}

---@class moonlab.nn
local nn = {}
ml.nn = nn

---@class moonlab.optim
local optim = {}
ml.optim = optim

---@class moonlab.data
local data = {}
ml.data = data

---@class moonlab.features
local features = {}
ml.features = features

---@class moonlab.split
local split = {}
ml.split = split

---@class moonlab.linalg
local linalg = {}
ml.linalg = linalg

---@class moonlab.fft
local fft = {}
ml.fft = fft

---@class moonlab.sparse
local sparse = {}
ml.sparse = sparse

---@class moonlab.metrics
local metrics = {}
ml.metrics = metrics

---@class moonlab.assess
local assess = {}
ml.assess = assess

---@class moonlab.plot
local plot = {}
ml.plot = plot

---@class moonlab.help
local help = {}
ml.help = help

---@class Tensor
---@field shape integer[] The sizes, as a new table. The same as x:size().
---@field dtype string "float32", "float64", "int64", "int32", "uint8" or "bool".
---@field requires_grad boolean Whether backward computes a gradient for it or through it. May be assigned to a tensor that was not computed.
---@field grad Tensor? The gradient, once backward has run; nil before. May be assigned: x.grad = nil.
---@field grad_op string? The name of the recorded op that made the tensor; nil of a leaf.
---@field is_leaf boolean Whether the tensor was made rather than computed by a recorded op.
---@field [integer|table|string|Tensor] Tensor
---@operator add(Tensor|number): Tensor
---@operator sub(Tensor|number): Tensor
---@operator mul(Tensor|number): Tensor
---@operator div(Tensor|number): Tensor
---@operator idiv(Tensor|number): Tensor
---@operator mod(Tensor|number): Tensor
---@operator pow(Tensor|number): Tensor
---@operator unm: Tensor
---@operator band(Tensor|number): Tensor
---@operator bor(Tensor|number): Tensor
---@operator bxor(Tensor|number): Tensor
---@operator bnot: Tensor
---@operator len: integer
local Tensor = {}

---A tensor of a number, of nested tables, or a copy of another. Integers alone give int64, booleans bool, all else float32.
---    ml.tensor{{1, 2}, {3, 4}}   --> 1  2  3  4
---@param data number|boolean|table|Tensor
---@param options? {dtype?: string, requires_grad?: boolean}
---@return Tensor
function ml.tensor(data, options) end

---A tensor full of 0.
---    ml.zeros(2, 3)   -- [2, 3]
---@param ... integer sizes
---The options stand last: {dtype?: string, requires_grad?: boolean}
---@return Tensor
function ml.zeros(...) end

---A tensor full of 1.
---    ml.ones(3)   --> 1  1  1
---@param ... integer sizes
---The options stand last: {dtype?: string, requires_grad?: boolean}
---@return Tensor
function ml.ones(...) end

---A tensor whose elements are whatever stood in memory: to be written next.
---    ml.empty(2, 3)   -- [2, 3]
---@param ... integer sizes
---The options stand last: {dtype?: string, requires_grad?: boolean}
---@return Tensor
function ml.empty(...) end

---A tensor full of a value: int64 of an integer, float32 of a float.
---    ml.full({3}, 0.5)   --> 0.5  0.5  0.5
---@param sizes integer[]
---@param value number
---@param options? {dtype?: string, requires_grad?: boolean}
---@return Tensor
function ml.full(sizes, value, options) end

---As zeros, with the shape and type of x.
---    ml.zeros_like(ml.ones(2, 3))   -- [2, 3]
---@param x Tensor
---@param options? {dtype?: string, requires_grad?: boolean}
---@return Tensor
function ml.zeros_like(x, options) end

---As ones, with the shape and type of x.
---    ml.ones_like(ml.ones(2, 3))   -- [2, 3]
---@param x Tensor
---@param options? {dtype?: string, requires_grad?: boolean}
---@return Tensor
function ml.ones_like(x, options) end

---As empty, with the shape and type of x.
---    ml.empty_like(ml.ones(2, 3))   -- [2, 3]
---@param x Tensor
---@param options? {dtype?: string, requires_grad?: boolean}
---@return Tensor
function ml.empty_like(x, options) end

---The n x n identity matrix.
---    ml.eye(2)   --> 1  0  0  1
---@param n integer
---@param options? {dtype?: string, requires_grad?: boolean}
---@return Tensor
function ml.eye(n, options) end

---from, from + step, ... up to and including to. With one argument from 1 up to it. int64 of integers, else float32.
---    ml.arange(1, 5)   --> 1  2  3  4  5
---@param from number
---@param to? number
---@param step? number
---@param options? {dtype?: string, requires_grad?: boolean}
---@return Tensor
function ml.arange(from, to, step, options) end

---n numbers at equal distances, both ends among them.
---    ml.linspace(0, 1, 3)   --> 0  0.5  1
---@param from number
---@param to number
---@param n integer
---@param options? {dtype?: string, requires_grad?: boolean}
---@return Tensor
function ml.linspace(from, to, n, options) end

---Uniform random numbers in [0, 1). Numbers come from the stream of ml.manual_seed, or from that of key.
---    ml.rand(2, 3)   -- [2, 3]
---@param ... integer sizes
---The options stand last: {dtype?: string, requires_grad?: boolean, key?: integer}
---@return Tensor
function ml.rand(...) end

---Normal random numbers with mean 0 and deviation 1.
---    ml.randn(2, 3)   -- [2, 3]
---@param ... integer sizes
---The options stand last: {dtype?: string, requires_grad?: boolean, key?: integer}
---@return Tensor
function ml.randn(...) end

---Random integers from..to, both included.
---    ml.randint(1, 6, {10})   -- [10]
---@param from integer
---@param to integer
---@param sizes integer[]
---@param options? {dtype?: string, requires_grad?: boolean, key?: integer}
---@return Tensor
function ml.randint(from, to, sizes, options) end

---The integers 1..n in random order.
---    ml.randperm(4):sum()   --> 10
---@param n integer
---@param options? {key?: integer}
---@return Tensor
function ml.randperm(n, options) end

---The element of a tensor that has one, as a Lua value.
---    ml.tensor{1.5}:item()   --> 1.5
---@return number|boolean
function Tensor:item() end

---One element as a Lua value. Positions count from 1, negative ones from the end.
---    ml.tensor{{1, 2}, {3, 4}}:at(2, -1)   --> 4
---@param ... integer positions
---@return number|boolean
function Tensor:at(...) end

---The elements as nested Lua tables.
---    ml.tensor{{1, 2}, {3, 4}}:tolist()[2][1]   --> 3
---@return table
function Tensor:tolist() end

---The size of a dimension, or all sizes as a table.
---    ml.zeros(2, 3):size(-1)   --> 3
---@param dim? integer
---@return integer|integer[]
function Tensor:size(dim) end

---How many dimensions there are. 0 for a single number.
---    ml.zeros(2, 3):dim()   --> 2
---@return integer
function Tensor:dim() end

---How many elements there are.
---    ml.zeros(2, 3):numel()   --> 6
---@return integer
function Tensor:numel() end

---Iterates over the first dimension.
---    ml.tensor{{1, 2}, {3, 4}}:rows()():sum()   --> 3
---@return fun(): Tensor
function Tensor:rows() end

---Whether shapes and all elements are equal.
---    ml.ones(2):equal(ml.ones(2))   --> true
---@param y Tensor
---@return boolean
function Tensor:equal(y) end

---Whether |x - y| <= atol + rtol |y| everywhere.
---    ml.ones(2):allclose(ml.ones(2) + 1e-7)   --> true
---@param y Tensor
---@param options? {rtol?: number, atol?: number}
---@return boolean
function Tensor:allclose(y, options) end

---Whether the elements lie in row-major order without gaps.
---    ml.zeros(2, 3):transpose():is_contiguous()   --> false
---@return boolean
function Tensor:is_contiguous() end

---Bytes of the storage that the tensor looks at, which views share.
---    ml.zeros(4):storage_bytes() >= 16   --> true
---@return integer
function Tensor:storage_bytes() end

---Whether there are elements: while a model is only checked, tensors have shapes alone.
---    ml.zeros(2):has_storage()   --> true
---@return boolean
function Tensor:has_storage() end

---Whether a gradient has arrived. Unlike x.grad it gives out no tensor that keeps the gradient alive.
---    ml.zeros(2):has_grad()   --> false
---@return boolean
function Tensor:has_grad() end

---Whether it is a parameter that has no shape yet.
---    ml.zeros(2):is_slot()   --> false
---@return boolean
function Tensor:is_slot() end

---What prints as least, greatest, mean, deviation, counts of NaN and infinities, and a histogram.
---    tostring(ml.ones(3):describe()):match "max (%d)"   --> 1
---@return table
function Tensor:describe() end

---The sum of the diagonal of a matrix: ml.trace.
---    ml.tensor{{1, 2}, {3, 4}}:trace()   --> 5
---@return Tensor
function Tensor:trace() end

---The cross product along a dimension of size 3: ml.cross.
---    ml.tensor{1, 0, 0}:cross(ml.tensor{0, 1, 0})   --> 0  0  1
---@param y Tensor
---@param dim? integer
---@return Tensor
function Tensor:cross(y, dim) end

---quantile of the elements that are no NaN; of a list of q with their dimension in front: ml.nanquantile.
---    ml.tensor{1, 0/0, 3}:nanquantile(0.5)   --> 2
---@param q number|number[]
---@param dim? integer
---@param options? {keepdim?: boolean, interpolation?: string}
---@return Tensor
function Tensor:nanquantile(q, dim, options) end

---A copy of x with values where tensors of positions (or masks) say, one for each of the first dimensions: ml.index_put.
---    ml.zeros(3):index_put({ml.tensor{3, 1}}, 7)   --> 7  0  7
---@param index Tensor[]
---@param values Tensor|number
---@param options? {accumulate?: boolean}
---@return Tensor
function Tensor:index_put(index, values, options) end

---Pieces of a size along a dimension, as a list of views; the last may be smaller.
---    ml.arange(1, 5):split(2)[3]   --> 5
---@param size integer
---@param dim? integer
---@return Tensor[]
function Tensor:split(size, dim) end

---At most n pieces of one size along a dimension, as a list of views; the last may be smaller.
---    ml.arange(1, 5):chunk(2)[2]   --> 4  5
---@param n integer
---@param dim? integer
---@return Tensor[]
function Tensor:chunk(n, dim) end

---The same elements (shared) outside of the graph.
---    ml.ones(2, {requires_grad = true}):detach().requires_grad   --> false
---@return Tensor
function Tensor:detach() end

---A copy; gradients flow through it.
---    ml.ones(2):clone()   --> 1  1
---@return Tensor
function Tensor:clone() end

---The same as x:to "float32".
---    ml.ones(2):float().dtype   --> float32
---@return Tensor
function Tensor:float() end

---The same as x:to "float64".
---    ml.ones(2):double().dtype   --> float64
---@return Tensor
function Tensor:double() end

---The same as x:to "int64".
---    ml.ones(2):long().dtype   --> int64
---@return Tensor
function Tensor:long() end

---The same as x:to "int32".
---    ml.ones(2):int().dtype   --> int32
---@return Tensor
function Tensor:int() end

---The same as x:to "uint8".
---    ml.ones(2):byte().dtype   --> uint8
---@return Tensor
function Tensor:byte() end

---The same as x:to "bool".
---    ml.ones(2):bool().dtype   --> bool
---@return Tensor
function Tensor:bool() end

---Adds the gradient of x to the grad of every leaf it was computed from. Of more than one element it needs a gradient to start with. The graph is freed unless it is to be retained; create_graph records the backward pass, for gradients of gradients.
---    (function() local x = ml.tensor({3.0}, {requires_grad = true}); (x * x):backward(); return x.grad end)()   --> 6
---@param gradient? Tensor
---@param options? {retain_graph?: boolean, create_graph?: boolean}
function Tensor:backward(gradient, options) end

---Writes 0 everywhere.
---    ml.ones(2):zero_()   --> 0  0
---@return Tensor
function Tensor:zero_() end

---Writes values where tensors of positions (or masks) say: ml.index_put_.
---    ml.zeros(3):index_put_({ml.tensor{3, 1}}, 7)   --> 7  0  7
---@param index Tensor[]
---@param values Tensor|number
---@param options? {accumulate?: boolean}
---@return Tensor
function Tensor:index_put_(index, values, options) end

---Writes a number everywhere.
---    ml.ones(2):fill_(7)   --> 7  7
---@param value number
---@return Tensor
function Tensor:fill_(value) end

---Writes the elements of y, which may broadcast.
---    ml.zeros(2):copy_(ml.tensor{1, 2})   --> 1  2
---@param y Tensor
---@return Tensor
function Tensor:copy_(y) end

---Writes uniform random numbers in [low, high).
---    ml.zeros(3):uniform_(2, 2)   --> 2  2  2
---@param low? number
---@param high? number
---@param options? {key?: integer}
---@return Tensor
function Tensor:uniform_(low, high, options) end

---Writes normal random numbers.
---    ml.zeros(3):normal_(5, 0)   --> 5  5  5
---@param mean? number
---@param std? number
---@param options? {key?: integer}
---@return Tensor
function Tensor:normal_(mean, std, options) end

---Sum of two tensors, element by element; sizes of 1 stretch.
---    ml.tensor{1, 2} + 1   --> 2  3
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.add(x, y) end

---Sum of two tensors, element by element; sizes of 1 stretch.
---    ml.tensor{1, 2} + 1   --> 2  3
---@param y Tensor|number
---@return Tensor
function Tensor:add(y) end

---Sum of two tensors, element by element; sizes of 1 stretch. Written into the tensor itself.
---@param y Tensor|number
---@return Tensor
function Tensor:add_(y) end

---Difference of two tensors, element by element.
---    ml.tensor{1, 2} - ml.tensor{3, 5}   --> -2  -3
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.sub(x, y) end

---Difference of two tensors, element by element.
---    ml.tensor{1, 2} - ml.tensor{3, 5}   --> -2  -3
---@param y Tensor|number
---@return Tensor
function Tensor:sub(y) end

---Difference of two tensors, element by element. Written into the tensor itself.
---@param y Tensor|number
---@return Tensor
function Tensor:sub_(y) end

---Product of two tensors, element by element. The matrix product is matmul.
---    ml.tensor{1, 2} * ml.tensor{3, 5}   --> 3  10
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.mul(x, y) end

---Product of two tensors, element by element. The matrix product is matmul.
---    ml.tensor{1, 2} * ml.tensor{3, 5}   --> 3  10
---@param y Tensor|number
---@return Tensor
function Tensor:mul(y) end

---Product of two tensors, element by element. The matrix product is matmul. Written into the tensor itself.
---@param y Tensor|number
---@return Tensor
function Tensor:mul_(y) end

---Quotient of two tensors, element by element. Integers become float32 first.
---    ml.tensor{1, 2} / 2   --> 0.5  1
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.div(x, y) end

---Quotient of two tensors, element by element. Integers become float32 first.
---    ml.tensor{1, 2} / 2   --> 0.5  1
---@param y Tensor|number
---@return Tensor
function Tensor:div(y) end

---Quotient of two tensors, element by element. Integers become float32 first. Written into the tensor itself.
---@param y Tensor|number
---@return Tensor
function Tensor:div_(y) end

---Quotient rounded toward minus infinity, as Lua's //. An integer divided by zero is an error.
---    ml.tensor{7, -7} // 2   --> 3  -4
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.floor_divide(x, y) end

---Quotient rounded toward minus infinity, as Lua's //. An integer divided by zero is an error.
---    ml.tensor{7, -7} // 2   --> 3  -4
---@param y Tensor|number
---@return Tensor
function Tensor:floor_divide(y) end

---Quotient rounded toward minus infinity, as Lua's //. An integer divided by zero is an error. Written into the tensor itself.
---@param y Tensor|number
---@return Tensor
function Tensor:floor_divide_(y) end

---What floor_divide leaves, with the sign of y, as Lua's %. An integer remainder by zero is an error.
---    ml.tensor{7, -7} % 4   --> 3  1
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.remainder(x, y) end

---What floor_divide leaves, with the sign of y, as Lua's %. An integer remainder by zero is an error.
---    ml.tensor{7, -7} % 4   --> 3  1
---@param y Tensor|number
---@return Tensor
function Tensor:remainder(y) end

---What floor_divide leaves, with the sign of y, as Lua's %. An integer remainder by zero is an error. Written into the tensor itself.
---@param y Tensor|number
---@return Tensor
function Tensor:remainder_(y) end

---What division cut toward zero leaves, with the sign of x, as C's fmod. An integer remainder by zero is an error.
---    ml.tensor{7, -7}:fmod(4)   --> 3  -3
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.fmod(x, y) end

---What division cut toward zero leaves, with the sign of x, as C's fmod. An integer remainder by zero is an error.
---    ml.tensor{7, -7}:fmod(4)   --> 3  -3
---@param y Tensor|number
---@return Tensor
function Tensor:fmod(y) end

---What division cut toward zero leaves, with the sign of x, as C's fmod. An integer remainder by zero is an error. Written into the tensor itself.
---@param y Tensor|number
---@return Tensor
function Tensor:fmod_(y) end

---x to the power of y. Of integers the result is an integer, and a negative power of one is an error.
---    ml.tensor{2, 3} ^ 2   --> 4  9
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.pow(x, y) end

---x to the power of y. Of integers the result is an integer, and a negative power of one is an error.
---    ml.tensor{2, 3} ^ 2   --> 4  9
---@param y Tensor|number
---@return Tensor
function Tensor:pow(y) end

---x to the power of y. Of integers the result is an integer, and a negative power of one is an error. Written into the tensor itself.
---@param y Tensor|number
---@return Tensor
function Tensor:pow_(y) end

---Each element with the other sign.
---    -ml.tensor{1, -2}   --> -1  2
---@param x Tensor|number
---@return Tensor
function ml.neg(x) end

---Each element with the other sign.
---    -ml.tensor{1, -2}   --> -1  2
---@return Tensor
function Tensor:neg() end

---Each element with the other sign. Written into the tensor itself.
---@return Tensor
function Tensor:neg_() end

---The larger of two elements; where they are equal, each gets half of the gradient. NaN wins.
---    ml.tensor{1, 5}:maximum(ml.tensor{3, 4})   --> 3  5
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.maximum(x, y) end

---The larger of two elements; where they are equal, each gets half of the gradient. NaN wins.
---    ml.tensor{1, 5}:maximum(ml.tensor{3, 4})   --> 3  5
---@param y Tensor|number
---@return Tensor
function Tensor:maximum(y) end

---The larger of two elements; where they are equal, each gets half of the gradient. NaN wins. Written into the tensor itself.
---@param y Tensor|number
---@return Tensor
function Tensor:maximum_(y) end

---The smaller of two elements; where they are equal, each gets half of the gradient. NaN wins.
---    ml.tensor{1, 5}:minimum(ml.tensor{3, 4})   --> 1  4
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.minimum(x, y) end

---The smaller of two elements; where they are equal, each gets half of the gradient. NaN wins.
---    ml.tensor{1, 5}:minimum(ml.tensor{3, 4})   --> 1  4
---@param y Tensor|number
---@return Tensor
function Tensor:minimum(y) end

---The smaller of two elements; where they are equal, each gets half of the gradient. NaN wins. Written into the tensor itself.
---@param y Tensor|number
---@return Tensor
function Tensor:minimum_(y) end

---x + weight * (y - x): from x (weight 0) to y (weight 1).
---    ml.tensor{0.0, 10.0}:lerp(ml.tensor{1.0, 20.0}, 0.5)   --> 0.5  15
---@param x Tensor|number
---@param y Tensor|number
---@param weight Tensor|number
---@return Tensor
function ml.lerp(x, y, weight) end

---x + weight * (y - x): from x (weight 0) to y (weight 1).
---    ml.tensor{0.0, 10.0}:lerp(ml.tensor{1.0, 20.0}, 0.5)   --> 0.5  15
---@param y Tensor|number
---@param weight Tensor|number
---@return Tensor
function Tensor:lerp(y, weight) end

---x + weight * (y - x): from x (weight 0) to y (weight 1). Written into the tensor itself.
---@param y Tensor|number
---@param weight Tensor|number
---@return Tensor
function Tensor:lerp_(y, weight) end

---log(exp(x) + exp(y)), without overflow.
---    ml.tensor{0.0, 1000.0}:logaddexp(0)   --> 0.6931  1000
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.logaddexp(x, y) end

---log(exp(x) + exp(y)), without overflow.
---    ml.tensor{0.0, 1000.0}:logaddexp(0)   --> 0.6931  1000
---@param y Tensor|number
---@return Tensor
function Tensor:logaddexp(y) end

---log(exp(x) + exp(y)), without overflow. Written into the tensor itself.
---@param y Tensor|number
---@return Tensor
function Tensor:logaddexp_(y) end

---x * log(y), 0 where x is 0: the terms of an entropy.
---    ml.tensor{0.0, 2.0}:xlogy(ml.tensor{0.0, 1.0})   --> 0  0
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.xlogy(x, y) end

---x * log(y), 0 where x is 0: the terms of an entropy.
---    ml.tensor{0.0, 2.0}:xlogy(ml.tensor{0.0, 1.0})   --> 0  0
---@param y Tensor|number
---@return Tensor
function Tensor:xlogy(y) end

---x * log(y), 0 where x is 0: the terms of an entropy. Written into the tensor itself.
---@param y Tensor|number
---@return Tensor
function Tensor:xlogy_(y) end

---Where two tensors are equal. (== compares identity, as Lua makes booleans of it.)
---    ml.tensor{1, 2}:eq(2)   --> false  true
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.eq(x, y) end

---Where two tensors are equal. (== compares identity, as Lua makes booleans of it.)
---    ml.tensor{1, 2}:eq(2)   --> false  true
---@param y Tensor|number
---@return Tensor
function Tensor:eq(y) end

---Where two tensors differ. NaN differs from itself.
---    ml.tensor{1, 2}:ne(2)   --> true  false
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.ne(x, y) end

---Where two tensors differ. NaN differs from itself.
---    ml.tensor{1, 2}:ne(2)   --> true  false
---@param y Tensor|number
---@return Tensor
function Tensor:ne(y) end

---Where x is less than y.
---    ml.tensor{1, 2}:lt(2)   --> true  false
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.lt(x, y) end

---Where x is less than y.
---    ml.tensor{1, 2}:lt(2)   --> true  false
---@param y Tensor|number
---@return Tensor
function Tensor:lt(y) end

---Where x is at most y.
---    ml.tensor{1, 2}:le(1)   --> true  false
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.le(x, y) end

---Where x is at most y.
---    ml.tensor{1, 2}:le(1)   --> true  false
---@param y Tensor|number
---@return Tensor
function Tensor:le(y) end

---Where x is greater than y.
---    ml.tensor{1, 2}:gt(1)   --> false  true
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.gt(x, y) end

---Where x is greater than y.
---    ml.tensor{1, 2}:gt(1)   --> false  true
---@param y Tensor|number
---@return Tensor
function Tensor:gt(y) end

---Where x is at least y.
---    ml.tensor{1, 2}:ge(2)   --> false  true
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.ge(x, y) end

---Where x is at least y.
---    ml.tensor{1, 2}:ge(2)   --> false  true
---@param y Tensor|number
---@return Tensor
function Tensor:ge(y) end

---Both: of masks, the logical and; of integers, bit by bit.
---    ml.tensor{true, true} & ml.tensor{true, false}   --> true  false
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.logical_and(x, y) end

---Both: of masks, the logical and; of integers, bit by bit.
---    ml.tensor{true, true} & ml.tensor{true, false}   --> true  false
---@param y Tensor|number
---@return Tensor
function Tensor:logical_and(y) end

---Both: of masks, the logical and; of integers, bit by bit. Written into the tensor itself.
---@param y Tensor|number
---@return Tensor
function Tensor:logical_and_(y) end

---Either: of masks, the logical or; of integers, bit by bit.
---    ml.tensor{true, false} | ml.tensor{false, false}   --> true  false
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.logical_or(x, y) end

---Either: of masks, the logical or; of integers, bit by bit.
---    ml.tensor{true, false} | ml.tensor{false, false}   --> true  false
---@param y Tensor|number
---@return Tensor
function Tensor:logical_or(y) end

---Either: of masks, the logical or; of integers, bit by bit. Written into the tensor itself.
---@param y Tensor|number
---@return Tensor
function Tensor:logical_or_(y) end

---One but not both: of masks, the exclusive or; of integers, bit by bit.
---    ml.tensor{true, false} ~ ml.tensor{true, true}   --> false  true
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.logical_xor(x, y) end

---One but not both: of masks, the exclusive or; of integers, bit by bit.
---    ml.tensor{true, false} ~ ml.tensor{true, true}   --> false  true
---@param y Tensor|number
---@return Tensor
function Tensor:logical_xor(y) end

---One but not both: of masks, the exclusive or; of integers, bit by bit. Written into the tensor itself.
---@param y Tensor|number
---@return Tensor
function Tensor:logical_xor_(y) end

---Not: of a mask, the opposite; of integers, each bit turned.
---    ~ml.tensor{true, false}   --> false  true
---@param x Tensor|number
---@return Tensor
function ml.logical_not(x) end

---Not: of a mask, the opposite; of integers, each bit turned.
---    ~ml.tensor{true, false}   --> false  true
---@return Tensor
function Tensor:logical_not() end

---Not: of a mask, the opposite; of integers, each bit turned. Written into the tensor itself.
---@return Tensor
function Tensor:logical_not_() end

---Where an element is not a number.
---    ml.tensor{1.0, 0/0}:isnan()   --> false  true
---@param x Tensor|number
---@return Tensor
function ml.isnan(x) end

---Where an element is not a number.
---    ml.tensor{1.0, 0/0}:isnan()   --> false  true
---@return Tensor
function Tensor:isnan() end

---Where an element is neither NaN nor infinite.
---    ml.tensor{1.0, 1/0}:isfinite()   --> true  false
---@param x Tensor|number
---@return Tensor
function ml.isfinite(x) end

---Where an element is neither NaN nor infinite.
---    ml.tensor{1.0, 1/0}:isfinite()   --> true  false
---@return Tensor
function Tensor:isfinite() end

---Where an element is infinite.
---    ml.tensor{1.0, -1/0}:isinf()   --> false  true
---@param x Tensor|number
---@return Tensor
function ml.isinf(x) end

---Where an element is infinite.
---    ml.tensor{1.0, -1/0}:isinf()   --> false  true
---@return Tensor
function Tensor:isinf() end

---x where the condition holds, y elsewhere; all three broadcast.
---    ml.where(ml.tensor{true, false}, ml.tensor{1, 2}, 0)   --> 1  0
---@param condition Tensor
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.where(condition, x, y) end

---x where the condition holds, y elsewhere; all three broadcast.
---    ml.where(ml.tensor{true, false}, ml.tensor{1, 2}, 0)   --> 1  0
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function Tensor:where(x, y) end

---e to the power of each element.
---    ml.tensor{0.0, 1.0}:exp()   --> 1  2.7183
---@param x Tensor|number
---@return Tensor
function ml.exp(x) end

---e to the power of each element.
---    ml.tensor{0.0, 1.0}:exp()   --> 1  2.7183
---@return Tensor
function Tensor:exp() end

---e to the power of each element. Written into the tensor itself.
---@return Tensor
function Tensor:exp_() end

---Natural logarithm of each element; -inf at 0, NaN below.
---    ml.tensor{1.0, 10.0}:log()   --> 0  2.3026
---@param x Tensor|number
---@return Tensor
function ml.log(x) end

---Natural logarithm of each element; -inf at 0, NaN below.
---    ml.tensor{1.0, 10.0}:log()   --> 0  2.3026
---@return Tensor
function Tensor:log() end

---Natural logarithm of each element; -inf at 0, NaN below. Written into the tensor itself.
---@return Tensor
function Tensor:log_() end

---log(1 + x), exact for small x.
---    ml.tensor{0.0, 1.0}:log1p()   --> 0  0.6931
---@param x Tensor|number
---@return Tensor
function ml.log1p(x) end

---log(1 + x), exact for small x.
---    ml.tensor{0.0, 1.0}:log1p()   --> 0  0.6931
---@return Tensor
function Tensor:log1p() end

---log(1 + x), exact for small x. Written into the tensor itself.
---@return Tensor
function Tensor:log1p_() end

---Logarithm to the base 2; -inf at 0, NaN below.
---    ml.tensor{1.0, 8.0}:log2()   --> 0  3
---@param x Tensor|number
---@return Tensor
function ml.log2(x) end

---Logarithm to the base 2; -inf at 0, NaN below.
---    ml.tensor{1.0, 8.0}:log2()   --> 0  3
---@return Tensor
function Tensor:log2() end

---Logarithm to the base 2; -inf at 0, NaN below. Written into the tensor itself.
---@return Tensor
function Tensor:log2_() end

---Logarithm to the base 10; -inf at 0, NaN below.
---    ml.tensor{1.0, 1000.0}:log10()   --> 0  3
---@param x Tensor|number
---@return Tensor
function ml.log10(x) end

---Logarithm to the base 10; -inf at 0, NaN below.
---    ml.tensor{1.0, 1000.0}:log10()   --> 0  3
---@return Tensor
function Tensor:log10() end

---Logarithm to the base 10; -inf at 0, NaN below. Written into the tensor itself.
---@return Tensor
function Tensor:log10_() end

---exp(x) - 1, exact for small x.
---    ml.tensor{0.0, 1.0}:expm1()   --> 0  1.7183
---@param x Tensor|number
---@return Tensor
function ml.expm1(x) end

---exp(x) - 1, exact for small x.
---    ml.tensor{0.0, 1.0}:expm1()   --> 0  1.7183
---@return Tensor
function Tensor:expm1() end

---exp(x) - 1, exact for small x. Written into the tensor itself.
---@return Tensor
function Tensor:expm1_() end

---2 to the power of each element.
---    ml.tensor{0.0, 3.0}:exp2()   --> 1  8
---@param x Tensor|number
---@return Tensor
function ml.exp2(x) end

---2 to the power of each element.
---    ml.tensor{0.0, 3.0}:exp2()   --> 1  8
---@return Tensor
function Tensor:exp2() end

---2 to the power of each element. Written into the tensor itself.
---@return Tensor
function Tensor:exp2_() end

---Square root of each element; NaN below 0.
---    ml.tensor{4.0, 9.0}:sqrt()   --> 2  3
---@param x Tensor|number
---@return Tensor
function ml.sqrt(x) end

---Square root of each element; NaN below 0.
---    ml.tensor{4.0, 9.0}:sqrt()   --> 2  3
---@return Tensor
function Tensor:sqrt() end

---Square root of each element; NaN below 0. Written into the tensor itself.
---@return Tensor
function Tensor:sqrt_() end

---1 divided by the square root of each element; inf at 0, NaN below.
---    ml.tensor{4.0, 16.0}:rsqrt()   --> 0.5  0.25
---@param x Tensor|number
---@return Tensor
function ml.rsqrt(x) end

---1 divided by the square root of each element; inf at 0, NaN below.
---    ml.tensor{4.0, 16.0}:rsqrt()   --> 0.5  0.25
---@return Tensor
function Tensor:rsqrt() end

---1 divided by the square root of each element; inf at 0, NaN below. Written into the tensor itself.
---@return Tensor
function Tensor:rsqrt_() end

---Each element times itself.
---    ml.tensor{2, 3}:square()   --> 4  9
---@param x Tensor|number
---@return Tensor
function ml.square(x) end

---Each element times itself.
---    ml.tensor{2, 3}:square()   --> 4  9
---@return Tensor
function Tensor:square() end

---Each element times itself. Written into the tensor itself.
---@return Tensor
function Tensor:square_() end

---1 divided by each element.
---    ml.tensor{2.0, 4.0}:reciprocal()   --> 0.5  0.25
---@param x Tensor|number
---@return Tensor
function ml.reciprocal(x) end

---1 divided by each element.
---    ml.tensor{2.0, 4.0}:reciprocal()   --> 0.5  0.25
---@return Tensor
function Tensor:reciprocal() end

---1 divided by each element. Written into the tensor itself.
---@return Tensor
function Tensor:reciprocal_() end

---Absolute value of each element. The gradient at 0 is 0.
---    ml.tensor{-1, 2}:abs()   --> 1  2
---@param x Tensor|number
---@return Tensor
function ml.abs(x) end

---Absolute value of each element. The gradient at 0 is 0.
---    ml.tensor{-1, 2}:abs()   --> 1  2
---@return Tensor
function Tensor:abs() end

---Absolute value of each element. The gradient at 0 is 0. Written into the tensor itself.
---@return Tensor
function Tensor:abs_() end

----1, 0 or 1, as the element is negative, zero or positive.
---    ml.tensor{-3, 0, 2}:sign()   --> -1  0  1
---@param x Tensor|number
---@return Tensor
function ml.sign(x) end

----1, 0 or 1, as the element is negative, zero or positive.
---    ml.tensor{-3, 0, 2}:sign()   --> -1  0  1
---@return Tensor
function Tensor:sign() end

----1, 0 or 1, as the element is negative, zero or positive. Written into the tensor itself.
---@return Tensor
function Tensor:sign_() end

---Each element kept within min..max. NaN stays NaN.
---    ml.tensor{-3, 0, 2}:clamp(-1, 1)   --> -1  0  1
---@param x Tensor|number
---@param min? number
---@param max? number
---@return Tensor
function ml.clamp(x, min, max) end

---Each element kept within min..max. NaN stays NaN.
---    ml.tensor{-3, 0, 2}:clamp(-1, 1)   --> -1  0  1
---@param min? number
---@param max? number
---@return Tensor
function Tensor:clamp(min, max) end

---Each element kept within min..max. NaN stays NaN. Written into the tensor itself.
---@param min? number
---@param max? number
---@return Tensor
function Tensor:clamp_(min, max) end

---The error function, 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x.
---    ml.tensor{0.0, 1.0}:erf()   --> 0  0.8427
---@param x Tensor|number
---@return Tensor
function ml.erf(x) end

---The error function, 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x.
---    ml.tensor{0.0, 1.0}:erf()   --> 0  0.8427
---@return Tensor
function Tensor:erf() end

---The error function, 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x. Written into the tensor itself.
---@return Tensor
function Tensor:erf_() end

---1 - erf(x), exact where erf is next to 1.
---    ml.tensor{0.0, 1.0}:erfc()   --> 1  0.1573
---@param x Tensor|number
---@return Tensor
function ml.erfc(x) end

---1 - erf(x), exact where erf is next to 1.
---    ml.tensor{0.0, 1.0}:erfc()   --> 1  0.1573
---@return Tensor
function Tensor:erfc() end

---1 - erf(x), exact where erf is next to 1. Written into the tensor itself.
---@return Tensor
function Tensor:erfc_() end

---The normal distribution function: the probability of less than x.
---    ml.tensor{0.0, 1.0}:ndtr()   --> 0.5  0.8413
---@param x Tensor|number
---@return Tensor
function ml.ndtr(x) end

---The normal distribution function: the probability of less than x.
---    ml.tensor{0.0, 1.0}:ndtr()   --> 0.5  0.8413
---@return Tensor
function Tensor:ndtr() end

---The normal distribution function: the probability of less than x. Written into the tensor itself.
---@return Tensor
function Tensor:ndtr_() end

---log(x / (1 - x)), the inverse of sigmoid; NaN outside of 0..1.
---    ml.tensor{0.5, 0.8808}:logit()   --> 0  2.0002
---@param x Tensor|number
---@return Tensor
function ml.logit(x) end

---log(x / (1 - x)), the inverse of sigmoid; NaN outside of 0..1.
---    ml.tensor{0.5, 0.8808}:logit()   --> 0  2.0002
---@return Tensor
function Tensor:logit() end

---log(x / (1 - x)), the inverse of sigmoid; NaN outside of 0..1. Written into the tensor itself.
---@return Tensor
function Tensor:logit_() end

---x with NaN and the infinities replaced: by 0 and by the largest and smallest number of its type, unless others are given.
---    ml.tensor{1.0, 0/0, 1/0}:nan_to_num{posinf = 9}   --> 1  0  9
---@param x Tensor|number
---@param nan? number
---@param posinf? number
---@param neginf? number
---@return Tensor
function ml.nan_to_num(x, nan, posinf, neginf) end

---x with NaN and the infinities replaced: by 0 and by the largest and smallest number of its type, unless others are given.
---    ml.tensor{1.0, 0/0, 1/0}:nan_to_num{posinf = 9}   --> 1  0  9
---@param nan? number
---@param posinf? number
---@param neginf? number
---@return Tensor
function Tensor:nan_to_num(nan, posinf, neginf) end

---x with NaN and the infinities replaced: by 0 and by the largest and smallest number of its type, unless others are given. Written into the tensor itself.
---@param nan? number
---@param posinf? number
---@param neginf? number
---@return Tensor
function Tensor:nan_to_num_(nan, posinf, neginf) end

---sin(pi x) / (pi x), 1 at 0.
---    ml.tensor{0.0, 0.5}:sinc()   --> 1  0.6366
---@param x Tensor|number
---@return Tensor
function ml.sinc(x) end

---sin(pi x) / (pi x), 1 at 0.
---    ml.tensor{0.0, 0.5}:sinc()   --> 1  0.6366
---@return Tensor
function Tensor:sinc() end

---sin(pi x) / (pi x), 1 at 0. Written into the tensor itself.
---@return Tensor
function Tensor:sinc_() end

---Hyperbolic tangent of each element.
---    ml.tensor{0.0, 1.0}:tanh()   --> 0  0.7616
---@param x Tensor|number
---@return Tensor
function ml.tanh(x) end

---Hyperbolic tangent of each element.
---    ml.tensor{0.0, 1.0}:tanh()   --> 0  0.7616
---@return Tensor
function Tensor:tanh() end

---Hyperbolic tangent of each element. Written into the tensor itself.
---@return Tensor
function Tensor:tanh_() end

---Sine of each element, an angle in radians. Exact for huge angles too.
---    ml.tensor{0.0, math.pi / 2}:sin()   --> 0  1
---@param x Tensor|number
---@return Tensor
function ml.sin(x) end

---Sine of each element, an angle in radians. Exact for huge angles too.
---    ml.tensor{0.0, math.pi / 2}:sin()   --> 0  1
---@return Tensor
function Tensor:sin() end

---Sine of each element, an angle in radians. Exact for huge angles too. Written into the tensor itself.
---@return Tensor
function Tensor:sin_() end

---Cosine of each element, an angle in radians.
---    ml.tensor{0.0, math.pi}:cos()   --> 1  -1
---@param x Tensor|number
---@return Tensor
function ml.cos(x) end

---Cosine of each element, an angle in radians.
---    ml.tensor{0.0, math.pi}:cos()   --> 1  -1
---@return Tensor
function Tensor:cos() end

---Cosine of each element, an angle in radians. Written into the tensor itself.
---@return Tensor
function Tensor:cos_() end

---Tangent of each element, an angle in radians.
---    ml.tensor{0.0, math.pi / 4}:tan()   --> 0  1
---@param x Tensor|number
---@return Tensor
function ml.tan(x) end

---Tangent of each element, an angle in radians.
---    ml.tensor{0.0, math.pi / 4}:tan()   --> 0  1
---@return Tensor
function Tensor:tan() end

---Tangent of each element, an angle in radians. Written into the tensor itself.
---@return Tensor
function Tensor:tan_() end

---The angle within -pi/2..pi/2 whose sine is x; NaN beyond 1.
---    ml.tensor{0.0, 1.0}:asin()   --> 0  1.5708
---@param x Tensor|number
---@return Tensor
function ml.asin(x) end

---The angle within -pi/2..pi/2 whose sine is x; NaN beyond 1.
---    ml.tensor{0.0, 1.0}:asin()   --> 0  1.5708
---@return Tensor
function Tensor:asin() end

---The angle within -pi/2..pi/2 whose sine is x; NaN beyond 1. Written into the tensor itself.
---@return Tensor
function Tensor:asin_() end

---The angle within 0..pi whose cosine is x; NaN beyond 1.
---    ml.tensor{1.0, -1.0}:acos()   --> 0  3.1416
---@param x Tensor|number
---@return Tensor
function ml.acos(x) end

---The angle within 0..pi whose cosine is x; NaN beyond 1.
---    ml.tensor{1.0, -1.0}:acos()   --> 0  3.1416
---@return Tensor
function Tensor:acos() end

---The angle within 0..pi whose cosine is x; NaN beyond 1. Written into the tensor itself.
---@return Tensor
function Tensor:acos_() end

---The angle within -pi/2..pi/2 whose tangent is x.
---    ml.tensor{0.0, 1.0}:atan()   --> 0  0.7854
---@param x Tensor|number
---@return Tensor
function ml.atan(x) end

---The angle within -pi/2..pi/2 whose tangent is x.
---    ml.tensor{0.0, 1.0}:atan()   --> 0  0.7854
---@return Tensor
function Tensor:atan() end

---The angle within -pi/2..pi/2 whose tangent is x. Written into the tensor itself.
---@return Tensor
function Tensor:atan_() end

---The angle within -pi..pi of the point whose vertical coordinate is x and horizontal one is y: y:atan2(x) of a point (x, y).
---    ml.tensor{1.0, 0.0}:atan2(ml.tensor{1.0, -1.0})   --> 0.7854  3.1416
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.atan2(x, y) end

---The angle within -pi..pi of the point whose vertical coordinate is x and horizontal one is y: y:atan2(x) of a point (x, y).
---    ml.tensor{1.0, 0.0}:atan2(ml.tensor{1.0, -1.0})   --> 0.7854  3.1416
---@param y Tensor|number
---@return Tensor
function Tensor:atan2(y) end

---The angle within -pi..pi of the point whose vertical coordinate is x and horizontal one is y: y:atan2(x) of a point (x, y). Written into the tensor itself.
---@param y Tensor|number
---@return Tensor
function Tensor:atan2_(y) end

---Hyperbolic sine of each element.
---    ml.tensor{0.0, 1.0}:sinh()   --> 0  1.1752
---@param x Tensor|number
---@return Tensor
function ml.sinh(x) end

---Hyperbolic sine of each element.
---    ml.tensor{0.0, 1.0}:sinh()   --> 0  1.1752
---@return Tensor
function Tensor:sinh() end

---Hyperbolic sine of each element. Written into the tensor itself.
---@return Tensor
function Tensor:sinh_() end

---Hyperbolic cosine of each element.
---    ml.tensor{0.0, 1.0}:cosh()   --> 1  1.5431
---@param x Tensor|number
---@return Tensor
function ml.cosh(x) end

---Hyperbolic cosine of each element.
---    ml.tensor{0.0, 1.0}:cosh()   --> 1  1.5431
---@return Tensor
function Tensor:cosh() end

---Hyperbolic cosine of each element. Written into the tensor itself.
---@return Tensor
function Tensor:cosh_() end

---The number whose hyperbolic sine is x.
---    ml.tensor{0.0, 1.1752}:asinh()   --> 0  1
---@param x Tensor|number
---@return Tensor
function ml.asinh(x) end

---The number whose hyperbolic sine is x.
---    ml.tensor{0.0, 1.1752}:asinh()   --> 0  1
---@return Tensor
function Tensor:asinh() end

---The number whose hyperbolic sine is x. Written into the tensor itself.
---@return Tensor
function Tensor:asinh_() end

---The number of at least 0 whose hyperbolic cosine is x; NaN below 1.
---    ml.tensor{1.0, 1.5431}:acosh()   --> 0  1
---@param x Tensor|number
---@return Tensor
function ml.acosh(x) end

---The number of at least 0 whose hyperbolic cosine is x; NaN below 1.
---    ml.tensor{1.0, 1.5431}:acosh()   --> 0  1
---@return Tensor
function Tensor:acosh() end

---The number of at least 0 whose hyperbolic cosine is x; NaN below 1. Written into the tensor itself.
---@return Tensor
function Tensor:acosh_() end

---The number whose hyperbolic tangent is x; infinite at 1 and -1, NaN beyond.
---    ml.tensor{0.0, 0.7616}:atanh()   --> 0  1.0001
---@param x Tensor|number
---@return Tensor
function ml.atanh(x) end

---The number whose hyperbolic tangent is x; infinite at 1 and -1, NaN beyond.
---    ml.tensor{0.0, 0.7616}:atanh()   --> 0  1.0001
---@return Tensor
function Tensor:atanh() end

---The number whose hyperbolic tangent is x; infinite at 1 and -1, NaN beyond. Written into the tensor itself.
---@return Tensor
function Tensor:atanh_() end

---sqrt(x^2 + y^2), without overflow. The gradient at (0, 0) is 0.
---    ml.tensor{3.0, 5.0}:hypot(ml.tensor{4.0, 12.0})   --> 5  13
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.hypot(x, y) end

---sqrt(x^2 + y^2), without overflow. The gradient at (0, 0) is 0.
---    ml.tensor{3.0, 5.0}:hypot(ml.tensor{4.0, 12.0})   --> 5  13
---@param y Tensor|number
---@return Tensor
function Tensor:hypot(y) end

---sqrt(x^2 + y^2), without overflow. The gradient at (0, 0) is 0. Written into the tensor itself.
---@param y Tensor|number
---@return Tensor
function Tensor:hypot_(y) end

---The largest whole number that is not above the element.
---    ml.tensor{1.5, -1.5}:floor()   --> 1  -2
---@param x Tensor|number
---@return Tensor
function ml.floor(x) end

---The largest whole number that is not above the element.
---    ml.tensor{1.5, -1.5}:floor()   --> 1  -2
---@return Tensor
function Tensor:floor() end

---The largest whole number that is not above the element. Written into the tensor itself.
---@return Tensor
function Tensor:floor_() end

---The smallest whole number that is not below the element.
---    ml.tensor{1.5, -1.5}:ceil()   --> 2  -1
---@param x Tensor|number
---@return Tensor
function ml.ceil(x) end

---The smallest whole number that is not below the element.
---    ml.tensor{1.5, -1.5}:ceil()   --> 2  -1
---@return Tensor
function Tensor:ceil() end

---The smallest whole number that is not below the element. Written into the tensor itself.
---@return Tensor
function Tensor:ceil_() end

---The nearest whole number; of two that are as near, the even one.
---    ml.tensor{0.5, 1.5, 2.4}:round()   --> 0  2  2
---@param x Tensor|number
---@return Tensor
function ml.round(x) end

---The nearest whole number; of two that are as near, the even one.
---    ml.tensor{0.5, 1.5, 2.4}:round()   --> 0  2  2
---@return Tensor
function Tensor:round() end

---The nearest whole number; of two that are as near, the even one. Written into the tensor itself.
---@return Tensor
function Tensor:round_() end

---Each element without its fraction.
---    ml.tensor{1.5, -1.5}:trunc()   --> 1  -1
---@param x Tensor|number
---@return Tensor
function ml.trunc(x) end

---Each element without its fraction.
---    ml.tensor{1.5, -1.5}:trunc()   --> 1  -1
---@return Tensor
function Tensor:trunc() end

---Each element without its fraction. Written into the tensor itself.
---@return Tensor
function Tensor:trunc_() end

---What trunc leaves, with the sign of the element.
---    ml.tensor{1.5, -1.25}:frac()   --> 0.5  -0.25
---@param x Tensor|number
---@return Tensor
function ml.frac(x) end

---What trunc leaves, with the sign of the element.
---    ml.tensor{1.5, -1.25}:frac()   --> 0.5  -0.25
---@return Tensor
function Tensor:frac() end

---What trunc leaves, with the sign of the element. Written into the tensor itself.
---@return Tensor
function Tensor:frac_() end

---1 / (1 + exp(-x)).
---    ml.tensor{0.0, 2.0}:sigmoid()   --> 0.5  0.8808
---@param x Tensor|number
---@return Tensor
function ml.sigmoid(x) end

---1 / (1 + exp(-x)).
---    ml.tensor{0.0, 2.0}:sigmoid()   --> 0.5  0.8808
---@return Tensor
function Tensor:sigmoid() end

---1 / (1 + exp(-x)). Written into the tensor itself.
---@return Tensor
function Tensor:sigmoid_() end

---log(1 + exp(x)), without overflow.
---    ml.tensor{0.0, 2.0}:softplus()   --> 0.6931  2.1269
---@param x Tensor|number
---@return Tensor
function ml.softplus(x) end

---log(1 + exp(x)), without overflow.
---    ml.tensor{0.0, 2.0}:softplus()   --> 0.6931  2.1269
---@return Tensor
function Tensor:softplus() end

---log(1 + exp(x)), without overflow. Written into the tensor itself.
---@return Tensor
function Tensor:softplus_() end

---log(sigmoid(x)), without overflow.
---    ml.tensor{0.0, 2.0}:logsigmoid()   --> -0.6931  -0.1269
---@param x Tensor|number
---@return Tensor
function ml.logsigmoid(x) end

---log(sigmoid(x)), without overflow.
---    ml.tensor{0.0, 2.0}:logsigmoid()   --> -0.6931  -0.1269
---@return Tensor
function Tensor:logsigmoid() end

---log(sigmoid(x)), without overflow. Written into the tensor itself.
---@return Tensor
function Tensor:logsigmoid_() end

---x where it is positive, 0 elsewhere. The gradient at 0 is 0.
---    ml.tensor{-1.0, 2.0}:relu()   --> 0  2
---@param x Tensor|number
---@return Tensor
function ml.relu(x) end

---x where it is positive, 0 elsewhere. The gradient at 0 is 0.
---    ml.tensor{-1.0, 2.0}:relu()   --> 0  2
---@return Tensor
function Tensor:relu() end

---x where it is positive, 0 elsewhere. The gradient at 0 is 0. Written into the tensor itself.
---@return Tensor
function Tensor:relu_() end

---x where it is positive, slope * x elsewhere.
---    ml.tensor{-1.0, 2.0}:leaky_relu()   --> -0.01  2
---@param x Tensor|number
---@param slope? number
---@return Tensor
function ml.leaky_relu(x, slope) end

---x where it is positive, slope * x elsewhere.
---    ml.tensor{-1.0, 2.0}:leaky_relu()   --> -0.01  2
---@param slope? number
---@return Tensor
function Tensor:leaky_relu(slope) end

---x where it is positive, slope * x elsewhere. Written into the tensor itself.
---@param slope? number
---@return Tensor
function Tensor:leaky_relu_(slope) end

---x where it is positive, alpha * (exp(x) - 1) elsewhere. Clevert et al. 2015.
---    ml.tensor{-1.0, 2.0}:elu()   --> -0.6321  2
---@param x Tensor|number
---@param alpha? number
---@return Tensor
function ml.elu(x, alpha) end

---x where it is positive, alpha * (exp(x) - 1) elsewhere. Clevert et al. 2015.
---    ml.tensor{-1.0, 2.0}:elu()   --> -0.6321  2
---@param alpha? number
---@return Tensor
function Tensor:elu(alpha) end

---x where it is positive, alpha * (exp(x) - 1) elsewhere. Clevert et al. 2015. Written into the tensor itself.
---@param alpha? number
---@return Tensor
function Tensor:elu_(alpha) end

---x times the normal distribution function of x. Hendrycks and Gimpel 2016; the exact form.
---    ml.tensor{0.0, 1.0}:gelu()   --> 0  0.8413
---@param x Tensor|number
---@return Tensor
function ml.gelu(x) end

---x times the normal distribution function of x. Hendrycks and Gimpel 2016; the exact form.
---    ml.tensor{0.0, 1.0}:gelu()   --> 0  0.8413
---@return Tensor
function Tensor:gelu() end

---x times the normal distribution function of x. Hendrycks and Gimpel 2016; the exact form. Written into the tensor itself.
---@return Tensor
function Tensor:gelu_() end

---x * sigmoid(x), also called swish.
---    ml.tensor{0.0, 1.0}:silu()   --> 0  0.7311
---@param x Tensor|number
---@return Tensor
function ml.silu(x) end

---x * sigmoid(x), also called swish.
---    ml.tensor{0.0, 1.0}:silu()   --> 0  0.7311
---@return Tensor
function Tensor:silu() end

---x * sigmoid(x), also called swish. Written into the tensor itself.
---@return Tensor
function Tensor:silu_() end

---x where it is positive, alpha * (exp(x / alpha) - 1) elsewhere. Barron 2017.
---    ml.tensor{-1.0, 2.0}:celu()   --> -0.6321  2
---@param x Tensor|number
---@param alpha? number
---@return Tensor
function ml.celu(x, alpha) end

---x where it is positive, alpha * (exp(x / alpha) - 1) elsewhere. Barron 2017.
---    ml.tensor{-1.0, 2.0}:celu()   --> -0.6321  2
---@param alpha? number
---@return Tensor
function Tensor:celu(alpha) end

---x where it is positive, alpha * (exp(x / alpha) - 1) elsewhere. Barron 2017. Written into the tensor itself.
---@param alpha? number
---@return Tensor
function Tensor:celu_(alpha) end

---elu with the scale and the alpha that keep mean 0 and variance 1. Klambauer et al. 2017.
---    ml.tensor{-1.0, 2.0}:selu()   --> -1.1113  2.1014
---@param x Tensor|number
---@return Tensor
function ml.selu(x) end

---elu with the scale and the alpha that keep mean 0 and variance 1. Klambauer et al. 2017.
---    ml.tensor{-1.0, 2.0}:selu()   --> -1.1113  2.1014
---@return Tensor
function Tensor:selu() end

---elu with the scale and the alpha that keep mean 0 and variance 1. Klambauer et al. 2017. Written into the tensor itself.
---@return Tensor
function Tensor:selu_() end

---x * tanh(softplus(x)). Misra 2019.
---    ml.tensor{-1.0, 2.0}:mish()   --> -0.3034  1.944
---@param x Tensor|number
---@return Tensor
function ml.mish(x) end

---x * tanh(softplus(x)). Misra 2019.
---    ml.tensor{-1.0, 2.0}:mish()   --> -0.3034  1.944
---@return Tensor
function Tensor:mish() end

---x * tanh(softplus(x)). Misra 2019. Written into the tensor itself.
---@return Tensor
function Tensor:mish_() end

---relu that ends at 6. Krizhevsky 2010.
---    ml.tensor{-1.0, 2.0, 7.0}:relu6()   --> 0  2  6
---@param x Tensor|number
---@return Tensor
function ml.relu6(x) end

---relu that ends at 6. Krizhevsky 2010.
---    ml.tensor{-1.0, 2.0, 7.0}:relu6()   --> 0  2  6
---@return Tensor
function Tensor:relu6() end

---relu that ends at 6. Krizhevsky 2010. Written into the tensor itself.
---@return Tensor
function Tensor:relu6_() end

---Each element kept within min..max, -1..1 if they are not given. The gradient at the bounds is 0.
---    ml.tensor{-3.0, 0.5, 2.0}:hardtanh()   --> -1  0.5  1
---@param x Tensor|number
---@param min? number
---@param max? number
---@return Tensor
function ml.hardtanh(x, min, max) end

---Each element kept within min..max, -1..1 if they are not given. The gradient at the bounds is 0.
---    ml.tensor{-3.0, 0.5, 2.0}:hardtanh()   --> -1  0.5  1
---@param min? number
---@param max? number
---@return Tensor
function Tensor:hardtanh(min, max) end

---Each element kept within min..max, -1..1 if they are not given. The gradient at the bounds is 0. Written into the tensor itself.
---@param min? number
---@param max? number
---@return Tensor
function Tensor:hardtanh_(min, max) end

---x / 6 + 1/2 kept within 0..1: sigmoid in three straight lines.
---    ml.tensor{-3.0, 0.0, 1.5}:hardsigmoid()   --> 0  0.5  0.75
---@param x Tensor|number
---@return Tensor
function ml.hardsigmoid(x) end

---x / 6 + 1/2 kept within 0..1: sigmoid in three straight lines.
---    ml.tensor{-3.0, 0.0, 1.5}:hardsigmoid()   --> 0  0.5  0.75
---@return Tensor
function Tensor:hardsigmoid() end

---x / 6 + 1/2 kept within 0..1: sigmoid in three straight lines. Written into the tensor itself.
---@return Tensor
function Tensor:hardsigmoid_() end

---x * hardsigmoid(x). Howard et al. 2019.
---    ml.tensor{-3.0, 1.0, 4.0}:hardswish()   --> 0  0.6667  4
---@param x Tensor|number
---@return Tensor
function ml.hardswish(x) end

---x * hardsigmoid(x). Howard et al. 2019.
---    ml.tensor{-3.0, 1.0, 4.0}:hardswish()   --> 0  0.6667  4
---@return Tensor
function Tensor:hardswish() end

---x * hardsigmoid(x). Howard et al. 2019. Written into the tensor itself.
---@return Tensor
function Tensor:hardswish_() end

---x / (1 + |x|).
---    ml.tensor{-1.0, 3.0}:softsign()   --> -0.5  0.75
---@param x Tensor|number
---@return Tensor
function ml.softsign(x) end

---x / (1 + |x|).
---    ml.tensor{-1.0, 3.0}:softsign()   --> -0.5  0.75
---@return Tensor
function Tensor:softsign() end

---x / (1 + |x|). Written into the tensor itself.
---@return Tensor
function Tensor:softsign_() end

---0 within -lambda..lambda, x elsewhere.
---    ml.tensor{-1.0, 0.3}:hardshrink()   --> -1  0
---@param x Tensor|number
---@param lambda? number
---@return Tensor
function ml.hardshrink(x, lambda) end

---0 within -lambda..lambda, x elsewhere.
---    ml.tensor{-1.0, 0.3}:hardshrink()   --> -1  0
---@param lambda? number
---@return Tensor
function Tensor:hardshrink(lambda) end

---0 within -lambda..lambda, x elsewhere. Written into the tensor itself.
---@param lambda? number
---@return Tensor
function Tensor:hardshrink_(lambda) end

---x drawn toward 0 by lambda, 0 within -lambda..lambda.
---    ml.tensor{-1.0, 0.3, 2.0}:softshrink()   --> -0.5  0  1.5
---@param x Tensor|number
---@param lambda? number
---@return Tensor
function ml.softshrink(x, lambda) end

---x drawn toward 0 by lambda, 0 within -lambda..lambda.
---    ml.tensor{-1.0, 0.3, 2.0}:softshrink()   --> -0.5  0  1.5
---@param lambda? number
---@return Tensor
function Tensor:softshrink(lambda) end

---x drawn toward 0 by lambda, 0 within -lambda..lambda. Written into the tensor itself.
---@param lambda? number
---@return Tensor
function Tensor:softshrink_(lambda) end

---x where it is above the threshold, value elsewhere.
---    ml.tensor{-1, 2}:threshold(0, 9)   --> 9  2
---@param x Tensor|number
---@param threshold number
---@param value number
---@return Tensor
function ml.threshold(x, threshold, value) end

---x where it is above the threshold, value elsewhere.
---    ml.tensor{-1, 2}:threshold(0, 9)   --> 9  2
---@param threshold number
---@param value number
---@return Tensor
function Tensor:threshold(threshold, value) end

---x where it is above the threshold, value elsewhere. Written into the tensor itself.
---@param threshold number
---@param value number
---@return Tensor
function Tensor:threshold_(threshold, value) end

---Sum of the elements over dims. Integers and masks are summed as int64.
---    ml.tensor{{1, 2}, {3, 4}}:sum(1)   --> 4  6
---@param x Tensor|number
---@param dims? integer|integer[]
---@param ... integer
---The options stand last: {keepdim?: boolean}
---@return Tensor
function ml.sum(x, dims, ...) end

---Sum of the elements over dims. Integers and masks are summed as int64.
---    ml.tensor{{1, 2}, {3, 4}}:sum(1)   --> 4  6
---@param dims? integer|integer[]
---@param ... integer
---The options stand last: {keepdim?: boolean}
---@return Tensor
function Tensor:sum(dims, ...) end

---Product of the elements over dims; over nothing 1. Integers and masks are multiplied as int64.
---    ml.tensor{{1, 2}, {3, 4}}:prod(1)   --> 3  8
---@param x Tensor|number
---@param dims? integer|integer[]
---@param ... integer
---The options stand last: {keepdim?: boolean}
---@return Tensor
function ml.prod(x, dims, ...) end

---Product of the elements over dims; over nothing 1. Integers and masks are multiplied as int64.
---    ml.tensor{{1, 2}, {3, 4}}:prod(1)   --> 3  8
---@param dims? integer|integer[]
---@param ... integer
---The options stand last: {keepdim?: boolean}
---@return Tensor
function Tensor:prod(dims, ...) end

---Mean of the elements over dims.
---    ml.tensor{{1, 2}, {3, 4}}:mean(2)   --> 1.5  3.5
---@param x Tensor|number
---@param dims? integer|integer[]
---@param ... integer
---The options stand last: {keepdim?: boolean}
---@return Tensor
function ml.mean(x, dims, ...) end

---Mean of the elements over dims.
---    ml.tensor{{1, 2}, {3, 4}}:mean(2)   --> 1.5  3.5
---@param dims? integer|integer[]
---@param ... integer
---The options stand last: {keepdim?: boolean}
---@return Tensor
function Tensor:mean(dims, ...) end

---Variance over dims, divided by n - correction (1: of a sample; 0: of the population). NaN when n <= correction.
---    ml.tensor{1, 2, 3, 4}:var()   --> 1.6667
---@param x Tensor|number
---@param dims? integer|integer[]
---@param ... integer
---The options stand last: {keepdim?: boolean, correction?: number}
---@return Tensor
function ml.var(x, dims, ...) end

---Variance over dims, divided by n - correction (1: of a sample; 0: of the population). NaN when n <= correction.
---    ml.tensor{1, 2, 3, 4}:var()   --> 1.6667
---@param dims? integer|integer[]
---@param ... integer
---The options stand last: {keepdim?: boolean, correction?: number}
---@return Tensor
function Tensor:var(dims, ...) end

---Standard deviation over dims: the square root of var.
---    ml.tensor{1, 2, 3, 4}:std()   --> 1.291
---@param x Tensor|number
---@param dims? integer|integer[]
---@param ... integer
---The options stand last: {keepdim?: boolean, correction?: number}
---@return Tensor
function ml.std(x, dims, ...) end

---Standard deviation over dims: the square root of var.
---    ml.tensor{1, 2, 3, 4}:std()   --> 1.291
---@param dims? integer|integer[]
---@param ... integer
---The options stand last: {keepdim?: boolean, correction?: number}
---@return Tensor
function Tensor:std(dims, ...) end

---Smallest element over dims; NaN wins. Elements that tie share the gradient. With one dim also gives its positions.
---    ml.tensor{{1, 5}, {3, 4}}:min(2)   --> 1  3
---@param x Tensor|number
---@param dims? integer|integer[]
---@param ... integer
---The options stand last: {keepdim?: boolean}
---@return Tensor, Tensor?
function ml.min(x, dims, ...) end

---Smallest element over dims; NaN wins. Elements that tie share the gradient. With one dim also gives its positions.
---    ml.tensor{{1, 5}, {3, 4}}:min(2)   --> 1  3
---@param dims? integer|integer[]
---@param ... integer
---The options stand last: {keepdim?: boolean}
---@return Tensor, Tensor?
function Tensor:min(dims, ...) end

---Largest element over dims; NaN wins. Elements that tie share the gradient. With one dim also gives its positions.
---    ml.tensor{{1, 5}, {3, 4}}:max(2)   --> 5  4
---@param x Tensor|number
---@param dims? integer|integer[]
---@param ... integer
---The options stand last: {keepdim?: boolean}
---@return Tensor, Tensor?
function ml.max(x, dims, ...) end

---Largest element over dims; NaN wins. Elements that tie share the gradient. With one dim also gives its positions.
---    ml.tensor{{1, 5}, {3, 4}}:max(2)   --> 5  4
---@param dims? integer|integer[]
---@param ... integer
---The options stand last: {keepdim?: boolean}
---@return Tensor, Tensor?
function Tensor:max(dims, ...) end

---Whether any element over dims is true (not zero; NaN is not zero).
---    ml.tensor{{true, false}, {false, false}}:any(2)   --> true  false
---@param x Tensor|number
---@param dims? integer|integer[]
---@param ... integer
---The options stand last: {keepdim?: boolean}
---@return Tensor
function ml.any(x, dims, ...) end

---Whether any element over dims is true (not zero; NaN is not zero).
---    ml.tensor{{true, false}, {false, false}}:any(2)   --> true  false
---@param dims? integer|integer[]
---@param ... integer
---The options stand last: {keepdim?: boolean}
---@return Tensor
function Tensor:any(dims, ...) end

---Whether all elements over dims are true (not zero).
---    ml.tensor{{true, false}, {true, true}}:all(2)   --> false  true
---@param x Tensor|number
---@param dims? integer|integer[]
---@param ... integer
---The options stand last: {keepdim?: boolean}
---@return Tensor
function ml.all(x, dims, ...) end

---Whether all elements over dims are true (not zero).
---    ml.tensor{{true, false}, {true, true}}:all(2)   --> false  true
---@param dims? integer|integer[]
---@param ... integer
---The options stand last: {keepdim?: boolean}
---@return Tensor
function Tensor:all(dims, ...) end

---The p-norm over dims: (sum |x|^p)^(1/p); p = 1, 2, math.huge (largest absolute value) and others.
---    ml.tensor{3.0, 4.0}:norm()   --> 5
---@param x Tensor|number
---@param dims? integer|integer[]
---@param ... integer
---The options stand last: {keepdim?: boolean, p?: number}
---@return Tensor
function ml.norm(x, dims, ...) end

---The p-norm over dims: (sum |x|^p)^(1/p); p = 1, 2, math.huge (largest absolute value) and others.
---    ml.tensor{3.0, 4.0}:norm()   --> 5
---@param dims? integer|integer[]
---@param ... integer
---The options stand last: {keepdim?: boolean, p?: number}
---@return Tensor
function Tensor:norm(dims, ...) end

---log(sum(exp(x))) over dims, shifted by the maximum so that nothing overflows.
---    ml.tensor{0.0, 0.0}:logsumexp()   --> 0.6931
---@param x Tensor|number
---@param dims? integer|integer[]
---@param ... integer
---The options stand last: {keepdim?: boolean}
---@return Tensor
function ml.logsumexp(x, dims, ...) end

---log(sum(exp(x))) over dims, shifted by the maximum so that nothing overflows.
---    ml.tensor{0.0, 0.0}:logsumexp()   --> 0.6931
---@param dims? integer|integer[]
---@param ... integer
---The options stand last: {keepdim?: boolean}
---@return Tensor
function Tensor:logsumexp(dims, ...) end

---Position (from 1) of the smallest element of a dimension, the first of equals; NaN counts as such. Without dim: of the flattened tensor.
---    ml.tensor{{1, 5}, {4, 3}}:argmin(2)   --> 1  2
---@param x Tensor|number
---@param dim? integer
---@param options? {keepdim?: boolean}
---@return Tensor
function ml.argmin(x, dim, options) end

---Position (from 1) of the smallest element of a dimension, the first of equals; NaN counts as such. Without dim: of the flattened tensor.
---    ml.tensor{{1, 5}, {4, 3}}:argmin(2)   --> 1  2
---@param dim? integer
---@param options? {keepdim?: boolean}
---@return Tensor
function Tensor:argmin(dim, options) end

---Position (from 1) of the largest element of a dimension, the first of equals; NaN counts as such. Without dim: of the flattened tensor.
---    ml.tensor{{1, 5}, {4, 3}}:argmax(2)   --> 2  1
---@param x Tensor|number
---@param dim? integer
---@param options? {keepdim?: boolean}
---@return Tensor
function ml.argmax(x, dim, options) end

---Position (from 1) of the largest element of a dimension, the first of equals; NaN counts as such. Without dim: of the flattened tensor.
---    ml.tensor{{1, 5}, {4, 3}}:argmax(2)   --> 2  1
---@param dim? integer
---@param options? {keepdim?: boolean}
---@return Tensor
function Tensor:argmax(dim, options) end

---Sums of all elements up to each, along a dimension; with reverse, from each to the end. Integers and masks are summed as int64.
---    ml.tensor{1, 2, 3}:cumsum(1)   --> 1  3  6
---@param x Tensor|number
---@param dim integer
---@param options? {reverse?: boolean}
---@return Tensor
function ml.cumsum(x, dim, options) end

---Sums of all elements up to each, along a dimension; with reverse, from each to the end. Integers and masks are summed as int64.
---    ml.tensor{1, 2, 3}:cumsum(1)   --> 1  3  6
---@param dim integer
---@param options? {reverse?: boolean}
---@return Tensor
function Tensor:cumsum(dim, options) end

---Products of all elements up to each, along a dimension. Of integers and masks, as int64.
---    ml.tensor{1, 2, 3}:cumprod(1)   --> 1  2  6
---@param x Tensor|number
---@param dim integer
---@return Tensor
function ml.cumprod(x, dim) end

---Products of all elements up to each, along a dimension. Of integers and masks, as int64.
---    ml.tensor{1, 2, 3}:cumprod(1)   --> 1  2  6
---@param dim integer
---@return Tensor
function Tensor:cumprod(dim) end

---log(sum(exp(x))) of all elements up to each, along a dimension, shifted by the largest so that nothing overflows.
---    ml.tensor{0.0, 0.0}:logcumsumexp(1)   --> 0  0.6931
---@param x Tensor|number
---@param dim integer
---@return Tensor
function ml.logcumsumexp(x, dim) end

---log(sum(exp(x))) of all elements up to each, along a dimension, shifted by the largest so that nothing overflows.
---    ml.tensor{0.0, 0.0}:logcumsumexp(1)   --> 0  0.6931
---@param dim integer
---@return Tensor
function Tensor:logcumsumexp(dim) end

---The largest of all elements up to each, along a dimension, and its position: of equals the last. NaN wins.
---    ml.tensor{2, 3, 1}:cummax(1)   --> 2  3  3
---@param x Tensor|number
---@param dim integer
---@return Tensor, Tensor
function ml.cummax(x, dim) end

---The largest of all elements up to each, along a dimension, and its position: of equals the last. NaN wins.
---    ml.tensor{2, 3, 1}:cummax(1)   --> 2  3  3
---@param dim integer
---@return Tensor, Tensor
function Tensor:cummax(dim) end

---The smallest of all elements up to each, along a dimension, and its position: of equals the last. NaN wins.
---    ml.tensor{2, 3, 1}:cummin(1)   --> 2  2  1
---@param x Tensor|number
---@param dim integer
---@return Tensor, Tensor
function ml.cummin(x, dim) end

---The smallest of all elements up to each, along a dimension, and its position: of equals the last. NaN wins.
---    ml.tensor{2, 3, 1}:cummin(1)   --> 2  2  1
---@param dim integer
---@return Tensor, Tensor
function Tensor:cummin(dim) end

---The elements of a dimension (the last one) in order, and the position each had. Stable: equals stay in their order.
---    ml.tensor{3, 1, 2}:sort()   --> 1  2  3
---@param x Tensor|number
---@param dim? integer
---@param options? {descending?: boolean}
---@return Tensor, Tensor
function ml.sort(x, dim, options) end

---The elements of a dimension (the last one) in order, and the position each had. Stable: equals stay in their order.
---    ml.tensor{3, 1, 2}:sort()   --> 1  2  3
---@param dim? integer
---@param options? {descending?: boolean}
---@return Tensor, Tensor
function Tensor:sort(dim, options) end

---The positions that put a dimension (the last one) in order. Stable.
---    ml.tensor{30, 10, 20}:argsort()   --> 2  3  1
---@param x Tensor|number
---@param dim? integer
---@param options? {descending?: boolean}
---@return Tensor
function ml.argsort(x, dim, options) end

---The positions that put a dimension (the last one) in order. Stable.
---    ml.tensor{30, 10, 20}:argsort()   --> 2  3  1
---@param dim? integer
---@param options? {descending?: boolean}
---@return Tensor
function Tensor:argsort(dim, options) end

---The k largest (or smallest) elements of a dimension (the last one) in order, and their positions.
---    ml.tensor{3, 1, 4, 2}:topk(2)   --> 4  3
---@param x Tensor|number
---@param k integer
---@param dim? integer
---@param options? {largest?: boolean}
---@return Tensor, Tensor
function ml.topk(x, k, dim, options) end

---The k largest (or smallest) elements of a dimension (the last one) in order, and their positions.
---    ml.tensor{3, 1, 4, 2}:topk(2)   --> 4  3
---@param k integer
---@param dim? integer
---@param options? {largest?: boolean}
---@return Tensor, Tensor
function Tensor:topk(k, dim, options) end

---The k-th smallest element of a dimension (the last one), and its position.
---    ml.tensor{30, 10, 20}:kthvalue(2)   --> 20
---@param x Tensor|number
---@param k integer
---@param dim? integer
---@param options? {keepdim?: boolean}
---@return Tensor, Tensor
function ml.kthvalue(x, k, dim, options) end

---The k-th smallest element of a dimension (the last one), and its position.
---    ml.tensor{30, 10, 20}:kthvalue(2)   --> 20
---@param k integer
---@param dim? integer
---@param options? {keepdim?: boolean}
---@return Tensor, Tensor
function Tensor:kthvalue(k, dim, options) end

---The element in the middle of a dimension, the lower of two, and its position; NaN where there is one. Without dim: of the flattened tensor.
---    ml.tensor{4, 1, 3, 2}:median()   --> 2
---@param x Tensor|number
---@param dim? integer
---@param options? {keepdim?: boolean}
---@return Tensor, Tensor
function ml.median(x, dim, options) end

---The element in the middle of a dimension, the lower of two, and its position; NaN where there is one. Without dim: of the flattened tensor.
---    ml.tensor{4, 1, 3, 2}:median()   --> 2
---@param dim? integer
---@param options? {keepdim?: boolean}
---@return Tensor, Tensor
function Tensor:median(dim, options) end

---The element in the middle of a dimension, the lower of two, and its position; NaN is left out. Without dim: of the flattened tensor.
---    ml.tensor{4, 1, 3, 2}:nanmedian()   --> 2
---@param x Tensor|number
---@param dim? integer
---@param options? {keepdim?: boolean}
---@return Tensor, Tensor
function ml.nanmedian(x, dim, options) end

---The element in the middle of a dimension, the lower of two, and its position; NaN is left out. Without dim: of the flattened tensor.
---    ml.tensor{4, 1, 3, 2}:nanmedian()   --> 2
---@param dim? integer
---@param options? {keepdim?: boolean}
---@return Tensor, Tensor
function Tensor:nanmedian(dim, options) end

---The number below which the share q (0..1) of a dimension lies, between two elements by interpolation; NaN where there is one. Without dim: of the flattened tensor. q may be a list: ml.quantile.
---    ml.tensor{1, 2, 3, 4}:quantile(0.5)   --> 2.5
---@param x Tensor|number
---@param q number
---@param dim? integer
---@param options? {keepdim?: boolean, interpolation?: "linear"|"lower"|"higher"|"nearest"|"midpoint"}
---@return Tensor
function ml.quantile(x, q, dim, options) end

---The number below which the share q (0..1) of a dimension lies, between two elements by interpolation; NaN where there is one. Without dim: of the flattened tensor. q may be a list: ml.quantile.
---    ml.tensor{1, 2, 3, 4}:quantile(0.5)   --> 2.5
---@param q number
---@param dim? integer
---@param options? {keepdim?: boolean, interpolation?: "linear"|"lower"|"higher"|"nearest"|"midpoint"}
---@return Tensor
function Tensor:quantile(q, dim, options) end

---The different elements in order; for each element of x, which of them it is; and how often each is there. Each NaN is another. With dim: of the slices at the positions of that dimension, ordered by their first element that differs.
---    ml.tensor{3, 1, 3}:unique()   --> 1  3
---@param x Tensor|number
---@param dim? integer
---@return Tensor, Tensor, Tensor
function ml.unique(x, dim) end

---The different elements in order; for each element of x, which of them it is; and how often each is there. Each NaN is another. With dim: of the slices at the positions of that dimension, ordered by their first element that differs.
---    ml.tensor{3, 1, 3}:unique()   --> 1  3
---@param dim? integer
---@return Tensor, Tensor, Tensor
function Tensor:unique(dim) end

---Where each value would stand in a sorted vector: before the first element that is not smaller (with right: behind the last that is not larger). Or row by row.
---    ml.tensor{10, 20, 30}:searchsorted(ml.tensor{20, 25, 99})   --> 2  3  4
---@param sorted Tensor|number
---@param values Tensor|number
---@param options? {right?: boolean}
---@return Tensor
function ml.searchsorted(sorted, values, options) end

---Where each value would stand in a sorted vector: before the first element that is not smaller (with right: behind the last that is not larger). Or row by row.
---    ml.tensor{10, 20, 30}:searchsorted(ml.tensor{20, 25, 99})   --> 2  3  4
---@param values Tensor|number
---@param options? {right?: boolean}
---@return Tensor
function Tensor:searchsorted(values, options) end

---Which of the ranges between sorted boundaries each element lies in, from 1 (up to the first boundary) on. With right, a range begins at its boundary.
---    ml.tensor{5, 20, 25}:bucketize(ml.tensor{10, 20})   --> 1  2  3
---@param x Tensor|number
---@param boundaries Tensor|number
---@param options? {right?: boolean}
---@return Tensor
function ml.bucketize(x, boundaries, options) end

---Which of the ranges between sorted boundaries each element lies in, from 1 (up to the first boundary) on. With right, a range begins at its boundary.
---    ml.tensor{5, 20, 25}:bucketize(ml.tensor{10, 20})   --> 1  2  3
---@param boundaries Tensor|number
---@param options? {right?: boolean}
---@return Tensor
function Tensor:bucketize(boundaries, options) end

---How often each position, from 1 to the largest (or to minlength), is there, or the sum of its weights. 0 is none and not counted.
---    ml.tensor{1, 3, 3}:bincount()   --> 1  0  2
---@param index Tensor
---@param options? {weights?: Tensor|number, minlength?: integer}
---@return Tensor
function ml.bincount(index, options) end

---How often each position, from 1 to the largest (or to minlength), is there, or the sum of its weights. 0 is none and not counted.
---    ml.tensor{1, 3, 3}:bincount()   --> 1  0  2
---@param options? {weights?: Tensor|number, minlength?: integer}
---@return Tensor
function Tensor:bincount(options) end

---How many elements lie in each of `bins` equal parts of min..max, or of the range of the elements if none is given.
---    ml.tensor{1.0, 2.0, 2.5, 4.0}:histc(3)   --> 1  2  1
---@param x Tensor|number
---@param bins? integer
---@param min? number
---@param max? number
---@return Tensor
function ml.histc(x, bins, min, max) end

---How many elements lie in each of `bins` equal parts of min..max, or of the range of the elements if none is given.
---    ml.tensor{1.0, 2.0, 2.5, 4.0}:histc(3)   --> 1  2  1
---@param bins? integer
---@param min? number
---@param max? number
---@return Tensor
function Tensor:histc(bins, min, max) end

---The positions of the elements that are not zero (or that are true): a row for each, with a column a dimension.
---    ml.tensor{0, 5, 7}:nonzero()   --> 2  3
---@param x Tensor|number
---@return Tensor
function ml.nonzero(x) end

---The positions of the elements that are not zero (or that are true): a row for each, with a column a dimension.
---    ml.tensor{0, 5, 7}:nonzero()   --> 2  3
---@return Tensor
function Tensor:nonzero() end

---Matrix product of the last two dimensions; those before broadcast. A vector on the left is a row, on the right a column, and that dimension goes again.
---    ml.tensor{{1.0, 2.0}, {3.0, 4.0}}:matmul(ml.tensor{1.0, 1.0})   --> 3  7
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.matmul(x, y) end

---Matrix product of the last two dimensions; those before broadcast. A vector on the left is a row, on the right a column, and that dimension goes again.
---    ml.tensor{{1.0, 2.0}, {3.0, 4.0}}:matmul(ml.tensor{1.0, 1.0})   --> 3  7
---@param y Tensor|number
---@return Tensor
function Tensor:matmul(y) end

---Matrix product of two matrices (m, k) and (k, n). Nothing broadcasts.
---    ml.eye(2):mm(ml.tensor{{1.0, 2.0}, {3.0, 4.0}})
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.mm(x, y) end

---Matrix product of two matrices (m, k) and (k, n). Nothing broadcasts.
---    ml.eye(2):mm(ml.tensor{{1.0, 2.0}, {3.0, 4.0}})
---@param y Tensor|number
---@return Tensor
function Tensor:mm(y) end

---Matrix products of two equal batches, (b, m, k) and (b, k, n). Nothing broadcasts.
---    ml.ones(2, 1, 3):bmm(ml.ones(2, 3, 1))
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.bmm(x, y) end

---Matrix products of two equal batches, (b, m, k) and (b, k, n). Nothing broadcasts.
---    ml.ones(2, 1, 3):bmm(ml.ones(2, 3, 1))
---@param y Tensor|number
---@return Tensor
function Tensor:bmm(y) end

---The same elements in order under another shape; one size may be -1 and is computed. Copies when strides can't say it.
---    ml.arange(1, 6):reshape(2, -1)
---@param x Tensor|number
---@param shape integer|integer[]
---@param ... integer
---@return Tensor
function ml.reshape(x, shape, ...) end

---The same elements in order under another shape; one size may be -1 and is computed. Copies when strides can't say it.
---    ml.arange(1, 6):reshape(2, -1)
---@param shape integer|integer[]
---@param ... integer
---@return Tensor
function Tensor:reshape(shape, ...) end

---Dimensions from..to joined into one.
---    ml.zeros(2, 3, 4):flatten(2)   -- [2, 12]
---@param x Tensor|number
---@param from? integer
---@param to? integer
---@return Tensor
function ml.flatten(x, from, to) end

---Dimensions from..to joined into one.
---    ml.zeros(2, 3, 4):flatten(2)   -- [2, 12]
---@param from? integer
---@param to? integer
---@return Tensor
function Tensor:flatten(from, to) end

---The dimensions in another order.
---    ml.zeros(2, 3, 4):permute(3, 1, 2)   -- [4, 2, 3]
---@param x Tensor|number
---@param dims integer|integer[]
---@param ... integer
---@return Tensor
function ml.permute(x, dims, ...) end

---The dimensions in another order.
---    ml.zeros(2, 3, 4):permute(3, 1, 2)   -- [4, 2, 3]
---@param dims integer|integer[]
---@param ... integer
---@return Tensor
function Tensor:permute(dims, ...) end

---Two dimensions swapped, the last two if none are named.
---    ml.zeros(2, 3):transpose()   -- [3, 2]
---@param x Tensor|number
---@param dim0? integer
---@param dim1? integer
---@return Tensor
function ml.transpose(x, dim0, dim1) end

---Two dimensions swapped, the last two if none are named.
---    ml.zeros(2, 3):transpose()   -- [3, 2]
---@param dim0? integer
---@param dim1? integer
---@return Tensor
function Tensor:transpose(dim0, dim1) end

---Sizes of 1 stretched to those of shape without copying; -1 keeps a size. New dimensions go in front.
---    ml.ones(3, 1):expand(3, 4)   -- [3, 4]
---@param x Tensor|number
---@param shape integer|integer[]
---@param ... integer
---@return Tensor
function ml.expand(x, shape, ...) end

---Sizes of 1 stretched to those of shape without copying; -1 keeps a size. New dimensions go in front.
---    ml.ones(3, 1):expand(3, 4)   -- [3, 4]
---@param shape integer|integer[]
---@param ... integer
---@return Tensor
function Tensor:expand(shape, ...) end

---Dimensions of size 1 left out: those named (one of another size stays), or all.
---    ml.zeros(2, 1, 3):squeeze()   -- [2, 3]
---@param x Tensor|number
---@param dims? integer|integer[]
---@param ... integer
---@return Tensor
function ml.squeeze(x, dims, ...) end

---Dimensions of size 1 left out: those named (one of another size stays), or all.
---    ml.zeros(2, 1, 3):squeeze()   -- [2, 3]
---@param dims? integer|integer[]
---@param ... integer
---@return Tensor
function Tensor:squeeze(dims, ...) end

---A dimension of size 1 put in at dim.
---    ml.zeros(2, 3):unsqueeze(2)   -- [2, 1, 3]
---@param x Tensor|number
---@param dim integer
---@return Tensor
function ml.unsqueeze(x, dim) end

---A dimension of size 1 put in at dim.
---    ml.zeros(2, 3):unsqueeze(2)   -- [2, 1, 3]
---@param dim integer
---@return Tensor
function Tensor:unsqueeze(dim) end

---Positions from..to of a dimension, inclusive, every step-th. An empty range gives size 0.
---    ml.arange(1, 5):slice(1, 2, 4)   --> 2  3  4
---@param x Tensor|number
---@param dim integer
---@param from? integer
---@param to? integer
---@param step? integer
---@return Tensor
function ml.slice(x, dim, from, to, step) end

---Positions from..to of a dimension, inclusive, every step-th. An empty range gives size 0.
---    ml.arange(1, 5):slice(1, 2, 4)   --> 2  3  4
---@param dim integer
---@param from? integer
---@param to? integer
---@param step? integer
---@return Tensor
function Tensor:slice(dim, from, to, step) end

---One position of a dimension, which goes.
---    ml.tensor{{1, 2}, {3, 4}}:select(1, 2)   --> 3  4
---@param x Tensor|number
---@param dim integer
---@param index integer
---@return Tensor
function ml.select(x, dim, index) end

---One position of a dimension, which goes.
---    ml.tensor{{1, 2}, {3, 4}}:select(1, 2)   --> 3  4
---@param dim integer
---@param index integer
---@return Tensor
function Tensor:select(dim, index) end

---The diagonal of two dimensions as the last one: element i is x[i, i + offset] (offset below 0: x[i - offset, i]).
---    ml.tensor{{1, 2}, {3, 4}}:diagonal()   --> 1  4
---@param x Tensor|number
---@param offset? integer
---@param dim1? integer
---@param dim2? integer
---@return Tensor
function ml.diagonal(x, offset, dim1, dim2) end

---The diagonal of two dimensions as the last one: element i is x[i, i + offset] (offset below 0: x[i - offset, i]).
---    ml.tensor{{1, 2}, {3, 4}}:diagonal()   --> 1  4
---@param offset? integer
---@param dim1? integer
---@param dim2? integer
---@return Tensor
function Tensor:diagonal(offset, dim1, dim2) end

---A copy with the elements in row-major order.
---    ml.zeros(2, 3):transpose():contiguous()
---@param x Tensor|number
---@return Tensor
function ml.contiguous(x) end

---A copy with the elements in row-major order.
---    ml.zeros(2, 3):transpose():contiguous()
---@return Tensor
function Tensor:contiguous() end

---The elements in another type. Fractions are cut toward zero, NaN becomes 0, numbers outside an integer type's range its nearest.
---    ml.tensor{1.5, 2.5}:to "int64"   --> 1  2
---@param x Tensor|number
---@param dtype string
---@return Tensor
function ml.to(x, dtype) end

---The elements in another type. Fractions are cut toward zero, NaN becomes 0, numbers outside an integer type's range its nearest.
---    ml.tensor{1.5, 2.5}:to "int64"   --> 1  2
---@param dtype string
---@return Tensor
function Tensor:to(dtype) end

---The positions of dims, all if none are named, in the opposite order.
---    ml.tensor{1, 2, 3}:flip(1)   --> 3  2  1
---@param x Tensor|number
---@param dims? integer|integer[]
---@param ... integer
---@return Tensor
function ml.flip(x, dims, ...) end

---The positions of dims, all if none are named, in the opposite order.
---    ml.tensor{1, 2, 3}:flip(1)   --> 3  2  1
---@param dims? integer|integer[]
---@param ... integer
---@return Tensor
function Tensor:flip(dims, ...) end

---Positions moved on by shift along a dimension; those that fall off the end come back at the front. Without dim: of the flattened tensor.
---    ml.tensor{1, 2, 3}:roll(1, 1)   --> 3  1  2
---@param x Tensor|number
---@param shift integer
---@param dim? integer
---@return Tensor
function ml.roll(x, shift, dim) end

---Positions moved on by shift along a dimension; those that fall off the end come back at the front. Without dim: of the flattened tensor.
---    ml.tensor{1, 2, 3}:roll(1, 1)   --> 3  1  2
---@param shift integer
---@param dim? integer
---@return Tensor
function Tensor:roll(shift, dim) end

---x so many times beside itself along each dimension, the last ones if fewer are given, new ones in front if more. PyTorch's repeat, which is a word of Lua.
---    ml.tensor{1, 2}:tile(2)   --> 1  2  1  2
---@param x Tensor|number
---@param repeats integer[]
---@return Tensor
function ml.tile(x, repeats) end

---x so many times beside itself along each dimension, the last ones if fewer are given, new ones in front if more. PyTorch's repeat, which is a word of Lua.
---    ml.tensor{1, 2}:tile(2)   --> 1  2  1  2
---@param repeats integer[]
---@return Tensor
function Tensor:tile(repeats) end

---Each position of a dimension so many times. Without dim: of the flattened tensor.
---    ml.tensor{1, 2}:repeat_interleave(2, 1)   --> 1  1  2  2
---@param x Tensor|number
---@param repeats integer
---@param dim? integer
---@return Tensor
function ml.repeat_interleave(x, repeats, dim) end

---Each position of a dimension so many times. Without dim: of the flattened tensor.
---    ml.tensor{1, 2}:repeat_interleave(2, 1)   --> 1  1  2  2
---@param repeats integer
---@param dim? integer
---@return Tensor
function Tensor:repeat_interleave(repeats, dim) end

---The lower triangle of a matrix, or of several, up to a diagonal (1: the one above the main one); 0 elsewhere.
---    ml.ones(2, 2):tril()   --> 1  0  1  1
---@param x Tensor|number
---@param diagonal? integer
---@return Tensor
function ml.tril(x, diagonal) end

---The lower triangle of a matrix, or of several, up to a diagonal (1: the one above the main one); 0 elsewhere.
---    ml.ones(2, 2):tril()   --> 1  0  1  1
---@param diagonal? integer
---@return Tensor
function Tensor:tril(diagonal) end

---The upper triangle of a matrix, or of several, from a diagonal on (1: the one above the main one); 0 elsewhere.
---    ml.ones(2, 2):triu()   --> 1  1  0  1
---@param x Tensor|number
---@param diagonal? integer
---@return Tensor
function ml.triu(x, diagonal) end

---The upper triangle of a matrix, or of several, from a diagonal on (1: the one above the main one); 0 elsewhere.
---    ml.ones(2, 2):triu()   --> 1  1  0  1
---@param diagonal? integer
---@return Tensor
function Tensor:triu(diagonal) end

---The diagonal of a matrix as a vector, or a matrix with a vector on its diagonal (1: the one above the main one).
---    ml.tensor{{1, 2}, {3, 4}}:diag()   --> 1  4
---@param x Tensor|number
---@param diagonal? integer
---@return Tensor
function ml.diag(x, diagonal) end

---The diagonal of a matrix as a vector, or a matrix with a vector on its diagonal (1: the one above the main one).
---    ml.tensor{{1, 2}, {3, 4}}:diag()   --> 1  4
---@param diagonal? integer
---@return Tensor
function Tensor:diag(diagonal) end

---Square matrices, in dimensions dim1 and dim2 of the result, whose diagonals (1: the ones above the main one) are the last dimension of x; 0 elsewhere.
---    ml.tensor{1, 2}:diag_embed()   --> 1  0  0  2
---@param x Tensor|number
---@param offset? integer
---@param dim1? integer
---@param dim2? integer
---@return Tensor
function ml.diag_embed(x, offset, dim1, dim2) end

---Square matrices, in dimensions dim1 and dim2 of the result, whose diagonals (1: the ones above the main one) are the last dimension of x; 0 elsewhere.
---    ml.tensor{1, 2}:diag_embed()   --> 1  0  0  2
---@param offset? integer
---@param dim1? integer
---@param dim2? integer
---@return Tensor
function Tensor:diag_embed(offset, dim1, dim2) end

---The products of each element of one vector with each of another.
---    ml.tensor{1, 2}:outer(ml.tensor{3, 4})   --> 3  4  6  8
---@param x Tensor|number
---@param y Tensor|number
---@return Tensor
function ml.outer(x, y) end

---The products of each element of one vector with each of another.
---    ml.tensor{1, 2}:outer(ml.tensor{3, 4})   --> 3  4  6  8
---@param y Tensor|number
---@return Tensor
function Tensor:outer(y) end

---Tensors joined along a dimension; all other sizes are equal.
---    ml.cat({ml.tensor{1, 2}, ml.tensor{3}}, 1)   --> 1  2  3
---@param tensors Tensor[]
---@param dim? integer
---@return Tensor
function ml.cat(tensors, dim) end

---Tensors of one shape joined along a new dimension.
---    ml.stack({ml.tensor{1, 2}, ml.tensor{3, 4}}, 1)   -- [2, 2]
---@param tensors Tensor[]
---@param dim? integer
---@return Tensor
function ml.stack(tensors, dim) end

---A border of value: {left, right} of the last dimension, then of the one before, and so on. Negative sizes cut.
---    ml.tensor{1, 2}:pad({1, 1})   --> 0  1  2  0
---@param x Tensor|number
---@param sizes integer[]
---@param value? number
---@return Tensor
function ml.pad(x, sizes, value) end

---A border of value: {left, right} of the last dimension, then of the one before, and so on. Negative sizes cut.
---    ml.tensor{1, 2}:pad({1, 1})   --> 0  1  2  0
---@param sizes integer[]
---@param value? number
---@return Tensor
function Tensor:pad(sizes, value) end

---The positions of a dimension that a vector of positions names, in its order.
---    ml.tensor{10, 20, 30}:index_select(1, ml.tensor{3, 1})   --> 30  10
---@param x Tensor|number
---@param dim integer
---@param index Tensor
---@return Tensor
function ml.index_select(x, dim, index) end

---The positions of a dimension that a vector of positions names, in its order.
---    ml.tensor{10, 20, 30}:index_select(1, ml.tensor{3, 1})   --> 30  10
---@param dim integer
---@param index Tensor
---@return Tensor
function Tensor:index_select(dim, index) end

---result[i][j] = x[index[i][j]][j] for dim 1, and so on: one element of a dimension for each element of index.
---    ml.tensor{{1, 2}, {3, 4}}:gather(2, ml.tensor{{2}, {1}})   --> 2  3
---@param x Tensor|number
---@param dim integer
---@param index Tensor
---@return Tensor
function ml.gather(x, dim, index) end

---result[i][j] = x[index[i][j]][j] for dim 1, and so on: one element of a dimension for each element of index.
---    ml.tensor{{1, 2}, {3, 4}}:gather(2, ml.tensor{{2}, {1}})   --> 2  3
---@param dim integer
---@param index Tensor
---@return Tensor
function Tensor:gather(dim, index) end

---x with value where the mask holds.
---    ml.tensor{1, 2, 3}:masked_fill(ml.tensor{true, false, true}, 0)   --> 0  2  0
---@param x Tensor|number
---@param mask Tensor
---@param value number
---@return Tensor
function ml.masked_fill(x, mask, value) end

---x with value where the mask holds.
---    ml.tensor{1, 2, 3}:masked_fill(ml.tensor{true, false, true}, 0)   --> 0  2  0
---@param mask Tensor
---@param value number
---@return Tensor
function Tensor:masked_fill(mask, value) end

---x with value where the mask holds. Written into the tensor itself.
---@param mask Tensor
---@param value number
---@return Tensor
function Tensor:masked_fill_(mask, value) end

---The elements where the mask (of x's shape) holds, as a vector. Needs the data: a model that is only checked can't use it.
---    ml.tensor{1, 2, 3}:masked_select(ml.tensor{true, false, true})   --> 1  3
---@param x Tensor|number
---@param mask Tensor
---@return Tensor
function ml.masked_select(x, mask) end

---The elements where the mask (of x's shape) holds, as a vector. Needs the data: a model that is only checked can't use it.
---    ml.tensor{1, 2, 3}:masked_select(ml.tensor{true, false, true})   --> 1  3
---@param mask Tensor
---@return Tensor
function Tensor:masked_select(mask) end

---A float32 row of `classes` numbers for each position, 1 there and 0 elsewhere; all 0 for position 0.
---    ml.one_hot(ml.tensor{2, 1}, 3)
---@param index Tensor
---@param classes integer
---@return Tensor
function ml.one_hot(index, classes) end

---A float32 row of `classes` numbers for each position, 1 there and 0 elsewhere; all 0 for position 0.
---    ml.one_hot(ml.tensor{2, 1}, 3)
---@param classes integer
---@return Tensor
function Tensor:one_hot(classes) end

---A copy of x in which result[index[i][j]][j] = source[i][j] for dim 1, and so on; source may be a number. Where positions repeat the last one stays.
---    ml.zeros(3):scatter(1, ml.tensor{3, 1}, ml.tensor{5.0, 6.0})   --> 6  0  5
---@param x Tensor|number
---@param dim integer
---@param index Tensor
---@param source Tensor|number
---@return Tensor
function ml.scatter(x, dim, index, source) end

---A copy of x in which result[index[i][j]][j] = source[i][j] for dim 1, and so on; source may be a number. Where positions repeat the last one stays.
---    ml.zeros(3):scatter(1, ml.tensor{3, 1}, ml.tensor{5.0, 6.0})   --> 6  0  5
---@param dim integer
---@param index Tensor
---@param source Tensor|number
---@return Tensor
function Tensor:scatter(dim, index, source) end

---A copy of x in which result[index[i][j]][j] = source[i][j] for dim 1, and so on; source may be a number. Where positions repeat the last one stays. Written into the tensor itself.
---@param dim integer
---@param index Tensor
---@param source Tensor|number
---@return Tensor
function Tensor:scatter_(dim, index, source) end

---A copy of x in which result[index[i][j]][j] has source[i][j] added for dim 1, and so on; source may be a number.
---    ml.zeros(3):scatter_add(1, ml.tensor{3, 3}, ml.tensor{5.0, 6.0})   --> 0  0  11
---@param x Tensor|number
---@param dim integer
---@param index Tensor
---@param source Tensor|number
---@return Tensor
function ml.scatter_add(x, dim, index, source) end

---A copy of x in which result[index[i][j]][j] has source[i][j] added for dim 1, and so on; source may be a number.
---    ml.zeros(3):scatter_add(1, ml.tensor{3, 3}, ml.tensor{5.0, 6.0})   --> 0  0  11
---@param dim integer
---@param index Tensor
---@param source Tensor|number
---@return Tensor
function Tensor:scatter_add(dim, index, source) end

---A copy of x in which result[index[i][j]][j] has source[i][j] added for dim 1, and so on; source may be a number. Written into the tensor itself.
---@param dim integer
---@param index Tensor
---@param source Tensor|number
---@return Tensor
function Tensor:scatter_add_(dim, index, source) end

---As scatter_add, but the elements that meet in one place (and the element of x, unless include_self = false) give their sum, product, mean, largest or smallest. Means of integers are rounded down. Elements that tie share the gradient.
---    ml.zeros(2):scatter_reduce(1, ml.tensor{2, 2}, ml.tensor{5.0, 7.0}, "mean", {include_self = false})   --> 0  6
---@param x Tensor|number
---@param dim integer
---@param index Tensor
---@param source Tensor|number
---@param reducing "sum"|"prod"|"mean"|"amax"|"amin"
---@param options? {include_self?: boolean}
---@return Tensor
function ml.scatter_reduce(x, dim, index, source, reducing, options) end

---As scatter_add, but the elements that meet in one place (and the element of x, unless include_self = false) give their sum, product, mean, largest or smallest. Means of integers are rounded down. Elements that tie share the gradient.
---    ml.zeros(2):scatter_reduce(1, ml.tensor{2, 2}, ml.tensor{5.0, 7.0}, "mean", {include_self = false})   --> 0  6
---@param dim integer
---@param index Tensor
---@param source Tensor|number
---@param reducing "sum"|"prod"|"mean"|"amax"|"amin"
---@param options? {include_self?: boolean}
---@return Tensor
function Tensor:scatter_reduce(dim, index, source, reducing, options) end

---As scatter_add, but the elements that meet in one place (and the element of x, unless include_self = false) give their sum, product, mean, largest or smallest. Means of integers are rounded down. Elements that tie share the gradient. Written into the tensor itself.
---@param dim integer
---@param index Tensor
---@param source Tensor|number
---@param reducing "sum"|"prod"|"mean"|"amax"|"amin"
---@param options? {include_self?: boolean}
---@return Tensor
function Tensor:scatter_reduce_(dim, index, source, reducing, options) end

---A copy of x with the positions of source's dimension added to those that the vector index names; source may be a number.
---    ml.zeros(3):index_add(1, ml.tensor{3, 3}, ml.tensor{5.0, 6.0})   --> 0  0  11
---@param x Tensor|number
---@param dim integer
---@param index Tensor
---@param source Tensor|number
---@return Tensor
function ml.index_add(x, dim, index, source) end

---A copy of x with the positions of source's dimension added to those that the vector index names; source may be a number.
---    ml.zeros(3):index_add(1, ml.tensor{3, 3}, ml.tensor{5.0, 6.0})   --> 0  0  11
---@param dim integer
---@param index Tensor
---@param source Tensor|number
---@return Tensor
function Tensor:index_add(dim, index, source) end

---A copy of x with the positions of source's dimension added to those that the vector index names; source may be a number. Written into the tensor itself.
---@param dim integer
---@param index Tensor
---@param source Tensor|number
---@return Tensor
function Tensor:index_add_(dim, index, source) end

---A copy of x with the positions of source's dimension written over those that the vector index names. Where positions repeat the last one stays.
---    ml.zeros(3):index_copy(1, ml.tensor{3, 1}, ml.tensor{5.0, 6.0})   --> 6  0  5
---@param x Tensor|number
---@param dim integer
---@param index Tensor
---@param source Tensor|number
---@return Tensor
function ml.index_copy(x, dim, index, source) end

---A copy of x with the positions of source's dimension written over those that the vector index names. Where positions repeat the last one stays.
---    ml.zeros(3):index_copy(1, ml.tensor{3, 1}, ml.tensor{5.0, 6.0})   --> 6  0  5
---@param dim integer
---@param index Tensor
---@param source Tensor|number
---@return Tensor
function Tensor:index_copy(dim, index, source) end

---A copy of x with the positions of source's dimension written over those that the vector index names. Where positions repeat the last one stays. Written into the tensor itself.
---@param dim integer
---@param index Tensor
---@param source Tensor|number
---@return Tensor
function Tensor:index_copy_(dim, index, source) end

---A copy of x with value at the positions of a dimension that the vector index names.
---    ml.zeros(3):index_fill(1, ml.tensor{3, 1}, 7)   --> 7  0  7
---@param x Tensor|number
---@param dim integer
---@param index Tensor
---@param value number
---@return Tensor
function ml.index_fill(x, dim, index, value) end

---A copy of x with value at the positions of a dimension that the vector index names.
---    ml.zeros(3):index_fill(1, ml.tensor{3, 1}, 7)   --> 7  0  7
---@param dim integer
---@param index Tensor
---@param value number
---@return Tensor
function Tensor:index_fill(dim, index, value) end

---A copy of x with value at the positions of a dimension that the vector index names. Written into the tensor itself.
---@param dim integer
---@param index Tensor
---@param value number
---@return Tensor
function Tensor:index_fill_(dim, index, value) end

---A copy of x in which the places where the mask holds are taken from source, one after the other.
---    ml.zeros(3):masked_scatter(ml.tensor{true, false, true}, ml.tensor{5.0, 6.0})   --> 5  0  6
---@param x Tensor|number
---@param mask Tensor
---@param source Tensor|number
---@return Tensor
function ml.masked_scatter(x, mask, source) end

---A copy of x in which the places where the mask holds are taken from source, one after the other.
---    ml.zeros(3):masked_scatter(ml.tensor{true, false, true}, ml.tensor{5.0, 6.0})   --> 5  0  6
---@param mask Tensor
---@param source Tensor|number
---@return Tensor
function Tensor:masked_scatter(mask, source) end

---A copy of x in which the places where the mask holds are taken from source, one after the other. Written into the tensor itself.
---@param mask Tensor
---@param source Tensor|number
---@return Tensor
function Tensor:masked_scatter_(mask, source) end

---The singular value decomposition: orthonormal columns u, singular values s in descending order, orthonormal rows vh. full_matrices: u and vh are square. u and vh have a gradient where the singular values are distinct; of a matrix that is not square, of the reduced ones only.
---x = u diag(s) vh
---    ml.linalg.svd(ml.tensor{{3.0, 0.0}, {0.0, 4.0}})   -- u, s = {4, 3}, vh
---@param x Tensor|number
---@param options? {full_matrices?: boolean}
---@return Tensor, Tensor, Tensor
function linalg.svd(x, options) end

---Eigenvalues w (ascending) and orthonormal eigenvectors (the columns of v) of a symmetric matrix; of another, those of its symmetric part (x + x^T) / 2. v has a gradient where the eigenvalues are distinct.
---x = v diag(w) v^T
---    ml.linalg.eigh(ml.tensor{{2.0, 1.0}, {1.0, 2.0}})   --> 1  3
---@param x Tensor|number
---@return Tensor, Tensor
function linalg.eigh(x) end

---Orthonormal columns q and an upper triangular r. complete: q is square. The gradient needs full rank, and the reduced mode where there are more rows than columns.
---x = q r
---    ml.linalg.qr(ml.tensor{{3.0, 1.0}, {4.0, 1.0}})   -- q, r = {{-5, -1.4}, {0, -0.2}}
---@param x Tensor|number
---@param options? {mode?: "reduced"|"complete"}
---@return Tensor, Tensor
function linalg.qr(x, options) end

---The lower triangular factor of a symmetric positive definite matrix; of one that is not symmetric, of its symmetric part (x + x^T) / 2.
---x = l l^T
---    ml.linalg.cholesky(ml.tensor{{4.0, 2.0}, {2.0, 5.0}})   --> 2  0  1  2
---@param x Tensor|number
---@return Tensor
function linalg.cholesky(x) end

---The x with a x = b, for a square a that is not singular; b is a vector [N] or a matrix [N, K], or a batch of them.
---    ml.linalg.solve(ml.tensor{{2.0, 0.0}, {1.0, 1.0}}, ml.tensor{2.0, 3.0})   --> 1  2
---@param a Tensor|number
---@param b Tensor|number
---@return Tensor
function linalg.solve(a, b) end

---The x with a x = b (left = false: x a = b) for a triangular a, of which only that triangle is read. unitriangular: its diagonal counts as ones.
---    ml.linalg.solve_triangular(ml.tensor{{2.0, 0.0}, {1.0, 1.0}}, ml.tensor{{2.0}, {3.0}})   --> 1  2
---@param a Tensor|number
---@param b Tensor|number
---@param options? {upper?: boolean, left?: boolean, unitriangular?: boolean}
---@return Tensor
function linalg.solve_triangular(a, b, options) end

---The inverse of a square matrix. For a x = b, solve is faster and more accurate.
---    ml.linalg.inv(ml.tensor{{2.0, 0.0}, {0.0, 4.0}})   --> 0.5  0  0  0.25
---@param x Tensor|number
---@return Tensor
function linalg.inv(x) end

---The determinant. Its gradient needs a matrix that is not singular.
---    ml.linalg.det(ml.tensor{{1.0, 2.0}, {3.0, 4.0}})   --> -2
---@param x Tensor|number
---@return Tensor
function linalg.det(x) end

---Sign and logarithm of the absolute value of the determinant, which neither overflows nor underflows; 0 and -inf for a singular matrix, which has no gradient.
---det(x) = sign * exp(logabsdet)
---    ml.linalg.slogdet(ml.eye(2) * -3)   -- 1, 2.1972
---@param x Tensor|number
---@return Tensor, Tensor
function linalg.slogdet(x) end

---The pseudo-inverse (Moore-Penrose). Singular values up to rtol times the largest count as 0; rtol is the longer side times the type's epsilon if not given.
---    ml.linalg.pinv(ml.tensor{{2.0}, {0.0}})   --> 0.5  0
---@param x Tensor|number
---@param options? {rtol?: number}
---@return Tensor
function linalg.pinv(x, options) end

---The x of least norm among those that make the norm of a x - b least, and the rank of a; rtol as in pinv.
---    ml.linalg.lstsq(ml.tensor{{1.0}, {1.0}}, ml.tensor{{1.0}, {3.0}})   --> 2
---@param a Tensor|number
---@param b Tensor|number
---@param options? {rtol?: number}
---@return Tensor, Tensor
function linalg.lstsq(a, b, options) end

---The discrete Fourier transform along a dimension of complex numbers.
---y[k] = sum_j x[j] e^(-2 pi i j k / n)
---    ml.fft.fft(ml.tensor{{1.0, 0.0}, {0.0, 0.0}})   --> 1  0  1  0
---@param x Tensor|number
---@param n? integer
---@param dim? integer
---@param options? {norm?: "backward"|"ortho"|"forward"}
---@return Tensor
function fft.fft(x, n, dim, options) end

---The inverse discrete Fourier transform along a dimension of complex numbers.
---x[j] = 1/n sum_k y[k] e^(2 pi i j k / n)
---    ml.fft.ifft(ml.tensor{{1.0, 0.0}, {1.0, 0.0}})   --> 1  0  0  0
---@param x Tensor|number
---@param n? integer
---@param dim? integer
---@param options? {norm?: "backward"|"ortho"|"forward"}
---@return Tensor
function fft.ifft(x, n, dim, options) end

---The first n/2 + 1 (rounded down) numbers of the transform of real numbers; the others are their conjugates.
---    ml.fft.rfft(ml.tensor{1.0, 0.0, -1.0, 0.0})   --> 0  0  2  0  0  0
---@param x Tensor|number
---@param n? integer
---@param dim? integer
---@param options? {norm?: "backward"|"ortho"|"forward"}
---@return Tensor
function fft.rfft(x, n, dim, options) end

---The n real numbers whose transform begins with x; n is 2 (m - 1) for m numbers unless given. The inverse of rfft.
---    ml.fft.irfft(ml.tensor{{0.0, 0.0}, {2.0, 0.0}, {0.0, 0.0}})   --> 1  0  -1  0
---@param x Tensor|number
---@param n? integer
---@param dim? integer
---@param options? {norm?: "backward"|"ortho"|"forward"}
---@return Tensor
function fft.irfft(x, n, dim, options) end

---x times the transpose of weight, plus bias, over the last dimension of x.
---y[..., o] = sum_i x[..., i] weight[o, i] + bias[o]
---    ml.nn.linear(ml.ones(2, 3), ml.ones(4, 3))   -- [2, 4], all 3
---@param x Tensor|number
---@param weight Tensor|number
---@param bias? Tensor|number
---@return Tensor
function nn.linear(x, weight, bias) end

---x times the transpose of weight, plus bias, over the last dimension of x.
---y[..., o] = sum_i x[..., i] weight[o, i] + bias[o]
---    ml.nn.linear(ml.ones(2, 3), ml.ones(4, 3))   -- [2, 4], all 3
---@param weight Tensor|number
---@param bias? Tensor|number
---@return Tensor
function Tensor:linear(weight, bias) end

---exp(x) divided by its sum over a dimension (the last, if none is named). Shifted by the maximum: never overflows.
---y = exp(x - max) / sum(exp(x - max))
---    ml.tensor{0.0, 0.0}:softmax(1)   --> 0.5  0.5
---@param x Tensor|number
---@param dim? integer
---@return Tensor
function nn.softmax(x, dim) end

ml.softmax = nn.softmax

---exp(x) divided by its sum over a dimension (the last, if none is named). Shifted by the maximum: never overflows.
---y = exp(x - max) / sum(exp(x - max))
---    ml.tensor{0.0, 0.0}:softmax(1)   --> 0.5  0.5
---@param dim? integer
---@return Tensor
function Tensor:softmax(dim) end

---The logarithm of softmax, computed as x - logsumexp(x).
---    ml.tensor{0.0, 0.0}:log_softmax(1)   --> -0.6931  -0.6931
---@param x Tensor|number
---@param dim? integer
---@return Tensor
function nn.log_softmax(x, dim) end

ml.log_softmax = nn.log_softmax

---The logarithm of softmax, computed as x - logsumexp(x).
---    ml.tensor{0.0, 0.0}:log_softmax(1)   --> -0.6931  -0.6931
---@param dim? integer
---@return Tensor
function Tensor:log_softmax(dim) end

---Cross-correlation of sequences (batch, channels, steps) with weight. padding = "same" keeps the steps at stride 1.
---y[b, o, i] = bias[o] + sum_{c, u} weight[o, c, u] x[b, c, i*stride + u*dilation - padding]
---    ml.nn.conv1d(ml.ones(1, 1, 4), ml.ones(1, 1, 3))
---@param x Tensor|number
---@param weight Tensor|number
---@param bias? Tensor|number
---@param options? {stride?: integer, padding?: integer|integer[]|"same", dilation?: integer, groups?: integer}
---@return Tensor
function nn.conv1d(x, weight, bias, options) end

ml.conv1d = nn.conv1d

---Cross-correlation of sequences (batch, channels, steps) with weight. padding = "same" keeps the steps at stride 1.
---y[b, o, i] = bias[o] + sum_{c, u} weight[o, c, u] x[b, c, i*stride + u*dilation - padding]
---    ml.nn.conv1d(ml.ones(1, 1, 4), ml.ones(1, 1, 3))
---@param weight Tensor|number
---@param bias? Tensor|number
---@param options? {stride?: integer, padding?: integer|integer[]|"same", dilation?: integer, groups?: integer}
---@return Tensor
function Tensor:conv1d(weight, bias, options) end

---Cross-correlation of pictures (batch, channels, rows, columns) with weight. padding = "same" keeps rows and columns at stride 1.
---y[b, o, i, j] = bias[o] + sum_{c, u, v} weight[o, c, u, v] x[b, c, i*stride + u*dilation - padding, j*stride + v*dilation - padding]
---    ml.nn.conv2d(ml.ones(1, 1, 3, 3), ml.ones(1, 1, 3, 3), nil, {padding = 1})
---@param x Tensor|number
---@param weight Tensor|number
---@param bias? Tensor|number
---@param options? {stride?: integer|integer[], padding?: integer|integer[]|"same", dilation?: integer|integer[], groups?: integer}
---@return Tensor
function nn.conv2d(x, weight, bias, options) end

ml.conv2d = nn.conv2d

---Cross-correlation of pictures (batch, channels, rows, columns) with weight. padding = "same" keeps rows and columns at stride 1.
---y[b, o, i, j] = bias[o] + sum_{c, u, v} weight[o, c, u, v] x[b, c, i*stride + u*dilation - padding, j*stride + v*dilation - padding]
---    ml.nn.conv2d(ml.ones(1, 1, 3, 3), ml.ones(1, 1, 3, 3), nil, {padding = 1})
---@param weight Tensor|number
---@param bias? Tensor|number
---@param options? {stride?: integer|integer[], padding?: integer|integer[]|"same", dilation?: integer|integer[], groups?: integer}
---@return Tensor
function Tensor:conv2d(weight, bias, options) end

---relu(conv2d(...)) with two passes over memory less: what a Sequential runs where nn.ReLU follows nn.Conv2d. The same bits.
---    ml.nn.conv2d_relu(ml.ones(1, 1, 3, 3), -ml.ones(1, 1, 3, 3))   --> 0
---@param x Tensor|number
---@param weight Tensor|number
---@param bias? Tensor|number
---@param options? {stride?: integer|integer[], padding?: integer|integer[]|"same", dilation?: integer|integer[], groups?: integer}
---@return Tensor
function nn.conv2d_relu(x, weight, bias, options) end

ml.conv2d_relu = nn.conv2d_relu

---relu(conv2d(...)) with two passes over memory less: what a Sequential runs where nn.ReLU follows nn.Conv2d. The same bits.
---    ml.nn.conv2d_relu(ml.ones(1, 1, 3, 3), -ml.ones(1, 1, 3, 3))   --> 0
---@param weight Tensor|number
---@param bias? Tensor|number
---@param options? {stride?: integer|integer[], padding?: integer|integer[]|"same", dilation?: integer|integer[], groups?: integer}
---@return Tensor
function Tensor:conv2d_relu(weight, bias, options) end

---What the weight of conv2d, of size rows x columns, gets as gradient when the result gets grad. PyTorch's torch.nn.grad.conv2d_weight.
---y[o, c, u, v] = sum_{b, i, j} grad[b, o, i, j] x[b, c, i*stride + u*dilation - padding, j*stride + v*dilation - padding]
---    ml.nn.conv2d_weight(ml.ones(1, 1, 3, 3), ml.ones(1, 1, 2, 2), 2)   -- [1, 1, 2, 2], all 4
---@param x Tensor|number
---@param grad Tensor|number
---@param size integer|integer[]
---@param options? {stride?: integer|integer[], padding?: integer|integer[]|"same", dilation?: integer|integer[], groups?: integer}
---@return Tensor
function nn.conv2d_weight(x, grad, size, options) end

ml.conv2d_weight = nn.conv2d_weight

---Transposed convolution of sequences: what conv1d of the same weight and options gives its input as gradient. output_padding adds steps at the end.
---y[b, o, i*stride + u*dilation - padding] += weight[c, o, u] x[b, c, i];  y += bias[o]
---    ml.nn.conv_transpose1d(ml.ones(1, 1, 2), ml.ones(1, 1, 2), nil, {stride = 2})   -- [1, 1, 4], all 1
---@param x Tensor|number
---@param weight Tensor|number
---@param bias? Tensor|number
---@param options? {stride?: integer, padding?: integer, output_padding?: integer, dilation?: integer, groups?: integer}
---@return Tensor
function nn.conv_transpose1d(x, weight, bias, options) end

ml.conv_transpose1d = nn.conv_transpose1d

---Transposed convolution of sequences: what conv1d of the same weight and options gives its input as gradient. output_padding adds steps at the end.
---y[b, o, i*stride + u*dilation - padding] += weight[c, o, u] x[b, c, i];  y += bias[o]
---    ml.nn.conv_transpose1d(ml.ones(1, 1, 2), ml.ones(1, 1, 2), nil, {stride = 2})   -- [1, 1, 4], all 1
---@param weight Tensor|number
---@param bias? Tensor|number
---@param options? {stride?: integer, padding?: integer, output_padding?: integer, dilation?: integer, groups?: integer}
---@return Tensor
function Tensor:conv_transpose1d(weight, bias, options) end

---Transposed convolution of pictures: what conv2d of the same weight and options gives its input as gradient. output_padding adds rows and columns at the end.
---y[b, o, i*stride + u*dilation - padding, ...] += weight[c, o, u, v] x[b, c, i, j];  y += bias[o]
---    ml.nn.conv_transpose2d(ml.ones(1, 1, 2, 2), ml.ones(1, 1, 2, 2), nil, {stride = 2})   -- [1, 1, 4, 4], all 1
---@param x Tensor|number
---@param weight Tensor|number
---@param bias? Tensor|number
---@param options? {stride?: integer|integer[], padding?: integer|integer[], output_padding?: integer|integer[], dilation?: integer|integer[], groups?: integer}
---@return Tensor
function nn.conv_transpose2d(x, weight, bias, options) end

ml.conv_transpose2d = nn.conv_transpose2d

---Transposed convolution of pictures: what conv2d of the same weight and options gives its input as gradient. output_padding adds rows and columns at the end.
---y[b, o, i*stride + u*dilation - padding, ...] += weight[c, o, u, v] x[b, c, i, j];  y += bias[o]
---    ml.nn.conv_transpose2d(ml.ones(1, 1, 2, 2), ml.ones(1, 1, 2, 2), nil, {stride = 2})   -- [1, 1, 4, 4], all 1
---@param weight Tensor|number
---@param bias? Tensor|number
---@param options? {stride?: integer|integer[], padding?: integer|integer[], output_padding?: integer|integer[], dilation?: integer|integer[], groups?: integer}
---@return Tensor
function Tensor:conv_transpose2d(weight, bias, options) end

---Largest element of each window of size rows x columns; NaN wins. stride is the window's size if not given. Padding never wins.
---    ml.tensor{{{{1.0, 2.0}, {3.0, 4.0}}}}:max_pool2d(2)   --> 4
---@param x Tensor|number
---@param size integer|integer[]
---@param options? {stride?: integer|integer[], padding?: integer|integer[]}
---@return Tensor
function nn.max_pool2d(x, size, options) end

ml.max_pool2d = nn.max_pool2d

---Largest element of each window of size rows x columns; NaN wins. stride is the window's size if not given. Padding never wins.
---    ml.tensor{{{{1.0, 2.0}, {3.0, 4.0}}}}:max_pool2d(2)   --> 4
---@param size integer|integer[]
---@param options? {stride?: integer|integer[], padding?: integer|integer[]}
---@return Tensor
function Tensor:max_pool2d(size, options) end

---Mean of each window of size rows x columns; padding counts as zeros, as in PyTorch.
---    ml.tensor{{{{1.0, 2.0}, {3.0, 4.0}}}}:avg_pool2d(2)   --> 2.5
---@param x Tensor|number
---@param size integer|integer[]
---@param options? {stride?: integer|integer[], padding?: integer|integer[]}
---@return Tensor
function nn.avg_pool2d(x, size, options) end

ml.avg_pool2d = nn.avg_pool2d

---Mean of each window of size rows x columns; padding counts as zeros, as in PyTorch.
---    ml.tensor{{{{1.0, 2.0}, {3.0, 4.0}}}}:avg_pool2d(2)   --> 2.5
---@param size integer|integer[]
---@param options? {stride?: integer|integer[], padding?: integer|integer[]}
---@return Tensor
function Tensor:avg_pool2d(size, options) end

---Mean over size rows x columns of windows that cover the picture: window i of n goes from floor(i H / n) to ceil((i+1) H / n).
---    ml.tensor{{{{1.0, 2.0}, {3.0, 4.0}}}}:adaptive_avg_pool2d(1)   --> 2.5
---@param x Tensor|number
---@param size integer|integer[]
---@return Tensor
function nn.adaptive_avg_pool2d(x, size) end

ml.adaptive_avg_pool2d = nn.adaptive_avg_pool2d

---Mean over size rows x columns of windows that cover the picture: window i of n goes from floor(i H / n) to ceil((i+1) H / n).
---    ml.tensor{{{{1.0, 2.0}, {3.0, 4.0}}}}:adaptive_avg_pool2d(1)   --> 2.5
---@param size integer|integer[]
---@return Tensor
function Tensor:adaptive_avg_pool2d(size) end

---Largest element of each of the windows of adaptive_avg_pool2d.
---    ml.tensor{{{{1.0, 2.0}, {3.0, 4.0}}}}:adaptive_max_pool2d(1)   --> 4
---@param x Tensor|number
---@param size integer|integer[]
---@return Tensor
function nn.adaptive_max_pool2d(x, size) end

ml.adaptive_max_pool2d = nn.adaptive_max_pool2d

---Largest element of each of the windows of adaptive_avg_pool2d.
---    ml.tensor{{{{1.0, 2.0}, {3.0, 4.0}}}}:adaptive_max_pool2d(1)   --> 4
---@param size integer|integer[]
---@return Tensor
function Tensor:adaptive_max_pool2d(size) end

---Largest element of each window of `size` steps; NaN wins. stride is the window's size if not given. Padding never wins.
---    ml.tensor{{{1.0, 2.0, 4.0, 3.0}}}:max_pool1d(2)   --> 2  4
---@param x Tensor|number
---@param size integer
---@param options? {stride?: integer, padding?: integer}
---@return Tensor
function nn.max_pool1d(x, size, options) end

ml.max_pool1d = nn.max_pool1d

---Largest element of each window of `size` steps; NaN wins. stride is the window's size if not given. Padding never wins.
---    ml.tensor{{{1.0, 2.0, 4.0, 3.0}}}:max_pool1d(2)   --> 2  4
---@param size integer
---@param options? {stride?: integer, padding?: integer}
---@return Tensor
function Tensor:max_pool1d(size, options) end

---Mean of each window of `size` steps; padding counts as zeros, as in PyTorch.
---    ml.tensor{{{1.0, 2.0, 4.0, 3.0}}}:avg_pool1d(2)   --> 1.5  3.5
---@param x Tensor|number
---@param size integer
---@param options? {stride?: integer, padding?: integer}
---@return Tensor
function nn.avg_pool1d(x, size, options) end

ml.avg_pool1d = nn.avg_pool1d

---Mean of each window of `size` steps; padding counts as zeros, as in PyTorch.
---    ml.tensor{{{1.0, 2.0, 4.0, 3.0}}}:avg_pool1d(2)   --> 1.5  3.5
---@param size integer
---@param options? {stride?: integer, padding?: integer}
---@return Tensor
function Tensor:avg_pool1d(size, options) end

---Mean over `size` windows that cover the steps: window i of n goes from floor(i T / n) to ceil((i+1) T / n).
---    ml.tensor{{{1.0, 2.0, 4.0, 5.0}}}:adaptive_avg_pool1d(1)   --> 3
---@param x Tensor|number
---@param size integer
---@return Tensor
function nn.adaptive_avg_pool1d(x, size) end

ml.adaptive_avg_pool1d = nn.adaptive_avg_pool1d

---Mean over `size` windows that cover the steps: window i of n goes from floor(i T / n) to ceil((i+1) T / n).
---    ml.tensor{{{1.0, 2.0, 4.0, 5.0}}}:adaptive_avg_pool1d(1)   --> 3
---@param size integer
---@return Tensor
function Tensor:adaptive_avg_pool1d(size) end

---Largest element of each of the windows of adaptive_avg_pool1d.
---    ml.tensor{{{1.0, 2.0, 4.0, 3.0}}}:adaptive_max_pool1d(1)   --> 4
---@param x Tensor|number
---@param size integer
---@return Tensor
function nn.adaptive_max_pool1d(x, size) end

ml.adaptive_max_pool1d = nn.adaptive_max_pool1d

---Largest element of each of the windows of adaptive_avg_pool1d.
---    ml.tensor{{{1.0, 2.0, 4.0, 3.0}}}:adaptive_max_pool1d(1)   --> 4
---@param size integer
---@return Tensor
function Tensor:adaptive_max_pool1d(size) end

---The row of weight for each id, from 1; id 0 (padding) gives zeros and gets no gradient.
---    ml.nn.embedding(ml.tensor{2, 1}, ml.eye(3))
---@param ids Tensor
---@param weight Tensor|number
---@return Tensor
function nn.embedding(ids, weight) end

ml.embedding = nn.embedding

---Each channel shifted and scaled to mean 0 and variance 1 over the batch (training) or by the running statistics, then by weight and bias. In training the running statistics move by momentum, the variance divided by n - 1. activation = "relu" is applied to the result. Ioffe and Szegedy 2015.
---y = (x - mean) / sqrt(var + eps) * weight + bias
---    ml.nn.batch_norm(ml.tensor{{1.0}, {3.0}})   --> -1  1
---@param x Tensor|number
---@param weight? Tensor|number
---@param bias? Tensor|number
---@param running_mean? Tensor
---@param running_var? Tensor
---@param options? {training?: boolean, momentum?: number, eps?: number, activation?: "none"|"relu"}
---@return Tensor
function nn.batch_norm(x, weight, bias, running_mean, running_var, options) end

ml.batch_norm = nn.batch_norm

---Each channel shifted and scaled to mean 0 and variance 1 over the batch (training) or by the running statistics, then by weight and bias. In training the running statistics move by momentum, the variance divided by n - 1. activation = "relu" is applied to the result. Ioffe and Szegedy 2015.
---y = (x - mean) / sqrt(var + eps) * weight + bias
---    ml.nn.batch_norm(ml.tensor{{1.0}, {3.0}})   --> -1  1
---@param weight? Tensor|number
---@param bias? Tensor|number
---@param running_mean? Tensor
---@param running_var? Tensor
---@param options? {training?: boolean, momentum?: number, eps?: number, activation?: "none"|"relu"}
---@return Tensor
function Tensor:batch_norm(weight, bias, running_mean, running_var, options) end

---Each row (the last `dims` dimensions) shifted and scaled to mean 0 and variance 1, then by weight and bias. Ba et al. 2016.
---y = (x - mean) / sqrt(var + eps) * weight + bias
---    ml.nn.layer_norm(ml.tensor{{1.0, 3.0}})   --> -1  1
---@param x Tensor|number
---@param weight? Tensor|number
---@param bias? Tensor|number
---@param options? {dims?: integer, eps?: number}
---@return Tensor
function nn.layer_norm(x, weight, bias, options) end

ml.layer_norm = nn.layer_norm

---Each row (the last `dims` dimensions) shifted and scaled to mean 0 and variance 1, then by weight and bias. Ba et al. 2016.
---y = (x - mean) / sqrt(var + eps) * weight + bias
---    ml.nn.layer_norm(ml.tensor{{1.0, 3.0}})   --> -1  1
---@param weight? Tensor|number
---@param bias? Tensor|number
---@param options? {dims?: integer, eps?: number}
---@return Tensor
function Tensor:layer_norm(weight, bias, options) end

---Each row (the last dimension) divided by the root of its mean square, then scaled by weight. Zhang and Sennrich 2019.
---y = x / sqrt(mean(x^2) + eps) * weight
---    ml.nn.rms_norm(ml.tensor{{3.0, 4.0}})   --> 0.8485  1.1314
---@param x Tensor|number
---@param weight? Tensor|number
---@param options? {eps?: number}
---@return Tensor
function nn.rms_norm(x, weight, options) end

ml.rms_norm = nn.rms_norm

---Each row (the last dimension) divided by the root of its mean square, then scaled by weight. Zhang and Sennrich 2019.
---y = x / sqrt(mean(x^2) + eps) * weight
---    ml.nn.rms_norm(ml.tensor{{3.0, 4.0}})   --> 0.8485  1.1314
---@param weight? Tensor|number
---@param options? {eps?: number}
---@return Tensor
function Tensor:rms_norm(weight, options) end

---Each group of channels of each sample shifted and scaled to mean 0 and variance 1, then each channel by weight and bias. Wu and He 2018.
---y = (x - mean) / sqrt(var + eps) * weight + bias
---    ml.nn.group_norm(ml.tensor{{1.0, 3.0, 5.0, 9.0}}, 2)   --> -1  1  -1  1
---@param x Tensor|number
---@param groups integer
---@param weight? Tensor|number
---@param bias? Tensor|number
---@param options? {eps?: number}
---@return Tensor
function nn.group_norm(x, groups, weight, bias, options) end

ml.group_norm = nn.group_norm

---Each group of channels of each sample shifted and scaled to mean 0 and variance 1, then each channel by weight and bias. Wu and He 2018.
---y = (x - mean) / sqrt(var + eps) * weight + bias
---    ml.nn.group_norm(ml.tensor{{1.0, 3.0, 5.0, 9.0}}, 2)   --> -1  1  -1  1
---@param groups integer
---@param weight? Tensor|number
---@param bias? Tensor|number
---@param options? {eps?: number}
---@return Tensor
function Tensor:group_norm(groups, weight, bias, options) end

---Each element set to 0 with probability p, the others divided by 1 - p. The choice is a function of key; without one the next of the stream. Srivastava et al. 2014.
---    ml.nn.dropout(ml.ones(4), {p = 0.0})   --> 1  1  1  1
---@param x Tensor|number
---@param options? {p?: number, key?: integer}
---@return Tensor
function nn.dropout(x, options) end

ml.dropout = nn.dropout

---Each element set to 0 with probability p, the others divided by 1 - p. The choice is a function of key; without one the next of the stream. Srivastava et al. 2014.
---    ml.nn.dropout(ml.ones(4), {p = 0.0})   --> 1  1  1  1
---@param options? {p?: number, key?: integer}
---@return Tensor
function Tensor:dropout(options) end

---Attention: the rows of v, weighted by how well each row of q agrees with the rows of k. The matrix of weights is never stored. mask broadcasts to [..., T, S]: bool (true: may be looked at) or numbers that are added to the scores; it gets no gradient. causal: row i looks at the keys 1 .. i + offset; with a cache of S keys, offset = S - T puts the queries at its end. A row that may look at nothing gives zeros. scale is 1 / sqrt(D) unless given. dropout: of the weights, a function of key. Vaswani et al. 2017, Dao et al. 2022.
---y = softmax(q k^T scale + mask) v
---    ml.nn.scaled_dot_product_attention(ml.ones(2, 4), ml.ones(3, 4), ml.ones(3, 4))   -- [2, 4], all 1
---@param q Tensor|number
---@param k Tensor|number
---@param v Tensor|number
---@param options? {mask?: Tensor, causal?: boolean, offset?: integer, scale?: number, dropout?: number, key?: integer}
---@return Tensor
function nn.scaled_dot_product_attention(q, k, v, options) end

ml.scaled_dot_product_attention = nn.scaled_dot_product_attention

---scaled_dot_product_attention of one product that holds q, k and v beside each other, in heads of C / heads numbers: [B, T, 3 C] -> [B, T, C].
---y = softmax(q k^T / sqrt(C / heads) + mask) v   in each head
---    ml.nn.self_attention(ml.ones(1, 2, 6), 1)   -- [1, 2, 2], all 1
---@param qkv Tensor|number
---@param heads integer
---@param options? {mask?: Tensor, causal?: boolean, dropout?: number, key?: integer}
---@return Tensor
function nn.self_attention(qkv, heads, options) end

ml.self_attention = nn.self_attention

---Mean negative log likelihood of the target classes (from 1) under softmax(logits). A target equal to ignore_index (0) does not count. weight: of each class; the mean is then weighted. nn.cross_entropy also takes probabilities, floats of the logits' shape, in place of classes: the mean over rows of -sum_j w[j] y[b, j] log p[b, j].
---L = -sum_b w[t_b] log p[b, t_b] / sum_b w[t_b]   (label_smoothing = 0)
---    ml.nn.cross_entropy(ml.tensor{{0.0, 0.0}}, ml.tensor{1})   --> 0.6931
---@param logits Tensor|number
---@param target Tensor
---@param options? {weight?: Tensor|number, label_smoothing?: number, ignore_index?: integer, reduction?: "mean"|"sum"|"none"}
---@return Tensor
function nn.cross_entropy(logits, target, options) end

ml.cross_entropy = nn.cross_entropy

---Mean of -log_probability at the target classes (from 1), as log_softmax gives them.
---    ml.nn.nll_loss(ml.tensor{{-0.5, -1.5}}, ml.tensor{2})   --> 1.5
---@param log_probability Tensor|number
---@param target Tensor
---@param options? {weight?: Tensor|number, ignore_index?: integer, reduction?: "mean"|"sum"|"none"}
---@return Tensor
function nn.nll_loss(log_probability, target, options) end

ml.nll_loss = nn.nll_loss

---Mean of (x - target)^2.
---    ml.nn.mse_loss(ml.tensor{1.0, 3.0}, ml.tensor{0.0, 0.0})   --> 5
---@param x Tensor|number
---@param target Tensor|number
---@param options? {reduction?: "mean"|"sum"|"none"}
---@return Tensor
function nn.mse_loss(x, target, options) end

ml.mse_loss = nn.mse_loss

---Mean of |x - target|.
---    ml.nn.l1_loss(ml.tensor{1.0, 3.0}, ml.tensor{0.0, 0.0})   --> 2
---@param x Tensor|number
---@param target Tensor|number
---@param options? {reduction?: "mean"|"sum"|"none"}
---@return Tensor
function nn.l1_loss(x, target, options) end

ml.l1_loss = nn.l1_loss

---Mean of e^2 / 2 where |e| < delta, delta (|e| - delta / 2) beyond; e = x - target. Huber 1964.
---    ml.nn.huber_loss(ml.tensor{0.5, 3.0}, ml.tensor{0.0, 0.0})   --> 1.3125
---@param x Tensor|number
---@param target Tensor|number
---@param options? {delta?: number, reduction?: "mean"|"sum"|"none"}
---@return Tensor
function nn.huber_loss(x, target, options) end

ml.huber_loss = nn.huber_loss

---Mean of e^2 / (2 beta) where |e| < beta, |e| - beta / 2 beyond; e = x - target: huber_loss divided by its delta. Girshick 2015.
---    ml.nn.smooth_l1_loss(ml.tensor{0.5, 3.0}, ml.tensor{0.0, 0.0})   --> 1.3125
---@param x Tensor|number
---@param target Tensor|number
---@param options? {beta?: number, reduction?: "mean"|"sum"|"none"}
---@return Tensor
function nn.smooth_l1_loss(x, target, options) end

ml.smooth_l1_loss = nn.smooth_l1_loss

---Kullback-Leibler divergence of log-probabilities x from the probabilities target (log_target: their logarithms). "batchmean" divides the sum by the rows, which is the divergence; "mean" divides it by the elements.
---l = target (log(target) - x), 0 where target is 0
---    ml.nn.kl_div(ml.tensor{{0.5, 0.5}}:log(), ml.tensor{{1.0, 0.0}}, {reduction = "batchmean"})   --> 0.6931
---@param x Tensor|number
---@param target Tensor|number
---@param options? {log_target?: boolean, reduction?: "mean"|"sum"|"none"|"batchmean"}
---@return Tensor
function nn.kl_div(x, target, options) end

ml.kl_div = nn.kl_div

---Mean binary cross-entropy of target (0..1) under sigmoid(logits), without overflow. pos_weight multiplies the positive term; it has the last dimension's size or is a scalar.
---l = (1 - t) x + (1 + (pos_weight - 1) t) log(1 + exp(-x))
---    ml.nn.bce_with_logits(ml.tensor{0.0}, ml.tensor{1.0})   --> 0.6931
---@param logits Tensor|number
---@param target Tensor|number
---@param options? {pos_weight?: Tensor|number, reduction?: "mean"|"sum"|"none"}
---@return Tensor
function nn.bce_with_logits(logits, target, options) end

ml.bce_with_logits = nn.bce_with_logits

---Connectionist temporal classification: -log of the probability that the rows of log_probability, after repeats are joined and blanks dropped, read target. Classes are from 1, blank is one of them; 0 in target is padding at its end. Lengths that are not given are all of T, and what is not padding. zero_infinity: a target that does not fit into its rows counts 0 instead of infinity. "mean" divides each loss by its target's length first. Graves et al. 2006.
---    ml.nn.ctc_loss(ml.zeros(2, 1, 2) - 0.6931, ml.tensor{{2}})   --> 0.2876
---@param log_probability Tensor|number
---@param target Tensor
---@param input_lengths? Tensor
---@param target_lengths? Tensor
---@param options? {blank?: integer, zero_infinity?: boolean, batch_first?: boolean, reduction?: "mean"|"sum"|"none"}
---@return Tensor
function nn.ctc_loss(log_probability, target, input_lengths, target_lengths, options) end

ml.ctc_loss = nn.ctc_loss

---Long short-term memory over the steps of x (batch, steps, inputs); gates in the order input, forget, cell, output. Hochreiter and Schmidhuber 1997. Gives the outputs of all steps, the last hidden states and the last cell states; nn.LSTM is the layer. lengths: the steps of each sequence that count; outputs behind them are 0. reverse: from each sequence's last step to its first.
---[i f g o] = W_ih x + b_ih + W_hh h + b_hh;  c' = sigmoid(f) c + sigmoid(i) tanh(g);  h' = sigmoid(o) tanh(c')
---    ml.nn.lstm(ml.ones(1, 2, 3), ml.ones(16, 3), ml.ones(16, 4))   -- [1, 2, 4], [1, 4], [1, 4]
---@param x Tensor|number
---@param weight_ih Tensor|number
---@param weight_hh Tensor|number
---@param bias_ih? Tensor|number
---@param bias_hh? Tensor|number
---@param h0? Tensor|number
---@param c0? Tensor|number
---@param options? {lengths?: Tensor, reverse?: boolean}
---@return Tensor, Tensor, Tensor
function nn.lstm(x, weight_ih, weight_hh, bias_ih, bias_hh, h0, c0, options) end

ml.lstm = nn.lstm

---Gated recurrent unit over the steps of x (batch, steps, inputs); gates in the order reset, update, new. Cho et al. 2014, with the reset gate behind the product, as in PyTorch. Gives the outputs of all steps and the last hidden states; nn.GRU is the layer. lengths: the steps of each sequence that count; outputs behind them are 0. reverse: from each sequence's last step to its first.
---r, z = sigmoid(W_ih x + b_ih + W_hh h + b_hh);  n = tanh(W_in x + b_in + r (W_hn h + b_hn));  h' = (1 - z) n + z h
---    ml.nn.gru(ml.ones(1, 2, 3), ml.ones(12, 3), ml.ones(12, 4))   -- [1, 2, 4], [1, 4]
---@param x Tensor|number
---@param weight_ih Tensor|number
---@param weight_hh Tensor|number
---@param bias_ih? Tensor|number
---@param bias_hh? Tensor|number
---@param h0? Tensor|number
---@param options? {lengths?: Tensor, reverse?: boolean}
---@return Tensor, Tensor
function nn.gru(x, weight_ih, weight_hh, bias_ih, bias_hh, h0, options) end

ml.gru = nn.gru

---Plain recurrence over the steps of x (batch, steps, inputs). Elman 1990. Gives the outputs of all steps and the last hidden states; nn.RNN is the layer. lengths: the steps of each sequence that count; outputs behind them are 0. reverse: from each sequence's last step to its first.
---h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu
---    ml.nn.rnn(ml.ones(1, 2, 3), ml.ones(4, 3), ml.ones(4, 4))   -- [1, 2, 4], [1, 4]
---@param x Tensor|number
---@param weight_ih Tensor|number
---@param weight_hh Tensor|number
---@param bias_ih? Tensor|number
---@param bias_hh? Tensor|number
---@param h0? Tensor|number
---@param options? {nonlinearity?: "tanh"|"relu", lengths?: Tensor, reverse?: boolean}
---@return Tensor, Tensor
function nn.rnn(x, weight_ih, weight_hh, bias_ih, bias_hh, h0, options) end

ml.rnn = nn.rnn

---Calls a function without recording a graph: nothing in it can be differentiated, and writing in place is allowed.
---@param f any a function
---@param ... any its arguments
---@return any # what f returns
function ml.no_grad(f, ...) end

---Calls a function with the graph recorded, inside of no_grad too.
---@param f any a function
---@param ... any its arguments
---@return any # what f returns
function ml.enable_grad(f, ...) end

---The function that computes the gradients of f: one result for each argument, nil for those that are no
---floating-point tensors. f returns a tensor of one element.
---@param f any a function of tensors
---@return any # a function of the same arguments
function ml.grad(f) end

---Compares the gradients of f with central differences in float64; raises where they differ.
---@param f any a function of tensors that returns a tensor of one element
---@param inputs any a list of tensors
---@param o any { step =, atol =, rtol = }
---@return any # true
function ml.gradcheck(f, inputs, o) end

---Starts all streams of random numbers anew: the same seed gives the same bits, whatever the threads.
---@param n any an integer
function ml.manual_seed(n) end

---Monotonic time in seconds.
function ml.clock() end

---The tensors of a file: safetensors, NumPy's .npz and .npy, told apart by their content. Reading runs no code.
---@param path any the file
---@return any # a table name -> tensor, the list of names in the order of the file, the table of its metadata (of safetensors); of a .npy file its one tensor
function ml.load(path) end

---Writes tensors into a file whose ending says how: one tensor as .npy; several with names as .npz or .safetensors. Either
---the old or the new content stands in the file, whatever happens.
---@param path any the file
---@param tensors any a tensor, or a table name -> tensor (written in the order of the names), or a list of { name, tensor }
function ml.save(path, tensors) end

---Whether a value is a tensor.
function ml.is_tensor(value) end

---An op of one's own: `ml.Function{ forward = f, backward = b }`.
---forward(ctx, ...) gets the arguments of the call and gives one tensor; it runs without a graph and may keep what
---backward needs in ctx. backward(ctx, g) gets the gradient of that tensor and gives one gradient (or nil) for each tensor
---among the arguments, in their order. It has no gradient of its gradient. ctx must not keep the
---result itself, which would keep itself alive.
ml.Function = {}

---The base of all layers and models.
---
---  local Net = nn.Module:extend "Net"
---  function Net:init(width)  self.fc, self.scale = nn.Linear(width), nn.Parameter(ml.ones(1)) end
---  function Net:forward(x)   return self.fc(x):relu() * self.scale end
---  local net = Net(64); local y = net(x)
---
---Modules, parameters, buffers and plain lists of modules that stand in fields are registered: saved, trained, cloned.
---A module is a spec until its first call (or build) gives its slots their shapes: see nn/calls.lua. Its order is that
---in which things were made: see nn/tree.lua.
---@return Module
nn.Module = {}

---A pure function as a layer: what stands between the modules of a Sequential.
---@return Module
function nn.Function(f) end

---Layers one after the other: each gets what the one before returned (of an LSTM and its kin, the outputs alone). Called as
---model(x, {lengths = ...}) those that take lengths (takes_lengths of their class: LSTM and its kin) get them.
---@param layers any a list of modules and functions; they become self[1], self[2], ...
---@return Module
function nn.Sequential(layers) end

---Adds its input to the output of its layers. He et al. 2015, figure 2.
---@param layers any a list of layers whose output has the shape of their input
---@return Module
function nn.Residual(layers) end

---y = x W^T + b over the last dimension of x.
---@param outputs any how many; the inputs are inferred by the first call
---@param o any { inputs = asserts their number, bias = true, weight = a parameter shared with another layer, init = name or function(tensor, key), bias_init = the same }
---@return Module
function nn.Linear(outputs, o) end

---Cross-correlation of sequences with learned windows.
---@return Module
nn.Conv1d = {}

---Cross-correlation of pictures with learned windows.
---@return Module
nn.Conv2d = {}

---Transposed convolution of sequences: lengthens them, as the gradient of Conv1d for its input does.
---@return Module
nn.ConvTranspose1d = {}

---Transposed convolution of pictures: enlarges them, as the gradient of Conv2d for its input does.
---@return Module
nn.ConvTranspose2d = {}

---Shifts and scales each channel to mean 0 and variance 1 over the batch; in evaluation by running statistics.
---Ioffe and Szegedy 2015. One class for every rank: dimension 2 is the channel.
---@param o any { inputs = asserts the channels, momentum = 0.1 (share of the new batch in the running statistics), eps = 1e-5, affine = true (a learned weight and bias) }
---@return Module
function nn.BatchNorm(o) end

---Shifts and scales each row to mean 0 and variance 1 over its last dimensions. Ba et al. 2016.
---@param o any { dims = how many of the last dimensions are one row (1), inputs = asserts the size of the last, eps = 1e-5, affine = true (a learned weight and bias) }
---@return Module
function nn.LayerNorm(o) end

---In training sets each element to 0 with probability p and divides the others by 1 - p. Srivastava et al. 2014.
---What is dropped is a function of the model's seed, the layer's path and the training step, so that a step that is
---repeated or resumed drops the same: see rng_state and set_step of Module.
---@param p any the probability (0.5)
---@return Module
function nn.Dropout(p) end

---A learned row for each id, from 1; id 0 (padding) gives zeros.
---@param count any how many ids
---@param size any numbers in a row
---@param o any { weight = a parameter shared with another layer, init = name or function(tensor, key) (normal) }
---@return Module
function nn.Embedding(count, size, o) end

---Plain recurrence: h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu. Elman 1990.
---Called as layer(x, h, {lengths = ...}), where all but x may be left out: the batch comes first, x is
---[batch, steps, inputs]. Returns the outputs of all steps of the last layer and the last state h, which can be
---given to the next call. lengths (a tensor or list, one number a sequence) says how many steps count: outputs behind
---them are 0, last states are those at each sequence's own end, and the backward direction begins there.
---Weights have PyTorch's names and order of gates (weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, ..._reverse); the
---first values are uniform within 1 / sqrt(hidden). In a Sequential the next layer gets the outputs alone.
---@param hidden any hidden units; the inputs are inferred by the first call
---@param o any { layers = 1, bidirectional = false, dropout = 0 (between layers), bias = true, inputs = asserts their number, nonlinearity = "tanh" or "relu" }
---@return Module
function nn.RNN(hidden, o) end

---Long short-term memory. Hochreiter and Schmidhuber 1997.
---Called as layer(x, h, c, {lengths = ...}), where all but x may be left out: the batch comes first, x is
---[batch, steps, inputs]. Returns the outputs of all steps of the last layer and the last states h, c, which can be
---given to the next call. lengths (a tensor or list, one number a sequence) says how many steps count: outputs behind
---them are 0, last states are those at each sequence's own end, and the backward direction begins there.
---Weights have PyTorch's names and order of gates (weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, ..._reverse); the
---first values are uniform within 1 / sqrt(hidden). In a Sequential the next layer gets the outputs alone.
---@param hidden any hidden units; the inputs are inferred by the first call
---@param o any { layers = 1, bidirectional = false, dropout = 0 (between layers), bias = true, inputs = asserts their number }
---@return Module
function nn.LSTM(hidden, o) end

---Gated recurrent unit. Cho et al. 2014, with the reset gate behind the product, as in PyTorch.
---Called as layer(x, h, {lengths = ...}), where all but x may be left out: the batch comes first, x is
---[batch, steps, inputs]. Returns the outputs of all steps of the last layer and the last state h, which can be
---given to the next call. lengths (a tensor or list, one number a sequence) says how many steps count: outputs behind
---them are 0, last states are those at each sequence's own end, and the backward direction begins there.
---Weights have PyTorch's names and order of gates (weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, ..._reverse); the
---first values are uniform within 1 / sqrt(hidden). In a Sequential the next layer gets the outputs alone.
---@param hidden any hidden units; the inputs are inferred by the first call
---@param o any { layers = 1, bidirectional = false, dropout = 0 (between layers), bias = true, inputs = asserts their number }
---@return Module
function nn.GRU(hidden, o) end

---Dimensions from..to joined into one; without arguments all but the batch.
---@param from any first dimension (2)
---@param to any last dimension (-1)
---@return Module
function nn.Flatten(from, to) end

---Attention in several heads, each over its share of the width. Vaswani et al. 2017, section 3.2.
---Parameters are named as in PyTorch (in_proj_weight, in_proj_bias, out_proj), and so are the masks, in which true means
---"not to be looked at". A row that may look at nothing gives zeros.
---
---Called with x (self-attention), with x and memory (across), or with query, key and value, and a table of options last:
---attn_mask ([T, S] or [B, heads, T, S]: bool, true where nothing is to be looked at, or numbers that are added),
---key_padding_mask ([B, S] bool, true at padding; S counts the keys of a cache too), causal, cache (a table, empty at first, that keeps keys and values for the
---next call, inside ml.no_grad).
---@param heads any how many; they divide the width, which the first call tells
---@param o any { inputs = asserts the width, causal = false (a position looks at itself and those before it), dropout = 0 (of the weights, in training), bias = true, rotary = false (nn.RotaryPosition on queries and keys) }
---@return Module
function nn.MultiheadAttention(heads, o) end

---Turns pairs of numbers by angles that grow with the position, so that the product of a query and a key depends on their
---distance. Su et al. 2021. Element i of the first half of the last dimension is paired with element i of the second.
---nn.MultiheadAttention(8, {rotary = true}) turns its queries and keys so.
---@param o any { base = 10000: the longest wave is about 2 pi base positions }
---@return Module
function nn.RotaryPosition(o) end

---A tensor that is trained: it requires gradients and belongs to the module in whose field it stands.
---@param tensor any its first value, whose storage it shares
---@return Tensor
function nn.Parameter(tensor) end

---A tensor that is saved with the module but not trained.
---@param tensor any its first value, whose storage it shares
---@return Tensor
function nn.Buffer(tensor) end

---First values of parameters: nn.init.kaiming_uniform(tensor) and kin. Each fills the tensor and returns it.
---They draw from the stream { key = } or, without one, from that of ml.manual_seed. Layers take them by name:
---nn.Linear(128, {init = "xavier_uniform"}).
nn.init = {}

---How many inputs and outputs one element of a weight [outputs, inputs, rows, columns ...] connects.
---@return any # fan_in, fan_out
function nn.init.fans(tensor) end

---What a nonlinearity does to the deviation of its input: "linear", "relu", "leaky_relu" (slope), "tanh", "sigmoid".
function nn.init.gain(name, slope) end

---Uniform with the deviation gain / sqrt(fan). He et al. 2015.
---@param o any { a = slope of leaky_relu (0), mode = "fan_in" | "fan_out", nonlinearity = "leaky_relu", key = }
function nn.init.kaiming_uniform(tensor, o) end

---Normal with the deviation gain / sqrt(fan). He et al. 2015.
---@param o any as for kaiming_uniform
function nn.init.kaiming_normal(tensor, o) end

---Uniform with the deviation gain * sqrt(2 / (fan_in + fan_out)). Glorot and Bengio 2010.
---@param o any { gain = 1, key = }
function nn.init.xavier_uniform(tensor, o) end

---Normal with the deviation gain * sqrt(2 / (fan_in + fan_out)). Glorot and Bengio 2010.
---@param o any { gain = 1, key = }
function nn.init.xavier_normal(tensor, o) end

---Uniform in [low, high).
---@param o any { low = 0, high = 1, key = }
function nn.init.uniform(tensor, o) end

---Normal.
---@param o any { mean = 0, std = 1, key = }
function nn.init.normal(tensor, o) end

---One value everywhere.
---@param o any { value = 0 }
function nn.init.constant(tensor, o) end

---0 everywhere.
function nn.init.zeros(tensor) end

---1 everywhere.
function nn.init.ones(tensor) end

---Soft Dice loss of masks, a number for each picture and class: 1 - (2 sum(p t) + smooth) / (sum(p) + sum(t) + smooth).
---Milletari et al. 2016.
---@param input any logits [B, C, ...]; the probabilities are their softmax over C where target holds classes, their sigmoid where it is a mask of the same shape
---@param target any classes [B, ...] from 1, 0 where nothing is known; or a mask [B, C, ...]
---@param o any { probabilities = false (true: the input holds them already), smooth = 1, reduction = "mean" }
---@return any # the mean over pictures and classes; with reduction = "none" [B, C]
function nn.dice_loss(input, target, o) end

---Focal loss: cross-entropy times (1 - p)^gamma, p being the probability of what is true, so that what is right already
---counts little. Lin et al. 2017.
---@param logits any [B, C, ...] where target holds classes; any shape where it is a mask
---@param target any classes [B, ...] from 1, 0 for none; or a mask (or probabilities) of the shape of logits
---@param o any { gamma = 2, alpha = nil: a weight for each class, a tensor [C]; of a mask the number that weighs the positive ones, 1 - alpha the others; reduction = "mean" (over the targets that count) }
---@return any # a number, or with reduction = "none" one for each target
function nn.focal_loss(logits, target, o) end

---How much farther than a margin the positive one is from the anchor than the negative one:
---max(0, |a - p| - |a - n| + margin). Schroff et al. 2015.
---@param o any { margin = 1, p = 2 (of the norm), eps = 1e-6 (added to each difference), swap = false (true: the negative one is measured from the anchor or the positive one, whichever is nearer), reduction = "mean" }
function nn.triplet_margin_loss(anchor, positive, negative, o) end

---The cosine of the angle between x and y: their product over `dim` divided by the product of their lengths, each at
---least eps.
---@param dim any the dimension that holds the vectors (default 2)
---@param o any { eps = 1e-8 }
function nn.cosine_similarity(x, y, dim, o) end

---1 - cos(a, b) for pairs that belong together (target 1), max(0, cos(a, b) - margin) for those that don't (-1); a pair whose
---target is neither counts 0.
---@param target any [B] of 1 and -1
---@param o any { margin = 0, reduction = "mean" }
function nn.cosine_embedding_loss(a, b, target, o) end

---max(0, -target (a - b) + margin): a is to be the larger where target is 1, b where it is -1.
---@param o any { margin = 0, reduction = "mean" }
function nn.margin_ranking_loss(a, b, target, o) end

---max(0, margin - target x): the loss of a support vector machine.
---@param o any { margin = 1, reduction = "mean" }
function nn.hinge_loss(x, target, o) end

---Negative log likelihood of counts under Poisson distributions, without the term that depends on the counts alone.
---@param input any the logarithms of the rates
---@param target any the counts, of the same shape
---@param o any { log_input = true (false: the input holds the rates), full = false (true: Stirling's approximation of log(target!) is added), eps = 1e-8 (inside of the logarithm of a rate), reduction = "mean" }
function nn.poisson_nll_loss(input, target, o) end

---Negative log likelihood of target under normal distributions: (log(v) + (target - mean)^2 / v) / 2, v being the
---variance, at least eps. Nix and Weigend 1994.
---@param o any { full = false (true: log(2 pi) / 2 is added), eps = 1e-6, reduction = "mean" }
function nn.gaussian_nll_loss(mean, target, variance, o) end

---The windows of pictures as columns: [B, C, H, W] -> [B, C * rows * columns of the window, windows].
---@param x any pictures [B, C, H, W]
---@param size any of the window: 3 or {rows, columns}
---@param o any { stride = 1, padding = 0, dilation = 1 }
---@return any # a tensor
function nn.unfold(x, size, o) end

---Columns of windows put back into pictures; where windows overlap, their elements are added. The gradient of unfold.
---@param x any [B, C * rows * columns of the window, windows]
---@param output_size any of the pictures: 28 or {rows, columns}
---@param size any of the window: 3 or {rows, columns}
---@param o any { stride = 1, padding = 0, dilation = 1 }
---@return any # pictures [B, C, H, W]
function nn.fold(x, output_size, size, o) end

---Pictures in another size.
---@param x any pictures [B, C, H, W]
---@param o any { size = 28 or {rows, columns}, or scale_factor = 2; mode = "nearest" or "bilinear"; align_corners = false }
---@return any # a tensor
function nn.interpolate(x, o) end

---Channels spread over finer pictures: [B, C * r * r, H, W] -> [B, C, H * r, W * r]. Shi et al. 2016.
---@param x any pictures
---@param r any how many times finer
---@return any # a tensor
function nn.pixel_shuffle(x, r) end

---What pixel_shuffle undoes: [B, C, H * r, W * r] -> [B, C * r * r, H, W].
---@param x any pictures
---@param r any how many times coarser
---@return any # a tensor
function nn.pixel_unshuffle(x, r) end

---A border: {left, right} of the last dimension, then of the one before, and so on.
---@param x any a tensor
---@param sizes any a list of sizes
---@param o any { mode = "constant", "reflect", "replicate" or "circular"; value = 0 of "constant" }
---@return any # a tensor
function nn.pad(x, sizes, o) end

---x where it is positive, 0 elsewhere: the op relu.
---@return Module
function nn.ReLU() end

---x where it is positive, slope * x elsewhere: the op leaky_relu.
---@return Module
function nn.LeakyReLU(slope) end

---x where it is positive, alpha * (exp(x) - 1) elsewhere: the op elu.
---@return Module
function nn.ELU(alpha) end

---x times the normal distribution function of x: the op gelu.
---@return Module
function nn.GELU() end

---x * sigmoid(x): the op silu.
---@return Module
function nn.SiLU() end

---Hyperbolic tangent: the op tanh.
---@return Module
function nn.Tanh() end

---1 / (1 + exp(-x)): the op sigmoid.
---@return Module
function nn.Sigmoid() end

---log(1 + exp(x)): the op softplus.
---@return Module
function nn.Softplus() end

---exp(x) divided by its sum over dim: the op softmax. nn.cross_entropy wants logits, without it.
---@return Module
function nn.Softmax(dim) end

---The logarithm of softmax over dim: the op log_softmax.
---@return Module
function nn.LogSoftmax(dim) end

---Largest element of each window: the op max_pool2d.
---@return Module
function nn.MaxPool2d(size, options) end

---Mean of each window: the op avg_pool2d.
---@return Module
function nn.AvgPool2d(size, options) end

---Means over size x size windows that cover the picture: the op adaptive_avg_pool2d.
---@return Module
function nn.AdaptiveAvgPool2d(size) end

---Largest elements of such windows: the op adaptive_max_pool2d.
---@return Module
function nn.AdaptiveMaxPool2d(size) end

---Largest element of each window of steps: the op max_pool1d.
---@return Module
function nn.MaxPool1d(size, options) end

---Mean of each window of steps: the op avg_pool1d.
---@return Module
function nn.AvgPool1d(size, options) end

---Means over `size` windows that cover the steps: the op adaptive_avg_pool1d.
---@return Module
function nn.AdaptiveAvgPool1d(size) end

---Largest elements of such windows: the op adaptive_max_pool1d.
---@return Module
function nn.AdaptiveMaxPool1d(size) end

---Adds row t of a learned table to position t, of up to `size` positions. init: a name or function(tensor, key); normal with deviation 0.02 if not given.
---@return Module
function nn.LearnedPosition(size, options) end

---Adds sines and cosines of wavelengths from 2 pi to 2 pi base. Vaswani et al. 2017, section 3.5.
---@return Module
function nn.SinusoidalPosition(options) end

---Self-attention and a feed-forward net, each with a norm and around it a sum with its input. Called with x and, in a table, attn_mask, key_padding_mask, causal: see nn.MultiheadAttention.
---@return Module
function nn.TransformerEncoderLayer(heads, options) end

---The same with attention to a memory between the two. Called with x, memory and, in a table, attn_mask, key_padding_mask, causal (for x), memory_mask, memory_key_padding_mask.
---@return Module
function nn.TransformerDecoderLayer(heads, options) end

---`count` copies of a layer, each with parameters of its own, and a norm behind the last. Called as the layer is.
---@return Module
function nn.TransformerEncoder(layer, count, options) end

---The same of a decoder layer.
---@return Module
function nn.TransformerDecoder(layer, count, options) end

---The i-th input through the i-th layer; a list of the results. A single tensor goes to each.
---@return Module
function nn.Parallel(layers) end

---The same input through each layer, the results joined along dim (2: channels).
---@return Module
function nn.Concat(layers, dim) end

---Resizes pictures: nn.interpolate as a layer.
---@return Module
function nn.Upsample(options) end

---nn.unfold as a layer.
---@return Module
function nn.Unfold(size, options) end

---nn.fold as a layer.
---@return Module
function nn.Fold(output_size, size, options) end

---nn.pad as a layer.
---@return Module
function nn.Pad(sizes, options) end

---Normalises groups of channels, with a learned weight and bias for each channel: the op group_norm.
---@return Module
function nn.GroupNorm(groups, options) end

---Divides rows by the root of their mean square, with a learned weight: the op rms_norm.
---@return Module
function nn.RMSNorm(options) end

---A class of one's own. Instances are made by calling it, which runs its init.
---@param name any the name in summaries and messages
---@return any # the class; define init (optional) and forward on it
function Module:extend(name) end

---Runs when an instance is made, with the arguments of the constructor.
function Module:init() end

---Runs once, with the inputs of the first call and before its forward: a layer that infers its sizes gives its slots
---their shapes here (self:fill).
function Module:prepare() end

---Computes the outputs from the inputs. Each class defines its own.
function Module:forward() end

---In prepare: gives a slot its shape and first values; a parameter that has a shape is compared with it.
---@param name any the field of the slot (made by parameter.slot or shared from another layer)
---@param sizes any list of sizes
---@param initialise any function(tensor, key) that writes the first values
function Module:fill(name, sizes, initialise) end

---All parameters, each once, as a list.
---@return any # a list of tensors
function Module:parameters() end

---Iterates over dotted name and tensor of all parameters, each once.
function Module:named_parameters() end

---Iterates over dotted name and tensor of all buffers, each once.
function Module:named_buffers() end

---All buffers (such as running statistics), each once, as a list.
function Module:buffers() end

---Iterates over dotted path and module: itself (path "") and all below it, each once.
function Module:named_modules() end

---Calls f(module, path) for every module below, parents first, and for itself.
---@return any # the module itself
function Module:apply(f) end

---Switches to training: dropout drops, batch norm uses and follows the batch. New modules are in training.
---@param on any false is the same as eval()
---@return any # the module itself
function Module:train(on) end

---Switches to evaluation: dropout passes on, batch norm uses its running statistics.
---@return any # the module itself
function Module:eval() end

---Keeps the parameters from being trained.
---@return any # the module itself
function Module:freeze() end

---Lets the parameters be trained again.
---@return any # the module itself
function Module:unfreeze() end

---Sets all gradients to nil.
function Module:zero_grad() end

---Whether all parameters and buffers have their shapes.
function Module:is_built() end

---Prints a table of the layers with output shapes, parameters and FLOPs.
---@param ... any as for build; not needed for a model that was built
---@return any # the summary: a table that prints itself, with the fields layers, parameters, flops, bytes, activation_bytes
function Module:summary(...) end

---Gives all parameters their shapes and first values by running the forward over an input without data.
---A model that is called builds itself; this is for when its shapes are wanted earlier.
---@param ... any one list of sizes for each input, without the batch: {1, 28, 28}, {20, dtype = "int64"}; data = false gives shapes without storage, batch = n another batch than 1
---@return any # the module itself
function Module:build(...) end

---Where the random streams of the model (dropout's) stand. Can be stored, and given to set_rng_state.
---@return any # { seed =, model =, step = }
function Module:rng_state() end

---Puts the random streams of the model where rng_state found them.
---@param saved any what rng_state gave
function Module:set_rng_state(saved) end

---Says which training step comes next: the random choices of a call are a function of it.
---@param step any an integer
function Module:set_step(step) end

---Writes on after a prompt, id by id, with a causal language model: any module that maps ids [B, T] to logits [B, T, ids].
---@param o any { prompt = list of ids, or tensor [T] or [B, T]; tokens = how many to add; temperature = 1 (0: always the likeliest), top_k = only the k likeliest, top_p = only the likeliest that together have this probability, stop = an id or a list of them after which a row ends (a row that ended is filled up with 0), seed = of the choices (else the stream of ml.manual_seed), context = the most positions the model is shown (else what its nn.LearnedPosition holds), cache = keep keys and values of attention between steps: if not said, where that gives the same }
---@return any # ids of prompt and continuation, int64 [T'] or [B, T']
function Module:generate(o) end

---Parameters and buffers by dotted name, each once: a shared one under its first name.
---The tensors are those of the model, not copies, outside of any graph.
---@return any # a table name -> tensor
function Module:state_dict() end

---Copies tensors into the parameters and buffers of these names. Slots of an unbuilt model take their shapes from
---there. Nothing is copied unless every name and shape fits.
---@param values any a table name -> tensor, as state_dict gives it
---@param o any { map = as for load, strict = true (false: what is missing stays as it is, what is too much is left out) }
---@return any # the module itself, and { missing = names, unexpected = names }
function Module:load_state_dict(values, o) end

---Writes parameters and buffers to a safetensors file; the old file stays until the new one is whole.
---@param path any the file
---@param metadata any a table of strings that is stored with them (optional)
---@param o any { map = from the names of the model to those in the file: "pytorch" counts layers from 0; a table or a function as for load }
function Module:save(path, metadata, o) end

---Reads parameters and buffers from a safetensors file, this program's or another's.
---@param path any the file
---@param o any { map = from the names in the file to those of the model: "pytorch" counts layers from 1; a table { ["fc.weight"] = "head.weight", ["encoder.*"] = "body.*", ["old.*"] = false }, where * stands for any characters and false leaves a tensor out; a function(name); or a table that has such maps in its list part, to be taken first; strict = true (false: what is missing stays as it is, what is too much is left out) }
---@return any # the module itself, and { missing = names, unexpected = names }
function Module:load(path, o) end

---A copy with its own parameters and buffers; what is shared inside stays shared inside. An unbuilt module gives an
---unbuilt one with fresh slots, so that a spec can be built many times.
---@return any # a module of the same class
function Module:clone() end

---Converts parameters and buffers that hold floating-point numbers. They become new tensors: make the optimizer
---afterwards.
---@param dtype any "float32" or "float64"
---@return any # the module itself
function Module:to(dtype) end

---Stochastic gradient descent, with momentum (Polyak 1964) or Nesterov's, and weight decay. PyTorch's formulas:
---  g = grad + weight_decay p;  b = momentum b + g (b = g at the first step)
---  p = p - lr b  (nesterov: p - lr (g + momentum b))
---@param model any a model, a list of parameters or of groups { params =, lr = ... }; without it the result is a spec, which a recipe's trainer attaches
---@param o any { lr = 0.01, momentum = 0, nesterov = false, weight_decay = 0, schedule = ml.optim.cosine{...}, groups = { ["head.*"] = { lr = 0.1 } }, decay = "all" }
function optim.sgd(model, o) end

---Adam. Kingma and Ba 2014. Weight decay goes through the gradient; adamw does it better.
---@param model any a model, a list of parameters or of groups { params =, lr = ... }; without it the result is a spec, which a recipe's trainer attaches
---@param o any { lr = 1e-3, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weight_decay = 0, amsgrad = false, schedule = ml.optim.cosine{...}, groups = { ["head.*"] = { lr = 1e-2 } }, decay = "all" }
function optim.adam(model, o) end

---Adam with decoupled weight decay: p = p (1 - lr weight_decay) first. Loshchilov and Hutter 2017.
---@param model any a model, a list of parameters or of groups { params =, lr = ... }; without it the result is a spec, which a recipe's trainer attaches
---@param o any { lr = 1e-3, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weight_decay = 0.01, amsgrad = false, schedule = ml.optim.cosine{...}, groups = { ["head.*"] = { lr = 1e-2 } } (* stands for any characters), decay = "all" or "matrices": biases and the weights of norms, which have one dimension, don't decay }
function optim.adamw(model, o) end

---RMSprop: the gradient divided by the root of a running mean of its square. Hinton 2012; Graves 2013 (centered).
---@param model any a model, a list of parameters or of groups { params =, lr = ... }; without it the result is a spec, which a recipe's trainer attaches
---@param o any { lr = 0.01, alpha = 0.99 (how much of the mean stays), eps = 1e-8, momentum = 0, centered = false (true: by the variance instead of the square), weight_decay = 0, schedule =, groups =, decay = "all" }
function optim.rmsprop(model, o) end

---Adagrad: the gradient divided by the root of the sum of its squares. Duchi et al. 2011.
---@param model any a model, a list of parameters or of groups { params =, lr = ... }; without it the result is a spec, which a recipe's trainer attaches
---@param o any { lr = 0.01, lr_decay = 0 (step n has lr / (1 + (n - 1) lr_decay)), eps = 1e-10, weight_decay = 0, schedule =, groups =, decay = "all" }
function optim.adagrad(model, o) end

---Lion: steps of one size, in the direction of the sign of a mean of gradients; the weight decays by itself. Wants a
---third to a tenth of AdamW's learning rate, and as many times its weight decay. Chen et al. 2023.
---@param model any a model, a list of parameters or of groups { params =, lr = ... }; without it the result is a spec, which a recipe's trainer attaches
---@param o any { lr = 1e-4, beta1 = 0.9, beta2 = 0.99, weight_decay = 0, schedule =, groups =, decay = "all" }
function optim.lion(model, o) end

---L-BFGS: steps by an estimate of the curvature from the last steps, each as long as a line search finds good (strong
---Wolfe conditions). For small models and whole batches: step runs its function, which computes loss and gradient, up to
---1.25 max_iter times. Nocedal 1980; Liu and Nocedal 1989.
---  opt:step(function() opt:zero_grad(); local loss = f(); loss:backward(); return loss end)
---@param model any a model or a list of parameters; without it the result is a spec, which a recipe's trainer attaches
---@param o any { lr = 1, max_iter = 20 (steps of the method in one call), max_eval = 1.25 max_iter, tolerance_grad = 1e-7 (largest element of the gradient), tolerance_change = 1e-9, history_size = 100, line_search = "strong_wolfe" or "none" (each step has the length lr), schedule = }
function optim.lbfgs(model, o) end

---The same learning rate all the time (after a warm-up, if there is one).
---@param o any { warmup = 0 epochs }
function optim.constant(o) end

---The learning rate times gamma after each `every` epochs.
---@param o any { every = 10 epochs, gamma = 0.1, warmup = 0 epochs }
function optim.step(o) end

---The learning rate times gamma after each of some epochs.
---@param o any { milestones = a list of epochs, ascending; gamma = 0.1, warmup = 0 epochs }
function optim.multistep(o) end

---The learning rate times gamma ^ (epochs done).
---@param o any { gamma = 0.95, warmup = 0 epochs }
function optim.exponential(o) end

---A straight line from `start` times the learning rate to `final` times it.
---@param o any { start = 1, final = 0, warmup = 0 epochs }
function optim.linear(o) end

---Half a cosine from the learning rate down to `final` times it. Loshchilov and Hutter 2016, without restarts.
---@param o any { final = 0, warmup = 0 epochs }
function optim.cosine(o) end

---One cycle: up from lr / div_factor to lr, then down far below where it began; the momentum (Adam's beta1) goes the
---other way, where the optimizer has one. Smith and Topin 2018.
---@param o any { pct_start = 0.3 (the part of the epochs that goes up), div_factor = 25, final_div_factor = 1e4, anneal = "cos" or "linear", cycle_momentum = true, base_momentum = 0.85, max_momentum = 0.95, warmup = 0 epochs }
function optim.one_cycle(o) end

---The learning rate times `factor` whenever the validation score has not become better for more than `patience` epochs.
---A recipe's trainer tells it the score; by hand opt:set_score(score) does after each epoch.
---@param o any { factor = 0.1, patience = 10, threshold = 1e-4 (better by this part of the best), cooldown = 0 (epochs after a change that don't count), final = 0 (the smallest factor), warmup = 0 epochs }
function optim.plateau(o) end

---An exponential moving average of a model's weights, which often judges better than the weights of the last step.
---  average = decay average + (1 - decay) weights, after each step; it begins with the weights of the first update
---Buffers (running statistics) are not averaged: they are the model's.
---  local ema = ml.optim.ema(model, {decay = 0.999})
---  ... opt:step(); ema:update()                    -- in training
---  ema:apply(); evaluate(model); ema:restore()     -- the model with the averages, and back
---@param model any a model
---@param o any { decay = 0.999 }
---@return any # an object with update(), apply(), restore(), state_dict(), load_state_dict(saved)
function optim.ema(model, o) end

---Scales gradients down so that their norm, taken over all of them as one vector, is at most max.
---@param parameters any a list of tensors, or a model; those without a gradient do not count
---@param max any a positive number
---@return any # the norm before
function optim.clip_grad_norm(parameters, max) end

---Keeps each element of each gradient within -limit..limit.
---@param parameters any a list of tensors, or a model; those without a gradient do not count
---@param limit any a positive number
function optim.clip_grad_value(parameters, limit) end

---The optimizer of a model, or of parameters, with the options of the spec.
---@param from any a module, a list of tensors, or a list of { params = model or list, lr = ... }: groups with options of their own
---@return any # an optimizer
function Optimizer:attach(from) end

---Sets the gradients of the parameters to nil.
function Optimizer:zero_grad() end

---Changes the parameters by their gradients. Parameters without one stay as they are.
---@param closure any function() that clears the gradients, runs the model and loss:backward(), and returns the loss: lbfgs needs it and calls it several times; others call it once, if it is given
---@return any # the loss, where there is a closure
function Optimizer:step(closure) end

---Scales the gradients down so that their norm, taken over all of them, is at most max.
---@param max any a positive number
---@return any # the norm before
function Optimizer:clip_norm(max) end

---Keeps each element of each gradient within -limit..limit.
---@param limit any a positive number
function Optimizer:clip_value(limit) end

---Whether all gradients are finite: a step with NaN would spoil every parameter.
---@return any # true; or false and the dotted name of the first parameter whose gradient has NaN or infinity
function Optimizer:grads_finite() end

---Gradients of a batch that goes through the model in pieces, for less memory: those of the whole batch, whatever the
---size of the last piece. Old gradients are cleared.
---@param batch any a table of tensors { x =, y =, ... } whose first dimension counts the rows
---@param pieces any how many
---@param f any function(piece) -> the loss of the piece, a mean, and optionally over what (a number): its rows if not given; for classes that weigh differently the sum of their weights. A piece whose weight is 0 is left out
---@return any # the loss of the batch, a number
function Optimizer:accumulate(batch, pieces, f) end

---Tells the schedule how far training is: sets lr for the next step. Without a schedule nothing changes.
---@param progress any epochs done, with their fraction
---@param epochs any epochs in all
---@return any # the learning rate
function Optimizer:set_progress(progress, epochs) end

---Tells the schedule the score of the validation part, once an epoch: ml.optim.plateau needs it, others don't look.
---@param score any a number
---@param larger_is_better any whether it is an accuracy rather than a loss (default false)
---@return any # the learning rate
function Optimizer:set_score(score, larger_is_better) end

---What the optimizer remembers between steps, and where its schedule is.
---@return any # { optimizer = its name, steps =, lr =, momentum =, schedule =, steps_of = { ["fc.weight"] = steps }, tensors = { ["fc.weight.momentum"] = tensor } }
function Optimizer:state_dict() end

---Puts the optimizer where state_dict found it.
---@param saved any what state_dict gave
function Optimizer:load_state_dict(saved) end

---Takes the weights of now into the average: after each step.
function Average:update() end

---Gives the model the averages, until restore().
function Average:apply() end

---Gives the model its own weights again.
function Average:restore() end

---The averages.
---@return any # { decay =, tensors = { ["fc.weight"] = tensor } }; tensors is nil before the first update
function Average:state_dict() end

---Puts the averages where state_dict found them.
---@param saved any what state_dict gave
function Average:load_state_dict(saved) end

---What the learning rate is multiplied by.
---@param progress any epochs done, with their fraction
---@param epochs any epochs in all
---@param state any what the schedule remembers, a table of its user's: plateau looks at it
---@return any # a number
function Schedule:factor(progress, epochs, state) end

---The momentum that belongs to the learning rate, or nil where the optimizer keeps its own.
---@param progress any epochs done, with their fraction
---@param epochs any epochs in all
---@return any # a number or nil
function Schedule:momentum(progress, epochs) end

---Fashion-MNIST: 60,000 training and 10,000 test pictures of 28 x 28 grey pixels, ten kinds of garment.
---Looked for in <root>/fashion-mnist of each root in MOONLAB_DATA, then in /usr/share/datasets/fashion-mnist (Debian's
---dataset-fashion-mnist).
---@return any # a source: .train, .test (data sets), .classes; nothing is opened before it is used
function data.fashion_mnist() end

---MNIST: handwritten digits, in the same form; class 1 is the digit 0.
---Looked for in <root>/mnist of each root in MOONLAB_DATA.
---@return any # a source: .train, .test (data sets), .classes
function data.mnist() end

---Pictures in folders, a folder a class. The classes are the names of the folders, sorted; folders inside of a class are searched
---too. Hidden files, and files whose names do not end in .png, .jpg or .jpeg, are left out: set:left_out() lists them. Nothing is opened
---before it is needed; what fits into memory is decoded once, on all threads, and kept as bytes, the rest as it is needed.
---
---Equal pictures are never cut apart: what is trained on is not assessed with. set:report() names them.
---@param path any the folder; in a recipe, from its folder or those in MOONLAB_DATA
---@param o any { size = {height, width} that all pictures are brought to; without it all must have one size, resize = "squash" (each side by itself), "crop" (the middle of what covers it) or "pad" (black around it), channels = 3: 1 gray, 3 colour, 4 colour and alpha, memory = bytes that may be kept (a quarter of the machine's), duplicates = "keep" or "drop": of equal pictures the first stays, on_damage = "error" or "drop": damaged files are found before the training, left out and listed, about = a line that is said when the folder is not there: where such data come from }
---@return any # a data set and source: x float32 [B, C, H, W], y classes from 1; :item(i), :left_out(), :report(), :column "group"
function data.folder(path, o) end

---Pictures that a file of separated values lists, with their labels.
---@param path any the list; in a recipe, from its folder or those in MOONLAB_DATA
---@param o any { file = "file", label = "label": the columns, folder = that the names of the files count from (the list's own), and size, resize, channels, memory, duplicates, on_damage, about as in data.folder }
---@return any # a data set and source, as data.folder gives it; the classes are the labels, sorted
function data.csv_pictures(path, o) end

---A data set of tensors: row i of each makes sample i.
---@param columns any { x = tensor [N, ...], y = tensor [N, ...], any = other }, and classes = {names} for labels (1-based). The path of a .npy file in the place of a tensor is an array that stays on disk, however large: each batch reads its rows
---@return any # a data set
function data.tensors(columns) end

---A data set that is a function of the row's position.
---@param given any { size = n, get = function(i) return { x = ..., y = ... } end, classes = {names}, name = }
---@return any # a data set
function data.dataset(given) end

---Data sets behind one another. Batches have source: which of them each row comes from, a place in set:sources(). Columns, shapes and
---classes must be the same in all. Made rows (of data.make_moons and its kin, of data.generated, copies of data.jitter) behind others train
---alone: splits and folds hold none of them out. Of sources of tables (data.csv and its kin) it makes one source, with a column "source"
---that is no feature: a recipe then has rows and scores by source.
---@param sets any a list of data sets, name = "concat", hold_out = false (true: made rows may be held out too); or a list of sources of tables
---@return any # a data set; synthetic, if any of them is; or a source of a table
function data.concat(sets) end

---A data set of sequences that differ in length. A batch has x [B, T] or [B, T, features], T the length of its longest sequence,
---filled up with 0, and lengths [B]: model(batch.x, { lengths = batch.lengths }) of nn.LSTM. With batches { by_length = true } little
---is filled up.
---@param columns any { x = a list of sequences: tensors [T] or [T, features], or lists of ids; y = a tensor or list with one value each, or a list of sequences too (then there is y_lengths); any = other; classes = {names}, name = "sequences" }
---@return any # a data set
function data.sequences(columns) end

---A series as windows: x [input, k] are rows one after the other, y [output, targets] the rows after them. Windows of a part begin `step`
---rows apart. A recipe's `split`, or parts, cuts the rows by position; then numbers are brought to mean 0 and deviation 1 of the training
---rows, and scores are on that scale; `moonlab predict RUN rows.csv` says what comes after the rows of a file, in their own units.
---@param series any a source of a table (data.csv ...), a table, or a tensor [n, k], in the order of time
---@param o any { input = rows of x, output = 1: rows of y, columns = names (all numbers if not given), target = names of those that are asked for (all if not given), step = 1, parts = {train, valid, test}: rows of each instead of the split's shares, time = a column that must ascend, standardize = true }
---@return any # a data set
function data.windows(series_, o) end

---A text as windows of symbols: x [context] are ids, y [context] the ids of the symbols after them. The alphabet is that of the
---whole text; a recipe's `split` cuts it by position.
---@param path any a file; in a recipe, from its folder
---@param o any { context = 64: symbols of a window }
---@return any # a data set: :symbols(), :encode(text), :decode(ids)
function data.text(path, o) end

---Short texts, one a line, empty ones left out. x [width] are an end mark and the symbols, y [width] the symbols and an end mark,
---both filled up with 0 to the longest line. Id 1 is the end mark.
---@param path any a file; in a recipe, from its folder
---@param o any { unique = true: a line that is there twice counts once, or it could train and assess }
---@return any # a data set: :symbols(), :encode(text), :decode(ids)
function data.lines(path, o) end

---A classification problem: classes of normal clusters at the corners of a hypercube; scikit-learn's make_classification.
---@param o any { n = 100, features = 20, of them informative = 2, redundant = 2 (mixtures of those), repeated = 0 (copies), the rest is noise, classes = 2, clusters = 2 (of each class), weights = nil (one a class: its share of the rows), flip = 0.01 (share of rows whose class is drawn anew), separation = 1 (half of a side of the hypercube), shift = 0, scale = 1 ((x + shift) * scale), shuffle = true (rows and features), seed = }
---@return any # a data set { x, y }, tagged synthetic; set.informative, set.redundant and set.repeated are lists of columns
function data.make_classification(o) end

---A linear regression problem: y = x * coefficients + bias + noise; scikit-learn's make_regression.
---@param o any { n = 100, features = 100, informative = 10 (those with a coefficient), targets = 1, bias = 0, noise = 0 (deviation), rank = nil (so many features are independent, about), tail = 0.5 (with rank: share of the others), shuffle = true (rows and features), seed = }
---@return any # a data set { x [features], y (or y [targets]) }, tagged synthetic; set.coefficients is a tensor [features] (or [features, targets])
function data.make_regression(o) end

---Normal clouds around centers, one class each; scikit-learn's make_blobs.
---@param o any { n = 100: rows in all, or a list of rows for each center, features = 2, centers = 3: how many, drawn from the box, or a tensor [centers, features], std = 1: of all, or a list, box = {-10, 10}, shuffle = true, seed = }
---@return any # a data set { x, y }, tagged synthetic; set.centers is a tensor
function data.make_blobs(o) end

---Two half circles that reach into each other; scikit-learn's make_moons.
---@param o any { n = 100: rows in all, noise = 0: deviation of what is added to both coordinates, shuffle = true, seed = }
---@return any # a data set { x [2], y }, tagged synthetic
function data.make_moons(o) end

---A circle around a smaller one; scikit-learn's make_circles.
---@param o any { n = 100: rows in all, noise = 0, factor = 0.8: radius of the inner one, from 0 to 1, shuffle = true, seed = }
---@return any # a data set { x [2], y }, tagged synthetic
function data.make_circles(o) end

---Arms of a spiral, one class each, from the middle to radius 1.
---@param o any { n = 100: rows in all, classes = 2: arms, turns = 1.5: of each arm, noise = 0, shuffle = true, seed = }
---@return any # a data set { x [2], y }, tagged synthetic
function data.make_spirals(o) end

---A time series: level + trend * t + a sine for each season + noise, with some values missing (NaN). t is 0, 1, ...
---@param o any { n = 365: steps, level = 0, trend = 0 (a step), seasons = { { period = 7, amplitude = 1, phase = 0 }, ... } (in steps), noise = 0 (deviation), missing = 0 (share), seed = }
---@return any # a data set in the order of time { x [1] (t), y, time (1, 2, ...), trend, season, noise: what y is the sum of }, tagged synthetic
function data.make_series(o) end

---Samples of a trained generator: what it makes of normal noise. Behind other sets (data.concat { real, fake }) they train alone: no split
---puts them into a validation or test part.
---@param o any { run = a run folder, name = "G": which of its models, if there are several; or model = a module, or function(z) -> x, and latent = {64}: sizes of a row of noise (of a run, what its recipe says); count = samples, map = function(x) -> x: to the scale and shape of other rows, class = of all of them and classes = names; hold_out = false (true: a split may hold them out), seed = }
---@return any # a data set, tagged synthetic; a run is opened when the first sample is needed
function data.generated(o) end

---The rows and copies of them with normal noise on x. A copy is no new case: it trains where its row trains, and else is left out; splits
---and folds hold out rows alone.
---@param what any a data set (what is fetched has origin, the row that it is a copy of, and synthetic), or a tensor [N, ...]
---@param o any { copies = 1, std = 0.1: a number, or a tensor that broadcasts to a row, originals = true, hold_out = false (true: copies are held out with their row), seed = }
---@return any # a data set, tagged synthetic, of (copies + 1) * N rows: the originals first; or a tensor of so many rows
function data.jitter(what, o) end

---The sound of a WAV file: PCM of 8, 16, 24 or 32 bits or floats, any number of channels, plain or .wav.gz.
---@param path any the file
---@return any # float32 tensor [channels, frames], full scale is -1..1, and the rate in frames a second (Hz)
function data.read_sound(path) end

---Writes a sound as a WAV file. Integers are rounded to the nearest; what lies beyond -1..1 is clipped.
---@param path any the file
---@param x any float tensor [channels, frames], or [frames] for one channel
---@param rate any frames a second (Hz)
---@param options any { bits = 16 (8, 16, 24 or 32), float = false (32-bit floats, which clip nothing) }
function data.write_sound(path, x, rate, options) end

---The WAV files of a folder as a table, in the order of their names: "file", "label" and "group" (what the pattern captures in the name),
---"part" ("train", "valid" or "test") and "sound" (a tensor [length], the mean of the channels, cut or filled up with silence).
---@param folder any with the files; in a recipe, from its folder or those of MOONLAB_DATA
---@param o any { rate = samples a second, which all files must have, length = samples of a row, pattern = a Lua pattern with captures that a name must fit, label = 1: the capture that is the label, group = the capture that is the group, test = function(captures) and valid = function(captures): whether a file is held out; a recipe takes these parts with split = { by = "part" }, hint = what is told if there is no such folder: where the data come from }
---@return any # a source: :table(), :names()
function data.sounds(folder, o) end

---A data set of time series from a .ts file, the format of the UCR and UEA archives. Missing values are NaN; where the series
---have different lengths they are filled up with NaN, and each row has its length in `lengths`.
---@param path any the file
---@return any # a data set of rows x [dimensions, length] (float32) and y: classes 1..k, whose names are in .classes, or numbers where the file has targets
function data.ts(path) end

---A table of lists, tensors or columns: data.table{ age = {31, 20}, city = {"Bern", "Rome"} }. The columns of a table with names are
---in the order of the names; a list of pairs keeps its order: data.table{ {"city", {...}}, {"age", {...}} }.
---@param given any values by name, or pairs; nil or data.missing in a list is a missing value
---@return any # a table
function data.table(given) end

---data.missing: what stands in a list for a value that is not there, since a nil ends a list.
data.missing = {}

---A file of separated values: CSV, TSV and their kin; plain, .gz or .zst. Separator, header and types are found out unless they are
---given; a column has one type, that of all its values. Whole numbers that would be rounded (beyond 64 bits, or beside fractions) make it text,
---and the schema's `other` says so. Fields that a row lacks are an error, or in a recipe missing and listed; a file
---that would be nearly nothing but missing cells (more than 64 bytes of columns for a byte of it, from 256 MB on) is refused.
---@param path any a file; in a recipe, from its folder
---@param o any { separator = "," (or "\t", ";", "|", " "), quote = '"' or false, decimal = "." or ",", comment = "#", header = true or false, names = {...} for a file without header, types = { age = "number", ... }: "integer", "number", "boolean", "time", "text", missing = {"", "NA", ...}: texts that mean a missing value, missing_of = { column = {...} }, trim = true, skip = lines before the header, columns = {...}: only these, encoding = "utf-8" or "latin-1" }
---@return any # a source: :schema(), :table(), :pieces(rows)
function data.csv(path, o) end

---A file of JSON Lines: an object a line. Keys are columns, nested ones "address.city"; a key that is not there is a missing value.
---Texts that are all dates or times, as 2024-02-29 13:45, are a column of times, unless types says otherwise; long integers as in data.csv.
---@param path any a file; in a recipe, from its folder
---@param o any { types = { age = "number", ... }, columns = {...}: only these }
---@return any # a source: :schema(), :table(), :pieces(rows)
function data.jsonl(path, o) end

---A table or query of an SQLite database, which is opened for reading alone. Texts that are all dates or times are a column of times.
---@param path any a file; in a recipe, from its folder
---@param o any { table = "customers" } or { query = "select ...", parameters = {...} }; and types = { day = "time", ... }, columns = {...}: only these
---@return any # a source: :schema(), :table(), :pieces(rows)
function data.sqlite(path, o) end

---A Parquet file with flat columns.
---@param path any a file; in a recipe, from its folder
---@param o any { columns = {...}: only these }
---@return any # a source: :schema(), :table(), :pieces(rows)
function data.parquet(path, o) end

---A table that is larger than memory as arrays on disk: read block by block, cleaned, and written into a folder as x.npy and y.npy, once; as
---long as file and options are the same they are taken as they are. Batches read the rows that they need. Numbers and booleans become a
---field each, categories one for each of their words. What needs the whole table is not done: duplicates stay, what stands for a missing
---value is a constant, and numbers are as they are: let the model begin with nn.BatchNorm.
---@param source any what data.csv and its kin give
---@param folder any where the arrays go; in a recipe, in its folder
---@param o any { target = a column (needed), classes = {"no", "yes"}: its words, if it is no number, columns = { age = data.number { min = 0, missing = 0 }, plan = data.category { "basic", "pro" }, note = data.ignore() }, invalid = "drop" (rows that break these) or "error", rows = of a block; so many that it has a quarter of a million values, if not given }
---@return any # a data set { x [fields], y }, made when its first row is needed; then .fields, .read and .kept
function data.to_disk(source, folder, o) end

---Tables that are cut already as one source: the rows behind one another, with a column that says train, valid or test. A recipe
---takes the parts as they are with split = { by = "part" }.
---@param o any { train = source, valid = source, test = source: what data.csv and its kin give, column = "part" }
---@return any # a source: :table(), :names()
function data.parts(o) end

---A column of numbers. A value that is no number, or outside of min and max, is invalid (see data.clean.invalid).
---@param o any { min =, max =, integer = true: whole numbers alone, missing = "mean", "median", "mode", "indicator" (a column more that says where values were missing), "forward_fill", "drop" (the row), "invalid", a number, or a list of these, map = "log", "log1p", "sqrt", "square", "abs", "exp": applied before the features, marks = texts that mean missing in this column, outliers = "iqr", "z_score" or { method =, factor = 1.5 of iqr, 3 of z_score, action = "quarantine", "drop" or "missing" }: what becomes of rows beyond fences (see features.clip) }. These fences are taken from all rows that are valid otherwise, before the table is cut, held-out rows included: features.clip is fitted to the training part alone. Rows that are served are not held against them
---@return any # a spec for data.columns
function data.number(o) end

---A column of one of several words. With a list, any other word is invalid; without, the words of the training part are it.
---@param o any { "first", "second", ..., missing = "mode", "indicator", "drop", "invalid" or a word, other = the word that stands for all that is not in the list, marks = texts that mean missing in this column }
---@return any # a spec for data.columns
function data.category(o) end

---A column of free text, for the features that take text.
---@param o any { pattern = a Lua pattern that the whole text must match, min_length =, max_length = in characters, missing = "drop", "invalid", "mode" or a text, marks = texts that mean missing in this column }
---@return any # a spec for data.columns
function data.string(o) end

---A column of true or false (yes and no, t and f, 1 and 0).
---@param o any { missing = "mode", "indicator", "drop", "invalid", true or false, marks = texts that mean missing in this column }
---@return any # a spec for data.columns
function data.boolean(o) end

---A column of dates or of dates with times, as ISO 8601 writes them.
---@param o any { min =, max = as "2024-01-31", missing = "mean", "median", "mode", "indicator", "forward_fill", "drop", "invalid", marks = texts that mean missing in this column }
---@return any # a spec for data.columns
function data.time(o) end

---A column that is not looked at: no feature, not checked.
---@return any # a spec for data.columns
function data.ignore() end

---Mirrors half of the pictures left to right.
function data.flip(...) end

---Mirrors half of the pictures top to bottom.
function data.flip_vertical(...) end

---Moves each picture by up to n pixels in both directions; what comes in at the edge is black.
---@param n any an integer from 1
function data.shift(n) end

---Cuts a window out of each picture, anywhere: of a size, after a black border was put around it; or of a part of its area, enlarged to
---the picture's size.
---@param o any { size = {height, width}, padding = 0 } or { area = {0.5, 1}: least and largest part, ratio = {3/4, 4/3}: width by height }
function data.crop(o) end

---Turns each picture around its middle by up to so many degrees, either way (bilinear).
---@param degrees any above 0
function data.rotate(degrees) end

---Makes each picture larger or smaller around its middle (bilinear).
---@param range any {least, largest} factor
function data.scale(range) end

---Changes colours: brightness (a factor), contrast (around the mean gray), saturation (around each pixel's gray) and hue, in this
---order. Of gray pictures only the first two.
---@param o any { brightness = 0, contrast = 0, saturation = 0: factors from 1 - v to 1 + v, hue = 0: turns of the colour circle, to 0.5 }
function data.colour(o) end

---Covers a rectangle of some pictures with the mean colour of the training part (Zhong et al. 2017).
---@param o any { chance = 0.5, area = {0.02, 0.2}: least and largest part of the picture }
function data.erase(o) end

---Mixes each picture of a batch with the one before it, x = share * x + (1 - share) * other, share from Beta(alpha, alpha), drawn for each
---row and epoch; y becomes what there is of each class, float32 [B, classes], which the loss cross_entropy takes. The last change
---of a list. Zhang et al. 2017.
---@param alpha any above 0 (1): small ones mix little
function data.mixup(alpha) end

---Puts a rectangle of the picture before it into each picture of a batch, of the part 1 - share of its area, share from
---Beta(alpha, alpha); y becomes what there is of each class, as data.mixup has it. The last change of a list. Yun et al. 2019.
---@param alpha any above 0 (1)
function data.cutmix(alpha) end

---Cuts the middle out of each picture; around a picture that is smaller comes black. Where `augment` has a data.crop with a size, this takes its
---place in training.
---@param size any {height, width}, or one number for both
function data.center_crop(size) end

---Puts a black border around each picture.
---@param border any pixels on each side, or {above and below, left and right}
function data.pad(border) end

---Makes (x - mean) / std of pixels from 0 to 1, channel by channel: with what is given, or with the mean and the deviation of the training part,
---which is what happens to pictures where no features are given.
---@param o any { mean = {one a channel}, std = {one a channel} }, or nothing: fitted
function data.normalise(o) end

---Reads a picture: PNG or JPEG, told by its first bytes.
---@param path any a file; in a recipe, from its folder
---@param o any { channels: 1 gray, 3 colour, 4 colour and alpha; as in the file if it is not given, size = {height, width}: resized to it (bilinear), a JPEG first decoded at 1/8, 1/4 or 1/2 where that is not below it, whole = false: true decodes every pixel before resizing, on_damage = "error", or "warn": what there is of a damaged picture, what is missing black }
---@return any # a uint8 tensor [C, H, W], channels last in memory; what was wrong, if on_damage is "warn" and something was
function data.read_image(path, o) end

---Reads many pictures at once, on all threads.
---@param paths any a list of files; in a recipe, from its folder
---@param o any { channels = 3: 1, 3 or 4, size = {height, width}: as in data.read_image; without it all must have the size of the first, whole = false }
---@return any # a uint8 tensor [N, C, H, W], channels last in memory
function data.read_images(paths, o) end

---Writes a picture as PNG or JPEG, by the ending of the path. The file is replaced whole or stays as it was.
---@param path any ends in .png, .jpg or .jpeg
---@param x any tensor [H, W] or [C, H, W] with 1, 3 or (PNG) 4 channels: bytes, or floats from 0 (black) to 1
---@param o any { quality = 90: of a JPEG, 1 to 100 }
function data.write_image(path, x, o) end

---Brings pictures to another size, in the arithmetic of Pillow. Shrinking does not alias.
---@param x any uint8 tensor [H, W], [C, H, W] or [N, C, H, W]
---@param size any {height, width}
---@param o any { filter = "bilinear", "nearest", or "area": each pixel is the mean of what it covers }
---@return any # a uint8 tensor of as many dimensions, channels last in memory
function data.resize(x, size, o) end

---The size of a picture, from its header alone: nothing is decoded.
---@param path any a PNG or JPEG file; in a recipe, from its folder
---@return any # height, as the picture is seen: after a camera's orientation; width; channels: 1, 3 or 4
function data.image_size(path) end

---Pictures with boxes in Pascal VOC's form: a folder with Annotations/*.xml, JPEGImages and, if it has official parts,
---ImageSets/Main/{train,val,test}.txt. Boxes are x1, y1, x2, y2 in pixels from 1, both ends inside. Boxes without area are kept out,
---each named in source.problems; source.counts adds up.
---@param path any the folder; in a recipe, from its folder
---@param options any { classes = {names} (those that occur, sorted), channels = 3, size = {h, w} to bring pictures and boxes to one size, about = a line that is said when the folder is not there: where such data come from }
---@return any # a source: .train, .valid, .test (data sets with :item(i) and :batches), .classes, .counts, .problems, :report(); it is read when it is first used
function data.voc(path, options_given) end

---Pictures with boxes in COCO's form: a JSON file, or a folder with one a part (annotations/instances_train*.json, val, test; or
---train/_annotations.coco.json, valid, test). Boxes are x1, y1, x2, y2 in pixels from 1, both ends inside. Boxes without area are kept
---out, each named in source.problems; source.counts adds up. Crowds are marked as difficult.
---@param path any the file or folder; in a recipe, from its folder
---@param options any { images = folder of the pictures (found beside the file), classes = {names} (the categories in the order of their ids), channels = 3, size = {h, w} to bring pictures and boxes to one size }
---@return any # a source as data.voc gives it
function data.coco(path, options_given) end

---Pictures with a mask each, found by their names in two folders: pictures/a.jpg with masks/a.png. The grey value of a mask's pixel is
---its class: values[1] is class 1, and so on.
---@param given any { images = folder, masks = folder, values = {0, 255}, classes = {names of the values}, ignore = a value that becomes class 0, channels = 3 of the pictures, memory = bytes of decoded pictures that may be kept (a quarter of the machine's), about = a line that is said when the folders are not there: where such data come from }
---@return any # a data set: x uint8 [C, H, W], y int64 [H, W]; :item(i) names the files
function data.masks(given) end

---How many rows there are; the same as #set.
function Dataset:count() end

---The rows of one batch.
---@param rows any int64 tensor of positions, 1-based
---@param how any { augment =, key =, epoch =, normalise =, transform =, ahead = what ahead's take gave for these rows }, filled in by batches
---@return any # { x = ..., y = ... }
function Dataset:fetch(rows, how) end

---What reads rows before they are needed, in threads of its own; nil where nothing is to be read.
---@param workers any how many threads
---@return any # { ask = function(rows), take = function() -> how.ahead of fetch, for the rows asked for first, close = function() }, or nil
function Dataset:ahead(workers) end

---Goes through the rows in batches.
---Shuffling and drawing are keyed by the seed, the set's name and the pass: the same seed gives the same order in each run. A
---pass is counted by the set itself, or given: with it a run goes on where it was.
---
---weights draws rows with replacement, each in proportion to its weight. balanced draws the classes equally often: each stretch of as
---many rows as there are classes has one of each, rows of a small class come again, those of a large one take turns. by_length puts
---rows of similar length into one batch, so that little is padded; shuffled, the rows of 50 batches are mixed and then the batches.
---
---Pictures that are not kept in memory are decoded by threads of their own, some batches ahead of the one that is worked on. They
---end with the loop, also where it is left early. Their number changes no bit.
---@param options any { size = 32, shuffle = false, drop_last = false, augment = {data.flip(), ...}, pass =, seed = , weights = one number a row: a tensor, a list or a column's name, balanced = false, draws = rows of such a pass (all), by_length = one number a row, function(row), or true for the lengths of data.sequences, workers = threads that decode pictures ahead; 0: none, each batch is decoded when it is asked for; of itself 1, from 4 threads on 2, with --threads 1 none }
---@return any # an iterator of batches: { x =, y =, rows = (positions in the set), count = }, and what `for` closes behind it
function Dataset:batches(options) end

---How many batches a pass has.
---@param size any rows of a batch
---@param drop_last any whether a smaller last one is left out
function Dataset:batch_count(size, drop_last) end

---The shape of a row of x or y, with its dtype; nil where the kind of set does not know it.
function Dataset:row_shape() end

---What the rows look like: classes, sizes, pictures of each class, and what is there twice.
---@return any # a profile: print it, or profile:save "page.html"
function Dataset:profile() end

---The class of each row as an int64 tensor, 1-based.
function Dataset:labels() end

---What each row has under a name, as one tensor: the column "household" of data.tensors{x = x, household = ids}.
---@param name any of a field of the batches
---@return any # a tensor of as many rows as the set
function Dataset:column(name) end

---Rows that lie elsewhere, read as those of this set are: what serving judges a model on. Kinds that read files of their own have one of their
---own; the others take arrays.
---@param path any a file or folder
---@param model any { input = shape of a row of x, classes = names or nil, labelled = whether what is asked for must be there }
---@return any # a data set
function Dataset:elsewhere(path, model) end

---Which rows are to train alone, such as those of a generator behind real ones: splits hold out none of them.
---@return any # a mask, or nil where there are no such rows, or no others
function Dataset:training_rows() end

---A part of a data set, in the order given.
---@param rows any int64 tensor of positions, 1-based
---@param name any what the part is called
---@return any # a data set
function Dataset:part(rows, name) end

---The same rows, brought to mean 0 and deviation 1 as they are fetched.
---@param statistics any { mean =, std = }: what normalise.fit gave for the training part; nil: none
---@param transform any a list of data.center_crop and data.pad that all pictures get, or nil
---@return any # a data set
function Dataset:normalised(statistics, transform) end

---Where the rows come from: batch.source and set:column "source" are places in this list.
---@return any # a list of { name = , rows = , synthetic = }
function Dataset:sources() end

---Rows elsewhere are read as those of the first of the sets are.
function Dataset:elsewhere(path, model) end

---How many rows there are; the same as #t.
---@return any # an integer
function Table:count() end

---A column, also one whose name is that of a method.
---@param name any of the column
---@return any # a column
function Table:column(name) end

---Whether there is a column of this name.
---@param name any of the column
---@return any # true or false
function Table:has(name) end

---The types of the columns.
---@return any # a table type by name
function Table:types() end

---All columns in order.
---@return any # a list of columns
function Table:columns() end

---One row as a plain table; a missing value is not in it.
---@param i any a position; negative ones count from the end
---@return any # a table value by name
function Table:row(i) end

---All columns as lists; data.missing stands where there is no value.
---@return any # a table list by name
function Table:to_lists() end

---The rows at positions, in their order, or those of a mask.
---@param which any an int64 tensor or list of positions from 1, a column of booleans or a bool tensor
---@return any # a table
function Table:rows(which) end

---The rows for which a condition holds; where it is missing the row is left out.
---@param f any function(c) of the columns that gives a column of booleans, or such a column
---@return any # a table
function Table:filter(f) end

---The first rows.
---@param n any how many; 5 if not given
---@return any # a table
function Table:head(n) end

---The last rows.
---@param n any how many; 5 if not given
---@return any # a table
function Table:tail(n) end

---Only these columns, in this order.
---@param names any a list of names
---@return any # a table
function Table:select(names) end

---All columns but these.
---@param names any a list of names
---@return any # a table
function Table:without(names) end

---The table with more columns, or others in the place of those of the same name.
---@param new any by name: a column, a tensor, a list, an expression or function(c), or a constant for all rows; functions see the columns as they were. Columns that are new follow in the order of their names; { { name, value }, ... } keeps an order
---@return any # a table
function Table:with(new) end

---Other names for columns.
---@param new any new names by old ones
---@return any # a table
function Table:rename(new) end

---Columns beside each other as a tensor [n, k]. A missing value is NaN; booleans are 0 and 1, times seconds.
---@param names any a list of names; all columns if not given
---@param o any { dtype = "float32" or "float64" }, or in the list of names
---@return any # tensor
function Table:tensor(names, o) end

---Writes the table as a CSV file.
---@param path any of the file
---@param o any { separator = ",", header = true, missing = "" }
function Table:write_csv(path, o) end

---Writes the table as a file of JSON Lines: an object a row; a missing value is null.
---@param path any of the file
function Table:write_jsonl(path) end

---What the table looks like: types, missing and frequent values, quantiles, duplicates, correlations, outliers; with a target, what each
---column tells of it and which labels are doubtful. The same as source:profile.
---@param o any { target =, task =, id =, sample =, seed =, now = }
---@return any # a profile: print it, or profile:save "page.html"
function Table:profile(o) end

---The rows of other tables behind those of this one. They have the same columns, in any order; categories are merged.
---@param ... any tables
---@return any # a table
function Table:append(...) end

---The rows in the order of one column, of a second where that is equal, and so on. Equal rows stay as they are, missing values come
---last, texts are in the order of their bytes, categories in that of their list.
---@param names any a name or a list of names
---@param o any { descending = true or a list of those names that descend }
---@return any # a table
function Table:sort(names, o) end

---Which rows have the same values as one before them; missing values are equal to each other.
---@param names any the columns that count; all if not given
---@return any # a column of booleans
function Table:duplicated(names) end

---How often each value is there, the most frequent first, then in the order of appearance; missing ones are left out.
---@param name any of a column
---@return any # a table of the values and of how often each is there, n
function Table:value_counts(name) end

---A line for each column: its type, how many values there are, are missing, are different; of numbers the smallest, quartiles,
---the largest, mean and standard deviation (of booleans with 1 for true); of times the first and the last.
---@return any # a table
function Table:describe() end

---The value of row i.
---@param i any a position; negative ones count from the end
---@return any # a number, boolean or string; seconds since 1970 of a time, the name of a category; nil where it is missing
function Column:item(i) end

---All values as a list; data.missing stands where there is none.
---@return any # a list
function Column:to_list() end

---The different values, each once, in the order in which they appear; a missing one is left out.
---@return any # a column
function Column:unique() end

---How many rows have a value.
---@return any # an integer
function Column:count() end

---The smallest value; of text the first in the order of bytes, of a category the first in its list.
---@return any # a value; nil and why where there is none
function Column:min() end

---The largest value.
---@return any # a value; nil and why where there is none
function Column:max() end

---The sum; 0 of no values. Of booleans, how many are true.
---@return any # a number
function Column:sum() end

---The mean; of booleans the share that is true.
---@return any # a number; nil and why where there is no value
function Column:mean() end

---The standard deviation, with n - 1 in the divisor.
---@return any # a number, of times in seconds; nil and why where there are fewer than two values
function Column:std() end

---The value below which a share of the values lies, between two neighbours in proportion.
---@param q any the share, 0 to 1
---@return any # a number; nil and why where there is no value
function Column:quantile(q) end

---The middle value; of an even number of them the mean of the two in the middle.
---@return any # a number; nil and why where there is no value
function Column:median() end

---The positions of the rows in order, missing ones last; equal rows stay as they are.
---@param descending any whether the largest comes first
---@return any # int64 tensor
function Column:order(descending) end

---The sum; a time and a number of seconds make a time. Also self + other.
---@param other any a column or a number
---@return any # a column
function Column:add(other) end

---The difference; of two times in seconds. Also self - other.
---@param other any a column or a number
---@return any # a column
function Column:sub(other) end

---The product. Also self * other.
---@param other any a column or a number
---@return any # a column
function Column:mul(other) end

---The quotient, always a number. Also self / other.
---@param other any a column or a number
---@return any # a column
function Column:div(other) end

---The quotient rounded down. Also self // other.
---@param other any a column or a number
---@return any # a column
function Column:floor_divide(other) end

---What the quotient rounded down leaves, with the sign of the divisor. Also self % other.
---@param other any a column or a number
---@return any # a column
function Column:remainder(other) end

---The power, always a number. Also self ^ other.
---@param other any a column or a number
---@return any # a column
function Column:pow(other) end

---The larger of two values; missing where one is.
---@param other any a column or a number
---@return any # a column
function Column:maximum(other) end

---The smaller of two values; missing where one is.
---@param other any a column or a number
---@return any # a column
function Column:minimum(other) end

---Values below low become low, those above high become high.
---@param low any a number, or nil for no bound
---@param high any a number, or nil for no bound
---@return any # a column
function Column:clamp(low, high) end

---The negative. Also -self.
---@return any # a column
function Column:neg() end

---The distance from 0.
---@return any # a column
function Column:abs() end

----1, 0 or 1.
---@return any # a column
function Column:sign() end

---The square.
---@return any # a column
function Column:square() end

---The square root; missing where the value is negative.
---@return any # a column of numbers
function Column:sqrt() end

---e to the power of the value.
---@return any # a column of numbers
function Column:exp() end

---The natural logarithm; -inf of 0, missing where the value is negative.
---@return any # a column of numbers
function Column:log() end

---The natural logarithm of 1 + the value, exact for small ones.
---@return any # a column of numbers
function Column:log1p() end

---The decimal logarithm.
---@return any # a column of numbers
function Column:log10() end

---Rounded down.
---@return any # a column
function Column:floor() end

---Rounded up.
---@return any # a column
function Column:ceil() end

---Rounded to the nearest whole number, halves to the even one.
---@return any # a column
function Column:round() end

---The sine of an angle in radians.
---@return any # a column of numbers
function Column:sin() end

---The cosine of an angle in radians.
---@return any # a column of numbers
function Column:cos() end

---The tangent of an angle in radians.
---@return any # a column of numbers
function Column:tan() end

---The angle in radians, -pi/2 to pi/2, of this sine; missing outside of -1..1.
---@return any # a column of numbers
function Column:asin() end

---The angle in radians, 0 to pi, of this cosine; missing outside of -1..1.
---@return any # a column of numbers
function Column:acos() end

---The angle in radians, -pi/2 to pi/2, of this tangent.
---@return any # a column of numbers
function Column:atan() end

---The hyperbolic tangent.
---@return any # a column of numbers
function Column:tanh() end

---The angle within -pi..pi of the point (other, self): y:atan2(x), as for tensors.
---@param other any the horizontal coordinate, a column or a number
---@return any # a column of numbers
function Column:atan2(other) end

---The distance of the point (self, other) from (0, 0).
---@param other any a column or a number
---@return any # a column of numbers
function Column:hypot(other) end

---Whether the value is the same. `c.plan == "pro"` is always false in Lua; write c.plan:eq "pro".
---@param other any a column or a constant: a number, a text, a boolean, the name of a category, a date "2024-02-29"
---@return any # a column of booleans
function Column:eq(other) end

---Whether the value is another.
---@param other any a column or a constant, as for eq
---@return any # a column of booleans
function Column:ne(other) end

---Whether the value is smaller; texts are in the order of their bytes, categories in that of their list.
---@param other any a column or a constant, as for eq
---@return any # a column of booleans
function Column:lt(other) end

---Whether the value is smaller or the same.
---@param other any a column or a constant, as for eq
---@return any # a column of booleans
function Column:le(other) end

---Whether the value is larger.
---@param other any a column or a constant, as for eq
---@return any # a column of booleans
function Column:gt(other) end

---Whether the value is larger or the same.
---@param other any a column or a constant, as for eq
---@return any # a column of booleans
function Column:ge(other) end

---Whether both hold. Also self & other.
---@param other any a column of booleans
---@return any # a column of booleans
function Column:logical_and(other) end

---Whether one of two holds. Also self | other.
---@param other any a column of booleans
---@return any # a column of booleans
function Column:logical_or(other) end

---Whether exactly one of two holds. Also self ~ other.
---@param other any a column of booleans
---@return any # a column of booleans
function Column:logical_xor(other) end

---Whether it does not hold. Also ~self.
---@return any # a column of booleans
function Column:logical_not() end

---Whether there is no value.
---@return any # a column of booleans
function Column:is_missing() end

---The first value where the condition holds, else the second; missing where the condition is. ml.where(c.age:lt(18), 0, c.spend)
---is the same.
---@param a any a column or a constant
---@param b any a column or a constant of the same type
---@return any # a column
function Column:where(a, b) end

---A value where there is none.
---@param value any a constant or a column of the same type
---@return any # a column
function Column:fill(value) end

---Whether the value is one of a list.
---@param list any constants
---@return any # a column of booleans
function Column:is_in(list) end

---Other values for old ones: map{ yes = 1, no = 0 }. A value that is not named becomes missing; :fill(c.x) behind it keeps it.
---@param new any a table by old value
---@return any # a column
function Column:map(new) end

---The column as a category: with the names that are given, in their order, or with those that are found.
---@param names any a list of names, which may hold order = "sorted" (the default where none are named) or "appearance"; a value that is not named becomes missing
---@return any # a column with the list c.categories
function Column:category(names) end

---Small letters: of ASCII, Latin-1, Latin Extended-A, Greek, Cyrillic and Armenian; the few whose other case takes another number of
---bytes stay.
---@return any # a column of text
function Column:lower() end

---Capital letters, of the alphabets of lower.
---@return any # a column of text
function Column:upper() end

---Blanks at both ends left out.
---@return any # a column of text
function Column:trim() end

---Puts one text in the place of another wherever it occurs.
---@param find any a text as it stands, no pattern
---@param with any a text
---@return any # a column of text
function Column:replace(find, with) end

---Of text, the characters from..to, as in string.sub: from 1, negative ones from the end.
---@param from any a position
---@param to any a position; -1 if not given
---@return any # a column of text
function Column:sub(from, to) end

---The n-th piece between separators; missing where there are fewer pieces.
---@param separator any a text as it stands
---@param n any from 1; negative ones from the end
---@return any # a column of text
function Column:split(separator, n) end

---One text behind the other. Also self .. other.
---@param other any a column of text, or a text
---@return any # a column of text
function Column:concat(other) end

---Whether a text occurs in it.
---@param text any as it stands, no pattern
---@return any # a column of booleans
function Column:contains(text) end

---Whether it begins with a text.
---@param text any as it stands, no pattern
---@return any # a column of booleans
function Column:starts_with(text) end

---Whether it ends with a text.
---@param text any as it stands, no pattern
---@return any # a column of booleans
function Column:ends_with(text) end

---How many characters it has.
---@return any # a column of integers
function Column:length() end

---Whether a pattern of Lua occurs in it.
---@param pattern any as for string.find
---@return any # a column of booleans
function Column:matches(pattern) end

---The value as a number: text is read (a blank text is missing), a boolean is 0 or 1.
---@return any # a column of numbers
function Column:number() end

---The time that a text is, in UTC where it names no offset; a blank text is missing.
---@param format any with fields %Y %y %m %b %d %H %M %S %z; ISO 8601 if not given: 2024-02-29, 2024-02-29T13:05:06+02:00
---@return any # a column of times
function Column:time(format) end

---The value as text: numbers in the shortest form that reads back the same, times as ISO 8601 (missing out of the years 0 to 9999).
---@return any # a column of text
function Column:text() end

---The year.
---@return any # a column of integers
function Column:year() end

---The month, 1 to 12.
---@return any # a column of integers
function Column:month() end

---The day of the month, 1 to 31.
---@return any # a column of integers
function Column:day() end

---The hour, 0 to 23.
---@return any # a column of integers
function Column:hour() end

---The minute, 0 to 59.
---@return any # a column of integers
function Column:minute() end

---The whole second, 0 to 59.
---@return any # a column of integers
function Column:second() end

---The day of the week: 1 is Monday, 7 Sunday.
---@return any # a column of integers
function Column:weekday() end

---The day of the year, from 1.
---@return any # a column of integers
function Column:day_of_year() end

---Seconds since 1970-01-01 00:00:00 UTC.
---@return any # a column of numbers
function Column:seconds() end

---Computes the column that it stands for.
---@param table any with the columns that it names
---@return any # a column
function Expression:on(table) end

---The names of the columns that it is computed from, in the order in which they first occur.
---@return any # a list of names
function Expression:inputs() end

---The expression as a nested list of strings, numbers and booleans, which JSON can hold.
---@return any # a list
function Expression:encode() end

---The columns and their types, how many values are missing, how sure the types are.
---@return any # what the reader's schema gives: { rows =, columns = { { name =, type =, rows =, missing =, other = }, ... } }
function Source:schema() end

---The names of the columns, from the header alone where there is one; and, behind a message, what to write if the first lines of a
---file of separated values are no rows.
function Source:names() end

---Whether the first line of a file of separated values names its columns; nil of other files.
function Source:has_header() end

---Reads the table.
---@param o any { declared = { types =, missing_of = } of a recipe's columns: values that do not parse become missing and are listed, rows = at most so many }
---@return any # a Table, and the list of what was wrong: { row =, line =, column =, text =, wanted = }
function Source:table(o) end

---Reads the table piece by piece, for files that are larger than memory.
---@param rows any of a piece
---@param declared any { types =, missing_of = } of a recipe's columns: values that do not parse become missing; nil: what was asked for when the source was made
---@return any # an iterator of Tables
function Source:pieces(rows, declared) end

---Looks at all rows in one pass and bounded memory: types, missing and frequent values, quantiles, duplicates; correlations on a sample;
---with a target, what each column tells of it and which labels are doubtful. Prints itself; profile:save "page.html" writes a page.
---@param o any { target = a column, task = "classes" or "number": what the target is, found out if not given, id = a column that does not count when rows are compared, sample = 10000 rows, seed = 0, now = seconds since 1970: later dates lie in the future }
---@return any # a profile: :text(), :json(), :html(), :save(path), .findings = { { kind =, column =, rows =, text = }, ... }, .columns
function Source:profile(o) end

---The files and the SHA-256 of their bytes.
---@return any # a list of { path =, sha256 = }
function Source:files() end

---What the run's record says of the source.
function Source:describe() end

---The profile as text: what is remarkable first, then the columns.
---@param o any { width = the terminal's, utf8 = by the locale }
---@return any # a string
function Profile:text(o) end

---The profile as JSON, with all that its page shows.
---@return any # a string
function Profile:json() end

---The profile as one page of HTML: plots in it, nothing besides it is needed, no scripts.
---@return any # a string
function Profile:html() end

---Writes the profile into a file, by the end of its name: .html or .json.
---@param path any where to
---@return any # the profile
function Profile:save(path) end

---Brings numbers to mean 0 and deviation 1 of the training part.
---@param o any { columns = names; all numbers if not given }
---@return any # a spec for a recipe's features
function features.standardize(o) end

---Brings the smallest number of the training part to the lower end of a range and the largest to the upper one; scikit-learn's
---MinMaxScaler. A column of one value becomes the lower end.
---@param o any { range = {0, 1} (scikit-learn's feature_range), clip = false: other rows may lie outside of the range, true: not, columns = names; all numbers if not given }
---@return any # a spec for a recipe's features
function features.min_max(o) end

---Takes off the median and divides by the distance of two quantiles, on which outliers have no weight; scikit-learn's RobustScaler.
---@param o any { quantile_range = {25, 75} in percent, columns = names; all numbers if not given }
---@return any # a spec for a recipe's features
function features.robust(o) end

---Maps each number to the share of the training part that lies below it, or to the number of the normal distribution below which
---that share lies; scikit-learn's QuantileTransformer, which looks at 10,000 rows drawn by chance where there are more: this one
---looks at all. A column of one value becomes 0 (uniform) or the lower end, -5.2 (normal).
---@param o any { output = "uniform" or "normal" (scikit-learn's output_distribution), n_quantiles = 1000: at most as many as rows, columns = names; all numbers if not given }
---@return any # a spec for a recipe's features
function features.quantile(o) end

---The power transform of greatest likelihood, then mean 0 and deviation 1; scikit-learn's PowerTransformer, with its words yeo-johnson
---and box-cox written with "_". Lambda is found by Brent's method on the training part.
---@param o any { method = "yeo_johnson" or "box_cox" (numbers above 0 alone), standardize = true, columns = names; all numbers if not given }
---@return any # a spec for a recipe's features
function features.power(o) end

---The natural logarithm of each number, or of 1 + the number. A row that has none when the model serves is an error.
---@param o any { method = "log1p" (numbers above -1) or "log" (above 0), columns = names; all numbers if not given }
---@return any # a spec for a recipe's features
function features.log(o) end

---Numbers beyond two fences become the fence. The fences are fitted to the training part: factor times the distance of the quartiles
---beyond them (Tukey's), or factor deviations (divided by n) from the mean.
---@param o any { method = "iqr" or "z_score", factor = 1.5 of iqr, 3 of z_score, columns = names; all numbers if not given }
---@return any # a spec for a recipe's features
function features.clip(o) end

---Numbers as the bin they fall into; scikit-learn's KBinsDiscretizer, but bins count from 1, and those that are narrower than 1e-8 are
---left out in every strategy. What is beyond the training part falls into the first or last bin.
---@param o any { n_bins = 5, strategy = "quantile" (bins of as many rows, quantiles between neighbours in proportion), "uniform" (of one width) or "kmeans" (around centers), encode = "one_hot": a field for each bin, age[18..65), or "ordinal": the number of the bin, columns = names; all numbers if not given }
---@return any # a spec for a recipe's features
function features.binning(o) end

---Adds the products of the numbers with each other and themselves, behind the last of them: age^2, age*fare. In the order of
---scikit-learn's PolynomialFeatures, without its bias.
---@param o any { degree = 2, interaction_only = false: true leaves out powers, columns = names; all numbers if not given }
---@return any # a spec for a recipe's features
function features.polynomial(o) end

---Columns computed from others, row by row, in their place: what a function gives is recorded and kept with the model. Columns of
---features.one_hot and its kin, which have several fields, cannot be named.
---@param o any { columns = names, function(c) that gives { name = column, ... } of c.name, ..., keep = false: true leaves the columns where they are, and the new ones follow them }
---@return any # a spec for a recipe's features
function features.map(o) end

---Two coordinates as r, the distance from a center, and angle, within -pi..pi from the first axis; features.map with the formulas
---written out.
---@param o any { columns = {"x", "y"}, center = {0, 0}, twist = 0: turns a unit of r that are taken off the angle, which straightens a spiral, cyclic = false: true gives angle_cos and angle_sin, which do not jump where the angle goes round; a twist needs it, keep = false: true leaves the coordinates where they are }
---@return any # a spec for a recipe's features
function features.polar(o) end

---What a column was in rows before, in the row's own series: sales.lag_7 is what sales was 7 rows ago, pandas' shift(7) of each group. The
---target may be looked back at. It stands before all other features; a part may look back at the parts before it, but no row at one of a
---later part: cut by data.time. `moonlab predict` knows the last rows of each series and goes on from there.
---@param o any { columns = names (needed), lags = {1, 7} (needed): rows back, group = the column that says which series a row is of (data.group, or all are one), order = the column of the time (data.time, or the order of the rows), missing = "drop": rows without enough past are left out, or what data.number's missing may say, such as "median" or 0 }
---@return any # a spec for a recipe's features
function features.lags(o) end

---Statistics of the rows before, in the row's own series: sales.mean_7 is the mean of sales over the 7 rows before it, pandas'
---shift(1).rolling(7).mean() of each group; the row itself does not count. A window with a missing value is missing. For the rest as
---features.lags.
---@param o any { columns = names (needed), window = rows (needed), statistics = {"mean"}, also "std", "min", "max", "sum", lag = 1: the window ends so many rows before, group =, order =, missing = "drop" as of features.lags }
---@return any # a spec for a recipe's features
function features.rolling(o) end

---Fields of the calendar for times, in UTC: date.year, date.month, date.weekday (1 is Monday) and so on.
---@param o any { fields = {"year", "month", "day", "weekday"}, with "hour" where the training part has times of day; also "day_of_year", "minute", "second", cyclic = false: true gives sine and cosine (date.month_sin, date.month_cos) of all but the year, since = a date as "2020-01-31": date.days, the days from then on, columns = names; all times if not given }
---@return any # a spec for a recipe's features
function features.dates(o) end

---A field of 0 and 1 for each category of a column. A category that the training part did not have is 0 in all of them.
---@param o any { columns = names; all categories if not given, drop_first = false: the first category has no field }
---@return any # a spec for a recipe's features
function features.one_hot(o) end

---The place of each category in an order, from 1; one that the training part did not have, or a missing one, is 0. scikit-learn's
---OrdinalEncoder counts from 0 and refuses unknown ones unless told otherwise.
---@param o any { order = lists of words by column: { size = {"small", "medium", "large"} }; that of data.category, or of the bytes, if not given, columns = names; all categories if not given }
---@return any # a spec for a recipe's features
function features.ordinal(o) end

---The mean of the target in each category, drawn towards the mean of all where rows are few; scikit-learn's TargetEncoder. A field
---(plan_target) for a regression or a binary task, one a class for more (plan_target=gold). The model learns from values that the rows
---of other folds gave, so that no row sees its own target; other rows get the encoding of the whole training part. A category that
---it did not have, or a missing one, gets the mean of all. The folds are drawn from the recipe's seed and deal each class evenly.
---@param o any { smooth = "auto" (by the variances within the category and of all) or a number of rows that the mean of all counts as, cv = 5: folds, columns = names; all categories if not given }
---@return any # a spec for a recipe's features
function features.target_encode(o) end

---A fixed number of fields for any number of categories or words: a hash says which field, and whether 1 is added or taken off.
---Nothing is fitted, and no category is unknown. As scikit-learn's FeatureHasher, with a hash of its own (FNV-1a, mixed).
---@param o any { n = 16: fields a column (scikit-learn's n_features), tokens = "value" (the whole) or "words" (in lower case, without punctuation), alternate_sign = true, columns = names; all categories and texts if not given }
---@return any # a spec for a recipe's features
function features.hashing(o) end

---The directions in which numbers vary most: pca1, pca2, ... in the place of the columns. scikit-learn's PCA, with its rule for signs;
---columns of different units want features.standardize before. solver = "full" is the SVD in float64; "covariance", for many rows, has the
---eigenvectors of the columns' covariance, whose products are float32 where the columns are, so that components with less than about 1e-6 (of
---float64: 1e-14) of the largest variance are noise; "randomized" (Halko et al. 2011, drawn from the recipe's seed) is for few components of
---many columns; "auto" takes "covariance" for a million numbers and more of up to 1000 columns with ten times as many rows, "randomized"
---where rows and columns are more than 500 both, else "full".
---@param o any { n = all: a number of components, or a share of the variance below 1 that they exceed, whiten = false: true gives each deviation 1, solver = "auto", "full", "covariance" or "randomized", columns = names; all numbers if not given }
---@return any # a spec for a recipe's features; features.pca(8) is features.pca { n = 8 }
function features.pca(o) end

---As features.pca, but without taking off the mean, so that what is mostly 0 (features.hashing, features.one_hot) stays so:
---scikit-learn's TruncatedSVD. Its fields are svd1, svd2, ...
---@param o any { n = 2: components, solver = "auto", "full" or "randomized", columns = names; all numbers if not given }
---@return any # a spec for a recipe's features; features.svd(8) is features.svd { n = 8 }
function features.svd(o) end

---How far a row is from the centers of clusters, kmeans1, kmeans2, ... in the place of the columns: what ml.kmeans finds in the training part,
---drawn from the recipe's seed. Columns of different units want features.standardize before.
---@param o any { n = 8: clusters, n_init = 1: the best of so many beginnings, columns = names; all numbers if not given }
---@return any # a spec for a recipe's features; features.kmeans(5) is features.kmeans { n = 5 }
function features.kmeans(o) end

---Keeps the fields whose variance (divided by n) in the training part is above a threshold; with 0, all that are not constant.
---scikit-learn's VarianceThreshold.
---@param o any { threshold = 0, columns = names; all numbers if not given }
---@return any # a spec for a recipe's features
function features.select_variance(o) end

---Keeps the k fields with the most mutual information with the target, each looked at by itself; scikit-learn's SelectKBest with
---mutual_info_classif or mutual_info_regression. Estimated from the distances to nearest neighbours (Kraskov et al. 2004 of two
---numbers, Ross 2014 of a number and a class), from counts for a field of 0 and 1. Equal values are told apart by noise of size 1e-10
---from the recipe's seed, so that tables with many of them differ from scikit-learn's by what that noise does.
---@param o any { k = 10: fields that stay, n_neighbors = 3, columns = names; all numbers if not given }
---@return any # a spec for a recipe's features
function features.select_mutual_information(o) end

---Keeps the fields that have a coefficient in a lasso on standardized numbers: scikit-learn's SelectFromModel(Lasso(alpha)) behind a
---StandardScaler. For a class the model is fitted to 0 and 1, for several classes once for each.
---@param o any { alpha = 0.01: the larger, the fewer stay; in units of the target, columns = names; all numbers if not given }
---@return any # a spec for a recipe's features
function features.select_lasso(o) end

---Texts as the numbers of their words: x is int64 [n, length], cut or filled up with 0. 1 stands for a word that is not known; the
---known ones, from 2 on, are those of the training part, the commonest first. Such a tensor is all of x: nn.Embedding takes it.
---@param o any { length = 64: words of a row, min_count = 1: a rarer word is not known, max_words = at most so many are known, lower = true: capital letters become small, split = "words": runs of letters, digits and "_" (and of all that is not ASCII), "blanks": what stands between blanks, or "characters", columns = names; all texts if not given }
---@return any # a spec for a recipe's features
function features.tokens(o) end

---Texts as ids of pieces of words (byte-pair encoding): x is int64 [n, length], cut or filled up with 0. Pairs of neighbours that are common
---in the training part became one id, so that common words have one and rare ones are spelled; what was never seen has the ids of its
---bytes, and no text is lost. Words keep the blank before them; pairs do not reach over words. Such a tensor is all of x:
---nn.Embedding(vocabulary) takes it.
---@param o any { vocabulary = 4096: ids in all, 256 of them of the bytes, length = 64: ids of a row, min_count = 2: a rarer pair stays two, lower = false (true: capital letters become small), columns = names; all texts if not given }
---@return any # a spec for a recipe's features
function features.bpe(o) end

---What features.bpe does, by hand: byte pairs of a list of texts, with ids for any text and the text of ids.
---@param texts any a list of strings, or a column of texts; or { merges = what features.bpe keeps with a model }
---@param o any { vocabulary = 4096, min_count = 2, lower = false as of features.bpe }
---@return any # byte pairs: :encode(text) -> int64 tensor, :decode(ids) -> text, #pairs ids in all, .merges, .texts = what each id stands for
function features.byte_pairs(texts, o) end

---How often the words of the training part, or groups of them, are there in a text: scikit-learn's CountVectorizer. Kept as
---what is there (12 bytes a word and row) for ml.logistic, ml.naive_bayes and ml.poisson; other models take 8 bytes a field and row.
---@param o any { ngram = {1, 2}: words and pairs of words; {1, 1} if not given, max_features = 1000: the commonest, min_count = 1: in so many texts of the training part at least, binary = false (true: 1 where a word is there), lower = true, split = "words", "blanks" or "characters" as of features.tokens, least = 2: characters of a word, columns = names; all texts if not given }
---@return any # a spec for a recipe's features
function features.ngrams(o) end

---Words of a text, or groups of them, each weighed by how few texts of the training part have it: scikit-learn's TfidfVectorizer with
---smooth_idf. Other than there, all letters that are not ASCII count as letters. Kept as features.ngrams keeps its counts.
---@param o any { ngram = {1, 2}: words and pairs of words; {1, 1} if not given, max_features = 1000: the commonest, min_count = 1: in so many texts of the training part at least, sublinear = false (true: 1 + log(count)), norm = "l2" (rows of length 1) or "none", lower = true, split = "words", "blanks" or "characters" as of features.tokens, least = 2: characters of a word, columns = names }
---@return any # a spec for a recipe's features
function features.tfidf(o) end

---Sequences of letters, as DNA, as a tensor that is all of x. Blanks around them are left out. One-hot: float32 [n, letters, length],
---as nn.Conv1d takes it; a letter that stands for several has its share in each (N in DNA is 0.25 in all four), another one is 0.
---As ids: int64 [n, length] from 1 in the alphabet's order, one more for any other letter, 0 behind the end.
---@param o any { alphabet = "ACGT", as = "one_hot" or "ids", length = of the longest in the training part if not given; longer ones are cut, ambiguous = { N = "ACGT", ... }: the IUPAC's letters if the alphabet is ACGT, upper = true: small letters are as capitals, columns = names; all texts if not given }
---@return any # a spec for a recipe's features
function features.letters(o) end

---How strong each frequency of a sequence is: the magnitudes of the real Fourier transform, length // 2 + 1 of them, frequency k having k
---waves in the sequence. Columns of numbers are one sequence, in the table's order, and become fft.0, fft.1, ... in their place; of a
---tensor (a sound) it is the last dimension: [n, length] becomes [n, length // 2 + 1].
---@param o any { output = "magnitude", "power" (its square) or "log" (the natural logarithm of the power), floor = 1e-6: a smaller power counts as this in "log", window = "none", "hann" or "hamming", norm = "backward", "ortho" or "forward" as of ml.fft.rfft, columns = names; all numbers and tensors if not given }
---@return any # a spec for a recipe's features
function features.fft(o) end

---How strong each frequency of a sound is over time: [samples] -> [1, size // 2 + 1, frames], the magnitudes of ml.stft. features.mel gathers
---them into bands.
---@param o any { size = 256: samples of a frame, hop = size // 4, window = "hann", "hamming" or "none", center = true: frames are centred on every hop-th sample, the ends mirrored, output = "magnitude", "power" or "log" (the natural logarithm of the power), floor = 1e-6: a smaller power counts as this in "log", standardize = true: each frequency has mean 0 and deviation 1 in the training part, columns = names }
---@return any # a spec for a recipe's features
function features.stft(o) end

---The natural logarithm of the power of a sound in bands that are equally wide in mel, over time: [samples] -> [1, bands, frames]. Frames
---under a Hann window are centred on every hop-th sample, the ends mirrored, as torchaudio's MelSpectrogram and librosa's melspectrogram.
---@param o any { rate = samples a second (needed), bands = 40, n_fft = 512: samples of a frame, hop = n_fft // 2, low = 0, high = rate / 2 in Hz, scale = "htk" (triangles of height 1, torchaudio's default) or "slaney" (of area 1, librosa's), floor = 1e-6: a smaller power counts as this, standardize = true: each band has mean 0 and deviation 1 in the training part, columns = names }
---@return any # a spec for a recipe's features
function features.mel(o) end

---The first coefficients of the cosine transform (type II, orthonormal) of the logarithm of the mel spectrum, over time: [samples] ->
---[1, count, frames]. As torchaudio's MFCC with log_mels = true: the natural logarithm of the power + 1e-6.
---@param o any { rate = samples a second (needed), count = 13, offset = 1e-6, and bands = 40, n_fft = 512, hop, low, high, scale, standardize as of features.mel, columns = names }
---@return any # a spec for a recipe's features
function features.mfcc(o) end

---Cuts a fraction of n rows off by chance.
---@param n any how many rows there are
---@param fraction any the part that is cut off, from 0 to below 1
---@param key any an integer, a key of core.random_key; the seed's own if not given
---@return any # two int64 tensors of positions, ascending: what stays, what is cut off
function split.random(n, fraction, key) end

---The same, with the classes in the same proportions in both parts.
---@param labels any int64 tensor [N] of classes from 1
---@param fraction any the part that is cut off
---@param key any an integer; the seed's own if not given
---@return any # two int64 tensors of positions, ascending: what stays, what is cut off
function split.stratified(labels, fraction, key) end

---Cuts about a fraction of the rows off by chance, and no group in two. With labels, the classes have the same proportions in
---both parts as far as the groups allow it.
---@param groups any one value a row: a tensor or a list of numbers or texts
---@param fraction any the part that is cut off, from 0 to below 1
---@param key any an integer; the seed's own if not given
---@param labels any one class a row, or nil
---@return any # two int64 tensors of positions, ascending: what stays, what is cut off
function split.grouped(groups, fraction, key, labels) end

---Cuts about a fraction of the rows off: those of the latest times. Rows of one time stay together, so that none trains that
---is as late as one that is held out.
---@param times any one value a row: a tensor or a list of numbers, or texts that sort as times do (2024-01-31)
---@param fraction any the part that is cut off, from 0 to below 1
---@return any # two int64 tensors of positions, ascending: what stays, what is cut off
function split.by_time(times, fraction) end

---The parts that a column names.
---@param column any one value a row: a tensor or a list
---@param given any which values are which part: { test = 2024, valid = { 2022, 2023 } }; the rest trains, unless train is given too. Without it the values are the words train, valid and test
---@return any # { train = rows, valid = rows, test = rows }: int64 tensors, ascending; valid and test are nil where no row is in them
function split.by(column, given) end

---Cuts a data set into training, validation and test parts.
---The fractions are of the whole set, but for made rows behind real ones (see data.concat, data.jitter), which train alone. The test
---part is cut first: it does not depend on how much goes to validation.
---stratify, group, time and by take one value a row: a tensor, a list, or the name of a column of the set.
---@param set any a data set
---@param o any { valid = 0, test = 0: fractions, seed = , stratify = true (the set's labels) or values: the classes in the same proportions in each part, group = values: no group is in two parts; with stratify as far as the groups allow it, time = values: the latest rows are tested, those before them validate, rows of one time stay together, by = values that are train, valid or test, or { column = values, test = 2024, valid = {2022, 2023} } }
---@return any # { train =, valid =, test = }; a part of fraction 0 is nil
function split.parts(set, o) end

---K-fold cross-validation: k parts of nearly equal size, each tested once by what was trained on the others. Rows are shuffled
---(scikit-learn's KFold leaves them in order unless told), so that a file that is sorted by class is no trap.
---@param k any how many folds, from 2
---@param o any { stratify = false: true, or the name of a column: each class has in each fold its share, within one row, group = false: true, or the name of a column: no group is in two folds, which are as equal as groups allow; with stratify too, shuffle = true, seed = the program's, repeats = 1: so many rounds, each shuffled anew }
---@return any # a spec: spec:folds(set), spec:describe()
function split.kfold(k, o) end

---Rotates whole chunks: the rows are cut into n chunks of nearly equal size; chunks i, i + 1, ... test, the others train, for i = 1, 2, ...
---All n rotations test each row `test` times.
---@param o any { n = 10: chunks, test = 3: chunks that are tested at a time, rotations = n: how many, stratify = , group = , shuffle = true, seed = , as ml.kfold has them }
---@return any # a spec: spec:folds(set), spec:describe()
function split.chunks(o) end

---Leave one out: as many folds as rows, each tests one row. Its folds are made as they are read, by position, # and ipairs.
---@return any # a spec: spec:folds(set), spec:describe()
function split.leave_one_out(...) end

---Leave one group out: as many folds as groups, in the order of their values; fold.group is the one that is tested.
---@param o any { group = the name of a column; without it the groups are given to folds }
---@return any # a spec: spec:folds(set, { groups = ids }), spec:describe()
function split.leave_one_group_out(o) end

---Cross-validation in time: each fold tests a stretch by what came before it. Rows of one time stay together.
---@param k any how many folds
---@param o any { test = rows that a fold tests (n // (k + 1)), window = rows that train, the last ones before the gap (all of them), gap = 0: rows between the two that are left out, time = the name of a column; without it, and without folds(set, {times = }), the rows stand in the order of time }
---@return any # a spec: spec:folds(set), spec:describe()
function split.time_series_folds(k, o) end

---K-fold cross-validation: k parts of nearly equal size, each tested once by what was trained on the others. Rows are shuffled
---(scikit-learn's KFold leaves them in order unless told), so that a file that is sorted by class is no trap.
---@param k any how many folds, from 2
---@param o any { stratify = false: true, or the name of a column: each class has in each fold its share, within one row, group = false: true, or the name of a column: no group is in two folds, which are as equal as groups allow; with stratify too, shuffle = true, seed = the program's, repeats = 1: so many rounds, each shuffled anew }
---@return any # a spec: spec:folds(set), spec:describe()
function ml.kfold(k, o) end

---Rotates whole chunks: the rows are cut into n chunks of nearly equal size; chunks i, i + 1, ... test, the others train, for i = 1, 2, ...
---All n rotations test each row `test` times.
---@param o any { n = 10: chunks, test = 3: chunks that are tested at a time, rotations = n: how many, stratify = , group = , shuffle = true, seed = , as ml.kfold has them }
---@return any # a spec: spec:folds(set), spec:describe()
function ml.chunks(o) end

---Leave one out: as many folds as rows, each tests one row. Its folds are made as they are read, by position, # and ipairs.
---@return any # a spec: spec:folds(set), spec:describe()
function ml.leave_one_out(...) end

---Leave one group out: as many folds as groups, in the order of their values; fold.group is the one that is tested.
---@param o any { group = the name of a column; without it the groups are given to folds }
---@return any # a spec: spec:folds(set, { groups = ids }), spec:describe()
function ml.leave_one_group_out(o) end

---Cross-validation in time: each fold tests a stretch by what came before it. Rows of one time stay together.
---@param k any how many folds
---@param o any { test = rows that a fold tests (n // (k + 1)), window = rows that train, the last ones before the gap (all of them), gap = 0: rows between the two that are left out, time = the name of a column; without it, and without folds(set, {times = }), the rows stand in the order of time }
---@return any # a spec: spec:folds(set), spec:describe()
function ml.time_series_folds(k, o) end

---The folds of a data set. Positions are ascending int64 tensors, which set:part takes. Made rows behind real ones (data.concat, data.jitter)
---are in no fold's test rows.
---@param data any a data set, or the number of its rows
---@param o any { labels = , groups = , times = : one value a row, a tensor, a list or a column's name, where the spec asks for them and the data set does not have them, seed = of the recipe, for a spec without its own }
---@return any # a list of { train = rows, test = rows }; of leave_one_out it is made as it is read, so that n folds take no n x n rows
function Folds:folds(data, o) end

---What the spec says, as a plain table that can be written down.
function Folds:describe() end

---The singular values of a matrix (or of each of a batch), in descending order. They have a gradient wherever they are.
---@param x any tensor [..., M, N]
---@return any # tensor [..., min(M, N)]
function linalg.svdvals(x) end

---The eigenvalues of a symmetric matrix (or of each of a batch), ascending.
---@param x any tensor [..., N, N]
---@return any # tensor [..., N]
function linalg.eigvalsh(x) end

---How many singular values are larger than rtol times the largest.
---@param x any tensor [..., M, N]
---@param o any { rtol = the longer side times the type's epsilon }
---@return any # int64 tensor [...]
function linalg.matrix_rank(x, o) end

---The ratio of the largest singular value to the smallest; infinite for a singular matrix.
---@param x any tensor [..., M, N]
---@return any # tensor [...]
function linalg.cond(x) end

---The norm of a matrix (or of each of a batch). The norm of a vector is ml.norm.
---@param x any tensor [..., M, N]
---@param ord any "fro" (root of the sum of squares), "nuc" (sum of the singular values), 2 and -2 (the largest and the smallest of them), 1 and -1 (largest and smallest sum of a column's absolute values), math.huge and -math.huge (of a row's)
---@return any # tensor [...]
function linalg.matrix_norm(x, ord) end

---The transform of the last two dimensions of complex numbers.
---@param x any tensor [..., M, N, 2]
---@param o any { norm = "backward" }
---@return any # tensor [..., M, N, 2]
function fft.fft2(x, o) end

---The inverse transform of the last two dimensions of complex numbers.
---@param x any tensor [..., M, N, 2]
---@param o any { norm = "backward" }
---@return any # tensor [..., M, N, 2]
function fft.ifft2(x, o) end

---The frequencies of the n numbers that fft gives: 0, 1, ..., then the negative ones, over n d.
---@param n any how many
---@param o any { d = 1.0, the time between two samples; dtype = "float32" }
---@return any # tensor [n]
function fft.fftfreq(n, o) end

---The frequencies of the n/2 + 1 numbers that rfft gives.
---@param n any the points of the transform
---@param o any { d = 1.0, the time between two samples; dtype = "float32" }
---@return any # tensor [n // 2 + 1]
function fft.rfftfreq(n, o) end

---Turns a dimension so that frequency 0 stands in its middle, as fftfreq's order has it at the start.
---@param x any a tensor
---@param dim any the dimension; of complex numbers count that of the pairs too
---@return any # tensor of x's shape
function fft.fftshift(x, dim) end

---Undoes fftshift.
---@param x any a tensor
---@param dim any the dimension
---@return any # tensor of x's shape
function fft.ifftshift(x, dim) end

---A sparse matrix of its entries, in any order; those of one place are added up.
---@param rows any a list or int64 tensor: the row of each entry, from 1
---@param columns any the column of each
---@param values any the numbers, or nil: all 1
---@param size any { rows, columns }
---@return any # a sparse matrix: x.shape, #x, x:size(d), x:entries() (how many), x:values(), x:columns() (of the entries, row by row), x:dense(dtype) (a tensor), x:index_select(1, rows), x:slice(1, first, last), x:product(w) = x w^T of w [outputs, columns], x:scaled(by_row or nil, by_column or nil), x:with_values(v), x:sum_groups(groups or nil, how many, weight or nil)
function sparse.entries(rows, columns, values, size) end

---Whether a value is a sparse matrix.
---@param value any anything
function sparse.is(value) end

---Matrices side by side, as a sparse one.
---@param parts any a list of sparse matrices and tensors [rows, columns] with as many rows
---@return any # a sparse matrix
function sparse.join(parts) end

---A tensor's entries that are not 0.
---@param x any a tensor [rows, columns]
---@return any # a sparse matrix
function sparse.of(x) end

---A matrix as a tensor, whether it is sparse or one already.
---@param x any a tensor or a sparse matrix
---@param dtype any of the tensor, where it was sparse: "float64" if not given
function sparse.dense(x, dtype) end

---The sums of each row's values squared, float64 [rows].
---@param x any a sparse matrix
function sparse.squares(x) end

---The Hann window: half a cosine wave, raised to 0 at its ends.
---@param n any its length
---@param o any { periodic = true, one period of a window that repeats; false: symmetric; dtype = "float32" }
---@return any # tensor [n]
function ml.hann_window(n, o) end

---The Hamming window: as Hann's, raised to 0.08 at its ends.
---@param n any its length
---@param o any { periodic = true, dtype = "float32" }
---@return any # tensor [n]
function ml.hamming_window(n, o) end

---The short-time Fourier transform: the spectrum of each frame of `size` samples, `hop` apart.
---@param x any tensor [N] or [B, N] of real samples
---@param size any samples a frame
---@param o any { hop = size // 4, window = tensor [size], center = true (x is mirrored at its ends, so that frame t has sample t * hop in its middle), normalized = false (true: divided by the root of size) }
---@return any # tensor [size // 2 + 1, frames, 2], or the same with the batch in front
function ml.stft(x, size, o) end

---The inverse of stft: the signal whose frames have these spectra, by least squares (Griffin and Lim 1984).
---@param x any tensor [size // 2 + 1, frames, 2], or with a batch in front
---@param size any samples a frame
---@param o any { hop =, window =, center =, normalized = } as stft was given, length = samples of the signal }
---@return any # tensor [N] or [B, N]
function ml.istft(x, size, o) end

---Linear regression by least squares: weight and bias with the smallest sum of squared errors, by orthogonal factorisation in float64.
---Columns that depend on others are no error: of all solutions the one with the smallest weights is given, and model.fitted.notes says so.
---@param o any { fit_intercept = true }
---@return any # a model: model:fit(x, y), model:predict(x), model.weight, model.bias, model:summary()
function ml.linear(o) end

---Ridge regression: the smallest sum of squared errors plus alpha times that of the weights; the intercept is not penalised. As
---scikit-learn's Ridge.
---@param o any { alpha = 1: the penalty, fit_intercept = true }
---@return any # a model: model:fit(x, y), model:predict(x), model.weight, model.bias; model:path(x, y, alphas)
function ml.ridge(o) end

---Lasso: mean squared error / 2 plus alpha times the sum of the weights' sizes, which leaves many weights 0. As scikit-learn's Lasso, by
---coordinate descent to a smaller gap.
---@param o any { alpha = 1: the penalty, fit_intercept = true, tol = 1e-6: of the duality gap, against the mean square of y; max_iter = 10000: rounds over the columns }
---@return any # a model: model:fit(x, y), model.weight, model.bias, model.fitted.gap; model:path(x, y) as that of ml.elastic_net
function ml.lasso(o) end

---Elastic net: mean squared error / 2 plus alpha times (l1_ratio times the sum of the weights' sizes plus (1 - l1_ratio) / 2 times that of
---their squares); the intercept is not penalised. As scikit-learn's ElasticNet, by coordinate descent to a smaller gap.
---@param o any { alpha = 1: the penalty, l1_ratio = 0.5: the part of it that makes weights 0 (1 is the lasso), fit_intercept = true, tol = 1e-6: of the duality gap, against the mean square of y; max_iter = 10000: rounds over the columns }
---@return any # a model: model:fit(x, y), model.weight, model.bias, model.fitted.gap; model:path(x, y)
function ml.elastic_net(o) end

---Logistic regression: of two classes the logarithm of their odds is linear, of several their scores. As scikit-learn's, with its objective:
---C times the sum of the losses, plus the penalty of the weights (not of the intercept).
---@param o any { penalty = "l2", "l1" (leaves many weights 0), "elasticnet" (l1_ratio = 0.5 of it the one, the rest the other) or "none"; C = 1: the larger, the smaller the penalty; fit_intercept = true, class_weight = a list of numbers, one a class, or "balanced"; max_iter = 1000, tol = 1e-11: of the gradient of the mean loss, where the solver goes by gradients (of large float32 x 1e-8 at least) }
---@return any # a model: model:fit(x, y), model:predict(x), model:predict_proba(x), model.weight, model.bias, model:summary()
function ml.logistic(o) end

---Poisson regression: counts whose mean has a linear logarithm. As scikit-learn's PoissonRegressor: the mean of half the deviance plus alpha / 2
---times the squares of the weights (not of the intercept).
---@param o any { alpha = 1: the penalty, fit_intercept = true, max_iter = 100 }
---@return any # a model: model:fit(x, y), model:predict(x): the expected counts, model.weight, model.bias, model:summary()
function ml.poisson(o) end

---Quantile regression: the line below which a part of the rows lies (Koenker & Bassett 1978), with the smallest mean quantile loss plus alpha
---times the sum of the weights' sizes. As scikit-learn's QuantileRegressor, but alpha is 0 unless given. By an interior point method
---(Portnoy & Koenker 1997), then exactly through as many rows as there are coefficients.
---@param o any { quantile = 0.5: between 0 and 1, alpha = 0: the penalty, fit_intercept = true, max_iter = 100 }
---@return any # a model: model:fit(x, y), model:predict(x), model.weight, model.bias
function ml.quantile_regression(o) end

---Nearest neighbours: what the most similar training rows say. As scikit-learn's KNeighborsClassifier and KNeighborsRegressor; all rows are
---looked at, and of rows that are equally far the earlier one counts as nearer.
---
---Classes (int64) are voted for, numbers are averaged: which of them y is, decides. Columns want one scale: features.standardize() before.
---@param o any { n_neighbors = 5, weights = "uniform", or "distance": a neighbour counts by 1 / its distance; p = 2: Euclid's distance, 1: the sum of differences }
---@return any # a model: model:fit(x, y), model:predict(x), model:predict_proba(x), model:neighbours(x, k)
function ml.knn(o) end

---Naive Bayes: each column speaks for itself, given the class. As scikit-learn's GaussianNB, MultinomialNB and BernoulliNB.
---@param o any { kind = "gaussian": numbers; "multinomial": counts of words and the like; "bernoulli": whether numbers are above binarize = 0; alpha = 1: added to each count; var_smoothing = 1e-9: this share of the largest variance is added to all; fit_prior = true: classes are as frequent as in the training rows; false: all alike }
---@return any # a model: model:fit(x, y), model:predict(x), model:predict_proba(x)
function ml.naive_bayes(o) end

---k-means: rows in as many clusters as one likes, each around the mean of its rows. As scikit-learn's KMeans (Lloyd's iterations).
---@param o any { n_clusters = 8, init = "k-means++", or a tensor [clusters, columns] of centres to begin with; n_init = 1: the best of so many beginnings; max_iter = 300, tol = 1e-4: of the way of the centres, against the variance; seed = that of ml.manual_seed }
---@return any # a model: model:fit(x) gives model.centers [clusters, columns], model.fitted.labels, model.fitted.inertia; model(x) the distances to the centers [rows, clusters]; model:predict(x) the clusters of rows, from 1
function ml.kmeans(o) end

---Baselines: models that look at no column, or only at the last values of a series. What is not better than they are has learnt nothing.
---@param o any { strategy = "majority": the most frequent class, with the shares of the classes as probabilities (the default for classes); "mean" (the default for numbers) or "median"; of windows of a series (data.windows) "last": the last value goes on, or "seasonal": the last `season` values come again; season = how many rows }
---@return any # a model: model:fit(x, y) or model:fit(set), model:predict(x)
function ml.baseline(o) end

---Fits the model: from the beginning, whatever it was fitted to before.
---@param x any a tensor [rows, columns] of floating point (more dimensions are laid flat), a sparse matrix (ml.sparse), or a data set
---@param y any numbers [rows], or classes [rows] from 1 (int64); nothing for a data set
---@param how any { weight = one number from 0 on for each row, classes = how many there are, if not all occur, names = of the columns }
---@return any # the model, built, with model.fitted = { iterations =, converged =, gap =, rank =, seconds =, notes = a list of plain words }
function Module:fit(x, y, how) end

---The answer for each row.
---@param x any a tensor [rows, columns]
---@return any # numbers [rows] (float64), or classes [rows] from 1 (int64)
function Module:predict(x) end

---The probability of each class.
---@param x any a tensor [rows, columns]
---@return any # a tensor [rows, classes] of float64; the rows add up to 1
function Module:predict_proba(x) end

---The options that the model was made with, as plain values.
---@return any # a table with name = "ml.ridge" and the options
function Module:describe() end

---The names of the metrics that can be asked for.
metrics.names = {}

---Runs a model over a data set, in batches, without a graph and in evaluation mode; its mode is restored.
---@param model any a module
---@param set any a data set
---@param options any { loss = function(output, batch) -> tensor, the mean over the batch, and what it is over, if not the rows; batch = 256; classes = how many, or false where y are not what is asked for; pixels = true where y are masks of classes; values = true where y are numbers that are asked for; mean = function(output) -> those numbers, where outputs stand for them by a link; labels = true where y are 0 and 1 for each label; pictures = true where the matrix of each mask is wanted as well; workers = of batches; each = function() }
---@return any # { rows =, loss = mean over rows (or over what counts in them: batch.over), output = float64, all rows; y = int64 classes or float64 numbers, or labels = int64 0 and 1; matrix =, classes = how many, pictures = the matrix of each mask }: what metrics.of and ml.assess take; all but rows and loss only where y are what is asked for
function metrics.evaluate(model, set, options) end

---What a model gave, as a loss takes it: its tensor, or the list of its tensors where there are several.
function metrics.output(first, ...) end

---What a model gives for a batch, as a loss takes it. Where rows have lengths, a model whose class says takes_lengths is called as
---model(x, {lengths = ...}).
function metrics.forward(model, batch) end

---A metric by name of what evaluate gave.
---@param name any a name, or { name =, options }
---@param result any what evaluate gave
---@return any # a number, or nil and why it is undefined
function metrics.of(name, result) end

---The function(result) of a metric, for many results.
---@param name any a name, or { name =, options }
function metrics.reader(name) end

---Whether a name is that of a metric.
function metrics.is(name) end

---The name of a metric with its options in it, by which it is asked for and reported.
---@param given any a name, or a table { name =, and options of the metric }
---@return any # a string: "f_beta(beta=2)"
function metrics.name(given) end

---Whether a larger value of a metric is the better one.
function metrics.larger_is_better(name) end

---What a metric looks at: "classes", "probabilities" and "scores" of classes, "label_scores" of any number of labels, "values" of numbers, "loss".
function metrics.looks_at(name) end

---The part of the rows whose labels were all found, and no other.
---@param o any { weight = one a row }
function metrics.subset_accuracy(predicted, actual, o) end

---The part of all labels of all rows that is wrong, there or not there.
---@param o any { weight = one a row }
function metrics.hamming_loss(predicted, actual, o) end

---The mean over the rows of the part of their predicted labels that they have.
---@param o any { empty = what a row without predicted labels counts, weight = one a row }
---@return any # a number from 0 to 1; nil and why where a row has no predicted label and `empty` is not given
function metrics.precision_samples(predicted, actual, o) end

---The mean over the rows of the part of their labels that was found.
---@param o any { empty = what a row without labels counts, weight = one a row }
---@return any # a number from 0 to 1; nil and why where a row has no label and `empty` is not given
function metrics.recall_samples(predicted, actual, o) end

---The mean over the rows of the F1 of their labels.
---@param o any { empty = what a row with neither labels nor predicted ones counts, weight = one a row }
---@return any # a number from 0 to 1; nil and why where there is such a row and `empty` is not given
function metrics.f1_samples(predicted, actual, o) end

---The mean over the rows of the labels that both sides have by those that either has (Jaccard 1901).
---@param o any { empty = what a row with neither labels nor predicted ones counts, weight = one a row }
---@return any # a number from 0 to 1; nil and why where there is such a row and `empty` is not given
function metrics.jaccard_samples(predicted, actual, o) end

---The mean over the rows, and the labels that they have, of the part of the labels with an equal or higher score that they have as well
---(label ranking average precision, Tsoumakas et al. 2010).
---@param o any { empty = what a row without labels counts, weight = one a row }
---@return any # a number up to 1; nil and why where a row has no label and `empty` is not given
function metrics.label_ranking(predicted, actual, o) end

---How many labels, from the highest score on, must be taken to have all that a row has, in the mean over the rows.
---@param o any { weight = one a row }
function metrics.coverage(predicted, actual, o) end

---Counts how often each class was taken for which.
---@param predicted any classes, tensor [N] or list
---@param actual any classes, tensor [N] or list
---@param classes any how many there are; the largest that occurs if not given; or { classes =, weight = one a row }
---@return any # rows of counts: matrix[actual][predicted]
function metrics.confusion(predicted, actual, classes) end

---The part of the rows whose class was found.
---@param o any { weight = one a row; of a model: batch = rows at once, pixels = whether y are masks }
---@return any # a number from 0 to 1; nil and why where there are no rows
function metrics.accuracy(predicted, actual, o) end

---The mean of the recalls of the classes that have rows.
---@param o any { weight = one a row }
function metrics.balanced_accuracy(predicted, actual, o) end

---Matthews' correlation coefficient (1975), of any number of classes (Gorodkin 2004): 1 all right, 0 as by chance, -1 all wrong.
---@param o any { weight = one a row }
---@return any # a number from -1 to 1; nil and why where there is one class alone on either side
function metrics.mcc(predicted, actual, o) end

---Cohen's kappa (1960): agreement beyond that of chance; with weights = "linear" or "quadratic" errors count by how far apart the
---classes are (1968).
---@param o any { weights = "none", weight = one a row }
---@return any # a number up to 1; nil and why where both sides have one class alone
function metrics.kappa(predicted, actual, o) end

---Of the rows for which the class was answered, the part that are of it.
---@param o any { class = 2 of two, weight = one a row }
---@return any # a number from 0 to 1; nil and why where it was never predicted
function metrics.precision(predicted, actual, o) end

---Of the rows of the class, the part that was found (sensitivity, true positive rate).
---@param o any { class = 2 of two, weight = one a row }
---@return any # a number from 0 to 1; nil and why where no row is of it
function metrics.recall(predicted, actual, o) end

---The harmonic mean of precision and recall, 2 hits / (rows + predictions).
---@param o any { class = 2 of two, weight = one a row }
function metrics.f1(predicted, actual, o) end

---The weighted harmonic mean of precision and recall: recall counts beta times as much (van Rijsbergen 1979).
---@param o any { beta =, class = 2 of two, weight = one a row }
function metrics.f_beta(predicted, actual, o) end

---Of the rows that are not of the class, the part for which it was not answered (true negative rate).
---@param o any { class = 2 of two, weight = one a row }
function metrics.specificity(predicted, actual, o) end

---The rows that both have of the class, by those that either has (Jaccard 1901): how well a mask lies on another.
---@param o any { class = 2 of two, weight = one a row, pixels = whether y are masks }
function metrics.iou(predicted, actual, o) end

---Twice what both have of the class by what each has (Dice 1945); the F1 of pixels.
---@param o any { class = 2 of two, weight = one a row, pixels = whether y are masks }
function metrics.dice(predicted, actual, o) end

---The mean of the classes' iou.
---@param o any { weight = one a row, pixels = whether y are masks }
function metrics.mean_iou(predicted, actual, o) end

---The mean of the classes' dice.
---@param o any { weight = one a row, pixels = whether y are masks }
function metrics.mean_dice(predicted, actual, o) end

---The mean of the classes' precision; nil and the reason where a class was never predicted.
---@param o any { weight = one a row }
function metrics.precision_macro(predicted, actual, o) end

---The mean of the classes' recall; nil and the reason where a class was predicted that has no rows.
---@param o any { weight = one a row }
function metrics.recall_macro(predicted, actual, o) end

---The mean of the classes' F1, of those that occur on either side.
---@param o any { weight = one a row }
function metrics.f1_macro(predicted, actual, o) end

---The mean of the classes' f_beta.
---@param o any { beta =, weight = one a row }
function metrics.f_beta_macro(predicted, actual, o) end

---The mean of the classes' precision, weighed by their rows.
---@param o any { weight = one a row }
function metrics.precision_weighted(predicted, actual, o) end

---The mean of the classes' recall, weighed by their rows: the accuracy.
---@param o any { weight = one a row }
function metrics.recall_weighted(predicted, actual, o) end

---The mean of the classes' F1, weighed by their rows.
---@param o any { weight = one a row }
function metrics.f1_weighted(predicted, actual, o) end

---The mean of the classes' f_beta, weighed by their rows.
---@param o any { beta =, weight = one a row }
function metrics.f_beta_weighted(predicted, actual, o) end

---Precision of all classes' hits together; each row having one class, the accuracy.
---@param o any { weight = one a row }
function metrics.precision_micro(predicted, actual, o) end

---Recall of all classes' hits together; each row having one class, the accuracy.
---@param o any { weight = one a row }
function metrics.recall_micro(predicted, actual, o) end

---F1 of all classes' hits together; each row having one class, the accuracy.
---@param o any { weight = one a row }
function metrics.f1_micro(predicted, actual, o) end

---f_beta of all classes' hits together; each row having one class, the accuracy.
---@param o any { beta =, weight = one a row }
function metrics.f_beta_micro(predicted, actual, o) end

---Precision, recall, F1 and so on of each class.
---@param matrix any a confusion matrix
---@param o any { beta = also f_beta }
---@return any # a list of { precision =, recall =, f1 =, specificity =, iou =, f_beta =, support = rows }; what is undefined is nil
function metrics.by_class(matrix, o) end

---Precision, recall, F1 and so on of each label.
---@param result any what evaluate gave of labels
---@param o any { beta = also f_beta }
---@return any # a list of { precision =, recall =, f1 =, specificity =, iou =, f_beta =, support = rows }; what is undefined is nil
function metrics.by_label(result, o) end

---The score of always answering the commonest class, with the classes' frequencies as its probabilities: what any model has to beat.
---@param fitted_on any classes of the training part, which choose the answer
---@param assessed any classes of the part that is assessed
---@param classes any how many there are
---@return any # { class =, matrix =, rows =, y =, probabilities = }: a result as evaluate gives it, for metrics.of
function metrics.majority(fitted_on, assessed, classes) end

---The area under the ROC curve: the part of the pairs of a row of class 2 and a row of class 1 that stand in the right order by their
---scores; pairs of equal scores count half (Hanley and McNeil 1982).
---@param o any { class = 2 of two, weight = one a row }
---@return any # a number from 0 to 1; nil and why where all rows are of one class
function metrics.auc(predicted, actual, o) end

---The mean of the areas under the ROC curve of each class against the rest.
---@param o any { weight = one a row }
---@return any # a number from 0 to 1; nil and why where a class has no rows
function metrics.auc_ovr(predicted, actual, o) end

---Average precision: the sum over falling thresholds of (R_k - R_k-1) P_k, without interpolation.
---@param o any { class = 2 of two, weight = one a row }
---@return any # a number from 0 to 1; nil and why where no row is of the class
function metrics.average_precision(predicted, actual, o) end

---The mean of the average precision of each class against the rest, or of each label.
---@param o any { weight = one a row }
function metrics.average_precision_macro(predicted, actual, o) end

---The mean of the areas under the ROC curve of the labels, of which a row has any number.
---@param o any { weight = one a row }
---@return any # a number from 0 to 1; nil and why where no row, or each, has one of the labels
function metrics.auc_macro(predicted, actual, o) end

---The mean of the areas under the ROC curve of the labels, weighed by their rows.
---@param o any { weight = one a row }
function metrics.auc_weighted(predicted, actual, o) end

---The area under the ROC curve of all labels of all rows together.
---@param o any { weight = one a row }
function metrics.auc_micro(predicted, actual, o) end

---The mean of the average precision of the labels, weighed by their rows.
---@param o any { weight = one a row }
function metrics.average_precision_weighted(predicted, actual, o) end

---The average precision of all labels of all rows together.
---@param o any { weight = one a row }
function metrics.average_precision_micro(predicted, actual, o) end

---The ROC curve: for each distinct score as the threshold, from the highest, the rates of false and of true positives.
---@param o any { class = 2, weight = one a row }
---@return any # { threshold =, fpr =, tpr = tensors }; nil and why where all rows are of one class
function metrics.roc_curve(predicted, actual, o) end

---The precision-recall curve: for each distinct score as the threshold, from the highest, precision and recall.
---@param o any { class = 2, weight = one a row }
---@return any # { threshold =, precision =, recall = tensors }; nil and why where all rows are of one class
function metrics.precision_recall_curve(predicted, actual, o) end

---The mean negative logarithm of the probability of the class that came. Probabilities below 2.2e-16 count as that, as scikit-learn
---has it: the class that came may have had no rows to learn from. Of a model's scores it is computed from their logarithms.
---@param o any { weight = one a row }
function metrics.log_loss(predicted, actual, o) end

---The Brier score (1950): of two classes the mean square of the difference of the probability of class 2 and what came; of more, summed
---over the classes.
---@param o any { weight = one a row }
function metrics.brier(predicted, actual, o) end

---The part of the rows whose class is among the k most probable; of equal ones the later class counts as the more probable, as in
---scikit-learn.
---@param o any { k = 5, weight = one a row }
function metrics.top_k(predicted, actual, o) end

---The reliability table: rows by what probability was said, and how often it came. Of two classes it is that of class 2; of more, that
---of the class that is answered. Bins have equal widths, each with its upper end.
---@param o any { bins = 10, weight = one a row }
---@return any # a list of { low =, high =, rows =, predicted = mean probability, observed = part that came }, without empty bins
function metrics.reliability(predicted, actual, o) end

---The expected calibration error: the mean over the rows of the reliability table of |predicted - observed|, weighed by their rows
---(Naeini et al. 2015 for two classes, Guo et al. 2017 for more).
---@param o any { bins = 10, weight = one a row }
function metrics.calibration_error(predicted, actual, o) end

---The mean loss of the training, as evaluate was told it.
function metrics.loss(model, set) end

---exp of the mean loss, where that is the mean negative log likelihood of symbols (Jelinek et al. 1977).
function metrics.perplexity(model, set) end

---The mean squared error.
---@param o any { weight = one a row }
function metrics.mse(predicted, actual, o) end

---The root of the mean squared error.
---@param o any { weight = one a row }
function metrics.rmse(predicted, actual, o) end

---The mean absolute error.
---@param o any { weight = one a row }
function metrics.mae(predicted, actual, o) end

---The mean absolute error in parts of the target; 0.1 is ten percent.
---@param o any { weight = one a row }
---@return any # a number; nil and why where a target is 0
function metrics.mape(predicted, actual, o) end

---The pinball loss of a quantile (Koenker and Bassett 1978): errors of targets above the prediction count `quantile`, of those below it
---1 - quantile.
---@param o any { quantile = 0.5, weight = one a row }
function metrics.quantile_loss(predicted, actual, o) end

---The median absolute error: half of the rows are no farther off.
---@param o any { weight = one a row }
function metrics.median_ae(predicted, actual, o) end

---The part of the targets' variance that is explained: 1 - the squared errors by those of the mean of the rows that are assessed.
---@param o any { weight = one a row }
---@return any # a number up to 1; nil and why where all targets are equal
function metrics.r2(predicted, actual, o) end

---How much two boxes have in common: the area of both by that of either.
---@return any # a number from 0 to 1
function metrics.box_iou(a, b) end

---Leaves out boxes that overlap with a box of a higher score (non-maximum suppression).
---@param found any a list or tensor of boxes
---@param scores any one a box
---@param iou any the overlap from which on two boxes count as one thing (0.5)
---@return any # a list of positions, by falling score
function metrics.suppress(found, scores, iou) end

---How well boxes were found: for each class the area below the curve of precision over recall, and the mean of the classes.
---@param found any a list, for each picture { boxes =, labels =, scores = }: tensors or lists
---@param actual any a list, for each picture { boxes =, labels =, difficult = or nil }; difficult ones neither count nor harm
---@param o any { classes = how many, rule = "coco" (pycocotools: 101 recalls, the mean over the overlaps 0.5, 0.55, ... 0.95) or "voc" (the area, at the overlap 0.5), iou = the overlap that counts as found, or a list of them to take the mean over }
---@return any # { mean =, by_class = { a number, or nil where no picture has the class }, by_iou = { the mean at each overlap } }; mean is nil where no picture has any box, and why says so
function metrics.mean_average_precision(found, actual, o) end

---An interval for a score: where it would lie with other rows of the same kind. By the bias-corrected and accelerated bootstrap (Efron 1987), or
---by percentiles; BCa becomes the percentiles where a score without some rows is undefined, or all resamples lie on one side. Of more than 500
---rows the acceleration comes from leaving out 500 parts of them in turn. The same seed gives the same interval.
---@param name any of a metric: "auc", "f_beta(beta=2)"
---@param result any what metrics.evaluate gave
---@param o any { samples = 1000, level = 0.95, method = "bca" or "percentile", seed = 0, group = one a row: whole groups are drawn }
---@return any # { value =, low =, high =, se = the standard error, level =, method =, samples =, undefined = resamples without a score }; nil and why where the score is undefined, or that of most resamples
function assess.bootstrap(name, result, o) end

---The corrected resampled t test (Nadeau and Bengio 2003): of the scores of two models in the same folds. Folds share training rows, so that
---their differences are not independent; the variance counts 1/k + test/train times, and not 1/k.
---@param o any { train =, test = rows of a fold's parts (k - 1 to 1, as in k folds, if not given), level = 0.95 of the interval }
---@return any # { difference = mean of a - b, t =, df =, p = of both sides, low =, high = of the difference }; nil and why where all differences are equal
function assess.corrected_t(a, b, o) end

---The 5x2cv t test (Dietterich 1998): of two models in five repetitions of two folds. t is the first difference of all by the root of the mean
---of the repetitions' variances, with five degrees of freedom.
---@return any # { difference = mean of a - b, t =, df = 5, p = of both sides }; nil and why where the folds of no repetition differ
function assess.five_by_two(a, b) end

---McNemar's test (1947): of the rows of which one model was right and the other wrong, whether each kind is as frequent. Exact (binomial) for
---fewer than 25 such rows; else chi-squared with Edwards' correction (1948).
---@param actual any classes
---@param o any { exact = true or false }
---@return any # { only_a = rows that a alone found, only_b =, p = of both sides, exact =, statistic = chi-squared, where it is not exact }; nil and why where there is no such row
function assess.mcnemar(a, b, actual, o) end

---Wilcoxon's signed rank test (1945): whether the differences of pairs lie evenly about 0. Exact for up to 50 pairs without ties; else by the
---normal distribution, with the correction for ties. Pairs that are equal are left out.
---@return any # { statistic = the smaller sum of ranks, p = of both sides, exact =, n = pairs that count }; nil and why where all pairs are equal
function assess.wilcoxon(a, b) end

---Two models in the same folds: their scores, the corrected resampled t test, and the test of their rows together: McNemar's of classes (of rows
---with any number of labels, whether all are right), Wilcoxon's of the absolute errors of numbers.
---@param name any of a metric
---@param o any { train = rows of a fold's training part (all others if not given), level = 0.95 }
---@return any # { metric =, a =, b = scores by fold, mean_a =, mean_b =, corrected_t =, rows = the test of the rows, text = one sentence }; nil and why where a score is undefined
function assess.compare(name, a, b, o) end

---Whether the folds of a cross-validation differ more than the choice of their rows explains: Cochran's test of homogeneity (1954), the
---variance within a fold by the bootstrap. If they do, look at what the rows of a fold have in common: an order in time, a group, a source.
---@param name any of a metric
---@param list any what metrics.evaluate gave for each fold's test rows
---@param o any { samples = of the bootstrap in each fold; 400 in all if not given, seed = 0, level = 0.01: the p below which a word is said }
---@return any # { q =, df =, p =, scores = by fold, differ = whether p is below the level, text = one sentence }; nil and why
function assess.fold_spread(name, list, o) end

---Cochran's test of homogeneity (1954) with one variance a row for all folds: Q = sum of n_k (s_k - s)^2 / v is chi-squared with k - 1 degrees of
---freedom where only the choice of rows makes the scores s_k of n_k rows differ; s is their mean by rows. With the variance
---s (1 - s) / n_k of an accuracy it is Pearson's chi-squared test.
---@param scores any by fold
---@param rows any by fold: how many rows each was computed of
---@param variances any by fold: of the score, the square of its standard error
---@return any # { q =, df =, p =, mean = by rows }; nil and why
function assess.homogeneity(scores, rows, variances) end

---Fits the map from scores to probabilities. sigmoid: 1 / (1 + exp(-(a f + b))) of the score f (Platt 1999, with his targets and the solver of Lin
---et al. 2007); isotonic: the rising line nearest to what came (Zadrozny and Elkan 2002), for some hundred rows and more; temperature: scores by one
---number (Guo et al. 2017), which changes no answer. sigmoid and isotonic of more than two classes map each against the rest, and bring the sum to 1.
---@param result any what metrics.evaluate gave for rows that neither trained the model nor will judge it
---@param o any { method = "sigmoid" of two classes, "temperature" of more }
---@return any # a calibrator: plain data with a method apply; nil and why where nothing can be fitted
function assess.calibrate(result, o) end

---A calibrator of the plain data that one is: what was written as JSON, for one.
---@param data any a table with method, classes and what was fitted
function assess.calibrator(data) end

---Chooses the threshold. By a cost, the least mean cost of a row (Elkan 2001); if the probabilities are right, that is `of_probabilities` =
---(c12 - c11) / (c12 - c11 + c21 - c22), which is given beside it. Equal ones: the highest threshold.
---@param result any what metrics.evaluate gave for rows that neither trained the model nor will judge it
---@param o any { cost = {{0, 1}, {5, 0}}: cost[actual][predicted] } or { maximise = a metric of classes, "f1" }
---@return any # { threshold = class 2 is answered from this probability on (math.huge: never), cost = a row's, or score =, matrix =, of_probabilities = }, with a method apply; nil and why where no threshold has a score
function assess.threshold(result, o) end

---The rows with the largest losses: of classes by the logarithm of the probability of the class that came (of labels the mean over them), of
---numbers by the absolute error.
---@param result any what metrics.evaluate gave
---@param o any { n = 10: how many rows }
---@return any # a list, the worst first, without rows that lose nothing beside the worst one, of { row = its position, loss =, actual =, predicted = (of labels lists), probability = of the actual class }; nil and why
function assess.worst(result, o) end

---Permutation importance (Breiman 2001; Fisher et al. 2019): how much worse the score becomes when the values of a column are dealt out to the rows
---anew, so that it tells nothing. Of columns that tell the same each seems to matter little. Dealt out by (seed, column's name, repetition).
---@param model any a fitted model
---@param set any a data set with y that did not train it
---@param o any { metric = ("accuracy" of classes, "rmse" of numbers), repeats = 5, seed = 0, columns = names (all), fields = names of x's columns; pipeline = and table = a recipe's fitted pipeline and the set's rows before it: then columns are those of the table; batch = 1024, evaluate = function(model, set) -> a result, in the place of ml.metrics.evaluate }
---@return any # a list by falling importance of { name =, mean = of what the score loses, std =, drops = by repetition }, the score itself; nil and why where the metric is undefined
function assess.permutation_importance(model, set, o) end

---Partial dependence (Friedman 2001): the mean answer of the model over all rows, were the column to have a value in each of them. It speaks of the
---model, not of the world, and of rows that may not exist where columns go together.
---@param model any a fitted model
---@param set any a data set
---@param o any { column = name or number, points = 20 from the 5th to the 95th percentile, of words the commonest (all values where they are fewer), values = a list in their place, class = whose probability (2 of two), or "each"; fields, pipeline, table, batch as for permutation_importance }
---@return any # { name =, values =, mean = the mean answer for each: a number, or the probability of the class; where class is "each", by_class = one such list a class }
function assess.partial_dependence(model, set, o) end

---The result with calibrated probabilities, whatever rows it is of.
---@param result any outputs; y may be missing where classes says how many there are
function Calibrator:map(result) end

---The result with calibrated probabilities: what metrics.of, ml.assess.bootstrap and the rest take.
---@param result any what metrics.evaluate gave for other rows
---@return any # a result
function Calibrator:apply(result) end

---The result with classes answered by the threshold.
---@param result any what metrics.evaluate gave for other rows, calibrated or not as those were that chose the threshold
---@return any # a result
function Threshold:apply(result) end

---Draws curves over their positions 1, 2, ... or over x. Where a value is not finite there is a gap.
---@param data any a list of numbers, a tensor or a column; or several: {{"train", values}, {"valid", values}}
---@param options any { x = a list, tensor or column (dates make an axis of time), first = 1: the position of the first value, log = "x", "y" or "xy", title =, x_label =, y_label =; of the text: width = the terminal's, height = 12, utf8 = by the locale }
---@return any # a plot: print it, or plot:save "name.svg"
function plot.line(data, options) end

---Draws points. More than a few thousand are counted in bins, which look the darker the more points they hold.
---@param options any { by = labels of the points (a list, tensor or column), classes = names of the labels 1, 2, ..., log = "x", "y" or "xy", title =, x_label =, y_label =; of the text: width = the terminal's, height = 16, utf8 = by the locale }
---@return any # a plot: print it, or plot:save "name.svg"
function plot.scatter(x, y, options) end

---Draws how often values fall into ranges of the same width.
---@param data any a list of numbers, a tensor or a column; or several: {{"cat", values}, {"dog", values}}; what is not finite is left out
---@param options any { bins = as many as the values call for, by = labels of the values, classes = names of the labels 1, 2, ..., density = false: heights that make the area 1, log = "x": ranges of the same ratio, title =, x_label =, y_label =; of the text: width = the terminal's, height = 12, utf8 = by the locale }
---@return any # a plot: print it, or plot:save "name.svg"
function plot.hist(data, options) end

---Draws a bar for each value.
---@param data any {{name, value}, ...} in the order of the plot; or numbers, or groups {{"train", numbers}, {"valid", numbers}}, with names =
---@param options any { names = of the values, title =, x_label =, y_label =; of the text: width = the terminal's, utf8 = by the locale }
---@return any # a plot: print it, or plot:save "name.svg"
function plot.bar(data, options) end

---Draws a box for each group: its quartiles (linearly interpolated) and median, whiskers to the last value within 1.5 heights of the
---box, and what lies beyond as points.
---@param data any numbers, or groups {{"cat", values}, {"dog", values}}
---@param options any { by = labels of the values, classes = names of the labels 1, 2, ..., log = "x", title =, x_label =, y_label =; of the text: width = the terminal's, utf8 = by the locale }
---@return any # a plot: print it, or plot:save "name.svg"
function plot.box(data, options) end

---Draws a matrix as shades, with its numbers where they fit.
---@param matrix any a tensor [rows, columns], or rows of numbers; large ones are averaged
---@param options any { rows = names, columns = names, center = where the scale is neutral (0 for correlations; without it from light to dark), low =, high = ends of the scale, title =, x_label =, y_label =; of the text: width = the terminal's, utf8 = by the locale }
---@return any # a plot: print it, or plot:save "name.svg"
function plot.heatmap(matrix, options) end

---Draws a confusion matrix: a row for each actual class, a column for each predicted one, and what part of the row was
---right.
---@param matrix any rows of counts, as ml.metrics.confusion gives, or a tensor
---@param options any { classes = names, title =, x_label = "predicted", y_label = "actual"; of the text: width = the terminal's, utf8 = by the locale }
---@return any # a plot: print it, or plot:save "name.svg"
function plot.confusion(matrix, options) end

---Draws the ROC curve of scores, with the area under it; the dotted line is chance.
---@param scores any a list, tensor or column, the higher the more positive; or of several models {{"linear", scores}, {"net", scores}}
---@param labels any 0 and 1, false and true, or classes 1 and 2: a list, tensor or column
---@param options any { positive = which label is the positive one, the larger if not given; title =, x_label =, y_label =; of the text: width = the terminal's, height = 16, utf8 = by the locale }
---@return any # a plot: print it, or plot:save "name.svg"
function plot.roc(scores, labels, options) end

---Draws the precision-recall curve of scores, with the average precision; the dotted line is chance.
---@param scores any a list, tensor or column, the higher the more positive; or of several models {{"linear", scores}, {"net", scores}}
---@param labels any 0 and 1, false and true, or classes 1 and 2: a list, tensor or column
---@param options any { positive = which label is the positive one, the larger if not given; title =, x_label =, y_label =; of the text: width = the terminal's, height = 16, utf8 = by the locale }
---@return any # a plot: print it, or plot:save "name.svg"
function plot.pr(scores, labels, options) end

---Draws how often what was given a probability came true, by bins of probability, with the expected calibration error (ECE); the
---dotted line is a model whose probabilities are right.
---@param probabilities any of the positive class, 0 to 1: a list, tensor or column; or of several models {{"linear", p}, {"net", p}}
---@param labels any 0 and 1, false and true, or classes 1 and 2: a list, tensor or column
---@param options any { bins = 10, positive = which label is the positive one, the larger if not given; title =, x_label =, y_label =; of the text: width = the terminal's, height = 16, utf8 = by the locale }
---@return any # a plot: print it, or plot:save "name.svg"
function plot.calibration(probabilities, labels, options) end

---Draws how training and validation went by epoch, the best epoch marked.
---@param records any a list of { epoch =, loss =, valid_loss =, best = }, as a run logs them; what is missing is left out
---@param options any { metric = "loss": which one of those in the records, title =, x_label =, y_label =; of the text: width = the terminal's, height = 12, utf8 = by the locale }
---@return any # a plot: print it, or plot:save "name.svg"
function plot.learning_curve(records, options) end

---Draws every column against every other, with the columns' histograms on the diagonal.
---@param data any a table (its columns of numbers), a tensor [rows, columns], or {{"age", values}, {"fare", values}}
---@param options any { names = of a tensor's columns, by = labels of the rows, classes = names of the labels 1, 2, ..., title =; of the text: width = the terminal's, height = rows of a panel, utf8 = by the locale }
---@return any # a plot: print it, or plot:save "name.svg"
function plot.pairs(data, options) end

---Lays pictures out in rows, from 0 (black) to 1 (white).
---@param pictures any tensor [N, H, W], [N, 1, H, W] or [N, 3, H, W]; bytes count from 0 to 255
---@param options any { columns = 8, border = 1: black pixels around each, title =; of the text: width = the terminal's, color = where the terminal has it, utf8 = by the locale }
---@return any # a plot: print it, plot:save "name.png" or "name.svg", or plot:png() for the bytes
function plot.image_grid(pictures, options) end

---The plot as SVG: one element without scripts, fonts or files of others, fit to stand in a page of HTML. Its colours follow the
---reader's light or dark background.
---@param o any { width = 640, height = by the kind of plot }, in pixels; the picture scales
---@return any # the text of an SVG file
function Plot:svg(o) end

---The pictures of an image grid as PNG, pixel for pixel.
---@return any # the bytes of a PNG file
function Plot:png() end

---Writes the plot into a file, by the end of its name: .svg, or .png for an image grid.
---@param path any where to
---@param o any as for plot:svg
---@return any # the plot
function Plot:save(path, o) end

---The help on a name.
---@param name any "conv2d", "nn.Linear", "x:sum", "train.epochs"; "ml.nn" lists; "*conv*" finds
---@return any # the text; or nil and the nearest name, if one is near
function help.show(name) end

---All names that there is help on, in the order of the pages: for completion.
---@return any # a list of strings
function help.topics() end

---Makes a recipe of a table of fields.
---@param fields any name, task, data, model, train, ...: `moonlab help recipe` lists them
---@return any # a recipe: .fields (checked, defaults filled in), .several, .solved = whether its model needs no training steps, .file, .line
function ml.recipe(fields) end

---The sum of products that an equation of letters says: each letter is a dimension, those that the result does not have
---are summed over. A letter twice in one term takes the diagonal; "..." stands for any dimensions, which broadcast;
---without "->" the result has the letters that stand once, in order of the alphabet. Products of integers are integers.
---@param equation any "ij,jk->ik"
---@param ... any a tensor for each term, or one list of them
---@return any # a tensor
function ml.einsum(equation, ...) end

---The sum of products over dimensions of x and y: the last n of x with the first n of y, or those that two lists name.
---@param x any a tensor
---@param y any a tensor
---@param dims any n (2), or {dimensions of x, dimensions of y}
---@return any # a tensor with the other dimensions of x, then those of y
function ml.tensordot(x, y, dims) end

---The sum of the diagonal of a matrix. Integers are summed as int64.
---@param x any a matrix
---@return any # tensor of one element
function ml.trace(x) end

---The cross product of vectors of 3 along a dimension; the other dimensions broadcast. PyTorch's torch.linalg.cross: the dimension is
---the last one, not the first that has size 3.
---@param x any a tensor
---@param y any a tensor
---@param dim any a dimension (-1)
---@return any # tensor
function ml.cross(x, y, dim) end

---The numbers below which the shares q (0..1) of a dimension lie: as x:quantile(q), and for a list of q a tensor with their
---dimension in front. NaN where there is one.
---@param x any a tensor
---@param q any a number or a list of numbers
---@param dim any a dimension; without one, of the flattened tensor
---@param o any { keepdim = false, interpolation = "linear", "lower", "higher", "nearest" or "midpoint" }
---@return any # tensor
function ml.quantile(x, q, dim, o) end

---quantile of the elements that are no NaN; NaN where all are.
---@param x any a tensor
---@param q any a number or a list of numbers
---@param dim any a dimension; without one, of the flattened tensor
---@param o any { keepdim = false, interpolation = "linear", "lower", "higher", "nearest" or "midpoint" }
---@return any # tensor
function ml.nanquantile(x, q, dim, o) end

---A copy of x with values at the places that tensors of positions name: result[i[k]][j[k]] = values[k] for {i, j}. The
---positions broadcast against each other, and values to their shape followed by the dimensions of x that have none. A mask
---stands for the positions where it holds. Where places repeat, the last one stays. PyTorch's index_put.
---@param x any a tensor
---@param index any a list of tensors of positions (from 1) or masks, for the first dimensions of x
---@param values any a tensor or a number
---@param o any { accumulate = false; true: values are added to what is there, at places that repeat to each other }
---@return any # tensor, as x
function ml.index_put(x, index, values, o) end

---The same, written into x.
---@param x any a tensor
---@param index any as of index_put
---@param values any as of index_put
---@param o any as of index_put
---@return any # x
function ml.index_put_(x, index, values, o) end

---One of a list; a grid search tries each. Gives the first where nothing is searched.
---@param list any {first, second, ..., name = "of the space"}
---@return any # one of the values
function ml.grid(list) end

---One of a list whose order means nothing. Gives the first where nothing is searched.
---@param list any {first, second, ..., name = "of the space"}
---@return any # one of the values
function ml.choice(list) end

---A number between two, all alike. Gives the middle where nothing is searched.
---@param options any { name = }
function ml.uniform(low, high, options) end

---A positive number between two whose logarithm is uniform: learning rates, penalties. Gives the geometric middle.
---@param options any { name = }
function ml.log_uniform(low, high, options) end

---A whole number from low to high, both included. Gives the middle (rounded down).
---@param options any { name = }
function ml.int_uniform(low, high, options) end

---Calls a function in which no space may stand: one that is called after a recipe's file has run, so that a search would not see the space.
---@param where any what it is called in messages
---@param f any the function, with its arguments behind
---@return any # what f gives
function ml.none_in(where, f, ...) end

---Calls a function many times, each time with other values of the spaces that stand in it, and finds those with the best score.
---@param o any { run = function() -> a score, method = "tpe", "random" or "grid", trials = 30 (of a grid: all), larger = true: whether a larger score is better, seed = 0, points = 5: what a grid takes of a range }
---@return any # { best = { settings = by the names of spaces, score = }, trials = a list of { settings =, score = } in the order in which they were made }; it prints as the best one
function ml.search(o) end

---Cross-validates a model on a data set: in each fold it is made and fitted anew.
---@param o any { model = function() -> a module or a model that is solved, data = a data set, cv = ml.kfold(5), metrics = names (those of the task), train = of a network, as in a recipe: { optimizer =, epochs =, batch =, loss = }, task = found from y if not given, valid = part of the training rows that chooses the best weights (0.1 of a network), seed = 0, jobs = 1: processes }
---@return any # { metrics = a list of { metric =, mean =, std =, values = one a fold, why = it is undefined }, folds = a list of { rows =, scores =, why = } }; it prints as a table
function ml.cross_validate(o) end

return ml
