-- The sweep over the op table: what every op promises, tested for each op and each of its cases.

local luaunit = require "luaunit"
local core = require "moonlab.core"
local cases = require "sweep_cases"

local DTYPES = { "bool", "uint8", "int32", "int64", "float32", "float64" }
local RANK = {}
for i, name in ipairs(DTYPES) do RANK[name] = i end

local function is_float(dtype) return dtype:find "^float" ~= nil end

-- Fails with the case in front of what went wrong.
local function within(op, case, what, f)
  local ok, message = pcall(f)
  if not ok then
    if type(message) == "table" and message.class then error(message, 0) end -- LuaUnit's own
    luaunit.fail(cases.describe(op, case, what) .. "\n" .. tostring(message))
  end
end

local function check(condition, format, ...)
  if not condition then error(format:format(...), 0) end
end

local function same_shape(a, b)
  if #a ~= #b then return false end
  for i = 1, #a do
    if a[i] ~= b[i] then return false end
  end
  return true
end

local function shape_text(shape) return "[" .. table.concat(shape, ", ") .. "]" end

local function check_close(actual, expected, tolerance, what)
  check(actual.dtype == expected.dtype, "%s: %s instead of %s", what, actual.dtype, expected.dtype)
  check(same_shape(actual.shape, expected.shape), "%s: shape %s instead of %s", what, shape_text(actual.shape), shape_text(expected.shape))
  if actual:allclose(expected, { rtol = tolerance, atol = tolerance }) then return end
  check(false, "%s: %s\ninstead of %s", what, tostring(actual), tostring(expected))
end

-- Leaves of the arguments with requires_grad on.
local function with_gradients(op, values)
  for _, x in ipairs(cases.leaves(op, values)) do x.requires_grad = is_float(x.dtype) end
  return values
end

local function gradients_of(leaves)
  local list = {}
  for i, x in ipairs(leaves) do list[i] = x.grad end
  return list
end

