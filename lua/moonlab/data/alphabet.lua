--- The symbols of a text and their ids, from 1: its characters in the order of their code points, as the class names of a
-- data set of pictures. A text that is not UTF-8 is read byte by byte.

local core = require "moonlab.core"
local failure = require "moonlab.failure"

local Alphabet = {}
Alphabet.__index = Alphabet

-- The codes of a text's symbols in order, each once, and whether they are code points: bytes if there is nothing but ASCII,
-- or if the text is not UTF-8.
local function codes_of(text)
  local seen, wide, list = core.byte_counts(text), false, {}
  for byte in pairs(seen) do wide = wide or byte >= 0x80 end
  wide = wide and utf8.len(text) ~= nil
  if wide then
    seen = {}
    for _, code in utf8.codes(text) do seen[code] = true end
  end
  for code in pairs(seen) do list[#list + 1] = code end
  table.sort(list)
  return list, wide
end

--- The alphabet of a text.
-- @param text   a string
-- @param first  symbols that have the first ids whether or not they occur, such as an end mark
function Alphabet.of(text, first)
  local codes, wide = codes_of(text)
  local self = setmetatable({ symbols = {}, ids = {}, wide = wide }, Alphabet)
  for _, symbol in ipairs(first or {}) do self:add(symbol) end
  for _, code in ipairs(codes) do
    local symbol = wide and utf8.char(code) or string.char(code)
    if not self.ids[symbol] then self:add(symbol) end
  end
  return self
end

--- The alphabet of a model.
-- @param symbols  a list, in the order of their ids
function Alphabet.known(symbols)
  local self = setmetatable({ symbols = {}, ids = {}, wide = false }, Alphabet)
  for _, symbol in ipairs(symbols) do
    self:add(symbol)
    self.wide = self.wide or #symbol > 1
  end
  return self
end

--- Itself, if a text has no other symbols.
-- @error a failure with status 4 that names the first
function Alphabet:check(text, name)
  for symbol in text:gmatch(self.wide and utf8.len(text) and utf8.charpattern or ".") do
    if not self.ids[symbol] then failure.raise("data", "%s: has the symbol '%s', which is none of the %d that the model knows", name, symbol, #self.symbols) end
  end
  return self
end

function Alphabet:add(symbol)
  self.symbols[#self.symbols + 1] = symbol
  self.ids[symbol] = #self.symbols
end

--- The ids of a text's symbols as a list; 0 for a symbol that is not in the alphabet.
function Alphabet:list(text)
  local list, ids = {}, self.ids
  for symbol in text:gmatch(self.wide and utf8.charpattern or ".") do list[#list + 1] = ids[symbol] or 0 end
  return list
end

--- The ids of a text's symbols as an int64 tensor; 0 for a symbol that is not in the alphabet.
function Alphabet:encode(text)
  if self.wide then return core.tensor(self:list(text), { dtype = "int64" }) end
  local id_of = {}
  for byte = 0, 255 do id_of[byte + 1] = self.ids[string.char(byte)] or 0 end
  return core.tensor(id_of, { dtype = "int64" }):index_select(1, core.bytes(text):to "int64" + 1)
end

--- The text of ids: a tensor or list. 0 gives nothing.
function Alphabet:decode(ids)
  if type(ids) == "userdata" then ids = ids:reshape { -1 }:tolist() end
  local out = {}
  for i, id in ipairs(ids) do out[i] = self.symbols[id] or "" end
  return table.concat(out)
end

return Alphabet
