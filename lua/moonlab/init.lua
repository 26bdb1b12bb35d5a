--- Moonlab: local ml = require "moonlab". Ops and constructors stand in ml itself; ml.nn, ml.data and so on load when
-- they are first touched. Nothing global is changed.

local core = require "moonlab.core"
local seed = require "moonlab.seed"

local ml = {}

-- Modules that are a field of ml, and fields of ml that stand in a module, loaded when first touched.
local MODULES = { "nn", "optim", "data", "features", "split", "metrics", "assess", "plot", "help", "linalg", "fft", "sparse" }
local FIELDS = {
  recipe = "recipe", Function = "function", einsum = "einsum", tensordot = "einsum",
  grid = "space", choice = "space", uniform = "space", log_uniform = "space", int_uniform = "space",
  search = "search.by_hand", cross_validate = "assess.cross_validate",
  kfold = "split.kfold", chunks = "split.chunks", leave_one_out = "split.leave_out", leave_one_group_out = "split.leave_out",
  time_series_folds = "split.time_series_folds",
  linear = "classical.linear", ridge = "classical.ridge", logistic = "classical.logistic", lasso = "classical.lasso",
  elastic_net = "classical.elastic_net", poisson = "classical.poisson", quantile_regression = "classical.quantile_regression", cross_entropy = "nn.losses",
  knn = "classical.knn", naive_bayes = "classical.naive_bayes", kmeans = "classical.kmeans", baseline = "classical.baseline",
  stft = "spectrum", istft = "spectrum", hann_window = "spectrum", hamming_window = "spectrum",
}
local CONSTRUCTORS = {
  "tensor", "zeros", "ones", "full", "eye", "arange", "linspace", "empty", "zeros_like", "ones_like", "empty_like",
  "rand", "randn", "randint", "randperm",
}

for name, f in pairs(core.ops) do
  local space = core.spaces[name]
  if not space or space == "nn" and not FIELDS[name] then ml[name] = f end -- svd stands in ml.linalg alone, the op linear in ml.nn
end
for _, name in ipairs(CONSTRUCTORS) do ml[name] = core[name] end

local is_module = {}
for _, name in ipairs(MODULES) do is_module[name] = true end

local function restored(before) core.set_grad_enabled(before) end
local RESTORE = {
  [true] = setmetatable({}, { __close = function() restored(true) end }),
  [false] = setmetatable({}, { __close = function() restored(false) end }),
}

--- Calls a function without recording a graph: nothing in it can be differentiated, and writing in place is allowed.
-- @param f    a function
-- @param ...  its arguments
-- @return what f returns
-- @usage local y = ml.no_grad(model, x)
function ml.no_grad(f, ...)
  local restore <close> = RESTORE[core.set_grad_enabled(false)]
  return f(...)
end

--- Calls a function with the graph recorded, inside of no_grad too.
-- @param f    a function
-- @param ...  its arguments
-- @return what f returns
function ml.enable_grad(f, ...)
  local restore <close> = RESTORE[core.set_grad_enabled(true)]
  return f(...)
end

local differentiating = setmetatable({}, { __mode = "k" }) -- the leaves of the calls of grad that are under way

local function leaf(value)
  if type(value) ~= "userdata" or not value.dtype:find "^float" then return value end
  local result = value:detach()
  result.requires_grad = true
  return result
end

--- The function that computes the gradients of f: one result for each argument, nil for those that are no
-- floating-point tensors. f returns a tensor of one element.
-- @param f  a function of tensors
-- @return a function of the same arguments
-- @usage ml.grad(function(x) return (x * x):sum() end)(ml.tensor{3.0})   --> 6
function ml.grad(f)
  return function(...)
    local n, inputs = select("#", ...), { ... }
    local nested, before = false, {}
    for i = 1, n do
      local x = inputs[i]
      if type(x) == "userdata" and differentiating[x] then -- grad of grad: the graph goes on to the outer one
        nested, before[i] = true, x.grad
        x.grad = nil
      else
        inputs[i] = leaf(x)
        if type(x) == "userdata" then differentiating[inputs[i]] = true end
      end
    end
    local value = ml.enable_grad(f, table.unpack(inputs, 1, n))
    if type(value) ~= "userdata" then
      require "moonlab.blame".raise("grad: the function must return a tensor of one element, got %s",
        require "moonlab.blame".show(value))
    end
    value:backward { create_graph = nested }
    local gradients = {}
    for i = 1, n do
      if type(inputs[i]) == "userdata" and inputs[i].requires_grad then
        gradients[i] = inputs[i].grad
        inputs[i].grad = before[i]
      end
    end
    return table.unpack(gradients, 1, n)
  end
