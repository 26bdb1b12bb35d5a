-- Pictures of any size each, read ahead: batches of them come in the order they were asked for.

local core = require "moonlab.core"

--- @param workers  threads
-- @return { ask = function(list of { path, channels }), take = function() -> a list of uint8 [C, H, W], close = function() }
return function(workers)
  local loader, counts, first, last = core.picture_loader(workers), {}, 1, 0
  local function ask(list)
    for _, one in ipairs(list) do loader:ask({ one[1] }, { channels = one[2] }) end
    last = last + 1
    counts[last] = #list
  end
  -- Where one fails, all of its batch are taken before that is told.
  local function take()
    local out, problem = {}, nil
    for i = 1, counts[first] do
      local ok, x = pcall(loader.take, loader)
      if ok then out[i] = x[1] else problem = problem or x end
    end
    counts[first], first = nil, first + 1
    if problem then error(problem, 0) end
    return out
  end
  return { ask = ask, take = take, close = function() loader:close() end }
end
