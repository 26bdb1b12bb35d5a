--- A module whose unknown fields are errors with the nearest name: ml.nn.Linaer says "did you mean 'Linear'?".

local blame = require "moonlab.blame"
local suggest = require "moonlab.suggest"

--- Makes a table strict.
-- @param name    what stands in front of the message: "ml.nn"
-- @param fields  the table
-- @return the table itself
return function(name, fields)
  return setmetatable(fields, { __index = function(_, key)
    local names = {}
    for known in pairs(fields) do names[#names + 1] = known end
    table.sort(names)
    local sklearn = require "moonlab.sklearn_names".names[key]
    if sklearn then blame.raise("%s: unknown field '%s'; here it is: %s", name, key, sklearn) end
    blame.raise("%s: %s", name, suggest.unknown("field", tostring(key), names))
  end })
end
