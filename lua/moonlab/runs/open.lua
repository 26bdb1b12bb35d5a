--- A run folder read back, whole or damaged: what can be read is there, what can't is named.

local failure = require "moonlab.failure"
local json = require "moonlab.json"
local lines = require "moonlab.runs.lines"
local vm = require "moonlab.vm"

local runs = {}

local function has(path, name) return vm.exists(path .. "/" .. name) == "file" end

--- Whether a folder is that of a run, a cross-validation or a search: without these files it is somebody's own.
function runs.is(path) return has(path, "recipe.lua") and (has(path, "config.json") or has(path, "journal.jsonl")) end

-- A file of JSON, nil where there is none.
local function read_json(self, name)
  local path = self.path .. "/" .. name
  if vm.exists(path) ~= "file" then return nil end
  local text, problem = vm.read(path)
  local ok, value
  if text then ok, value = pcall(json.decode, text) end
  if ok and type(value) == "table" then return value end
  self.problems[#self.problems + 1] = ("%s: %s"):format(name, text and tostring(ok and "no object" or failure.message_of(value)) or problem)
end

local function read_lines(self, name)
  local path = self.path .. "/" .. name
  if vm.exists(path) ~= "file" then return nil end
  local text, problem = vm.read(path)
  if not text then
    self.problems[#self.problems + 1] = problem
    return nil
  end
  local values, problems = lines.parse(text, name)
  table.move(problems, 1, #problems, #self.problems + 1, self.problems)
  return values
end

local function object(value) return type(value) == "table" and value or {} end

--- Whether a program is at work in a folder.
function runs.is_at_work(path)
  local held <close>, problem = vm.lock_folder(path)
  return not held and not problem
end

-- "done", "missed", "stopped", "damaged", "running", "unfinished": it was killed
local function status_of(self)
  if runs.is_at_work(self.path) then return "running" end
  if #self.problems > 0 then return "damaged" end
  local status = self.record.status
  if self.search then return has(self.path, "chosen.json") and (status == "missed" and status or "done") or "unfinished" end
  if status == "running" then return "unfinished" end
  return type(status) == "string" and status or self.metrics and "done" or "unfinished"
end

--- Reads a run folder.
-- @param path  of a folder that runs.is says is one
-- @param name  that it is called; the last part of the path if not given
-- @return { path =, name =, config =, metrics =, record = tables, log =, folds = lists of records or nil, recipe = text, problems = list of text,
--         status =, search = whether it is a search, whose last run is in final/ }
function runs.read(path, name)
  local self = { path = path, name = name or path:match "[^/]+$" or path, problems = {} }
  self.config = object(read_json(self, "config.json"))
  self.record = object(read_json(self, "record.json"))
  self.metrics = read_json(self, "metrics.json")
  self.log, self.folds = read_lines(self, "log.jsonl"), read_lines(self, "folds.jsonl")
  self.recipe = vm.read(path .. "/recipe.lua") or ""
  self.search = has(path, "journal.jsonl")
  self.status = status_of(self)
  return self
end

--- The folder that a word of the command line names: a path, or a name in runs/.
-- @error a failure with status 4: there is no such folder, or it is none of a run
function runs.locate(word, where)
  local path = word:gsub("(.)/+$", "%1")
  if vm.exists(path) ~= "directory" then path = "runs/" .. path end
  if vm.exists(path) ~= "directory" then failure.raise("data", "%s: there is no run folder %s", where, word) end
  if not runs.is(path) then failure.raise("data", "%s: %s is no run folder: it has no recipe.lua with a config.json", where, path) end
  return path
end

--- Opens the run that a word names.
function runs.open(word, where) return runs.read(runs.locate(word, where)) end

--- The runs in a folder, in the order of their names; numbers in them by value. The last run of a search comes behind it.
-- @return a list of what runs.read gives
function runs.list(folder)
  local out = {}
  for _, name in ipairs(vm.listdir(folder) or {}) do
    local path = folder .. "/" .. name
    if vm.exists(path) == "directory" and (runs.is(path) or has(path, "record.json")) then
      out[#out + 1] = runs.read(path)
      if out[#out].search and runs.is(path .. "/final") then out[#out + 1] = runs.read(path .. "/final", name .. "/final") end
    end
  end
  local function key(run) return run.name:gsub("%d+", function(digits) return ("%012d"):format(tonumber(digits) or 0) end) end
  table.sort(out, function(a, b) return key(a) < key(b) end)
  return out
end

--- The scores of a run by name, and the part that they are of: that which was judged, or the means over folds.
-- @return scores, part, the names in order
function runs.scores(run)
  local metrics, scores, names = object(run.metrics), {}, {}
  local function add(name, value)
    if type(value) == "number" then scores[name], names[#names + 1] = value, name end
  end
  local given = object(object(run.config.assess).metrics)
  local order = table.move(given, 1, #given, 1, {})
  for _, part in ipairs { "test", "valid" } do
    if type(metrics[part]) == "table" then
      for _, name in ipairs(order) do add(name, metrics[part][name]) end
      local rest = {}
      for name in pairs(metrics[part]) do
        if scores[name] == nil then rest[#rest + 1] = name end
      end
      table.sort(rest)
      for _, name in ipairs(rest) do add(name, metrics[part][name]) end
      return scores, part, names
    end
  end
  for _, one in ipairs(object(metrics.metrics)) do
    if type(one) == "table" and type(one.metric) == "string" then add(one.metric, one.mean) end
  end
  if run.search then -- those of the trial that was chosen, first what it was chosen by
    local found = object(metrics.scores)
    if type(metrics.select) == "string" then table.insert(order, 1, metrics.select) end
    for _, name in ipairs(order) do
      if scores[name] == nil then add(name, object(found[name]).mean) end
    end
  end
  return scores, (metrics.folds or run.search) and "folds" or nil, names
end

return runs
