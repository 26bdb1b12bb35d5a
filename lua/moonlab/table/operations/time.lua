--- Calendar fields of columns of times, in UTC.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local Column = require "moonlab.table.column"
local operands = require "moonlab.table.operands"

local M = {}

local function need_time(op, x)
  if x.type ~= "time" then
    blame.raise("%s: times are needed, got %s%s", op, operands.show(x), x.type == "text" and "; :time() reads the times in it" or "")
  end
end

local function field(op, x)
  need_time(op, x)
  local values, mask = core.time_field(x.values, op)
  return Column.of_masked("integer", values, mask, x.name)
end

--- The year.
-- @return a column of integers
-- @usage data.table{ t = { "2024-02-29" } }.t:time():year():to_list()   --> 2024
function M.year(self) return field("year", self) end

--- The month, 1 to 12.
-- @return a column of integers
-- @usage data.table{ t = { "2024-02-29" } }.t:time():month():to_list()   --> 2
function M.month(self) return field("month", self) end

--- The day of the month, 1 to 31.
-- @return a column of integers
-- @usage data.table{ t = { "2024-02-29" } }.t:time():day():to_list()   --> 29
function M.day(self) return field("day", self) end

--- The hour, 0 to 23.
-- @return a column of integers
-- @usage data.table{ t = { "2024-02-29 13:05" } }.t:time():hour():to_list()   --> 13
function M.hour(self) return field("hour", self) end

--- The minute, 0 to 59.
-- @return a column of integers
-- @usage data.table{ t = { "2024-02-29 13:05" } }.t:time():minute():to_list()   --> 5
function M.minute(self) return field("minute", self) end

--- The whole second, 0 to 59.
-- @return a column of integers
-- @usage data.table{ t = { "2024-02-29 13:05:07" } }.t:time():second():to_list()   --> 7
function M.second(self) return field("second", self) end

--- The day of the week: 1 is Monday, 7 Sunday.
-- @return a column of integers
-- @usage data.table{ t = { "2024-02-29" } }.t:time():weekday():to_list()   --> 4
function M.weekday(self) return field("weekday", self) end

--- The day of the year, from 1.
-- @return a column of integers
-- @usage data.table{ t = { "2024-02-29" } }.t:time():day_of_year():to_list()   --> 60
function M.day_of_year(self) return field("day_of_year", self) end

--- Seconds since 1970-01-01 00:00:00 UTC.
-- @return a column of numbers
-- @usage data.table{ t = { "1970-01-02" } }.t:time():seconds():to_list()   --> 86400
function M.seconds(self)
  need_time("seconds", self)
  return Column.new { type = "number", values = self.values, name = self.name }
end

return M
