--- report.html: what a run asked, what it answered and how well, as a page for people who were not there.

local by_rows = require "moonlab.assess.by_rows"
local fitting = require "moonlab.runs.fitting"
local figures = require "moonlab.runs.figures"
local html = require "moonlab.page"
local identity = require "moonlab.runs.identity"
local judged = require "moonlab.runs.judged"
local intervals = require "moonlab.assess.intervals"
local looks_at = require "moonlab.assess.looks_at"
local looks = require "moonlab.runs.looks"
local letters = require "moonlab.plot.text"
local labels = require "moonlab.assess.labels"
local metrics = require "moonlab.metrics"
local plans = require "moonlab.recipe.plan"
local worst = require "moonlab.assess.worst"
local columns = require "moonlab.profile.columns"
local vm = require "moonlab.vm"

local page = {}

local escape = html.escape

local WORST, COLUMNS = 10, 12 -- rows that are shown, and columns of them
local FILES, SETTINGS = 20, 50000 -- files that are listed, bytes of config.json that are shown
local LETTERS = 80 -- of a cell: texts and sounds are long
local LOOKED_AT = 40 -- columns whose importance is listed
local FOLDS = 100 -- that are listed
local FITTED = 100000 -- training rows that are judged as well

local function score(value) return value and ("%.4f"):format(value) or "undefined" end
local function soft(text) return ('<p class="soft">%s</p>\n'):format(escape(text)) end

-- Scores --------------------------------------------------------------------------------------------------------------

local function question(recipe, accept)
  local out, ask = {}, recipe.fields.problem.ask
  if ask then out[1] = ("<p>%s</p>\n"):format(escape(ask)) end
  local rows = {}
  for i, one in ipairs(accept or {}) do
    rows[i] = { one.metric, (metrics.is(one.metric) and not metrics.larger_is_better(one.metric) and "at most " or "at least ") .. tostring(one.threshold), score(one.score),
      one.met and "met" or "MISSED" }
  end
  if #rows > 0 then out[#out + 1] = html.table({ { "threshold" }, { "" }, { "reached", true }, { "" } }, rows) end
  if accept and #rows == 0 then out[#out + 1] = soft "The recipe sets no threshold (problem.accept)." end
  return table.concat(out)
end

-- "0.8477 to 0.8585", or nothing where there is no interval.
local function ends(found, name)
  local one = found and found.by[name]
  return one and ("%s to %s"):format(score(one.low), score(one.high)) or ""
end

local function interval_head(found) return { found and ("%g %% interval"):format(found.level * 100) or "", true } end

local function interval_word(found)
  return found and soft(("Intervals %s: where the score of this model would lie with other rows of the same kind."):format(intervals.by(found))) or ""
end

