--- The trials of a search: which are made, in which folds they are judged, which are stopped early. Whatever is decided is decided in the
-- order of the trials, by results that do not depend on who was faster: the table of many processes is that of one.
--
-- Where trials learn from one another, trial t knows the scores of the trials 1 to t - 4 and no later one, so that four may be under way.
--
-- A trial is hopeless, and stopped, after fold k (3 at least) when it was worse than the best trial that it knows in each of the k folds,
-- on the mean by more than three standard errors of the differences, and by more than two standard errors of the best one's mean.
--
-- Successive halving (Jamieson and Talwalkar 2016): all trials are judged cheaply, on the first rung; the better third goes on to the
-- next one, which is three times as dear, until the last, which is the whole. A rung is decided when all its trials are done.

local failure = require "moonlab.failure"
local domain = require "moonlab.search.domain"
local team = require "moonlab.recipe.team"
local vm = require "moonlab.vm"

local Trials = {}
Trials.__index = Trials

local LAG, LEAST_FOLDS, ATTEMPTS = 4, 3, 50
Trials.ETA = 3

-- Mean and standard error of a list.
local function moments(list)
  local sum, squares, n = 0, 0, #list
  for _, x in ipairs(list) do sum = sum + x end
  local mean = sum / n
  for _, x in ipairs(list) do squares = squares + (x - mean) ^ 2 end
  local std = n > 1 and math.sqrt(squares / (n - 1)) or nil
  return mean, std, std and std / math.sqrt(n)
end

-- Whether a trial with these scores (the larger the better) will not become the best.
local function is_hopeless(scores, best)
  local differences = {}
  for k, score in ipairs(scores) do
    differences[k] = best[k] - score
    if differences[k] <= 0 then return false end
  end
  local mean, _, error_of_mean = moments(differences)
  local _, _, error_of_best = moments(best)
  return mean > 3 * error_of_mean and mean > 2 * error_of_best
end

-- Opening -------------------------------------------------------------------------------------------------------------------

-- How many trials, from the first on, are closed.
local function closed_in_order(self)
  while self.list[self.closed + 1] and self.list[self.closed + 1].closed do self.closed = self.closed + 1 end
  return self.closed
end

local function best_of(list)
  local best
  for _, trial in ipairs(list) do
    if trial.complete and (not best or trial.score > best.score) then best = trial end
  end
  return best
end

