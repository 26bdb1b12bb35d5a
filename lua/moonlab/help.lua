--- ml.help: what `moonlab help NAME` and `?name` print. The texts are made from the op tables and the comments of the
-- library (generator/help.lua), and from the fields of a recipe.

local suggest = require "moonlab.suggest"

local help = {}

local LINE = 90 -- characters of a line

local topics -- list of { name =, text = }
local tails  -- last part of a name -> list of topics

local function add(name, text)
  local topic = { name = name, text = text }
  topics[#topics + 1] = topic
  local tail = name:match "[^.:]+$" or name
  tails[tail] = tails[tail] or {}
  table.insert(tails[tail], topic)
end

local function add_pages()
  local found, pages = pcall(require, "moonlab.help_pages")
  if not found then error("help: the pages are in the binary; with MOONLAB_LUA set there are none", 0) end
  for _, page in ipairs(pages) do add(page[1], page[2]) end
end

local function kind_of(field)
  local kind = field.type
  if type(kind) ~= "table" then return (kind:gsub("^spec:", "")) end
  if kind.any_of then return table.concat(kind.any_of, " or ") end
  return '"' .. table.concat(kind, '", "') .. '"'
end

-- "train.epochs: integer (10)", what it means; of a section also its fields.
local function add_fields(fields, prefix)
  for _, field in ipairs(fields) do
    local name = prefix .. field[1]
    local default = field.default ~= nil and type(field.default) ~= "table"
      and (" = %s"):format(tostring(field.default)) or ""
    local required = field.required and ", required" or ""
    local lines = { ("%s%s    field of a recipe: %s%s"):format(name, default, kind_of(field), required) }
    if field.doc then lines[#lines + 1] = "\n" .. field.doc end
    if field.fields then lines[#lines + 1] = "" end
    for _, inner in ipairs(field.fields or {}) do
      lines[#lines + 1] = ("  %-12s %s"):format(inner[1], inner.doc or "")
    end
    add(name, table.concat(lines, "\n"))
    if field.fields then add_fields(field.fields, name .. ".") end
  end
end

local function add_recipe(schema)
  local lines = { "ml.recipe{...}    what a recipe file returns; its fields:", "" }
  for _, field in ipairs(schema) do lines[#lines + 1] = ("  %-12s %s"):format(field[1], field.doc or "") end
  add("ml.recipe", table.concat(lines, "\n"))
  add_fields(schema, "")
end

local function load_topics()
  if topics then return end
  topics, tails = {}, {}
  add_pages()
  add_recipe(require "moonlab.recipe.schema")
end

-- The names below a prefix: "ml.nn" -> its list.
local function listing(prefix)
  local names = {}
  for _, topic in ipairs(topics) do
    local rest = topic.name:match("^" .. prefix:gsub("%p", "%%%0") .. "[.:]([%w_]+)$")
    if rest then names[#names + 1] = rest end
  end
  if #names < 2 then return end
  local lines = { prefix .. ":" }
  for _, name in ipairs(names) do
    if #lines == 1 or #lines[#lines] + #name > LINE then lines[#lines + 1] = " " end
    lines[#lines] = lines[#lines] .. " " .. name
  end
  return table.concat(lines, "\n")
end

-- "conv2d(", "?nn.Linear", "x:sum()" -> the name alone.
local function clean(name) return (name:gsub("^%s*%?*%s*", ""):gsub("%(.*$", ""):gsub("%s+$", "")) end

-- Topics of exactly this name, or that end in it: nn.Linear for ml.nn.Linear.
local function find(name)
  local exact, ending = {}, {}
  for _, topic in ipairs(tails[name:match "[^.:]+$" or name] or {}) do
    if topic.name == name then exact[#exact + 1] = topic end
    local before = topic.name:sub(-#name - 1, -#name - 1)
    if topic.name:sub(-#name) == name and (before == "." or before == ":") then ending[#ending + 1] = topic end
  end
  if name:find(".", 1, true) then return table.move(ending, 1, #ending, #exact + 1, exact) end -- data.time: a field of a recipe, and ml.data.time
  return #exact > 0 and exact or ending
end

local function matching(pattern)
  local names = {}
  local lua_pattern = "^" .. pattern:lower():gsub("[^%w*]", "%%%0"):gsub("%*", ".*") .. "$"
  for _, topic in ipairs(topics) do
    local name = topic.name:lower()
    if name:find(lua_pattern) or name:match("[^.:]+$"):find(lua_pattern) then names[#names + 1] = topic.name end
  end
  return #names > 0 and table.concat(names, "\n") or nil
end

-- The nearest does not care about case; of two that are as near, linear and Linear, the one that begins as the name
-- does.
local function nearest(name)
  local is_class = (name:match "[^.:]+$" or name):find "^%u" ~= nil
  local full, last = {}, {}
  for _, same_case in ipairs { true, false } do
    for _, topic in ipairs(topics) do
      local tail = topic.name:match "[^.:]+$"
      if (tail:find "^%u" ~= nil) == (is_class == same_case) then
        full[#full + 1], last[#last + 1] = topic.name, tail
      end
    end
  end
  if name:find "[.:]" then
    local near = suggest.nearest("ml." .. name, full) or suggest.nearest(name, full)
    if near then return near end
  end
  return suggest.nearest(name:match "[^.:]+$" or name, last)
end

-- What scikit-learn calls otherwise, or nil.
local function of_sklearn(name)
  local sklearn = require "moonlab.sklearn_names"
  name = name:match "[^.]+$" or name
  return sklearn.names[name] and ("%s of scikit-learn is here: %s"):format(name, sklearn.names[name])
    or sklearn.advice[name] and ("%s of scikit-learn: %s"):format(name, sklearn.advice[name])
end

--- The help on a name.
-- @param name  "conv2d", "nn.Linear", "x:sum", "train.epochs"; "ml.nn" lists; "*conv*" finds
-- @return the text; or nil and the nearest name, if one is near
-- @usage print(ml.help.show "softmax")
function help.show(name)
  load_topics()
  name = clean(name)
  if name:find("*", 1, true) then return matching(name) end
  if name == "" then return end
  local found = find(name)
  if #found == 0 then found = find((name:gsub("^x:", ""):gsub("_$", ""))) end -- x:add and x:add_ stand with ml.add
  if #found == 0 then
    local list = listing(name) or listing("ml." .. name)
    if list then return list end
    return of_sklearn(name), nearest(name)
  end
  local texts = {}
  for i, topic in ipairs(found) do texts[i] = topic.text end
  return table.concat(texts, "\n\n")
end

--- All names that there is help on, in the order of the pages: for completion.
-- @return a list of strings
function help.topics()
  load_topics()
  local names = {}
  for i, topic in ipairs(topics) do names[i] = topic.name end
  return names
end

return help