-- How answers are decided, where it is not by the scores as they are.
local function decided(decision, classes, cost)
  if not decision then return "" end
  local lines = decision:lines(classes)
  lines[#lines + 1] = cost
  return ("<p>How it answers: %s</p>\n"):format(escape(table.concat(lines, ". ")))
end

-- What was suspicious in the data, in front of the scores that stand on them.
local function suspicious(texts)
  local out = {}
  for i, text in ipairs(texts or {}) do out[i] = ("<p><strong>Careful:</strong> %s</p>\n"):format(escape(text)) end
  return table.concat(out)
end

local function scores_of(result)
  local rows, baseline, found = {}, result.baseline, result.intervals
  for i, name in ipairs(result.metrics) do
    rows[i] = { name, score(result.scores[name]) .. (result.why[name] and (" (%s)"):format(result.why[name]) or ""), ends(found, name),
      baseline and baseline.scores[name] and score(baseline.scores[name]) or "-" }
  end
  return html.table({ { "" }, { result.part, true }, interval_head(found), { "baseline", true } }, rows) .. interval_word(found)
    .. soft(("%d rows%s."):format(result.rows, baseline and ("; the baseline always says " .. tostring(baseline.class)) or ""))
    .. decided(result.decision, result.classes, result.cost and ("A row of the %s part costs %.4g."):format(result.part, result.cost))
    .. (result.look and soft((looks.text(result.look):gsub("^l", "L")) .. ".") or "")
end

-- The scores of some of the rows each, by the names of the scores.
local function by_kind(some, names)
  local heads, rows = { { "" }, { "rows", true } }, {}
  for i, name in ipairs(names) do heads[i + 2] = { name, true } end
  for k, one in ipairs(some) do
    rows[k] = { one.name, one.rows }
    for i, name in ipairs(names) do rows[k][i + 2] = score(one.scores[name]) end
  end
  return html.table(heads, rows)
end

-- Fit -----------------------------------------------------------------------------------------------------------------

local function solved(run)
  local fitted, rows = run.fitted, { { "time", ("%.3f s"):format(run.seconds) } }
  if fitted.iterations then rows[#rows + 1] = { "iterations", fitted.iterations } end
  if fitted.converged ~= nil then rows[#rows + 1] = { "converged", fitted.converged and "yes" or "NO" } end
  for _, note in ipairs(fitted.notes or {}) do rows[#rows + 1] = { "note", note } end
  return html.table({ { "" }, { "" } }, rows)
end

-- What a solved model scores on the rows that it was fitted to, beside what it scores on others.
local function both_scores(job, result)
  local name, plan = job.plan.metrics[1], job.plan
  local other = result and result.scores[name]
  if not other or not metrics.is(name) or #job.parts.train > FITTED then return "" end
  local said = metrics.evaluate(job.model, job.parts.train, plans.evaluation(plan, job.classes))
  local train = metrics.of(name, job.decision and job.decision:apply(said) or said)
  return train and ("<p>%s</p>\n"):format(escape(fitting.of_scores(name, train, other, result.part, metrics.larger_is_better(name)))) or ""
end

local function training(job, run, result)
  if run.fitted then
    local found = result and by_rows.of(job, result.part)
    local word = found and by_rows.word(found)
    return both_scores(job, result) .. (word and ("<p>%s</p>\n"):format(escape(word:sub(1, 1):upper() .. word:sub(2))) or "") .. solved(run)
      .. (found and figures.by_rows(found) or "")
  end
  local word = fitting.word(run.records)
  return (word and ("<p>%s</p>\n"):format(escape(word)) or "") .. figures.curves(run.records, job.plan.select)
end

-- What it looks at ------------------------------------------------------------------------------------------------------

local function looked_at(result)
  local found = result.looks_at
  if not found then return soft(("Not computed: %s."):format(result.looks_at_problem)) end
  local rows, text = {}, looks_at.text(found)
  for i, one in ipairs(found.columns) do
    if i <= LOOKED_AT then rows[i] = { one.name, score(one.mean), score(one.std) } end
  end
  local more = #found.columns - #rows
  return soft(text:sub(1, 1):upper() .. text:sub(2) .. ". Of columns that say the same each seems to matter little. Curves: the mean answer over these rows, "
    .. "were the column to have that value in each of them.") .. figures.looks_at(found)
    .. html.table({ { "column" }, { looks_at.change(found), true }, { "deviation", true } }, rows) .. (more > 0 and soft(("%d more columns."):format(more)) or "")
end

-- Worst rows ----------------------------------------------------------------------------------------------------------

-- A class, any number of labels, or a number.
local function class_name(judged, value)
  if type(value) ~= "table" then return judged.classes and math.type(value) == "integer" and judged.classes[value] or value and columns.show(value) or "" end
  local names = {}
  for i, label in ipairs(value) do names[i] = class_name(judged, label) end
  return #names > 0 and table.concat(names, ", ") or "no label"
end

-- The row of a part as a row of what was read.
local function answer_cells(judged, one)
  return { columns.show(judged.rows and judged.rows:select(1, one.row):item() or one.row), class_name(judged, one.actual), class_name(judged, one.predicted),
    ("%.4g"):format(one.loss) }
end

-- The columns of the table that are shown of a row: not those that are the target already.
local function shown_columns(judged)
  local names, target = {}, judged.recipe.fields.data.target
  for _, name in ipairs(judged.table.names) do
    if name ~= target and #names < COLUMNS then names[#names + 1] = name end
  end
  return names
end

local function worst_rows(judged)
  local list, why = worst.worst(judged.result, { n = WORST })
  if not list then return soft("Not known: " .. why) end
  local heads, rows, places = { { "row", true }, { "actual" }, { "predicted" }, { "loss", true } }, {}, {}
  for i, one in ipairs(list) do rows[i], places[i] = answer_cells(judged, one), one.row end
  if judged.fold then
    heads[#heads + 1] = { "fold", true }
    for i, row in ipairs(places) do rows[i][#rows[i] + 1] = judged.fold:select(1, row):item() end
  end
  if #rows == 0 then return soft "None: no row loses anything." end
  if not judged.table then return html.table(heads, rows) .. (figures.thumbnails(judged, places) or "") end
  local names = shown_columns(judged)
  for _, name in ipairs(names) do
    heads[#heads + 1] = { name }
    local column = judged.table:column(name)
    for i, row in ipairs(places) do
      local at = judged.places:select(1, row):item()
      rows[i][#rows[i] + 1] = letters.cut(letters.clean(columns.show(column:item(at), column.type)), LETTERS, "…")
    end
  end
  local more = #judged.table.names - 1 - #names
  return html.table(heads, rows) .. (more > 0 and soft(("%d more columns are left out."):format(more)) or "")
end

-- What was said of the rows that were judged: the same sections for a run and for the folds of a cross-validation.
local function answers(add, judged)
  local result = judged.result
  if judged.by_label then add("Scores by label", by_kind(judged.by_label, labels.NAMES)) end
  if judged.by_source then add("Scores by source", by_kind(judged.by_source, judged.metrics)) end
  if judged.by_group then add("Scores by " .. escape(judged.recipe.fields.data.group), by_kind(judged.by_group, judged.metrics)) end
  if judged.matrix then add("Confusion", soft "Rows: actual, columns: predicted." .. figures.confusion(judged.matrix, judged.classes)) end
  if not result or not (result.output or result.probabilities) or result.rows < 2 then return end
  if result.classes == 2 then add("Two classes", figures.of_binary(result, judged.classes)) end
  if result.labels then add("Labels", figures.of_labels(result, judged.classes)) end
  if result.y and result.y.dtype == "float64" and result.y:dim() == 1 then add("Residuals", figures.of_values(result)) end
  add("The rows it is most wrong about", worst_rows(judged))
end

-- What it was made of -----------------------------------------------------------------------------------------------------

local function cleaning(cleaned)
  local rows = { { "read", "", "", cleaned.read }, { "kept", "", "", cleaned.kept } }
  for _, step in ipairs(cleaned.steps) do rows[#rows + 1] = { step.action, step.column or "", step.reason, step.rows } end
  return html.table({ { "" }, { "column" }, { "reason" }, { "rows", true } }, rows)
end

local function data(files, counts)
  local rows, out = {}, {}
  for i, file in ipairs(files) do
    if i <= FILES then rows[i] = { tostring(file.path):match "[^/]+$", file.sha256 } end
  end
  local parts = {}
  for _, name in ipairs { "train", "valid", "test" } do
    if counts[name] then parts[#parts + 1] = ("%s %d"):format(name, counts[name]) end
  end
  out[1] = soft(("Rows: %s."):format(table.concat(parts, ", ")))
  out[2] = #rows > 0 and html.table({ { "file" }, { "SHA-256" } }, rows) or soft "The recipe reads no files: its data are made in it."
  if #files > #rows then out[3] = soft(("%d more files; all their hashes together hash to %s."):format(#files - #rows, identity.data(files))) end
  return table.concat(out)
end

-- A command line as it is written in a shell.
local function quoted(word) return word:find "^[%w_./=:,@%%+-]+$" and word or "'" .. word:gsub("'", "'\\''") .. "'" end

local function repeating(command, recipe)
  local words = { "moonlab", command, "recipe.lua" }
  for _, text in ipairs(recipe.overrides) do words[#words + 1] = quoted(text) end
  if recipe.seed_given then words[#words + 1] = ("--seed %d"):format(recipe.fields.seed) end
  return ("<p>With the recipe.lua of this folder, beside the same data:</p><pre>%s</pre>\n"):format(escape(table.concat(words, " ")))
    .. soft "The same recipe, seed and data give the same bits on the same kernels, whatever the number of threads."
end

local function settings(folder)
  local text = vm.read(folder:file "config.json") or ""
  if #text > SETTINGS then return soft "The settings as they were resolved stand in config.json." end
  return "<details><summary>config.json</summary><pre>" .. text:gsub("[^\n]+", escape) .. "</pre></details>"
end

local function facts(record, recipe)
  return soft(("%s; %s; seed %d; %s UTC; moonlab %s, kernels %s"):format(recipe.fields.task, record.model or "", recipe.fields.seed,
    record.started:gsub("[TZ]", " "):sub(1, 16), require "moonlab.core".version, require "moonlab.core".kernels))
end

local function code(recipe) return "<details open><summary>recipe.lua</summary><pre>" .. recipe.source:gsub("[^\n]+", escape) .. "</pre></details>" end

-- The sections that every page ends with.
local function ending(add, command, recipe, record, files, counts, cleaned)
  if cleaned then add("Cleaning", cleaning(cleaned)) end
  add("Data", data(files, counts))
  add("Settings", code(recipe) .. settings(record.folder))
  add("How to repeat it", repeating(command, recipe))
end

local function begin(title, recipe, record)
  local out = { ("<h1>%s</h1>\n%s"):format(escape(title), facts(record, recipe)) }
  return out, function(name, body) out[#out + 1] = html.section(name, body) end
end

--- The page of a run.
-- @param given  { job =, run =, result = what job:judge gave or nil, judged = its rows or nil, record = of the run }
-- @return its text
function page.of_run(given)
  local job, run, result = given.job, given.run, given.result
  local recipe = job.recipe
  local out, add = begin(recipe.fields.name, recipe, given.record)
  add("The question", question(recipe, result and result.accept))
  if result then add("Scores", suspicious(job.warnings) .. scores_of(result)) end
  if run.fitted or #run.records > 1 then add(run.fitted and "The fit" or "How the training went", training(job, run, result)) end
  if given.judged then answers(add, given.judged) end
  if result and (result.looks_at or result.looks_at_problem) then add("What it looks at", looked_at(result)) end
  ending(add, "run", recipe, given.record, job.files, job.counts, job.parts.cleaning)
  return html.whole(recipe.fields.name .. " - run", table.concat(out))
end

-- The thresholds of the recipe against the means over folds; judged they are on the held-out part alone.
local function against_means(plan, summary)
  local out = {}
  for i, one in ipairs(plan.accept) do
    out[i] = { metric = one.metric, threshold = one.threshold, met = false }
    for _, mean in ipairs(summary) do
      if mean.metric == one.metric and mean.mean then
        out[i].score = mean.mean
        out[i].met = metrics.larger_is_better(one.metric) and mean.mean >= one.threshold or not metrics.larger_is_better(one.metric) and mean.mean <= one.threshold
      end
    end
  end
  return out
end

local function folds_table(list, summary)
  local heads, rows = { { "fold" }, { "rows", true } }, {}
  for i, one in ipairs(summary) do heads[i + 2] = { one.metric, true } end
  for k = 1, math.min(#list, FOLDS) do
    rows[k] = { k, list[k].rows }
    for i, one in ipairs(summary) do rows[k][i + 2] = score(one.values[k]) end
  end
  if #list > FOLDS then rows[#rows + 1] = { ("... %d more"):format(#list - FOLDS), "" } end
  for _, what in ipairs { "mean", "std", "baseline" } do
    local row = { what, "" }
    for i, one in ipairs(summary) do row[i + 2] = one[what] and ("%.4f"):format(one[what]) or "-" end
    rows[#rows + 1] = row
  end
  return html.table(heads, rows)
end

-- What the scores of all folds' rows together are, which is not the mean of the folds' for a metric that is no mean of rows.
local function all_rows(rows)
  local cells, times, found = {}, judged.times(rows), judged.intervals(rows, rows.metrics)
  for i, name in ipairs(rows.metrics) do
    local value, why = metrics.of(name, rows.result)
    cells[i] = { name, value and score(value) or ("undefined (%s)"):format(why), ends(found, name) }
  end
  return soft(("%d rows, each as it was said by the model of the fold that did not see it%s. What follows is made of them."):format(rows.result.rows,
    times > 1 and (", %.3g times"):format(times) or "")) .. html.table({ { "" }, { "all rows", true }, interval_head(found) }, cells)
    .. interval_word(found)
end

--- The page of a cross-validation.
-- @param given  { recipe =, record =, folds = what came of each, summary = folds.summary, plan = of the recipe, words = on their spread, cv = how the
--               folds are made, rows = that they are made of, judged = the rows of all folds or nil, files =, cleaning = or nil,
--               warnings = what is suspicious in the data }
-- @return its text
function page.of_folds(given)
  local recipe = given.recipe
  local out, add = begin(recipe.fields.name .. ": cross-validation", recipe, given.record)
  add("The question", question(recipe, against_means(given.plan, given.summary)))
  add("Scores by fold", suspicious(given.warnings) .. soft(("%s of %d rows; what is held out is in none of them."):format(given.cv, given.rows)) .. folds_table(given.folds, given.summary)
    .. (#given.words > 0 and ("<p>%s.</p>\n"):format(escape(table.concat(given.words, ". "))) or ""))
  add("Spread", figures.folds(given.summary))
  if given.judged then
    add("All held-out rows together", all_rows(given.judged))
    answers(add, given.judged)
  end
  ending(add, "cv", recipe, given.record, given.files, { train = given.rows }, given.cleaning)
  return html.whole(recipe.fields.name .. " - cross-validation", table.concat(out))
end

--- The page of a search.
-- @param given  { recipe =, record =, sections = list of { title, HTML }, files =, rows = that trials are judged by, cleaning = or nil, warnings = }
-- @return its text
function page.of_search(given)
  local recipe = given.recipe
  local out, add = begin(recipe.fields.name .. ": search", recipe, given.record)
  local asked = question(recipe) .. suspicious(given.warnings)
  if asked ~= "" then add("The question", asked) end
  for _, one in ipairs(given.sections) do add(one[1], one[2]) end
  ending(add, "search", recipe, given.record, given.files, { train = given.rows }, given.cleaning)
  return html.whole(recipe.fields.name .. " - search", table.concat(out))
end

return page
