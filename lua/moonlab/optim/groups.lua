--- Groups of parameters with options of their own, by the names of the parameters or as lists of tensors.
--
--   ml.optim.adamw(model, { lr = 1e-4, groups = { ["head.*"] = { lr = 1e-3 }, ["*.bias"] = { weight_decay = 0 } } })
--   ml.optim.adamw({ { params = model.body, lr = 1e-4 }, { params = model.head } }, { lr = 1e-3 })
--
-- In a pattern * stands for any characters. What several patterns say of one parameter is put together; two that differ
-- in the same option are an error, so that no order matters.

local blame = require "moonlab.blame"
local suggest = require "moonlab.suggest"
local tree = require "moonlab.nn.tree"

local groups = {}

local function sorted_keys(t)
  local keys = {}
  for key in pairs(t) do keys[#keys + 1] = tostring(key) end
  table.sort(keys)
  return keys
end

local function matcher(pattern)
  return "^" .. pattern:gsub("[%^%$%(%)%%%.%[%]%+%-%?]", "%%%0"):gsub("%*", ".*") .. "$"
end

-- Patterns that would match something: names, "head.*" and "*.bias".
local function candidates(entries)
  local list, seen = {}, {}
  local function add(name)
    if not seen[name] then seen[name], list[#list + 1] = true, name end
  end
  for _, entry in ipairs(entries) do
    for at in entry.path:gmatch "()%." do add(entry.path:sub(1, at) .. "*") end
    add("*." .. entry.path:match "[^.]+$")
  end
  for _, entry in ipairs(entries) do add(entry.path) end
  return list
end

-- Whether a parameter is a bias or belongs to a norm: those have one dimension.
local function is_vector(entry) return not entry.tensor:is_slot() and entry.tensor:dim() < 2 end

-- The overrides of each parameter: a list of { label =, options = }.
local function overrides(where, given, entries)
  local of = {}
  for i, entry in ipairs(entries) do of[i] = { entry.override } end
  for _, pattern in ipairs(sorted_keys(given)) do
    local wanted, found = matcher(pattern), false
    for i, entry in ipairs(entries) do
      if entry.path:find(wanted) then
        found = true
        table.insert(of[i], { label = ("'%s'"):format(pattern), options = given[pattern] })
      end
    end
    if not found then
      blame.raise("%s: groups: %s", where, suggest.unknown("parameter", pattern, candidates(entries)))
    end
  end
  return of
end

local function merged(where, entry, list)
  local options, by = {}, {}
  for _, override in ipairs(list) do
    for _, name in ipairs(sorted_keys(override.options)) do
      local value = override.options[name]
      if by[name] and options[name] ~= value then
        blame.raise("%s: groups: %s and %s give %s two values of %s: %s and %s", where, by[name], override.label,
          entry.path, name, options[name], value)
      end
      options[name], by[name] = value, override.label
    end
  end
  return options
end

local function signature(options)
  local words = {}
  for i, name in ipairs(sorted_keys(options)) do words[i] = name .. "=" .. tostring(options[name]) end
  return table.concat(words, ",")
end

--- Puts parameters into groups.
-- @param kind     of the optimizer
-- @param base     its options
-- @param entries  a list of { path =, tensor =, override = { label =, options = } or nil }; each gets its .group
-- @return a list of { options = those of the base and what the group changes, lr = the group's own or nil }
function groups.of(kind, base, entries)
  local where, list, known = "optim." .. kind.name, {}, {}
  local of = overrides(where, base.groups or {}, entries)
  for i, entry in ipairs(entries) do
    local own = merged(where, entry, of[i])
    if base.decay == "matrices" and own.weight_decay == nil and is_vector(entry) then own.weight_decay = 0 end
    local key = signature(own)
    if not known[key] then
      local options = {}
      for _, name in ipairs(kind.names) do
        if own[name] ~= nil then options[name] = own[name] else options[name] = base[name] end
      end
      kind.check_options(options)
      known[key] = { options = options, lr = own.lr, states = kind.state(options) }
      list[#list + 1] = known[key]
    end
    entry.group = known[key]
  end
  return list
end

-- { params = a module or a list of tensors, lr = ... } -> its tensors and its options.
local function explicit(kind, i, given)
  local where, options = ("optim.%s: group %d"):format(kind.name, i), {}
  for name, value in pairs(given) do
    if name ~= "params" then options[name] = value end
  end
  local override = { label = "group " .. i, options = kind.read_group(where, options) }
  if kind.step and next(override.options) then
    blame.raise("%s: optim.%s has one set of options for all parameters, got %s of its own", where, kind.name,
      sorted_keys(override.options)[1])
  end
  local list = {}
  if tree.is_module(given.params) then
    for n, entry in ipairs(tree.tensors(given.params, "parameter")) do
      list[n] = { path = i .. "." .. entry.path, tensor = entry.tensor, override = override }
    end
    return list
  end
  if type(given.params) ~= "table" or #given.params == 0 then
    blame.raise("%s: params must be a model or a list of parameters, got %s", where, blame.show(given.params))
  end
  for n, tensor in ipairs(given.params) do
    list[n] = { path = ("%d.%d"):format(i, n), tensor = tensor, override = override }
  end
  return list
end

local function check_entry(kind, seen, entry)
  if type(entry.tensor) ~= "userdata" then
    blame.raise("optim.%s: parameter %s of the list must be a tensor, got %s", kind.name, entry.path,
      blame.show(entry.tensor))
  end
  if seen[entry.tensor] then
    blame.raise("optim.%s: parameter %s is parameter %s once more", kind.name, entry.path, seen[entry.tensor])
  end
  seen[entry.tensor] = entry.path
  return entry
end

--- Where the parameters come from: a model, a list of tensors, or a list of { params =, options }.
-- @return a function that lists { path =, tensor =, override = }; a model may be built after this
function groups.source(kind, from)
  if tree.is_module(from) then return function() return tree.tensors(from, "parameter") end end
  if #from == 0 then blame.raise("optim.%s: the list of parameters is empty", kind.name) end
  local list, seen = {}, {}
  for i, element in ipairs(from) do
    local is_group = type(element) == "table" and not tree.is_module(element)
    for _, entry in ipairs(is_group and explicit(kind, i, element) or { { path = tostring(i), tensor = element } }) do
      list[#list + 1] = check_entry(kind, seen, entry)
    end
  end
  return function() return list end
end

return groups
