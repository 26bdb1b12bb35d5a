--- From a clean table to x: derived columns, what stands in for missing values, the recipe's features, in this order. Fitted to the
-- training part, plain data afterwards: it is kept with the model and repeats itself bit for bit.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local expression = require "moonlab.table.expression"
local Feature = require "moonlab.features.feature"
local impute = require "moonlab.features.impute"
local numeric = require "moonlab.features.numeric"
local past = require "moonlab.features.past"
local sparse = require "moonlab.sparse"

local pipeline = {}

local MOST_CATEGORIES = 100 -- of a text column of which the recipe says nothing

local CONSTANT = { number = true, boolean = true, string = true }
-- What `missing` may say that is no constant.
local WAYS = { mean = true, median = true, mode = true, forward_fill = true, indicator = true, drop = true, invalid = true }

-- Which columns are features, and as what: a list of { name =, spec = or nil, as = "number", ... }.
local function roles(table_, wish)
  local out = {}
  for _, name in ipairs(table_.names) do
    local spec = wish.columns[name]
    if not wish.excluded[name] and not (spec and spec.type == "ignore") then
      out[#out + 1] = { name = name, spec = spec, column = table_:column(name) }
    end
  end
  if #out == 0 then blame.raise("there is no column left that could be a feature") end
  return out
end

-- The word that stands for missing values, where the training part has some: a category as any other.
local function stand_in_of(role)
  for _, given in ipairs(role.spec and role.spec.options.missing or {}) do
    if type(given) == "string" and not WAYS[given] then return role.column:is_missing():sum() > 0 and given or nil end
  end
end

local function with_word(words, word)
  for _, known in ipairs(words) do
    if known == word then return words end
  end
  local more = table.move(words, 1, #words, 1, {})
  more[#more + 1] = word
  return more
end

-- The different words of a column, in any order. Those of a category are counted, and not looked for.
local function different_words(column)
  if column.type ~= "category" then return column:unique():text():to_list() end
  local words, known = {}, column.categories
  for place, count in ipairs((column.values + 1):bincount({ minlength = #known + 1 }):tolist()) do
    if place > 1 and count > 0 then words[#words + 1] = known[place - 1] end
  end
  return words
end

-- The words of a column of categories: the declared ones, or those of the training part in the order of their bytes.
local function words_of(role)
  local declared, stand_in = role.spec and role.spec.options.words, stand_in_of(role)
  if declared then return stand_in and with_word(declared, stand_in) or declared end
  local words = different_words(role.column)
  if stand_in then words = with_word(words, stand_in) end
  table.sort(words)
  if not role.spec and #words > MOST_CATEGORIES then
    blame.raise("column '%s' is text with %d different values: say what it is in data.columns, %s = data.category{}, data.string{} or data.ignore()",
      role.name, #words, role.name)
  end
  return words
end


-- The wishes of impute for the columns whose spec has `missing`.
local function wishes_of(all)
  local wishes, names = {}, {}
  for _, role in ipairs(all) do
    local given = role.spec and role.spec.options.missing
    if given then
      local wish = {}
      for _, one in ipairs(given) do
        if one == "indicator" then wish.indicator = true
        elseif WAYS[one] then wish.method = one ~= "drop" and one ~= "invalid" and one or wish.method
        elseif CONSTANT[type(one)] then wish.constant = one
        end
      end
      if wish.indicator and not wish.method and wish.constant == nil then
        wish.method = role.spec.type == "number" and "median" or "mode"
      end
      if next(wish) then wishes[role.name], names[#names + 1] = wish, role.name end
    end
  end
  return wishes, names
end

-- Text columns as categories.
local function with_categories(table_, categories)
  local changed = {}
  for _, one in ipairs(categories) do
    local column = table_:column(one.name)
    if one.other then column = column:is_in(table.move(one.words, 1, #one.words, 1, {})):where(column, one.other) end
    changed[one.name] = column:category(one.words)
  end
  return table_:with(changed)
end

local function with_maps(table_, maps)
  local changed = {}
  for _, one in ipairs(maps) do
    local column = table_:column(one.name)
    changed[one.name] = column[one.map](column)
  end
  return table_:with(changed)
end

--- A table with the columns that are derived from others.
-- @param list  of { name =, expression = encoded }
function pipeline.derived(table_, list)
  for _, one in ipairs(list) do
    table_ = table_:with { [one.name] = expression.decode(one.expression):on(table_) }
  end
  return table_
end

-- The columns, derived ones among them, that have no rule for missing values.
local function without_rule(self)
  local filled, names = {}, {}
  for _, name in ipairs(self.impute.columns) do filled[name] = true end
  for _, name in ipairs(self.columns) do
    if not filled[name] and not self.texts[name] then names[#names + 1] = name end
  end
  return names
end

local NAMED = 8 -- columns of a message

-- Columns without a rule for missing values must not have any, in no part.
local function check_missing(self, table_, part)
  local found = {}
  for _, name in ipairs(without_rule(self)) do
    local missing = table_:column(name):is_missing():sum()
    if missing > 0 then found[#found + 1] = { name = name, missing = missing } end
  end
  if #found == 0 then return end
  local name, missing, others = found[1].name, found[1].missing, {}
  for i = 2, math.min(#found, NAMED) do others[i - 1] = found[i].name end
  if #found > NAMED then others[NAMED] = ("%d more"):format(#found - NAMED) end
  local type = table_:column(name).type
  local kind = type == "integer" and "number" or type == "text" and "category" or type -- as data.columns calls it
  blame.raise("column '%s' has %d missing %s in the %s part%s: say in data.columns what stands for them, as in %s = data.%s{missing = %s}", name,
    missing, missing == 1 and "value" or "values", part, #others > 0 and (" (and so have %s)"):format(table.concat(others, ", ")) or "", name, kind,
    kind == "number" and "'median'" or "'mode'")
end

-- What stands before the features, of a table with the derived columns: the choice of columns, categories, missing values, maps.
local function before_features(self, table_, part)
  table_ = table_:select(self.columns)
  check_missing(self, table_, part)
  table_ = with_categories(table_, self.categories)
  if #self.impute.columns > 0 then table_ = Feature.apply(self.impute, table_) end
  return with_maps(table_, self.maps)
end

-- The columns of a file that serving reads, with the types of their values, and those that it may have besides. Whole numbers may have
-- fractions later, which changes nothing but what expressions make of their text. The target is read where there is one and rows look
-- back at it.
local function inputs_of(self, train)
  local needed, derives, made, inputs, others = {}, {}, {}, {}, {}
  for _, name in ipairs(self.columns) do needed[name] = true end
  local back = self.past or { columns = {}, made = {} }
  for _, one in ipairs(back.columns) do needed[one.name] = true end
  for _, name in ipairs(back.made) do made[name] = true end
  for _, one in ipairs(self.derive) do
    for _, name in ipairs(expression.decode(one.expression):inputs()) do needed[name], derives[name] = true, true end
  end
  for _, name in ipairs(train.names) do
    local kind = train:column(name).type
    if kind == "integer" and not derives[name] then kind = "number" end
    if not made[name] then
      if needed[name] then inputs[#inputs + 1] = { name = name, type = kind, optional = name == back.target or nil } else others[#others + 1] = name end
    end
  end
  return inputs, others
end

-- The column that is all of x by itself, if there is one.
local function tensor_of(table_)
  local columns = table_:columns()
  for _, column in ipairs(columns) do
    if column.type == "tensor" then
      if #columns == 1 then return column end
      local other = columns[1] == column and columns[2] or columns[1]
      blame.raise("column '%s' is a tensor [%s], which is all of x, but there is '%s' beside it: leave that out with %s = data.ignore()", column.name,
        table.concat(column.values.shape, ", "), other.name, other.name)
    end
  end
end

-- The sizes of a row of x, and its type where it is not float32.
local function shape_of(table_)
  local tensor = tensor_of(table_)
  if not tensor then return { #pipeline.fields(table_) } end
  local shape, dtype = tensor.values.shape, tensor.values.dtype
  table.remove(shape, 1)
  return shape, dtype ~= "float32" and dtype or nil
end

local DENSEST = 1 / 3 -- of a sparse x, whose entries take 12 bytes against 8 of a number

-- Whether x of a table is better kept by its entries: where columns are sparse, and the others do not outweigh that.
local function is_sparse(table_)
  local rows, entries, fields, any = #table_, 0, 0, false
  for _, column in ipairs(table_:columns()) do
    local values, wide = column.values, column.type == "matrix"
    local k = wide and values:size(2) or 1
    any = any or wide and sparse.is(values)
    fields, entries = fields + k, entries + (wide and sparse.is(values) and values:entries() or rows * k)
  end
  return any and entries < DENSEST * rows * fields
end

--- Fits a pipeline.
-- @param train  a Table: the clean rows of the training part
-- @param wish   { columns = name -> spec, derive = list of { name =, expression = encoded }, excluded = names that are no features,
--               takes_sparse = whether the model does, past = what past.fit gave, or nil, features = list of specs that do not look back, context = { target =, classes =, task =, seed = } }
-- @return a pipeline: plain data, with fields = the names of what x has; the training part as a table of features, which is what the
--         model learns from: a feature may treat it otherwise than rows that come later (features.target_encode)
-- @error a column without a meaning, missing values without a rule, a feature that does not fit
function pipeline.fit(train, wish)
  local self = { derive = wish.derive, past = wish.past, columns = {}, categories = {}, texts = {}, maps = {}, steps = {} }
  local whole = pipeline.derived(train, wish.derive)
  local all = roles(whole, wish)
  for i, role in ipairs(all) do
    self.columns[i] = role.name
    local kind = role.spec and role.spec.type
    if kind == "category" or (not kind and (role.column.type == "text" or role.column.type == "category")) then
      self.categories[#self.categories + 1] = { name = role.name, words = words_of(role), other = role.spec and role.spec.options.other }
    end
    if kind == "string" then self.texts[role.name] = true end
    if kind == "number" and role.spec.options.map then
      self.maps[#self.maps + 1] = { name = role.name, map = role.spec.options.map }
    end
  end
  local wishes, names = wishes_of(all)
  local chosen = with_categories(whole:select(self.columns), self.categories)
  self.impute = #names > 0 and impute { wishes = wishes, columns = names }:fit(chosen, wish.context) or { columns = {} }
  local table_ = before_features(self, whole, "training")
  for _, spec in ipairs(wish.features) do
    if not spec.off then
      self.steps[#self.steps + 1], table_ = spec:fit(table_, wish.context)
    end
  end
  self.fields = pipeline.fields(table_)
  self.sparse = wish.takes_sparse and is_sparse(table_) or nil
  self.shape, self.dtype = shape_of(table_)
  self.inputs, self.others = inputs_of(self, train)
  return self, table_
end

--- The columns of a clean table that the features are made of, by themselves or through derived columns.
-- @param table_  rows as they were when it was fitted, with what they see of the past
-- @return a list of names
function pipeline.looked_at(self, table_)
  local read, names = {}, {}
  for _, name in ipairs(self.columns) do read[name] = true end
  for _, one in ipairs(self.derive) do
    for _, name in ipairs(expression.decode(one.expression):inputs()) do read[name] = true end
  end
  for _, name in ipairs(table_.names) do
    if read[name] then names[#names + 1] = name end
  end
  return names
end

--- The columns of a file without which a row can't be served: those that have no rule for missing values.
-- @return a list of names
function pipeline.required(self)
  local read, names = {}, {}
  for _, column in ipairs(self.inputs) do read[column.name] = true end
  for _, name in ipairs(without_rule(self)) do
    if read[name] then names[#names + 1] = name end
  end
  for _, step in ipairs(self.past and self.past.steps or {}) do
    names[#names + 1] = step.state.group
    names[#names + 1] = step.state.order
  end
  return names
end

--- What rows that follow the training table see of the past, as columns more.
-- @param table_  clean rows of a file
-- @return a table, and a mask of the rows that have all that they need of the past; nil where all have
function pipeline.looking_back(self, table_)
  if not self.past then return table_ end
  local made = past.columns(self.past, pipeline.derived(table_, self.derive))
  return table_:with(made), past.enough(self.past, made)
end

--- The table of features of any rows.
-- @param self    what fit gave
-- @param table_  a Table with the columns that were there when it was fitted
-- @param part    what the rows are called in a message
function pipeline.apply(self, table_, part)
  table_ = before_features(self, pipeline.derived(table_, self.derive), part or "given")
  for _, step in ipairs(self.steps) do table_ = Feature.apply(step, table_) end
  return table_
end

local WANTED = { text = "text: it needs a feature of texts", category = "of categories: it needs features.one_hot or another encoding",
  time = "a time: it needs features.dates" }

--- The names of the numbers of a row of x, in their order. A tensor has one name for all of them.
-- @error a column that is no number yet, a tensor beside other columns
function pipeline.fields(table_)
  local fields = {}
  local tensor = tensor_of(table_)
  if tensor then return { tensor.name } end
  for _, name in ipairs(table_.names) do
    local column = table_:column(name)
    if WANTED[column.type] then blame.raise("column '%s' is %s", name, WANTED[column.type]) end
    if column.type == "matrix" then
      for _, field in ipairs(column.fields) do fields[#fields + 1] = field end
    else
      fields[#fields + 1] = name
    end
  end
  return fields
end

-- A number of a tensor that is not finite would spoil the training in silence.
local function check_tensor(x, name)
  local wrong = x:isfinite():logical_not():flatten(2):any(2):sum():item()
  if wrong > 0 then blame.raise("feature '%s' is not a finite number in %d of %d rows", name, wrong, #x) end
end

-- The columns as parts of a sparse x.
local function sparse_x(table_)
  local parts = {}
  for i, column in ipairs(table_:columns()) do
    parts[i] = column.type == "matrix" and sparse.is(column.values) and column.values or numeric.values(column)
  end
  return sparse.join(parts)
end

local function dense_x(table_, dtype)
  local parts = {}
  for i, column in ipairs(table_:columns()) do parts[i] = numeric.values(column) end
  return core.ops.cat(parts, 2):to(dtype or "float32")
end

--- x of a table of features: [n, fields] of a type, or the tensor that is the only feature as it is, int64 or float32 [n, ...].
-- @param table_       what fit or apply gave
-- @param dtype        "float32" if not given; "float64" for models that are solved
-- @param kept_sparse  .sparse of the pipeline: whether x is a sparse matrix
-- @error a number that is not finite, with the name of the field
function pipeline.x(table_, dtype, kept_sparse)
  local tensor = tensor_of(table_)
  if tensor then
    if tensor.values.dtype == "float32" then check_tensor(tensor.values, tensor.name) end
    return tensor.values
  end
  local x = kept_sparse and sparse_x(table_) or dense_x(table_, dtype)
  numeric.check_finite(x, pipeline.fields(table_))
  return x
end

return pipeline
