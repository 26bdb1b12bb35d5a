--- Files of lines that only grow: each line is JSON and ends with a checksum of itself, so that a line that was torn or changed is found.

local core = require "moonlab.core"
local json = require "moonlab.json"
local vm = require "moonlab.vm"

local lines = {}

local DIGITS = 16

local function sum_of(text) return core.sha256_text(text):sub(1, DIGITS) end

--- An object as such a line: its JSON with the field "sum" behind the others.
-- @param entries  a list of { key, value }
-- @return a string without newline
function lines.seal(entries)
  local text = json.encode(json.object(entries))
  return ("%s%s\"sum\": \"%s\"}"):format(text:sub(1, -2), #text > 2 and ", " or "", sum_of(text))
end

-- The value of a line, or nil and what is wrong with it.
local function open(line)
  local before, sum = line:match '^(.-),? ?"sum": "(%x+)"}$'
  if not sum then return nil, line:sub(-1) == "}" and "it has no checksum" or "it is torn" end
  if sum ~= sum_of(before .. "}") then return nil, "it was changed" end
  local ok, value = pcall(json.decode, line)
  if not ok or type(value) ~= "table" then return nil, "it is no JSON" end
  value.sum = nil
  return value
end

--- The values of the lines of a text.
-- @param text  of the file
-- @param name  of it, for problems
-- @param word  lines without it are skipped unread, or nil
-- @return the values of the lines that are whole; a list of what is wrong, as "log.jsonl:3: it is torn"
function lines.parse(text, name, word)
  local values, problems, number = {}, {}, 0
  for line, ending in text:gmatch "([^\n]*)(\n?)" do
    if line == "" and ending == "" then break end
    number = number + 1
    local value, problem
    local read = line ~= "" and (not word or line:find(word, 1, true)) -- empty: two processes may both have ended a torn line
    if read then value, problem = open(line) end
    if value and ending == "" then value, problem = nil, "it is torn" end
    if value then values[#values + 1] = value elseif problem then problems[#problems + 1] = ("%s:%d: %s"):format(name, number, problem) end
  end
  return values, problems
end

--- The values of the lines before the first that is torn or changed, for a file that goes on from there.
-- @param text  of the file
-- @return a list; how many bytes these lines take
function lines.whole(text)
  local values, at = {}, 1
  while true do
    local line, behind = text:match("^([^\n]*)\n()", at)
    local value = line and open(line)
    if not value then return values, at - 1 end
    values[#values + 1], at = value, behind
  end
end

-- Whether a file ends within a line. Its last byte alone is read: a log grows by a line at a time.
local function is_torn(path)
  local file = vm.exists(path) == "file" and io.open(path, "rb")
  if not file then return false end
  local last = file:seek("end", -1) and file:read(1)
  file:close()
  return last ~= nil and last ~= false and last ~= "\n"
end

--- Adds a line. What a crash has left of a line before gets an end of its own first.
-- @return true, or nil and why not
function lines.append(path, entries)
  local line = lines.seal(entries)
  if is_torn(path) then line = "\n" .. line end
  return vm.append_line(path, line)
end

return lines
