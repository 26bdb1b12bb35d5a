--- moonlab label R.lua: the rows of a recipe's table one by one in the terminal, a key for each class. What was labelled is written at
-- once, so that it can be left and taken up again; several people label into one file, and see how far they agree.

local vm = require "moonlab.vm"
local failure = require "moonlab.failure"
local Labels = require "moonlab.data.labels"
local plot = require "moonlab.plot"
local recipe_file = require "moonlab.recipe.file"
local plan = require "moonlab.recipe.plan"
local tables = require "moonlab.recipe.tables"

local KEYS = "123456789abcdefghijklmnoprtvwxyz" -- of the classes; q, s and u have a meaning
local WIDEST = 400 -- characters of a value that are shown

-- Classes ------------------------------------------------------------------------------------------------------------

local function classes_of(recipe, table_)
  local wish = recipe.fields.data
  local spec = wish.columns[wish.target]
  local words = spec and spec.options.words
  if not words and table_:has(wish.target) then
    words = table_:column(wish.target):text():unique():to_list()
    table.sort(words)
  end
  if not words or #words == 0 then
    plan.blame(recipe, { "data", "target" }, "which classes there are is not known: say %s = data.category{\"first\", \"second\"} in data.columns",
      wish.target)
  end
  if #words > #KEYS then plan.blame(recipe, { "data", "target" }, "there are %d classes, and keys for %d", #words, #KEYS) end
  return words
end

-- Rows ---------------------------------------------------------------------------------------------------------------

local function shown(value)
  local text = tostring(value):gsub("[%c\127]", " ")
  if utf8.len(text) and utf8.len(text) > WIDEST then text = text:sub(1, utf8.offset(text, WIDEST + 1) - 1) .. "..." end
  return text
end

local function is_picture(value)
  local ending = type(value) == "string" and value:lower():match "%.(%w+)$"
  return ending == "png" or ending == "jpg" or ending == "jpeg"
end

-- A picture as letters, where the file is there.
local function picture(recipe, path, options)
  local ok, found = pcall(require "moonlab.data.locate", "label", path, "file", recipe.path)
  if not ok then return "(" .. failure.message_of(found):match "[^\n]*" .. ")" end
  local image = require "moonlab.data.image".read_image(found, { channels = 3 })
  return tostring(plot.image_grid(image:unsqueeze(1), { columns = 1, border = 0, width = math.min(options.terminal.columns, 80),
    utf8 = options.terminal.utf8, color = options.terminal.color }))
end

local function show_row(job, row)
  local lines = {}
  for _, name in ipairs(job.table.names) do
    if name ~= job.target and row[name] ~= nil then
      lines[#lines + 1] = ("  %s: %s"):format(name, shown(row[name]))
      if is_picture(row[name]) then lines[#lines + 1] = picture(job.recipe, row[name], job.options) end
    end
  end
  return table.concat(lines, "\n")
end

local function legend(job)
  local parts = {}
  for i, name in ipairs(job.classes) do parts[i] = ("%s %s"):format(KEYS:sub(i, i), name) end
  return table.concat(parts, "   ") .. "   (s skip, u undo, q quit)"
end

-- The dialogue -------------------------------------------------------------------------------------------------------

local function say(text)
  io.stdout:write(text, "\n")
  io.stdout:flush()
end

-- The rows that this labeller has not labelled yet.
local function open_rows(job)
  local mine, out = job.labels.given[job.by] or {}, {}
  for row = 1, #job.table do
    if not mine[job.keys[row]] then out[#out + 1] = row end
  end
  return out
end

local function undo(job, done)
  local last = table.remove(done)
  if not last then
    say "nothing to undo"
    return nil
  end
  job.labels:set(job.keys[last.row], nil, job.by)
  say(("took back row %d: %s"):format(last.row, last.label))
  return last.at
end

-- Asks for the rows one by one; done are those that were labelled, for undo.
local function ask(job, rows)
  local done, at = {}, 1
  while at <= #rows do
    local row = rows[at]
    say(("\nrow %d, %d left"):format(row, #rows - at + 1))
    say(show_row(job, job.table:row(row)))
    say(legend(job))
    local key, why = vm.read_key()
    if key == nil then return why end
    local class = key:match "^%w$" and KEYS:find(key, 1, true)
    if key == "q" or key == "\4" then return
    elseif key == "s" then at = at + 1
    elseif key == "u" then at = undo(job, done) or at
    elseif class and class <= #job.classes then
      job.labels:set(job.keys[row], job.classes[class], job.by)
      done[#done + 1] = { row = row, at = at, label = job.classes[class] }
      say("-> " .. job.classes[class])
      at = at + 1
    else
      say(("'%s' is the key of no class"):format(shown(key)))
    end
  end
end

local function summary(job)
  local mine, counts, total = job.labels.given[job.by] or {}, {}, 0
  for _, key in ipairs(job.keys) do
    local label = mine[key]
    if label then counts[label], total = (counts[label] or 0) + 1, total + 1 end
  end
  local parts = {}
  for _, name in ipairs(job.classes) do parts[#parts + 1] = ("%s %d"):format(name, counts[name] or 0) end
  say(("\n%d of %d rows labelled by %s: %s"):format(total, #job.table, job.by, table.concat(parts, ", ")))
  for _, one in ipairs(job.labels:kappas()) do
    local text = one.kappa and ("agreement %.3f, kappa %.3f"):format(one.agreement, one.kappa) or one.why
    say(("%s and %s: %d rows in common; %s"):format(one.a, one.b, one.rows, text))
  end
  say("labels in " .. job.labels.path)
end

--- Labels the rows of a recipe.
-- @param path     the recipe's file
-- @param options  { out = the file of labels; data.labels of the recipe, or labels.csv beside it, if not given, by = who labels; the user's name, terminal = }
-- @return the exit status
-- @error a failure: a recipe whose source is no table, no classes, a file of labels that is none
return function(path, options)
  local recipe = recipe_file.load(path, options)
  if not tables(recipe) then failure.raise("usage", "label: the source of %s is no table", path) end
  local wish = recipe.fields.data
  if not wish.target then plan.blame(recipe, { "data" }, "label: data.target names what is asked for") end
  local table_ = wish.source:table()
  local folder = path:match "^(.*)/[^/]*$"
  local job = { recipe = recipe, options = options, table = table_, target = wish.target, classes = classes_of(recipe, table_),
    keys = Labels.keys(table_, wish.id, wish.target),
    by = options.by or os.getenv "USER" or os.getenv "LOGNAME" or "me" }
  local beside = wish.labels or "labels.csv"
  job.labels = Labels.open(options.out or (folder and beside:sub(1, 1) ~= "/" and folder .. "/" .. beside) or beside)
  vm.hold(true) -- ^C ends the dialogue, and the summary follows
  local ok, why = pcall(ask, job, open_rows(job))
  vm.hold(false)
  if not ok then error(why, 0) end
  summary(job)
  return why == "interrupted" and failure.status.interrupted or 0
end
