--- How good a choice made by a search is: the search is done in each of several outer folds, on its training rows alone, and what it chose is
-- judged on the rows that it has not seen (Varma and Simon 2006).

local failure = require "moonlab.failure"
local folds = require "moonlab.assess.folds"
local prepare = require "moonlab.recipe.prepare"

local nested = {}

local RUNG = 0 -- under which the journal keeps what came of an outer fold

local function outer_folds(recipe, read) return prepare.folds(recipe, read, { cv = prepare.k_folds(recipe, recipe.fields.search.nested) }) end

-- What was chosen in an outer fold, judged on its test rows.
local function judged(judge, list, i, chosen)
  local ok, result = pcall(function()
    local recipe = judge:recipe_of(chosen)
    return folds.run(recipe, prepare.read(recipe), list.at(i))
  end)
  if not ok then failure.raise("error", "outer fold %d: %s", i, failure.message_of(result)) end
  return { rows = result.rows, scores = result.scores, why = result.why }
end

--- Makes all folds, outer and inner ones, before the first trial is judged: too few rows or times are said at once.
-- @param judge  of the recipe
-- @error a failure: an outer fold whose rows are not enough for the folds inside of it
function nested.check(judge)
  local recipe, read = judge.recipe, judge.ground.read
  local list = outer_folds(recipe, read)
  for i = 1, list.count do
    local ok, problem = pcall(prepare.folds, recipe, read, { within = list.whole(i) })
    if not ok then failure.raise("error", "the rows of outer fold %d are not enough for folds inside of it (search.nested = %d)\n  %s", i,
      recipe.fields.search.nested, failure.message_of(problem)) end
  end
end

--- Searches in each outer fold.
-- @param judge   of the recipe
-- @param journal of the search
-- @param search  function(judge, journal, i) -> the chosen trial of a search with this judge
-- @return { folds = how many, rows =, summary = of folds.summary, chosen = a list of trials }
function nested.run(judge, journal, search)
  local list = outer_folds(judge.recipe, judge.ground.read)
  local done, chosen = {}, {}
  for i = 1, list.count do
    local own = journal:of_part(i)
    chosen[i] = search(judge:on(function(recipe, read) return outer_folds(recipe, read).whole(i) end), own, i)
    local answer = own:find(chosen[i].number, RUNG, 1)
    if not answer then
      answer = judged(judge, list, i, chosen[i])
      own:add(chosen[i].number, RUNG, 1, answer, 0)
    end
    done[i] = { scores = answer.scores, why = answer.why or {} }
  end
  return { folds = list.count, rows = list.rows, summary = folds.summary(done, judge.plan.metrics), chosen = chosen }
end

return nested
