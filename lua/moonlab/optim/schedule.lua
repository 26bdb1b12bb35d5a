--- What the schedules have in common. A schedule says by which factor the learning rate is multiplied after a number of
-- epochs, which need not be whole: after step i of n in epoch e (from 1) the progress is e - 1 + i / n.
--
-- Every schedule can warm up: over the first `warmup` epochs its factor grows linearly from 1 % of its value.

local options = require "moonlab.options"

local FIRST = 0.01 -- of the learning rate, at the first step of the warm-up

local Schedule = { __name = "schedule" }
Schedule.__index = Schedule

function Schedule:__tostring() return "ml.optim." .. self.name end

--- What the learning rate is multiplied by.
-- @param progress  epochs done, with their fraction
-- @param epochs    epochs in all
-- @param state     what the schedule remembers, a table of its user's: plateau looks at it
-- @return a number
function Schedule:factor(progress, epochs, state)
  local warmup = self.options.warmup
  if progress < warmup then
    return self.shape(self.options, 0, epochs - warmup, state) * (FIRST + (1 - FIRST) * progress / warmup)
  end
  return self.shape(self.options, progress - warmup, epochs - warmup, state)
end

--- The momentum that belongs to the learning rate, or nil where the optimizer keeps its own.
-- @param progress  epochs done, with their fraction
-- @param epochs    epochs in all
-- @return a number or nil
function Schedule:momentum(progress, epochs)
  if not self.momentum_shape then return nil end
  local warmup = self.options.warmup
  return self.momentum_shape(self.options, math.max(progress - warmup, 0), epochs - warmup)
end

--- The options that the schedule knows: a list of { name, type = }.
function Schedule:option_names() return self.known end

--- Declares a schedule.
-- @param name      the name in ml.optim
-- @param declared  its options besides warmup, as for moonlab.options
-- @param shape     function(options, progress, epochs, state) -> factor, both counted from the end of the warm-up
-- @param check     function(options), called when one is made (optional)
-- @param more      { momentum = function(options, progress, epochs), observe = function(options, state, score,
--                  larger_is_better) } (optional)
-- @return the constructor
return function(name, declared, shape, check, more)
  table.insert(declared, { "warmup", "number", 0 })
  local known = {}
  for i, entry in ipairs(declared) do known[i] = { entry[1], type = entry[2] == "count" and "integer" or entry[2] } end
  local read = options("optim." .. name, declared)
  return function(given)
    local o = read(given)
    if o.warmup < 0 then
      require "moonlab.blame".raise("optim.%s: warmup must not be negative, got %s", name, o.warmup)
    end
    if check then check(o) end
    return setmetatable({ name = name, options = o, known = known, shape = shape, is_schedule = true,
      momentum_shape = more and more.momentum, observe = more and more.observe }, Schedule)
  end
end
