--- Data sets of pictures in idx files: MNIST and its kin.
-- Nothing is opened before it is needed; the pictures stay bytes (47 MB for Fashion-MNIST's 60,000) and each batch is
-- converted as it is fetched.

local core = require "moonlab.core"
local failure = require "moonlab.failure"
local augment = require "moonlab.data.augment"
local Dataset = require "moonlab.data.dataset"

local Pictures = Dataset.kind "moonlab.Pictures"

-- { C, H, W } of a file of pictures: [N, H, W] has one channel.
local function picture_shape(path, shape)
  if #shape == 3 then return { 1, shape[2], shape[3] } end
  if #shape == 4 then return { shape[2], shape[3], shape[4] } end
  failure.raise("data", "%s: pictures have 3 or 4 dimensions, this file has %d", path, #shape)
end

--- Sizes from the files' headers alone.
-- @return { count =, x = {C, H, W}, classes = }
function Pictures:peek()
  if not self.peeked then
    local images, labels = core.peek_idx(self.images_path), core.peek_idx(self.labels_path)
    if images.shape[1] ~= labels.shape[1] then
      failure.raise("data", "%s has %d pictures, but %s has %d labels", self.images_path, images.shape[1],
        self.labels_path, labels.shape[1])
    end
    if images.dtype ~= "uint8" then
      failure.raise("data", "%s: pictures of bytes are needed, these are %s", self.images_path, images.dtype)
    end
    self.peeked = { count = images.shape[1], x = picture_shape(self.images_path, images.shape),
      classes = #self.classes }
  end
  return self.peeked
end

function Pictures:count() return self:peek().count end

--- Reads both files, once.
function Pictures:load()
  if self.x then return end
  local shape = self:peek()
  local x = core.read_idx(self.images_path)
  local y = core.read_idx(self.labels_path):to "int64" + 1
  local top = shape.count > 0 and y:max():item() or 1
  if top > #self.classes then
    failure.raise("data", "%s: label %d, but there are %d classes (0 to %d)", self.labels_path, top - 1, #self.classes,
      #self.classes - 1)
  end
  self.x, self.y = x:reshape({ shape.count, table.unpack(shape.x) }), y
end

--- The pictures as they stand in the file: uint8 [N, C, H, W].
function Pictures:bytes()
  self:load()
  return self.x
end

function Pictures:labels()
  self:load()
  return self.y
end

--- The two files and the SHA-256 of their bytes.
-- @return a list of { path =, sha256 = }
function Pictures:files()
  local out = {}
  for i, path in ipairs { self.images_path, self.labels_path } do out[i] = { path = path, sha256 = core.sha256(path) } end
  return out
end

--- x: float32 [B, C, H, W], from 0 to 1 or normalised; y: int64 [B], classes from 1.
function Pictures:fetch(rows, how)
  self:load()
  local batch, options = augment.plan(how)
  return { x = batch(self.x, rows, options), y = self.y:index_select(1, rows) }
end

--- A data set of two idx files.
-- @param name     keys the shuffling and stands in messages
-- @param images   path of the pictures, [N, H, W] or [N, C, H, W] bytes
-- @param labels   path of the labels, [N] bytes from 0
-- @param classes  their names
function Pictures.new(name, images, labels, classes)
  return setmetatable({ name = name, images_path = images, labels_path = labels, classes = classes }, Pictures)
end

return Pictures
