--- Changes of training pictures, drawn anew for each row and epoch: data.flip(), data.crop{...} and so on.
-- They are specs: plain tables that a recipe or batches{augment = {...}} holds, and are made in the order of the list; media/augment.c
-- does the work. What a step draws depends on the seed, the epoch, the row and its place in the list alone. Steps that move are made in
-- one go where they follow one another; what comes in from outside is black, and class 0 (which no loss counts) in a mask.

local core = require "moonlab.core"
local blame = require "moonlab.blame"
local options = require "moonlab.options"
local Spec = require "moonlab.data.augment_spec"

local augment = {}

local spec = Spec.new

local function is_positive(x) return type(x) == "number" and x > 0 and x < math.huge end

local function no_arguments(where, ...)
  if select("#", ...) > 0 then blame.raise("%s: takes no arguments", where) end
end

-- {least, largest}
local function range_of(where, name, range, low, high)
  if type(range) ~= "table" or #range ~= 2 or not is_positive(range[1]) or not is_positive(range[2]) or range[1] > range[2]
    or range[1] < low or range[2] > high then
    blame.raise("%s: %s is {least, largest}, above 0%s, got %s", where, name, high < math.huge and (" and at most %g"):format(high) or "",
      type(range) == "table" and "{" .. table.concat(range, ", ") .. "}" or blame.show(range))
  end
  return range[1], range[2]
end

--- Mirrors half of the pictures left to right.
-- @usage augment = { data.flip() }
function augment.flip(...)
  no_arguments("data.flip", ...)
  return spec("flip", {}, { "flip" })
end

--- Mirrors half of the pictures top to bottom.
-- @usage augment = { data.flip(), data.flip_vertical() }
function augment.flip_vertical(...)
  no_arguments("data.flip_vertical", ...)
  return spec("flip_vertical", {}, { "flip_vertical" })
end

--- Moves each picture by up to n pixels in both directions; what comes in at the edge is black.
-- @param n  an integer from 1
-- @usage augment = { data.shift(2) }
function augment.shift(n)
  if type(n) ~= "number" or not math.tointeger(n) or n < 1 then
    blame.raise("data.shift: the largest shift must be a positive integer, got %s", blame.show(n))
  end
  return spec("shift", { pixels = math.tointeger(n) }, { "shift", math.tointeger(n) })
end

local read_crop = options("data.crop", { { "size", "pair" }, { "padding", "integer", 0 }, { "area", "table" }, { "ratio", "table" } },
  "data.crop{size = {32, 32}, padding = 4}")

local function crop_resized(o)
  if o.size or o.padding ~= 0 then blame.raise "data.crop: area gives a window that is enlarged to the picture's size; size and padding don't go with it" end
  local least, most = range_of("data.crop", "area", o.area, 0, 1)
  local ratio = o.ratio or { 3 / 4, 4 / 3 }
  local narrow, wide = range_of("data.crop", "ratio", ratio, 0, math.huge)
  return spec("crop", { area = o.area, ratio = ratio }, { "resized_crop", least, most, narrow, wide })
end

--- Cuts a window out of each picture, anywhere: of a size, after a black border was put around it; or of a part of its area, enlarged to
-- the picture's size.
-- @param o  { size = {height, width}, padding = 0 } or { area = {0.5, 1}: least and largest part, ratio = {3/4, 4/3}: width by height }
-- @usage augment = { data.crop { size = {32, 32}, padding = 4 } }
-- @usage augment = { data.crop { area = {0.5, 1} } }
function augment.crop(o)
  o = read_crop(o)
  if o.area then return crop_resized(o) end
  if o.ratio then blame.raise "data.crop: ratio belongs to area" end
  if not o.size then blame.raise "data.crop: size = {height, width} or area = {least, largest} is needed" end
  if o.padding < 0 then blame.raise("data.crop: padding must be at least 0, got %d", o.padding) end
  local size = type(o.size) == "number" and { o.size, o.size } or o.size
  return spec("crop", { size = size, padding = o.padding }, { "crop", size[1], size[2], o.padding })
end

--- Turns each picture around its middle by up to so many degrees, either way (bilinear).
-- @param degrees  above 0
-- @usage augment = { data.rotate(15) }
function augment.rotate(degrees)
  if not is_positive(degrees) then blame.raise("data.rotate: the largest angle must be above 0 degrees, got %s", blame.show(degrees)) end
  return spec("rotate", { degrees = degrees }, { "rotate", degrees })
end

--- Makes each picture larger or smaller around its middle (bilinear).
-- @param range  {least, largest} factor
-- @usage augment = { data.scale {0.8, 1.25} }
function augment.scale(range)
  local least, most = range_of("data.scale", "the range", range, 0, math.huge)
  return spec("scale", { range = range }, { "scale", least, most })
end

local read_colour = options("data.colour", { { "brightness", "number", 0 }, { "contrast", "number", 0 }, { "saturation", "number", 0 },
  { "hue", "number", 0 } }, "data.colour{brightness = 0.2, contrast = 0.2}")

