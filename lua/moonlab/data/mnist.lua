--- data.fashion_mnist() and data.mnist(): the four idx.gz files, found in MOONLAB_DATA's folders or where Debian puts
-- them.

local vm = require "moonlab.vm"
local failure = require "moonlab.failure"
local Pictures = require "moonlab.data.pictures"

local FILES = {
  train = { "train-images-idx3-ubyte", "train-labels-idx1-ubyte" },
  test = { "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte" },
}

local KINDS = {
  fashion_mnist = {
    title = "Fashion-MNIST", folder = "fashion-mnist", debian = "/usr/share/datasets/fashion-mnist",
    hint = "It comes with the Debian package dataset-fashion-mnist:\n  sudo apt install dataset-fashion-mnist",
    classes = { "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
      "Ankle boot" },
  },
  mnist = {
    title = "MNIST", folder = "mnist", debian = "/usr/share/datasets/mnist",
    hint = "Put its four files (train-images-idx3-ubyte.gz and so on) into one of these,",
    classes = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9" },
  },
}

local Source = { __name = "moonlab.PictureSource" }

-- The folders that are looked in: <root>/<folder> and <root> for each root of MOONLAB_DATA, then Debian's.
local function folders(kind)
  local out = {}
  for root in (os.getenv "MOONLAB_DATA" or ""):gmatch "[^:]+" do
    root = #root > 1 and root:gsub("/+$", "") or root
    out[#out + 1] = root .. "/" .. kind.folder
    if root:match "[^/]+$" == kind.folder then out[#out + 1] = root end
  end
  out[#out + 1] = kind.debian
  return out
end

local function find(folder, name)
  for _, ending in ipairs { ".gz", "" } do
    local path = ("%s/%s%s"):format(folder, name, ending)
    if vm.exists(path) then return path end
  end
end

local function missing(kind, looked, folder, name)
  if folder then failure.raise("data", "%s: %s.gz is missing in %s\n%s", kind.title, name, folder, kind.hint) end
  failure.raise("data",
    "%s is not on this machine. Looked in\n  %s\n%s\nor set MOONLAB_DATA to a folder that holds %s/", kind.title,
    table.concat(looked, "\n  "), kind.hint, kind.folder)
end

-- The first folder that has any of the files; all four must be there then.
local function locate(kind)
  local looked = folders(kind)
  for _, folder in ipairs(looked) do
    if find(folder, FILES.train[1]) or find(folder, FILES.test[1]) then
      local paths = {}
      for part, names in pairs(FILES) do
        paths[part] = {}
        for i, name in ipairs(names) do paths[part][i] = find(folder, name) or missing(kind, looked, folder, name) end
      end
      return paths
    end
  end
  missing(kind, looked)
end

local methods = {}

--- Shapes and types from headers alone: what `check` builds the model with.
-- @return { count =, x = {C, H, W}, classes =, test_count = }
function methods:peek()
  local train, test = self.train:peek(), self.test:peek()
  return { count = train.count, x = train.x, y = {}, classes = train.classes, test_count = test.count }
end

--- The parts that the source brings: { train = set, test = set }.
function methods:parts() return { train = self.train, test = self.test } end

--- The files and the SHA-256 of their bytes, in a fixed order.
-- @return a list of { path =, sha256 = }
function methods:files()
  local out = self.train:files()
  return table.move(self.test:files(), 1, 2, 3, out)
end

--- What the run's record says of the source.
function methods:describe() return { kind = self.kind } end

local SET = { "test", "train" } -- a folder with both parts is judged by what is held out

--- The pictures of another folder with files of these names, or of a file of pictures with its labels beside it.
function methods:elsewhere(path, model)
  if vm.exists(path) == "file" then return Pictures.beside(path, model) end
  for _, part in ipairs(SET) do
    local images, labels = find(path, FILES[part][1]), find(path, FILES[part][2])
    if images and (labels or not model.labelled) then return Pictures.new(path, images, labels or images, model.classes, not model.labelled) end
  end
  failure.raise("data", "%s: there are neither %s and %s in it, nor those of train, plain or .gz", path, FILES.test[1], FILES.test[2])
end

-- train and test are looked for when they are first touched, so that making a source opens nothing.
function Source.__index(self, key)
  if methods[key] then return methods[key] end
  if key ~= "train" and key ~= "test" then return nil end
  local kind = KINDS[rawget(self, "kind")]
  local paths = locate(kind)
  for part, pair in pairs(paths) do
    rawset(self, part, Pictures.new(kind.folder .. "/" .. part, pair[1], pair[2], kind.classes))
  end
  return rawget(self, key)
end

local function source(name)
  return setmetatable({ kind = name, classes = KINDS[name].classes }, Source)
end

local mnist = {}

--- Fashion-MNIST: 60,000 training and 10,000 test pictures of 28 x 28 grey pixels, ten kinds of garment.
-- Looked for in <root>/fashion-mnist of each root in MOONLAB_DATA, then in /usr/share/datasets/fashion-mnist (Debian's
-- dataset-fashion-mnist).
-- @return a source: .train, .test (data sets), .classes; nothing is opened before it is used
-- @error a failure with status 4 that says how to get it, when first used
-- @usage local fashion = data.fashion_mnist(); for batch in fashion.train:batches { size = 64 } do ... end
function mnist.fashion_mnist() return source "fashion_mnist" end

--- MNIST: handwritten digits, in the same form; class 1 is the digit 0.
-- Looked for in <root>/mnist of each root in MOONLAB_DATA.
-- @return a source: .train, .test (data sets), .classes
-- @usage local digits = data.mnist()
function mnist.mnist() return source "mnist" end

return mnist
