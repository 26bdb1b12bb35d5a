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

-- The shortest digits that read back as the same number; 1.0 stays a float.
local function number(x)
  if math.type(x) == "integer" then return ("%d"):format(x) end
  if x ~= x or x == math.huge or x == -math.huge then return "null" end
  for digits = 6, 17 do
    local text = ("%." .. digits .. "g"):format(x)
    if tonumber(text) == x then return text:find "[.e]" and text or text .. ".0" end
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

-- Reading: RFC 8259 to the letter -----------------------------------------------------------------------------------------

local MAX_DEPTH = 200 -- a stranger's file must not use up the stack

local unescapes = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/" }

-- Columns count bytes.
local function fail(text, at, what)
  local before = text:sub(1, at - 1)
  local _, lines = before:gsub("\n", "")
  error(("json: %s at line %d, column %d"):format(what, lines + 1, at - #(before:match "^.*\n" or "")), 0)
end

local function skip(text, at) return text:find("[^ \t\r\n]", at) or #text + 1 end

-- The four digits of a \u escape whose backslash stands at `at`.
local function code_unit(text, at)
  return tonumber(text:match("^\\u(%x%x%x%x)", at) or fail(text, at, "\\u needs four hexadecimal digits"), 16)
end

-- \u1234, or a pair of surrogates: the character, and where the text goes on.
local function decode_unicode(text, at)
  local code = code_unit(text, at)
  if code < 0xD800 or code > 0xDFFF then return utf8.char(code), at + 6 end
  if code > 0xDBFF or text:sub(at + 6, at + 7) ~= "\\u" then fail(text, at, "half of a surrogate pair") end
  local low = code_unit(text, at + 6)
  if low < 0xDC00 or low > 0xDFFF then fail(text, at, "half of a surrogate pair") end
  return utf8.char(0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00)), at + 12
end

local function decode_string(text, at)
  local out, i = {}, at + 1
  while true do
    local stop = text:find('[%c"\\]', i)
    if stop and text:byte(stop) == 127 then -- a control character to Lua, a plain one to JSON
      out[#out + 1], i = text:sub(i, stop), stop + 1
    elseif not stop then
      fail(text, at, "a string without end")
    else
      out[#out + 1] = text:sub(i, stop - 1)
      local c, escape = text:sub(stop, stop), text:sub(stop + 1, stop + 1)
      if c == '"' then return table.concat(out), stop + 1 end
      if c ~= "\\" then fail(text, stop, "a control character inside a string") end
      if escape == "u" then
        out[#out + 1], i = decode_unicode(text, stop)
      else
        out[#out + 1], i = unescapes[escape] or fail(text, stop, "an unknown escape"), stop + 2
      end
    end
  end
end

local function decode_number(text, at)
  local digits = text:match("^-?%d+", at)
  if not digits then fail(text, at, "a value expected") end
  if digits:find "^-?0%d" then fail(text, at, "a number that begins with 0") end
  local i = at + #digits
  for _, part in ipairs { "^%.%d+", "^[eE][+-]?%d+" } do
    local more = text:match(part, i) or ""
    digits, i = digits .. more, i + #more
  end
  if text:find("^[%w.]", i) then fail(text, at, "a wrong number") end
  return tonumber(digits), i
end

local decode_value

-- What stands between the brackets of a list or an object: item(i) reads one and tells where the text goes on.
local function decode_items(text, at, close, item)
  local i = skip(text, at + 1)
  if text:sub(i, i) == close then return i + 1 end
  while true do
    i = skip(text, item(i))
    local c = text:sub(i, i)
    if c == close then return i + 1 end
    if c ~= "," then fail(text, i, ("',' or '%s' expected"):format(close)) end
    i = skip(text, i + 1)
  end
end

local function decode_list(text, at, depth)
  local list, n = json.list(), 0
  return list, decode_items(text, at, "]", function(i)
    n = n + 1
    list[n], i = decode_value(text, i, depth)
    return i
  end)
end

local function decode_object(text, at, depth)
  local object, seen = {}, {}
  return object, decode_items(text, at, "}", function(i)
    if text:sub(i, i) ~= '"' then fail(text, i, "a key in quotes expected") end
    local key, behind = decode_string(text, i)
    if seen[key] then fail(text, i, ("a second key '%s'"):format(key)) end
    seen[key] = true
    i = skip(text, behind)
    if text:sub(i, i) ~= ":" then fail(text, i, "':' expected") end
    object[key], i = decode_value(text, skip(text, i + 1), depth)
    return i
  end)
end

local words = { ["true"] = true, ["false"] = false }

function decode_value(text, at, depth)
  local c = text:sub(at, at)
  if depth == MAX_DEPTH then fail(text, at, "nested too deeply") end
  if c == "{" then return decode_object(text, at, depth + 1) end
  if c == "[" then return decode_list(text, at, depth + 1) end
  if c == '"' then return decode_string(text, at) end
  local word = text:match("^%a+", at)
  if word == "null" then return nil, at + 4 end
  if word and words[word] ~= nil then return words[word], at + #word end
  return decode_number(text, at)
end

--- Reads JSON text, strictly. null becomes nil: such a key is left out, and in a list it leaves a hole.
-- Numbers without fraction or exponent become integers if they fit into 64 bits.
-- @param text  a string
-- @return the value; lists are marked as by json.list
-- @error "json: ... at line L, column C" for text that is not JSON, or has the same key twice
function json.decode(text)
  if type(text) ~= "string" then error("json: text to decode must be a string, got " .. type(text), 2) end
  local value, at = decode_value(text, skip(text, 1), 0)
  at = skip(text, at)
  if at <= #text then fail(text, at, "more than one value") end
  return value
end

return json
