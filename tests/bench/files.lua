-- Times the readers of files on the work of the peer's io_bench.py, a JSON line each: the table of that script's CSV, in this format or
-- another, folders of JPEG pictures on one thread; and training from a folder of JPEG pictures beside training from memory.
--   moonlab tests/bench/files.lua table FILE | jpeg DATA | training DATA FOLDER

local ml = require "moonlab"
local core = require "moonlab.core"
local json = require "moonlab.json"
local data = ml.data

local function status(what)
  for line in io.lines "/proc/self/status" do
    local kilobytes = line:match("^" .. what .. ":%s*(%d+)")
    if kilobytes then return tonumber(kilobytes) / 1024 end
  end
end

local function say(entries) print(json.encode(json.object(entries))) end

local function lines_of(command)
  local out, pipe = {}, assert(io.popen(command))
  for line in pipe:lines() do out[#out + 1] = line end
  pipe:close()
  return out
end

-- Types are found out and missing values taken; the process has read nothing before.
local function read_table(path)
  local before, began = status "VmRSS", ml.clock()
  local t = data[path:match "%.parquet$" and "parquet" or path:match "%.jsonl$" and "jsonl" or "csv"](path):table()
  local seconds = ml.clock() - began
  local bytes = assert(io.open(path)):seek "end"
  say { { "figure", "table" }, { "rows", #t }, { "mb", bytes / 1e6 }, { "seconds", seconds }, { "added_mb", status "VmHWM" - before } }
end

local function best_of(n, f)
  local best = math.huge
  for _ = 1, n do
    local began = ml.clock()
    f()
    best = math.min(best, ml.clock() - began)
  end
  return best
end

-- The peer's three rows: all pixels, all pixels made smaller, and smaller ones decoded as small as they may be.
local function jpeg(folder)
  core.threads(1)
  local flowers, cells = lines_of("find " .. folder .. "/flowers5 -name '*.jpg' | sort"), lines_of("find " .. folder .. "/bccd -name '*.jpg' | sort")
  local function each(paths, f) return function() for _, path in ipairs(paths) do f(path) end end end
  local function row(what, paths, f) say { { "figure", "jpeg" }, { "what", what }, { "per_s", #paths / best_of(3, each(paths, f)) } } end
  row("full", flowers, function(path) data.read_image(path, { channels = 3 }) end)
  row("full, resized", cells, function(path) data.resize(data.read_image(path, { channels = 3 }), { 120, 160 }) end)
  row("reduced", cells, function(path) data.read_image(path, { channels = 3, size = { 120, 160 } }) end)
end

-- Training from files ------------------------------------------------------------------------------------------------

-- Where the flowers are not there: as many pictures of a batch as are needed, in a folder of this test's own.
local function make_pictures(folder)
  os.execute(("mkdir -p %s/a %s/b"):format(folder, folder))
  for i = 1, 512 do
    local smooth = data.resize((ml.rand(3, 16, 16) * 255):to "uint8", { 128, 128 })
    data.write_image(("%s/%s/%03d.jpg"):format(folder, i % 2 == 0 and "a" or "b", i), smooth)
  end
  return folder
end

local STEPS, BATCH = 8, 64

-- function() -> seconds of some steps of the flowers' network on batches of a set.
local function trainer(set, recipe)
  local model = recipe.fields.model:clone():build { 3, 64, 64 }
  local optimizer, pass = ml.optim.adamw(model, { lr = 1e-3 }), 0
  return function()
    local began, steps = ml.clock(), 0
    pass = pass + 1
    for batch in set:batches { size = BATCH, shuffle = true, augment = recipe.fields.augment, pass = pass, seed = 1 } do
      local loss = ml.nn.cross_entropy(model(batch.x), batch.y)
      optimizer:zero_grad()
      loss:backward()
      optimizer:step()
      steps = steps + 1
      if steps == STEPS then break end
    end
    return ml.clock() - began
  end
end

-- The loader alone, and a network on batches of its pictures and on those in memory, in turn.
local function training(root, scratch)
  local vm = require "moonlab.vm"
  local folder = root .. "/flowers5"
  local made = vm.exists(folder) ~= "directory"
  if made then folder = make_pictures(scratch) end
  local recipe = require "moonlab.recipe.file".load("recipes/flowers.lua", { overrides = {} })
  local function set_with(memory)
    local set = data.folder(folder, { size = { 64, 64 }, memory = memory })
    return set:part(core.arange(1, STEPS * BATCH))
  end
  local kept, streamed = set_with(), set_with(1)
  local memory, files = trainer(kept, recipe), trainer(streamed, recipe)
  memory() -- decodes them
  local load = best_of(5, function() for _ in streamed:batches { size = BATCH } do end end)
  local in_memory, from_files = math.huge, math.huge
  for _ = 1, 4 do in_memory, from_files = math.min(in_memory, memory()), math.min(from_files, files()) end
  say { { "figure", "training" }, { "pictures", made and "made" or "flowers" }, { "loader", #kept / load }, { "memory", #kept / in_memory },
    { "files", #kept / from_files } }
end

if arg[1] == "table" then read_table(arg[2]) elseif arg[1] == "jpeg" then jpeg(arg[2]) else training(arg[2], arg[3]) end
