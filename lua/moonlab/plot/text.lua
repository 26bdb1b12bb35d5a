-- What the plots share: the terminal's width and letters, numbers as labels, padding by letters and not by bytes.

local vm = require "moonlab.vm"

local text = {}

--- The settings of a plot, from its options and the terminal.
-- @param o  { width =, height =, utf8 = }
-- @return width in columns, height in rows, utf8
function text.settings(o, height)
  local utf8 = o.utf8
  if utf8 == nil then utf8 = vm.utf8() end
  return math.max(20, o.width or vm.columns()), math.max(2, o.height or height), utf8
end

--- How many columns a text takes (wide letters are not looked for).
function text.width(s) return utf8.len(s) or #s end

function text.left(s, width) return s .. (" "):rep(width - text.width(s)) end

function text.right(s, width) return (" "):rep(width - text.width(s)) .. s end

--- A text cut to a width, the cut marked.
function text.cut(s, width, is_utf8)
  if text.width(s) <= width then return s end
  local mark = is_utf8 and "…" or "~"
  local stop = utf8.len(s) and utf8.offset(s, width) or width
  return s:sub(1, stop - 1) .. mark
end

--- A number as a label: four digits that matter, no more.
function text.number(x)
  if math.type(x) == "integer" then return ("%d"):format(x) end
  if x == math.floor(x) and math.abs(x) < 1e6 then return ("%.0f"):format(x) end
  return ("%.4g"):format(x)
end

--- A list of numbers from a list or a tensor.
function text.numbers(values, where)
  if type(values) == "userdata" then values = values:reshape { -1 }:tolist() end
  local blame = require "moonlab.blame"
  if type(values) ~= "table" then
    blame.raise("%s: a list of numbers or a tensor is needed, got %s", where, blame.show(values))
  end
  for i, x in ipairs(values) do
    if type(x) ~= "number" then blame.raise("%s: value %d must be a number, got %s", where, i, blame.show(x)) end
  end
  return values
end

return text
