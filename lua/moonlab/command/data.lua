--- moonlab data R.lua, moonlab data FILE: what the data look like, of a recipe's source or of a file.

local failure = require "moonlab.failure"
local vm = require "moonlab.vm"
local profile = require "moonlab.profile"
local suggest = require "moonlab.suggest"
local tables = require "moonlab.data.table_source"

local OPENERS = { csv = "csv", tsv = "csv", txt = "csv", data = "csv", jsonl = "jsonl", ndjson = "jsonl", parquet = "parquet", db = "sqlite", sqlite = "sqlite" }

-- "rows.csv.gz" -> "csv"
local function kind_of(path) return (path:lower():gsub("%.gz$", ""):gsub("%.zst$", ""):match "%.(%w+)$") or "" end

local ROLES = { "target", "id", "task" }

-- data.target=price and its kin of the command line, for a file.
local function roles_of(words)
  local out = {}
  for _, word in ipairs(words) do
    local name, value = word:match "^([^=]+)=(.*)$"
    local role = name:match "^data%.(.*)$" or name
    for _, known in ipairs(ROLES) do
      if role == known then out[known] = value end
    end
    if not out[role] then failure.raise("usage", "data: %s", suggest.unknown("field", role, ROLES)) end
  end
  return out
end

local function of_file(path, options)
  local wish = roles_of(options.overrides)
  wish.seed = options.seed
  return profile.of_source(tables[OPENERS[kind_of(path)]](path), wish)
end

--- Profiles.
-- @param path     a recipe or a file of rows
-- @param options  { overrides = of a recipe; of a file "target=price", out = a page to write, json =, seed =, terminal = }
-- @return the exit status
-- @error a failure with status 4: a file that is not there or can't be read; 2: an unknown ending or field
return function(path, options)
  if vm.exists(path) ~= "file" then failure.raise("data", "data: there is no file %s", path) end
  if options.out and not options.out:lower():find "%.html?$" then
    failure.raise("usage", "data: --out takes the name of a page, as in profile.html, got %s", options.out)
  end
  local kind, made = kind_of(path), nil
  if kind == "lua" then made = require "moonlab.profile.recipe"(path, options)
  elseif OPENERS[kind] then made = of_file(path, options)
  else failure.raise("usage", "data: %s: a recipe ends in .lua, rows in .csv, .tsv, .txt, .data, .jsonl, .parquet or .db", path) end
  if options.out then made:save(options.out) end
  if options.json then io.stdout:write(made:json(), "\n")
  elseif not options.quiet then
    local terminal = options.terminal
    io.stdout:write(made:text { width = terminal.stdout_tty and terminal.columns or 100, utf8 = terminal.utf8 }, "\n")
    if options.out then io.stdout:write("\npage ", options.out, "\n") end
  end
  return 0
end
