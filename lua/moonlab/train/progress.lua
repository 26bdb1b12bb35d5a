--- What is seen while a model is trained: on a terminal one line of stderr, at most ten times a second; elsewhere a
-- line an epoch, without carriage returns or escapes.

local core = require "moonlab.core"

local Progress = {}
Progress.__index = Progress

local INTERVAL = 0.1 -- seconds
local BAR = 20

--- Seconds as people say them: "8s", "1m05s", "2h03m".
function Progress.duration(seconds)
  local s = math.floor(seconds + 0.5)
  if s < 60 then return ("%ds"):format(s) end
  if s < 3600 then return ("%dm%02ds"):format(s // 60, s % 60) end
  return ("%dh%02dm"):format(s // 3600, s % 3600 // 60)
end

--- A progress display.
-- @param options  { terminal = is stderr one, columns =, utf8 =, quiet =, write = function(text), clock = function() ->
--                 seconds }
function Progress.new(options)
  return setmetatable({
    terminal = options.terminal, columns = options.columns or 80, utf8 = options.utf8, quiet = options.quiet,
    write = options.write or function(text)
      io.stderr:write(text)
      io.stderr:flush()
    end,
    clock = options.clock or core.clock, last = -math.huge, shown = 0,
  }, Progress)
end

local function bar(fraction, filled, empty)
  local n = math.floor(fraction * BAR + 0.5)
  return filled:rep(n) .. empty:rep(BAR - n)
end

-- The parts of the line, the dearest first; those that do not fit are left out, from the end.
local function fit(parts, columns)
  local line = parts[1]
  for i = 2, #parts do
    local longer = line .. "  " .. parts[i]
    if utf8.len(longer) <= columns then line = longer end
  end
  return line
end

--- A step was done.
-- @param s  { epoch =, epochs =, step =, steps = (of the epoch), loss =, rows = (done in the epoch), seconds = (in the
--           epoch) }
function Progress:step(s)
  if self.quiet or not self.terminal then return end
  local now = self.clock()
  if now - self.last < INTERVAL then return end
  self.last = now
  local rate = s.seconds > 0 and s.rows / s.seconds or 0
  local left = s.seconds / s.step * (s.steps - s.step + (s.epochs - s.epoch) * s.steps)
  local fraction = s.step / s.steps
  local parts = {
    ("%d/%d  loss %.4f"):format(s.epoch, s.epochs, s.loss), ("%s left"):format(Progress.duration(left)),
    ("%.0f/s"):format(rate), self.utf8 and bar(fraction, "━", "─") or bar(fraction, "#", "."),
  }
  self:line(fit(parts, self.columns - 1))
end

-- Writes over the line that stands there; blanks cover what is left of a longer one.
function Progress:line(text)
  local width = utf8.len(text) or #text
  self.write("\r" .. text .. (" "):rep(math.max(0, self.shown - width)))
  self.shown = width
end

--- Takes the line away, so that something else can be printed in its place.
function Progress:clear()
  if self.shown == 0 then return end
  self.write("\r" .. (" "):rep(self.shown) .. "\r")
  self.shown = 0
end

--- An epoch has ended: its line stays.
-- @param text  without a newline
function Progress:say(text)
  if self.quiet then return end
  self:clear()
  self.write(text .. "\n")
  self.last = -math.huge
end

return Progress
