-- docs/ops.md and docs/tensors.md: what the op tables and bindings/reference.lua say, as pages to read.

local signature = require "signature_text"

local M = {}

local NOTE = "<!-- Made by `make docs` from %s. Not to be edited. -->"

local ACCEPTS = {
  any = "any", common = "any; inputs are promoted to their common one",
  number = "numbers (not bool); inputs are promoted to their common type",
  float = "float32 and float64; integers become float32", logical = "bool and integers",
}

local TYPE = {
  tensor = "tensor", tensors = "list of tensors", index = "int64 tensor of positions from 1", mask = "bool tensor", any = "tensor of any type",
  state = "tensor, written to", number = "number", integer = "integer", boolean = "true or false", dim = "dimension",
  new_dim = "dimension of the result", position = "position", dims = "dimension or list of them", shape = "sizes", integers = "list of integers",
  pair = "integer or {rows, columns}", padding = 'integer, {rows, columns} or "same"', dtype = "name of a type",
}

local function type_text(a)
  local text = TYPE[a.type]
  if a.words then text = '"' .. table.concat(a.words, '", "') .. '"' end
  if a.shape then text = text .. " [" .. a.shape:gsub(" ", ", ") .. "]" end
  if a.range then text = text .. (" from %s to %s"):format(signature.value(a.range[1]), signature.value(a.range[2])) end
  return text
end

local function code(lines) return "```lua\n" .. lines .. "\n```" end

local function gradient_text(op)
  if not op.differentiable then return "none" end
  return op.second and "yes, and gradients of gradients" or "yes, but none of gradients"
end

-- Every way of calling an op.
local function forms(op)
  local positional, options = signature.split(op)
  local place = op.space and ("ml.%s."):format(op.space) or "ml."
  local list = { ("`%s%s(%s)`"):format(place, op.name, signature.arguments(positional, options)) }
  local rest = table.move(positional, 2, #positional, 1, {})
  if op.method then list[#list + 1] = ("`%s:%s(%s)`"):format(op.all[1].name, op.name, signature.arguments(rest, options)) end
  if op.operator then
    local symbol = ({ unm = "-", bnot = "~" })[op.operator]
    list[#list + 1] = symbol and ("`%sx`"):format(symbol) or ("`x %s y`"):format(op.operator)
  end
  if signature.in_place(op) then list[#list + 1] = ("in place `%s:%s_(%s)`"):format(op.all[1].name, op.name, signature.arguments(rest, options)) end
  return table.concat(list, " · ")
end

-- What each argument is, where the name alone does not say it.
local function argument_lines(op)
  local lines = {}
  if op.shape_family == "unary" or op.shape_family == "binary" then return lines end
  for i, a in ipairs(op.all) do lines[i] = ("- `%s`: %s%s"):format(a.name, type_text(a), a.optional and a.default == nil and " (may be left out)" or "") end
  return lines
end

local function types_text(op)
  local result = op.result and ("; the result is %s"):format(op.result) or ""
  if #op.results > 1 then
    local names = {}
    for i, r in ipairs(op.results) do names[i] = r.dtype and ("%s (%s)"):format(r[1], r.dtype) or r[1] end
    result = result .. "; gives " .. table.concat(names, ", ")
  end
  return ("Types: %s%s. Gradient: %s."):format(ACCEPTS[op.accepts], result, gradient_text(op))
end

local function op_entry(out, op)
  local function add(...) out[#out + 1] = string.format(...) end
  add("### %s\n", op.name)
  add("%s\n", forms(op))
  add("%s\n", op.doc)
  if op.formula then add("```text\n%s\n```\n", op.formula) end
  local arguments = argument_lines(op)
  table.move(arguments, 1, #arguments, #out + 1, out)
  if #arguments > 0 then add("") end
  add("%s\n", types_text(op))
  add("%s\n", code(op.example))
end

local OPS_HEAD = [[
# Ops

Every op of Moonlab, from `tensor/ops.lua` and `nn/ops.lua`. What stands behind `-->` in an example is what it gives, flattened;
`-- [2, 3]` is a shape. Tests run all of them.

How to read a signature:

- `name = value` has a default, `name?` may be left out. Such arguments can also be given by name in the trailing table:
  `x:softmax{dim = 1}`.
- Dimensions and positions count from 1; negative ones count from the end. Where an op takes a list of dimensions or sizes,
  `x:permute(3, 1, 2)` and `x:permute{3, 1, 2}` are the same.
- Shapes of several inputs broadcast as in NumPy, except in losses.
- An unknown option is an error that names the nearest one.
]]

-- ops in order, by section.
function M.ops(ops, sections)
  local out = { NOTE:format "tensor/ops/ and nn/ops/", OPS_HEAD }
  local order, members = {}, {}
  for _, op in ipairs(ops) do
    local section = sections[op.name]
    if not members[section] then
      members[section] = {}
      order[#order + 1] = section
    end
    table.insert(members[section], op)
  end
  for _, section in ipairs(order) do
    local links = {}
    for i, op in ipairs(members[section]) do links[i] = ("[%s](#%s)"):format(op.name, op.name) end
    out[#out + 1] = ("**%s**: %s\n"):format(section.title, table.concat(links, ", "))
  end
  for _, section in ipairs(order) do
    out[#out + 1] = "## " .. section.title .. "\n"
    if section.text ~= "" then out[#out + 1] = section.text .. "\n" end
    for _, op in ipairs(members[section]) do op_entry(out, op) end
  end
  return table.concat(out, "\n")
end

local TENSORS_HEAD = [[
# Tensors

How tensors are made, looked at, indexed and written to. The ops on them are in [ops.md](ops.md).
]]

local FORM = {
  constructor = function(e, arguments) return ("ml.%s(%s)"):format(e.name, arguments) end,
  method = function(e, arguments) return ("x:%s(%s)"):format(e.name, arguments) end,
  field = function(e) return "x." .. e.name end,
  index = function(e) return e.name end,
}

-- How an entry of bindings/reference.lua is called.
function M.form(e)
  return FORM[e.kind](e, signature.arguments(signature.regular(e.args), signature.regular(e.options)))
end

function M.tensors(entries)
  local out, last = { NOTE:format "bindings/reference.lua", TENSORS_HEAD }, nil
  for _, e in ipairs(entries) do
    if e.section ~= last then
      last = e.section
      out[#out + 1] = "## " .. last.title .. "\n"
      if last.text ~= "" then out[#out + 1] = last.text .. "\n" end
    end
    out[#out + 1] = ("### %s\n\n%s\n\n%s\n"):format("`" .. M.form(e) .. "`", e.doc, code(e.example))
  end
  return table.concat(out, "\n")
end

M.op_forms, M.note, M.types_text = forms, NOTE, types_text
function M.argument_lines(op)
  local lines = {}
  for i, line in ipairs(argument_lines(op)) do lines[i] = "  " .. line:gsub("^%- `(.-)`:", "%1 ") end
  return lines
end
return M
