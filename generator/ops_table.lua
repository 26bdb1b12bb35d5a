-- Loads tensor/ops/ and nn/ops/ and puts each entry into one regular form, so that no emitter has to know
-- the short ways of writing one. Mistakes in the tables end here, with the op's name.

local expression = require "expression"

local M = {}

local TENSOR_TYPES = { tensor = true, index = true, mask = true, any = true, state = true }
local ACCEPTS = { any = true, common = true, number = true, float = true, logical = true }
local FIELDS = {}
for field in ([[family accepts forward grad args options saves keeps second strided domain cases doc formula example
  operator result source method nonzero nonnegative also needs_data constant prepare results space in_place]]):gmatch "%S+" do FIELDS[field] = true end

-- { "dim", "dim", -1 } -> { name = "dim", type = "dim", default = -1 }
local function argument(op, entry, is_option)
  local name, kind, default = entry[1], entry[2], entry[3]
  local a = { name = name, type = kind, default = default, optional = entry.optional or default ~= nil, range = entry.range,
    shape = entry.shape, layout = entry.layout or "rows", is_option = is_option, enum = entry.enum }
  if type(kind) == "table" then a.type, a.words = "word", kind end
  a.is_tensor = TENSOR_TYPES[a.type] or false
  if is_option and not a.optional then error(op.name .. ": option " .. name .. " needs a default or optional = true") end
  return a
end

local function collect(op, list, is_option)
  for _, entry in ipairs(list or {}) do
    local a = argument(op, entry, is_option)
    table.insert(op.all, a)
    if a.is_tensor then
      a.input = #op.tensors -- position among the C inputs, from 0
      table.insert(op.tensors, a)
    elseif a.type == "tensors" then
      op.list = a
    elseif is_option then
      table.insert(op.options, a)
    else
      table.insert(op.scalars, a)
    end
  end
end

local function normalize(name, e, place)
  for field in pairs(e) do
    if not FIELDS[field] then error(("op %s: unknown field '%s'"):format(name, field)) end
  end
  if not ACCEPTS[e.accepts] then error(("op %s: accepts = %s"):format(name, tostring(e.accepts))) end
  for _, field in ipairs { "doc", "example", "grad", "family" } do
    if not e[field] then error(("op %s: '%s' is missing"):format(name, field)) end
  end
  local op = { name = name, place = place, space = e.space or place == "nn" and "nn" or nil, family = e.family, accepts = e.accepts, doc = e.doc, formula = e.formula, example = e.example,
    all = {}, tensors = {}, scalars = {}, options = {}, saves = e.saves or {}, keeps = e.keeps or {}, second = e.second or false,
    strided = e.strided or false, domain = e.domain or {}, cases = e.cases, operator = e.operator, result = e.result,
    source = e.source, method = e.method ~= false, nonzero = e.nonzero, nonnegative = e.nonnegative, also = e.also,
    results = e.results or { { "out" } }, needs_data = e.needs_data or false, constant = e.constant or {}, prepare = e.prepare or false, in_place = e.in_place or false }
  local args = e.args
  if e.family == "unary" then args = { { "x", "tensor" } }
  elseif e.family == "binary" then args = { { "x", "tensor" }, { "y", "tensor" } } end
  op.shape_family = e.family
  if e.forward then op.family = "elementwise" end
  collect(op, args, false)
  collect(op, e.options, true)
  op.differentiable = e.grad ~= "none"

  if op.family == "elementwise" then
    op.strided = true
    op.forward = expression.parse(e.forward, name)
    op.grad = {}
    for input, text in pairs(op.differentiable and e.grad or {}) do op.grad[input] = expression.parse(text, name) end
    op.saves = {}
    local used = {}
    for _, tree in pairs(op.grad) do expression.variables(tree, used) end
    for _, a in ipairs(op.tensors) do
      if used[a.name] then table.insert(op.saves, a.name) end
    end
    if used.z then table.insert(op.saves, "result") end
    op.second = true
    if not op.cases then
      op.cases = e.family == "unary" and { { x = { 3, 4 } } }
        or e.family == "binary" and { { x = { 3, 4 }, y = { 3, 4 } }, { x = { 3, 4 }, y = { 4 } }, { x = { 2, 1, 4 }, y = { 3, 1 } } }
        or { { condition = { 3, 4 }, x = { 3, 4 }, y = { 4 } } }
    end
  elseif not op.source then
    error("op " .. name .. ": 'source' is missing")
  end
  if not op.cases then error("op " .. name .. ": 'cases' is missing") end
  return op
end

-- Runs the tables' files in order: declare(name, place, path) is called for each `op "name"` and gives what takes its entry.
function M.each(declare)
  for _, place in ipairs { "tensor", "nn" } do
    local function include(name)
      local path = ("%s/ops/%s.lua"):format(place, name)
      local function op(op_name) return declare(op_name, place, path) end
      assert(loadfile(path, "t", setmetatable({ op = op }, { __index = _G })))()
    end
    assert(loadfile(place .. "/ops.lua", "t", { include = include }))()
  end
end

-- All ops in the order of the tables; also by name.
function M.load()
  local ops, by_name = {}, {}
  M.each(function(name, place)
    return function(entry)
      if by_name[name] then error("op " .. name .. " is declared twice") end
      local op = normalize(name, entry, place)
      op.index = #ops
      table.insert(ops, op)
      by_name[name] = op
    end
  end)
  return ops, by_name
end

return M
