-- Which rows are the same.

local core = require "moonlab.core"

--- One number from 1 for the values of several columns of each row, the same where all are the same, and the rows where each appears
-- first. Missing values are equal.
-- @param t      a Table with rows
-- @param names  of its columns, one at least
return function(t, names)
  local codes, firsts = t:column(names[1]):codes()
  for i = 2, #names do
    local more, found = t:column(names[i]):codes()
    codes, firsts = core.distinct(codes * (#found + 1) + more)
  end
  if #names == 1 and codes:eq(0):any():item() then codes, firsts = core.distinct(codes) end -- missing values are equal, too
  return codes, firsts
end
