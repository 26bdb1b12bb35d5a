-- Calls as users write them, beside PyTorch: results and gradients, in float64 and in float32.

local luaunit = require "luaunit"
local support = require "support"
local ml = require "moonlab"
local core = require "moonlab.core"
local nn = ml.nn
local check_close = support.agrees

local oracle = dofile "tests/fixtures/oracle.lua"

-- The numbers of tests/fixtures/make_oracle.py.
local function pattern(count, number, kind)
  local list = {}
  for i = 0, count - 1 do
    local v = math.sin(0.7 * i + 1.3 * number) + 0.1 * math.cos(2.9 * i)
    list[i + 1] = (kind == "s" or kind == "n") and v or kind == "p" and 1.2 + 0.5 * v or 0.5 + 0.4 * v
  end
  return list
end

local function count_of(shape)
  local n = 1
  for _, size in ipairs(shape) do n = n * size end
  return n
end

local function input(spec, number, dtype)
  local shape, kind = spec[1], spec[2]
  local n, list = count_of(shape), {}
  local low, high = kind:match "^(%d+)-(%d+)$"
  if not low and tonumber(kind) then low, high = 1, kind end
  if low then
    for i = 1, n do list[i] = low + ((i - 1) * 7 + 3) % (high - low + 1) end
    return ml.tensor(list):reshape(shape)
  elseif kind == "m" then
    for i, v in ipairs(pattern(n, number, "s")) do list[i] = v > 0 end
    return ml.tensor(list):reshape(shape)
  end
  local x = ml.tensor(pattern(n, number, kind), { dtype = dtype }):reshape(shape)
  x.requires_grad = kind ~= "n"
  return x
end

-- The running statistics after one batch, in rows.
local function moved(a, mean, var)
  mean, var = mean:clone(), var:clone()
  nn.batch_norm(a, nil, nil, mean, var, { momentum = 0.3 })
  return ml.stack({ mean, var }, 1)
end

local function run(case, dtype, tolerance)
  local inputs = {}
  for i, spec in ipairs(case.inputs) do inputs[i] = input(spec, i, dtype) end
  local a, b, c, d, e = table.unpack(inputs, 1, 5)
  if case[1]:find "moved" then d, e = b, c end
  if e then e = e:detach():abs() + 0.5 end -- variances
  local call = assert(load("local ml, nn, moved, a, b, c, d, e = ...; return " .. case[1]))
  local y = call(ml, nn, moved, a, b, c, d, e)
  check_close(y, case.y, case.shape, tolerance, "result")
  if next(case.grads) then
    y:backward(ml.tensor(pattern(y:numel(), 9, "s"), { dtype = y.dtype }):reshape(case.shape))
    for i, list in pairs(case.grads) do
      check_close(inputs[i].grad, list, inputs[i].shape, tolerance, "gradient of input " .. i)
    end
  end
end

TestOracle = {}
for i, case in ipairs(oracle) do
  TestOracle[("test_%03d %s"):format(i, case[1])] = function()
    run(case, "float64", 1e-8)
    run(case, "float32", 1e-5)
  end
end

function TestOracle:test_000_each_differentiable_op_of_the_layers_is_there()
  local seen = {}
  for _, case in ipairs(oracle) do
    for name in case[1]:gmatch "[%w_]+" do seen[name] = true end
  end
  for name, space in pairs(core.spaces) do -- dropout's bits are our own
    luaunit.assertTrue(seen[name] or space ~= "nn" or name == "dropout", name .. " is not in the oracle")
  end
end
