--- report.html of a search: what was tried, what came of it, and what was chosen.

local figures = require "moonlab.runs.figures"
local html = require "moonlab.page"
local pages = require "moonlab.runs.page"
local board = require "moonlab.search.board"
local choose = require "moonlab.search.choose"
local plots = require "moonlab.search.plots"

local TRIALS = 200 -- that are listed

local function soft(text) return ('<p class="soft">%s</p>\n'):format(html.escape(text)) end

local function score(value) return value and ("%.4f"):format(value) or "undefined" end

-- The scores of the trial that was chosen, beside those of the whole choice in outer folds.
local function scores_of(given)
  local nested, heads, rows = {}, { { "" }, { "mean of the folds", true }, { "deviation", true } }, {}
  for _, one in ipairs(given.inside and given.inside.summary or {}) do nested[one.metric] = one end
  if given.inside then heads[4], heads[5] = { "a choice made so", true }, { "deviation", true } end
  for i, one in ipairs(given.scores) do
    local outer = nested[one.metric]
    rows[i] = { one.metric, score(one.mean), one.std and score(one.std) or "-", outer and score(outer.mean) or "-", outer and outer.std and score(outer.std) or "-" }
  end
  return html.table(heads, rows) .. (given.inside and soft(("A choice made so: the whole search in each of %d outer folds, judged on the rows that it has not seen."):format(
    given.inside.folds)) or "")
end

local function choice(given)
  local out = { ("<p>Trial %d of %d: %s.</p>\n"):format(given.chosen.number, #given.trials, html.escape(board.line(given.chosen))) }
  if given.chosen ~= given.best then
    out[2] = ("<p>Trial %d is best; what was chosen is simpler, and within one standard error (%.4f) of it.</p>\n"):format(given.best.number, given.best.standard_error)
  end
  out[#out + 1] = scores_of(given)
  if given.word then out[#out + 1] = soft(given.word) end
  out[#out + 1] = '<p>Trained with it: <a href="final/report.html">final/report.html</a></p>\n'
  return table.concat(out)
end

-- All trials, the best first.
local function listed(given)
  local ranked = choose.ranked(given.trials)
  local rows = board.rows(ranked, given, TRIALS)
  for i, trial in ipairs(ranked) do
    if i <= TRIALS and trial == given.chosen then rows[i + 1][#rows[i + 1]] = "chosen" end
  end
  local heads = {}
  for i, name in ipairs(table.remove(rows, 1)) do heads[i] = { name, name ~= "" } end
  local more = #given.trials - TRIALS
  return html.table(heads, rows) .. (more > 0 and soft(("%d more are in trials.csv."):format(more)) or "")
end

--- The page.
-- @param given  { recipe =, record =, trials =, chosen =, best = trials, select = the metric, rungs =, scores = folds.summary of the chosen trial,
--               inside = what nested folds gave or nil, on = what trials are judged by, word = on the choice or nil, files =, rows =, cleaning =,
--               warnings = }
-- @return its text
return function(given)
  local wish = given.recipe.fields.search
  given.sections = {
    { "What was chosen", soft(("%s search by %s, judged by %s; rule %s."):format(wish.method, given.select, given.on, wish.rule)) .. choice(given) },
    { "What the trials say", figures.grid(plots.figures(given.trials, given)) .. soft("What a setting explains is the part of the differences between "
      .. "trials that lies between its values: a look and no proof.") },
    { "Trials", listed(given) },
  }
  return pages.of_search(given)
end
