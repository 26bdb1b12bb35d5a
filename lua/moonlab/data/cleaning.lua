--- Cleaning as a recipe declares it: what a value may be, what becomes of rows that break it, of rows that are there twice, of rows
-- without a target. Each row that was read is kept, quarantined or dropped, and the counts add up.
--
-- Nothing here is fitted but the fences of data.number{outliers = ...}, which come from the whole table: otherwise, whether a row is kept depends
-- on that row and, for duplicates, on the rows before it. What is fitted belongs to the features, which see the training part alone.

local core = require "moonlab.core"
local failure = require "moonlab.failure"
local Column = require "moonlab.table.column"
local Table = require "moonlab.table.table"
local near = require "moonlab.table.near"
local outliers = require "moonlab.data.outliers"

local ops = core.ops
local cleaning = {}

local Cleaning = {}
Cleaning.__index = Cleaning

local function none(rows) return core.zeros({ rows }, { dtype = "bool" }) end

-- A mask of n rows with marks at positions.
local function marks(n, positions)
  if #positions == 0 then return none(n) end
  return core.zeros({ n }, { dtype = "int64" }):index_fill(1, positions, 1):ne(0)
end

-- A boolean column as a mask: what is unknown is not so. (Below a mark of missing stands false.)
local function mask_of(column) return column.values end

local function absent(column) return column:is_missing().values end
local function present(column) return ops.logical_not(absent(column)) end

-- Rules --------------------------------------------------------------------------------------------------------------
-- Each gives a list of { mask, reason } for a column and the options of its spec.

local rules = {}

