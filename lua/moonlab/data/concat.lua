--- Data sets behind one another: data.concat. Each row keeps where it comes from.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local as_source = require "moonlab.data.as_source"
local Dataset = require "moonlab.data.dataset"
local union = require "moonlab.data.union"

local ops = core.ops

local concat = {}

local Concat = Dataset.kind "moonlab.Concat"
as_source(Concat)

-- Rows ---------------------------------------------------------------------------------------------------------------

-- Which set each row is of: ids from 1.
local function source_of(self, rows) return ops.bucketize(rows, self.ends) end

-- The sets that have any of the rows: a list of { id, rows of that set, their places among `rows` }.
local function shared_out(self, rows, source)
  local out = {}
  for id in ipairs(self.sets) do
    local here = source:eq(id):nonzero():reshape { -1 }
    if #here > 0 then out[#out + 1] = { id, rows:index_select(1, here) - self.starts[id], here } end
  end
  return out
end

-- The batches of these sets, and the order that brings their rows back into that of `rows`.
local function fetch_each(self, rows, source, how)
  local batches, places = {}, {}
  for i, part in ipairs(shared_out(self, rows, source)) do
    local own = {}
    for key, value in pairs(how) do own[key] = value end
    own.ahead = how.ahead and how.ahead[part[1]]
    batches[i], places[i] = self.sets[part[1]]:fetch(part[2], own), part[3]
  end
  return batches, #places > 1 and ops.cat(places, 1):argsort() or nil
end

