--- A profile as text for the terminal.

local columns = require "moonlab.profile.columns"
local findings = require "moonlab.profile.findings"
local plot = require "moonlab.plot"
local letters = require "moonlab.plot.text"
local number = require "moonlab.plot.number"

local SPARKS = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" }
local SPARKS_ASCII = { ".", ":", "-", "=", "+", "*", "#", "@" }
local NAME, VALUE = 24, 20 -- columns of the terminal for names and values
local SPARK = 15
local MOST = 60            -- columns that get a line

-- A histogram as one line, neighbours together so that it fits.
local function spark(counts, utf8)
  local bins, most = {}, 0
  local each = math.ceil(#counts / SPARK)
  for i = 1, #counts, each do
    local sum = 0
    for k = i, math.min(i + each - 1, #counts) do sum = sum + counts[k] end
    bins[#bins + 1], most = sum, math.max(most, sum)
  end
  for i, n in ipairs(bins) do bins[i] = n == 0 and " " or (utf8 and SPARKS or SPARKS_ASCII)[math.max(1, math.ceil(8 * n / most))] end
  return table.concat(bins)
end

local function cut(s, width, how) return letters.cut(letters.clean(s), width, letters.mark(how.utf8)) end

-- Rows of cells that line up, as lines of at most how.width, and whether one was cut; right: by column whether it stands at the right.
local function lined_up(rows, right, how)
  local widths, lines, was_cut = {}, {}, false
  for _, row in ipairs(rows) do
    for i, cell in ipairs(row) do widths[i] = math.max(widths[i] or 0, letters.width(cell)) end
  end
  for k, row in ipairs(rows) do
    local cells = {}
    for i, cell in ipairs(row) do cells[i] = (right[i] and letters.right or letters.left)(cell, widths[i]) end
    local line = letters.trim_end("  " .. table.concat(cells, "  "))
    lines[k] = letters.cut(line, how.width, letters.mark(how.utf8))
    was_cut = was_cut or lines[k] ~= line
  end
  return lines, was_cut
end

local function value_of(value, one, how)
  if value == nil then return "" end
  if one.type == "time" then return cut(columns.show(value, "time"), VALUE, how) end
  return number.short(value)
end

local HEADS = { "column", "type", "missing", "distinct", "min", "median", "max", "mean", "std", "" }
local NO_TIME = { mean = true, std = true } -- what times have not

local function cell_of(head, one, how)
  if head == "column" then return cut(one.name, NAME, how) end
  if head == "type" then return one.type end
  if head == "missing" then return one.missing > 0 and ("%d"):format(one.missing) or "" end
  if head == "distinct" then return (one.exact and "" or "~") .. one.distinct end
  if head == "" then return one.histogram and spark(one.histogram.counts, how.utf8) or "" end
  return NO_TIME[head] and one.type == "time" and "" or value_of(one[head], one, how)
end

-- The lines with these columns, and whether one had to be cut.
local function column_table(list, heads, how)
  local rows, right = { heads }, {}
  for i, head in ipairs(heads) do right[i] = head ~= "column" and head ~= "type" and head ~= "" end
  for i, one in ipairs(list) do
    if i > MOST then break end
    local row = {}
    for k, head in ipairs(heads) do row[k] = cell_of(head, one, how) end
    rows[#rows + 1] = row
  end
  return lined_up(rows, right, how)
end

-- Where the terminal is narrow, what matters least is left out.
local function column_lines(profile, how)
  local heads, lines, was_cut = table.move(HEADS, 1, #HEADS, 1, {}), nil, nil
  for _, least in ipairs { "std", "mean", "distinct", "", "median", false } do
    lines, was_cut = column_table(profile.columns, heads, how)
    if not was_cut then break end
    for i, head in ipairs(heads) do
      if head == least then table.remove(heads, i) end
    end
  end
  if #profile.columns > MOST then lines[#lines + 1] = ("  ... %d more columns; --json and --out tell of all"):format(#profile.columns - MOST) end
  return lines
end

local function finding_lines(profile, how)
  local names, rows = {}, {}
  for _, kind in ipairs(findings.kinds) do names[kind[1]] = kind[2] end
  for i, one in ipairs(profile.findings) do
    rows[i] = { names[one.kind], one.column and cut(one.column, math.min(NAME, how.width // 4), how) or "", letters.clean(one.text) }
  end
  local widest = { 0, 0 }
  for _, row in ipairs(rows) do
    for i = 1, 2 do widest[i] = math.max(widest[i], letters.width(row[i])) end
  end
  local room, lines = math.max(8, how.width - widest[1] - widest[2] - 6), {}
  for _, row in ipairs(rows) do
    for i, part in ipairs(letters.wrap(row[3], room, letters.mark(how.utf8))) do
      lines[#lines + 1] = letters.trim_end(("  %s  %s  %s"):format(letters.left(i == 1 and row[1] or "", widest[1]), letters.left(i == 1 and row[2] or "", widest[2]), part))
    end
  end
  return lines
end

local function value_lines(profile, how)
  local lines = {}
  for _, one in ipairs(profile.columns) do
    if (one.type == "text" or one.type == "boolean") and #one.top > 0 and #lines < MOST then
      local parts = {}
      for i = 1, math.min(6, #one.top) do parts[i] = ("%s %d"):format(cut(columns.show(one.top[i].value), VALUE, how), one.top[i].count) end
      local sum = one.count
      for i = 1, #parts do sum = sum - one.top[i].count end
      if sum > 0 then parts[#parts + 1] = ("%d others"):format(sum) end
      lines[#lines + 1] = letters.cut(("  %s: %s"):format(cut(one.name, NAME, how), table.concat(parts, ", ")), how.width, letters.mark(how.utf8))
    end
  end
  return lines
end

local function target_lines(profile, how)
  local target, rows = profile.target, {}
  if target.problem then return { "  " .. target.problem } end
  for i, class in ipairs(target.classes or {}) do
    if i <= 20 then rows[i] = { "class " .. cut(columns.show(class.name), NAME, how), ("%d"):format(class.count), findings.percent(class.count, profile.rows) } end
  end
  local lines = lined_up(rows, { false, true, true }, how)
  rows = { { "feature alone", how.utf8 and target.measure or (target.measure:gsub("²", "2")) } }
  for i, one in ipairs(target.features) do
    if i <= 20 then rows[#rows + 1] = { cut(one.name, NAME, how), one.score and ("%.3f"):format(one.score) or "too many values" } end
  end
  return table.move(lined_up(rows, { false, true }, how), 1, #rows, #lines + 1, lines)
end

local function mislabel_lines(profile, how)
  local rows = { { "row", "label", "probability", "rather", "probability" } }
  for i, one in ipairs(profile.mislabels.rows) do
    if i <= 10 then
      rows[#rows + 1] = { ("%d"):format(one.row), cut(columns.show(one.label), VALUE, how), ("%.4f"):format(one.probability), cut(columns.show(one.other), VALUE, how),
        ("%.4f"):format(one.other_probability) }
    end
  end
  return lined_up(rows, { true, false, true, false, true }, how)
end

local function part_lines(profile, how)
  local rows = { { "part", "rows" } }
  for _, part in ipairs(profile.parts.parts) do rows[#rows + 1] = { part.name, ("%d"):format(part.rows) } end
  return lined_up(rows, { false, true }, how)
end

local function class_lines(profile, how)
  local list = {}
  for i, class in ipairs(profile.classes) do list[i] = { class.name, class.count } end
  local lines = {}
  for line in tostring(plot.bar(list, { width = how.width, utf8 = how.utf8 })):gmatch "[^\n]+" do lines[#lines + 1] = line end
  return lines
end

-- A table of the profile: { title =, heads = { { name, whether numbers stand in it } }, rows = }.
local function table_lines(one, how)
  local heads, right, rows = {}, {}, {}
  for i, head in ipairs(one.heads) do heads[i], right[i] = head[1], head[2] end
  rows[1] = heads
  for _, row in ipairs(one.rows) do
    local cells = {}
    for i, cell in ipairs(row) do cells[i] = letters.clean(tostring(cell)) end
    rows[#rows + 1] = cells
  end
  return (lined_up(rows, right, how))
end

local function heat_lines(profile, how)
  local mixed, numeric = profile.relations.mixed, profile.relations.numeric
  local m = mixed or numeric and #numeric.names > 1 and { names = numeric.names, rows = numeric.pearson }
  if not m then return nil end
  local names = {}
  for i, name in ipairs(m.names) do names[i] = cut(name, 14, how) end
  local drawn = plot.heatmap(m.rows, { rows = names, columns = names, low = mixed and 0 or nil, high = mixed and 1 or nil, center = not mixed and 0 or nil,
    width = how.width, utf8 = how.utf8 })
  local lines = {}
  for line in tostring(drawn):gmatch "[^\n]+" do lines[#lines + 1] = line end
  return lines, mixed and "Association (|r|, Cramér's V, correlation ratio)" or "Pearson's correlation"
end

--- The text.
-- @param profile  a Profile
-- @param o        { width =, utf8 = }
return function(profile, o)
  local how = letters.settings(o)
  local out = {}
  local function section(title, lines)
    if not lines or #lines == 0 then return end
    out[#out + 1] = ""
    for _, line in ipairs(letters.wrap(title, how.width, letters.mark(how.utf8))) do out[#out + 1] = line end
    table.move(lines, 1, #lines, #out + 1, out)
  end
  out[1] = cut(("%s: %d rows%s"):format(profile.name, profile.rows, profile.columns and (", %d columns"):format(#profile.columns) or ""), how.width, how)
  if profile.cleaning then
    local lines = {}
    for line in profile.cleaning.text:gmatch "[^\n]+" do lines[#lines + 1] = letters.cut("  " .. letters.clean(line), how.width, letters.mark(how.utf8)) end
    section("Cleaning as the recipe declares it", lines)
  end
  section("Findings", #profile.findings > 0 and finding_lines(profile, how) or { "  none" })
  if profile.parts then section("Parts", part_lines(profile, how)) end
  if profile.classes then section("Classes", class_lines(profile, how)) end
  for _, one in ipairs(profile.tables or {}) do section(one.title, table_lines(one, how)) end
  if profile.columns then
    section("Columns (of texts: lengths)", column_lines(profile, how))
    section("Most frequent values", value_lines(profile, how))
    local lines, title = heat_lines(profile, how)
    section(title, lines)
  end
  if profile.target then section(("Target '%s'"):format(cut(profile.target.name, NAME, how)), target_lines(profile, how)) end
  if profile.mislabels and #profile.mislabels.rows > 0 then section("Labels to look at", mislabel_lines(profile, how)) end
  if profile.sample and profile.sample.rows < profile.rows then
    section(("Correlations, scores and labels are of %d sampled rows; the rest is of all rows."):format(profile.sample.rows), { "" })
  end
  local text = table.concat(out, "\n")
  return how.utf8 and text or (text:gsub("é", "e"):gsub("²", "2"):gsub("…", "~"))
end
