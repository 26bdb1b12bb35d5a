-- The types of recipe/schema.lua: does a value have one, and what does the text of an override mean under one.

local types = {}

-- What the user wrote, short enough for a message.
local function shown(value)
  local kind = math.type(value) or type(value)
  if kind == "string" then return ('"%s"'):format(#value > 40 and value:sub(1, 37) .. "..." or value) end
  if kind == "integer" or kind == "float" or kind == "boolean" then return tostring(value) end
  return "a " .. kind
end

-- What stands where an optimizer belongs, if it is something near to one.
local function instead_of_optimizer(value)
  if type(value) ~= "table" then return nil end
  if value.is_schedule then
    return ("the schedule ml.optim.%s: write ml.optim.adamw{lr = 1e-3, schedule = ml.optim.%s{}}"):format(value.name,
      value.name)
  end
  if type(value.kind) == "table" and value.source then
    return ("an optimizer that has its model already: write ml.optim.%s{...} without the model"):format(value.kind.name)
  end
end

-- By its name: the library of tables need not be loaded to see that something else is none.
local function is_table_of_columns(value)
  local meta = getmetatable(value)
  return type(meta) == "table" and meta.__name == "Table"
end

local function has_method(value, name)
  local kind = type(value)
  return (kind == "table" or kind == "userdata") and type(value[name]) == "function"
end

local function is_model(v) return type(v) == "table" and has_method(v, "forward") end
local function is_optimizer(v) return type(v) == "table" and has_method(v, "attach") end

-- A plain table by names, each of a kind: { G = ..., D = ... }.
local function several(v, is_kind)
  if type(v) ~= "table" or getmetatable(v) ~= nil or next(v) == nil then return false end
  for name, one in pairs(v) do
    if type(name) ~= "string" or not is_kind(one) then return false end
  end
  return true
end

-- What a field of the type "spec:KIND" takes, and how one is made.
local specs = {
  data = {
    test = function(v) return is_table_of_columns(v) or has_method(v, "peek") end,
    wanted = "a data source, as data.fashion_mnist() gives",
  },
  model = {
    test = function(v) return several(v, is_model) or is_model(v) end,
    wanted = "a module, as nn.Sequential{...} gives",
  },
  optimizer = {
    test = function(v) return several(v, is_optimizer) or is_optimizer(v) end,
    wanted = "an optimizer, as ml.optim.adamw{lr = 1e-3} gives", instead = instead_of_optimizer,
  },
  feature = {
    test = function(v) return require("moonlab.data.transform").is(v) or require("moonlab.features.feature").is(v) end,
    wanted = "a feature, as features.standardize() gives, or of pictures data.center_crop and its kin",
  },
  folds = {
    test = function(v) return require("moonlab.split.spec").is(v) end,
    wanted = "a way of making folds, as ml.kfold(10) gives",
  },
  augment = {
    test = function(v) return type(v) == "table" and type(v.augment) == "string" end,
    wanted = "a change of pictures, as data.flip() gives",
  },
}

local simple = {
  string = { function(v) return type(v) == "string" end, "a string" },
  number = { function(v) return type(v) == "number" and v == v end, "a number" },
  integer = { function(v) return type(v) == "number" and math.tointeger(v) ~= nil end, "a whole number" },
  boolean = { function(v) return type(v) == "boolean" end, "true or false" },
  ["function"] = { function(v) return type(v) == "function" end, "a function" },
  map = { function(v) return type(v) == "table" end, "a table" },
  section = { function(v) return type(v) == "table" and getmetatable(v) == nil end, "a table of fields" },
  any = { function(v) return v ~= nil end, "a value" },
}

local function quoted(words)
  local out = {}
  for i, word in ipairs(words) do out[i] = '"' .. word .. '"' end
  return table.concat(out, ", ")
end

local function range_problem(value, range)
  local low, high = range[1], range[2]
  if value >= low and (not high or value <= high) then return end
  if high then return ("must be from %s to %s, got %s"):format(low, high, value) end
  return ("must be at least %s, got %s"):format(low, value)
end

local check_type

local function check_list(value, of)
  if type(value) ~= "table" or getmetatable(value) ~= nil then
    return ("must be a list, got %s"):format(shown(value))
  end
  for key in pairs(value) do
    if math.type(key) ~= "integer" or key < 1 or key > #value then
      return ("must be a list, but has the key %s"):format(shown(key))
    end
  end
  for i, item in ipairs(value) do
    local problem = of and check_type(item, of)
    if problem then return ("entry %d %s"):format(i, problem) end
  end
end

-- nil, or what is wrong, as the rest of a sentence that begins with the field's name.
function check_type(value, kind)
  if type(kind) == "table" and kind.any_of then
    local wanted = {}
    for i, one in ipairs(kind.any_of) do
      if not check_type(value, one) then return end
      wanted[i] = simple[one][2]
    end
    return ("must be %s, got %s"):format(table.concat(wanted, " or "), shown(value))
  end
  if type(kind) == "table" then
    for _, word in ipairs(kind) do
      if word == value then return end
    end
    local near = type(value) == "string" and require("moonlab.suggest").nearest(value, kind)
    return ("must be one of %s, got %s%s"):format(quoted(kind), shown(value),
      near and ("; did you mean '%s'?"):format(near) or "")
  end
  if kind == "list" then return check_list(value) end
  local spec = kind:match("^spec:(%w+)$")
  if spec then
    if specs[spec].test(value) then return end
    local instead = specs[spec].instead and specs[spec].instead(value)
    return ("must be %s, got %s"):format(specs[spec].wanted, instead or shown(value))
  end
  if simple[kind][1](value) then return end
  return ("must be %s, got %s"):format(simple[kind][2], shown(value))
end

--- What is wrong with a value for a field: nil, or the rest of a sentence ("must be a whole number, got 1.5").
function types.problem(value, field)
  local problem
  if field.type == "list" then
    problem = check_list(value, field.of)
  else
    problem = check_type(value, field.type)
  end
  if not problem and field.range then problem = range_problem(value, field.range) end
  return problem
end

--- A value in the form in which it is kept: 3.0 for an integer becomes 3.
function types.normal(value, field)
  if field.type == "integer" then return math.tointeger(value) end
  if field.type == "spec:data" and is_table_of_columns(value) then
    return require("moonlab.data.table_source").TableSource.of(value)
  end
  return value
end

local function parse_any(text)
  if text == "true" then return true end
  if text == "false" then return false end
  return tonumber(text) or text
end

--- The value that an override's text means for a field.
-- @return the value, or nil and the rest of a sentence ("must be a whole number, got "three"")
function types.parse(text, field)
  local kind, value = field.type, nil
  if kind == "string" or (type(kind) == "table" and not kind.any_of) then
    value = text
  elseif kind == "list" then
    if field.of ~= "string" and not (type(field.of) == "table" and field.of.any_of[1] == "string") then return nil, "can't be given on the command line; write it in the recipe" end
    value = {}
    for item in text:gmatch("[^,]+") do value[#value + 1] = item end
  elseif type(kind) == "table" or kind == "any" then
    value = parse_any(text)
  elseif kind == "number" or kind == "integer" or kind == "boolean" then
    value = parse_any(text)
  else
    return nil, "can't be given on the command line; write it in the recipe"
  end
  local problem = types.problem(value, field)
  if problem then return nil, problem end
  return types.normal(value, field)
end

types.parse_any = parse_any

return types
