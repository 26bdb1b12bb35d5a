--- What the trials of a recipe stand on: the data, read once as long as no trial changes what is read; the folds; the features of each
-- fold, which are fitted again only where a trial changes them. Each process keeps what it has fitted.

local core = require "moonlab.core"
local json = require "moonlab.json"
local config = require "moonlab.recipe.config"
local plans = require "moonlab.recipe.plan"
local prepare = require "moonlab.recipe.prepare"
local tables = require "moonlab.recipe.tables"
local keyed = require "moonlab.search.keyed"
local sparse = require "moonlab.sparse"

local Ground = {}
Ground.__index = Ground

local LEAST_ROWS = 32 -- of a rung

local READ = { task = true, data = true }
local FITTED = { seed = true, split = true, features = true, assess = true }

local function settings_of(recipe)
  local words = {}
  for i, entry in ipairs(recipe.spaces) do words[i] = ("%s=%s"):format(entry.name, tostring(entry.index or entry.value)) end
  return table.concat(words, " ")
end

local function looks_back(features)
  for _, feature in ipairs(features or {}) do
    if feature.kind.looks_back then return true end
  end
  return false
end

-- Derived columns as text, whatever their functions took from outside. The names of the columns are looked up once.
local function derived(self, recipe, data)
  if not tables(recipe) or next(recipe.fields.data.derive) == nil then return "" end
  self.names[data] = self.names[data] or recipe.fields.data.source:names()
  return json.encode(tables(recipe).derivations(recipe, self.names[data]))
end

-- What two recipes must have in common to read the same. Of data that are made and not read, nothing says what is in them.
local function read_key(self, recipe)
  local data = config.described(recipe, READ) .. (self.reads_files and "" or settings_of(recipe))
  local features = looks_back(recipe.fields.features) and config.described(recipe, { features = true }) or ""
  return table.concat({ data, tostring(recipe.fields.model.dtype), derived(self, recipe, data), features }, "\n")
end

-- What they must have in common to have the same folds and features. The functions of features are recorded as what they compute.
local function fit_key(self, recipe)
  return table.concat({ self.read_key, config.described(recipe, FITTED), tostring(recipe.fields.train.weights) }, "\n")
end

-- Folds ---------------------------------------------------------------------------------------------------------------------

-- The training and the validation part, as a fold whose test part is the validation part.
local function validation(recipe, read)
  local tabular = tables(recipe)
  local cut = tabular and tabular.cut(recipe, read) or prepare.cut(recipe, read.given)
  if not cut.valid then return nil end
  return { count = 1, rows = #cut.train, on = "the validation part", at = function() return { train = cut.train, valid = cut.valid } end }
end

-- By what trials are judged: folds where the recipe says so, or where it has no validation part.
local function folds_of(recipe, read, within)
  local folds = not recipe.fields.assess.cv and not within and validation(recipe, read) or nil
  if folds then return folds end
  folds = prepare.folds(recipe, read, { within = within and within(recipe, read) })
  folds.on = ("%d folds"):format(folds.count)
  return folds
end

--- Reads the data of a recipe and makes its folds.
-- @param recipe       the recipe
-- @param reads_files  whether its data stand in files
-- @param bytes        that each process may keep of features
-- @param within       function(recipe, read) -> the rows that all folds are made of, where they are not all that are not held out
-- @return a ground: .folds = { count =, rows =, on = what trials are judged by }, .read
function Ground.new(recipe, reads_files, bytes, within)
  local self = setmetatable({ reads_files = reads_files, bytes = bytes, within = within, kept = {}, order = {}, used = 0, names = {} }, Ground)
  self.read_key, self.read = read_key(self, recipe), prepare.read(recipe)
  self.fit_key, self.folds = fit_key(self, recipe), folds_of(recipe, self.read, self.within)
  return self
end

-- Makes the ground that of another recipe, where it differs.
local function move_to(self, recipe)
  local key = read_key(self, recipe)
  if key ~= self.read_key then self.read_key, self.read = key, prepare.read(recipe) end
  key = fit_key(self, recipe)
  if key == self.fit_key then return end
  local count = self.folds.count
  self.fit_key, self.folds = key, folds_of(recipe, self.read, self.within)
  if self.folds.count ~= count then plans.blame(recipe, { "assess" }, "all trials need as many folds: there are %d and %d", count, self.folds.count) end
end

--- What prepare.read gives for a recipe, read again only where it differs from what was read before.
function Ground:read_for(recipe)
  move_to(self, recipe)
  return self.read
end

-- Rungs ---------------------------------------------------------------------------------------------------------------------

-- Some of n positions, the same ones for all trials.
local function some_of(n, share, seed, fold)
  local all, stream = {}, keyed(seed, "rung", fold)
  for i = 1, n do all[i] = i end
  for i = n, 2, -1 do
    local k = stream:place(i)
    all[i], all[k] = all[k], all[i]
  end
  local chosen = table.move(all, 1, math.min(n, math.max(LEAST_ROWS, math.ceil(n * share))), 1, {})
  table.sort(chosen)
  return core.tensor(chosen)
end

-- A fold whose training part is only a share of its rows.
local function with_share(fold, share, recipe, number)
  if share >= 1 then return fold end
  local rows, train = some_of(#fold.train, share, recipe.fields.seed, number), nil
  if type(fold.train) == "userdata" then train = fold.train:index_select(1, rows) else train = fold.train:part(rows, fold.train.name .. "/rung") end
  return { train = train, valid = fold.valid, test = fold.test }
end

-- Features ------------------------------------------------------------------------------------------------------------------

local function size_of(parts)
  local bytes = 0
  for _, name in ipairs { "train", "valid", "test" } do
    local x = parts[name] and parts[name].columns and parts[name].columns.x
    if x then bytes = bytes + (sparse.is(x) and x:entries() * 12 or x:numel() * (x.dtype == "float64" and 8 or 4)) end
  end
  return bytes
end

local function keep(self, key, parts)
  local bytes = size_of(parts)
  self.kept[key], self.used = { parts = parts, bytes = bytes }, self.used + bytes
  table.insert(self.order, key)
  while self.used > self.bytes and #self.order > 1 do
    local oldest = table.remove(self.order, 1)
    self.used, self.kept[oldest] = self.used - self.kept[oldest].bytes, nil
  end
end

--- A fold of a recipe: what folds.run takes.
-- @param recipe  of the trial
-- @param number  of the fold
-- @param share   of the training rows
-- @return what was read, the fold, and a function in the place of prepare.data
function Ground:fold(recipe, number, share)
  move_to(self, recipe)
  local fold = with_share(self.folds.at(number), share, recipe, number)
  local key = ("%s\n%d %.17g"):format(self.fit_key, number, share)
  return self.read, fold, function(...)
    if not self.kept[key] then keep(self, key, prepare.data(...)) end
    return self.kept[key].parts
  end
end

return Ground
