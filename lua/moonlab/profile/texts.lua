--- Texts as data.text and data.lines give them: how long they are, their symbols, and how they begin.

local core = require "moonlab.core"
local findings = require "moonlab.profile.findings"
local number = require "moonlab.plot.number"

local SYMBOLS = 20  -- the commonest ones
local LINES = 10
local BEGINNING = 400 -- symbols of a long text

local texts = {}

local function shown(symbol)
  if symbol == "\n" then return "end of line" end
  return symbol == " " and "blank" or symbol == "\t" and "tab" or symbol
end

-- How often each symbol is there; ids of 0 are none.
local function symbols_of(set, ids)
  local counts, list = ids:masked_select(ids:ne(0)):bincount({ minlength = set:symbols() }):tolist(), {}
  local all = 0
  for id, count in ipairs(counts) do list[id], all = { shown(set.classes[id]), count }, all + count end
  table.sort(list, function(a, b) return a[2] > b[2] or a[2] == b[2] and a[1] < b[1] end)
  local rows = {}
  for i = 1, math.min(SYMBOLS, #list) do rows[i] = { list[i][1], ("%d"):format(list[i][2]), findings.percent(list[i][2], all) } end
  local title = ("Symbols: %d different ones"):format(#list)
  return { title = #list > SYMBOLS and ("%s, the %d commonest"):format(title, SYMBOLS) or title, rows = rows,
    heads = { { "symbol" }, { "count", true }, { "share", true } } }
end

-- Each line of a text is a row of the table.
local function examples(lines)
  local rows = {}
  for i, line in ipairs(lines) do rows[i] = { line } end
  return { title = "The beginning", heads = { { "text" } }, rows = rows }
end

local function of_windows(set)
  local lines = {}
  for line in set:decode(set.ids:slice(1, 1, math.min(BEGINNING, #set.ids))):gmatch "[^\n]+" do lines[#lines + 1] = line end
  local size = { title = "Text", heads = { { "symbols", true }, { "of a window", true }, { "windows", true } }, rows = { { #set.ids, set.width, set:count() } } }
  return { size, symbols_of(set, set.ids), examples(lines) }
end

local function of_lines(set)
  local lengths = set.y:ne(0):sum(2):to "float32" - 1 -- without the end mark
  local lines = {}
  for i = 1, math.min(LINES, set:count()) do lines[i] = set:decode(set.y[i]):gsub("\n", "") end
  local size = { title = "Lines", heads = { { "lines", true }, { "shortest", true }, { "mean length", true }, { "longest", true } },
    rows = { { set:count(), math.tointeger(lengths:min():item()), number.short(lengths:mean():item()), math.tointeger(lengths:max():item()) } } }
  return { size, symbols_of(set, set.y), examples(lines) }
end

--- What a text holds.
-- @param set  what data.text or data.lines gave
-- @return fields of a profile: rows =, tables =, duplicates =
function texts.of(set)
  set:load()
  local out = { kind = "text", rows = set:count(), duplicates = { rows = 0, exact = true } }
  out.tables = set.what == "lines" and of_lines(set) or of_windows(set)
  if set.what == "lines" then
    local _, different = core.distinct(core.hash_rows(set.y:contiguous()))
    out.duplicates.rows = set:count() - #different
  end
  return out
end

return texts
