--- features.polynomial: products and powers of numbers.

local blame = require "moonlab.blame"
local core = require "moonlab.core"
local Feature = require "moonlab.features.feature"
local numeric = require "moonlab.features.numeric"

local MOST_FIELDS = 100000

-- All lists of field numbers, ascending, of 2..degree entries: by length, then in order, as scikit-learn has them.
local function combinations(count, o)
  local out, last = {}, {}
  for i = 1, count do last[i] = { i } end
  for _ = 2, o.degree do
    local longer = {}
    for _, one in ipairs(last) do
      for next = one[#one] + (o.interaction_only and 1 or 0), count do
        local list = table.move(one, 1, #one, 1, {})
        list[#list + 1] = next
        longer[#longer + 1] = list
        if #out + #longer > MOST_FIELDS then
          blame.raise("features.polynomial: degree %d of %d fields gives more than %d; options.columns chooses some", o.degree, count, MOST_FIELDS)
        end
      end
    end
    table.move(longer, 1, #longer, #out + 1, out)
    last = longer
  end
  return out
end

-- "age^2", "age*fare"
local function name_of(list, fields)
  local words, i = {}, 1
  while i <= #list do
    local j = i
    while list[j + 1] == list[i] do j = j + 1 end
    words[#words + 1] = j > i and ("%s^%d"):format(fields[list[i]], j - i + 1) or fields[list[i]]
    i = j + 1
  end
  return table.concat(words, "*")
end

local function fit(table_, names, o)
  local _, fields = numeric.block(table_, names, "polynomial")
  return { name = Feature.free_name(table_, "polynomial"), products = combinations(#fields, o) }
end

local function apply(table_, names, state)
  if #state.products == 0 then return table_ end
  local values, fields = numeric.block(table_, names, "polynomial")
  local parts, labels = {}, {}
  for i, list in ipairs(state.products) do
    local product = values:select(2, list[1])
    for j = 2, #list do product = product * values:select(2, list[j]) end
    parts[i], labels[i] = product, name_of(list, fields)
  end
  local last = names[#names]
  return Feature.replaced(table_, { [last] = { table_:column(last), numeric.matrix(state.name, core.ops.stack(parts, 2), labels) } })
end

--- Adds the products of the numbers with each other and themselves, behind the last of them: age^2, age*fare. In the order of
-- scikit-learn's PolynomialFeatures, without its bias.
-- @param o  { degree = 2, interaction_only = false: true leaves out powers, columns = names; all numbers if not given }
-- @return a spec for a recipe's features
-- @error more than 100,000 fields
-- @usage features = { features.polynomial { degree = 2, columns = { "age", "fare" } }, features.standardize() }
return Feature.kind { name = "polynomial", options = { { "degree", "count", 2 }, { "interaction_only", "boolean", false } }, first = { "degree", "number" },
  takes = numeric.TYPES, wants = "numbers", fit = fit, apply = apply }
