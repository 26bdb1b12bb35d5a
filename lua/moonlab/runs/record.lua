--- record.json: when and where a run was made, and what it can be told by: of what rows its parts are, and the hash of its weights.

local core = require "moonlab.core"
local json = require "moonlab.json"
local vm = require "moonlab.vm"
local identity = require "moonlab.runs.identity"

local Record = {}
Record.__index = Record

local function now() return os.date "!%Y-%m-%dT%H:%M:%SZ" end

function Record:write()
  local entries = { { "command", self.command }, { "name", self.name }, { "task", self.task }, { "model", self.model }, { "status", self.status },
    { "seed_given", self.seed_given }, { "started", self.started }, { "seconds", self.seconds }, { "moonlab", core.version }, { "kernels", core.kernels }, { "threads", vm.threads() },
    { "parts", self.parts }, { "weights", self.weights }, { "look", self.look } }
  self.folder:write("record.json", json.encode(json.object(entries), "  ") .. "\n")
end

--- Begins the record of a run. Its folder is held as long as the record is there; a search holds its own.
-- @param folder   of the run
-- @param command  "run", "cv" or "search"
-- @param recipe   the recipe
-- @return a record: its fields may be set until it is finished
-- @error a failure with status 4
function Record.begin(folder, command, recipe)
  local model = recipe.fields.model
  local self = setmetatable({ folder = folder, command = command, name = recipe.fields.name, task = recipe.fields.task,
    model = recipe.several and "several" or model._name, status = "running", held = command ~= "search" and vm.lock_folder(folder.path) or nil, seed_given = recipe.seed_given and recipe.fields.seed, started = now(), clock = core.clock() }, Record)
  self:write()
  return self
end

--- Says of what rows the parts of a job are.
function Record:of_parts(job)
  self.parts = json.object(identity.parts(job))
end

--- Ends it.
-- @param status  "done", "missed", "stopped"
function Record:finish(status)
  local weights = self.folder:file "model.safetensors"
  self.status, self.seconds = status, core.clock() - self.clock
  self.weights = vm.exists(weights) == "file" and core.sha256(weights) or nil
  self:write()
end

return Record
