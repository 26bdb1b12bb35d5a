-- The pixels of a list of picture files, as uint8 [N, C, H, W]: decoded once and kept where they fit into memory, otherwise decoded
-- anew whenever rows are asked for. Both give the same bytes.

local core = require "moonlab.core"
local failure = require "moonlab.failure"
local memory = require "moonlab.data.memory"

local Bytes = {}
Bytes.__index = Bytes

--- The pixels of some files.
-- @param name   of the data set, for messages
-- @param paths  a list of files
-- @param o      { channels =, size = {h, w} or nil: all have one size, resize = "squash", "crop" or "pad", memory = bytes or nil }
function Bytes.new(name, paths, o)
  return setmetatable({ name = name, paths = paths, channels = o.channels, size = o.size, fit = o.resize, memory = o.memory or memory.quarter() }, Bytes)
end

-- Without a size all files must have the first one's: told from headers alone.
local function common_size(self)
  local height, width
  for _, path in ipairs(self.paths) do
    local h, w = core.image_size(path)
    height, width = height or h, width or w
    if h ~= height or w ~= width then
      failure.raise("data", "%s: %s is %d x %d, but %s is %d x %d; give size = {height, width} that all are brought to", self.name,
        self.paths[1], height, width, path, h, w)
    end
  end
  return { height, width }
end

--- { C, H, W } of each picture; nothing is decoded.
function Bytes:shape()
  self.size = self.size or common_size(self)
  return { self.channels, self.size[1], self.size[2], dtype = "uint8" }
end

--- Whether all pictures fit into memory at once.
function Bytes:fits()
  local shape = self:shape()
  return #self.paths * shape[1] * shape[2] * shape[3] <= self.memory
end

-- How they are decoded.
local function wish(self)
  self:shape()
  return { channels = self.channels, size = self.size, fit = self.fit }
end

local function paths_of(self, rows)
  local paths = {}
  for i, row in ipairs(rows:tolist()) do paths[i] = self.paths[row] end
  return paths
end

--- All pictures, or nil where they do not fit.
function Bytes:all()
  if not self.kept and self:fits() then self.kept = core.read_images(self.paths, wish(self)) end
  return self.kept
end

--- The pictures of some rows.
-- @param rows  int64 tensor of positions
function Bytes:rows(rows)
  local all = self:all()
  if all then return all:index_select(1, rows) end
  return core.read_images(paths_of(self, rows), wish(self))
end

--- What decodes the pictures of rows before they are needed; nil where they are in memory.
-- @param workers  threads
-- @return { ask = function(rows), take = function() -> what rows(rows) gives, close = function() }
function Bytes:ahead(workers)
  if self:all() then return nil end
  local loader, how = core.picture_loader(workers), wish(self)
  return {
    ask = function(rows) loader:ask(paths_of(self, rows), how) end,
    take = function() return loader:take() end,
    close = function() loader:close() end,
  }
end

--- The pictures of some rows as floats, normalised and changed.
-- @param rows     int64 tensor of positions
-- @param options  of core.picture_batch or core.picture_augment
-- @param batch    function(pictures, rows, options), one of them
-- @param read     the pictures of these rows, where they are decoded already
function Bytes:batch(rows, options, batch, read)
  local all = self:all()
  if all then return batch(all, rows, options) end
  options.ids = rows
  return batch(read or self:rows(rows), core.arange(1, #rows), options)
end

return Bytes
