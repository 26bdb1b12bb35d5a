--- Boxes that were found beside those that are there: overlap, doubles, average precision.
--
-- A box covers the pixels x1..x2 and y1..y2, both ends inside, as data.voc and data.coco give them.

local blame = require "moonlab.blame"
local options = require "moonlab.options"

local boxes = {}

local function to_lists(x) return type(x) == "userdata" and x:tolist() or x end

local function overlap(a, b)
  local w, h = math.min(a[3], b[3]) - math.max(a[1], b[1]) + 1, math.min(a[4], b[4]) - math.max(a[2], b[2]) + 1
  if w <= 0 or h <= 0 then return 0.0 end
  local both = w * h
  return both / ((a[3] - a[1] + 1) * (a[4] - a[2] + 1) + (b[3] - b[1] + 1) * (b[4] - b[2] + 1) - both)
end

--- How much two boxes have in common: the area of both by that of either.
-- @param a, b  { x1, y1, x2, y2 }
-- @return a number from 0 to 1
-- @usage ml.metrics.box_iou({1, 1, 2, 2}, {2, 1, 3, 2})   --> 0.33333
function boxes.box_iou(a, b) return overlap(to_lists(a), to_lists(b)) end

-- Positions by falling score; equal scores in the order given.
local function by_score(scores)
  local order = {}
  for i = 1, #scores do order[i] = i end
  table.sort(order, function(a, b)
    if scores[a] ~= scores[b] then return scores[a] > scores[b] end
    return a < b
  end)
  return order
end

