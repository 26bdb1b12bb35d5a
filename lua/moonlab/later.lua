--- Functions of modules that are loaded when one of them is first called: a module of many readers and makers must not load them all to
-- give one.

local function stub(module, name)
  return function(...) return require(module)[name](...) end
end

--- @param module  its name
-- @return what may stand in its place where functions are named: later("moonlab.data.voc").voc is a function
return function(module)
  return setmetatable({}, { __index = function(_, name) return stub(module, name) end })
end