end

--- Compares the gradients of f with central differences in float64; raises where they differ.
-- @param f       a function of tensors that returns a tensor of one element
-- @param inputs  a list of tensors
-- @param o       { step =, atol =, rtol = }
-- @return true
function ml.gradcheck(f, inputs, o) return core.gradcheck(f, inputs, o) end

--- Starts all streams of random numbers anew: the same seed gives the same bits, whatever the threads.
-- @param n  an integer
function ml.manual_seed(n)
  if math.type(n) ~= "integer" then
    require "moonlab.blame".raise("manual_seed: the seed must be an integer, got %s", require "moonlab.blame".show(n))
  end
  seed.set(n)
end

--- Monotonic time in seconds.
function ml.clock() return core.clock() end

--- The tensors of a file: safetensors, NumPy's .npz and .npy, told apart by their content. Reading runs no code.
-- @param path  the file
-- @return a table name -> tensor, the list of names in the order of the file, the table of its metadata (of safetensors); of
-- a .npy file its one tensor
-- @usage local x = ml.load "x.npy"; local weights, names = ml.load "weights.npz"
function ml.load(path) return require "moonlab.tensor_files".load(path) end

--- Writes tensors into a file whose ending says how: one tensor as .npy; several with names as .npz or .safetensors. Either
-- the old or the new content stands in the file, whatever happens.
-- @param path     the file
-- @param tensors  a tensor, or a table name -> tensor (written in the order of the names), or a list of { name, tensor }
-- @error another ending, and what is no tensor
-- @usage ml.save("x.npy", x); ml.save("weights.npz", { w = w, b = b })
function ml.save(path, tensors) return require "moonlab.tensor_files".save(path, tensors) end

--- Whether a value is a tensor.
function ml.is_tensor(value) return type(value) == "userdata" and core.is_tensor(value) end

-- Methods that stand in Lua, and are loaded when they are first called.
local METHODS = {
  describe = "tensor_text", trace = "vectors", cross = "vectors", quantile = "quantiles", nanquantile = "quantiles",
  index_put = "index_put", index_put_ = "index_put",
}
for name, module in pairs(METHODS) do
  core.methods[name] = function(...) return require("moonlab." .. module)[name](...) end
  if module ~= "tensor_text" then ml[name] = core.methods[name] end
end

ml.version = core.version

local function names()
  local list = {}
  for name in pairs(ml) do list[#list + 1] = name end
  for _, name in ipairs(MODULES) do list[#list + 1] = name end
  for name in pairs(FIELDS) do list[#list + 1] = name end
  table.sort(list)
  return list
end

local function load_field(_, name)
  local value
  if is_module[name] then value = require("moonlab." .. name)
  elseif FIELDS[name] then
    value = require("moonlab." .. FIELDS[name])
    if type(value) == "table" and rawget(value, name) then value = value[name] end -- of a module with several
  else
    local text = tostring(name)
    local sklearn = require "moonlab.sklearn_names"
    local known = sklearn.names[text] and "here it is: " .. sklearn.names[text] or sklearn.advice[text]
    local near = not known and require "moonlab.suggest".nearest(text, names())
    local advice = known and "; " .. known or near and ("; did you mean 'ml.%s'?"):format(near) or ""
    require "moonlab.blame".raise("ml has no field '%s'%s", text, advice)
  end
  ml[name] = value
  return value
end

return setmetatable(ml, { __index = load_field })
