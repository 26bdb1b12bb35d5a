-- The options that plots have in common.

local options = require "moonlab.options"
local blame = require "moonlab.blame"
local text = require "moonlab.plot.text"

local COMMON = { { "title", "string" }, { "x_label", "string" }, { "y_label", "string" }, { "width", "count" }, { "height", "count" },
  { "utf8", "boolean" } }

local settings = {}

--- Makes the function that reads the options of a kind of plot.
-- @param where    the call: "plot.line"
-- @param own      declarations of the kind's own options, as moonlab.options takes them
-- @param example  a call that is right
-- @return function(given) -> options, their words fit to be shown
function settings.reader(where, own, example)
  local declared = table.move(COMMON, 1, #COMMON, #own + 1, table.move(own, 1, #own, 1, {}))
  local read = options(where, declared, example)
  return function(given)
    local o = read(given)
    for _, name in ipairs { "title", "x_label", "y_label" } do o[name] = o[name] and text.clean(o[name]) end
    return o
  end
end

--- A list of names as they may be shown, as many as there are things to name.
function settings.names(names, count, where, what)
  if #names ~= count then blame.raise("%s: %s has %d names for %d", where, what, #names, count) end
  local out = {}
  for i, name in ipairs(names) do out[i] = text.clean(name) end
  return out
end

return settings
