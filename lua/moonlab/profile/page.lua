--- A profile as one page of HTML.

local columns = require "moonlab.profile.columns"
local findings = require "moonlab.profile.findings"
local letters = require "moonlab.plot.text"
local number = require "moonlab.plot.number"
local plots = require "moonlab.profile.plots"
local page = require "moonlab.page"

local escape = page.escape

local MOST = 200 -- columns that get a card of their own

local GRAVE = { problem = true, leak = true, shared = true, future = true, ["no target"] = true }

local function findings_of(profile)
  if #profile.findings == 0 then return "<p>None.</p>" end
  local names, out = {}, { '<div class="scroll"><table>' }
  for _, kind in ipairs(findings.kinds) do names[kind[1]] = kind[2] end
  for _, one in ipairs(profile.findings) do
    out[#out + 1] = ('<tr><td class="kind%s">%s</td><td>%s</td><td>%s</td></tr>\n'):format(GRAVE[one.kind] and " grave" or "", escape(names[one.kind]),
      escape(letters.cut(letters.clean(one.column or ""), 40, "…")), escape(one.text))
  end
  out[#out + 1] = "</table></div>"
  return table.concat(out)
end

local function fact(name, value) return ("<div><dt>%s</dt><dd>%s</dd></div>"):format(name, escape(value)) end

local NUMBERS = { { "min", "min" }, { "q25", "25 %" }, { "median", "median" }, { "q75", "75 %" }, { "max", "max" }, { "mean", "mean" }, { "std", "std" } }

local function facts_of(one)
  local out = { fact("values", one.count), fact("missing", one.missing > 0 and ("%d (%s)"):format(one.missing, findings.percent(one.missing, one.rows)) or "0"),
    fact("distinct", (one.exact and "" or "≈ ") .. one.distinct) }
  for _, pair in ipairs(NUMBERS) do
    local value = one[pair[1]]
    if value and not (one.type == "boolean" and pair[1] ~= "mean") and not (one.type == "time" and pair[1] == "std") then
      out[#out + 1] = fact((one.type == "text" and "length, " or "") .. pair[2], one.type == "time" and columns.show(value, "time") or number.short(value))
    end
  end
  return '<dl class="facts">' .. table.concat(out) .. "</dl>"
end

local function card(one)
  local drawn = ""
  if (one.type == "text" or one.type == "boolean") and #one.top > 0 then drawn = plots.top(one)
  elseif one.histogram then drawn = plots.histogram(one) end
  local outside = one.histogram and one.histogram.outside > 0 and ('<p class="soft">%d values lie outside of the plot.</p>'):format(one.histogram.outside) or ""
  local lost = one.top_lost > 0 and one.type == "text" and #one.top > 0 and ('<p class="soft">Counts may lack up to %d.</p>'):format(one.top_lost) or ""
  return ('<section class="card"><h3>%s <span class="soft">%s</span></h3>%s%s%s%s</section>\n'):format(escape(one.name), one.type, facts_of(one), drawn, outside, lost)
end

local function columns_of(profile)
  local out = { '<div class="grid">' }
  for i, one in ipairs(profile.columns) do
    if i <= MOST then out[#out + 1] = card(one) end
  end
  out[#out + 1] = "</div>"
  if #profile.columns > MOST then out[#out + 1] = ("<p>%d more columns have no card.</p>"):format(#profile.columns - MOST) end
  return table.concat(out)
end

local function relations_of(profile)
  local r, out = profile.relations, {}
  if r.mixed then
    out[#out + 1] = "<h3>Association</h3><p class=\"soft\">|r| of two numbers, Cramér's V of two categories, the correlation ratio of a category and a number: 0 none, 1 one tells the other.</p>"
    out[#out + 1] = plots.heatmap(r.mixed.rows, r.mixed.names)
  end
  if r.numeric and #r.numeric.names > 1 then
    out[#out + 1] = "<h3>Pearson</h3>" .. plots.heatmap(r.numeric.pearson, r.numeric.names, true)
    out[#out + 1] = "<h3>Spearman, of the ranks</h3>" .. plots.heatmap(r.numeric.spearman, r.numeric.names, true)
  end
  if r.left_out > 0 then out[#out + 1] = ("<p class=\"soft\">%d columns are left out.</p>"):format(r.left_out) end
  return table.concat(out, "\n")
end

local function target_of(profile)
  local target, out = profile.target, {}
  if target.problem then return "<p>" .. escape(target.problem) .. ".</p>" end
  if target.classes and #target.classes > 0 then out[#out + 1] = plots.counts(target.classes, 30) end
  local scores = plots.scores(target)
  if scores then
    out[#out + 1] = "<h3>Each column alone</h3><p class=\"soft\">Cross-validated: stretches of the column answer with what other rows in them have.</p>" .. scores
  end
  out[#out + 1] = '<div class="grid">'
  for i, one in ipairs(target.features) do
    if i <= 24 and one.bins and #one.bins > 1 then out[#out + 1] = ('<section class="card"><h3>%s</h3>%s</section>\n'):format(escape(one.name), plots.against(target, one)) end
  end
  out[#out + 1] = "</div>"
  return table.concat(out, "\n")
end

local function mislabels_of(profile)
  local rows = {}
  for i, one in ipairs(profile.mislabels.rows) do
    rows[i] = { one.row, columns.show(one.label), ("%.4f"):format(one.probability), columns.show(one.other), ("%.4f"):format(one.other_probability) }
  end
  return ("<p class=\"soft\">A linear softmax fitted to the other rows (right for %s of those it has not seen) finds these labels improbable and another nearly sure: %d rows in all.</p>")
    :format(findings.percent(profile.mislabels.accuracy, 1), profile.mislabels.suspected)
    .. page.table({ { "row", true }, { "label" }, { "probability", true }, { "rather" }, { "probability", true } }, rows)
end

local function parts_of(profile)
  local rows = {}
  for i, part in ipairs(profile.parts.parts) do rows[i] = { part.name, part.rows } end
  return page.table({ { "part" }, { "rows", true } }, rows)
end

local function pictures_of(profile)
  local out, sizes = {}, {}
  for i, one in ipairs(profile.sizes or {}) do sizes[i] = { one.size, one.count } end
  if #sizes > 0 then out[1] = page.table({ { "channels x height x width" }, { "pictures", true } }, sizes) end
  for _, one in ipairs(profile.pictures) do
    local note = one.note and ('<p class="soft">%s</p>'):format(escape(one.note)) or ""
    out[#out + 1] = ("<h3>%s</h3>%s"):format(escape(one.name), note) .. plots.pictures(one.pictures, one.columns)
  end
  return table.concat(out, "\n")
end

--- The text of the page.
return function(profile)
  local out = {}
  local function add(text) out[#out + 1] = text end
  local function section(title, text) add(page.section(title, text)) end
  add(("<h1>%s</h1><p>%d rows%s</p>\n"):format(escape(profile.name), profile.rows, profile.columns and (", %d columns"):format(#profile.columns) or ""))
  if profile.sample and profile.sample.rows < profile.rows then
    add(("<p class=\"soft\">Correlations, scores and labels are of %d rows sampled with seed %d; the rest is of all rows, quantiles within %.1f %%, distinct counts marked ≈ within 2 %%.</p>\n")
      :format(profile.sample.rows, profile.sample.seed, math.ceil(1000 * profile.quantile_error) / 10))
  end
  section("Findings", findings_of(profile))
  if profile.cleaning then section("Cleaning as the recipe declares it", "<pre>" .. profile.cleaning.text:gsub("[^\n]+", escape) .. "</pre>") end
  if profile.parts then section("Parts", parts_of(profile)) end
  if profile.classes then section("Classes", plots.counts(profile.classes, 60)) end
  for _, one in ipairs(profile.tables or {}) do section(escape(one.title), page.table(one.heads, one.rows)) end
  if profile.series then section("Course", plots.course(profile.series)) end
  if profile.pictures then section("Pictures", pictures_of(profile)) end
  if profile.columns and profile.rows > 0 then
    local missing = plots.missing(profile.columns, profile.rows)
    if missing then section("Missing values", missing) end
    if profile.target then section("Target: " .. escape(profile.target.name), target_of(profile)) end
    if profile.mislabels and #profile.mislabels.rows > 0 then section("Labels to look at", mislabels_of(profile)) end
    section("Columns", columns_of(profile))
    if profile.relations.mixed or profile.relations.numeric then section("How columns go together", relations_of(profile)) end
  end
  return page.whole(profile.name .. " - profile", table.concat(out))
end
