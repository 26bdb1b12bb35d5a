--- ml.help: what `moonlab help NAME` and `?name` print. The texts are made from the op tables and the comments of the library.

local suggest = require "moonlab.suggest"

local help = {}

-- What may stand before a name: help on "softmax", "nn.softmax", "ml.nn.softmax" and "x:softmax" is the same.
local function last_part(name) return name:match "([%w_]+)$" or name end

local function matches(wanted, name)
  return name == wanted or name == "ml." .. wanted or name == "ml.nn." .. wanted
end

-- The names below a module, one line.
local function below(module)
  local names, prefix = {}, "ml." .. module .. "."
  for _, entry in ipairs(require "moonlab.help_pages") do
    if entry[1]:sub(1, #prefix) == prefix and not entry[1]:find(".", #prefix + 1, true) then names[#names + 1] = entry[1]:sub(#prefix + 1) end
  end
  if #names == 0 then return nil end
  table.sort(names)
  local lines, line = { "ml." .. module }, "  "
  for _, name in ipairs(names) do
    if #line + #name > 78 then
      lines[#lines + 1] = line
      line = "  "
    end
    line = line .. name .. " "
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n")
end

--- The help on a name: an op, a constructor, a method, a function of the library, or a module such as "nn".
-- @param name  "softmax", "nn.Linear", "x:sum"
-- @return the text; or nil and the nearest name, if one is near
-- @usage print(ml.help.show "softmax")
function help.show(name)
  local pages, exact, loose = require "moonlab.help_pages", {}, {}
  local last = last_part(name)
  for _, entry in ipairs(pages) do
    if matches(name, entry[1]) then exact[#exact + 1] = entry[2]
    elseif last_part(entry[1]) == last then loose[#loose + 1] = entry[2] end
  end
  local found = #exact > 0 and exact or loose
  if #found > 0 then return table.concat(found, "\n\n") end
  local names = below(name:gsub("^ml%.", ""))
  if names then return names end
  local known = {}
  for i, entry in ipairs(pages) do known[i] = last_part(entry[1]) end
  return nil, suggest.nearest(last, known)
end

return help
