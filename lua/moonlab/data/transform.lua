--- What is done to every picture of a recipe, in training, when it is judged and when it is served: the entries of `features` where the source
-- gives pictures. data.resize is not among them: the source's size and resize say what pictures are decoded to.

local blame = require "moonlab.blame"
local options = require "moonlab.options"
local Spec = require "moonlab.data.augment_spec"

local transform = {}

local function is_count(x, least) return math.type(x) == "integer" and x >= least end

-- {height, width} of a number or a pair.
local function pair_of(where, what, given, least)
  local pair = type(given) == "table" and given or { given, given }
  if #pair ~= 2 or not is_count(pair[1], least) or not is_count(pair[2], least) then
    blame.raise("%s: %s is a whole number from %d or a pair of them, got %s", where, what, least, blame.show(given))
  end
  return pair
end

--- Cuts the middle out of each picture; around a picture that is smaller comes black. Where `augment` has a data.crop with a size, this takes its
-- place in training.
-- @param size  {height, width}, or one number for both
-- @usage features = { data.center_crop {56, 56}, data.normalise() }
function transform.center_crop(size)
  local pair = pair_of("data.center_crop", "the size", size, 1)
  return Spec.new("center_crop", { size = pair }, { "center_crop", pair[1], pair[2] })
end

--- Puts a black border around each picture.
-- @param border  pixels on each side, or {above and below, left and right}
-- @usage features = { data.pad(2), data.normalise() }
function transform.pad(border)
  local pair = pair_of("data.pad", "the border", border, 0)
  return Spec.new("pad", { border = pair }, { "pad", pair[1], pair[2] })
end

local read_normalise = options("data.normalise", { { "mean", "any" }, { "std", "any" } },
  "data.normalise{mean = {0.485, 0.456, 0.406}, std = {0.229, 0.224, 0.225}}")

-- A list of numbers, one a channel.
local function numbers(name, given, positive)
  local list = type(given) == "table" and given or { given }
  for i, x in ipairs(list) do
    if type(x) ~= "number" or x ~= x or math.abs(x) == math.huge or positive and x <= 0 then
      blame.raise("data.normalise: %s must be numbers%s, one a channel, got %s at place %d", name, positive and " above 0" or "", blame.show(x), i)
    end
  end
  if #list == 0 then blame.raise("data.normalise: %s must be numbers, one a channel, got %s", name, blame.show(given)) end
  return list
end

--- Makes (x - mean) / std of pixels from 0 to 1, channel by channel: with what is given, or with the mean and the deviation of the training part,
-- which is what happens to pictures where no features are given.
-- @param o  { mean = {one a channel}, std = {one a channel} }, or nothing: fitted
-- @usage features = { data.normalise { mean = {0.485, 0.456, 0.406}, std = {0.229, 0.224, 0.225} } }
function transform.normalise(o)
  local given = read_normalise(o)
  if (given.mean == nil) ~= (given.std == nil) then blame.raise "data.normalise: mean and std are given together, or neither: then both are fitted" end
  if given.mean == nil then return Spec.new("normalise", {}) end
  return Spec.new("normalise", { mean = numbers("mean", given.mean), std = numbers("std", given.std, true) })
end

local FIXED = { center_crop = true, pad = true, normalise = true }

--- Whether a value is one of these.
function transform.is(value) return getmetatable(value) == Spec and FIXED[value.augment] == true end

--- The list of a recipe, sorted out.
-- @param list  `features`, or nil: fitted normalisation alone
-- @return { steps = those that move pixels, normalise = the spec of it, or nil: pixels stay from 0 to 1 }
function transform.of(list)
  local out = { steps = {} }
  for _, one in ipairs(list or { transform.normalise() }) do
    if one.augment ~= "normalise" then out.steps[#out.steps + 1] = one
    elseif out.normalise then blame.raise "features: data.normalise stands there twice"
    else out.normalise = one
    end
  end
  return out
end

--- What the steps make of a shape whose last two sizes are height and width.
-- @param shape  { C, H, W, ... }: a new one is returned
function transform.shape(shape, steps)
  local out = {}
  for key, value in pairs(shape) do out[key] = value end
  local h, w = #shape - 1, #shape
  for _, one in ipairs(steps) do
    if one.augment == "center_crop" then out[h], out[w] = one.size[1], one.size[2] end
    if one.augment == "pad" then out[h], out[w] = out[h] + 2 * one.border[1], out[w] + 2 * one.border[2] end
  end
  return out
end

return transform
