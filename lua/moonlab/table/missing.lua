--- data.missing: what stands in a list for a value that is not there, since a nil ends a list.

return setmetatable({}, { __name = "missing", __tostring = function() return "missing" end })
