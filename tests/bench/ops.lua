-- Times single small operations from Lua, as the peer's script does from Python: best of 7 rounds, one JSON line each.
--   moonlab tests/bench/ops.lua

local ml = require "moonlab"
local core = require "moonlab.core"
core.threads(2)

local function timed(name, f)
  f()
  local began = ml.clock()
  f()
  local rounds, best = math.max(1, math.floor(0.05 / math.max(ml.clock() - began, 1e-7))), math.huge
  for _ = 1, 7 do
    began = ml.clock()
    for _ = 1, rounds do f() end
    best = math.min(best, (ml.clock() - began) / rounds)
  end
  print(('{"peer": "moonlab", "op": "%s", "us": %.3f}'):format(name, best * 1e6))
end

local x, y, x8, y8 = ml.randn(1), ml.randn(1), ml.randn(8, 8), ml.randn(8, 8)
local w = ml.randn(8, 8, { requires_grad = true })
timed("add_1", function() return x + y end)
timed("add_8x8", function() return x8 + y8 end)
timed("mm_8x8", function() return x8:mm(y8) end)
timed("mlp_tiny_fb", function() x8:matmul(w):relu():sum():backward() end)
