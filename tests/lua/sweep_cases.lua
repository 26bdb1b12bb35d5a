--- The op table as the sweep sees it: each entry's cases turned into arguments, and the calls made with them.
-- What a case says of a tensor is a shape; the elements are drawn here, within the entry's domain, always the same.

package.path = package.path .. ";generator/?.lua"
local core = require "moonlab.core"
local table_of_ops = require "ops_table"

local cases = {}

--- All ops in the order of the tables, in the generator's regular form.
cases.ops = table_of_ops.load()

--- Whether an input of an op takes part in differentiation: a tensor that the entry does not call constant.
function cases.takes_gradient(op, argument)
  for _, name in ipairs(op.constant) do
    if name == argument.name then return false end
  end
  return argument.type == "tensor" or argument.type == "tensors"
end

local function count_of(shape)
  local n = 1
  for _, size in ipairs(shape) do n = n * size end
  return n
end

local function shaped(flat, shape, dtype)
  if #flat == 0 then return core.zeros(shape, { dtype = dtype }) end
  return core.tensor(flat, { dtype = dtype }):reshape(shape)
end

-- The numbers of one case. `apart` keeps all of them at least so far from each other (and from round numbers, where the
-- kinks are): they are the middles of cells twice as wide, each taken once.
local function drawer(op, key)
  local at, taken = 0, {}
  local function next_double()
    at = at + 1
    return core.random_double(key, at)
  end
  local draw = {}
  function draw.number(name)
    local range = op.domain[name] or { -2, 2 }
    local low, high, apart = range[1], range[2], op.domain.apart
    if not apart then return low + (high - low) * next_double() end
    local cells = (high - low) // (2 * apart)
    local cell
    repeat cell = math.floor(next_double() * cells) until not taken[cell]
    taken[cell] = true
    return low + (cell + 0.5) * 2 * apart
  end
  function draw.integer(low, high) return low + math.floor(next_double() * (high - low + 1)) end
  return draw
end

local function flat_of(n, f)
  local flat = {}
  for i = 1, n do flat[i] = f(i) end
  return flat
end

-- dtype: of the tensors that take part in promotion. Integers are small and positive, which every op can take.
local function tensor(draw, op, name, shape, dtype)
  local f = function() return draw.number(name) end
  if dtype == "bool" then f = function() return op.nonzero == name or draw.integer(0, 1) == 1 end
  elseif not dtype:find "^float" then f = function() return draw.integer(1, 3) end end
  local flat, n = flat_of(count_of(shape), f), shape[#shape]
  if op.domain.diagonal and op.domain[name] and #shape > 1 then -- matrices that are not singular
    for at = 1, #flat do
      local row, column = (at - 1) // n % shape[#shape - 1], (at - 1) % n
      if dtype == "bool" then flat[at] = row == column
      elseif row == column then flat[at] = flat[at] + op.domain.diagonal end
    end
  end
  return shaped(flat, shape, dtype)
end

local function index(draw, shape)
  local sizes = { table.unpack(shape) }
  return shaped(flat_of(count_of(sizes), function() return draw.integer(1, shape.below) end), sizes, "int64")
end

local function mask(draw, shape)
  return shaped(flat_of(count_of(shape), function(i) return i == 1 or i ~= 2 and draw.integer(0, 1) == 1 end), shape, "bool")
end

--- The arguments of a case by name. dtype: one for all tensors, or a function of the tensor's number (from 1).
function cases.arguments(op, case, dtype)
  dtype = dtype or op.accepts == "logical" and "int64" or "float64"
  local draw = drawer(op, core.random_key("sweep", op.name))
  local values, tensors = {}, 0
  local function type_of_next()
    tensors = tensors + 1
    return type(dtype) == "function" and dtype(tensors) or dtype
  end
  for _, a in ipairs(op.all) do
    local given = case[a.name]
    if given == nil then values[a.name] = nil
    elseif a.type == "tensor" then values[a.name] = tensor(draw, op, a.name, given, type_of_next())
    elseif a.type == "state" then values[a.name] = tensor(draw, op, a.name, given, "float64")
    elseif a.type == "index" then values[a.name] = index(draw, given)
    elseif a.type == "mask" or a.type == "any" then values[a.name] = mask(draw, given)
    elseif a.type == "tensors" then
      values[a.name] = {}
      for i, shape in ipairs(given) do values[a.name][i] = tensor(draw, op, a.name, shape, type_of_next()) end
    else
      values[a.name] = given
    end
  end
  return values
end

--- A copy of the arguments in which each tensor is f(tensor, argument), and lists of tensors likewise.
function cases.map(op, values, f)
  local result = {}
  for _, a in ipairs(op.all) do
    local value = values[a.name]
    if a.is_tensor and value ~= nil then result[a.name] = f(value, a)
    elseif a.type == "tensors" then
      result[a.name] = {}
      for i, x in ipairs(value) do result[a.name][i] = f(x, a) end
    else
      result[a.name] = value
    end
  end
  return result
end

--- The tensors among the arguments that take part in differentiation, in order.
function cases.leaves(op, values)
  local list = {}
  cases.map(op, values, function(x, a)
    if cases.takes_gradient(op, a) then list[#list + 1] = x end
    return x
  end)
  return list
end

--- Calls the op, which may give several results: positional arguments in their order, options in a table.
function cases.call(op, values)
  local positional, n, options = {}, 0, nil
  for _, a in ipairs(op.all) do
    if not a.is_option then
      n = n + 1
      positional[n] = values[a.name]
    elseif values[a.name] ~= nil then
      options = options or {}
      options[a.name] = values[a.name]
    end
  end
  if options then
    n = n + 1
    positional[n] = options
  end
  return core.ops[op.name](table.unpack(positional, 1, n))
end

--- Numbers to weigh a result with, so that each element's gradient is another.
function cases.weights_like(y, key)
  local n = y:numel()
  return shaped(flat_of(n, function(i) return 0.5 + core.random_double(key or 5, i) end), y.shape, "float64")
end

--- One line that says which case failed.
function cases.describe(op, case, what)
  local parts = {}
  local function text(v)
    if type(v) ~= "table" then return tostring(v) end
    local inner = {}
    for _, x in ipairs(v) do inner[#inner + 1] = text(x) end
    return "{" .. table.concat(inner, ", ") .. "}"
  end
  for _, a in ipairs(op.all) do
    if case[a.name] ~= nil then parts[#parts + 1] = a.name .. " = " .. text(case[a.name]) end
  end
  return ("%s %s: %s"):format(op.name, table.concat(parts, ", "), what)
end

return cases
