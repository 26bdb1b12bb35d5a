--- moonlab verify R.lua: runs a recipe again and holds the result against its lock, bit by bit.

local failure = require "moonlab.failure"
local json = require "moonlab.json"
local recipe_file = require "moonlab.recipe.file"
local Job = require "moonlab.recipe.job"
local execute = require "moonlab.command.execute"
local Folder = require "moonlab.command.folder"
local output = require "moonlab.command.output"
local lock = require "moonlab.runs.lock"
local runs = require "moonlab.runs.open"
local vm = require "moonlab.vm"

-- What a run of the recipe comes to, in a folder that is gone again.
local function run_again(recipe, options)
  local temporary = vm.temporary_folder((os.getenv "TMPDIR" or "/tmp") .. "/moonlab-verify")
  if not temporary then failure.raise("data", "verify: there is no place for a temporary folder") end
  local ok, made = pcall(function()
    local job, folder = Job.prepare(recipe), Folder.create(recipe.fields.name, temporary .. "/run")
    execute(job, folder, { quiet = options.quiet, terminal = options.terminal, no_look = true, no_page = true })
    return lock.of(runs.read(folder.path))
  end)
  vm.remove_tree(temporary)
  if not ok then error(made, 0) end
  return made
end

local function print_differences(path, differences, notes)
  for _, note in ipairs(notes) do io.stdout:write("note     ", note, "\n") end
  for _, one in ipairs(differences) do io.stdout:write(("%-8s %s\n"):format(one.what, one.text)) end
  if #differences == 0 then io.stdout:write(("the same data, split, weights and scores as in %s\n"):format(lock.path(path))) end
end

--- Verifies.
-- @param path     the recipe's file
-- @param options  { json =, quiet =, terminal = }
-- @return the exit status: 0, or 3 where something differs from the lock
-- @error a failure with its exit status: 4 there is no lock; what the run raises
return function(path, options)
  output.begin(options.json)
  if #options.overrides > 0 then failure.raise("usage", "verify: the lock says with which overrides the recipe was run; leave '%s' out", options.overrides[1]) end
  local was = lock.read(path)
  local is = run_again(recipe_file.load(path, { overrides = was.overrides, seed = math.tointeger(was.seed) }), options)
  local differences, notes = lock.differences(was, is), lock.other_tools(was, is)
  if options.json then
    local list = json.list()
    for i, one in ipairs(differences) do list[i] = json.object { { "what", one.what }, { "text", one.text } } end
    io.stdout:write(json.encode(json.object { { "same", #differences == 0 }, { "differences", list }, { "notes", json.list(notes) } }), "\n")
  else
    print_differences(path, differences, notes)
  end
  return #differences == 0 and 0 or failure.status.missed
end
