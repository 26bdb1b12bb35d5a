--- moonlab check R.lua: does everything fit, and what will it cost. Reads headers, of tables the beginning; trains nothing.

local failure = require "moonlab.failure"
local json = require "moonlab.json"
local recipe_file = require "moonlab.recipe.file"
local plans = require "moonlab.recipe.plan"
local shapes = require "moonlab.recipe.shapes"
local suspicions = require "moonlab.command.suspicions"

local function bytes_text(bytes)
  if bytes < 1024 ^ 2 then return ("%.1f KiB"):format(bytes / 1024) end
  if bytes < 1024 ^ 3 then return ("%.1f MiB"):format(bytes / 1024 ^ 2) end
  return ("%.2f GiB"):format(bytes / 1024 ^ 3)
end

local function count_text(n)
  for _, unit in ipairs { { 1e12, "T" }, { 1e9, "G" }, { 1e6, "M" }, { 1e3, "k" } } do
    if n >= unit[1] then return ("%.2f %s"):format(n / unit[1], unit[2]) end
  end
  return ("%d "):format(n)
end

local function product(sizes)
  local n = 1
  for _, size in ipairs(sizes) do n = n * size end
  return n
end

-- What training needs besides the program itself. Activations count twice: forward keeps them, backward makes as many
-- gradients.
local function memory(recipe, summary, peek)
  local optimizer = recipe.fields.train.optimizer
  if recipe.several then optimizer = optimizer[next(optimizer)] end -- of several, they are mostly alike
  local states = optimizer:numbers_kept() + (recipe.fields.train.ema and 1 or 0)
  local weights, trainable = summary.bytes, (summary.trainable or summary.parameters) * 4
  local rows = peek.count + (peek.test_count or 0)
  local batch = summary.batch * product(peek.x) * 4
  return {
    weights = weights, gradients = trainable, optimizer = states * trainable,
    activations = 2 * summary.activation_bytes // recipe.fields.train.accumulate + batch,
    data = peek.bytes or rows * product(peek.x) * (peek.stored_bytes or 1),
  }
end

local ORDER = { "weights", "gradients", "optimizer", "activations", "data" }

local function print_text(recipe, summary, peek, cost)
  local fields, total, parts = recipe.fields, 0, {}
  for i, name in ipairs(ORDER) do
    total = total + cost[name]
    parts[i] = ("%s %s"):format(name, bytes_text(cost[name]))
  end
  local cut = fields.split.valid + (not peek.test_count and fields.split.test or 0)
  local steps = (peek.count - math.floor(peek.count * cut + 0.5) + fields.train.batch - 1) // fields.train.batch
  io.stdout:write(tostring(summary), "\n\n")
  io.stdout:write(("data        %s%d rows of [%s]%s%s\n"):format(peek.partly and "at least " or "", peek.count, table.concat(peek.x, ", "),
    peek.classes and (", %d classes"):format(peek.classes) or "",
    peek.test_count and (", %d held out"):format(peek.test_count) or ""))
  io.stdout:write(("work        %sFLOP forward for a batch of %d, about three times that for a step\n"):format(
    count_text(summary.flops), fields.train.batch))
  if fields.train.steps then
    io.stdout:write(("steps       %d\n"):format(fields.train.steps))
  else
    io.stdout:write(("steps       %d an epoch, at most %d epochs\n"):format(steps, fields.train.epochs))
  end
  io.stdout:write(("memory      about %s: %s\n"):format(bytes_text(total), table.concat(parts, ", ")))
end

-- A model that is solved takes x as it is: there are no layers and steps to be looked at.
local function print_solved(recipe, peek, options)
  if options.json then
    io.stdout:write(json.encode(json.object { { "event", "check" }, { "name", recipe.fields.name }, { "rows", peek.count } }), "\n")
  else
    io.stdout:write(("model       %s, solved\ndata        %s%d rows of [%s]%s\n"):format(recipe.fields.model._name, peek.partly and "at least " or "",
      peek.count, table.concat(peek.x, ", "), peek.classes and (", %d classes"):format(peek.classes) or ""))
  end
  return 0
end

local function print_json(recipe, summary, peek, cost)
  local list = json.list()
  for i, name in ipairs(ORDER) do list[i] = { name, cost[name] } end
  io.stdout:write(json.encode(json.object {
    { "event", "check" }, { "name", recipe.fields.name }, { "parameters", summary.parameters },
      { "flops", summary.flops },
    { "batch", recipe.fields.train.batch }, { "rows", peek.count }, { "memory", json.object(list) },
  }), "\n")
end

--- Checks a recipe.
-- @param path     the recipe's file
-- @param options  as for run
-- @return the exit status: 0, or 3 where something does not fit (the message is on stderr)
-- @error a failure with status 2 for a wrong override, 4 for a file that is missing or damaged
return function(path, options)
  local job
  local function look()
    local recipe = recipe_file.load(path, options)
    job = plans.of(recipe)
    return recipe, shapes.check(recipe, job)
  end
  local ok, recipe, summary, peek = pcall(look)
  if not ok then
    if failure.status_of(recipe) ~= failure.status.error then error(recipe, 0) end
    io.stderr:write("moonlab: ", failure.message_of(recipe), "\n")
    return failure.status.missed
  end
  suspicions.say(recipe, peek.looked, options)
  if recipe.solved then return print_solved(recipe, peek, options) end
  local cost = memory(recipe, summary, peek)
  local print_result = options.json and print_json or print_text
  print_result(recipe, summary, peek, cost)
  if job.told and not options.json then io.stdout:write("loss        ", job.told, "\n") end
  return 0
end
