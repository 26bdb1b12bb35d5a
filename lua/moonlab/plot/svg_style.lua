-- Colours and letters of SVG plots. Series have the colours of Okabe and Ito, "Color universal design" (2008), which people with any
-- kind of colour vision tell apart, and besides a dash and a marker each.

local style = {}

style.SIZE = 12 -- of letters, in pixels
style.TITLE = 15
style.SMALL = 11

local COLOURS = { "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9" }
local INK, DARK_INK, DARK_BLUE = "#1f2328", "#e3e6ea", "#2b93d6"
local DASHES = { "", "7 3", "2 3", "9 3 2 3", "14 4", "4 2 1 2 1 2" }

-- One number of a series for colour, dash and marker; the eighth series has the first colour with the second dash.
local function pick(list, series, shift)
  local n = #list
  return list[(series - 1 + (shift and (series - 1) // n or 0)) % n + 1]
end

--- " stroke-dasharray=..." of a series.
function style.dash(series)
  local dash = pick(DASHES, series, true)
  return dash ~= "" and (' stroke-dasharray="%s"'):format(dash) or ""
end

--- The class of a series' colour: stroke "s3", fill "f3".
function style.class(kind, series) return kind .. (series - 1) % (#COLOURS + 1) + 1 end

local function rule(colours, ink)
  local out = {}
  for i = 1, #COLOURS + 1 do
    out[i] = (".mlp .s%d{stroke:%s;fill:none}.mlp .f%d{fill:%s}"):format(i, colours[i] or ink, i, colours[i] or ink)
  end
  return table.concat(out)
end

-- ink: letters; soft: notes; grid; axis; paper.
local function theme(ink, soft, grid, axis, paper)
  return (".mlp text{fill:%s}.mlp .n{fill:%s}.mlp .g{stroke:%s;fill:none}.mlp .a{stroke:%s;fill:none}.mlp .p{fill:%s}.mlp .e{stroke:%s}"
    .. ".mlp .k{stroke:%s}"):format(ink, soft, grid, axis, paper, paper, ink)
end

local LIGHT = theme(INK, "#57606a", "#e3e6ea", "#6e7781", "#fff") .. rule(COLOURS, INK)
-- On dark paper the first colour is a lighter blue, the last the ink.
local DARK = theme(DARK_INK, "#9aa4af", "#30363d", "#8b949e", "#15181c")
  .. (".mlp .s1{stroke:%s}.mlp .f1{fill:%s}.mlp .s%d{stroke:%s}.mlp .f%d{fill:%s}"):format(DARK_BLUE, DARK_BLUE, #COLOURS + 1, DARK_INK,
    #COLOURS + 1, DARK_INK)

--- The style of every plot, the same, so that many fit on one page.
style.CSS = (".mlp{font:%dpx Helvetica,Arial,\"DejaVu Sans\",sans-serif;max-width:100%%;height:auto}"):format(style.SIZE)
  .. LIGHT .. ".mlp .d{fill:#111}.mlp .l{fill:#fff}@media(prefers-color-scheme:dark){" .. DARK .. "}"

-- Shades -------------------------------------------------------------------------------------------------------------------

local SEQUENTIAL = { { 247, 251, 255 }, { 198, 219, 239 }, { 107, 174, 214 }, { 33, 113, 181 }, { 8, 48, 107 } }
local DIVERGING = { { 5, 80, 140 }, { 110, 170, 215 }, { 247, 247, 247 }, { 240, 160, 100 }, { 160, 65, 0 } }
local NONE = { 150, 150, 150 }

style.LEVELS = 32

--- The level, 0 to LEVELS - 1, of a shade; nil for none.
function style.level(shade, diverging)
  if shade ~= shade then return nil end
  local part = diverging and (shade + 1) / 2 or shade
  return math.floor(part * (style.LEVELS - 1) + 0.5)
end

local function mix(a, b, part)
  local out = {}
  for i = 1, 3 do out[i] = math.floor(a[i] + (b[i] - a[i]) * part + 0.5) end
  return out
end

--- The colour of a level, and the class of letters that can be read on it.
function style.shade(level, diverging)
  local rgb = NONE
  if level then
    local stops = diverging and DIVERGING or SEQUENTIAL
    local at = level / (style.LEVELS - 1) * (#stops - 1)
    local i = math.min(#stops - 2, math.floor(at))
    rgb = mix(stops[i + 1], stops[i + 2], at - i)
  end
  local light = 0.299 * rgb[1] + 0.587 * rgb[2] + 0.114 * rgb[3]
  return ("#%02x%02x%02x"):format(rgb[1], rgb[2], rgb[3]), light > 140 and "d" or "l"
end

-- Markers ------------------------------------------------------------------------------------------------------------------

-- A shape of radius 1 as steps from its centre: the first moves, the others draw; the last entry says whether it is closed.
local MARKERS = {
  { { -0.71, -0.71 }, { 0.71, -0.71 }, { 0.71, 0.71 }, { -0.71, 0.71 }, octagon = true },
  { { 0, -1.1 }, { 1, 0.7 }, { -1, 0.7 } },
  { { -0.8, -0.8 }, { 0.8, -0.8 }, { 0.8, 0.8 }, { -0.8, 0.8 } },
  { { 0, -1.2 }, { 1.1, 0 }, { 0, 1.2 }, { -1.1, 0 } },
  { { 0, 1.1 }, { 1, -0.7 }, { -1, -0.7 } },
  { { -1, -0.35 }, { -0.35, -0.35 }, { -0.35, -1 }, { 0.35, -1 }, { 0.35, -0.35 }, { 1, -0.35 }, { 1, 0.35 }, { 0.35, 0.35 }, { 0.35, 1 },
    { -0.35, 1 }, { -0.35, 0.35 }, { -1, 0.35 } },
}

local number = require("moonlab.plot.svg_text").number

--- The path of a series' marker, from its centre (m dx dy ... z): append it to "Mx y".
function style.marker(series, radius)
  local shape = pick(MARKERS, series, true)
  if shape.octagon then -- a circle, of two arcs
    local r, d = number(radius), number(2 * radius)
    return ("m-%s 0a%s %s 0 1 0 %s 0a%s %s 0 1 0-%s 0z"):format(r, r, r, d, r, r, d)
  end
  local out, x, y = {}, 0, 0
  for i, point in ipairs(shape) do
    local px, py = math.floor(point[1] * radius * 10 + 0.5) / 10, math.floor(point[2] * radius * 10 + 0.5) / 10
    out[i] = (i == 1 and "m" or i == 2 and "l" or " ") .. number(px - x) .. " " .. number(py - y)
    x, y = px, py
  end
  return table.concat(out) .. "z"
end

return style
