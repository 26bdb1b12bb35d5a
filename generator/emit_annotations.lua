-- docs/moonlab.d.lua: annotations in the form of lua-language-server. Never loaded by Moonlab; an editor that has it among
-- its libraries completes and checks calls.

local signature = require "signature_text"

local TYPE = {
  tensor = "Tensor|number", tensors = "Tensor[]", index = "Tensor", mask = "Tensor", any = "Tensor", state = "Tensor", number = "number",
  integer = "integer", boolean = "boolean", dim = "integer", new_dim = "integer", position = "integer", dims = "integer|integer[]",
  shape = "integer|integer[]", integers = "integer[]", pair = "integer|integer[]", padding = 'integer|integer[]|"same"', dtype = "string",
}
local SPREAD = { dims = true, shape = true } -- may also be given as the rest of the arguments

local RESERVED = { ["end"] = true, ["repeat"] = true, ["until"] = true, ["not"] = true }

local function type_of(a)
  if a.words then return '"' .. table.concat(a.words, '"|"') .. '"' end
  return TYPE[a.type] or a.type
end

local function comment(out, text)
  for line in (text .. "\n"):gmatch "(.-)\n" do out[#out + 1] = "---" .. line end
end

local function options_type(options)
  local fields = {}
  for i, a in ipairs(options) do fields[i] = a.name .. "?: " .. type_of(a) end
  return "{" .. table.concat(fields, ", ") .. "}"
end

-- A function with its annotations. receiver: "ml.", "Tensor:".
local function declare(out, receiver, name, positional, options, returns)
  local names = {}
  for _, a in ipairs(positional) do
    local label = a.plain or a.name
    if a.rest then
      out[#out + 1] = ("---@param ... %s %s"):format(type_of(a), label)
      names[#names + 1] = "..."
    else
      out[#out + 1] = ("---@param %s%s %s"):format(label, a.optional and "?" or "", type_of(a))
      names[#names + 1] = label
      if SPREAD[a.type] then
        out[#out + 1] = "---@param ... integer"
        names[#names + 1] = "..."
      end
    end
  end
  if #options > 0 then
    if names[#names] == "..." then out[#out + 1] = "---The options stand last: " .. options_type(options)
    else
      out[#out + 1] = "---@param options? " .. options_type(options)
      names[#names + 1] = "options"
    end
  end
  if returns then out[#out + 1] = "---@return " .. returns end
  out[#out + 1] = ("function %s%s(%s) end\n"):format(receiver, name, table.concat(names, ", "))
end

local METAMETHOD = { ["+"] = "add", ["-"] = "sub", ["*"] = "mul", ["/"] = "div", ["//"] = "idiv", ["%"] = "mod", ["^"] = "pow",
  ["&"] = "band", ["|"] = "bor", ["~"] = "bxor", unm = "unm", bnot = "bnot" }

local function tensor_class(out, ops, entries)
  out[#out + 1] = "---@class Tensor"
  for _, e in ipairs(entries) do
    if e.kind == "field" then out[#out + 1] = ("---@field %s %s %s"):format(e.name, e.type, e.doc) end
  end
  out[#out + 1] = "---@field [integer|table|string|Tensor] Tensor"
  for _, op in ipairs(ops) do
    if op.operator then
      local second = #op.all > 1 and "(Tensor|number)" or ""
      out[#out + 1] = ("---@operator %s%s: Tensor"):format(METAMETHOD[op.operator], second)
    end
  end
  out[#out + 1] = "---@operator len: integer\nlocal Tensor = {}\n"
end

local function op_functions(out, op)
  local positional, options = signature.split(op)
  local rest = table.move(positional, 2, #positional, 1, {})
  local returns = ("Tensor, "):rep(#op.results - 1) .. "Tensor" .. (op.also and ", Tensor?" or "")
  local function doc() comment(out, op.doc .. (op.formula and "\n" .. op.formula or "") .. "\n    " .. op.example) end
  doc()
  declare(out, (op.space or "ml") .. ".", op.name, positional, options, returns)
  if op.space == "nn" and op.name ~= "linear" then out[#out + 1] = ("ml.%s = nn.%s\n"):format(op.name, op.name) end
  if op.method then
    doc()
    declare(out, "Tensor:", op.name, rest, options, returns)
  end
  if signature.in_place(op) then
    comment(out, op.doc .. " Written into the tensor itself.")
    declare(out, "Tensor:", op.name .. "_", rest, options, "Tensor")
  end
end

-- The name under which a library entry is declared: ml.nn.Linear -> nn.Linear, model:save -> Module:save.
local RECEIVER = { ["model:"] = "Module:", ["opt:"] = "Optimizer:", ["set:"] = "Dataset:", ["schedule:"] = "Schedule:",
  ["ema:"] = "Average:", ["cv:"] = "Folds:", ["plot:"] = "Plot:", ["t:"] = "Table:", ["c:"] = "Column:", ["e:"] = "Expression:",
  ["source:"] = "Source:", ["profile:"] = "Profile:", ["calibrator:"] = "Calibrator:", ["threshold:"] = "Threshold:" }
local RETURNS = { ["nn."] = "Module", ["optim."] = "Optimizer" }

local function library_function(out, e)
  local object, method = e.name:match "^(%w+:)([%w_]+)$"
  local name = object and RECEIVER[object] .. method or e.name:gsub("^ml%.(%l%w+)%.", "%1.")
  comment(out, e.text)
  for _, p in ipairs(e.params) do
    if (e.args or ""):find(p.name, 1, true) and not p.name:find "," then out[#out + 1] = ("---@param %s any %s"):format(p.name, p.text) end
  end
  local prefix = name:match "^%l+%."
  if name:find "^nn%.%u" and not name:find "Parameter$" and not name:find "Buffer$" then out[#out + 1] = "---@return " .. RETURNS[prefix]
  elseif name:find "Parameter$" or name:find "Buffer$" then out[#out + 1] = "---@return Tensor"
  elseif e.returns then out[#out + 1] = "---@return any # " .. e.returns:gsub("\n", "; ") end
  if e.args then
    local args = {}
    for word in e.args:gsub("%b{}", "options"):gsub("%s*=%s*[^,]+", ""):gmatch "[%w_.]+" do args[#args + 1] = RESERVED[word] and word .. "_" or word end
    out[#out + 1] = ("function %s(%s) end\n"):format(name, table.concat(args, ", "))
  else
    out[#out + 1] = ("%s = {}\n"):format(name)
  end
end

return function(ops, entries, pages)
  local out = { "---@meta", "-- Made by `make docs` from the op tables, bindings/reference.lua and the comments of lua/moonlab/. Not to be edited.",
    "-- Editors: add docs/ to Lua.workspace.library.\n", "---@class moonlab", "local ml = {}\n" }
  for _, class in ipairs { "Module", "Optimizer", "Average", "Schedule", "Dataset", "Folds", "Plot", "Table", "Column", "Expression", "Source", "Profile", "Calibrator", "Threshold" } do
    out[#out + 1] = ("---@class %s\nlocal %s = {}\n"):format(class, class)
  end
  local modules = {}
  for _, page in ipairs(pages) do
    for _, e in ipairs(page.entries) do
      local module = e.name:match "^ml%.(%l%w+)%.%w"
      if module and not modules[module] then
        modules[module] = true
        out[#out + 1] = ("---@class moonlab.%s\nlocal %s = {}\nml.%s = %s\n"):format(module, module, module, module)
      end
    end
  end
  tensor_class(out, ops, entries)
  for _, e in ipairs(entries) do
    if e.kind == "constructor" or e.kind == "method" then
      comment(out, e.doc .. "\n    " .. e.example)
      declare(out, e.kind == "method" and "Tensor:" or "ml.", e.name, signature.regular(e.args), signature.regular(e.options),
        e.kind == "constructor" and "Tensor" or e.returns)
    end
  end
  for _, op in ipairs(ops) do op_functions(out, op) end
  for _, page in ipairs(pages) do
    for _, e in ipairs(page.entries) do library_function(out, e) end
  end
  out[#out + 1] = "return ml"
  return table.concat(out, "\n")
end
