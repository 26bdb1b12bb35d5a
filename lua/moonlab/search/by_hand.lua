--- ml.search: explores the spaces that a function calls.

local blame = require "moonlab.blame"
local board = require "moonlab.search.board"
local choose = require "moonlab.search.choose"
local methods = require "moonlab.search.methods"
local options = require "moonlab.options"
local space = require "moonlab.space"
local Trials = require "moonlab.search.trials"

local read = options("search", { { "run", "function" }, { "method", { "grid", "random", "tpe" }, "tpe" }, { "trials", "count" },
  { "larger", "boolean", true }, { "seed", "integer", 0 }, { "points", "integer", 5 } }, "ml.search {run = function() return ... end}")

local Found = {}

function Found.__tostring(self) return ("best of %d trials: %s: %.6g"):format(#self.trials, self.words, self.best.score) end

local function settings_of(entries)
  local out = {}
  for _, entry in ipairs(entries) do out[entry.name] = entry.value end
  return out
end

-- Calls the function with a trial's choices, and catches what it asks for.
local function call(run, suggest)
  local outer = space.begin { suggest = suggest }
  local ok, score = pcall(run)
  local entries = space.resume(outer)
  if not ok then error(score, 0) end
  if type(score) == "userdata" and score:numel() == 1 then score = score:item() end
  if type(score) ~= "number" then blame.raise("search: the function must return a number, it returned %s", blame.show(score)) end
  return score, entries
end

--- Calls a function many times, each time with other values of the spaces that stand in it, and finds those with the best score.
-- @param o  { run = function() -> a score, method = "tpe", "random" or "grid", trials = 30 (of a grid: all), larger = true: whether a larger score is
--           better, seed = 0, points = 5: what a grid takes of a range }
-- @return { best = { settings = by the names of spaces, score = }, trials = a list of { settings =, score = } in the order in which they were made };
--         it prints as the best one
-- @error a function that raises, that returns no number or that calls no space
-- @usage ml.search { run = function() return -(ml.grid { 1, 2, 3, name = "x" } - 2) ^ 2 end, method = "grid" }.best.settings.x   --> 2
return function(o)
  o = read(o)
  if not o.run then blame.raise("search: which function? write ml.search {run = function() return ... end}") end
  local scores = {}
  local trials = Trials.run {
    method = methods.new(o.method, o), most = o.trials or methods.trials(o.method), larger = o.larger, folds = 1, jobs = 1,
    ask = function(suggest)
      local score, entries = call(o.run, suggest)
      entries.result = score
      return entries
    end,
    watch = { opened = function(trial) scores[trial.number] = trial.entries.result end },
    run = function(task) return { score = scores[task.trial] } end,
  }
  local out = { trials = {} }
  for i, trial in ipairs(trials) do out.trials[i] = { settings = settings_of(trial.entries), score = trial.mean } end
  local best = choose.one(trials, "best", {})
  out.best, out.words = out.trials[best.number], board.line(best)
  return setmetatable(out, Found)
end
