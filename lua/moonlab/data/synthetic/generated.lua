--- Samples of a trained generator as a data set: data.generated.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local options = require "moonlab.options"
local seeds = require "moonlab.seed"
local as_source = require "moonlab.data.as_source"
local Dataset = require "moonlab.data.dataset"
local deferred = require "moonlab.data.deferred"
local locate = require "moonlab.data.locate"
local made = require "moonlab.data.synthetic.made"

local generated = {}

local ROWS = 256 -- that go through the generator at once

local Generated = Dataset.kind "moonlab.Generated"
as_source(Generated)
deferred(Generated)

-- The generator and the sizes of a row of its noise.
local function generator_of(self)
  if self.options.model then return self.options.model, self.options.latent end
  local run = seeds.held(function() return require "moonlab.recipe.trained"(self.folder, "data.generated") end)
  if not run.recipe.several then return run.model, self.options.latent or run.input end
  local name = self.options.name
  for _, known in ipairs(run.model.names) do
    if known == name then return run.model[name], self.options.latent or run.recipe.fields.inputs[name] or run.input end
  end
  blame.raise("data.generated: %s", require "moonlab.suggest".unknown("model", tostring(name), run.model.names))
end

local function noise(self, latent)
  return core.randn(self.size, table.unpack(latent, 1, #latent), { key = core.random_key(made.root("generated", self.seed), "noise") })
end

-- What the generator makes of the noise, without dropout; it is afterwards as it was before.
local function samples(self)
  local model, latent = generator_of(self)
  local z, parts, was_training = noise(self, latent), {}, type(model) == "table" and model.training
  local before = core.set_grad_enabled(false)
  if was_training then model:eval() end
  local ok, problem = pcall(function()
    for from = 1, self.size, ROWS do
      local x = model(z:slice(1, from, math.min(from + ROWS - 1, self.size)))
      parts[#parts + 1] = self.options.map and self.options.map(x) or x
    end
  end)
  core.set_grad_enabled(before)
  if was_training then model:train() end
  if not ok then error(problem, 0) end
  local x = core.ops.cat(parts, 1)
  if #x ~= self.size then blame.raise("data.generated: the generator gave %d rows for %d", #x, self.size) end
  return x
end

function Generated:load()
  if not self.set then
    local columns = { x = samples(self), classes = self.classes }
    if self.options.class then columns.y = core.full({ self.size }, self.options.class, { dtype = "int64" }) end
    self.set = made.set("generated", self.options, columns)
  end
  return self.set
end

function Generated:files()
  local path = self.folder and self.folder .. "/model.safetensors"
  return path and { { path = path, sha256 = core.sha256(path) } } or {}
end
function Generated:describe()
  return { kind = "synthetic", synthetic = true, maker = "generated", rows = self.size, seed = self.seed, run = self.options.run,
    name = self.options.name, trains_only = self.trains_only }
end

local read = options("data.generated", {
  { "run", "string" }, { "model", "any" }, { "name", "string" }, { "count", "count" }, { "latent", "table" }, { "map", "function" },
  { "class", "count" }, { "classes", "table" }, { "hold_out", "boolean", false }, { "seed", "integer" },
}, 'data.generated{run = "runs/gan-1", name = "G", count = 1000}')

--- Samples of a trained generator: what it makes of normal noise. Behind other sets (data.concat { real, fake }) they train alone: no split
-- puts them into a validation or test part.
-- @param o  { run = a run folder, name = "G": which of its models, if there are several; or model = a module, or function(z) -> x, and
--           latent = {64}: sizes of a row of noise (of a run, what its recipe says); count = samples, map = function(x) -> x: to the scale
--           and shape of other rows, class = of all of them and classes = names; hold_out = false (true: a split may hold them out), seed = }
-- @return a data set, tagged synthetic; a run is opened when the first sample is needed
-- @error a run that is not there, an unknown model
-- @usage local fake = data.generated { model = function(z) return z * 2 end, latent = { 3 }, count = 10 }
function generated.generated(o)
  o = read(o)
  if (o.run == nil) == (o.model == nil) then blame.raise("data.generated: either run, a folder, or model, a module, is needed") end
  if not o.count then blame.raise("data.generated: count, the number of samples, is needed") end
  if o.model and not o.latent then blame.raise("data.generated: latent, the sizes of a row of noise, is needed, as in latent = {64}") end
  if o.class and o.classes and o.class > #o.classes then blame.raise("data.generated: class %d of %d classes", o.class, #o.classes) end
  local folder = o.run and locate("data.generated", o.run, "folder")
  return setmetatable({ what = "synthetic", maker = "generated", synthetic = true, trains_only = not o.hold_out, seed = o.seed or seeds.value,
    name = "synthetic/" .. (o.run and o.run:match "[^/]+$" or "generated"), options = o, folder = folder, size = o.count, classes = o.classes }, Generated)
end

return generated
