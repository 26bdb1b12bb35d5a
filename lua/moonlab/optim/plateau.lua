--- The learning rate times `factor` whenever the validation score has not become better for more than `patience` epochs.
-- A recipe's trainer tells it the score; by hand opt:set_score(score) does after each epoch.
-- @param o  { factor = 0.1, patience = 10, threshold = 1e-4 (better by this part of the best), cooldown = 0 (epochs after
--           a change that don't count), final = 0 (the smallest factor), warmup = 0 epochs }
-- @usage ml.optim.adam{lr = 1e-3, schedule = ml.optim.plateau{patience = 3}}

local blame = require "moonlab.blame"

local SMALLEST_CHANGE = 1e-8 -- of the factor; below it nothing changes

local function shape(_, _, _, state) return state and state.factor or 1 end

local function is_better(o, score, best, larger)
  if best == nil then return score == score end
  if larger then return score > best * (1 + o.threshold) end
  return score < best * (1 - o.threshold)
end

local function observe(o, state, score, larger)
  state.factor, state.bad, state.cooldown = state.factor or 1, state.bad or 0, state.cooldown or 0
  if is_better(o, score, state.best, larger) then
    state.best, state.bad = score, 0
  else
    state.bad = state.bad + 1
  end
  if state.cooldown > 0 then state.cooldown, state.bad = state.cooldown - 1, 0 end
  if state.bad <= o.patience then return end
  local smaller = math.max(state.factor * o.factor, o.final)
  if state.factor - smaller > SMALLEST_CHANGE then state.factor = smaller end
  state.cooldown, state.bad = o.cooldown, 0
end

local function check(o)
  if not (o.factor > 0 and o.factor < 1) then
    blame.raise("optim.plateau: factor must be between 0 and 1, got %s", o.factor)
  end
  for _, name in ipairs { "patience", "threshold", "cooldown", "final" } do
    if not (o[name] >= 0) then blame.raise("optim.plateau: %s must not be negative, got %s", name, o[name]) end
  end
end

return require "moonlab.optim.schedule"("plateau", {
  { "factor", "number", 0.1 }, { "patience", "integer", 10 }, { "threshold", "number", 1e-4 },
  { "cooldown", "integer", 0 }, { "final", "number", 0 },
}, shape, check, { observe = observe })
