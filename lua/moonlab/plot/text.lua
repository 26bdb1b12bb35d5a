-- Letters of the terminal: how wide they are, cutting and padding by width, and what may be printed at all.

local vm = require "moonlab.vm"

local text = {}

--- The settings of a plot's text, from its options and the terminal.
-- @param o  { width =, height =, utf8 = }
-- @return { width = in columns, height = in rows or nil, utf8 = }
function text.settings(o)
  local utf8 = o.utf8
  if utf8 == nil then utf8 = vm.utf8() end
  return { width = math.max(20, o.width or vm.columns()), height = o.height and math.max(2, o.height), utf8 = utf8 }
end

-- First and last code of the letters that take two columns (East Asian wide ones and pictographs), and of those that take none.
local WIDE = { { 0x1100, 0x115F }, { 0x2E80, 0x303E }, { 0x3041, 0xA4CF }, { 0xAC00, 0xD7A3 }, { 0xF900, 0xFAFF },
  { 0xFE30, 0xFE6F }, { 0xFF00, 0xFF60 }, { 0xFFE0, 0xFFE6 }, { 0x1F300, 0x1F64F }, { 0x1F680, 0x1F9FF }, { 0x20000, 0x3FFFD } }
local NONE = { { 0x300, 0x36F }, { 0x200B, 0x200F }, { 0x20D0, 0x20FF }, { 0xFE00, 0xFE0F } }

local function is_in(ranges, code)
  for _, range in ipairs(ranges) do
    if code >= range[1] and code <= range[2] then return true end
  end
  return false
end

local function columns_of(code)
  if code < 0x300 then return 1 end
  return is_in(NONE, code) and 0 or is_in(WIDE, code) and 2 or 1
end

--- How many columns a text takes.
function text.width(s)
  if not s:find "[\x80-\xFF]" then return #s end
  local width = 0
  for _, code in utf8.codes(s) do width = width + columns_of(code) end
  return width
end

function text.left(s, width) return s .. (" "):rep(width - text.width(s)) end

function text.right(s, width) return (" "):rep(width - text.width(s)) .. s end

function text.center(s, width) return (" "):rep((width - text.width(s)) // 2) .. s end

function text.trim_end(s) return (s:gsub(" +$", "")) end

--- A text cut to what fits, the cut marked.
-- @param room     how much fits
-- @param measure  function(text) -> how much it takes; columns of the terminal if not given
-- @param mark     of the cut
function text.cut(s, room, mark, measure)
  measure = measure or text.width
  if measure(s) <= room then return s end
  local kept, last = mark, ""
  for from, code in utf8.codes(s) do
    last = s:sub(1, from - 1) .. utf8.char(code)
    if measure(last .. mark) > room then break end
    kept = last .. mark
  end
  return kept
end

--- The mark of a cut.
function text.mark(is_utf8) return is_utf8 and "…" or "~" end

--- Words in lines of at most `room`; a word that is longer is cut.
function text.wrap(s, room, mark, measure)
  measure = measure or text.width
  local lines, line = {}, nil
  for word in s:gmatch "%S+" do
    word = text.cut(word, room, mark, measure)
    local longer = line and line .. " " .. word or word
    if line and measure(longer) > room then
      lines[#lines + 1], line = line, word
    else
      line = longer
    end
  end
  lines[#lines + 1] = line
  return lines
end

--- A title or name as it may be shown: valid UTF-8 on one line, without control characters.
function text.clean(s)
  s = tostring(s)
  if not utf8.len(s) then s = s:gsub("[\x80-\xFF]", "?") end
  s = s:gsub("%s", " "):gsub("\xC2[\x80-\x9F]", "?"):gsub("\xEF\xBF[\xBE\xBF]", "?"):gsub("%c", "?")
  return (s:gsub("\xE2\x80[\xAA-\xAE]", "?"):gsub("\xE2\x81[\xA6-\xA9]", "?")) -- nor what turns the direction of the line
end

return text
