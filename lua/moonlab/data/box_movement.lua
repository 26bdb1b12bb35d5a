-- Boxes that move as their pictures do.

local core = require "moonlab.core"

local box_movement = {}

local LEFT = 1 / 4 -- of a box must still be seen

-- The box around a moved box, in edges from 0. m takes points of the result to those of the picture; here they go the other way.
local function around(box, m)
  local d = m[1] * m[5] - m[2] * m[4]
  local x1, y1, x2, y2 = math.huge, math.huge, -math.huge, -math.huge
  for _, corner in ipairs { { box[1] - 1, box[2] - 1 }, { box[3], box[2] - 1 }, { box[1] - 1, box[4] }, { box[3], box[4] } } do
    local u, v = corner[1] - m[3], corner[2] - m[6]
    local x, y = (u * m[5] - v * m[2]) / d, (v * m[1] - u * m[4]) / d
    x1, y1, x2, y2 = math.min(x1, x), math.min(y1, y), math.max(x2, x), math.max(y2, y)
  end
  return x1, y1, x2, y2
end

-- Cut at the frame; nil where too little is left.
local function moved(box, m, height, width)
  local x1, y1, x2, y2 = around(box, m)
  local left, top, right, bottom = math.max(x1, 0), math.max(y1, 0), math.min(x2, width), math.min(y2, height)
  if right <= left or bottom <= top or (right - left) * (bottom - top) < LEFT * (x2 - x1) * (y2 - y1) then return nil end
  return { left + 1, top + 1, right, bottom }
end

--- Moves the boxes of a batch's rows, in place.
-- @param items  a list of { boxes =, labels =, difficult = } as tensors
-- @param ids    int64 tensor: what the movements are drawn for
-- @param size   { height, width } of the pictures before
-- @param how    options of core.augment_movements
function box_movement.move(items, ids, size, how)
  local movements, height, width = core.augment_movements(ids, size, how)
  for i, m in ipairs(movements:tolist()) do
    local item, kept, boxes = items[i], {}, {}
    for k, box in ipairs(item.boxes:tolist()) do
      local new = moved(box, m, height, width)
      if new then kept[#kept + 1], boxes[#boxes + 1] = k, new end
    end
    local rows = core.tensor(kept, { dtype = "int64" })
    item.boxes = #kept > 0 and core.tensor(boxes, { dtype = "float32" }) or core.zeros { 0, 4 }
    item.labels = #kept > 0 and item.labels:index_select(1, rows) or core.zeros({ 0 }, { dtype = "int64" })
    item.difficult = #kept > 0 and item.difficult:index_select(1, rows) or core.zeros({ 0 }, { dtype = "bool" })
  end
end

return box_movement