local function choices_of(entries)
  local choices, by_name, words = {}, {}, {}
  for _, entry in ipairs(entries) do
    if not entry.fixed then
      local key, choice = domain.key(entry), domain.choice(entry)
      choices[key], by_name[entry.name] = choice, choice
      words[#words + 1] = ("%s=%.17g"):format(key, choice)
    end
  end
  return choices, by_name, table.concat(words, "\n")
end

-- The spaces of the next trial as they were recorded, or nil: there are no others.
local function proposed(self, number, known)
  for attempt = 1, ATTEMPTS do
    local suggest = self.method:propose(number, attempt, known)
    if not suggest then return nil end
    local entries = self.ask(suggest)
    local choices, by_name, signature = choices_of(entries)
    if signature == "" then failure.raise("usage", "there is nothing to search: write ml.grid{...}, ml.log_uniform(...) or another space where a value stands") end
    if not self.seen[signature] or not self.method.again then
      self.seen[signature] = true
      return { number = number, entries = entries, choices = choices, by_name = by_name, rung = 1, scores = {}, answers = {}, issued = {} }
    end
  end
end

local function is_out_of_time(self) return self.minutes and self:seconds() > 60 * self.minutes end

-- What the method may know of the trials before one: of those that may still be under way only the choices.
local function seen_by(self, number, known)
  local out = {}
  for i = 1, number - 1 do
    local trial = self.list[i]
    out[i] = { number = i, choices = trial.choices, score = known[i] and trial.complete and trial.score or nil }
  end
  return out
end

-- Begins a trial, if there may be one now.
local function open(self)
  local number = #self.list + 1
  if self.all_open or self.under_way >= math.max(LAG, self.jobs) then return false end
  if self.learns and closed_in_order(self) < number - LAG then return false end
  if number > self.most or (number > 1 and is_out_of_time(self)) then
    self.all_open = true
    return false
  end
  local known = self.learns and table.move(self.list, 1, number - LAG, 1, {}) or {}
  local trial = proposed(self, number, seen_by(self, number, known))
  if not trial then
    self.all_open = true
    return false
  end
  trial.bar = self.stops and best_of(known) or nil
  self.list[number], self.under_way = trial, self.under_way + 1
  self.watch.opened(trial)
  return true
end

-- Closing -------------------------------------------------------------------------------------------------------------------

local function close(self, trial, stopped)
  trial.closed, trial.stopped = true, stopped
  if not trial.waits then self.under_way = self.under_way - 1 end
  trial.waits = nil
  if #trial.scores > 0 and not trial.failed then
    trial.score, trial.std, trial.standard_error = moments(trial.scores)
    trial.mean = self.sign * trial.score + 0.0 -- a score of 0 has no sign
    trial.first = trial.first or trial.mean
  end
  self.watch.closed(trial)
end

-- What to do with a trial whose folds 1 to k are known.
local function judge(self, trial)
  local k = #trial.scores
  if trial.failed then return close(self, trial, trial.failed) end
  if k < self.folds then
    if trial.bar and k >= LEAST_FOLDS and is_hopeless(trial.scores, trial.bar.scores) then
      close(self, trial, ("hopeless after %d of %d folds"):format(k, self.folds))
    end
    return
  end
  if trial.rung < self.rungs then
    trial.waits, self.under_way = true, self.under_way - 1
    return
  end
  trial.complete = true
  close(self, trial)
end

-- What came of a fold, in the order of the folds: a trial is judged by what stands before the first gap.
local function accept(self, trial, fold, answer)
  trial.answers[fold] = answer
  self.watch.fold(trial, fold, answer)
  while not trial.closed and not trial.waits do
    local next_ = trial.answers[#trial.scores + 1]
    if not next_ then return end
    local score = next_.value and next_.value.score
    if score then
      trial.scores[#trial.scores + 1] = self.sign * score
    else
      trial.failed = ("fold %d: %s"):format(#trial.scores + 1, next_.message or next_.value.why or "undefined")
      trial.status = next_.status
    end
    judge(self, trial)
  end
end

-- Rungs ---------------------------------------------------------------------------------------------------------------------

-- Those that wait on a rung, the best first; nil while others are still at work on it.
local function done_with_rung(self)
  local waiting, entered = {}, 0
  for _, trial in ipairs(self.list) do
    if not trial.closed and not trial.waits then return nil end
    if trial.waits then waiting[#waiting + 1] = trial end
    if trial.rung == self.rung then entered = entered + 1 end
  end
  for _, trial in ipairs(waiting) do
    trial.score = moments(trial.scores)
    trial.first = trial.first or self.sign * trial.score
  end
  table.sort(waiting, function(a, b)
    if a.score ~= b.score then return a.score > b.score end
    return a.number < b.number
  end)
  return waiting, entered
end

-- When all trials of a rung are done, the better ones go on to the next. Says whether that happened.
local function promote(self)
  if self.rungs == 1 or not self.all_open or self.rung == self.rungs then return false end
  local waiting, entered = done_with_rung(self)
  if not waiting or #waiting == 0 then return false end
  local going_on = math.ceil(entered / Trials.ETA)
  for place, trial in ipairs(waiting) do
    if place <= going_on then
      trial.waits, self.under_way = nil, self.under_way + 1
      trial.rung, trial.scores, trial.answers, trial.issued = self.rung + 1, {}, {}, {}
    else
      close(self, trial, ("on rung %d of %d"):format(self.rung, self.rungs))
    end
  end
  self.rung = self.rung + 1
  return true
end

-- Work ----------------------------------------------------------------------------------------------------------------------

-- Whether a fold may be begun: where a trial may be stopped early, not long before those in front of it are known.
local function may_begin(self, trial, fold)
  if trial.issued[fold] then return false end
  return not trial.bar or fold <= math.max(LEAST_FOLDS, #trial.scores + self.jobs)
end

-- A fold for a worker: one that it has seen before, if there is one.
local function unit_for(self, worker)
  local any
  for number = self.closed + 1, #self.list do
    local trial = self.list[number]
    for fold = 1, (trial.closed or trial.waits) and 0 or self.folds do
      if may_begin(self, trial, fold) then
        if (fold - worker) % self.jobs == 0 then return trial, fold end
        any = any or { trial, fold }
      end
    end
  end
  if any then return any[1], any[2] end
end

local function task_for(self, worker)
  while true do
    closed_in_order(self)
    while open(self) do end
    local trial, fold = unit_for(self, worker)
    if trial then
      trial.issued[fold] = true
      local done = self.journal and self.journal:find(trial.number, trial.rung, fold)
      if not done then
        self.watch.begun(trial, fold)
        return { name = ("trial %d"):format(trial.number), trial = trial.number, rung = trial.rung, fold = fold, choices = trial.by_name }
      end
      accept(self, trial, fold, done)
    elseif not promote(self) then
      return nil
    end
  end
end

local function take(self, task, answer)
  if answer.status == failure.status.interrupted then team.raise(answer) end
  if self.journal then self.journal:add(task.trial, task.rung, task.fold, answer, self:seconds()) end
  local trial = self.list[task.trial]
  if trial.rung == task.rung and not trial.closed then accept(self, trial, task.fold, answer) end
end

--- Seconds since the search began, in all its sessions.
function Trials:seconds() return vm.clock() - self.began + (self.journal and self.journal.before or 0) end

local function nothing() end
local UNWATCHED = { opened = nothing, begun = nothing, fold = nothing, closed = nothing }

--- Makes the trials.
-- @param o  { method = of propose, ask = function(suggest) -> the spaces that are then called, run = function(task) -> { score = } or { why = }
--           (in a worker; task = { trial =, rung =, fold =, choices = by the names of spaces }), folds = how many, rungs = how many, most =
--           trials, minutes =, jobs =, larger = whether a larger score is better, stop = whether hopeless trials are stopped, journal = or nil,
--           watch = { opened = function(trial), begun = function(trial, fold), fold = function(trial, fold, answer), closed = function(trial) } }
-- @return the list of trials: { number =, entries = spaces, choices =, mean =, std =, standard_error =, score = mean, negative where smaller is
--         better, first = mean on the first rung, scores = of the folds of its last rung, rung =, answers =, complete =, stopped = why, or nil }
-- @error what the first of all trials raises, where none has a score
function Trials.run(o)
  local self = setmetatable({ list = {}, closed = 0, under_way = 0, seen = {}, rung = 1, began = vm.clock() }, Trials)
  for key, value in pairs(o) do self[key] = value end
  self.watch = setmetatable(o.watch or {}, { __index = UNWATCHED })
  self.sign, self.rungs, self.most = o.larger and 1 or -1, o.rungs or 1, o.most or math.huge
  self.stops = o.stop and self.rungs == 1 and self.folds > LEAST_FOLDS
  self.learns = self.stops or self.method.learns
  team.serve(self.jobs, o.run, function(worker) return task_for(self, worker) end, function(task, answer) take(self, task, answer) end,
    function(task) return ("trial %d, fold %d"):format(task.trial, task.fold) end)
  for _, trial in ipairs(self.list) do
    if trial.complete then return self.list end
  end
  local first = self.list[1]
  team.raise { status = first.status, message = ("no trial has a score; trial 1: %s"):format(first.failed or first.stopped) }
end

return Trials
