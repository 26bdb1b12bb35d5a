--- Sums of products by letters: ml.einsum and ml.tensordot, made of permute, reshape, bmm and sum, so that gradients of
-- gradients work.

local core = require "moonlab.core"
local blame = require "moonlab.blame"

local M = {}

-- The equation with a mark under the character at `at`.
local function fail(equation, at, format, ...)
  local text = ("einsum: " .. format):format(...)
  blame.raise("%s\n  %s\n  %s^", text, equation, (" "):rep(at - 1))
end

-- One term of an equation, "b...ij": its letters in order with their places; "..." is one entry.
local function term(equation, from, to)
  local labels, at = {}, from
  while at <= to do
    local c = equation:sub(at, at)
    if equation:sub(at, at + 2) == "..." then
      if labels.ellipsis then fail(equation, at, "a second ellipsis in one term") end
      labels.ellipsis = #labels + 1
      labels[#labels + 1] = { name = "...", at = at }
      at = at + 2
    elseif c:find "%a" then labels[#labels + 1] = { name = c, at = at }
    elseif c ~= " " then fail(equation, at, "'%s' is no letter", c) end
    at = at + 1
  end
  return labels
end

local function parse(equation)
  if type(equation) ~= "string" then blame.raise("einsum: the equation must be a string such as \"ij,jk->ik\", got %s", blame.show(equation)) end
  local arrow = equation:find("->", 1, true)
  local last, inputs, from = arrow and arrow - 1 or #equation, {}, 1
  while true do
    local comma = equation:find(",", from, true)
    local to = (comma and comma <= last) and comma - 1 or last
    inputs[#inputs + 1] = term(equation, from, to)
    if to == last then break end
    from = to + 2
  end
  return inputs, arrow and term(equation, arrow + 2, #equation)
end

-- The names of a tensor's dimensions, the ellipsis spread over names "1", "2", ... counted from the right.
local function spread(equation, labels, x, number)
  local names, places = {}, {}
  local extra = x:dim() - (#labels - (labels.ellipsis and 1 or 0))
  if extra < 0 or (extra > 0 and not labels.ellipsis) then
    fail(equation, labels[1] and labels[1].at or 1, "term %d has %d letters, tensor %d has shape [%s]", number,
      #labels - (labels.ellipsis and 1 or 0), number, table.concat(x.shape, ", "))
  end
  for _, label in ipairs(labels) do
    for k = extra, label.name == "..." and 1 or extra, -1 do
      names[#names + 1] = label.name == "..." and tostring(k) or label.name
      places[#names] = label.at
    end
  end
  return names, places, extra
end

local function position(list, name)
  for i, other in ipairs(list) do
    if other == name then return i end
  end
end

-- Of a letter that a term repeats, the diagonal.
local function diagonals(names, x)
  for i = 1, #names do
    local j = position({ table.unpack(names, i + 1) }, names[i])
    if j then
      j = i + j
      local order, rest, n = {}, {}, x:size(i)
      for d = 1, #names do
        if d ~= i and d ~= j then
          order[#order + 1] = d
          rest[#rest + 1] = names[d]
        end
      end
      local shape = {}
      for k, d in ipairs(order) do shape[k] = x:size(d) end
      order[#order + 1], order[#order + 2] = i, j
      shape[#shape + 1] = n * n
      local at = {}
      for k = 1, n do at[k] = (k - 1) * (n + 1) + 1 end
      x = x:permute(order):reshape(shape):index_select(#shape, core.tensor(at, { dtype = "int64" }))
      rest[#rest + 1] = names[i]
      return diagonals(rest, x)
    end
  end
  return names, x
end

-- x summed over the names that `keep` does not have.
local function summed(names, x, keep)
  local dims, rest = {}, {}
  for d, name in ipairs(names) do
    if keep[name] then rest[#rest + 1] = name
    else dims[#dims + 1] = d end
  end
  if #dims > 0 then x = x:sum(dims) end
  return rest, x
end

-- x with its dimensions in the order of three groups of names, each group one dimension.
local function grouped(names, x, groups, sizes)
  local order, shape, full = {}, {}, {}
  for g, group in ipairs(groups) do
    shape[g] = 1
    for _, name in ipairs(group) do
      order[#order + 1] = position(names, name)
      full[#full + 1] = sizes[name]
      shape[g] = shape[g] * sizes[name]
    end
  end
  return x:permute(order):expand(full):reshape(shape)
end

local function set_of(...)
  local set = {}
  for _, list in ipairs { ... } do
    for _, name in ipairs(list) do set[name] = true end
  end
  return set
end

local RANK = { bool = 0, uint8 = 1, int32 = 2, int64 = 3 }

-- Batches of matrices of integers, whose product stays in their common type (int64 of masks).
local function integer_bmm(x, y)
  local dtype = RANK[x.dtype] >= RANK[y.dtype] and x.dtype or y.dtype
  if dtype == "bool" then dtype = "int64" end
  local columns = {} -- one at a time: never more than one matrix of products
  x, y = x:long(), y:long():transpose(2, 3):contiguous()
  for k = 1, y:size(2) do columns[k] = (x * y:slice(2, k, k)):sum(3) end
  if #columns == 0 then return core.zeros({ x:size(1), x:size(2), 0 }, { dtype = dtype }) end
  return core.ops.stack(columns, 3):to(dtype)
end

local function bmm(x, y)
  if RANK[x.dtype] and RANK[y.dtype] then return integer_bmm(x, y) end
  return x:bmm(y)
end

-- The product of two, summed over the names that both have and `keep` has not.
local function product(names, x, other_names, y, keep)
  local here, there = set_of(names), set_of(other_names)
  local wanted = setmetatable({}, { __index = function(_, name) return keep[name] or (here[name] and there[name]) end })
  names, x = summed(names, x, wanted)
  other_names, y = summed(other_names, y, wanted)
  local sizes = {}
  for _, pair in ipairs { { names, x }, { other_names, y } } do
    for d, name in ipairs(pair[1]) do
      local n = pair[2]:size(d)
      if not sizes[name] or sizes[name] == 1 then sizes[name] = n end
    end
  end
  local batch, inner, left, right = {}, {}, {}, {}
  for _, name in ipairs(names) do
    local group = there[name] and (keep[name] and batch or inner) or left
    group[#group + 1] = name
  end
  for _, name in ipairs(other_names) do
    if not here[name] then right[#right + 1] = name end
  end
  local z = bmm(grouped(names, x, { batch, left, inner }, sizes), grouped(other_names, y, { batch, inner, right }, sizes))
  local result, shape = {}, {}
  for _, group in ipairs { batch, left, right } do
    for _, name in ipairs(group) do
      result[#result + 1] = name
      shape[#shape + 1] = sizes[name]
    end
  end
  return result, z:reshape(shape)
end

local function check_sizes(equation, all, places, tensors)
  local sizes, first = {}, {}
  for k, names in ipairs(all) do
    for d, name in ipairs(names) do
      local n = tensors[k]:size(d)
      if sizes[name] == nil or (sizes[name] == 1 and name:find "%d") then sizes[name], first[name] = n, k
      elseif sizes[name] ~= n and not (n == 1 and name:find "%d") then
        local what = name:find "%d" and "a dimension of ..." or "letter '" .. name .. "'"
        fail(equation, places[k][d], "%s is %d in tensor %d and %d in tensor %d", what, sizes[name], first[name], n, k)
      end
    end
  end
end

-- Without an arrow: the ellipsis, then the letters that stand once, in order of the alphabet.
local function implicit(all, most)
  local count, names = {}, {}
  for _, list in ipairs(all) do
    for _, name in ipairs(list) do count[name] = (count[name] or 0) + 1 end
  end
  local result = {}
  for k = most, 1, -1 do result[#result + 1] = tostring(k) end
  for name, n in pairs(count) do
    if n == 1 and name:find "%a" then names[#names + 1] = name end
  end
  table.sort(names)
  for _, name in ipairs(names) do result[#result + 1] = name end
  return result
end

--- The sum of products that an equation of letters says: each letter is a dimension, those that the result does not have
-- are summed over. A letter twice in one term takes the diagonal; "..." stands for any dimensions, which broadcast;
-- without "->" the result has the letters that stand once, in order of the alphabet. Products of integers are integers.
-- @param equation  "ij,jk->ik"
-- @param ...       a tensor for each term, or one list of them
-- @return a tensor
-- @usage ml.einsum("bij,bjk->bik", ml.ones(2, 3, 4), ml.ones(2, 4, 5))
function M.einsum(equation, ...)
  local tensors = { ... }
  if #tensors == 1 and type(tensors[1]) == "table" then tensors = tensors[1] end
  local inputs, output = parse(equation)
  if #inputs ~= #tensors then blame.raise("einsum: %s has %d terms, got %d tensors", equation, #inputs, #tensors) end
  local all, places, most = {}, {}, 0
  for k, x in ipairs(tensors) do
    if type(x) ~= "userdata" then blame.raise("einsum: argument %d must be a tensor, got %s", k + 1, blame.show(x)) end
    local extra
    all[k], places[k], extra = spread(equation, inputs[k], x, k)
    if inputs[k].ellipsis and extra > most then most = extra end
  end
  check_sizes(equation, all, places, tensors)
  local known, wanted, seen = set_of(table.unpack(all)), {}, {}
  if not output then wanted = implicit(all, most) end
  for _, label in ipairs(output or {}) do
    if label.name == "..." then
      for k = most, 1, -1 do wanted[#wanted + 1] = tostring(k) end
    else
      if not known[label.name] then fail(equation, label.at, "letter '%s' of the result stands in no term", label.name) end
      if seen[label.name] then fail(equation, label.at, "letter '%s' stands twice in the result", label.name) end
      seen[label.name] = true
      wanted[#wanted + 1] = label.name
    end
  end
  local lists, xs = {}, {}
  for k, x in ipairs(tensors) do lists[k], xs[k] = diagonals(all[k], x) end
  local names, x = lists[1], xs[1]
  for k = 2, #xs do
    local keep = set_of(wanted, table.unpack(lists, k + 1))
    names, x = product(names, x, lists[k], xs[k], keep)
  end
  names, x = summed(names, x, set_of(wanted))
  local order = {}
  for i, name in ipairs(wanted) do order[i] = position(names, name) end
  return #order > 1 and x:permute(order) or x
end

--- The sum of products over dimensions of x and y: the last n of x with the first n of y, or those that two lists name.
-- @param x     a tensor
-- @param y     a tensor
-- @param dims  n (2), or {dimensions of x, dimensions of y}
-- @return a tensor with the other dimensions of x, then those of y
-- @usage ml.tensordot(ml.ones(2, 3, 4), ml.ones(4, 3, 5), {{2, 3}, {2, 1}})   -- [2, 5], all 12
function M.tensordot(x, y, dims)
  for i, t in ipairs { x, y } do
    if type(t) ~= "userdata" then blame.raise("tensordot: argument %d must be a tensor, got %s", i, blame.show(t)) end
  end
  local lists = dims or 2
  if math.type(lists) == "integer" then
    local n = lists
    lists = { {}, {} }
    for i = 1, n do lists[1][i], lists[2][i] = x:dim() - n + i, i end
  end
  if type(lists) ~= "table" or type(lists[1]) ~= "table" or type(lists[2]) ~= "table" or #lists[1] ~= #lists[2] then
    blame.raise("tensordot: dims must be a number or two lists of as many dimensions, got %s", blame.show(dims))
  end
  local names, other = {}, {}
  for d = 1, x:dim() do names[d] = "x" .. d end
  for d = 1, y:dim() do other[d] = "y" .. d end
  for i = 1, #lists[1] do
    local a, b = lists[1][i], lists[2][i]
    if a < 0 then a = x:dim() + 1 + a end
    if b < 0 then b = y:dim() + 1 + b end
    if not names[a] or not other[b] or x:size(a) ~= y:size(b) then
      blame.raise("tensordot: dimension %s of [%s] does not meet dimension %s of [%s]", lists[1][i],
        table.concat(x.shape, ", "), lists[2][i], table.concat(y.shape, ", "))
    end
    names[a], other[b] = "s" .. i, "s" .. i
  end
  local keep = {}
  for _, name in ipairs(names) do keep[name] = name:find "^x" and true end
  for _, name in ipairs(other) do keep[name] = name:find "^y" and true end
  local _, z = product(names, x, other, y, keep)
  return z
end

return M
