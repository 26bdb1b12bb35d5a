-- Times the readers of files on the work of the peer's io_bench.py, a JSON line each: the table of that script's CSV, and folders of
-- JPEG pictures on one thread.
--   moonlab tests/bench/files.lua csv FILE | jpeg DATA

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
local function csv(path)
  local before, began = status "VmRSS", ml.clock()
  local t = data.csv(path):table()
  local seconds = ml.clock() - began
  local bytes = assert(io.open(path)):seek "end"
  say { { "figure", "csv" }, { "rows", #t }, { "mb", bytes / 1e6 }, { "seconds", seconds }, { "added_mb", status "VmHWM" - before } }
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

if arg[1] == "csv" then csv(arg[2]) else jpeg(arg[2]) end
