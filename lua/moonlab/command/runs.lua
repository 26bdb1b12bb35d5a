--- moonlab runs: what stands in run folders, compared, drawn and removed.

local failure = require "moonlab.failure"
local json = require "moonlab.json"
local suggest = require "moonlab.suggest"
local runs = require "moonlab.runs.open"
local letters = require "moonlab.plot.text"
local vm = require "moonlab.vm"

local actions = {}

local function say(text) io.stdout:write(text, "\n") end

local function object(value) return type(value) == "table" and value or {} end

-- Tables --------------------------------------------------------------------------------------------------------------

-- Rows of cells in columns as wide as their widest cell.
local function aligned(rows)
  local widths, out = {}, {}
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do widths[i] = math.max(widths[i] or 0, letters.width(cell)) end
  end
  for r, row in ipairs(rows) do
    local parts = {}
    for i, cell in ipairs(row) do parts[i] = cell .. (" "):rep(widths[i] - letters.width(cell)) end
    out[r] = table.concat(parts, "  "):gsub("%s+$", "")
  end
  return table.concat(out, "\n")
end

local function shown(value) return letters.clean(value == nil and "-" or tostring(value)) end

-- "2026-11-26 23:04" of "2026-11-26T23:04:44Z"
local function when(run)
  local day, time = shown(run.record.started):match "^(%d+%-%d+%-%d+)T(%d+:%d+)"
  return day and day .. " " .. time or "-"
end

local function model_of(run)
  local model = run.record.model or object(run.config.model).name
  return type(model) == "string" and model or "-"
end

local function scores_text(run, most)
  local scores, part, names = runs.scores(run)
  if #names == 0 then return "-" end
  local parts = {}
  for i, name in ipairs(names) do
    if i <= most then parts[i] = ("%s %.4f"):format(shown(name), scores[name]) end
  end
  return ("%s: %s"):format(part or "?", table.concat(parts, ", "))
end

-- ls ------------------------------------------------------------------------------------------------------------------

local function entries_of(run)
  local scores, part, names = runs.scores(run)
  local list = {}
  for i, name in ipairs(names) do list[i] = { name, scores[name] } end
  return { { "run", run.path }, { "name", run.config.name }, { "when", run.record.started }, { "task", run.config.task }, { "model", model_of(run) },
    { "status", run.status }, { "part", part }, { "scores", json.object(list) }, { "problems", #run.problems > 0 and json.list(run.problems) or nil } }
end

function actions.ls(words, options)
  local folders = #words > 0 and words or { "runs" }
  local rows, damaged, any = { { "run", "when (UTC)", "task", "model", "status", "scores" } }, {}, false
  for _, folder in ipairs(folders) do
    if vm.exists(folder) ~= "directory" and #words > 0 then failure.raise("data", "runs ls: there is no folder %s", folder) end
    for _, run in ipairs(runs.list(folder)) do
      any = true
      if options.json then say(json.encode(json.object(entries_of(run)))) end
      rows[#rows + 1] = { shown(run.name), when(run), shown(run.config.task), shown(model_of(run)), run.status, scores_text(run, 3) }
      for _, problem in ipairs(run.problems) do damaged[#damaged + 1] = ("%s/%s"):format(run.path, shown(problem)) end
    end
  end
  if options.json then return 0 end
  say(any and aligned(rows) or ("no runs in %s"):format(table.concat(folders, ", ")))
  for _, line in ipairs(damaged) do say(line) end
  return 0
end

-- show ----------------------------------------------------------------------------------------------------------------

local function baseline_of(run, name)
  local value = object(object(object(run.metrics).baseline).scores)[name]
  if type(value) == "number" then return ("%.4f"):format(value) end
  for _, one in ipairs(object(object(run.metrics).metrics)) do
    if type(one) == "table" and one.metric == name and type(one.baseline) == "number" then return ("%.4f"):format(one.baseline) end
  end
  return "-"
end

local function facts_of(run)
  local config, parts = run.config, {}
  local facts = { { "name", shown(config.name) }, { "status", run.status }, { "when (UTC)", when(run) }, { "task", shown(config.task) }, { "model", shown(model_of(run)) },
    { "seed", shown(config.seed) } }
  for _, name in ipairs { "train", "valid", "test" } do
    local rows = object(object(config.split).rows)[name]
    if rows then parts[#parts + 1] = ("%s %s"):format(name, shown(rows)) end
  end
  facts[#facts + 1] = { "rows", table.concat(parts, ", ") }
  if run.record.look then facts[#facts + 1] = { "look", shown(run.record.look) } end
  for i, text in ipairs(object(config.overrides)) do facts[#facts + 1] = { i == 1 and "overrides" or "", shown(text) } end
  for i, file in ipairs(object(object(config.data).files)) do
    facts[#facts + 1] = { i == 1 and "data" or "", ("%s  %s"):format(shown(object(file).sha256):sub(1, 16), shown(object(file).path)) }
  end
  return facts
end

function actions.show(words, options)
  if #words ~= 1 then failure.raise("usage", "runs show: one run expected, as in moonlab runs show runs/churn-1") end
  local run = runs.open(words[1], "runs show")
  if options.json then
    local entries = entries_of(run)
    for _, name in ipairs { "record", "config", "metrics" } do entries[#entries + 1] = { name, run[name] } end
    say(json.encode(json.object(entries)))
    return 0
  end
  say(aligned(facts_of(run)))
  local scores, part, names = runs.scores(run)
  local rows = { { "", part or "", "baseline" } }
  for _, name in ipairs(names) do rows[#rows + 1] = { shown(name), ("%.4f"):format(scores[name]), baseline_of(run, name) } end
  if #names > 0 then say("\n" .. aligned(rows)) end
  for _, problem in ipairs(run.problems) do say(shown(problem)) end
  return 0
end

-- rm ------------------------------------------------------------------------------------------------------------------

local function confirmed(paths, options)
  if options.yes then return true end
  if not (options.terminal.stdout_tty and vm.isatty(0)) then failure.raise("usage", "runs rm: there is nobody to ask; write --yes") end
  io.stdout:write(("remove %s? [y/N] "):format(table.concat(paths, ", ")))
  io.stdout:flush()
  local answer = io.stdin:read "l"
  return answer ~= nil and answer:lower():match "^%s*y" ~= nil
end

function actions.rm(words, options)
  if #words == 0 then failure.raise("usage", "runs rm: which run?") end
  local paths = {}
  for i, word in ipairs(words) do paths[i] = runs.locate(word, "runs rm") end -- nothing is removed unless all can be
  if not confirmed(paths, options) then return 0 end
  for _, path in ipairs(paths) do
    local ok, problem = vm.remove_tree(path)
    if not ok then failure.raise("data", "runs rm: %s", problem) end
    say(options.json and json.encode(json.object { { "removed", path } }) or "removed " .. path)
  end
  return 0
end

local NAMES = { "ls", "show", "rm" }

--- Lists, shows, compares, draws or removes runs.
-- @param options  { inputs = the action and its words, json =, yes =, terminal = }
-- @return the exit status
-- @error a failure: no such run, no such action
return function(_, options)
  local words = table.move(options.inputs, 2, #options.inputs, 1, {})
  local name = options.inputs[1] or "ls"
  if not actions[name] then failure.raise("usage", "runs: %s", suggest.unknown("action", name, NAMES)) end
  return actions[name](words, options)
end
