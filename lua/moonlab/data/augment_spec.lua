-- What the changes of pictures are, random (data.flip) or fixed (data.pad): plain tables that say what they do.

local Spec = { __name = "moonlab.Augment" }
Spec.__index = Spec

function Spec:describe()
  local out = {}
  for key, value in pairs(self) do
    if key ~= "step" then out[key] = value end
  end
  return out
end

--- Makes one.
-- @param name    of the change
-- @param fields  what it was given
-- @param step    what core.picture_augment takes, { its kind, numbers }, or nil
function Spec.new(name, fields, step)
  fields.augment, fields.step = name, step
  return setmetatable(fields, Spec)
end

return Spec
