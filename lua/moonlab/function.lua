--- An op of one's own: `ml.Function{ forward = f, backward = b }`.
-- forward(ctx, ...) gets the arguments of the call and gives one tensor; it runs without a graph and may keep what
-- backward needs in ctx. backward(ctx, g) gets the gradient of that tensor and gives one gradient (or nil) for each tensor
-- among the arguments, in their order. It has no gradient of its gradient. ctx must not keep the
-- result itself, which would keep itself alive.
-- @usage
--   local cube = ml.Function {
--     forward = function(ctx, x) ctx.x = x; return x * x * x end,
--     backward = function(ctx, g) return g * ctx.x * ctx.x * 3 end,
--   }
--   cube(x):sum():backward()

local core = require "moonlab.core"
local blame, options = require "moonlab.blame", require "moonlab.options"

local parse = options("Function", { { "forward", "function" }, { "backward", "function" } }, "ml.Function{forward = f, backward = b}")

return function(definition)
  local given = parse(definition)
  if not given.forward or not given.backward then
    blame.raise "Function: forward and backward are both needed: ml.Function{forward = f, backward = b}"
  end
  return function(...)
    local inputs, ctx = {}, {}
    for i = 1, select("#", ...) do
      local v = select(i, ...)
      if core.is_tensor(v) then inputs[#inputs + 1] = v end
    end
    local before = core.set_grad_enabled(false)
    local ok, y = pcall(given.forward, ctx, ...)
    core.set_grad_enabled(before)
    if not ok then error(y, 0) end
    if not core.is_tensor(y) then blame.raise("Function: forward must give a tensor, got %s", blame.show(y)) end
    core.record_function(y, inputs, given.backward, ctx)
    return y
  end
end
