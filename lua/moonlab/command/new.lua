--- moonlab new NAME: a recipe to begin with, which runs as it is.

local failure = require "moonlab.failure"
local suggest = require "moonlab.suggest"
local templates = require "moonlab.command.templates"
local vm = require "moonlab.vm"

local function write(path, text)
  local ok, problem = vm.write_atomic(path, text)
  if not ok then failure.raise("data", "new: %s", problem) end
end

--- Writes NAME.lua, and NAME.csv or NAME.txt where the recipe reads rows or a text.
-- @param name     of the recipe, perhaps behind a folder that is there: recipes/churn
-- @param options  { task = "regression" and so on; binary if not given }
-- @return the exit status
-- @error a failure with status 2: an unknown task, a name that is none, a file that is there already
return function(name, options)
  local task = options.task or "binary"
  if not templates[task] then failure.raise("usage", "new: %s", suggest.unknown("task", task, templates.names)) end
  local stem = name:gsub("%.lua$", "")
  local last = stem:match "[^/]+$" or ""
  if not last:find "^%a[%w_.-]*$" then failure.raise("usage", "new: a name begins with a letter and has letters, digits, '-', '_' and '.', got '%s'", last) end
  local recipe, rows, ending = templates[task](last)
  local files = { { stem .. ".lua", recipe } }
  if rows then files[2] = { ("%s.%s"):format(stem, ending or "csv"), rows } end
  for _, file in ipairs(files) do
    if vm.exists(file[1]) then failure.raise("usage", "new: %s is there already", file[1]) end
  end
  for i = #files, 1, -1 do write(files[i][1], files[i][2]) end
  io.stdout:write(("wrote %s%s; next: moonlab check %s.lua, moonlab run %s.lua\n"):format(files[1][1], rows and " and " .. files[2][1] or "", stem, stem))
  return 0
end
