--- What the features that keep some fields and leave others out share.

local blame = require "moonlab.blame"
local core = require "moonlab.core"
local Feature = require "moonlab.features.feature"
local numeric = require "moonlab.features.numeric"
local sparse = require "moonlab.sparse"

local selection = {}

--- fit and apply of a feature that chooses fields.
-- @param where   its name
-- @param choose  function(values [n, k], fields, options, context) -> a list of k booleans, and a list of k scores that is kept or nil
function selection.both(where, choose)
  local function fit(table_, names, o, context)
    local values, fields = numeric.block(table_, names, where)
    local chosen, scores = choose(values, fields, o, context)
    local state, place, any = { kept = {}, scores = scores }, 0, false
    for i, name in ipairs(names) do
      state.kept[i] = {}
      for field = 1, #numeric.fields(table_:column(name)) do
        place = place + 1
        if chosen[place] then
          table.insert(state.kept[i], field)
          any = true
        end
      end
    end
    if not any then blame.raise("features.%s: no field is left of %d", where, #fields) end
    return state
  end

  local function kept_of(column, kept)
    if #kept == 0 then return {} end
    if column.type ~= "matrix" or #kept == #column.fields then return column end
    local fields = {}
    for i, field in ipairs(kept) do fields[i] = column.fields[field] end
    return numeric.matrix(column.name, sparse.dense(column.values):index_select(2, core.tensor(kept, { dtype = "int64" })), fields)
  end

  local function apply(table_, names, state)
    local changed = {}
    for i, name in ipairs(names) do changed[name] = kept_of(table_:column(name), state.kept[i]) end
    return Feature.replaced(table_, changed)
  end

  return fit, apply
end

return selection
