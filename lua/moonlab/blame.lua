--- Whose line an error is: the nearest one outside of the library, however deep inside it the mistake is found.
-- A level for error() would have to be counted anew for every way that leads to a check. Chunks of the library are
-- named "lua/moonlab/...", inside the binary as well as in the source tree, so that their frames are known by their
-- name.

local blame = {}

local DEEPEST = 40 -- frames that are looked at; the end of the stack can't be told from a C function

--- "fashion.lua:31", the user's line that is running, or nil where only the library is on the stack.
-- Needs no debug library, which recipes don't have: an empty error knows its position.
function blame.position()
  for level = 3, DEEPEST do
    local _, place = pcall(error, "", level)
    if place ~= "" and place:sub(1, 12) ~= "lua/moonlab/" then return (place:gsub(": $", "")) end
  end
end

--- A message without the position of a library line in front; its second result says whether it has any other.
-- @param message  a string
function blame.strip(message)
  message = message:gsub("^lua/moonlab/[^:\n]*:%d+: ", "")
  return message, message:find("^[^:\n]+:%d+: ") ~= nil
end

--- Raises a message with the position of the user's line in front.
-- @param format, ...  as for string.format
function blame.raise(format, ...)
  local message = select("#", ...) > 0 and format:format(...) or format
  local place = blame.position()
  error(place and place .. ": " .. message or message, 0)
end

--- How a value is named in a message: "3", "'same'", "a table", "a Linear".
function blame.show(value)
  local kind = math.type(value) or type(value)
  if kind == "string" then return "'" .. value .. "'" end
  if kind == "integer" or kind == "float" or kind == "nil" or kind == "boolean" then return tostring(value) end
  if kind == "table" then
    local meta = getmetatable(value)
    local name = type(meta) == "table" and rawget(meta, "__name")
    return name and "a " .. name or "a table"
  end
  if kind == "userdata" then return "a tensor" end
  return "a " .. kind
end

return blame
