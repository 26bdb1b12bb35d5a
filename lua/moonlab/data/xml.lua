--- XML as annotation files have it: elements, attributes, text, CDATA, comments, the five entities and characters by number.
-- Strict: what is not well formed is an error with its line and column. A document type is refused, so that no file can define entities
-- that grow, or name other files.

local xml = {}

local MAX_DEPTH = 200 -- a stranger's file must not use up the stack

-- Columns count bytes.
local function fail(text, at, what, ...)
  local before = text:sub(1, at - 1)
  local _, lines = before:gsub("\n", "")
  error(("xml: %s at line %d, column %d"):format(what:format(...), lines + 1, at - #(before:match "^.*\n" or "")), 0)
end

-- Characters ---------------------------------------------------------------------------------------------------------

local ENTITIES = { lt = "<", gt = ">", amp = "&", apos = "'", quot = '"' }

local function is_character(code)
  return code == 9 or code == 10 or code == 13 or (code >= 0x20 and code < 0xD800) or (code > 0xDFFF and code < 0xFFFE)
    or (code > 0xFFFF and code < 0x110000)
end

-- The character of an entity whose & stands at `at`, and where the text goes on. Names are short: what is longer is not looked at.
local function entity(text, at)
  local name, behind = text:sub(at, at + 32):match "^&([^;<&%s]+);()"
  if not name then fail(text, at, "'&' begins no entity; write &amp;") end
  if ENTITIES[name] then return ENTITIES[name], at + behind - 1 end
  local digits, base = name:match "^#x(%x+)$", 16
  if not digits then digits, base = name:match "^#(%d+)$", 10 end
  if not digits then fail(text, at, "unknown entity '&%s;'", name) end
  local code = #digits <= 8 and tonumber(digits, base)
  if not code or not is_character(code) then fail(text, at, "'&%s;' is no character", name) end
  return utf8.char(code), at + behind - 1
end

-- The plain text `piece`, which stands at `at`, with its entities replaced. Looked for in the piece alone: a search through the rest of
-- the document for each piece would take the square of its length.
local function unescape(text, piece, at)
  local out, from = {}, 1
  while true do
    local amp = piece:find("&", from, true)
    out[#out + 1] = piece:sub(from, (amp or 0) - 1)
    if not amp then return table.concat(out) end
    local character, behind = entity(text, at + amp - 1)
    out[#out + 1], from = character, behind - at + 1
  end
end

-- Tags ---------------------------------------------------------------------------------------------------------------

local NAME = "^([%a_:\128-\255][%w_:.\128-\255-]*)()"

local function read_name(text, at, what)
  local name, behind = text:match(NAME, at)
  if not name then fail(text, at, "%s expected", what) end
  return name, behind
end

local function skip_space(text, at) return text:match("^[ \t\r\n]*()", at) end

local function read_attribute(text, at, attributes)
  local name, i = read_name(text, at, "the name of an attribute or '>'")
  if attributes[name] then fail(text, at, "a second attribute '%s'", name) end
  i = skip_space(text, i)
  if text:sub(i, i) ~= "=" then fail(text, i, "'=' expected") end
  i = skip_space(text, i + 1)
  local quote = text:match("^[\"']", i)
  if not quote then fail(text, i, "a value in quotes expected") end
  local stop = text:find(quote, i + 1, true)
  if not stop then fail(text, i, "a value without end") end
  local value = text:sub(i + 1, stop - 1)
  local less = value:find("<", 1, true)
  if less then fail(text, i + less, "'<' inside a value; write &lt;") end
  attributes[name] = unescape(text, value, i + 1):gsub("[\t\r\n]", " ")
  return stop + 1
end

-- What follows "<name": attributes, then "/>" (true) or ">" (false), and where the text goes on.
local function read_attributes(text, at, element)
  while true do
    local i = skip_space(text, at)
    if text:sub(i, i + 1) == "/>" then return true, i + 2 end
    if text:sub(i, i) == ">" then return false, i + 1 end
    if i > #text then fail(text, i, "'<%s' without end", element.name) end
    if i == at then fail(text, i, "a blank or '>' expected") end
    at = read_attribute(text, i, element.attributes)
  end
end

-- Behind a comment or an instruction that begins at `at`; nil if none does.
local function skip_aside(text, at)
  local open, close, what = "<!--", "-->", "comment"
  if text:sub(at, at + 1) == "<?" then open, close, what = "<?", "?>", "instruction" end
  if text:sub(at, at + #open - 1) ~= open then return nil end
  local _, stop = text:find(close, at + #open, true)
  if not stop then fail(text, at, "a %s without end", what) end
  return stop + 1
end

-- Elements -----------------------------------------------------------------------------------------------------------

local read_element

-- Text up to the next '<'.
local function read_text(text, at, pieces, element)
  local stop = text:find("<", at, true)
  if not stop then fail(text, #text + 1, "'</%s>' is missing", element.name) end
  local piece = text:sub(at, stop - 1)
  local wrong = piece:find("]]>", 1, true)
  if wrong then fail(text, at + wrong - 1, "']]>' outside of CDATA") end
  pieces[#pieces + 1] = unescape(text, piece, at)
  return stop
end

local function read_cdata(text, at, pieces)
  local stop = text:find("]]>", at, true)
  if not stop then fail(text, at, "a CDATA section without end") end
  pieces[#pieces + 1] = text:sub(at + 9, stop - 1)
  return stop + 3
end

local function read_end(text, at, element)
  local name, i = read_name(text, at + 2, "the name of an element")
  if name ~= element.name then fail(text, at, "'</%s>' expected, got '</%s>'", element.name, name) end
  i = skip_space(text, i)
  if text:sub(i, i) ~= ">" then fail(text, i, "'>' expected") end
  return i + 1
end

-- What stands in an element, to behind its end.
local function read_content(text, at, element, depth)
  local pieces = {}
  while true do
    if text:sub(at, at) ~= "<" then
      at = read_text(text, at, pieces, element)
    elseif text:sub(at, at + 1) == "</" then
      element.text = table.concat(pieces)
      return read_end(text, at, element)
    elseif text:sub(at, at + 8) == "<![CDATA[" then
      at = read_cdata(text, at, pieces)
    else
      local behind = skip_aside(text, at)
      if not behind then element[#element + 1], behind = read_element(text, at, depth + 1) end
      at = behind
    end
  end
end

function read_element(text, at, depth)
  if depth > MAX_DEPTH then fail(text, at, "nested too deeply") end
  local name, i = read_name(text, at + 1, "the name of an element")
  local element = { name = name, attributes = {}, text = "" }
  local empty
  empty, i = read_attributes(text, i, element)
  if empty then return element, i end
  return element, read_content(text, i, element, depth)
end

-- Blanks, comments and instructions outside of the root.
local function skip_misc(text, at)
  while true do
    at = skip_space(text, at)
    local behind = skip_aside(text, at)
    if not behind then return at end
    at = behind
  end
end

--- Reads an XML document in UTF-8.
-- @param text  a string
-- @return the root: { name =, attributes = {}, text = (of its own, without that of the elements in it), the elements in it 1..n }
-- @error "xml: ... at line L, column C" for text that is not well formed, and for a document type
function xml.decode(text)
  text = text:gsub("^\xEF\xBB\xBF", ""):gsub("\r\n?", "\n")
  local _, bad = utf8.len(text)
  if bad then fail(text, bad, "bytes that are no UTF-8") end
  local control = text:find "[\0-\8\11\12\14-\31]"
  if control then fail(text, control, "a control character") end
  local at = skip_misc(text, 1)
  if text:sub(at, at + 8) == "<!DOCTYPE" then fail(text, at, "a document type, which is refused") end
  if text:sub(at, at) ~= "<" then fail(text, at, "'<' expected") end
  local root, behind = read_element(text, at, 1)
  behind = skip_misc(text, behind)
  if behind <= #text then fail(text, behind, "more than one element") end
  return root
end

--- The first element of a name in an element.
-- @param element  what decode gave, or an element in it; nil gives nil
-- @param name     a string
-- @return an element or nil
function xml.child(element, name)
  for _, child in ipairs(element or {}) do
    if child.name == name then return child end
  end
end

return xml
