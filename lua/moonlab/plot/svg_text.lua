-- Texts and numbers in SVG.

local svg_text = {}

local ESCAPES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

--- A clean text (text.clean) as the content of an element or attribute.
function svg_text.escape(s) return (s:gsub("[&<>\"']", ESCAPES)) end

--- A number with one decimal at most: the same bytes everywhere.
function svg_text.number(x)
  local s = ("%.1f"):format(x):gsub("%.0$", "")
  return s == "-0" and "0" or s
end

-- Widths of letters in parts of the font's size, those of DejaVu Sans, the widest of the usual fonts.
local NARROW, WIDE, CAPITAL, OTHER = 0.4, 1.0, 0.78, 0.64

local function width_of(code)
  if code > 0x7F then return code >= 0x1100 and code < 0x2000 and WIDE or code >= 0x2E80 and WIDE or code >= 0x300 and CAPITAL or OTHER end
  local letter = string.char(code)
  if letter:find "[ijlIft.,:;'|!()%[%]/\\ -]" then return NARROW end
  if letter:find "[mwMW@%%]" then return WIDE end
  return letter:find "%u" and CAPITAL or OTHER
end

--- What a text takes at most, in pixels.
function svg_text.width(s, size)
  local sum = 0
  for _, code in utf8.codes(s) do sum = sum + width_of(code) end
  return sum * size
end

--- function(text) -> its width, for texts of a size.
function svg_text.measure(size) return function(s) return svg_text.width(s, size) end end

return svg_text
