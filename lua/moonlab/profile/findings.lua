--- What is remarkable in a profile, as sentences with counts: what a look at the data should not miss.
--
-- A finding is { kind =, column = or nil, rows = how many it concerns or nil, text = }, in the order of `kinds`.

local show = require "moonlab.profile.columns".show
local suspicion = require "moonlab.profile.target".suspicion

local findings = {}

local MANY_MISSING = 0.05  -- a share from which missing values are a finding of their own; all are counted in the columns
local PILE = 0.005         -- of the values at one end
local PILE_LEAST = 10
local NEAR_ALL = 0.98      -- of the values are different: an id, where that is an estimate

local function percent(part, whole)
  local share = 100 * part / math.max(1, whole)
  return share > 0 and share < 0.1 and "<0.1 %" or ("%.1f %%"):format(share)
end
findings.percent = percent

local function plural(n, what, many) return ("%d %s"):format(n, n == 1 and what or many or what .. "s") end

local List = {}
List.__index = List

function List:add(kind, column, rows, format, ...)
  self[#self + 1] = { kind = kind, column = column, rows = rows, text = format:format(...) }
end

local rules = {}

function rules.missing(list, one)
  if one.missing == 0 then return end
  if one.count == 0 then list:add("empty", one.name, one.missing, "no row has a value") return end
  list:add(one.missing / one.rows >= MANY_MISSING and "missing" or "some missing", one.name, one.missing, "%d of %d values are missing (%s)", one.missing,
    one.rows, percent(one.missing, one.rows))
end

function rules.constant(list, one)
  if one.distinct == 1 and one.exact and one.rows > 1 then
    list:add("constant", one.name, one.count, "always %s%s", one.top[1] and show(one.top[1].value, one.type) or "the same value",
      one.missing > 0 and ", or missing" or "")
  end
end

-- All values are different: a key, of which nothing can be learned.
function rules.id(list, one)
  local different = one.exact and one.distinct == one.count or not one.exact and one.distinct >= NEAR_ALL * one.count
  if one.count < 20 or not different or (one.type ~= "integer" and one.type ~= "text") then return end
  if one.type == "text" and one.mean and one.mean > 60 then return end -- free text is different in each row anyway
  list:add("id", one.name, one.count, one.exact and "all %d values are different, as those of an id" or "nearly all of %d values are different, as those of an id",
    one.count)
end

-- A value that piles up at one end: a measurement that was capped, a sentinel for missing ones.
local function pile(list, one, at, value, word)
  local n = one.count - one.infinite
  if at < math.max(PILE_LEAST, PILE * n) then return end
  local h = one.histogram
  local neighbour = h.counts[word == "smallest" and 2 or #h.counts - 1] -- bins hold many values, and this is one
  if at < 2 * math.max(1, neighbour) then return end
  list:add("pile", one.name, at, "%d values (%s) are %s, the %s: %s", at, percent(at, n), show(value, one.type), word,
    word == "largest" and "capped?" or "a floor, or a mark for missing values?")
end

function rules.pile(list, one)
  if (one.type ~= "number" and one.type ~= "integer") or one.distinct <= 30 or not one.histogram then return end
  if #one.histogram.counts < 3 then return end
  pile(list, one, one.at_max, one.max, "largest")
  pile(list, one, one.at_min, one.min, "smallest")
end

function rules.outliers(list, one)
  local o = one.outliers
  if not o or o.iqr == 0 or one.distinct <= 10 then return end
  if o.fences[1] == o.fences[2] then -- the same value at both quartiles: the fences tell nothing
    if o.z > 0 then list:add("outliers", one.name, o.z, "%s beyond three standard deviations, most are %s", plural(o.z, "value"), show(o.fences[1])) end
    return
  end
  list:add("outliers", one.name, o.iqr, "%s (%s) outside of %s to %s (quartiles and 1.5 times their distance), %d beyond three standard deviations",
    plural(o.iqr, "value"), percent(o.iqr, one.count), show(o.fences[1]), show(o.fences[2]), o.z)
end

function rules.infinite(list, one)
  if one.infinite > 0 then list:add("infinite", one.name, one.infinite, "%s infinite", plural(one.infinite, "value is", "values are")) end
end

function rules.future(list, one, profile)
  if one.type ~= "time" or not one.max or one.max <= profile.now then return end
  list:add("future", one.name, nil, "dates up to %s lie in the future", show(one.max, "time"))
end

local EACH = { "missing", "constant", "id", "pile", "infinite", "future", "outliers" }

local function of_rows(list, profile)
  local d = profile.duplicates
  if d.rows > 0 then
    list:add("duplicates", nil, d.rows, "%s%s the same as one before (%s)", d.exact and "" or "at least ", plural(d.rows, "row is", "rows are"),
      percent(d.rows, profile.rows))
  end
  if d.near and d.near > 0 then
    list:add("near duplicates", nil, d.near, "%s%s one before but for case, blanks or a fourth digit", plural(d.near, "row is like", "rows are like"),
      d.near_of < profile.rows and (" (of %d sampled)"):format(d.near_of) or "")
  end
end

local function of_reading(list, profile)
  local said = profile.reading
  for _, one in ipairs(said and said.mixed or {}) do
    local what = one.why and "is " .. one.why or "is not"
    list:add("mixed", one.name, one.count - one.fits, "text, though %d of %d values are %s: '%s' in line %d %s", one.fits, one.count, one.most,
      show(one.text), one.line, what)
  end
  for _, one in ipairs(said and said.left_out or {}) do list:add("left out", one.name, nil, "is not read: %s", one.why) end
end

local function of_pairs(list, profile)
  for _, pair in ipairs(profile.equal_columns or {}) do
    local of = profile.sample.rows < profile.rows and (" in %d sampled rows"):format(profile.sample.rows) or ""
    list:add(pair.equal and "equal columns" or "linked columns", pair[2], nil, pair.equal and "the same as '%s'%s" or "tells the same as '%s', value for value%s",
      pair[1], of)
  end
end

local function of_target(list, profile)
  local target = profile.target
  if not target then return end
  if target.problem then list:add("problem", target.name, nil, "as a target: %s", target.problem) end
  for _, one in ipairs(target.features) do
    local text = suspicion(one, target.name, target.measure)
    if text then list:add("leak", one.name, nil, "%s", text) end
  end
  if target.conflicts and target.conflicts > 0 then
    list:add("conflicts", target.name, target.conflicts, "%s the same as another in all but the class", plural(target.conflicts, "row is", "rows are"))
  end
  local classes = target.classes
  if classes and #classes > 1 and classes[#classes].count * 20 < classes[1].count then
    list:add("imbalance", target.name, classes[#classes].count, "class %s has %d rows, class %s %d", show(classes[#classes].name), classes[#classes].count,
      show(classes[1].name), classes[1].count)
  end
  if target.missing > 0 then list:add("no target", target.name, target.missing, "%s no target", plural(target.missing, "row has", "rows have")) end
end

-- Pictures that are nearly the same.
local function of_alike(list, profile)
  local a = profile.alike
  if not a or a.rows == 0 then return end
  list:add("near duplicates", nil, a.rows, "%s nearly the same as one before%s%s", plural(a.rows, "picture is", "pictures are"),
    a.conflicts > 0 and (", %s of two classes"):format(plural(a.conflicts, "pair")) or "", a.of < profile.rows and (" (of %d sampled)"):format(a.of) or "")
end

-- Classes of pictures.
local function of_classes(list, profile)
  if (profile.conflicts or 0) > 0 then
    list:add("conflicts", nil, profile.conflicts, "%s the same as another of a different class", plural(profile.conflicts, "picture is", "pictures are"))
  end
  local least, most
  for _, class in ipairs(profile.classes or {}) do
    if not least or class.count < least.count then least = class end
    if not most or class.count > most.count then most = class end
  end
  if most and least.count * 20 < most.count then
    list:add("imbalance", nil, least.count, "class %s has %d rows, class %s %d", least.name, least.count, most.name, most.count)
  end
end

-- What a source of boxes did not take as it was annotated.
local function of_boxes(list, profile)
  local c = profile.box_counts
  if not c then return end
  local function add(n, what) if n > 0 then list:add("boxes", nil, n, "%s of %d %s", plural(n, "box", "boxes"), c.annotated, what) end end
  add(c.degenerate, "without area, kept out")
  add(c.outside, "beside the picture, kept out")
  add(c.clipped, "over the border of the picture, cut there")
end

local function of_parts(list, profile)
  for _, one in ipairs(profile.parts and profile.parts.shared or {}) do
    list:add("shared", nil, one.rows, "%s of %s %s also in %s%s", plural(one.rows, one.what), one.part, one.rows == 1 and "is" or "are", one.other,
      one.of or "")
  end
end

--- The order in which findings are told, the gravest first, and what each is called.
findings.kinds = { { "problem", "problem" }, { "leak", "suspected leak" }, { "shared", "across parts" }, { "future", "future" }, { "no target", "no target" },
  { "duplicates", "duplicates" }, { "near duplicates", "near duplicates" },
  { "conflicts", "other class" }, { "boxes", "boxes" }, { "mislabels", "likely mislabels" }, { "mixed", "mixed" }, { "left out", "left out" }, { "empty", "empty" }, { "constant", "constant" },
  { "equal columns", "equal columns" }, { "missing", "missing" }, { "pile", "pile" }, { "infinite", "infinite" }, { "imbalance", "imbalance" },
  { "id", "id" }, { "linked columns", "linked columns" }, { "some missing", "some missing" }, { "outliers", "outliers" } }

--- All findings of a profile.
function findings.of(profile)
  local list, rank = setmetatable({}, List), {}
  for i, kind in ipairs(findings.kinds) do rank[kind[1]] = i end
  if profile.problem then list:add("problem", nil, nil, "the recipe can't be prepared: %s", profile.problem) end
  if profile.rows == 0 then list:add("empty", nil, nil, "there are no rows") end
  of_rows(list, profile)
  of_target(list, profile)
  of_alike(list, profile)
  of_classes(list, profile)
  of_parts(list, profile)
  of_reading(list, profile)
  of_boxes(list, profile)
  of_pairs(list, profile)
  if profile.mislabels and profile.mislabels.suspected > 0 then
    list:add("mislabels", profile.target.name, profile.mislabels.suspected, "%s a simple model, fitted to the others, would label otherwise and be sure of it",
      plural(profile.mislabels.suspected, "row"))
  end
  for _, one in ipairs(profile.columns or {}) do
    for _, rule in ipairs(EACH) do rules[rule](list, one, profile) end
  end
  for i, one in ipairs(list) do one.at = i end
  table.sort(list, function(a, b)
    if rank[a.kind] ~= rank[b.kind] then return rank[a.kind] < rank[b.kind] end
    return a.at < b.at
  end)
  for _, one in ipairs(list) do one.at = nil end
  return setmetatable(list, nil)
end

return findings
