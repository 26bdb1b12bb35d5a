--- Building a model without data, and the place of its random streams. Methods of Module.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local calls = require "moonlab.nn.calls"
local tree = require "moonlab.nn.tree"

local building = {}

-- {1, 28, 28, dtype = "int64"} -> a tensor of that shape without storage, with `batch` rows.
local function input(sizes, batch)
  if type(sizes) ~= "table" then
    blame.raise("build: the shape of an input is a list such as {1, 28, 28}, got %s", blame.show(sizes))
  end
  local whole = { batch }
  for i, size in ipairs(sizes) do
    if math.type(size) ~= "integer" or size < 0 then
      blame.raise("build: size %d of an input must be an integer, got %s", i, blame.show(size))
    end
    whole[i + 1] = size
  end
  return core.shape_only(whole, sizes.dtype or "float32")
end

-- The shapes of build's arguments, and what else stands in the tables: data, batch.
local function read_arguments(...)
  local shapes, batch, data = { ... }, 1, true
  for _, sizes in ipairs(shapes) do
    if type(sizes) == "table" then
      for key in pairs(sizes) do
        if math.type(key) ~= "integer" and key ~= "dtype" and key ~= "batch" and key ~= "data" then
          local known = { "dtype", "batch", "data" }
          blame.raise("build: %s", require "moonlab.suggest".unknown("option", tostring(key), known))
        end
      end
      batch = sizes.batch or batch
      if sizes.data == false then data = false end
    end
  end
  return shapes, batch, data
end

--- Runs the forward over inputs that have a shape and no data; gives what the forward gives.
-- @param settings  { data = false for shapes alone, observer = }
-- @param ...       one list of sizes for each input, without the batch
function building.run_shapes(self, settings, ...)
  local shapes, batch, data = read_arguments(...)
  if #shapes == 0 then blame.raise "build: give the shape of an input without the batch: model:build{1, 28, 28}" end
  local inputs = {}
  for i, sizes in ipairs(shapes) do inputs[i] = input(sizes, batch) end
  local before = core.set_grad_enabled(false)
  local restore <close> = setmetatable({}, { __close = function() core.set_grad_enabled(before) end })
  local step = self._info.step
  local function finish(...)
    self._info.step = step
    self._info.shapes = shapes
    return ...
  end
  settings.data = settings.data ~= false and data
  return finish(calls.with(settings, self, table.unpack(inputs)))
end

--- Gives all parameters their shapes and first values by running the forward over an input without data.
-- A model that is called builds itself; this is for when its shapes are wanted earlier.
-- @param ...  one list of sizes for each input, without the batch: {1, 28, 28}, {20, dtype = "int64"};
--             data = false gives shapes without storage, batch = n another batch than 1
-- @return the module itself
-- @usage model:build{1, 28, 28}
function building.build(self, ...)
  building.run_shapes(self, {}, ...)
  return self
end

--- Where the random streams of the model (dropout's) stand. Can be stored, and given to set_rng_state.
-- @return { seed =, model =, step = }
function building.rng_state(self)
  local info = self._info
  return { seed = info.seed, model = info.model, step = info.step or 0 }
end

--- Puts the random streams of the model where rng_state found them.
-- @param saved  what rng_state gave
function building.set_rng_state(self, saved)
  local info = self._info
  info.seed, info.model, info.step = saved.seed, saved.model, saved.step
  for _, entry in ipairs(tree.modules(self)) do entry.module._info.key = nil end
end

--- Says which training step comes next: the random choices of a call are a function of it.
-- @param step  an integer
function building.set_step(self, step) self._info.step = step end

return building