--- Changes colours: brightness (a factor), contrast (around the mean gray), saturation (around each pixel's gray) and hue, in this
-- order. Of gray pictures only the first two.
-- @param o  { brightness = 0, contrast = 0, saturation = 0: factors from 1 - v to 1 + v, hue = 0: turns of the colour circle, to 0.5 }
-- @usage augment = { data.colour { brightness = 0.2, contrast = 0.2, saturation = 0.2, hue = 0.02 } }
function augment.colour(o)
  o = read_colour(o)
  for _, name in ipairs { "brightness", "contrast", "saturation", "hue" } do
    local most = name == "hue" and 0.5 or 1
    if not (o[name] >= 0 and o[name] <= most) then blame.raise("data.colour: %s must be from 0 to %g, got %g", name, most, o[name]) end
  end
  return spec("colour", o, { "colour", o.brightness, o.contrast, o.saturation, o.hue })
end

local read_erase = options("data.erase", { { "chance", "number", 0.5 }, { "area", "table" } }, "data.erase{chance = 0.5}")

--- Covers a rectangle of some pictures with the mean colour of the training part (Zhong et al. 2017).
-- @param o  { chance = 0.5, area = {0.02, 0.2}: least and largest part of the picture }
-- @usage augment = { data.erase { chance = 0.5 } }
function augment.erase(o)
  o = read_erase(o)
  if not (o.chance > 0 and o.chance <= 1) then blame.raise("data.erase: chance must be above 0 and at most 1, got %g", o.chance) end
  local area = o.area or { 0.02, 0.2 }
  local least, most = range_of("data.erase", "area", area, 0, 1)
  return spec("erase", { chance = o.chance, area = area }, { "erase", o.chance, least, most })
end

local function mixing(name)
  return function(alpha)
    if alpha == nil then alpha = 1 end
    if not is_positive(alpha) then blame.raise("data.%s: alpha must be above 0, got %s", name, blame.show(alpha)) end
    return spec(name, { alpha = alpha })
  end
end

--- Mixes each picture of a batch with the one before it, x = share * x + (1 - share) * other, share from Beta(alpha, alpha), drawn for each
-- row and epoch; y becomes what there is of each class, float32 [B, classes], which the loss cross_entropy takes. The last change
-- of a list. Zhang et al. 2017.
-- @param alpha  above 0 (1): small ones mix little
-- @usage augment = { data.flip(), data.mixup(0.2) }
augment.mixup = mixing "mixup"

--- Puts a rectangle of the picture before it into each picture of a batch, of the part 1 - share of its area, share from
-- Beta(alpha, alpha); y becomes what there is of each class, as data.mixup has it. The last change of a list. Yun et al. 2019.
-- @param alpha  above 0 (1)
-- @usage augment = { data.flip(), data.cutmix(1) }
augment.cutmix = mixing "cutmix"

local function check(list)
  for i, one in ipairs(list or {}) do
    if getmetatable(one) ~= Spec then
      blame.raise("augment: entry %d must be what data.flip() or data.shift(n) gives, got %s", i, blame.show(one))
    end
    if not one.step then blame.raise("augment: entry %d, data.%s, is for all pictures: put it into features", i, one.augment) end
  end
end

-- The changes of a batch: the fixed ones of the set, then the random ones; nil for none. A random window takes the place of that in
-- the middle.
local function changes(how)
  check(how.augment)
  local out, windows = {}, false
  for _, one in ipairs(how.augment or {}) do windows = windows or one.augment == "crop" and one.size ~= nil end
  for _, one in ipairs(how.transform or {}) do
    if not (windows and one.augment == "center_crop") then out[#out + 1] = one end
  end
  table.move(how.augment or {}, 1, #(how.augment or {}), #out + 1, out)
  return #out > 0 and out or nil
end

-- flip, shift, or flip before shift: what core.picture_batch does in one pass over the bytes.
local function is_plain(list)
  local names = {}
  for i, one in ipairs(list or {}) do names[i] = one.augment end
  local text = table.concat(names, " ")
  return text == "" or text == "flip" or text == "shift" or text == "flip shift"
end

-- The options of core.picture_batch that a plain list stands for.
local function plain_options(list)
  local out = {}
  for _, one in ipairs(list or {}) do
    if one.augment == "flip" then out.flip = true else out.shift = one.pixels end
  end
  return out
end

local function stepped(list)
  local steps = {}
  for i, one in ipairs(list or {}) do steps[i] = one.step end
  return { steps = steps }
end

local function keyed(out, how)
  if how.augment then out.key, out.epoch = how.key, how.epoch end
  return out
end

--- Whether pictures are to be made floats: something moves or normalises them.
function augment.is_wanted(how) return how and (how.augment or how.transform or how.normalise) and true or false end

--- What makes the pictures of a batch.
-- @param how  what fetch gets
-- @param steps  true: always step by step, as masks are that must move with their pictures
-- @return core.picture_batch or core.picture_augment, and its options
function augment.plan(how, steps)
  local list = changes(how)
  local plain = not steps and is_plain(list)
  local out = keyed(plain and plain_options(list) or stepped(list), how)
  if how.normalise then out.mean, out.std = how.normalise.mean, how.normalise.std end
  return plain and core.picture_batch or core.picture_augment, out
end

--- The options of core.mask_augment for masks whose pictures are made by plan(how, true).
function augment.mask_options(how) return keyed(stepped(changes(how)), how) end

--- Whether pictures move, so that boxes have to.
function augment.moves(how) return changes(how) ~= nil end

return augment
