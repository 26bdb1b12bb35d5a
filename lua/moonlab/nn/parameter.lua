--- What makes a tensor a parameter or a buffer of the module in whose field it stands.
-- Both have a number of creation: fields of a module go in the order in which what stands in them was made, since Lua
-- keeps no order of fields (and assigns `self.a, self.b = A(), B()` from right to left).

local core = require "moonlab.core"
local blame = require "moonlab.blame"

local parameter = {}

local kinds = setmetatable({}, { __mode = "k" })   -- tensor -> "parameter" or "buffer"
local numbers = setmetatable({}, { __mode = "k" }) -- tensor -> number of creation
local made = 0

--- The next number of creation; modules take theirs from here too.
function parameter.next_number()
  made = made + 1
  return made
end

--- "parameter", "buffer" or nil.
function parameter.kind(value) return kinds[value] end

--- When a parameter or buffer was made.
function parameter.number(value) return numbers[value] end

--- Marks a tensor; a copy of a model hands on the number, so that the order stays.
function parameter.mark(tensor, kind, number)
  kinds[tensor], numbers[tensor] = kind, number or parameter.next_number()
  return tensor
end

--- A parameter whose shape is not known yet: the layer's first call fills it in place.
-- @param kind  "parameter" (the default) or "buffer"
function parameter.slot(kind)
  local slot = core.slot()
  if kind == "buffer" then slot.requires_grad = false end
  return parameter.mark(slot, kind or "parameter")
end

local function own(name, tensor)
  if type(tensor) ~= "userdata" then blame.raise("%s takes a tensor, got %s", name, blame.show(tensor)) end
  if tensor.is_slot and tensor:is_slot() then return tensor end
  return tensor:detach()
end

--- A tensor that is trained: it requires gradients and belongs to the module in whose field it stands.
-- @param tensor  its first value, whose storage it shares
-- @return a tensor
-- @usage self.scale = nn.Parameter(ml.ones(1))
function parameter.Parameter(tensor)
  local result = own("nn.Parameter", tensor)
  result.requires_grad = true
  return parameter.mark(result, "parameter")
end

--- A tensor that is saved with the module but not trained.
-- @param tensor  its first value, whose storage it shares
-- @return a tensor
-- @usage self.mean = nn.Buffer(ml.zeros(3))
function parameter.Buffer(tensor)
  local result = own("nn.Buffer", tensor)
  result.requires_grad = false
  return parameter.mark(result, "buffer")
end

--- Checks an option that shares a parameter of another layer; nil stays nil.
function parameter.shared(where, tensor)
  if tensor ~= nil and kinds[tensor] ~= "parameter" then
    blame.raise("%s: weight must be a parameter, such as that of another layer, or made by nn.Parameter", where)
  end
  return tensor
end

return parameter
