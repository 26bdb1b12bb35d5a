--- All combinations, in the order of nested loops: the space that is called first is the outermost, the last one varies fastest. A space
-- that is only called with some values of another one adds its own values there, as they are found.

local domain = require "moonlab.search.domain"

local Grid = {}
Grid.__index = Grid

--- The choices of the next trial.
-- @return function(entry) -> a choice for space.begin, or nil when all combinations are done
function Grid:propose()
  local path = self.path
  if self.started then
    while #path > 0 and path[#path].at == #path[#path].levels do path[#path] = nil end
    if #path == 0 then return nil end
    path[#path].at = path[#path].at + 1
  end
  self.started = true
  local i = 0
  return function(entry)
    i = i + 1
    path[i] = path[i] or { levels = domain.levels(entry, self.points), at = 1 }
    return path[i].levels[path[i].at]
  end
end

--- @param o  { points = of a range }
return function(o) return setmetatable({ points = o.points, path = {} }, Grid) end
