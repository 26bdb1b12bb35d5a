--- How columns go together, on the sample: Pearson's and Spearman's correlation of numbers, Cramér's V of categories, the correlation
-- ratio of a category and a number; and columns that say the same.

local core = require "moonlab.core"

local ops = core.ops
local NAN = 0 / 0

local relations = {}

local MOST = 30       -- columns of a heat map
local WORDS = 50      -- of a category

local NUMERIC = { number = true, integer = true }

-- Codes from 1 (0: missing) and how many there are, of a column with few different values.
local function category(column)
  if column.type ~= "text" and column.type ~= "boolean" then return nil end
  local codes, firsts = column:codes(WORDS)
  if not codes or #firsts < 2 then return nil end
  return codes, #firsts
end

-- Numbers ------------------------------------------------------------------------------------------------------------

--- Pearson's correlation of each pair of columns over the rows in which both are there.
-- @param x  float64 [n, p]; NaN and infinite values are missing
-- @return float64 [p, p], NaN where a column is constant or there are fewer than two rows
function relations.pearson(x)
  local here = x:isfinite()
  local mask = here:double()
  local count = mask:sum(1):clamp(1, math.huge)
  local filled = ops.where(here, x, 0.0)
  local size = filled:abs():max(1):clamp(1e-300, math.huge) -- first to 1, so that no square overflows
  local z = filled / size
  z = ops.where(here, z - z:sum(1) / count, 0.0)
  z = z / (z:square():sum(1) / count):sqrt():clamp(1e-300, math.huge)
  local both = mask:transpose(1, 2):matmul(mask):clamp(1, math.huge)
  local sums = z:transpose(1, 2):matmul(mask)               -- of i where j is there
  local squares = z:square():transpose(1, 2):matmul(mask)
  local products = z:transpose(1, 2):matmul(z)
  local spread = squares - sums:square() / both
  spread = ops.where(spread:gt(1e-12 * both), spread, NAN)
  local r = (products - sums * sums:transpose(1, 2) / both) / (spread * spread:transpose(1, 2)):sqrt()
  return r:clamp(-1, 1)
end

-- Ranks of the values of a list that are finite; equal ones share the mean of theirs.
local function ranks(values, order)
  local out, n, i = {}, 0, 1
  for k = 1, #values do out[k] = NAN end
  for _, row in ipairs(order) do
    if values[row] - values[row] == 0 then
      n = n + 1
      order[n] = row
    end
  end
  while i <= n do
    local last = i
    while last < n and values[order[last + 1]] == values[order[i]] do last = last + 1 end
    for k = i, last do out[order[k]] = (i + last) / 2 end
    i = last + 1
  end
  return out
end

--- Each column's ranks among its own values, equal ones with the mean of theirs; missing ones stay NaN.
function relations.ranks(x)
  local columns = {}
  for j = 1, x:size(2) do
    local values = x:select(2, j):contiguous()
    columns[j] = core.tensor(ranks(values:tolist(), values:argsort():tolist()), { dtype = "float64" })
  end
  return ops.stack(columns, 2)
end

--- Spearman's correlation: Pearson's of the ranks, each column ranked over all of its values.
function relations.spearman(x) return relations.pearson(relations.ranks(x)) end

-- Categories -------------------------------------------------------------------------------------------------------------

-- Counts of pairs of codes: rows a, columns b, as lists; and how many rows there are.
local function table_of(a, ka, b, kb)
  local pairs_of = ((a - 1) * kb + b):masked_select(ops.logical_and(a:gt(0), b:gt(0)))
  if #pairs_of == 0 then return nil, 0 end
  return pairs_of:bincount({ minlength = ka * kb }):to("float64"):reshape({ ka, kb }), #pairs_of
end

--- Cramér's V of two columns of codes from 1 (0: missing): 0 none, 1 one tells the other.
-- @return V, or NaN where one of them is constant in the rows that both have
function relations.cramers_v(a, ka, b, kb)
  local counts, n = table_of(a, ka, b, kb)
  if n == 0 then return NAN end
  local rows, columns = counts:sum(2):unsqueeze(2), counts:sum(1):unsqueeze(1)
  local expected = rows * columns / n
  local chi = ops.where(expected:gt(0), (counts - expected):square() / expected:clamp(1e-300, math.huge), 0.0):sum():item()
  local less = math.min(rows:gt(0):sum():item(), columns:gt(0):sum():item()) - 1
  return less > 0 and math.min(1, math.sqrt(chi / n / less)) or NAN
end

