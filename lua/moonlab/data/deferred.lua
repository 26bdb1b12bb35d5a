-- What makes a kind of data set one whose rows are made when the first of them is needed: it has load() -> the data set that has them.

--- Adds what a data set and a source of a recipe need (see as_source.lua).
-- @param Kind  what Dataset.kind gave, as_source behind it
return function(Kind)
  for _, name in ipairs { "fetch", "row_shape", "labels", "column" } do
    Kind[name] = function(self, ...)
      local set = self:load()
      return set[name](set, ...)
    end
  end
end
