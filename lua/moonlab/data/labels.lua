--- Labels that people have given, in a file of their own: key, label, who and when, a line each. Lines are only ever added; of several
-- for the same row by the same person the last one counts, and one without a label takes the label back.

local core = require "moonlab.core"
local vm = require "moonlab.vm"
local failure = require "moonlab.failure"
local json = require "moonlab.json"

local Labels = {}
Labels.__index = Labels

local HEAD = "key,label,by,time"

local function quoted(text)
  text = tostring(text)
  return text:find '[",\r\n]' and '"' .. text:gsub('"', '""') .. '"' or text
end

local function blank(value) return type(value) == "string" and value or nil end

local function check_head(path)
  local reader <close> = core.csv_open(path, { separator = ",", header = true })
  local names = {}
  for i, column in ipairs(reader:schema().columns) do names[i] = column.name end
  if table.concat(names, ",") == HEAD then return end
  failure.raise("data", "%s is no file of labels: its columns are %s, expected %s", path, table.concat(names, ","), HEAD)
end

--- Opens a file of labels; one that is not there yet is empty.
-- @param path  of the file
-- @return labels: .given = by -> key -> label, .order = the names of the labellers as they appear
-- @error a failure with status 4: a file that is no file of labels
function Labels.open(path)
  local self = setmetatable({ path = path, given = {}, order = {} }, Labels)
  if not vm.exists(path) then return self end
  check_head(path)
  local reader <close> = core.csv_open(path, { separator = ",", header = true, missing = { "" },
    types = { key = "text", label = "text", by = "text", time = "text" } })
  local read = reader:read()
  if not read then return self end
  local lists = require "moonlab.table.table".of(read):to_lists()
  for i = 1, read.rows do self:note(blank(lists.key[i]) or "", blank(lists.label[i]), blank(lists.by[i]) or "") end
  return self
end

-- Without writing.
function Labels:note(key, label, by)
  if not self.given[by] then
    self.given[by] = {}
    self.order[#self.order + 1] = by
  end
  self.given[by][key] = label
end

--- Gives a row a label, or takes it back (nil), and writes it down.
function Labels:set(key, label, by)
  local line = ("%s,%s,%s,%s"):format(quoted(key), quoted(label or ""), quoted(by), os.date "!%Y-%m-%dT%H:%M:%SZ")
  if not vm.exists(self.path) then line = HEAD .. "\n" .. line end
  local ok, problem = vm.append_line(self.path, line)
  if not ok then failure.raise("data", "can't write the labels: %s", problem) end
  self:note(key, label, by)
end

--- What the rows of a table are known by: their id, or the hash of their values.
-- @param table_  a Table
-- @param id      the column that names rows, or nil
-- @param target  a column that does not count, since labels change it
-- @return a list of texts
function Labels.keys(table_, id, target)
  local missing, keys = require "moonlab.table.missing", {}
  local lists = table_:to_lists()
  for row = 1, #table_ do
    if id then
      keys[row] = tostring(lists[id][row])
    else
      local values = {}
      for name, list in pairs(lists) do
        if name ~= target and list[row] ~= missing then values[name] = list[row] end
      end
      keys[row] = core.sha256_text(json.encode(values)):sub(1, 16)
    end
  end
  return keys
end

--- The label of a row: that of most labellers; nil where none gave one or two have as many.
function Labels:of(key)
  local votes, best, most, tie = {}, nil, 0, false
  for _, by in ipairs(self.order) do
    local label = self.given[by][key]
    if label then
      votes[label] = (votes[label] or 0) + 1
      if votes[label] > most then best, most, tie = label, votes[label], false
      elseif votes[label] == most then tie = true end
    end
  end
  return not tie and best or nil
end

-- The share of rows on which two agree, and what chance would give them, from their own frequencies of each label.
local function agreement(a, b)
  local both, same, of_a, of_b = 0, 0, {}, {}
  for key, label in pairs(a) do
    local other = b[key]
    if other then
      both, same = both + 1, same + (label == other and 1 or 0)
      of_a[label], of_b[other] = (of_a[label] or 0) + 1, (of_b[other] or 0) + 1
    end
  end
  local chance = 0
  for label, count in pairs(of_a) do chance = chance + count * (of_b[label] or 0) end
  return both, both > 0 and same / both or nil, both > 0 and chance / (both * both) or nil
end

--- How far each two labellers agree: Cohen's kappa (1960), (agreement - chance) / (1 - chance).
-- @return a list of { a =, b =, rows = that both have labelled, agreement =, kappa = } with why instead of kappa where it is undefined
function Labels:kappas()
  local out = {}
  for i = 1, #self.order do
    for j = i + 1, #self.order do
      local rows, same, chance = agreement(self.given[self.order[i]], self.given[self.order[j]])
      local one = { a = self.order[i], b = self.order[j], rows = rows, agreement = same }
      if rows == 0 then one.why = "no row has labels of both"
      elseif chance == 1 then one.why = "both gave one label alone"
      else one.kappa = (same - chance) / (1 - chance) end
      out[#out + 1] = one
    end
  end
  return out
end

--- The labels of a table's rows as a list, with data.missing where a row has none.
function Labels:column(table_, id, target)
  local list, missing = Labels.keys(table_, id, target), require "moonlab.table.missing"
  for row, key in ipairs(list) do list[row] = self:of(key) or missing end
  return list
end

return Labels