--- The correlation ratio of a category and a number: the root of the share of the variance that lies between the categories.
function relations.correlation_ratio(codes, count, x)
  local here = ops.logical_and(codes:gt(0), x:isfinite())
  local c, v = codes:masked_select(here), x:masked_select(here)
  if #v < 2 then return NAN end
  v = v - v:mean()
  local all = v:square():sum():item()
  if all <= 1e-24 * #v then return NAN end
  local sizes = c:bincount({ minlength = count }):to "float64"
  local sums = core.zeros(count, { dtype = "float64" }):index_add(1, c, v)
  return math.min(1, math.sqrt((sums:square() / sizes:clamp(1, math.huge)):sum():item() / all))
end

-- Columns that take part: those of the list first, the others in their order, MOST at most.
local function chosen(t, first)
  local numeric, mixed, left_out = {}, {}, 0
  local names, seen = {}, {}
  for _, name in ipairs(first) do names[#names + 1], seen[name] = name, true end
  for _, name in ipairs(t.names) do
    if not seen[name] then names[#names + 1] = name end
  end
  for _, name in ipairs(names) do
    local column, one = t:column(name), nil
    if NUMERIC[column.type] then one = { name = name, x = column.values:to "float64" }
      if column.missing then one.x = one.x:masked_fill(column.missing, NAN) end
    else
      local codes, count = category(column)
      if codes then one = { name = name, codes = codes, count = count } end
    end
    if one and #mixed < MOST then
      mixed[#mixed + 1] = one
      if one.x then numeric[#numeric + 1] = one end
    elseif one then
      left_out = left_out + 1
    end
  end
  return numeric, mixed, left_out
end

local function association(a, b, r)
  if a.x and b.x then return math.abs(r) end
  if a.codes and b.codes then return relations.cramers_v(a.codes, a.count, b.codes, b.count) end
  if a.codes then return relations.correlation_ratio(a.codes, a.count, b.x) end
  return relations.correlation_ratio(b.codes, b.count, a.x)
end

local function names_of(list)
  local names = {}
  for i, one in ipairs(list) do names[i] = one.name end
  return names
end

--- The matrices of a sample.
-- @param t      a Table
-- @param first  names of columns that come first: the target
-- @return { numeric = { names =, pearson = rows, spearman = rows } or nil, mixed = { names =, rows = } or nil, left_out = columns }
function relations.of(t, first)
  local numeric, mixed, left_out = chosen(t, first)
  local out, at = { left_out = left_out }, {}
  if #numeric > 0 and #t > 1 then
    local x = {}
    for i, one in ipairs(numeric) do x[i], at[one.name] = one.x, i end
    x = ops.stack(x, 2)
    out.numeric = { names = names_of(numeric), pearson = relations.pearson(x):tolist(), spearman = relations.spearman(x):tolist() }
  end
  if #mixed > #numeric and #mixed > 1 and #t > 1 then
    local rows = {}
    for i = 1, #mixed do rows[i] = {} end
    for i, a in ipairs(mixed) do
      rows[i][i] = 1.0
      for j = i + 1, #mixed do
        local b = mixed[j]
        rows[i][j] = association(a, b, a.x and b.x and out.numeric.pearson[at[a.name]][at[b.name]])
        rows[j][i] = rows[i][j]
      end
    end
    out.mixed = { names = names_of(mixed), rows = rows }
  end
  return out
end

-- Columns that say the same -------------------------------------------------------------------------------------------------

local function same_values(a, b)
  if a.type == "text" or b.type == "text" then
    return a.type == b.type and a:eq(b).values:sum():item() == a:count()
  end
  local x, y = a.values:to "float64", b.values:to "float64"
  return ops.logical_or(x:eq(y), ops.logical_and(x:isnan(), y:isnan())):all():item()
end

--- Pairs of columns that are the same, or of which each value of one goes with one value of the other.
-- @param t  a Table
-- @return a list of { first, second, equal = true or nil }; of several alike each with the first
function relations.equal_columns(t)
  local seen, out = {}, {}
  if #t < 2 then return out end
  for _, column in ipairs(t:columns()) do
    local codes, firsts = column:codes()
    -- codes count in the order of appearance: columns that say the same have the same codes
    if #firsts > 1 and #firsts < #t then
      local key = core.hash_rows(codes:reshape({ 1, #t }):contiguous()):item()
      if seen[key] then
        out[#out + 1] = { seen[key].name, column.name, equal = same_values(seen[key], column) or nil }
      else
        seen[key] = column
      end
    elseif #firsts == #t then -- all different: only the values tell
      for _, other in ipairs(seen) do
        if other.type == column.type and same_values(other, column) then
          out[#out + 1] = { other.name, column.name, equal = true }
          break
        end
      end
      seen[#seen + 1] = column
    end
  end
  return out
end

return relations
