--- Tables larger than memory as arrays on disk: data.to_disk. The file is read block by block; each is cleaned, turned into x and y and
-- appended to .npy files, from which batches are read as data.tensors does it.
--
-- A block knows nothing of the others. What needs them all (duplicates, medians, the words of a category, standardizing) is refused or left
-- out; what is asked for must stand in the recipe.

local core = require "moonlab.core"
local vm = require "moonlab.vm"
local blame = require "moonlab.blame"
local failure = require "moonlab.failure"
local json = require "moonlab.json"
local loading = require "moonlab.recipe.locate"
local options = require "moonlab.options"
local as_source = require "moonlab.data.as_source"
local cleaning = require "moonlab.data.cleaning"
local columns = require "moonlab.data.columns"
local Dataset = require "moonlab.data.dataset"
local deferred = require "moonlab.data.deferred"
local one_hot = require "moonlab.features.one_hot"
local pipeline = require "moonlab.features.pipeline"
local TableSource = require "moonlab.data.table_source".TableSource
local tensors = require "moonlab.data.tensors"

local to_disk = {}

local CELLS = 1 << 18 -- of a block, if its rows are not said: 2 MB of numbers, of which some copies are made

local OnDisk = Dataset.kind "moonlab.TableOnDisk"
as_source(OnDisk)
deferred(OnDisk)

-- What is asked for -----------------------------------------------------------------------------------------------------

local NEEDS_ALL = { mean = true, median = true, mode = true, forward_fill = true }

-- A column whose treatment needs the whole table.
local function check_specs(specs)
  for name, spec in pairs(specs) do
    if not columns.is_spec(spec) then blame.raise("data.to_disk: '%s' must be what data.number{...} and its kin give", name) end
    local constant = false
    for _, one in ipairs(spec.options.missing or {}) do
      if NEEDS_ALL[one] then
        blame.raise("data.to_disk: column '%s': missing = '%s' needs the whole table, which is read block by block; give a constant, 'drop' or 'invalid'",
          name, one)
      end
      constant = constant or one ~= "indicator"
    end
    if spec.options.missing and not constant then
      blame.raise("data.to_disk: column '%s': 'indicator' needs a constant beside it here, as in missing = {0, 'indicator'}", name)
    end
    if spec.options.outliers then
      blame.raise("data.to_disk: column '%s': the fences of outliers need the whole table, which is read block by block; give min and max", name)
    end
    if spec.type == "category" and not spec.options.words then
      blame.raise("data.to_disk: column '%s': the words of a category are found out from the whole table; name them: data.category{\"a\", \"b\"}", name)
    end
  end
end

