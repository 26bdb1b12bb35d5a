-- What a classical model is fitted to, read and checked once for all of them: x a float matrix, y numbers or classes, weights.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local options = require "moonlab.options"

local problem = {}

local read_how = options("fit", { { "weight", "any" }, { "classes", "count" }, { "names", "table" } }, "model:fit(x, y, {weight = w})")

local function show_shape(x) return "[" .. table.concat(x.shape, ", ") .. "]" end

--- x as rows of numbers: pictures and the like are laid flat.
-- @param where   in front of a message
-- @param x       a tensor [n, ...], or a sparse matrix
-- @param sparse  whether it may stay sparse
-- @return a contiguous tensor [n, p] of float32 or float64, without a graph
function problem.matrix(where, x, sparse)
  if core.is_sparse(x) then return sparse and x or x:dense() end
  if not core.is_tensor(x) then blame.raise("%s: x must be a tensor [rows, columns], got %s", where, blame.show(x)) end
  x = x:detach()
  if x:dim() < 2 then blame.raise("%s: x must have rows and columns, got shape %s; one column is x:unsqueeze(2)", where, show_shape(x)) end
  if x:dim() > 2 then x = x:reshape { x:size(1), -1 } end
  if not x.dtype:find "^float" then x = x:to "float64" end
  return x:is_contiguous() and x or x:contiguous()
end

-- What a number is that no sum of squares can be made of.
local function kind_of(value)
  if value ~= value then return "NaN" end
  return math.abs(value) < math.huge and ("%g, too large for sums of squares,"):format(value) or "infinite"
end

local function check_rows(where, x, names)
  if x:size(1) == 0 then blame.raise("%s: there are no rows", where) end
  if x:size(2) == 0 then blame.raise("%s: x has no columns", where) end
  if names and #names ~= x:size(2) then blame.raise("%s: %d names of columns, but x has %d", where, #names, x:size(2)) end
  local row, column = core.first_not_bounded(x)
  if not row then return end
  local value = core.is_sparse(x) and x:index_select(1, core.tensor { row }):dense() or x:select(1, row)
  value = value:flatten():select(1, column):item()
  blame.raise("%s: x is %s in row %d, column %d%s\n  hint: %s", where, kind_of(value), row, column,
    names and (" (%s)"):format(names[column]) or "",
    math.abs(value) < math.huge and "another unit, or features.standardize(), brings the column near 1"
    or "numbers that are missing are filled in before: features.impute()")
end

local function as_list_tensor(where, what, values)
  if type(values) == "table" and not getmetatable(values) then return core.tensor(values) end
  if not core.is_tensor(values) then blame.raise("%s: %s must be a tensor or a list, got %s", where, what, blame.show(values)) end
  return values:detach()
end

-- One value a row: [n], or [n, 1].
local function column(where, what, values, n)
  local t = as_list_tensor(where, what, values)
  if t:dim() == 2 and t:size(2) == 1 then t = t:squeeze(2) end
  if t:dim() ~= 1 then blame.raise("%s: %s must have one value a row, got shape %s", where, what, show_shape(t)) end
  if t:size(1) ~= n then blame.raise("%s: x has %d rows, but %s has %d", where, n, what, t:size(1)) end
  return t
end

local function numbers(where, what, values, n)
  local t = column(where, what, values, n):to "float64"
  local row = core.first_not_bounded(t:unsqueeze(2))
  if row then blame.raise("%s: %s of row %d is %s", where, what, row, (kind_of(t:select(1, row):item()):gsub(",$", ""))) end
  return t
end

local function weights(where, given, n)
  if given == nil then return nil end
  local t = numbers(where, "weight", given, n)
  if t:min():item() < 0 then
    blame.raise("%s: the weight of row %d is below 0: %g", where, t:argmin():item(), t:min():item())
  end
  if t:sum():item() == 0 then blame.raise("%s: the weights of all rows are 0", where) end
  return t
end

-- Classes from 1, and how many rows each has. Rows of weight 0 do not count.
local function classes(where, values, n, wanted, weight)
  local t = column(where, "y", values, n)
  if t.dtype ~= "int64" then blame.raise("%s: y must be classes, integers from 1 (int64), got %s", where, t.dtype) end
  t = t:contiguous()
  if t:min():item() < 1 then
    blame.raise("%s: y of row %d is %d: classes are counted from 1", where, t:argmin():item(), t:min():item())
  end
  local most = t:max():item()
  if wanted and most > wanted then blame.raise("%s: y of row %d is class %d of %d", where, t:argmax():item(), most, wanted) end
  local counts = core.ops.bincount(weight and t:index_select(1, weight:gt(0):nonzero():squeeze(2)) or t):tolist()
  local occur = 0
  for _, count in ipairs(counts) do occur = occur + (count > 0 and 1 or 0) end
  if occur < 2 then
    blame.raise("%s: all %d rows%s are of class %d: there is nothing to tell apart", where, counts[#counts], weight and " that have a weight" or "", #counts)
  end
  for class = #counts + 1, math.max(most, wanted or 0) do counts[class] = 0 end
  return t, counts
end

local function of_set(where, set, how)
  how = how or {}
  local x, y = set:column "x", set:column "y"
  local names = set.columns and set.columns.names
  return x, y, { weight = how.weight, classes = how.classes or set.classes and #set.classes or nil, names = how.names or names }
end

--- Reads the arguments of model:fit.
-- @param where   "ml.ridge": in front of messages
-- @param model   what wants = "numbers", "classes" or nil for no y; takes_sparse
-- @param x, y    tensors; or a data set, and what else
-- @return { x = float matrix, or a sparse one where the model takes it, y = float64 or int64 [n], weight = float64 [n] or nil, rows =, columns =, names = of columns or nil,
--         classes = how many, counts = rows of each }
function problem.read(where, model, x, y, how)
  if type(x) == "table" and type(x.column) == "function" then x, y, how = of_set(where, x, y) end
  how = read_how(how)
  local wants, p = model.wants, { x = problem.matrix(where, x, model.takes_sparse), names = how.names }
  p.rows, p.columns = p.x:size(1), p.x:size(2)
  check_rows(where, p.x, p.names)
  p.weight = weights(where, how.weight, p.rows)
  if wants == "numbers" then
    p.y = numbers(where, "y", y, p.rows)
  elseif wants == "classes" then
    p.y, p.counts = classes(where, y, p.rows, how.classes, p.weight)
    p.classes = #p.counts
  end
  return p
end

return problem
