--- Profiles: what data look like, before anything is made of them. source:profile() and t:profile() of tables, set:profile() of pictures,
-- `moonlab data` of recipes and files.

local blame = require "moonlab.blame"
local options = require "moonlab.options"
local suggest = require "moonlab.suggest"
local columns = require "moonlab.profile.columns"
local findings = require "moonlab.profile.findings"
local gather = require "moonlab.profile.gather"
local mislabels = require "moonlab.profile.mislabels"
local near = require "moonlab.table.near"
local Profile = require "moonlab.profile.profile"
local reading = require "moonlab.profile.reading"
local relations = require "moonlab.profile.relations"
local row_codes = require "moonlab.table.row_codes"
local target = require "moonlab.profile.target"

local read = options("profile", { { "target", "string" }, { "id", "string" }, { "task", { "classes", "number" } }, { "sample", "count", 10000 },
  { "seed", "integer", 0 }, { "now", "number" } }, 'source:profile{target = "price"}')

local function column_named(list, name, role)
  local names = {}
  for i, one in ipairs(list) do
    if one.name == name then return one end
    names[i] = one.name
  end
  blame.raise("profile: %s: %s", role, suggest.unknown("column", name, names))
end

-- Rows that come before one but for case, blanks and digits; those that are the same altogether are counted elsewhere.
local function near_duplicates(t, apart)
  if #t < 2 then return 0 end
  local part = t:without(apart)
  if #part.names == 0 then return 0 end
  return near.of(part):duplicated():sum() - part:duplicated():sum()
end

-- Columns that are no features: the target, ids that were named, and those that look like one.
local function no_features(profile, o)
  local skip = { [o.target] = true }
  if o.id then skip[o.id] = true end
  for _, one in ipairs(profile.findings) do
    if one.kind == "id" and one.column then skip[one.column] = true end
  end
  return skip
end

-- How many rows are the same as one before in all but the class, of the rows of the sample.
local function conflicts(t, o)
  local names = {}
  for _, name in ipairs(t.names) do
    if name ~= o.target and name ~= o.id and name ~= o.source then names[#names + 1] = name end
  end
  if #names == 0 or #t == 0 then return 0 end
  local _, without = row_codes(t, names)
  names[#names + 1] = o.target
  local _, with = row_codes(t, names)
  return #with - #without
end

local function look_at_target(profile, look, o)
  local one = column_named(profile.columns, o.target, "target")
  local rows, y
  profile.target, rows, y = target.of(look.table, one, { target = o.target, skip = o.id and { [o.id] = true } or {}, task = o.task, seed = o.seed })
  if not profile.target.class_names or not y then return end
  profile.target.conflicts = look.partial and 0 or conflicts(look.table:rows(rows), o)
  profile.mislabels = mislabels.of(look.table:rows(rows), y, { names = profile.target.class_names, skip = no_features(profile, o), seed = o.seed,
    positions = look.positions:index_select(1, rows) })
end

--- The profile of a source of a table.
-- @param source  a TableSource
-- @param o       what source:profile takes; and of a recipe declared =, extend = function(profile): what more there is
local function of_table(source, o, more)
  more = more or {}
  o.source = source.source_column
  local apart = { o.id or o.source, o.id and o.source } -- what does not count when rows are compared
  local look = gather.look(source, { seed = o.seed, sample = o.sample, apart = apart, declared = more.declared })
  local self = setmetatable({ kind = "table", name = more.name or source.name, rows = look.rows, columns = columns.of(look), now = o.now or os.time() }, Profile)
  if o.id then column_named(self.columns, o.id, "id") end
  self.reading = reading.of(look.schema, more.declared)
  self.sample = { rows = #look.table, seed = o.seed }
  self.quantile_error = look.quantile_error -- in ranks, as a part of the rows (table/quantile_sketch.h)
  self.duplicates = { rows = look.duplicates, exact = look.duplicates_exact, near = look.partial and 0 or near_duplicates(look.table, apart), near_of = #look.table }
  self.relations = relations.of(look.table, o.target and { column_named(self.columns, o.target, "target").name } or {})
  self.equal_columns = relations.equal_columns(look.table)
  self.findings = findings.of(self)
  if o.target then look_at_target(self, look, o) end
  if more.extend then more.extend(self) end
  self.findings = findings.of(self)
  return self
end

local profile = {}

--- A profile of a source of a table.
function profile.of_source(source, given, more) return of_table(source, read(given), more) end

-- How many rows each part has.
local function parts_of(given)
  local list = {}
  for i, part in ipairs(given) do list[i] = { name = part.name, rows = part.set:count() } end
  return { parts = list, shared = {} }
end

local TEXTS = { text = true, lines = true }

local function of_series(name, whole, parts)
  local source, extend = require "moonlab.profile.series".of(whole)
  return of_table(source, read {}, { name = name, extend = function(made)
    extend(made)
    made.parts = parts_of(parts)
  end })
end

--- A profile of data sets: pictures, texts, windows of a series.
-- @param name   of the profile
-- @param whole  the set before it was cut, or nil where it came in parts
-- @param parts  a list of { name =, set = a data set }
function profile.of_sets(name, whole, parts)
  local what = whole and whole.what
  if what == "windows" then return of_series(name, whole, parts) end
  local self = TEXTS[what] and require "moonlab.profile.texts".of(whole) or require "moonlab.profile.pictures".of(parts)
  self.name, self.kind = name, self.kind or "pictures"
  self.parts = self.parts or parts_of(parts)
  self.box_counts = whole and whole.counts
  self.findings = findings.of(setmetatable(self, Profile))
  return self
end

return profile
