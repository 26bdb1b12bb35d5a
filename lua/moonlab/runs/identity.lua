--- What tells whether two runs stand on the same rows: a hash of the data files and of the positions of each part in them.

local core = require "moonlab.core"
local json = require "moonlab.json"

local identity = {}

--- The positions of a part's rows in what was read (nil: all of them), and the name of that.
function identity.positions(job, name)
  local places, cleaned = job.parts.places, job.parts.cleaning
  if places then return cleaned and #cleaned.rows == #cleaned.table and cleaned.rows:index_select(1, places[name]) or places[name], job.recipe.fields.name end
  local set, rows = job.parts[name], nil
  while set.parent do
    if set.chosen then rows = rows and set.chosen:index_select(1, rows) or set.chosen end
    set = set.parent
  end
  return rows, tostring(set.name)
end

local function hash_of_part(job, name)
  local rows, of = identity.positions(job, name)
  return core.sha256_text(("%s\n%s"):format(of, rows and table.concat(rows:tolist(), ",") or "all of " .. #job.parts[name]))
end

--- The parts of a job as entries for JSON: name -> { rows, sha256 of the rows' positions }.
function identity.parts(job)
  local entries = {}
  for _, name in ipairs { "train", "valid", "test" } do
    if job.parts[name] then
      entries[#entries + 1] = { name, json.object { { "rows", #job.parts[name] }, { "sha256", hash_of_part(job, name) } } }
    end
  end
  return entries
end

--- One hash for data files, by their contents alone.
-- @param files  list of { path =, sha256 = }
function identity.data(files)
  local sums = {}
  for i, one in ipairs(files) do sums[i] = one.sha256 end
  return core.sha256_text(table.concat(sums, "\n"))
end

--- The hash of a held-out part: of the data files and of its rows in them. Where no files are read, its labels stand for them.
-- @param job       what was prepared
-- @param files     list of { path =, sha256 = }
-- @param evaluated what metrics.evaluate gave, or nil
function identity.held_out(job, files, evaluated)
  local y = evaluated and (evaluated.y or evaluated.labels)
  local labels = #files == 0 and y and table.concat(y:flatten():tolist(), ",") or ""
  return core.sha256_text(("%s\n%s\n%s"):format(identity.data(files), hash_of_part(job, "test"), labels))
end

return identity
