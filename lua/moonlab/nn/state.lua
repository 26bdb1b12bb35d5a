--- What a model holds, by dotted names: taking it out, putting it in, files, copies. Methods of Module.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local options = require "moonlab.options"
local parameter = require "moonlab.nn.parameter"
local renaming = require "moonlab.nn.renaming"
local tree = require "moonlab.nn.tree"

local state = {}

local function shape_text(tensor) return "[" .. table.concat(tensor.shape, ", ") .. "]" end

local function require_built(self, what)
  for _, entry in ipairs(tree.tensors(self)) do
    if entry.tensor:is_slot() then
      blame.raise("%s: %s of %s has no shape yet: call the model once, or model:build{...} with the shape of an input",
        what, entry.path, self._name)
    end
  end
end

--- Parameters and buffers by dotted name, each once: a shared one under its first name.
-- The tensors are those of the model, not copies, outside of any graph.
-- @return a table name -> tensor
function state.state_dict(self)
  require_built(self, "state_dict")
  local result = {}
  for _, entry in ipairs(tree.tensors(self)) do result[entry.path] = entry.tensor:detach() end
  return result
end

local function sorted_keys(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = tostring(key) end
  table.sort(keys)
  return keys
end

local function listed(lines, label, names)
  if #names > 0 then lines[#lines + 1] = ("  %-11s %s"):format(label, table.concat(names, ", ")) end
end

-- How many names would not fit if the numbers in them were counted from 0.
local function misfits(values, legal)
  local of, n = renaming.of("load_state_dict", "pytorch", sorted_keys(values)), 0
  for _, new in pairs(of) do
    if new and not legal[new] then n = n + 1 end
  end
  return n
end

local function names_differ(missing, unexpected, values, legal)
  local lines = { "load_state_dict: the names do not fit the model" }
  listed(lines, "missing", missing)
  listed(lines, "unexpected", unexpected)
  if #unexpected > 0 and misfits(values, legal) < #unexpected then
    lines[#lines + 1] = "  hint: PyTorch counts layers from 0: {map = \"pytorch\"}"
  end
  return table.concat(lines, "\n")
end

-- The values under the names of the model.
local function renamed(where, values, map)
  if map == nil then return values end
  local names, result = sorted_keys(values), {}
  local of = renaming.of(where, map, names)
  for _, name in ipairs(names) do
    if of[name] then result[of[name]] = values[name] end
  end
  return result
end

-- Which value goes into which parameter or buffer, what is missing and what is too much.
local function pair_up(self, values)
  local missing, unexpected, legal, pairs_of = {}, {}, {}, {}
  for _, entry in ipairs(tree.tensors(self, nil, true)) do
    legal[entry.path] = true
    local value = values[entry.path]
    if value == nil then
      if not entry.again then missing[#missing + 1] = entry.path end
    else
      pairs_of[#pairs_of + 1] = { entry = entry, value = value }
    end
  end
  for _, name in ipairs(sorted_keys(values)) do
    if not legal[name] then unexpected[#unexpected + 1] = name end
  end
  return pairs_of, missing, unexpected, legal
end

local function check_pair(pair)
  local own, value = pair.entry.tensor, pair.value
  if type(value) ~= "userdata" then
    blame.raise("load_state_dict: %s must be a tensor, got %s", pair.entry.path, blame.show(value))
  end
  if own:is_slot() or shape_text(own) == shape_text(value) then return end
  blame.raise("load_state_dict: %s is %s in the model and %s in what is loaded", pair.entry.path, shape_text(own),
    shape_text(value))
end

local read_load = options("load", { { "map", "any" }, { "strict", "boolean", true } },
  "model:load(path, {map = \"pytorch\"})")

--- Copies tensors into the parameters and buffers of these names. Slots of an unbuilt model take their shapes from
-- there. Nothing is copied unless every name and shape fits.
-- @param values  a table name -> tensor, as state_dict gives it
-- @param o       { map = as for load, strict = true (false: what is missing stays as it is, what is too much is left out) }
-- @return the module itself, and { missing = names, unexpected = names }
-- @error names that differ, shapes that differ
function state.load_state_dict(self, values, o)
  if type(values) ~= "table" then
    blame.raise("load_state_dict takes a table of tensors by name, got %s", blame.show(values))
  end
  o = read_load(o)
  values = renamed("load_state_dict", values, o.map)
  local pairs_of, missing, unexpected, legal = pair_up(self, values)
  if o.strict and #missing + #unexpected > 0 then
    blame.raise("%s", names_differ(missing, unexpected, values, legal))
  end
  for _, pair in ipairs(pairs_of) do check_pair(pair) end
  local before = core.set_grad_enabled(false)
  local restore <close> = setmetatable({}, { __close = function() core.set_grad_enabled(before) end })
  for _, pair in ipairs(pairs_of) do
    local own = pair.entry.tensor
    if own:is_slot() then core.fill_slot(own, pair.value.shape, pair.value.dtype) end
    own:copy_(pair.value)
  end
  return self, { missing = missing, unexpected = unexpected }
end

local read_save = options("save", { { "map", "any" } }, "model:save(path, nil, {map = \"pytorch\"})")

--- Writes parameters and buffers to a safetensors file; the old file stays until the new one is whole.
-- @param path      the file
-- @param metadata  a table of strings that is stored with them (optional)
-- @param o         { map = from the names of the model to those in the file: "pytorch" counts layers from 0; a table or a
--                  function as for load }
-- @usage model:save "net.safetensors"   model:save("for_torch.safetensors", nil, {map = "pytorch"})
function state.save(self, path, metadata, o)
  if type(path) ~= "string" then blame.raise("save takes the path of a file, got %s", blame.show(path)) end
  o = read_save(o)
  require_built(self, "save")
  local list, names = {}, {}
  local entries = tree.tensors(self)
  for i, entry in ipairs(entries) do names[i] = entry.path end
  local of = renaming.of("save", o.map, names, true)
  for _, entry in ipairs(entries) do
    if of[entry.path] then list[#list + 1] = { of[entry.path], entry.tensor:detach() } end
  end
  core.save_safetensors(path, list, metadata or {})
end

--- Reads parameters and buffers from a safetensors file, this program's or another's.
-- @param path  the file
-- @param o     { map = from the names in the file to those of the model: "pytorch" counts layers from 1; a table { ["fc.weight"]
--              = "head.weight", ["encoder.*"] = "body.*", ["old.*"] = false }, where * stands for any characters and false leaves
--              a tensor out; a function(name); or a table that has such maps in its list part, to be taken first; strict = true
--              (false: what is missing stays as it is, what is too much is left out) }
-- @return the module itself, and { missing = names, unexpected = names }
-- @error names that differ (they are listed), shapes that differ
-- @usage model:load("torch.safetensors", {map = "pytorch"})   model:load(path, {map = {"pytorch", ["fc.*"] = "head.*"}})
function state.load(self, path, o)
  if type(path) ~= "string" then blame.raise("load takes the path of a file, got %s", blame.show(path)) end
  return self:load_state_dict((core.load_safetensors(path)), o)
end

local function copy_tensor(tensor, convert)
  local kind = parameter.kind(tensor)
  local copy
  if tensor:is_slot() then
    copy = core.slot()
  elseif convert and kind then
    copy = convert(tensor:detach())
  elseif tensor:has_storage() then
    copy = tensor:detach():clone()
  else
    copy = core.shape_only(tensor.shape, tensor.dtype)
  end
  copy.requires_grad = tensor.requires_grad
  if kind then parameter.mark(copy, kind, parameter.number(tensor)) end
  return copy
end

-- Copies a value of a field; what was copied before is taken again, so that sharing stays.
local function copy_value(value, copies)
  if copies[value] ~= nil then return copies[value] end
  if type(value) == "userdata" then
    copies[value] = copy_tensor(value)
    return copies[value]
  end
  if type(value) ~= "table" then return value end
  local is_module = tree.is_module(value)
  if not is_module and getmetatable(value) ~= nil then return value end
  local copy = {}
  copies[value] = copy
  for key, element in next, value do
    rawset(copy, key, element ~= nil and copy_value(element, copies))
  end
  return is_module and setmetatable(copy, getmetatable(value)) or copy
end

--- A copy with its own parameters and buffers; what is shared inside stays shared inside. An unbuilt module gives an
-- unbuilt one with fresh slots, so that a spec can be built many times.
-- @return a module of the same class
function state.clone(self) return copy_value(self, {}) end

--- Converts parameters and buffers that hold floating-point numbers. They become new tensors: make the optimizer
-- afterwards.
-- @param dtype  "float32" or "float64"
-- @return the module itself
function state.to(self, dtype)
  if dtype ~= "float32" and dtype ~= "float64" then
    blame.raise("to: a module can be 'float32' or 'float64', got %s", blame.show(dtype))
  end
  local converted = {}
  for _, entry in ipairs(tree.walk(self)) do
    local tensor = entry.value
    if entry.kind == "module" then tensor = nil; entry.value._info.dtype = dtype end
    if tensor ~= nil and entry.kind ~= "list" and not tensor:is_slot() and tensor.dtype:find "^float" then
      converted[tensor] = converted[tensor] or copy_tensor(tensor, function(t) return t:to(dtype) end)
      rawset(entry.owner, entry.key, converted[tensor])
    end
  end
  self._info.dtype = dtype
  return self
end

return state
