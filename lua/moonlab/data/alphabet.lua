--- The symbols of a text and their ids, from 1: its characters in the order of their code points, as the class names of a
-- data set of pictures. A text that is not UTF-8 is read byte by byte.

local core = require "moonlab.core"

local Alphabet = {}
Alphabet.__index = Alphabet

-- The code points of a text that has more than ASCII, or nil.
local function code_points(text)
  if not text:find "[\x80-\xff]" or not utf8.len(text) then return nil end
  local list = {}
  for _, code in utf8.codes(text) do list[#list + 1] = code end
  return list
end

-- A byte as it stands in a pattern's set.
local function escaped(byte)
  local symbol = string.char(byte)
  return symbol:find "%w" and symbol or "%" .. symbol
end

local function distinct(text, codes)
  local seen, list = {}, {}
  if codes then
    for _, code in ipairs(codes) do seen[code] = true end
  else
    local others, at = "[^]", text ~= "" and 1 or nil -- what was not seen yet is looked for from the last find on
    while at do
      local byte = text:byte(at)
      seen[byte] = true
      others = others == "[^]" and "[^" .. escaped(byte) .. "]" or others:sub(1, -2) .. escaped(byte) .. "]"
      at = text:find(others, at)
    end
  end
  for code in pairs(seen) do list[#list + 1] = code end
  table.sort(list)
  return list
end

--- The alphabet of a text.
-- @param text   a string
-- @param first  symbols that have the first ids whether or not they occur, such as an end mark
function Alphabet.of(text, first)
  local codes = code_points(text)
  local self = setmetatable({ symbols = {}, ids = {}, wide = codes ~= nil }, Alphabet)
  for _, symbol in ipairs(first or {}) do self:add(symbol) end
  for _, code in ipairs(distinct(text, codes)) do
    local symbol = codes and utf8.char(code) or string.char(code)
    if not self.ids[symbol] then self:add(symbol) end
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
