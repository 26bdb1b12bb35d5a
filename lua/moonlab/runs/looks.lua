--- The ledger of looks: how often a held-out part was judged, by whatever run of whatever recipe. Each look makes the score of the best a
-- little too good, as it was chosen among more.

local core = require "moonlab.core"
local lines = require "moonlab.runs.lines"
local vm = require "moonlab.vm"

local looks = {}

local NAME = "looks.jsonl"

--- The folder of the ledger: $XDG_STATE_HOME/moonlab, or ~/.local/state/moonlab; nil where neither is known.
function looks.folder()
  local state, home = os.getenv "XDG_STATE_HOME", os.getenv "HOME"
  if state and state:sub(1, 1) == "/" then return state .. "/moonlab" end
  return home and home ~= "" and home .. "/.local/state/moonlab" or nil
end

-- The lines of a part up to one of them: how many, and the first.
local function count(path, key, nonce)
  local values, problems = lines.parse(vm.read(path) or "", NAME, key)
  local n, first = 0, nil
  for _, one in ipairs(values) do
    if one.part == key then
      n, first = n + 1, first or one
      if one.nonce == nonce then break end
    end
  end
  return n, first, problems
end

--- Writes a look down.
-- @param key   of the held-out part: see identity.held_out
-- @param name  of the recipe
-- @return { count = this one included, first = day of the first, damaged = lines that can't be read }; nil and why it could not be written
function looks.add(key, name)
  local folder = looks.folder()
  if not folder then return nil, "neither XDG_STATE_HOME nor HOME is set" end
  local ok, problem = vm.mkdir(folder, true)
  if not ok then return nil, problem end
  local path, at = folder .. "/" .. NAME, os.date "!%Y-%m-%dT%H:%M:%SZ"
  local nonce = core.sha256_text(("%s %.9f %s"):format(at, core.clock(), tostring {})):sub(1, 12) -- two runs may write at once
  ok, problem = lines.append(path, { { "part", key }, { "name", name }, { "at", at }, { "nonce", nonce } })
  if not ok then return nil, problem end
  local n, first, problems = count(path, key, nonce)
  return { count = n, first = first and tostring(first.at):sub(1, 10), damaged = #problems }
end

--- What is said of a look beside the score.
function looks.text(look)
  local since = look.count > 1 and look.first and ("; first on %s"):format(look.first) or ""
  local lost = look.damaged > 0 and (" (%d lines of the ledger can't be read)"):format(look.damaged) or ""
  return ("look %d at this held-out part%s%s"):format(look.count, since, lost)
end

return looks
