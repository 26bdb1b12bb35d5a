--- Several models as one: what a recipe's model = { G = ..., D = ... } becomes. They are saved, trained and moved between
-- training and evaluation together; each is called by itself.

local Module = require "moonlab.nn.module"
local blame = require "moonlab.blame"

local Models = Module:extend "Models"

--- @param models  modules by name
function Models:init(models)
  self.names = {}
  for name, model in pairs(models) do
    self.names[#self.names + 1] = name
    self[name] = model
  end
  table.sort(self.names)
end

function Models:forward()
  blame.raise("these are several models; call one of them by its name: run.model.%s(x)", self.names[1])
end

--- Builds each model.
-- @param shapes  the shape of a row of each one's input, by name
function Models:build(shapes)
  for _, name in ipairs(self.names) do self[name]:build(shapes[name]) end
  return self
end

return Models
