--- The methods of a search by their names.

local methods = {}

local MODULES = { grid = "grid", random = "random", tpe = "tpe", halving = "random" }

--- A way of proposing trials.
-- @param name  "grid", "random", "tpe" or "halving" (whose trials are random)
-- @param o     { seed =, points = that a grid takes of a range }
function methods.new(name, o) return require("moonlab.search." .. MODULES[name])(o) end

--- How many trials are made where nothing is said: all of a grid.
function methods.trials(name)
  if name == "grid" then return nil end
  return name == "halving" and 27 or 30
end

return methods