function rules.number(column, o)
  local out = {}
  if o.min then out[#out + 1] = { mask_of(column:lt(o.min)), ("below %s"):format(o.min) } end
  if o.max then out[#out + 1] = { mask_of(column:gt(o.max)), ("above %s"):format(o.max) } end
  if o.integer then out[#out + 1] = { mask_of(column:floor():ne(column)), "no whole number" } end
  return out
end

function rules.category(column, o)
  if not o.words or o.other then return {} end
  return { { ops.logical_and(present(column), ops.logical_not(mask_of(column:is_in(o.words)))), "none of the categories" } }
end

function rules.string(column, o)
  local out, here = {}, present(column)
  if o.pattern then
    out[1] = { ops.logical_and(here, ops.logical_not(mask_of(column:matches("^" .. o.pattern .. "$")))), ("does not match %s"):format(o.pattern) }
  end
  if o.min_length then out[#out + 1] = { mask_of(column:length():lt(o.min_length)), ("shorter than %d"):format(o.min_length) } end
  if o.max_length then out[#out + 1] = { mask_of(column:length():gt(o.max_length)), ("longer than %d"):format(o.max_length) } end
  return out
end

function rules.time(column, o)
  local out = {}
  if o.min then out[1] = { mask_of(column:lt(o.min)), ("before %s"):format(o.min) } end
  if o.max then out[#out + 1] = { mask_of(column:gt(o.max)), ("after %s"):format(o.max) } end
  return out
end

local function says(list, word)
  for _, one in ipairs(list or {}) do
    if one == word then return true end
  end
end

-- Marking ------------------------------------------------------------------------------------------------------------

-- The rows of a mask leave the table, those that have left before with another reason. own: the reasons of single rows, where they differ.
function Cleaning:mark(mask, action, column, reason, own)
  local count = mask:sum():item()
  if count == 0 then return end
  local fresh = ops.logical_and(mask, ops.logical_not(self.gone))
  self.gone = ops.logical_or(self.gone, mask)
  if action == "quarantine" then self.quarantined = ops.logical_or(self.quarantined, fresh) end
  self.steps[#self.steps + 1] = { column = column, reason = reason, action = action, rows = count, first = fresh:sum():item() }
  if action ~= "quarantine" then return end
  for _, row in ipairs(mask:nonzero():reshape { -1 }:tolist()) do
    local why = own and own[row] or reason
    local text = column and ("%s: %s"):format(column, why) or why
    self.reasons[row] = self.reasons[row] and self.reasons[row] .. "; " .. text or text
  end
end

-- The values of a mask's rows become missing.
function Cleaning:blank(mask, column, reason)
  local at = core.arange(1, #mask):masked_fill(mask, 0)
  self.table = self.table:with { [column] = self.table:column(column):gather_or_missing(at) }
  self.steps[#self.steps + 1] = { column = column, reason = reason, action = "missing", rows = mask:sum():item(), first = 0 }
end

-- What is wrong with a value, or with a row as it was read.
function Cleaning:invalid(mask, column, reason, own)
  local action = self.wish.invalid
  if action == "error" and mask:any():item() then
    local row = mask:nonzero():reshape { -1 }:at(1)
    failure.raise("data", "%s: row %d: '%s': %s: %s", self.name, row, column or "row", self.table:column(column):item(row), reason)
  end
  if action == "missing" and column then
    if mask:any():item() then self:blank(mask, column, reason) end
    return
  end
  self:mark(mask, action == "drop" and "drop" or "quarantine", column, reason, own)
end

local function reason_of(problem)
  local place = problem.line and ("line %d"):format(problem.line) or ("row %d"):format(problem.row)
  return problem.column and ("is not %s, as '%s' in %s"):format(problem.wanted, problem.text, place)
    or ("a row with the wrong number of fields, as %s"):format(place)
end

-- Values that the reader could not take, and rows with too few or too many fields.
function Cleaning:read_problems(problems)
  local by_column, order = {}, {}
  for _, one in ipairs(problems) do
    local key = one.column or ""
    if not by_column[key] then
      by_column[key] = { rows = {}, column = one.column, reason = reason_of(one), own = {} }
      order[#order + 1] = key
    end
    table.insert(by_column[key].rows, one.row)
    by_column[key].own[one.row] = reason_of(one)
  end
  for _, key in ipairs(order) do
    local group = by_column[key]
    local mask = marks(#self.table, core.tensor(group.rows, { dtype = "int64" }))
    self:invalid(mask, group.column, group.reason, group.own)
  end
end

function Cleaning:check_columns(specs)
  for _, name in ipairs(self.table.names) do
    local spec = specs[name]
    if spec and rules[spec.type] then
      for _, pair in ipairs(rules[spec.type](self.table:column(name), spec.options)) do self:invalid(pair[1], name, pair[2]) end
    end
  end
  for _, name in ipairs(self.table.names) do
    local wish = specs[name] and specs[name].options.missing
    local missing = says(wish, "drop") or says(wish, "invalid")
    if missing then
      self:mark(absent(self.table:column(name)), says(wish, "drop") and "drop" or "quarantine", name, "missing")
    end
  end
end

-- The fences of all columns are those of the rows that are left so far, whatever another column's fences leave out.
function Cleaning:check_outliers(specs)
  local valid = ops.logical_not(self.gone)
  for _, name in ipairs(self.table.names) do
    local wish = specs[name] and specs[name].options.outliers
    if wish then
      local beyond, between, reason = outliers.of(self.table:column(name), valid, wish, self.name)
      if beyond then
        local steps = #self.steps
        if wish.action == "missing" then self:blank(ops.logical_and(beyond, valid), name, reason)
        else self:mark(ops.logical_and(beyond, valid), wish.action, name, reason) end
        if #self.steps == steps then self.steps[steps + 1] = { column = name, reason = reason, action = wish.action, rows = 0, first = 0 } end
        self.steps[#self.steps].fences = between
      end
    end
  end
end

function Cleaning:duplicates(wish, id, source)
  local names = wish.columns
  if not names then
    names = {}
    for _, column in ipairs(self.table:columns()) do
      if column.type == "tensor" then return end -- sounds and pictures are not compared
      if column.name ~= id and column.name ~= source then names[#names + 1] = column.name end
    end
  end
  -- rows that have left already are no reason to drop the row that is like them
  local kept = ops.logical_not(self.gone):nonzero():reshape { -1 }
  local part = self.table:rows(kept):select(names)
  if wish.near then part = near.of(part) end
  local twice = part:duplicated()
  twice = Column.is(twice) and twice.values or twice
  local rows = kept:masked_select(twice)
  local mask = marks(#self.table, rows)
  self.duplicate_rows = #rows
  if wish.action ~= "keep" then self:mark(mask, wish.action, nil, "the same as a row before it") end
end

-- The result ----------------------------------------------------------------------------------------------------------

-- The rows that were set aside, with the reason in front.
function Cleaning:quarantine()
  if not self.quarantined:any():item() then return nil end
  local rows, reasons = self.quarantined:nonzero():reshape { -1 }, {}
  local numbers = rows:tolist()
  for i, row in ipairs(numbers) do reasons[i] = self.reasons[row] end
  local aside = self.read:rows(rows)
  for _, column in ipairs(aside:columns()) do -- what has no text
    if column.type == "tensor" then aside = aside:without { column.name } end
  end
  local numbers_column = Column.new { type = "integer", name = "source_row", values = rows }
  return Table.of_columns { numbers_column, Column.of_strings(reasons, #reasons, "reason"), table.unpack(aside:columns()) }
end

--- Cleans a table.
-- @param t         a Table
-- @param problems  what the reader listed: { row =, line =, column =, text =, wanted = }
-- @param wish      { columns = name -> spec, invalid = "quarantine", "drop", "missing" or "error", duplicates = { action =, columns =, near = },
--                  outliers = true: the columns' rules for outliers hold, target = name, id = name, source = name of the column that says where a row comes from, required = names of columns without which a row is invalid, name = of the source, for messages }
-- @return { table = the rows that are kept, rows = their positions in t, quarantine = a Table or nil, read =, kept =, quarantined =, dropped =,
--         duplicates = rows that are there twice, reasons = by position in t,
--         steps = list of { column =, reason =, action =, rows =, first = rows that left for this reason first,
--         fences = { low, high } of outliers } }
-- @error a failure with status 4 where wish.invalid is "error"
function cleaning.run(t, problems, wish)
  local n = #t
  local self = setmetatable({ table = t, read = t, name = wish.name, wish = wish, gone = none(n), quarantined = none(n), reasons = {},
    steps = {}, duplicate_rows = 0 }, Cleaning)
  self:read_problems(problems)
  self:check_columns(wish.columns)
  for _, name in ipairs(wish.required or {}) do self:mark(absent(self.table:column(name)), "quarantine", name, "missing") end
  if wish.target then self:mark(absent(self.table:column(wish.target)), "drop", wish.target, "the target is missing") end
  if wish.outliers then self:check_outliers(wish.columns) end
  self:duplicates(wish.duplicates, wish.id, wish.source)
  local kept = ops.logical_not(self.gone):nonzero():reshape { -1 }
  local quarantined = self.quarantined:sum():item()
  return { table = self.table:rows(kept), rows = kept, quarantine = self:quarantine(), read = n, kept = #kept, quarantined = quarantined,
    dropped = n - #kept - quarantined, duplicates = self.duplicate_rows, steps = self.steps, reasons = self.reasons }
end

--- What cleaning did, as text: a line for the sum and one for each reason.
function cleaning.text(result)
  local lines = { ("read %d rows: %d kept, %d quarantined, %d dropped"):format(result.read, result.kept, result.quarantined, result.dropped) }
  for _, step in ipairs(result.steps) do
    local before = step.action == "missing" and 0 or step.rows - step.first
    lines[#lines + 1] = ("  %-10s %6d  %s%s%s"):format(step.action, step.rows, step.column and step.column .. ": " or "", step.reason,
      before > 0 and (" (%d of them set aside already)"):format(before) or "")
  end
  if result.duplicates > 0 then lines[#lines + 1] = ("  %d rows are the same as one before them"):format(result.duplicates) end
  return table.concat(lines, "\n")
end

return cleaning