--- Leaves out boxes that overlap with a box of a higher score (non-maximum suppression).
-- @param found   a list or tensor of boxes
-- @param scores  one a box
-- @param iou     the overlap from which on two boxes count as one thing (0.5)
-- @return a list of positions, by falling score
-- @usage ml.metrics.suppress({{1, 1, 9, 9}, {1, 1, 9, 8}, {20, 1, 29, 9}}, {0.5, 0.9, 0.4})   --> {2, 3}
function boxes.suppress(found, scores, iou)
  found, scores, iou = to_lists(found), to_lists(scores), iou or 0.5
  if #found ~= #scores then blame.raise("suppress: %d boxes, but %d scores", #found, #scores) end
  local kept = {}
  for _, i in ipairs(by_score(scores)) do
    local double = false
    for _, k in ipairs(kept) do double = double or overlap(found[i], found[k]) >= iou end
    if not double then kept[#kept + 1] = i end
  end
  return kept
end

-- Matching -----------------------------------------------------------------------------------------------------------

-- The box with the largest overlap among those that allowed(i) lets through: its position and the overlap.
local function best_of(box, list, allowed)
  local best, most
  for i, other in ipairs(list) do
    if allowed(i) then
      local value = overlap(box, other.box)
      if not most or value > most then best, most = i, value end
    end
  end
  return best, most or 0
end

-- Whether a found box is right (true), wrong (false), or does not count (nil). VOC: it belongs to the box it overlaps most with, which
-- must not be taken; COCO: to the one it overlaps most with of those that are not taken.
local match = {}

function match.voc(box, list, iou)
  local i, value = best_of(box, list, function() return true end)
  if not i or value <= iou then return false end
  if list[i].difficult then return nil end
  if list[i].taken then return false end
  list[i].taken = true
  return true
end

function match.coco(box, list, iou)
  local i, value = best_of(box, list, function(k) return not list[k].taken and not list[k].difficult end)
  if not i or value < iou then i, value = best_of(box, list, function(k) return not list[k].taken and list[k].difficult end) end
  if not i or value < iou then return false end
  list[i].taken = true
  if list[i].difficult then return nil end
  return true
end

-- The precision that is reached at a recall or at a higher one, point by point.
local function curve(hits, positives)
  local recall, precision, right = {}, {}, 0
  for i, hit in ipairs(hits) do
    right = right + (hit and 1 or 0)
    recall[i], precision[i] = right / positives, right / i
  end
  for i = #precision - 1, 1, -1 do precision[i] = math.max(precision[i], precision[i + 1]) end
  return recall, precision
end

local area = {}

-- The whole area below the curve (VOC from 2010 on).
function area.voc(recall, precision)
  local sum, before = 0.0, 0.0
  for i, r in ipairs(recall) do sum, before = sum + (r - before) * precision[i], r end
  return sum
end

-- The mean over the recalls 0, 0.01, ... 1.
function area.coco(recall, precision)
  local sum, i = 0.0, 1
  for k = 0, 100 do
    while i <= #recall and recall[i] < k / 100 do i = i + 1 end
    sum = sum + (precision[i] or 0)
  end
  return sum / 101
end

local MOST = { voc = math.huge, coco = 100 } -- found boxes of a class that count in a picture

local function actual_of(picture, class)
  local list, labels = {}, to_lists(picture.labels)
  local corners, difficult = to_lists(picture.boxes), picture.difficult and to_lists(picture.difficult) or {}
  for i, label in ipairs(labels) do
    if label == class then list[#list + 1] = { box = corners[i], difficult = difficult[i] or false } end
  end
  return list
end

local function found_of(picture, class, number, most, into)
  local labels, scores, corners = to_lists(picture.labels), to_lists(picture.scores), to_lists(picture.boxes)
  local mine = {}
  for i, label in ipairs(labels) do
    if label == class then mine[#mine + 1] = { score = scores[i], box = corners[i], picture = number } end
  end
  local list = {}
  for i, one in ipairs(mine) do list[i] = one.score end
  for rank, i in ipairs(by_score(list)) do
    if rank <= most then into[#into + 1] = mine[i] end
  end
end

local function of_class(found, actual, class, o)
  local lists, all, positives, scores, hits = {}, {}, 0, {}, {}
  for i, picture in ipairs(actual) do
    lists[i] = actual_of(picture, class)
    for _, one in ipairs(lists[i]) do positives = positives + (one.difficult and 0 or 1) end
    found_of(found[i], class, i, MOST[o.rule], all)
  end
  if positives == 0 then return nil end
  for i, one in ipairs(all) do scores[i] = one.score end
  for _, i in ipairs(by_score(scores)) do
    local hit = match[o.rule](all[i].box, lists[all[i].picture], o.iou)
    if hit ~= nil then hits[#hits + 1] = hit end
  end
  return area[o.rule](curve(hits, positives))
end

local parse = options("mean_average_precision", { { "classes", "count" }, { "iou", "any" }, { "rule", { "coco", "voc" }, "coco" } },
  "ml.metrics.mean_average_precision(found, actual, {classes = 3})")

local OVERLAPS = { voc = { 0.5 }, coco = {} }
for i = 0, 9 do OVERLAPS.coco[i + 1] = 0.5 + i / 20 end

-- The overlaps from which on a box counts as found.
local function overlaps_of(o)
  local list = o.iou == nil and OVERLAPS[o.rule] or type(o.iou) == "table" and o.iou or { o.iou }
  for _, overlap_ in ipairs(list) do
    if type(overlap_) ~= "number" or overlap_ < 0 or overlap_ > 1 then
      blame.raise("mean_average_precision: iou must be a number from 0 to 1, or a list of them; got %s", blame.show(overlap_))
    end
  end
  return list
end

--- How well boxes were found: for each class the area below the curve of precision over recall, and the mean of the classes.
-- @param found   a list, for each picture { boxes =, labels =, scores = }: tensors or lists
-- @param actual  a list, for each picture { boxes =, labels =, difficult = or nil }; difficult ones neither count nor harm
-- @param o       { classes = how many, rule = "coco" (pycocotools: 101 recalls, the mean over the overlaps 0.5, 0.55, ... 0.95) or "voc" (the
--                area, at the overlap 0.5), iou = the overlap that counts as found, or a list of them to take the mean over }
-- @return { mean =, by_class = { a number, or nil where no picture has the class }, by_iou = { the mean at each overlap } }; mean is nil
--         where no picture has any box, and why says so
-- @error lists of different lengths, an unknown rule
-- @usage ml.metrics.mean_average_precision({ { boxes = {{1, 1, 9, 9}}, labels = {1}, scores = {0.8} } },
--   { { boxes = {{1, 1, 9, 8}}, labels = {1} } }, { classes = 1 }).mean   --> 0.8
function boxes.mean_average_precision(found, actual, o)
  o = parse(o)
  if not o.classes then blame.raise "mean_average_precision: classes, the number of classes, is needed" end
  if #found ~= #actual then blame.raise("mean_average_precision: boxes of %d pictures, but %d pictures", #found, #actual) end
  local by_class, by_iou, classes, list = {}, {}, 0, overlaps_of(o)
  for class = 1, o.classes do
    for i, least in ipairs(list) do
      local value = of_class(found, actual, class, { rule = o.rule, iou = least })
      if value then
        by_class[class] = (by_class[class] or 0) + value / #list
        by_iou[i] = (by_iou[i] or 0) + value
      end
    end
    if by_class[class] then classes = classes + 1 end
  end
  local sum = 0.0
  for i = 1, #by_iou do by_iou[i], sum = by_iou[i] / classes, sum + by_iou[i] / classes end
  return { mean = classes > 0 and sum / #list or nil, by_class = by_class, by_iou = by_iou, why = classes == 0 and "no picture has a box that counts" or nil }
end

return boxes