-- The types that all blocks are read with: those of the recipe's columns, of the others those of the file.
local function declared_types(self)
  local o, schema = self.options, self.source:schema()
  local names, types = {}, {}
  for i, column in ipairs(schema.columns) do
    names[i] = column.name
    types[column.name] = column.type == "integer" and "number" or column.type
  end
  local declared = columns.for_reader(o.columns, names)
  for name, kind in pairs(declared.types) do types[name] = kind end
  if not types[o.target] then blame.raise("data.to_disk: %s", require "moonlab.suggest".unknown("column", o.target, names)) end
  types[o.target] = o.classes and "text" or "number"
  return { types = types, missing_of = declared.missing_of, count = #names }
end

-- Blocks ----------------------------------------------------------------------------------------------------------------

local Blocks = {}
Blocks.__index = Blocks

local function clean(self, block, problems)
  local o = self.set.options
  local specs = { [o.target] = o.classes and columns.category(table.move(o.classes, 1, #o.classes, 1, {})) or nil }
  for name, spec in pairs(o.columns) do specs[name] = spec end
  if o.classes then block = block:with { [o.target] = block:column(o.target):text() } end -- numbers, where the file has types
  local cleaned = cleaning.run(block, problems, { columns = specs, invalid = o.invalid, target = o.target, name = self.set.source.name,
    duplicates = { action = "keep" } })
  self.read, self.kept = self.read + cleaned.read, self.kept + cleaned.kept
  return cleaned.table
end

-- Nothing of the first block is fitted: the checks have left nothing that could be.
local function fit(self, block)
  local o = self.set.options
  self.pipeline = pipeline.fit(block, { columns = o.columns, derive = {}, excluded = { [o.target] = true }, features = { one_hot() }, context = {} })
end

-- A missing value has a constant that stands for it.
local function check_missing(self, block, where)
  local o = self.set.options
  for _, column in ipairs(block:columns()) do
    local spec = o.columns[column.name]
    local wanted = column.name ~= o.target and not (spec and (spec.type == "ignore" or spec.options.missing))
    local missing = wanted and column:is_missing():sum() or 0
    if missing > 0 then
      failure.raise("data", "%s: %s: column '%s' has %d missing values: say in columns what stands for them, as in %s = data.number{missing = 0}, or 'drop'",
        self.set.source.name, where, column.name, missing, column.name)
    end
  end
end

local function y_of(self, block)
  local column, classes = block:column(self.set.options.target), self.set.options.classes
  if classes then return column:text():category(classes).values end
  return column.values:to "float32":unsqueeze(2)
end

function Blocks:add(block, problems)
  local table_ = clean(self, block, problems)
  if #table_ == 0 then return end
  local where = ("rows %d to %d"):format(self.read - #block + 1, self.read)
  check_missing(self, table_, where)
  if not self.pipeline then fit(self, table_) end
  local ok, x = pcall(function() return pipeline.x(pipeline.apply(self.pipeline, table_, where)) end)
  if not ok then failure.raise("data", "%s: %s: %s", self.set.source.name, where, blame.strip(failure.message_of(x))) end
  local y = y_of(self, table_)
  self.x, self.y = self.x or core.create_npy(self.path .. "/x.npy", x), self.y or core.create_npy(self.path .. "/y.npy", y)
  self.x:append(x)
  self.y:append(y)
end

-- The problems of the block alone, with its own rows.
local function problems_of(reader, known, before)
  local out = {}
  local all = reader and reader.problems and reader:problems() or {}
  for i = known + 1, #all do out[#out + 1] = setmetatable({ row = all[i].row - before }, { __index = all[i] }) end
  return out, #all
end

local function convert(self)
  local blocks = setmetatable({ set = self, path = self.path, read = 0, kept = 0 }, Blocks)
  local declared = declared_types(self)
  local rows = self.options.rows or math.max(1, CELLS // declared.count)
  local next_block, _, _, reader = self.source:pieces(rows, declared)
  local held <close> = reader
  local known, before, problems = 0, 0, nil
  for block in next_block do
    problems, known = problems_of(reader, known, before)
    before = before + #block
    blocks:add(block, problems)
    block = nil
    collectgarbage() -- a block is let go before the next one is read
  end
  if blocks.kept == 0 then failure.raise("data", "%s: no row is left after cleaning", self.source.name) end
  blocks.x:finish()
  blocks.y:finish()
  return blocks
end

-- The folder ------------------------------------------------------------------------------------------------------------

-- What the arrays depend on, as text.
local function key_of(self)
  local o, specs = self.options, {}
  for name, spec in pairs(o.columns) do specs[name] = spec:describe() end
  return json.encode { files = self.source:files(), source = self.source:describe(), target = o.target, classes = o.classes, columns = specs, invalid = o.invalid }
end

local function read_about(self, key)
  local text = vm.read(self.path .. "/about.json")
  local ok, about = pcall(json.decode, text or "")
  return ok and type(about) == "table" and about.key == key and about or nil
end

-- about.json is written last: with it the arrays are whole.
local function made(self, key)
  local ok, problem = vm.mkdir(self.path, true)
  if not ok then failure.raise("data", "data.to_disk: %s", problem) end
  os.remove(self.path .. "/about.json")
  local blocks = convert(self)
  local about = { key = key, read = blocks.read, kept = blocks.kept, fields = blocks.pipeline.fields }
  ok, problem = vm.write_atomic(self.path .. "/about.json", json.encode(about, "  ") .. "\n")
  if not ok then failure.raise("data", "data.to_disk: %s", problem) end
  return about
end

function OnDisk:load()
  if not self.set then
    local key = key_of(self)
    self.about = read_about(self, key) or made(self, key)
    self.set = tensors.tensors { x = self.path .. "/x.npy", y = self.path .. "/y.npy", classes = self.classes, name = self.name }
    self.fields, self.read, self.kept = self.about.fields, self.about.read, self.about.kept
  end
  return self.set
end

function OnDisk:count() return #self:load() end
function OnDisk:files() return self.source:files() end
function OnDisk:describe()
  self:load()
  return { kind = "to_disk", of = self.source:describe(), rows = self.kept, read = self.read, target = self.options.target }
end

-- A recipe writes into its own folder alone.
local function place(folder)
  local recipe = loading.current()
  if not recipe then return folder end
  if folder:find "^/" or ("/" .. folder .. "/"):find("/../", 1, true) then
    blame.raise("data.to_disk: a recipe writes into its own folder alone; write a name such as 'arrays', not '%s'", folder)
  end
  return (recipe:match "^(.*)/[^/]*$" or ".") .. "/" .. folder
end

local read = options("data.to_disk", { { "target", "string" }, { "classes", "table" }, { "columns", "table", {} },
  { "invalid", { "drop", "error" }, "drop" }, { "rows", "count" } }, 'data.to_disk(data.csv "large.csv", "arrays", {target = "y"})')

--- A table that is larger than memory as arrays on disk: read block by block, cleaned, and written into a folder as x.npy and y.npy, once; as
-- long as file and options are the same they are taken as they are. Batches read the rows that they need. Numbers and booleans become a
-- field each, categories one for each of their words. What needs the whole table is not done: duplicates stay, what stands for a missing
-- value is a constant, and numbers are as they are: let the model begin with nn.BatchNorm.
-- @param source  what data.csv and its kin give
-- @param folder  where the arrays go; in a recipe, in its folder
-- @param o       { target = a column (needed), classes = {"no", "yes"}: its words, if it is no number, columns = { age = data.number { min = 0,
--                missing = 0 }, plan = data.category { "basic", "pro" }, note = data.ignore() }, invalid = "drop" (rows that break these) or
--                "error", rows = of a block; so many that it has a quarter of a million values, if not given }
-- @return a data set { x [fields], y }, made when its first row is needed; then .fields, .read and .kept
-- @error what needs the whole table; text that is no declared category; values that are missing and have no constant
-- @usage local set = data.to_disk(data.csv "customers.csv", "arrays", { target = "spend", columns = { plan = data.category { "basic", "plus", "pro" } } })
function to_disk.to_disk(source, folder, o)
  if not TableSource.is(source) or source.held then
    blame.raise("data.to_disk: a source that is read from a file is needed, as data.csv \"large.csv\" gives, got %s", blame.show(source))
  end
  if type(folder) ~= "string" or folder == "" then blame.raise("data.to_disk: a folder for the arrays is needed, got %s", blame.show(folder)) end
  o = read(o)
  if not o.target then blame.raise("data.to_disk: target, the column that is asked for, is needed") end
  check_specs(o.columns)
  return setmetatable({ what = "table on disk", name = source.name, source = source, options = o, path = place(folder), classes = o.classes }, OnDisk)
end

return to_disk
