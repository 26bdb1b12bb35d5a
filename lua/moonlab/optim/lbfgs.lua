--- L-BFGS: steps by an estimate of the curvature from the last steps, each as long as a line search finds good (strong
-- Wolfe conditions). For small models and whole batches: step runs its function, which computes loss and gradient, up to
-- 1.25 max_iter times. Nocedal 1980; Liu and Nocedal 1989.
--   opt:step(function() opt:zero_grad(); local loss = f(); loss:backward(); return loss end)
-- @param model  a model or a list of parameters; without it the result is a spec, which a recipe's trainer attaches
-- @param o      { lr = 1, max_iter = 20 (steps of the method in one call), max_eval = 1.25 max_iter, tolerance_grad =
--               1e-7 (largest element of the gradient), tolerance_change = 1e-9, history_size = 100, line_search =
--               "strong_wolfe" or "none" (each step has the length lr), schedule = }
-- @usage local opt = ml.optim.lbfgs(model, {max_iter = 50})

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local line_search = require "moonlab.optim.line_search"

local ops = core.ops
local CURVED = 1e-10 -- the least product of a move and its change of gradient that counts

local function dot(a, b) return (a * b):sum():item() end
local function longest(x) return x:numel() > 0 and x:abs():max():item() or 0 end

local function flat(tensors)
  local list = {}
  for i, tensor in ipairs(tensors) do list[i] = tensor:detach():reshape { -1 } end
  return ops.cat(list, 1)
end

local function gradient_of(parameters)
  local list, any = {}, false
  for i, p in ipairs(parameters) do
    any = any or p:has_grad()
    list[i] = p:has_grad() and p.grad or core.zeros(p.shape, { dtype = p.dtype })
  end
  if not any then blame.raise "lbfgs: the function that step was given left no gradients: it calls loss:backward()" end
  return flat(list)
end

local function write(parameters, values)
  local at = 1
  for _, p in ipairs(parameters) do
    local n = p:numel()
    p:copy_(values:slice(1, at, at + n - 1):reshape(p.shape))
    at = at + n
  end
end

-- The last moves s and the changes y of the gradient that came with them, the oldest first: memory.move_1, change_1 ...
local function remember(memory, gradient, history)
  local change, move = gradient - memory.gradient, memory.direction * memory.step
  local product = dot(change, move)
  if product <= CURVED then return end
  if memory.count == history then
    for i = 1, history - 1 do
      for _, name in ipairs { "move_", "change_", "product_" } do memory[name .. i] = memory[name .. i + 1] end
    end
    memory.count = history - 1
  end
  local i = memory.count + 1
  memory.count, memory["move_" .. i], memory["change_" .. i], memory["product_" .. i] = i, move, change, product
  memory.scale = product / dot(change, change)
end

-- -H g, H being the inverse curvature that the memory stands for: two loops over it.
local function direction(memory, gradient)
  local d, along = -gradient, {}
  for i = memory.count, 1, -1 do
    along[i] = dot(memory["move_" .. i], d) / memory["product_" .. i]
    d = d - memory["change_" .. i] * along[i]
  end
  d = d * memory.scale
  for i = 1, memory.count do
    local back = dot(memory["change_" .. i], d) / memory["product_" .. i]
    d = d + memory["move_" .. i] * (along[i] - back)
  end
  return d
end

-- One step of the method from `point`: the point where it ended, or nil where nothing goes down from here.
local function move(self, point, parameters, evaluate, budget)
  local o, memory = self.options, self.memory
  memory.iterations = memory.iterations + 1
  local first = memory.iterations == 1
  if not first then remember(memory, point.gradient, o.history_size) end
  local d = direction(memory, point.gradient)
  local step = first and math.min(1, 1 / point.gradient:abs():sum():item()) * self.lr or self.lr
  memory.direction, memory.gradient, memory.step = d, point.gradient, step
  local slope = dot(point.gradient, d)
  if slope > -o.tolerance_change then return nil end
  local from = flat(parameters)
  local function at(t)
    write(parameters, from + d * t)
    local there = evaluate(t)
    there.slope = dot(there.gradient, d)
    return there
  end
  if o.line_search == "none" then return at(step) end
  local start = { t = 0, loss = point.loss, slope = slope, gradient = point.gradient, longest = longest(d) }
  local found = line_search(at, start, step, budget, o.tolerance_change)
  write(parameters, from + d * found.t)
  memory.step = found.t
  return found
end

local function evaluator(closure, parameters, count)
  return function(t)
    local loss
    local before = core.set_grad_enabled(true)
    local restore <close> = setmetatable({}, { __close = function() core.set_grad_enabled(before) end })
    loss = closure()
    count.evaluations = count.evaluations + 1
    return { t = t, loss = type(loss) == "userdata" and loss:item() or loss, gradient = gradient_of(parameters) },
      loss
  end
end

local function step(self, closure, entries)
  if type(closure) ~= "function" then
    blame.raise("lbfgs: step takes the function that computes loss and gradient: opt:step(function() opt:zero_grad(); "
      .. "local loss = ...; loss:backward(); return loss end), got %s", blame.show(closure))
  end
  local o, parameters, count = self.options, {}, { evaluations = 0 }
  for _, entry in ipairs(entries) do
    if entry.tensor.requires_grad then parameters[#parameters + 1] = entry.tensor end
  end
  local evaluate = evaluator(closure, parameters, count)
  local point, first_loss = evaluate(0)
  local before = core.set_grad_enabled(false)
  local restore <close> = setmetatable({}, { __close = function() core.set_grad_enabled(before) end })
  self.memory = self.memory or { iterations = 0, count = 0, scale = 1 }
  local most = o.max_eval or o.max_iter * 5 // 4
  for iteration = 1, o.max_iter do
    if longest(point.gradient) <= o.tolerance_grad then break end
    local found = move(self, point, parameters, evaluate, most - count.evaluations)
    if not found then break end
    local change = math.abs(found.loss - point.loss)
    point = found
    if iteration == o.max_iter or count.evaluations >= most then break end
    if longest(self.memory.direction) * self.memory.step <= o.tolerance_change then break end
    if change < o.tolerance_change then break end
  end
  return first_loss
end

return require "moonlab.optim.optimizer" {
  name = "lbfgs", step = step,
  options = { { "lr", "number", 1 }, { "max_iter", "count", 20 }, { "max_eval", "count" },
    { "tolerance_grad", "number", 1e-7 }, { "tolerance_change", "number", 1e-9 }, { "history_size", "count", 100 },
    { "line_search", { "strong_wolfe", "none" }, "strong_wolfe" } },
  state = function() return {} end,
  kept = function(o) return 2 * o.history_size + 2 end, -- moves and changes; direction and gradient
}
