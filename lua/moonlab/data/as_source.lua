-- What makes a kind of data set a source of a recipe as well: shapes of a row, one part that `split` cuts, no files.

--- Adds the methods of a source. The kind has row_shape(name) -> sizes of a row's x or y with dtype, or nil.
-- @param Kind  what Dataset.kind gave
return function(Kind)
  function Kind:peek()
    local x = self:row_shape "x"
    return {
      count = self:count(), x = x, y = self:row_shape "y", classes = self.classes and #self.classes,
      stored_bytes = x and x.dtype ~= "uint8" and 4 or 1,
    }
  end
  function Kind:parts() return { train = self } end
  function Kind:files() return {} end
  function Kind:describe()
    return { kind = self.what, rows = self:count(), synthetic = self.synthetic, maker = self.maker, seed = self.seed }
  end
end