-- Those of an op's results that can have a gradient.
local function floats(...)
  local list = {}
  for _, y in ipairs { ... } do list[#list + 1] = is_float(y.dtype) and y or nil end
  return list
end

-- One number of them all, each element weighted otherwise.
local function weighted(...)
  local total
  for i, y in ipairs(floats(...)) do
    local part = (y * cases.weights_like(y, 4 + i)):sum()
    total = total and total + part or part
  end
  return total
end

local Sweep = {}

--- (a) The gradient is that of central differences, in float64.
function Sweep.gradient(op, case)
  if not op.differentiable then return end
  local values = with_gradients(op, cases.arguments(op, case))
  local leaves = cases.leaves(op, values)
  core.gradcheck(function() return weighted(cases.call(op, values)) end, leaves)
end

--- The float32 kernels give what those of float64 give.
function Sweep.float32(op, case)
  local results = {}
  for _, dtype in ipairs { "float32", "float64" } do
    if op.accepts == "logical" then return end
    local narrow = cases.arguments(op, case, "float32") -- the same numbers, rounded to float32, for both
    local values = cases.map(op, narrow, function(x, a) return (a.type == "tensor" or a.type == "tensors") and x:to(dtype):detach() or x end)
    with_gradients(op, values)
    local list = { cases.call(op, values) }
    local given = #list
    if op.differentiable then weighted(table.unpack(list)):backward() end
    for i, x in ipairs(op.differentiable and gradients_of(cases.leaves(op, values)) or {}) do list[given + i] = x end
    results[#results + 1] = list
    list.given = given
  end
  for i, x in ipairs(results[1]) do
    local given = results[1].given
    local what = i <= given and "result " .. i or "gradient " .. i - given
    check_close(x:to "float64", results[2][i]:to "float64", 2e-5, what)
  end
end

-- Ways to hold the same elements otherwise: each gives a leaf and the view of it that stands for x.
local WAYS = {}

function WAYS.turned(x) -- row-major in the opposite order of dimensions
  local order = {}
  for d = x:dim(), 1, -1 do order[#order + 1] = d end
  if #order < 2 then return nil end
  local base = x:permute(order):contiguous():detach()
  return base, function(b) return b:permute(order) end
end

function WAYS.stepped(x) -- every second row of a larger tensor, from the second on
  if x:dim() == 0 or x.shape[1] == 0 then return nil end
  local sizes = x.shape
  sizes[1] = 2 * sizes[1] + 1
  local base = core.zeros(sizes, { dtype = x.dtype })
  core.ops.slice(base, 1, 2, -2, 2):copy_(x)
  return base, function(b) return b:slice(1, 2, -2, 2) end
end

function WAYS.columns(x) -- the last dimension cut out of a wider one
  if x:dim() < 2 then return nil end
  local sizes, last = x.shape, x:dim()
  local n = sizes[last]
  sizes[last] = n + 3
  local base = core.zeros(sizes, { dtype = x.dtype })
  core.ops.slice(base, last, 3, n + 2):copy_(x)
  return base, function(b) return b:slice(last, 3, n + 2) end
end

function WAYS.expanded(x, op) -- one row everywhere (of the elements only the first row is kept)
  if x:dim() == 0 or x.shape[1] < 2 or op.domain.diagonal then return nil end -- equal rows make a singular matrix
  local sizes = x.shape
  return x:slice(1, 1, 1):contiguous():detach(), function(b) return b:expand(sizes) end
end

-- One input of the case held in one way; `copied`: made contiguous before the op.
local function run_held(op, case, which, way, copied)
  local values = cases.arguments(op, case)
  local at, base = 0, nil
  values = cases.map(op, values, function(x, a)
    at = at + 1
    if at ~= which or a.type == "state" then
      if cases.takes_gradient(op, a) then x.requires_grad = is_float(x.dtype) end
      return x
    end
    local view
    base, view = way(x, op)
    if not base then return x end
    if cases.takes_gradient(op, a) then base.requires_grad = is_float(base.dtype) end
    return copied and view(base):contiguous() or view(base)
  end)
  if not base then return nil end
  local list = { cases.call(op, values) }
  if op.differentiable then
    weighted(table.unpack(list)):backward()
    list[#list + 1] = base.grad -- nil for an index or a mask
    for _, x in ipairs(gradients_of(cases.leaves(op, values))) do list[#list + 1] = x end
  end
  return list
end

local function tensors_in(op, case)
  local n = 0
  for _, a in ipairs(op.all) do
    if case[a.name] ~= nil then n = n + (a.type == "tensors" and #case[a.name] or a.is_tensor and 1 or 0) end
  end
  return n
end

--- (b) Strided, transposed and expanded inputs give the result and the gradients of contiguous ones.
function Sweep.strides(op, case)
  for which = 1, tensors_in(op, case) do
    for name, way in pairs(WAYS) do
      local held = run_held(op, case, which, way, false)
      if held then
        local copied = run_held(op, case, which, way, true)
        check(#held == #copied, "tensor %d %s: %d results instead of %d", which, name, #held, #copied)
        for i, x in ipairs(held) do
          check_close(x, copied[i], is_float(x.dtype) and 1e-13 or 0, ("tensor %d %s, %s"):format(which, name, i == 1 and "result" or "gradient"))
        end
      end
    end
  end
end

--- A gradient that arrives with strides of its own is taken like a contiguous one.
function Sweep.arriving_gradient(op, case)
  if not op.differentiable then return end
  for name, way in pairs(WAYS) do
    local results = {}
    for _, copied in ipairs { true, false } do
      local values = with_gradients(op, cases.arguments(op, case))
      local y = cases.call(op, values)
      local base, view = way(cases.weights_like(y), op)
      if not base then break end
      y:backward(copied and view(base):contiguous() or view(base))
      results[#results + 1] = gradients_of(cases.leaves(op, values))
    end
    for i, x in ipairs(results[1] or {}) do check_close(x, results[2][i], 1e-13, name .. " gradient, input " .. i) end
  end
end

-- An error of the op itself, with the position of this file in front.
local function names_op(op, message)
  local text = tostring(message)
  return text:find("^[^\n]-sweep_cases%.lua:%d+: " .. op.name .. ": ") ~= nil
end

-- Runs forward and backward; either all works and has the inferred shape, or the message names the op.
local function run_or_refuse(op, values)
  with_gradients(op, values)
  local ok, y = pcall(cases.call, op, values)
  if not ok then
    check(names_op(op, y), "the message does not name the op: %s", tostring(y))
    return nil
  end
  if not op.needs_data then
    local only = cases.call(op, cases.map(op, values, function(x) return core.shape_only(x.shape, x.dtype) end))
    check(same_shape(only.shape, y.shape), "shape %s is inferred, the result has %s", shape_text(only.shape), shape_text(y.shape))
  end
  if op.differentiable and is_float(y.dtype) then
    y:backward(core.ones(y.shape, { dtype = y.dtype }))
    for i, x in ipairs(cases.leaves(op, values)) do
      check(x.grad, "input %d has no gradient", i)
      check(same_shape(x.grad.shape, x.shape), "the gradient of input %d has shape %s, the input %s", i, shape_text(x.grad.shape), shape_text(x.shape))
    end
  end
  return y
end

local function with_size(op, case, from, to, only)
  local changed, at = {}, 0
  local function shape(given)
    at = at + 1
    local copy = { below = given.below }
    for i, size in ipairs(given) do copy[i] = size == from and (only == nil or only == at) and to or size end
    return copy
  end
  for key, value in pairs(case) do changed[key] = value end
  for _, a in ipairs(op.all) do
    local given = case[a.name]
    if given ~= nil and a.is_tensor then changed[a.name] = shape(given)
    elseif given ~= nil and a.type == "tensors" then
      changed[a.name] = {}
      for i, one in ipairs(given) do changed[a.name][i] = shape(one) end
    end
  end
  return changed
end

local function sizes_in(op, case)
  local set, list = {}, {}
  for _, a in ipairs(op.all) do
    local shapes = case[a.name] ~= nil and (a.is_tensor and { case[a.name] } or a.type == "tensors" and case[a.name]) or {}
    for _, shape in ipairs(shapes) do
      for _, size in ipairs(shape) do
        if not set[size] then
          set[size] = true
          list[#list + 1] = size
        end
      end
    end
  end
  return list
end

--- (c) Sizes of 0 (and of 1) in all inputs and in one only: the inferred shape or an error of the op, never a crash.
function Sweep.empty(op, case)
  for _, size in ipairs(sizes_in(op, case)) do
    for to = 0, 1 do
      for only = 0, tensors_in(op, case) do
        local changed = with_size(op, case, size, to, only > 0 and only or nil)
        within(op, changed, "empty", function() run_or_refuse(op, cases.arguments(op, changed)) end)
      end
    end
  end
end

--- Scalars, where an op may not expect them: a result or an error of the op.
function Sweep.scalars(op, case)
  local changed = {}
  for key, value in pairs(case) do changed[key] = value end
  for _, a in ipairs(op.all) do
    if a.is_tensor and case[a.name] then
      changed[a.name] = { below = case[a.name].below }
      run_or_refuse(op, cases.arguments(op, changed))
    end
  end
  for _, a in ipairs(op.all) do
    if a.is_tensor and case[a.name] then changed[a.name] = { below = case[a.name].below } end
  end
  run_or_refuse(op, cases.arguments(op, changed))
end

-- The written rules: what the result's type is, nil where the op refuses.
local RESULT = {
  any = function() return "bool" end, all = function() return "bool" end,
  argmin = function() return "int64" end, argmax = function() return "int64" end,
  one_hot = function() return "float32" end,
  to = function(_, case) return case.dtype end,
}

for _, name in ipairs { "argsort", "searchsorted", "bucketize", "nonzero" } do RESULT[name] = function() return "int64" end end
function RESULT.bincount(dtype, case) return case.weights and (is_float(dtype) and dtype or "float32") or "int64" end
for _, name in ipairs { "sum", "prod", "cumsum", "cumprod" } do RESULT[name] = function(dtype) return is_float(dtype) and dtype or "int64" end end

local function expected_type(op, case, common)
  if RESULT[op.name] then return RESULT[op.name](common, case) end
  if op.accepts == "number" and common == "bool" then return nil end
  if op.accepts == "logical" and is_float(common) then return nil end
  if op.accepts == "float" and not is_float(common) then common = "float32" end
  return op.result or common
end

local function check_types(op, case, values, common)
  local expected = expected_type(op, case, common)
  local ok, y = pcall(cases.call, op, values)
  if not expected then
    check(not ok, "%s was taken, but should be refused", common)
    check(names_op(op, y), "the message does not name the op: %s", tostring(y))
    return
  end
  check(ok, "%s: %s", common, tostring(y))
  check(y.dtype == expected, "%s gives %s instead of %s", common, y.dtype, expected)
  if op.needs_data then return end
  local only = cases.call(op, cases.map(op, values, function(x) return core.shape_only(x.shape, x.dtype) end))
  check(only.dtype == expected, "%s: %s is inferred instead of %s", common, only.dtype, expected)
end

--- (d) Each type of element gives the type that the promotion table says, or is refused by name.
function Sweep.types(op, case)
  for _, first in ipairs(DTYPES) do
    for _, rest in ipairs(op.accepts == "any" and { first } or DTYPES) do
      local common = (tensors_in(op, case) == 1 or RANK[first] > RANK[rest]) and first or rest
      local tensors = 0
      for _, a in ipairs(op.all) do
        if case[a.name] ~= nil and (a.type == "tensor" or a.type == "tensors") then
          tensors = tensors + (a.type == "tensors" and #case[a.name] or 1)
        end
      end
      if tensors == 1 then common = first end
      check_types(op, case, cases.arguments(op, case, function(i) return i == 1 and first or rest end), common)
    end
  end
end

--- A plain number takes the type of the tensor beside it, unless it is a fraction beside integers.
function Sweep.numbers(op, case)
  if op.shape_family ~= "binary" then return end
  for _, dtype in ipairs(DTYPES) do
    for _, number in ipairs { 2, 2.5 } do
      local common = is_float(dtype) and dtype or number == 2.5 and "float32" or dtype == "bool" and "int64" or dtype
      for _, name in ipairs { "x", "y" } do
        local values = cases.arguments(op, case, dtype)
        values[name] = number
        local expected = expected_type(op, case, common)
        local ok, y = pcall(cases.call, op, values)
        check(ok == (expected ~= nil), "%s with %s = %s: %s", dtype, name, number, tostring(y))
        if ok then check(y.dtype == expected, "%s with %s = %s gives %s instead of %s", dtype, name, number, y.dtype, expected) end
      end
    end
  end
end

--- (e) The gradient recorded in ops is the one computed at once.
function Sweep.recorded_gradient(op, case)
  if not (op.differentiable and op.second) then return end
  local results = {}
  for _, create in ipairs { false, true } do
    local values = with_gradients(op, cases.arguments(op, case))
    weighted(cases.call(op, values)):backward { create_graph = create }
    local leaves = cases.leaves(op, values)
    results[#results + 1] = gradients_of(leaves)
    for _, x in ipairs(leaves) do x.grad = nil end -- a gradient with a graph holds its leaf
  end
  for i, x in ipairs(results[1]) do check_close(results[2][i]:detach(), x, 1e-12, "input " .. i) end
end

-- The gradient of sum over inputs of (gradient * v) by backward through backward, against differences. `hold` makes of a
-- leaf what the op gets.
local function check_second(op, case, hold)
  local given = with_gradients(op, cases.arguments(op, case))
  local leaves = cases.leaves(op, given)
  local inputs = { table.unpack(leaves) }
  for i, y in ipairs(floats(cases.call(op, given))) do -- the gradients that arrive are inputs too
    inputs[#leaves + i] = cases.weights_like(y, 4 + i)
    inputs[#leaves + i].requires_grad = true
  end
  local function f(...)
    local recording = core.is_grad_enabled()
    local now = { ... }
    if not recording then -- differences: the leaves of gradcheck keep their gradients
      for i, x in ipairs(now) do
        now[i] = x:clone():detach()
        now[i].requires_grad = true
      end
    end
    local before = core.set_grad_enabled(true)
    local at = 0
    local values = cases.map(op, given, function(x, a)
      if not cases.takes_gradient(op, a) then return x end
      at = at + 1
      return hold(now[at])
    end)
    local total
    for i, y in ipairs(floats(cases.call(op, values))) do
      local part = (y * now[#leaves + i]):sum()
      total = total and total + part or part
    end
    total:backward { create_graph = true }
    total = (now[#now] * 0.25):sum() -- part of a graph, whatever the gradients are
    for i = 1, #now do
      if now[i].grad and i <= #leaves then total = total + (now[i].grad * cases.weights_like(now[i].grad, 9 + i)):sum() end
      now[i].grad = nil
    end
    core.set_grad_enabled(before)
    return total
  end
  core.gradcheck(f, inputs, { atol = 1e-4 })
end

--- Gradients of gradients, against central differences.
function Sweep.second_gradient(op, case)
  if not (op.differentiable and op.second) then return end
  check_second(op, case, function(x) return x end)
end

--- The same through inputs that the op has to make contiguous or convert first.
function Sweep.second_gradient_of_strides(op, case)
  if not (op.differentiable and op.second) or op.family == "view" then return end
  check_second(op, case, function(x)
    if x:dim() < 2 then return x end
    return (x:transpose() * 1):transpose()
  end)
end

--- Where an elementwise op and its gradient are numbers, however large or at 0, so is the gradient of the gradient.
function Sweep.second_gradient_far_out(op, case)
  if op.family ~= "elementwise" or not op.differentiable or case ~= op.cases[1] then return end
  local at, n = { -1000, -100, -20, -1, 0, 0.5, 1, 20, 100, 1000 }, 0
  local values = cases.map(op, cases.arguments(op, case), function(_, a)
    if not cases.takes_gradient(op, a) then return core.tensor { true } end
    n = n + 1
    local flat = {}
    for i = 1, 100 do flat[i] = at[n == 1 and (i - 1) % 10 + 1 or n == 2 and (i - 1) // 10 + 1 or (3 * i) % 10 + 1] end
    return core.tensor(flat, { dtype = "float64" })
  end)
  local leaves = cases.leaves(op, with_gradients(op, values))
  local result = cases.call(op, values)
  result:sum():backward { create_graph = true }
  local sound, total = result:isfinite(), (leaves[1] * 0):sum()
  for _, x in ipairs(leaves) do
    if x.grad then
      sound, total = sound & x.grad:isfinite(), total + x.grad:sum()
      x.grad = nil
    end
  end
  total:backward()
  for i, x in ipairs(leaves) do
    local bad = x.grad and (x.grad:isnan() & sound):nonzero() or core.zeros { 0 }
    check(bad.shape[1] == 0, "the second gradient of input %d is NaN at elements\n%s\nof\n%s", i, tostring(bad), tostring(x:detach()))
    x.grad = nil
  end
end

--- Ops without a second gradient say so.
function Sweep.no_second_gradient(op, case)
  if not op.differentiable or op.second then return end
  local values = with_gradients(op, cases.arguments(op, case))
  local loss = weighted(cases.call(op, values))
  local ok, message = pcall(loss.backward, loss, { create_graph = true })
  for _, x in ipairs(cases.leaves(op, values)) do x.grad = nil end
  check(not ok, "create_graph was accepted")
  check(tostring(message):find("backward: " .. op.name .. " has no gradient of its gradient", 1, true), "%s", tostring(message))
end

--- (f) Shapes alone infer what running gives.
function Sweep.shape_only(op, case)
  local values = cases.arguments(op, case)
  local flops = core.flops()
  local results = { cases.call(op, values) }
  flops = core.flops() - flops
  local only = cases.map(op, values, function(x) return core.shape_only(x.shape, x.dtype) end)
  local inferring = core.flops()
  local inferred = { pcall(cases.call, op, only) }
  local ok = table.remove(inferred, 1)
  if op.needs_data then
    check(not ok and names_op(op, inferred[1]), "an error that names the op is expected: %s", tostring(inferred[1]))
    return
  end
  check(ok, "%s", tostring(inferred[1]))
  check(#inferred == #results, "%d results instead of %d", #inferred, #results)
  for i, z in ipairs(inferred) do
    local y = results[i]
    check(not z:has_storage(), "result %d has storage", i)
    check(same_shape(y.shape, z.shape), "result %d: shape %s instead of %s", i, shape_text(z.shape), shape_text(y.shape))
    check(y.dtype == z.dtype, "result %d: %s instead of %s", i, z.dtype, y.dtype)
  end
  check(core.flops() - inferring == flops, "other FLOPs: %d instead of %d", core.flops() - inferring, flops)
end

--- Writing in place gives what the op gives.
function Sweep.in_place(op, case)
  local method = core.methods[op.name .. "_"]
  if not method then return end
  local values = cases.arguments(op, case)
  local first = op.all[1].name
  local y = cases.call(op, values)
  if not same_shape(y.shape, values[first].shape) then return end
  local rest, n, options = {}, 0, {}
  for i = 2, #op.all do
    local a = op.all[i]
    if a.is_option then options[a.name] = values[a.name]
    else
      n = n + 1
      rest[n] = values[a.name]
    end
  end
  if next(options) then
    n = n + 1
    rest[n] = options
  end
  local x = values[first]:clone()
  local same = method(x, table.unpack(rest, 1, n))
  check(rawequal(same, x), "the result is not the tensor itself")
  check_close(x, y, 0, "in place")
end

-- One test for each op and promise; a failure names the case.
TestSweep = {}
for _, op in ipairs(cases.ops) do
  for name, promise in pairs(Sweep) do
    TestSweep[("test_%s_%s"):format(op.name, name)] = function()
      luaunit.assertTrue(#op.cases > 0)
      for _, case in ipairs(op.cases) do within(op, case, name, function() promise(op, case) end) end
    end
  end
end

-- What the sweep itself must not lose.
TestSweepTable = {}

function TestSweepTable:test_each_op_has_cases()
  for _, op in ipairs(cases.ops) do luaunit.assertTrue(#op.cases > 0, op.name .. " has no cases") end
end

function TestSweepTable:test_each_op_of_the_table_is_bound()
  local n = 0
  for _, op in ipairs(cases.ops) do luaunit.assertNotNil(core.ops[op.name], op.name) end
  for _ in pairs(core.ops) do n = n + 1 end
  luaunit.assertEquals(n, #cases.ops)
end

function TestSweepTable:test_each_tensor_argument_is_given_in_some_case()
  for _, op in ipairs(cases.ops) do
    for _, a in ipairs(op.all) do
      local given = not (a.is_tensor or a.type == "tensors")
      for _, case in ipairs(op.cases) do given = given or case[a.name] ~= nil end
      luaunit.assertTrue(given, ("%s: no case gives %s"):format(op.name, a.name))
    end
  end
end
