--- JSON, with keys in a fixed order, so that the same values give the same bytes.
--
-- A table is written as a list if it has list entries or was made by json.list, else as an object with its keys sorted;
-- json.object keeps the order it is given. JSON has no NaN: such numbers are written as null.

local json = {}

local List, Object = {}, {}

--- Marks a table as a list, so that an empty one is written as [] and not as {}.
function json.list(values) return setmetatable(values or {}, List) end

--- An object whose keys keep their order.
-- @param pairs_in_order  a list of { key, value }; a nil value leaves the key out
function json.object(pairs_in_order)
  local object = setmetatable({}, Object)
  for _, pair in ipairs(pairs_in_order) do
    if pair[2] ~= nil then object[#object + 1] = pair end
  end
  return object
end

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ["\b"] = "\\b",
  ["\f"] = "\\f" }

-- Bytes that are no UTF-8 would make the whole file unreadable: each becomes U+FFFD.
local function valid_utf8(text)
  if utf8.len(text) then return text end
  local out, i = {}, 1
  while i <= #text do
    local _, bad = utf8.len(text, i)
    if not bad then
      out[#out + 1] = text:sub(i)
      break
    end
    out[#out + 1] = text:sub(i, bad - 1) .. "\u{FFFD}"
    i = bad + 1
  end
  return table.concat(out)
end

local function quote(text)
  return '"' .. valid_utf8(text):gsub('[%c"\\\127]', function(c) return escapes[c] or ("\\u%04x"):format(c:byte()) end)
    .. '"'
end

-- The shortest digits that read back as the same number.
local function number(x)
  if math.type(x) == "integer" then return ("%d"):format(x) end
  if x ~= x or x == math.huge or x == -math.huge then return "null" end
  for digits = 6, 17 do
    local text = ("%." .. digits .. "g"):format(x)
    if tonumber(text) == x then return text end
  end
end

local encode

local function encode_entries(entries, open, close, indent, pad)
  if #entries == 0 then return open .. close end
  if not indent then return open .. table.concat(entries, ", ") .. close end
  local inner = pad .. indent
  local flat = table.concat(entries, ", ")
  if #flat + #pad <= 100 and not flat:find("\n", 1, true) then return open .. " " .. flat .. " " .. close end
  return open .. "\n" .. inner .. table.concat(entries, ",\n" .. inner) .. "\n" .. pad .. close
end

local function encode_table(value, indent, pad, path)
  if path[value] then error("json: a table that contains itself", 0) end
  path[value] = true
  local meta, entries, inner = getmetatable(value), {}, indent and pad .. indent
  local open, close = "{", "}"
  local function add(key, item) entries[#entries + 1] = quote(key) .. ": " .. encode(item, indent, inner, path) end
  if meta == Object then
    for _, pair in ipairs(value) do add(pair[1], pair[2]) end
  elseif meta == List or #value > 0 then
    open, close = "[", "]"
    for i = 1, #value do entries[i] = encode(value[i], indent, inner, path) end
  else
    local keys = {}
    for key in next, value do keys[#keys + 1] = key end
    table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
    for _, key in ipairs(keys) do add(tostring(key), value[key]) end
  end
  path[value] = nil
  return encode_entries(entries, open, close, indent, pad)
end

function encode(value, indent, pad, path)
  local kind = type(value)
  if kind == "table" then return encode_table(value, indent, pad, path) end
  if kind == "string" then return quote(value) end
  if kind == "number" then return number(value) end
  if kind == "boolean" then return tostring(value) end
  return "null"
end

--- Writes a value as JSON text; what has no form in JSON (functions, NaN) becomes null.
-- @param value   numbers, strings, booleans and tables of them
-- @param indent  spaces of each level, for files that people read; none gives one line
-- @return a string
-- @error a table that contains itself
function json.encode(value, indent) return encode(value, indent, "", {}) end

-- Reading -------------------------------------------------------------------------------------------------------------

local unescapes = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/" }

local function fail(text, at, what)
  local _, line = text:sub(1, at):gsub("\n", "")
  error(("json: %s at line %d"):format(what, line + 1), 0)
end

local function skip(text, at) return text:find("[^ \t\r\n]", at) or #text + 1 end

local function decode_string(text, at)
  local out, i = {}, at + 1
  while true do
    local stop = text:find('["\\]', i)
    if not stop then fail(text, at, "a string without end") end
    out[#out + 1] = text:sub(i, stop - 1)
    if text:byte(stop) == 34 then return table.concat(out), stop + 1 end
    local c = text:sub(stop + 1, stop + 1)
    if c == "u" then
      local code = tonumber(text:match("^%x%x%x%x", stop + 2) or fail(text, stop, "a bad \\u"), 16)
      i = stop + 6
      local low = code >= 0xD800 and code < 0xDC00 and text:match("^\\u([dD][c-fC-F]%x%x)", i)
      if low then code, i = 0x10000 + ((code - 0xD800) << 10) + (tonumber(low, 16) - 0xDC00), i + 6 end
      out[#out + 1] = utf8.char(code)
    else
      out[#out + 1] = unescapes[c] or fail(text, stop, "an unknown escape")
      i = stop + 2
    end
  end
end

local literals = { ["true"] = true, ["false"] = false }
local decode_value

local function decode_list(text, at)
  local list, i = json.list(), skip(text, at + 1)
  if text:sub(i, i) == "]" then return list, i + 1 end
  for n = 1, math.huge do
    list[n], i = decode_value(text, i)
    i = skip(text, i)
    local c = text:sub(i, i)
    if c == "]" then return list, i + 1 end
    if c ~= "," then fail(text, i, "',' or ']' expected") end
    i = skip(text, i + 1)
  end
end

local function decode_object(text, at)
  local object, i = {}, skip(text, at + 1)
  if text:sub(i, i) == "}" then return object, i + 1 end
  while true do
    if text:sub(i, i) ~= '"' then fail(text, i, "a key in quotes expected") end
    local key
    key, i = decode_string(text, i)
    i = skip(text, i)
    if text:sub(i, i) ~= ":" then fail(text, i, "':' expected") end
    object[key], i = decode_value(text, skip(text, i + 1))
    i = skip(text, i)
    local c = text:sub(i, i)
    if c == "}" then return object, i + 1 end
    if c ~= "," then fail(text, i, "',' or '}' expected") end
    i = skip(text, i + 1)
  end
end

function decode_value(text, at)
  local c = text:sub(at, at)
  if c == "{" then return decode_object(text, at) end
  if c == "[" then return decode_list(text, at) end
  if c == '"' then return decode_string(text, at) end
  local word = text:match("^%a+", at)
  if word == "null" then return nil, at + 4 end
  if word and literals[word] ~= nil then return literals[word], at + #word end
  local digits = text:match("^-?%d+%.?%d*[eE]?[+-]?%d*", at)
  if digits and tonumber(digits) then return tonumber(digits), at + #digits end
  fail(text, at, "a value expected")
end

--- Reads JSON text. null becomes nil, so that such keys are left out.
-- @return the value
-- @error "json: ... at line N" for text that is no JSON
function json.decode(text)
  local value, at = decode_value(text, skip(text, 1))
  if skip(text, at) <= #text then fail(text, at, "more than one value") end
  return value
end

return json
