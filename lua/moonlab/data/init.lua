--- ml.data: where rows come from, and how they are brought to a model.

local mnist = require "moonlab.data.mnist"
local tensors = require "moonlab.data.tensors"
local sequences = require "moonlab.data.sequences"
local text = require "moonlab.data.text"
local augment = require "moonlab.data.augment"
local image = require "moonlab.data.image"

return require "moonlab.namespace"("ml.data", {
  fashion_mnist = mnist.fashion_mnist,
  mnist = mnist.mnist,
  tensors = tensors.tensors,
  dataset = tensors.dataset,
  sequences = sequences.sequences,
  text = text.text,
  lines = text.lines,
  flip = augment.flip,
  shift = augment.shift,
  read_image = image.read_image,
  image_size = image.image_size,
})
