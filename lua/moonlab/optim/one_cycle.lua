--- One cycle: up from lr / div_factor to lr, then down far below where it began; the momentum (Adam's beta1) goes the
-- other way, where the optimizer has one. Smith and Topin 2018.
-- @param o  { pct_start = 0.3 (the part of the epochs that goes up), div_factor = 25, final_div_factor = 1e4, anneal =
--           "cos" or "linear", cycle_momentum = true, base_momentum = 0.85, max_momentum = 0.95, warmup = 0 epochs }
-- @usage ml.optim.sgd{lr = 0.5, momentum = 0.9, schedule = ml.optim.one_cycle{}}

local blame = require "moonlab.blame"

local function between(o, from, to, done)
  if o.anneal == "cos" then return to + (from - to) / 2 * (1 + math.cos(math.pi * done)) end
  return from + (to - from) * done
end

-- At three places a value each, and in between of it.
local function cycle(o, progress, epochs, low, high, last)
  local done = epochs > 0 and math.min(progress / epochs, 1) or 1
  if done < o.pct_start then return between(o, low, high, done / o.pct_start) end
  return between(o, high, last, o.pct_start < 1 and (done - o.pct_start) / (1 - o.pct_start) or 1)
end

local function shape(o, progress, epochs)
  local first = 1 / o.div_factor
  return cycle(o, progress, epochs, first, 1, first / o.final_div_factor)
end

local function momentum(o, progress, epochs)
  if not o.cycle_momentum then return nil end
  return cycle(o, progress, epochs, o.max_momentum, o.base_momentum, o.max_momentum)
end

local function check(o)
  if not (o.pct_start >= 0 and o.pct_start <= 1) then
    blame.raise("optim.one_cycle: pct_start must be from 0 to 1, got %s", o.pct_start)
  end
  for _, name in ipairs { "div_factor", "final_div_factor" } do
    if o[name] <= 0 then blame.raise("optim.one_cycle: %s must be above 0, got %s", name, o[name]) end
  end
end

return require "moonlab.optim.schedule"("one_cycle", {
  { "pct_start", "number", 0.3 }, { "div_factor", "number", 25 }, { "final_div_factor", "number", 1e4 },
  { "anneal", { "cos", "linear" }, "cos" }, { "cycle_momentum", "boolean", true },
  { "base_momentum", "number", 0.85 }, { "max_momentum", "number", 0.95 },
}, shape, check, { momentum = momentum })
