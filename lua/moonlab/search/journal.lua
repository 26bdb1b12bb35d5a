--- What a search has done so far, in a file that only grows (runs/lines.lua): killed at any moment, it goes on from there. From the first
-- line on that is torn or wrong the file counts as not written.

local failure = require "moonlab.failure"
local lines = require "moonlab.runs.lines"
local vm = require "moonlab.vm"

local Journal = {}
Journal.__index = Journal

local FILE = "journal.jsonl"

local function key(part, trial, rung, fold) return ("%d %d %d %d"):format(part, trial, rung, fold) end

-- Says what differs between what was searched and what is to be searched.
local function check(path, was, is)
  for _, part in ipairs { "recipe", "data", "settings" } do
    if was[part] ~= is[part] then
      failure.raise("usage", "%s: the %s changed since this search was begun; search into another folder, or remove this one", path,
        part == "recipe" and "recipe has" or part == "data" and "data have" or "overrides or the seed have")
    end
  end
end

--- Opens the journal of a folder, which is begun if there is none.
-- @param folder  of the search
-- @param head    { recipe =, data =, settings = hashes }: that of a journal that goes on must be equal
-- @return a journal; .is_worth = whether anything in it came to a score
-- @error a failure: another recipe, other data, other overrides
function Journal.open(folder, head)
  local path = folder .. "/" .. FILE
  local text = vm.exists(path) and vm.read(path) or ""
  local list, whole = lines.whole(text)
  if #list > 0 then check(folder, list[1], head) end
  local self = setmetatable({ path = path, done = {}, before = 0, part = 0 }, Journal)
  if whole < #text then
    local ok, problem = vm.write_atomic(path, text:sub(1, whole))
    if not ok then failure.raise("data", "can't write the journal: %s", problem) end
  end
  if #list == 0 then self:write { { "recipe", head.recipe }, { "data", head.data }, { "settings", head.settings } } end
  for i = 2, #list do
    local one = list[i]
    self.done[key(one.part, one.trial, one.rung, one.fold)] = one.answer
    self.is_worth = self.is_worth or one.answer.value ~= nil
    self.before = math.max(self.before, one.at)
  end
  return self
end

--- Whether a folder has the journal of a search with this head.
function Journal.is_of(folder, head)
  local path = folder .. "/" .. FILE
  local first = vm.exists(path) == "file" and lines.whole(vm.read(path) or "")[1]
  return first and first.recipe == head.recipe and first.data == head.data and first.settings == head.settings or false
end

function Journal:write(entries)
  local ok, problem = lines.append(self.path, entries)
  if not ok then failure.raise("data", "can't write the journal: %s", problem) end
end

--- The journal of a part of the work, in the same file: of a search inside of a fold.
-- @param part  its number, from 1; the search itself is 0
function Journal:of_part(part) return setmetatable({ part = part }, { __index = self }) end

--- What came of a fold of a trial, or nil.
function Journal:find(trial, rung, fold) return self.done[key(self.part, trial, rung, fold)] end

--- Adds what came of a fold of a trial.
-- @param answer  plain values
-- @param at      seconds since the search began, in all its sessions
function Journal:add(trial, rung, fold, answer, at)
  self.is_worth = self.is_worth or answer.value ~= nil
  self:write { { "part", self.part }, { "trial", trial }, { "rung", rung }, { "fold", fold }, { "at", at }, { "answer", answer } }
end

return Journal
