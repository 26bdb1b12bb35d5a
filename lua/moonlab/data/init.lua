--- ml.data: where rows come from, and how they are brought to a model.

local classification = require "moonlab.data.synthetic.classification"
local coco = require "moonlab.data.coco"
local concat = require "moonlab.data.concat"
local jitter = require "moonlab.data.synthetic.jitter"
local masks = require "moonlab.data.masks"
local mnist = require "moonlab.data.mnist"
local series = require "moonlab.data.synthetic.series"
local shapes = require "moonlab.data.synthetic.shapes"
local tensors = require "moonlab.data.tensors"
local regression = require "moonlab.data.synthetic.regression"
local sequences = require "moonlab.data.sequences"
local text = require "moonlab.data.text"
local sound = require "moonlab.data.sound"
local ts = require "moonlab.data.ts"
local voc = require "moonlab.data.voc"
local augment = require "moonlab.data.augment"
local image = require "moonlab.data.image"
local tables = require "moonlab.table.table"

return require "moonlab.namespace"("ml.data", {
  fashion_mnist = mnist.fashion_mnist,
  mnist = mnist.mnist,
  tensors = tensors.tensors,
  dataset = tensors.dataset,
  concat = concat.concat,
  sequences = sequences.sequences,
  text = text.text,
  lines = text.lines,
  make_classification = classification.make_classification,
  make_regression = regression.make_regression,
  make_blobs = shapes.make_blobs,
  make_moons = shapes.make_moons,
  make_circles = shapes.make_circles,
  make_spirals = shapes.make_spirals,
  make_series = series.make_series,
  jitter = jitter.jitter,
  read_sound = sound.read_sound,
  write_sound = sound.write_sound,
  ts = ts.ts,
  table = tables.new,
  missing = require "moonlab.table.missing",
  flip = augment.flip,
  shift = augment.shift,
  read_image = image.read_image,
  read_images = image.read_images,
  write_image = image.write_image,
  resize = image.resize,
  image_size = image.image_size,
  voc = voc.voc,
  coco = coco.coco,
  masks = masks.masks,
})
