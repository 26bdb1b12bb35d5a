--- A profile as JSON.

local json = require "moonlab.json"

-- What is for the plots of the page alone.
local LEFT_OUT = { now = true, pictures = true, class_names = true, series = true }

local LISTS = { findings = true, columns = true, top = true, features = true, bins = true, classes = true, rows = true, equal_columns = true,
  names = true, pearson = true, spearman = true, counts = true, edges = true, fences = true, values = true, shared = true, steps = true, sizes = true, parts = true, tables = true,
  heads = true, pairs = true }

local function plain(value, key)
  if type(value) ~= "table" then return value end
  local out = {}
  for k, v in pairs(value) do
    if not LEFT_OUT[k] then out[k] = plain(v, k) end
  end
  return (LISTS[key] and (#out > 0 or next(out) == nil)) and json.list(out) or out
end

--- A string of one line.
return function(profile)
  local entries = { { "name", profile.name }, { "kind", profile.kind }, { "rows", profile.rows } }
  local rest = {}
  for key in pairs(profile) do rest[#rest + 1] = key end
  table.sort(rest)
  for _, key in ipairs(rest) do
    if key ~= "name" and key ~= "kind" and key ~= "rows" and not LEFT_OUT[key] then entries[#entries + 1] = { key, plain(profile[key], key) } end
  end
  return json.encode(json.object(entries))
end