-- Each set that can reads its own; take gives what they read by their ids. Where one fails, all are taken before that is told.
function Concat:ahead(workers)
  local readers, asked, first, last = {}, {}, 1, 0
  for id, set in ipairs(self.sets) do readers[id] = #set > 0 and set:ahead(workers) or nil end
  if next(readers) == nil then return nil end
  local function ask(rows)
    local ids = {}
    for _, part in ipairs(shared_out(self, rows, source_of(self, rows))) do
      local reader = readers[part[1]]
      if reader then
        reader.ask(part[2])
        ids[#ids + 1] = part[1]
      end
    end
    last = last + 1
    asked[last] = ids
  end
  local function take()
    local out, problem = {}, nil
    for _, id in ipairs(asked[first]) do
      local ok, read = pcall(readers[id].take)
      if ok then out[id] = read else problem = problem or read end
    end
    asked[first], first = nil, first + 1
    if problem then error(problem, 0) end
    return out
  end
  local function close()
    for _, reader in pairs(readers) do reader.close() end
  end
  return { ask = ask, take = take, close = close }
end

function Concat:fetch(rows, how)
  local source = source_of(self, rows)
  local batches, order = fetch_each(self, rows, source, how)
  local batch = {}
  for _, name in ipairs(self.fields) do
    local parts = {}
    for i, one in ipairs(batches) do parts[i] = one[name] end
    batch[name] = order and ops.cat(parts, 1):index_select(1, order) or parts[1]
  end
  batch.source = source
  return batch
end

function Concat:column(name)
  if name == "source" then return source_of(self, core.arange(1, self.size)) end
  local parts = {}
  for i, set in ipairs(self.sets) do
    if #set > 0 then -- a set that keeps no rows together has a group for each of its own, which is none of the others'
      local apart = name == self.keep_together and not set.keep_together
      parts[#parts + 1] = apart and -core.arange(self.starts[i] + 1, self.starts[i] + #set) or set:column(name)
    end
  end
  return #parts == 1 and parts[1] or ops.cat(parts, 1)
end

function Concat:labels()
  local parts = {}
  for _, set in ipairs(self.sets) do
    if #set > 0 then parts[#parts + 1] = set:labels() end
  end
  return ops.cat(parts, 1)
end

-- The rows that train alone, of sets that is_alone(set) says so of and within sets; nil where there are none, or no others.
local function alone_in(self, is_alone)
  local parts, some, all = {}, false, true
  for i, set in ipairs(self.sets) do
    local own, whole = set:training_rows(), is_alone(set)
    parts[i] = own or core.full({ #set }, whole and 1 or 0, { dtype = "bool" })
    some, all = some or own ~= nil or whole, all and not own and whole
  end
  return some and not all and ops.cat(parts, 1) or nil
end

-- Made rows train alone beside real ones, what was made of other rows beside these as well.
function Concat:training_rows()
  if self.hold_out then return nil end
  return alone_in(self, function(set) return set.trains_only ~= nil and set.trains_only ~= false end)
    or alone_in(self, function(set) return set.trains_only == true end)
end

--- Where the rows come from: batch.source and set:column "source" are places in this list.
-- @return a list of { name = , rows = , synthetic = }
function Concat:sources()
  local list = {}
  for id, set in ipairs(self.sets) do list[id] = { name = set.name, rows = #set, synthetic = set.synthetic or false } end
  return list
end

function Concat:row_shape(name) return self.shapes[name] end

function Concat:files()
  local list = {}
  for _, set in ipairs(self.sets) do
    while set.parent do set = set.parent end
    local files = set.files and set:files() or {}
    table.move(files, 1, #files, #list + 1, list)
  end
  return list
end

function Concat:describe()
  local sources = {}
  for id, set in ipairs(self.sets) do
    sources[id] = set.describe and set:describe() or { rows = #set, synthetic = set.synthetic }
    sources[id].name = set.name
  end
  return { kind = "concat", rows = self.size, synthetic = self.synthetic, sources = sources }
end

--- Rows elsewhere are read as those of the first of the sets are.
function Concat:elsewhere(path, model) return self.sets[1]:elsewhere(path, model) end

-- Whether they fit ---------------------------------------------------------------------------------------------------

local function shape_text(shape) return ("%s [%s]"):format(shape.dtype, table.concat(shape, ", ")) end

-- The names of a set's columns, and the type and shape that a row has in each.
local function fields_of(set)
  local first, names, shapes = set:fetch(core.tensor { 1 }, {}), {}, {}
  for name, value in pairs(first) do
    if core.is_tensor(value) and name ~= "source" then
      names[#names + 1] = name
      shapes[name] = table.move(value.shape, 2, value:dim(), 1, {})
      shapes[name].dtype = value.dtype
    end
  end
  table.sort(names)
  return names, shapes
end

local function check_fields(first, names, shapes, set)
  local other_names, others = fields_of(set)
  if table.concat(names, ", ") ~= table.concat(other_names, ", ") then
    blame.raise("data.concat: the rows of %s have %s, those of %s have %s", first.name, table.concat(names, ", "), set.name,
      table.concat(other_names, ", "))
  end
  for _, name in ipairs(names) do
    if shape_text(shapes[name]) ~= shape_text(others[name]) then
      blame.raise("data.concat: %s of %s is %s, that of %s is %s", name, first.name, shape_text(shapes[name]), set.name, shape_text(others[name]))
    end
  end
end

local function check_classes(first, set)
  local a, b = first.classes, set.classes
  if (a == nil) ~= (b == nil) then
    blame.raise("data.concat: %s has classes, %s has none", a and first.name or set.name, a and set.name or first.name)
  end
  for i = 1, a and math.max(#a, #b) or 0 do
    if a[i] ~= b[i] then
      blame.raise("data.concat: class %d of %s is %s, that of %s is %s", i, first.name, blame.show(a[i]), set.name, blame.show(b[i]))
    end
  end
end

local function check_sets(given)
  if type(given) ~= "table" or getmetatable(given) or #given == 0 then
    blame.raise("data.concat: a list of data sets is needed, as data.concat{a, b}; got %s",
      type(given) == "table" and #given == 0 and "an empty one" or blame.show(given))
  end
  for key in pairs(given) do
    if key ~= "name" and key ~= "hold_out" and math.type(key) ~= "integer" then
      blame.raise("data.concat: unknown option '%s'; it takes name and hold_out", tostring(key))
    end
  end
  for i, set in ipairs(given) do
    if type(set) ~= "table" or not set.fetch then
      blame.raise("data.concat: entry %d must be a data set, got %s%s", i, blame.show(set),
        type(set) == "table" and set.parts and "; of a source take .train" or "")
    end
  end
end

--- Data sets behind one another. Batches have source: which of them each row comes from, a place in set:sources(). Columns, shapes and
-- classes must be the same in all. Made rows (of data.make_moons and its kin, of data.generated, copies of data.jitter) behind others train
-- alone: splits and folds hold none of them out. Of sources of tables (data.csv and its kin) it makes one source, with a column "source"
-- that is no feature: a recipe then has rows and scores by source.
-- @param sets  a list of data sets, name = "concat", hold_out = false (true: made rows may be held out too); or a list of sources of tables
-- @return a data set; synthetic, if any of them is; or a source of a table
-- @error columns, shapes or classes that differ; the first row of each set is looked at
-- @usage local both = data.concat { data.make_moons { n = 60 }, data.make_moons { n = 40, seed = 2 } }
function concat.concat(sets)
  if union.of_sources(sets) then return union.new(sets) end
  check_sets(sets)
  local self = { what = "concat", name = sets.name or "concat", hold_out = sets.hold_out, sets = {}, starts = {}, size = 0, fields = {}, shapes = {} }
  local ends, first = {}, nil
  for id, set in ipairs(sets) do
    check_classes(sets[1], set)
    if #set > 0 and first then check_fields(first, self.fields, self.shapes, set) end
    if #set > 0 and not first then
      first = set
      self.fields, self.shapes = fields_of(set)
    end
    self.synthetic, self.keep_together = self.synthetic or set.synthetic, self.keep_together or set.keep_together
    self.sets[id], self.starts[id], self.size = set, self.size, self.size + #set
    ends[id] = self.size
  end
  self.ends, self.classes = core.tensor(ends), sets[1].classes
  return setmetatable(self, Concat)
end

return concat
