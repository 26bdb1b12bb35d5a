-- Dealing rows to k parts of nearly equal size: by position, by class, by group.
--
-- Without shuffling the parts are those of scikit-learn's KFold, StratifiedKFold, GroupKFold and StratifiedGroupKFold.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local values = require "moonlab.split.values"

local assign = {}

local function refuse_more(o, count, what)
  if o.parts > count then
    blame.raise("%s: %d %ss need at least as many %ss, and there %s %d", o.where, o.parts, o.noun, what, count == 1 and "is" or "are", count)
  end
end

local function order_of(n, key) return key and core.random_permutation(key, n) or nil end
local function listed(order) return order and order:tolist() or nil end

-- Stretches of the rows in order; the first parts have one row more where n is no multiple. A tensor: there may be many rows.
local function by_position(o, n, order)
  local part_of, first = core.zeros({ n }, { dtype = "int64" }), 1
  for part = 1, o.parts do
    local count = n // o.parts + (part <= n % o.parts and 1 or 0)
    part_of:slice(1, first, first + count - 1):fill_(part)
    first = first + count
  end
  return order and core.zeros({ n }, { dtype = "int64" }):scatter(1, order, part_of) or part_of
end

-- The classes in the order in which they first appear.
local function by_appearance(classes)
  local list, seen = {}, {}
  for _, class in ipairs(classes.of) do
    if not seen[class] then seen[class], list[#list + 1] = true, class end
  end
  return list
end

-- How many rows of each class each part gets: as if the rows, sorted by class, were dealt in turn. Class -> part -> rows.
local function allocation(classes, parts)
  local share, place = {}, 0
  for _, class in ipairs(by_appearance(classes)) do
    share[class] = {}
    for part = 1, parts do share[class][part] = 0 end
    for _ = 1, classes.counts[class] do
      local part = place % parts + 1
      share[class][part], place = share[class][part] + 1, place + 1
    end
  end
  return share
end

local function by_class(o, classes, order)
  for class, count in ipairs(classes.counts) do
    if o.parts > count then
      blame.raise("%s: class %s has %s, fewer than the %d %ss that each need one", o.where, classes.show(class), values.count(count, "row"),
        o.parts, o.noun)
    end
  end
  local share, part_of, current = allocation(classes, o.parts), {}, {}
  for class in ipairs(classes.counts) do current[class] = 1 end
  for place = 1, classes.rows do
    local row = order and order[place] or place
    local class = classes.of[row]
    while share[class][current[class]] == 0 do current[class] = current[class] + 1 end
    local part = current[class]
    share[class][part], part_of[row] = share[class][part] - 1, part
  end
  return part_of
end

local function spread(groups, part_of_group)
  local part_of = {}
  for row, g in ipairs(groups.of) do part_of[row] = part_of_group[g] end
  return part_of
end

-- The groups by a score, the largest first; of equals the one that the order has first.
local function largest_first(groups, order, score)
  local list = {}
  for i = 1, #groups.names do list[i] = { group = order and order[i] or i, place = i } end
  table.sort(list, function(a, b)
    local x, y = score(a.group), score(b.group)
    if x ~= y then return x > y end
    return a.place < b.place
  end)
  return list
end

-- The largest group first, each to the part that has the fewest rows.
local function by_group(o, groups, order)
  local sizes, part_of_group = {}, {}
  for part = 1, o.parts do sizes[part] = 0 end
  for _, entry in ipairs(largest_first(groups, order, function(g) return groups.counts[g] end)) do
    local lightest = 1
    for part = 2, o.parts do
      if sizes[part] < sizes[lightest] then lightest = part end
    end
    part_of_group[entry.group], sizes[lightest] = lightest, sizes[lightest] + groups.counts[entry.group]
  end
  return spread(groups, part_of_group)
end

-- Rows of each class: of a group, or of a part.
local function zeros(n)
  local list = {}
  for i = 1, n do list[i] = 0 end
  return list
end

local function variance(counts)
  local sum, squares = 0, 0
  for _, count in ipairs(counts) do sum, squares = sum + count, squares + count * count end
  return squares / #counts - (sum / #counts) ^ 2
end

-- The mean over classes of the deviation, between parts, of the share of its rows, if `more` were added to a part.
local function imbalance(tally, part, more)
  local sum, parts = 0, #tally.rows
  for class, size in ipairs(tally.sizes) do
    local before = tally.counts[part][class]
    local after = before + more[class]
    local total, squares = tally.sums[class] + more[class], tally.squares[class] - before * before + after * after
    sum = sum + math.sqrt(math.max(0, squares / parts - (total / parts) ^ 2)) / size
  end
  return sum / #tally.sizes
end

local function add(tally, part, more)
  for class, rows in ipairs(more) do
    local before = tally.counts[part][class]
    tally.counts[part][class] = before + rows
    tally.sums[class] = tally.sums[class] + rows
    tally.squares[class] = tally.squares[class] - before * before + (before + rows) ^ 2
    tally.rows[part] = tally.rows[part] + rows
  end
end

-- The part that a group makes the classes least uneven in; the smaller of equals. An empty part is the best for any group, so that
-- none stays empty.
local function best_part(tally, more)
  local best, least, rows = nil, math.huge, math.huge
  for part, count in ipairs(tally.rows) do
    local score = imbalance(tally, part, more)
    local equal = least < math.huge and math.abs(score - least) <= 1e-8 + 1e-5 * least
    if score < least or (equal and count < rows) then best, least, rows = part, score, count end
  end
  return best
end

-- The groups whose classes are most uneven first, each where it hurts least.
local function by_class_and_group(o, classes, groups, order)
  local counts, deviation = {}, {}
  for g = 1, #groups.names do counts[g] = zeros(#classes.names) end
  for row, g in ipairs(groups.of) do
    local class = classes.of[row]
    counts[g][class] = counts[g][class] + 1
  end
  for g, list in ipairs(counts) do deviation[g] = variance(list) end
  local tally = { counts = {}, rows = zeros(o.parts), sums = zeros(#classes.names), squares = zeros(#classes.names), sizes = classes.counts }
  for part = 1, o.parts do tally.counts[part] = zeros(#classes.names) end
  local part_of_group = {}
  for _, entry in ipairs(largest_first(groups, order, function(g) return deviation[g] end)) do
    local part = best_part(tally, counts[entry.group])
    part_of_group[entry.group] = part
    add(tally, part, counts[entry.group])
  end
  return spread(groups, part_of_group)
end

--- Refuses a stratify or group of a spec that holds the values themselves: a spec is for any data set.
function assign.check_options(where, o)
  for _, name in ipairs { "stratify", "group" } do
    if type(o[name]) ~= "boolean" and type(o[name]) ~= "string" then
      blame.raise("%s: %s is true, false or the name of a column, got %s; the values go to folds(set, {%s = ...})", where, name,
        blame.show(o[name]), name == "group" and "groups" or "labels")
    end
  end
end

-- The part of each row, a list or a tensor.
local function parts(rows, o, key)
  local group = o.group or rows:together()
  if not group then
    refuse_more(o, rows.n, "row")
    if not o.stratify then return by_position(o, rows.n, order_of(rows.n, key)) end
    return by_class(o, rows:labels(o.stratify), listed(order_of(rows.n, key)))
  end
  local groups = rows:groups(group)
  refuse_more(o, #groups.names, "group")
  local order = listed(order_of(#groups.names, key))
  if not o.stratify then return by_group(o, groups, order) end
  return by_class_and_group(o, rows:labels(o.stratify), groups, order)
end

--- Deals the rows.
-- @param rows  what split/rows.lua read
-- @param o     { parts = how many, noun = "fold", where = for messages, stratify =, group = }
-- @param key   of the shuffling, or nil
-- @return int64 tensor: the part (from 1) of each row
-- @error more parts than rows, than rows of a class or than groups
function assign.deal(rows, o, key)
  local part_of = parts(rows, o, key)
  return core.is_tensor(part_of) and part_of or core.tensor(part_of, { dtype = "int64" })
end

return assign
