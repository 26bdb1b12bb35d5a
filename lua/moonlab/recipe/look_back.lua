--- Features that look back (features.lags, features.rolling), in a recipe: they see the clean table before it is cut.

local core = require "moonlab.core"
local past = require "moonlab.features.past"
local pipeline = require "moonlab.features.pipeline"
local plan = require "moonlab.recipe.plan"

-- Rows without enough past leave the clean table. Gives the positions of those that stay.
local function without_past(cleaned, looked, made)
  local mask = past.enough(looked, made)
  local lost = mask and #mask - mask:sum():item() or 0
  if lost == 0 then return core.arange(1, cleaned.kept) end
  cleaned.steps[#cleaned.steps + 1] = { reason = ("not enough past: features look back %d rows"):format(looked.rows), action = "drop", rows = lost,
    first = lost }
  cleaned.kept, cleaned.dropped = cleaned.kept - lost, cleaned.dropped + lost
  local stay = mask:nonzero():flatten()
  cleaned.table, cleaned.rows = cleaned.table:rows(stay), cleaned.rows:index_select(1, stay)
  return stay
end

-- No row may look at one that is held out from it.
local function check_ahead(recipe, looked, whole, stay, places)
  local parts = core.zeros({ #whole }, { dtype = "int64" })
  for number, name in ipairs { "train", "valid", "test" } do
    if places[name] then parts = parts:index_fill(1, stay:index_select(1, places[name]), number) end
  end
  local wrong, part = past.looking_ahead(looked, whole, parts)
  if wrong == 0 then return end
  plan.blame(recipe, { "features" }, "%d rows look back at rows of the %s part, which is held out from them: cut by time, with data.time", wrong,
    ({ "training", "validation", "test" })[part])
end

--- Adds to the clean table of a recipe what its rows see of the past, where features look back. Rows
-- without enough of it leave the table.
-- @param cleaned   what cleaning.run gave; its table and counts change
-- @param features  a list of specs
-- @param derive    the derived columns
-- @return { past = what past.fit gave, or nil, columns = the recipe's specs and those of new columns, check = function(places)
--         that raises where a row sees one that is held out from it }
return function(recipe, cleaned, features, derive)
  local wish, looking = recipe.fields.data, nil
  local out = { columns = {}, check = function() end }
  for name, spec in pairs(wish.columns) do out.columns[name] = spec end
  plan.guarded(recipe, { "features" }, function() looking = past.of(features) end)
  if #looking == 0 then return out end
  local whole, made, fills
  plan.guarded(recipe, { "features" }, function()
    whole = pipeline.derived(cleaned.table, derive)
    out.past, made, fills = past.fit(whole, looking, { group = wish.group, time = wish.time, target = wish.target })
  end)
  for name, spec in pairs(fills) do out.columns[name] = spec end
  cleaned.table = cleaned.table:with(made)
  local stay = without_past(cleaned, out.past, made)
  function out.check(places) check_ahead(recipe, out.past, whole, stay, places) end
  return out
end
