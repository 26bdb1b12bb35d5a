--- Data sets of pictures in idx files: MNIST and its kin.
-- Nothing is opened before it is needed; the pictures stay bytes (47 MB for Fashion-MNIST's 60,000) and each batch is
-- converted as it is fetched.

local core = require "moonlab.core"
local failure = require "moonlab.failure"
local augment = require "moonlab.data.augment"
local Dataset = require "moonlab.data.dataset"
local vm = require "moonlab.vm"

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
    local images = core.peek_idx(self.images_path)
    local labels = self.unlabelled and images or core.peek_idx(self.labels_path)
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
  self.x = x:reshape { shape.count, table.unpack(shape.x) }
  if self.unlabelled then return end
  local y = core.read_idx(self.labels_path):to "int64" + 1
  local top = shape.count > 0 and y:max():item() or 1
  if top > #self.classes then
    failure.raise("data", "%s: label %d, but there are %d classes (0 to %d)", self.labels_path, top - 1, #self.classes,
      #self.classes - 1)
  end
  self.y = y
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
  for i, path in ipairs { self.images_path, not self.unlabelled and self.labels_path or nil } do out[i] = { path = path, sha256 = core.sha256(path) } end
  return out
end

--- x: float32 [B, C, H, W], from 0 to 1 or normalised; y: int64 [B], classes from 1.
function Pictures:fetch(rows, how)
  self:load()
  local batch, options = augment.plan(how)
  return { x = batch(self.x, rows, options), y = self.y and self.y:index_select(1, rows) }
end

--- A data set of two idx files.
-- @param name     keys the shuffling and stands in messages
-- @param images   path of the pictures, [N, H, W] or [N, C, H, W] bytes
-- @param labels   path of the labels, [N] bytes from 0
-- @param classes  their names
-- @param unlabelled  whether there are no labels
function Pictures.new(name, images, labels, classes, unlabelled)
  return setmetatable({ name = name, images_path = images, labels_path = labels, classes = classes, unlabelled = unlabelled }, Pictures)
end

--- A file of pictures with its labels beside it: t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz.
-- @param path   of the pictures
-- @param model  { classes =, labelled = whether labels must be there }
-- @error a failure with status 4: there is no file of labels
function Pictures.beside(path, model)
  local folder, name = path:match "^(.*/)([^/]*)$"
  local beside = (folder or "") .. (name or path):gsub("images", "labels"):gsub("idx3", "idx1"):gsub("idx4", "idx1")
  local candidates = { beside, (beside:gsub("%.gz$", "")), beside .. ".gz" }
  for _, labels in ipairs(model.labelled and candidates or {}) do
    if labels ~= path and vm.exists(labels) == "file" then return Pictures.new(path, path, labels, model.classes) end
  end
  if not model.labelled then return Pictures.new(path, path, path, model.classes, true) end
  failure.raise("data", "%s: there is no file of its labels: looked for %s", path, beside ~= path and beside or "a name with 'labels' in the place of 'images'")
end

return Pictures
