--- Pieces of pages of HTML that need nothing besides: no scripts, no files, no fonts of others; light or dark as the reader has it.

local letters = require "moonlab.plot.text"
local style = require "moonlab.plot.svg_style"
local text = require "moonlab.plot.svg_text"

local page = {}

local CSS = [[
:root{color-scheme:light dark;--ink:#1f2328;--soft:#57606a;--line:#d8dee4;--paper:#fff;--card:#f6f8fa;--mark:#d55e00}
@media(prefers-color-scheme:dark){:root{--ink:#e3e6ea;--soft:#9aa4af;--line:#30363d;--paper:#15181c;--card:#1c2127;--mark:#ffa657}}
*{box-sizing:border-box}body{margin:0 auto;max-width:1180px;padding:16px;font:15px/1.45 Helvetica,Arial,"DejaVu Sans",sans-serif;color:var(--ink);background:var(--paper)}
h1{font-size:24px;margin:8px 0;overflow-wrap:anywhere}h2{font-size:19px;margin:32px 0 10px;padding-top:8px;border-top:1px solid var(--line)}h3{font-size:15px;margin:0 0 6px;overflow-wrap:anywhere}
p{margin:6px 0}.soft{color:var(--soft)}table{border-collapse:collapse;font-size:14px}th{text-align:left;font-weight:600;color:var(--soft)}th,td{padding:3px 14px 3px 0;vertical-align:top;overflow-wrap:break-word}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;overflow-wrap:normal}.scroll{overflow-x:auto}.scroll+h3,svg+h3{margin-top:14px}.kind{white-space:nowrap;font-weight:600}.grave{color:var(--mark)}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(340px,100%),1fr));gap:14px}.card{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:12px;min-width:0}
.card svg{margin-top:8px;border-radius:4px}.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(92px,1fr));gap:2px 10px;font-size:13px;margin:0}.facts div{min-width:0}
.facts dt{color:var(--soft);font-size:12px}.facts dd{margin:0;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}svg{max-width:100%;height:auto}pre{overflow-x:auto;font-size:13px}
]]

--- A value as text in HTML.
function page.escape(s) return text.escape(letters.clean(s)) end

local function cell(value, is_number) return ("<td%s>%s</td>"):format(is_number and ' class="n"' or "", page.escape(value)) end

--- A table.
-- @param heads  { { "row", true }, ... }, the second says that numbers stand in it
-- @param rows   lists of cells
function page.table(heads, rows)
  local out = { '<div class="scroll"><table><tr>' }
  for _, head in ipairs(heads) do out[#out + 1] = ("<th%s>%s</th>"):format(head[2] and ' class="n"' or "", page.escape(head[1])) end
  out[#out + 1] = "</tr>"
  for _, row in ipairs(rows) do
    out[#out + 1] = "<tr>"
    for i, head in ipairs(heads) do out[#out + 1] = cell(row[i], head[2]) end
    out[#out + 1] = "</tr>\n"
  end
  out[#out + 1] = "</table></div>"
  return table.concat(out)
end

--- A plot as an element of a page, which holds the style of plots once.
-- @param size  as for plot:svg
function page.svg(drawn, size) return (drawn:svg(size):gsub("<style>.-</style>", "", 1)) end

--- A section with a title.
function page.section(title, body) return ("<h2>%s</h2>\n%s\n"):format(title, body) end

--- The whole page.
-- @param title  of the window, not yet escaped
-- @param body   HTML
function page.whole(title, body)
  return table.concat { "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>",
    page.escape(title), "</title><style>", CSS, style.CSS, "</style></head><body>\n", body, "</body></html>\n" }
end

return page
